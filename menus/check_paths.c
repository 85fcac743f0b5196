/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, every path: what is certainly known, agreed or confirmed when a screen is reached (rules 3, 10, 13).
 *
 * Each item (a field, a consent's purpose, "something was confirmed") is yes, perhaps, or no at a screen; where ways
 * meet, the least holds. Behind a `when` everything is at least perhaps: what was told or agreed in an earlier dialogue
 * cannot be known here. Values only ever fall, so each screen is looked at again at most as often as one of its items can
 * fall, and the list of screens to look at runs empty.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "menus/book_private.h"
#include "menus/check_private.h"
#include "menus/template.h"

#define PURPOSES_MAX 31
#define CONFIRMED ((uint64_t)1 << 63)

struct known {
	uint64_t yes, perhaps; /* perhaps holds every bit of yes */
};

struct paths {
	const struct check *c;
	struct known *at; /* each screen */
	bool *is_seen, *is_waiting;
	uint16_t *queue; /* ring of n_screens: those whose values fell */
	size_t head, n_queued;
	size_t n_purposes;
	const char *purpose[PURPOSES_MAX];
};

static uint64_t field_bit(int field)
{
	return field >= 0 ? (uint64_t)1 << field : 0;
}

/* 0 = more purposes than we follow. */
static uint64_t purpose_bit(struct paths *p, const char *purpose)
{
	size_t i = 0;

	while (i < p->n_purposes && strcmp(p->purpose[i], purpose) != 0)
		i++;
	if (i == PURPOSES_MAX)
		return 0;
	if (i == p->n_purposes)
		p->purpose[p->n_purposes++] = purpose;
	return (uint64_t)1 << (PROFILE_MAX_FIELDS + i);
}

static struct known with(struct known k, uint64_t bits)
{
	return (struct known){k.yes | bits, k.perhaps | bits};
}

/* Behind the lines that ask for a consent it stands: after "not consent_profile" on every later line, after
 * "consent_profile" on its own. */
static struct known after_when(struct paths *p, const struct book_screen *s, size_t way, struct known k)
{
	k.perhaps |= ~CONFIRMED;
	for (size_t i = 0; i <= way && i < s->n_whens; i++) {
		const char *sql = s->when[i].sql != NULL ? s->when[i].sql : "";
		bool is_not = strncmp(sql, "not ", 4) == 0;

		sql += is_not ? 4 : 0;
		if (is_not == (i < way) && strncmp(sql, "consent_", 8) == 0 && strchr(sql, ' ') == NULL)
			k = with(k, purpose_bit(p, sql + 8));
	}
	return k;
}

/* What is known after way number `way` out of a screen. */
static struct known after(struct paths *p, const struct book_screen *s, size_t way)
{
	struct known k = p->at[s - p->c->b->screen];

	switch (s->kind) {
	case BOOK_MENU:
		return s->n_choices == 2 ? with(k, CONFIRMED) : k;
	case BOOK_ASK:
	case BOOK_PICK:
	case BOOK_LIST:
		return with(k, field_bit(check_saves(s)) | CONFIRMED);
	case BOOK_INVITE:
		return with(k, purpose_bit(p, s->number.type) | CONFIRMED);
	case BOOK_LEAVE:
	case BOOK_REFER:
		return with(k, CONFIRMED);
	case BOOK_CONSENT:
		if (way == 0)
			return with(k, purpose_bit(p, s->consent.purpose) | CONFIRMED);
		k.yes &= ~purpose_bit(p, s->consent.purpose);
		k.perhaps &= ~purpose_bit(p, s->consent.purpose);
		return k;
	case BOOK_WHEN:
		return after_when(p, s, way, k);
	case BOOK_GIVE:
	case BOOK_BUY:
	case BOOK_APP:
	case BOOK_END:
		break;
	}
	return k;
}

static void arrive(struct paths *p, uint16_t to, struct known k)
{
	struct known *at = &p->at[to], before = *at;

	if (p->is_seen[to]) {
		at->yes &= k.yes;
		at->perhaps &= k.perhaps;
		if (at->yes == before.yes && at->perhaps == before.perhaps)
			return;
	} else {
		p->is_seen[to] = true;
		*at = k;
	}
	if (p->is_waiting[to])
		return;
	p->is_waiting[to] = true;
	p->queue[(p->head + p->n_queued++) % p->c->b->n_screens] = to;
}

static void walk_all(struct paths *p)
{
	const struct book *b = p->c->b;

	for (size_t i = 0; i < b->n_screens; i++) {
		if (i == b->start || b->screen[i].dial != NULL)
			arrive(p, (uint16_t)i, (struct known){0, 0});
	}
	while (p->n_queued > 0) {
		uint16_t now = p->queue[p->head], to;

		p->head = (p->head + 1) % b->n_screens;
		p->n_queued--;
		p->is_waiting[now] = false;
		for (size_t way = 0; check_way(&b->screen[now], way, &to); way++) {
			++*p->c->work;
			if (to < b->n_screens)
				arrive(p, to, after(p, &b->screen[now], way));
		}
	}
}

static void check_save(struct paths *p, const struct book_screen *s, int field)
{
	const struct profile_field *f = field < 0 ? NULL : &book_full(p->c->b)->profile.field[field];
	struct known k = p->at[s - p->c->b->screen];
	uint64_t bit;
	char remedy[160];

	if (f == NULL || f->consent[0] == '\0' || (bit = purpose_bit(p, f->consent)) == 0 || (k.yes & bit))
		return;
	snprintf(remedy, sizeof(remedy), "put a screen with consent = { to = \"%s\"; ... } before it",
	         f->consent);
	if (k.perhaps & bit)
		check_add(p->c, FINDING_WARNING, s, 0, 13, remedy,
		          "screen \"%s\" may save \"%s\" before the consent to \"%s\": a \"when\" stands "
		          "between",
		          s->name, f->name, f->consent);
	else
		check_add(p->c, FINDING_ERROR, s, 0, 13, remedy,
		          "screen \"%s\" saves \"%s\" before the consent to \"%s\"", s->name, f->name,
		          f->consent);
}

/* A value that is certainly not known on some way, and nothing to say instead. */
static void check_value(const struct check *c, const struct book_screen *s, const struct book_text *t,
                        const char *what, int line, void *ctx)
{
	struct paths *p = ctx;
	struct known k = p->at[s - c->b->screen];
	const char *at = t->in[0];
	struct template_piece piece;

	while (template_next(&at, &piece)) {
		int v = piece.is_variable ? template_variable(c->b, piece.at, piece.len) : TEMPLATE_UNKNOWN;
		char remedy[120];

		if (v < 0 || piece.fallback != NULL || (k.perhaps & field_bit(v)))
			continue;
		snprintf(remedy, sizeof(remedy), "say what to show instead: {%.*s|...}", (int)piece.len,
		         piece.at);
		if (s->dial != NULL)
			check_add(c, FINDING_WARNING, s, line, 14, remedy,
			          "whoever dials %s sees \"%s\" of screen \"%s\" before {%.*s} was asked for",
			          s->dial, what, s->name, (int)piece.len, piece.at);
		else
			check_add(c, FINDING_WARNING, s, line, 3, remedy,
			          "\"%s\" of screen \"%s\" shows {%.*s}, which may not be known here", what,
			          s->name, (int)piece.len, piece.at);
	}
}

static bool shows_value(const struct book_screen *s)
{
	const char *at = s->say->in[0];
	struct template_piece piece;

	while (template_next(&at, &piece)) {
		if (piece.is_variable)
			return true;
	}
	return false;
}

/* The last question before a gift, after typed answers: people should see what they typed. */
static void check_confirm(struct paths *p, const struct book_screen *s)
{
	const struct book *b = p->c->b;
	uint64_t typed = 0;
	bool gives = false;

	if (s->kind != BOOK_MENU || s->n_choices != 2 || s->say == NULL || shows_value(s))
		return;
	for (size_t i = 0; i < b->n_screens; i++) {
		if (check_is_typed(&b->screen[i]) && p->is_seen[i] && !b->screen[i].ask.secret)
			typed |= field_bit(b->screen[i].ask.field);
	}
	for (size_t i = 0; i < s->n_choices; i++)
		gives = gives || b->screen[s->choice[i].next].kind == BOOK_GIVE;
	if (gives && (p->at[s - b->screen].yes & typed) != 0)
		check_add(p->c, FINDING_WARNING, s, 0, 10, "show them: say = \"{name}, {town}. Correct?\"",
		          "screen \"%s\" asks to confirm, but does not show the answers that were given",
		          s->name);
}

static void check_screen(struct paths *p, const struct book_screen *s)
{
	const struct check *c = p->c;

	check_save(p, s, check_saves(s));
	if (s->kind == BOOK_GIVE && !(p->at[s - c->b->screen].yes & CONFIRMED))
		check_add(c, FINDING_ERROR, s, 0, 10,
		          "put a consent, a question or a menu with two choices (yes, no) before it",
		          "screen \"%s\" gives at once, without asking anything", s->name);
	check_confirm(p, s);
	check_screen_texts(c, s, check_value, p);
}

void check_paths(const struct check *c)
{
	size_t n = c->b->n_screens;
	struct paths p = {.c = c};

	p.at = calloc(n, sizeof(*p.at));
	p.is_seen = calloc(n, sizeof(*p.is_seen));
	p.is_waiting = calloc(n, sizeof(*p.is_waiting));
	p.queue = calloc(n, sizeof(*p.queue));
	if (p.at != NULL && p.is_seen != NULL && p.is_waiting != NULL && p.queue != NULL) {
		walk_all(&p);
		for (size_t i = 0; i < n; i++) {
			if (p.is_seen[i])
				check_screen(&p, &c->b->screen[i]);
		}
	}
	free(p.at);
	free(p.is_seen);
	free(p.is_waiting);
	free(p.queue);
}
