/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transcripts: nothing personal gets into one, however a screen writes it. */
#include "gateway/transcript.h"

#include "gateway/transcript_words.h"
#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

#define JANE 254712345678

static const char menu[] =
	"code = \"*123#\"; languages = [ \"en\", \"sw\" ]; start = \"home\";\n"
	"screens = {\n"
	"home = { say = \"Hello\"; menu = ( ( \"Join\", \"agree\" ), ( \"Shop\", \"shop\" ) ); };\n"
	"agree = { say = \"Acme keeps your answers to serve you. Stop: *123#. Agree?\"; consent = { to = \"profile\"; yes = ( \"Yes\", \"born\" ); no = ( \"No\", \"bye\" ); }; };\n"
	"born = { say = \"Born on?\"; ask = { save = \"town\"; as = \"date\"; }; next = \"told\"; };\n"
	"told = { end = \"Born {town:date}.\"; };\n"
	"shop = { app = { url = \"http://127.0.0.1:9/ussd\"; speaks = \"hubtel\"; within = \"2s\"; else = \"bye\"; }; };\n"
	"bye = { withdraw = \"profile\"; end = \"Bye.\"; };\n"
	"};\n";

static struct world w;
static char *talk;

static const char choosing[] =
	"code = \"*123#\"; languages = [ \"en\" ]; start = \"agree\";\n"
	"screens = {\n"
	"agree = { say = \"Acme keeps your answers to serve you. Stop: *123#. Agree?\"; consent = { to = \"profile\"; yes = ( \"Yes\", \"town\" ); no = ( \"No\", \"bye\" ); }; };\n"
	"town = { say = \"Your town?\"; list = { from = \"towns.csv\"; save = \"town\"; }; next = \"ill\"; };\n"
	"ill = { say = \"What ails you?\"; pick = { save = \"ill\"; of = ( ( \"none\", \"Nothing\" ), ( \"flu\", \"Influenza\" ),\n"
	"  ( \"hiv\", \"The virus\" ) ); }; next = \"likes\"; };\n"
	"likes = { say = \"You like\"; pick = { save = \"likes\"; several = true; of = ( ( \"a\", \"Music\" ), ( \"b\", \"Sport\" ),\n"
	"  ( \"c\", \"Chess\" ) ); }; next = \"told\"; };\n"
	"told = { say = \"Of {town}: {ill}, {likes}. Nothing is shown.\"; menu = ( ( \"Again\", \"ill\" ), ( \"End\", \"bye\" ) ); };\n"
	"bye = { end = \"Bye.\"; };\n"
	"};\n";
static const char choosing_profile[] =
	"profile = ( { field = \"town\"; kind = \"place\"; private = true; consent = \"profile\"; },"
	" { field = \"ill\"; private = true; of = [ \"none\", \"flu\", \"hiv\" ]; consent = \"profile\"; },"
	" { field = \"likes\"; of = [ \"a\", \"b\", \"c\" ]; several = true; consent = \"profile\"; } );"
	" required = [ \"town\" ];\n";
static const char towns[] = "town,en\nArusha,Arusha\nMachakos,Machakos\nMacheo,Macheo\nVoi,Voi\n";

static void setup(void)
{
	struct findings *f = findings_new();
	int changed;

	world_open(&w, "");
	world_write(&w, "join.conf", menu);
	if (services_reload(w.services, f, &changed) != RC_OK) {
		findings_print(f, stderr);
		ck_abort_msg("menu");
	}
	findings_free(f);
	talk = NULL;
}

static void world_choosing(void)
{
	struct findings *f = findings_new();
	int changed;

	world_open_on(
		&w, "",
		(struct world_store){.menu = "code = \"*123#\"; languages = [ \"en\" ]; start = \"bye\";\n"
	                                     "screens = { bye = { end = \"Bye.\"; }; };\n",
	                             .profile = choosing_profile});
	world_write(&w, "towns.csv", towns);
	world_write(&w, "join.conf", choosing);
	if (services_reload(w.services, f, &changed) != RC_OK) {
		findings_print(f, stderr);
		ck_abort_msg("menu");
	}
	findings_free(f);
}

static void teardown(void)
{
	free(talk);
	world_close(&w);
}

static void ask(void)
{
	ck_assert_int_eq(transcript_ask(w.dialogues, JANE, &talk), RC_BUSY);
}

static void ck_talk(const char *part, bool stands)
{
	ck_assert_msg((strstr(talk, part) != NULL) == stands, "\"%s\" in:\n%s", part, talk);
}

START_TEST(a_date_is_made_up_in_the_words_of_the_screen)
{
	ask();
	world_dial(&w, JANE, "*123*1#");
	world_type(&w, JANE, "1");
	ck_assert_str_eq(world_type(&w, JANE, "15/03/1985"), "Born 15 Mar 1985.");
	ck_assert_int_eq(transcript_ask(w.dialogues, JANE, &talk), RC_OK);
	ck_talk("1985", false);
	ck_talk("> 1990-01-31\n< Born 31 Jan 1990.", true);
}
END_TEST

START_TEST(what_was_dialled_is_personal_too)
{
	ask();
	world_dial(&w, JANE, "*123*1*29123456#");
	world_say(&w, DIALECT_ABORT, JANE, "");
	ck_assert_int_eq(transcript_ask(w.dialogues, JANE, &talk), RC_OK);
	ck_talk("29123456", false);
	ck_talk("dial *123*1*11111111# from", true);
}
END_TEST

/* --- choices -------------------------------------------------------------------------------------------------- */

static void choose(const char *town, const char *ill, const char *likes)
{
	world_type(&w, JANE, "1");
	world_type(&w, JANE, town);
	world_type(&w, JANE, ill);
	world_type(&w, JANE, likes);
	world_type(&w, JANE, "2");
}

/* Whatever was chosen, the talk is the same, but for how many were. */
START_TEST(what_was_chosen_stands_nowhere)
{
	static const char *const chosen[][3] = {
		{"Machakos", "3", "2 3"}, {"1", "1", "1 3"}, {"voi", "Influenza", "1 2"}};
	char *first = NULL;

	for (size_t i = 0; i < 3; i++) {
		world_close(&w);
		world_choosing();
		ask();
		world_dial(&w, JANE, "*123#");
		choose(chosen[i][0], chosen[i][1], chosen[i][2]);
		ck_assert_int_eq(transcript_ask(w.dialogues, JANE, &talk), RC_OK);
		ck_talk("< Of Arusha: Nothing, Music, Sport. Nothing is shown.", true);
		ck_talk("> Arusha\n", true);
		ck_talk("3 The virus\n", true); /* the menu's own line */
		if (first != NULL)
			ck_assert_str_eq(talk, first);
		else
			first = strdup(talk);
		free(talk);
		talk = NULL;
	}
	free(first);
}
END_TEST

START_TEST(what_is_stored_stands_nowhere)
{
	world_close(&w);
	world_choosing();
	world_dial(&w, JANE, "*123#");
	choose("Machakos", "3", "2 3");
	world_settle(&w);
	ask();
	world_dial(&w, JANE, "*123#");
	choose("Machakos", "2", "3");
	ck_assert_int_eq(transcript_ask(w.dialogues, JANE, &talk), RC_OK);
	ck_talk("given profile town = \"Arusha\"", true);
	ck_talk("given profile ill = \"none\"", true);
	ck_talk("given profile likes = \"a,b\"", true);
	ck_talk("< 3 The virus\n", true); /* what is offered stays, whatever is known */
	ck_talk("< Of Arusha: Nothing, Music. Nothing is shown.", true);
}
END_TEST

START_TEST(a_search_does_not_tell_what_was_looked_for)
{
	world_close(&w);
	world_choosing();
	ask();
	world_dial(&w, JANE, "*123#");
	world_type(&w, JANE, "1");
	world_type(&w, JANE, "mach");
	world_type(&w, JANE, "1");
	world_say(&w, DIALECT_ABORT, JANE, "");
	ck_assert_int_eq(transcript_ask(w.dialogues, JANE, &talk), RC_OK);
	ck_talk("mach", false);
	ck_talk("> 98\n< ...\n> Arusha\n", true);
	ck_assert_msg(strstr(talk, "Machakos") == NULL ||
	                      strstr(strstr(talk, "Machakos") + 1, "Machakos") == NULL,
	              "beside the whole list: %s", talk);
}
END_TEST

/* --- words ---------------------------------------------------------------------------------------------------- */

static const struct {
	const char *text, *shown;
} cut[] = {
	{"Hello Wanjiku Kamau.", "Hello Jane Doe."},
	{"Hello Wanjik, welcome", "Hello Jane Doe, welcome"}, /* cut to fit */
	{"Hello Wanji", "Hello Jane Doe"},
	{"Kamau, welcome", "Jane Doe, welcome"}, /* the next page */
	{"Wand, Kama", "Wand, Kama"},            /* too little to be a name */
};

START_TEST(a_name_is_found_where_it_is_cut)
{
	struct book *b = services_at(w.services, 0);
	struct transcript_words *words = transcript_words_new("254712345678");
	struct book_screen s = b->screen[book_screen_by_name(b, "born")];
	struct book of_names = *b;
	struct walk walk = {.phase = WALK_SHOWING};
	char text[200];

	s.ask.as = BOOK_AS_NAME;
	s.ask.field = -1; /* this book has no profile */
	s.ask.min = 2;
	s.ask.max = 40;
	of_names.screen = &s;
	of_names.n_screens = 1;
	ck_assert_str_eq(transcript_words_typed(words, &of_names, &walk, "Wanjiku Kamau"), "Jane Doe");
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		transcript_words_hide(words, cut[i].text, text, sizeof(text));
		ck_assert_str_eq(text, cut[i].shown);
	}
	transcript_words_free(words);
}
END_TEST

START_TEST(with_too_many_words_no_text_is_shown)
{
	struct book *b = services_at(w.services, 0);
	struct transcript_words *words = transcript_words_new("254712345678");
	struct walk walk = {.phase = WALK_IN_APP};
	char text[200];

	for (int i = 0; i < TRANSCRIPT_WORDS_MAX; i++) {
		transcript_words_hide(words, "Welcome", text, sizeof(text));
		ck_assert_str_eq(text, "Welcome");
		snprintf(text, sizeof(text), "word %d", i);
		transcript_words_typed(words, b, &walk, text);
	}
	transcript_words_hide(words, "Welcome", text, sizeof(text));
	ck_assert_str_eq(text, "...");
	transcript_words_free(words);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("transcript");
	TCase *t = tcase_create("transcript");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_date_is_made_up_in_the_words_of_the_screen);
	tcase_add_test(t, what_was_dialled_is_personal_too);
	tcase_add_test(t, what_was_chosen_stands_nowhere);
	tcase_add_test(t, what_is_stored_stands_nowhere);
	tcase_add_test(t, a_search_does_not_tell_what_was_looked_for);
	tcase_add_test(t, a_name_is_found_where_it_is_cut);
	tcase_add_test(t, with_too_many_words_no_text_is_shown);
	return run_suite(s);
}
