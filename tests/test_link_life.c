/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Link: how often it tries again, how it finds out that nobody is there, and how it rests.
 *
 * Against the raw peer of tests/link_rig.h, over real sockets, by a clock that the test moves where hours pass. Defends
 * promise 6: no peer can make it storm, and none can make it give up.
 */
#include <string.h>

#include "core/log.h"
#include "tests/link_rig.h"
#include "tests/run_suite.h"

/* ---- how often it tries again */

enum storm { REFUSED, ACCEPTED_THEN_CLOSED, BOUND_THEN_CLOSED, BOUND_THEN_UNBOUND, NACKED, SILENT, BUSY };

static void prepare(struct rig *r, enum storm kind)
{
	switch (kind) {
	case REFUSED:
		evconnlistener_free(r->listener);
		r->listener = NULL;
		break;
	case ACCEPTED_THEN_CLOSED:
		r->drops = RIG_DROPS_ACCEPTED;
		break;
	case BOUND_THEN_CLOSED:
		r->drops = RIG_DROPS_BOUND;
		break;
	case BOUND_THEN_UNBOUND:
	case NACKED:
	case SILENT:
		r->auto_bind = RIG_SILENT;
		break;
	case BUSY:
		r->auto_bind = 0x08;
		break;
	}
}

/* What the peer does by hand. */
static void trouble(struct rig *r, enum storm kind, size_t *seen)
{
	for (; *seen < r->n_got; (*seen)++) {
		const struct rig_pdu *g = &r->got[*seen];

		if (g->id != 9 || !r->peer)
			continue;
		if (kind == NACKED)
			rig_say(r, 0x80000000, 3, g->sequence, NULL, 0);
		if (kind == BOUND_THEN_UNBOUND) {
			rig_say(r, 0x80000009, 0, g->sequence, "smsc", 5);
			rig_say(r, 6, 0, 1, NULL, 0);
		}
	}
}

static uint64_t attempts_in(struct rig *r, enum storm kind, size_t *seen, int64_t ms)
{
	uint64_t before = rig_counters(r).attempts;

	for (int64_t at = 0; at < ms; at += 20) {
		rig_pass(r, 20);
		trouble(r, kind, seen);
	}
	return rig_counters(r).attempts - before;
}

/* The waits are at least 0.2 0.2 0.4 0.8 ... 25.6 s, then 30 s: ten attempts in the first minute, then two. One who does not
 * know our bind is asked once a minute from the start. */
START_TEST(no_storm)
{
	struct rig *r = rig_new_slow();
	size_t seen = 0;
	uint64_t n;

	prepare(r, (enum storm)_i);
	rig_start(r);
	n = attempts_in(r, (enum storm)_i, &seen, RIG_MINUTE);
	ck_assert_uint_le(n, 11);
	ck_assert_uint_ge(n, 1);
	for (int minute = 1; minute < 10; minute += 3) {
		n = attempts_in(r, (enum storm)_i, &seen, 3 * RIG_MINUTE);
		ck_assert_uint_le(n, 6);
		ck_assert_uint_ge(n, 2); /* and it never gives up */
	}
	ck_assert_int_le(r->connections, 28);
	rig_free(r);
}
END_TEST

/* Some SMSCs lock out who comes back before 30 s. */
START_TEST(never_before_the_floor)
{
	struct rig *r = rig_new_slow();
	int64_t last_ms = 0;

	r->config.reconnect_min_ms = 30000;
	r->config.reconnect_max_ms = 30000;
	r->drops = RIG_DROPS_BOUND;
	rig_start(r);
	for (uint64_t n = 1; n <= 20; n++) {
		int64_t waited;

		for (int64_t ms = 0; rig_counters(r).attempts < n && ms < 2 * RIG_MINUTE; ms += 20)
			rig_pass(r, 20);
		waited = r->fake.now_mono_ms - last_ms;
		last_ms = r->fake.now_mono_ms;
		ck_assert(n == 1 || (waited >= 30000 && waited <= 45100));
	}
	ck_assert_uint_eq(rig_counters(r).attempts, 20);
	rig_free(r);
}
END_TEST

static const struct {
	uint32_t status;
	const char *word;
} needs_help[] = {{0x05, "another program or an old session"},
                  {0x0d, "whether the SMSC allows"},
                  {0x0e, "password"},
                  {0x0f, "system_id"}};

/* Wrong, for ten minutes; then put right at the SMSC: no restart is needed. */
START_TEST(refused_then_taken)
{
	struct rig *r = rig_new_slow();
	size_t seen = 0;

	r->auto_bind = needs_help[_i].status;
	rig_start(r);
	ck_assert_uint_le(attempts_in(r, BUSY, &seen, RIG_MINUTE), 3);
	ck_assert_uint_le(attempts_in(r, BUSY, &seen, 9 * RIG_MINUTE), 18);
	ck_assert_ptr_nonnull(strstr(rig_report(r).alarm, needs_help[_i].word));
	ck_assert_uint_eq(rig_counters(r).alarms, 1); /* it is one and the same */
	ck_assert_str_eq(rig_report(r).lost, "bind refused");
	ck_assert_uint_ge(rig_report(r).attempts, 6);
	r->auto_bind = 0;
	rig_pass_until_bound(r, 95000);
	ck_assert_str_eq(rig_report(r).alarm, "");
	rig_free(r);
}
END_TEST

/* ---- is anybody there? */

START_TEST(given_up_after_so_many_misses)
{
	struct rig *r = rig_new_slow();

	r->config.enquire_ms = 30000;
	r->config.enquire_misses = 3;
	r->auto_enquire = RIG_SILENT;
	rig_start(r);
	rig_pass_until_bound(r, 1000);
	rig_pass(r, 30000 + 3 * 10000 - 500);
	ck_assert_int_eq(link_state(r->link), LINK_ST_BOUND);
	ck_assert_int_eq(rig_got(r, 0x15), 3);
	rig_pass(r, 1000);
	ck_assert_uint_eq(rig_counters(r).losses, 1);
	ck_assert_uint_eq(rig_counters(r).enquire_missed, 3);
	rig_free(r);
}
END_TEST

/* It does not answer enquire_link, and says other things: it is there. */
START_TEST(whoever_speaks_is_there)
{
	struct rig *r = rig_new_slow();

	r->config.enquire_ms = 5000;
	r->config.enquire_misses = 2;
	r->auto_enquire = RIG_SILENT;
	rig_start(r);
	rig_pass_until_bound(r, 1000);
	for (uint32_t i = 1; i <= 40; i++) {
		rig_pass(r, 9000);
		rig_say(r, 0x15, 0, i, NULL, 0);
	}
	ck_assert_uint_eq(rig_counters(r).losses, 0);
	ck_assert_uint_ge(rig_counters(r).enquire_missed, 10);
	rig_free(r);
}
END_TEST

START_TEST(busy_links_are_not_asked)
{
	struct rig *r = rig_new_slow();

	r->config.enquire_ms = 5000;
	rig_start(r);
	rig_pass_until_bound(r, 1000);
	for (uint64_t i = 1; i <= 60; i++) {
		ck_assert_int_eq(rig_submit(r, i), RC_OK);
		rig_pass(r, 2000);
	}
	ck_assert_int_eq(rig_got(r, 0x15), 0);
	ck_assert_int_eq(rig_told(r, LINK_ACCEPTED), 60);
	rig_free(r);
}
END_TEST

START_TEST(asking_can_be_switched_off)
{
	struct rig *r = rig_new_slow();

	r->config.enquire_ms = 0;
	rig_start(r);
	rig_pass_until_bound(r, 1000);
	rig_pass(r, 60 * RIG_MINUTE);
	ck_assert_int_eq(rig_got(r, 0x15), 0);
	ck_assert_int_eq(link_state(r->link), LINK_ST_BOUND);
	rig_free(r);
}
END_TEST

/* Half-open: the connection stands and nobody reads. What was sent is unknown, never sent again (promise 3). */
START_TEST(half_open)
{
	struct rig *r = rig_new_slow();

	r->config.enquire_ms = 30000;
	r->config.enquire_misses = 2;
	rig_start(r);
	rig_pass_until_bound(r, 1000);
	bufferevent_disable(r->peer, EV_READ);
	ck_assert_int_eq(rig_submit(r, 1), RC_OK);
	rig_pass(r, 9900);
	ck_assert_uint_eq(r->n_told, 0);
	rig_pass(r, 200);
	ck_assert_int_eq(rig_told(r, LINK_UNKNOWN), 1);
	rig_pass(r, 41000);
	ck_assert_uint_eq(rig_counters(r).losses, 1);
	rig_pass_until_bound(r, 2000);
	rig_pass(r, RIG_MINUTE);
	ck_assert_int_eq(rig_got(r, 4), 0);
	ck_assert_uint_eq(r->n_told, 1);
	rig_free(r);
}
END_TEST

/* ---- the session is not what we think */

START_TEST(wrong_bind_status_binds_anew)
{
	struct rig *r = rig_new_slow();

	r->auto_submit = 4;
	rig_start(r);
	rig_pass_until_bound(r, 1000);
	ck_assert_int_eq(rig_submit(r, 1), RC_OK);
	rig_pass(r, 60);
	ck_assert_int_eq(rig_told(r, LINK_THROTTLED), 1); /* not applied: it may be sent again */
	ck_assert_uint_eq(rig_counters(r).rebinds, 1);
	r->auto_submit = 0;
	rig_pass_until_bound(r, 2000);
	ck_assert_int_eq(r->connections, 2);
	ck_assert_int_eq(rig_submit(r, 2), RC_OK);
	rig_pass(r, 60);
	ck_assert_int_eq(rig_told(r, LINK_ACCEPTED), 1);
	rig_free(r);
}
END_TEST

START_TEST(wrong_bind_status_for_ever)
{
	struct rig *r = rig_new_slow();
	uint64_t token = 0;

	r->auto_submit = 4;
	rig_start(r);
	for (int64_t ms = 0; ms < 10 * RIG_MINUTE; ms += 20) {
		if (link_can_submit(r->link))
			ck_assert_int_eq(rig_submit(r, ++token), RC_OK);
		rig_pass(r, 20);
	}
	ck_assert_uint_le(rig_counters(r).attempts, 30);
	rig_free(r);
}
END_TEST

/* An account that may only receive: each bind lasts, and each submit_sm is refused after a while. */
START_TEST(an_account_that_may_not_send)
{
	struct rig *r = rig_new_slow();
	uint64_t token = 0, before;

	r->auto_submit = 4;
	rig_start(r);
	for (int i = 1; i <= 3; i++) {
		rig_pass_until_bound(r, 2000);
		rig_pass(r, 3000);
		ck_assert_str_eq(rig_report(r).alarm, "");
		ck_assert_int_eq(rig_submit(r, ++token), RC_OK);
		rig_pass(r, 60);
		ck_assert_uint_eq(rig_counters(r).rebinds, (uint64_t)i);
	}
	ck_assert_ptr_nonnull(strstr(rig_report(r).alarm, "may not send"));
	ck_assert_uint_eq(rig_counters(r).alarms, 1);
	before = rig_counters(r).attempts;
	for (int64_t ms = 0; ms < 10 * RIG_MINUTE; ms += 20) {
		if (link_can_submit(r->link))
			ck_assert_int_eq(rig_submit(r, ++token), RC_OK);
		ck_assert_ptr_nonnull(strstr(rig_report(r).alarm, "may not send"));
		rig_pass(r, 20);
	}
	ck_assert_uint_le(rig_counters(r).attempts - before, 21); /* 30 s are the shortest wait */
	ck_assert_uint_ge(rig_counters(r).attempts - before, 5);  /* 90 s the longest */
	ck_assert_uint_eq(rig_counters(r).alarms, 1);
	r->auto_submit = 0; /* its operator allows it: no restart is needed */
	rig_pass_until_bound(r, 95000);
	ck_assert_int_eq(rig_submit(r, ++token), RC_OK);
	rig_pass(r, 60);
	ck_assert_str_eq(rig_report(r).alarm, "");
	r->auto_submit = 4; /* and now it is one of the passing kind again */
	ck_assert_int_eq(rig_submit(r, ++token), RC_OK);
	rig_pass(r, 60);
	rig_pass_until_bound(r, 2000);
	ck_assert_str_eq(rig_report(r).alarm, "");
	rig_free(r);
}
END_TEST

/* ---- resting */

START_TEST(rests_and_comes_back)
{
	struct rig *r = rig_new();

	rig_bind(r);
	link_rest(r->link, 1000);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_IDLE);
	ck_assert_int_eq(rig_got(r, 6), 1);
	ck_assert_int_eq(rig_submit(r, 1), RC_CLOSED);
	link_start(r->link);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_BOUND);
	ck_assert_int_eq(rig_submit(r, 2), RC_OK);
	RIG_UNTIL(r, rig_told(r, LINK_ACCEPTED) == 1);

	/* started again while it still unbinds */
	link_rest(r->link, 1000);
	link_start(r->link);
	RIG_UNTIL(r, r->connections == 3 && link_state(r->link) == LINK_ST_BOUND);

	/* the end for good wins over a rest */
	link_rest(r->link, 1000);
	link_drain(r->link, 1000);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_DOWN);
	rig_free(r);
}
END_TEST

START_TEST(rests_from_any_state)
{
	struct rig *r = rig_new();

	if (_i == 1)
		r->auto_bind = RIG_SILENT;
	if (_i == 2) {
		r->auto_bind = 8;
		r->config.reconnect_min_ms = r->config.reconnect_max_ms = 60000;
	}
	if (_i > 0)
		rig_start(r);
	if (_i == 1)
		RIG_UNTIL(r, link_state(r->link) == LINK_ST_BINDING);
	if (_i == 2)
		RIG_UNTIL(r, link_state(r->link) == LINK_ST_BACKOFF);
	if (_i == 0) {
		rig_start(r);
		RIG_UNTIL(r, link_state(r->link) == LINK_ST_CONNECTING);
	}
	link_rest(r->link, 1000);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_IDLE);
	link_drain(r->link, 1000);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_DOWN);
	rig_free(r);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static void add_life_tests(Suite *suite)
{
	TCase *tc = tcase_create("life");

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, no_storm, REFUSED, BUSY + 1);
	tcase_add_test(tc, never_before_the_floor);
	tcase_add_loop_test(tc, refused_then_taken, 0, COUNT(needs_help));
	tcase_add_test(tc, given_up_after_so_many_misses);
	tcase_add_test(tc, whoever_speaks_is_there);
	tcase_add_test(tc, busy_links_are_not_asked);
	tcase_add_test(tc, asking_can_be_switched_off);
	tcase_add_test(tc, half_open);
	tcase_add_test(tc, wrong_bind_status_binds_anew);
	tcase_add_test(tc, wrong_bind_status_for_ever);
	tcase_add_test(tc, an_account_that_may_not_send);
	tcase_add_test(tc, rests_and_comes_back);
	tcase_add_loop_test(tc, rests_from_any_state, 0, 3);
}

int main(void)
{
	Suite *suite = suite_create("link_life");

	log_init(LOG_LV_ERROR);
	add_life_tests(suite);
	return run_suite(suite);
}
