/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: runs every rule over a book, and looks across the books of one configuration (check.h). */
#include "menus/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "menus/book_private.h"
#include "menus/check_private.h"

void check_add(const struct check *c, enum finding_level level, const struct book_screen *s, int line,
               int rule, const char *remedy, const char *format, ...)
{
	const char *file = s == NULL ? c->b->path : book_full(c->b)->screen_file[s - c->b->screen];
	char what[400];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	findings_add(c->findings, level, file, s != NULL && line == 0 ? s->line : line, rule, remedy, "%s",
	             what);
}

const char *check_language(const struct check *c, size_t language)
{
	return c->b->language[language];
}

/* Ways by what the screen does; a screen that shows facts has one more. */
static bool own_way(const struct book_screen *s, size_t i, uint16_t *to)
{
	switch (s->kind) {
	case BOOK_MENU:
	case BOOK_CONSENT:
		*to = i < s->n_choices ? s->choice[i].next : BOOK_NO_SCREEN;
		return i < s->n_choices;
	case BOOK_ASK:
	case BOOK_PICK:
	case BOOK_LIST:
		*to = s->next;
		return i == 0;
	case BOOK_INVITE:
	case BOOK_LEAVE:
	case BOOK_REFER:
		*to = i == 0 ? s->next : i == 1 ? s->number.again : s->number.full;
		return i < 3;
	case BOOK_WHEN:
		*to = i < s->n_whens ? s->when[i].next : BOOK_NO_SCREEN;
		return i < s->n_whens;
	case BOOK_GIVE:
		*to = i == 0 ? s->give.otherwise : i == 1 ? s->give.again : s->give.refused;
		return i < 3;
	case BOOK_BUY:
		*to = i == 0 ? s->buy.otherwise : i == 1 ? s->buy.poor : s->buy.refused;
		return i < 3;
	case BOOK_APP:
		*to = i == 0 ? s->app.otherwise : s->next;
		return i < 2;
	case BOOK_END:
		break;
	}
	return false;
}

static size_t own_ways(const struct book_screen *s)
{
	switch (s->kind) {
	case BOOK_MENU:
	case BOOK_CONSENT:
		return s->n_choices;
	case BOOK_WHEN:
		return s->n_whens;
	case BOOK_GIVE:
	case BOOK_BUY:
	case BOOK_INVITE:
	case BOOK_LEAVE:
	case BOOK_REFER:
		return 3;
	case BOOK_APP:
		return 2;
	case BOOK_END:
		return 0;
	case BOOK_ASK:
	case BOOK_PICK:
	case BOOK_LIST:
		break;
	}
	return 1;
}

bool check_way(const struct book_screen *s, size_t i, uint16_t *to)
{
	if (own_way(s, i, to))
		return true;
	if (s->facts == 0 || i > own_ways(s))
		return false;
	*to = s->facts_otherwise;
	return true;
}

int check_saves(const struct book_screen *s)
{
	switch (s->kind) {
	case BOOK_ASK:
		return s->ask.field;
	case BOOK_PICK:
		return s->pick.field;
	case BOOK_LIST:
		return s->list.field;
	case BOOK_MENU:
	case BOOK_INVITE:
	case BOOK_LEAVE:
	case BOOK_REFER:
	case BOOK_CONSENT:
	case BOOK_WHEN:
	case BOOK_GIVE:
	case BOOK_BUY:
	case BOOK_APP:
	case BOOK_END:
		break;
	}
	return -1;
}

void check_screen_texts(const struct check *c, const struct book_screen *s, check_screen_text_fn *f,
                        void *ctx)
{
	if (s->say != NULL)
		f(c, s, s->say, "say", s->line, ctx);
	for (size_t i = 0; i < s->n_choices; i++)
		f(c, s, &s->choice[i].label, "choice", s->choice[i].line, ctx);
	if (s->sorry != NULL)
		f(c, s, s->sorry, "sorry", s->line, ctx);
	if (s->sms != NULL)
		f(c, s, s->sms, "sms", s->line, ctx);
	if (s->end != NULL)
		f(c, s, s->end, "end", s->line, ctx);
	check_number_texts(c, s, f, ctx);
}

size_t check_book(const struct book *b, const struct book_env *env, struct findings *findings)
{
	size_t work = 0;
	struct check c = {.b = b, .env = env, .findings = findings, .work = &work};
	bool is_good;

	c.is_reached = calloc(b->n_screens, sizeof(*c.is_reached));
	if (c.is_reached == NULL) {
		findings_add(findings, FINDING_ERROR, b->path, 0, 0, NULL, "no memory to check this file");
		return 0;
	}
	check_lengths(&c);
	check_texts(&c);
	check_screens(&c);
	check_numbers(&c);
	check_codes(&c);
	check_stops(&c);
	is_good = check_graph(&c);
	check_consents(&c);
	check_gifts(&c);
	if (is_good) {
		check_paths(&c);
		check_buys(&c);
		check_time(&c);
	}
	free(c.is_reached);
	return work;
}

static void compare_codes(const struct book *a, const struct book *b, struct findings *findings)
{
	char one[BOOK_DIAL_SIZE], other[BOOK_DIAL_SIZE];

	if (a->code == NULL || b->code == NULL || !book_dial_core(a->code, one) ||
	    !book_dial_core(b->code, other))
		return;
	if (strcmp(one, other) == 0)
		findings_add(findings, FINDING_ERROR, b->path, 0, 14, "give each service a code of its own",
		             "%s already belongs to %s", b->code, a->path);
	else if (book_answers(a, b->code) || book_answers(b, a->code))
		findings_add(findings, FINDING_ERROR, b->path, 0, 14,
		             "choose a code that does not begin with the other one",
		             "the codes %s (%s) and %s hide each other", a->code, a->path, b->code);
}

static void compare_keywords(const struct book *a, const struct book *b, struct findings *findings)
{
	for (size_t i = 0; i < b->n_keywords; i++) {
		if (book_keyword(a, b->keyword[i]) >= 0)
			findings_add(findings, FINDING_ERROR, b->path, 0, 14,
			             "give each service keywords of its own",
			             "keyword \"%s\" already belongs to %s", b->keyword[i], a->path);
	}
}

void check_books(struct book *const *books, size_t n, struct findings *findings)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++) {
			compare_codes(books[k], books[i], findings);
			compare_keywords(books[k], books[i], findings);
			if (strcmp(books[k]->name, books[i]->name) == 0)
				findings_add(findings, FINDING_ERROR, books[i]->path, 0, 0,
				             "rename one of the files", "two services are called \"%s\"",
				             books[i]->name);
		}
	}
}
