/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, from one version to the next (rule 15): which screens are gone or say something else, and who stands there.
 *
 * Screens are the same when their names are: resume finds its place by name.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "menus/book_private.h"
#include "menus/check_private.h"

struct pair {
	const struct book *live, *next;
};

static bool same_string(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* In each language that both have. */
static bool same_text(const struct pair *p, const struct book_text *a, const struct book_text *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	for (size_t i = 0; i < p->live->n_languages; i++) {
		int k = book_language_by_code(p->next, p->live->language[i]);

		if (k >= 0 && strcmp(book_say(a, i), book_say(b, (size_t)k)) != 0)
			return false;
	}
	return true;
}

static bool same_target(const struct pair *p, uint16_t a, uint16_t b)
{
	if (a >= p->live->n_screens || b >= p->next->n_screens)
		return a >= p->live->n_screens && b >= p->next->n_screens;
	return strcmp(p->live->screen[a].name, p->next->screen[b].name) == 0;
}

static const char *field_name(const struct book *b, int field)
{
	if (field == BOOK_SAVE_LANGUAGE)
		return "language";
	return field < 0 ? NULL : book_full(b)->profile.field[field].name;
}

static bool same_choices(const struct pair *p, const struct book_screen *a, const struct book_screen *b)
{
	if (a->n_choices != b->n_choices || a->n_whens != b->n_whens)
		return false;
	for (size_t i = 0; i < a->n_choices; i++) {
		if (!same_text(p, &a->choice[i].label, &b->choice[i].label) ||
		    !same_string(a->choice[i].value, b->choice[i].value) ||
		    (a->choice[i].value == NULL && !same_target(p, a->choice[i].next, b->choice[i].next)))
			return false;
	}
	for (size_t i = 0; i < a->n_whens; i++) {
		if (!same_string(a->when[i].sql, b->when[i].sql) ||
		    !same_target(p, a->when[i].next, b->when[i].next))
			return false;
	}
	return true;
}

static bool same_rows(const struct pair *p, const struct book_screen *a, const struct book_screen *b)
{
	if (a->kind != BOOK_LIST)
		return true;
	if (a->list.n_rows != b->list.n_rows)
		return false;
	for (size_t i = 0; i < a->list.n_rows; i++) {
		if (!same_string(a->list.row[i].value, b->list.row[i].value) ||
		    !same_text(p, &a->list.row[i].label, &b->list.row[i].label))
			return false;
	}
	return true;
}

/* What is typed, and where it is kept. */
static bool same_answer(const struct pair *p, const struct book_screen *a, const struct book_screen *b)
{
	if (!same_string(field_name(p->live, check_saves(a)), field_name(p->next, check_saves(b))))
		return false;
	if (a->kind == BOOK_PICK)
		return a->pick.several == b->pick.several && a->pick.min == b->pick.min &&
		       a->pick.max == b->pick.max;
	return a->kind != BOOK_ASK ||
	       (a->ask.as == b->ask.as && a->ask.min == b->ask.min && a->ask.max == b->ask.max &&
	        a->ask.tries == b->ask.tries && a->ask.secret == b->ask.secret &&
	        a->ask.has_range == b->ask.has_range && a->ask.low == b->ask.low &&
	        a->ask.high == b->ask.high);
}

/* What is done in the world. */
static bool same_deed(const struct pair *p, const struct book_screen *a, const struct book_screen *b)
{
	if (!same_string(a->withdraw, b->withdraw) || a->erase != b->erase || a->facts != b->facts ||
	    !same_target(p, a->facts_otherwise, b->facts_otherwise) ||
	    a->facts_within_ms != b->facts_within_ms)
		return false;
	if (a->kind == BOOK_CONSENT)
		return same_string(a->consent.purpose, b->consent.purpose);
	if (book_asks_number(a))
		return same_string(a->number.type, b->number.type) &&
		       same_text(p, a->number.ask, b->number.ask) &&
		       same_text(p, a->number.yes, b->number.yes) &&
		       same_text(p, a->number.no, b->number.no) &&
		       same_text(p, a->number.joined, b->number.joined) &&
		       same_text(p, a->number.left, b->number.left) &&
		       same_target(p, a->number.again, b->number.again) &&
		       same_target(p, a->number.full, b->number.full);
	if (a->kind == BOOK_GIVE)
		return same_string(a->give.bundle, b->give.bundle) &&
		       same_string(a->give.once, b->give.once) &&
		       same_target(p, a->give.otherwise, b->give.otherwise) &&
		       same_target(p, a->give.again, b->give.again) &&
		       same_target(p, a->give.refused, b->give.refused);
	if (a->kind == BOOK_BUY)
		return same_string(a->buy.bundle, b->buy.bundle) && a->buy.price == b->buy.price &&
		       same_target(p, a->buy.otherwise, b->buy.otherwise) &&
		       same_target(p, a->buy.poor, b->buy.poor) &&
		       same_target(p, a->buy.refused, b->buy.refused);
	return a->kind != BOOK_APP ||
	       (same_string(a->app.url, b->app.url) && a->app.speaks == b->app.speaks &&
	        a->app.within_ms == b->app.within_ms && same_target(p, a->app.otherwise, b->app.otherwise));
}

/* The first thing that differs; NULL = nothing does. */
static const char *difference(const struct pair *p, const struct book_screen *a, const struct book_screen *b)
{
	if (a->kind != b->kind)
		return "kind";
	if (!same_text(p, a->say, b->say))
		return "say";
	if (!same_choices(p, a, b))
		return a->kind == BOOK_WHEN ? "when" : "choices";
	if (!same_rows(p, a, b))
		return "list";
	if (!same_answer(p, a, b))
		return book_kind_name(a->kind);
	if (!same_target(p, a->next, b->next))
		return "next";
	if (!same_deed(p, a, b))
		return a->kind == BOOK_END ? "withdraw" : book_kind_name(a->kind);
	if (!same_text(p, a->end, b->end))
		return "end";
	if (!same_text(p, a->sms, b->sms))
		return "sms";
	if (!same_text(p, a->sorry, b->sorry))
		return "sorry";
	return same_string(a->dial, b->dial) ? NULL : "dial";
}

/* A screen that is new and equal to one that is gone, but for its name. */
static uint16_t twin_of(const struct pair *p, const struct book_screen *gone)
{
	for (size_t i = 0; i < p->next->n_screens; i++) {
		const struct book_screen *s = &p->next->screen[i];

		if (book_screen_by_name(p->live, s->name) == BOOK_NO_SCREEN && difference(p, gone, s) == NULL)
			return (uint16_t)i;
	}
	return BOOK_NO_SCREEN;
}

static void report(const struct pair *p, struct findings *findings, const struct check_change *ch,
                   int64_t people)
{
	bool is_gone = ch->kind == CHECK_REMOVED || ch->kind == CHECK_RENAMED;
	const struct book *b = is_gone ? p->live : p->next;
	uint16_t at = is_gone ? ch->live : ch->next;
	const struct book_screen *renamed = ch->next == BOOK_NO_SCREEN ? NULL : &p->next->screen[ch->next];
	char standing[64] = "", remedy[160], what[160];

	if (people > 0)
		snprintf(standing, sizeof(standing), "; %" PRId64 " %s there now", people,
		         people == 1 ? "person stands" : "people stand");
	if (ch->kind == CHECK_RENAMED)
		snprintf(remedy, sizeof(remedy),
		         "keep the name \"%s\": who redials to resume is looked for by it", ch->screen);
	else
		snprintf(remedy, sizeof(remedy), "%s",
		         is_gone ? "fine if meant: open dialogues end as they began, who redials later "
		                   "begins anew"
		                 : "fine if meant: open dialogues end as they began, who redials later sees "
		                   "the new one");
	if (ch->kind == CHECK_REMOVED)
		snprintf(what, sizeof(what), "screen \"%s\" is gone", ch->screen);
	else if (ch->kind == CHECK_RENAMED && renamed != NULL)
		snprintf(what, sizeof(what), "screen \"%s\" is now called \"%s\"", ch->screen, renamed->name);
	else
		snprintf(what, sizeof(what), "screen \"%s\" has another \"%s\"", ch->screen, ch->what);
	findings_add(findings, FINDING_WARNING, book_full(b)->screen_file[at], b->screen[at].line, 15, remedy,
	             "%s%s", what, standing);
}

size_t check_changes(const struct book *live, const struct book *next, struct findings *findings,
                     check_change_fn *fn, void *ctx)
{
	struct pair p = {live, next};
	size_t n = 0;

	for (size_t i = 0; i < live->n_screens; i++) {
		const struct book_screen *s = &live->screen[i];
		struct check_change ch = {.kind = CHECK_CHANGED,
		                          .live = (uint16_t)i,
		                          .next = book_screen_by_name(next, s->name),
		                          .screen = s->name,
		                          .what = "name"};
		int64_t people;

		if (ch.next == BOOK_NO_SCREEN) {
			ch.next = twin_of(&p, s);
			ch.kind = ch.next == BOOK_NO_SCREEN ? CHECK_REMOVED : CHECK_RENAMED;
		} else if ((ch.what = difference(&p, s, &next->screen[ch.next])) == NULL) {
			continue;
		}
		n++;
		people = fn == NULL ? -1 : fn(ctx, &ch);
		if (findings != NULL)
			report(&p, findings, &ch, people);
	}
	for (size_t i = 0; i < next->n_screens; i++) {
		struct check_change ch = {.kind = CHECK_ADDED,
		                          .live = BOOK_NO_SCREEN,
		                          .next = (uint16_t)i,
		                          .screen = next->screen[i].name,
		                          .what = "name"};

		if (book_screen_by_name(live, ch.screen) != BOOK_NO_SCREEN)
			continue;
		n++;
		if (fn != NULL)
			(void)fn(ctx, &ch);
	}
	return n;
}
