/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual has the tables that the code has: what is printed must stand in docs/, to the letter. Static inline, for the test
 * programs only. */
#ifndef STARHASH_TESTS_MANUAL_H
#define STARHASH_TESTS_MANUAL_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef SRCDIR
#define SRCDIR "."
#endif

/* The whole of a file of the project, by its path in it. The caller frees. */
static inline char *manual_file(const char *name)
{
	char path[4096], *text;
	FILE *file;
	long size;

	snprintf(path, sizeof(path), SRCDIR "/%s", name);
	file = fopen(path, "re");
	ck_assert_msg(file != NULL, "cannot read %s", path);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	text = calloc(1, (size_t)size + 1);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(fread(text, 1, (size_t)size, file), (size_t)size);
	fclose(file);
	return text;
}

/* The same of docs/NAME. */
static inline char *manual_read(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "docs/%s", name);
	return manual_file(path);
}

/* What `print` writes. The caller frees. */
static inline char *manual_printed(void (*print)(void *to))
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(memory);
	print(memory);
	fclose(memory);
	ck_assert_uint_gt(size, 0);
	return text;
}

/* Nothing but what `print` writes stands in docs/NAME between `<!-- MARK: begin ... -->` and `<!-- MARK: end -->`. `command`
 * is what somebody runs who has to mend it. */
static inline void manual_is(const char *name, const char *mark, void (*print)(void *to), const char *command)
{
	char *manual = manual_read(name), *printed = manual_printed(print), *begin, *end;
	char words[64];

	snprintf(words, sizeof(words), "<!-- %s: begin", mark);
	begin = strstr(manual, words);
	ck_assert_ptr_nonnull(begin);
	begin = strchr(begin, '\n') + 1;
	snprintf(words, sizeof(words), "<!-- %s: end -->", mark);
	end = strstr(begin, words);
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	ck_assert_msg(strcmp(begin, printed) == 0,
	              "docs/%s is behind: put the output of %s between its markers", name, command);
	free(manual);
	free(printed);
}

/* What `print` writes stands somewhere in docs/NAME. */
static inline void manual_has(const char *name, void (*print)(void *to))
{
	char *manual = manual_read(name), *printed = manual_printed(print);

	if (strstr(manual, printed) == NULL)
		fprintf(stderr, "%s", printed);
	ck_assert_msg(strstr(manual, printed) != NULL, "put the table above into docs/%s", name);
	free(manual);
	free(printed);
}

#endif
