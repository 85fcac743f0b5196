/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of links: what every key gives, and what is said of those that cannot work, before the first connection. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/config.h"
#include "tests/config_world.h"
#include "tests/run_suite.h"

/* Entries of links, from line 2 on, in an else whole file. */
static enum rc load(const char *links, struct findings **findings, struct config **c)
{
	char text[4096];

	snprintf(text, sizeof text, "links = (\n%s );\nservices = [ \"m.conf\" ];\nprofile = \"p.conf\";\n",
	         links);
	*findings = findings_new();
	*c = NULL;
	ck_assert_ptr_nonnull(*findings);
	write_file(conf, text);
	return config_load(conf, *findings, c);
}

static bool has(const struct findings *f, enum finding_level level, int line, const char *what,
                const char *remedy)
{
	for (size_t i = 0; i < findings_count(f); i++) {
		const struct finding *one = findings_at(f, i);

		if (one->level == level && one->line == line && strstr(one->what, what) &&
		    strstr(one->remedy, remedy))
			return true;
	}
	findings_print(f, stderr);
	return false;
}

START_TEST(every_key)
{
	struct findings *f;
	struct config *c;
	const struct config_link *l;

	ck_assert_int_eq(
		load("{ name = \"a\"; host = \"h\"; port = 7; bind = \"pair\"; standby = \"warm\"; standby_after = \"1m\";\n"
	             "alternates = [ \"b.example\", \"c.example:99\", \"192.0.2.1:8\", \"[2001:db8::1]:9\", \"2001:db8::2\" ];\n"
	             "bind_address = \"2001:db8::7\"; interface_version = \"5.0\"; addr_ton = 1; addr_npi = 2;\n"
	             "address_range = \"^254\"; enquire_misses = 5; reconnect_min = \"30s\"; reconnect_max = \"5m\"; },\n"
	             "{ name = \"b\"; host = \"h\"; }",
	             &f, &c),
		RC_OK);
	ck_assert_uint_eq(findings_count(f), 0);
	l = &c->link[0];
	ck_assert_int_eq(l->bind, CONFIG_PAIR);
	ck_assert_int_eq(l->standby, CONFIG_WARM);
	ck_assert_int_eq(l->standby_after_ms, 60000);
	ck_assert_uint_eq(l->n_alternates, 5);
	ck_assert_str_eq(l->alternate[0].host, "b.example");
	ck_assert_int_eq(l->alternate[0].port, 7); /* as the first */
	ck_assert_int_eq(l->alternate[1].port, 99);
	ck_assert_str_eq(l->alternate[2].host, "192.0.2.1");
	ck_assert_str_eq(l->alternate[3].host, "2001:db8::1");
	ck_assert_int_eq(l->alternate[3].port, 9);
	ck_assert_str_eq(l->alternate[4].host, "2001:db8::2");
	ck_assert_int_eq(l->alternate[4].port, 7);
	ck_assert_str_eq(l->bind_address, "2001:db8::7");
	ck_assert_int_eq(l->interface_version, 0x50);
	ck_assert_int_eq(l->addr_ton, 1);
	ck_assert_int_eq(l->addr_npi, 2);
	ck_assert_str_eq(l->address_range, "^254");
	ck_assert_int_eq(l->enquire_misses, 5);
	ck_assert_int_eq(l->reconnect_min_ms, 30000);
	l = &c->link[1];
	ck_assert_int_eq(l->bind, CONFIG_TRANSCEIVER);
	ck_assert_int_eq(l->standby, CONFIG_ACTIVE);
	ck_assert_int_eq(l->interface_version, 0x34);
	ck_assert_int_eq(l->enquire_misses, 3);
	ck_assert(l->tls_verify && !l->tls);
	ck_assert_str_eq(l->tls_ca, "");
	config_free(c);
	findings_free(f);
}
END_TEST

static const struct {
	const char *links;
	enum finding_level level;
	int line;
	const char *what, *remedy;
} said[] = {
	{"{ name = \"a\"; host = \"h\";\n bind = \"tranceiver\"; }", FINDING_ERROR, 3, "is not known",
         "did you mean \"transceiver\"?"},
	{"{ name = \"a\"; host = \"h\";\n standby = \"hot\"; }", FINDING_ERROR, 3,
         "links.standby = \"hot\" is not known", ""},
	{"{ name = \"a\"; host = \"h\";\n alternates = [ \"b:0\" ]; }", FINDING_ERROR, 3,
         "links.alternates has \"b:0\"", "host:port"},
	{"{ name = \"a\"; host = \"h\";\n alternates = [ \":2775\" ]; }", FINDING_ERROR, 3, "\":2775\"",
         "host:port"},
	{"{ name = \"a\"; host = \"h\";\n alternates = [ \"b:27a\" ]; }", FINDING_ERROR, 3, "\"b:27a\"",
         "host:port"},
	{"{ name = \"a\"; host = \"h\";\n alternates = [ \"[::1\" ]; }", FINDING_ERROR, 3, "\"[::1\"",
         "host:port"},
	{"{ name = \"a\"; host = \"h\";\n alternates = [ \"[::1]x\" ]; }", FINDING_ERROR, 3, "\"[::1]x\"",
         "host:port"},
	{"{ name = \"a\"; host = \"h\";\n alternates = [ 7 ]; }", FINDING_ERROR, 3, "not a text", ""},
	{"{ name = \"a\"; host = \"h\";\n bind_address = \"eth0\"; }", FINDING_ERROR, 3, "is not an address",
         "192.0.2.7"},
	{"{ name = \"a\"; host = \"h\";\n addr_ton = 256; }", FINDING_ERROR, 3, "out of range", "0..255"},
	{"{ name = \"a\"; host = \"h\"; reconnect_min = \"2m\"; }", FINDING_ERROR, 2, "over reconnect_max",
         "raise"},
	{"{ name = \"a\"; host = \"h\"; interface_version = \"3.3\"; }", FINDING_WARNING, 2, "no transceiver",
         "pair"},
	{"{ name = \"a\"; host = \"h\"; bind = \"receiver\"; }", FINDING_WARNING, 2, "nobody gets an answer",
         "transmitter of the same group"},
	{"{ name = \"a\"; host = \"h\"; bind = \"transmitter\"; }", FINDING_WARNING, 2,
         "nobody who dials is heard", "receiver of the same group"},
	{"{ name = \"a\"; host = \"h\"; standby = \"cold\"; }", FINDING_WARNING, 2,
         "none that they stand by for", "no"},
	{"{ name = \"a\"; host = \"h\"; tls_name = \"x\"; }", FINDING_WARNING, 2, "not encrypted",
         "tls = true"},
	{"{ name = \"a\"; host = \"h\"; tls = true;\n tls_verify = false; }", FINDING_WARNING, 3,
         "pretend to be the SMSC", "tls_ca"},
	{"{ name = \"a\"; host = \"h\";\n tls = true; tls_ca = \"none.pem\"; }", FINDING_ERROR, 3,
         "none.pem\" No such file", "PEM"},
	{"{ name = \"a\"; host = \"h\";\n tls = true; tls_cert = \"p.conf\"; }", FINDING_ERROR, 3,
         "holds no certificate", "PEM"},
	{"{ name = \"a\"; host = \"h\"; tls = true; tls_key = \"p.conf\"; }", FINDING_ERROR, 2,
         "tls_key stands alone", "tls_cert"},
};

START_TEST(each_is_said)
{
	struct findings *f;
	struct config *c;
	bool is_error = said[_i].level == FINDING_ERROR;

	ck_assert_int_eq(load(said[_i].links, &f, &c), is_error ? RC_SYNTAX : RC_OK);
	ck_assert(has(f, said[_i].level, said[_i].line, said[_i].what, said[_i].remedy));
	config_free(c);
	findings_free(f);
}
END_TEST

/* Two sessions of two entries are as good as a pair. */
START_TEST(a_group_is_judged_as_a_whole)
{
	struct findings *f;
	struct config *c;

	ck_assert_int_eq(
		load("{ name = \"t\"; host = \"h\"; bind = \"transmitter\"; },\n"
	             "{ name = \"s\"; host = \"h\"; group = \"g\"; }, { name = \"w\"; host = \"h\"; group = \"g\"; standby "
	             "= \"cold\"; },\n"
	             "{ name = \"r\"; host = \"h\"; bind = \"receiver\"; }",
	             &f, &c),
		RC_OK);
	ck_assert_uint_eq(findings_count(f), 0);
	config_free(c);
	findings_free(f);
}
END_TEST

/* As long as password may be, and promise 9: none stands in a finding. */
START_TEST(sixteen_octets_in_a_password_file)
{
	struct findings *f;
	struct config *c;

	write_file(secret, "hush-hush-hush-h\n");
	ck_assert_int_eq(chmod(secret, 0600), 0);
	ck_assert_int_eq(load("{ name = \"a\"; host = \"h\"; password_file = \"s.secret\"; }", &f, &c),
	                 RC_OK);
	ck_assert_str_eq(c->link[0].password, "hush-hush-hush-h");
	config_free(c);
	findings_free(f);
	write_file(secret, "hush-hush-hush-hu\n");
	ck_assert_int_eq(load("{ name = \"a\"; host = \"h\"; password_file = \"s.secret\"; }", &f, &c),
	                 RC_SYNTAX);
	ck_assert(has(f, FINDING_ERROR, 2, "too long", "16"));
	for (size_t k = 0; k < findings_count(f); k++)
		ck_assert_ptr_null(strstr(findings_at(f, k)->what, "hush"));
	findings_free(f);
}
END_TEST

#define ASKS_FOR(name) "{ name = \"a\"; host = \"h\"; password_file = \"" name "\"; }"

static void expect_password(const char *links, const char *password)
{
	struct findings *f;
	struct config *c;

	ck_assert_int_eq(load(links, &f, &c), RC_OK);
	ck_assert_str_eq(c->link[0].password, password);
	config_free(c);
	findings_free(f);
}

/* systemd.exec(5), LoadCredential=: a file of the folder loaded as "secrets" is the credential "secrets_FILE". */
START_TEST(a_credential_stands_before_the_file)
{
	char credentials[80], deep[96];

	snprintf(credentials, sizeof credentials, "%s/credentials", folder);
	snprintf(deep, sizeof deep, "%s/secrets_smsc-a", credentials);
	ck_assert_int_eq(mkdir(credentials, 0700), 0);
	write_file(deep, "of the manager\n");
	write_file(secret, "of the folder\n");
	ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", credentials, 1), 0);
	expect_password(ASKS_FOR("secrets/smsc-a"), "of the manager");
	expect_password(ASKS_FOR("s.secret"), "of the folder"); /* there is no such credential */
	unsetenv("CREDENTIALS_DIRECTORY");
	expect_password(ASKS_FOR("s.secret"), "of the folder");
	unlink(deep);
	rmdir(credentials);
}
END_TEST

/* Whoever asks how the daemon is need not be able to read its secrets: here nobody is. */
START_TEST(what_binds_nowhere_reads_no_secret)
{
	const char *links =
		"{ name = \"a\"; host = \"h\"; password_file = \"none\"; },\n"
		"{ name = \"b\"; host = \"h\"; tls = true; tls_cert = \"none\"; tls_key = \"none\"; }";
	struct findings *f;
	struct config *c;

	ck_assert_int_eq(load(links, &f, &c), RC_SYNTAX);
	ck_assert(has(f, FINDING_ERROR, 2, "cannot be read", "make the file"));
	ck_assert(has(f, FINDING_ERROR, 3, "tls_cert", "PEM"));
	findings_free(f);
	f = findings_new();
	ck_assert_int_eq(config_load_public(conf, f, &c), RC_OK);
	ck_assert_str_eq(c->link[0].password, "");
	config_free(c);
	findings_free(f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_link");
	TCase *tc = tcase_create("links");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, make_folder, remove_folder);
	tcase_add_test(tc, every_key);
	tcase_add_loop_test(tc, each_is_said, 0, (int)(sizeof said / sizeof said[0]));
	tcase_add_test(tc, a_group_is_judged_as_a_whole);
	tcase_add_test(tc, sixteen_octets_in_a_password_file);
	tcase_add_test(tc, a_credential_stands_before_the_file);
	tcase_add_test(tc, what_binds_nowhere_reads_no_secret);
	return run_suite(suite);
}
