/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine under a hundred thousand random steps, through the shipped service and through a file with every kind of screen
 * and texts of every kind: promises 6 and 8, and the limits of every phone. Single dialogues: test_machine.c. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "tests/menus_world.h"
#include "tests/random.h"
#include "tests/run_suite.h"

static struct world w;

static void setup(void)
{
	world_init(&w);
}

static void teardown(void)
{
	ck_assert_uint_eq(w.promise_8_broken, 0);
	world_fini(&w);
}

/* Two files with texts in and out of GSM 03.38, long and short, every kind of screen. */
static const char wild[] =
	"code = \"*5#\"; keywords = [ \"WILD\" ]; languages = [ \"en\", \"am\" ]; start = \"w\";\n"
	"screens = { w = { when = ( ( \"registered\", \"m\" ), ( \"not registered\", \"c\" ), ( \"else\", "
	"\"l\" ) ); };\n"
	"m = { dial = \"*5*7#\"; say = [ \"{name|friend} {town} {role|nothing} and many words that go on and "
	"on and on, so that this "
	"cannot stand on a page of its own, {msisdn}, never, ever, {name}, {town}, and still it goes on\", "
	"\"\xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d "
	"{name|\xe1\x8a\xa5} {town} \xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d "
	"\xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d \xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d\" ];\n"
	" menu = ( ( \"one {name}\", \"c\" ), ( \"two\", \"n\" ), ( \"three\", \"t\" ), ( \"four {town}\", "
	"\"r\" ), ( \"five\", \"l\" ),\n"
	" ( \"six\", \"d\" ), ( \"seven\", \"g\" ), ( \"eight\", \"e\" ), ( \"nine\", \"s\" ), ( \"ten\", "
	"\"w\" ), ( \"eleven\", \"x\" ), ( \"twelve\", \"a\" ), ( \"{bundles|none}\", \"f\" ), ( \"v\", "
	"\"v\" ) ); };\n"
	"x = { say = \"{town} Pick\"; list = { save = \"town\"; rows = ( ( \"a\", \"Nakuru\" ), ( \"b\", [ "
	"\"Nairobi\", "
	"\"\xe1\x8a\xa0\xe1\x88\x9b\" ] ),\n"
	" ( \"c\", \"Nairobi West\" ), ( \"d\", \"Jane Street\" ), ( \"e\", \"A town whose name alone takes "
	"most of the room that "
	"there is on a page of a phone\" ),\n"
	" ( \"f\", \"No\" ), ( \"g\", \"Yes {name}\" ), ( \"h\", "
	"\"[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}\" ), ( \"i\", "
	"\"\xe1\xbb\x8cy\xe1\xbb\x8d\" ), ( \"j\", \"0\" ) ); };\n"
	" next = \"m\"; };\n"
	"a = { dial = \"*5*8#\"; app = { url = \"http://x/\"; speaks = \"nalo\"; else = \"f\"; }; };\n"
	"b = { app = { url = \"http://x/\"; speaks = \"hubtel\"; else = \"a\"; }; next = \"a\"; };\n"
	"f = { dial = \"*5*9#\"; say = \"{balance} {bundles} {balance:money|-}\"; facts = { else = \"b\"; "
	"};\n"
	" menu = ( ( \"{balance}\", \"a\" ), ( \"b\", \"b\" ), ( \"end\", \"h\" ) ); };\n"
	"h = { end = \"{bundles} {bundles} {balance}\"; sms = \"{bundles} {balance} {bundles}\"; facts = { "
	"else = \"f\"; }; };\n"
	"v = { say = \"{code}\"; pick = { save = \"code\"; several = true; min = 2; max = 3; of = ( ( \"a\", "
	"\"One {name}\" ), (\n"
	" \"b\", \"Two\" ), ( \"c\", \"Three\" ), ( \"d\", \"Four\" ) ); }; next = \"x\"; };\n"
	"c = { say = \"{name|you}, agree? STOP\"; consent = { to = \"profile\"; yes = ( \"Yes\", \"n\" ); no "
	"= ( \"No\", \"m\" ); }; };\n"
	"n = { say = \"Name?\"; ask = { save = \"name\"; as = \"text\"; length = [ 1, 160 ]; }; next = "
	"\"t\"; };\n"
	"t = { say = \"{name} Town?\"; ask = { save = \"town\"; length = [ 1, 100 ]; tries = 9; }; sorry = "
	"\"no {name}\"; next = \"r\"; };\n"
	"r = { say = \"R {role}\"; pick = { save = \"role\"; of = ( ( \"head\", [ \"Head {name}\", "
	"\"\xe1\x88\xb0\" ] ), ( \"job\", \"J\" ) ); }; next = \"m\"; };\n"
	"l = { say = \"L\"; pick = { save = \"language\"; of = ( ( \"en\", \"English\" ), ( \"am\", "
	"\"\xe1\x8a\xa0\xe1\x88\x9b\xe1\x88\xad\xe1\x8a\x9b\" ) ); }; next = \"m\"; };\n"
	"d = { say = \"When?\"; ask = { save = \"born\"; as = \"date\"; }; next = \"m\"; };\n"
	"g = { give = { bundle = \"100MB\"; once = \"x\"; else = \"e\"; again = \"s\"; }; sms = \"{name} "
	"{town} {name} {town}\"; end = \"{name} {town} got it\"; };\n"
	"e = { end = \"{name} {town} {name} {town}\"; sms = \"{town}\"; erase = true; };\n"
	"s = { end = \"{name}\"; withdraw = \"profile\"; }; };";

static struct random chance = {12345};

static uint32_t roll(uint32_t n)
{
	return random_below(&chance, n);
}

static const char *some_input(void)
{
	static const char *const list[] = {
		"0",
		"00",
		"98",
		"1",
		"1",
		"1",
		"2",
		"2",
		"3",
		"4",
		"5",
		"6",
		"7",
		"8",
		"9",
		"10",
		"11",
		"",
		" ",
		"Jane Doe",
		"Nakuru",
		"29/02/2024",
		"Yes",
		"no",
		"{name}",
		"\xf0\x9f\x98\x80",
		"\xe1\x8a\xa0\xe1\x88\x9b\xe1\x88\xad\xe1\x8a\x9b",
		"a\nb",
		"000000000001",
		"\xff\xfe\x80",
		"WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
		"WWWWWW",
		"\xe1\x8a\xa0 \xe1\x88\x9b\xe1\x88\xad \xe1\x8a\x9b\xe1\x8a\xa0 "
		"\xe1\x88\x9b\xe1\x88\xad\xe1\x8a\x9b \xe1\x8a\xa0\xe1\x88\x9b\xe1\x88\xad "
		"\xe1\x8a\x9b\xe1\x8a\xa0\xe1\x88\x9b "
		"\xe1\x88\xad\xe1\x8a\x9b\xe1\x8a\xa0\xe1\x88\x9b\xe1\x88\xad\xe1\x8a\x9b",
		"[]{}[]{}[]{}[]{}^^^^",
		"na",
		"nai",
		"nakru",
		"o",
		"1 3",
		"1,2,3",
		"12",
		"13",
		"14",
	};
	static char random[40];
	size_t n = roll(sizeof(random));

	if (roll(8) != 0)
		return list[roll(sizeof(list) / sizeof(list[0]))];
	for (size_t i = 0; i < n; i++)
		random[i] = (char)(1 + roll(255));
	random[n] = '\0';
	return random;
}

/* What an app may say. */
static const char *some_words(void)
{
	static const char *const list[] = {
		"Shop\n1 Bread\n2 Milk",
		"",
		" \n ",
		"<html><body><h1>500 Internal Server Error</h1></body></html>",
		"\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7 \xe2\x80\xae\xd8\xa8\xd9\x83",
		"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
		"\x1b[2J\x07\x7f\xc2\x85",
		"\xff\xfe\x80",
		"{name} {balance}",
	};
	static char huge[5000];

	if (roll(4) != 0)
		return list[roll(sizeof(list) / sizeof(list[0]))];
	for (size_t i = 0; i + 1 < sizeof(huge); i++)
		huge[i] = (char)(1 + roll(roll(2) ? 255 : 127));
	return huge;
}

/* What was waited for has come, or something that was not. */
static void random_result(void)
{
	uint32_t what = roll(20) == 0 ? roll(4) : w.walk.waits_for;
	enum machine_result r = roll(3) != 0 ? MACHINE_GIVEN : (enum machine_result)roll(4);

	if (what == WALK_FOR_APP) {
		world_app(&w, r, some_words(), roll(3) == 0);
	} else if (what == WALK_FOR_FACTS) {
		world_facts(&w, r);
		w.has_facts = roll(2) != 0;
	} else {
		world_result(&w, (enum machine_result)roll(4));
	}
}

static void random_step(void)
{
	static const char *const dialled[] = {"*5#",         "5",       "*5*7#",      "*5*7*6#",
	                                      "*5*1*1*1*1#", "",        "*5*8*1#",    "*5*7*10*8#",
	                                      "*123*3*3*1#", "*123*1#", "*5*7*11*1#", "*5*9#",
	                                      "*5*9*3#",     "*#*#",    "nonsense"};
	uint32_t what = roll(40);

	w.registered = roll(2) != 0;
	if (what == 0)
		w.refuse_after = (int)roll(3);
	else
		w.refuse_after = -1;
	if (roll(50) == 0) {
		snprintf(w.balance, sizeof(w.balance), "%s", roll(2) ? "123450" : "-99999999999999999");
		memset(w.bundles, roll(2) ? 'W' : '[', sizeof(w.bundles) - 1);
	}
	if (w.out.verdict == MACHINE_WAIT && what > 1)
		random_result();
	else if (w.out.verdict == MACHINE_END || what == 1)
		world_begin(&w, dialled[roll(sizeof(dialled) / sizeof(dialled[0]))]);
	else if (what == 2) /* dropped, and dialled again */
		world_resume(&w, dialled[roll(sizeof(dialled) / sizeof(dialled[0]))], w.walk.screen);
	else
		world_type(&w, some_input());
}

static void inspect(void)
{
	size_t before = w.n_intents;
	bool asked = false, waits;

	random_step();
	waits = w.out.verdict == MACHINE_WAIT;
	for (size_t i = before; i < w.n_intents; i++) {
		const struct world_intent *in = &w.intent[i % WORLD_INTENTS];

		asked = asked || in->kind == INTENT_GIVE || in->kind == INTENT_APP ||
		        in->kind == INTENT_FACTS;
		ck_assert(text_utf8_valid(in->text, strlen(in->text)));
		if (in->kind == INTENT_NOTICE) {
			struct text_cost cost = text_measure(in->text, strlen(in->text));

			ck_assert(cost.gsm7 ? cost.septets <= 459 : cost.ucs2_units <= 201);
		}
	}
	ck_assert(!waits || asked);
	ck_assert_uint_eq(w.out.len, strlen(w.out.text));
	ck_assert(text_utf8_valid(w.out.text, w.out.len));
	ck_assert(text_fits(w.out.text, w.out.len, w.book->page));
	ck_assert(waits || w.out.len > 0 || w.out.verdict == MACHINE_END);
	ck_assert(w.walk.depth <= MACHINE_BACK_MAX);
	ck_assert(w.out.verdict != MACHINE_SHOW || w.book->screen[w.walk.screen].kind <= BOOK_CONSENT ||
	          w.walk.phase == WALK_IN_APP || w.walk.phase == WALK_RESUMING);
	ck_assert_uint_le(w.walk.waits, MACHINE_WAITS_MAX + 1);
	for (size_t i = 0; i < w.out.len; i++)
		ck_assert((unsigned char)w.out.text[i] >= 0x20 || w.out.text[i] == '\n');
}

/* STARHASH_PATHS = random dialogues on each of the two files, for a longer run than every check needs. */
static size_t wanted_paths(void)
{
	const char *wanted = getenv("STARHASH_PATHS");

	return wanted != NULL ? strtoul(wanted, NULL, 10) : 8000;
}

/* Promise 6, promise 8 (the shipped service), and the limits of every phone. */
START_TEST(random_walks)
{
	size_t ended = 0, waited[WALK_FOR_FACTS + 1] = {0}, bad = 0, in_app = 0, searched = 0, shortened = 0;

	if (_i == 0)
		ck_assert_int_eq(world_load_file(&w, world_source("tests/menus/join.conf")), RC_OK);
	else
		ck_assert_int_eq(world_load(&w, wild), RC_OK);
	w.out.verdict = MACHINE_END;
	while (ended < wanted_paths()) {
		inspect();
		ended += w.out.verdict == MACHINE_END;
		waited[w.out.verdict == MACHINE_WAIT ? w.walk.waits_for : WALK_FOR_NOTHING]++;
		in_app += w.walk.phase == WALK_IN_APP;
		searched += w.walk.needle[0] != '\0';
		shortened += w.out.shortened;
		bad += w.out.bad_input;
		if (_i == 1)
			w.promise_8_broken = 0; /* the wild file asks before it has consent, on purpose */
	}
	/* The walk went everywhere. */
	ck_assert_uint_gt(waited[WALK_FOR_GIVE], 10);
	if (_i == 1) {
		ck_assert_uint_gt(waited[WALK_FOR_APP], 100);
		ck_assert_uint_gt(waited[WALK_FOR_FACTS], 20);
		ck_assert_uint_gt(in_app, 100);
		ck_assert_uint_gt(searched, 10);
		ck_assert_uint_gt(shortened, 10);
	}
	ck_assert_uint_gt(bad, 1000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("machine_random");
	TCase *tc = tcase_create("machine_random");

	tcase_set_timeout(tc, 1200);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, random_walks, 0, 2);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
