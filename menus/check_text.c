/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, texts: length with the longest values (rule 1), characters that halve the room (2), variables (3), languages that
 * differ (4).
 *
 * Lengths are measured on what the machine itself would show, with a subscriber whose every answer is as long as the
 * menus allow.
 */
#include <stdio.h>
#include <string.h>

#include "core/nearest.h"
#include "core/text.h"
#include "menus/book_private.h"
#include "menus/check_private.h"
#include "menus/letters.h"
#include "menus/machine_private.h"
#include "menus/template.h"
#include "menus/words.h"

#define SMS_SEPTETS 160
#define SMS_UCS2 70
#define UNKNOWN_VALUE 40 /* characters of a field that no screen of this file asks for */

struct longest {
	const struct check *c;
	size_t language;
	bool is_known; /* false: nothing is known of the subscriber, fallbacks show */
	char value[PROFILE_MAX_FIELDS][PROFILE_VALUE_MAX + 1];
};

static size_t characters(const char *text)
{
	return text_measure(text, strlen(text)).characters;
}

static size_t longest_answer(const struct check *c, int field)
{
	size_t longest = 0;

	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *s = &c->b->screen[i];

		if (s->kind == BOOK_ASK && s->ask.field == field && s->ask.max > longest)
			longest = s->ask.max;
	}
	return longest;
}

static void find_longest(struct longest *l, int field)
{
	const struct book *b = l->c->b;
	const char *best = NULL;
	size_t typed = longest_answer(l->c, field), most = 0;

	for (size_t i = 0; i < b->n_screens; i++) {
		const struct book_screen *s = &b->screen[i];

		for (size_t k = 0; s->kind == BOOK_PICK && s->pick.field == field && k < s->n_choices; k++) {
			size_t n = characters(book_say(&s->choice[k].label, l->language));

			if (best == NULL || n > most) {
				best = s->choice[k].value;
				most = n;
			}
		}
	}
	if (best != NULL && most >= typed) {
		snprintf(l->value[field], sizeof(l->value[field]), "%s", best);
		return;
	}
	if (typed == 0)
		typed = UNKNOWN_VALUE;
	memset(l->value[field], 'W', typed < PROFILE_VALUE_MAX ? typed : PROFILE_VALUE_MAX);
}

static const char *longest_field(void *ctx, int field)
{
	struct longest *l = ctx;

	return l->is_known ? l->value[field] : NULL;
}

static const char *longest_system(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return "254700000000000";
}

static bool holds_nothing(void *ctx, int condition)
{
	(void)ctx;
	(void)condition;
	return false;
}

static bool takes_nothing(void *ctx, const struct intent *intent)
{
	(void)ctx;
	(void)intent;
	return false;
}

/* How much a text takes of a page or an SMS, and how much there is, in the unit of its alphabet. */
static bool measure(const char *text, size_t septets, size_t units, size_t *needs, size_t *room)
{
	struct text_cost cost = text_measure(text, strlen(text));

	*needs = cost.gsm7 ? cost.septets : cost.ucs2_units;
	*room = cost.gsm7 ? septets : units;
	return *needs <= *room;
}

/* A text that has to stand on one page, or in one SMS. */
static void check_one_page(struct longest *l, const struct book_screen *s, const struct book_text *t,
                           const char *what, bool is_sms)
{
	const struct check *c = l->c;
	struct machine_port port = {.ctx = l, .field = longest_field, .system = longest_system};
	size_t septets = is_sms ? SMS_SEPTETS : c->b->page, units = is_sms ? SMS_UCS2 : c->b->page / 2;
	char text[4 * MACHINE_TEXT_SIZE];

	for (int known = 1; known >= 0; known--) {
		size_t needs, room;
		struct buf buf;

		l->is_known = known != 0;
		buf_init(&buf, text, sizeof(text));
		template_render(c->b, book_say(t, l->language), l->language, &port, 0, &buf);
		if (measure(text, septets, units, &needs, &room))
			continue;
		check_add(
			c, FINDING_ERROR, s, 0, 1, "shorten the text, or the longest answer that it shows",
			"\"%s\" is too long in \"%s\": %zu characters with the longest answers, and %zu fit",
			what, check_language(c, l->language), needs, room);
		return;
	}
}

/* Is something cut on any page of a face? */
static bool is_cut(const struct face *face)
{
	char text[MACHINE_TEXT_SIZE];
	struct page_shown shown;

	for (size_t n = 0;; n++) {
		shown = page_show(&face->view, n, text, sizeof(text));
		if (shown.cut)
			return true;
		if (shown.is_last)
			return false;
	}
}

/* A screen that can take several pages. */
static void check_pages(struct longest *l, const struct book_screen *s)
{
	const struct check *c = l->c;
	struct machine_port port = {.ctx = l,
	                            .field = longest_field,
	                            .system = longest_system,
	                            .holds = holds_nothing,
	                            .intent = takes_nothing};
	struct walk w;
	struct step step = {.b = c->b, .w = &w, .port = &port};
	struct page_shown shown;
	struct face face;
	char text[MACHINE_TEXT_SIZE];
	const char *language = check_language(c, l->language);

	l->is_known = true;
	walk_init(&w, (uint8_t)l->language);
	w.phase = WALK_SHOWING;
	w.screen = (uint16_t)(s - c->b->screen);
	w.depth = w.screen == c->b->start ? 0 : 2; /* with all keys that may stand there */
	machine_face(&step, false, &face);
	shown = page_show(&face.view, 0, text, sizeof(text));
	if (strlen(face.say) + 1 >= sizeof(face.say))
		check_add(c, FINDING_ERROR, s, 0, 1, "shorten \"say\"",
		          "the words of screen \"%s\" are far too long in \"%s\"", s->name, language);
	else if (is_cut(&face))
		check_add(c, FINDING_ERROR, s, 0, 1, "shorten the longest word or choice",
		          "a word or a choice of screen \"%s\" is longer than a whole page in \"%s\"",
		          s->name, language);
	else if (!shown.is_last && s->kind == BOOK_CONSENT)
		check_add(c, FINDING_WARNING, s, 0, 1,
		          "shorten \"say\", so that all is seen before the answer",
		          "the consent \"%s\" does not fit on one page in \"%s\"", s->name, language);
	else if (!shown.is_last && shown.end_choice == 0)
		check_add(c, FINDING_WARNING, s, 0, 1, "shorten \"say\"",
		          "the words of screen \"%s\" fill more than one page in \"%s\"", s->name, language);
	if (s->sorry == NULL)
		return;
	machine_face(&step, true, &face);
	if (!text_fits(face.view.sorry, strlen(face.view.sorry), c->b->page / 2))
		check_add(c, FINDING_ERROR, s, 0, 1,
		          "say in a few words what was wrong: the question comes again below",
		          "\"sorry\" of screen \"%s\" takes more than half of the page in \"%s\"", s->name,
		          language);
}

static void check_lengths(const struct check *c, size_t language)
{
	struct longest l = {.c = c, .language = language};

	for (size_t f = 0; f < book_full(c->b)->profile.n_fields; f++)
		find_longest(&l, (int)f);
	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *s = &c->b->screen[i];

		if (s->end != NULL)
			check_one_page(&l, s, s->end, "end", false);
		if (s->sms != NULL)
			check_one_page(&l, s, s->sms, "sms", true);
		if (s->kind <= BOOK_CONSENT)
			check_pages(&l, s);
	}
	for (int w = BOOK_WORD_RESUME; w < BOOK_WORDS_; w++)
		check_one_page(&l, NULL, &c->b->word[w], words_name((enum book_word)w),
		               words_is_sms((enum book_word)w));
}

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
		check_add(c, FINDING_WARNING, s, line, 2, remedy,
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
	const char *names[PROFILE_MAX_FIELDS + 2], *near;
	size_t n = 0;
	char name[PROFILE_NAME_SIZE], remedy[120] = "declare it in profile.conf first";

	for (; n < profile->n_fields; n++)
		names[n] = profile->field[n].name;
	names[n++] = "language";
	names[n++] = "msisdn";
	snprintf(name, sizeof(name), "%.*s", (int)piece->len, piece->at);
	near = nearest_word(name, names, n);
	if (near != NULL)
		snprintf(remedy, sizeof(remedy), "did you mean {%s}?", near);
	check_add(c, FINDING_ERROR, s, line, 3, remedy, "nothing is known as {%s}", name);
}

static void check_variables(const struct check *c, const struct book_screen *s, const struct book_text *t,
                            const char *what, int line, void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < c->b->n_languages; i++) {
		const char *at = t->in[i];
		struct template_piece piece;

		if (i > 0 && t->in[i] == t->in[0])
			continue;
		while (template_next(&at, &piece)) {
			if (piece.is_broken)
				check_add(c, FINDING_ERROR, s, line, 3,
				          "write {name} or {name|friend}; {{ shows a brace",
				          "\"%s\" in \"%s\" holds a { that begins nothing", what,
				          check_language(c, i));
			else if (piece.is_variable &&
			         template_variable(c->b, piece.at, piece.len) == TEMPLATE_UNKNOWN)
				unknown_variable(c, s, line, &piece);
		}
	}
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

		check_each_text(c, s, check_variables, NULL);
		check_each_text(c, s, check_characters, NULL);
		check_each_text(c, s, check_translation, NULL);
	}
	for (size_t i = 0; i < c->b->n_languages; i++)
		check_lengths(c, i);
}
