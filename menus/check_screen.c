/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, one screen at a time: number of choices (rule 5), keys (6), labels (7), examples (9), secrets (10), waiting for
 * others (11), results (12).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/nearest.h"
#include "core/text.h"
#include "menus/answer.h"
#include "menus/book_private.h"
#include "menus/check_private.h"
#include "menus/letters.h"

#define MENU_GOOD 5       /* choices that people take in at one look */
#define MENU_MOST 9       /* one key press each */
#define PAGE_ROWS 40      /* of a list: no page holds more */
#define WAIT_GOOD_MS 3000 /* for somebody else's answer */
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
	size_t rows = s->list.n_rows < PAGE_ROWS ? s->list.n_rows
	                                         : PAGE_ROWS; /* they are numbered on each page anew */
	int choice = answer_number(key, strlen(key), s->kind == BOOK_LIST ? rows : s->n_choices);

	if (s->kind <= BOOK_CONSENT && s->kind != BOOK_ASK && choice >= 0)
		check_add(c, FINDING_ERROR, s, 0, 6, "change that key in \"keys\", or offer fewer choices",
		          "on screen \"%s\" the key %s means both \"%s\" and choice %d", s->name, key, name,
		          choice + 1);
}

static void check_zero(const struct check *c, const struct book_screen *s)
{
	size_t len = strlen(c->b->key_back);
	long number = strtol(c->b->key_back, NULL, 10);

	if (s->ask.has_range && (number < s->ask.low || number > s->ask.high))
		return; /* it is no good answer anyhow */
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

/* Two rows of a list that show the same cannot be told apart. */
static int compare_rows(const void *a, const void *b)
{
	const struct book_row *one = *(const struct book_row *const *)a,
			      *other = *(const struct book_row *const *)b;

	return strcasecmp(book_say(&one->label, 0), book_say(&other->label, 0));
}

static void check_rows(const struct check *c, const struct book_screen *s)
{
	const struct book_row **row;

	if (s->kind != BOOK_LIST ||
	    (row = calloc(s->list.n_rows + 1, sizeof(const struct book_row *))) == NULL)
		return;
	for (size_t i = 0; i < s->list.n_rows; i++)
		row[i] = &s->list.row[i];
	qsort(row, s->list.n_rows, sizeof(const struct book_row *), compare_rows);
	for (size_t i = 1; i < s->list.n_rows; i++) {
		if (compare_rows(&row[i - 1], &row[i]) != 0)
			continue;
		check_add(c, FINDING_ERROR, s, 0, 7, "let \"show\" say what tells them apart",
		          "two rows of the list \"%s\" are both shown as \"%s\"", s->name,
		          book_say(&row[i]->label, 0));
		break;
	}
	free(row);
}

static bool shows_digit(const struct book_text *t, size_t language)
{
	return t != NULL && strpbrk(book_say(t, language), "0123456789") != NULL;
}

/* What a question of this format has to show; NULL = nothing. */
static const char *example_of(const struct book_screen *s)
{
	if (s->kind != BOOK_ASK && !book_asks_number(s))
		return NULL;
	switch (s->ask.as) {
	case BOOK_AS_DATE:
		return "25/12/1990";
	case BOOK_AS_DIGITS: /* such as an ID; a few digits explain themselves */
		return s->ask.min >= 5 ? "8 digits, 12345678" : NULL;
	case BOOK_AS_MSISDN:
		return "0722000000";
	case BOOK_AS_YEAR:
		return "1990";
	case BOOK_AS_PIN:
		return "4 digits";
	case BOOK_AS_AMOUNT:
		return "250 or 250.50";
	case BOOK_AS_TEXT:
	case BOOK_AS_NAME:
	case BOOK_AS_NUMBER:
	case BOOK_AS_COUNT_:
		break;
	}
	return NULL;
}

static const char *format_name(enum book_check as)
{
	return as == BOOK_AS_DATE     ? "a date"
	       : as == BOOK_AS_YEAR   ? "a year"
	       : as == BOOK_AS_PIN    ? "a PIN"
	       : as == BOOK_AS_AMOUNT ? "an amount"
	       : as == BOOK_AS_MSISDN ? "a phone number"
	                              : "digits";
}

/* A year, a PIN or an amount may also be explained by the word after a bad answer: most people know them. */
static void check_example(const struct check *c, const struct book_screen *s)
{
	const char *example = example_of(s);
	bool late = example != NULL &&
	            (s->ask.as == BOOK_AS_YEAR || s->ask.as == BOOK_AS_PIN || s->ask.as == BOOK_AS_AMOUNT);
	char remedy[80];

	for (size_t i = 0; example != NULL && i < c->b->n_languages; i++) {
		if (shows_digit(s->say, i) || (late && shows_digit(s->sorry, i)))
			continue;
		snprintf(remedy, sizeof(remedy), "add an example, such as %s%s", example,
		         late ? ", to \"say\" or to \"sorry\"" : "");
		check_add(c, FINDING_WARNING, s, 0, 9, remedy,
		          "screen \"%s\" asks for %s in \"%s\" without showing how", s->name,
		          format_name(s->ask.as), check_language(c, i));
	}
}

/* What opens an account or tells who somebody is must not lie about readable. */
static void check_secret(const struct check *c, const struct book_screen *s)
{
	static const char *const pins[] = {"pin", "password", "passcode", "secret"};
	static const char *const ids[] = {"id_number", "national_id", "id_no", "nin",
	                                  "bvn",       "passport",    "idno"};
	const struct profile_field *f;

	if (s->kind != BOOK_ASK || s->ask.field < 0)
		return;
	f = &book_full(c->b)->profile.field[s->ask.field];
	for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++) {
		if (strcmp(f->name, pins[i]) == 0 && !s->ask.secret)
			check_add(c, FINDING_ERROR, s, 0, 10, "add secret = true; to \"ask\"",
			          "screen \"%s\" saves \"%s\" where it can be read", s->name, f->name);
	}
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (strcmp(f->name, ids[i]) == 0 && !s->ask.secret && !f->is_private)
			check_add(c, FINDING_ERROR, s, 0, 10,
			          "add private = true; to the field in profile.conf, or secret = true; to "
			          "\"ask\"",
			          "screen \"%s\" saves \"%s\", which tells who somebody is, in the open",
			          s->name, f->name);
	}
}

static void check_wait(const struct check *c, const struct book_screen *s, const char *what,
                       uint32_t within_ms)
{
	int64_t limit = c->env != NULL ? c->env->answer_within_ms : 0;
	char remedy[120];

	if (limit > 0 && within_ms >= limit) {
		int64_t good = limit > 500 ? (limit - 500) / 500 * 500 : limit / 2;

		snprintf(remedy, sizeof(remedy),
		         "write within = \"%lldms\"; so that there is time left to answer",
		         (long long)(good > 0 ? good : limit / 2));
		check_add(c, FINDING_ERROR, s, 0, 11, remedy,
		          "screen \"%s\" waits %u ms for %s, but the network waits only %lld ms for us "
		          "(ussd.answer_within)",
		          s->name, (unsigned)within_ms, what, (long long)limit);
	} else if (within_ms > WAIT_GOOD_MS) {
		check_add(c, FINDING_WARNING, s, 0, 11, "write within = \"3s\"; or less",
		          "screen \"%s\" waits %u ms for %s; many people give up", s->name,
		          (unsigned)within_ms, what);
	}
}

static void check_waits(const struct check *c, const struct book_screen *s)
{
	if (s->kind == BOOK_APP)
		check_wait(c, s, "its app", s->app.within_ms);
	if (s->facts != 0)
		check_wait(c, s, "the charging system", s->facts_within_ms);
}

/* Do two lines begin with 1 and 2, as a menu's do? */
static bool has_choices(const char *text)
{
	char wanted = '1';

	while (*text != '\0' && wanted < '3') {
		if (text[0] == wanted && text[1] != '\0' && strchr(" .):", text[1]) != NULL)
			wanted++;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return wanted == '3';
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
	if (s->kind == BOOK_BUY && s->buy.otherwise == BOOK_NO_SCREEN)
		check_add(c, FINDING_ERROR, s, 0, 12,
		          "add else = \"later\"; and a screen that says that they will hear by SMS",
		          "screen \"%s\" does not say what people see when the purchase takes long", s->name);
	if (s->kind == BOOK_BUY && s->sms == NULL)
		check_add(c, FINDING_WARNING, s, 0, 12, "add sms = \"...\"",
		          "screen \"%s\" sends no SMS, so nothing of the purchase stays on the phone",
		          s->name);
	if (s->kind == BOOK_APP && s->app.otherwise == BOOK_NO_SCREEN)
		check_add(c, FINDING_ERROR, s, 0, 12,
		          "add else = \"busy\"; and a screen that says what to do now",
		          "screen \"%s\" does not say what people see when its app is slow or down", s->name);
	for (size_t i = 0; s->end != NULL && i < c->b->n_languages; i++) {
		const char *end = book_say(s->end, i);
		size_t len = strlen(end);

		if (has_choices(end))
			check_add(c, FINDING_ERROR, s, 0, 12,
			          "make it a \"menu\"; its choices number themselves",
			          "the last screen \"%s\" shows numbers to choose from in \"%s\", but nobody "
			          "can "
			          "answer it",
			          s->name, check_language(c, i));
		else if (len > 0 && end[len - 1] == '?')
			check_add(
				c, FINDING_WARNING, s, 0, 12, "make it a \"menu\" or an \"ask\"",
				"the last screen \"%s\" asks a question in \"%s\", but nobody can answer it",
				s->name, check_language(c, i));
	}
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
		check_rows(c, s);
		check_example(c, s);
		check_secret(c, s);
		check_waits(c, s);
		check_result(c, s);
	}
}
