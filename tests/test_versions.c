/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Versions (promise 5): ten thousand dialogues in progress, a reload that takes a screen away and adds a language. Every
 * one ends as its old version says, none is lost, and the old book is freed when the last of them ends. */
#include "gateway/reload.h"

#include <time.h>

#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

#define PEOPLE 10000
#define FIRST 254700000000

static struct world w;

/* The world's own log is for few answers: here each person keeps the last screen only. */
static struct {
	char text[MACHINE_TEXT_SIZE];
	bool last;
	size_t answers;
} person[PEOPLE];
static size_t acknowledged, sms;

static void many_acknowledge(void *ctx, const struct dialogue_input *in, uint32_t status)
{
	(void)ctx;
	(void)in;
	ck_assert_uint_eq(status, PDU_ROK);
	acknowledged++;
}

static enum rc many_answer(void *ctx, void *link, const struct dialect_event *to, const char *text, bool last,
                           uint64_t token)
{
	size_t i = (size_t)(to->msisdn - FIRST);

	(void)ctx;
	(void)link;
	ck_assert_uint_lt(i, PEOPLE);
	snprintf(person[i].text, sizeof(person[i].text), "%s", text);
	person[i].last = last;
	person[i].answers++;
	dialogue_sent(w.dialogues, token, DIALOGUE_DELIVERED, 0);
	return RC_OK;
}

static enum rc many_sms(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
                        const struct pdu_address *subscriber, const char *text, int64_t notice,
                        uint64_t token)
{
	(void)notice;
	(void)ctx;
	(void)link;
	(void)group;
	(void)service;
	(void)subscriber;
	(void)text;
	sms++;
	dialogue_sent(w.dialogues, token, DIALOGUE_DELIVERED, 0);
	return RC_OK;
}

static void open_many(void)
{
	struct dialogue_port port = {.acknowledge = many_acknowledge, .answer = many_answer, .sms = many_sms};
	struct dialogue_options options;

	world_open(&w, "");
	dialogues_free(w.dialogues);
	options = (struct dialogue_options){
		.clock = &w.clock.clock, .store = w.store, .services = w.services, .config = w.config};
	ck_assert_int_eq(dialogues_new(&options, &port, &w.dialogues), RC_OK);
	memset(person, 0, sizeof(person));
	acknowledged = sms = 0;
}

static void shut(void)
{
	world_close(&w);
}

/* Everybody in [from, to) gives the same input. */
static void all_say(size_t from, size_t to, enum dialect_kind kind, const char *text)
{
	for (size_t i = from; i < to; i++) {
		struct dialogue_input in = world_input(&w, kind, FIRST + (int64_t)i, text);

		dialogue_receive(w.dialogues, &in);
		if (i % 5000 == 4999)
			world_settle(&w);
	}
	world_settle(&w);
}

static void all_see(size_t from, size_t to, const char *part, bool last)
{
	for (size_t i = from; i < to; i++) {
		ck_assert_msg(strstr(person[i].text, part) != NULL, "%zu sees: %s\nexpected: %s", i,
		              person[i].text, part);
		ck_assert_int_eq(person[i].last, last);
	}
}

/* The menu to come: no `town` any more, other words for `name`, and French. */
static void write_next(void)
{
	char next[16384] = "", *line, *save = NULL, *all = strdup(world_menu);

	for (line = strtok_r(all, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "town =", 6) == 0 || strncmp(line, "  next = \"gift\"", 15) == 0)
			continue;
		strcat(next, line);
		strcat(next, "\n");
	}
	free(all);
	for (char *at = next; (at = strstr(at, "Your full name?")) != NULL;)
		memcpy(at, "Your whole name", 15);
	memcpy(strstr(next, "next = \"town\""), "next = \"gift\"", 13);
	world_write(&w, "next.conf", next);
}

/* Every array of two texts gets a third: the first again. */
static void write_french(void)
{
	char path[160], *text = calloc(1, 65536), *from, *to;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/next.conf", w.folder);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(text, 1, 16384, f);
	fclose(f);
	from = text;
	to = text + 32768;
	for (bool code = false; from < text + n;) { /* "keywords" stands before "languages" */
		if (strncmp(from, "\"sw\" ]", 6) == 0 && !code) {
			to += sprintf(to, "\"sw\", \"fr\" ]");
			from += 6;
			code = true;
		} else if (code && *from == '[' && strncmp(from + 2, "\"", 1) == 0) {
			const char *first = from + 2, *end = strchr(from, ']');
			int len = (int)(strchr(first + 1, '"') - first) + 1;

			to += sprintf(to, "%.*s, %.*s ]", (int)(end - from), from, len, first);
			from = strchr(from, ']') + 1;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	world_write(&w, "join.conf", text + 32768);
	free(text);
}

static struct reload_report *reload_now(bool dry_run)
{
	static struct reload_report report;
	struct findings *f = findings_new();
	enum rc rc = reload(w.services, w.dialogues, dry_run, f, &report);

	if (rc != RC_OK)
		findings_print(f, stderr);
	ck_assert_int_eq(rc, RC_OK);
	findings_free(f);
	return &report;
}

START_TEST(promise_5_ten_thousand_end_on_the_version_on_which_they_began)
{
	const size_t at_name = 6000, at_town = PEOPLE;
	const struct reload_report *r;
	struct dialogue_counters c;
	const struct book *old = services_at(w.services, 0);
	struct timespec a, b;

	all_say(0, PEOPLE, DIALECT_BEGIN, "*123#");
	all_say(0, PEOPLE, DIALECT_CONTINUE, "1");
	all_say(0, PEOPLE, DIALECT_CONTINUE, "1");
	all_say(at_name, at_town, DIALECT_CONTINUE, "Jane Doe");
	all_see(0, at_name, "Your full name?", false);
	all_see(at_name, at_town, "Your town?", false);
	write_next();
	write_french();
	clock_gettime(CLOCK_MONOTONIC, &a);
	r = reload_now(true);
	clock_gettime(CLOCK_MONOTONIC, &b);
	ck_assert_ptr_eq(services_at(w.services, 0), old); /* a rehearsal */
	ck_assert_uint_eq(r->n, 1);
	printf("dry run with %u inside: %u on changed screens, %u on gone ones; screens: %u changed, %u gone, %u new; %.1f ms\n",
	       r->service[0].inside, r->service[0].on_changed, r->service[0].on_gone,
	       r->service[0].screens_changed, r->service[0].screens_gone, r->service[0].screens_new,
	       (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6);
	ck_assert_uint_eq(r->service[0].inside, PEOPLE);
	ck_assert_uint_eq(r->service[0].on_changed, at_name);
	ck_assert_uint_eq(r->service[0].on_gone, PEOPLE - at_name);
	reload_now(false);
	ck_assert_ptr_ne(services_at(w.services, 0), old);
	ck_assert_uint_eq(services_at(w.services, 0)->n_languages, 3);
	c = world_counters(&w);
	ck_assert_uint_eq(c.books_live, 2);
	ck_assert_uint_eq(c.books_old, 1);
	ck_assert_uint_eq(c.open, PEOPLE);

	all_say(0, at_name, DIALECT_CONTINUE, "Jane Doe");
	all_see(0, at_name, "Your town?", false); /* the screen that is gone */
	all_say(0, PEOPLE - 1, DIALECT_CONTINUE, "Nakuru");
	all_see(0, PEOPLE - 1, "100 MB is yours.", true);
	ck_assert_uint_eq(world_counters(&w).books_old, 1);
	all_say(PEOPLE - 1, PEOPLE, DIALECT_CONTINUE, "Nakuru");
	all_see(PEOPLE - 1, PEOPLE, "100 MB is yours.", true);
	c = world_counters(&w);
	printf("%llu begun, %llu completed, %llu granted, %llu lost, %llu failed; books live %u, old %u\n",
	       (unsigned long long)c.begun, (unsigned long long)c.completed, (unsigned long long)c.granted,
	       (unsigned long long)c.lost, (unsigned long long)c.failed, c.books_live, c.books_old);
	ck_assert_uint_eq(c.begun, PEOPLE);
	ck_assert_uint_eq(c.completed, PEOPLE);
	ck_assert_uint_eq(c.granted, PEOPLE);
	ck_assert_uint_eq(c.lost + c.failed + c.idle + c.shed + c.apologies, 0);
	ck_assert_uint_eq(c.open, 0);
	ck_assert_uint_eq(c.books_old, 0);
	ck_assert_uint_eq(c.books_live, 1);
	ck_assert_uint_eq(sms, PEOPLE);
	/* begin, 1, 1, name, town: each acknowledged and answered once */
	ck_assert_uint_eq(acknowledged, 5 * PEOPLE);
	for (size_t i = 0; i < PEOPLE; i++)
		ck_assert_uint_eq(person[i].answers, 5);
	/* And who comes now walks the new one: no town. */
	all_say(0, 1, DIALECT_BEGIN, "*123#");
	all_say(0, 1, DIALECT_CONTINUE, "1");
	all_see(0, 1, "You have joined already.", true);
}
END_TEST

START_TEST(an_invalid_file_changes_nothing)
{
	static struct reload_report report;
	const struct book *old = services_at(w.services, 0);
	struct findings *f = findings_new();

	all_say(0, 10, DIALECT_BEGIN, "*123#");
	world_write(&w, "join.conf", "code = \"*123#\"; screens = { home = { say = ; }; };");
	ck_assert_int_eq(reload(w.services, w.dialogues, false, f, &report), RC_SYNTAX);
	ck_assert_uint_gt(findings_errors(f), 0);
	findings_free(f);
	ck_assert_ptr_eq(services_at(w.services, 0), old);
	ck_assert_uint_eq(world_counters(&w).books_live, 1);
	all_say(0, 10, DIALECT_CONTINUE, "1");
	all_see(0, 10, "Agree?", false);
	world_write(&w, "join.conf", world_menu); /* the same again: no new version */
	ck_assert_uint_eq(reload_now(false)->n, 0);
	ck_assert_ptr_eq(services_at(w.services, 0), old);
}
END_TEST

START_TEST(a_book_without_anybody_inside_goes_at_once)
{
	all_say(0, 10, DIALECT_BEGIN, "*123#");
	all_say(0, 10, DIALECT_ABORT, "");
	write_next();
	write_french();
	ck_assert_uint_eq(reload_now(false)->service[0].inside, 0);
	clock_fake_advance(&w.clock, 1000);
	dialogue_tick(w.dialogues);
	ck_assert_uint_eq(world_counters(&w).books_old, 0);
	ck_assert_uint_eq(world_counters(&w).screen_counts_lost, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("versions");
	TCase *t = tcase_create("versions");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, open_many, shut);
	tcase_set_timeout(t, 300);
	tcase_add_test(t, promise_5_ten_thousand_end_on_the_version_on_which_they_began);
	tcase_add_test(t, an_invalid_file_changes_nothing);
	tcase_add_test(t, a_book_without_anybody_inside_goes_at_once);
	return run_suite(s);
}
