/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checker: the shipped service is clean, and one bad file for each message, with its line and rule. */
#include <check.h>
#include <string.h>

#include "menus/check.h"
#include "tests/check_world.h"
#include "tests/run_suite.h"

#define ASKED(words) "a = { say = \"" words "\"; menu = ( " MENU("Yes", "b") "," MENU("No", "z") " ); };\n"
#define BUYS(bundle)                       \
	"b = { buy = { bundle = \"" bundle \
	"\"; else = \"n\"; poor = \"n\"; }; end = \"Yours\"; };\nn = { end = \"No\"; };\n"

/* level, line, rule, and a piece of the message and of the remedy */
static const struct bad {
	const char *text;
	enum finding_level level;
	int line, rule;
	const char *what, *remedy;
} bads[] = {
	/* 1: length */
	{TOP "a = { end = [ \"x\", \"" W160 "x\" ]; };" END, FINDING_ERROR, 2, 1, "too long in \"sw\": 161",
         "shorten"},
	{TOP "a = { end = [ \"\\xe1\\x8a\\xa0" W40 W40 "\", \"x\" ]; };" END, FINDING_ERROR, 2, 1,
         "81 characters with the longest answers, and 80 fit", "shorten"},
	{TOP "a = { say = \"?\"; ask = { save = \"code\"; length = [ 1, 160 ]; }; next = \"b\"; };\nb = { "
             "end = \"{code}, thanks\"; };" END,
         FINDING_ERROR, 3, 1, "168 characters", "longest answer"},
	{TOP "a = { end = \"x\"; sms = \"" W160 W160 W160 "\"; };" END, FINDING_ERROR, 2, 1,
         "\"sms\" is too long", "shorten"},
	{TOP "a = { say = \"" W40 W40 W40 " " W40 W40 "\"; menu = ( " MENU("x", "z") " ); };" END,
         FINDING_WARNING, 2, 1, "more than one page", "shorten \"say\""},
	{TOP "a = { say = \"" W40 W40 W40 W40 W40 "\"; menu = ( " MENU("x", "z") " ); };" END, FINDING_ERROR,
         2, 1, "longer than a whole page", "shorten"},
	{TOP "a = { say = \"x\"; menu = ( " MENU(W160, "z") " ); };" END, FINDING_ERROR, 2, 1,
         "longer than a whole page", "shorten"},
	{TOP "a = { say = \"STOP " W40 W40 W40 "\"; consent = { to = \"profile\"; yes = ( \"" W40
             "\", \"z\" ); no = ( \"No\", \"z\" ); }; };" END,
         FINDING_WARNING, 2, 1, "does not fit on one page", "before the answer"},
	{TOP "a = { say = \"x\"; sorry = \"" W40 W40 "x\"; menu = ( " MENU("x", "z") " ); };" END,
         FINDING_ERROR, 2, 1, "more than half of the page", "few words"},
	{"words = { tries = \"" W160 "x\"; }; " TOP "a = { end = \"x\"; };" END, FINDING_ERROR, 0, 1,
         "\"tries\" is too long", "shorten"},
	/* 2: characters that halve the room */
	{TOP "a = { end = \"Don\xe2\x80\x99t\"; };" END, FINDING_WARNING, 2, 2,
         "(number 4) halves the room, 80 instead of 160", "write ' instead"},
	{TOP "a = { end = \"a \xe2\x80\x93 b\"; };" END, FINDING_WARNING, 2, 2, "halves", "write - instead"},
	{TOP "a = { end = \"a\xc2\xa0"
             "b\"; };" END,
         FINDING_WARNING, 2, 2, "halves", "plain space"},
	{TOP "a = { say = \"x\";\n menu = ( " MENU("a\xc3\xa7"
                                                   "ai",
                                                   "z") " ); };" END,
         FINDING_WARNING, 3, 2, "\xc3\xa7", "write c instead"},
	{TOP "a = { end = \"Hi \xf0\x9f\x98\x80\"; };" END, FINDING_WARNING, 2, 2, "\xf0\x9f\x98\x80",
         "take it out"},
	/* 3: ways and variables */
	{TOP "a = { end = \"x\"; };\nb = { end = \"y\"; }; };", FINDING_ERROR, 3, 3,
         "nobody can reach screen \"b\"", "lead to it"},
	{TOP "a = { when = ( " MENU("registered", "b") ", " MENU("else", "z") " ); };\nb = { when = ( " MENU(
		 "else", "a") " ); };" END,
         FINDING_ERROR, 2, 3, "round in a circle", "shows something"},
	{TOP "a = { say = \"x\"; menu = ( " MENU("x", "b") " ); };\nb = { say = \"x\"; menu = ( " MENU(
		 "x", "a") " ); }; };",
         FINDING_ERROR, 2, 3, "nobody ever comes to an end", "\"end\""},
	{TOP "a = { end = \"{nmae|you}\"; };" END, FINDING_ERROR, 2, 3, "nothing is known as {nmae}",
         "{name}"},
	{TOP "a = { end = \"{zzzzzzzz}\"; };" END, FINDING_ERROR, 2, 3, "nothing is known as {zzzzzzzz}",
         "profile.conf"},
	{TOP "a = { end = \"{name\"; };" END, FINDING_ERROR, 2, 3, "a { that begins nothing", "{{"},
	{TOP "a = { end = \"Hello {name}\"; };" END, FINDING_WARNING, 2, 3, "may not be known", "{name|...}"},
	/* 4: languages */
	{TOP "a = { end = [ \"Hello\", \"Hello\" ]; };" END, FINDING_WARNING, 2, 4,
         "the same in \"en\" and \"sw\"", "translate"},
	{TOP "a = { end = [ \"Hello {name|x}\", \"Habari\" ]; };" END, FINDING_WARNING, 2, 4, "other values",
         "same {...}"},
	{TOP "a = { end = [ \"One\\ntwo\", \"Moja mbili\" ]; };" END, FINDING_WARNING, 2, 4,
         "1 lines in \"sw\" and 2", "same places"},
	/* 5: how much at a time */
	{TOP "a = { say = \"x\"; menu = ( " MENU("red", "z") "," MENU("one", "z") "," MENU(
		 "two", "z") "," MENU("six", "z") "," MENU("ten", "z") "," MENU("blue", "z") " ); };" END,
         FINDING_WARNING, 2, 5, "6 choices", "matter most"},
	{TOP
         "a = { say = \"x\"; menu = ( " MENU("red", "z") "," MENU("one", "z") "," MENU("two", "z") "," MENU(
		 "six",
		 "z") "," MENU("ten",
                               "z") "," MENU("blue",
                                             "z") "," MENU("sky",
                                                           "z") "," MENU("sun",
                                                                         "z") "," MENU("wet",
                                                                                       "z") "," MENU("dry",
                                                                                                     "z") " )"
                                                                                                          "; "
                                                                                                          "}"
                                                                                                          ";" END,
         FINDING_ERROR, 2, 5, "10 choices", "group"},
	{TOP "a = { say = \"x\"; menu = ( " MENU("x", "b") " ); };\nb = { say = \"x\"; menu = ( " MENU(
		 "x",
		 "c") " ); };\nc = { say = \"x\"; menu = ( " MENU("x",
                                                                  "d") " ); };\nd = { say = \"x\"; menu = "
                                                                       "( " MENU(
									       "x",
									       "e") " ); };\ne = { "
                                                                                    "say = \"x\"; "
                                                                                    "menu = ( " MENU(
											    "x",
											    "z") " ); };" END,
         FINDING_WARNING, 6, 5, "behind 4 other menus", "shortcut"},
	/* 6: keys */
	{"keys = { back = \"2\"; }; " TOP
         "a = { say = \"x\"; menu = ( " MENU("x", "z") "," MENU("y", "z") " ); };" END,
         FINDING_ERROR, 2, 6, "the key 2 means both \"back\" and choice 2", "\"keys\""},
	{TOP "a = { say = \"How many children?\"; ask = { save = \"code\"; as = \"number\"; length = [ 1, 2 "
             "]; }; next = \"z\"; };" END,
         FINDING_WARNING, 2, 6, "nobody can answer 0", "\"pick\""},
	/* 7: labels */
	{TOP "a = { say = \"x\"; menu = ( " MENU("Same", "z") ",\n" MENU("same", "z") " ); };" END,
         FINDING_ERROR, 3, 7, "both called \"same\"", "different words"},
	{TOP "a = { say = \"x\"; menu = ( " MENU("Send to bank", "z") ",\n" MENU("Send to wallet",
                                                                                 "z") " ); };" END,
         FINDING_WARNING, 3, 7, "taken for each other", "tells them apart"},
	{TOP "a = { say = \"x\"; menu = ( " MENU("Balance", "z") ",\n" MENU("Balances", "z") " ); };" END,
         FINDING_WARNING, 3, 7, "taken for each other", "tells them apart"},
	/* 8: typing */
	{TOP "a = { say = \"x\"; menu = ( " MENU("x", "b") " ); };\n" ASK("b", "code", "d")
                 ASK("d", "born", "e") ASK("e", "code", "f") ASK("f", "born", "z") END,
         FINDING_WARNING, 6, 8, "more than 3 answers must be typed on one way, with the one to screen \"f\"",
         "\"pick\""},
	/* on the longer of two ways, and round a circle only once */
	{TOP ASK("a", "code", "b") "b = { say = \"x\"; menu = ( " MENU("Short", "z") "," MENU(
		 "Again", "a") "," MENU("Long", "c") " ); };\n" ASK("c", "born", "d") ASK("d", "code", "e")
                 ASK("e", "born", "z") END,
         FINDING_WARNING, 6, 8, "screen \"e\"", "\"list\""},
	/* 9: examples */
	{TOP
         "a = { say = \"Your birthday?\"; ask = { save = \"born\"; as = \"date\"; }; next = \"z\"; };" END,
         FINDING_WARNING, 2, 9, "without showing how", "25/12/1990"},
	{TOP "a = { say = \"Your ID?\"; ask = { save = \"code\"; as = \"digits\"; length = [ 8, 8 ]; }; next "
             "= \"z\"; };" END,
         FINDING_WARNING, 2, 9, "asks for digits", "12345678"},
	{TOP
         "a = { say = \"Year of birth?\"; ask = { save = \"born\"; as = \"year\"; }; next = \"z\"; };" END,
         FINDING_WARNING, 2, 9, "asks for a year in \"en\"", "\"sorry\""},
	/* 10: asking before doing */
	{TOP "a = { say = \"x\"; menu = ( " MENU("red", "b") "," MENU("one", "z") "," MENU(
		 "two", "z") " ); };\nb = { erase = true; end = \"x\"; };" END,
         FINDING_ERROR, 3, 10, "straight after \"a\"", "two choices"},
	{TOP "a = { erase = true; end = \"x\"; }; };", FINDING_ERROR, 2, 10, "dialling alone", "two choices"},
	{TOP
         "a = { give = { bundle = \"100MB\"; once = \"x\"; else = \"z\"; }; sms = \"x\"; end = \"x\"; };" END,
         FINDING_ERROR, 2, 10, "gives at once", "consent"},
	{TOP "a = { say = \"Code?\"; ask = { save = \"code\"; length = [ 1, 9 ]; }; next = \"b\"; };\n"
             "b = { say = \"Correct?\"; menu = ( " MENU("Yes", "c") "," MENU(
		     "No", "a") " ); };\n"
                                "c = { give = { bundle = \"100MB\"; once = \"x\"; else = \"z\"; }; sms = "
                                "\"x\"; end = \"x\"; };" END,
         FINDING_WARNING, 3, 10, "does not show the answers", "{name}"},
	/* 11: time */
	{TOP "a = { app = { url = \"http://127.0.0.1/x\"; speaks = \"hubtel\"; within = \"4s\"; else = "
             "\"z\"; }; };" END,
         FINDING_WARNING, 2, 11, "waits 4000 ms for its app", "3s"},
	{TOP "a = { say = \"" W160 "\\n" W160 "\\n" W160
             "\"; ask = { save = \"code\"; length = [ 1, 40 ]; }; next = "
             "\"b\"; };\nb = { say = \"" W160 "\\n" W160 "\\n" W160 "\\n" W160 "\\n" W160
             "\"; ask = { save = \"born\"; length = [ 1, 40 ]; }; next = \"c\"; };\n" ASK("c", "code", "z")
                     END,
         FINDING_WARNING, 2, 11, "a session lasts about 180 s", "ask less"},
	/* 12: results */
	{TOP "a = { say = \"x\"; menu = ( " MENU("Yes", "b") "," MENU(
		 "No", "z") " ); };\nb = { give = { bundle = \"100MB\"; once = \"x\"; }; sms = \"x\"; end = "
                            "\"x\"; };" END,
         FINDING_ERROR, 3, 12, "takes long", "else ="},
	{TOP "a = { say = \"x\"; menu = ( " MENU("Yes", "b") "," MENU(
		 "No", "z") " ); };\nb = { give = { bundle = \"100MB\"; once = \"x\"; else = \"z\"; }; end = "
                            "\"x\"; };" END,
         FINDING_WARNING, 3, 12, "no SMS", "sms ="},
	{TOP "a = { end = \"Go on?\"; };" END, FINDING_WARNING, 2, 12, "nobody can answer", "\"menu\""},
	{TOP "a = { end = \"Now\\n1 Yes\\n2. No\"; };" END, FINDING_ERROR, 2, 12, "numbers to choose from",
         "\"menu\""},
	/* 13: consent */
	{TOP "a = { say = \"OK? STOP ends\"; consent = { to = \"profile\"; yes = ( \"Yes\", \"z\" ); no = ( "
             "\"No\", "
             "\"z\" ); }; };\n" OUT END,
         FINDING_ERROR, 2, 13, "who asks and what for", "Acme"},
	{TOP "a = { say = \"x\"; menu = ( " MENU("one", "b") " ); };\nb = { say = \"x\"; menu = ( " MENU(
		 "two",
		 "d") " ); };\nd = { say = \"x\"; menu = ( " MENU("go",
                                                                  "o") "," MENU("red",
                                                                                "c") " ); };\n" AGREE("z") "o"
                                                                                                           " "
                                                                                                           "="
                                                                                                           " "
                                                                                                           "{"
                                                                                                           " "
                                                                                                           "w"
                                                                                                           "i"
                                                                                                           "t"
                                                                                                           "h"
                                                                                                           "d"
                                                                                                           "r"
                                                                                                           "a"
                                                                                                           "w"
                                                                                                           " "
                                                                                                           "="
                                                                                                           " "
                                                                                                           "\"profile\"; end = \"Stopped\"; };\n" END,
         FINDING_WARNING, 5, 13, "it takes 3 answers to take back", "shortcut"},
	{TOP "a = { when = ( " MENU(
		 "else", "c") " ); };\nc = { say = \"Acme keeps it. STOP to stop. OK?\"; consent = { "
                              "to = \"profile\"; yes = ( \"Yes\", \"n\" ); no = ( \"No\", \"n\" ); }; };\n"
                              "n = { say = \"On\"; menu = ( " MENU("red", "z") " ); };\n" OUT END,
         FINDING_WARNING, 3, 13, "whatever the answer is", "\"no\""},
	{TOP "a = { say = \"Agree?\"; consent = { to = \"profile\"; yes = ( \"Yes\", \"z\" ); no = ( \"No\", "
             "\"z\" ); }; };\n" OUT END,
         FINDING_ERROR, 2, 13, "how to take it back", "*123*3#"},
	{TOP "a = { say = [ \"STOP?\", \"Sawa?\" ]; consent = { to = \"profile\"; yes = ( \"Yes\", \"z\" ); "
             "no = ( \"No\", \"z\" ); }; };\n" OUT END,
         FINDING_ERROR, 2, 13, "in \"sw\" how to take it back", "*123*3#"},
	{TOP "a = { withdraw = \"profiel\"; end = \"x\"; };" END, FINDING_ERROR, 2, 13,
         "nobody agrees to \"profiel\"", "\"profile\""},
	{TOP "a = { when = ( " MENU("else", "c") " ); };\n" AGREE("z") END, FINDING_WARNING, 3, 13,
         "no screen lets them take it back", "withdraw"},
	{TOP ASK("a", "name", "z") END, FINDING_ERROR, 2, 13,
         "saves \"name\" before the consent to \"profile\"", "consent = {"},
	/* on one of two ways only */
	{TOP "a = { say = \"x\"; menu = ( " MENU("Yes", "c") "," MENU("No", "n") " ); };\n" AGREE("n")
                 ASK("n", "name", "z") OUT END,
         FINDING_ERROR, 4, 13, "saves \"name\"", "consent = {"},
	/* after a refusal */
	{TOP "a = { say = \"STOP?\"; consent = { to = \"profile\"; yes = ( \"Yes\", \"n\" ); no = ( \"No\", "
             "\"n\" ); }; };\n" ASK("n", "name", "z") OUT END,
         FINDING_ERROR, 3, 13, "saves \"name\"", "consent = {"},
	/* by a shortcut past the consent */
	{TOP "a = { when = ( " MENU("else", "c") " ); };\n" AGREE(
		 "n") "n = { dial = \"*5*1#\"; say = \"x\"; ask = { save = \"name\"; length = [ 1, 40 ]; }; "
                      "next = \"z\"; };\n" OUT END,
         FINDING_ERROR, 4, 13, "saves \"name\"", "consent = {"},
	/* perhaps agreed in an earlier dialogue */
	{TOP "a = { when = ( " MENU("registered", "n") "," MENU("else", "c") " ); };\n" AGREE("n")
                 ASK("n", "name", "z") OUT END,
         FINDING_WARNING, 4, 13, "may save \"name\"", "consent = {"},
	/* 14: shortcuts and keywords */
	{TOP "a = { dial = \"*5*1#\"; end = \"x\"; };\nb = { dial = \"*5*1#\"; end = \"y\"; }; };",
         FINDING_ERROR, 3, 14, "already leads to screen \"a\"", "of its own"},
	{TOP "a = { say = \"x\"; menu = ( " MENU("x", "z") "," MENU(
		 "y", "b") " ); };\nb = { dial = \"*5*1#\"; end = \"y\"; };" END,
         FINDING_WARNING, 3, 14, "and then 1 leads to \"z\"", "one in the menu"},
	{TOP "a = { dial = \"*5*1#\"; end = \"Born {born}\"; };" END, FINDING_WARNING, 2, 14,
         "whoever dials *5*1# sees", "{born|...}"},
	/* purchases: 0, 3, 10, 12 */
	{TOP ASKED("Buy {gives} for {price}?") "b = { buy = { bundle = \"1GB\"; }; end = \"x\"; };" END,
         FINDING_ERROR, 3, 12, "when the purchase takes long", "else = \"later\""},
	{TOP "a = { say = \"x\"; menu = ( " MENU("Buy", "b") "," MENU("Look", "z") "," MENU(
		 "Go", "z") " ); };\n" BUYS("1GB") END,
         FINDING_ERROR, 2, 10, "buys at once, without asking", "two choices"},
	/* both choices buy */
	{TOP "a = { say = \"{price|?}\"; menu = ( " MENU("1", "b") "," MENU("2", "b") " ); };\n" BUYS("1GB")
                 END,
         FINDING_ERROR, 2, 10, "buys at once", "two choices"},
	/* through a `when`, straight from a question that is none about money */
	{TOP ASK("a", "born", "w") "w = { when = ( " MENU("else", "b") " ); };\n" BUYS("1GB") END,
         FINDING_ERROR, 2, 10, "buys at once", "two choices"},
	{TOP ASKED("Buy it?") BUYS("1GB") END, FINDING_WARNING, 2, 10, "does not show the price in \"en\"",
         "{gives} for {price}?"},
	{TOP ASKED("{price}") BUYS("1GB") END, FINDING_WARNING, 3, 12, "sends no SMS", "sms = "},
	{TOP "a = { say = \"For {price}\"; menu = ( " MENU("x", "z") " ); };" END, FINDING_ERROR, 2, 3,
         "shows {price}, but nothing certain is bought there", "write it out"},
	/* the screen after it is entered in another way as well */
	{TOP "a = { say = \"x\"; menu = ( " MENU("x", "q") "," MENU(
		 "y",
		 "n") " ); };\n"
                      "q = { say = \"{price}\"; menu = ( " MENU("Yes", "b") "," MENU(
			      "No",
			      "z") " ); };\n"
                                   "b = { buy = { bundle = \"1GB\"; else = \"n\"; }; end = \"x\"; };\nn = { end = \"{gives} is not there\"; };" END,
         FINDING_ERROR, 5, 3, "shows {gives}", "write it out"},
	{TOP ASKED(
		 "{price}") "b = { buy = { bundle = \"1GB\"; else = \"z\"; }; end = \"You have {balance}\"; };" END,
         FINDING_ERROR, 3, 3, "before the purchase", "menu that asks"},
	{"keywords = [ \"stop\" ]; " TOP "a = { end = \"x\"; };" END, FINDING_ERROR, 0, 14, "keyword STOP",
         "another word"},
};

START_TEST(each_rule)
{
	const struct bad *bad = &bads[_i];
	char all[8000];
	bool found = false;
	enum rc rc = world_load(&w, bad->text);

	if (rc == RC_OK)
		check_book(w.book, &w.env, w.findings);
	print_all(all, sizeof(all));
	ck_assert_msg(rc == RC_OK || bad->rule == 0, "not loaded:\n%s", all);
	for (size_t i = 0; i < findings_count(w.findings); i++) {
		const struct finding *f = findings_at(w.findings, i);

		found = found ||
		        (f->level == bad->level && f->line == bad->line && f->rule == bad->rule &&
		         strstr(f->what, bad->what) != NULL && strstr(f->remedy, bad->remedy) != NULL);
	}
	ck_assert_msg(found, "wanted %d: %s. %s [%d], got\n%s", bad->line, bad->what, bad->remedy, bad->rule,
	              all);
}
END_TEST

static void check_clean(const char *text)
{
	char all[8000];

	if (text == NULL) { /* its conditions are the store's matter */
		w.env.condition = NULL;
		world_shipped(&w);
	}

	ck_assert_int_eq(text != NULL ? world_load(&w, text)
	                              : world_load_file(&w, world_source("conf/menus/join.conf")),
	                 RC_OK);
	check_book(w.book, &w.env, w.findings);
	check_books(&w.book, 1, w.findings);
	print_all(all, sizeof(all));
	ck_assert_msg(findings_count(w.findings) == 0, "%s", all);
}

START_TEST(shipped_service_is_clean)
{
	check_clean(NULL);
}
END_TEST

/* What looks bad and is not. */
static const char *const goods[] = {
	/* a text in a script of its own needs UCS-2 and is not told so */
	TOP "a = { end = [ \"Hello\", \"\xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d "
	    "\xe1\x88\x88\xe1\x8a\xa5\xe1\x8a\x93\xe1\x8a\x95\xe1\x89\xb0\" ]; }; };",
	/* one text for all languages, on purpose */
	TOP "a = { end = \"M-Pesa\"; }; };",
	/* a brand name in one language only: no letters enough to be a translation */
	TOP "a = { end = [ \"2G\", \"2G\" ]; }; };",
	/* known on every way that leads here, with a fallback where it is not */
	TOP "a = { say = \"{code|Hi}?\"; ask = { save = \"code\"; length = [ 1, 9 ]; }; next = \"b\"; }; b = "
	    "{ end = \"{code}\"; }; };",
	/* a long list is a pick, and pages */
	TOP "a = { say = \"x\"; pick = { save = \"code\"; of = ( ( \"1\", \"Ada\" ), ( \"2\", \"Bo\" ), ( "
	    "\"3\", \"Cy\" ), ( \"4\", \"Di\" ), ( \"5\", \"Ed\" ), "
	    "( \"6\", \"Fay\" ), ( \"7\", \"Gus\" ) ); }; next = \"z\"; };" END,
	/* consent to something of its own, and a way out behind a menu */
	TOP "a = { say = \"x\"; menu = ( " MENU("Offers", "o") "," MENU(
		"Stop", "s") " ); }; o = { say = \"Acme may text you offers? Stop: *5*2#\"; consent = { "
			     "to = \"offers\"; yes = ( \"Yes\", \"z\" ); no = ( \"No\", \"z\" ); }; }; s = { "
			     "withdraw = \"offers\"; end = \"OK\"; };" END,
	/* a question with a date and its example, three typed answers */
	TOP
	"a = { say = \"Born? 25/12/1990\"; ask = { save = \"born\"; as = \"date\"; }; next = \"b\"; };\n" ASK(
		"b", "code", "z") END,
};

START_TEST(no_false_alarms)
{
	check_clean(goods[_i]);
}
END_TEST

START_TEST(books_beside_each_other)
{
	static const char *const texts[] = {
		"code = \"*5#\"; keywords = [ \"JOIN\" ]; languages = [ \"en\" ]; start = \"a\"; screens = { "
		"a = { end = \"x\"; }; };",
		"code = \"*5*7#\"; keywords = [ \"GO\" ]; languages = [ \"en\" ]; start = \"a\"; screens = { "
		"a = { end = \"x\"; }; };",
		"code = \"*5#\"; languages = [ \"en\" ]; start = \"a\"; screens = { a = { end = \"x\"; }; };",
		"code = \"*55#\"; keywords = [ \"join\" ]; languages = [ \"en\" ]; start = \"a\"; screens = "
		"{ a = { end = \"x\"; }; };",
	};
	static const char *const names[] = {"a.conf", "b.conf", "c.conf", "a.conf"};
	static const char *const wanted[] = {"hide each other", "already belongs to a.conf",
	                                     "hide each other", "keyword \"JOIN\"", "both called"};
	struct book *books[4];

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(book_load_text(texts[i], names[i], &w.env, w.findings, &books[i]), RC_OK);
	check_books(books, 4, w.findings);
	ck_assert_uint_eq(findings_count(w.findings), 5);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_ptr_nonnull(strstr(findings_at(w.findings, i)->what, wanted[i]));
		ck_assert_int_eq(findings_at(w.findings, i)->rule, 14);
	}
	for (int i = 0; i < 4; i++)
		book_unref(books[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("check");
	TCase *t = tcase_create("check");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, each_rule, 0, sizeof(bads) / sizeof(bads[0]));
	tcase_add_test(t, shipped_service_is_clean);
	tcase_add_loop_test(t, no_false_alarms, 0, sizeof(goods) / sizeof(goods[0]));
	tcase_add_test(t, books_beside_each_other);
	suite_add_tcase(s, t);
	return run_suite(s);
}
