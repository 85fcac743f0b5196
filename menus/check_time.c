/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, what the longest way costs: typed answers (rule 8) and time (11).
 *
 * Ways that lead back to a screen on the way to it are left out: nobody is expected to go in circles. What remains has no
 * circle, so one look at each way, in the order in which a search leaves the screens, finds the most of each.
 * Source of the times: reading 15 characters a second, 2 s a digit, 4 s a letter (docs/menus.md, rule 11).
 */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "menus/check_private.h"

#define READ_PER_S 15
#define DIGIT_S 2
#define LETTER_S 4
#define LETTERS_USUAL 8  /* of a name, a town or a wish: most people are brief on such keys */
#define SEARCH_LETTERS 3 /* typed to find a row of a long list */
#define TYPED_MOST 3     /* typed answers on one way */
#define NOT_YET 0xffffffffu

bool check_is_typed(const struct book_screen *s)
{
	return s->kind == BOOK_ASK && (s->ask.as == BOOK_AS_TEXT || s->ask.as == BOOK_AS_NAME);
}

static unsigned characters_of(const struct book_text *t, size_t language)
{
	const char *text = t == NULL ? "" : book_say(t, language);

	return (unsigned)text_measure(text, strlen(text)).characters;
}

static unsigned ask_seconds(const struct book_screen *s)
{
	unsigned usual = (unsigned)(s->ask.min + s->ask.max) / 2;

	switch (s->ask.as) {
	case BOOK_AS_DATE: /* eight digits and two strokes */
		return 8 * DIGIT_S + 2 * LETTER_S;
	case BOOK_AS_YEAR:
	case BOOK_AS_PIN:
		return 4 * DIGIT_S;
	case BOOK_AS_DIGITS:
	case BOOK_AS_NUMBER:
	case BOOK_AS_MSISDN:
	case BOOK_AS_AMOUNT:
		return (usual < 12 ? usual : 12) * DIGIT_S;
	case BOOK_AS_TEXT:
	case BOOK_AS_NAME:
	case BOOK_AS_COUNT_:
		break;
	}
	return (usual < LETTERS_USUAL ? usual : LETTERS_USUAL) * LETTER_S;
}

static unsigned answer_seconds(const struct book_screen *s)
{
	if (s->kind == BOOK_ASK || book_asks_number(s))
		return ask_seconds(s);
	if (s->kind == BOOK_LIST && s->list.n_rows > 9)
		return SEARCH_LETTERS * LETTER_S + DIGIT_S;
	return s->kind <= BOOK_CONSENT ? DIGIT_S : 0;
}

unsigned check_seconds(const struct book *b, const struct book_screen *s)
{
	unsigned most = 0;

	for (size_t language = 0; language < b->n_languages; language++) {
		unsigned n = characters_of(s->say, language) + characters_of(s->end, language);

		for (size_t i = 0; i < s->n_choices; i++)
			n += characters_of(&s->choice[i].label, language) + 3; /* "1 " and the line's end */
		most = n > most ? n : most;
	}
	if (s->kind == BOOK_LIST)
		most += (unsigned)b->page / 2;
	return (most + READ_PER_S - 1) / READ_PER_S + answer_seconds(s);
}

/* A search in depth: `left` gets the screens in the order in which it leaves them, so that all that a screen leads to
 * stands before it, but for ways back. */
struct search {
	const struct check *c;
	uint8_t *state; /* 0 = not seen, 1 = on the way, 2 = left */
	uint16_t *stack, *left;
	uint16_t *
		way; /* next way of each screen on the stack; beyond 65535 there are none (BOOK_MAX_CHOICES) */
	size_t n_left;
	unsigned *seconds, *typed; /* most from each screen on */
	uint16_t *then;            /* the way with most typed answers */
};

static void search_from(struct search *f, uint16_t first)
{
	const struct book *b = f->c->b;
	size_t depth = 0;

	if (f->state[first] != 0)
		return;
	f->state[first] = 1;
	f->stack[depth++] = first;
	while (depth > 0) {
		uint16_t now = f->stack[depth - 1], to;

		++*f->c->work;
		if (!check_way(&b->screen[now], f->way[now]++, &to)) {
			f->state[now] = 2;
			f->left[f->n_left++] = now;
			depth--;
		} else if (to < b->n_screens && f->state[to] == 0) {
			f->state[to] = 1;
			f->stack[depth++] = to;
		}
	}
}

static unsigned more(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* Most seconds and typed answers from each screen to an end. A screen that stands later in `left` is on a way back. */
static void add_up(struct search *f)
{
	const struct book *b = f->c->b;

	for (size_t i = 0; i < b->n_screens; i++)
		f->seconds[i] = NOT_YET;
	for (size_t n = 0; n < f->n_left; n++) {
		uint16_t now = f->left[n], to, then = BOOK_NO_SCREEN;
		const struct book_screen *s = &b->screen[now];
		unsigned seconds = 0, typed = 0;

		for (size_t i = 0; check_way(s, i, &to); i++) {
			++*f->c->work;
			if (to >= b->n_screens || f->seconds[to] == NOT_YET)
				continue;
			seconds = more(seconds, f->seconds[to]);
			if (then == BOOK_NO_SCREEN || f->typed[to] > typed)
				then = to;
			typed = more(typed, f->typed[to]);
		}
		f->then[now] = then;
		f->seconds[now] = seconds + check_seconds(b, s);
		f->typed[now] = typed + check_is_typed(s);
	}
}

/* The screen on the way with most typed answers at which it is one too many. */
static bool report_typed(const struct search *f, uint16_t first)
{
	const struct book *b = f->c->b;
	unsigned n = 0;

	for (uint16_t at = first; at != BOOK_NO_SCREEN && f->typed[first] > TYPED_MOST; at = f->then[at]) {
		n += check_is_typed(&b->screen[at]);
		if (n <= TYPED_MOST)
			continue;
		check_add(f->c, FINDING_WARNING, &b->screen[at], 0, 8,
		          "turn some into \"pick\" or \"list\", so that one key answers",
		          "more than %d answers must be typed on one way, with the one to screen \"%s\"",
		          TYPED_MOST, b->screen[at].name);
		return true;
	}
	return false;
}

static bool report_seconds(const struct search *f, uint16_t first)
{
	const struct book_screen *s = &f->c->b->screen[first];

	if (f->seconds[first] <= CHECK_SESSION_S)
		return false;
	check_add(f->c, FINDING_WARNING, s, 0, 11,
	          "ask less, turn typed answers into \"pick\", or let a shortcut (dial) begin the later part",
	          "the longest way from screen \"%s\" takes about %u s, and a session lasts about %d s",
	          s->name, f->seconds[first], CHECK_SESSION_S);
	return true;
}

/* From the start; if all is well there, from the shortcuts: one message for one fault. */
static void report(const struct search *f)
{
	const struct book *b = f->c->b;
	bool typed = report_typed(f, b->start), seconds = report_seconds(f, b->start);

	for (size_t i = 0; i < b->n_screens; i++) {
		if (b->screen[i].dial == NULL || i == b->start)
			continue;
		typed = typed || report_typed(f, (uint16_t)i);
		seconds = seconds || report_seconds(f, (uint16_t)i);
	}
}

void check_time(const struct check *c)
{
	const struct book *b = c->b;
	size_t n = b->n_screens;
	struct search f = {.c = c,
	                   .state = calloc(n, sizeof(uint8_t)),
	                   .stack = calloc(n, sizeof(uint16_t)),
	                   .left = calloc(n, sizeof(uint16_t)),
	                   .way = calloc(n, sizeof(uint16_t)),
	                   .seconds = calloc(n, sizeof(unsigned)),
	                   .typed = calloc(n, sizeof(unsigned)),
	                   .then = calloc(n, sizeof(uint16_t))};

	if (f.state != NULL && f.stack != NULL && f.left != NULL && f.way != NULL && f.seconds != NULL &&
	    f.typed != NULL && f.then != NULL) {
		search_from(&f, b->start);
		for (size_t i = 0; i < n; i++) {
			if (b->screen[i].dial != NULL)
				search_from(&f, (uint16_t)i);
		}
		add_up(&f);
		report(&f);
	}
	free(f.state);
	free(f.stack);
	free(f.left);
	free(f.way);
	free(f.seconds);
	free(f.typed);
	free(f.then);
}
