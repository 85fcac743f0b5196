/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML-RPC answers read as hostile (promise 6): what is fine is read whole, everything else is refused whole. */
#include "gateway/xmlrpc.h"
#include "tests/run_suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
#define ANSWER(value) HEAD "<methodResponse><params><param>" value "</param></params></methodResponse>"
#define CODE "<member><name>responseCode</name><value><i4>0</i4></value></member>"
#define STRUCT(members) "<value><struct>" members "</struct></value>"

static struct xmlrpc *read_ok(const char *text)
{
	struct xmlrpc *x = NULL;

	ck_assert_int_eq(xmlrpc_read(text, strlen(text), &x), RC_OK);
	return x;
}

START_TEST(a_whole_answer_is_read)
{
	struct xmlrpc *x = read_ok(ANSWER(
		"\n <value>\n<struct>\n" CODE
		"<member><name>plain</name><value>words &amp; &lt;more&gt;</value></member>"
		"<member><name>cdata</name><value><string><![CDATA[a<b]]></string></value></member>"
		"<member><name>flag</name><value><boolean>1</boolean></value></member>"
		"<member><name>empty</name><value></value></member>"
		"<member><name>list</name><value><array><data>"
		"<value><struct><member><name>id</name><value><int>7</int></value></member></struct></value>"
		"<value><struct><member><name>id</name><value><i8>9000000000</i8></value></member></struct></value>"
		"</data></array></value></member></struct></value>"));
	const struct xmlrpc_value *root = xmlrpc_root(x), *v;
	int64_t n = -1;

	ck_assert(!xmlrpc_is_fault(x));
	ck_assert(xmlrpc_int(root, "responseCode", &n) && n == 0);
	ck_assert_str_eq(xmlrpc_text(root, "plain"), "words & <more>");
	ck_assert_str_eq(xmlrpc_text(root, "cdata"), "a<b");
	ck_assert_str_eq(xmlrpc_text(root, "empty"), "");
	ck_assert(xmlrpc_flag(root, "flag", false));
	ck_assert(xmlrpc_flag(root, "none", true));
	v = xmlrpc_first(root, "list");
	ck_assert(xmlrpc_int(v, "id", &n) && n == 7);
	v = xmlrpc_next(v);
	ck_assert(xmlrpc_int(v, "id", &n) && n == 9000000000);
	ck_assert_ptr_null(xmlrpc_next(v));
	ck_assert_ptr_null(xmlrpc_text(root, "list"));
	ck_assert_ptr_null(xmlrpc_first(root, "plain"));
	ck_assert(!xmlrpc_int(root, "plain", &n));
	ck_assert(!xmlrpc_int(xmlrpc_member(root, "none"), "x", &n));
	xmlrpc_free(x);
}
END_TEST

START_TEST(a_fault_is_told_from_an_answer)
{
	struct xmlrpc *x = read_ok(
		HEAD "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>"
		     "1007</int></value></member></struct></value></fault></methodResponse>");
	int64_t n;

	ck_assert(xmlrpc_is_fault(x));
	ck_assert(xmlrpc_int(xmlrpc_root(x), "faultCode", &n) && n == 1007);
	xmlrpc_free(x);
}
END_TEST

START_TEST(numbers_that_do_not_fit_are_none)
{
	struct xmlrpc *x = read_ok(ANSWER(
		STRUCT("<member><name>big</name><value><string>99999999999999999999</string></value></member>"
	               "<member><name>tail</name><value><string>12x</string></value></member>"
	               "<member><name>none</name><value><string></string></value></member>")));
	int64_t n = 5;

	ck_assert(!xmlrpc_int(xmlrpc_root(x), "big", &n));
	ck_assert(!xmlrpc_int(xmlrpc_root(x), "tail", &n));
	ck_assert(!xmlrpc_int(xmlrpc_root(x), "none", &n));
	ck_assert_int_eq(n, 5);
	xmlrpc_free(x);
}
END_TEST

static const char *const refused[] = {
	"",
	" ",
	"hello",
	"{\"responseCode\":0}",
	"<html><body>502 Bad Gateway</body></html>",
	HEAD "<methodResponse><params><param><value><struct>" CODE, /* half an answer */
	ANSWER(STRUCT(CODE)) "tail",
	ANSWER(STRUCT(CODE)) ANSWER(STRUCT(CODE)),
	HEAD "<methodCall><params><param>" STRUCT(CODE) "</param></params></methodCall>",
	HEAD "<methodResponse></methodResponse>",
	HEAD "<methodResponse><params></params></methodResponse>",
	ANSWER("<value><i4>1</i4><i4>2</i4></value>"),                       /* two types */
	ANSWER("<value><struct><value><i4>1</i4></value></struct></value>"), /* a value without a member */
	ANSWER(STRUCT(CODE) STRUCT(CODE)),
	ANSWER(STRUCT("<member><name a=\"b\">x</name><value>1</value></member>")), /* attributes */
	ANSWER(STRUCT("<member><name>x</name><value>&undefined;</value></member>")),
	"<!DOCTYPE methodResponse>" ANSWER(STRUCT(CODE)),
	"<!DOCTYPE x SYSTEM \"file:///etc/passwd\">"
	"<methodResponse><params><param>" STRUCT(CODE) "</param></params></methodResponse>",
	"<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><methodResponse><params><param><value>&a;</value></param>"
	"</params></methodResponse>",
	/* a billion laughs */
	"<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\">"
	"]><methodResponse><params><param><value>&c;</value></param></params></methodResponse>",
};

START_TEST(what_breaks_a_rule_is_refused_whole)
{
	struct xmlrpc *x = NULL;

	ck_assert_int_eq(xmlrpc_read(refused[_i], strlen(refused[_i]), &x), RC_SYNTAX);
	ck_assert_ptr_null(x);
}
END_TEST

/* The same DTD in UTF-16, where a search for "<!DOCTYPE" finds nothing. */
START_TEST(a_dtd_in_another_encoding_is_refused)
{
	static const char text[] =
		"<!DOCTYPE x [<!ENTITY a \"b\">]><methodResponse><params><param><value>&a;</value></param></params>"
		"</methodResponse>";
	char wide[2 * sizeof(text) + 2] = "\xff\xfe";
	struct xmlrpc *x = NULL;
	size_t n = sizeof(text) - 1;

	for (size_t i = 0; i < n; i++) {
		wide[2 + 2 * i] = text[i];
		wide[3 + 2 * i] = '\0';
	}
	ck_assert_int_eq(xmlrpc_read(wide, 2 + 2 * n, &x), RC_SYNTAX);
}
END_TEST

static char *repeated(const char *head, const char *middle, size_t times, const char *tail)
{
	size_t size = strlen(head) + strlen(middle) * times + strlen(tail) + 1;
	char *text = malloc(size), *at = text;

	ck_assert_ptr_nonnull(text);
	at += sprintf(at, "%s", head);
	for (size_t i = 0; i < times; i++)
		at += sprintf(at, "%s", middle);
	sprintf(at, "%s", tail);
	return text;
}

START_TEST(bounds_hold)
{
	char *deep = repeated("<methodResponse><params><param>", "<value><array><data>", 200000 / 20, "");
	char *many =
		repeated("<methodResponse><params><param><value><array><data>", "<value>1</value>",
	                 XMLRPC_VALUES_MAX + 1, "</data></array></value></param></params></methodResponse>");
	char *fits =
		repeated("<methodResponse><params><param><value><array><data>", "<value>1</value>",
	                 XMLRPC_VALUES_MAX - 1, "</data></array></value></param></params></methodResponse>");
	char *huge = repeated("<methodResponse><params><param><value>", "0123456789",
	                      XMLRPC_BYTES_MAX / 10 + 1, "</value></param></params></methodResponse>");
	struct xmlrpc *x = NULL;

	ck_assert_int_eq(xmlrpc_read(deep, strlen(deep), &x), RC_SYNTAX);
	ck_assert_int_eq(xmlrpc_read(many, strlen(many), &x), RC_SYNTAX);
	ck_assert_int_eq(xmlrpc_read(huge, strlen(huge), &x), RC_SYNTAX);
	ck_assert_int_eq(xmlrpc_read(fits, strlen(fits), &x), RC_OK);
	xmlrpc_free(x);
	free(deep);
	free(many);
	free(fits);
	free(huge);
}
END_TEST

START_TEST(requests_are_escaped_and_bounded)
{
	char memory[1000], small[40], time[XMLRPC_TIME_SIZE];
	struct buf b;

	buf_init(&b, memory, sizeof(memory));
	xmlrpc_call_begin(&b, "Refill");
	xmlrpc_put_text(&b, "a", "<&>");
	xmlrpc_put_int(&b, "b", -5);
	xmlrpc_put_amount(&b, "c", 7);
	xmlrpc_put_time(&b, "e", xmlrpc_time(1795300000123, time));
	xmlrpc_call_end(&b);
	ck_assert(!b.cut);
	ck_assert_str_eq(
		memory,
		"<?xml version=\"1.0\"?><methodCall><methodName>Refill</methodName><params><param><value><struct>"
		"<member><name>a</name><value><string>&lt;&amp;&gt;</string></value></member>"
		"<member><name>b</name><value><i4>-5</i4></value></member>"
		"<member><name>c</name><value><string>7</string></value></member>"
		"<member><name>e</name><value><dateTime.iso8601>20261121T22:26:40+0000</dateTime.iso8601></value>"
		"</member></struct></value></param></params></methodCall>");
	buf_init(&b, small, sizeof(small));
	xmlrpc_call_begin(&b, "Refill");
	ck_assert(b.cut);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("xmlrpc");
	TCase *t = tcase_create("answers");

	tcase_add_test(t, a_whole_answer_is_read);
	tcase_add_test(t, a_fault_is_told_from_an_answer);
	tcase_add_test(t, numbers_that_do_not_fit_are_none);
	tcase_add_loop_test(t, what_breaks_a_rule_is_refused_whole, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(t, a_dtd_in_another_encoding_is_refused);
	tcase_add_test(t, bounds_hold);
	tcase_add_test(t, requests_are_escaped_and_bounded);
	suite_add_tcase(s, t);
	return run_suite(s);
}
