/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS out: see sms_out.h.
 *
 * A message is in the list of all until its fate is told. Each of its parts is WAITING, SENT (handed to a link, which tells its
 * fate exactly once), ACCEPTED, REJECTED or UNKNOWN; only part_submitted and pump change that. Invariant: a part is handed to a
 * link only while it is WAITING, and it returns to WAITING only when it was certainly not taken. The token of a link is the
 * part's address. Parts leave in their order: none after one that waits for its retry.
 */
#include "gateway/sms_out.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* then a text cannot be recalled, no more */
#include <uthash.h>

#include "core/log.h"
#include "gateway/dialect_table.h"
#include "gateway/due.h"
#include "gateway/receipt.h"
#include "gateway/sms_text.h"
#include "gateway/status.h"
#include "storage/store.h"

#define PAUSES 24            /* different ones at a time; the status table has fewer */
#define PAUSE_FIRST_MS 1000  /* of what was certainly not sent; each further one is twice as long ... */
#define PAUSE_MOST_MS 600000 /* ... up to this */
#define NOT_SENT_TRIES 12    /* about 40 minutes */
#define TRIES_MOST 24        /* for whatever reasons by turns */
#define TON_ALPHANUMERIC 5   /* SMPP 3.4, 5.2.5 */

enum part_state { PART_WAITING, PART_SENT, PART_ACCEPTED, PART_REJECTED, PART_UNKNOWN };

struct message;

struct part {
	struct message *message;
	struct link *link; /* PART_SENT: by it */
	uint8_t state;
};

struct message {
	struct due_entry due; /* first: a due entry is its message */
	struct message *prev, *next;
	UT_hash_handle hh; /* by token */
	struct sms_text *text;
	const struct dialect *dialect; /* of the link that it was cut for */
	const char *smsc;              /* name of that link's group */
	void *came_by;
	struct pdu_address source, dest;
	char validity[SMS_VALIDITY_SIZE];
	int64_t notice;
	uint64_t token;
	uint32_t status; /* of the last refusal */
	uint16_t group, reference;
	uint8_t tries;   /* retries since a part was accepted ... */
	uint8_t alike;   /* ... and those of them in a row that were for this reason: */
	uint32_t reason; /* status of the refusal, 0 = it never left */
	bool is_busy;    /* pump is at work: it settles afterwards */
	bool is_lost;    /* a part was refused for good: no more leave */
	unsigned n;
	struct part part[];
};

struct sms_out {
	struct sms_out_options options;
	struct due_list pause[PAUSES];
	struct message *all, *by_token;
	uint16_t reference;
	struct sms_out_counters counters;
};

enum rc sms_out_new(const struct sms_out_options *options, struct sms_out **out)
{
	struct sms_out *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return RC_NOMEM;
	s->options = *options;
	for (size_t i = 0; i < PAUSES; i++)
		due_list_init(&s->pause[i], 0);
	/* another one than the run before, so that no phone joins parts of the two */
	s->reference = (uint16_t)(clock_utc_ms(options->clock) / 1000);
	*out = s;
	return RC_OK;
}

static void message_free(struct sms_out *s, struct message *m)
{
	if (m->hh.tbl != NULL)
		HASH_DEL(s->by_token, m);
	due_remove(&m->due);
	if (m->prev != NULL)
		m->prev->next = m->next;
	else
		s->all = m->next;
	if (m->next != NULL)
		m->next->prev = m->prev;
	s->counters.waiting--;
	sms_text_free(m->text);
	free(m);
}

void sms_out_free(struct sms_out *s)
{
	if (s == NULL)
		return;
	while (s->all != NULL)
		message_free(s, s->all);
	free(s);
}

/* --- fate ------------------------------------------------------------------------------------------------- */

static unsigned count(const struct message *m, enum part_state state)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->n; i++)
		n += m->part[i].state == state;
	return n;
}

static void let_go(struct sms_out *s, struct message *m, enum dialogue_sent how, uint32_t status)
{
	uint64_t token = m->token;

	message_free(s, m);
	s->options.done(s->options.ctx, token, how, status);
}

/* A notice of which nothing has left, and that is to wait, waits in the store. */
static bool waits_elsewhere(const struct message *m)
{
	return m->notice != 0 && !m->is_busy && !m->is_lost && m->due.list != NULL &&
	       count(m, PART_WAITING) == m->n;
}

/* Tell the fate when it is clear. `m` may be gone afterwards. */
static void settle(struct sms_out *s, struct message *m)
{
	enum dialogue_sent how = DIALOGUE_DELIVERED;
	uint32_t status = m->status;

	if (waits_elsewhere(m)) {
		let_go(s, m, m->reason != 0 ? DIALOGUE_RETRY : DIALOGUE_NOT_SENT, m->reason);
		return;
	}
	if (m->is_busy || count(m, PART_SENT) > 0 || (!m->is_lost && count(m, PART_WAITING) > 0))
		return;
	if (m->is_lost) {
		how = DIALOGUE_REFUSED;
		s->counters.rejected++;
	} else if (count(m, PART_UNKNOWN) > 0) {
		how = DIALOGUE_UNKNOWN;
		s->counters.unknown++;
	} else {
		status = PDU_ROK;
		s->counters.sent++;
	}
	let_go(s, m, how, status);
}

/* Pause before the next try, or give up. `rule` NULL = it never left, or the link is full. */
static void try_later(struct sms_out *s, struct message *m, const struct status_rule *rule)
{
	int64_t pause_ms = rule != NULL && rule->sms_pause_ms > 0 ? rule->sms_pause_ms : PAUSE_FIRST_MS;
	unsigned tries = rule != NULL ? rule->sms_tries : NOT_SENT_TRIES;

	if (m->due.list != NULL)
		return; /* another part of it was refused before */
	if (m->reason != (rule != NULL ? m->status : 0)) {
		m->reason = rule != NULL ? m->status : 0;
		m->alike = 0; /* each status has its own budget */
	}
	if (m->alike >= tries || m->tries >= TRIES_MOST) {
		s->counters.given_up++;
		LOG_EVENT(LOG_LV_WARN, "sms-out", "given-up", "tries", LOG_INT(m->tries), "status",
		          LOG_HEX(m->status), "remedy",
		          rule != NULL && rule->remedy != NULL ? rule->remedy : "look at the link");
		m->is_lost = true;
		return;
	}
	for (unsigned i = 0; i < m->alike && pause_ms < PAUSE_MOST_MS; i++)
		pause_ms *= 2;
	m->tries++;
	m->alike++;
	s->counters.retries++;
	due_add(due_list_for(s->pause, PAUSES, pause_ms < PAUSE_MOST_MS ? pause_ms : PAUSE_MOST_MS), &m->due,
	        clock_mono_ms(s->options.clock));
}

/* --- leaving ---------------------------------------------------------------------------------------------- */

static void fill(const struct message *m, unsigned i, struct sms_text_scratch *scratch,
                 struct pdu_submit *out)
{
	const struct dialect_sms *sms = &m->dialect->sms;

	memset(out, 0, sizeof(*out));
	out->service_type = sms->service_type;
	out->source = m->source;
	out->dest = m->dest;
	out->esm_class = sms->esm_class;
	out->protocol_id = sms->protocol_id;
	out->priority = sms->priority;
	out->validity = m->validity;
	if (m->notice != 0 && sms->receipts)
		out->registered_delivery = 1;
	else if (m->notice != 0 && sms->receipts_failures)
		out->registered_delivery = 2; /* SMPP 3.4, 5.2.17 */
	sms_text_write(m->text, i, m->reference, scratch, out);
}

static uint64_t token_of(const struct part *p)
{
	return (uint64_t)(uintptr_t)p | SMS_OUT_TOKEN;
}

static enum rc submit(struct message *m, struct link *l, unsigned i)
{
	struct sms_text_scratch scratch;
	struct pdu_submit s;
	enum rc rc;

	fill(m, i, &scratch, &s);
	m->part[i].state = PART_SENT; /* before the call: its fate may be told from within */
	m->part[i].link = l;
	rc = link_submit(l, &s, token_of(&m->part[i]));
	if (rc != RC_OK)
		m->part[i].state = PART_WAITING;
	return rc;
}

/* Hand on what waits, as far as the link takes it. The code that stopped it, or RC_OK. */
static enum rc pump(struct sms_out *s, struct message *m)
{
	enum rc rc = RC_OK;

	m->is_busy = true;
	for (unsigned i = 0; i < m->n && rc == RC_OK && !m->is_lost && m->due.list == NULL; i++) {
		struct link *l;

		if (m->part[i].state != PART_WAITING)
			continue;
		l = s->options.pick(s->options.ctx, m->came_by, m->group);
		rc = l != NULL ? submit(m, l, i) : RC_CLOSED;
		s->counters.parts += rc == RC_OK;
	}
	m->is_busy = false;
	return rc;
}

static void go_on(struct sms_out *s, struct message *m)
{
	enum rc rc = pump(s, m);

	if (rc == RC_RANGE) {
		m->is_lost = true;
		m->status = PDU_RINVMSGLEN;
	} else if (rc != RC_OK && !m->is_lost) {
		try_later(s, m, NULL);
	}
	settle(s, m);
}

static bool is_number(const char *text)
{
	return strspn(text, "0123456789") == strlen(text);
}

/* Of "123*1" or "*123#" the code, "123": no SMS can be answered to more. */
static void keep_code(char *digits)
{
	size_t from = strspn(digits, "*#"), len = strcspn(digits + from, "*#");

	if (len == 0)
		return;
	if (from > 0)
		memmove(digits, digits + from, len);
	digits[len] = '\0';
}

/* Who it is from: the sender of the dialect, "+254..." in international form, or letters; else the service as it was met. Who was
 * not met over SMPP (HTTP) has no TON and NPI to mirror. */
static struct pdu_address source_of(const struct dialect *d, const struct pdu_address *service, bool was_met)
{
	const char *sender = service->ton == SMS_OUT_SENDER ? service->digits : d->sms.sender;
	struct pdu_address a = *service;

	if (sender[0] != '\0') {
		bool plus = sender[0] == '+' && is_number(sender + 1);

		memset(&a, 0, sizeof(a));
		a.ton = plus ? 1 : is_number(sender) ? d->service.ton : TON_ALPHANUMERIC;
		a.npi = plus ? 1 : is_number(sender) ? d->service.npi : 0;
		memcpy(a.digits, sender + plus, strlen(sender + plus));
		return a;
	}
	if (!d->service.mirror || !was_met) {
		a.ton = d->service.ton;
		a.npi = d->service.npi;
	}
	keep_code(a.digits);
	return a;
}

static struct pdu_address dest_of(const struct dialect *d, const struct pdu_address *subscriber, bool was_met)
{
	struct pdu_address a = *subscriber;

	if (!d->subscriber.mirror || !was_met) {
		a.ton = d->subscriber.ton;
		a.npi = d->subscriber.npi;
	}
	return a;
}

static struct message *message_new(struct sms_out *s, const struct dialect *d, struct sms_text *text)
{
	unsigned n = sms_text_pdus(text);
	struct message *m = calloc(1, sizeof(*m) + n * sizeof(m->part[0]));

	if (m == NULL)
		return NULL;
	m->text = text;
	m->dialect = d;
	m->n = n;
	m->reference = s->reference++;
	for (unsigned i = 0; i < n; i++)
		m->part[i].message = m;
	if (d->sms.validity_ms > 0)
		sms_text_validity(d->sms.validity_ms, d->sms.validity_absolute,
		                  clock_utc_ms(s->options.clock), m->validity);
	m->next = s->all;
	if (s->all != NULL)
		s->all->prev = m;
	s->all = m;
	s->counters.waiting++;
	return m;
}

static enum rc refuse(struct sms_out *s, enum rc rc)
{
	s->counters.refused++;
	return rc;
}

enum rc sms_out_send(struct sms_out *s, void *came_by, uint16_t group, const struct pdu_address *service,
                     const struct pdu_address *subscriber, const char *text, int64_t notice, uint64_t token)
{
	struct link *l = s->options.pick(s->options.ctx, came_by, group);
	const struct dialect *d;
	struct sms_text *cut;
	struct message *m;
	enum rc rc;

	if (l == NULL)
		return RC_CLOSED;
	if (s->counters.waiting >= s->options.waiting_max)
		return refuse(s, RC_FULL);
	d = link_config_of(l)->dialect;
	rc = sms_text_new(d, text, s->options.parts_max, &cut);
	if (rc != RC_OK)
		return refuse(s, rc);
	m = message_new(s, d, cut);
	if (m == NULL) {
		sms_text_free(cut);
		return refuse(s, RC_NOMEM);
	}
	m->smsc = link_config_of(l)->group;
	m->came_by = came_by;
	m->group = group;
	m->source = source_of(d, service, came_by != NULL);
	m->dest = dest_of(d, subscriber, came_by != NULL);
	m->notice = notice;
	m->token = token;
	HASH_ADD(hh, s->by_token, token, sizeof(m->token), m);
	rc = pump(s, m);
	if (rc != RC_OK && count(m, PART_WAITING) == m->n) {
		message_free(s, m); /* nothing has left: the caller keeps it */
		return rc == RC_RANGE ? refuse(s, rc) : rc;
	}
	s->counters.texts++;
	if (rc == RC_RANGE)
		m->is_lost = true;
	else if (rc != RC_OK)
		try_later(s, m, NULL);
	settle(s, m);
	return RC_OK;
}

/* --- what became of a part -------------------------------------------------------------------------------- */

static void keep_id(struct sms_out *s, const struct message *m, const struct part *p, const char *message_id)
{
	struct store_part part = {
		.notice = m->notice, .part = (int)(p - m->part) + 1, .parts = (int)m->n, .ids = {.n = 1}};

	if (m->notice == 0 || s->options.store == NULL || message_id == NULL || message_id[0] == '\0')
		return;
	strncpy(part.ids.smsc, m->smsc, sizeof(part.ids.smsc) - 1);
	if (m->dialect->sms.receipt_id == DIALECT_ID_ANY)
		part.ids.n = receipt_id_forms(m->dialect, message_id, part.ids.id);
	else
		receipt_id_normal(m->dialect, true, message_id, part.ids.id[0]);
	store_part_accepted(s->options.store, &part);
}

void sms_out_submitted(struct sms_out *s, uint64_t link_token, enum link_outcome outcome, uint32_t status,
                       const char *message_id)
{
	struct part *p = (struct part *)(uintptr_t)(link_token & ~(uint64_t)SMS_OUT_TOKEN);
	struct message *m = p->message;

	switch (outcome) {
	case LINK_ACCEPTED:
		p->state = PART_ACCEPTED;
		m->tries = m->alike = 0;
		keep_id(s, m, p, message_id);
		break;
	case LINK_THROTTLED:
		p->state = PART_WAITING;
		m->status = status;
		try_later(s, m, status_rule_of(status));
		break;
	case LINK_NOT_SENT:
		p->state = PART_WAITING;
		if (!m->is_lost)
			try_later(s, m, NULL);
		break;
	case LINK_REJECTED:
		p->state = PART_REJECTED;
		m->status = status;
		m->is_lost = true;
		LOG_EVENT(LOG_LV_INFO, "sms-out", "rejected", "status", LOG_HEX(status), "remedy",
		          status_rule_of(status)->remedy != NULL ? status_rule_of(status)->remedy : "none");
		break;
	case LINK_UNKNOWN:
		p->state = PART_UNKNOWN;
		break;
	}
	if (m->is_lost)
		due_remove(&m->due);
	settle(s, m);
}

void sms_out_recall(struct sms_out *s, uint64_t token)
{
	struct message *m;
	bool was_lost;

	HASH_FIND(hh, s->by_token, &token, sizeof(token), m);
	if (m == NULL)
		return;
	was_lost = m->is_lost;
	m->is_busy = m->is_lost = true; /* no part leaves any more, nor is one tried later */
	for (unsigned i = 0; i < m->n; i++)
		if (m->part[i].state == PART_SENT)
			link_cancel(m->part[i].link, token_of(&m->part[i]));
	m->is_busy = false;
	m->is_lost = was_lost || count(m, PART_WAITING) > 0;
	if (m->is_lost)
		due_remove(&m->due);
	settle(s, m);
}

int64_t sms_out_tick(struct sms_out *s)
{
	int64_t now = clock_mono_ms(s->options.clock);

	for (size_t i = 0; i < PAUSES; i++) {
		struct due_entry *e;

		while ((e = due_pop(&s->pause[i], now)) != NULL)
			go_on(s, (struct message *)e);
	}
	return due_next_of(s->pause, PAUSES);
}

void sms_out_counters_read(const struct sms_out *s, struct sms_out_counters *out)
{
	*out = s->counters;
}
