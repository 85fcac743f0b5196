/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metrics: the table is well formed; the manual, the alerts with their chapters and tests, and the dashboard speak of nothing else;
 * the page says what the counters say, and is bounded however much there is to tell (promise 6). */
#include "gateway/metrics.h"

#include <ctype.h>

#include "gateway/dialogue_private.h"
#include "gateway/metrics_private.h"
#include "tests/manual.h"
#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

static struct world w;
static struct metrics_now *now;
static char *page;

/* --- the table --------------------------------------------------------------------------------------- */

static bool ends_in(const char *text, const char *end)
{
	return strlen(text) > strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

START_TEST(every_family_is_whole)
{
	ck_assert_ptr_nonnull(metrics_rows[0].name);
	for (size_t i = 0; i < metrics_rows_count; i = metrics_family_end(i)) {
		const struct metrics_row *f = &metrics_rows[i];

		ck_assert_msg(f->help != NULL && ends_in(f->help, ".") && strchr(f->help, '|') == NULL &&
		                      strchr(f->help, '\\') == NULL && strchr(f->help, '\n') == NULL,
		              "the help of %s", f->name);
		ck_assert_msg(ends_in(f->name, "_total") == (f->type == METRICS_COUNTER), "the end of %s",
		              f->name);
		for (size_t k = 0; k < i; k++)
			ck_assert_msg(metrics_rows[k].name == NULL ||
			                      strcmp(metrics_rows[k].name, f->name) != 0,
			              "%s is there twice", f->name);
	}
}
END_TEST

START_TEST(every_row_tells_itself_from_the_others)
{
	for (size_t i = 0; i < metrics_rows_count; i = metrics_family_end(i))
		for (size_t k = i; k < metrics_family_end(i); k++) {
			const struct metrics_row *row = &metrics_rows[k];

			ck_assert_msg(row->type == METRICS_HISTOGRAM || row->size == 4 || row->size == 8,
			              "%s: its counter has %u bytes", metrics_rows[i].name, row->size);
			ck_assert_int_eq(row->each > 0, row->word != NULL && row->key != NULL);
			for (size_t j = i; j < k; j++)
				ck_assert_msg(row->label != NULL && metrics_rows[j].label != NULL &&
				                      strcmp(row->label, metrics_rows[j].label) != 0,
				              "%s: two rows have the same labels", metrics_rows[i].name);
		}
}
END_TEST

START_TEST(the_manual_has_the_same_table)
{
	char *manual = manual_file("docs/metrics.md"), *begin, *end, *printed = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&printed, &size);

	ck_assert_ptr_nonnull(memory);
	metrics_print_markdown(memory);
	fclose(memory);
	begin = strstr(manual, "<!-- metrics: begin");
	ck_assert_ptr_nonnull(begin);
	begin = strchr(begin, '\n') + 1;
	end = strstr(begin, "<!-- metrics: end -->");
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	ck_assert_msg(strcmp(begin, printed) == 0, "docs/metrics.md is behind: put the output of "
	                                           "starhash check --metrics between its markers");
	free(manual);
	free(printed);
}
END_TEST

/* --- who speaks of metrics ------------------------------------------------------------------------------ */

static const char *const speakers[] = {
	"conf/prometheus/alerts.yml",
	"conf/grafana/starhash.json",
	"docs/alerts.md",
	"tests/prometheus/alerts.test.yml",
	"docs/operate.md",
	"docs/metrics.md",
	"tests/prometheus/silent.test.yml",
};

/* To people a histogram goes by its name alone. */
static bool is_histogram_in_prose(const char *file, const char *name, size_t len)
{
	char whole[128];

	snprintf(whole, sizeof(whole), "%.*s_count", (int)len, name);
	return ends_in(file, ".md") && metrics_is_name(whole, strlen(whole));
}

START_TEST(nobody_speaks_of_metrics_that_are_not_there)
{
	char *text = manual_file(speakers[_i]);
	int n = 0;

	for (char *at = text; (at = strstr(at, "starhash_")) != NULL; n++) {
		size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz_");

		ck_assert_msg(metrics_is_name(at, len) || is_histogram_in_prose(speakers[_i], at, len),
		              "%s: %.*s", speakers[_i], (int)len, at);
		at += len;
	}
	ck_assert_msg(n > 0 || strcmp(speakers[_i], "docs/operate.md") == 0, "%s speaks of none",
	              speakers[_i]);
	free(text);
}
END_TEST

static bool is_tested(const char *text, const char *alert)
{
	size_t len = strlen(alert);

	for (const char *at = text; (at = strstr(at, alert)) != NULL; at += len)
		if (!isalpha((unsigned char)at[len]) && strncmp(at + len, "\n        exp_alerts:\n", 21) == 0)
			return true;
	return false;
}

/* Each has a chapter, a line that leads to it, and a test in which it fires. */
START_TEST(every_alert_has_a_chapter_and_a_test)
{
	char *rules = manual_file("conf/prometheus/alerts.yml"), *manual = manual_file("docs/alerts.md"),
	     *tests = manual_file("tests/prometheus/alerts.test.yml"),
	     *silent = manual_file("tests/prometheus/silent.test.yml");
	char name[64], words[160];
	int n = 0, chapters = 0;

	for (const char *at = rules; (at = strstr(at, "- alert: ")) != NULL; n++) {
		at += strlen("- alert: ");
		ck_assert_int_eq(sscanf(at, "%63[A-Za-z]", name), 1);
		snprintf(words, sizeof(words), "\n## %s\n", name);
		ck_assert_msg(strstr(manual, words) != NULL, "%s has no chapter in docs/alerts.md", name);
		ck_assert_msg(is_tested(tests, name) || is_tested(silent, name), "%s is fired by no test",
		              name);
		for (char *c = name; *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
		snprintf(words, sizeof(words), "runbook: \"docs/alerts.md#%s\"", name);
		ck_assert_msg(strstr(rules, words) != NULL, "%s has no line that leads to its chapter", name);
	}
	for (const char *at = manual; (at = strstr(at, "\n## Starhash")) != NULL; at++)
		chapters++;
	ck_assert_int_gt(n, 20);
	ck_assert_int_eq(n, chapters);
	free(rules);
	free(manual);
	free(tests);
	free(silent);
}
END_TEST

/* --- the page ------------------------------------------------------------------------------------------- */

static void setup(void)
{
	world_open(&w, "");
	now = calloc(1, sizeof(*now));
	page = malloc(METRICS_BYTES_MAX);
	ck_assert(now != NULL && page != NULL);
	now->of = w.dialogues;
	now->config = w.config;
}

static void teardown(void)
{
	free(now);
	free(page);
	world_close(&w);
}

static void make_page(void)
{
	struct buf b;

	buf_init(&b, page, METRICS_BYTES_MAX);
	metrics_write(now, &b);
	ck_assert_msg(!b.cut, "the page does not fit");
}

static void expect_line(const char *line)
{
	char text[512];

	snprintf(text, sizeof(text), "\n%s\n", line);
	ck_assert_msg(strstr(page, text) != NULL, "no line: %s", line);
}

START_TEST(the_page_says_what_the_counters_say)
{
	now->dialogues.begun = 7;
	now->dialogues.shed_by[DIALOGUE_SHED_LAG] = 3;
	now->dialogues.push[DIALOGUE_PUSH_NO_ANSWER] = 4;
	now->outbox_age_ms = 61050;
	now->began_ms = 1000;
	now->cpu_us = UINT64_C(123456789012345);
	now->outbox.by_state[STORE_CHARGE_UNKNOWN] = 2;
	now->charging.answered[CHARGING_QUERY][CHARGING_RETRY] = 5;
	make_page();
	expect_line("starhash_dialogues_begun_total 7");
	expect_line("starhash_dialogues_shed_total{cause=\"lag\"} 3");
	expect_line("starhash_pushes_total{fate=\"no_answer\"} 4");
	expect_line("starhash_outbox_oldest_seconds 61.05");
	expect_line("starhash_start_time_seconds 1");
	expect_line("process_cpu_seconds_total 123456789.012345");
	expect_line("starhash_outbox_orders{state=\"unknown\"} 2");
	expect_line("starhash_outbox_orders{state=\"pending\"} 0");
	expect_line("starhash_charging_answers_total{op=\"query\",outcome=\"retry\"} 5");
	expect_line("# TYPE starhash_dialogues_begun_total counter");
	ck_assert_ptr_null(strstr(page, "cause=\"none\""));
	ck_assert_ptr_null(strstr(page, "starhash_link_bound{"));
	ck_assert_ptr_null(strstr(page, "starhash_answer_seconds_count"));
}
END_TEST

START_TEST(links_and_their_statuses_are_told_apart)
{
	now->n_links = 2;
	snprintf(now->link[0].labels, METRICS_LABELS_SIZE, "link=\"a\",group=\"home\"");
	snprintf(now->link[1].labels, METRICS_LABELS_SIZE, "link=\"b\",group=\"home\"");
	now->link[1].is_bound = 1;
	now->link[1].counters.submit_status[0] = 9;
	now->link[1].counters.submit_status[1] = 2;
	histogram_add(&now->link[1].response_times, 2500000);
	make_page();
	expect_line("starhash_link_bound{link=\"a\",group=\"home\"} 0");
	expect_line("starhash_link_bound{link=\"b\",group=\"home\"} 1");
	expect_line("starhash_link_submit_statuses_total{link=\"b\",group=\"home\",status=\"ESME_ROK\"} 9");
	expect_line(
		"starhash_link_submit_statuses_total{link=\"b\",group=\"home\",status=\"ESME_RINVMSGLEN\"} 2");
	ck_assert_ptr_null(strstr(page, "link=\"a\",group=\"home\",status=\"ESME_RINVMSGLEN\""));
	expect_line("starhash_link_response_seconds_bucket{link=\"b\",group=\"home\",le=\"1.5\"} 0");
	expect_line("starhash_link_response_seconds_bucket{link=\"b\",group=\"home\",le=\"2.5\"} 1");
	expect_line("starhash_link_response_seconds_bucket{link=\"b\",group=\"home\",le=\"+Inf\"} 1");
	expect_line("starhash_link_response_seconds_sum{link=\"b\",group=\"home\"} 2.5");
	expect_line("starhash_link_response_seconds_count{link=\"b\",group=\"home\"} 1");
}
END_TEST

/* A dialogue of the world's group 0. */
START_TEST(answers_are_timed_by_group_and_screen)
{
	now->n_groups = 1;
	snprintf(now->group[0].labels, METRICS_LABELS_SIZE, "group=\"home\"");
	world_dial(&w, 254700000001, "*123#");
	make_page();
	expect_line("starhash_answer_seconds_count{group=\"home\",screen=\"menu\"} 1");
	world_type(&w, 254700000001, "1");
	make_page();
	expect_line("starhash_answer_seconds_count{group=\"home\",screen=\"consent\"} 1");
	expect_line("starhash_answer_seconds_bucket{group=\"home\",screen=\"menu\",le=\"+Inf\"} 1");
}
END_TEST

START_TEST(promise_6_every_bound_has_a_limit_and_a_remedy)
{
	struct bound bound[BOUNDS_MAX];
	size_t n;

	now->store_times.queue_max = STORE_QUEUE_MAX;
	now->dialogues.open = 5;
	now->dialogues.shed_by[DIALOGUE_SHED_DIALOGUES] = 6;
	n = bounds_read(now, bound);
	ck_assert_uint_gt(n, 10);
	for (size_t i = 0; i < n; i++) {
		ck_assert_msg(bound[i].limit > 0, "%s has no limit", bound[i].name);
		ck_assert_msg(bound[i].remedy != NULL && *bound[i].remedy != '\0', "%s has no remedy",
		              bound[i].name);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(bound[i].name, bound[k].name);
	}
	ck_assert_str_eq(bound[0].name, "dialogues");
	ck_assert_uint_eq(bound[0].used, 5);
	ck_assert_uint_eq(bound[0].limit, (uint64_t)w.config->dialogues_max);
	ck_assert_uint_eq(bound[0].refused, 6);
}
END_TEST

static void fill(void *at, size_t size)
{
	memset(at, 0x7f, size); /* no number on the page is longer */
}

START_TEST(promise_6_the_page_is_bounded_by_what_may_be_configured)
{
	struct histogram *times = w.dialogues->times;

	fill(now, sizeof(*now));
	now->of = w.dialogues;
	now->n_links = METRICS_LINKS_MAX;
	now->n_groups = CONFIG_MAX_LINKS;
	now->n_bounds = BOUNDS_MAX;
	for (size_t i = 0; i < METRICS_LINKS_MAX; i++) {
		memset(now->link[i].labels, 'x', METRICS_LABELS_SIZE - 1);
		now->link[i].labels[METRICS_LABELS_SIZE - 1] = '\0';
	}
	for (size_t i = 0; i < CONFIG_MAX_LINKS; i++) {
		memset(now->group[i].labels, 'x', METRICS_LABELS_SIZE / 2);
		now->group[i].labels[METRICS_LABELS_SIZE / 2] = '\0';
	}
	for (size_t i = 0; i < BOUNDS_MAX; i++) {
		memset(now->bound_labels[i], 'x', METRICS_LABELS_SIZE - 1);
		now->bound_labels[i][METRICS_LABELS_SIZE - 1] = '\0';
	}
	fill(times, (size_t)DIALOGUE_GROUPS * DIALOGUE_TIMES_KINDS * sizeof(*times));
	make_page();
	ck_assert_uint_gt(strlen(page), 100000);
	printf("the longest page: %zu bytes of %u\n", strlen(page), METRICS_BYTES_MAX);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("metrics");
	TCase *tc = tcase_create("table"), *on_page = tcase_create("page");

	tcase_add_test(tc, every_family_is_whole);
	tcase_add_test(tc, every_row_tells_itself_from_the_others);
	tcase_add_test(tc, the_manual_has_the_same_table);
	tcase_add_loop_test(tc, nobody_speaks_of_metrics_that_are_not_there, 0,
	                    sizeof(speakers) / sizeof(speakers[0]));
	tcase_add_test(tc, every_alert_has_a_chapter_and_a_test);
	tcase_add_checked_fixture(on_page, setup, teardown);
	tcase_add_test(on_page, the_page_says_what_the_counters_say);
	tcase_add_test(on_page, links_and_their_statuses_are_told_apart);
	tcase_add_test(on_page, answers_are_timed_by_group_and_screen);
	tcase_add_test(on_page, promise_6_every_bound_has_a_limit_and_a_remedy);
	tcase_add_test(on_page, promise_6_the_page_is_bounded_by_what_may_be_configured);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, on_page);
	return run_suite(suite);
}
