/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures of menus: a small one word for word, one of every kind through Graphviz itself, the median; and what translators
 * get.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/menus_world.h"
#include "tests/run_suite.h"
#include "tools/map.h"
#include "tools/strings_po.h"

static struct world w;

static void setup(void)
{
	world_init(&w);
}

static void teardown(void)
{
	world_fini(&w);
}

static void load(const char *text)
{
	enum rc rc = world_load(&w, text);

	if (rc != RC_OK)
		findings_print(w.findings, stderr);
	ck_assert_int_eq(rc, RC_OK);
}

static char *draw(enum map_form form, size_t language, const struct map_counts *counts)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(to);
	ck_assert(map_print(w.book, &w.profile, form, language, counts, to));
	fclose(to);
	return text;
}

static const char small[] = "code = \"*5#\"; keywords = [ \"GO\" ]; languages = [ \"en\", \"sw\" ]; start = "
			    "\"home\"; screens = {\n"
			    "home = { say = [ \"Say \\\"hi\\\" #1\", \"Sema\" ]; menu = ( ( [ \"Tell us your "
			    "<name> & where you live\", \"Jina\" ], "
			    "\"code\" ),\n ( [ \"Leave\", \"Ondoka\" ], \"bye\" ) ); };\n"
			    "code = { dial = \"*5*1#\"; say = \"Code?\"; ask = { save = \"code\"; as = "
			    "\"digits\"; length = [ 1, 4 ]; }; next = "
			    "\"ways\"; };\n"
			    "ways = { when = ( ( \"registered\", \"bye\" ), ( \"else\", \"home\" ) ); };\n"
			    "bye = { end = \"Bye\"; };\n};";

START_TEST(dot_word_for_word)
{
	char *text;

	load(small);
	text = draw(MAP_DOT, 0, NULL);
	ck_assert_str_eq(
		text,
		"digraph \"test\" {\n"
		"  rankdir=TB\n"
		"  node [fontname=\"sans-serif\", fontsize=10]\n"
		"  edge [fontname=\"sans-serif\", fontsize=9]\n"
		"  d0 [label=\"*5#\\nSMS GO\", shape=plaintext]\n"
		"  d0 -> n0 [style=dashed, label=\"\"]\n"
		"  d1 [label=\"*5*1#\", shape=plaintext]\n"
		"  d1 -> n1 [style=dashed, label=\"\"]\n"
		"  n0 [label=\"home (menu)\\nSay \\\"hi\\\" #1\", shape=box]\n"
		"  n1 [label=\"code (ask)\\nCode?\\nsaves code: digits, 1 to 4\", shape=parallelogram]\n"
		"  n2 [label=\"ways (when)\", shape=diamond]\n"
		"  n3 [label=\"bye (end)\\nBye\", shape=ellipse]\n"
		"  n0 -> n1 [label=\"1 Tell us your <name> & wher...\"]\n"
		"  n0 -> n3 [label=\"2 Leave\"]\n"
		"  n1 -> n2 [label=\"\"]\n"
		"  n2 -> n3 [label=\"registered\"]\n"
		"  n2 -> n0 [label=\"else\"]\n"
		"}\n");
	free(text);
}
END_TEST

START_TEST(mermaid_word_for_word)
{
	char *text;

	load(small);
	text = draw(MAP_MERMAID, 0, NULL);
	ck_assert_str_eq(text, "flowchart TD\n"
	                       "  d0((\"*5#35;<br/>SMS GO\"))\n"
	                       "  d0 -.-> n0\n"
	                       "  d1((\"*5*1#35;\"))\n"
	                       "  d1 -.-> n1\n"
	                       "  n0[\"home #40;menu#41;<br/>Say #34;hi#34; #35;1\"]\n"
	                       "  n1[/\"code #40;ask#41;<br/>Code?<br/>saves code: digits, 1 to 4\"/]\n"
	                       "  n2{\"ways #40;when#41;\"}\n"
	                       "  n3([\"bye #40;end#41;<br/>Bye\"])\n"
	                       "  n0 -->|\"1 Tell us your #60;name#62; #38; wher...\"| n1\n"
	                       "  n0 -->|\"2 Leave\"| n3\n"
	                       "  n1 --> n2\n"
	                       "  n2 -->|\"registered\"| n3\n"
	                       "  n2 -->|\"else\"| n0\n");
	free(text);
	text = draw(MAP_MERMAID, 1, NULL);
	ck_assert_ptr_nonnull(strstr(text, "Sema"));
	free(text);
}
END_TEST

START_TEST(counts_stand_on_screens)
{
	struct map_counts counts[4] = {{.is_known = true,
	                                .entered = 120,
	                                .bad_inputs = 3,
	                                .drops = {5, 20, 1, 2},
	                                .median_ms = 6250},
	                               {.is_known = true, .entered = 10, .median_ms = -1}};
	char *text;

	load(small);
	text = draw(MAP_DOT, 0, counts);
	ck_assert_ptr_nonnull(
		strstr(text, "\\n120 entered, 28 left (cancelled 5, network 20, app slow 1, ours 2)\\n3 bad "
	                     "answers\\nmedian 6.2 s\", shape=box, style=filled, fillcolor=\"#ffd6d6\"]"));
	ck_assert_ptr_nonnull(strstr(text, "1 to 4\\n10 entered, 0 left\", shape"));
	ck_assert_ptr_nonnull(strstr(text, "bye (end)\\nBye\", shape"));
	free(text);
}
END_TEST

/* Every kind, and texts that mean something to those who draw. */
static const char every_kind[] =
	"code = \"*5#\"; languages = [ \"en\", \"sw\" ]; start = \"home\"; screens = {\n"
	"home = { say = \"\\\\\\\" ]; } -> n9 <b>&amp; \\n%% \"; menu = ( ( \"[x] {{y} |z| (`)\", \"agree\" "
	"), ( \"App\", \"app\" ) ); };\n"
	"agree = { say = \"STOP?\"; consent = { to = \"profile\"; yes = ( \"Yes\", \"town\" ); no = ( "
	"\"No\", \"bye\" ); }; };\n"
	"town = { say = \"Town?\"; list = { save = \"town\"; rows = ( ( \"a\", \"A\" ), ( \"b\", \"B\" ) ); "
	"}; next = \"role\"; };\n"
	"role = { say = \"Role?\"; pick = { save = \"role\"; of = ( ( \"head\", \"Head\" ), ( \"job\", "
	"\"Job\" ) ); }; next = \"gift\"; };\n"
	"gift = { give = { bundle = \"100MB\"; once = \"x\"; else = \"bye\"; again = \"bye\"; }; sms = "
	"\"Yours\"; end = \"Yours\"; };\n"
	"app = { app = { url = \"http://127.0.0.1/?a=1&b=2\"; speaks = \"nalo\"; within = \"2s\"; else = "
	"\"bye\"; }; };\n"
	"bye = { withdraw = \"profile\"; end = \"Bye {balance}\"; };\n};";

START_TEST(graphviz_reads_every_kind)
{
	char *text;
	FILE *dot;

	if (system("command -v dot >/dev/null 2>&1") != 0) { // NOLINT(cert-env33-c): our own words
		puts("graphviz is not installed: its reading is not tried");
		return;
	}
	load(every_kind);
	text = draw(MAP_DOT, 0, NULL);
	dot = popen("dot -Tsvg >/dev/null", "w"); // NOLINT(cert-env33-c)
	ck_assert_ptr_nonnull(dot);
	ck_assert_int_ge(fputs(text, dot), 0);
	ck_assert_int_eq(pclose(dot), 0);
	free(text);
}
END_TEST

START_TEST(median_of_buckets)
{
	static const struct {
		int64_t bucket[12];
		int64_t median;
	} cases[] = {
		{{0}, -1},
		{{10}, 500},
		{{0, 10}, 1500},
		{{0, 0, 10}, 3000},
		{{10, 10}, 1000},
		{{1, 0, 3}, 2666},
		{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5}, 1024000},
	};

	ck_assert_int_eq(map_median(cases[_i].bucket, 12), cases[_i].median);
}
END_TEST

/* --- strings ---------------------------------------------------------------------------------------------------- */

static char *strings(const char *language)
{
	struct strings *s = strings_new(language);
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	ck_assert(s != NULL && to != NULL);
	ck_assert_int_eq(strings_add(s, w.book, NULL), RC_OK);
	strings_print(s, to);
	fclose(to);
	strings_free(s);
	return text;
}

START_TEST(template_for_translators)
{
	static const char text[] =
		"code = \"*5#\"; languages = [ \"en\", \"sw\" ]; start = \"a\"; screens = {\n"
		"a = { say = [ \"Hello\", \"Habari\" ]; menu = ( ( [ \"Yes\", \"Ndiyo\" ], \"b\" ),\n( [ "
		"\"Yes!\", \"Naam\" ], \"c\" ) ); };\n"
		"b = { say = \"One\\n\\\"two\\\"\"; menu = ( ( [ \"Yes\", \"Naam\" ], \"c\" ) ); };\n"
		"c = { end = \"Hello\"; };\n};";
	char *out;

	load(text);
	out = strings(NULL);
	ck_assert_ptr_nonnull(
		strstr(out, "\n#. a, say: at most 147 characters, values not counted\n#: test.conf:2\n#: "
	                    "test.conf:5\nmsgctxt \"test\"\nmsgid \"Hello\"\nmsgstr \"\"\n"));
	ck_assert_ptr_nonnull(strstr(out, "msgid \"\"\n\"One\\n\"\n\"\\\"two\\\"\"\nmsgstr \"\"\n"));
	free(out);
	out = strings("sw");
	ck_assert_ptr_nonnull(strstr(out, "msgctxt \"test\"\nmsgid \"Yes\"\nmsgstr \"Ndiyo\"\n"));
	/* the same words, another translation on screen b */
	ck_assert_ptr_nonnull(strstr(out, "msgctxt \"test/b\"\nmsgid \"Yes\"\nmsgstr \"Naam\"\n"));
	ck_assert_ptr_nonnull(strstr(out, "\"Language: sw\\n\"\n"));
	free(out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("map");
	TCase *t = tcase_create("map");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, dot_word_for_word);
	tcase_add_test(t, mermaid_word_for_word);
	tcase_add_test(t, counts_stand_on_screens);
	tcase_add_test(t, graphviz_reads_every_kind);
	tcase_add_loop_test(t, median_of_buckets, 0, 7);
	tcase_add_test(t, template_for_translators);
	suite_add_tcase(s, t);
	return run_suite(s);
}
