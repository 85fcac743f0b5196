/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options: how the table (options_table.c) is read out. */
#include "gateway/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/duration.h"
#include "core/nearest.h"
#include "gateway/config.h"
#include "gateway/dialect_keys.h"

const struct option_row *option_by_name(const struct option_table *t, const char *group, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->row[i].group, group) == 0 && strcmp(t->row[i].name, name) == 0)
			return &t->row[i];
	return NULL;
}

const char *option_nearest(const struct option_table *t, const char *group, const char *name)
{
	const char *names[64];
	size_t n = 0;

	for (size_t i = 0; i < t->n && n < sizeof names / sizeof names[0]; i++)
		if (strcmp(t->row[i].group, group) == 0)
			names[n++] = t->row[i].name;
	return nearest_word(name, names, n);
}

bool option_list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (list && *list) {
		size_t n = strcspn(list, " ");

		if (n == len && strncmp(list, word, n) == 0)
			return true;
		list += n + (list[n] == ' ');
	}
	return false;
}

bool option_list_nearest(const char *list, const char *word, char *out, size_t size)
{
	char copy[OPTION_RANGE_SIZE];
	const char *words[16], *nearest;
	size_t n = 0;
	char *save = NULL;

	snprintf(copy, sizeof copy, "%s", list);
	for (char *at = strtok_r(copy, " ", &save); at && n < 16; at = strtok_r(NULL, " ", &save))
		words[n++] = at;
	nearest = nearest_word(word, words, n);
	if (nearest)
		snprintf(out, size, "%s", nearest);
	return nearest != NULL;
}

static void range_of_choices(const struct option_row *row, struct buf *b)
{
	const char *at = row->choices;
	bool first = true;

	while (*at) {
		char word[32];
		size_t n = strcspn(at, " ");

		snprintf(word, sizeof word, "%.*s", (int)n, at);
		at += n + (at[n] == ' ');
		if (option_list_has(row->later, word))
			continue;
		buf_add(b, first ? "" : *at ? ", " : " or ");
		buf_printf(b, "\"%s\"", word);
		first = false;
	}
}

char *option_range(const struct option_row *row, char *out)
{
	char from[DURATION_TEXT_SIZE], to[DURATION_TEXT_SIZE];
	struct buf b;

	buf_init(&b, out, OPTION_RANGE_SIZE);
	switch (row->type) {
	case OPTION_INT:
	case OPTION_PORT:
		buf_printf(&b, "%" PRId64 "..%" PRId64, row->least, row->most);
		break;
	case OPTION_PAIR:
		if (row->most > 0)
			buf_printf(&b, "two of %" PRId64 "..%" PRId64, row->least, row->most);
		break;
	case OPTION_DURATION:
		buf_printf(&b, "%s..%s", duration_text(row->least, from), duration_text(row->most, to));
		break;
	case OPTION_TEXT:
	case OPTION_NAME:
	case OPTION_PATH:
		buf_printf(&b, "%" PRId64 "..%" PRId64 " bytes", row->least, row->most);
		break;
	case OPTION_DIGITS:
		buf_printf(&b, "up to %" PRId64 " digits", row->most);
		break;
	case OPTION_BOOL:
		buf_add(&b, "true or false");
		break;
	case OPTION_CHOICE:
		range_of_choices(row, &b);
		break;
	case OPTION_WORDS:
	case OPTION_GROUPS:
		buf_printf(&b, "up to %" PRId64, row->most);
		break;
	case OPTION_GROUP:
		break;
	}
	return out;
}

static const char *type_name(enum option_type t)
{
	static const char *const names[] = {
		[OPTION_TEXT] = "text",         [OPTION_PATH] = "path",
		[OPTION_NAME] = "name",         [OPTION_DIGITS] = "digits",
		[OPTION_INT] = "number",        [OPTION_PORT] = "port",
		[OPTION_DURATION] = "duration", [OPTION_BOOL] = "yes/no",
		[OPTION_CHOICE] = "choice",     [OPTION_WORDS] = "array of texts",
		[OPTION_GROUP] = "group",       [OPTION_GROUPS] = "list of groups",
		[OPTION_PAIR] = "array of two",
	};

	return names[t];
}

/* The default as an operator would write it. */
static void print_fallback(const struct option_row *row, FILE *to)
{
	bool quoted = row->type != OPTION_INT && row->type != OPTION_PORT && row->type != OPTION_BOOL &&
	              row->type != OPTION_WORDS && row->type != OPTION_PAIR && row->type != OPTION_GROUP &&
	              row->type != OPTION_GROUPS;

	if (!row->fallback)
		fputs("must be given", to);
	else
		fprintf(to, quoted ? "`\"%s\"`" : "`%s`", row->fallback);
}

static void print_table(const struct option_row *row, size_t n, FILE *to)
{
	fputs("| key | type | range | default | reload | meaning |\n|---|---|---|---|---|---|\n", to);
	for (size_t i = 0; i < n; i++, row++) {
		char range[OPTION_RANGE_SIZE];

		fprintf(to, "| `%s%s%s` | %s | %s%s%s | ", row->group, *row->group ? "." : "", row->name,
		        type_name(row->type), option_range(row, range), row->unit ? " " : "",
		        row->unit ? row->unit : "");
		print_fallback(row, to);
		fprintf(to, " | %s | %s |\n", row->reloadable ? "yes" : "no", row->help);
	}
}

void options_print_markdown(void *file)
{
	FILE *to = file;

	fputs("### starhash.conf\n\n", to);
	print_table(options_main, options_main_count, to);
	fputs("\n### profile.conf\n\n", to);
	print_table(options_profile, options_profile_count, to);
	fputs("\n### dialects.conf\n\nOf each group of `dialects = ( { }, { } )`; what they are for: "
	      "[dialects.md](dialects.md).\n\n",
	      to);
	dialect_keys_print_markdown(to);
}
