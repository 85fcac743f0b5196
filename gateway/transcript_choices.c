/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choices of a transcript: see transcript_choices.h. */
#include "gateway/transcript_choices.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "gateway/transcript_words.h"
#include "menus/answer.h"
#include "menus/letters.h"
#include "menus/search.h"

#define PIECE_LEAST 5 /* letters of a choice that a screen has cut */

/* --- what stands for a choice ------------------------------------------------------------------------------------- */

static bool offers(const struct book_screen *s, int field)
{
	return (s->kind == BOOK_PICK && s->pick.field == field) ||
	       (s->kind == BOOK_LIST && s->list.field == field);
}

static size_t count_of(const struct book_screen *s)
{
	return s->kind == BOOK_PICK ? s->n_choices : s->list.n_rows;
}

static const char *value_of(const struct book_screen *s, size_t i)
{
	return s->kind == BOOK_PICK ? s->choice[i].value : s->list.row[i].value;
}

static const struct book_text *label_of(const struct book_screen *s, size_t i)
{
	return s->kind == BOOK_LIST ? &s->list.row[i].label : &s->choice[i].label;
}

static const struct book_screen *offered_at(const struct book *b, int field)
{
	for (size_t i = 0; i < b->n_screens; i++)
		if (offers(&b->screen[i], field) && count_of(&b->screen[i]) > 0)
			return &b->screen[i];
	return NULL;
}

static size_t values_in(const char *value)
{
	size_t n = 1;

	for (; *value != '\0'; value++)
		n += *value == ',';
	return n;
}

/* The first choices, as many as the real ones. False: the field has none. */
static bool make(const struct profile *p, const struct book *b, size_t field, const char *real,
                 char made[PROFILE_VALUE_MAX + 1])
{
	const struct profile_field *f = &p->field[field];
	const struct book_screen *s = offered_at(b, (int)field);
	size_t n = s != NULL ? count_of(s) : f->n_of, want = f->several ? values_in(real) : 1;
	struct buf out;

	buf_init(&out, made, PROFILE_VALUE_MAX + 1);
	for (size_t i = 0; i < n && i < want; i++) {
		buf_add(&out, i > 0 ? "," : "");
		buf_add(&out, s != NULL ? value_of(s, i) : f->of[i]);
	}
	return n > 0;
}

const char *transcript_choices_value(struct transcript_choices *c, const struct profile *p,
                                     const struct book *b, size_t field, const char *value)
{
	if (!make(p, b, field, value, c->field[field].made))
		return NULL;
	snprintf(c->field[field].real, sizeof(c->field[field].real), "%s", value);
	return c->field[field].made;
}

bool transcript_choices_pick(const struct book *b, const struct walk *walk, const char *typed, char *out,
                             size_t size)
{
	const struct book_screen *s = &b->screen[walk->screen];
	char tidy[TRANSCRIPT_WORD_SIZE], values[PROFILE_VALUE_MAX + 1];
	struct buf line;
	size_t n = 1;

	if (walk->screen >= b->n_screens || walk->phase != WALK_SHOWING || s->kind != BOOK_PICK ||
	    s->pick.field < 0)
		return false;
	letters_tidy(typed, tidy, sizeof(tidy));
	if (s->pick.several) {
		if (!answer_several(s, tidy, walk->language, values))
			return false;
		n = values_in(values);
	} else if (answer_choice(s, tidy, walk->language) < 0) {
		return false;
	}
	buf_init(&line, out, size);
	for (size_t i = 1; i <= n; i++) {
		char number[24];

		snprintf(number, sizeof(number), "%s%zu", i > 1 ? " " : "", i);
		buf_add(&line, number);
	}
	return true;
}

/* --- lists --------------------------------------------------------------------------------------------------------- */

bool transcript_choices_list_typed(struct transcript_choices *c, const struct book *b,
                                   const struct walk *walk, const char *typed)
{
	const struct book_screen *s = &b->screen[walk->screen];
	char tidy[TRANSCRIPT_WORD_SIZE];

	if (walk->screen >= b->n_screens || walk->phase != WALK_SHOWING || s->kind != BOOK_LIST ||
	    s->list.field < 0)
		return false;
	letters_tidy(typed, tidy, sizeof(tidy));
	if (strcmp(tidy, b->key_back) == 0 || strcmp(tidy, b->key_home) == 0 ||
	    strcmp(tidy, b->key_more) == 0)
		return false;
	c->list_waits = true;
	c->list = walk->screen;
	memcpy(c->needle, walk->needle, sizeof(c->needle));
	return true;
}

/* How the first row that can be told from the others is called. */
static const char *first_label(const struct book_screen *s, size_t language)
{
	for (size_t i = 0; i < s->list.n_rows; i++) {
		const char *label = book_say(&s->list.row[i].label, language);

		if (search_exact(s, label, language) == (int)i)
			return label;
	}
	return "1";
}

const char *transcript_choices_list(struct transcript_choices *c, const struct book *b,
                                    const struct walk *walk)
{
	if (!c->list_waits)
		return NULL;
	c->list_waits = false;
	if (walk->screen != c->list || walk->phase != WALK_SHOWING)
		return first_label(&b->screen[c->list], walk->language);
	return strcmp(walk->needle, c->needle) != 0 ? b->key_more : "??";
}

bool transcript_choices_is_search(const struct book *b, const struct walk *walk)
{
	return walk->phase == WALK_SHOWING && walk->screen < b->n_screens &&
	       b->screen[walk->screen].kind == BOOK_LIST && walk->needle[0] != '\0';
}

/* --- screens -------------------------------------------------------------------------------------------------------- */

struct hiding {
	const struct transcript_choices *c;
	const struct book *b;
	const struct walk *walk; /* NULL = nothing is offered */
	const struct profile *profile;
	size_t field; /* which is looked for */
	const char *at;
	size_t longest;
	char made[PROFILE_VALUE_MAX * 2];
};

static bool is_letter(unsigned char c)
{
	return isalnum(c) || c >= 0x80;
}

static const char *say_one(const struct hiding *h, const char *value, size_t language)
{
	for (size_t i = 0; i < h->b->n_screens; i++) {
		const struct book_screen *s = &h->b->screen[i];

		for (size_t k = 0; offers(s, (int)h->field) && k < count_of(s); k++)
			if (strcmp(value_of(s, k), value) == 0)
				return book_say(label_of(s, k), language);
	}
	return value;
}

/* As screens do: "Music, Sport". */
static void say(const struct hiding *h, const char *value, size_t language, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, out, size);
	while (*value != '\0') {
		size_t len = strcspn(value, ",");
		char one[PROFILE_VALUE_MAX + 1];

		snprintf(one, sizeof(one), "%.*s", (int)len, value);
		buf_add(&b, b.len > 0 ? ", " : "");
		buf_add(&b, say_one(h, one, language));
		value += len + (value[len] == ',');
	}
}

/* Does `real` stand here, as whole words? Then `made` takes its place. */
static void look(struct hiding *h, const char *real, const char *made)
{
	size_t n = strlen(real);

	if (n <= h->longest || strncmp(h->at, real, n) != 0 || is_letter((unsigned char)h->at[n]))
		return;
	h->longest = n;
	snprintf(h->made, sizeof(h->made), "%s", made);
}

/* The beginning of the real one, at the end of what a screen had room for. */
static void look_cut(struct hiding *h, const char *real, const char *made)
{
	size_t n = 0;

	while (real[n] != '\0' && real[n] == h->at[n])
		n++;
	if (n < PIECE_LEAST || n <= h->longest || is_letter((unsigned char)h->at[n]))
		return;
	h->longest = n;
	snprintf(h->made, sizeof(h->made), "%s", made);
}

/* All choices of the field, and not the real one alone: else a word of the menu's that happens to be it would be seen to change. */
static void look_field(struct hiding *h)
{
	const char *real = h->c->field[h->field].real, *made = h->c->field[h->field].made;
	const struct profile_field *f = &h->profile->field[h->field];
	char real_label[PROFILE_VALUE_MAX * 2], made_label[PROFILE_VALUE_MAX * 2];
	char first[PROFILE_VALUE_MAX + 1];

	(void)make(h->profile, h->b, h->field, "", first);
	for (size_t l = 0; l < h->b->n_languages; l++) {
		say(h, real, l, real_label, sizeof(real_label));
		say(h, made, l, made_label, sizeof(made_label));
		look(h, real_label, made_label);
		look_cut(h, real_label, made_label);
		say(h, first, l, made_label, sizeof(made_label));
		for (size_t i = 0; i < h->b->n_screens; i++) {
			const struct book_screen *s = &h->b->screen[i];

			for (size_t k = 0; offers(s, (int)h->field) && k < count_of(s); k++)
				look(h, book_say(label_of(s, k), l), made_label);
		}
	}
	look(h, real, made);
	for (size_t i = 0; i < f->n_of; i++)
		look(h, f->of[i], first);
}

/* "2 Have a job" where that can be chosen: the menu's own line. */
static bool is_offer(const struct hiding *h, const char *line, size_t len)
{
	const struct book_screen *s;
	size_t skip = 0, n;

	if (h->walk == NULL || h->walk->phase != WALK_SHOWING || h->walk->screen >= h->b->n_screens)
		return false;
	s = &h->b->screen[h->walk->screen];
	while (skip < len && isdigit((unsigned char)line[skip]))
		skip++;
	if (skip == 0)
		return false;
	while (skip < len && strchr(" .:)", line[skip]) != NULL)
		skip++;
	n = s->kind == BOOK_LIST ? s->list.n_rows : s->n_choices;
	for (size_t i = 0; i < n; i++) {
		const char *label = book_say(label_of(s, i), h->walk->language);

		if (strlen(label) == len - skip && memcmp(label, line + skip, len - skip) == 0)
			return true;
	}
	return false;
}

static void hide_line(struct hiding *h, const char *line, size_t len, struct buf *out)
{
	unsigned char before = ' ';

	if (is_offer(h, line, len)) {
		buf_add_n(out, line, len);
		return;
	}
	for (size_t at = 0; at < len;) {
		h->at = line + at;
		h->longest = 0;
		for (h->field = 0; !is_letter(before) && h->field < h->profile->n_fields; h->field++)
			if (h->c->field[h->field].real[0] != '\0')
				look_field(h);
		if (h->longest > 0)
			buf_add(out, h->made);
		else
			buf_add_n(out, h->at, 1);
		at += h->longest > 0 ? h->longest : 1;
		before = (unsigned char)line[at - 1];
	}
}

void transcript_choices_hide(struct transcript_choices *c, const struct book *b, const struct walk *walk,
                             const struct record *r, const char *text, char *out, size_t size)
{
	struct hiding h = {.c = c, .b = b, .walk = walk, .profile = record_profile(r)};
	struct buf o;

	for (size_t f = 0; f < h.profile->n_fields; f++) {
		const char *value = record_value(r, f);

		if (value != NULL && *value != '\0')
			(void)transcript_choices_value(c, h.profile, b, f, value);
	}
	buf_init(&o, out, size);
	for (; *text != '\0'; text += *text == '\n') {
		size_t len = strcspn(text, "\n");

		hide_line(&h, text, len, &o);
		text += len;
		buf_add(&o, *text == '\n' ? "\n" : "");
	}
}
