/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metrics: the rows of the table, as Prometheus reads them (text format 0.0.4) and as people do. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/metrics_private.h"

/* Whose value it is: where it lies, and the labels that say so. */
struct owner {
	const void *base;
	const char *labels;
};

static size_t owners(const struct metrics_now *now, enum metrics_from from)
{
	switch (from) {
	case METRICS_LINK:
		return now->n_links;
	case METRICS_GROUP:
		return now->n_groups;
	case METRICS_BOUND:
		return now->n_bounds;
	case METRICS_ANSWER:
		return (size_t)DIALOGUE_GROUPS * DIALOGUE_TIMES_KINDS;
	default:
		return 1;
	}
}

static struct owner of_answer(const struct metrics_now *now, size_t i, char labels[METRICS_LABELS_SIZE])
{
	unsigned group = (unsigned)(i / DIALOGUE_TIMES_KINDS), kind = (unsigned)(i % DIALOGUE_TIMES_KINDS);
	const struct histogram *h = dialogue_times(now->of, group, kind);

	if (h == NULL)
		return (struct owner){NULL, NULL};
	snprintf(labels, METRICS_LABELS_SIZE, "%s,screen=\"%s\"",
	         group < now->n_groups ? now->group[group].labels : "group=\"http\"",
	         kind == DIALOGUE_TIMES_WORDS ? "word" : book_kind_name((enum book_kind)kind));
	return (struct owner){h, labels};
}

static struct owner owner(const struct metrics_now *now, enum metrics_from from, size_t i,
                          char labels[METRICS_LABELS_SIZE])
{
	switch (from) {
	case METRICS_LINK:
		return (struct owner){&now->link[i], now->link[i].labels};
	case METRICS_GROUP:
		return (struct owner){&now->group[i], now->group[i].labels};
	case METRICS_BOUND:
		return (struct owner){&now->bound[i], now->bound_labels[i]};
	case METRICS_ANSWER:
		return of_answer(now, i, labels);
	default:
		return (struct owner){now, ""};
	}
}

/* --- values -------------------------------------------------------------------------------------- */

static void put_digits(struct buf *b, uint64_t value, unsigned least)
{
	char text[24], *at = text + sizeof(text);

	for (; value > 0 || least > 0; value /= 10) {
		*--at = (char)('0' + value % 10);
		least -= least > 0;
	}
	buf_add_n(b, at, (size_t)(text + sizeof(text) - at));
}

/* `per`: it is kept in so many parts of the unit; 0, or a power of ten. */
static void put_value(struct buf *b, uint64_t value, unsigned per)
{
	unsigned decimals = 0;

	if (per <= 1) {
		put_digits(b, value, 1);
		return;
	}
	for (unsigned p = per; p > 1; p /= 10)
		decimals++;
	put_digits(b, value / per, 1);
	value %= per;
	if (value == 0)
		return;
	for (; value % 10 == 0; value /= 10)
		decimals--;
	buf_add_char(b, '.');
	put_digits(b, value, decimals);
}

static uint64_t value_at(const void *base, size_t at, unsigned size)
{
	uint32_t narrow;
	uint64_t wide;

	if (size == sizeof(narrow)) {
		memcpy(&narrow, (const char *)base + at, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, (const char *)base + at, sizeof(wide));
	return wide;
}

/* --- lines --------------------------------------------------------------------------------------- */

/* NAME SUFFIX { the labels that are not empty } and a blank. */
static void put_name(struct buf *b, const char *name, const char *suffix, const char *const *labels, size_t n)
{
	char before = '{';

	buf_add(b, name);
	buf_add(b, suffix);
	for (size_t i = 0; i < n; i++) {
		if (labels[i] == NULL || *labels[i] == '\0')
			continue;
		buf_add_char(b, before);
		buf_add(b, labels[i]);
		before = ',';
	}
	buf_add(b, before == '{' ? " " : "} ");
}

static void put_histogram(struct buf *b, const char *name, const char *labels, const char *own,
                          const struct histogram *h)
{
	const char *all[] = {labels, own, NULL};
	char le[32];
	struct buf bound;
	uint64_t sum = 0;

	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		buf_init(&bound, le, sizeof(le));
		buf_add(&bound, "le=\"");
		if (i < HISTOGRAM_BOUNDS)
			put_value(&bound, histogram_bound_us[i], 1000000);
		else
			buf_add(&bound, "+Inf");
		buf_add(&bound, "\"");
		sum += h->bucket[i];
		all[2] = le;
		put_name(b, name, "_bucket", all, 3);
		put_digits(b, sum, 1);
		buf_add_char(b, '\n');
	}
	put_name(b, name, "_sum", all, 2);
	put_value(b, h->sum_us, 1000000);
	buf_add_char(b, '\n');
	put_name(b, name, "_count", all, 2);
	put_digits(b, h->count, 1);
	buf_add_char(b, '\n');
}

/* Words of the code, made fit for queries: "no answer" is no_answer. */
static void each_label(const struct metrics_row *row, const char *word, char *out, size_t size)
{
	snprintf(out, size, "%s=\"%s\"", row->key, word);
	for (char *at = out; *at != '\0'; at++)
		if (*at == ' ')
			*at = '_';
}

static void put_each(struct buf *b, const char *name, const struct metrics_row *row, const struct owner *o)
{
	char own[80];

	for (unsigned i = 0; i < row->each; i++) {
		const char *all[] = {o->labels, row->label, own};
		const char *word = row->word(i);
		uint64_t value = value_at(o->base, row->at + (size_t)i * row->size, row->size);

		if (word == NULL || (row->is_sparse && value == 0 && i > 0))
			continue;
		each_label(row, word, own, sizeof(own));
		put_name(b, name, "", all, 3);
		put_value(b, value, row->per);
		buf_add_char(b, '\n');
	}
}

static void put_row(struct buf *b, const char *name, const struct metrics_row *row, enum metrics_type type,
                    const struct owner *o)
{
	const char *all[] = {o->labels, row->label};

	if (row->each > 0) {
		put_each(b, name, row, o);
	} else if (type == METRICS_HISTOGRAM) {
		put_histogram(b, name, o->labels, row->label,
		              (const struct histogram *)(const void *)((const char *)o->base + row->at));
	} else {
		put_name(b, name, "", all, 2);
		put_value(b, value_at(o->base, row->at, row->size), row->per);
		buf_add_char(b, '\n');
	}
}

static const char *type_name(enum metrics_type t)
{
	static const char *const names[] = {"counter", "gauge", "histogram"};

	return names[t];
}

size_t metrics_family_end(size_t row)
{
	do
		row++;
	while (row < metrics_rows_count && metrics_rows[row].name == NULL);
	return row;
}

static void put_family(struct buf *b, const struct metrics_now *now, size_t first, size_t end)
{
	const struct metrics_row *family = &metrics_rows[first];
	char labels[METRICS_LABELS_SIZE + 32];

	buf_add(b, "# HELP ");
	buf_add(b, family->name);
	buf_add_char(b, ' ');
	buf_add(b, family->help);
	buf_add(b, "\n# TYPE ");
	buf_add(b, family->name);
	buf_add_char(b, ' ');
	buf_add(b, type_name(family->type));
	buf_add_char(b, '\n');
	for (size_t i = 0; i < owners(now, family->from); i++) {
		struct owner o = owner(now, family->from, i, labels);

		for (size_t row = first; row < end && o.base != NULL; row++)
			put_row(b, family->name, &metrics_rows[row], family->type, &o);
	}
}

void metrics_write(const struct metrics_now *now, struct buf *b)
{
	buf_add(b, "# HELP starhash_build_info The version that runs; always 1.\n"
	           "# TYPE starhash_build_info gauge\n"
	           "starhash_build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
	for (size_t row = 0; row < metrics_rows_count; row = metrics_family_end(row))
		put_family(b, now, row, metrics_family_end(row));
}

/* --- for people -------------------------------------------------------------------------------------- */

static void print_values(FILE *to, size_t first, size_t end)
{
	static const char *const from[] = {"", "link, group", "group", "bound, at_limit", "group, screen"};
	const struct metrics_row *family = &metrics_rows[first];
	const char *between = "";

	fputs(from[family->from], to);
	if (*from[family->from] != '\0')
		between = "; ";
	for (size_t i = first; i < end; i++) {
		const struct metrics_row *row = &metrics_rows[i];

		if (row->label != NULL) {
			fprintf(to, "%s`%s`", between, row->label);
			between = ", ";
		}
		if (row->each > 0) {
			fprintf(to, "%s%s", between, row->key);
			between = ", ";
		}
	}
}

void metrics_print_markdown(void *file)
{
	FILE *to = file;

	fputs("| metric | type | labels | meaning |\n|---|---|---|---|\n", to);
	fputs("| `starhash_build_info` | gauge | version | The version that runs; always 1. |\n", to);
	for (size_t row = 0; row < metrics_rows_count; row = metrics_family_end(row)) {
		fprintf(to, "| `%s` | %s | ", metrics_rows[row].name, type_name(metrics_rows[row].type));
		print_values(to, row, metrics_family_end(row));
		fprintf(to, " | %s |\n", metrics_rows[row].help);
	}
}

static bool is_named(const char *name, size_t len, const char *family, const char *suffix)
{
	size_t n = strlen(family), m = strlen(suffix);

	return len == n + m && strncmp(name, family, n) == 0 && strncmp(name + n, suffix, m) == 0;
}

bool metrics_is_name(const char *name, size_t len)
{
	if (is_named(name, len, "starhash_build_info", ""))
		return true;
	for (size_t i = 0; i < metrics_rows_count; i++) {
		const struct metrics_row *row = &metrics_rows[i];

		if (row->name == NULL)
			continue;
		if (row->type != METRICS_HISTOGRAM && is_named(name, len, row->name, ""))
			return true;
		if (row->type == METRICS_HISTOGRAM &&
		    (is_named(name, len, row->name, "_bucket") || is_named(name, len, row->name, "_sum") ||
		     is_named(name, len, row->name, "_count")))
			return true;
	}
	return false;
}
