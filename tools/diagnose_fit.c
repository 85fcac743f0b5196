/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One dialect, tried on a case: what it explains and what contradicts it, by the keys of dialects.conf.
 *
 * What comes in is read by dialect_read, as the daemon would. What goes out is compared with what the dialect
 * would have said at that point; only where the SMSC took it, because a trace of something that does not work
 * tells nothing of what would. */
#include "tools/diagnose_private.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "gateway/config_dialects.h"

static struct diagnosis_evidence *evidence(struct fitting *f, const char *knob, unsigned weight)
{
	struct diagnosis_fit *fit = f->fit;

	for (size_t i = 0; i < fit->n; i++)
		if (strcmp(fit->evidence[i].knob, knob) == 0)
			return &fit->evidence[i];
	if (fit->n == DIAGNOSIS_EVIDENCE_MAX)
		return &fit->evidence[DIAGNOSIS_EVIDENCE_MAX - 1];
	fit->evidence[fit->n] = (struct diagnosis_evidence){.knob = knob, .weight = weight};
	return &fit->evidence[fit->n++];
}

void fit_agree(struct fitting *f, const char *knob, unsigned weight)
{
	evidence(f, knob, weight)->agrees++;
}

void fit_contradict(struct fitting *f, const char *knob, unsigned weight, const struct case_item *i,
                    const char *format, ...)
{
	struct diagnosis_evidence *e = evidence(f, knob, weight);
	va_list args;

	if (e->against++ == 0) {
		va_start(args, format);
		vsnprintf(e->words, sizeof e->words, format, args);
		va_end(args);
	}
	if (e->n_pdus < DIAGNOSIS_PDUS)
		e->pdu[e->n_pdus++] = i->p->number;
}

void fit_weigh(struct fitting *f, bool good, const char *knob, unsigned weight, const struct case_item *i,
               const char *words)
{
	if (good)
		fit_agree(f, knob, weight);
	else
		fit_contradict(f, knob, weight, i, "%s", words);
}

/* --- what came in -------------------------------------------------------------------------------- */

static enum case_role role_of(enum dialect_kind kind)
{
	switch (kind) {
	case DIALECT_BEGIN:
		return ROLE_BEGIN;
	case DIALECT_CONTINUE:
		return ROLE_CONTINUE;
	case DIALECT_ABORT:
		return ROLE_ABORT;
	case DIALECT_ACK:
		return ROLE_ACK;
	case DIALECT_SMS:
		return ROLE_SMS;
	case DIALECT_RECEIPT:
		return ROLE_RECEIPT;
	}
	return ROLE_NONE;
}

static void fit_kind(struct fitting *f, const struct case_item *i, const struct dialect_event *e)
{
	static const char *const names[] = {
		"nothing",         "SMS",  "receipt", "begin", "answer", "end", "end by the network",
		"acknowledgement", "push", "notice",  "USSD"};
	enum case_role got = role_of(e->kind);

	if (got == ROLE_SMS) {
		fit_contradict(f, "detect", 4, i, "is USSD, and would be taken for an SMS");
		return;
	}
	fit_agree(f, "detect", 2);
	if (i->role == ROLE_UNCLEAR)
		return;
	if (got == i->role)
		fit_agree(f, "ops_in", 3);
	else if (got == ROLE_ABORT && i->has_op && e->session.n_kept > 0 && f->d->honour_end_bit)
		fit_contradict(f, "session.end_bit", 3, i, "the end bit is set, and the dialogue goes on");
	else if (i->has_op)
		fit_contradict(f, "ops_in", 3, i,
		               "op 0x%02x (%u) is the %s of a dialogue here, and would be read as %s", i->op,
		               i->op, names[i->role], names[got]);
	else
		fit_contradict(f, "ops_in", 3, i, "without an op, the %s of a dialogue would be read as %s",
		               names[i->role], names[got]);
}

/* A begin whose text is not dialled: digits alone may be the code, without its stars. */
static void fit_bare_code(struct fitting *f, const struct case_item *i, const struct dialect_event *e,
                          const char *text)
{
	bool bare = *text && strspn(text, "0123456789*#") == strlen(text) && strlen(text) >= 3;
	bool elsewhere = bare && strcmp(i->m->dest.digits, text) != 0;

	if (f->d->code_from == DIALECT_CODE_TEXT)
		fit_weigh(f, elsewhere, "code_from", 2, i,
		          "destination_addr has the short code too, and every PDU has one");
	else if (elsewhere)
		fit_contradict(f, "code_from", 3, i,
		               "the text of a begin is a code, and destination_addr is another");
	else
		fit_weigh(f, *e->code, "code_from", 2, i, "no short code where it should be");
	if (bare)
		fit_weigh(f, !f->d->begin_text_is_dialled, "begin_text_is_dialled", 1, i,
		          "the text of a begin is no dialled string");
}

/* The code that was dialled: what a dialled text begins with, else the destination. */
static void fit_code(struct fitting *f, const struct case_item *i, const struct dialect_event *e)
{
	char text[200], code[DIALECT_CODE_SIZE] = "";
	size_t n = 0;

	case_text(i, text, sizeof text);
	if (!case_looks_dialled(text)) {
		fit_bare_code(f, i, e, text);
		return;
	}
	fit_weigh(f, f->d->begin_text_is_dialled, "begin_text_is_dialled", 1, i,
	          "the text of a begin is what was dialled, and it would not look at it");
	for (const char *p = text + 1; *p >= '0' && *p <= '9' && n + 1 < sizeof code; p++)
		code[n++] = *p;
	code[n] = '\0';
	fit_weigh(f, *e->code && strncmp(e->code, code, n) == 0, "code_from", 3, i,
	          "the short code found is not the one that was dialled: destination_addr is something else "
	          "here");
	if (f->d->code_from == DIALECT_CODE_TEXT && strcmp(i->m->dest.digits, code) == 0)
		fit_contradict(f, "code_from", 2, i,
		               "destination_addr has the short code too, and every PDU has one");
}

static bool coding_is_known(const struct dialect *d, uint8_t coding)
{
	for (size_t i = 0; i < d->n_codings; i++)
		if (d->coding_in[i].coding == coding)
			return true;
	return coding == 0;
}

static void fit_in(struct fitting *f, const struct case_item *i)
{
	struct dialect_trouble trouble = {0};
	struct dialect_event e;
	uint32_t status;
	enum rc rc = dialect_read(f->d, f->c->country, i->m, &e, &status, &trouble);
	const char *knob = trouble.knob ? trouble.knob : "detect";

	if (rc != RC_OK) {
		if (strcmp(knob, "country") != 0)
			fit_contradict(f, knob, 4, i, "%s", trouble.words);
		return;
	}
	fit_kind(f, i, &e);
	if (i->role == ROLE_BEGIN && e.kind == DIALECT_BEGIN)
		fit_code(f, i, &e);
	fit_text_in(f, i);
	if (i->m->body_len > 0 && (i->role == ROLE_BEGIN || i->role == ROLE_CONTINUE)) {
		if (coding_is_known(f->d, i->m->data_coding))
			fit_agree(f, "coding_in", 1);
		else
			fit_contradict(f, "coding_in", 2, i, "data_coding 0x%02x (%u) is not in its table",
			               i->m->data_coding, i->m->data_coding);
	}
}

/* --- the session --------------------------------------------------------------------------------- */

static uint64_t key_of(const struct dialect *d, const struct case_item *i)
{
	return case_value(case_tlv(i, d->session_tag)) & d->session_mask;
}

static void fit_session_of(struct fitting *f, const struct case_dialogue *dialogue)
{
	const struct case_item *first = NULL;
	const struct dialect *d = f->d;

	for (const struct case_item *i = dialogue->first; i; i = i->after) {
		const struct pdu_tlv *t = case_tlv(i, d->session_tag);

		if (!case_is_in(i))
			continue;
		if (!t) {
			fit_contradict(f, "session.tag", 4, i,
			               "there is no TLV 0x%04x (%u), in which it keeps the session",
			               d->session_tag, d->session_tag);
			continue;
		}
		if (d->session_length && t->length != d->session_length) {
			fit_contradict(f, "session.length", 4, i, "TLV 0x%04x has %u octets, not %u",
			               d->session_tag, t->length, d->session_length);
			continue;
		}
		fit_agree(f, "session.tag", 3);
		if (!d->session_mask)
			continue;
		if (first && key_of(d, first) != key_of(d, i))
			fit_contradict(f, "session.mask", 4, i,
			               "the session changes within a dialogue: 0x%04" PRIx64
			               ", then 0x%04" PRIx64,
			               key_of(d, first), key_of(d, i));
		else if (first)
			fit_agree(f, "session.mask", 2);
		first = first ? first : i;
	}
}

/* Does octet 2 count, as the specification has it, or is it a part of the number? Two dialogues tell, and so
 * does one in which it is neither 0 nor counts. */
static void fit_mask(struct fitting *f)
{
	uint64_t mask = 0;
	uint8_t length = 0;

	if (f->d->session_tag != PDU_TAG_ITS_SESSION_INFO ||
	    case_session_tag(f->c, &mask, &length) != PDU_TAG_ITS_SESSION_INFO || f->c->dialogues == NULL)
		return;
	for (const struct case_dialogue *d = f->c->dialogues; d; d = d->next) {
		const struct case_item *i = d->first;

		while (i && !(case_is_in(i) && case_tlv(i, PDU_TAG_ITS_SESSION_INFO)))
			i = i->after;
		if (!i || mask == 0)
			continue;
		if ((mask & ~f->d->session_mask) == 0)
			fit_agree(f, "session.mask", 2);
		else if ((case_value(case_tlv(i, PDU_TAG_ITS_SESSION_INFO)) & mask & ~f->d->session_mask) !=
		         0)
			fit_contradict(
				f, "session.mask", 1, i,
				"octet 2 of the session does not count here: it is a part of the number, "
				"and is left out");
	}
}

static void fit_sessions(struct fitting *f)
{
	uint64_t mask = 0;
	uint8_t length = 0;
	uint16_t tag;

	if (f->d->session_tag) {
		for (const struct case_dialogue *d = f->c->dialogues; d; d = d->next)
			fit_session_of(f, d);
		fit_mask(f);
		return;
	}
	tag = case_session_tag(f->c, &mask, &length);
	for (const struct case_dialogue *d = f->c->dialogues; d; d = d->next) {
		if (!d->first || !case_is_in(d->first))
			continue;
		if (tag && case_tlv(d->first, tag) && mask != 0)
			fit_contradict(f, "session.tag", 3, d->first,
			               "TLV 0x%04x (%u) stays the same through a dialogue, and is not used",
			               tag, tag);
		else if (!tag)
			fit_agree(f, "session.tag", 3);
	}
}

/* --- what went out ------------------------------------------------------------------------------- */

static void fit_op(struct fitting *f, const struct case_item *i)
{
	static const struct {
		enum case_role role;
		enum dialect_say say;
		const char *knob, *words;
	} rows[] = {
		{ROLE_CONTINUE, DIALECT_SAY_CONTINUE, "ops_out.continue", "a screen that wants an answer"},
		{ROLE_END, DIALECT_SAY_END, "ops_out.end", "the last screen"},
		{ROLE_PUSH, DIALECT_SAY_PUSH, "ops_out.push", "a push"},
		{ROLE_NOTIFY, DIALECT_SAY_NOTIFY, "ops_out.notify", "a notice"}};

	for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
		const struct dialect_op_out *op = &f->d->op_out[rows[k].say];

		if (rows[k].role != i->role)
			continue;
		if (op->present == i->has_op && (!op->present || op->op == i->op))
			fit_agree(f, rows[k].knob, 3);
		else if (i->has_op && op->present)
			fit_contradict(f, rows[k].knob, 3, i,
			               "%s went out with op 0x%02x (%u), not 0x%02x (%u)", rows[k].words,
			               i->op, i->op, op->op, op->op);
		else
			fit_contradict(f, rows[k].knob, 3, i, "%s went out %s an op", rows[k].words,
			               i->has_op ? "with" : "without");
	}
}

static void fit_end_bit(struct fitting *f, const struct case_item *i, const struct case_item *asked)
{
	const struct pdu_tlv *t = case_tlv(i, f->d->session_tag);
	uint16_t bit;
	bool set;

	if (!t || t->length < 2 || f->d->session_tag != PDU_TAG_ITS_SESSION_INFO ||
	    (i->role != ROLE_END && i->role != ROLE_CONTINUE))
		return;
	bit = f->d->end_bit ? f->d->end_bit : 1;
	if (asked && case_tlv(asked, f->d->session_tag) &&
	    (case_value(case_tlv(asked, f->d->session_tag)) & bit))
		return; /* it went back as it came: a part of the number */
	set = case_value(t) & bit;
	if (i->role == ROLE_END)
		fit_weigh(f, set == (f->d->set_end_bit && f->d->end_bit), "session.set_end_bit", 2, i,
		          set ? "the last screen went out with the end bit, which it does not set"
		              : "the last screen went out without the end bit, which it sets");
}

static bool same_value(const struct pdu_tlv *a, const struct pdu_tlv *b)
{
	return a && b && a->length == b->length && memcmp(a->value, b->value, a->length) == 0;
}

static void fit_echo(struct fitting *f, const struct case_item *i, const struct case_item *asked)
{
	const struct dialect *d = f->d;

	for (size_t k = 0; asked && k < d->n_echo; k++)
		if (case_tlv(asked, d->echo[k]))
			fit_weigh(f, same_value(case_tlv(asked, d->echo[k]), case_tlv(i, d->echo[k])), "echo",
			          1, i, "a TLV that it would echo went out otherwise, or not at all");
	/* A TLV that went back as it came, and which this dialect would not send */
	for (size_t k = 0; asked && k < i->m->n_tlvs; k++) {
		uint16_t tag = i->m->tlv[k].tag;
		bool known = tag == d->session_tag || tag == d->op_tag || tag == PDU_TAG_USSD_SERVICE_OP;

		for (size_t n = 0; n < d->n_echo; n++)
			known = known || tag == d->echo[n];
		if (!known && same_value(case_tlv(asked, tag), &i->m->tlv[k]))
			fit_contradict(f, "echo", 2, i,
			               "TLV 0x%04x (%u) went back as it came, and it would not send it", tag,
			               tag);
	}
}

/* Octet 2 of its_session_info in an answer: as it came, or counted on. */
static void fit_unit(struct fitting *f, const struct case_item *i, const struct case_item *asked)
{
	const struct pdu_tlv *ours = case_tlv(i, PDU_TAG_ITS_SESSION_INFO);
	const struct pdu_tlv *theirs = asked ? case_tlv(asked, PDU_TAG_ITS_SESSION_INFO) : NULL;
	unsigned step;

	if (!ours || !theirs || ours->length != 2 || theirs->length != 2 ||
	    f->d->session_tag != PDU_TAG_ITS_SESSION_INFO)
		return;
	step = ((unsigned)ours->value[1] - theirs->value[1]) & 0xfe;
	if (step == 0)
		fit_weigh(f, f->d->unit == DIALECT_UNIT_ECHO, "session.unit", 2, i,
		          "octet 2 of the session went back as it came, and it would count on");
	else if (step == 2)
		fit_weigh(f, f->d->unit == DIALECT_UNIT_INCREMENT, "session.unit", 2, i,
		          "octet 2 of the session was counted on, and it would send it back as it came");
}

static void fit_out(struct fitting *f, const struct case_item *i)
{
	const struct case_item *asked = case_asked(i);
	const char *type = f->d->service_type_copy && asked ? asked->m->service_type : f->d->service_type;

	if (i->other && i->other->status != PDU_ROK)
		return; /* refused: nobody knows what would have been right */
	fit_op(f, i);
	fit_end_bit(f, i, asked);
	fit_echo(f, i, asked);
	if ((i->role == ROLE_PUSH || i->role == ROLE_NOTIFY) && i->other)
		fit_weigh(f, f->d->can_push, "can_push", 2, i,
		          "the SMSC took a push, and it says that it takes none");
	fit_unit(f, i, asked);
	fit_weigh(f, strcasecmp(type, i->m->service_type) == 0, "service_type", 1, i,
	          "another service_type went out");
	fit_text_out(f, i);
}

/* deliver_sm_resp before or after submit_sm_resp: told by dialogues where both are there. */
static void fit_order(struct fitting *f, const struct case_item *i)
{
	const struct case_item *out = i->after;
	bool after;

	if (!i->other || !out || !case_is_out(out) || !out->other)
		return;
	after = i->other->p->number > out->other->p->number;
	if (after == (f->d->respond == DIALECT_RESPOND_AFTER_SUBMIT))
		fit_agree(f, "respond", 3);
	else
		fit_contradict(f, "respond", 3, i,
		               after ? "deliver_sm_resp follows submit_sm_resp here"
		                     : "deliver_sm_resp goes out at once here");
}

/* --- together ------------------------------------------------------------------------------------ */

static void add_up(struct diagnosis_fit *fit)
{
	fit->score = 0;
	fit->against = 0;
	for (size_t i = 0; i < fit->n; i++) {
		const struct diagnosis_evidence *e = &fit->evidence[i];
		double all = (double)e->agrees + (double)e->against;

		fit->score +=
			e->weight * ((double)e->agrees - 2.0 * (double)e->against) / (all > 0 ? all : 1);
		fit->against += e->against > 0;
	}
}

void case_fit(struct the_case *c, const struct dialect *d, struct diagnosis_fit *fit)
{
	struct fitting f = {c, d, fit};

	memset(fit, 0, sizeof *fit);
	fit->dialect = d;
	for (size_t k = 0; k < c->n; k++) {
		const struct case_item *i = &c->item[k];

		if (!case_is_ussd(i))
			continue;
		if (case_is_in(i)) {
			fit_in(&f, i);
			fit_order(&f, i);
		} else {
			fit_out(&f, i);
		}
	}
	fit_sessions(&f);
	fit_sms(&f);
	add_up(fit);
}
