/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, consents: who asks, what for and how to stop, what they may not show (rule 13), and
 * rounds of questions that are passed when their answers are known (3).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"
#include "menus/book_private.h"
#include "menus/check_private.h"
#include "menus/template.h"

#define CONSENT_WORDS 4 /* who asks, what for, how to stop: not in fewer */

bool check_says_stop(const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		size_t digits = *at == '*' ? strspn(at + 1, "0123456789*") : 0;

		if ((digits > 0 && at[1 + digits] == '#') || strncmp(at, "STOP", 4) == 0)
			return true;
	}
	return false;
}

static size_t words_of(const char *text)
{
	size_t n = 0;

	for (text += strspn(text, " \n"); *text != '\0'; n++) {
		text += strcspn(text, " \n");
		text += strspn(text, " \n");
	}
	return n;
}

static bool is_purpose(const struct check *c, const char *purpose, const char **names, size_t *n)
{
	const struct profile *profile = &book_full(c->b)->profile;
	bool found = profile->n_purposes > 0; /* then the loader has looked it up */

	*n = 0;
	for (size_t i = 0; i < c->b->n_screens && *n < PROFILE_MAX_FIELDS; i++) {
		if (c->b->screen[i].kind == BOOK_CONSENT)
			names[(*n)++] = c->b->screen[i].consent.purpose;
		else if (c->b->screen[i].kind == BOOK_INVITE)
			names[(*n)++] = c->b->screen[i].number.type;
	}
	for (size_t i = 0; i < profile->n_fields; i++) {
		if (profile->field[i].consent[0] != '\0')
			names[(*n)++] = profile->field[i].consent;
	}
	for (size_t i = 0; i < *n; i++)
		found = found || strcmp(names[i], purpose) == 0;
	return found;
}

/* A purpose that no field has may be meant ("offers"); one that is nearly a field's is a slip. */
static void check_purpose(const struct check *c, const struct book_screen *s)
{
	const struct profile *profile = &book_full(c->b)->profile;
	const char *names[PROFILE_MAX_FIELDS], *near;
	size_t n = 0;
	char remedy[100];

	if (profile->n_purposes > 0)
		return;
	for (size_t i = 0; i < profile->n_fields; i++) {
		if (profile->field[i].consent[0] != '\0')
			names[n++] = profile->field[i].consent;
		if (s->kind == BOOK_CONSENT && strcmp(profile->field[i].consent, s->consent.purpose) == 0)
			return;
	}
	near = s->kind == BOOK_CONSENT ? nearest_word(s->consent.purpose, names, n) : NULL;
	if (near == NULL)
		return;
	snprintf(remedy, sizeof(remedy), "did you mean \"%s\"?", near);
	check_add(c, FINDING_WARNING, s, 0, 3, remedy,
	          "no field of the profile is kept under the consent \"%s\"", s->consent.purpose);
}

static void check_words(const struct check *c, const struct book_screen *s)
{
	for (size_t i = 0; i < c->b->n_languages; i++) {
		if (!check_says_stop(book_say(s->say, i)))
			check_add(c, FINDING_ERROR, s, 0, 13,
			          "add to \"say\" what to dial to stop, such as \"Stop: *123*3#\", or the "
			          "word STOP",
			          "the consent \"%s\" does not say in \"%s\" how to take it back", s->name,
			          check_language(c, i));
		else if (words_of(book_say(s->say, i)) < CONSENT_WORDS)
			check_add(c, FINDING_ERROR, s, 0, 13,
			          "say who asks, what for, and how to stop: \"Acme keeps your answers to "
			          "serve you "
			          "better. Stop: *123*3#. Agree?\"",
			          "the consent \"%s\" does not say in \"%s\" who asks and what for", s->name,
			          check_language(c, i));
	}
}

/* The words of a consent are proof and are kept for ever: what tells who somebody is would outlive its deletion. */
static void check_shown(const struct check *c, const struct book_screen *s, const struct check_place *place,
                        const struct template_piece *piece)
{
	if (check_tells_who(c, piece))
		check_add(c, FINDING_ERROR, s, place->line, 13,
		          "take it out: these words are kept for ever, also when everything else is deleted",
		          "\"%s\" of the consent \"%s\" shows {%.*s} in \"%s\", which tells who somebody is",
		          place->what, s->name, (int)piece->len, piece->at, place->language);
}

/* A no to marketing leads on like a yes: nothing may hang on it. */
static void check_no(const struct check *c, const struct book_screen *s)
{
	if (s->n_choices == 2 && !s->consent.is_marketing && s->choice[0].next == s->choice[1].next &&
	    c->b->screen[s->choice[0].next].kind != BOOK_WHEN &&
	    c->b->screen[s->choice[0].next].kind != BOOK_END)
		check_add(c, FINDING_WARNING, s, 0, 13,
		          "let \"no\" lead where nothing hangs on it, and say so",
		          "the consent \"%s\" leads to \"%s\" whatever the answer is: a no should be seen to "
		          "count",
		          s->name, c->b->screen[s->choice[0].next].name);
}

static void check_withdraw(const struct check *c, const struct book_screen *s)
{
	const char *names[2 * PROFILE_MAX_FIELDS], *near;
	size_t n;
	char remedy[100] = "name the purpose of a consent screen";

	if (s->withdraw == NULL || is_purpose(c, s->withdraw, names, &n))
		return;
	near = nearest_word(s->withdraw, names, n);
	if (near != NULL)
		snprintf(remedy, sizeof(remedy), "did you mean \"%s\"?", near);
	check_add(c, FINDING_ERROR, s, 0, 13, remedy, "nobody agrees to \"%s\", so it cannot be taken back",
	          s->withdraw);
}

/* --- rounds of what need not be asked --- */

/* Ways on which a screen is passed unseen: its answer is known, or it is no to marketing after STOP. */
static bool way_unseen(const struct book_screen *s, size_t i, uint16_t *to)
{
	if (s->kind == BOOK_CONSENT) {
		size_t way = s->consent.always ? 1 : i; /* asked always: only the no of who has said STOP */

		if (i >= (s->consent.always ? 1U : 2U) || (way == 1 && !s->consent.is_marketing))
			return false;
		*to = s->choice[way].next;
		return true;
	}
	*to = s->next;
	return s->once && i == 0;
}

/* What is left after taking away, again and again, all that lead to none that is left, goes round for whoever has answered. */
static void check_rounds(const struct check *c, bool *is_left)
{
	bool changed = true;
	uint16_t to;

	for (size_t i = 0; i < c->b->n_screens; i++)
		is_left[i] = way_unseen(&c->b->screen[i], 0, &to);
	while (changed) {
		changed = false;
		for (size_t i = c->b->n_screens; i-- > 0;) {
			bool goes_on = false;

			for (size_t k = 0; is_left[i] && way_unseen(&c->b->screen[i], k, &to); k++)
				goes_on = goes_on || (to < c->b->n_screens && is_left[to]);
			if (is_left[i] && !goes_on) {
				is_left[i] = false;
				changed = true;
			}
		}
	}
	for (size_t i = 0; i < c->b->n_screens; i++) {
		if (is_left[i])
			check_add(
				c, FINDING_ERROR, &c->b->screen[i], 0, 3,
				"let one of them lead to a screen that is always shown",
				"who has answered screen \"%s\" before goes round in a circle without seeing anything",
				c->b->screen[i].name);
	}
}

void check_consents(const struct check *c)
{
	size_t n = c->b->n_screens;
	bool *mark = calloc(n, sizeof(*mark));

	for (size_t i = 0; i < n; i++) {
		const struct book_screen *s = &c->b->screen[i];

		check_withdraw(c, s);
		if (s->kind != BOOK_CONSENT)
			continue;
		check_words(c, s);
		check_screen_pieces(c, s, check_shown);
		check_no(c, s);
		check_purpose(c, s);
	}
	if (mark != NULL)
		check_rounds(c, mark);
	free(mark);
}
