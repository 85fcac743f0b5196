/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, one screen at a time: number of choices (rule 5), keys (6), labels (7), questions (8, 9), results (12), words of
 * a consent (13), shortcuts and keywords (14).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"
#include "core/text.h"
#include "menus/answer.h"
#include "menus/book_private.h"
#include "menus/check_private.h"
#include "menus/letters.h"

#define MENU_GOOD 5  /* choices that people take in at one look */
#define MENU_MOST 9  /* one key press each */
#define TYPED_MOST 3 /* free answers in a row */
#define ALIKE_LETTERS 48

static void check_choices(const struct check *c, const struct book_screen *s)
{
	if (s->kind == BOOK_MENU && s->n_choices > MENU_MOST)
		check_add(c, FINDING_ERROR, s, 0, 5,
		          "group the choices, or use \"pick\" if it is a list of values",
		          "menu \"%s\" has %zu choices; more than %d need two-digit numbers", s->name,
		          s->n_choices, MENU_MOST);
	else if (s->kind == BOOK_MENU && s->n_choices > MENU_GOOD)
		check_add(c, FINDING_WARNING, s, 0, 5, "keep the five that matter most",
		          "menu \"%s\" has %zu choices; people take in about %d", s->name, s->n_choices,
		          MENU_GOOD);
}

static void check_key(const struct check *c, const struct book_screen *s, const char *key, const char *name)
{
	int choice = answer_number(key, strlen(key), s->n_choices);

	if (s->kind <= BOOK_CONSENT && s->kind != BOOK_ASK && choice >= 0)
		check_add(c, FINDING_ERROR, s, 0, 6, "change that key in \"keys\", or offer fewer choices",
		          "on screen \"%s\" the key %s means both \"%s\" and choice %d", s->name, key, name,
		          choice + 1);
}

static void check_zero(const struct check *c, const struct book_screen *s)
{
	size_t len = strlen(c->b->key_back);

	if (s->kind == BOOK_ASK && (s->ask.as == BOOK_AS_NUMBER || s->ask.as == BOOK_AS_DIGITS) &&
	    len >= s->ask.min && strspn(c->b->key_back, "0123456789") == len)
		check_add(c, FINDING_WARNING, s, 0, 6,
		          "if that can be an answer, offer ranges with \"pick\"; else let \"length\" begin "
		          "higher",
		          "nobody can answer %s on screen \"%s\": it is the key for back", c->b->key_back,
		          s->name);
}

/* Lower-case letters of a label, with blanks between the words only; returns how many. */
static size_t fold(const char *label, uint32_t *out)
{
	size_t n = 0;
	uint32_t l;

	while (n < ALIKE_LETTERS && (l = text_utf8_next(&label)) != 0)
		out[n++] = letters_fold(l);
	return n;
}

static size_t distance(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
	size_t row[ALIKE_LETTERS + 1];

	for (size_t k = 0; k <= m; k++)
		row[k] = k;
	for (size_t i = 1; i <= n; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t k = 1; k <= m; k++) {
			size_t best = corner + (a[i - 1] != b[k - 1]);

			corner = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
		}
	}
	return row[m];
}

/* Do both begin with the same word of at least three letters, and go on? */
static bool same_first_word(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
	size_t i = 0;

	while (i < n && i < m && a[i] == b[i] && a[i] != ' ')
		i++;
	return i >= 3 && i < n && i < m && a[i] == ' ' && b[i] == ' ';
}

static void compare_labels(const struct check *c, const struct book_screen *s, size_t i, size_t k,
                           size_t language)
{
	const char *one = book_say(&s->choice[i].label, language),
		   *other = book_say(&s->choice[k].label, language);
	uint32_t a[ALIKE_LETTERS], b[ALIKE_LETTERS];
	size_t n = fold(one, a), m = fold(other, b);

	if (n == m && n > 0 && memcmp(a, b, n * sizeof(*a)) == 0)
		check_add(c, FINDING_ERROR, s, s->choice[k].line, 7, "give them different words",
		          "two choices of screen \"%s\" are both called \"%s\" in \"%s\"", s->name, other,
		          check_language(c, language));
	else if (same_first_word(a, n, b, m) || (n >= 6 && m >= 6 && distance(a, n, b, m) < 3))
		check_add(c, FINDING_WARNING, s, s->choice[k].line, 7,
		          "begin with the word that tells them apart",
		          "\"%s\" and \"%s\" are easily taken for each other", one, other);
}

static void check_labels(const struct check *c, const struct book_screen *s)
{
	for (size_t language = 0; s->n_choices <= 30 && language < c->b->n_languages; language++) {
		for (size_t k = 1; k < s->n_choices; k++) {
			for (size_t i = 0; i < k; i++) {
				if (language == 0 ||
				    s->choice[i].label.in[language] != s->choice[i].label.in[0] ||
				    s->choice[k].label.in[language] != s->choice[k].label.in[0])
					compare_labels(c, s, i, k, language);
			}
		}
	}
}

static bool is_typed(const struct book_screen *s)
{
	return s->kind == BOOK_ASK && (s->ask.as == BOOK_AS_TEXT || s->ask.as == BOOK_AS_NAME);
}

/* Only the fourth of a row is reported, once. */
static void check_row(const struct check *c, const struct book_screen *s)
{
	const struct book_screen *at = s;
	int n = 0;

	for (; is_typed(at) && at->next < c->b->n_screens && n <= TYPED_MOST; n++)
		at = &c->b->screen[at->next];
	if (n == TYPED_MOST && is_typed(at))
		n++;
	if (n > TYPED_MOST)
		check_add(c, FINDING_WARNING, s, 0, 8, "turn some into \"pick\", so that one key answers",
		          "more than %d answers in a row must be typed, from screen \"%s\" on", TYPED_MOST,
		          s->name);
}

static void check_example(const struct check *c, const struct book_screen *s)
{
	if (s->kind != BOOK_ASK || s->ask.as != BOOK_AS_DATE)
		return;
	for (size_t i = 0; i < c->b->n_languages; i++) {
		if (strpbrk(book_say(s->say, i), "0123456789/") == NULL)
			check_add(c, FINDING_WARNING, s, 0, 9, "add an example, such as 25/12/1990",
			          "screen \"%s\" asks for a date in \"%s\" without showing how", s->name,
			          check_language(c, i));
	}
}

static void check_result(const struct check *c, const struct book_screen *s)
{
	if (s->kind == BOOK_GIVE && s->give.otherwise == BOOK_NO_SCREEN)
		check_add(c, FINDING_ERROR, s, 0, 12,
		          "add else = \"later\"; and a screen that says it will come by SMS",
		          "screen \"%s\" does not say what people see when the gift takes long", s->name);
	if (s->kind == BOOK_GIVE && s->sms == NULL)
		check_add(c, FINDING_WARNING, s, 0, 12, "add sms = \"...\"",
		          "screen \"%s\" sends no SMS, so nothing stays on the phone and a slow gift is "
		          "never told",
		          s->name);
	for (size_t i = 0; s->kind == BOOK_END && i < c->b->n_languages; i++) {
		const char *end = book_say(s->end, i);
		size_t len = strlen(end);

		if (len > 0 && end[len - 1] == '?')
			check_add(
				c, FINDING_WARNING, s, 0, 12, "make it a \"menu\" or an \"ask\"",
				"the last screen \"%s\" asks a question in \"%s\", but nobody can answer it",
				s->name, check_language(c, i));
	}
}

/* Something like *123# or the word STOP. */
static bool says_how_to_stop(const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		size_t digits = *at == '*' ? strspn(at + 1, "0123456789*") : 0;

		if ((digits > 0 && at[1 + digits] == '#') || strncmp(at, "STOP", 4) == 0)
			return true;
	}
	return false;
}

static bool is_purpose(const struct check *c, const char *purpose, const char **names, size_t *n)
{
	const struct profile *profile = &book_full(c->b)->profile;
	bool found = false;

	*n = 0;
	for (size_t i = 0; i < c->b->n_screens && *n < PROFILE_MAX_FIELDS; i++) {
		if (c->b->screen[i].kind == BOOK_CONSENT)
			names[(*n)++] = c->b->screen[i].consent.purpose;
	}
	for (size_t i = 0; i < profile->n_fields; i++) {
		if (profile->field[i].consent[0] != '\0')
			names[(*n)++] = profile->field[i].consent;
	}
	for (size_t i = 0; i < *n; i++)
		found = found || strcmp(names[i], purpose) == 0;
	return found;
}

static void check_consent(const struct check *c, const struct book_screen *s)
{
	const char *names[2 * PROFILE_MAX_FIELDS], *near;
	size_t n;
	char remedy[100] = "name the purpose of a consent screen";

	for (size_t i = 0; s->kind == BOOK_CONSENT && i < c->b->n_languages; i++) {
		if (!says_how_to_stop(book_say(s->say, i)))
			check_add(c, FINDING_ERROR, s, 0, 13,
			          "add to \"say\" what to dial to stop, such as \"Stop: *123*3#\", or the "
			          "word STOP",
			          "the consent \"%s\" does not say in \"%s\" how to take it back", s->name,
			          check_language(c, i));
	}
	if (s->withdraw == NULL || is_purpose(c, s->withdraw, names, &n))
		return;
	near = nearest_word(s->withdraw, names, n);
	if (near != NULL)
		snprintf(remedy, sizeof(remedy), "did you mean \"%s\"?", near);
	check_add(c, FINDING_ERROR, s, 0, 13, remedy, "nobody agrees to \"%s\", so it cannot be taken back",
	          s->withdraw);
}

void check_screens(const struct check *c)
{
	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *s = &c->b->screen[i];

		check_choices(c, s);
		check_key(c, s, c->b->key_back, "back");
		check_key(c, s, c->b->key_home, "home");
		check_key(c, s, c->b->key_more, "more");
		check_zero(c, s);
		check_labels(c, s);
		check_row(c, s);
		check_example(c, s);
		check_result(c, s);
		check_consent(c, s);
	}
}

/* Does somebody who dials the code and then presses the number of the shortcut come to another screen? */
static void compare_with_menu(const struct check *c, const struct book_screen *s, const char *core,
                              const char *code)
{
	const struct book_screen *start = &c->b->screen[c->b->start];
	const char *tail = core + strlen(code) + 1;
	int choice;

	if (start->kind != BOOK_MENU || (choice = answer_number(tail, strlen(tail), start->n_choices)) < 0)
		return;
	if (start->choice[choice].next != s - c->b->screen)
		check_add(c, FINDING_WARNING, s, 0, 14,
		          "let the number in the shortcut be the one in the menu",
		          "%s leads to \"%s\", but %s and then %s leads to \"%s\"", s->dial, s->name,
		          c->b->code, tail, c->b->screen[start->choice[choice].next].name);
}

static void check_dial(const struct check *c, size_t i)
{
	const struct book_screen *s = &c->b->screen[i];
	char core[BOOK_DIAL_SIZE], code[BOOK_DIAL_SIZE];

	if (s->dial == NULL || !book_dial_core(s->dial, core) || !book_dial_core(c->b->code, code))
		return;
	for (size_t k = 0; k < i; k++) {
		const struct book_screen *other = &c->b->screen[k];

		if (other->dial != NULL && strcmp(other->dial, s->dial) == 0)
			check_add(c, FINDING_ERROR, s, 0, 14, "give each screen a shortcut of its own",
			          "%s already leads to screen \"%s\"", s->dial, other->name);
	}
	compare_with_menu(c, s, core, code);
}

void check_shortcuts(const struct check *c)
{
	/* Texts that always mean the same, in any service and in every dialogue (promise 7). */
	static const char *const reserved[] = {"STOP",  "STOPALL", "UNSUBSCRIBE", "CANCEL", "END",    "QUIT",
	                                       "ARRET", "ACHA",    "SIMAMA",      "START",  "UNSTOP", "ANZA",
	                                       "HELP",  "INFO",    "AIDE",        "MSAADA"};

	for (size_t i = 0; i < c->b->n_screens; i++)
		check_dial(c, i);
	for (size_t i = 0; i < c->b->n_keywords; i++) {
		for (size_t k = 0; k < sizeof(reserved) / sizeof(reserved[0]); k++) {
			if (strcmp(c->b->keyword[i], reserved[k]) == 0)
				check_add(c, FINDING_ERROR, NULL, 0, 14, "choose another word",
				          "the keyword %s always has its own meaning, as STOP, START and "
				          "HELP have",
				          reserved[k]);
		}
	}
}
