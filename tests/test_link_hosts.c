/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Link: kinds of bind, where it connects from, and several hosts of one SMSC.
 *
 * Against the raw peer of tests/link_rig.h, over real sockets, by a clock that the test moves where minutes pass.
 */
#include <string.h>

#include "core/log.h"
#include "tests/link_rig.h"
#include "tests/run_suite.h"

/* ---- kinds of bind */

static const struct {
	enum link_bind bind;
	uint32_t id;
} binds[] = {{LINK_TRANSCEIVER, 9}, {LINK_TRANSMITTER, 2}, {LINK_RECEIVER, 1}};

START_TEST(binds_as_what_it_is)
{
	struct rig *r = rig_new();

	r->config.bind = binds[_i].bind;
	rig_bind(r);
	ck_assert_uint_eq(r->got[0].id, binds[_i].id);
	ck_assert_int_eq(link_can_submit(r->link), binds[_i].bind != LINK_RECEIVER);
	ck_assert_int_eq(rig_submit(r, 1), binds[_i].bind == LINK_RECEIVER ? RC_CLOSED : RC_OK);
	rig_deliver(r, 7);
	if (binds[_i].bind == LINK_TRANSMITTER) { /* nothing may come this way: the receiver shall have it */
		RIG_UNTIL(r, rig_got(r, 0x80000005) == 1);
		ck_assert_uint_eq(rig_last(r, 0x80000005)->status, 4);
		ck_assert_int_eq(r->messages, 0);
	} else {
		RIG_UNTIL(r, r->messages == 1);
	}
	rig_free(r);
}
END_TEST

START_TEST(every_field_of_a_bind)
{
	static const char body[] = "starhash\0s3cret\0ussd\0\x50\1\2^25470";
	struct rig *r = rig_new();

	r->config.interface_version = 0x50;
	r->config.addr_ton = 1;
	r->config.addr_npi = 2;
	r->config.address_range = "^25470";
	rig_bind(r);
	ck_assert_uint_eq(r->got[0].len, 16 + sizeof(body));
	ck_assert_int_eq(memcmp(r->got[0].head + 16, body, sizeof(body)), 0);
	rig_free(r);
}
END_TEST

/* SMSCs are known to answer a bind_receiver with a bind_transceiver_resp: the sequence number counts. */
START_TEST(response_of_another_kind)
{
	struct rig *r = rig_new();

	r->config.bind = LINK_RECEIVER;
	r->auto_bind = RIG_SILENT;
	rig_start(r);
	RIG_UNTIL(r, rig_got(r, 1) == 1);
	rig_say(r, 0x80000009, 0, 1, "smsc", 5);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_BOUND);
	rig_free(r);
}
END_TEST

START_TEST(connects_from_where_it_should)
{
	struct rig *r = rig_new();

	r->config.bind_address = "127.0.0.77";
	rig_bind(r);
	ck_assert_str_eq(r->came_from, "127.0.0.77");
	rig_free(r);
}
END_TEST

START_TEST(connects_from_nowhere)
{
	struct rig *r = rig_new_slow();

	r->config.bind_address = "192.0.2.9"; /* of nobody: RFC 5737 */
	rig_start(r);
	rig_pass(r, 1000);
	ck_assert_int_eq(r->connections, 0);
	ck_assert_ptr_nonnull(strstr(rig_report(r).alarm, "bind_address"));
	rig_free(r);
}
END_TEST

/* ---- several hosts */

static void with_other(struct rig *r)
{
	rig_listen_too(r);
	r->config.alternate[0] = (struct link_host){"127.0.0.1", r->other_port};
	r->config.n_alternates = 1;
}

START_TEST(the_other_host_when_the_first_is_gone)
{
	struct rig *r = rig_new_slow();
	uint16_t port = r->port;

	with_other(r);
	evconnlistener_free(r->listener);
	r->listener = NULL;
	rig_start(r);
	rig_pass_until_bound(r, 2000);
	ck_assert_int_eq(r->other_connections, 1);
	ck_assert_uint_eq(rig_report(r).port, r->other_port);

	/* It held a minute: it is a good one, and tried again first. */
	rig_pass(r, RIG_MINUTE);
	rig_listen(r, port);
	rig_drop(r);
	rig_pass(r, 100);
	rig_pass_until_bound(r, 2000);
	ck_assert_int_eq(r->other_connections, 2);

	/* After a good while the first has its turn again. */
	rig_pass(r, 11 * RIG_MINUTE);
	rig_drop(r);
	rig_pass(r, 100);
	rig_pass_until_bound(r, 2000);
	ck_assert_int_eq(r->other_connections, 2);
	ck_assert_uint_eq(rig_report(r).port, port);
	rig_free(r);
}
END_TEST

START_TEST(a_host_that_drops_us_at_once_is_left)
{
	struct rig *r = rig_new_slow();

	with_other(r);
	rig_start(r);
	rig_pass_until_bound(r, 2000);
	rig_drop(r);
	rig_pass(r, 100);
	rig_pass_until_bound(r, 2000);
	ck_assert_int_eq(r->other_connections, 1);
	rig_free(r);
}
END_TEST

/* A wrong password here says nothing of the other host: it is not waited for a minute. */
START_TEST(a_refusal_concerns_one_host)
{
	struct rig *r = rig_new_slow();

	with_other(r);
	r->auto_bind = 0x0e;
	rig_start(r);
	rig_pass_until_bound(r, 2000);
	ck_assert_int_eq(r->other_connections, 1);
	ck_assert_str_eq(rig_report(r).alarm, ""); /* bound: nobody is called for any more */
	rig_free(r);
}
END_TEST

START_TEST(both_refuse_then_slowly)
{
	struct rig *r = rig_new_slow();

	with_other(r);
	r->auto_bind = r->other_bind = 0x0e;
	rig_start(r);
	rig_pass(r, 25000);
	ck_assert_int_eq(r->connections, 2);
	rig_free(r);
}
END_TEST

/* What somebody reads who has mixed up IPv4 and IPv6. */
START_TEST(bind_address_of_another_family)
{
	struct rig *r = rig_new_slow();

	r->config.bind_address = "::1";
	rig_start(r);
	rig_pass(r, 1000);
	ck_assert_int_eq(r->connections, 0);
	ck_assert_ptr_nonnull(strstr(rig_report(r).lost, "is bind_address of the host's family"));
	rig_free(r);
}
END_TEST

/* A name, of which nothing is known, and then an address. */
START_TEST(the_next_host_has_its_own_look_up)
{
	struct rig *r = rig_new();

	r->config.host = "smsc.invalid";
	r->config.connect_ms = 300; /* the look-up may last longer, and must not serve the other host */
	r->config.alternate[0] = (struct link_host){"localhost", r->port};
	r->config.n_alternates = 1;
	rig_bind(r);
	ck_assert_str_eq(rig_report(r).host, "localhost");
	rig_free(r);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static void add_bind_tests(Suite *suite)
{
	TCase *tc = tcase_create("bind");

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, binds_as_what_it_is, 0, COUNT(binds));
	tcase_add_test(tc, every_field_of_a_bind);
	tcase_add_test(tc, response_of_another_kind);
	tcase_add_test(tc, connects_from_where_it_should);
	tcase_add_test(tc, connects_from_nowhere);
	tcase_add_test(tc, the_other_host_when_the_first_is_gone);
	tcase_add_test(tc, a_host_that_drops_us_at_once_is_left);
	tcase_add_test(tc, a_refusal_concerns_one_host);
	tcase_add_test(tc, both_refuse_then_slowly);
	tcase_add_test(tc, bind_address_of_another_family);
	tcase_add_test(tc, the_next_host_has_its_own_look_up);
}

int main(void)
{
	Suite *suite = suite_create("link_hosts");

	log_init(LOG_LV_ERROR);
	add_bind_tests(suite);
	return run_suite(suite);
}
