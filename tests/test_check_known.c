/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the loader and the checker say of questions that their fields do not fit, of consents, and of gifts that hang on
 * marketing: each with its line, its rule and its remedy; and what looks like it and is none.
 */
#include <check.h>
#include <string.h>

#include "menus/check.h"
#include "tests/known_world.h"
#include "tests/run_suite.h"

#define Q(body) TOP "a = { say = \"Q 25/12/1990\"; " body "; next = \"z\"; };" END
#define GIFT(name) \
	name " = { give = { bundle = \"100MB\"; once = \"x\"; else = \"z\"; }; sms = \"x\"; end = \"Yours\"; };\n"
#define HANGS(sql, then, otherwise)                                                                 \
	TOP "a = { when = ( ( \"" sql "\", \"" then "\" ), ( \"else\", \"" otherwise "\" ) ); };\n" \
	    "b = { say = \"Take it?\"; menu = ( ( \"Yes\", \"g\" ), ( \"No\", \"z\" ) ); };\n" GIFT("g") END

static const struct bad {
	const char *text;
	enum finding_level level; /* and */
	int line, rule;
	const char *what, *remedy; /* what NULL = nothing of that level about this rule */
} bads[] = {
	{TOP CONSENT("a", "ofers", "z", "n", "") END, FINDING_ERROR, 2, 13, "has no purpose \"ofers\"",
         "\"offers\""},
	{TOP CONSENT("a", "wildly-else", "z", "n", "") END, FINDING_ERROR, 2, 13, "has no purpose",
         "\"purposes\""},
	{TOP "a = { withdraw = \"profil\"; end = \"x\"; };" END, FINDING_ERROR, 2, 13,
         "has no purpose \"profil\"", "\"profile\""},
	{TOP CONSENT("a", "offers", "z", "n", "ask = \"allways\"; ") END, FINDING_ERROR, 2, 13, "when to ask",
         "\"always\""},
	{TOP CONSENT("a", "offers", "z", "n", "version = 3; ") END, FINDING_ERROR, 2, 0,
         "version must be text", "version ="},
	{Q("ask = { save = \"code\"; once = 1; }"), FINDING_ERROR, 2, 0, "\"once\" must be true or false",
         "once = true"},
	{TOP "a = { stop = \"yes\"; end = \"x\"; };" END, FINDING_ERROR, 2, 0, "\"stop\" must be true",
         "stop = true"},
	{TOP "a = { copy = true; say = \"x\"; menu = ( ( \"y\", \"z\" ) ); };" END, FINDING_ERROR, 2, 0,
         "\"copy\" does not belong", "\"end\""},
	{TOP
         "a = { say = \"x\"; menu = ( ( \"y\", \"b\" ), ( \"n\", \"z\" ) ); };\nb = { erase = true; copy = true; end = "
         "\"x\"; };" END,
         FINDING_ERROR, 3, 0, "promises a copy", "screen of its own"},
	/* a question that its field does not fit */
	{Q("ask = { save = \"born\"; as = \"text\"; length = [ 1, 9 ]; }"), FINDING_ERROR, 2, 0,
         "\"born\" is a date in profile.conf, and this asks for a text", "as = \"date\""},
	{Q("ask = { save = \"code\"; as = \"digits\"; length = [ 1, 9 ]; }"), FINDING_ERROR, 2, 0,
         "is a number", "as = \"number\""},
	{Q("ask = { save = \"town\"; as = \"pin\"; }"), FINDING_ERROR, 2, 0, "is a place", "as = \"text\""},
	{Q("ask = { save = \"role\"; length = [ 1, 9 ]; }"), FINDING_ERROR, 2, 0,
         "only what profile.conf lists", "\"pick\""},
	{Q("ask = { save = \"code\"; range = [ 1, 50 ]; }"), FINDING_ERROR, 2, 0,
         "no answers beyond 18 and 99", "range = [ 18, 99 ]"},
	{Q("ask = { save = \"town\"; length = [ 1, 40 ]; }"), FINDING_ERROR, 2, 8, "2 to 30 letters",
         "length = [ 2, 30 ]"},
	{Q("ask = { save = \"born\"; range = [ 1, 2 ]; }"), FINDING_ERROR, 2, 0, "a date has no range",
         "profile.conf"},
	{Q("pick = { save = \"code\"; of = ( ( \"17\", \"x\" ), ( \"18\", \"y\" ) ); }"), FINDING_ERROR, 2, 0,
         "\"17\" cannot be saved here", "from 18 to 99"},
	{Q("pick = { save = \"role\"; of = ( ( \"haed\", \"x\" ), ( \"job\", \"y\" ) ); }"), FINDING_ERROR, 2,
         0, "\"haed\" cannot be saved here", "\"head\""},
	{Q("pick = { save = \"role\"; several = true; of = ( ( \"head\", \"x\" ), ( \"job\", \"y\" ) ); }"),
         FINDING_ERROR, 2, 0, "several choices cannot be saved to \"role\"", "several = true"},
	{Q("list = { save = \"born\"; rows = ( ( \"1990\", \"x\" ), ( \"1990-01-01\", \"y\" ) ); }"),
         FINDING_ERROR, 2, 0, "\"1990\" cannot be saved here", "a date such as"},
	/* what is kept for ever shows nobody */
	{TOP
         "a = { say = \"{name|You}: Acme keeps it. STOP ends it. OK?\"; consent = { to = \"profile\"; yes = ( \"Yes\", "
         "\"z\" ); no = ( \"No\", \"n\" ); }; };" END,
         FINDING_ERROR, 2, 13, "shows {name}", "kept for ever"},
	{TOP
         "a = { say = \"{msisdn}: Acme keeps it. STOP ends it. OK?\"; consent = { to = \"profile\"; yes = ( \"Yes\", "
         "\"z\" ); no = ( \"No\", \"n\" ); }; };" END,
         FINDING_ERROR, 2, 13, "shows {msisdn}", "kept for ever"},
	{TOP
         "a = { say = \"{role|You}: Acme keeps it. STOP ends it. OK?\"; consent = { to = \"profile\"; yes = ( \"Yes\", "
         "\"z\" ); no = ( \"No\", \"n\" ); }; };" END,
         FINDING_ERROR, 0, 13, NULL, NULL},
	/* no gift hangs on marketing */
	{TOP CONSENT("a", "offers", "g", "n", "") GIFT("g") OUT("offers") END, FINDING_ERROR, 3, 13,
         "gives only to those who agree to \"offers\"", "let \"no\" lead to the gift"},
	{TOP CONSENT("a", "offers", "g", "g", "") GIFT("g") OUT("offers") END, FINDING_ERROR, 0, 13, NULL,
         NULL},
	{TOP CONSENT("a", "profile", "g", "n", "") GIFT("g") OUT("profile") END, FINDING_ERROR, 0, 13, NULL,
         NULL},
	{TOP "a = { when = ( ( \"consent_offers\", \"b\" ), ( \"else\", \"n\" ) ); };\n"
             "b = { say = \"Take it?\"; menu = ( ( \"Yes\", \"g\" ), ( \"No\", \"z\" ) ); };\n" GIFT("g") END,
         FINDING_ERROR, 4, 13, "gives only to those who agree to \"offers\"", "apart from it"},
	{TOP "a = { when = ( ( \"not consent_offers\", \"n\" ), ( \"else\", \"b\" ) ); };\n"
             "b = { say = \"Take it?\"; menu = ( ( \"Yes\", \"g\" ), ( \"No\", \"z\" ) ); };\n" GIFT("g") END,
         FINDING_ERROR, 4, 13, "gives only to those who agree", "apart from it"},
	{TOP "a = { when = ( ( \"refused_offers\", \"n\" ), ( \"else\", \"b\" ) ); };\n"
             "b = { say = \"Take it?\"; menu = ( ( \"Yes\", \"g\" ), ( \"No\", \"z\" ) ); };\n" GIFT("g") END,
         FINDING_ERROR, 4, 13, "gives only to those who agree", "apart from it"},
	{TOP "a = { when = ( ( \"not consent_offers\", \"b\" ), ( \"else\", \"n\" ) ); };\n"
             "b = { say = \"Take it?\"; menu = ( ( \"Yes\", \"g\" ), ( \"No\", \"z\" ) ); };\n" GIFT("g") END,
         FINDING_ERROR, 0, 13, NULL, NULL},
	/* nor in a longer expression, by a field that is kept under it, or by STOP: both outcomes must have a way */
	{HANGS("consent_offers = 1", "b", "n"), FINDING_ERROR, 4, 13, "gives only to those who agree",
         "split"},
	{HANGS(" consent_offers", "b", "n"), FINDING_ERROR, 4, 13, "gives only to those who agree", "split"},
	{HANGS("consent_offers is true", "b", "n"), FINDING_ERROR, 4, 13, "gives only to those who agree",
         "split"},
	{HANGS("registered and consent_offers", "b", "n"), FINDING_ERROR, 4, 13, "gives only", "split"},
	{HANGS("not (not consent_offers)", "b", "n"), FINDING_ERROR, 4, 13, "gives only", "split"},
	{HANGS("not (CONSENT_OFFERS and registered)", "n", "b"), FINDING_ERROR, 4, 13, "gives only", "split"},
	{HANGS("not stopped", "b", "n"), FINDING_ERROR, 4, 13, "gives only", "split"},
	{HANGS("registered and consent_offers", "b", "b"), FINDING_ERROR, 0, 13, NULL, NULL},
	{HANGS("role = 'consent_offers'", "b", "n"), FINDING_ERROR, 0, 13, NULL, NULL},
	{HANGS("registered and consent_profile", "b", "n"), FINDING_ERROR, 0, 13, NULL, NULL},
	/* a no to marketing may lead where a yes does; one to anything else should be seen to count */
	{TOP CONSENT("a", "offers", "b", "b",
                     "") "b = { say = \"On?\"; menu = ( ( \"x\", \"z\" ) ); };\n" OUT("offers") END,
         FINDING_WARNING, 0, 13, NULL, NULL},
	{TOP CONSENT("a", "profile", "b", "b",
                     "") "b = { say = \"On?\"; menu = ( ( \"x\", \"z\" ) ); };\n" OUT("profile") END,
         FINDING_WARNING, 2, 13, "whatever the answer is", "\"no\""},
	/* who has answered sees nothing and goes round */
	{TOP "a = { say = \"Q\"; ask = { save = \"code\"; once = true; }; next = \"b\"; };\n"
             "b = { say = \"Q 25/12/1990\"; ask = { save = \"born\"; once = true; }; next = \"a\"; };" END,
         FINDING_ERROR, 2, 3, "round in a circle", "always shown"},
	{TOP "a = { say = \"Q\"; ask = { save = \"code\"; once = true; }; next = \"b\"; };\n" CONSENT(
		 "b", "offers", "z", "a", "") OUT("offers") END,
         FINDING_ERROR, 2, 3, "round in a circle", "always shown"},
	/* nor does a no to marketing that is always asked about: who has said STOP is past it unseen, and nobody else */
	{TOP "a = { say = \"Q\"; ask = { save = \"code\"; once = true; }; next = \"b\"; };\n" CONSENT(
		 "b", "offers", "z", "a", "ask = \"always\"; ") OUT("offers") END,
         FINDING_ERROR, 2, 3, "round in a circle", "always shown"},
	{TOP "a = { say = \"Q\"; ask = { save = \"code\"; once = true; }; next = \"b\"; };\n" CONSENT(
		 "b", "offers", "a", "z", "ask = \"always\"; ") OUT("offers") END,
         FINDING_ERROR, 0, 3, NULL, NULL},
	{TOP "a = { say = \"Q\"; ask = { save = \"code\"; once = true; }; next = \"b\"; };\n" CONSENT(
		 "b", "profile", "z", "a", "ask = \"always\"; ") OUT("profile") END,
         FINDING_ERROR, 0, 3, NULL, NULL},
	{TOP "a = { say = \"Q\"; ask = { save = \"code\"; once = true; }; next = \"b\"; };\n"
             "b = { say = \"On?\"; menu = ( ( \"Again\", \"a\" ), ( \"End\", \"z\" ) ); };" END,
         FINDING_ERROR, 0, 3, NULL, NULL},
	/* a consent that stands asks nobody before everything goes */
	{TOP
         "a = { say = \"x\"; menu = ( ( \"y\", \"c\" ), ( \"w\", \"z\" ), ( \"v\", \"z\" ) ); };\n" CONSENT(
		 "c", "profile", "e", "n", "") "e = { erase = true; end = \"Gone\"; };\n" END,
         FINDING_ERROR, 4, 10, "straight after \"c\"", "two choices"},
};

START_TEST(what_is_wrong_is_told)
{
	const struct bad *bad = &bads[_i];
	bool found = false;

	(void)world_load(&w, bad->text);
	if (w.book != NULL)
		check_book(w.book, &w.env, w.findings);
	for (size_t i = 0; i < findings_count(w.findings); i++) {
		const struct finding *f = findings_at(w.findings, i);

		if (bad->what == NULL)
			found |= f->level == bad->level && f->rule == bad->rule &&
			         (bad->rule != 3 || strstr(f->what, "circle"));
		else
			found |= f->level == bad->level && f->line == bad->line && f->rule == bad->rule &&
			         strstr(f->what, bad->what) != NULL && strstr(f->remedy, bad->remedy) != NULL;
	}
	if (found != (bad->what != NULL))
		findings_print(w.findings, stderr);
	ck_assert_int_eq(found, bad->what != NULL);
}
END_TEST

/* Where no purposes are declared any name may stand, as before. */
START_TEST(purposes_need_not_be_declared)
{
	w.profile.n_purposes = 0;
	load(TOP CONSENT("a", "anything", "z", "n", "") OUT("anything") END);
	check_book(w.book, &w.env, w.findings);
	ck_assert_uint_eq(findings_errors(w.findings), 0);
	ck_assert(!w.book->screen[0].consent.is_marketing);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("check known");
	TCase *tc = tcase_create("check known");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, what_is_wrong_is_told, 0, sizeof bads / sizeof bads[0]);
	tcase_add_test(tc, purposes_need_not_be_declared);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
