/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, purchases: nobody pays without having been asked, with the price in sight (rule 10), and no text tells the price of
 * nothing (rule 3).
 *
 * Asked means: by a menu with two choices, one of which buys and the other does not. A `when` may stand between.
 */
#include <stdlib.h>
#include <string.h>

#include "menus/check_private.h"
#include "menus/template.h"

struct buys {
	const struct check *c;
	bool *leads;      /* a buy, or a `when` that leads to one and to nothing shown before */
	bool *is_after;   /* entered from a buy */
	bool *is_besides; /* entered in another way as well */
};

/* The choice that buys; the number of choices when none does, or more than one. */
static size_t buying_choice(const struct buys *p, const struct book_screen *s)
{
	size_t found = s->n_choices, n = 0;

	for (size_t i = 0; i < s->n_choices; i++) {
		if (s->choice[i].next < p->c->b->n_screens && p->leads[s->choice[i].next]) {
			found = i;
			n++;
		}
	}
	return n == 1 ? found : s->n_choices;
}

static bool asks(const struct buys *p, const struct book_screen *s)
{
	return s->kind == BOOK_MENU && s->n_choices == 2 && buying_choice(p, s) < 2;
}

static void mark_leads(struct buys *p)
{
	const struct book *b = p->c->b;
	bool changed = true;
	uint16_t to;

	for (size_t i = 0; i < b->n_screens; i++)
		p->leads[i] = b->screen[i].kind == BOOK_BUY;
	while (changed) {
		changed = false;
		for (size_t i = 0; i < b->n_screens; i++) {
			for (size_t way = 0; b->screen[i].kind == BOOK_WHEN && !p->leads[i] &&
			                     check_way(&b->screen[i], way, &to);
			     way++) {
				if (to < b->n_screens && p->leads[to])
					p->leads[i] = changed = true;
			}
		}
	}
}

static void mark_after(struct buys *p)
{
	const struct book *b = p->c->b;
	uint16_t to;

	for (size_t i = 0; i < b->n_screens; i++) {
		if (i == b->start || b->screen[i].dial != NULL)
			p->is_besides[i] = true;
		for (size_t way = 0; check_way(&b->screen[i], way, &to); way++) {
			if (to < b->n_screens)
				(b->screen[i].kind == BOOK_BUY ? p->is_after : p->is_besides)[to] = true;
		}
	}
}

static void not_asked(const struct buys *p, const struct book_screen *s, const char *from)
{
	check_add(p->c, FINDING_ERROR, s, 0, 10,
	          "put a menu with two choices before it: say = \"{gives} for {price}?\", yes and no",
	          "%s \"%s\" buys at once, without asking", from, s->name);
}

/* Every way to a purchase goes through a menu that asks. */
static void check_ways(const struct buys *p)
{
	const struct book *b = p->c->b;
	uint16_t to;

	for (size_t i = 0; i < b->n_screens; i++) {
		const struct book_screen *s = &b->screen[i];
		bool straight = false;

		if (p->leads[i] && (i == b->start || s->dial != NULL))
			not_asked(p, s, "whoever dials comes to screen, and");
		for (size_t way = 0; !p->leads[i] && check_way(s, way, &to); way++)
			straight = straight || (to < b->n_screens && p->leads[to]);
		if (straight && !asks(p, s))
			not_asked(p, s, "screen");
	}
}

static bool shows(const struct check *c, const char *text, int variable)
{
	struct template_piece piece;
	bool found = false;

	while (template_next(&text, &piece))
		found = found ||
		        (piece.is_variable && template_variable(c->b, piece.at, piece.len) == variable);
	return found;
}

static void check_question(const struct buys *p, const struct book_screen *s)
{
	for (size_t i = 0; asks(p, s) && s->say != NULL && i < p->c->b->n_languages; i++) {
		if (shows(p->c, book_say(s->say, i), TEMPLATE_PRICE))
			continue;
		check_add(p->c, FINDING_WARNING, s, 0, 10, "show it: say = \"{gives} for {price}?\"",
		          "screen \"%s\" asks whether to buy, but does not show the price in \"%s\"", s->name,
		          check_language(p->c, i));
	}
}

/* Is it certain here what {price} speaks of? */
static bool has_deal(const struct buys *p, const struct book_screen *s)
{
	size_t i = (size_t)(s - p->c->b->screen);
	struct walk w = {.screen = (uint16_t)i, .deal = BOOK_NO_SCREEN};

	return machine_deal(p->c->b, &w) != NULL || (p->is_after[i] && !p->is_besides[i]);
}

static void check_deal(const struct check *c, const struct book_screen *s, const struct book_text *t,
                       const char *what, int line, void *ctx)
{
	const struct buys *p = ctx;
	const char *at = t->in[0];
	struct template_piece piece;

	while (template_next(&at, &piece)) {
		int v = piece.is_variable ? template_variable(c->b, piece.at, piece.len) : TEMPLATE_UNKNOWN;

		if ((v != TEMPLATE_PRICE && v != TEMPLATE_GIVES) || piece.fallback != NULL || has_deal(p, s))
			continue;
		check_add(
			c, FINDING_ERROR, s, line, 3,
			"write it out; {price} and {gives} stand on a menu that leads straight to one \"buy\", "
			"on that screen, and on its else, poor and refused",
			"\"%s\" of screen \"%s\" shows {%.*s}, but nothing certain is bought there", what,
			s->name, (int)piece.len, piece.at);
	}
}

static void check_balance(const struct check *c, const struct book_screen *s)
{
	if (s->kind == BOOK_BUY && s->facts != 0)
		check_add(c, FINDING_ERROR, s, 0, 3, "show it on the menu that asks, before the purchase",
		          "screen \"%s\" shows what the account was before the purchase", s->name);
}

void check_buys(const struct check *c)
{
	size_t n = c->b->n_screens;
	struct buys p = {.c = c};

	p.leads = calloc(n, sizeof(*p.leads));
	p.is_after = calloc(n, sizeof(*p.is_after));
	p.is_besides = calloc(n, sizeof(*p.is_besides));
	if (p.leads != NULL && p.is_after != NULL && p.is_besides != NULL) {
		mark_leads(&p);
		mark_after(&p);
		check_ways(&p);
		for (size_t i = 0; i < n; i++) {
			check_question(&p, &c->b->screen[i]);
			check_balance(c, &c->b->screen[i]);
			check_screen_texts(c, &c->b->screen[i], check_deal, &p);
		}
	}
	free(p.leads);
	free(p.is_after);
	free(p.is_besides);
}
