/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, gifts: none may hang on a consent to marketing (rule 13).
 *
 * Asked for each gift and each purpose of marketing: does somebody who says no to it, or STOP, have a way to the gift? Ways are
 * followed back from the gift. Of a `when` that reads the consent in so many words it is known who passes; of one that
 * reads it in a longer expression, or reads a field that is kept under it, it is not, so both outcomes must have a way.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "menus/book_private.h"
#include "menus/check_private.h"

#define GIFTS_MOST \
	256 /* looked at in one file: nobody writes more, and a hostile file must not take for ever */

/* What a condition says of who agreed to a purpose. */
enum reads { READS_NOT, READS_AGREED, READS_OTHERS, READS_UNCLEAR };

struct gifts {
	const struct check *c;
	const struct profile *profile;
	const char *purpose; /* NULL = whoever says no to all of marketing */
	bool *has_way;       /* each screen: who says no may reach the gift from there */
};

static bool is_about(const struct gifts *g, const char *purpose)
{
	return profile_is_marketing(g->profile, purpose) &&
	       (g->purpose == NULL || strcmp(purpose, g->purpose) == 0);
}

/* A name in a condition: a column of the record. */
static bool is_column_about(const struct gifts *g, const char *name)
{
	int field = profile_field_by_name(g->profile, name);

	if (strncmp(name, "consent_", 8) == 0 || strncmp(name, "refused_", 8) == 0)
		return is_about(g, name + 8);
	if (field >= 0)
		return is_about(g, g->profile->field[field].consent);
	return strcmp(name, "stopped") == 0;
}

static size_t name_at(const char *at, char name[2 * PROFILE_NAME_SIZE])
{
	size_t len = 0;

	while (isalnum((unsigned char)at[len]) || at[len] == '_')
		len++;
	for (size_t i = 0; i < len && i < 2 * PROFILE_NAME_SIZE - 1; i++)
		name[i] = (char)tolower((unsigned char)at[i]);
	name[len < 2 * PROFILE_NAME_SIZE - 1 ? len : 2 * PROFILE_NAME_SIZE - 1] = '\0';
	return len;
}

/* Any name of it, but for what stands in quotes of a text. */
static bool mentions(const struct gifts *g, const char *sql)
{
	char name[2 * PROFILE_NAME_SIZE];

	while (*sql != '\0') {
		size_t len = name_at(sql, name);

		if (len > 0 && is_column_about(g, name))
			return true;
		sql += len;
		if (len == 0 && *sql == '\'')
			sql += 1 + strcspn(sql + 1, "'");
		if (len == 0 && *sql != '\0')
			sql++;
	}
	return false;
}

/* "consent_x" and "not refused_x" are for who agreed (to have not refused is to have agreed, or not to have been asked:
 * the safe side), their opposites for the others. */
static enum reads reads(const struct gifts *g, const char *sql)
{
	const char *at = sql + strspn(sql, " \t\n");
	bool is_not = strncmp(at, "not ", 4) == 0, is_refused;
	char name[2 * PROFILE_NAME_SIZE];
	size_t len;

	if (is_not)
		at += 4 + strspn(at + 4, " \t\n");
	len = name_at(at, name);
	is_refused = strncmp(name, "refused_", 8) == 0;
	if (at[len + strspn(at + len, " \t\n")] == '\0' && (is_refused || strncmp(name, "consent_", 8) == 0))
		return !is_about(g, name + 8) ? READS_NOT
		       : is_not == is_refused ? READS_AGREED
		                              : READS_OTHERS;
	return mentions(g, sql) ? READS_UNCLEAR : READS_NOT;
}

static bool leads(const struct gifts *g, uint16_t to)
{
	return to < g->c->b->n_screens && g->has_way[to];
}

/* The lines of a `when` from the last to the first. */
static bool when_leads(const struct gifts *g, const struct book_screen *s)
{
	bool rest = false;

	for (size_t i = s->n_whens; i-- > 0;) {
		bool line = leads(g, s->when[i].next);

		switch (s->when[i].sql != NULL ? reads(g, s->when[i].sql) : READS_NOT) {
		case READS_AGREED:
			break;
		case READS_OTHERS:
			rest = line;
			break;
		case READS_UNCLEAR:
			rest = line && rest;
			break;
		case READS_NOT:
			rest = line || rest;
			break;
		}
	}
	return rest;
}

static bool screen_leads(const struct gifts *g, const struct book_screen *s)
{
	uint16_t to;

	if (s->kind == BOOK_WHEN)
		return when_leads(g, s);
	for (size_t way = 0; check_way(s, way, &to); way++) {
		bool is_yes = s->kind == BOOK_CONSENT && way == 0 && is_about(g, s->consent.purpose);

		++*g->c->work;
		if (!is_yes && leads(g, to))
			return true;
	}
	return false;
}

static bool is_entry(const struct book *b, size_t i)
{
	return i == b->start || b->screen[i].dial != NULL;
}

static bool is_free(const struct gifts *g, size_t gift)
{
	const struct book *b = g->c->b;
	bool changed = true;

	memset(g->has_way, 0, b->n_screens * sizeof(*g->has_way));
	g->has_way[gift] = true;
	while (changed) {
		changed = false;
		for (size_t i = b->n_screens; i-- > 0;) {
			if (g->has_way[i] || !screen_leads(g, &b->screen[i]))
				continue;
			g->has_way[i] = changed = true;
		}
	}
	for (size_t i = 0; i < b->n_screens; i++)
		if (g->has_way[i] && is_entry(b, i))
			return true;
	return false;
}

/* Does anything in this file read it? Else no gift can hang on it. */
static bool is_used(const struct gifts *g)
{
	for (size_t i = 0; i < g->c->b->n_screens; i++) {
		const struct book_screen *s = &g->c->b->screen[i];

		if (s->kind == BOOK_CONSENT && is_about(g, s->consent.purpose))
			return true;
		for (size_t k = 0; k < s->n_whens; k++)
			if (s->when[k].sql != NULL && reads(g, s->when[k].sql) != READS_NOT)
				return true;
	}
	return false;
}

static void report(const struct gifts *g, size_t gift)
{
	const struct book_screen *s = &g->c->b->screen[gift];

	check_add(
		g->c, FINDING_ERROR, s, 0, 13,
		"let \"no\" lead to the gift as well, or ask for this consent apart from it; a \"when\" that reads a "
		"consent among other things leads there both ways, or is split into lines",
		"screen \"%s\" gives only to those who agree to %s%s%s: nobody agrees freely who would lose a gift",
		s->name, g->purpose != NULL ? "\"" : "", g->purpose != NULL ? g->purpose : "marketing",
		g->purpose != NULL ? "\", which is marketing" : "");
}

static void check_purpose(const struct gifts *g, bool *is_told)
{
	size_t n = 0;

	if (!is_used(g))
		return;
	for (size_t i = 0; i < g->c->b->n_screens && n < GIFTS_MOST; i++) {
		if (g->c->b->screen[i].kind != BOOK_GIVE || !g->c->is_reached[i] || is_told[i])
			continue;
		n++;
		is_told[i] = !is_free(g, i);
		if (is_told[i])
			report(g, i);
	}
}

void check_gifts(const struct check *c)
{
	struct gifts g = {.c = c, .profile = &book_full(c->b)->profile};
	bool *is_told = calloc(c->b->n_screens, sizeof(*is_told));

	g.has_way = calloc(c->b->n_screens, sizeof(*g.has_way));
	for (size_t i = 0; i < g.profile->n_purposes && is_told != NULL && g.has_way != NULL; i++) {
		g.purpose = g.profile->purpose[i].name;
		if (g.profile->purpose[i].is_marketing)
			check_purpose(&g, is_told);
	}
	g.purpose = NULL;
	if (is_told != NULL && g.has_way != NULL)
		check_purpose(&g, is_told);
	free(g.has_way);
	free(is_told);
}
