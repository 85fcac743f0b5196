/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coverage: a byte for each thing that can be reached, laid out book by book, language by language, screen by screen. */
#include "tools/coverage.h"

#include <stdlib.h>
#include <string.h>

/* The places of one screen in one language: entered, refused, results, then its choices or `when` lines. */
enum { PLACE_ENTERED, PLACE_BAD, PLACE_RESULT, PLACE_BRANCH = PLACE_RESULT + 4 };
enum { RESULT_GOOD, RESULT_AGAIN, RESULT_REFUSED, RESULT_ELSE }; /* of a give, an app, or facts */

struct covered {
	const struct book *book;
	size_t per_language; /* places */
	size_t *first;       /* [n_screens]: place of a screen within a language */
	unsigned char *seen; /* [n_languages * per_language] */
};

struct coverage {
	size_t n;
	struct covered *book;
};

static size_t branches_of(const struct book_screen *s)
{
	if (s->kind == BOOK_WHEN)
		return s->n_whens;
	if (s->kind == BOOK_ASK || s->kind == BOOK_LIST || book_asks_number(s))
		return 1; /* a good answer */
	return s->n_choices;
}

/* Can this place be reached at all? */
static bool counts(const struct book_screen *s, size_t place)
{
	if (place >= PLACE_BRANCH)
		return place < PLACE_BRANCH + branches_of(s);
	switch (place) {
	case PLACE_ENTERED:
		return true;
	case PLACE_BAD:
		return s->kind <= BOOK_CONSENT;
	case PLACE_RESULT + RESULT_GOOD:
		return s->kind == BOOK_GIVE || s->kind == BOOK_BUY || s->kind == BOOK_APP || s->facts != 0 ||
		       book_asks_number(s);
	case PLACE_RESULT + RESULT_AGAIN:
		return (s->kind == BOOK_GIVE && s->give.again != BOOK_NO_SCREEN) ||
		       s->number.again != BOOK_NO_SCREEN;
	case PLACE_RESULT + RESULT_REFUSED:
		return s->number.full != BOOK_NO_SCREEN ||
		       (s->kind == BOOK_GIVE && s->give.refused != BOOK_NO_SCREEN) ||
		       (s->kind == BOOK_BUY &&
		        (s->buy.refused != BOOK_NO_SCREEN || s->buy.poor != BOOK_NO_SCREEN));
	default:
		return (s->kind == BOOK_GIVE && s->give.otherwise != BOOK_NO_SCREEN) ||
		       (s->kind == BOOK_BUY && s->buy.otherwise != BOOK_NO_SCREEN) ||
		       (s->kind == BOOK_APP && s->app.otherwise != BOOK_NO_SCREEN) ||
		       (s->facts != 0 && s->facts_otherwise != BOOK_NO_SCREEN);
	}
}

static bool cover(struct covered *c, const struct book *book)
{
	c->book = book;
	c->first = calloc(book->n_screens, sizeof *c->first);
	if (!c->first)
		return false;
	for (size_t i = 0; i < book->n_screens; i++) {
		c->first[i] = c->per_language;
		c->per_language += PLACE_BRANCH + branches_of(&book->screen[i]);
	}
	c->seen = calloc(book->n_languages, c->per_language);
	return c->seen != NULL;
}

struct coverage *coverage_new(const struct services *services)
{
	struct coverage *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->book = calloc(services_count(services) + 1, sizeof *c->book);
	for (size_t i = 0; c->book && i < services_count(services); i++) {
		c->n++;
		if (cover(&c->book[i], services_at(services, i)))
			continue;
		coverage_free(c);
		return NULL;
	}
	return c;
}

void coverage_free(struct coverage *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++) {
		free(c->book[i].first);
		free(c->book[i].seen);
	}
	free(c->book);
	free(c);
}

/* The same file may have been loaded more than once. */
static struct covered *covered_by(struct coverage *c, const struct book *book)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->book[i].book == book || (c->book[i].book->version == book->version &&
		                                strcmp(c->book[i].book->name, book->name) == 0))
			return &c->book[i];
	return NULL;
}

static size_t place_of(enum machine_reached what, size_t which)
{
	switch (what) {
	case MACHINE_AT_SCREEN:
		return PLACE_ENTERED;
	case MACHINE_AT_BAD:
		return PLACE_BAD;
	case MACHINE_AT_RESULT:
		return PLACE_RESULT + (which == MACHINE_GIVEN     ? RESULT_GOOD
		                       : which == MACHINE_AGAIN   ? RESULT_AGAIN
		                       : which == MACHINE_REFUSED ? RESULT_REFUSED
		                                                  : RESULT_ELSE);
	default:
		return PLACE_BRANCH + which;
	}
}

void coverage_reached(void *ctx, const struct book *book, enum machine_reached what,
                      const struct book_screen *screen, size_t which, size_t language)
{
	struct covered *c = covered_by(ctx, book);
	size_t number = (size_t)(screen - book->screen), place = place_of(what, which);
	unsigned char *seen;

	if (!c || number >= c->book->n_screens || language >= c->book->n_languages ||
	    place >= PLACE_BRANCH + branches_of(screen))
		return;
	seen = &c->seen[language * c->per_language + c->first[number]];
	seen[PLACE_ENTERED] = 1;
	seen[place] = 1;
}

/* --- report ------------------------------------------------------------------------------------------- */

static void print_missed(const struct covered *c, size_t language, const struct book_screen *s, size_t place,
                         FILE *to)
{
	static const char *const results[] = {"its success", "`again`", "`refused`", "`else`"};
	size_t branch = place - PLACE_BRANCH;
	int line = s->line;

	if (place >= PLACE_BRANCH && s->kind == BOOK_WHEN)
		line = s->when[branch].line;
	else if (place >= PLACE_BRANCH && branch < s->n_choices)
		line = s->choice[branch].line;
	fprintf(to, "%s:%d: not reached in %s: %s", c->book->path, line > 0 ? line : s->line,
	        c->book->language[language], s->name);
	if (place == PLACE_BAD)
		fputs(", a refused answer", to);
	else if (place >= PLACE_RESULT && place < PLACE_BRANCH)
		fprintf(to, ", %s", results[place - PLACE_RESULT]);
	else if (place >= PLACE_BRANCH && s->kind == BOOK_WHEN)
		fprintf(to, ", %s", s->when[branch].sql ? s->when[branch].sql : "else");
	else if (place >= PLACE_BRANCH && branch < s->n_choices)
		fprintf(to, ", \"%s\"", book_say(&s->choice[branch].label, language));
	else if (place >= PLACE_BRANCH)
		fputs(", a good answer", to);
	fputc('\n', to);
}

/* What was not reached of one screen; a screen that was never entered is one line, and everything of it is missed. */
static void look_at_screen(const struct covered *c, size_t language, size_t number, size_t *reached,
                           size_t *all, FILE *to)
{
	const struct book_screen *s = &c->book->screen[number];
	const unsigned char *seen = &c->seen[language * c->per_language + c->first[number]];

	for (size_t place = 0; place < PLACE_BRANCH + branches_of(s); place++) {
		if (!counts(s, place))
			continue;
		++*all;
		*reached += seen[place];
		if (!seen[place] && (seen[PLACE_ENTERED] || place == PLACE_ENTERED))
			print_missed(c, language, s, place, to);
	}
}

int coverage_print(const struct coverage *c, FILE *to)
{
	size_t reached_all = 0, all = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct covered *b = &c->book[i];
		size_t reached = 0, n = 0, screens = 0;

		for (size_t l = 0; l < b->book->n_languages; l++)
			for (size_t s = 0; s < b->book->n_screens; s++) {
				look_at_screen(b, l, s, &reached, &n, to);
				screens += b->seen[l * b->per_language + b->first[s]];
			}
		fprintf(to, "%s: %zu of %zu screens, %zu of %zu screens and branches (%zu languages)\n",
		        b->book->name, screens, b->book->n_screens * b->book->n_languages, reached, n,
		        b->book->n_languages);
		reached_all += reached;
		all += n;
	}
	return all > 0 ? (int)(reached_all * 100 / all) : 100;
}
