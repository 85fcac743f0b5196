/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings: a bounded list of what is wrong with files.
 *
 * Invariant: errors and warnings count everything that was added; `n` entries, at most FINDINGS_MAX, are kept
 * with copies of their texts. Texts hold no control characters: a finding is one line whatever the file held.
 * Memory that is out costs entries, never counts: an error is never taken for none.
 */
#include "core/findings.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

#define TEXT_MAX 512 /* bytes of one text, with NUL */

struct findings {
	struct finding *at;
	size_t n;
	size_t cap;
	size_t errors;
	size_t warnings;
};

struct findings *findings_new(void)
{
	return calloc(1, sizeof(struct findings));
}

static void finding_fini(struct finding *one)
{
	free(one->file);
	free(one->what);
	free(one->remedy);
}

void findings_free(struct findings *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++)
		finding_fini(&f->at[i]);
	free(f->at);
	free(f);
}

/* A bounded copy without control characters. */
static char *copy_line(const char *text)
{
	char memory[TEXT_MAX];
	struct buf b;

	buf_init(&b, memory, sizeof memory);
	buf_add(&b, text);
	for (size_t i = 0; i < b.len; i++)
		if ((unsigned char)memory[i] < 0x20 || memory[i] == 0x7f)
			memory[i] = ' ';
	return strdup(memory);
}

static bool make_room(struct findings *f)
{
	size_t cap = f->cap ? f->cap * 2 : 16;
	struct finding *at;

	if (f->n == FINDINGS_MAX)
		return false;
	if (f->n < f->cap)
		return true;
	at = realloc(f->at, cap * sizeof *at);
	if (!at)
		return false;
	f->at = at;
	f->cap = cap;
	return true;
}

void findings_add(struct findings *f, enum finding_level level, const char *file, int line, int rule,
                  const char *remedy, const char *format, ...)
{
	char what[TEXT_MAX + 4]; /* so much longer that copy_line does the cutting, at a character's end */
	struct finding *one;
	va_list args;

	if (level == FINDING_ERROR)
		f->errors++;
	else
		f->warnings++;
	if (!make_room(f))
		return;
	va_start(args, format);
	if (vsnprintf(what, sizeof what, format, args) < 0)
		what[0] = '\0';
	va_end(args);
	one = &f->at[f->n];
	*one = (struct finding){
		.level = level,
		.line = line,
		.rule = rule,
		.file = copy_line(file),
		.what = copy_line(what),
		.remedy = copy_line(remedy),
	};
	if (one->file && one->what && one->remedy)
		f->n++;
	else
		finding_fini(one);
}

size_t findings_errors(const struct findings *f)
{
	return f->errors;
}

size_t findings_warnings(const struct findings *f)
{
	return f->warnings;
}

size_t findings_count(const struct findings *f)
{
	return f->n;
}

const struct finding *findings_at(const struct findings *f, size_t i)
{
	return i < f->n ? &f->at[i] : NULL;
}

void findings_print(const struct findings *f, FILE *to)
{
	size_t unseen = f->errors + f->warnings - f->n;

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *one = &f->at[i];

		if (one->file[0] && one->line > 0)
			fprintf(to, "%s:%d: ", one->file, one->line);
		else if (one->file[0])
			fprintf(to, "%s: ", one->file);
		fprintf(to, "%s: %s", one->level == FINDING_ERROR ? "error" : "warning", one->what);
		if (one->remedy[0])
			fprintf(to, ". %s", one->remedy);
		if (one->rule > 0)
			fprintf(to, " [rule %d]", one->rule);
		fputc('\n', to);
	}
	if (unseen > 0)
		fprintf(to, "%zu more not shown\n", unseen);
}
