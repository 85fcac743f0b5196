/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS in: see sms_in.h.
 *
 * A text is in one of three states: INCOMPLETE (parts are missing), WHOLE (handed on, not known whether it was taken) and
 * KNOWN (taken; only hashes of its parts are left). Invariant: it is in the table by its key in all of them, on the due list
 * `waiting` in the first two and on `known` in the third; `octets` is the sum of text_cost over the table. Both lists are
 * ordered by age, so the head is what is given up first. What is on `waiting` is in the list of its sender too, who has a share of
 * the room only: one who floods gives up texts of its own.
 */
#include "gateway/sms_in.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "core/log.h"
#include "gateway/due.h"
#include "gateway/sms_join.h"
#include "gateway/sms_piece.h"
#include "gateway/status.h"

#define SHARE 20       /* a sender may have one in so many of sms.texts, and of sms.octets ... */
#define SHARE_TEXTS 50 /* ... and so much at least */
#define SHARE_OCTETS 65536

struct pdu_name {
	const void *link;
	uint32_t connection, sequence;
};

enum text_state { TEXT_ST_INCOMPLETE, TEXT_ST_WHOLE, TEXT_ST_KNOWN };

struct text;

/* Exists while a text of its is on `waiting`. */
struct sender {
	UT_hash_handle hh;
	int64_t msisdn;
	struct text *oldest, *newest;
	size_t texts, octets;
};

struct text {
	struct due_entry due;       /* first: a due entry is its text */
	struct sender *sender;      /* NULL = KNOWN */
	struct text *older, *newer; /* of the sender */
	UT_hash_handle hh;
	UT_hash_handle hh_name;
	struct sms_piece_key key;
	enum text_state state;
	struct pdu_name name; /* of the PDU that waits for an answer; link NULL = none */
	uint8_t last;         /* number of the part that completed it */
	uint8_t n;
	struct sms_part *part; /* n, by rising number */
};

struct sms_in {
	struct sms_in_options options;
	struct text *texts, *named;
	struct sender *senders;
	struct due_list waiting, known;
	struct text *fresh; /* whole in the last call, for sms_in_await */
	struct sms_in_counters counters;
	struct sms_join *join;
	bool drains;
};

enum rc sms_in_new(const struct sms_in_options *options, struct sms_in **out)
{
	struct sms_in *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->join = sms_join_new();
	if (s == NULL || s->join == NULL) {
		free(s);
		return RC_NOMEM;
	}
	s->options = *options;
	due_list_init(&s->waiting, options->expire_ms);
	due_list_init(&s->known, options->expire_ms);
	*out = s;
	return RC_OK;
}

/* --- texts ---------------------------------------------------------------------------------------------- */

static size_t text_cost(const struct text *t)
{
	size_t cost = sizeof(*t) + t->n * sizeof(t->part[0]);

	for (size_t i = 0; i < t->n; i++)
		cost += t->part[i].octets != NULL ? t->part[i].len : 0;
	return cost;
}

static void account(struct sms_in *s, struct text *t, int64_t octets)
{
	s->counters.octets += (uint64_t)octets;
	if (t->sender != NULL)
		t->sender->octets += (size_t)octets;
}

static bool sender_join(struct sms_in *s, struct text *t)
{
	struct sender *o;

	HASH_FIND(hh, s->senders, &t->key.msisdn, sizeof(t->key.msisdn), o);
	if (o == NULL) {
		o = calloc(1, sizeof(*o));
		if (o == NULL)
			return false;
		o->msisdn = t->key.msisdn;
		HASH_ADD(hh, s->senders, msisdn, sizeof(o->msisdn), o);
	}
	t->sender = o;
	t->older = o->newest;
	*(o->newest != NULL ? &o->newest->newer : &o->oldest) = t;
	o->newest = t;
	o->texts++;
	return true;
}

static void sender_leave(struct sms_in *s, struct text *t)
{
	struct sender *o = t->sender;

	if (o == NULL)
		return;
	*(t->older != NULL ? &t->older->newer : &o->oldest) = t->newer;
	*(t->newer != NULL ? &t->newer->older : &o->newest) = t->older;
	t->sender = NULL;
	t->older = t->newer = NULL;
	o->octets -= text_cost(t);
	if (--o->texts > 0)
		return;
	HASH_DELETE(hh, s->senders, o);
	free(o);
}

static void unname(struct sms_in *s, struct text *t)
{
	if (t->name.link != NULL)
		HASH_DELETE(hh_name, s->named, t);
	memset(&t->name, 0, sizeof(t->name));
}

static void text_drop(struct sms_in *s, struct text *t)
{
	s->counters.octets -= text_cost(t);
	sender_leave(s, t);
	unname(s, t);
	due_remove(&t->due);
	HASH_DELETE(hh, s->texts, t);
	for (size_t i = 0; i < t->n; i++)
		free(t->part[i].octets);
	free(t->part);
	if (s->fresh == t)
		s->fresh = NULL;
	free(t);
}

void sms_in_free(struct sms_in *s)
{
	struct text *t, *next;

	if (s == NULL)
		return;
	if (s->waiting.count > 0)
		LOG_EVENT(LOG_LV_WARN, "sms-in", "lost", "texts", LOG_INT(s->waiting.count), "why",
		          "the daemon ends while parts of them are missing");
	HASH_ITER(hh, s->texts, t, next)
	text_drop(s, t);
	sms_join_free(s->join);
	free(s);
}

/* Of a text that was given up parts had been acknowledged: it is lost, and said so. */
static void give_up(struct sms_in *s, struct text *t, uint64_t *counter, const char *why)
{
	*counter += 1;
	LOG_EVENT(LOG_LV_INFO, "sms-in", "given-up", "parts", LOG_INT(t->n), "of", LOG_INT(t->key.total),
	          "why", why);
	text_drop(s, t);
}

/* Room for `octets` more, at the cost of the oldest but `not_this`. False: there is none even so. */
static bool make_room(struct sms_in *s, size_t octets, const struct text *not_this)
{
	while (s->counters.octets + octets > s->options.octets_max && s->known.head != NULL)
		text_drop(s, (struct text *)s->known.head);
	while (s->counters.octets + octets > s->options.octets_max) {
		struct due_entry *oldest = s->waiting.head;

		if (oldest != NULL && oldest == &not_this->due)
			oldest = oldest->next;
		if (oldest == NULL)
			return false;
		give_up(s, (struct text *)oldest, &s->counters.evicted, "sms.octets is reached");
	}
	return true;
}

/* Of the sender of `t`, until `octets` more are within its share: the oldest but `t`. */
static void keep_share(struct sms_in *s, struct text *t, size_t octets)
{
	size_t texts = s->options.texts_max / SHARE, most = s->options.octets_max / SHARE;
	const struct sender *o = t->sender;

	texts = texts > SHARE_TEXTS ? texts : SHARE_TEXTS;
	most = most > SHARE_OCTETS ? most : SHARE_OCTETS;
	while (o->texts > 1 && (o->texts > texts || o->octets + octets > most))
		give_up(s, o->oldest != t ? o->oldest : t->newer, &s->counters.evicted,
		        "its sender has too many under way");
}

static struct text *text_new(struct sms_in *s, const struct sms_piece_key *key)
{
	struct text *t;

	if (!make_room(s, sizeof(*t), NULL))
		return NULL;
	if (s->waiting.count >= s->options.texts_max)
		give_up(s, (struct text *)s->waiting.head, &s->counters.evicted, "sms.texts is reached");
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->key = *key;
	if (!sender_join(s, t)) {
		free(t);
		return NULL;
	}
	HASH_ADD(hh, s->texts, key, sizeof(t->key), t);
	due_add(&s->waiting, &t->due, clock_mono_ms(s->options.clock));
	account(s, t, (int64_t)text_cost(t));
	return t;
}

static struct text *text_by_key(const struct sms_in *s, const struct sms_piece_key *key)
{
	struct text *t;

	HASH_FIND(hh, s->texts, key, sizeof(*key), t);
	return t;
}

static struct sms_part *part_by_number(const struct text *t, uint8_t number)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->part[i].number == number)
			return &t->part[i];
	return NULL;
}

/* Copies the octets. False: no memory, or no room. */
static bool part_add(struct sms_in *s, struct text *t, const struct sms_part *p)
{
	struct sms_part *grown;
	uint8_t *octets;
	size_t at = t->n;

	keep_share(s, t, sizeof(*p) + p->len);
	if (!make_room(s, sizeof(*p) + p->len, t))
		return false;
	octets = malloc(p->len > 0 ? p->len : 1);
	grown = octets != NULL ? realloc(t->part, (t->n + 1u) * sizeof(*grown)) : NULL;
	if (grown == NULL) {
		free(octets);
		return false;
	}
	t->part = grown;
	for (; at > 0 && grown[at - 1].number > p->number; at--)
		grown[at] = grown[at - 1];
	grown[at] = *p;
	grown[at].octets = octets;
	if (p->len > 0)
		memcpy(octets, p->octets, p->len);
	t->n++;
	account(s, t, (int64_t)(sizeof(*p) + p->len));
	return true;
}

/* --- the way of a message -------------------------------------------------------------------------------- */

static void forget_octets(struct sms_in *s, struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->part[i].octets != NULL)
			s->counters.octets -= t->part[i].len;
		free(t->part[i].octets);
		t->part[i].octets = NULL;
	}
}

static const char *decode(struct sms_in *s, const struct sms_part *part, size_t n)
{
	bool cut;
	const char *text = sms_join_text(s->join, part, n, &cut);

	s->counters.cut += cut;
	return text;
}

static enum sms_in_verdict whole(struct sms_in *s, struct text *t, const char **text)
{
	t->state = TEXT_ST_WHOLE;
	due_add(&s->waiting, &t->due, clock_mono_ms(s->options.clock));
	s->fresh = t;
	*text = decode(s, t->part, t->n);
	return SMS_IN_WHOLE;
}

/* The part is there under this number: a copy of it, or the last one of a text that was not taken, or another text under
 * the same reference. */
static bool is_same(const struct sms_part *had, const struct sms_part *got)
{
	return had->hash == got->hash && had->len == got->len;
}

static enum sms_in_verdict receive_part(struct sms_in *s, const struct sms_piece *p, const char **text,
                                        uint32_t *status, const char **why)
{
	struct text *t = text_by_key(s, &p->key);
	struct sms_part *had = t != NULL ? part_by_number(t, p->part.number) : NULL;

	if (had != NULL && is_same(had, &p->part)) {
		if (t->state == TEXT_ST_WHOLE && t->last == p->part.number) {
			s->counters.again++;
			return whole(s, t, text);
		}
		s->counters.copies++;
		return SMS_IN_COPY;
	}
	if (had != NULL && t->state != TEXT_ST_INCOMPLETE) {
		text_drop(s, t); /* it was handed on: nothing is lost */
		t = NULL;
	} else if (had != NULL) {
		give_up(s, t, &s->counters.replaced, "another text came under its reference");
		t = NULL;
	}
	if (t == NULL && !s->drains)
		t = text_new(s, &p->key);
	if (t == NULL || !part_add(s, t, &p->part)) {
		if (t != NULL && t->n == 0)
			text_drop(s, t);
		s->counters.refused++;
		*status = status_for(STATUS_CASE_OVERLOAD);
		*why = s->drains ? "the daemon is being stopped"
		                 : "no room for the parts of one more text: raise sms.octets";
		return SMS_IN_REFUSED;
	}
	s->counters.parts++;
	if (t->n < t->key.total)
		return SMS_IN_KEPT;
	s->counters.whole++;
	t->last = p->part.number;
	return whole(s, t, text);
}

enum sms_in_verdict sms_in_receive(struct sms_in *s, const struct dialect *d, uint16_t group,
                                   const struct dialect_event *event, const struct pdu_message *m,
                                   const char **text, uint32_t *status, const char **why)
{
	struct sms_piece p;

	s->fresh = NULL;
	*why = sms_piece_read(d, s->options.parts_max, group, event, m, &p, status);
	if (*why != NULL) {
		s->counters.refused++;
		return SMS_IN_REFUSED;
	}
	*status = PDU_ROK;
	if (p.is_part)
		return receive_part(s, &p, text, status, why);
	s->counters.single++;
	*text = decode(s, &p.part, 1);
	return SMS_IN_WHOLE;
}

void sms_in_await(struct sms_in *s, const void *link, uint32_t connection, uint32_t sequence)
{
	struct text *t = s->fresh;

	if (t == NULL)
		return;
	sms_in_settled(s, link, connection, sequence,
	               false); /* a name that was not answered for makes room */
	unname(s, t);
	t->name.link = link;
	t->name.connection = connection;
	t->name.sequence = sequence;
	HASH_ADD(hh_name, s->named, name, sizeof(t->name), t);
}

void sms_in_settled(struct sms_in *s, const void *link, uint32_t connection, uint32_t sequence, bool taken)
{
	struct pdu_name name;
	struct text *t;

	memset(&name, 0, sizeof(name));
	name.link = link;
	name.connection = connection;
	name.sequence = sequence;
	HASH_FIND(hh_name, s->named, &name, sizeof(name), t);
	if (t == NULL)
		return;
	unname(s, t);
	if (!taken)
		return;
	sender_leave(s, t);
	forget_octets(s, t);
	t->state = TEXT_ST_KNOWN;
	if (s->known.count >= s->options.texts_max)
		text_drop(s, (struct text *)s->known.head);
	due_add(&s->known, &t->due, clock_mono_ms(s->options.clock));
}

void sms_in_drain(struct sms_in *s)
{
	s->drains = true;
}

int64_t sms_in_tick(struct sms_in *s)
{
	int64_t now = clock_mono_ms(s->options.clock), next;
	struct due_entry *e;

	while ((e = due_pop(&s->waiting, now)) != NULL)
		give_up(s, (struct text *)e, &s->counters.expired,
		        ((struct text *)e)->state == TEXT_ST_WHOLE ? "it was not delivered again"
		                                                   : "a part did not come in time");
	while ((e = due_pop(&s->known, now)) != NULL)
		text_drop(s, (struct text *)e);
	next = due_next_ms(&s->waiting);
	return due_next_ms(&s->known) < next ? due_next_ms(&s->known) : next;
}

void sms_in_counters_read(const struct sms_in *s, struct sms_in_counters *out)
{
	*out = s->counters;
	out->waiting = (uint32_t)s->waiting.count;
	out->known = (uint32_t)s->known.count;
}
