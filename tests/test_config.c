/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration: what a minimal and a full file give, and for each fault its line, its words and its remedy. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/config.h"
#include "menus/country.h"
#include "tests/config_world.h"
#include "tests/run_suite.h"

#define LINKS "links = ( { name = \"a\"; host = \"h\"; } );\n"
#define MENUS "services = [ \"menus/join.conf\" ];\n"
#define PROFILE "profile = \"p.conf\";\n"
#define MINIMAL LINKS MENUS PROFILE "store = { sqlite = \"s.db\"; };\n"

static enum rc load(const char *text, struct findings **findings, struct config **c)
{
	*findings = findings_new();
	ck_assert_ptr_nonnull(*findings);
	write_file(conf, text);
	return config_load(conf, *findings, c);
}

static bool has(const struct findings *f, enum finding_level level, const char *file, int line,
                const char *what, const char *remedy)
{
	for (size_t i = 0; i < findings_count(f); i++) {
		const struct finding *one = findings_at(f, i);

		if (one->level == level && one->line == line && strcmp(one->file, file) == 0 &&
		    strstr(one->what, what) && strstr(one->remedy, remedy))
			return true;
	}
	findings_print(f, stderr);
	return false;
}

#define UCIP_URL " url = \"http://127.0.0.1/Air\";"
#define UCIP "charging = { kind = \"ucip\"; currency = \"KES\";" UCIP_URL
#define CGRATES "charging = { kind = \"cgrates\";" UCIP_URL

START_TEST(a_minimal_file_is_enough)
{
	struct findings *f;
	struct config *c;
	char path[80];

	ck_assert_int_eq(load(MINIMAL, &f, &c), RC_OK);
	ck_assert_uint_eq(findings_warnings(f), 0);
	ck_assert_uint_eq(c->n_links, 1);
	ck_assert_str_eq(c->link[0].name, "a");
	ck_assert_int_eq(c->link[0].port, 2775);
	ck_assert_int_eq(c->link[0].window, 100);
	ck_assert_int_eq(c->link[0].enquire_ms, 30000);
	ck_assert_str_eq(c->link[0].dialect, "standard");
	ck_assert_str_eq(c->link[0].password, "");
	ck_assert_int_eq(c->idle_ms, 180000);
	ck_assert_int_eq(c->answer_within_ms, 2500);
	ck_assert_int_eq(c->page, 160);
	ck_assert_int_eq(c->drain_ms, 30000);
	ck_assert_int_eq(c->charging.kind, CONFIG_LEDGER);
	ck_assert_str_eq(c->country.code, "");
	ck_assert_str_eq(c->http_listen, "");
	ck_assert_str_eq(c->control_path, "/run/starhash/control.sock");
	ck_assert_int_eq(c->log_level, LOG_LV_INFO);
	snprintf(path, sizeof path, "%s/menus/join.conf", folder); /* relative to the file */
	ck_assert_str_eq(c->service[0], path);
	snprintf(path, sizeof path, "%s/s.db", folder);
	ck_assert_str_eq(c->store_path, path);
	ck_assert_uint_eq(c->profile.n_fields, 1);
	config_free(c);
	findings_free(f);
}
END_TEST

START_TEST(a_charging_system_is_read)
{
	struct findings *f;
	struct config *c;

	write_file(secret, "s3cret\nmore\n");
	ck_assert_int_eq(chmod(secret, 0600), 0);
	ck_assert_int_eq(load(MINIMAL UCIP
	                      " user = \"u\"; password_file = \"s.secret\"; within = \"2s\"; settle = \"9s\";"
	                      " rate = 3; calls = 4; queue = 5; failures = 6; pause = \"7s\"; host = \"h\";"
	                      " node = \"N\"; version = \"4.2\"; zone = -300; };\n"
	                      "bundles = ( { name = \"a\"; code = \"da:4:100:6\"; price = 2500; },\n"
	                      " { name = \"b\"; code = \"refill:P1:0:6\"; },\n"
	                      " { name = \"c\"; code = \"offer:7:0\"; } );\n",
	                      &f, &c),
	                 RC_OK);
	ck_assert_uint_eq(findings_count(f), 0);
	ck_assert_int_eq(c->charging.kind, CONFIG_UCIP);
	ck_assert_str_eq(c->charging.url, "http://127.0.0.1/Air");
	ck_assert_str_eq(c->charging.user, "u");
	ck_assert_str_eq(c->charging.password, "s3cret");
	ck_assert_str_eq(c->charging.agent, "starhash/4.2/1.0");
	ck_assert_str_eq(c->charging.host, "h");
	ck_assert_str_eq(c->charging.node, "N");
	ck_assert_int_eq(c->charging.within_ms, 2000);
	ck_assert_int_eq(c->charging.settle_ms, 9000);
	ck_assert_int_eq(c->charging.pause_ms, 7000);
	ck_assert_int_eq(c->charging.rate, 3);
	ck_assert_int_eq(c->charging.calls, 4);
	ck_assert_int_eq(c->charging.queue_max, 5);
	ck_assert_int_eq(c->charging.failures, 6);
	ck_assert_int_eq(c->charging.zone, -300);
	ck_assert_int_eq(c->bundle[0].price, 2500);
	config_free(c);
	findings_free(f);
}
END_TEST

START_TEST(what_is_doubtful_of_charging_is_a_warning)
{
	struct findings *f;
	struct config *c;

	write_file(secret, "s3cret\n");
	ck_assert_int_eq(chmod(secret, 0644), 0);
	ck_assert_int_eq(load(MINIMAL
	                      "charging = { kind = \"ucip\"; currency = \"KES\"; url = \"http://air/Air\";\n"
	                      " password_file = \"s.secret\"; settle = \"4s\"; };\n"
	                      "bundles = ( { name = \"b\"; code = \"refill:P1:5\"; } );\n",
	                      &f, &c),
	                 RC_OK);
	ck_assert_uint_eq(findings_warnings(f), 4);
	ck_assert(has(f, FINDING_WARNING, conf, 5, "charging.settle is shorter", "at least charging.within"));
	ck_assert(has(f, FINDING_WARNING, conf, 5, "readable to everybody between", "https"));
	ck_assert(has(f, FINDING_WARNING, conf, 6, "can be read by everybody", "chmod"));
	ck_assert(has(f, FINDING_WARNING, conf, 7, "nothing tells", "refill:PROFILE:AMOUNT:ACCOUNT"));
	config_free(c);
	findings_free(f);
}
END_TEST

START_TEST(every_key_is_taken)
{
	struct findings *f;
	struct config *c;
	const struct config_bundle *b;

	ck_assert_int_eq(
		load("links = ( { name = \"a\"; host = \"h\"; port = 1; bind = \"transceiver\"; system_id = "
	             "\"i\";\n"
	             " password = \"pw\"; system_type = \"t\"; dialect = \"standard\"; group = \"g\"; window "
	             "= 7; queue = 8;\n"
	             " rate = 9; tls = false; connect_within = \"2s\"; response_within = \"3s\"; "
	             "enquire_after = \"0s\";\n"
	             " reconnect_min = \"300ms\"; reconnect_max = \"4s\"; } );\n"
	             "country = { code = \"254\"; trunk = \"0\"; };\n" MENUS PROFILE
	             "store = { sqlite = \"/x/s.db\"; }; charging = { kind = \"ledger\"; };\n"
	             "bundles = ( { name = \"100MB\"; gives = \"100 MB\"; valid = \"7d\"; code = \"D\"; }, { "
	             "name = \"x\"; } );\n"
	             "ussd = { idle = \"60s\"; answer_within = \"1s\"; page = 182; gsm_only = true; dialogues = 5; };\n"
	             "control = \"c.sock\"; http = { listen = \"127.0.0.1:8080\"; }; log = { level = "
	             "\"debug\"; };\n"
	             "drain = \"1m\";\n",
	             &f, &c),
		RC_OK);
	ck_assert_uint_eq(findings_count(f), 0);
	ck_assert_int_eq(c->link[0].port, 1);
	ck_assert_str_eq(c->link[0].password, "pw");
	ck_assert_str_eq(c->link[0].group, "g");
	ck_assert_int_eq(c->link[0].queue_max, 8);
	ck_assert_int_eq(c->link[0].rate, 9);
	ck_assert_int_eq(c->link[0].enquire_ms, 0);
	ck_assert_int_eq(c->link[0].reconnect_min_ms, 300);
	ck_assert_str_eq(c->country.code, "254");
	ck_assert_str_eq(c->country.trunk, "0");
	ck_assert_str_eq(c->store_path, "/x/s.db");
	ck_assert_int_eq(c->dialogues_max, 5);
	ck_assert_int_eq(c->log_level, LOG_LV_DEBUG);
	ck_assert_int_eq(c->drain_ms, 60000);
	b = config_bundle_by_name(c, "100MB");
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(b->valid_ms, 7 * INT64_C(86400000));
	ck_assert_str_eq(config_bundle_by_name(c, "x")->gives, "x"); /* the name when nothing is said */
	ck_assert_ptr_null(config_bundle_by_name(c, "y"));
	config_free(c);
	findings_free(f);
}
END_TEST

START_TEST(limits_are_read_whole)
{
	struct findings *f;
	struct config *c;
	const struct store_limits *l;
	char path[128];

	ck_assert_int_eq(
		load(MINIMAL
	             "bundles = ( { name = \"100MB\"; per_day = 7; }, { name = \"x\"; } );\n"
	             "limits = { new_number = \"7d\"; per_day = 2; day_starts = \"21h\"; };\n"
	             "budgets = ( { name = \"launch\"; gifts = 500; keys = [ \"join\", \"b\" ]; bundles = [ \"x\" ];"
	             " from = \"2026-12-01\"; until = \"2027-01-01T00:00+03:00\"; } );\n"
	             "velocity = ( { name = \"farm\"; per = \"block\"; digits = 9; gifts = 20; within = \"1h\"; },"
	             " { name = \"fast\"; bundle = \"x\"; gifts = 5; within = \"10m\"; then = \"refuse\"; } );\n",
	             &f, &c),
		RC_OK);
	ck_assert_uint_eq(findings_count(f), 0);
	l = &c->limits;
	ck_assert_int_eq(l->new_number_ms, 7 * INT64_C(86400000));
	ck_assert_int_eq(l->per_day, 2);
	ck_assert_int_eq(l->day_starts_ms, 21 * INT64_C(3600000));
	ck_assert_uint_eq(l->n_caps, 1);
	ck_assert_str_eq(l->cap[0].bundle, "100MB");
	ck_assert_int_eq(l->cap[0].gifts, 7);
	ck_assert_uint_eq(l->n_budgets, 1);
	ck_assert_uint_eq(l->budget[0].n_keys, 2);
	ck_assert_str_eq(l->budget[0].key[1], "b");
	ck_assert_str_eq(l->budget[0].bundle[0], "x");
	ck_assert_int_eq(l->budget[0].from_ms, INT64_C(1796083200000));
	ck_assert_int_eq(l->budget[0].until_ms - l->budget[0].from_ms,
	                 31 * INT64_C(86400000) - 3 * INT64_C(3600000));
	ck_assert_uint_eq(l->n_rules, 2);
	ck_assert_int_eq(l->rule[0].per, STORE_PER_BLOCK);
	ck_assert_int_eq(l->rule[0].digits, 9);
	ck_assert(l->rule[0].reviews);
	ck_assert(!l->rule[1].reviews);
	ck_assert_str_eq(l->rule[1].bundle, "x");
	snprintf(path, sizeof path, "%s/s.db.key", folder); /* beside the store */
	ck_assert_str_eq(c->store_key, path);
	config_free(c);
	findings_free(f);
}
END_TEST

START_TEST(the_sample_is_free_of_findings)
{
	const char *srcdir = getenv("srcdir");
	struct findings *f = findings_new();
	struct config *c = NULL;
	char path[4096];

	snprintf(path, sizeof path, "%s/conf/starhash.conf", srcdir ? srcdir : ".");
	ck_assert_int_eq(config_load(path, f, &c), RC_OK);
	ck_assert_uint_eq(findings_count(f), 0);
	ck_assert_str_eq(c->store_path, "/var/lib/starhash/starhash.db");
	config_free(c);
	findings_free(f);
}
END_TEST

static const struct {
	const char *text;
	int line;
	const char *what, *remedy;
} faults[] = {
	{MINIMAL "budgets = (\n { name = \"a\"; gifts = 1; bundles = [ \"x\" ]; } );\n", 6,
         "there is no bundle \"x\"", "name one of bundles"},
	{MINIMAL "budgets = ( { name = \"a\"; gifts = 1; },\n { name = \"a\"; gifts = 1; } );\n", 6,
         "budgets has \"a\" twice", "own name"},
	{MINIMAL "budgets = (\n { name = \"a\"; } );\n", 6, "budgets.gifts is missing", ""},
	{MINIMAL "sendsms = (\n { username = \"a\"; } );\n", 6, "sendsms.password_file is missing", ""},
	{MINIMAL "sendsms = ( { username = \"a\";\n password_file = \"none.secret\"; } );\n", 6,
         "password_file ", "make the file"},
	{MINIMAL "sendsms = ( { username = \"a\"; password_file = \"" SRCDIR
                 "/COPYING\";\n from = \"A B\"; } );\n",
         6, "sendsms.from = \"A B\" cannot be a sender", "11 letters"},
	{MINIMAL "sendsms = ( { username = \"a\"; password_file = \"" SRCDIR
                 "/COPYING\";\n senders = [ \"-\" ]; } );\n",
         6, "\"-\" in sendsms.senders", "11 letters"},
	{MINIMAL "sendsms = ( { username = \"a\"; password_file = \"" SRCDIR
                 "/COPYING\";\n senders = [ \"ABCDEFGHIJKL\" ]; } );\n",
         6, "\"ABCDEFGHIJKL\" in sendsms.senders", "11 letters"},
	{MINIMAL "sendsms = ( { username = \"a\"; password_file = \"" SRCDIR
                 "/COPYING\";\n group = \"moon\"; } );\n",
         6, "is no group of links", "links[].group"},
	{MINIMAL "sendsms = ( { username = \"a\"; password_file = \"" SRCDIR
                 "/COPYING\"; },\n { username = \"a\"; "
                 "password_file = \"" SRCDIR "/COPYING\"; } );\n",
         6, "sendsms has the username \"a\" twice", "its own"},
	{MINIMAL "console = (\n { name = \"a\"; } );\n", 6, "console.token_file is missing", ""},
	{MINIMAL "console = ( { name = \"a\";\n token_file = \"none.token\"; } );\n", 6, "token_file ",
         "make the file"},
	{MINIMAL "console = ( { name = \"a\"; token_file = \"" SRCDIR "/COPYING\";\n role = \"root\"; } );\n",
         6, "console.role = \"root\" is no role", "viewer"},
	{MINIMAL "console = ( { name = \"a\"; token_file = \"" SRCDIR
                 "/COPYING\"; },\n { name = \"a\"; token_file = \"" SRCDIR "/Makefile.am\"; } );\n",
         6, "console has \"a\" twice", "its own"},
	{MINIMAL "roles = ( { role = \"menus\"; may = [ \"import\" ]; users = [ \"bob\" ]; } );\n"
                 "console = ( { name = \"jane\"; token_file = \"" SRCDIR
                 "/COPYING\";\n role = \"menus\"; } );\n",
         6, "console has \"jane\" as menus, who is none of the users", "`users` of the role"},
	{MINIMAL "http = { listen = \"127.0.0.1:8080\";\n phones = [ \"jane\" ]; };\n", 6,
         "\"jane\" in http.phones is no number", "+254"},
	{MINIMAL "http = { listen = \"127.0.0.1:8080\";\n hosts = [ \"http://gateway.example\" ]; };\n", 6,
         "\"http://gateway.example\" in http.hosts is no name", "no port"},
	{MINIMAL "http = { listen = \"127.0.0.1:8080\";\n hosts = [ \"gateway.example:8080\" ]; };\n", 6,
         "\"gateway.example:8080\" in http.hosts is no name", "no port"},
	{MINIMAL "http = { listen = \"127.0.0.1:8080\";\n connections = 0; };\n", 6, "out of range",
         "1..10000"},
	{MINIMAL "budgets = ( { name = \"a\"; gifts = 1;\n until = \"2026-02-30\"; } );\n", 6, "is no date",
         "2026-12-01"},
	{MINIMAL
         "budgets = ( { name = \"a\"; gifts = 1; from = \"2026-02-02\";\n until = \"2026-02-01\"; } );\n",
         6, "ends before it begins", ""},
	{MINIMAL "velocity = (\n { name = \"a\"; gifts = 1; within = \"1h\"; per = \"block\"; } );\n", 6,
         "digits is missing", "digits = 9"},
	{MINIMAL "velocity = ( { name = \"a\"; gifts = 1; within = \"1h\";\n digits = 9; } );\n", 6,
         "digits says nothing", "block"},
	{MINIMAL "velocity = ( { name = \"a\"; gifts = 1; within = \"1h\";\n then = \"hold\"; } );\n", 6,
         "is not known", "\"review\""},
	{MINIMAL "velocity = (\n { name = \"a\"; gifts = 1; } );\n", 6, "velocity.within is missing", ""},
	{MINIMAL "relations = ( { type = \"a\"; },\n { type = \"a\"; } );\n", 6, "relations has \"a\" twice",
         "its own name"},
	{MINIMAL "relations = (\n { most = 3; } );\n", 6, "relations.type is missing", ""},
	{MINIMAL "relations = ( { type = \"a\";\n most = 0; } );\n", 6, "relations.most = 0 is out of range",
         "1..100"},
	{MINIMAL "relations = ( { type = \"a\";\n expire = \"7d\"; } );\n", 6,
         "unknown key \"expire\" in relations", "\"expires\""},
	{MINIMAL "relations = (\n { type = \"a\"; expires = \"40d\"; } );\n", 6,
         "before their time to answer is over", "let again be as long as expires"},
	{MINIMAL "relations = (\n \"household\" );\n", 6, "not a group", "{ type = \"household\"; }"},
	{MINIMAL "limits = {\n new_number = \"400d\"; };\n", 6, "out of range", "366d"},
	{MINIMAL "servises = [ ];\n", 5, "unknown key \"servises\"", "\"services\""},
	{"links = ( { name = \"a\"; host = \"h\";\n widow = 3; } );\n" MENUS PROFILE, 2,
         "unknown key \"widow\" in links", "\"window\""},
	{"links = ( { name = \"a\"; host = \"h\";\n window = 0; } );\n" MENUS PROFILE, 2,
         "links.window = 0 is out of range", "1..1000"},
	{"links = ( { name = \"a\"; host = \"h\";\n port = 65536; } );\n" MENUS PROFILE, 2, "out of range",
         "1..65535"},
	{"links = ( { name = \"a\"; host = \"h\";\n port = \"2775\"; } );\n" MENUS PROFILE, 2,
         "links.port must be a whole number", "1..65535"},
	{"links = ( { host = \"h\"; } );\n" MENUS PROFILE, 1, "links.name is missing", ""},
	{"links = ( { name = \"a\"; } );\n" MENUS PROFILE, 1, "links.host is missing", ""},
	{"links = ( { name = \"a\"; host = \"h\";\n bind = \"tranceiver\"; } );\n" MENUS PROFILE, 2,
         "is not known", "did you mean \"transceiver\"?"},
	{"links = ( { name = \"a\"; host = \"h\";\n dialect = \"standart\"; } );\n" MENUS PROFILE, 2,
         "is not known", "did you mean \"standard\"?"},
	{LINKS MENUS PROFILE "ussd = { page = 170; };\n", 1,
         "ussd.page = 170 is longer than dialect \"standard\" of link", "set ussd.page to 160"},
	{MINIMAL "overload = {\n lag = \"2m\"; };\n", 6, "out of range", "0s..1m"},
	{MINIMAL "ussd = {\n late = \"pusch\"; };\n", 6, "is not known", "did you mean \"push\"?"},
	{"links = ( { name = \"a\"; host = \"h\"; },\n {\n name = \"a\"; host = \"h\"; } );\n" MENUS PROFILE,
         3, "\"a\" twice (first on line 1)", "own name"},
	{"links = ( { name = \"a\"; host = \"h\";\n password = \"12345678901234567\"; } );\n" MENUS PROFILE,
         2, "links.password is too long", "0..16"},
	{"links = ( { name = \"a\"; host = \"h\";\n password_file = \"none.secret\"; } );\n" MENUS PROFILE, 2,
         "none.secret cannot be read", "make the file"},
	{"links = ( { name = \"a\"; host = \"h\"; password = \"x\";\n password_file = \"y\"; } );\n" MENUS
                 PROFILE,
         2, "both given", "keep password_file"},
	{"links = (\n { name = \"a\"; host = \"h\"; reconnect_min = \"2m\"; } );\n" MENUS PROFILE, 2,
         "reconnect_min is over", "raise"},
	{"links = { name = \"a\"; };\n" MENUS PROFILE, 1, "links must be a list of groups", "( {"},
	{"links = (\n \"a\" );\n" MENUS PROFILE, 2, "an entry of links is not a group", "name ="},
	{MINIMAL "ussd = {\n idle = \"180\"; };\n", 6, "ussd.idle = \"180\" is not a duration", "1s..1h"},
	{MINIMAL "ussd = {\n idle = 180; };\n", 6, "must be a duration in quotes", "\"180s\""},
	{MINIMAL "ussd = {\n idle = \"2h\"; };\n", 6, "out of range", "1s..1h"},
	{MINIMAL "ussd = {\n page = 183; };\n", 6, "ussd.page = 183 is out of range", "40..182"},
	{MINIMAL "ussd = 3;\n", 5, "ussd must be a group", ""},
	{MINIMAL "country = {\n code = \"2540\"; };\n", 6, "is too long", "up to 3 digits"},
	{MINIMAL "country = {\n code = \"+54\"; };\n", 6, "must be digits", "up to 3"},
	{MINIMAL "country = { trunk = \"0\"; };\n", 5, "trunk says nothing", "country.code"},
	{MINIMAL "retention = { starts = \"1h\"; };\n", 5, "starts says nothing without", "lasts = \"3h\""},
	{MINIMAL "retention = { starts = \"25h\"; lasts = \"1h\"; };\n", 5, "retention.starts", "0s..1d"},
	{MINIMAL "retention = { histori = \"1h\"; };\n", 5, "histori", "history"},
	{MINIMAL "charging = { kind = \"ucip\"; currency = \"KES\"; };\n", 5, "not an http or https URL",
         "10010/Air"},
	{MINIMAL "charging = {" UCIP_URL "\n kind = \"ucip\"; };\n", 5, "needs the currency", "KES"},
	{MINIMAL "charging = { kind = \"ucip\"; currency = \"KES\";\n url = \"http://u:p@h/Air\"; };\n", 6,
         "holds a user or password", "password_file"},
	{MINIMAL "charging = { kind = \"ucip\"; currency = \"KES\"; number = \"national\";" UCIP_URL " };\n",
         5, "says nothing without country.code", "country.code"},
	{MINIMAL UCIP "\npassword_file = \"none\"; };\n", 6, "cannot be read", "make the file"},
	{MINIMAL UCIP "};\nbundles = ( { name = \"b\"; } );\n", 6, "says nothing to the charging system",
         "da:ID:AMOUNT"},
	{MINIMAL UCIP "};\nbundles = ( { name = \"b\"; code = \"da:4\"; } );\n", 6, "says nothing", "da:ID"},
	{MINIMAL UCIP "};\nbundles = ( { name = \"b\"; code = \"da:0:5\"; } );\n", 6, "says nothing",
         "da:ID"},
	{MINIMAL UCIP "};\nbundles = ( { name = \"b\"; code = \"da:4:5:9\"; } );\n", 6, "says nothing",
         "da:ID"},
	{MINIMAL UCIP "};\nbundles = ( { name = \"b\"; code = \"da:4:9999999999999\"; } );\n", 6,
         "says nothing", "da:ID"},
	{MINIMAL UCIP "};\nbundles = ( { name = \"b\"; code = \"refill:LONG5:5\"; } );\n", 6, "says nothing",
         "refill:"},
	{MINIMAL UCIP "};\nbundles = ( { name = \"b\"; code = \"offer:7:1\"; } );\n", 6, "says nothing",
         "offer:ID"},
	{MINIMAL UCIP "};\nbundles = ( { name = \"b\"; code = \"*data:5\"; } );\n", 6, "says nothing",
         "da:ID"},
	{MINIMAL UCIP "};\nbundles = ( { name = \"b\"; code = \"offer:7\"; price = 5; } );\n", 6,
         "cannot be bought", "da:"},
	{MINIMAL CGRATES "};\nbundles = ( { name = \"b\"; code = \"da:4:5\"; } );\n", 6, "says nothing",
         "*data:"},
	{MINIMAL CGRATES "};\nbundles = ( { name = \"b\"; code = \"*monetary:5\"; } );\n", 6, "says nothing",
         "*data:"},
	{MINIMAL "bundles = ( { name = \"b\"; price = 5; } );\n", 5, "the ledger keeps no money",
         "take price out"},
	{MINIMAL "charging = {\n kind = \"ladger\"; };\n", 6, "is not known", "did you mean \"ledger\"?"},
	{MINIMAL "bundles = ( { name = \"b\"; },\n { name = \"b\"; } );\n", 6, "\"b\" twice", "own name"},
	{MINIMAL "bundles = ( { gives = \"b\"; } );\n", 5, "bundles.name is missing", ""},
	{LINKS PROFILE "services = [ \"m\",\n \"m\" ];\n", 4, "\"m\" twice", "take one out"},
	{LINKS PROFILE "services = ( \"m\",\n 3 );\n", 4, "not a text", "quotes"},
	{LINKS PROFILE "services = \"m\";\n", 3, "must be an array of texts", "[ "},
	{MINIMAL "http = {\n listen = \"8080\"; };\n", 6, "not an address and a port", "127.0.0.1:8080"},
	{MINIMAL "log = {\n level = \"inf\"; };\n", 6, "is not known", "did you mean \"info\"?"},
	{MINIMAL "control = \"\";\n", 5, "control is empty", "1..107"},
	{MINIMAL "drain = \"x\"\nlog = 3 $;\n", 6, "syntax error", "this line and the one before"},
	{LINKS MENUS "profile = \"p.conf\";\nprofile = \"q.conf\";\n", 4, "duplicate", ""},
};

START_TEST(a_fault_names_line_key_and_remedy)
{
	struct findings *f;
	struct config *c = NULL;

	ck_assert_int_eq(load(faults[_i].text, &f, &c), RC_SYNTAX);
	ck_assert_ptr_null(c);
	ck_assert_msg(has(f, FINDING_ERROR, conf, faults[_i].line, faults[_i].what, faults[_i].remedy),
	              "fault %d: %s", _i, faults[_i].what);
	ck_assert_msg(findings_errors(f) == 1, "fault %d gives %zu errors", _i, findings_errors(f));
	findings_free(f);
}
END_TEST

static const struct {
	const char *text;
	int line;
	const char *what, *remedy;
} profile_faults[] = {
	{"profile = ( { field = \"state\"; } );\n", 1, "\"state\" is a system column", "another name"},
	{"profile = ( { field = \"order\"; } );\n", 1, "\"order\" is a word of SQL", "another name"},
	{"profile = ( { field = \"a b\"; } );\n", 1, "\"a b\" cannot be used", "lower-case letter"},
	{"profile = ( { field = \"Name\"; } );\n", 1, "\"Name\" cannot be used", "lower-case letter"},
	{"profile = ( { field = \"a\\\"; drop table x\"; } );\n", 1, "cannot be used", "lower-case letter"},
	{"profile = ( { field = \"1a\"; } );\n", 1, "cannot be used", "lower-case letter"},
	{"profile = ( { field = \"a\"; },\n { field = \"a\"; } );\n", 2, "\"a\" is declared twice",
         "keep one"},
	{"profile = ( { field = \"abcdefghijklmnopqrstuvwxyzabcdef\"; } );\n", 1, "is too long", "1..31"},
	{"profile = ( { private = true; } );\n", 1, "profile.field is missing", ""},
	{"profile = ( { field = \"a\";\n privat = true; } );\n", 2, "unknown key \"privat\" in profile",
         "\"private\""},
	{"profile = ( { field = \"a\";\n private = \"yes\"; } );\n", 2, "must be true or false", ""},
	{"profile = ( { field = \"a\";\n consent = \"A B\"; } );\n", 2, "purpose \"A B\"", "lower-case"},
	{"profile = ( { field = \"a\";\n of = [ \"x\", \"x\" ]; } );\n", 2, "\"x\" twice", "keep one"},
	{"profile = ( { field = \"town\"; } );\nrequired = [ \"twon\" ];\n", 2, "\"twon\", which is no field",
         "did you mean \"town\"?"},
	{"profile = ( \"a\" );\n", 1, "not a group", "field ="},
	{"profiles = ( );\n", 1, "unknown key \"profiles\"", "\"profile\""},
	{"profile = ( { field = \"a\";\n kind = \"dat\"; } );\n", 2, "kind = \"dat\" is not known",
         "\"date\""},
	{"profile = ( { field = \"a\";\n several = true; } );\n", 1, "several needs of", "in of"},
	{"profile = ( { field = \"a\"; several = true;\n of = [ \"x,y\" ]; } );\n", 2,
         "cannot be one of several", "without a comma"},
	{"profile = ( { field = \"a\"; kind = \"number\";\n of = [ \"one\" ]; } );\n", 2,
         "\"one\" is no number", "a number"},
	{"profile = ( { field = \"a\"; kind = \"date\";\n of = [ \"1990\" ]; } );\n", 2,
         "\"1990\" is no date", "1990-02-28"},
	{"profile = ( { field = \"a\";\n length = 40; } );\n", 2, "an array of two", ""},
	{"profile = ( { field = \"a\";\n length = [ 40, 2 ]; } );\n", 2, "length holds nothing", "first"},
	{"profile = ( { field = \"a\";\n length = [ 0, 40 ]; } );\n", 2, "length is out of range", "1..160"},
	{"profile = ( { field = \"a\";\n length = [ \"a\", \"b\" ]; } );\n", 2, "two whole numbers",
         "[ 1, 40 ]"},
	{"profile = ( { field = \"a\"; kind = \"number\";\n length = [ 1, 4 ]; } );\n", 2,
         "length is for texts and places", "range"},
	{"profile = ( { field = \"a\"; of = [ \"x\" ];\n length = [ 1, 4 ]; } );\n", 2,
         "length says nothing beside of", "take length out"},
	{"profile = ( { field = \"a\";\n range = [ 1, 4 ]; } );\n", 2, "range is for numbers and dates",
         "length"},
	{"profile = ( { field = \"a\"; kind = \"date\";\n range = [ 1900, 2000 ]; } );\n", 2,
         "range must be two dates", "1900-01-01"},
	{"profile = ( { field = \"a\"; kind = \"date\";\n range = [ \"1900-02-30\", \"2000-01-01\" ]; } );\n",
         2, "range must be two dates", "1900-01-01"},
	{"profile = ( { field = \"a\";\n keep = \"2 years\"; } );\n", 2, "is not a duration", "36500d"},
	{"purposes = ( { purpose = \"offers\"; } );\nprofile = ( { field = \"a\"; consent = \"ofers\"; } );\n",
         2, "purpose \"ofers\" is not declared", "did you mean \"offers\""},
	{"purposes = ( { purpose = \"offers\"; },\n { purpose = \"offers\"; } );\n", 2, "declared twice",
         "keep one"},
	{"purposes = ( { purpose = \"Big Offers\"; } );\n", 1, "cannot be used", "lower-case"},
	{"purposes = ( { marketing = true; } );\n", 1, "purposes.purpose is missing", ""},
	{"purposes = ( \"offers\" );\n", 1, "not a group", "purpose ="},
	{"purposes = ( { purpose = \"offers\"; market = true; } );\n", 1,
         "unknown key \"market\" in purposes", "\"marketing\""},
	{"purposes = ( { purpose = \"offers\"; marketing = true; } );\n"
         "profile = ( { field = \"a\"; consent = \"offers\"; } );\nrequired = [ \"a\" ];\n",
         3, "hangs on the consent to marketing \"offers\"", "without marketing"},
	{"profile = ( { field = \"a\"; } );\nforget = [ \"a\" ];\n", 2, "still a field", "take it out"},
	{"forget = [ \"a b\" ];\n", 1, "can be no field", "as profile had it"},
	{"profile = ( { field = \"verified\"; } );\n", 1, "\"verified\" is a system column", "another name"},
};

START_TEST(a_fault_of_the_profile_is_named)
{
	struct findings *f;
	struct config *c = NULL;

	write_file(profile, profile_faults[_i].text);
	ck_assert_int_eq(load(MINIMAL, &f, &c), RC_SYNTAX);
	ck_assert_msg(has(f, FINDING_ERROR, profile, profile_faults[_i].line, profile_faults[_i].what,
	                  profile_faults[_i].remedy),
	              "fault %d: %s", _i, profile_faults[_i].what);
	ck_assert_uint_eq(findings_errors(f), 1);
	findings_free(f);
}
END_TEST

START_TEST(a_profile_is_read_whole)
{
	struct findings *f;
	struct config *c;
	const struct profile_field *p;

	write_file(profile,
	           "profile = ( { field = \"name\"; private = true; consent = \"profile\"; },\n"
	           "{ field = \"role\"; of = [ \"head\", \"job\" ]; } );\nrequired = [ \"name\" ];\n");
	ck_assert_int_eq(load(MINIMAL, &f, &c), RC_OK);
	ck_assert_uint_eq(findings_count(f), 0);
	p = c->profile.field;
	ck_assert_uint_eq(c->profile.n_fields, 2);
	ck_assert(p[0].is_private && p[0].is_required && !p[1].is_private && !p[1].is_required);
	ck_assert_str_eq(p[0].consent, "profile");
	ck_assert_uint_eq(p[1].n_of, 2);
	ck_assert_str_eq(p[1].of[1], "job");
	config_free(c);
	findings_free(f);
}
END_TEST

/* What both sides of a relation agree to is no marketing: STOP would withdraw it on one side (promise 7). */
START_TEST(a_relation_hangs_on_a_purpose_that_stop_leaves)
{
	static const struct {
		const char *purpose, *what;
	} table[] = {{"{ purpose = \"a\"; }", NULL},
	             {"{ purpose = \"a\"; marketing = true; }", "has the type \"a\", which is marketing"},
	             {"{ purpose = \"b\"; }", "profile.conf has no such purpose"}};
	struct findings *f;
	struct config *c = NULL;
	char text[200];

	snprintf(text, sizeof text, "purposes = ( %s );\n", table[_i].purpose);
	write_file(profile, text);
	ck_assert_int_eq(load(MINIMAL "relations = ( { type = \"a\"; } );\n", &f, &c),
	                 table[_i].what ? RC_SYNTAX : RC_OK);
	ck_assert_uint_eq(findings_errors(f), table[_i].what != NULL);
	if (table[_i].what)
		ck_assert(strstr(findings_at(f, 0)->what, table[_i].what) != NULL);
	else
		config_free(c);
	findings_free(f);
}
END_TEST

START_TEST(a_missing_file_is_said)
{
	struct findings *f = findings_new();
	struct config *c = NULL;

	ck_assert_int_eq(config_load("/nonexistent/x.conf", f, &c), RC_NOTFOUND);
	ck_assert(has(f, FINDING_ERROR, "/nonexistent/x.conf", 0, "cannot read", ""));
	findings_free(f);
	unlink(profile);
	ck_assert_int_eq(load(MINIMAL, &f, &c), RC_SYNTAX);
	ck_assert(has(f, FINDING_ERROR, profile, 0, "cannot read", ""));
	findings_free(f);
}
END_TEST

START_TEST(a_country_profile_is_read_with_it)
{
	static const char text[] = MINIMAL
		"country = { code = \"234\";\n profile = \"s.secret\"; };\nussd = { gsm_only = true; };\n";
	struct findings *f;
	struct config *c;

	write_file(secret, "name = \"N\"; codes = ( { code = \"310\"; for = \"b\"; use = [ \"b\" ]; } );\n");
	ck_assert_int_eq(load(text, &f, &c), RC_OK);
	ck_assert_ptr_nonnull(country_by_code(c->reserved, "310"));
	ck_assert(c->gsm_only);
	config_free(c);
	findings_free(f);
	write_file(secret, "nam = \"N\";\n");
	ck_assert_int_eq(load(text, &f, &c), RC_SYNTAX);
	ck_assert(has(f, FINDING_ERROR, secret, 1, "unknown key \"nam\"", "name"));
	ck_assert(has(f, FINDING_ERROR, conf, 6, "cannot be used", "countries/ng.conf"));
	findings_free(f);
	unlink(secret);
	ck_assert_int_eq(load(text, &f, &c), RC_SYNTAX);
	findings_free(f);
}
END_TEST

START_TEST(a_password_file_gives_its_first_line)
{
	struct findings *f;
	struct config *c;
	const char *text =
		"links = ( { name = \"a\"; host = \"h\";\n password_file = \"s.secret\"; } );\n" MENUS
			PROFILE;

	write_file(secret, "hush\nnot this\n");
	ck_assert_int_eq(chmod(secret, 0600), 0);
	ck_assert_int_eq(load(text, &f, &c), RC_OK);
	ck_assert_uint_eq(findings_count(f), 0);
	ck_assert_str_eq(c->link[0].password, "hush");
	config_free(c);
	findings_free(f);

	ck_assert_int_eq(chmod(secret, 0604), 0);
	ck_assert_int_eq(load(text, &f, &c), RC_OK);
	ck_assert(has(f, FINDING_WARNING, conf, 2, "can be read by everybody", "chmod"));
	config_free(c);
	findings_free(f);
}
END_TEST

/* Promise 9: no secret stands in an error text. */
START_TEST(no_finding_holds_a_password)
{
	static const char *const texts[] = {
		"links = ( { name = \"a\"; host = \"h\"; password = \"hush-hush-hush-hush\"; } );\n" MENUS
			PROFILE,
		"links = ( { name = \"a\"; host = \"h\"; password_file = \"s.secret\"; } );\n" MENUS PROFILE,
	};
	struct findings *f;
	struct config *c = NULL;

	write_file(secret, "hush-hush-hush-hush\n");
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(load(texts[i], &f, &c), RC_SYNTAX);
		for (size_t k = 0; k < findings_count(f); k++)
			ck_assert_ptr_null(strstr(findings_at(f, k)->what, "hush"));
		findings_free(f);
	}
}
END_TEST

START_TEST(no_links_and_an_open_listener_are_warnings)
{
	struct findings *f;
	struct config *c;

	ck_assert_int_eq(load(PROFILE "links = ( );\nhttp = { listen = \"0.0.0.0:80\"; };\n", &f, &c), RC_OK);
	ck_assert(has(f, FINDING_WARNING, conf, 2, "no link", ""));
	ck_assert(has(f, FINDING_WARNING, conf, 0, "no service", ""));
	ck_assert(has(f, FINDING_WARNING, conf, 3, "other machines", "127.0.0.1"));
	config_free(c);
	findings_free(f);

	ck_assert_int_eq(load(MINIMAL "http = { phones = [ \"+254700000001\" ]; };\n", &f, &c), RC_OK);
	ck_assert(has(f, FINDING_WARNING, conf, 5, "thrown away", "give console a user"));
	config_free(c);
	findings_free(f);
}
END_TEST

/* Promise 6: no file can crash us. Every prefix of a good file is either taken or refused with a finding. */
START_TEST(every_prefix_of_a_file_is_survived)
{
	char text[sizeof MINIMAL];

	for (size_t n = 0; n < sizeof MINIMAL; n++) {
		struct findings *f;
		struct config *c = NULL;

		memcpy(text, MINIMAL, n);
		text[n] = '\0';
		if (load(text, &f, &c) == RC_OK)
			config_free(c);
		else
			ck_assert_uint_gt(findings_errors(f), 0);
		findings_free(f);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config");
	TCase *tc = tcase_create("config");

	tcase_add_checked_fixture(tc, make_folder, remove_folder);
	tcase_add_test(tc, a_minimal_file_is_enough);
	tcase_add_test(tc, a_charging_system_is_read);
	tcase_add_test(tc, what_is_doubtful_of_charging_is_a_warning);
	tcase_add_test(tc, every_key_is_taken);
	tcase_add_test(tc, limits_are_read_whole);
	tcase_add_test(tc, the_sample_is_free_of_findings);
	tcase_add_loop_test(tc, a_fault_names_line_key_and_remedy, 0,
	                    (int)(sizeof faults / sizeof faults[0]));
	tcase_add_loop_test(tc, a_fault_of_the_profile_is_named, 0,
	                    (int)(sizeof profile_faults / sizeof profile_faults[0]));
	tcase_add_test(tc, a_profile_is_read_whole);
	tcase_add_loop_test(tc, a_relation_hangs_on_a_purpose_that_stop_leaves, 0, 3);
	tcase_add_test(tc, a_missing_file_is_said);
	tcase_add_test(tc, a_country_profile_is_read_with_it);
	tcase_add_test(tc, a_password_file_gives_its_first_line);
	tcase_add_test(tc, no_finding_holds_a_password);
	tcase_add_test(tc, no_links_and_an_open_listener_are_warnings);
	tcase_add_test(tc, every_prefix_of_a_file_is_survived);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
