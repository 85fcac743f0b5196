/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: does the code that a consent names for stopping lead to a screen that takes this consent back (rule 13)?
 *
 * A code is looked up as a subscriber would dial it: the service's own code, a shortcut, or a shortcut and choices behind it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "menus/book_private.h"
#include "menus/check_private.h"

#define CHOICES_MOST 3 /* to the screen that takes back, from where the code leads */

/* Where the digits "1*2" lead from a screen; BOOK_NO_SCREEN = nowhere. */
static uint16_t walk_choices(const struct check *c, uint16_t screen, const char *tail)
{
	while (*tail != '\0' && screen < c->b->n_screens) {
		char *end;
		unsigned long number = strtoul(tail, &end, 10);
		const struct book_screen *s = &c->b->screen[screen];

		if (end == tail || s->kind != BOOK_MENU || number < 1 || number > s->n_choices)
			return BOOK_NO_SCREEN;
		screen = s->choice[number - 1].next;
		tail = end + (*end == '*');
	}
	return screen;
}

static void try_code(const struct check *c, const char *code, const char *known, uint16_t screen,
                     size_t *longest, uint16_t *found)
{
	char core[BOOK_DIAL_SIZE];
	size_t len;

	if (known == NULL || !book_dial_core(known, core))
		return;
	len = strlen(core);
	if (len > *longest && strncmp(code, core, len) == 0 && (code[len] == '\0' || code[len] == '*')) {
		*longest = len;
		*found = walk_choices(c, screen, code + len + (code[len] == '*'));
	}
}

/* The screen that a subscriber sees who dials this code; BOOK_NO_SCREEN = none of this file. */
static uint16_t screen_of(const struct check *c, const char *code)
{
	char core[BOOK_DIAL_SIZE];
	uint16_t found = BOOK_NO_SCREEN;
	size_t longest = 0;

	if (!book_dial_core(code, core))
		return BOOK_NO_SCREEN;
	try_code(c, core, c->b->code, c->b->start, &longest, &found);
	for (size_t i = 0; i < c->b->n_screens; i++)
		try_code(c, core, c->b->screen[i].dial, (uint16_t)i, &longest, &found);
	return found;
}

static bool leads_to_stop(const struct check *c, uint16_t screen, const char *purpose, int choices)
{
	const struct book_screen *s;
	uint16_t to;

	if (screen >= c->b->n_screens || choices < 0)
		return false;
	s = &c->b->screen[screen];
	if (s->erase || (s->withdraw != NULL && strcmp(s->withdraw, purpose) == 0))
		return true;
	for (size_t i = 0; check_way(s, i, &to); i++) {
		++*c->work;
		if (leads_to_stop(c, to, purpose, choices - 1))
			return true;
	}
	return false;
}

static void check_text(const struct check *c, const struct book_screen *s, size_t language)
{
	for (const char *at = strchr(book_say(s->say, language), '*'); at != NULL; at = strchr(at, '*')) {
		size_t len = 1 + strspn(at + 1, "0123456789*");
		char code[BOOK_DIAL_SIZE];
		uint16_t screen;

		if (at[len] != '#' || len + 2 > sizeof(code)) {
			at += len;
			continue;
		}
		snprintf(code, sizeof(code), "%.*s#", (int)len, at);
		screen = screen_of(c, code);
		at += len;
		if (leads_to_stop(c, screen, s->consent.purpose, CHOICES_MOST))
			continue;
		check_add(
			c, FINDING_WARNING, s, 0, 13,
			"name the shortcut (dial) of the screen with \"withdraw\", or of the menu before it",
			"the consent \"%s\" says in \"%s\" that %s stops it, but %s", s->name,
			check_language(c, language), code,
			screen < c->b->n_screens ? "no screen behind that code takes it back"
						 : "no screen of this file has that code");
	}
}

void check_stops(const struct check *c)
{
	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *s = &c->b->screen[i];

		for (size_t l = 0; s->kind == BOOK_CONSENT && l < c->b->n_languages; l++)
			check_text(c, s, l);
	}
}
