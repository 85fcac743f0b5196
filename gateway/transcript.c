/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transcripts: see transcript.h. What is made up is in transcript_words.c. */
#include "gateway/transcript.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "gateway/dialogue_private.h"
#include "gateway/transcript_choices.h"
#include "gateway/transcript_words.h"

enum transcript_st { TRANSCRIPT_FREE, TRANSCRIPT_WANTED, TRANSCRIPT_GOING, TRANSCRIPT_DONE };

struct transcript {
	enum transcript_st state;
	int64_t msisdn;
	int64_t asked_ms; /* monotonic */
	struct dialogue *dialogue;
	char *text;
	size_t len, act; /* `act` = where the line begins that the present screen answers */
	const char *app_mode;
	bool is_cut, is_slow;
	struct transcript_words *words;
	struct transcript_choices choices;
};

struct transcripts {
	struct transcript slot[TRANSCRIPTS_MAX];
};

/* --- life ------------------------------------------------------------------------------------------------ */

static void clear(struct transcript *t)
{
	transcript_words_free(t->words);
	free(t->text);
	explicit_bzero(t, sizeof(*t));
}

void transcripts_free(struct transcripts *t)
{
	if (t == NULL)
		return;
	for (int i = 0; i < TRANSCRIPTS_MAX; i++)
		clear(&t->slot[i]);
	free(t);
}

static void drop_old(struct dialogues *ds)
{
	int64_t now = clock_mono_ms(ds->options.clock);

	for (int i = 0; i < TRANSCRIPTS_MAX; i++) {
		struct transcript *t = &ds->transcripts->slot[i];

		if (t->state != TRANSCRIPT_FREE && now - t->asked_ms > TRANSCRIPT_MS)
			clear(t);
	}
}

static struct transcript *of_number(struct dialogues *ds, int64_t msisdn, enum transcript_st state)
{
	if (ds->transcripts == NULL)
		return NULL;
	drop_old(ds);
	for (int i = 0; i < TRANSCRIPTS_MAX; i++) {
		struct transcript *t = &ds->transcripts->slot[i];

		if (t->state == state && (state == TRANSCRIPT_FREE || t->msisdn == msisdn))
			return t;
	}
	return NULL;
}

/* The one of a dialogue that goes on; NULL = nobody asked for it. */
static struct transcript *of(struct dialogue *d)
{
	struct transcript *t = of_number(d->all, d->key.msisdn, TRANSCRIPT_GOING);

	return t != NULL && t->dialogue == d ? t : NULL;
}

bool transcript_is_of(const struct dialogue *d)
{
	const struct transcripts *all = d->all->transcripts;

	for (int i = 0; all != NULL && i < TRANSCRIPTS_MAX; i++)
		if (all->slot[i].dialogue == d)
			return true;
	return false;
}

enum rc transcript_ask(struct dialogues *ds, int64_t msisdn, char **lines)
{
	struct transcript *t;

	if (ds->transcripts == NULL)
		ds->transcripts = calloc(1, sizeof(*ds->transcripts));
	if (ds->transcripts == NULL)
		return RC_NOMEM;
	t = of_number(ds, msisdn, TRANSCRIPT_DONE);
	if (t != NULL) {
		*lines = t->text;
		t->text = NULL;
		clear(t);
		return RC_OK;
	}
	if (of_number(ds, msisdn, TRANSCRIPT_WANTED) != NULL ||
	    of_number(ds, msisdn, TRANSCRIPT_GOING) != NULL)
		return RC_BUSY;
	t = of_number(ds, msisdn, TRANSCRIPT_FREE);
	if (t == NULL)
		return RC_FULL;
	t->text = calloc(1, TRANSCRIPT_BYTES);
	if (t->text == NULL)
		return RC_NOMEM;
	t->state = TRANSCRIPT_WANTED;
	t->msisdn = msisdn;
	t->asked_ms = clock_mono_ms(ds->options.clock);
	t->app_mode = "up";
	return RC_BUSY;
}

/* The real words are not needed any more. */
static void done(struct transcript *t)
{
	transcript_words_free(t->words);
	t->words = NULL;
	explicit_bzero(&t->choices, sizeof(t->choices));
	t->dialogue = NULL;
	t->state = TRANSCRIPT_DONE;
}

/* --- lines ------------------------------------------------------------------------------------------------ */

/* Put a line in at `at`. What does not fit any more is missing, and the last line says so. */
static void put_at(struct transcript *t, size_t at, const char *line)
{
	static const char cut[] = "# cut here: the dialogue was longer\n";
	size_t n = strlen(line);

	if (t->is_cut)
		return;
	if (t->len + n + 1 + sizeof(cut) > TRANSCRIPT_BYTES) {
		t->is_cut = true;
		memcpy(t->text + t->len, cut, sizeof(cut));
		t->len += sizeof(cut) - 1;
		return;
	}
	memmove(t->text + at + n + 1, t->text + at, t->len - at + 1);
	memcpy(t->text + at, line, n);
	t->text[at + n] = '\n';
	t->len += n + 1;
}

static void put(struct transcript *t, const char *line)
{
	put_at(t, t->len, line);
}

/* Before the line that asked for the present screen. */
static void put_before(struct transcript *t, const char *line)
{
	size_t before = t->len;

	put_at(t, t->act, line);
	t->act += t->len - before;
}

static void put_given(struct transcript *t, const struct dialogue *d)
{
	const struct profile *p = record_profile(d->record);
	char line[600];

	for (size_t f = 0; f < p->n_fields; f++) {
		const char *purpose = p->field[f].consent;
		bool is_first = *purpose != '\0';

		for (size_t before = 0; before < f; before++)
			is_first = is_first && strcmp(p->field[before].consent, purpose) != 0;
		if (!is_first || !record_has_consent(d->record, purpose))
			continue;
		snprintf(line, sizeof(line), "given consent %s granted", purpose);
		put(t, line);
	}
	for (size_t f = 0; f < p->n_fields; f++) {
		const char *value = record_value(d->record, f);

		const char *made;

		if (value == NULL)
			continue;
		made = transcript_choices_value(&t->choices, p, d->book, f, value);
		snprintf(line, sizeof(line), "given profile %s = \"%s\"", p->field[f].name,
		         made != NULL ? made : transcript_words_stored(t->words, d->book, (int)f, value));
		put(t, line);
	}
}

void transcript_begun(struct dialogue *d, uint16_t resume_screen)
{
	struct transcript *t = d->key.sms ? NULL : of_number(d->all, d->key.msisdn, TRANSCRIPT_WANTED);
	const char *language = record_language(d->record);
	char line[300], number[MSISDN_TEXT_SIZE];

	if (t == NULL)
		return;
	t->words = transcript_words_new(msisdn_text(d->key.msisdn, number));
	if (t->words == NULL) {
		clear(t);
		return;
	}
	t->state = TRANSCRIPT_GOING;
	t->dialogue = d;
	put(t, "# Recorded; names, numbers and other free words are made up.");
	put_given(t, d);
	if (resume_screen != BOOK_NO_SCREEN) {
		snprintf(line, sizeof(line), "given resume %s %s", d->book->name,
		         d->book->screen[resume_screen].name);
		put(t, line);
	}
	t->act = t->len;
	snprintf(line, sizeof(line), "dial %s from " TRANSCRIPT_NUMBER "%s%s",
	         d->dialled != NULL ? transcript_words_dialled(t->words, d->book, d->dialled) : "",
	         *language != '\0' ? " in " : "", language);
	put(t, line);
}

void transcript_typed(struct dialogue *d, const char *text)
{
	struct transcript *t = of(d);
	char line[TRANSCRIPT_WORD_SIZE + 8], made[TRANSCRIPT_WORD_SIZE];

	if (t == NULL)
		return;
	t->act = t->len;
	if (transcript_choices_list_typed(&t->choices, d->book, &d->walk, text))
		return;
	snprintf(line, sizeof(line), "> %s",
	         transcript_choices_pick(d->book, &d->walk, text, made, sizeof(made))
	                 ? made
	                 : transcript_words_typed(t->words, d->book, &d->walk, text));
	put(t, line);
}

/* What was typed to a list, once it shows what it did. */
static void put_list_answer(struct transcript *t, const struct dialogue *d)
{
	const char *made = transcript_choices_list(&t->choices, d->book, &d->walk);
	char line[TRANSCRIPT_WORD_SIZE + 8];

	if (made == NULL)
		return;
	snprintf(line, sizeof(line), "> %s", made);
	put(t, line);
}

/* A text of the menu's or an app's without anything that is the subscriber's. */
static void hide(struct transcript *t, const struct dialogue *d, const struct walk *walk, const char *text,
                 char *out, size_t size)
{
	char chosen[MACHINE_TEXT_SIZE * 2];

	transcript_choices_hide(&t->choices, d->book, walk, d->record, text, chosen, sizeof(chosen));
	transcript_words_hide(t->words, chosen, out, size);
	explicit_bzero(chosen, sizeof(chosen));
}

/* A screen that shows what the charging system knows shows another thing the next time; and the rows that a search has found
 * tell what was looked for. */
static bool is_fleeting(const struct dialogue *d)
{
	if (transcript_choices_is_search(d->book, &d->walk))
		return true;
	return d->walk.screen < d->book->n_screens && d->book->screen[d->walk.screen].facts != 0;
}

void transcript_said(struct dialogue *d)
{
	struct transcript *t = of(d);
	char text[MACHINE_TEXT_SIZE * 2], line[MACHINE_TEXT_SIZE * 2 + 8];

	if (t == NULL)
		return;
	put_list_answer(t, d);
	hide(t, d, &d->walk, d->answer, text, sizeof(text));
	for (const char *at = is_fleeting(d) ? "..." : text; at != NULL;) {
		const char *end = strchr(at, '\n');

		snprintf(line, sizeof(line), "< %.*s", (int)(end != NULL ? end - at : (ptrdiff_t)strlen(at)),
		         at);
		put(t, line);
		at = end != NULL ? end + 1 : NULL;
	}
	if (t->is_slow)
		put(t, "charging up");
	t->is_slow = false;
	if (d->answer_last)
		done(t);
}

static void put_app_mode(struct transcript *t, const char *mode)
{
	char line[40];

	if (strcmp(t->app_mode, mode) == 0)
		return;
	t->app_mode = mode;
	snprintf(line, sizeof(line), "app %s", mode);
	put_before(t, line);
}

void transcript_app(struct dialogue *d, enum rc rc, const char *text, bool ends)
{
	struct transcript *t = of(d);
	char hidden[MACHINE_TEXT_SIZE * 2], line[MACHINE_TEXT_SIZE * 2 + 40];
	struct buf b;

	if (t == NULL)
		return;
	put_app_mode(t, rc == RC_OK ? "up" : rc == RC_BUSY ? "slow" : rc == RC_IO ? "down" : "garbage");
	if (rc != RC_OK || text == NULL)
		return;
	hide(t, d, NULL, text, hidden, sizeof(hidden));
	buf_init(&b, line, sizeof(line));
	buf_add(&b, ends ? "app says \"END " : "app says \"CON ");
	for (const char *at = hidden; *at != '\0'; at++) {
		if (*at == '\n')
			buf_add(&b, "\\n");
		else
			buf_add_n(&b, at, 1);
	}
	buf_add(&b, "\"");
	put_before(t, line);
}

void transcript_given_before(struct dialogue *d)
{
	struct transcript *t = of(d);
	const struct book_screen *s = &d->book->screen[d->walk.screen];
	char line[120];
	const char *second;

	if (t == NULL || s->kind != BOOK_GIVE)
		return;
	snprintf(line, sizeof(line), "given grant %s %s", s->give.bundle, s->give.once);
	second = strchr(t->text, '\n'); /* behind the first line */
	if (second != NULL)
		put_at(t, (size_t)(second + 1 - t->text), line);
}

void transcript_slow(struct dialogue *d)
{
	struct transcript *t = of(d);

	if (t == NULL)
		return;
	put_before(t, "charging slow");
	t->is_slow = true;
}

void transcript_closed(struct dialogue *d, enum store_outcome outcome)
{
	struct transcript *t = of(d);
	char line[60];

	if (t == NULL)
		return;
	put_list_answer(t, d);
	if (outcome == STORE_END_CANCELLED)
		put(t, "drop");
	if (outcome == STORE_END_TIMEOUT) {
		snprintf(line, sizeof(line), "wait %" PRId64 "ms", d->all->options.config->idle_ms + 1);
		put(t, line);
	}
	done(t);
}
