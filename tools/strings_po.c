/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of menu files as gettext templates (strings_po.h). */
#include "tools/strings_po.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "menus/check.h"

struct reference {
	const char *file;
	int line;
};

struct string {
	const char *service;
	const char *screen;             /* NULL = the whole service */
	const char *text, *translation; /* "" = none */
	const char *what, *where;       /* of the first place */
	size_t room;                    /* least of all places */
	size_t n_references, cap;
	struct reference *reference;
	struct string *next;
};

struct strings {
	const char *language;
	size_t n;
	struct string *first, **last; /* in the order in which they came */
	void *by_text;                /* tsearch */
	/* while one book is added */
	const struct book *b;
	struct po *po;
	int index; /* of the language in it; -1 = none */
	bool no_memory;
};

static int compare(const void *a, const void *b)
{
	const struct string *one = a, *other = b;
	int order = strcmp(one->service, other->service);

	if (order == 0)
		order = strcmp(one->text, other->text);
	return order != 0 ? order
	                  : strcmp(one->screen ? one->screen : "", other->screen ? other->screen : "");
}

struct strings *strings_new(const char *language)
{
	struct strings *s = calloc(1, sizeof *s);

	if (s) {
		s->language = language;
		s->last = &s->first;
	}
	return s;
}

void strings_free(struct strings *s)
{
	while (s && s->first) {
		struct string *e = s->first;

		s->first = e->next;
		tdelete(e, &s->by_text, compare);
		free(e->reference);
		free(e);
	}
	free(s);
}

static bool refer(struct string *e, const char *file, int line)
{
	struct reference *more;

	if (e->n_references == e->cap) {
		more = realloc(e->reference, (e->cap * 2 + 4) * sizeof *more);
		if (!more)
			return false;
		e->reference = more;
		e->cap = e->cap * 2 + 4;
	}
	e->reference[e->n_references++] = (struct reference){file, line};
	return true;
}

static struct string *add(struct strings *s, const struct string *like)
{
	struct string *e = malloc(sizeof *e);

	if (!e)
		return NULL;
	*e = *like;
	if (!tsearch(e, &s->by_text, compare)) {
		free(e);
		return NULL;
	}
	*s->last = e;
	s->last = &e->next;
	s->n++;
	return e;
}

static struct string *find(struct strings *s, const struct string *like)
{
	void *node = tfind(like, &s->by_text, compare);

	return node ? *(struct string **)node : NULL;
}

/* Words written once for all languages have one pointer, and are no translation. */
static const char *translation(struct strings *s, const struct check_text *t, const char *screen)
{
	const char *text = t->text->in[0], *found = "";

	if (s->index > 0 && t->text->in[s->index] && t->text->in[s->index] != text)
		return t->text->in[s->index];
	if (s->index > 0 && s->po && po_find(s->po, s->b->name, screen, text, &found) == PO_FOUND)
		return found;
	return "";
}

static void add_text(void *ctx, const struct check_text *t)
{
	struct strings *s = ctx;
	const char *screen = t->screen ? t->screen->name : NULL;
	struct string like = {.service = s->b->name,
	                      .text = t->text->in[0],
	                      .translation = translation(s, t, screen),
	                      .what = t->what,
	                      .where = screen ? screen : "words",
	                      .room = t->room};
	struct string *e = find(s, &like);

	if (e && screen && *like.translation && *e->translation &&
	    strcmp(e->translation, like.translation) != 0) {
		like.screen = screen;
		e = find(s, &like);
	}
	if (!e)
		e = add(s, &like);
	if (!e || !refer(e, t->file, t->line)) {
		s->no_memory = true;
		return;
	}
	if (!*e->translation)
		e->translation = like.translation;
	if (like.room < e->room)
		e->room = like.room;
}

enum rc strings_add(struct strings *s, const struct book *b, struct po *po)
{
	s->b = b;
	s->po = po;
	s->index = s->language ? book_language_by_code(b, s->language) : -1;
	check_each_text(b, add_text, s);
	return s->no_memory ? RC_NOMEM : RC_OK;
}

size_t strings_count(const struct strings *s)
{
	return s->n;
}

size_t strings_translated(const struct strings *s)
{
	size_t n = 0;

	for (const struct string *e = s->first; e; e = e->next)
		n += *e->translation != '\0';
	return n;
}

static void print_char(char c, FILE *to)
{
	if (c == '"' || c == '\\')
		fputc('\\', to);
	fputc(c, to);
}

/* A string of a .po file; one with several lines has each on its own. */
static void print_string(const char *key, const char *text, FILE *to)
{
	const char *end = strchr(text, '\n');

	fprintf(to, "%s \"", key);
	if (end && end[1])
		fputs("\"\n\"", to);
	for (; *text; text++) {
		if (*text != '\n')
			print_char(*text, to);
		else
			fputs(text[1] ? "\\n\"\n\"" : "\\n", to);
	}
	fputs("\"\n", to);
}

static void print_header(const struct strings *s, FILE *to)
{
	fputs("# Menu texts. The length that fits stands above each; {name} is a value, \\n begins a new "
	      "line.\n",
	      to);
	fputs(s->language ? "" : "#, fuzzy\n", to);
	fputs("msgid \"\"\nmsgstr \"\"\n"
	      "\"Project-Id-Version: menus\\n\"\n"
	      "\"PO-Revision-Date: YEAR-MO-DA HO:MI+ZONE\\n\"\n"
	      "\"Last-Translator: FULL NAME <EMAIL@ADDRESS>\\n\"\n"
	      "\"Language-Team: LANGUAGE <LL@li.org>\\n\"\n",
	      to);
	fprintf(to, "\"Language: %s\\n\"\n", s->language ? s->language : "");
	fputs("\"MIME-Version: 1.0\\n\"\n"
	      "\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
	      "\"Content-Transfer-Encoding: 8bit\\n\"\n",
	      to);
}

/* Comments are lines: names and paths come from files. */
static void print_plain(const char *text, FILE *to)
{
	for (; *text; text++)
		fputc((unsigned char)*text < 0x20 ? ' ' : *text, to);
}

static void print_entry(const struct string *e, FILE *to)
{
	char context[PO_CONTEXT_SIZE];

	fputs("\n#. ", to);
	print_plain(e->where, to);
	fputs(", ", to);
	print_plain(e->what, to);
	if (strncmp(e->what, "choice", 6) == 0)
		fprintf(to, ": at most %zu characters if the screen shall stay one page\n", e->room);
	else
		fprintf(to, ": at most %zu characters, values not counted\n", e->room);
	for (size_t i = 0; i < e->n_references; i++) {
		fputs("#: ", to);
		print_plain(e->reference[i].file, to);
		fprintf(to, ":%d\n", e->reference[i].line > 0 ? e->reference[i].line : 1);
	}
	snprintf(context, sizeof context, "%s%s%s", e->service, e->screen ? "/" : "",
	         e->screen ? e->screen : "");
	print_string("msgctxt", context, to);
	print_string("msgid", e->text, to);
	print_string("msgstr", e->translation, to);
}

void strings_print(const struct strings *s, FILE *to)
{
	print_header(s, to);
	for (const struct string *e = s->first; e; e = e->next)
		print_entry(e, to);
}
