/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up words: see transcript_words.h. */
#include "gateway/transcript_words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "menus/answer.h"
#include "menus/format.h"
#include "menus/letters.h"
#include "menus/search.h"

#define REAL_LEAST 2  /* letters of a word that is looked for in screens: a single one stands everywhere */
#define PART_LEAST 5  /* letters of a piece of it: screens cut long values, and break them over pages */
#define CHOICE_MOST 3 /* digits of the number of a choice */
#define TAIL "700000001"

struct pair {
	char real[TRANSCRIPT_WORD_SIZE], made[TRANSCRIPT_WORD_SIZE];
};

struct transcript_words {
	size_t n;
	struct pair pair[TRANSCRIPT_WORDS_MAX];
	bool is_full;                    /* a word was not learnt: from then on no text is safe to show */
	char last[TRANSCRIPT_WORD_SIZE]; /* what was handed out */
};

static void learn(struct transcript_words *w, const char *real, const char *made)
{
	struct pair *p;

	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->pair[i].real, real) == 0)
			return;
	if (strlen(real) < REAL_LEAST)
		return;
	w->is_full = w->is_full || w->n == TRANSCRIPT_WORDS_MAX;
	if (w->is_full)
		return;
	p = &w->pair[w->n++];
	snprintf(p->real, sizeof(p->real), "%s", real);
	snprintf(p->made, sizeof(p->made), "%s", made);
}

/* A value also in the other ways in which screens write it: "31 Jan 1990", "1500,50". */
static void learn_value(struct transcript_words *w, const struct book *b, const char *real, const char *made)
{
	learn(w, real, made);
	for (size_t i = 0; i < b->n_languages; i++) {
		char real_text[TRANSCRIPT_WORD_SIZE], made_text[TRANSCRIPT_WORD_SIZE];
		struct buf r, m;

		buf_init(&r, real_text, sizeof(real_text));
		buf_init(&m, made_text, sizeof(made_text));
		format_date(real, b->language[i], &r);
		format_date(made, b->language[i], &m);
		if (strcmp(real_text, real) == 0) {
			buf_init(&r, real_text, sizeof(real_text));
			buf_init(&m, made_text, sizeof(made_text));
			format_money(real, false, NULL, b->language[i], &r);
			format_money(made, false, NULL, b->language[i], &m);
		}
		learn(w, real_text, made_text);
	}
}

struct transcript_words *transcript_words_new(const char *number)
{
	struct transcript_words *w = calloc(1, sizeof(*w));
	size_t n = strlen(number), tail = strlen(TAIL);

	if (w != NULL) /* with or without country code and trunk digit */
		learn(w, n > tail ? number + n - tail : number, TAIL);
	return w;
}

void transcript_words_free(struct transcript_words *w)
{
	if (w != NULL)
		explicit_bzero(w, sizeof(*w));
	free(w);
}

/* The same shape in other letters: "Ob 17/3" becomes "Xx 11/1". */
static void reshape(const char *typed, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, out, size);
	for (; *typed != '\0'; typed++) {
		unsigned char c = (unsigned char)*typed;

		if ((c & 0xc0) == 0x80)
			continue; /* the rest of a letter */
		buf_add(&b, isdigit(c)                ? "1"
		            : c >= 0x80 || islower(c) ? "x"
		            : isupper(c)              ? "X"
		                                      : (char[]){(char)c, '\0'});
	}
}

/* A word of the ask's kind that it takes (or refuses), like the real one. */
static void make_up(const struct book *b, const struct book_screen *s, const char *typed, bool is_good,
                    char *out, size_t size)
{
	static const char *const good[] = {"Jane Doe",   "Jo",
	                                   "1990",       "1990-01-31",
	                                   "31/01/1990", "0700000001",
	                                   "1234",       "12345678",
	                                   "10",         "1",
	                                   "100",        "5000",
	                                   "Something",  "Something else that is longer"};
	static const char *const bad[] = {"?", "??", "12 34", "Jane 7", "x", "999999999999"};
	const char *const *from = is_good ? good : bad;
	size_t n = is_good ? sizeof(good) / sizeof(good[0]) : sizeof(bad) / sizeof(bad[0]);
	bool is_name = s->ask.as == BOOK_AS_NAME;
	char value[PROFILE_VALUE_MAX + 1];

	for (size_t i = 0; i < n; i++) {
		bool is_word = isalpha((unsigned char)from[i][0]);

		if (is_good && !is_name && is_word && s->ask.as == BOOK_AS_TEXT && i < 2)
			continue; /* a name where words are asked for */
		if (is_good && s->ask.as == BOOK_AS_TEXT && !is_word)
			continue;
		if (strcmp(from[i], typed) != 0 && answer_fits(b, s, from[i], value) == is_good) {
			snprintf(out, size, "%s", from[i]);
			return;
		}
	}
	if (is_good && answer_least(b, s, value) && strcmp(value, typed) != 0)
		snprintf(out, size, "%s", value);
	else
		reshape(typed, out, size);
}

static bool is_key(const struct book *b, const char *typed)
{
	return strcmp(typed, b->key_back) == 0 || strcmp(typed, b->key_home) == 0 ||
	       strcmp(typed, b->key_more) == 0;
}

/* Does the menu itself say this? Then it tells nothing of the subscriber but the choice. */
static bool is_offered(const struct book *b, const struct walk *walk, const char *typed)
{
	const struct book_screen *s = &b->screen[walk->screen];
	char several[PROFILE_VALUE_MAX + 1];
	uint16_t match[SEARCH_MAX];

	if (strlen(typed) <= 2 && (walk->phase != WALK_SHOWING || s->kind != BOOK_ASK))
		return true; /* the number of a choice */
	if (walk->phase != WALK_SHOWING)
		return false;
	if (s->kind == BOOK_LIST)
		return search_rows(s, typed, walk->language, match) > 0;
	if (s->kind == BOOK_PICK && s->pick.several)
		return answer_several(s, typed, walk->language, several);
	return s->kind != BOOK_ASK && answer_choice(s, typed, walk->language) >= 0;
}

const char *transcript_words_typed(struct transcript_words *w, const struct book *b, const struct walk *walk,
                                   const char *typed)
{
	const struct book_screen *s = &b->screen[walk->screen];
	char tidy[TRANSCRIPT_WORD_SIZE], real[PROFILE_VALUE_MAX + 1], made[PROFILE_VALUE_MAX + 1];
	bool is_ask = walk->phase == WALK_SHOWING && (s->kind == BOOK_ASK || book_asks_number(s));

	letters_tidy(typed, tidy, sizeof(tidy));
	if (walk->screen >= b->n_screens || is_key(b, tidy) || is_offered(b, walk, tidy)) {
		snprintf(w->last, sizeof(w->last), "%s", tidy);
		return w->last;
	}
	if (is_ask) {
		bool is_good = answer_fits(b, s, tidy, real);

		make_up(b, s, tidy, is_good, w->last, sizeof(w->last));
		if (is_good && answer_fits(b, s, w->last, made))
			learn_value(w, b, real, made);
	} else if (walk->phase == WALK_IN_APP) {
		reshape(tidy, w->last, sizeof(w->last));
	} else {
		snprintf(w->last, sizeof(w->last), "?"); /* refused here, whatever it was */
	}
	learn(w, tidy, w->last);
	return w->last;
}

const char *transcript_words_stored(struct transcript_words *w, const struct book *b, int field,
                                    const char *value)
{
	const struct book_screen *ask = NULL;
	char real[PROFILE_VALUE_MAX + 1];

	snprintf(w->last, sizeof(w->last), "%s", value);
	for (size_t i = 0; i < b->n_screens; i++) {
		const struct book_screen *s = &b->screen[i];

		if (s->kind == BOOK_ASK && s->ask.field == field)
			ask = s;
	}
	if (ask != NULL && answer_fits(b, ask, value, real))
		make_up(b, ask, value, true, w->last, sizeof(w->last));
	else
		reshape(value, w->last, sizeof(w->last));
	learn_value(w, b, value, w->last);
	return w->last;
}

static bool is_dial_of(const struct book *b, const char *group, size_t n)
{
	char part[TRANSCRIPT_WORD_SIZE];

	snprintf(part, sizeof(part), "%.*s", (int)n, group);
	if (b->code != NULL && strstr(b->code, part) != NULL)
		return true;
	for (size_t i = 0; i < b->n_screens; i++)
		if (b->screen[i].dial != NULL && strstr(b->screen[i].dial, part) != NULL)
			return true;
	return false;
}

const char *transcript_words_dialled(struct transcript_words *w, const struct book *b, const char *dialled)
{
	struct buf out;
	size_t n;

	buf_init(&out, w->last, sizeof(w->last));
	for (; *dialled != '\0'; dialled += n) {
		char made[TRANSCRIPT_WORD_SIZE];
		bool is_sign = strchr("*#", *dialled) != NULL;

		n = is_sign ? 1 : strcspn(dialled, "*#");
		snprintf(made, sizeof(made), "%.*s", (int)n, dialled);
		if (!is_sign && n > CHOICE_MOST && !is_dial_of(b, dialled, n)) {
			char real[TRANSCRIPT_WORD_SIZE];

			snprintf(real, sizeof(real), "%s", made);
			reshape(real, made, sizeof(made));
			learn(w, real, made);
		}
		buf_add(&out, made);
	}
	return w->last;
}

/* How many bytes of `text` are this word, or from `is_begin` on a piece of it that is long enough to tell something. */
static size_t found_of(const struct pair *p, const char *text, bool is_begin)
{
	size_t whole = strlen(p->real), longest = 0;

	if (strncmp(text, p->real, whole) == 0)
		return whole;
	for (const char *from = p->real; is_begin && *from != '\0'; from++) {
		size_t n = 0;

		if ((from > p->real && from[-1] != ' ') || !(isalpha((unsigned char)*from) || *from & 0x80))
			continue;
		while (from[n] != '\0' && from[n] == text[n])
			n++;
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
		longest = n >= PART_LEAST && n > longest ? n : longest;
	}
	return longest;
}

void transcript_words_hide(const struct transcript_words *w, const char *text, char *out, size_t size)
{
	unsigned char before = ' ';
	struct buf b;

	buf_init(&b, out, size);
	if (w->is_full) {
		buf_add(&b, "...");
		return;
	}
	while (*text != '\0') {
		const struct pair *found = NULL;
		size_t longest = 0;

		for (size_t i = 0; i < w->n; i++) {
			size_t n = found_of(&w->pair[i], text, !isalnum(before) && before < 0x80);

			if (n > longest) {
				longest = n;
				found = &w->pair[i];
			}
		}
		if (found != NULL)
			buf_add(&b, found->made);
		else
			buf_add_n(&b, text, 1);
		text += found != NULL ? longest : 1;
		before = (unsigned char)text[-1];
	}
}
