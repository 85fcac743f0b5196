/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests of Kannel's sendsms: what is sent, from whom, and what is refused with which words. And tries of secrets. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "gateway/http_tries.h"
#include "gateway/sendsms_read.h"
#include "tests/random.h"
#include "tests/run_suite.h"

static struct sendsms_request q;

static const char *read_request(const char *text)
{
	static char copy[8192];
	size_t len = strlen(text);

	ck_assert_uint_lt(len, sizeof(copy));
	memcpy(copy, text, len);
	return sendsms_read(copy, len, &q);
}

static const struct {
	const char *request, *text;
} texts[] = {
	{"username=u&password=p&to=1&text=Hello+there%21", "Hello there!"},
	{"text=first", "first"},
	{"to=1&text=a%26b%3Dc&from=x", "a&b=c"},
	{"text=caf%C3%A9", "caf\xc3\xa9"},
	{"text=caf%E9&charset=ISO-8859-1", "caf\xc3\xa9"},
	{"text=%00H%00i&coding=2", "Hi"},
	{"coding=2&text=%06%27%06%44", "\xd8\xa7\xd9\x84"},
	{"text=%D8%3D%DE%00&coding=2&charset=UTF-16BE", "\xf0\x9f\x98\x80"},
	{"text=Hi&coding=2&charset=utf-8", "Hi"},
	{"text=Hi&coding=0&charset=&mclass=&deferred=0&dlr-url=&dlr-mask=31&priority=3&account=x", "Hi"},
};

START_TEST(texts_are_read_in_every_coding)
{
	const char *why = read_request(texts[_i].request);

	ck_assert_msg(why == NULL, "%s: %s", texts[_i].request, why);
	ck_assert_str_eq(q.text, texts[_i].text);
}
END_TEST

static const struct {
	const char *request, *says;
} wrong[] = {
	{"", "Empty text"},
	{"to=1", "Empty text"},
	{"text=", "Empty text"},
	{"xtext=a", "Empty text"},
	{"text=%", "not encoded"},
	{"text=%zz", "not encoded"},
	{"text=a&to=%", "as a form"},
	{"text=a&to=%00", "as a form"},
	{"text=%E9", "not in UTF-8"},
	{"text=a%00b", "not in UTF-8"},
	{"text=abc&coding=2", "UTF-16BE"},
	{"text=a&coding=1", "binary"},
	{"text=a&coding=3", "binary"},
	{"text=a&charset=KOI8-R", "charset is"},
	{"text=a&udh=%05", "udh"},
	{"text=a&mclass=0", "mclass"},
	{"text=a&deferred=5", "deferred"},
	{"text=a&validity=60", "validity"},
	{"text=a&dlr-mask=31&dlr-url=http://x/", "dlr-url"},
	{"text=a&dlr-mask=lots", "dlr-mask"},
	{"text=a&mwi=1", "mwi"},
	{"text=a&flash=1", "flash"},
	{"text=a&dlrurl=http://x/", "dlrurl"},
	{"text=a&alt-dcs=1", "alt-dcs"},
};

START_TEST(what_cannot_be_done_is_refused_with_words)
{
	const char *why = read_request(wrong[_i].request);

	ck_assert_msg(why != NULL && strstr(why, wrong[_i].says) != NULL, "%s: %s", wrong[_i].request,
	              why != NULL ? why : "taken");
	ck_assert_ptr_eq(strchr(why, '\n'), why + strlen(why) - 1); /* one line */
}
END_TEST

START_TEST(who_and_where_are_read_beside_a_text_with_nuls)
{
	ck_assert_ptr_null(
		read_request("user=u&text=%00a%00b&pass=p%26&coding=2&to=%2B254&from=ACME&smsc=home"));
	ck_assert_str_eq(q.user, "u");
	ck_assert_str_eq(q.password, "p&");
	ck_assert_str_eq(q.to, "+254");
	ck_assert_str_eq(q.from, "ACME");
	ck_assert_str_eq(q.group, "home");
	ck_assert_str_eq(q.text, "ab");
}
END_TEST

START_TEST(a_long_text_is_refused_and_not_cut)
{
	char request[8000] = "text=";

	memset(request + 5, 'a', SENDSMS_TEXT_MAX - 1);
	ck_assert_ptr_null(read_request(request));
	ck_assert_uint_eq(strlen(q.text), SENDSMS_TEXT_MAX - 1);
	strcat(request, "a");
	ck_assert_ptr_nonnull(strstr(read_request(request), "too long"));
	strcpy(request, "coding=2&text=");
	for (int i = 0; i < SENDSMS_TEXT_MAX / 3 + 1; i++)
		strcat(request, "%20%AC"); /* three bytes of UTF-8 each */
	ck_assert_ptr_nonnull(strstr(read_request(request), "too long"));
}
END_TEST

START_TEST(senders_are_those_of_the_user)
{
	static char from[] = "123", acme[] = "ACME", none[] = "";
	const struct config_sendsms two = {.from = from, .n_senders = 1, .sender = {acme}};
	const struct config_sendsms open = {.from = none};
	const char *why;

	ck_assert_ptr_null(read_request("text=a"));
	ck_assert_str_eq(sendsms_sender(&two, &q, &why), "123");
	ck_assert_ptr_null(sendsms_sender(&open, &q, &why));
	ck_assert_ptr_null(read_request("text=a&from=ACME"));
	ck_assert_str_eq(sendsms_sender(&two, &q, &why), "ACME");
	ck_assert_ptr_null(sendsms_sender(&open, &q, &why));
	ck_assert_ptr_null(read_request("text=a&from=BANK"));
	ck_assert_ptr_null(sendsms_sender(&two, &q, &why));
	ck_assert_ptr_nonnull(strstr(why, "senders"));
}
END_TEST

/* Bytes of any kind: it ends. ASan sees the rest. */
START_TEST(promise_6_any_request_is_read_to_its_end)
{
	static const char some[] = "text=&coding=2charset=UTF-16BE%0a%D8%3D%00+to=from=";

	struct random r = {3};
	for (int i = 0; i < 100000; i++) {
		char text[200];
		size_t n = random_below(&r, 190);

		for (size_t k = 0; k < n; k++)
			text[k] = some[random_below(&r, sizeof(some) - 1)];
		if (random_below(&r, 2) == 1 && n > 5)
			memcpy(text, "text=", 5);
		(void)sendsms_read(text, n, &q);
	}
}
END_TEST

START_TEST(secrets_are_compared_whole)
{
	struct http_tries *t = http_tries_new(), *other = http_tries_new();
	struct http_proof a, b;

	http_proof_make(t, "correct horse", &a);
	http_proof_make(t, "correct horse", &b);
	ck_assert(http_proof_is(&a, &b));
	http_proof_make(t, "correct horsf", &b);
	ck_assert(!http_proof_is(&a, &b));
	http_proof_make(t, "", &b);
	ck_assert(!http_proof_is(&a, &b));
	http_proof_make(other, "correct horse", &b);
	ck_assert(!http_proof_is(&a, &b)); /* another run's */
	http_tries_free(t);
	http_tries_free(other);
}
END_TEST

START_TEST(wrong_tries_have_a_bound_by_network)
{
	struct http_tries *t = http_tries_new();
	int64_t now = 1000;

	for (int i = 0; i < HTTP_TRIES; i++)
		ck_assert(http_tries_wrong(t, "127.0.0.1", now));
	ck_assert(!http_tries_wrong(t, "127.0.0.1", now));
	ck_assert(http_tries_wrong(t, "2001:db8::/64", now));
	ck_assert(!http_tries_wrong(t, "127.0.0.1", now + HTTP_TRY_EVERY_MS - 1));
	now += HTTP_TRY_EVERY_MS;
	ck_assert(http_tries_wrong(t, "127.0.0.1", now));
	ck_assert(!http_tries_wrong(t, "127.0.0.1", now));
	now += (int64_t)HTTP_TRIES * HTTP_TRY_EVERY_MS; /* as if new */
	for (int i = 0; i < HTTP_TRIES; i++)
		ck_assert(http_tries_wrong(t, "127.0.0.1", now));
	ck_assert(!http_tries_wrong(t, "127.0.0.1", now));
	http_tries_free(t);
}
END_TEST

START_TEST(promise_6_nobody_is_pushed_out_of_the_table_of_tries)
{
	struct http_tries *t = http_tries_new();
	char name[32];
	int taken = 0;
	int64_t now = 1000;

	for (int i = 0; i < HTTP_TRIES; i++)
		ck_assert(http_tries_wrong(t, "192.0.2.1", now));
	for (int i = 0; i < 5 * HTTP_TRIERS_MAX; i++) {
		snprintf(name, sizeof(name), "2001:db8:%x::/64", i);
		taken += http_tries_wrong(t, name, now + i / 100);
	}
	ck_assert_uint_eq(http_tries_kept(t), HTTP_TRIERS_MAX);
	ck_assert_int_eq(taken, HTTP_TRIERS_MAX - 1 + HTTP_TRIES); /* whoever finds no place shares one */
	ck_assert(!http_tries_wrong(t, "192.0.2.1", now + HTTP_TRY_EVERY_MS - 1));
	/* When some have rested, there is room again. */
	now += HTTP_TRY_EVERY_MS + 100;
	ck_assert(http_tries_wrong(t, "198.51.100.1", now));
	ck_assert(http_tries_wrong(t, "192.0.2.1", now));
	ck_assert(!http_tries_wrong(t, "192.0.2.1", now));
	ck_assert_uint_eq(http_tries_kept(t), HTTP_TRIERS_MAX);
	http_tries_free(t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sendsms");
	TCase *t = tcase_create("sendsms");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, texts_are_read_in_every_coding, 0, (int)(sizeof(texts) / sizeof(texts[0])));
	tcase_add_loop_test(t, what_cannot_be_done_is_refused_with_words, 0,
	                    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_test(t, who_and_where_are_read_beside_a_text_with_nuls);
	tcase_add_test(t, a_long_text_is_refused_and_not_cut);
	tcase_add_test(t, senders_are_those_of_the_user);
	tcase_add_test(t, promise_6_any_request_is_read_to_its_end);
	tcase_add_test(t, secrets_are_compared_whole);
	tcase_add_test(t, wrong_tries_have_a_bound_by_network);
	tcase_add_test(t, promise_6_nobody_is_pushed_out_of_the_table_of_tries);
	return run_suite(s);
}
