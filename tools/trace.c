/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace: the list itself, and the choice between captures and hex lines. */
#include "tools/trace_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pdu.h"
#include "gateway/pdu_wire.h"

#define READ_STEP 65536

struct trace *trace_new(void)
{
	return calloc(1, sizeof(struct trace));
}

void trace_free(struct trace *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		free((void *)t->pdu[i].bytes);
	free(t->pdu);
	free(t);
}

static bool make_room(struct trace *t)
{
	size_t size = t->size ? 2 * t->size : 256;
	struct trace_pdu *pdu;

	if (t->n < t->size)
		return true;
	pdu = realloc(t->pdu, size * sizeof *pdu);
	if (!pdu)
		return false;
	t->pdu = pdu;
	t->size = size;
	return true;
}

enum rc trace_keep(struct trace *t, const struct trace_pdu *pdu, const uint8_t *bytes, size_t len)
{
	uint8_t *copy;

	if (t->n == TRACE_PDUS_MAX || len > TRACE_OCTETS_MAX - t->octets) {
		t->counts.refused++;
		return RC_FULL;
	}
	copy = make_room(t) ? malloc(len ? len : 1) : NULL;
	if (!copy)
		return RC_NOMEM;
	if (len > 0)
		memcpy(copy, bytes, len);
	t->pdu[t->n] = *pdu;
	t->pdu[t->n].bytes = copy;
	t->pdu[t->n].len = len;
	t->pdu[t->n].number = t->n + 1;
	t->n++;
	t->octets += len;
	if (pdu->connection > t->connections)
		t->connections = pdu->connection;
	return RC_OK;
}

enum rc trace_add(struct trace *t, enum trace_way way, int64_t at_us, unsigned connection, const void *bytes,
                  size_t len)
{
	struct trace_pdu pdu = {.way = way, .at_us = at_us, .connection = connection};

	return trace_keep(t, &pdu, bytes, len);
}

/* PDUs as they are, one after the other. Letters cannot be taken for them: a command_length begins with octet 0. */
static bool is_raw(const uint8_t *bytes, size_t len)
{
	return len >= PDU_HEADER_SIZE && bytes[0] == 0 && trace_is_header(bytes, len);
}

static enum rc read_raw(struct trace *t, const uint8_t *bytes, size_t len)
{
	enum rc rc = RC_OK;

	for (size_t at = 0, n; rc == RC_OK && at < len; at += n) {
		struct pdu_reader r;
		uint32_t length, id;

		pdu_reader_init(&r, bytes + at, len - at);
		length = pdu_read_u32(&r);
		id = pdu_read_u32(&r);
		n = length >= PDU_HEADER_SIZE && length < len - at ? length : len - at;
		rc = trace_add(t, r.bad ? TRACE_WAY_UNKNOWN : trace_way_of(id), -1, 1, bytes + at, n);
	}
	return rc == RC_FULL ? RC_OK : rc;
}

enum rc trace_parse(const void *bytes, size_t len, enum trace_form form, struct trace **out, char *why,
                    size_t why_size)
{
	struct trace *t = trace_new();
	enum rc rc = RC_NOMEM;

	snprintf(why, why_size, "memory is out");
	if (t && form == TRACE_ANY && trace_is_capture(bytes, len))
		rc = trace_read_capture(t, bytes, len, why, why_size);
	else if (t && form == TRACE_ANY && is_raw(bytes, len))
		rc = read_raw(t, bytes, len);
	else if (t)
		rc = trace_read_hex(t, bytes, len, why, why_size);
	if (rc != RC_OK)
		trace_free(t);
	else
		*out = t;
	return rc;
}

/* The whole of it, for the caller to free; NULL after a reason in *rc. */
static char *read_all(FILE *from, size_t *len, enum rc *rc)
{
	size_t size = 0, n = 0;
	char *text = NULL;

	*rc = RC_NOMEM;
	for (;;) {
		if (n + READ_STEP > size) {
			char *more = realloc(text, size = 2 * size + READ_STEP);

			if (!more)
				break;
			text = more;
		}
		n += fread(text + n, 1, READ_STEP, from);
		if (n > TRACE_FILE_MAX)
			*rc = RC_RANGE;
		else if (ferror(from))
			*rc = RC_IO;
		else if (feof(from)) {
			*len = n;
			return text;
		} else
			continue;
		break;
	}
	free(text);
	return NULL;
}

enum rc trace_open(const char *path, enum trace_form form, struct trace **out, char *why, size_t why_size)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *from = is_stdin ? stdin : fopen(path, "rb");
	enum rc rc;
	size_t len = 0;
	char *text;

	if (!from) {
		rc = errno == ENOENT ? RC_NOTFOUND : RC_IO;
		snprintf(why, why_size, "cannot be opened: %s", strerror(errno));
		return rc;
	}
	text = read_all(from, &len, &rc);
	if (!is_stdin)
		fclose(from);
	if (!text) {
		snprintf(why, why_size, "%s",
		         rc == RC_RANGE ? "is larger than 256 MiB; cut it, for example with editcap -c"
		         : rc == RC_IO  ? "cannot be read; is it a file?"
		                        : "memory is out");
		return rc;
	}
	rc = trace_parse(text, len, form, out, why, why_size);
	free(text);
	return rc;
}

size_t trace_length(const struct trace *t)
{
	return t->n;
}

const struct trace_pdu *trace_at(const struct trace *t, size_t i)
{
	return i < t->n ? &t->pdu[i] : NULL;
}

unsigned trace_connections(const struct trace *t)
{
	return t->connections;
}

const struct trace_counts *trace_counts_of(const struct trace *t)
{
	return &t->counts;
}

int trace_is_header(const uint8_t *bytes, size_t len)
{
	struct pdu_reader r;
	uint32_t length, id, status, sequence;

	pdu_reader_init(&r, bytes, len);
	length = pdu_read_u32(&r);
	id = pdu_read_u32(&r);
	status = pdu_read_u32(&r);
	sequence = pdu_read_u32(&r);
	return !r.bad && length >= PDU_HEADER_SIZE && length <= PDU_MAX_SIZE &&
	       strcmp(pdu_name(id), "unknown") != 0 && status <= 0xffff &&
	       (sequence != 0 || id == PDU_GENERIC_NACK);
}

enum trace_way trace_way_of(uint32_t command_id)
{
	static const uint32_t by_smsc[] = {0x05,       0x0b,       0x102,      0x80000001,
	                                   0x80000002, 0x80000003, 0x80000004, 0x80000007,
	                                   0x80000008, 0x80000009, 0x80000021};
	static const uint32_t by_esme[] = {0x01, 0x02, 0x03, 0x04, 0x07, 0x08, 0x09, 0x21, 0x80000005};

	for (size_t i = 0; i < sizeof by_smsc / sizeof by_smsc[0]; i++)
		if (by_smsc[i] == command_id)
			return TRACE_WAY_IN;
	for (size_t i = 0; i < sizeof by_esme / sizeof by_esme[0]; i++)
		if (by_esme[i] == command_id)
			return TRACE_WAY_OUT;
	return TRACE_WAY_UNKNOWN;
}
