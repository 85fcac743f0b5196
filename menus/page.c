/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: greedy layout (page.h).
 *
 * A page is filled from a place (byte of the words, number of the choice) and hands on the next place. First everything
 * that is left is tried without a More line; else as much as fits with one. What does not fit at all, even alone, is
 * cut, so every page makes progress and the number of pages is bounded by the bytes.
 */
#include "menus/page.h"

#include <string.h>

#include "core/text.h"

#define PAGE_TEXT 1024 /* bytes of one page: PAGE_MAX characters of at most 4 bytes and room */
#define KEY_TEXT 64    /* bytes of one key line */
#define KEYS_TEXT (3 * KEY_TEXT)
#define PAGES_MAX 250 /* no view of ours comes near; page numbers are bytes in a walk */

struct place {
	size_t say, choice;
};

/* The key lines of a page, made when they are first asked for. */
struct keys {
	char text[KEYS_TEXT];
	size_t len; /* 0 = not made yet, or none */
	struct text_cost cost;
};

/* A page in the making. What a page costs is asked after each word and each choice, so it is summed up as it grows. */
struct sheet {
	const struct page_view *v;
	struct buf *b;
	struct text_cost cost; /* of the first `measured` bytes of b */
	size_t measured;
	bool back;           /* a Back line */
	struct keys keys[2]; /* without and with a More line */
};

static void forget_cost(struct sheet *s)
{
	s->cost = (struct text_cost){.gsm7 = true};
	s->measured = 0;
}

static void sheet_init(struct sheet *s, const struct page_view *v, struct buf *b)
{
	s->v = v;
	s->b = b;
	s->back = false;
	forget_cost(s);
	s->keys[0].len = s->keys[1].len = 0;
}

static void add_line(struct buf *b, const char *line)
{
	if (b->len > 0)
		buf_add_char(b, '\n');
	buf_add(b, line);
}

static void add_key(struct buf *b, const char *key, const char *word)
{
	char text[KEY_TEXT];
	struct buf line;

	buf_init(&line, text, sizeof(text));
	buf_add(&line, key);
	buf_add_char(&line, ' ');
	buf_add(&line, word);
	add_line(b, text);
}

static void add_keys(const struct page_view *v, bool more, bool back, struct buf *b)
{
	if (more)
		add_key(b, v->key_more, v->word_more);
	if (back)
		add_key(b, v->key_back, v->word_back);
	if (v->has_home)
		add_key(b, v->key_home, v->word_home);
}

static const struct keys *keys_of(struct sheet *s, bool more)
{
	struct keys *k = &s->keys[more];
	struct buf b;

	if (k->len == 0) {
		buf_init(&b, k->text, sizeof(k->text));
		add_keys(s->v, more, s->back, &b);
		k->len = b.len;
		k->cost = text_measure(b.at, b.len);
	}
	return k;
}

/* Bring the cost up to what stands there: additions are whole characters. */
static const struct text_cost *cost_of(struct sheet *s)
{
	struct text_cost more;

	if (s->b->len > s->measured) {
		more = text_measure(s->b->at + s->measured, s->b->len - s->measured);
		text_cost_add(&s->cost, &more);
		s->measured = s->b->len;
	}
	return &s->cost;
}

/* Would the page with the key lines still be one page? */
static bool fits(struct sheet *s, bool more)
{
	static const struct text_cost newline = {
		.gsm7 = true, .characters = 1, .septets = 1, .ucs2_units = 1};
	const struct keys *k = keys_of(s, more);
	size_t between = s->b->len > 0 && k->len > 0 ? 1 : 0;
	struct text_cost cost;

	if (s->b->cut || s->b->len + between + k->len >= s->b->cap)
		return false;
	cost = *cost_of(s);
	if (between)
		text_cost_add(&cost, &newline);
	if (k->len > 0)
		text_cost_add(&cost, &k->cost);
	return text_cost_fits(&cost, s->v->page);
}

/* Take back what was added behind `len`. What it cost may not stay in the sum: other words may come in its place. */
static void undo(struct sheet *s, size_t len)
{
	s->b->len = len;
	s->b->at[len] = '\0';
	s->b->cut = false;
	if (len < s->measured)
		forget_cost(s);
}

/* "12 ": its number. */
static void add_number(struct buf *b, size_t number)
{
	char text[24];
	size_t at = sizeof(text);

	text[--at] = ' ';
	do {
		text[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	buf_add_n(b, text + at, sizeof(text) - at);
}

/* `first` = the first choice of this page. */
static void add_choice(const struct page_view *v, size_t first, size_t choice, struct buf *b)
{
	if (b->len > 0)
		buf_add_char(b, '\n');
	add_number(b, choice + 1 - (v->numbers_restart ? first : 0));
	v->label(v->ctx, choice, b);
}

/* Everything that is left, without a More line. A page only ever costs more by what is added: what is too much now stays so.
 * It is asked only when there is as much as a page holds. */
static bool fill_rest(struct sheet *s, struct place from)
{
	const struct page_view *v = s->v;
	struct buf *b = s->b;
	size_t len = b->len, i = from.choice;

	if (v->say[from.say] != '\0')
		add_line(b, v->say + from.say);
	for (; i < v->n_choices && !b->cut && (b->len <= v->page || text_cost_fits(cost_of(s), v->page)); i++)
		add_choice(v, from.choice, i, b);
	if (i == v->n_choices && !b->cut && fits(s, false))
		return true;
	undo(s, len);
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
static size_t fill_words(struct sheet *s, size_t from, bool *cut)
{
	const struct page_view *v = s->v;
	struct buf *b = s->b;
	size_t start = b->len, at = from;

	if (start > 0)
		buf_add_char(b, '\n');
	while (v->say[at] != '\0') {
		size_t len = b->len, end = word_end(v->say, at);

		buf_add_n(b, v->say + at, end - at);
		if (b->cut || !fits(s, true)) {
			undo(s, len);
			break;
		}
		at = end;
	}
	if (at > from) {
		while (b->len > 0 && (b->at[b->len - 1] == '\n' || b->at[b->len - 1] == ' '))
			undo(s, b->len - 1);
		return at;
	}
	/* One word longer than the page. */
	*cut = true;
	while (v->say[at] != '\0') {
		const char *next = v->say + at;
		size_t len = b->len;

		text_utf8_next(&next);
		buf_add_n(b, v->say + at, (size_t)(next - (v->say + at)));
		if (b->cut || !fits(s, true)) {
			undo(s, len);
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
static void cut_line(struct sheet *s, size_t line)
{
	struct buf *b = s->b;

	while (b->len > line && !fits(s, true)) {
		size_t len = b->len - 1;

		while (len > line && ((unsigned char)b->at[len] & 0xc0) == 0x80)
			len--;
		undo(s, len);
	}
}

static size_t fill_choices(struct sheet *s, size_t from, bool is_empty, bool *cut)
{
	const struct page_view *v = s->v;
	struct buf *b = s->b;
	size_t i;

	for (i = from; i < v->n_choices; i++) {
		size_t len = b->len;

		add_choice(v, from, i, b);
		if (!b->cut && fits(s, true))
			continue;
		if (i > from || !is_empty) {
			undo(s, len);
			return i;
		}
		*cut = true;
		b->cut = false;
		cut_line(s, len);
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
static struct place fill(struct sheet *s, struct place from, bool *rest, bool *cut)
{
	const struct page_view *v = s->v;
	struct place at = from;
	bool is_empty = true;

	*rest = fill_rest(s, from);
	if (*rest)
		return (struct place){strlen(v->say), v->n_choices};
	if (v->say[at.say] != '\0') {
		at.say = fill_words(s, at.say, cut);
		is_empty = false;
	}
	if (v->say[at.say] == '\0')
		at.choice = fill_choices(s, at.choice, is_empty, cut);
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
	struct sheet s;
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
	sheet_init(&s, v, b);
	s.back = shown->has_back;
	next = fill(&s, from, &rest, &shown->cut);
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
