/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, what is dialled and sent (rule 14): shortcuts that hide each other or say another number than the menu, keywords
 * with a meaning of their own, codes and words that the country keeps for something.
 */
#include <stdio.h>
#include <string.h>

#include "menus/answer.h"
#include "menus/book_private.h"
#include "menus/check_private.h"
#include "menus/country.h"

/* Does somebody who dials the code and then presses the number of the shortcut come to another screen? */
static void compare_with_menu(const struct check *c, const struct book_screen *s, const char *core,
                              const char *code)
{
	const struct book_screen *start = &c->b->screen[c->b->start];
	const char *tail = core + strlen(code) + 1;
	int choice;

	if (start->kind != BOOK_MENU || (choice = answer_number(tail, strlen(tail), start->n_choices)) < 0)
		return;
	if (start->choice[choice].next != s - c->b->screen)
		check_add(c, FINDING_WARNING, s, 0, 14,
		          "let the number in the shortcut be the one in the menu",
		          "%s leads to \"%s\", but %s and then %s leads to \"%s\"", s->dial, s->name,
		          c->b->code, tail, c->b->screen[start->choice[choice].next].name);
}

static void check_dial(const struct check *c, size_t i)
{
	const struct book_screen *s = &c->b->screen[i];
	char core[BOOK_DIAL_SIZE], code[BOOK_DIAL_SIZE];

	if (s->dial == NULL || !book_dial_core(s->dial, core) || !book_dial_core(c->b->code, code))
		return;
	for (size_t k = 0; k < i; k++) {
		const struct book_screen *other = &c->b->screen[k];

		if (other->dial != NULL && strcmp(other->dial, s->dial) == 0)
			check_add(c, FINDING_ERROR, s, 0, 14, "give each screen a shortcut of its own",
			          "%s already leads to screen \"%s\"", s->dial, other->name);
	}
	compare_with_menu(c, s, core, code);
}

/* Texts that always mean the same, in any service and in every dialogue (promise 7). */
static void check_keyword(const struct check *c, const char *keyword)
{
	static const char *const reserved[] = {"STOP",  "STOPALL", "UNSUBSCRIBE", "CANCEL", "END",    "QUIT",
	                                       "ARRET", "ACHA",    "SIMAMA",      "START",  "UNSTOP", "ANZA",
	                                       "HELP",  "INFO",    "AIDE",        "MSAADA"};

	for (size_t k = 0; k < sizeof(reserved) / sizeof(reserved[0]); k++) {
		if (strcmp(keyword, reserved[k]) == 0)
			check_add(c, FINDING_ERROR, NULL, 0, 14, "choose another word",
			          "the keyword %s always has its own meaning, as STOP, START and HELP have",
			          keyword);
	}
}

/* May a service use what the country keeps for `purpose`? Its file is called after it, or a screen of it is. */
static bool is_meant(const struct check *c, const struct country_entry *e)
{
	if (country_is_use(e, c->b->name))
		return true;
	return country_is_use(e, c->b->screen[c->b->start].name);
}

static void check_country(const struct check *c, const char *what, const struct country_entry *e)
{
	char remedy[160];

	if (e == NULL || is_meant(c, e))
		return;
	snprintf(remedy, sizeof(remedy), "choose another one; if this is that service, call its file %s.conf",
	         e->use[0]);
	check_add(c, FINDING_ERROR, NULL, 0, 14, remedy, "%s is kept for \"%s\" in %s%s%s", what, e->meaning,
	          c->env->country->name, e->source[0] != '\0' ? ": " : "", e->source);
}

static void check_reserved(const struct check *c)
{
	const struct country *country = c->env != NULL ? c->env->country : NULL;
	char core[BOOK_DIAL_SIZE];

	if (country == NULL)
		return;
	if (c->b->code != NULL && book_dial_core(c->b->code, core)) {
		core[strcspn(core, "*")] = '\0';
		check_country(c, c->b->code, country_by_code(country, core));
	}
	for (size_t i = 0; i < c->b->n_keywords; i++)
		check_country(c, c->b->keyword[i], country_by_word(country, c->b->keyword[i]));
}

/* With as many keywords as ways to begin, the same one twice hides a language. */
static void check_twins(const struct check *c)
{
	for (size_t i = 0; i < c->b->n_keywords; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(c->b->keyword[i], c->b->keyword[k]) == 0)
				check_add(c, FINDING_ERROR, NULL, 0, 14, "take one out",
				          "the keyword %s stands there twice", c->b->keyword[i]);
		}
	}
}

void check_codes(const struct check *c)
{
	for (size_t i = 0; i < c->b->n_screens; i++)
		check_dial(c, i);
	for (size_t i = 0; i < c->b->n_keywords; i++)
		check_keyword(c, c->b->keyword[i]);
	check_twins(c);
	check_reserved(c);
}
