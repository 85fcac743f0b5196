/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random paths through every service that ships: whatever is typed, in whatever order, no screen is over the limit, none is
 * empty, and every dialogue ends (promise 6).
 *
 * The machine is walked without a store: the port keeps values and consents in arrays and answers conditions, gifts, apps and
 * facts at random, so that paths are met which no one record would lead to. The seed is fixed; STARHASH_PATHS sets how many. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/text.h"
#include "gateway/services.h"
#include "menus/machine.h"
#include "tests/random.h"
#include "tests/run_suite.h"

#define PATHS 100000
#define TURNS_MAX 40
#define SMS_SEPTETS 459 /* three that belong together: docs/menus.md */
#define SMS_UCS2 201
#define USSD_SEPTETS 182 /* 160 octets: 3GPP TS 23.038 */

struct world {
	struct random random;
	const struct config *config;
	char value[PROFILE_MAX_FIELDS][PROFILE_VALUE_MAX + 1];
	bool has_facts;
	const struct book *book;
};

static struct world w;

static uint32_t draw(uint32_t below)
{
	return random_below(&w.random, below);
}

static const char *on_field(void *ctx, int field)
{
	(void)ctx;
	return field >= 0 && w.value[field][0] ? w.value[field] : NULL;
}

static const char *on_system(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "balance") == 0)
		return w.has_facts ? "KES 1,234,567.00" : NULL;
	if (strcmp(name, "bundles") == 0)
		return w.has_facts
		               ? "100 MB until 31 Dec, 100 MB until 30 Dec, 1 GB until 29 Dec, 10 GB until 28 Dec, 5 minutes, "
		                 "one hundred SMS to everybody until the 27th of December, and a surprise"
		               : NULL;
	if (strcmp(name, "msisdn") == 0)
		return "254700000001";
	return NULL;
}

static bool on_holds(void *ctx, int condition)
{
	(void)ctx;
	(void)condition;
	return draw(2) == 0;
}

static enum record_consent on_consent(void *ctx, const char *purpose)
{
	static const enum record_consent answers[] = {RECORD_CONSENT_NONE, RECORD_CONSENT_GRANTED,
	                                              RECORD_CONSENT_GRANTED, RECORD_CONSENT_REFUSED};

	(void)ctx;
	(void)purpose;
	return answers[draw(4)];
}

static bool on_intent(void *ctx, const struct intent *i)
{
	(void)ctx;
	if (i->kind == INTENT_SAVE && i->field >= 0)
		snprintf(w.value[i->field], sizeof w.value[0], "%s", i->text ? i->text : "");
	if (i->kind == INTENT_ERASE)
		memset(w.value, 0, sizeof w.value);
	if (i->kind == INTENT_NOTICE) {
		struct text_cost cost = text_measure(i->text, strlen(i->text));

		ck_assert_msg(cost.gsm7 ? cost.septets <= SMS_SEPTETS : cost.ucs2_units <= SMS_UCS2,
		              "an SMS is too long: %s", i->text);
	}
	return true;
}

static const char *typed(char *out, size_t size)
{
	static const char *const odd[] = {
		"",
		"****",
		" ",
		"0",
		"00",
		"98",
		"98",
		"1",
		"2",
		"3",
		"9",
		"Jane Doe",
		"nak",
		"Nairobi",
		"x",
		"1990-02-30",
		"yes",
		"\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
		"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
		"[]{}~^|\\",
		"\xe2\x82\xac",
		"1 2 3",
		"*123#",
	};
	size_t n = draw(4);

	if (n > 0 || draw(8) > 0) {
		if (n == 1)
			snprintf(out, size, "%u", 1 + draw(12));
		else
			snprintf(out, size, "%s", odd[draw(sizeof odd / sizeof odd[0])]);
		return out;
	}
	n = 1 + draw(182); /* long, of letters in one of three alphabets */
	*out = '\0';
	for (size_t i = 0; i < n; i++) {
		static const char *const letters[] = {"m", "\xd0\xa9", "{"};

		strcat(out, letters[draw(20) ? draw(2) : 2]);
	}
	return out;
}

static void check_screen(const struct machine_out *out)
{
	struct text_cost cost;

	ck_assert_uint_eq(out->len, strlen(out->text));
	ck_assert(text_utf8_valid(out->text, out->len));
	cost = text_measure(out->text, out->len);
	ck_assert_msg(out->len > 0, "%s: an empty screen", w.book->name);
	ck_assert_msg(cost.gsm7 ? cost.septets <= USSD_SEPTETS && cost.characters <= w.book->page
	                        : cost.ucs2_units <= w.book->page / 2,
	              "%s: %zu characters:\n%s", w.book->name, cost.characters, out->text);
}

/* What the machine waits for, at random. */
static void answer_wait(struct walk *walk, const struct machine_port *port, struct machine_out *out)
{
	static const enum machine_result results[] = {MACHINE_GIVEN, MACHINE_GIVEN, MACHINE_AGAIN,
	                                              MACHINE_LATER, MACHINE_FAILED};
	const struct book_screen *s = &w.book->screen[walk->screen];
	struct machine_in in = {.event = s->kind == BOOK_GIVE               ? MACHINE_RESULT
	                                 : s->kind == BOOK_APP && !s->facts ? MACHINE_APP
	                                                                    : MACHINE_FACTS,
	                        .result = results[draw(5)],
	                        .ends = draw(3) == 0};
	char text[800];

	if (in.event != MACHINE_RESULT && in.result == MACHINE_AGAIN)
		in.result = MACHINE_GIVEN;
	w.has_facts = in.event == MACHINE_FACTS && in.result == MACHINE_GIVEN;
	in.text = typed(text, sizeof text);
	machine_step(w.book, walk, &in, port, out);
}

static void walk_once(void)
{
	const struct machine_port port = {.field = on_field,
	                                  .system = on_system,
	                                  .holds = on_holds,
	                                  .consent = on_consent,
	                                  .intent = on_intent};
	struct machine_in in = {.event = MACHINE_BEGIN, .text = ""};
	struct machine_out out;
	struct walk walk;
	char text[800];
	int turns = 0, waits = 0;

	walk_init(&walk, (uint8_t)draw((uint32_t)w.book->n_languages));
	if (draw(4) == 0) {
		in.event = MACHINE_RESUME;
		in.screen = (uint16_t)draw((uint32_t)w.book->n_screens);
	}
	for (;;) {
		if (in.event != MACHINE_RESULT)
			machine_step(w.book, &walk, &in, &port, &out);
		for (; out.verdict == MACHINE_WAIT; waits++) {
			ck_assert_msg(waits < 10 * TURNS_MAX, "%s: it waits for ever", w.book->name);
			answer_wait(&walk, &port, &out);
		}
		check_screen(&out);
		if (out.verdict == MACHINE_END || ++turns == TURNS_MAX)
			return;
		in.event = MACHINE_INPUT;
		in.text = typed(text, sizeof text);
	}
}

START_TEST(no_path_shows_too_much)
{
	struct findings *f = findings_new();
	struct services *services;
	struct config *config;
	const char *asked = getenv("STARHASH_PATHS");
	long paths = asked ? atol(asked) : PATHS;

	log_init(LOG_LV_ERROR);
	ck_assert_int_eq(config_load(SRCDIR "/conf/starhash.conf", f, &config), RC_OK);
	ck_assert_int_eq(services_new(config, f, &services), RC_OK);
	w = (struct world){.random = {0x9e3779b97f4a7c15}, .config = config};
	for (long i = 0; i < paths; i++) {
		w.book = services_at(services, (size_t)i % services_count(services));
		if (draw(3) == 0)
			memset(w.value, 0, sizeof w.value);
		walk_once();
	}
	services_free(services);
	config_free(config);
	findings_free(f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("paths");
	TCase *c = tcase_create("paths");

	suite_add_tcase(suite, c);
	tcase_set_timeout(c, 120);
	tcase_add_test(c, no_path_shows_too_much);
	return run_suite(suite);
}
