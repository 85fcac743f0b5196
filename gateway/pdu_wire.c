/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hand-written part of the codec: headers, responses, binds and bare PDUs, without libsmpp34.
 *
 * The library refuses too much of what SMSCs really answer (error responses with or without a body, vendor
 * statuses, sequence 0) and truncates passwords over 8 octets, so none of these PDUs goes through it.
 */
#include "gateway/pdu_wire.h"

#include <string.h>

#include "gateway/pdu_codec.h"

/* Field sizes with their NUL: SMPP 3.4, 4.1.1, except PASSWORD (see struct pdu_bind). */
#define SYSTEM_ID_SIZE 16
#define PASSWORD_SIZE 17
#define SYSTEM_TYPE_SIZE 13
#define ADDRESS_RANGE_SIZE 41

void pdu_reader_init(struct pdu_reader *r, const uint8_t *bytes, size_t len)
{
	r->at = bytes;
	r->left = len;
	r->bad = false;
}

const uint8_t *pdu_read_bytes(struct pdu_reader *r, size_t n)
{
	const uint8_t *start = r->at;

	if (r->bad || n > r->left) {
		r->bad = true;
		return NULL;
	}
	r->at += n;
	r->left -= n;
	return start;
}

uint8_t pdu_read_u8(struct pdu_reader *r)
{
	const uint8_t *p = pdu_read_bytes(r, 1);

	return p ? p[0] : 0;
}

uint16_t pdu_read_u16(struct pdu_reader *r)
{
	const uint8_t *p = pdu_read_bytes(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint32_t pdu_read_u32(struct pdu_reader *r)
{
	const uint8_t *p = pdu_read_bytes(r, 4);

	return p ? get_u32(p) : 0;
}

enum rc pdu_read_string(struct pdu_reader *r, char *out, size_t field)
{
	size_t span = r->left < field ? r->left : field;
	const uint8_t *end = r->bad || span == 0 ? NULL : memchr(r->at, 0, span);
	size_t size;

	if (!end) {
		enum rc rc = !r->bad && span == field ? RC_RANGE : RC_SYNTAX;

		r->bad = true;
		return rc;
	}
	size = (size_t)(end - r->at) + 1;
	if (out)
		memcpy(out, r->at, size);
	r->at += size;
	r->left -= size;
	return RC_OK;
}

void pdu_writer_init(struct pdu_writer *w, uint8_t *bytes, size_t size)
{
	w->bytes = bytes;
	w->len = 0;
	w->size = size;
	w->bad = false;
}

void pdu_write_bytes(struct pdu_writer *w, const uint8_t *value, size_t n)
{
	if (w->bad || n > w->size - w->len) {
		w->bad = true;
		return;
	}
	if (n > 0)
		memcpy(w->bytes + w->len, value, n);
	w->len += n;
}

void pdu_write_u8(struct pdu_writer *w, uint8_t value)
{
	pdu_write_bytes(w, &value, 1);
}

void pdu_write_u16(struct pdu_writer *w, uint16_t value)
{
	const uint8_t b[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	pdu_write_bytes(w, b, sizeof(b));
}

static void put_u32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

void pdu_write_u32(struct pdu_writer *w, uint32_t value)
{
	uint8_t b[4];

	put_u32(b, value);
	pdu_write_bytes(w, b, sizeof(b));
}

void pdu_write_string(struct pdu_writer *w, const char *text)
{
	pdu_write_bytes(w, (const uint8_t *)text, strlen(text) + 1);
}

void pdu_write_begin(struct pdu_writer *w, uint32_t id, uint32_t status, uint32_t sequence)
{
	pdu_write_u32(w, 0);
	pdu_write_u32(w, id);
	pdu_write_u32(w, status);
	pdu_write_u32(w, sequence);
}

enum rc pdu_write_end(struct pdu_writer *w, size_t *len)
{
	if (w->bad || w->len < PDU_HEADER_SIZE)
		return RC_FULL;
	put_u32(w->bytes, (uint32_t)w->len);
	*len = w->len;
	return RC_OK;
}

enum rc pdu_header_read(const uint8_t *bytes, size_t len, struct pdu_header *out)
{
	uint32_t length = len >= 4 ? get_u32(bytes) : 0;

	if (len >= 4 && (length < PDU_HEADER_SIZE || length > PDU_MAX_SIZE))
		return RC_SYNTAX; /* known from the first four octets: a short one would swallow its successor */
	if (len < PDU_HEADER_SIZE)
		return RC_BUSY;
	*out = (struct pdu_header){.length = length,
	                           .id = get_u32(bytes + 4),
	                           .status = get_u32(bytes + 8),
	                           .sequence = get_u32(bytes + 12)};
	return RC_OK;
}

/* Room of the text that a response of this kind begins with, NUL included; 0 when it has none. */
static size_t response_text_size(uint32_t id)
{
	switch (id) {
	case PDU_BIND_RECEIVER | PDU_RESPONSE:
	case PDU_BIND_TRANSMITTER | PDU_RESPONSE:
	case PDU_BIND_TRANSCEIVER | PDU_RESPONSE:
		return SYSTEM_ID_SIZE;
	case PDU_SUBMIT_SM | PDU_RESPONSE:
	case PDU_DATA_SM | PDU_RESPONSE:
		return 65; /* message_id: SMPP 3.4, 4.4.2 */
	default:
		return 0;
	}
}

void pdu_response_text(const uint8_t *bytes, size_t len, char *out, size_t size)
{
	struct pdu_header h;
	size_t n = 0;
	size_t max;

	if (size == 0)
		return;
	out[0] = '\0';
	if (pdu_header_read(bytes, len, &h) != RC_OK)
		return;
	max = response_text_size(h.id);
	while (n + 1 < size && n + 1 < max && PDU_HEADER_SIZE + n < len) {
		uint8_t c = bytes[PDU_HEADER_SIZE + n];

		if (c == 0)
			break;
		out[n++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
	}
	out[n] = '\0';
}

static bool fits(const char *text, size_t field)
{
	return strnlen(text, field) < field;
}

enum rc pdu_bind_pack(const struct pdu_bind *bind, uint32_t sequence, uint8_t *out, size_t size, size_t *len)
{
	struct pdu_writer w;

	if (bind->id != PDU_BIND_RECEIVER && bind->id != PDU_BIND_TRANSMITTER &&
	    bind->id != PDU_BIND_TRANSCEIVER)
		return RC_RANGE;
	if (!fits(bind->system_id, SYSTEM_ID_SIZE) || !fits(bind->password, PASSWORD_SIZE) ||
	    !fits(bind->system_type, SYSTEM_TYPE_SIZE) || !fits(bind->address_range, ADDRESS_RANGE_SIZE))
		return RC_RANGE;
	pdu_writer_init(&w, out, size);
	pdu_write_begin(&w, bind->id, PDU_ROK, sequence);
	pdu_write_string(&w, bind->system_id);
	pdu_write_string(&w, bind->password);
	pdu_write_string(&w, bind->system_type);
	pdu_write_u8(&w, bind->interface_version);
	pdu_write_u8(&w, bind->addr_ton);
	pdu_write_u8(&w, bind->addr_npi);
	pdu_write_string(&w, bind->address_range);
	return pdu_write_end(&w, len);
}

enum rc pdu_simple_pack(uint32_t id, uint32_t status, uint32_t sequence, uint8_t *out, size_t size,
                        size_t *len)
{
	struct pdu_writer w;

	if (!(id & PDU_RESPONSE) && id != PDU_ENQUIRE_LINK && id != PDU_UNBIND)
		return RC_RANGE;
	pdu_writer_init(&w, out, size);
	pdu_write_begin(&w, id, status, sequence);
	/* message_id is mandatory and empty in these two: SMPP 3.4, 4.6.2 and 4.7.2. */
	if (id == (PDU_DELIVER_SM | PDU_RESPONSE) || id == (PDU_DATA_SM | PDU_RESPONSE))
		pdu_write_u8(&w, 0);
	return pdu_write_end(&w, len);
}
