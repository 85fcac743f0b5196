/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes wrong in a trace: requests and responses, binds, turns of dialogues, sessions.
 *
 * One kind of fault is one entry with the numbers of its first PDUs. Words tell what is wrong and what to do,
 * and hold no number of a subscriber and nothing of a text. */
#include "tools/diagnose_private.h"

#include <stdio.h>
#include <string.h>

#include "gateway/status.h"

#define LATE_US 10000000    /* an answer after this is late for most networks */
#define PAUSE_US 100000     /* what a throttled ESME waits at least */
#define TAIL_US 5000000     /* responses to what came so shortly before the end may be missing */
#define TAIL_PDUS 4         /* the same, where times are not known */
#define HEAD_US 10000000    /* how long a response to what came before the capture may take */
#define HEAD_PDUS 20        /* the same, where times are not known */
#define SOON_US 10000000    /* an unbind so shortly after the bind has a reason */
#define BIND_PDUS 1000      /* how far ahead of a bind its response is looked for */
#define SWAP_PDUS 50        /* how far back the input of an answer is looked for */
#define REDELIVERY_PDUS 400 /* how far back a copy is looked for */

struct diagnosis_fault *case_fault(struct the_case *c, const char *id, const struct case_item *i)
{
	struct diagnosis *d = c->to;
	struct diagnosis_fault *f = NULL;

	for (size_t k = 0; k < d->n_faults && !f; k++)
		if (strcmp(d->fault[k].id, id) == 0 && d->fault[k].status == (i ? i->status : 0))
			f = &d->fault[k];
	if (!f) {
		if (d->n_faults == DIAGNOSIS_FAULTS_MAX)
			return NULL;
		f = &d->fault[d->n_faults++];
		f->id = id;
		f->status = i ? i->status : 0;
	}
	f->count++;
	if (i && f->n_pdus < DIAGNOSIS_PDUS && (f->n_pdus == 0 || f->pdu[f->n_pdus - 1] != i->p->number))
		f->pdu[f->n_pdus++] = i->p->number;
	return f->count == 1 ? f : NULL; /* words are those of the first */
}

#define SAY(fault, ...)                                                         \
	do {                                                                    \
		struct diagnosis_fault *said = (fault);                         \
		if (said)                                                       \
			snprintf(said->words, sizeof said->words, __VA_ARGS__); \
	} while (0)

static bool is_near_end(const struct the_case *c, const struct case_item *i)
{
	const struct case_item *last = &c->item[c->n - 1];

	if (i->p->at_us >= 0 && last->p->at_us >= 0)
		return last->p->at_us - i->p->at_us < TAIL_US;
	return last->p->number - i->p->number < TAIL_PDUS;
}

/* Requests from before the capture may be answered in it. */
static bool is_near_begin(const struct the_case *c, const struct case_item *i)
{
	if (i->p->connection < CONNECTIONS_MAX && c->binds[i->p->connection])
		return i->p->number <= TAIL_PDUS;
	if (i->p->at_us >= 0 && c->item[0].p->at_us >= 0)
		return i->p->at_us - c->item[0].p->at_us < HEAD_US;
	return i->p->number <= HEAD_PDUS;
}

/* --- requests and responses ---------------------------------------------------------------------- */

static void unanswered(struct the_case *c, const struct case_item *i)
{
	if ((i->id & PDU_RESPONSE) || i->other || i->id == 0 || is_near_end(c, i))
		return;
	if (case_is_in(i))
		SAY(case_fault(c, "no_deliver_sm_resp", i),
		    "%s is not answered: the SMSC will deliver it again and again. The program that is "
		    "bound must send "
		    "deliver_sm_resp with the same sequence number, at once",
		    pdu_name(i->id));
	else if (case_is_out(i))
		SAY(case_fault(c, "unanswered_submit_sm", i),
		    "submit_sm is not answered by the SMSC: whether it was taken is unknown. Ask its "
		    "operator; look at "
		    "window and at the sequence numbers");
	else if (i->id == PDU_ENQUIRE_LINK)
		SAY(case_fault(c, "unanswered_enquire_link", i), "%s",
		    i->p->way == TRACE_WAY_IN
		            ? "an enquire_link of the SMSC is not answered by us: it will close the connection. "
		              "The program that is bound must send enquire_link_resp at once"
		            : "enquire_link is not answered by the SMSC. Where it never answers one, set "
		              "enquire_after = \"0s\" in the link, and it is not asked any more");
	else if (i->id == PDU_BIND_TRANSCEIVER || i->id == PDU_BIND_RECEIVER || i->id == PDU_BIND_TRANSMITTER)
		SAY(case_fault(c, "unanswered_bind", i),
		    "the bind is not answered: another service listens there, or a firewall or the SMSC "
		    "drops what it does "
		    "not know; ask whether our address is allowed");
}

static void note(struct diagnosis_fault *f, const char *words)
{
	if (!f)
		return;
	f->is_note = true;
	snprintf(f->words, sizeof f->words, "%s", words);
}

static void refused(struct the_case *c, const struct case_item *i)
{
	const struct status_rule *rule = status_rule_of(i->status);

	if (!(i->id & PDU_RESPONSE) || i->status == PDU_ROK)
		return;
	if (i->id == (PDU_BIND_TRANSCEIVER | PDU_RESPONSE) || i->id == (PDU_BIND_RECEIVER | PDU_RESPONSE) ||
	    i->id == (PDU_BIND_TRANSMITTER | PDU_RESPONSE)) {
		SAY(case_fault(c, "bind_refused", i), "the SMSC refused the bind: %s (0x%02x, %u): %s",
		    pdu_status_name(i->status), i->status, i->status,
		    i->status == PDU_RINVPASWD   ? "the password is wrong"
		    : i->status == PDU_RINVSYSID ? "system_id is not known there"
		    : i->status == PDU_RALYBND
		            ? "system_id is bound already, by another program or a session that it has "
		              "not given up"
		    : i->status == PDU_RINVBNDSTS
		            ? "it is bound already, or not in this way: look at bind"
		            : "look at system_id, password, system_type, and whether our address is "
		              "allowed");
		return;
	}
	if (i->id == PDU_GENERIC_NACK)
		SAY(case_fault(c, "generic_nack", i),
		    "generic_nack %s (0x%02x, %u): one side could not read what the other sent; look at "
		    "the PDU before it "
		    "with starhash pdu",
		    pdu_status_name(i->status), i->status, i->status);
	else if (i->id == (PDU_DELIVER_SM | PDU_RESPONSE) && i->status == PDU_RX_T_APPN)
		note(case_fault(c, "given_back", i),
		     "a message is given back with ESME_RX_T_APPN (0x64, 100): the SMSC shall deliver it "
		     "again later; so does "
		     "a daemon that is overloaded, and starhash doctor --link");
	else if (i->id == (PDU_DELIVER_SM | PDU_RESPONSE) ||
	         (i->id == (PDU_DATA_SM | PDU_RESPONSE) && i->p->way == TRACE_WAY_OUT))
		SAY(case_fault(c, "deliver_sm_refused", i),
		    "the program that is bound refuses a message with %s (0x%02x, %u): look at its log; "
		    "another dialect "
		    "may be wanted",
		    pdu_status_name(i->status), i->status, i->status);
	else if (i->id == (PDU_SUBMIT_SM | PDU_RESPONSE) && i->status != PDU_RTHROTTLED &&
	         i->status != PDU_RMSGQFUL)
		SAY(case_fault(c, "submit_sm_refused", i),
		    "the SMSC refuses a submit_sm with %s (0x%02x, %u)%s%s", pdu_status_name(i->status),
		    i->status, i->status, rule->remedy ? ": " : "", rule->remedy ? rule->remedy : "");
}

/* The next submit_sm of the connection after a refusal for load. */
static void throttled(struct the_case *c, size_t at)
{
	const struct case_item *i = &c->item[at];

	if (i->id != (PDU_SUBMIT_SM | PDU_RESPONSE) ||
	    (i->status != PDU_RTHROTTLED && i->status != PDU_RMSGQFUL))
		return;
	SAY(case_fault(c, "throttled", i),
	    "the SMSC says that it is too much: %s (0x%02x, %u). Set rate to what its "
	    "operator allows",
	    pdu_status_name(i->status), i->status, i->status);
	for (size_t k = at + 1; k < c->n && k < at + 50; k++) {
		const struct case_item *next = &c->item[k];

		if (next->id != PDU_SUBMIT_SM || next->p->connection != i->p->connection)
			continue;
		if (next->p->at_us >= 0 && i->p->at_us >= 0 && next->p->at_us - i->p->at_us < PAUSE_US)
			SAY(case_fault(c, "throttling_without_pause", next),
			    "after a refusal for load the next submit_sm goes out at once, and is refused "
			    "too: a pause of "
			    "the whole link is wanted");
		return;
	}
}

static void sequences(struct the_case *c, const struct case_item *i)
{
	if (i->is_reused)
		SAY(case_fault(c, "sequence_reused", i),
		    "sequence_number 0x%08x (%u) is used again while its request waits for a response: "
		    "responses cannot be "
		    "told apart",
		    i->sequence, i->sequence);
	if ((i->id & PDU_RESPONSE) && !i->other && i->id != PDU_GENERIC_NACK && !is_near_begin(c, i) &&
	    trace_counts_of(c->trace)->cut == 0)
		SAY(case_fault(c, "stray_response", i),
		    "%s answers a sequence_number, 0x%08x (%u), that no request here has", pdu_name(i->id),
		    i->sequence, i->sequence);
}

static bool begins_with(const struct case_item *i, const char *octets, size_t n)
{
	return i->p->len >= n && memcmp(i->p->bytes, octets, n) == 0;
}

static void malformed(struct the_case *c, const struct case_item *i)
{
	if (i->read_status == PDU_ROK)
		return;
	if (begins_with(i, "HTTP", 4) || begins_with(i, "SSH-", 4) || begins_with(i, "220 ", 4) ||
	    begins_with(i, "\x15\x03", 2) || begins_with(i, "\x16\x03", 2))
		SAY(case_fault(c, "not_smpp", i),
		    "%s comes where SMPP was expected: look at host and port of the link%s",
		    i->p->bytes[0] < 0x20 ? "TLS" : "another protocol (HTTP, SSH, SMTP)",
		    i->p->bytes[0] < 0x20 ? ", and at tls" : "");
	else
		SAY(case_fault(c, "malformed", i),
		    "%s cannot be read: %s; starhash pdu --only %zu shows where",
		    i->id ? pdu_name(i->id) : "a PDU", pdu_status_name(i->read_status), i->p->number);
}

/* --- binds --------------------------------------------------------------------------------------- */

static bool is_bind(uint32_t id)
{
	return id == PDU_BIND_TRANSCEIVER || id == PDU_BIND_RECEIVER || id == PDU_BIND_TRANSMITTER;
}

/* What goes out on a connection whose bind is in the trace, before the SMSC has said yes to it. */
static void before_bound(struct the_case *c, size_t at)
{
	const struct case_item *bind = &c->item[at];

	if (!is_bind(bind->id))
		return;
	for (size_t k = at + 1; k < c->n && k < at + BIND_PDUS; k++) {
		const struct case_item *i = &c->item[k];

		if (i->p->connection != bind->p->connection)
			continue;
		if (i == bind->other || is_bind(i->id))
			return;
		if (i->id == PDU_ENQUIRE_LINK && i->p->way != TRACE_WAY_IN)
			SAY(case_fault(c, "enquire_before_bound", i),
			    "enquire_link goes out before the bind is answered: many SMSCs close then. "
			    "Enquire only when bound");
		else if (case_is_out(i))
			SAY(case_fault(c, "submit_before_bound", i),
			    "submit_sm goes out before the bind is answered");
	}
}

/* An SMSC that lets us bind and then says good-bye. */
static void sent_away(struct the_case *c, size_t at)
{
	const struct case_item *i = &c->item[at];

	if (i->id != PDU_UNBIND || i->p->way != TRACE_WAY_IN)
		return;
	for (size_t k = at; k-- > 0 && k + BIND_PDUS > at;) {
		const struct case_item *bind = &c->item[k];

		if (bind->p->connection != i->p->connection || !is_bind(bind->id))
			continue;
		if (bind->p->at_us >= 0 && i->p->at_us - bind->p->at_us < SOON_US)
			SAY(case_fault(c, "unbound_soon", i),
			    "the SMSC unbinds %.1f s after the bind: it takes another session with this system_id, or is "
			    "going down. Ask its operator how many sessions are allowed, and set reconnect_min",
			    (double)(i->p->at_us - bind->p->at_us) / 1e6);
		return;
	}
}

/* --- turns --------------------------------------------------------------------------------------- */

/* An answer with the addresses as they came: to the SMSC it is a message to the short code. */
static void not_swapped(struct the_case *c, size_t at)
{
	const struct case_item *i = &c->item[at];

	if (!i->m || !case_is_out(i) || !*i->m->source.digits)
		return;
	for (size_t k = at; k-- > 0 && k + SWAP_PDUS > at;) {
		const struct case_item *in = &c->item[k];

		if (in->m && case_is_in(in) && case_is_ussd(in) &&
		    strcmp(in->m->source.digits, i->m->source.digits) == 0 &&
		    strcmp(in->m->dest.digits, i->m->dest.digits) == 0 &&
		    strcmp(i->m->source.digits, i->m->dest.digits) != 0) {
			SAY(case_fault(c, "not_swapped", i),
			    "an answer has source_addr and destination_addr as PDU %zu had them: they must be "
			    "exchanged, or it goes to the short code and not to the subscriber",
			    in->p->number);
			return;
		}
	}
}

static void two_answers(struct the_case *c, const struct case_item *i)
{
	const struct case_item *first = i->before;

	if (!first || !case_is_out(first) || (first->other && first->other->status != PDU_ROK))
		return;
	SAY(case_fault(c, "two_answers", i),
	    "a second submit_sm in the same turn: the subscriber has not answered the one before it. One "
	    "input wants "
	    "exactly one answer; is a second program bound, or does one resend what it had no response to?");
}

static void late(struct the_case *c, const struct case_item *i)
{
	const struct case_item *asked = i->before;

	if (!asked || !case_is_in(asked))
		return;
	if (asked->role == ROLE_ABORT)
		SAY(case_fault(c, "answer_after_end", i),
		    "a screen goes out after the network has ended the dialogue: nobody sees it");
	else if (asked->p->at_us >= 0 && i->p->at_us - asked->p->at_us > LATE_US)
		SAY(case_fault(c, "late_answer", i),
		    "the answer comes %.1f s after the input, and networks give up after some seconds; "
		    "see ussd.answer_within",
		    (double)(i->p->at_us - asked->p->at_us) / 1e6);
}

static void wrong_op(struct the_case *c, const struct case_item *i)
{
	if (!i->is_spec)
		return;
	if (i->op == 0x17 || i->op == 0x18)
		SAY(case_fault(c, "hex_decimal_mixed", i),
		    "op 0x%02x (%u) goes out: it is %u written as if it were hexadecimal. %s is 0x%02x "
		    "(%u); write ops_out with "
		    "0x, or the number in decimal",
		    i->op, i->op, i->op == 0x17 ? 17 : 18,
		    i->op == 0x17 ? "PSSR response, the last screen," : "USSR confirm",
		    i->op == 0x17 ? 0x11 : 0x12, i->op == 0x17 ? 0x11 : 0x12);
	else if (i->op <= 1 || i->op == 0x12 || i->op == 0x13 || i->op == 0x81)
		SAY(case_fault(c, "wrong_op", i),
		    "op 0x%02x (%u) goes out, which only an SMSC sends: a screen that wants an answer is "
		    "0x02 (2), the last "
		    "one 0x11 (17); see ops_out",
		    i->op, i->op);
	else if (i->role == ROLE_CONTINUE && i->sure && i->op == 0x11)
		SAY(case_fault(c, "wrong_op", i),
		    "op 0x11 (17), which ends, goes out with a screen that is answered afterwards: "
		    "ops_out.continue is 0x02 (2)");
	else if (i->role == ROLE_CONTINUE && i->op == 0x03)
		SAY(case_fault(c, "wrong_op", i),
		    "op 0x03 (3), a notice that wants no answer, goes out in a dialogue");
}

static void not_echoed(struct the_case *c, const struct case_item *i, uint16_t tag, uint64_t mask)
{
	const struct case_item *asked = case_asked(i);
	const struct pdu_tlv *theirs = asked ? case_tlv(asked, tag) : NULL, *ours = case_tlv(i, tag);

	if (!theirs)
		return;
	if (!ours)
		SAY(case_fault(c, "session_not_echoed", i),
		    "the answer has no TLV 0x%04x (%u), in which the SMSC keeps the session: it cannot "
		    "know whose screen this "
		    "is; see session.tag and echo",
		    tag, tag);
	else if (ours->length != theirs->length || (case_value(ours) & mask) != (case_value(theirs) & mask))
		SAY(case_fault(c, "session_changed", i),
		    "the answer has another session in TLV 0x%04x (%u) than the input: it must go back as "
		    "it came; see "
		    "session.mask",
		    tag, tag);
}

static void unanswered_input(struct the_case *c, const struct case_item *i)
{
	if ((i->role != ROLE_BEGIN && i->role != ROLE_CONTINUE) || is_near_end(c, i))
		return;
	if (!i->after || (i->after->role == ROLE_ABORT && case_is_in(i->after)))
		SAY(case_fault(c, "no_answer", i),
		    "no screen follows an input: the subscriber waits until the network gives up. Is the "
		    "input understood? "
		    "See what starhash pdu --only %zu says",
		    i->p->number);
}

static void turns(struct the_case *c)
{
	uint64_t mask = 0;
	uint8_t length = 0;
	uint16_t tag = case_session_tag(c, &mask, &length);
	bool any_out = c->to->ussd_out > 0;

	for (size_t k = 0; k < c->n; k++) {
		const struct case_item *i = &c->item[k];

		if (!case_is_ussd(i))
			continue;
		if (case_is_in(i)) {
			if (any_out)
				unanswered_input(c, i);
			continue;
		}
		two_answers(c, i);
		late(c, i);
		wrong_op(c, i);
		if (tag)
			not_echoed(c, i, tag, tag == PDU_TAG_ITS_SESSION_INFO ? mask & 0xfffe : mask);
	}
}

/* The same message once more: an SMSC that had no response. */
static void redelivered(struct the_case *c, size_t at)
{
	const struct case_item *i = &c->item[at];

	if (!i->m || !case_is_in(i) || i->m->body_len == 0)
		return;
	for (size_t k = at; k-- > 0 && k + REDELIVERY_PDUS > at;) {
		const struct case_item *first = &c->item[k];

		if (first->id == i->id && first->p->len == i->p->len && !first->other &&
		    memcmp(first->p->bytes + 16, i->p->bytes + 16, i->p->len - 16) == 0) {
			SAY(case_fault(c, "redelivered", i),
			    "the SMSC delivers PDU %zu a second time, because it had no response: it must "
			    "be answered, and "
			    "must change nothing again",
			    first->p->number);
			return;
		}
	}
}

void case_faults(struct the_case *c)
{
	for (size_t k = 0; k < c->n; k++) {
		const struct case_item *i = &c->item[k];

		malformed(c, i);
		if (i->id == 0)
			continue;
		unanswered(c, i);
		refused(c, i);
		throttled(c, k);
		sequences(c, i);
		before_bound(c, k);
		sent_away(c, k);
		redelivered(c, k);
		not_swapped(c, k);
	}
	turns(c);
}
