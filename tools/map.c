/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Map: drawing a service (map.h). */
#include "tools/map.h"

#include <inttypes.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"
#include "menus/format.h"

#define WORDS_MOST 32 /* characters of a text on a screen */
#define EDGE_MOST 28  /* on a way */
#define LINE_SIZE 600

struct map {
	const struct book *b;
	const struct profile *profile;
	enum map_form form;
	size_t language;
	const struct map_counts *counts;
	FILE *to;
};

/* --- labels ------------------------------------------------------------------------------------------------------ */

/* Append the first `most` characters of a text, on one line. */
static void add_words(struct buf *out, const char *text, size_t most)
{
	size_t n = 0;

	while (*text && n < most) {
		const char *from = text;
		uint32_t c = text_utf8_next(&text);

		if (c < 0x20 || c == 0x7f)
			buf_add_char(out, ' ');
		else
			buf_add_n(out, from, (size_t)(text - from));
		n++;
	}
	if (*text)
		buf_add(out, "...");
}

static void add_text(const struct map *m, struct buf *out, const struct book_text *t)
{
	if (t) {
		buf_add_char(out, '\n');
		add_words(out, book_say(t, m->language), WORDS_MOST);
	}
}

static void add_field(const struct map *m, struct buf *out, int field)
{
	buf_printf(out, "\nsaves %s",
	           field == BOOK_SAVE_LANGUAGE                          ? "language"
	           : field >= 0 && (size_t)field < m->profile->n_fields ? m->profile->field[field].name
	                                                                : "?");
}

/* What the screen does, beside its words. */
static void add_deed(const struct map *m, struct buf *out, const struct book_screen *s)
{
	switch (s->kind) {
	case BOOK_ASK:
		add_field(m, out, s->ask.field);
		buf_printf(out, ": %s, %u to %u", book_check_name(s->ask.as), s->ask.min, s->ask.max);
		break;
	case BOOK_PICK:
		add_field(m, out, s->pick.field);
		buf_printf(out, ": %s of %zu", s->pick.several ? "some" : "one", s->n_choices);
		break;
	case BOOK_LIST:
		add_field(m, out, s->list.field);
		buf_printf(out, ": one of %zu rows", s->list.n_rows);
		break;
	case BOOK_INVITE:
		buf_printf(out, "\nasks them to %s", s->number.type);
		break;
	case BOOK_LEAVE:
		buf_printf(out, "\nleaves %s", s->number.type);
		break;
	case BOOK_REFER:
		buf_add(out, "\nwho sent them");
		break;
	case BOOK_CONSENT:
		buf_printf(out, "\nto %s", s->consent.purpose);
		break;
	case BOOK_GIVE:
		buf_printf(out, "\n%s, once for %s", s->give.bundle, s->give.once);
		break;
	case BOOK_BUY:
		buf_printf(out, "\n%s for ", s->buy.bundle);
		format_money(s->buy.minor, true, m->b->currency, m->b->language[m->language], out);
		break;
	case BOOK_APP:
		buf_add_char(out, '\n');
		add_words(out, s->app.url, 2 * WORDS_MOST);
		buf_printf(out, "\n%s, within %" PRIu32 " ms", book_speaks_name(s->app.speaks),
		           s->app.within_ms);
		break;
	case BOOK_END:
		if (s->withdraw)
			buf_printf(out, "\ntakes back %s", s->withdraw);
		buf_add(out, s->erase ? "\nforgets everything" : "");
		break;
	case BOOK_MENU:
	case BOOK_WHEN:
		break;
	}
}

static int64_t all_drops(const struct map_counts *c)
{
	int64_t n = 0;

	for (size_t i = 0; i < MAP_CAUSES; i++)
		n += c->drops[i];
	return n;
}

static void add_counts(struct buf *out, const struct map_counts *c)
{
	static const char *const causes[MAP_CAUSES] = {"cancelled", "network", "app slow", "ours"};
	int64_t drops = all_drops(c);
	const char *between = " (";

	buf_printf(out, "\n%" PRId64 " entered, %" PRId64 " left", c->entered, drops);
	for (size_t i = 0; i < MAP_CAUSES; i++) {
		if (c->drops[i] == 0)
			continue;
		buf_printf(out, "%s%s %" PRId64, between, causes[i], c->drops[i]);
		between = ", ";
	}
	buf_add(out, drops > 0 ? ")" : "");
	if (c->bad_inputs > 0)
		buf_printf(out, "\n%" PRId64 " bad answers", c->bad_inputs);
	if (c->median_ms >= 0)
		buf_printf(out, "\nmedian %" PRId64 ".%" PRId64 " s", c->median_ms / 1000,
		           c->median_ms % 1000 / 100);
}

static void node_label(const struct map *m, const struct book_screen *s, struct buf *out)
{
	const struct map_counts *c = m->counts ? &m->counts[s - m->b->screen] : NULL;

	buf_printf(out, "%s (%s)", s->name, book_kind_name(s->kind));
	add_text(m, out, s->say);
	add_text(m, out, s->end);
	add_deed(m, out, s);
	buf_add(out, s->sms ? "\n+ SMS" : "");
	if (c && c->is_known)
		add_counts(out, c);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* Mermaid reads "#35;" as the character 35: everything that could mean something is written so. */
static void print_escaped(const struct map *m, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\n')
			fputs(m->form == MAP_DOT ? "\\n" : "<br/>", m->to);
		else if (m->form == MAP_DOT && (c == '"' || c == '\\'))
			fprintf(m->to, "\\%c", c);
		else if (m->form == MAP_MERMAID && c < 0x80 && strchr("\"#<>{}[]|();&`\\", c))
			fprintf(m->to, "#%u;", c);
		else if (c >= 0x20 && c != 0x7f)
			fputc(c, m->to);
	}
}

static void print_dot_style(const struct map *m, const struct book_screen *s)
{
	static const char *const shapes[] = {
		[BOOK_MENU] = "box",    [BOOK_ASK] = "parallelogram", [BOOK_PICK] = "box",
		[BOOK_LIST] = "box",    [BOOK_CONSENT] = "octagon",   [BOOK_WHEN] = "diamond",
		[BOOK_GIVE] = "house",  [BOOK_BUY] = "invhouse",      [BOOK_APP] = "component",
		[BOOK_INVITE] = "cds",  [BOOK_LEAVE] = "cds",         [BOOK_REFER] = "cds",
		[BOOK_END] = "ellipse",
	};
	const struct map_counts *c = m->counts ? &m->counts[s - m->b->screen] : NULL;
	bool loses = c && c->is_known && c->entered >= 20 && all_drops(c) * 5 >= c->entered;

	fprintf(m->to, ", shape=%s%s", shapes[s->kind],
	        loses                                          ? ", style=filled, fillcolor=\"#ffd6d6\""
	        : s->kind == BOOK_PICK || s->kind == BOOK_LIST ? ", style=rounded"
	                                                       : "");
}

static void print_node(const struct map *m, const struct book_screen *s)
{
	static const char *const opens[] = {
		[BOOK_MENU] = "[\"",     [BOOK_ASK] = "[/\"", [BOOK_PICK] = "(\"",   [BOOK_LIST] = "(\"",
		[BOOK_CONSENT] = "{{\"", [BOOK_WHEN] = "{\"", [BOOK_GIVE] = "[/\"",  [BOOK_BUY] = "[\\\"",
		[BOOK_APP] = "[[\"",     [BOOK_END] = "([\"", [BOOK_INVITE] = ">\"", [BOOK_LEAVE] = ">\"",
		[BOOK_REFER] = ">\"",
	};
	static const char *const closes[] = {
		[BOOK_MENU] = "\"]",     [BOOK_ASK] = "\"/]", [BOOK_PICK] = "\")",   [BOOK_LIST] = "\")",
		[BOOK_CONSENT] = "\"}}", [BOOK_WHEN] = "\"}", [BOOK_GIVE] = "\"\\]", [BOOK_BUY] = "\"/]",
		[BOOK_APP] = "\"]]",     [BOOK_END] = "\"])", [BOOK_INVITE] = "\"]", [BOOK_LEAVE] = "\"]",
		[BOOK_REFER] = "\"]",
	};
	char memory[LINE_SIZE];
	struct buf label;

	buf_init(&label, memory, sizeof memory);
	node_label(m, s, &label);
	fprintf(m->to, "  n%zu%s", (size_t)(s - m->b->screen),
	        m->form == MAP_DOT ? " [label=\"" : opens[s->kind]);
	print_escaped(m, memory);
	if (m->form == MAP_DOT) {
		fputc('"', m->to);
		print_dot_style(m, s);
		fputs("]\n", m->to);
	} else {
		fprintf(m->to, "%s\n", closes[s->kind]);
	}
}

/* A way; `from` is "n3" or "d0"; dashed when it is not the subscriber's choice. */
static void print_way(const struct map *m, const char *from, uint16_t to, const char *label, bool is_dashed)
{
	char memory[LINE_SIZE];
	struct buf words;

	if (to >= m->b->n_screens)
		return;
	buf_init(&words, memory, sizeof memory);
	add_words(&words, label, EDGE_MOST);
	if (m->form == MAP_DOT)
		fprintf(m->to, "  %s -> n%u [%slabel=\"", from, to, is_dashed ? "style=dashed, " : "");
	else
		fprintf(m->to, "  %s %s%s", from, is_dashed ? "-.->" : "-->", *label ? "|\"" : " ");
	print_escaped(m, memory);
	if (m->form == MAP_DOT)
		fputs("\"]\n", m->to);
	else
		fprintf(m->to, "%sn%u\n", *label ? "\"| " : "", to);
}

static void print_choices(const struct map *m, const char *from, const struct book_screen *s)
{
	for (size_t i = 0; i < s->n_choices; i++) {
		char memory[LINE_SIZE];
		struct buf label;

		buf_init(&label, memory, sizeof memory);
		buf_printf(&label, "%zu ", i + 1);
		buf_add(&label, book_say(&s->choice[i].label, m->language));
		print_way(m, from, s->choice[i].next, memory, false);
	}
}

static void print_ways(const struct map *m, const struct book_screen *s)
{
	char from[16];

	snprintf(from, sizeof from, "n%zu", (size_t)(s - m->b->screen));
	if (s->kind == BOOK_MENU || s->kind == BOOK_CONSENT)
		print_choices(m, from, s);
	for (size_t i = 0; i < s->n_whens; i++)
		print_way(m, from, s->when[i].next, s->when[i].sql ? s->when[i].sql : "else", false);
	if (s->kind == BOOK_ASK || s->kind == BOOK_PICK || s->kind == BOOK_LIST)
		print_way(m, from, s->next, "", false);
	if (book_asks_number(s)) {
		print_way(m, from, s->next, "", false);
		print_way(m, from, s->number.again, s->kind == BOOK_LEAVE ? "there is nothing" : "before",
		          true);
		print_way(m, from, s->number.full, "no more now", true);
	}
	if (s->kind == BOOK_GIVE) {
		print_way(m, from, s->give.otherwise, "late", true);
		print_way(m, from, s->give.again, "had it before", true);
		print_way(m, from, s->give.refused, "refused", true);
	}
	if (s->kind == BOOK_BUY) {
		print_way(m, from, s->buy.otherwise, "late", true);
		print_way(m, from, s->buy.poor, "too little", true);
		print_way(m, from, s->buy.refused, "refused", true);
	}
	if (s->kind == BOOK_APP) {
		print_way(m, from, s->next, "done", false);
		print_way(m, from, s->app.otherwise, "slow or down", true);
	}
	if (s->facts)
		print_way(m, from, s->facts_otherwise, "no answer from charging", true);
}

/* What is dialled or sent: the code, keywords, shortcuts. */
static void print_entry(const struct map *m, size_t n, const char *label, uint16_t to)
{
	char from[16];

	snprintf(from, sizeof from, "d%zu", n);
	fprintf(m->to, "  %s%s", from, m->form == MAP_DOT ? " [label=\"" : "((\"");
	print_escaped(m, label);
	fputs(m->form == MAP_DOT ? "\", shape=plaintext]\n" : "\"))\n", m->to);
	print_way(m, from, to, "", true);
}

static void print_entries(const struct map *m)
{
	const struct book *b = m->b;
	char memory[LINE_SIZE];
	struct buf first;
	size_t n = 1;

	buf_init(&first, memory, sizeof memory);
	buf_add(&first, b->code ? b->code : "");
	for (size_t i = 0; i < b->n_keywords; i++)
		buf_printf(&first, "%sSMS %s", first.len > 0 ? "\n" : "", b->keyword[i]);
	print_entry(m, 0, memory, b->start);
	for (size_t i = 0; i < b->n_screens; i++)
		if (b->screen[i].dial)
			print_entry(m, n++, b->screen[i].dial, (uint16_t)i);
}

bool map_print(const struct book *b, const struct profile *profile, enum map_form form, size_t language,
               const struct map_counts *counts, FILE *to)
{
	struct map m = {b, profile, form, language, counts, to};

	if (form == MAP_DOT) {
		fputs("digraph \"", to);
		print_escaped(&m, b->name);
		fputs("\" {\n  rankdir=TB\n  node [fontname=\"sans-serif\", fontsize=10]\n"
		      "  edge [fontname=\"sans-serif\", fontsize=9]\n",
		      to);
	} else {
		fputs("flowchart TD\n", to);
	}
	print_entries(&m);
	for (size_t i = 0; i < b->n_screens; i++)
		print_node(&m, &b->screen[i]);
	for (size_t i = 0; i < b->n_screens; i++)
		print_ways(&m, &b->screen[i]);
	fputs(form == MAP_DOT ? "}\n" : "", to);
	return !ferror(to);
}

int64_t map_median(const int64_t *bucket, size_t n)
{
	int64_t all = 0, below = 0;

	for (size_t i = 0; i < n; i++)
		all += bucket[i];
	for (size_t i = 0; i < n && all > 0; i++) {
		int64_t low = i == 0 ? 0 : INT64_C(1000) << (i - 1), high = INT64_C(1000) << i;

		if (2 * (below + bucket[i]) >= all && bucket[i] > 0) /* the half lies in here */
			return i == n - 1 ? low : low + (high - low) * (all - 2 * below) / (2 * bucket[i]);
		below += bucket[i];
	}
	return -1;
}
