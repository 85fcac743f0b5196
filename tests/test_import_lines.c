/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of an import file, whatever the bytes: found in pieces of any size, bounded, and found again at a place
 * (promise 6). Rows and rejects: test_import_read.c. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/run_suite.h"
#include "tools/import_lines.h"

struct feed {
	int fd;
	const char *text;
	size_t len, piece;
};

static void *feeding(void *arg)
{
	struct feed *f = arg;

	for (size_t at = 0; at < f->len;) {
		size_t n = f->len - at < f->piece ? f->len - at : f->piece;

		ck_assert_int_eq(write(f->fd, f->text + at, n), (ssize_t)n);
		at += n;
	}
	close(f->fd);
	return NULL;
}

/* What the records of a pipe are, each in brackets, '!' for what is too long and '0' for a NUL. The caller frees it. */
static char *records(const char *text, size_t len, size_t piece, bool quotes)
{
	int ends[2];
	struct feed f = {.text = text, .len = len, .piece = piece};
	struct import_record r;
	struct import_lines *l;
	enum import_found found;
	pthread_t thread;
	char *out = NULL;
	size_t size;
	FILE *to = open_memstream(&out, &size);

	ck_assert_int_eq(pipe(ends), 0);
	f.fd = ends[1];
	ck_assert_int_eq(pthread_create(&thread, NULL, feeding, &f), 0);
	l = import_lines_new(ends[0], quotes);
	while ((found = import_lines_next(l, &r)) != IMPORT_END) {
		ck_assert_int_ne(found, IMPORT_FAILED);
		fprintf(to, "%d%s[%.*s]", (int)r.line,
		        found == IMPORT_TOO_LONG ? "!"
		        : found == IMPORT_NUL    ? "0"
		                                 : "",
		        found == IMPORT_RECORD ? (int)r.len : 0, r.text);
	}
	ck_assert_int_eq(import_lines_position(l), (int64_t)len);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	import_lines_free(l);
	close(ends[0]);
	ck_assert_int_eq(fclose(to), 0);
	return out;
}

static const struct {
	const char *text;
	size_t len;
	bool quotes;
	const char *wanted;
} files[] = {
	{"", 0, true, ""},
	{"a", 1, true, "1[a]"},
	{"a\nb\r\n\r\n\nc", 9, true, "1[a]2[b]5[c]"},
	{"\"a\nb\",c\nd\n", 10, true, "1[\"a\nb\",c]3[d]"},
	{"\"a\nb\",c\nd\n", 10, false, "1[\"a]2[b\",c]3[d]"},
	{"\"a\"\"\nb\"\nd", 9, true, "1[\"a\"\"\nb\"]3[d]"},
	{"a\"b\nc\nd\n", 8, true, "1[a\"b]2[c]3[d]"}, /* it never closes: only its line */
	{"a\0b\nc\n", 6, true, "10[]2[c]"},
};

START_TEST(records_are_found)
{
	for (size_t piece = 1; piece < 5; piece++) {
		char *got = records(files[_i].text, files[_i].len, piece, files[_i].quotes);

		ck_assert_str_eq(got, files[_i].wanted);
		free(got);
	}
}
END_TEST

/* Records of every length around the window's end, and lines of megabytes. */
START_TEST(the_window_moves)
{
	size_t size = (size_t)6 << 20, at = 0, n = 0;
	char *text = malloc(size), *got;

	for (; at + 5000 < size; n++) {
		size_t len = 1 + n * 37 % 4000;

		memset(text + at, 'a' + (int)(n % 26), len);
		text[at + len] = '\n';
		at += len + 1;
	}
	got = records(text, at, 65536, true);
	size = 0;
	for (const char *c = got; (c = strchr(c, '[')); c++)
		size++;
	ck_assert_uint_eq(size, n);
	free(got);
	memset(text, 'x', (size_t)3 << 20);
	memcpy(text + ((size_t)3 << 20), "\nend\n", 5);
	got = records(text, ((size_t)3 << 20) + 5, 65536, true);
	ck_assert_str_eq(got, "1![]2[end]");
	free(got);
	for (size_t more = 0; more < 2; more++) { /* the longest, and one that is longer by one */
		char longest[32];

		memset(text, 'x', IMPORT_LINE_MAX + more);
		memcpy(text + IMPORT_LINE_MAX + more, "\nend\n", 5);
		got = records(text, IMPORT_LINE_MAX + more + 5, 65536, true);
		(void)snprintf(longest, sizeof longest, "%.10s", got);
		ck_assert_str_eq(longest, more ? "1![]2[end]" : "1[xxxxxxxx");
		free(got);
	}
	memset(text, 'x', (size_t)3 << 20);
	text[0] = '"'; /* and one that opens there */
	memcpy(text + 10, "\nb\n", 3);
	got = records(text, ((size_t)3 << 20) + 5, 65536, true);
	ck_assert_str_eq(got, "1![]2[b]3![]4[end]");
	free(got);
	free(text);
}
END_TEST

START_TEST(a_place_is_found_again)
{
	FILE *f = tmpfile();
	struct import_lines *l;
	struct import_record r;
	char before[64];
	const char *tail;
	size_t len;
	int64_t place;

	for (int i = 0; i < 300000; i++)
		fprintf(f, "row %d\n", i);
	ck_assert_int_eq(fflush(f), 0);
	ck_assert_int_eq(lseek(fileno(f), 0, SEEK_SET), 0);
	l = import_lines_new(fileno(f), true);
	for (int i = 0; i < 250000; i++)
		ck_assert_int_eq(import_lines_next(l, &r), IMPORT_RECORD);
	place = import_lines_position(l);
	tail = import_lines_tail(l, sizeof before, &len);
	ck_assert_uint_eq(len, sizeof before);
	memcpy(before, tail, len);
	import_lines_free(l);
	ck_assert_int_eq(lseek(fileno(f), 0, SEEK_SET), 0);
	l = import_lines_new(fileno(f), true);
	ck_assert_int_eq(import_lines_next(l, &r), IMPORT_RECORD);
	ck_assert_int_eq(import_lines_seek(l, place, 250000), RC_OK);
	tail = import_lines_tail(l, sizeof before, &len);
	ck_assert_int_eq(memcmp(tail, before, len), 0);
	ck_assert_int_eq(import_lines_next(l, &r), IMPORT_RECORD);
	ck_assert_int_eq(r.line, 250001);
	ck_assert_int_eq(strncmp(r.text, "row 250000", r.len), 0);
	ck_assert_int_eq(import_lines_seek(l, place * 10, 1), RC_NOTFOUND);
	import_lines_free(l);
	fclose(f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("import_lines");
	TCase *tc = tcase_create("import_lines");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, records_are_found, 0, (int)(sizeof files / sizeof files[0]));
	tcase_add_test(tc, the_window_moves);
	tcase_add_test(tc, a_place_is_found_again);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
