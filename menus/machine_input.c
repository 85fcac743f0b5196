/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine, input: keys first, then what the screen's kind makes of the answer (machine_private.h).
 *
 * Turning a page counts as a good answer, so bad answers on a screen (walk.tries > 0) mean that it was last shown
 * with its sorry line: the page breaks of what the person sees can be found again from the walk alone.
 */
#include <string.h>

#include "menus/answer.h"
#include "menus/book_private.h"
#include "menus/letters.h"
#include "menus/machine_private.h"

void machine_refuse(struct step *s, struct face *seen)
{
	struct page_shown shown = machine_shown(seen, s->w->page);
	unsigned limit = MACHINE_TRIES;
	struct face face;

	if (seen->screen != NULL)
		machine_reach(s, MACHINE_AT_BAD, seen->screen, 0);
	if (seen->screen != NULL && seen->screen->kind == BOOK_ASK)
		limit = seen->screen->ask.tries > 0 ? seen->screen->ask.tries : MACHINE_ASK_TRIES;
	if (s->w->tries + 1U >= limit) {
		s->w->tries = 0;
		machine_conclude_word(s, BOOK_WORD_TRIES);
		s->out->bad_input = true;
		return;
	}
	s->w->tries++;
	machine_face(s, true, &face);
	s->w->page = (uint8_t)page_of(machine_words(&face), shown.say_from, shown.first_choice);
	machine_show(s, true);
}

/* Show the page of this screen on which a place stands that was seen on `page` of another layout. */
static void turn_to(struct step *s, struct face *seen, size_t page)
{
	struct page_shown shown = machine_shown(seen, page);
	struct face face;

	s->w->tries = 0;
	machine_face(s, false, &face);
	s->w->page = (uint8_t)page_of(machine_words(&face), shown.say_from, shown.first_choice);
	machine_show(s, false);
}

static bool is_shown_screen(const struct book *b, uint16_t screen)
{
	return screen < b->n_screens && b->screen[screen].kind <= BOOK_CONSENT;
}

static void go_back(struct step *s, struct face *seen)
{
	if (s->w->page > 0) {
		turn_to(s, seen, s->w->page - 1U);
		return;
	}
	if (s->w->needle[0] != '\0') { /* from what was found to the whole list */
		machine_search(s, "");
		s->w->tries = 0;
		machine_show(s, false);
		return;
	}
	s->w->depth--;
	if (is_shown_screen(s->b, s->w->back[s->w->depth]))
		machine_return(s, s->w->back[s->w->depth]);
	else
		machine_apology(s);
}

/* Was it one of the keys that stand on the screen? Home also works one screen away from home, where it would say the
 * same as Back; not on an ask, where it may be an answer. */
static bool take_key(struct step *s, struct face *seen, const char *typed)
{
	struct page_shown shown = machine_shown(seen, s->w->page);
	bool is_ask =
		seen->screen != NULL && (seen->screen->kind == BOOK_ASK || book_asks_number(seen->screen));

	if (!shown.is_last && strcmp(typed, s->b->key_more) == 0) {
		turn_to(s, seen, s->w->page + 1U);
	} else if (shown.has_back && strcmp(typed, s->b->key_back) == 0) {
		go_back(s, seen);
	} else if ((shown.has_home || (s->w->depth == 1 && !is_ask && seen->screen != NULL)) &&
	           strcmp(typed, s->b->key_home) == 0) {
		s->w->depth = 0;
		machine_enter(s, s->b->start, BOOK_NO_SCREEN);
	} else {
		return false;
	}
	return true;
}

bool machine_save(struct step *s, const struct book_screen *at, int field, const char *value)
{
	const char *purpose = field < 0 ? "" : book_full(s->b)->profile.field[field].consent;
	struct intent intent = {.kind = INTENT_SAVE, .field = field, .text = value, .screen = at};

	if (*purpose != '\0' && s->port->consent != NULL &&
	    s->port->consent(s->port->ctx, purpose) != RECORD_CONSENT_GRANTED) {
		machine_conclude_word(s, BOOK_WORD_UNAGREED);
		return false;
	}
	return machine_intend(s, &intent);
}

static void answer_ask(struct step *s, struct face *seen, const char *typed)
{
	const struct book_screen *at = seen->screen;
	char value[PROFILE_VALUE_MAX + 1];

	if (!answer_fits(s->b, at, typed, value))
		machine_refuse(s, seen);
	else if (machine_save(s, at, at->ask.field, value)) {
		machine_reach(s, MACHINE_AT_CHOICE, at, 0);
		machine_enter(s, at->next, s->w->screen);
	}
}

/* Each choice of "a,b" was made. */
static void reach_chosen(const struct step *s, const struct book_screen *at, const char *values)
{
	for (size_t i = 0; i < at->n_choices; i++) {
		size_t len = strlen(at->choice[i].value);

		if (strncmp(values, at->choice[i].value, len) != 0 ||
		    (values[len] != ',' && values[len] != '\0'))
			continue;
		machine_reach(s, MACHINE_AT_CHOICE, at, i);
		values += len + (values[len] == ',');
	}
}

static void save_several(struct step *s, struct face *seen, const char *typed)
{
	const struct book_screen *at = seen->screen;
	char value[PROFILE_VALUE_MAX + 1];

	if (!answer_several(at, typed, s->w->language, value)) {
		machine_refuse(s, seen);
		return;
	}
	reach_chosen(s, at, value);
	if (machine_save(s, at, at->pick.field, value))
		machine_enter(s, at->next, s->w->screen);
}

static bool choose_language(struct step *s, const struct book_screen *at, const char *code)
{
	struct intent intent = {.kind = INTENT_LANGUAGE, .field = -1, .text = code, .screen = at};
	int language = book_language_by_code(s->b, code);

	if (!machine_intend(s, &intent))
		return false;
	if (language >= 0)
		s->w->language = (uint8_t)language;
	return true;
}

static void answer_pick(struct step *s, struct face *seen, int choice)
{
	const struct book_screen *at = seen->screen;
	const char *value = at->choice[choice].value;

	if (at->pick.field == BOOK_SAVE_LANGUAGE ? choose_language(s, at, value)
	                                         : machine_save(s, at, at->pick.field, value))
		machine_enter(s, at->next, s->w->screen);
}

static void answer_consent(struct step *s, struct face *seen, int choice)
{
	const struct book_screen *at = seen->screen;
	struct intent intent = {.kind = INTENT_CONSENT,
	                        .field = -1,
	                        .granted = choice == 0,
	                        .text = machine_words(seen)->say,
	                        .purpose = at->consent.purpose,
	                        .version = at->consent.version,
	                        .screen = at};

	/* STOP came while the question stood there: the yes is none, and no word of it is kept. */
	if (choice == 0 && machine_is_silenced(s, at))
		machine_enter(s, at->choice[1].next, s->w->screen);
	else if (machine_intend(s, &intent))
		machine_enter(s, at->choice[choice].next, s->w->screen);
}

static void answer_offer(struct step *s, struct face *seen, const char *typed)
{
	int choice = answer_number(typed, strlen(typed), 2);
	uint16_t resume = s->w->resume_screen;

	for (int i = 0; choice < 0 && i < 2; i++) {
		enum book_word word = i == 0 ? BOOK_WORD_CONTINUE : BOOK_WORD_RESTART;

		if (letters_same(book_say(&s->b->word[word], s->w->language), typed))
			choice = i;
	}
	if (choice < 0) {
		machine_refuse(s, seen);
		return;
	}
	walk_init(s->w, s->w->language);
	machine_enter(s, choice == 0 ? resume : s->b->start, BOOK_NO_SCREEN);
}

void machine_answer(struct step *s, const char *text)
{
	char typed[MACHINE_TYPED_MAX];
	struct face seen;
	int choice;

	letters_tidy(text, typed, sizeof(typed));
	machine_face(s, s->w->tries > 0, &seen);
	if (take_key(s, &seen, typed))
		return;
	if (seen.screen == NULL) {
		answer_offer(s, &seen, typed);
		return;
	}
	if (seen.screen->kind == BOOK_ASK) {
		answer_ask(s, &seen, typed);
		return;
	}
	if (seen.screen->kind == BOOK_LIST) {
		machine_answer_list(s, &seen, typed);
		return;
	}
	if (book_asks_number(seen.screen)) {
		machine_answer_number(s, &seen, typed);
		return;
	}
	if (seen.screen->kind == BOOK_PICK && seen.screen->pick.several) {
		save_several(s, &seen, typed);
		return;
	}
	choice = answer_choice(seen.screen, typed, s->w->language);
	if (choice < 0) {
		machine_refuse(s, &seen);
		return;
	}
	machine_reach(s, MACHINE_AT_CHOICE, seen.screen, (size_t)choice);
	if (seen.screen->kind == BOOK_PICK)
		answer_pick(s, &seen, choice);
	else if (seen.screen->kind == BOOK_CONSENT)
		answer_consent(s, &seen, choice);
	else
		machine_enter(s, seen.screen->choice[choice].next, s->w->screen);
}
