/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said in one dialogue reaches the others of the number at once: STOP (promise 7), a consent taken back, erasure
 * (promise 8); what the country says of being anonymous; and the words' version and the channel with each value. */
#include <sqlite3.h>

#include "gateway/config_identity.h"
#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

#define JANE 254700000001
#define DAY INT64_C(86400000)

static struct world w;

static const char profile[] =
	"purposes = ( { purpose = \"profile\"; }, { purpose = \"offers\"; marketing = true; } );\n"
	"profile = ( { field = \"name\"; private = true; consent = \"profile\"; },"
	" { field = \"likes\"; consent = \"offers\"; } ); required = [ \"name\" ];\n";

static const char menu[] =
	"code = \"*123#\"; keywords = [ \"OFFERS\" ]; languages = [ \"en\" ]; start = \"home\"; resume = \"0s\";\n"
	"screens = {\n"
	"home = { say = \"Hello {name|friend}\"; menu = ( ( \"Offers\", \"offers\" ), ( \"Join\", \"agree\" ),"
	"  ( \"How am I\", \"state\" ), ( \"No offers\", \"none\" ), ( \"Erase\", \"sure\" ) ); };\n"
	"offers = { say = \"May we send you offers? Stop: STOP\"; consent = { to = \"offers\"; ask = \"always\"; yes = ( \"Yes\", \"likes\" );"
	"  no = ( \"No\", \"home\" ); }; };\n"
	"likes = { say = \"What do you like?\"; ask = { save = \"likes\"; as = \"text\"; length = [ 2, 40 ]; }; next = \"home\"; };\n"
	"agree = { say = \"May we keep your name? Stop: STOP\"; consent = { to = \"profile\"; version = \"2026-11\"; ask = \"always\";"
	"  yes = ( \"Yes\", \"name\" ); no = ( \"No\", \"home\" ); }; };\n"
	"name = { say = \"Your name?\"; ask = { save = \"name\"; as = \"name\"; length = [ 2, 40 ]; }; next = \"home\"; };\n"
	"state = { when = ( ( \"stopped AND refused_offers\", \"stopped\" ), ( \"consent_offers\", \"offered\" ),"
	"  ( \"refused_offers\", \"refused\" ), ( \"must_register AND grace_days = 0\", \"over\" ),"
	"  ( \"must_register AND grace_days = 2\", \"two\" ), ( \"must_register\", \"soon\" ), ( \"else\", \"nothing\" ) ); };\n"
	"stopped = { say = \"You are stopped.\"; menu = ( ( \"Home\", \"home\" ) ); };\n"
	"offered = { say = \"You get offers on {likes|nothing}.\"; menu = ( ( \"Home\", \"home\" ) ); };\n"
	"refused = { say = \"You want no offers.\"; menu = ( ( \"Home\", \"home\" ) ); };\n"
	"over = { end = \"Register first.\"; };\n"
	"two = { end = \"Register within two days.\"; };\n"
	"soon = { end = \"Register soon.\"; };\n"
	"nothing = { say = \"Nothing is known.\"; menu = ( ( \"Home\", \"home\" ) ); };\n"
	"none = { withdraw = \"offers\"; end = \"No offers.\"; };\n"
	"sure = { say = \"All of it goes. Sure?\"; menu = ( ( \"Yes, delete\", \"erase\" ), ( \"No, keep\", \"home\" ) ); };\n"
	"erase = { erase = true; end = \"Erased.\"; };\n"
	"};\n";

static void open_with(const char *extra)
{
	world_open_on(&w, extra, (struct world_store){.on_file = true, .menu = menu, .profile = profile});
}

static void setup(void)
{
	open_with("");
}

static void teardown(void)
{
	world_close(&w);
}

static void screen(const char *got, const char *part)
{
	ck_assert_msg(strstr(got, part) != NULL, "screen: %s\nexpected: %s", got, part);
}

static int64_t number(const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	int64_t value;

	ck_assert_int_eq(sqlite3_open_v2(w.store_path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK, "%s: %s", sql,
	              sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	value = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return value;
}

/* On the first screen: agrees to be known, and is. */
static void tells_name(void)
{
	screen(world_type(&w, JANE, "2"), "May we keep your name?");
	screen(world_type(&w, JANE, "1"), "Your name?");
	screen(world_type(&w, JANE, "Jane"), "Hello Jane");
}

/* Agreed to offers, told what is liked: all of it gathered and not yet with the store. */
static void wants_offers(void)
{
	screen(world_dial(&w, JANE, "*123#"), "Hello friend");
	screen(world_type(&w, JANE, "1"), "May we send you offers?");
	screen(world_type(&w, JANE, "1"), "What do you like?");
	screen(world_type(&w, JANE, "football"), "Hello friend");
	ck_assert_int_eq(number("SELECT count(*) FROM consent"), 0);
}

START_TEST(promise_7_stop_by_sms_reaches_the_open_menu)
{
	wants_offers();
	screen(world_type(&w, JANE, "3"), "You get offers on football");
	screen(world_type(&w, JANE, "1"), "Hello");
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_uint_eq(world_sms_count(&w), 1); /* it is confirmed */
	/* what was agreed to before went to the store before, so the STOP is the last word of both */
	ck_assert_int_eq(
		number("SELECT group_concat(state, ',') = 'granted,withdrawn' FROM (SELECT state FROM consent "
	               "WHERE purpose = 'offers' ORDER BY id)"),
		1);
	ck_assert_int_eq(number("SELECT count(*) FROM profile WHERE likes IS NOT NULL"), 0);
	screen(world_type(&w, JANE, "3"), "You are stopped.");
	screen(world_type(&w, JANE, "1"), "Hello");
	/* who wants them once more begins with START: until then they are not even asked */
	screen(world_type(&w, JANE, "1"), "Hello");
	world_say(&w, DIALECT_SMS, JANE, "START");
	screen(world_type(&w, JANE, "1"), "May we send you offers?");
	screen(world_type(&w, JANE, "1"), "What do you like?");
	screen(world_type(&w, JANE, "music"), "Hello");
	world_wait(&w, 500);
	ck_assert_int_eq(number("SELECT count(*) FROM profile WHERE likes = 'music'"), 1);
	ck_assert_int_eq(number("SELECT stopped FROM subscriber"), 0);
}
END_TEST

/* The question stands on the screen when STOP comes: the yes that is typed then is none. What is no marketing is agreed to. */
START_TEST(promise_7_stop_while_a_consent_is_asked)
{
	screen(world_dial(&w, JANE, "*123#"), "Hello friend");
	screen(world_type(&w, JANE, "1"), "May we send you offers?");
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	screen(world_type(&w, JANE, "1"), "Hello friend");
	tells_name();
	world_say(&w, DIALECT_ABORT, JANE, "");
	world_settle(&w);
	ck_assert_int_eq(number("SELECT count(*) FROM consent WHERE purpose = 'offers'"), 0);
	ck_assert_int_eq(
		number("SELECT count(*) FROM consent WHERE purpose = 'profile' AND state = 'granted'"), 1);
	ck_assert_int_eq(number("SELECT stopped FROM subscriber"), 1);
}
END_TEST

/* Receives a STOP; returns the menu that is dialled behind it, for the caller to receive. */
static struct dialogue_input stop_then_dial(void)
{
	struct dialogue_input stop, begin;

	wants_offers();
	world_say(&w, DIALECT_ABORT, JANE, "");
	stop = world_input(&w, DIALECT_SMS, JANE, "STOP");
	w.its = 0x0800;
	begin = world_input(&w, DIALECT_BEGIN, JANE, "*123#");
	dialogue_receive(w.dialogues, &stop);
	return begin;
}

/* The dialogue begins while the STOP is on its way into the store: what is read is older. */
START_TEST(promise_7_a_record_that_does_not_know_yet)
{
	struct dialogue_input begin = stop_then_dial();

	dialogue_receive(w.dialogues, &begin);
	world_settle(&w);
	screen(world_screen(&w), "Hello");
	screen(world_type(&w, JANE, "3"), "You are stopped.");
}
END_TEST

/* So many say STOP at once that the first of them is not remembered by its number any more. */
START_TEST(promise_7_one_of_very_many)
{
	struct dialogue_input begin = stop_then_dial();

	for (int64_t i = 1; i <= 70; i++) {
		struct dialogue_input other = world_input(&w, DIALECT_SMS, JANE + i, "STOP");

		dialogue_receive(w.dialogues, &other);
	}
	dialogue_receive(w.dialogues, &begin);
	world_settle(&w);
	w.by_sms = false;
	screen(world_screen(&w), "Hello");
	screen(world_type(&w, JANE, "3"), "You are stopped.");
}
END_TEST

START_TEST(start_lifts_it_there_as_well)
{
	wants_offers();
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	world_say(&w, DIALECT_SMS, JANE, "START");
	screen(world_type(&w, JANE, "3"), "You want no offers."); /* not stopped, and no consent came back */
	ck_assert_int_eq(number("SELECT stopped FROM subscriber"), 0);
}
END_TEST

/* The same screens by SMS beside the USSD dialogue. */
START_TEST(promise_8_a_consent_taken_back_in_one_is_gone_in_the_other)
{
	wants_offers();
	world_say(&w, DIALECT_SMS, JANE, "OFFERS");
	world_say(&w, DIALECT_SMS, JANE, "4");
	world_settle(&w);
	screen(world_type(&w, JANE, "3"), "You want no offers.");
	ck_assert_int_eq(number("SELECT count(*) FROM profile WHERE likes IS NOT NULL"), 0);
}
END_TEST

START_TEST(promise_8_erased_in_one_is_erased_in_the_other)
{
	screen(world_dial(&w, JANE, "*123#"), "Hello friend");
	tells_name();
	world_say(&w, DIALECT_SMS, JANE, "OFFERS");
	world_say(&w, DIALECT_SMS, JANE, "5");
	world_say(&w, DIALECT_SMS, JANE, "1");
	screen(world_type(&w, JANE, "3"), "Nothing is known.");
	screen(world_type(&w, JANE, "1"), "Hello friend");
	ck_assert_int_eq(number("SELECT count(*) FROM profile"), 0);
}
END_TEST

START_TEST(values_and_words_tell_where_they_come_from)
{
	screen(world_dial(&w, JANE, "*123#"), "Hello friend");
	tells_name();
	world_wait(&w, 500);
	ck_assert_int_eq(number("SELECT _from_name LIKE '% ussd 1 80' FROM profile"), 1);
	ck_assert_int_eq(number("SELECT version = '2026-11' AND channel = 'ussd' FROM consent"), 1);
}
END_TEST

START_TEST(anonymous_where_the_country_forbids_it)
{
	world_close(&w);
	open_with("identity = { anonymous = false; grace = \"2d\"; };");
	screen(world_dial(&w, JANE, "*123#"), "Hello friend");
	screen(world_type(&w, JANE, "3"), "Register within two days.");
	world_wait(&w, 500);
	clock_fake_advance(&w.clock, DAY + 1000);
	w.its = 0x0900;
	screen(world_dial(&w, JANE, "*123#"), "Hello friend");
	screen(world_type(&w, JANE, "3"), "Register soon.");
	clock_fake_advance(&w.clock, DAY);
	w.its = 0x0a00;
	screen(world_dial(&w, JANE, "*123#"), "Hello friend");
	screen(world_type(&w, JANE, "3"), "Register first.");
	w.its = 0x0b00;
	screen(world_dial(&w, JANE, "*123#"), "Hello friend");
	tells_name();
	screen(world_type(&w, JANE, "3"), "Nothing is known."); /* declared: nothing more is asked */
}
END_TEST

START_TEST(grace_begins_when_it_must)
{
	const struct config_identity i = {.grace_ms = 10 * DAY, .since_ms = 100 * DAY};

	ck_assert_uint_eq(config_identity_grace(&i, 0, 200 * DAY), 10); /* a stranger, now */
	ck_assert_uint_eq(config_identity_grace(&i, 50 * DAY, 100 * DAY),
	                  10); /* known before the law was made */
	ck_assert_uint_eq(config_identity_grace(&i, 50 * DAY, 109 * DAY + 1), 1);
	ck_assert_uint_eq(config_identity_grace(&i, 50 * DAY, 110 * DAY), 0);
	ck_assert_uint_eq(config_identity_grace(&i, 120 * DAY, 125 * DAY), 5);
	ck_assert_uint_eq(config_identity_grace(&i, 120 * DAY, 500 * DAY), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dialogue_tell");
	TCase *tc = tcase_create("dialogue_tell");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, promise_7_stop_by_sms_reaches_the_open_menu);
	tcase_add_test(tc, promise_7_stop_while_a_consent_is_asked);
	tcase_add_test(tc, promise_7_a_record_that_does_not_know_yet);
	tcase_add_test(tc, promise_7_one_of_very_many);
	tcase_add_test(tc, start_lifts_it_there_as_well);
	tcase_add_test(tc, promise_8_a_consent_taken_back_in_one_is_gone_in_the_other);
	tcase_add_test(tc, promise_8_erased_in_one_is_erased_in_the_other);
	tcase_add_test(tc, values_and_words_tell_where_they_come_from);
	tcase_add_test(tc, anonymous_where_the_country_forbids_it);
	tcase_add_test(tc, grace_begins_when_it_must);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
