/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Search: plain passes over the rows (search.h). A list has at most BOOK_MAX_ROWS rows and a typed answer comes every few
 * seconds, so an index would cost more than it saves.
 */
#include "menus/search.h"

#include <stdbool.h>
#include <string.h>

#include "core/text.h"
#include "menus/letters.h"

#define BARE_MAX 48 /* letters of a label that are compared */

/* Letters without case and accents, single spaces between words. */
struct bare {
	uint32_t at[BARE_MAX];
	size_t n;
};

/* A text, letter by letter as a bare one has them. */
struct letters {
	const char *text;
	uint32_t kept; /* the letter behind a blank that was given out */
	bool any, blank;
};

/* 0 = the end. */
static uint32_t next_letter(struct letters *l)
{
	uint32_t c = l->kept;

	l->kept = 0;
	while (c == 0 && (c = text_utf8_next(&l->text)) != 0) {
		c = letters_bare(c);
		if (c == ' ') {
			l->blank = l->any;
			c = 0;
		}
	}
	if (c == 0)
		return 0;
	if (l->blank) {
		l->blank = false;
		l->kept = c;
		return ' ';
	}
	l->any = true;
	return c;
}

static void make_bare(const char *text, struct bare *out)
{
	struct letters l = {.text = text};
	uint32_t c;

	out->n = 0;
	while (out->n < BARE_MAX && (c = next_letter(&l)) != 0)
		out->at[out->n++] = c;
}

/* Most texts differ in their first letter, so none is made bare for this. */
static bool is_bare(const char *text, const struct bare *wanted)
{
	struct letters l = {.text = text};

	for (size_t i = 0; i < wanted->n; i++)
		if (next_letter(&l) != wanted->at[i])
			return false;
	return wanted->n == BARE_MAX || next_letter(&l) == 0;
}

static bool begins(const struct bare *label, size_t from, const struct bare *needle)
{
	return label->n - from >= needle->n &&
	       memcmp(label->at + from, needle->at, needle->n * sizeof(needle->at[0])) == 0;
}

/* 0 = begins with the needle, 1 = a word does, 2 = holds it, 3 = does not. */
static int rank(const struct bare *label, const struct bare *needle)
{
	int best = 3;

	for (size_t i = 0; i < label->n; i++) {
		if (!begins(label, i, needle))
			continue;
		if (i == 0)
			return 0;
		if (label->at[i - 1] == ' ')
			return 1;
		best = 2;
	}
	return best;
}

/* Edit distance with exchanged neighbours counted once, or `most` + 1 when it is more. */
static size_t distance(const uint32_t *a, size_t n, const uint32_t *b, size_t m, size_t most)
{
	size_t row[3][BARE_MAX + 1];

	if (n > m ? n - m > most : m - n > most)
		return most + 1;
	for (size_t k = 0; k <= m; k++)
		row[0][k] = k;
	for (size_t i = 1; i <= n; i++) {
		size_t *now = row[i % 3], *before = row[(i + 2) % 3], *two = row[(i + 1) % 3],
		       least = now[0] = i;

		for (size_t k = 1; k <= m; k++) {
			size_t d = before[k - 1] + (a[i - 1] != b[k - 1]);

			d = before[k] + 1 < d ? before[k] + 1 : d;
			d = now[k - 1] + 1 < d ? now[k - 1] + 1 : d;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
			    two[k - 2] + 1 < d)
				d = two[k - 2] + 1;
			now[k] = d;
			least = d < least ? d : least;
		}
		if (least > most)
			return most + 1;
	}
	return row[n % 3][m];
}

/* The least distance of the needle to the label or one of its words. */
static size_t nearness(const struct bare *label, const struct bare *needle, size_t most)
{
	size_t best = distance(label->at, label->n, needle->at, needle->n, most);

	for (size_t from = 0, to; from < label->n && best > 0; from = to + 1) {
		size_t d;

		for (to = from; to < label->n && label->at[to] != ' '; to++)
			;
		d = distance(label->at + from, to - from, needle->at, needle->n, most);
		best = d < best ? d : best;
	}
	return best;
}

static size_t by_rank(const struct book_screen *s, const struct bare *needle, size_t language,
                      uint16_t *match)
{
	uint16_t found[3][SEARCH_MAX] = {{0}};
	size_t n[3] = {0}, total = 0;

	for (size_t i = 0; i < s->list.n_rows && n[0] < SEARCH_MAX; i++) {
		struct bare label;
		int r;

		make_bare(book_say(&s->list.row[i].label, language), &label);
		r = rank(&label, needle);
		if (r < 3 && n[r] < SEARCH_MAX)
			found[r][n[r]++] = (uint16_t)i;
	}
	for (int r = 0; r < 3; r++) {
		for (size_t i = 0; i < n[r] && total < SEARCH_MAX; i++)
			match[total++] = found[r][i];
	}
	return total;
}

static size_t by_nearness(const struct book_screen *s, const struct bare *needle, size_t language,
                          uint16_t *match)
{
	/* Short words are near to everything. */
	size_t most = needle->n < 3 ? 0 : needle->n < 6 ? 1 : 2, total = 0;

	for (size_t i = 0; most > 0 && i < s->list.n_rows; i++) {
		struct bare label;
		size_t d;

		make_bare(book_say(&s->list.row[i].label, language), &label);
		d = nearness(&label, needle, most);
		if (d < most) {
			most = d;
			total = 0;
		}
		if (d == most && total < SEARCH_MAX)
			match[total++] = (uint16_t)i;
	}
	return total;
}

int search_exact(const struct book_screen *s, const char *typed, size_t language)
{
	struct bare wanted;
	int found = -1;

	make_bare(typed, &wanted);
	for (size_t i = 0; wanted.n > 0 && i < s->list.n_rows; i++) {
		if (!is_bare(book_say(&s->list.row[i].label, language), &wanted) &&
		    !letters_same(s->list.row[i].value, typed))
			continue;
		if (found >= 0)
			return -1;
		found = (int)i;
	}
	return found;
}

size_t search_rows(const struct book_screen *s, const char *needle, size_t language, uint16_t *match)
{
	struct bare bare;
	size_t n;

	make_bare(needle, &bare);
	if (bare.n == 0)
		return 0;
	n = by_rank(s, &bare, language, match);
	return n > 0 ? n : by_nearness(s, &bare, language, match);
}
