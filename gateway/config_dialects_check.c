/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the keys of one dialect say together.
 *
 * Invariant: a dialect that passes can be read and written by without a case that nobody thought of. A key
 * that was given and cannot mean anything beside the others is an error; one that was only taken over is
 * cleared.
 */
#include "gateway/config_dialects_read.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/pdu_guard.h"

#define IDLE_LEAST_MS 1000
#define WITHIN_LEAST_MS 100

struct checking {
	struct config_reader *r;
	const config_setting_t *block;
	struct dialect *d;
};

static const config_setting_t *given(const struct checking *c, const char *key)
{
	return config_dialect_given(c->block, key);
}

/* At the key, where it was given, else at the block. */
__attribute__((format(printf, 4, 5))) static void wrong(const struct checking *c, const char *key,
                                                        const char *remedy, const char *format, ...)
{
	const config_setting_t *at = given(c, key);
	char what[240];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	config_read_error(c->r, at ? at : c->block, remedy, "dialect \"%s\": %s", c->d->name, what);
}

static void warn(const struct checking *c, const char *remedy, const char *what)
{
	findings_add(c->r->findings, FINDING_WARNING, c->r->path, (int)config_setting_source_line(c->block),
	             0, remedy, "dialect \"%s\": %s", c->d->name, what);
}

static bool says_by_op(const struct dialect *d)
{
	for (size_t i = 0; i < DIALECT_SAYS; i++)
		if (d->op_out[i].present)
			return true;
	return false;
}

static void check_detection(const struct checking *c)
{
	struct dialect *d = c->d;

	if (d->op_tag == 0) {
		if (d->ussd_by_op && given(c, "detect.op"))
			wrong(c, "detect.op", "give detect.op_tag, or detect by something else",
			      "detect.op is true without an op_tag");
		d->ussd_by_op = false;
		if (says_by_op(d) && given(c, "ops_out"))
			wrong(c, "ops_out", "give detect.op_tag, or no ops", "ops_out without an op_tag");
	}
	if (!d->ussd_by_op && !d->ussd_by_type && !d->ussd_all && d->n_codes == 0)
		warn(c, "give one of detect.op, service_type, codes or all",
		     "nothing tells USSD from SMS: every message is an SMS");
}

/* --- the session ------------------------------------------------------------------------------------- */

static uint64_t session_most(const struct dialect *d)
{
	unsigned octets = d->session_length ? d->session_length : DIALECT_KEEP_SIZE;

	return octets >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * octets) - 1;
}

static void clear_session(const struct checking *c)
{
	struct dialect *d = c->d;
	const struct {
		const char *key;
		bool says;
	} keys[] = {{"session.length", d->session_length != 0},    {"session.mask", d->session_mask != 0},
	            {"session.demanded", d->session_demanded},     {"session.end_bit", d->end_bit != 0},
	            {"session.honour_end_bit", d->honour_end_bit}, {"session.set_end_bit", d->set_end_bit},
	            {"session.unit", d->unit != DIALECT_UNIT_ECHO}};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (keys[i].says && given(c, keys[i].key))
			wrong(c, keys[i].key, "give session.tag, or leave it out", "%s without a session.tag",
			      keys[i].key);
	d->session_length = 0;
	d->session_mask = 0;
	d->session_demanded = d->honour_end_bit = d->set_end_bit = false;
	d->end_bit = 0;
	d->unit = DIALECT_UNIT_ECHO;
}

static void check_end_bit(const struct checking *c)
{
	struct dialect *d = c->d;

	if (d->end_bit == 0) {
		if ((d->honour_end_bit && given(c, "session.honour_end_bit")) ||
		    (d->set_end_bit && given(c, "session.set_end_bit")))
			wrong(c, "session.end_bit", "give session.end_bit, such as 0x0001",
			      "an end bit is honoured or set, and there is none");
		d->honour_end_bit = d->set_end_bit = false;
		return;
	}
	if (d->end_bit > session_most(d))
		wrong(c, "session.end_bit", "give a bit that the TLV has",
		      "session.end_bit 0x%04x (%u) is outside of a TLV of %u octets", d->end_bit, d->end_bit,
		      d->session_length);
	if ((d->honour_end_bit || d->set_end_bit) && (d->session_mask & d->end_bit))
		wrong(c, "session.mask", "take the bit out of the mask",
		      "session.mask 0x%" PRIx64 " holds the end bit 0x%04x: the last message would be of "
		      "another session",
		      d->session_mask, d->end_bit);
}

/* Another TLV, or another length, read by what was taken over from the one before: half of its ids would end a dialogue. */
static void check_taken_over(const struct checking *c)
{
	const struct dialect *d = c->d;
	bool its = d->session_tag == PDU_TAG_ITS_SESSION_INFO;

	if (its ? !given(c, "session.length") || d->session_length == 2 : !given(c, "session.tag"))
		return;
	if ((d->session_mask != 0 && !given(c, "session.mask")) ||
	    (d->end_bit != 0 && !given(c, "session.end_bit")))
		warn(c, "give both; an id has a mask of all its bits, and end_bit = 0",
		     its ? "session.length is given without session.mask and session.end_bit: those taken over "
		           "are of another length"
		         : "session.tag is given without session.mask and session.end_bit: those taken over are of "
		           "another TLV");
}

static void check_session(const struct checking *c)
{
	struct dialect *d = c->d;

	if (d->session_tag == 0) {
		clear_session(c);
		return;
	}
	if (d->session_length != 0 && !pdu_guard_tlv_kept(d->session_tag, d->session_length))
		wrong(c, "session.length", "give the length that SMPP 3.4 says, or another session.tag",
		      "TLV 0x%04x (%u) is never of %u octets: the gateway reads it for another purpose",
		      d->session_tag, d->session_tag, d->session_length);
	check_taken_over(c);
	if (d->session_mask != 0 && (d->session_mask & session_most(d)) == 0)
		wrong(c, "session.mask", "give the bits that stay the same through a dialogue",
		      "session.mask 0x%" PRIx64 " leaves nothing of %u octets", d->session_mask,
		      d->session_length);
	else if (d->session_mask > session_most(d))
		wrong(c, "session.mask", "give the bits that stay the same through a dialogue",
		      "session.mask 0x%" PRIx64 " is wider than %u octets", d->session_mask,
		      d->session_length);
	check_end_bit(c);
	if (d->unit != DIALECT_UNIT_INCREMENT)
		return;
	if (d->session_length != 2)
		wrong(c, "session.unit", "give \"echo\"",
		      "session.unit counts in the second of 2 octets only");
	if (d->session_mask & 0xfe)
		wrong(c, "session.mask", "give 0xff00",
		      "session.mask 0x%" PRIx64 " holds what session.unit counts", d->session_mask);
}

/* --- ops out ----------------------------------------------------------------------------------------- */

static void check_push(const struct checking *c)
{
	struct dialect *d = c->d;
	static const struct {
		enum dialect_say say;
		const char *key;
	} pushes[] = {{DIALECT_SAY_PUSH, "ops_out.push"}, {DIALECT_SAY_NOTIFY, "ops_out.notify"}};

	for (size_t i = 0; !d->can_push && i < 2; i++) {
		if (d->op_out[pushes[i].say].present && given(c, pushes[i].key))
			wrong(c, pushes[i].key, "set can_push to true, or the op to \"none\"",
			      "%s is given, but can_push is false", pushes[i].key);
		d->op_out[pushes[i].say].present = false;
	}
	if (d->can_push && says_by_op(d) && !d->op_out[DIALECT_SAY_PUSH].present &&
	    !d->op_out[DIALECT_SAY_NOTIFY].present)
		wrong(c, "can_push", "give ops_out.push or ops_out.notify, or set can_push to false",
		      "can_push is true, but no op says so");
}

static void check_ops_out(const struct checking *c)
{
	struct dialect *d = c->d;
	const struct dialect_op_out *go_on = &d->op_out[DIALECT_SAY_CONTINUE],
				    *end = &d->op_out[DIALECT_SAY_END];
	bool by_bit = d->set_end_bit && d->end_bit != 0;

	check_push(c);
	if (!says_by_op(d))
		return;
	if (!go_on->present)
		wrong(c, "ops_out.continue", "give it, such as 0x02 (2)", "ops_out.continue is missing");
	if (!end->present && !by_bit)
		wrong(c, "ops_out.end", "give it, such as 0x11 (17), or session.set_end_bit",
		      "ops_out.end is missing, and no end bit is set");
	if (go_on->present && end->present && go_on->op == end->op && !by_bit)
		wrong(c, "ops_out.end", "give another op, or session.set_end_bit",
		      "op 0x%02x (%u) goes out for a screen that wants an answer and for the last one",
		      end->op, end->op);
}

/* --- TLVs -------------------------------------------------------------------------------------------- */

/* Tags that go out with this say, each once. */
static void check_tags_of(const struct checking *c, enum dialect_say say)
{
	const struct dialect *d = c->d;
	uint16_t tags[2 + DIALECT_KEEP_MAX + DIALECT_MAX_EXTRA];
	size_t n = 0, most = sizeof(((struct pdu_submit *)0)->tlv) / sizeof(struct pdu_tlv);

	if (d->op_tag && d->op_out[say].present)
		tags[n++] = d->op_tag;
	if (d->session_tag)
		tags[n++] = d->session_tag;
	for (size_t i = 0; i < d->n_echo; i++)
		tags[n++] = d->echo[i];
	for (size_t i = 0; i < d->n_extra; i++)
		if (d->extra[i].says & 1u << say)
			tags[n++] = d->extra[i].tag;
	if (n > most)
		wrong(c, "extra", "take some out", "%zu TLVs would go out with one message, at most %zu can",
		      n, most);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (tags[i] == tags[k])
				wrong(c, "extra", "take one out", "TLV 0x%04x (%u) would go out twice",
				      tags[i], tags[i]);
}

static void check_tlvs(const struct checking *c)
{
	const struct dialect *d = c->d;
	size_t errors = findings_errors(c->r->findings);
	bool payload = d->session_tag == PDU_TAG_MESSAGE_PAYLOAD || d->op_tag == PDU_TAG_MESSAGE_PAYLOAD;

	for (size_t i = 0; i < d->n_echo; i++)
		payload = payload || d->echo[i] == PDU_TAG_MESSAGE_PAYLOAD;
	for (size_t i = 0; i < d->n_extra; i++)
		payload = payload || d->extra[i].tag == PDU_TAG_MESSAGE_PAYLOAD;
	if (payload)
		wrong(c, "extra", "text.in_payload is the key for it",
		      "message_payload 0x0424 (1060) is the text: it can be nothing else");
	for (unsigned say = 0; say < DIALECT_SAYS && findings_errors(c->r->findings) == errors; say++)
		check_tags_of(c, (enum dialect_say)say);
}

/* --- the rest ---------------------------------------------------------------------------------------- */

static void check_code(const struct checking *c)
{
	const struct dialect *d = c->d;

	if (d->code_from == DIALECT_CODE_TLV && d->code_tag == 0)
		wrong(c, "code_from", "give code_tag", "code_from is \"tlv\" without a code_tag");
	if (d->code_from != DIALECT_CODE_TLV && d->code_tag != 0 && given(c, "code_tag"))
		wrong(c, "code_tag", "set code_from to \"tlv\", or leave it out",
		      "code_tag says nothing with this code_from");
}

static void check_text(const struct checking *c)
{
	const struct dialect *d = c->d;

	if (d->ucs2 && d->coding_gsm7 == d->coding_ucs2)
		wrong(c, "text.coding_ucs2", "give another, such as 0x08 (8)",
		      "data_coding 0x%02x (%u) goes out for GSM 7-bit and for UCS-2", d->coding_gsm7,
		      d->coding_gsm7);
	if (!d->ucs2 && (given(c, "text.coding_ucs2") || given(c, "text.max_units")))
		warn(c, "leave coding_ucs2 and max_units out, or set text.ucs2 to true",
		     "text.ucs2 is false, and something is said about UCS-2");
}

/* 0 is that of starhash.conf; the least is as there (gateway/options.c). */
static void check_timers(const struct checking *c)
{
	const struct dialect *d = c->d;

	if (d->idle_ms > 0 && d->idle_ms < IDLE_LEAST_MS)
		wrong(c, "idle", "give 1s or more, or 0s", "idle leaves nobody the time to answer");
	if (d->answer_within_ms > 0 && d->answer_within_ms < WITHIN_LEAST_MS)
		wrong(c, "answer_within", "give 100ms or more, or 0s",
		      "answer_within leaves us no time to answer");
}

static void check_sms(const struct checking *c)
{
	const struct dialect *d = c->d;

	if (d->sms.receipts_failures && !d->sms.receipts)
		wrong(c, "sms.receipts_failures", "set sms.receipts to true",
		      "sms.receipts_failures without sms.receipts");
	if (d->sms.esm_class & 0x40)
		wrong(c, "sms.esm_class", "leave the bit out: it is set where there is a header",
		      "sms.esm_class 0x%02x (%u) tells of a header (0x40)", d->sms.esm_class,
		      d->sms.esm_class);
	if (d->sms.validity_absolute && d->sms.validity_ms == 0 && given(c, "sms.validity_absolute"))
		wrong(c, "sms.validity_absolute", "give sms.validity",
		      "sms.validity_absolute says nothing without a validity");
	if (d->esm_class & 0x40)
		wrong(c, "answer.esm_class", "leave the bit out: USSD has no header",
		      "answer.esm_class 0x%02x (%u) tells of a header (0x40)", d->esm_class, d->esm_class);
}

void config_dialect_check(struct config_reader *r, const config_setting_t *block, struct dialect *d)
{
	struct checking c = {.r = r, .block = block, .d = d};

	check_session(&c);
	check_detection(&c);
	check_ops_out(&c);
	check_tlvs(&c);
	check_code(&c);
	check_text(&c);
	check_timers(&c);
	check_sms(&c);
}
