/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, texts: characters that halve the room (rule 2), variables (3), languages that differ (4). */
#include <stdio.h>
#include <string.h>

#include "core/nearest.h"
#include "core/text.h"
#include "menus/book_private.h"
#include "menus/check_private.h"
#include "menus/letters.h"
#include "menus/template.h"

/* What to write instead of a character that GSM 03.38 lacks; NULL = nothing comes near. */
static const char *stand_in(uint32_t odd)
{
	static const char *const letters[] = {
		"A\u00c0\u00c1\u00c2\u00c3\u0100\u0102\u0104",
		"C\u0106\u0108\u010a\u010c",
		"D\u00d0\u010e\u0110",
		"E\u00c8\u00ca\u00cb\u0112\u0118\u011a",
		"G\u011c\u011e\u0120\u0122",
		"I\u00cc\u00cd\u00ce\u00cf\u0128\u012a\u0130",
		"L\u0141\u013d",
		"N\u0143\u0147",
		"O\u00d2\u00d3\u00d4\u00d5\u014c\u0150",
		"R\u0158",
		"S\u015a\u015e\u0160",
		"T\u0162\u0164",
		"U\u00d9\u00da\u00db\u0168\u016a\u016e\u0170",
		"W\u0174",
		"Y\u00dd\u0176\u0178",
		"Z\u0179\u017b\u017d",
		"a\u00e1\u00e2\u00e3\u0101\u0103\u0105",
		"c\u00e7\u0107\u0109\u010b\u010d",
		"d\u00f0\u010f\u0111",
		"e\u00ea\u00eb\u0113\u0119\u011b",
		"g\u011d\u011f\u0121\u0123",
		"i\u00ed\u00ee\u00ef\u0129\u012b\u0131",
		"l\u0142\u013e",
		"n\u0144\u0148",
		"o\u00f3\u00f4\u00f5\u014d\u0151",
		"r\u0159",
		"s\u015b\u015f\u0161",
		"t\u0163\u0165",
		"u\u00fa\u00fb\u0169\u016b\u016f\u0171",
		"w\u0175",
		"y\u00fd\u00ff\u0177",
		"z\u017a\u017c\u017e",
		"'\u2018\u2019\u201a\u2032\u00b4`",
		"\"\u201c\u201d\u201e\u00ab\u00bb",
		"-\u2010\u2011\u2012\u2013\u2014\u2212",
		".\u2026\u2022\u00b7",
		" \u00a0\u2002\u2003\u2009\u202f",
	};
	static const char *const plain[] = {"A", "C", "D", "E",  "G", "I",   "L", "N", "O", "R",
	                                    "S", "T", "U", "W",  "Y", "Z",   "a", "c", "d", "e",
	                                    "g", "i", "l", "n",  "o", "r",   "s", "t", "u", "w",
	                                    "y", "z", "'", "\"", "-", "...", " "};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		const char *at = letters[i];
		uint32_t c;

		while ((c = text_utf8_next(&at)) != 0) {
			if (c == odd)
				return plain[i];
		}
	}
	return NULL;
}

/* A text in another script needs UCS-2; a text in Latin letters with one stray character does not. */
static void check_characters(const struct check *c, const struct book_screen *s, const struct book_text *t,
                             const char *what, int line, void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < c->b->n_languages; i++) {
		const char *text = t->in[i], *at = text, *instead;
		struct text_cost cost = text_measure(text, strlen(text));
		char remedy[160], odd[5] = "";
		size_t n = 0;

		if (cost.gsm7 || (i > 0 && text == t->in[0]))
			continue;
		while (*at != '\0') {
			const char *from = at;

			text_utf8_next(&at);
			n += !text_measure(from, (size_t)(at - from)).gsm7;
		}
		instead = stand_in(cost.odd);
		if (c->env != NULL && c->env->gsm_only && instead == NULL && n > 3) {
			check_add(c, FINDING_ERROR, s, line, 2, "write it in letters of the GSM alphabet",
			          "\"%s\" in \"%s\" cannot be shown: this network carries GSM letters only "
			          "(ussd.gsm_only)",
			          what, check_language(c, i));
			continue;
		}
		if (instead == NULL && n > 3)
			continue;
		at = text + cost.odd_at;
		text_utf8_next(&at);
		memcpy(odd, text + cost.odd_at, (size_t)(at - (text + cost.odd_at)));
		if (instead != NULL)
			snprintf(remedy, sizeof(remedy), "write %s instead",
			         *instead == ' ' ? "a plain space" : instead);
		else
			snprintf(remedy, sizeof(remedy), "take it out");
		check_add(c, c->env != NULL && c->env->gsm_only ? FINDING_ERROR : FINDING_WARNING, s, line, 2,
		          remedy,
		          "\"%s\" in \"%s\": the character %s (number %zu) halves the room, %zu instead of "
		          "%zu characters",
		          what, check_language(c, i), odd, text_measure(text, cost.odd_at).characters + 1,
		          c->b->page / 2, c->b->page);
	}
}

static void unknown_variable(const struct check *c, const struct book_screen *s, int line,
                             const struct template_piece *piece)
{
	const struct profile *profile = &book_full(c->b)->profile;
	const char *names[PROFILE_MAX_FIELDS + 6], *near;
	size_t n = 0;
	char name[PROFILE_NAME_SIZE], remedy[120] = "declare it in profile.conf first";

	for (; n < profile->n_fields; n++)
		names[n] = profile->field[n].name;
	names[n++] = "language";
	names[n++] = "msisdn";
	names[n++] = "balance";
	names[n++] = "bundles";
	names[n++] = "price";
	names[n++] = "gives";
	snprintf(name, sizeof(name), "%.*s", (int)piece->len, piece->at);
	near = nearest_word(name, names, n);
	if (near != NULL)
		snprintf(remedy, sizeof(remedy), "did you mean {%s}?", near);
	check_add(c, FINDING_ERROR, s, line, 3, remedy, "nothing is known as {%s}", name);
}

struct pieces {
	check_piece_fn *f;
};

static void each_piece(const struct check *c, const struct book_screen *s, const struct book_text *t,
                       const char *what, int line, void *ctx)
{
	const struct pieces *pieces = ctx;

	for (size_t i = 0; i < c->b->n_languages; i++) {
		const struct check_place place = {what, check_language(c, i), line};
		const char *at = t->in[i];
		struct template_piece piece;

		if (i > 0 && t->in[i] == t->in[0]) /* written once */
			continue;
		while (template_next(&at, &piece))
			pieces->f(c, s, &place, &piece);
	}
}

void check_screen_pieces(const struct check *c, const struct book_screen *s, check_piece_fn *f)
{
	struct pieces pieces = {f};

	check_screen_texts(c, s, each_piece, &pieces);
}

bool check_tells_who(const struct check *c, const struct template_piece *piece)
{
	int v = piece->is_variable ? template_variable(c->b, piece->at, piece->len) : TEMPLATE_UNKNOWN;

	return v == TEMPLATE_MSISDN || (v >= 0 && book_full(c->b)->profile.field[v].is_private);
}

static void check_variable(const struct check *c, const struct book_screen *s,
                           const struct check_place *place, const struct template_piece *piece)
{
	if (piece->is_broken)
		check_add(c, FINDING_ERROR, s, place->line, 3,
		          "write {name} or {name|friend}; {{ shows a brace",
		          "\"%s\" in \"%s\" holds a { that begins nothing", place->what, place->language);
	else if (piece->is_variable && template_variable(c->b, piece->at, piece->len) == TEMPLATE_UNKNOWN)
		unknown_variable(c, s, place->line, piece);
}

/* Which variables a text shows, as bits; the two system columns above the fields. */
static uint64_t variables_of(const struct check *c, const char *text)
{
	struct template_piece piece;
	uint64_t found = 0;

	while (template_next(&text, &piece)) {
		int v = piece.is_variable ? template_variable(c->b, piece.at, piece.len) : TEMPLATE_UNKNOWN;

		if (v != TEMPLATE_UNKNOWN)
			found |= (uint64_t)1 << (v >= 0 ? v : PROFILE_MAX_FIELDS - v);
	}
	return found;
}

static size_t lines_of(const char *text)
{
	size_t lines = 1;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

static bool has_word(const char *text)
{
	size_t run = 0;

	while (*text != '\0' && run < 3)
		run = letters_is_letter(text_utf8_next(&text)) ? run + 1 : 0;
	return run >= 3;
}

static void check_translation(const struct check *c, const struct book_screen *s, const struct book_text *t,
                              const char *what, int line, void *ctx)
{
	const char *first = t->in[0];

	(void)ctx;
	for (size_t i = 1; i < c->b->n_languages; i++) {
		const char *text = t->in[i], *language = check_language(c, i);

		if (text == first) /* written once, on purpose */
			continue;
		if (strcmp(text, first) == 0 && has_word(text))
			check_add(c, FINDING_WARNING, s, line, 4,
			          "translate it; if it shall be the same in all languages, write it once "
			          "without [ ]",
			          "\"%s\" is the same in \"%s\" and \"%s\"", what, check_language(c, 0),
			          language);
		if (variables_of(c, text) != variables_of(c, first))
			check_add(c, FINDING_WARNING, s, line, 4, "use the same {...} in each language",
			          "\"%s\" shows other values in \"%s\" than in \"%s\"", what, language,
			          check_language(c, 0));
		if (lines_of(text) != lines_of(first))
			check_add(c, FINDING_WARNING, s, line, 4, "break the lines at the same places",
			          "\"%s\" has %zu lines in \"%s\" and %zu in \"%s\"", what, lines_of(text),
			          language, lines_of(first), check_language(c, 0));
	}
}

void check_texts(const struct check *c)
{
	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *s = &c->b->screen[i];

		check_screen_pieces(c, s, check_variable);
		check_screen_texts(c, s, check_characters, NULL);
		check_screen_texts(c, s, check_translation, NULL);
	}
}
