/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 100,000 long SMS of 1 to 10 parts, thousands of them under way at a time, their parts in random order, with copies and with
 * missing ones: every complete text arrives whole and once, what is incomplete is given up, and memory returns to where it was
 * (promise 6). */
#include <malloc.h>
#include <unistd.h>

#include "tests/run_suite.h"
#include "tests/sms_build.h"

#define TEXTS 100000
#define UNDER_WAY 2000 /* texts whose parts come mixed */
#define MISSING_IN 20  /* one text in so many lacks a part */

static struct sms_world w;
static struct random r = {.state = 0x853c49e6748fea9bULL};

/* One PDU that is still to come. */
struct coming {
	uint32_t text;
	uint16_t part;
};

/* The text of a number: anybody can make it again, so none is kept. 1 to 10 parts. */
static void text_of(uint32_t number, char *out)
{
	size_t parts = 1 + number % 10,
	       len = parts == 1 ? 100 + number % 50 : (parts - 1) * 153 + 8 + number % 120;
	int head = sprintf(out, "%u:", number);

	for (size_t i = (size_t)head; i < len; i++)
		out[i] = (char)('a' + (i * 7 + number) % 26);
	out[len] = '\0';
}

static void sender_of(uint32_t number)
{
	w.event.msisdn = SMS_MSISDN + number % 50000;
}

static struct sms_text *cut(uint32_t number, char *text)
{
	struct sms_text *t;

	w.dialect.sms.parts = (enum dialect_parts)(number % 3); /* a payload has no parts to mix up */
	text_of(number, text);
	ck_assert_int_eq(sms_text_new(&w.dialect, text, 20, &t), RC_OK);
	return t;
}

struct tally {
	uint64_t whole, wrong, kept, copies, pdus, complete, repeated;
};
static uint8_t arrived[TEXTS];

static void deliver(const struct coming *c, struct tally *tally)
{
	char text[2048];
	struct sms_text *t = cut(c->text, text);
	struct sms_message s;

	sender_of(c->text);
	sms_message_of(&s, t, c->part, (uint16_t)(c->text / 50000 + c->text));
	tally->pdus++;
	switch (sms_world_give(&w, &s)) {
	case SMS_IN_WHOLE:
		tally->whole++;
		tally->wrong += w.text == NULL || strcmp(w.text, text) != 0;
		/* a text in one part is told from its copy by the dialogues, not here */
		tally->repeated += arrived[c->text] && sms_text_pdus(t) > 1;
		arrived[c->text] = 1;
		sms_in_await(w.in, &w, 1, (uint32_t)tally->pdus);
		sms_in_settled(w.in, &w, 1, (uint32_t)tally->pdus, true);
		break;
	case SMS_IN_KEPT:
		tally->kept++;
		break;
	case SMS_IN_COPY:
		tally->copies++;
		break;
	case SMS_IN_REFUSED:
		ck_abort_msg("refused: %s", w.why);
	}
	sms_message_fini(&s);
	sms_text_free(t);
}

/* A batch of texts, all their PDUs shuffled. */
static void storm(uint32_t first, uint32_t n, struct tally *tally)
{
	struct coming *all = malloc((size_t)n * 20 * sizeof(*all));
	size_t count = 0;

	for (uint32_t i = first; i < first + n; i++) {
		char text[2048];
		struct sms_text *t = cut(i, text);
		unsigned parts = sms_text_pdus(t);
		unsigned lacks = i % MISSING_IN == 7 && parts > 1 ? random_below(&r, parts) : parts;

		ck_assert_uint_eq(parts, 1 + i % 10);
		for (unsigned k = 0; k < parts; k++) {
			if (k == lacks)
				continue;
			all[count++] = (struct coming){i, (uint16_t)k};
			if (parts > 1 && random_below(&r, 5) == 0)
				all[count++] = (struct coming){i, (uint16_t)k};
		}
		tally->complete += lacks == parts;
		sms_text_free(t);
	}
	for (size_t i = count; i > 1; i--) {
		size_t k = random_below(&r, (uint32_t)i);
		struct coming x = all[i - 1];

		all[i - 1] = all[k];
		all[k] = x;
	}
	for (size_t i = 0; i < count; i++) {
		deliver(&all[i], tally);
		if (i % 64 == 0) {
			clock_fake_advance(&w.clock, 1);
			(void)sms_in_tick(w.in);
		}
	}
	free(all);
}

static void let_go(void)
{
	for (int i = 0; i < 2; i++) { /* what is incomplete, then what was known of the others */
		clock_fake_advance(&w.clock, 60000);
		(void)sms_in_tick(w.in);
	}
}

START_TEST(every_complete_text_arrives_and_memory_returns)
{
	struct tally tally = {0};
	struct sms_in_counters c;
	size_t before, after, peak = 0;

	sms_world_init(&w, 20000, 64u << 20, 20);
	before = mallinfo2().uordblks;
	for (uint32_t first = 0; first < TEXTS; first += UNDER_WAY) {
		storm(first, UNDER_WAY, &tally);
		if (mallinfo2().uordblks > peak)
			peak = mallinfo2().uordblks;
	}
	let_go();
	c = sms_world_counters(&w);
	after = mallinfo2().uordblks;
	printf("%u texts, %llu PDUs: %llu complete, %llu whole, %llu kept, %llu copies, %llu given up; heap %zu, at "
	       "most %zu, then %zu\n",
	       TEXTS, (unsigned long long)tally.pdus, (unsigned long long)tally.complete,
	       (unsigned long long)tally.whole, (unsigned long long)tally.kept,
	       (unsigned long long)tally.copies, (unsigned long long)c.expired, before, peak, after);
	ck_assert_uint_eq(tally.whole, tally.complete);
	ck_assert_uint_eq(tally.wrong, 0);
	ck_assert_uint_eq(tally.repeated, 0);
	ck_assert_uint_eq(c.expired, TEXTS - tally.complete);
	ck_assert_uint_eq(c.copies, tally.copies);
	ck_assert_uint_eq(c.evicted + c.refused + c.replaced + c.again + c.cut, 0);
	ck_assert_uint_eq(c.waiting + c.known + c.octets, 0);
	for (uint32_t i = 0; i < TEXTS; i++)
		tally.complete -= arrived[i];
	ck_assert_uint_eq(tally.complete, 0);
	if (before > 0) /* an allocator of a sanitizer does not count here, and finds leaks itself */
		ck_assert_uint_le(after, before);
	sms_in_free(w.in);
}
END_TEST

/* The allocator's thread cache counts as used, and fills up with what was freed: without it the numbers are exact. */
static void without_cache(char **argv)
{
	if (getenv("GLIBC_TUNABLES") != NULL)
		return;
	setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
	(void)execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("sms_storm");
	TCase *tc = tcase_create("sms_storm");

	(void)argc;
	without_cache(argv);
	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, every_complete_text_arrives_and_memory_returns);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
