/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdict: see verdict.h. */
#include "tools/verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "gateway/dialect_table.h"
#include "gateway/pdu_codec.h"
#include "gateway/pdu_guard.h"
#include "gateway/pdu_wire.h"
#include "gateway/status.h"
#include "tools/trace.h"

static void respond(struct verdict *v, uint32_t id, uint32_t status)
{
	snprintf(v->answer, sizeof v->answer, "%s %s (0x%02x)", pdu_name(id | PDU_RESPONSE),
	         pdu_status_name(status), status);
}

static void add_tlvs(struct buf *b, const struct pdu_submit *s)
{
	for (size_t i = 0; i < s->n_tlvs; i++) {
		buf_printf(b, "%sTLV 0x%04x = 0x", i ? ", " : " with ", s->tlv[i].tag);
		for (size_t k = 0; k < s->tlv[i].length; k++)
			buf_printf(b, "%02x", s->tlv[i].value[k]);
		if (s->tlv[i].length == 1)
			buf_printf(b, " (%u)", s->tlv[i].value[0]);
	}
}

/* The submit_sm that follow a USSD input, as the dialect writes them. */
static void screens(const struct dialect *d, const struct dialect_event *e, struct verdict *v)
{
	static const struct {
		enum dialect_say say;
		const char *words;
	} rows[] = {{DIALECT_SAY_CONTINUE, "; then submit_sm"}, {DIALECT_SAY_END, "; the last screen"}};
	struct dialect_scratch *scratch = malloc(sizeof *scratch);
	struct buf b;

	buf_init(&b, v->answer + strlen(v->answer), sizeof v->answer - strlen(v->answer));
	for (size_t i = 0; scratch && i < sizeof rows / sizeof rows[0]; i++) {
		struct pdu_submit s;

		if (dialect_write_ussd(d, e, "1", rows[i].say, scratch, &s) != RC_OK)
			continue;
		buf_add(&b, rows[i].words);
		add_tlvs(&b, &s);
	}
	free(scratch);
}

static void event_words(const struct dialect *d, const struct dialect_event *e, struct verdict *v)
{
	v->understood = true;
	snprintf(v->kind, sizeof v->kind, "%s", dialect_kind_name(e->kind));
	snprintf(v->code, sizeof v->code, "%s", e->code);
	snprintf(v->text, sizeof v->text, "%s", e->text);
	if (e->session.has_id)
		snprintf(v->session, sizeof v->session, "0x%04" PRIx64 " (%" PRIu64 ")", e->session.id,
		         e->session.id);
	if (e->kind == DIALECT_BEGIN || e->kind == DIALECT_CONTINUE)
		screens(d, e, v);
}

static void message(const struct dialect *d, const struct msisdn_plan *country, const struct trace_pdu *p,
                    const struct pdu_header *h, struct verdict *v)
{
	struct pdu_guard *guard = malloc(sizeof *guard);
	struct dialect_trouble trouble = {0};
	struct dialect_event *event = malloc(sizeof *event);
	uint32_t status = PDU_RSYSERR;
	bool doubtful = false;
	enum rc rc;

	if (!guard || !event) {
		respond(v, h->id, status);
	} else if (pdu_guard_read(guard, p->bytes, p->len, &status) != RC_OK) {
		respond(v, h->id, status);
		snprintf(v->trouble, sizeof v->trouble, "it cannot be read: %s", pdu_status_name(status));
	} else {
		rc = dialect_read(d, country, &guard->message, event, &status, &trouble);
		respond(v, h->id, status);
		if (rc == RC_OK) {
			event_words(d, event, v);
			doubtful = dialect_doubt(d, &guard->message, event, &trouble);
		}
		if (rc != RC_OK || doubtful) {
			snprintf(v->trouble, sizeof v->trouble, "%s%s",
			         doubtful ? "it is taken, but perhaps not as it was meant: " : "",
			         trouble.words);
			snprintf(v->knob, sizeof v->knob, "%s", trouble.knob ? trouble.knob : "");
		}
	}
	free(guard);
	free(event);
}

/* What we sent ourselves, as this dialect means it. */
static void submit(const struct dialect *d, const struct trace_pdu *p, struct verdict *v)
{
	static const char *const says[DIALECT_SAYS] = {"continue", "end", "push", "notify", "release"};
	struct pdu_guard *guard = malloc(sizeof *guard);
	uint8_t *copy = malloc(p->len);
	uint32_t status = PDU_RSYSERR;
	const struct pdu_tlv *op = NULL;

	snprintf(v->answer, sizeof v->answer, "nothing: an SMSC answers it");
	if (guard && copy) {
		memcpy(copy, p->bytes, p->len);
		copy[7] = PDU_DELIVER_SM; /* the same fields under a name that is read */
		if (pdu_guard_read(guard, copy, p->len, &status) == RC_OK)
			op = d->op_tag ? pdu_message_tlv(&guard->message, d->op_tag) : NULL;
		else
			snprintf(v->trouble, sizeof v->trouble, "it cannot be read: %s",
			         pdu_status_name(status));
	}
	v->understood = status == PDU_ROK;
	for (int i = 0; op && op->length && i < DIALECT_SAYS; i++)
		if (!*v->kind && d->op_out[i].present && d->op_out[i].op == op->value[0])
			snprintf(v->kind, sizeof v->kind, "%s", says[i]);
	if (op && op->length && !*v->kind) {
		snprintf(v->trouble, sizeof v->trouble, "op 0x%02x (%u) is none that is sent in this dialect",
		         op->value[0], op->value[0]);
		snprintf(v->knob, sizeof v->knob, "ops_out");
	}
	free(guard);
	free(copy);
}

static void response(const struct pdu_header *h, struct verdict *v)
{
	const struct status_rule *rule = status_rule_of(h->status);

	v->understood = true;
	if (h->id == (PDU_SUBMIT_SM | PDU_RESPONSE) && h->status != PDU_ROK)
		snprintf(v->answer, sizeof v->answer, "nothing; it does, on USSD: %s; of an SMS: %s%s%s",
		         status_action_name(rule->ussd), status_action_name(rule->sms),
		         rule->remedy ? "; look at: " : "", rule->remedy ? rule->remedy : "");
	else
		snprintf(v->answer, sizeof v->answer, "nothing");
}

void verdict_of(const struct dialect *d, const struct msisdn_plan *country, const struct trace_pdu *p,
                struct verdict *out)
{
	struct pdu_header h;
	enum rc rc = pdu_header_read(p->bytes, p->len, &h);

	memset(out, 0, sizeof *out);
	if (rc == RC_BUSY || (rc == RC_OK && h.length > p->len)) {
		snprintf(out->answer, sizeof out->answer,
		         "nothing yet: it would wait for the rest of the PDU");
	} else if (rc != RC_OK) {
		snprintf(out->answer, sizeof out->answer,
		         "generic_nack ESME_RINVCMDLEN (0x02), and close: framing is lost");
	} else if (h.id == PDU_DELIVER_SM || (h.id == PDU_DATA_SM && p->way != TRACE_WAY_OUT)) {
		message(d, country, p, &h, out);
	} else if (h.id == PDU_SUBMIT_SM && p->way != TRACE_WAY_IN) {
		submit(d, p, out);
	} else if (h.id & PDU_RESPONSE) {
		response(&h, out);
	} else if (p->way == TRACE_WAY_OUT) {
		snprintf(out->answer, sizeof out->answer, "nothing: an SMSC answers it");
	} else if (h.id == PDU_ENQUIRE_LINK || h.id == PDU_UNBIND) {
		respond(out, h.id, PDU_ROK);
	} else if (h.id == PDU_ALERT_NOTIFICATION) {
		snprintf(out->answer, sizeof out->answer, "nothing: it has no response");
	} else if (trace_way_of(h.id) == TRACE_WAY_OUT && h.id != 0x21 && h.id != 0x03 && h.id != 0x07 &&
	           h.id != 0x08) {
		respond(out, h.id, PDU_RINVBNDSTS);
	} else {
		snprintf(out->answer, sizeof out->answer, "generic_nack ESME_RINVCMDID (0x03)");
	}
}
