/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dialects.conf: what is inherited, what is refused and with which words, and that what is printed can be
 * read again. */
#include "gateway/dialect_keys.h"
#include "gateway/trouble.h"
#include "tests/dialects_world.h"
#include "tests/run_suite.h"

/* Blocks after which a finding says this, with this remedy. */
static const struct {
	const char *file, *what, *remedy;
} faults[] = {
	/* keys */
	{"dialects = ( { name = \"x\"; unknwon_op = \"begin\"; } );",
         "unknown key \"unknwon_op\" in a dialect", "did you mean \"unknown_op\"?"},
	{"dialects = ( { name = \"x\"; sesion = { tag = 1; }; } );", "unknown key \"sesion\"",
         "did you mean \"session\"?"},
	{"dialects = ( { name = \"x\"; session = { tga = 1; }; } );", "unknown key \"tga\" in session",
         "did you mean \"tag\"?"},
	{"dialects = ( { name = \"x\"; extra = ( { tag = 0x1400; valu = \"00\"; } ); } );",
         "unknown key \"valu\" in extra", "did you mean \"value\"?"},
	{"dialcts = ( );", "unknown key \"dialcts\"", "write dialects"},
	{"dialects = { name = \"x\"; };", "dialects must be a list", "write ("},
	{"dialects = ( 5 );", "is not a group", "write {"},
	{"dialects = ( { name = \"x\"; session = 5; } );", "session must be a group", "write {"},
	/* types and ranges */
	{"dialects = ( { name = \"x\"; ops_out = { end = 256; }; } );",
         "ops_out.end = 256 (0x100) is out of range", "0..0xff"},
	{"dialects = ( { name = \"x\"; ops_out = { end = -1; }; } );", "ops_out.end must be a number",
         "0..0xff"},
	{"dialects = ( { name = \"x\"; ops_out = { end = \"017\"; }; } );",
         "ops_out.end must be a number: 17 or 0x11", "0..0xff"},
	{"dialects = ( { name = \"x\"; ops_out = { end = \"0x\"; }; } );", "must be a number", "0..0xff"},
	{"dialects = ( { name = \"x\"; ops_out = { end = 1.5; }; } );", "must be a number", "0..0xff"},
	{"dialects = ( { name = \"x\"; service = { ton = 8; }; } );", "service.ton = 8 (0x8) is out of range",
         "0..7"},
	{"dialects = ( { name = \"x\"; code_from = \"txt\"; } );", "code_from = \"txt\" is not known",
         "did you mean \"text\"?"},
	{"dialects = ( { name = \"x\"; code_from = \"elsewhere\"; } );", "is not known",
         "\"destination\", \"text\""},
	{"dialects = ( { name = \"x\"; can_push = \"yes\"; } );", "can_push must be true or false",
         "true or false"},
	{"dialects = ( { name = \"x\"; service_type = \"TOOLONG\"; } );",
         "service_type = \"TOOLONG\" is too long", "0..5 bytes"},
	{"dialects = ( { name = \"x\"; idle = \"90\"; } );", "idle must be a duration", "1h"},
	{"dialects = ( { name = \"x\"; answer = { validity = \"10m\"; }; } );", "is no time",
         "16 characters"},
	{"dialects = ( { name = \"x\"; ops_in = { begin = 1; }; } );", "ops_in.begin must be an array",
         "each"},
	{"dialects = ( { name = \"x\"; echo = [ 1, 2, 3, 4 ]; } );", "echo has 4 entries", "up to 3"},
	{"dialects = ( { name = \"x\"; detect = { codes = [ \"*123#\" ]; }; } );", "no short code",
         "write \"123\""},
	{"dialects = ( { name = \"x\"; extra = ( { tag = 0x1400; value = \"0g\"; } ); } );",
         "no hexadecimal digit", "1..16 octets"},
	{"dialects = ( { name = \"x\"; extra = ( { tag = 0x1400; value = \"0\"; } ); } );", "must be octets",
         "1..16 octets"},
	{"dialects = ( { name = \"x\"; extra = ( { value = \"00\"; } ); } );", "has no tag or no value",
         "write {"},
	{"dialects = ( { name = \"x\"; extra = ( { tag = 1; value = \"00\"; says = [ \"ende\" ]; } ); } );",
         "extra.says = \"ende\" is not known", "did you mean \"end\"?"},
	/* names */
	{"dialects = ( { about = \"x\"; } );", "a dialect has no name", "links[].dialect"},
	{"dialects = ( { name = \"x\"; },\n{ name = \"x\"; } );",
         "dialect \"x\" stands twice (first on line 1)", "its own name"},
	{"dialects = ( { name = \"standard\"; }, { name = \"standard\"; } );", "stands twice",
         "its own name"},
	{"dialects = ( { name = \"x\"; like = \"standart\"; } );", "like = \"standart\" is not known",
         "did you mean \"standard\"?"},
	{"dialects = ( { name = \"x\"; like = \"x\"; } );", "like = \"x\" is not known above",
         "stands above"},
	{"dialects = ( { name = \"x\"; like = \"later\"; }, { name = \"later\"; } );", "is not known above",
         "stands above"},
	/* contradictions */
	{"dialects = ( { name = \"x\"; ops_in = { begin = [ 5 ]; continue = [ 5 ]; }; } );",
         "op 0x05 (5) stands in ops_in.begin and in ops_in.continue", "one meaning"},
	{"dialects = ( { name = \"x\"; coding_in = { gsm7 = [ 5 ]; ucs2 = [ 5 ]; }; } );",
         "data_coding 0x05 (5) stands in coding_in.gsm7 and in coding_in.ucs2", "one alphabet"},
	{"dialects = ( { name = \"x\"; session = { tag = 0x1500; length = 1; mask = 0xff; end_bit = 0x100; }; } );",
         "0x0100 (256) is outside of a TLV of 1 octets", "that the TLV has"},
	{"dialects = ( { name = \"x\"; session = { tag = 0x1500; length = 1; end_bit = 0; }; } );",
         "session.mask 0xff00 leaves nothing of 1 octets", "stay the same"},
	{"dialects = ( { name = \"x\"; session = { mask = 0x1ff00; }; } );", "is wider than 2 octets",
         "stay the same"},
	{"dialects = ( { name = \"x\"; session = { mask = 0xffff; }; } );", "holds the end bit",
         "out of the mask"},
	{"dialects = ( { name = \"x\"; session = { mask = 0xfffe; unit = \"increment\"; }; } );",
         "holds what session.unit counts", "0xff00"},
	{"dialects = ( { name = \"x\"; session = { tag = 0x020c; length = 4; mask = 1; end_bit = 0; }; } );",
         "TLV 0x020c (524) is never of 4 octets", "another session.tag"},
	{"dialects = ( { name = \"x\"; session = { tag = 0; demanded = true; }; } );",
         "session.demanded without a session.tag", "leave it out"},
	{"dialects = ( { name = \"x\"; session = { end_bit = 0; set_end_bit = true; }; } );", "there is none",
         "give session.end_bit"},
	{"dialects = ( { name = \"x\"; ops_out = { continue = \"none\"; }; } );",
         "ops_out.continue is missing", "0x02 (2)"},
	{"dialects = ( { name = \"x\"; ops_out = { end = 2; }; session = { set_end_bit = false; }; } );",
         "op 0x02 (2) goes out for a screen that wants an answer and for the last one", "set_end_bit"},
	{"dialects = ( { name = \"x\"; ops_out = { end = \"none\"; }; session = { set_end_bit = false; }; } );",
         "ops_out.end is missing", "0x11 (17)"},
	{"dialects = ( { name = \"x\"; can_push = false; ops_out = { push = 2; }; } );",
         "ops_out.push is given, but can_push is false", "set can_push"},
	{"dialects = ( { name = \"x\"; ops_out = { push = \"none\"; notify = \"none\"; }; } );",
         "no op says so", "can_push to false"},
	{"dialects = ( { name = \"x\"; echo = [ 0x1383 ]; } );", "TLV 0x1383 (4995) would go out twice",
         "one out"},
	{"dialects = ( { name = \"x\"; extra = ( { tag = 0x0424; value = \"00\"; } ); } );",
         "it can be nothing else", "text.in_payload"},
	{"dialects = ( { name = \"x\"; code_from = \"tlv\"; } );", "without a code_tag", "give code_tag"},
	{"dialects = ( { name = \"x\"; code_tag = 0x1400; } );", "says nothing with this code_from",
         "\"tlv\""},
	{"dialects = ( { name = \"x\"; text = { coding_ucs2 = 0; }; } );",
         "goes out for GSM 7-bit and for UCS-2", "0x08 (8)"},
	{"dialects = ( { name = \"x\"; text = { ucs2 = false; coding_ucs2 = 24; }; } );",
         "something is said about UCS-2", "leave"},
	{"dialects = ( { name = \"x\"; detect = { op_tag = 0; op = true; }; } );", "true without an op_tag",
         "op_tag"},
	{"dialects = ( { name = \"x\"; sms = { receipts = false; receipts_failures = true; }; } );",
         "receipts_failures without", "sms.receipts"},
	{"dialects = ( { name = \"x\"; sms = { esm_class = 0x40; }; } );", "tells of a header",
         "leave the bit"},
	/* timers */
	{"dialects = ( { name = \"x\"; idle = \"1ms\"; } );", "idle leaves nobody the time", "1s or more"},
	{"dialects = ( { name = \"x\"; answer_within = \"99ms\"; } );", "leaves us no time", "100ms or more"},
	/* warnings: a TLV read by what another one means */
	{"dialects = ( { name = \"x\"; session = { tag = 0x1501; length = 4; }; } );",
         "session.tag is given without session.mask and session.end_bit", "end_bit = 0"},
	{"dialects = ( { name = \"x\"; session = { tag = 0x1501; length = 4; mask = 0xffffff00; }; } );",
         "session.tag is given without session.mask and session.end_bit", "end_bit = 0"},
	{"dialects = ( { name = \"x\"; session = { length = 4; end_bit = 0; }; } );",
         "session.length is given without session.mask and session.end_bit", "end_bit = 0"},
	/* warnings: decimal and hexadecimal, and nothing that is USSD */
	{"dialects = ( { name = \"x\"; ops_out = { end = 0x17; }; } );", "op 0x17 (23) is none of SMPP's",
         "write 0x11 or 17"},
	{"dialects = ( { name = \"x\"; ops_in = { continue = [ 12 ]; }; } );",
         "op 0x0c (12) is none of SMPP's", "write 0x12 or 18"},
	{"dialects = ( { name = \"x\"; detect = { op = false; service_type = \"\"; }; } );",
         "every message is an SMS", "detect.op"},
};

START_TEST(fault)
{
	struct findings *findings = findings_new();
	struct dialects *all = NULL;
	enum rc rc = world_load(faults[_i].file, findings, &all);
	bool found = false;

	for (size_t i = 0; i < findings_count(findings); i++) {
		const struct finding *f = findings_at(findings, i);

		ck_assert_int_gt(f->line, 0);
		found = found || (strstr(f->what, faults[_i].what) && strstr(f->remedy, faults[_i].remedy));
	}
	if (!found)
		findings_print(findings, stderr);
	ck_assert_msg(found, "no finding: %s", faults[_i].what);
	ck_assert_int_eq(rc, findings_errors(findings) ? RC_SYNTAX : RC_OK);
	dialects_free(all);
	findings_free(findings);
}
END_TEST

START_TEST(without_a_file)
{
	struct findings *findings = findings_new();
	struct dialects *all = NULL;

	ck_assert_int_eq(dialects_load(NULL, findings, &all), RC_OK);
	ck_assert_uint_eq(dialects_count(all), 1);
	ck_assert_str_eq(dialects_at(all, 0)->name, "standard");
	ck_assert_ptr_null(dialects_at(all, 1));
	ck_assert_ptr_null(dialects_by_name(all, "nonesuch"));
	ck_assert_str_eq(dialects_nearest(all, "standrad"), "standard");
	dialects_free(all);
	all = NULL;
	ck_assert_int_eq(dialects_load("/nonexistent/dialects.conf", findings, &all), RC_NOTFOUND);
	ck_assert_ptr_null(all);
	findings_free(findings);
}
END_TEST

START_TEST(what_is_inherited)
{
	struct findings *findings = findings_new();
	struct dialects *all = NULL;
	const struct dialect *d;

	ck_assert_int_eq(
		world_load("dialects = ( { name = \"standard\"; service_type = \"U\"; },"
	                   "{ name = \"a\"; about = \"first\"; ops_in = { timeout = [ 0x82, 0x11 ]; }; },"
	                   "{ name = \"b\"; like = \"a\"; text = { max_septets = 100; }; } );",
	                   findings, &all),
		RC_OK);
	ck_assert_uint_eq(findings_count(findings), 0);
	ck_assert_uint_eq(dialects_count(all), 3);
	d = dialects_by_name(all, "b");
	ck_assert_str_eq(d->service_type, "U"); /* through a from the written over "standard" */
	ck_assert_str_eq(d->about, "");         /* what it rests on is its own */
	ck_assert_uint_eq(d->max_septets, 100);
	ck_assert_uint_eq(dialects_by_name(all, "a")->max_septets, 182);
	ck_assert_uint_eq(d->n_ops, 8); /* 0x11 has left abort, 0x82 is new */
	dialects_free(all);
	findings_free(findings);
}
END_TEST

/* Both bases, as numbers and in quotes: the same dialect. */
START_TEST(hexadecimal_and_decimal)
{
	static const char *const ways[] = {"0x81", "129", "\"0x81\"", "\"129\"", "0x0081", "\"0X81\""};
	char keys[200];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct dialect d;

		snprintf(keys, sizeof(keys), "ops_out = { release = %s; }; session = { tag = %s; };", ways[i],
		         ways[i]);
		d = world_dialect(keys);
		ck_assert_uint_eq(d.op_out[DIALECT_SAY_RELEASE].op, 129);
		ck_assert_uint_eq(d.session_tag, 129);
	}
	ck_assert_uint_eq(world_dialect("session = { tag = 1; length = 4; mask = 0xffff0000; end_bit = 0; };")
	                          .session_mask,
	                  0xffff0000);
	ck_assert_uint_eq(
		world_dialect("session = { tag = 1; length = 4; mask = 4294901760L; end_bit = 0; };")
			.session_mask,
		0xffff0000);
}
END_TEST

static void check_same(const struct dialect *a, const struct dialect *b)
{
	char x[DIALECT_KEY_TEXT_SIZE], y[DIALECT_KEY_TEXT_SIZE];

	for (size_t i = 0; i < dialect_keys_count; i++)
		ck_assert_msg(strcmp(dialect_key_text(&dialect_keys[i], a, x),
		                     dialect_key_text(&dialect_keys[i], b, y)) == 0,
		              "%s: %s.%s is %s, was %s", a->name, dialect_keys[i].group, dialect_keys[i].name,
		              y, x);
}

START_TEST(printed_and_read_again)
{
	struct dialects *all = world_shipped();

	for (size_t i = 0; i < 2 * dialects_count(all); i++) {
		const struct dialect *d = dialects_at(all, i / 2);
		struct findings *findings = findings_new();
		struct dialects *again = NULL;
		char *words = NULL;
		size_t size = 0;
		FILE *to = open_memstream(&words, &size);

		fputs("dialects = (\n", to);
		dialect_print(d, i % 2 ? &dialect_standard : NULL, to);
		fputs(");\n", to);
		fclose(to);
		if (world_load(words, findings, &again) != RC_OK)
			findings_print(findings, stderr);
		ck_assert_msg(again != NULL, "%s", words);
		check_same(d, dialects_by_name(again, d->name));
		dialects_free(again);
		findings_free(findings);
		free(words);
	}
	dialects_free(all);
}
END_TEST

START_TEST(every_key_is_whole)
{
	for (size_t i = 0; i < dialect_keys_count; i++) {
		const struct dialect_key *k = &dialect_keys[i];

		ck_assert_ptr_eq(dialect_key_by_name(k->group, k->name), k); /* no doubles */
		ck_assert_msg(k->help && *k->help && !strchr(k->help, '|'), "%s.%s has no help", k->group,
		              k->name);
		ck_assert_uint_le(k->least, k->most);
	}
}
END_TEST

static char *manual(void)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	char *text = calloc(1, 200000);
	FILE *file;

	snprintf(path, sizeof(path), "%s/docs/dialects.md", srcdir ? srcdir : ".");
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_gt(fread(text, 1, 199999, file), 1000);
	fclose(file);
	return text;
}

START_TEST(examples_of_the_manual_load)
{
	char *text = manual(), *at = text, *end;
	size_t n = 0;

	while ((at = strstr(at, "```libconfig\n")) != NULL) {
		struct findings *findings = findings_new();
		struct dialects *all = NULL;
		char words[8192];

		at += strlen("```libconfig\n");
		end = strstr(at, "```");
		ck_assert_ptr_nonnull(end);
		snprintf(words, sizeof(words), *at == '{' ? "dialects = ( %.*s );" : "%.*s", (int)(end - at),
		         at);
		if (world_load(words, findings, &all) != RC_OK)
			findings_print(findings, stderr);
		ck_assert_msg(all != NULL, "%s", words);
		dialects_free(all);
		findings_free(findings);
		at = end;
		n++;
	}
	ck_assert_uint_ge(n, 18);
	free(text);
}
END_TEST

START_TEST(the_manual_tells_of_every_key)
{
	char *text = manual();

	for (size_t i = 0; i < dialect_keys_count; i++)
		ck_assert_msg(strstr(text, dialect_keys[i].name), "%s.%s is not in docs/dialects.md",
		              dialect_keys[i].group, dialect_keys[i].name);
	free(text);
}
END_TEST

START_TEST(troubles_are_counted_by_link_and_key)
{
	static struct troubles t;
	struct dialect_trouble ops = {"ops_in", "op 0x63 (99)"}, code = {"code_from", "..."};
	int a, b;

	for (int i = 0; i < 3; i++)
		trouble_count(&t, &a, &ops);
	trouble_count(&t, &b, &ops);
	trouble_count(&t, &a, &code);
	ck_assert_uint_eq(trouble_of(&t, &a, "ops_in"), 3);
	ck_assert_uint_eq(trouble_of(&t, &b, "ops_in"), 1);
	ck_assert_uint_eq(trouble_of(&t, &a, "code_from"), 1);
	ck_assert_uint_eq(trouble_of(&t, &b, "code_from"), 0);
	for (uintptr_t i = 0; i < TROUBLES_MAX; i++)
		trouble_count(&t, (const char *)&t + i, &ops);
	ck_assert_uint_eq(t.n, TROUBLES_MAX);
	ck_assert_uint_eq(t.beyond, 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dialects_conf");
	TCase *tc = tcase_create("dialects_conf");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, fault, 0, (int)(sizeof(faults) / sizeof(faults[0])));
	tcase_add_test(tc, without_a_file);
	tcase_add_test(tc, what_is_inherited);
	tcase_add_test(tc, hexadecimal_and_decimal);
	tcase_add_test(tc, printed_and_read_again);
	tcase_add_test(tc, every_key_is_whole);
	tcase_add_test(tc, examples_of_the_manual_load);
	tcase_add_test(tc, the_manual_tells_of_every_key);
	tcase_add_test(tc, troubles_are_counted_by_link_and_key);
	return run_suite(suite);
}
