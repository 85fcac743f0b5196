/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk through a PDU: a table of its mandatory fields, then lists, then TLVs.
 *
 * Invariant: every field lies within the PDU; the first one that does not ends the walk and says at which
 * offset. */
#include "tools/explain_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/pdu.h"

/* --- fields -------------------------------------------------------------------------------------- */

struct explain_field *explain_add(struct explain_walk *w, int depth, size_t offset, size_t length,
                                  const char *name)
{
	struct explain *e = w->explain;
	struct explain_field *f;

	if (e->n == EXPLAIN_FIELDS_MAX) {
		e->more = true;
		return &w->spill;
	}
	f = &e->field[e->n++];
	memset(f, 0, sizeof *f);
	f->depth = depth;
	f->offset = offset;
	f->length = length;
	snprintf(f->name, sizeof f->name, "%s", name);
	return f;
}

void explain_mean(struct explain_field *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f->meaning, sizeof f->meaning, format, args);
	va_end(args);
}

void explain_wrong(struct explain_walk *w, struct explain_field *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f->meaning, sizeof f->meaning, format, args);
	va_end(args);
	f->is_wrong = true;
	w->explain->faults++;
}

/* The PDU ends inside of the field that begins here. */
static void ends_early(struct explain_walk *w, const char *name, size_t wants)
{
	struct explain_field *f = explain_add(w, 0, w->at, w->len - w->at, name);

	explain_wrong(w, f, "the PDU ends here, at offset %zu; %zu octet%s wanted, %zu there", w->len, wants,
	              wants == 1 ? " is" : "s are", w->len - w->at);
	w->is_over = true;
}

bool explain_number(struct explain_walk *w, const char *name, size_t octets, struct explain_field **out)
{
	uint32_t value = 0;
	struct explain_field *f;

	if (w->is_over)
		return false;
	if (w->len - w->at < octets) {
		ends_early(w, name, octets);
		return false;
	}
	for (size_t i = 0; i < octets; i++)
		value = value << 8 | w->bytes[w->at + i];
	f = explain_add(w, 0, w->at, octets, name);
	f->is_number = true;
	f->number = value;
	w->at += octets;
	*out = f;
	return true;
}

/* Text as it is printed: what is no printable ASCII as \xNN. */
void explain_octets_text(const uint8_t *bytes, size_t n, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < n && used + 5 < size; i++) {
		if (bytes[i] >= 0x20 && bytes[i] < 0x7f)
			out[used++] = (char)bytes[i];
		else
			used += (size_t)snprintf(out + used, size - used, "\\x%02x", bytes[i]);
	}
	out[used] = '\0';
}

static bool string(struct explain_walk *w, const struct explain_rule *rule)
{
	const uint8_t *from = w->bytes + w->at;
	size_t left = w->len - w->at, n = left < rule->size ? left : rule->size;
	const uint8_t *nul = n > 0 ? memchr(from, 0, n) : NULL;
	struct explain_field *f;
	char text[300];

	if (!nul) {
		f = explain_add(w, 0, w->at, n, rule->name);
		f->is_private = rule->kind == EXPLAIN_DIGITS || rule->kind == EXPLAIN_SECRET;
		explain_wrong(w, f,
		              left < rule->size ? "no NUL ends it before the PDU ends, at offset %zu"
		                                : "no NUL ends it within its field, which ends at offset %zu",
		              w->at + n);
		w->is_over = true;
		return false;
	}
	f = explain_add(w, 0, w->at, (size_t)(nul - from) + 1, rule->name);
	f->is_private = rule->kind == EXPLAIN_DIGITS;
	if (rule->kind == EXPLAIN_SECRET) {
		f->is_private = true;
		explain_mean(f, "(%zu octets, not shown)", (size_t)(nul - from));
	} else {
		explain_octets_text(from, (size_t)(nul - from), text, sizeof text);
		explain_mean(f, nul == from ? "empty" : "\"%s\"", text);
	}
	w->at += f->length;
	return true;
}

static void number_means(struct explain_walk *w, const struct explain_rule *rule, struct explain_field *f)
{
	uint8_t v = (uint8_t)f->number;
	char words[200];

	switch (rule->kind) {
	case EXPLAIN_TON:
		explain_mean(f, "%s", *explain_ton(v) ? explain_ton(v) : "reserved");
		break;
	case EXPLAIN_NPI:
		explain_mean(f, "%s", *explain_npi(v) ? explain_npi(v) : "reserved");
		break;
	case EXPLAIN_ESM:
		w->esm_class = v;
		explain_esm_class(v, w->explain->id == PDU_DELIVER_SM, words, sizeof words);
		explain_mean(f, "%s", words);
		break;
	case EXPLAIN_CODING:
		w->coding = v;
		(void)explain_coding(v, words, sizeof words);
		explain_mean(f, "%s", words);
		break;
	case EXPLAIN_REGISTERED: {
		static const char *const wants[] = {"no receipt", "receipt of success and failure",
		                                    "receipt of failure", "reserved"};

		explain_mean(f, "%s%s", wants[v & 3], v & 0x10 ? ", intermediate notifications" : "");
		break;
	}
	case EXPLAIN_VERSION:
		explain_mean(f, "SMPP %u.%u", v >> 4, v & 15);
		break;
	case EXPLAIN_STATE:
		explain_mean(f, "%s", *explain_message_state(v) ? explain_message_state(v) : "reserved");
		break;
	default:
		break;
	}
}

/* --- bodies -------------------------------------------------------------------------------------- */

static bool short_message(struct explain_walk *w)
{
	struct explain_field *f;
	size_t n;

	if (!explain_number(w, "sm_length", 1, &f))
		return false;
	n = f->number;
	if (n > w->len - w->at) {
		explain_wrong(w, f, "more than the PDU holds: only %zu octet%s after offset %zu",
		              w->len - w->at, w->len - w->at == 1 ? "" : "s", w->at);
		n = w->len - w->at;
		w->is_over = true;
	}
	f = explain_add(w, 0, w->at, n, "short_message");
	explain_text(w, f, w->bytes + w->at, n, true);
	w->at += n;
	return !w->is_over;
}

static void destinations(struct explain_walk *w)
{
	static const struct explain_rule address[] = {{"  dest_addr_ton", EXPLAIN_TON, 1},
	                                              {"  dest_addr_npi", EXPLAIN_NPI, 1},
	                                              {"  destination_addr", EXPLAIN_DIGITS, 21},
	                                              {NULL, EXPLAIN_U8, 0}};
	static const struct explain_rule list[] = {{"  dl_name", EXPLAIN_STRING, 21}, {NULL, EXPLAIN_U8, 0}};
	struct explain_field *f;
	uint32_t n;

	if (!explain_number(w, "number_of_dests", 1, &f))
		return;
	n = f->number;
	for (uint32_t i = 0; i < n && explain_number(w, "dest_flag", 1, &f); i++) {
		explain_mean(f, f->number == 1   ? "an SME address"
		                : f->number == 2 ? "a distribution list"
		                                 : "reserved");
		explain_rules(w, f->number == 2 ? list : address);
	}
}

static void unsuccessful(struct explain_walk *w)
{
	static const struct explain_rule address[] = {{"  dest_addr_ton", EXPLAIN_TON, 1},
	                                              {"  dest_addr_npi", EXPLAIN_NPI, 1},
	                                              {"  destination_addr", EXPLAIN_DIGITS, 21},
	                                              {NULL, EXPLAIN_U8, 0}};
	struct explain_field *f;
	uint32_t n;

	if (!explain_number(w, "no_unsuccess", 1, &f))
		return;
	n = f->number;
	for (uint32_t i = 0; i < n && !w->is_over; i++) {
		explain_rules(w, address);
		if (explain_number(w, "  error_status_code", 4, &f))
			explain_mean(f, "%s", pdu_status_name(f->number));
	}
}

void explain_rules(struct explain_walk *w, const struct explain_rule *rules)
{
	for (; rules->name && !w->is_over; rules++) {
		struct explain_field *f;

		switch (rules->kind) {
		case EXPLAIN_STRING:
		case EXPLAIN_DIGITS:
		case EXPLAIN_SECRET:
			(void)string(w, rules);
			break;
		case EXPLAIN_BODY:
			(void)short_message(w);
			break;
		case EXPLAIN_DESTS:
			destinations(w);
			break;
		case EXPLAIN_UNSUCCESS:
			unsuccessful(w);
			break;
		default:
			if (explain_number(w, rules->name, rules->size, &f))
				number_means(w, rules, f);
		}
	}
}

/* --- the whole ----------------------------------------------------------------------------------- */

static void header(struct explain_walk *w)
{
	struct explain *e = w->explain;
	struct explain_field *f;

	if (explain_number(w, "command_length", 4, &f) && f->number != w->len) {
		if (f->number < PDU_HEADER_SIZE)
			explain_wrong(w, f, "less than a header's 16 octets: framing is lost");
		else if (f->number > PDU_MAX_SIZE)
			explain_wrong(w, f, "more than 65536: framing is lost");
		else
			explain_wrong(w, f, "but there are %zu octets", w->len);
	}
	if (explain_number(w, "command_id", 4, &f)) {
		e->id = f->number;
		if (strcmp(pdu_name(e->id), "unknown") == 0)
			explain_wrong(w, f, "no command of SMPP 3.4");
		else
			explain_mean(f, "%s", pdu_name(e->id));
	}
	if (explain_number(w, "command_status", 4, &f)) {
		e->status = f->number;
		if (!(e->id & PDU_RESPONSE) && e->status)
			explain_mean(f, "not used in requests; ignored");
		else
			explain_mean(f, "%s",
			             e->id & PDU_RESPONSE ? pdu_status_name(e->status)
			                                  : "not used in requests");
	}
	if (explain_number(w, "sequence_number", 4, &f)) {
		e->sequence = f->number;
		if (e->sequence == 0 && e->id != PDU_GENERIC_NACK)
			explain_wrong(w, f, "0 is no sequence number: they begin with 1");
	}
}

static void body(struct explain_walk *w)
{
	const struct explain_rule *rules = explain_rules_of(w->explain->id);

	if (!rules) {
		if (w->at < w->len) {
			struct explain_field *f = explain_add(w, 0, w->at, w->len - w->at, "octets");

			explain_mean(f, "of a command that is not known");
		}
		return;
	}
	/* Responses with a status may come without a body, and do. */
	if (w->at == w->len && (w->explain->id & PDU_RESPONSE))
		return;
	explain_rules(w, rules);
	if (!w->is_over)
		explain_tlvs(w);
}

struct explain *explain_pdu(const uint8_t *bytes, size_t len)
{
	struct explain *e = calloc(1, sizeof *e);
	struct explain_walk w = {.explain = e, .bytes = bytes, .len = len, .coding = -1};

	if (e)
		e->field = calloc(EXPLAIN_FIELDS_MAX, sizeof *e->field);
	if (!e || !e->field) {
		free(e);
		return NULL;
	}
	header(&w);
	if (!w.is_over)
		body(&w);
	return e;
}

void explain_free(struct explain *e)
{
	if (e)
		free(e->field);
	free(e);
}
