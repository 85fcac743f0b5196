/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests taken apart: what is taken, what is refused and by which name, in every split of the bytes; forms; who may connect. */
#include "gateway/http_parse.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "gateway/http_gate.h"
#include "tests/random.h"
#include "tests/run_suite.h"

static struct http_head head;

static enum http_refusal parse(const char *text, size_t len)
{
	static char copy[20000];

	ck_assert_uint_lt(len, sizeof(copy));
	memcpy(copy, text, len);
	return http_head_parse(copy, len, &head);
}

#define OK "GET / HTTP/1.1\r\nHost: a\r\n"

static const struct {
	const char *text;
	enum http_refusal why;
} heads[] = {
	{OK "\r\n", HTTP_REFUSED_NOT},
	{"GET / HTTP/1.0\n\n", HTTP_REFUSED_NOT},
	{"GET /a?b=c HTTP/1.1\nhost: a\n\n", HTTP_REFUSED_NOT},
	{OK "Content-Length: 5\r\n\r\n", HTTP_REFUSED_NOT},
	{OK "X-Empty:\r\nX-Tab: \ta\t\r\n\r\n", HTTP_REFUSED_NOT},
	{"BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_REFUSED_NOT}, /* its path says what it takes */
	{"", HTTP_REFUSED_MALFORMED},
	{"\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"GET\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"GET /\r\n\r\n", HTTP_REFUSED_MALFORMED}, /* HTTP/0.9 */
	{"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"GET / http/1.1\r\nHost: a\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"GET / HTTP/1.15\r\nHost: a\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"GET / HTTP/2.0\r\nHost: a\r\n\r\n", HTTP_REFUSED_VERSION},
	{"GET / HTTP/0.9\r\nHost: a\r\n\r\n", HTTP_REFUSED_VERSION},
	{"GET / HTTP/1.1\r\n\r\n", HTTP_REFUSED_MALFORMED}, /* no Host */
	{OK "Host: b\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"GET * HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK " folded\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "A : b\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK ": b\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "nothing\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "A: b\rc\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "A: \x01\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "Origin: a\r\nOrigin: b\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "Content-Length: -5\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "Content-Length: +5\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "Content-Length: 5, 5\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "Content-Length:\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "Content-Length: 0x5\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "Content-Length: 39\r\n x\r\n\r\n",
         HTTP_REFUSED_MALFORMED}, /* folded: a name or a value for others */
	{OK "Content-Lengt: 47\r\n h: 3\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "Content-Lengt\r\n h: 47\r\n\r\n", HTTP_REFUSED_MALFORMED},
	{OK "Content-Length: 18446744073709551617\r\n\r\n", HTTP_REFUSED_BODY_SIZE},
	{OK "Transfer-Encoding: chunked\r\n\r\n", HTTP_REFUSED_LENGTH},
	{OK "Content-Length: 5\r\ntransfer-encoding: identity\r\n\r\n", HTTP_REFUSED_LENGTH},
};

START_TEST(a_head_is_taken_or_refused_by_name)
{
	ck_assert_str_eq(heads[_i].text, heads[_i].text);
	ck_assert_int_eq(parse(heads[_i].text, strlen(heads[_i].text)), heads[_i].why);
}
END_TEST

START_TEST(a_head_is_read_as_it_is_written)
{
	const char *text =
		"POST /cgi?x=1&y HTTP/1.1\r\nHost: h:80\r\ncontent-length:  12 \r\nCookie: a=b; c\r\n\r\n";

	ck_assert_int_eq(parse(text, strlen(text)), HTTP_REFUSED_NOT);
	ck_assert_uint_eq(head.method, HTTP_POST);
	ck_assert_str_eq(head.path, "/cgi");
	ck_assert_str_eq(head.query, "x=1&y");
	ck_assert_uint_eq(head.length, 12);
	ck_assert_str_eq(http_head_value(&head, "COOKIE"), "a=b; c");
	ck_assert_ptr_null(http_head_value(&head, "Cook"));
	ck_assert(head.keeps_alive);
	ck_assert(!head.expects_continue);
}
END_TEST

START_TEST(a_host_is_ours_or_not)
{
	static char one[] = "gateway.example", two[] = "ussd";
	char *const names[] = {one, two};
	static const struct {
		const char *host;
		bool is_ours;
	} rows[] = {{"127.0.0.1", true},
	            {"127.0.0.1:8080", true},
	            {"192.0.2.7:80", true},
	            {"[::1]", true},
	            {"[2001:db8::1]:8080", true},
	            {"localhost", true},
	            {"LocalHost.:8080", true},
	            {"gateway.example:18080", true},
	            {"Gateway.Example.", true},
	            {"ussd", true},
	            {"evil.example:18080", false},
	            {"127.0.0.1.evil.example", false},
	            {"localhost.evil.example", false},
	            {"evil.gateway.example", false},
	            {"gateway.example.evil", false},
	            {"", false},
	            {":8080", false},
	            {".", false},
	            {"127.0.0.1:8080@evil", false},
	            {"[::1", false},
	            {"[evil]", false},
	            {"[::1]x", false},
	            {"user@localhost", false},
	            {"localhost:80:80", false}};
	char host[400];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(http_host_is_ours(rows[i].host, names, 2) == rows[i].is_ours, "%s",
		              rows[i].host);
	ck_assert(!http_host_is_ours("ussd", NULL, 0));
	memset(host, 'a', sizeof(host));
	host[399] = '\0';
	ck_assert(!http_host_is_ours(host, names, 2));
	host[0] = '[';
	ck_assert(!http_host_is_ours(host, names, 2));
}
END_TEST

START_TEST(connections_are_kept_or_closed_as_the_client_says)
{
	static const struct {
		const char *version, *connection;
		bool keeps;
	} rows[] = {{"1.1", "X: y", true},
	            {"1.1", "Connection: close", false},
	            {"1.1", "Connection: Upgrade, CLOSE", false},
	            {"1.1", "Connection: closed", true},
	            {"1.0", "X: y", false},
	            {"1.0", "Connection: keep-alive", true}};
	char text[200];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "GET / HTTP/%s\r\nHost: a\r\n%s\r\n\r\n", rows[i].version,
		         rows[i].connection);
		ck_assert_int_eq(parse(text, strlen(text)), HTTP_REFUSED_NOT);
		ck_assert_int_eq(head.keeps_alive, rows[i].keeps);
	}
}
END_TEST

START_TEST(a_nul_a_long_path_and_many_lines_are_refused)
{
	static const char nul[] = "GET / HTTP/1.1\r\nHost: a\r\nA: b\0c\r\n\r\n";
	static const char length[] = OK "Content-Length: 3\0"
					"99\r\n\r\nabc";
	char text[8000] = "GET /";
	size_t n;

	ck_assert_int_eq(parse(nul, sizeof(nul) - 1), HTTP_REFUSED_MALFORMED);
	ck_assert_int_eq(parse(length, sizeof(length) - 1), HTTP_REFUSED_MALFORMED);
	memset(text + 5, 'a', HTTP_PATH_MAX - 1);
	strcpy(text + 5 + HTTP_PATH_MAX - 1, " HTTP/1.1\r\nHost: a\r\n\r\n");
	ck_assert_int_eq(parse(text, strlen(text)), HTTP_REFUSED_NOT);
	strcpy(text + 5 + HTTP_PATH_MAX - 1, "a HTTP/1.1\r\nHost: a\r\n\r\n");
	ck_assert_int_eq(parse(text, strlen(text)), HTTP_REFUSED_PATH);
	strcpy(text, OK);
	for (int i = 0; i < HTTP_HEADERS_MAX; i++)
		strcat(text, "A: b\r\n");
	n = strlen(text);
	ck_assert_int_eq(parse(text, n), HTTP_REFUSED_HEADERS);
	ck_assert_int_eq(parse(text, n - 6), HTTP_REFUSED_NOT);
}
END_TEST

/* However the bytes arrive, the end is found once all are there, and not before. */
START_TEST(the_end_is_found_in_every_split)
{
	static const char *const texts[] = {OK "\r\n", "GET / HTTP/1.0\n\n", "G\r\n\n", "a\n\r\n"};

	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
		size_t len = strlen(texts[k]), looked = 0;

		for (size_t n = 1; n < len; n++) {
			ck_assert_uint_eq(http_head_end(texts[k], n, looked), 0);
			looked = n;
		}
		ck_assert_uint_eq(http_head_end(texts[k], len, looked), len);
		ck_assert_uint_eq(http_head_end(texts[k], len, 0), len);
	}
}
END_TEST

/* Bytes of any kind: it ends, and what is taken is within the text. ASan sees the rest. */
START_TEST(promise_6_any_bytes_are_read_to_their_end)
{
	static const char some[] = "GET /HOSTP:1.0\r\n\r\n \t%=&?#\0\x80,;-contlegh";

	struct random r = {7};
	for (int i = 0; i < 200000; i++) {
		char text[128];
		size_t n = random_below(&r, 120), keep = random_below(&r, 3) ? strlen(OK) : 0;
		struct http_form form;

		for (size_t k = 0; k < n; k++)
			text[k] = some[random_below(&r, sizeof(some) - 1)];
		if (n >= keep)
			memcpy(text, OK, keep);
		http_form_parse(text, n, &form);
		if (parse(text, n) == HTTP_REFUSED_NOT)
			ck_assert_uint_le(strlen(head.path) + strlen(head.query), n);
	}
}
END_TEST

static bool form(const char *text, struct http_form *out)
{
	static char copy[8000];

	snprintf(copy, sizeof(copy), "%s", text);
	return http_form_parse(copy, strlen(copy), out);
}

START_TEST(forms_are_decoded)
{
	struct http_form f;

	ck_assert(form("a=1&b=two+words%21&c&=x&&a=2&%64=%c3%A9", &f));
	ck_assert_str_eq(http_form_value(&f, "a"), "1");
	ck_assert_str_eq(http_form_value(&f, "b"), "two words!");
	ck_assert_str_eq(http_form_value(&f, "c"), "");
	ck_assert_str_eq(http_form_value(&f, "d"), "\xc3\xa9");
	ck_assert_ptr_null(http_form_value(&f, "e"));
	ck_assert(form("", &f));
	ck_assert_uint_eq(f.n, 0);
	ck_assert(!form("a=%", &f));
	ck_assert(!form("a=%4", &f));
	ck_assert(!form("a=%zz", &f));
	ck_assert(!form("a=b%00c", &f));
	ck_assert(!form("%00=b", &f));
}
END_TEST

START_TEST(forms_have_bounds)
{
	char text[1000] = "";
	struct http_form f;

	for (int i = 0; i < HTTP_FORM_PAIRS_MAX; i++)
		strcat(text, "a=b&");
	ck_assert(form(text, &f));
	strcat(text, "a=b");
	ck_assert(!form(text, &f));
}
END_TEST

static enum http_refusal enter(struct http_gate *g, const char *address, struct http_gate_entry **e)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		return http_gate_enter(g, (struct sockaddr *)&v4, e);
	ck_assert_int_eq(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
	return http_gate_enter(g, (struct sockaddr *)&v6, e);
}

START_TEST(an_address_counts_by_its_network)
{
	static const struct {
		const char *address, *network;
	} rows[] = {{"192.0.2.1", "192.0.2.1"},
	            {"::ffff:192.0.2.1", "192.0.2.1"}, /* what a listener on [::] sees of IPv4 */
	            {"2001:db8:0:1::ffff:2", "2001:db8:0:1::/64"},
	            {"::1", "::/64"}};
	struct http_gate *g = http_gate_new(9, 1);
	struct http_gate_entry *a, *b, *none = NULL;
	char network[HTTP_NETWORK_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
		struct sockaddr_in v4 = {.sin_family = AF_INET};
		bool is_four = inet_pton(AF_INET, rows[i].address, &v4.sin_addr) == 1;

		if (!is_four)
			ck_assert_int_eq(inet_pton(AF_INET6, rows[i].address, &v6.sin6_addr), 1);
		http_gate_network(is_four ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6, network);
		ck_assert_str_eq(network, rows[i].network);
	}
	ck_assert_int_eq(enter(g, "::ffff:192.0.2.1", &a), HTTP_REFUSED_NOT);
	ck_assert_int_eq(enter(g, "::ffff:192.0.2.2", &b),
	                 HTTP_REFUSED_NOT); /* not one /64 with all others */
	ck_assert_int_eq(enter(g, "::ffff:192.0.2.2", &none), HTTP_REFUSED_ADDRESS);
	http_gate_free(g);
}
END_TEST

START_TEST(connections_are_counted_by_address_and_in_all)
{
	struct http_gate *g = http_gate_new(4, 2);
	struct http_gate_entry *a, *b, *c, *d, *none = NULL;

	ck_assert_int_eq(enter(g, "192.0.2.1", &a), HTTP_REFUSED_NOT);
	ck_assert_int_eq(enter(g, "192.0.2.1", &b), HTTP_REFUSED_NOT);
	ck_assert_int_eq(enter(g, "192.0.2.1", &none), HTTP_REFUSED_ADDRESS);
	ck_assert_int_eq(enter(g, "2001:db8::1", &c), HTTP_REFUSED_NOT);
	ck_assert_int_eq(enter(g, "2001:db8::ffff:2", &d), HTTP_REFUSED_NOT); /* of one /64 */
	ck_assert_int_eq(enter(g, "192.0.2.3", &none), HTTP_REFUSED_CONNECTIONS);
	ck_assert_ptr_null(none);
	http_gate_leave(g, d);
	ck_assert_uint_eq(http_gate_connections(g), 3);
	ck_assert_int_eq(enter(g, "192.0.2.1", &none), HTTP_REFUSED_ADDRESS);
	http_gate_leave(g, a);
	ck_assert_int_eq(enter(g, "192.0.2.1", &a), HTTP_REFUSED_NOT);
	http_gate_leave(g, a);
	http_gate_leave(g, b);
	http_gate_leave(g, c);
	ck_assert_uint_eq(http_gate_connections(g), 0);
	ck_assert_int_eq(enter(g, "192.0.2.1", &a), HTTP_REFUSED_NOT);
	http_gate_free(g); /* with somebody in it */
}
END_TEST

START_TEST(every_refusal_has_a_name_a_status_and_words)
{
	ck_assert_ptr_null(http_refusal_name(HTTP_REFUSED_NOT));
	for (int i = HTTP_REFUSED_NOT + 1; i < HTTP_REFUSALS; i++) {
		ck_assert_ptr_nonnull(http_refusal_name((enum http_refusal)i));
		ck_assert_int_ge(http_refusal_status((enum http_refusal)i), 400);
		ck_assert_ptr_nonnull(http_refusal_words((enum http_refusal)i));
	}
	ck_assert_ptr_null(http_refusal_name(HTTP_REFUSALS));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_parse");
	TCase *t = tcase_create("http_parse");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, a_head_is_taken_or_refused_by_name, 0,
	                    (int)(sizeof(heads) / sizeof(heads[0])));
	tcase_add_test(t, a_head_is_read_as_it_is_written);
	tcase_add_test(t, a_host_is_ours_or_not);
	tcase_add_test(t, connections_are_kept_or_closed_as_the_client_says);
	tcase_add_test(t, a_nul_a_long_path_and_many_lines_are_refused);
	tcase_add_test(t, the_end_is_found_in_every_split);
	tcase_add_test(t, promise_6_any_bytes_are_read_to_their_end);
	tcase_add_test(t, forms_are_decoded);
	tcase_add_test(t, forms_have_bounds);
	tcase_add_test(t, an_address_counts_by_its_network);
	tcase_add_test(t, connections_are_counted_by_address_and_in_all);
	tcase_add_test(t, every_refusal_has_a_name_a_status_and_words);
	return run_suite(s);
}
