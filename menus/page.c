/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: greedy layout (page.h).
 *
 * A page is filled from a place (byte of the words, number of the choice) and hands on the next place. First everything
 * that is left is tried without a More line; else as much as fits with one. What does not fit at all, even alone, is
 * cut, so every page makes progress and the number of pages is bounded by the bytes.
 */
#include "menus/page.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

#define PAGE_TEXT 1024 /* bytes of one page: PAGE_MAX characters of at most 4 bytes and room */
#define PAGES_MAX 250  /* no view of ours comes near; page numbers are bytes in a walk */

struct place {
	size_t say, choice;
};

static void add_line(struct buf *b, const char *line)
{
	if (b->len > 0)
		buf_add_char(b, '\n');
	buf_add(b, line);
}

static void add_keys(const struct page_view *v, bool more, bool back, struct buf *b)
{
	char line[64];

	if (more) {
		snprintf(line, sizeof(line), "%s %s", v->key_more, v->word_more);
		add_line(b, line);
	}
	if (back) {
		snprintf(line, sizeof(line), "%s %s", v->key_back, v->word_back);
		add_line(b, line);
	}
	if (v->has_home) {
		snprintf(line, sizeof(line), "%s %s", v->key_home, v->word_home);
		add_line(b, line);
	}
}

/* Would `b` with the key lines still be one page? Leaves b as it was. */
static bool fits(const struct page_view *v, struct buf *b, bool more, bool back)
{
	size_t len = b->len;
	bool cut, good;

	add_keys(v, more, back, b);
	good = !b->cut && text_fits(b->at, b->len, v->page);
	cut = b->cut;
	b->len = len;
	b->at[len] = '\0';
	b->cut = cut && !good;
	return good;
}

static void undo(struct buf *b, size_t len)
{
	b->len = len;
	b->at[len] = '\0';
	b->cut = false;
}

/* `first` = the first choice of this page. */
static void add_choice(const struct page_view *v, size_t first, size_t choice, struct buf *b)
{
	char number[24];

	snprintf(number, sizeof(number), "%zu ", choice + 1 - (v->numbers_restart ? first : 0));
	add_line(b, number);
	v->label(v->ctx, choice, b);
}

/* Everything that is left, without a More line. */
static bool fill_rest(const struct page_view *v, struct place from, bool back, struct buf *b)
{
	size_t len = b->len, i = from.choice;

	if (v->say[from.say] != '\0')
		add_line(b, v->say + from.say);
	/* No more than three bytes a character, whatever the alphabet: longer ones cost two. */
	for (; i < v->n_choices && !b->cut && b->len <= 3 * v->page; i++)
		add_choice(v, from.choice, i, b);
	if (i == v->n_choices && !b->cut && fits(v, b, false, back))
		return true;
	undo(b, len);
	return false;
}

/* End of the next word of the words, and where the one after it begins. */
static size_t word_end(const char *say, size_t at)
{
	at += strspn(say + at, " ");
	if (say[at] == '\n')
		return at + 1;
	return at + strcspn(say + at, " \n");
}

/* As many words as fit; at least one character when the page is still empty. Returns the new place in the words. */
static size_t fill_words(const struct page_view *v, size_t from, bool back, struct buf *b, bool *cut)
{
	size_t start = b->len, at = from;

	if (start > 0)
		buf_add_char(b, '\n');
	while (v->say[at] != '\0') {
		size_t len = b->len, end = word_end(v->say, at);

		buf_add_n(b, v->say + at, end - at);
		if (b->cut || !fits(v, b, true, back)) {
			undo(b, len);
			break;
		}
		at = end;
	}
	if (at > from) {
		while (b->len > 0 && (b->at[b->len - 1] == '\n' || b->at[b->len - 1] == ' '))
			undo(b, b->len - 1);
		return at;
	}
	/* One word longer than the page. */
	*cut = true;
	while (v->say[at] != '\0') {
		const char *next = v->say + at;
		size_t len = b->len;

		text_utf8_next(&next);
		buf_add_n(b, v->say + at, (size_t)(next - (v->say + at)));
		if (b->cut || !fits(v, b, true, back)) {
			undo(b, len);
			break;
		}
		at = (size_t)(next - v->say);
	}
	if (at == from) { /* no room at all: skip one character rather than stand still */
		const char *next = v->say + at;

		text_utf8_next(&next);
		at = (size_t)(next - v->say);
	}
	return at;
}

/* Cut the last line of b, which began at `line`, until it fits beside the keys. */
static void cut_line(const struct page_view *v, size_t line, bool back, struct buf *b)
{
	while (b->len > line && !fits(v, b, true, back)) {
		size_t len = b->len - 1;

		while (len > line && ((unsigned char)b->at[len] & 0xc0) == 0x80)
			len--;
		undo(b, len);
	}
}

static size_t fill_choices(const struct page_view *v, size_t from, bool back, bool is_empty, struct buf *b,
                           bool *cut)
{
	size_t i;

	for (i = from; i < v->n_choices; i++) {
		size_t len = b->len;

		add_choice(v, from, i, b);
		if (!b->cut && fits(v, b, true, back))
			continue;
		if (i > from || !is_empty) {
			undo(b, len);
			return i;
		}
		*cut = true;
		b->cut = false;
		cut_line(v, len, back, b);
		return i + 1;
	}
	return i;
}

/* Words left over after a page break begin without their blanks. */
static size_t skip_blanks(const char *say, size_t at)
{
	return at + strspn(say + at, " \n");
}

/* Fill one page from a place. Returns the place after it; *rest = nothing is left. */
static struct place fill(const struct page_view *v, struct place from, bool back, struct buf *b, bool *rest,
                         bool *cut)
{
	struct place at = from;
	bool is_empty = true;

	*rest = fill_rest(v, from, back, b);
	if (*rest)
		return (struct place){strlen(v->say), v->n_choices};
	if (v->say[at.say] != '\0') {
		at.say = fill_words(v, at.say, back, b, cut);
		is_empty = false;
	}
	if (v->say[at.say] == '\0')
		at.choice = fill_choices(v, at.choice, back, is_empty, b, cut);
	else
		at.say = skip_blanks(v->say, at.say);
	return at;
}

static void add_sorry(const struct page_view *v, struct buf *b, bool *cut)
{
	char line[PAGE_TEXT];
	struct buf sorry;

	if (v->sorry == NULL)
		return;
	buf_init(&sorry, line, sizeof(line));
	buf_add(&sorry, v->sorry);
	if (sorry.cut || !text_fits(line, sorry.len, v->page / 2)) {
		*cut = true;
		text_shorten(line, v->page / 2);
	}
	add_line(b, line);
}

/* Lay out page number n, which begins at `from`, without its key lines. Returns the place after it. */
static struct place lay(const struct page_view *v, size_t n, struct place from, struct buf *b,
                        struct page_shown *shown)
{
	struct place next;
	bool rest;

	memset(shown, 0, sizeof(*shown));
	shown->page = n;
	shown->has_back = v->has_back || n > 0;
	shown->has_home = v->has_home;
	shown->first_choice = from.choice;
	shown->say_from = from.say;
	buf_reset(b);
	add_sorry(v, b, &shown->cut);
	next = fill(v, from, shown->has_back, b, &rest, &shown->cut);
	/* A choice that was cut to a page of its own may be the last: then nothing follows either. */
	shown->is_last =
		rest || (v->say[next.say] == '\0' && next.choice >= v->n_choices) || n + 1 >= PAGES_MAX;
	shown->end_choice = next.choice;
	return next;
}

struct page_shown page_show(const struct page_view *v, size_t page, char *out, size_t size)
{
	struct place from = {skip_blanks(v->say, 0), 0};
	struct page_shown shown;
	struct buf b;

	buf_init(&b, out, size);
	for (size_t n = 0;; n++) {
		from = lay(v, n, from, &b, &shown);
		if (n >= page || shown.is_last)
			break;
	}
	add_keys(v, !shown.is_last, shown.has_back, &b);
	if (b.cut || !text_fits(out, b.len, v->page)) {
		shown.cut = true;
		text_shorten(out, v->page);
	}
	return shown;
}

size_t page_of(const struct page_view *v, size_t say_from, size_t choice)
{
	struct place from = {skip_blanks(v->say, 0), 0};
	char text[PAGE_TEXT];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	for (size_t n = 0;; n++) {
		struct page_shown shown;

		from = lay(v, n, from, &b, &shown);
		if (shown.is_last || (v->say[say_from] != '\0' ? from.say > say_from : from.choice > choice))
			return n;
	}
}

bool page_any_cut(const struct page_view *v)
{
	struct place from = {skip_blanks(v->say, 0), 0};
	char text[PAGE_TEXT];
	struct page_shown shown = {.is_last = false};
	struct buf b;

	buf_init(&b, text, sizeof(text));
	for (size_t n = 0; !shown.is_last; n++) {
		from = lay(v, n, from, &b, &shown);
		add_keys(v, !shown.is_last, shown.has_back, &b);
		if (shown.cut || b.cut || !text_fits(text, b.len, v->page))
			return true;
	}
	return false;
}
