/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Books: what the loader makes of a good file, what it says about a bad one, and the look-ups. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "menus/words.h"
#include "core/text.h"
#include "tests/menus_world.h"
#include "tests/run_suite.h"

static struct world w;

const char *__lsan_default_suppressions(void);

/* libgettextpo forgets the names of the files and comments that it reads: a few bytes for each. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libgettextpo.so\n";
}

static void setup(void)
{
	world_init(&w);
}

static void teardown(void)
{
	book_unref(w.book);
	w.book = NULL;
	ck_assert_int_eq(w.conditions, 0); /* every prepared condition was given back */
	world_fini(&w);
}

#define TOP "code = \"*5#\"; languages = [ \"en\", \"sw\" ]; start = \"a\";\n"
#define END "z = { end = \"Bye\"; };\n"

START_TEST(shipped_service)
{
	const struct book *b;
	const struct book_screen *s;

	ck_assert_int_eq(world_load_file(&w, world_source("tests/menus/join.conf")), RC_OK);
	b = w.book;
	ck_assert_uint_eq(findings_count(w.findings), 0);
	ck_assert_str_eq(b->name, "join");
	ck_assert_str_eq(b->code, "*123#");
	ck_assert_uint_eq(b->n_languages, 2);
	ck_assert_int_eq(b->resume_ms, 15 * 60 * 1000);
	ck_assert_uint_eq(b->page, 160);
	ck_assert_str_eq(book_say(&b->word[BOOK_WORD_BACK], 1), "Rudi");
	s = &b->screen[book_screen_by_name(b, "name")];
	ck_assert_int_eq(s->kind, BOOK_ASK);
	ck_assert_int_eq(s->ask.field, 0);
	ck_assert_int_eq(s->ask.as, BOOK_AS_NAME);
	ck_assert_uint_eq(s->ask.max, 40);
	ck_assert_str_eq(book_say(s->say, 1), "Jina lako kamili?");
	ck_assert_str_eq(book_say(s->say, 15), "Your full name?");
	s = &b->screen[book_screen_by_name(b, "gift")];
	ck_assert_int_eq(s->kind, BOOK_GIVE);
	ck_assert_str_eq(s->give.once, "join");
	ck_assert_str_eq(b->screen[s->give.again].name, "again");
	ck_assert_uint_eq(book_screen_by_name(b, "nothing"), BOOK_NO_SCREEN);
	ck_assert_int_eq(book_language_by_code(b, "sw"), 1);
	ck_assert_int_eq(book_language_by_code(b, "fr"), -1);
}
END_TEST

START_TEST(dialled_strings_and_keywords)
{
	static const struct {
		const char *dialled;
		bool answers;
	} dialled[] = {
		{"*123#", true},
		{"123", true},
		{"*123*1#", true},
		{"*123*1*2#", true},
		{"*123*anything#", true},
		{"*1234#", false},
		{"*12#", false},
		{"", false},
		{"*#", false},
		{"**123#", true},
	};
	static const struct {
		const char *sms;
		int keyword;
	} sms[] = {
		{"JOIN", 0},    {"join", 0}, {" Join please", 0}, {"join.", 0},        {"\"JIUNGE\"", 1},
		{"joined", -1}, {"", -1},    {"j", -1},           {"please join", -1}, {"JOIN\xc3\xa9", -1},
	};

	ck_assert_int_eq(world_load_file(&w, world_source("tests/menus/join.conf")), RC_OK);
	for (size_t i = 0; i < sizeof(dialled) / sizeof(dialled[0]); i++)
		ck_assert_msg(book_answers(w.book, dialled[i].dialled) == dialled[i].answers, "%s",
		              dialled[i].dialled);
	for (size_t i = 0; i < sizeof(sms) / sizeof(sms[0]); i++)
		ck_assert_msg(book_keyword(w.book, sms[i].sms) == sms[i].keyword, "%s", sms[i].sms);
}
END_TEST

START_TEST(equal_files_have_equal_versions)
{
	static const char one[] = TOP "screens = { a = { end = \"x\"; }; };",
			  two[] = TOP "screens = { a = { end = \"y\"; }; };";
	uint64_t version;

	ck_assert_int_eq(world_load(&w, one), RC_OK);
	version = w.book->version;
	book_unref(w.book);
	ck_assert_int_eq(world_load(&w, one), RC_OK);
	ck_assert(w.book->version == version);
	book_unref(w.book);
	ck_assert_int_eq(world_load(&w, two), RC_OK);
	ck_assert(w.book->version != version);
}
END_TEST

/* Promise 5: whoever holds a reference keeps the book. */
START_TEST(references)
{
	struct book *mine;

	ck_assert_int_eq(
		world_load(
			&w, TOP
			"screens = { a = { when = ( ( \"registered\", \"z\" ), ( \"else\", \"z\" ) ); }; " END
			"};"),
		RC_OK);
	mine = book_ref(w.book);
	book_unref(w.book);
	w.book = NULL;
	ck_assert_int_eq(w.conditions, 1);
	ck_assert_str_eq(mine->screen[1].name, "z");
	book_unref(mine);
	ck_assert_int_eq(w.conditions, 0);
	book_unref(NULL);
}
END_TEST

START_TEST(words_are_replaced_one_by_one)
{
	ck_assert_int_eq(world_load(&w, "code = \"*5#\"; languages = [ \"pt-br\", \"xx\" ]; start = \"a\"; "
	                                "words = { back = [ \"Volta\", \"B\" ]; tries = \"Bye!\"; }; screens "
	                                "= { a = { end = \"x\"; }; };"),
	                 RC_OK);
	ck_assert_str_eq(book_say(&w.book->word[BOOK_WORD_BACK], 0), "Volta");
	ck_assert_str_eq(book_say(&w.book->word[BOOK_WORD_TRIES], 1), "Bye!");
	ck_assert_str_eq(book_say(&w.book->word[BOOK_WORD_MORE], 0),
	                 "Mais"); /* the language without its region */
	ck_assert_str_eq(book_say(&w.book->word[BOOK_WORD_MORE], 1), "More"); /* English for the others */
}
END_TEST

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* Includes: relative to the file, messages with the included file's name; and promise 6 for what is no file. */
START_TEST(includes)
{
	char folder[] = "/tmp/test_book.XXXXXX", path[300];
	const struct finding *f;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/main.conf", folder);
	write_file(folder, "main.conf",
	           TOP "screens = {\na = { say = \"A\"; menu = ( ( \"z\", \"z\" ) ); };\n@include "
	               "\"more.conf\"\n};\n");
	write_file(folder, "more.conf", END);
	ck_assert_int_eq(world_load_file(&w, path), RC_OK);
	ck_assert_uint_ne(book_screen_by_name(w.book, "z"), BOOK_NO_SCREEN);
	book_unref(w.book);
	w.book = NULL;
	write_file(folder, "more.conf", "\nz = { edn = \"Bye\"; };\n");
	ck_assert_int_eq(world_load_file(&w, path), RC_SYNTAX);
	f = findings_at(w.findings, 0);
	ck_assert_int_eq(f->line, 2);
	ck_assert_ptr_nonnull(strstr(f->file, "more.conf"));
	write_file(folder, "more.conf", "@include \"more.conf\"\n");
	ck_assert_int_eq(world_load_file(&w, path), RC_SYNTAX);
	write_file(folder, "main.conf", TOP "\n@include \".\"\n");
	ck_assert_int_eq(world_load_file(&w, path), RC_SYNTAX);
	write_file(folder, "main.conf", TOP "\n@include \"/dev/zero\"\n");
	ck_assert_int_eq(world_load_file(&w, path), RC_SYNTAX);
	write_file(folder, "main.conf", TOP "\n@include \"absent.conf\"\n");
	ck_assert_int_eq(world_load_file(&w, path), RC_SYNTAX);
	unlink(path);
	snprintf(path, sizeof(path), "%s/more.conf", folder);
	unlink(path);
	ck_assert_int_eq(world_load_file(&w, path), RC_NOTFOUND);
	ck_assert_int_eq(world_load_file(&w, folder), RC_NOTFOUND);
	rmdir(folder);
	ck_assert_int_eq(world_load_file(&w, "/dev/null"), RC_NOTFOUND);
}
END_TEST

/* Texts written once, with their other languages in po/. */
START_TEST(translations)
{
	char folder[] = "/tmp/test_book.XXXXXX", path[300], po[64];
	const struct book_screen *s;
	uint64_t version;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/main.conf", folder);
	snprintf(po, sizeof(po), "%s/po", folder);
	ck_assert_int_eq(mkdir(po, 0700), 0);
	write_file(folder, "main.conf",
	           TOP "po = \"po\";\nscreens = {\na = { say = \"Hello\"; menu = ( ( \"Lugha\", \"z\" ), ( [ "
	               "\"Out\", "
	               "\"Toka\" ], \"z\" ) ); };\n" END "};\n");
	write_file(folder, "po/sw.po",
	           "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\nmsgid "
	           "\"Hello\"\nmsgstr "
	           "\"Habari\"\n\nmsgid \"Lugha\"\nmsgstr \"Lugha\"\n\nmsgctxt \"main/z\"\nmsgid "
	           "\"Bye\"\nmsgstr "
	           "\"Kwaheri\"\n");
	ck_assert_int_eq(world_load_file(&w, path), RC_OK);
	ck_assert_uint_eq(findings_count(w.findings), 0);
	s = &w.book->screen[0];
	ck_assert_str_eq(book_say(s->say, 1), "Habari");
	ck_assert_ptr_eq(s->choice[0].label.in[0], s->choice[0].label.in[1]);
	ck_assert_str_eq(book_say(&s->choice[1].label, 1), "Toka");
	ck_assert_str_eq(book_say(w.book->screen[1].end, 1), "Kwaheri");
	version = w.book->version;
	book_unref(w.book);
	w.book = NULL;
	write_file(
		folder, "po/sw.po",
		"msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\nmsgid "
		"\"Hello\"\nmsgstr "
		"\"Hujambo\"\n\n#, fuzzy\nmsgid \"Lugha\"\nmsgstr \"Lugha\"\n\nmsgid \"Bye\"\nmsgstr \"\"\n");
	ck_assert_int_eq(world_load_file(&w, path), RC_SYNTAX);
	ck_assert_uint_eq(findings_errors(w.findings), 2);
	ck_assert_int_eq(findings_at(w.findings, 0)->rule, 4);
	ck_assert_int_eq(findings_at(w.findings, 0)->line, 4);
	ck_assert_ptr_nonnull(strstr(findings_at(w.findings, 0)->what, "fuzzy"));
	ck_assert_ptr_nonnull(strstr(findings_at(w.findings, 1)->what, "still empty"));
	write_file(folder, "po/sw.po",
	           "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\nmsgid "
	           "\"Hello\"\nmsgstr "
	           "\"Hujambo\"\n\nmsgid \"Lugha\"\nmsgstr \"Lugha\"\n\nmsgid \"Bye\"\nmsgstr \"Kwaheri\"\n");
	ck_assert_int_eq(world_load_file(&w, path), RC_OK);
	ck_assert(w.book->version != version); /* other translations are another version */
	unlink(path);
	snprintf(path, sizeof(path), "%s/sw.po", po);
	unlink(path);
	rmdir(po);
	rmdir(folder);
}
END_TEST

#define BAD(screens) TOP "screens = {\n" screens "\n" END "};"

/* Every message of the loader: the file, the line, the rule, and a piece of what it says and advises. */
static const struct bad {
	const char *text;
	int line, rule;
	const char *what, *remedy;
} bads[] = {
	{"", 0, 0, "no screens", "screens ="},
	{"x = [ 1, \"a\" ];", 1, 0, "cannot be read", "( ) for pairs"},
	{TOP "screens = { a = { end = \"x\" };", 2, 0, "cannot be read", "missing ;"},
	{TOP "screens = { a = { # \" no quote\n end = \"x; }; };", 3, 0, "never closes", "close it"},
	{TOP "screens = { a = { end = \"x\"; }; a = { end = \"y\"; }; };", 2, 0, "cannot be read", "twice"},
	{TOP "kewords = [ \"JOIN\" ]; screens = { a = { end = \"x\"; }; };", 2, 0, "unknown key \"kewords\"",
         "\"keywords\""},
	{"languages = [ \"en\" ]; start = \"a\"; screens = { a = { end = \"x\"; }; };", 0, 14,
         "nobody can reach", "code ="},
	{"code = \"*5#\"; start = \"a\"; screens = { a = { end = \"x\"; }; };", 0, 0, "which languages",
         "languages ="},
	{"code = \"*5#\"; languages = [ \"English\" ]; start = \"a\"; screens = { a = { end = \"x\"; }; };",
         1, 0, "no language code", "\"sw\""},
	{"code = \"*5#\"; languages = [ \"en\", \"en\" ]; start = \"a\"; screens = { a = { end = \"x\"; }; "
         "};",
         1, 0, "twice", "once"},
	{"code = \"5*\"; languages = [ \"en\" ]; start = \"a\"; screens = { a = { end = \"x\"; }; };", 1, 14,
         "cannot be dialled", "\"*123#\""},
	{"keywords = [ \"TWO WORDS\" ]; languages = [ \"en\" ]; start = \"a\"; screens = { a = { end = "
         "\"x\"; }; };",
         1, 14, "cannot be a keyword", "one word"},
	{"keywords = [ \"JOIN\", \"join\" ]; languages = [ \"en\" ]; start = \"a\"; screens = { a = { end = "
         "\"x\"; }; };",
         1, 14, "twice", "once"},
	{TOP "keywords = \"JOIN\"; screens = { a = { end = \"x\"; }; };", 2, 0, "must be a list",
         "[ \"...\" ]"},
	{TOP "resume = \"soon\"; screens = { a = { end = \"x\"; }; };", 2, 0, "no length of time", "15m"},
	{TOP "keys = { back = 0; }; screens = { a = { end = \"x\"; }; };", 2, 0, "must be text in quotes",
         "back ="},
	{TOP "keys = { back = \"99999\"; }; screens = { a = { end = \"x\"; }; };", 2, 6, "cannot be a key",
         "one to three"},
	{TOP "keys = { back = \"00\"; }; screens = { a = { end = \"x\"; }; };", 2, 6, "means two things",
         "three different"},
	{TOP "keys = { bak = \"1\"; }; screens = { a = { end = \"x\"; }; };", 2, 0, "unknown key \"bak\"",
         "\"back\""},
	{TOP "words = { bcak = \"x\"; }; screens = { a = { end = \"x\"; }; };", 2, 0, "unknown key \"bcak\"",
         "\"back\""},
	{TOP "words = { back = \"Go back to where you were\"; }; screens = { a = { end = \"x\"; }; };", 2, 1,
         "too long for the line of a key", "12"},
	{"code = \"*5#\"; languages = [ \"en\" ]; screens = { a = { end = \"x\"; }; };", 0, 3,
         "on which screen it starts", "start ="},
	{"code = \"*5#\"; languages = [ \"en\" ]; start = \"hme\";\nscreens = { home = { end = \"x\"; }; };",
         1, 3, "no such screen", "\"home\""},
	{TOP "screens = { };", 2, 0, "holds no screens", "home"},
	{TOP "screens = { a = \"x\"; };", 2, 0, "must be a group", "braces"},
	{TOP
         "screens = { a_name_that_is_far_too_long_for_a_screen = { end = \"x\"; }; a = { end = \"x\"; }; };",
         2, 0, "is too long", "31"},
	{BAD("a = { say = \"x\"; mneu = ( ( \"y\", \"z\" ) ); };"), 3, 0, "unknown key \"mneu\"", "\"menu\""},
	{BAD("a = { say = \"x\"; list = { save = \"town\"; }; next = \"z\"; };"), 3, 0, "has no rows",
         "from ="},
	{BAD("a = { say = \"x\"; list = { save = \"town\"; from = \"absent.csv\"; }; next = \"z\"; };"), 3, 0,
         "\"absent.csv\" cannot be used", "beside the menu file"},
	{BAD("a = { say = \"x\"; list = { save = \"town\"; from = \"/etc/passwd\"; }; next = \"z\"; };"), 3,
         0, "cannot be used", "beside"},
	{BAD("a = { say = \"x\"; list = { save = \"town\"; from = \"x.csv\"; rows = ( ( \"a\", \"b\" ) ); }; "
             "next = "
             "\"z\"; };"),
         3, 0, "not both", "from ="},
	{BAD("a = { say = \"x\"; list = { save = \"town\"; rows = ( ( \"a\", \"b\" ), ( \"a\", \"c\" ) ); }; "
             "next = "
             "\"z\"; };"),
         3, 0, "save \"a\"", "a value of its own"},
	{BAD("a = { say = \"x\"; list = { save = \"role\"; rows = ( ( \"haed\", \"b\" ) ); }; next = \"z\"; "
             "};"),
         3, 0, "cannot be saved here", "profile.conf"},
	{BAD("a = { say = \"x\"; list = { save = \"town\"; rows = ( ( \"a\", [ \"b\" ] ) ); }; next = \"z\"; "
             "};"),
         3, 4, "missing in language \"sw\"", "sw"},
	{BAD("a = { say = \"x\"; list = { save = \"town\"; rows = ( ( \"a\", \"b\" ) ); }; };"), 3, 3,
         "leads nowhere", "next ="},
	{BAD("a = { app = { url = \"ftp://x\"; speaks = \"nalo\"; }; };"), 3, 0, "no address of an app",
         "http://"},
	{BAD("a = { app = { url = \"http://x y\"; speaks = \"nalo\"; }; };"), 3, 0, "no address of an app",
         "http://"},
	{BAD("a = { app = { url = \"http://x\"; speaks = \"huptel\"; }; };"), 3, 0, "how an app speaks",
         "\"hubtel\""},
	{BAD("a = { app = { url = \"http://x\"; }; };"), 3, 0, "has no \"speaks\"", "speaks ="},
	{BAD("a = { app = { url = \"http://x\"; speaks = \"nalo\"; within = \"5m\"; }; };"), 3, 0,
         "nobody can wait", "30s"},
	{BAD("a = { app = { url = \"http://x\"; speaks = \"nalo\"; else = \"zz\"; }; };"), 3, 3,
         "no such screen", "\"z\""},
	{BAD("a = { say = \"x\"; app = { url = \"http://x\"; speaks = \"nalo\"; }; };"), 3, 0,
         "does not belong on the app", "its own words"},
	{BAD("a = { end = \"x\"; facts = { within = \"1s\"; }; };"), 3, 0, "shows a fact", "{balance}"},
	{BAD("a = { end = \"{balance}\"; facts = { els = \"z\"; }; };"), 3, 0, "unknown key \"els\"",
         "\"else\""},
	{BAD("a = { say = \"x\"; pick = { save = \"role\"; min = 2; of = ( ( \"head\", \"H\" ) ); }; next = "
             "\"z\"; };"),
         3, 0, "go with \"several\"", "several = true"},
	{BAD("a = { say = \"x\"; pick = { save = \"town\"; several = true; of = ( ( \"a,b\", \"H\" ) ); }; "
             "next = \"z\"; "
             "};"),
         3, 0, "one of several", "comma"},
	{BAD("a = { say = \"x\"; pick = { save = \"town\"; several = true; max = 3; of = ( ( \"a\", \"H\" ), "
             "( \"b\", "
             "\"I\" ) ); }; next = \"z\"; };"),
         3, 0, "from 1 to 2", "max = 2"},
	{BAD("a = { say = \"x\"; pick = { save = \"language\"; several = true; of = ( ( \"en\", \"H\" ) ); "
             "}; next = "
             "\"z\"; };"),
         3, 0, "several languages", "several"},
	{BAD("a = { say = \"x\"; ask = { save = \"name\"; length = [ 1, 9 ]; range = [ 1, 2 ]; }; next = "
             "\"z\"; };"),
         3, 0, "has no range", "number"},
	{BAD("a = { say = \"x\"; ask = { save = \"born\"; as = \"year\"; range = [ 2010, 1920 ]; }; next = "
             "\"z\"; };"),
         3, 0, "nothing lies", "smaller one first"},
	{BAD("a = { say = \"x\"; ask = { save = \"name\"; length = [ 1, 9 ]; secret = 1; }; next = \"z\"; "
             "};"),
         3, 0, "true or false", "secret = true"},
	{BAD("a = { end = \"{code}\"; };\nb = { say = \"x\"; ask = { save = \"code\"; as = \"pin\"; }; next "
             "= \"z\"; };"),
         3, 10, "asked as a secret", "take it out"},
	{"code = \"*5#\"; languages = [ \"en\", \"sw\" ]; start = \"a\"; po = \"lang\"; screens = { a = { "
         "end = \"x\"; }; };",
         1, 4, "stand in the folder", "po = \"po\""},
	{"code = \"*5#\"; languages = [ \"en\", \"qx\" ]; start = \"a\"; po = \"po\"; screens = { a = { end "
         "= \"x\"; }; };",
         1, 4, "no translations into \"qx\"", "po/qx.po"},
	{BAD("a = { say = \"x\"; };"), 3, 0, "does not say what it does", "instead of say"},
	{BAD("a = { next = \"z\"; };"), 3, 0, "does not say what it does", "menu, ask"},
	{BAD("a = { say = \"x\"; menu = ( ( \"y\", \"z\" ) );\n when = ( ( \"else\", \"z\" ) ); };"), 4, 0,
         "does one thing", "two screens"},
	{BAD("a = { say = \"x\"; menu = ( ( \"y\", \"z\" ) );\n end = \"x\"; };"), 4, 0,
         "does not belong on the menu", "lead to a screen"},
	{BAD("a = { say = \"x\"; menu = ( ( \"y\", \"z\" ) );\n next = \"z\"; };"), 4, 0,
         "\"next\" does not belong", "each choice"},
	{BAD("a = { say = \"x\"; menu = ( ( \"y\", \"z\" ) );\n sms = \"z\"; };"), 4, 0,
         "\"sms\" does not belong", "has \"end\""},
	{BAD("a = { end = \"x\";\n say = \"x\"; };"), 4, 0, "\"say\" does not belong", "in \"end\""},
	{BAD("a = { end = \"x\";\n next = \"z\"; };"), 4, 0, "\"next\" does not belong", "ends here"},
	{BAD("a = { when = ( ( \"else\", \"z\" ) );\n sorry = \"z\"; };"), 4, 0, "\"sorry\" does not belong",
         "take it out"},
	{BAD("a = { menu = ( ( \"y\", \"z\" ) ); };"), 3, 0, "shows no words", "say ="},
	{BAD("a = { say = [ \"x\" ]; menu = ( ( \"y\", \"z\" ) ); };"), 3, 4, "missing in language \"sw\"",
         "text in sw"},
	{BAD("a = { say = [ \"x\", \"y\", \"z\" ]; menu = ( ( \"y\", \"z\" ) ); };"), 3, 4, "3 texts",
         "2 languages"},
	{BAD("a = { say = \"\"; menu = ( ( \"y\", \"z\" ) ); };"), 3, 4, "is empty", "write the words"},
	{BAD("a = { say = [ \"x\", \"\" ]; menu = ( ( \"y\", \"z\" ) ); };"), 3, 4, "is empty",
         "write the words"},
	{BAD("a = { say = ( \"x\", \"y\" ); menu = ( ( \"y\", \"z\" ) ); };"), 3, 0, "not a text", "[ ]"},
	{BAD("a = { say = 5; menu = ( ( \"y\", \"z\" ) ); };"), 3, 0, "must be text in quotes", "say ="},
	{BAD("a = { say = \"x\ty\"; menu = ( ( \"y\", \"z\" ) ); };"), 3, 0, "no phone can show", "plain"},
	{BAD("a = { say = \"\\xff\"; menu = ( ( \"y\", \"z\" ) ); };"), 3, 0, "no phone can show", "plain"},
	{BAD("a = { say = \"\xff\"; menu = ( ( \"y\", \"z\" ) ); };"), 3, 0, "not in UTF-8", "UTF-8"},
	{BAD("a = { say = \"x\"; menu = ( \"y\", \"z\" ); };"), 3, 0, "list of pairs", "menu = ("},
	{BAD("a = { say = \"x\"; menu = ( ( \"y\" ) ); };"), 3, 0, "must be a pair", "( \"Yes\""},
	{BAD("a = { say = \"x\"; menu = ( ( \"y\", \"zz\" ) ); };"), 3, 3, "no such screen", "\"z\""},
	{BAD("a = { say = \"x\"; ask = { save = \"nam\"; length = [ 1, 9 ]; }; next = \"z\"; };"), 3, 0,
         "no field \"nam\"", "\"name\""},
	{BAD("a = { say = \"x\"; ask = { length = [ 1, 9 ]; }; next = \"z\"; };"), 3, 0, "has no \"save\"",
         "save ="},
	{BAD("a = { say = \"x\"; ask = { save = \"language\"; length = [ 1, 9 ]; }; next = \"z\"; };"), 3, 0,
         "picked, not typed", "\"pick\""},
	{BAD("a = { say = \"x\"; ask = { save = \"role\"; length = [ 1, 9 ]; }; next = \"z\"; };"), 3, 0,
         "only the values", "\"pick\""},
	{BAD("a = { say = \"x\"; ask = { save = \"name\"; as = \"nmae\"; length = [ 1, 9 ]; }; next = \"z\"; "
             "};"),
         3, 0, "no kind of answer", "\"name\""},
	{BAD("a = { say = \"x\"; ask = { save = \"name\"; }; next = \"z\"; };"), 3, 8, "of any length",
         "length ="},
	{BAD("a = { say = \"x\"; ask = { save = \"name\"; length = 9; }; next = \"z\"; };"), 3, 8,
         "two numbers", "[ 2, 40 ]"},
	{BAD("a = { say = \"x\"; ask = { save = \"name\"; length = [ 9, 2 ]; }; next = \"z\"; };"), 3, 8,
         "9 to 2", "smaller one first"},
	{BAD("a = { say = \"x\"; ask = { save = \"born\"; as = \"date\"; length = [ 9, 20 ]; }; next = "
             "\"z\"; };"),
         3, 0, "its own length", "take it out"},
	{BAD("a = { say = \"x\"; ask = { save = \"name\"; length = [ 1, 9 ]; tries = 0; }; next = \"z\"; };"),
         3, 0, "1 to 9", "tries = 3"},
	{BAD("a = { say = \"x\"; ask = { save = \"name\"; length = [ 1, 9 ]; max = 0; }; next = \"z\"; };"),
         3, 0, "unknown key \"max\"", ""},
	{BAD("a = { say = \"x\"; ask = { save = \"name\"; length = [ 1, 9 ]; }; };"), 3, 3, "leads nowhere",
         "next ="},
	{BAD("a = { say = \"x\"; pick = { save = \"role\"; }; next = \"z\"; };"), 3, 0, "offers nothing",
         "of = ("},
	{BAD("a = { say = \"x\"; pick = { save = \"role\"; of = ( ( \"haed\", \"H\" ) ); }; next = \"z\"; "
             "};"),
         3, 0, "cannot be saved", "\"head\""},
	{BAD("a = { say = \"x\"; pick = { save = \"role\"; of = ( ( \"head\", \"H\" ), ( \"head\", \"I\" ) "
             "); }; next = \"z\"; };"),
         3, 0, "save \"head\"", "its own value"},
	{BAD("a = { say = \"x\"; pick = { save = \"language\"; of = ( ( \"fr\", \"F\" ) ); }; next = \"z\"; "
             "};"),
         3, 0, "cannot be saved", "languages"},
	{BAD("a = { say = \"x\"; consent = { to = \"profile\"; yes = ( \"Y\", \"z\" ); }; };"), 3, 13,
         "\"no\" is missing", "no = ("},
	{BAD("a = { say = \"x\"; consent = { yes = ( \"Y\", \"z\" ); no = ( \"N\", \"z\" ); }; };"), 3, 0,
         "has no \"to\"", "to ="},
	{BAD("a = { say = \"x\"; consent = { to = \"a b\"; yes = ( \"Y\", \"z\" ); no = ( \"N\", \"z\" ); }; "
             "};"),
         3, 13, "name of a purpose", "\"profile\""},
	{BAD("a = { when = ( ( \"registred\", \"z\" ), ( \"else\", \"z\" ) ); };"), 3, 0, "no such column",
         "registered"},
	{BAD("a = { when = ( ( \"registered\", \"z\" ) ); };"), 3, 3, "without a way on", "else"},
	{BAD("a = { when = ( ( \"else\", \"z\" ),\n ( \"registered\", \"z\" ) ); };"), 4, 3,
         "nobody comes here", "last"},
	{BAD("a = { give = { bundle = \"100M\"; once = \"x\"; else = \"z\"; }; end = \"x\"; };"), 3, 0,
         "no bundle", "\"100MB\""},
	{BAD("a = { give = { bundle = \"100MB\"; else = \"z\"; }; end = \"x\"; };"), 3, 0, "has no \"once\"",
         "once ="},
	{BAD("a = { give = { bundle = \"100MB\"; once = \"a b\"; else = \"z\"; }; end = \"x\"; };"), 3, 0,
         "name of an occasion", "\"join\""},
	{BAD("a = { give = { bundle = \"100MB\"; once = \"x\"; else = \"z\"; }; };"), 3, 0, "does not say so",
         "end ="},
	{BAD("a = { give = { bundle = \"100MB\"; once = \"x\"; else = \"a\"; }; end = \"x\"; };"), 3, 12,
         "must lead to a last screen", "\"end\""},
	{BAD("a = { buy = { bundle = \"1 GB\"; else = \"z\"; }; end = \"x\"; };"), 3, 0, "no bundle",
         "\"1GB\""},
	{BAD("a = { buy = { bundle = \"gift\"; else = \"z\"; }; end = \"x\"; };"), 3, 0,
         "\"gift\" cannot be bought: it has no price", "price = 5000;"},
	{BAD("a = { buy = { bundle = \"offer\"; else = \"z\"; }; end = \"x\"; };"), 3, 0,
         "\"offer\" cannot be bought: it is an offer", "make it a dedicated account"},
	{BAD("a = { buy = { else = \"z\"; }; end = \"x\"; };"), 3, 0, "has no \"bundle\"", "bundle ="},
	{BAD("a = { buy = { bundle = \"1GB\"; once = \"x\"; }; end = \"x\"; };"), 3, 0,
         "unknown key \"once\" in buy", "take it out"},
	{BAD("a = { buy = { bundle = \"1GB\"; else = \"z\"; }; };"), 3, 0, "buys but does not say so",
         "end ="},
	{BAD("a = { buy = { bundle = \"1GB\"; else = \"a\"; }; end = \"x\"; };"), 3, 12,
         "must lead to a last screen", "does not give or buy"},
	{BAD("a = { dial = \"*5*1#\"; buy = { bundle = \"1GB\"; else = \"z\"; }; end = \"x\"; };"), 3, 0,
         "\"dial\" does not belong on the buy screen", "the menu that asks"},
	{BAD("a = { facts = { within = \"1s\"; }; buy = { bundle = \"1GB\"; else = \"z\"; }; end = \"x\"; };"),
         3, 0, "\"facts\" does not belong on the buy screen", "the one before"},
	{BAD("a = { end = \"x\"; erase = \"all\"; };"), 3, 0, "true or false", "erase = true"},
	{BAD("a = { end = \"x\"; withdraw = \"a b\"; };"), 3, 13, "name of a purpose", "\"profile\""},
	{BAD("a = { end = \"x\"; dial = \"5*1\"; };"), 3, 14, "cannot be dialled", "*123*1#"},
	{BAD("a = { end = \"x\"; dial = \"*6*1#\"; };"), 3, 14, "does not belong to this service", "*5#"},
	{BAD("a = { end = \"x\"; dial = \"*5#\"; };"), 3, 14, "does not belong to this service", "*5#"},
};

START_TEST(bad_files)
{
	const struct bad *bad = &bads[_i];
	char all[4000] = "";
	bool found = false;

	ck_assert_int_eq(world_load(&w, bad->text), RC_SYNTAX);
	ck_assert_ptr_null(w.book);
	ck_assert_int_eq(w.conditions, 0);
	for (size_t i = 0; i < findings_count(w.findings); i++) {
		const struct finding *f = findings_at(w.findings, i);

		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%d: %s. %s [%d]\n", f->line, f->what,
		         f->remedy, f->rule);
		found = found ||
		        (f->level == FINDING_ERROR && f->line == bad->line && f->rule == bad->rule &&
		         strstr(f->what, bad->what) != NULL && strstr(f->remedy, bad->remedy) != NULL &&
		         strcmp(f->file, "test.conf") == 0);
	}
	ck_assert_msg(found, "wanted %d: %s. %s [%d], got\n%s", bad->line, bad->what, bad->remedy, bad->rule,
	              all);
}
END_TEST

/* A file in a bad name, no profile and no conditions at all. */
START_TEST(bare_surroundings)
{
	struct book_env bare = {.page = 0};

	ck_assert_int_eq(
		book_load_text(
			TOP
			"screens = { a = { when = ( ( \"registered\", \"z\" ), ( \"else\", \"z\" ) ); };" END
			"};",
			"bare.conf", &bare, w.findings, &w.book),
		RC_OK);
	ck_assert_int_ne(w.book->screen[0].when[0].condition, -1);
	world_begin(&w, "*5#");
	ck_assert_str_eq(w.out.text, "Bye");
	book_unref(w.book);
	w.book = NULL;
	ck_assert_int_eq(book_load_text(TOP "screens = { a = { end = \"x\"; }; };", "a b.conf", &bare,
	                                w.findings, &w.book),
	                 RC_SYNTAX);
}
END_TEST

/* They are the last thing that somebody sees, on one page, also where the page is of 160 letters of GSM. */
START_TEST(words_for_refusals_fit_a_page)
{
	static const char *const languages[] = {"en", "sw", "fr", "pt", "es"};

	for (int r = REFUSAL_HAD; r < REFUSALS_; r++) {
		enum book_word word = book_word_refused((enum refusal)r);

		ck_assert_int_ne(word, BOOK_WORD_APOLOGY);
		ck_assert_int_eq(refusal_by_name(refusal_name((enum refusal)r)), r);
		ck_assert_int_gt((int)strlen(refusal_words((enum refusal)r)), 10);
		for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
			const char *text = words_builtin(word, languages[i]);

			ck_assert_msg(text_fits(text, strlen(text), 160), "%s: %s", languages[i], text);
		}
	}
	ck_assert_int_eq(book_word_refused(REFUSAL_NONE), BOOK_WORD_APOLOGY);
	ck_assert_int_eq(refusal_by_name("none"), REFUSAL_NONE);
	ck_assert_int_eq(refusal_by_name("nonsense"), REFUSAL_NONE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("book");
	TCase *t = tcase_create("book");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, words_for_refusals_fit_a_page);
	tcase_add_test(t, shipped_service);
	tcase_add_test(t, dialled_strings_and_keywords);
	tcase_add_test(t, equal_files_have_equal_versions);
	tcase_add_test(t, references);
	tcase_add_test(t, words_are_replaced_one_by_one);
	tcase_add_test(t, includes);
	tcase_add_test(t, translations);
	tcase_add_loop_test(t, bad_files, 0, sizeof(bads) / sizeof(bads[0]));
	tcase_add_test(t, bare_surroundings);
	suite_add_tcase(s, t);
	return run_suite(s);
}
