/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, every path: what is certainly known, agreed or confirmed when a screen is reached (rules 3, 10, 13).
 *
 * Each item (a field, a consent's purpose, "something was confirmed") is yes, perhaps, or no at a screen; where ways
 * meet, the least holds. Behind a `when` everything is at least perhaps: what was told or agreed in an earlier dialogue
 * cannot be known here. Values only ever fall, so the round ends.
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
	bool *is_seen;
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

/* What is known after way number `way` out of a screen. */
static struct known after(struct paths *p, const struct book_screen *s, size_t way)
{
	struct known k = p->at[s - p->c->b->screen];

	switch (s->kind) {
	case BOOK_MENU:
		return s->n_choices == 2 ? with(k, CONFIRMED) : k;
	case BOOK_ASK:
		return with(k, field_bit(s->ask.field) | CONFIRMED);
	case BOOK_PICK:
		return with(k, field_bit(s->pick.field) | CONFIRMED);
	case BOOK_CONSENT:
		if (way == 0)
			return with(k, purpose_bit(p, s->consent.purpose) | CONFIRMED);
		k.yes &= ~purpose_bit(p, s->consent.purpose);
		k.perhaps &= ~purpose_bit(p, s->consent.purpose);
		return k;
	case BOOK_WHEN:
		k.perhaps |= ~CONFIRMED;
		return k;
	case BOOK_GIVE:
	case BOOK_END:
		break;
	}
	return k;
}

static bool arrive(struct paths *p, uint16_t to, struct known k)
{
	struct known *at = &p->at[to], before = *at;

	if (!p->is_seen[to]) {
		p->is_seen[to] = true;
		*at = k;
		return true;
	}
	at->yes &= k.yes;
	at->perhaps &= k.perhaps;
	return at->yes != before.yes || at->perhaps != before.perhaps;
}

static void walk_all(struct paths *p)
{
	const struct book *b = p->c->b;
	bool changed = true;

	for (size_t i = 0; i < b->n_screens; i++) {
		if (i == b->start || b->screen[i].dial != NULL)
			arrive(p, (uint16_t)i, (struct known){0, 0});
	}
	while (changed) {
		changed = false;
		for (size_t i = 0; i < b->n_screens; i++) {
			uint16_t to;

			for (size_t way = 0; p->is_seen[i] && check_way(&b->screen[i], way, &to); way++) {
				if (to < b->n_screens && arrive(p, to, after(p, &b->screen[i], way)))
					changed = true;
			}
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
		check_add(c, FINDING_WARNING, s, line, 3, remedy,
		          "\"%s\" of screen \"%s\" shows {%.*s}, which may not be known here", what, s->name,
		          (int)piece.len, piece.at);
	}
}

static void check_screen(struct paths *p, const struct book_screen *s)
{
	const struct check *c = p->c;

	if (s->kind == BOOK_ASK)
		check_save(p, s, s->ask.field);
	if (s->kind == BOOK_PICK)
		check_save(p, s, s->pick.field);
	if (s->kind == BOOK_GIVE && !(p->at[s - c->b->screen].yes & CONFIRMED))
		check_add(c, FINDING_ERROR, s, 0, 10,
		          "put a consent, a question or a menu with two choices (yes, no) before it",
		          "screen \"%s\" gives at once, without asking anything", s->name);
	check_each_text(c, s, check_value, p);
}

void check_paths(const struct check *c)
{
	struct paths p = {.c = c};

	p.at = calloc(c->b->n_screens, sizeof(*p.at));
	p.is_seen = calloc(c->b->n_screens, sizeof(*p.is_seen));
	if (p.at != NULL && p.is_seen != NULL) {
		walk_all(&p);
		for (size_t i = 0; i < c->b->n_screens; i++) {
			if (p.is_seen[i])
				check_screen(&p, &c->b->screen[i]);
		}
	}
	free(p.at);
	free(p.is_seen);
}
