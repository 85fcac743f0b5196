/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, what leads where: screens that nobody reaches, circles of `when`, screens without a way out (rule 3), menus too
 * deep (5), a deletion without a question before it (10), a consent that cannot be taken back (13).
 */
#include <stdlib.h>
#include <string.h>

#include "menus/check_private.h"

#define DEPTH_MOST 4   /* menus before something happens */
#define WAY_OUT_MOST 2 /* answers until a consent can be taken back */

static void reach(const struct check *c, bool *is_reached, uint16_t *queue)
{
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < c->b->n_screens; i++) {
		if (i == c->b->start || c->b->screen[i].dial != NULL) {
			is_reached[i] = true;
			queue[tail++] = (uint16_t)i;
		}
	}
	while (head < tail) {
		const struct book_screen *s = &c->b->screen[queue[head++]];
		uint16_t to;

		for (size_t i = 0; check_way(s, i, &to); i++) {
			++*c->work;
			if (to < c->b->n_screens && !is_reached[to]) {
				is_reached[to] = true;
				queue[tail++] = to;
			}
		}
	}
}

/* Mark every screen from which a screen that is already marked can be reached, going back through screens of the kinds
 * in `through` (bits). */
static void mark_before(const struct check *c, bool *mark, unsigned through)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = c->b->n_screens; i-- > 0;) {
			const struct book_screen *s = &c->b->screen[i];
			uint16_t to;

			for (size_t k = 0; !mark[i] && (through & 1U << s->kind) && check_way(s, k, &to);
			     k++) {
				if (to < c->b->n_screens && mark[to])
					mark[i] = changed = true;
			}
		}
	}
}

/* `when` screens that lead only to `when` screens in the end: what is left after taking away, again and again, all with
 * no way to another `when` that is left. */
static bool check_circles(const struct check *c, bool *is_left)
{
	bool changed = true, good = true;

	for (size_t i = 0; i < c->b->n_screens; i++)
		is_left[i] = c->b->screen[i].kind == BOOK_WHEN;
	while (changed) {
		changed = false;
		for (size_t i = c->b->n_screens; i-- > 0;) {
			uint16_t to;
			bool goes_on = false;

			for (size_t k = 0; is_left[i] && check_way(&c->b->screen[i], k, &to); k++)
				goes_on = goes_on || (to < c->b->n_screens && is_left[to]);
			if (is_left[i] && !goes_on) {
				is_left[i] = false;
				changed = true;
			}
		}
	}
	for (size_t i = 0; i < c->b->n_screens; i++) {
		if (!is_left[i])
			continue;
		check_add(c, FINDING_ERROR, &c->b->screen[i], 0, 3,
		          "let one of them lead to a screen that shows something",
		          "screen \"%s\" can go round in a circle without showing anything",
		          c->b->screen[i].name);
		good = false;
	}
	return good;
}

static void check_ends(const struct check *c, bool *can_end)
{
	for (size_t i = 0; i < c->b->n_screens; i++)
		can_end[i] = c->b->screen[i].kind == BOOK_END || c->b->screen[i].kind == BOOK_GIVE ||
		             c->b->screen[i].kind == BOOK_BUY || c->b->screen[i].kind == BOOK_APP;
	mark_before(c, can_end, ~0U);
	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *s = &c->b->screen[i];

		if (!c->is_reached[i])
			check_add(c, FINDING_ERROR, s, 0, 3,
			          "let a choice, a \"next\" or a shortcut lead to it, or take it out",
			          "nobody can reach screen \"%s\"", s->name);
		else if (!can_end[i])
			check_add(c, FINDING_ERROR, s, 0, 3,
			          "lead from here, sooner or later, to a screen that has \"end\"",
			          "from screen \"%s\" nobody ever comes to an end", s->name);
	}
}

/* How many menus stand before a screen on the shortest way. */
static void check_depth(const struct check *c, uint16_t *queue, uint16_t *depth)
{
	size_t head = 0, tail = 0;

	memset(depth, 0xff, c->b->n_screens * sizeof(*depth));
	depth[c->b->start] = 0;
	queue[tail++] = c->b->start;
	while (head < tail) {
		uint16_t at = queue[head++], to;
		const struct book_screen *s = &c->b->screen[at];

		if (s->kind == BOOK_MENU && depth[at] == DEPTH_MOST)
			check_add(c, FINDING_WARNING, s, 0, 5,
			          "put more choices on fewer menus, or give it a shortcut (dial)",
			          "menu \"%s\" stands behind %d other menus; many people get lost", s->name,
			          DEPTH_MOST);
		for (size_t i = 0; (s->kind == BOOK_MENU || s->kind == BOOK_WHEN) && check_way(s, i, &to);
		     i++) {
			if (to < c->b->n_screens && depth[to] == 0xffff) {
				depth[to] = (uint16_t)(depth[at] + (s->kind == BOOK_MENU));
				queue[tail++] = to;
			}
		}
	}
}

/* A consent that was given before is passed unseen, and asks nobody. */
static bool is_question(const struct book_screen *s)
{
	return (s->kind == BOOK_MENU && s->n_choices == 2) || (s->kind == BOOK_CONSENT && s->consent.always);
}

static void check_erase(const struct check *c, size_t erase, bool *leads)
{
	static const char remedy[] = "lead there from a menu with two choices: yes, delete - no, keep";
	const struct book_screen *s = &c->b->screen[erase];

	memset(leads, 0, c->b->n_screens);
	leads[erase] = true;
	mark_before(c, leads, 1U << BOOK_WHEN);
	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *from = &c->b->screen[i];
		uint16_t to;

		if (leads[i] && (i == c->b->start || from->dial != NULL)) {
			check_add(c, FINDING_ERROR, s, 0, 10, remedy,
			          "dialling alone deletes everything on screen \"%s\"", s->name);
			return;
		}
		for (size_t k = 0; !leads[i] && !is_question(from) && check_way(from, k, &to); k++) {
			if (to < c->b->n_screens && leads[to]) {
				check_add(c, FINDING_ERROR, s, 0, 10, remedy,
				          "screen \"%s\" deletes everything straight after \"%s\", without "
				          "asking",
				          s->name, from->name);
				return;
			}
		}
	}
}

static bool takes_back(const struct book_screen *s, const char *purpose)
{
	return s->erase || (s->withdraw != NULL && strcmp(s->withdraw, purpose) == 0);
}

/* Let the screens queue[from..*tail) lead on: those that ask something when `asks`, else the others. */
static void spread(const struct check *c, uint16_t *queue, size_t from, size_t *tail, bool asks,
                   uint16_t *answers)
{
	size_t end = *tail;

	for (size_t head = from; head < (asks ? end : *tail); head++) {
		const struct book_screen *s = &c->b->screen[queue[head]];
		uint16_t to;

		for (size_t i = 0; (s->kind <= BOOK_CONSENT) == asks && check_way(s, i, &to); i++) {
			++*c->work;
			if (to >= c->b->n_screens || answers[to] != 0xffff)
				continue;
			answers[to] = (uint16_t)(answers[queue[head]] + asks);
			queue[(*tail)++] = to;
		}
	}
}

/* Answers until each screen, from dialling the code or a shortcut; 0xffff = never. */
static void measure_answers(const struct check *c, uint16_t *queue, uint16_t *answers)
{
	size_t from = 0, tail = 0;

	for (size_t i = 0; i < c->b->n_screens; i++) {
		bool is_first = i == c->b->start || c->b->screen[i].dial != NULL;

		answers[i] = is_first ? 0 : 0xffff;
		if (is_first)
			queue[tail++] = (uint16_t)i;
	}
	while (from < tail) {
		size_t level = from;

		spread(c, queue, level, &tail, false, answers);
		from = tail;
		spread(c, queue, level, &tail, true, answers);
	}
}

static void check_way_out(const struct check *c, const struct book_screen *consent, const uint16_t *answers)
{
	uint16_t best = 0xffff;

	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *s = &c->b->screen[i];

		if (c->is_reached[i] && takes_back(s, consent->consent.purpose) && answers[i] < best)
			best = answers[i];
	}
	if (best == 0xffff)
		check_add(
			c, FINDING_WARNING, consent, 0, 13,
			"add a last screen with withdraw = \"...\" and a choice or shortcut that leads to it",
			"people can agree to \"%s\" but no screen lets them take it back",
			consent->consent.purpose);
	else if (best > WAY_OUT_MOST)
		check_add(c, FINDING_WARNING, consent, 0, 13,
		          "give the screen with \"withdraw\", or the menu before it, a shortcut (dial)",
		          "it takes %u answers to take back \"%s\"; more than %d are too many",
		          (unsigned)best, consent->consent.purpose, WAY_OUT_MOST);
}

bool check_graph(struct check *c)
{
	size_t n = c->b->n_screens;
	bool *mark = calloc(n, sizeof(*mark));
	uint16_t *queue = calloc(n, sizeof(*queue)), *depth = calloc(n, sizeof(*depth));
	bool good = false;

	if (mark != NULL && queue != NULL && depth != NULL) {
		reach(c, c->is_reached, queue);
		good = check_circles(c, mark);
		if (good)
			check_ends(c, mark);
		check_depth(c, queue, depth);
		measure_answers(c, queue, depth);
		for (size_t i = 0; i < n; i++) {
			if (c->b->screen[i].kind == BOOK_END && c->b->screen[i].erase && c->is_reached[i])
				check_erase(c, i, mark);
			if (c->b->screen[i].kind == BOOK_CONSENT)
				check_way_out(c, &c->b->screen[i], depth);
		}
	}
	free(mark);
	free(queue);
	free(depth);
	return good;
}
