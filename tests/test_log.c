/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log: one event is one line, whatever its values hold; the journal gets fields. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/log.h"
#include "core/text.h"
#include "tests/run_suite.h"

int sd_journal_sendv(const struct iovec *iov, int n);

/* Stands before libsystemd's: what the journal would have been sent, one field a line. */
static char journal[16384];
static int journal_answer;

int sd_journal_sendv(const struct iovec *iov, int n)
{
	size_t used = 0;

	for (int i = 0; i < n; i++)
		used += (size_t)snprintf(journal + used, sizeof journal - used, "%.*s\n", (int)iov[i].iov_len,
		                         (const char *)iov[i].iov_base);
	return journal_answer;
}

static int saved_stderr = -1;
static FILE *caught;

static void catch_stderr(void)
{
	caught = tmpfile();
	ck_assert_ptr_nonnull(caught);
	saved_stderr = dup(STDERR_FILENO);
	dup2(fileno(caught), STDERR_FILENO);
}

/* What was written since catch_stderr, in static memory. */
static char *caught_text(void)
{
	static char text[1 << 20];
	size_t n;

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	rewind(caught);
	n = fread(text, 1, sizeof text - 1, caught);
	text[n] = '\0';
	fclose(caught);
	return text;
}

/* The line without its time, which is checked for form. */
static const char *after_time(const char *line)
{
	static const char form[] = "ts=dddd-dd-ddTdd:dd:dd.dddZ ";

	for (size_t i = 0; form[i]; i++) {
		if (form[i] == 'd')
			ck_assert(line[i] >= '0' && line[i] <= '9');
		else
			ck_assert_int_eq(line[i], form[i]);
	}
	return line + sizeof form - 1;
}

/* What one event with the one pair why=value leaves on stderr. */
static const char *line_of(const char *value)
{
	log_init(LOG_LV_DEBUG);
	catch_stderr();
	LOG_EVENT(LOG_LV_WARN, "link", "closed", "why", value);
	return after_time(caught_text());
}

START_TEST(an_event_is_a_line_of_pairs)
{
	const char *line;

	log_init(LOG_LV_INFO);
	catch_stderr();
	LOG_EVENT(LOG_LV_ERROR, "link", "closed", "name", "smsc-a", "n", LOG_INT(-42), "status",
	          LOG_HEX(0x58));
	line = after_time(caught_text());
	ck_assert_str_eq(line, "level=error area=link event=closed name=smsc-a n=-42 status=0x00000058\n");
}
END_TEST

START_TEST(an_event_needs_no_pairs)
{
	log_init(LOG_LV_INFO);
	catch_stderr();
	LOG_EVENT(LOG_LV_INFO, "main", "ready");
	ck_assert_str_eq(after_time(caught_text()), "level=info area=main event=ready\n");
}
END_TEST

static const struct {
	const char *value;
	const char *written;
} values[] = {
	{"plain", "plain"},
	{"10.0.0.1:2775", "10.0.0.1:2775"},
	{"", "\"\""},
	{"two words", "\"two words\""},
	{"a=b", "\"a=b\""},
	{"say \"x\"", "\"say \\\"x\\\"\""},
	{"back\\slash", "\"back\\\\slash\""},
	{"a\nlevel=error", "\"a\\nlevel=error\""},
	{"tab\there", "\"tab\\there\""},
	{"\r", "\"\\x0d\""},
	{"\x1b[2J", "\"\\x1b[2J\""},
	{"\x7f", "\"\\x7f\""},
	{"\xc2\x85", "\"\\xc2\\x85\""}, /* NEL, a line end to some readers */
	{"caf\xc3\xa9", "caf\xc3\xa9"},
	{"bad\xff", "\"bad\\xff\""},
	{"cut\xe2\x82", "\"cut\\xe2\\x82\""},
	{"\xef\xbf\xbd", "\xef\xbf\xbd"}, /* U+FFFD itself is a character like others */
};

/* Promise 6: no value can forge a second line or break the first. */
START_TEST(values_are_quoted_and_escaped)
{
	char expected[200];

	snprintf(expected, sizeof expected, "level=warn area=link event=closed why=%s\n", values[_i].written);
	ck_assert_str_eq(line_of(values[_i].value), expected);
}
END_TEST

START_TEST(long_values_end_in_dots)
{
	char value[3000];
	const char *line;
	size_t n;

	value[0] = 'x'; /* shifts the two-byte characters to odd offsets */
	for (size_t i = 1; i + 2 < sizeof value; i += 2)
		memcpy(value + i, "\xc3\xa9", 3);
	line = line_of(value);
	n = strlen(line);
	ck_assert_uint_lt(n, 260);
	ck_assert_str_eq(line + n - 4, "...\n");
	ck_assert(text_utf8_valid(line, n));
	memset(value, '\n', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	line = line_of(value);
	ck_assert_uint_lt(strlen(line), 260);
	ck_assert_str_eq(line + strlen(line) - 5, "...\"\n");
}
END_TEST

/* The longest event that can be: more pairs than are kept, each at its longest. */
START_TEST(the_longest_line_is_bounded_and_whole)
{
	char v[1000];
	const char *line;
	size_t n;

	memset(v, ' ', sizeof v - 1);
	v[sizeof v - 1] = '\0';
#define K "a_key_that_is_longer_than_all_keys_of_the_code", v
	log_init(LOG_LV_INFO);
	catch_stderr();
	LOG_EVENT(LOG_LV_ERROR, "an_area_that_is_longer_than_all", "an_event_that_is_longer_than_all", K, K,
	          K, K, K, K, K, K, K, K, K, K, K, K, K, K, K, K, K, K, K, K, K, K, K, K);
#undef K
	line = caught_text();
	n = strlen(line);
	ck_assert_uint_gt(n, 3000);
	ck_assert_uint_le(n, 4096);
	ck_assert_ptr_eq(strchr(line, '\n'), line + n - 1);
	ck_assert_str_eq(line + n - 5, "...\"\n");
}
END_TEST

START_TEST(a_missing_value_ends_the_list)
{
	const char *line;

	log_init(LOG_LV_INFO);
	catch_stderr();
	log_event(LOG_LV_INFO, "link", "closed", "a", "1", "why", (char *)0);
	line = after_time(caught_text());
	ck_assert_str_eq(line, "level=info area=link event=closed a=1 why=\"\"\n");
}
END_TEST

START_TEST(levels_below_the_least_are_silent)
{
	log_init(LOG_LV_WARN);
	catch_stderr();
	LOG_EVENT(LOG_LV_DEBUG, "a", "no");
	LOG_EVENT(LOG_LV_INFO, "a", "no");
	LOG_EVENT(LOG_LV_WARN, "a", "yes");
	ck_assert_str_eq(after_time(caught_text()), "level=warn area=a event=yes\n");
}
END_TEST

START_TEST(levels_have_names)
{
	enum log_level level = LOG_LV_ERROR;

	ck_assert(log_level_parse("debug", &level));
	ck_assert_int_eq(level, LOG_LV_DEBUG);
	ck_assert(log_level_parse("info", &level));
	ck_assert_int_eq(level, LOG_LV_INFO);
	ck_assert(log_level_parse("error", &level));
	ck_assert_int_eq(level, LOG_LV_ERROR);
	ck_assert(log_level_parse("warn", &level));
	ck_assert_int_eq(level, LOG_LV_WARN);
	ck_assert(!log_level_parse("loud", &level));
	ck_assert(!log_level_parse("", &level));
	ck_assert(!log_level_parse(NULL, &level));
	ck_assert_int_eq(level, LOG_LV_WARN);
}
END_TEST

START_TEST(errno_survives)
{
	log_init(LOG_LV_INFO);
	catch_stderr();
	errno = EADDRINUSE;
	LOG_EVENT(LOG_LV_INFO, "link", "closed", "why", strerror(errno));
	ck_assert_int_eq(errno, EADDRINUSE);
	close(STDERR_FILENO); /* a write that fails would leave EBADF */
	LOG_EVENT(LOG_LV_INFO, "link", "closed", "why", strerror(errno));
	ck_assert_int_eq(errno, EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(caught_text(), "why=\"Address already in use\""));
}
END_TEST

static int ts_count(const char *line)
{
	int n = 0;

	for (const char *at = line; (at = strstr(at, "ts=")); at++)
		n++;
	return n;
}

static void *chatter(void *who)
{
	for (int i = 0; i < 250; i++) { /* of many kinds, so that it does not pass for a flood */
		char event[16];

		snprintf(event, sizeof event, "said-%02d", i % 60);
		LOG_EVENT(LOG_LV_INFO, "thread", event, "who", who, "i", LOG_INT(i), "words",
		          "one two three");
	}
	return NULL;
}

START_TEST(threads_do_not_mix_their_lines)
{
	static char names[4][2] = {"a", "b", "c", "d"};
	pthread_t threads[4];
	char *text, *line, *rest = NULL;
	int n = 0;

	log_init(LOG_LV_INFO);
	catch_stderr();
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, chatter, names[i]), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	text = caught_text();
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), n++) {
		ck_assert_int_eq(strncmp(after_time(line), "level=info area=thread event=said-", 34), 0);
		ck_assert_ptr_nonnull(strstr(line, " words=\"one two three\""));
		ck_assert_int_eq(ts_count(line), 1);
	}
	ck_assert_int_ge(n, 500);
}
END_TEST

START_TEST(a_flood_is_counted_and_not_written)
{
	char *text;
	int n = 0;

	log_init(LOG_LV_INFO);
	catch_stderr();
	for (int i = 0; i < 5000; i++)
		LOG_EVENT(LOG_LV_WARN, "peer", "repeats", "i", LOG_INT(i));
	LOG_EVENT(LOG_LV_WARN, "peer", "other");
	text = caught_text();
	for (char *at = text; (at = strstr(at, "event=repeats")); at++)
		n++;
	ck_assert_int_eq(n, 20);
	ck_assert_ptr_nonnull(strstr(text, "event=other"));
}
END_TEST

/* Pretend that the caught file is the stream that systemd connected. */
static void pose_as_journal(ino_t off)
{
	char stream[64];
	struct stat st;

	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)st.st_dev,
	         (unsigned long long)(st.st_ino + off));
	setenv("JOURNAL_STREAM", stream, 1);
	log_init(LOG_LV_INFO);
	unsetenv("JOURNAL_STREAM");
	journal[0] = '\0';
}

START_TEST(the_journal_gets_fields)
{
	journal_answer = 0;
	catch_stderr();
	pose_as_journal(0);
	LOG_EVENT(LOG_LV_WARN, "link", "closed", "name", "smsc-a", "why-not", "two\nlines");
	ck_assert_str_eq(caught_text(), "");
	ck_assert_str_eq(journal, "MESSAGE=link closed name=smsc-a why-not=\"two\\nlines\"\n"
	                          "PRIORITY=4\n"
	                          "STARHASH_AREA=link\n"
	                          "STARHASH_EVENT=closed\n"
	                          "STARHASH_NAME=smsc-a\n"
	                          "STARHASH_WHY_NOT=two\nlines\n");
}
END_TEST

START_TEST(journal_fields_are_bounded)
{
	char value[1000];
	const char *field;

	journal_answer = 0;
	value[0] = 'x';
	for (size_t i = 1; i + 2 < sizeof value; i += 2)
		memcpy(value + i, "\xc3\xa9", 3);
	catch_stderr();
	pose_as_journal(0);
	LOG_EVENT(LOG_LV_DEBUG, "link", "quiet");
	LOG_EVENT(LOG_LV_INFO, "link", "closed", "why", value);
	ck_assert_str_eq(caught_text(), "");
	field = strstr(journal, "STARHASH_WHY=");
	ck_assert_ptr_nonnull(field);
	ck_assert_uint_lt(strlen(field), 190);
	ck_assert_str_eq(field + strlen(field) - 4, "...\n");
	ck_assert(text_utf8_valid(journal, strlen(journal)));
}
END_TEST

START_TEST(a_deaf_journal_leaves_stderr)
{
	journal_answer = -ENOBUFS;
	catch_stderr();
	pose_as_journal(0);
	LOG_EVENT(LOG_LV_INFO, "link", "closed");
	ck_assert_str_eq(after_time(caught_text()), "level=info area=link event=closed\n");
}
END_TEST

START_TEST(another_stream_is_not_the_journal)
{
	catch_stderr();
	pose_as_journal(1);
	LOG_EVENT(LOG_LV_INFO, "link", "closed");
	ck_assert_str_eq(after_time(caught_text()), "level=info area=link event=closed\n");
	ck_assert_str_eq(journal, "");
	setenv("JOURNAL_STREAM", "nonsense", 1);
	log_init(LOG_LV_INFO);
	unsetenv("JOURNAL_STREAM");
	catch_stderr();
	LOG_EVENT(LOG_LV_INFO, "link", "closed");
	ck_assert_str_eq(after_time(caught_text()), "level=info area=link event=closed\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("log");
	TCase *tc = tcase_create("log");

	tcase_add_test(tc, an_event_is_a_line_of_pairs);
	tcase_add_test(tc, an_event_needs_no_pairs);
	tcase_add_loop_test(tc, values_are_quoted_and_escaped, 0, sizeof values / sizeof values[0]);
	tcase_add_test(tc, long_values_end_in_dots);
	tcase_add_test(tc, the_longest_line_is_bounded_and_whole);
	tcase_add_test(tc, a_missing_value_ends_the_list);
	tcase_add_test(tc, levels_below_the_least_are_silent);
	tcase_add_test(tc, levels_have_names);
	tcase_add_test(tc, errno_survives);
	tcase_add_test(tc, threads_do_not_mix_their_lines);
	tcase_add_test(tc, a_flood_is_counted_and_not_written);
	tcase_add_test(tc, the_journal_gets_fields);
	tcase_add_test(tc, journal_fields_are_bounded);
	tcase_add_test(tc, a_deaf_journal_leaves_stderr);
	tcase_add_test(tc, another_stream_is_not_the_journal);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
