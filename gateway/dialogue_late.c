/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does not come in time: the deadline of a turn, and the result that comes after it.
 *
 * The subscriber is told "later" and the dialogue is over; what was promised is carried out all the same. Its result comes by
 * SMS, or, with ussd.late = "push" and an SMSC that takes pushes, as a dialogue that we open at the place where the other one
 * stood. Invariant: a result is shown once. A push that was certainly not shown is followed by the SMS; one that may have been
 * is not.
 */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/dialogue_private.h"
#include "gateway/transcript.h"

enum late_kind { LATE_RESULT, LATE_TEXT, LATE_APP };

struct dialogue_late {
	struct dialogue_key key;
	struct dialogue_wire wire;
	struct book *book;
	struct walk walk;
	struct dialogue_visit *visit;
	char *text;     /* LATE_TEXT: the screen; LATE_APP: what the app said */
	char *fallback; /* by SMS; NULL = another SMS says it */
	enum late_kind kind;
	enum machine_result result;
	bool ends;
};

/* --- the deadline ------------------------------------------------------------------------------------ */

void late_words(struct dialogue *d, uint16_t at, enum book_word word, char *out)
{
	struct machine_port port = actions_port(d);
	const struct book_screen *s = at < d->book->n_screens ? &d->book->screen[at] : NULL;
	const struct book_text *t = word < BOOK_WORDS_ ? &d->book->word[word] : NULL;

	if (s != NULL && s->kind == BOOK_END && s->facts == 0)
		t = s->end;
	out[0] = '\0';
	if (t != NULL)
		machine_render(d->book, t, d->walk.language, &port, out, MACHINE_TEXT_SIZE);
}

/* The screen that a give in flight will lead to, for an SMS in place of it. */
static void late_text(struct dialogue *d, char *text, size_t size)
{
	struct machine_port port = actions_port(d);
	const struct book_screen *s = &d->book->screen[d->walk.screen];

	text[0] = '\0';
	if (d->walk.phase == WALK_WAITING && s->end != NULL)
		machine_render(d->book, s->end, d->walk.language, &port, text, size);
}

/* The subscriber cannot wait any longer: one answer now, and the result later. What the menu says of a gift that comes later
 * may say that all is saved: only where it is (promise 1). */
static void storing_too_slow(struct dialogue *d)
{
	struct machine_in in = {.event = MACHINE_RESULT, .result = MACHINE_LATER};
	struct machine_port port = actions_port(d);
	struct machine_out out;
	bool is_stored = charge_is_awaited(d) || store_keeps_back(d->all->options.store);
	char text[MACHINE_TEXT_SIZE];

	transcript_slow(d);
	if (d->waiting != NULL)
		d->waiting->late = late_keep(d);
	if (d->walk.phase != WALK_WAITING) {
		actions_late(d, d->answer);
		turn_account(d, STORE_END_COMPLETED);
		turn_say(d, turn_word(d, BOOK_WORD_LATER), true);
		return;
	}
	late_text(d, text, sizeof(text));
	actions_late(d, text);
	machine_step(d->book, &d->walk, &in, &port, &out);
	d->ask_kind = DIALOGUE_ASK_NONE; /* there is no time left for what that screen wants to know */
	counts_stepped(d, &out);
	turn_account(d, STORE_END_COMPLETED);
	turn_say(d, out.verdict == MACHINE_WAIT || !is_stored ? turn_word(d, BOOK_WORD_LATER) : out.text,
	         true);
}

void turn_later(struct dialogue *d)
{
	if (d->state == DIALOGUE_ST_STORING)
		storing_too_slow(d);
}

void turn_gone(struct dialogue *d, enum store_outcome outcome)
{
	char text[MACHINE_TEXT_SIZE];

	if (d->state == DIALOGUE_ST_STORING) {
		late_text(d, text, sizeof(text));
		actions_late(d, d->walk.phase == WALK_WAITING ? text : d->answer);
	}
	dialogue_close(d, outcome);
}

void turn_deadline(struct dialogue *d)
{
	if (charge_is_awaited(d)) { /* an SMS too: its input is stored */
		turn_later(d);
		return;
	}
	LOG_EVENT(LOG_LV_WARN, "dialogue", "answer-deadline", "waiting-for",
	          d->state == DIALOGUE_ST_LOADING ? "record" : "commit", "remedy",
	          "see store.queue and store.commit_us_max in status");
	if (d->state == DIALOGUE_ST_STORING && !d->key.sms && !d->opens) {
		storing_too_slow(d);
	} else if (d->state == DIALOGUE_ST_STORING) {
		/* An SMS waits for its commit as long as it takes, the SMSC keeps it; and for a push nobody waits. */
		due_add(due_list_for(d->all->deadline, DIALOGUE_DELAYS, d->within_ms), &d->timer,
		        clock_mono_ms(d->all->options.clock));
	} else {
		turn_fail(d);
	}
}

/* --- the result -------------------------------------------------------------------------------------- */

static bool is_by_push(const struct dialogue *d)
{
	return d->all->options.config->late_push && !d->key.sms && !d->simulated && !d->opens &&
	       !d->all->draining && push_can(d->all, d->last.link, (uint16_t)d->key.group);
}

uint32_t late_app_ms(const struct dialogue *d)
{
	return is_by_push(d) ? DIALOGUE_LATE_APP_MS : 0;
}

void late_free(struct dialogue_late *late)
{
	if (late == NULL)
		return;
	book_unref(late->book);
	free(late->visit);
	free(late->text);
	free(late->fallback);
	free(late);
}

struct dialogue_late *late_keep(struct dialogue *d)
{
	struct dialogue_late *late = is_by_push(d) ? calloc(1, sizeof(*late)) : NULL;

	if (late == NULL)
		return NULL;
	late->key = d->key;
	late->wire = d->wire;
	late->walk = d->walk;
	if (d->ask_kind == DIALOGUE_ASK_APP) {
		late->kind = LATE_APP;
		late->visit = d->visit; /* the app is not told that it is over: it is not */
		d->visit = NULL;
	} else if (d->walk.phase == WALK_WAITING) {
		late->kind = LATE_RESULT;
	} else {
		late->kind = LATE_TEXT;
		late->ends = d->answer_last;
		late->text = d->answer != NULL ? strdup(d->answer) : NULL;
	}
	late->book = book_ref(d->book);
	if (late->kind != LATE_TEXT || late->text != NULL)
		return late;
	late_free(late);
	return NULL;
}

bool late_stored(struct dialogues *ds, struct dialogue_late *late, const struct store_result *result,
                 const char *text)
{
	late->result = result->grant_existed ? MACHINE_AGAIN : MACHINE_GIVEN;
	if (result->relation != STORE_RELATION_NONE)
		late->result = relation_result(result);
	if (result->notice == 0 && text != NULL && text[0] != '\0')
		late->fallback = strdup(text);
	if (push_late(ds, late, &late->wire))
		return true;
	late_free(late);
	return false;
}

/* Its last screen is with the SMSC: nobody has gone on to anything yet. */
static bool is_leaving(const struct dialogue *d)
{
	return (d->state == DIALOGUE_ST_SENDING || d->state == DIALOGUE_ST_RETRYING) && d->answer_last &&
	       !d->opens;
}

void late_over(struct dialogue *d)
{
	struct dialogue_late *late = d->late_next;

	if (late == NULL || d->state != DIALOGUE_ST_CLOSED)
		return;
	d->late_next = NULL;
	if (!push_late(d->all, late, &late->wire))
		late_free(late);
}

void late_app_said(struct dialogues *ds, struct dialogue_late *late, const char *text, bool ends)
{
	struct dialogue *d = dialogue_by_key(ds, &late->key);

	late->text = strdup(text);
	late->fallback = strdup(text);
	late->ends = ends;
	if (late->text != NULL && d != NULL && d->late_next == NULL && is_leaving(d)) {
		d->late_next = late;
		return;
	}
	if (late->text == NULL || !push_late(ds, late, &late->wire)) /* they have gone on to something else */
		late_free(late);
}

void late_found(struct dialogue *d)
{
	struct dialogue_late *late = d->late;
	struct machine_in in = {.event = MACHINE_RESULT, .result = late->result};

	d->walk = late->walk;
	d->visit = late->visit;
	late->visit = NULL;
	if (late->kind == LATE_TEXT) {
		turn_say(d, late->text, late->ends);
		return;
	}
	if (late->kind == LATE_APP)
		in = (struct machine_in){.event = MACHINE_APP,
		                         .result = MACHINE_GIVEN,
		                         .text = late->text,
		                         .ends = late->ends};
	turn_step(d, &in);
}

void late_by_sms(struct dialogue *d)
{
	struct dialogue_late *late = d->late;
	bool wanted = late != NULL && late->fallback != NULL && !d->stop_said &&
	              !(d->record != NULL && record_is_stopped(d->record));
	struct notices_route route;
	const char *text;

	d->late = NULL;
	d->all->counters.late_by_sms += wanted;
	if (!row_by_sms(d, wanted) && wanted) {
		text = d->answer != NULL && d->answer[0] != '\0' ? d->answer : late->fallback;
		dialogue_route(d, &route);
		if (notices_order(d->all->notices, &route, text) != RC_OK)
			LOG_EVENT(LOG_LV_WARN, "dialogue", "sms-not-queued", "remedy",
			          "see notices.refused in status");
	}
	late_free(late);
}

const struct dialogue_key *late_key(const struct dialogue_late *late)
{
	return &late->key;
}

const char *late_fallback(const struct dialogue_late *late)
{
	return late->fallback;
}

struct book *late_book(const struct dialogue_late *late)
{
	return late->book;
}
