/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PDUs for tests, byte by byte and also wrong ones: no code shared with the gateway, no check of anything
 * but the room in the buffer.
 */
#ifndef STARHASH_TESTS_PDU_BUILD_H
#define STARHASH_TESTS_PDU_BUILD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct build {
	size_t len;
	uint8_t bytes[70000];
};

/* A deliver_sm or data_sm; a NULL string is an empty one. */
struct build_message {
	uint32_t id; /* 0 means deliver_sm */
	uint32_t status;
	uint32_t sequence;
	const char *service_type;
	uint8_t source_ton, source_npi;
	const char *source;
	uint8_t dest_ton, dest_npi;
	const char *dest;
	const char *schedule;
	const char *validity;
	uint8_t data_coding;
	size_t sm_length; /* as written; the body is that many times 'A', but for `text` */
	const char *text; /* the body, and sm_length follows it */
};

static inline void build_bytes(struct build *b, const void *bytes, size_t n)
{
	if (n > sizeof(b->bytes) - b->len)
		abort();
	if (n > 0)
		memcpy(b->bytes + b->len, bytes, n);
	b->len += n;
}

static inline void build_number(struct build *b, uint32_t value, int octets)
{
	for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
		uint8_t octet = (uint8_t)(value >> shift);

		build_bytes(b, &octet, 1);
	}
}

static inline void build_string(struct build *b, const char *text)
{
	build_bytes(b, text ? text : "", (text ? strlen(text) : 0) + 1);
}

static inline void build_fill(struct build *b, uint8_t value, size_t n)
{
	while (n-- > 0)
		build_bytes(b, &value, 1);
}

static inline void build_tlv(struct build *b, uint16_t tag, const void *value, size_t n)
{
	build_number(b, tag, 2);
	build_number(b, (uint32_t)n, 2);
	build_bytes(b, value, n);
}

static inline void build_tlv_fill(struct build *b, uint16_t tag, uint8_t value, size_t n)
{
	build_number(b, tag, 2);
	build_number(b, (uint32_t)n, 2);
	build_fill(b, value, n);
}

/* command_length = what was built so far. */
static inline void build_end(struct build *b)
{
	size_t len = b->len;

	b->len = 0;
	build_number(b, (uint32_t)len, 4);
	b->len = len;
}

static inline void build_header(struct build *b, uint32_t id, uint32_t status, uint32_t sequence)
{
	b->len = 0;
	build_number(b, 0, 4);
	build_number(b, id, 4);
	build_number(b, status, 4);
	build_number(b, sequence, 4);
	build_end(b);
}

static inline void build_message(struct build *b, const struct build_message *m)
{
	uint32_t id = m->id ? m->id : 5;
	size_t body_len = m->text ? strlen(m->text) : m->sm_length;

	build_header(b, id, m->status, m->sequence);
	build_string(b, m->service_type);
	build_number(b, m->source_ton, 1);
	build_number(b, m->source_npi, 1);
	build_string(b, m->source);
	build_number(b, m->dest_ton, 1);
	build_number(b, m->dest_npi, 1);
	build_string(b, m->dest);
	build_number(b, 0, 1); /* esm_class */
	if (id == 5) {
		build_number(b, 0, 2); /* protocol_id, priority_flag */
		build_string(b, m->schedule);
		build_string(b, m->validity);
	}
	build_number(b, 0, 1); /* registered_delivery */
	if (id == 5)
		build_number(b, 0, 1); /* replace_if_present_flag */
	build_number(b, m->data_coding, 1);
	if (id == 5) {
		build_number(b, 0, 1); /* sm_default_msg_id */
		build_number(b, (uint32_t)body_len, 1);
		if (m->text)
			build_bytes(b, m->text, body_len);
		else
			build_fill(b, 'A', body_len);
	}
	build_end(b);
}

/* "*100#" from a subscriber, as a USSD gateway sends it. */
static inline struct build_message build_dial(void)
{
	return (struct build_message){.sequence = 1,
	                              .service_type = "USSD",
	                              .source_ton = 1,
	                              .source_npi = 1,
	                              .source = "254700000001",
	                              .dest_npi = 1,
	                              .dest = "*100#",
	                              .text = "*100#"};
}

/* A heap copy of exactly `len` bytes, so that a sanitizer sees one byte too many. Free it. */
static inline uint8_t *build_exact(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	return copy;
}

#endif
