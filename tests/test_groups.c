/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups: by which link something leaves; pairs of two sessions; standbys.
 *
 * Against raw SMSCs over real sockets, each with a listener of its own. Defends promise 3 across links: what came by one session
 * is answered by another of its group, and by none of another group.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "gateway/gateway_private.h"
#include "gateway/standby.h"
#include "gateway/traffic_sms.h"
#include "tests/groups_world.h"
#include "tests/run_suite.h"

/* ---- pairs */

static const char message[] = "\0\1\1"
			      "254700000001\0"
			      "\0\0"
			      "123\0"
			      "\0\0\0"
			      "\0"
			      "\0"
			      "\0\0\0\0"
			      "\1"
			      "1";

START_TEST(pair_is_two_sessions)
{
	struct world *w = world_new();

	add(w, "a", "home", 0)->bind = CONFIG_PAIR;
	start(w);
	ck_assert_uint_eq(groups_links(w->groups), 2);
	ck_assert_str_eq(link_name(at(w, 0)), "a.tx");
	ck_assert_str_eq(link_name(at(w, 1)), "a.rx");
	UNTIL(w, groups_bound(w->groups) == 1);
	ck_assert_uint_eq(w->smsc[0].n, 2);
	ck_assert_ptr_nonnull(session_of(&w->smsc[0], 1));
	ck_assert_ptr_nonnull(session_of(&w->smsc[0], 2));

	say(session_of(&w->smsc[0], 1), 5, 0, 9, message, sizeof(message) - 1);
	UNTIL(w, w->messages == 1);
	ck_assert_ptr_eq(w->came_by, at(w, 1));
	ck_assert_ptr_eq(groups_pick(w->groups, w->came_by, 0), at(w, 0));
	ck_assert_ptr_eq(groups_pick(w->groups, NULL, 0), at(w, 0));
	world_free(w);
}
END_TEST

/* ---- by an operator */

START_TEST(what_is_held_stays_down_until_it_is_released)
{
	struct world *w = world_new();

	add(w, "a", "home", 0);
	add(w, "b", "home", 1);
	start(w);
	UNTIL(w, is_bound(w, 0) && is_bound(w, 1));
	ck_assert_uint_eq(groups_hold(w->groups, "nobody", true), 0);
	ck_assert_uint_eq(groups_hold(w->groups, "a", true), 1);
	UNTIL(w, link_state(at(w, 0)) == LINK_ST_IDLE);
	ck_assert_int_eq(w->smsc[0].unbinds, 1);
	ck_assert(groups_is_held(w->groups, at(w, 0)));
	ck_assert(!groups_is_held(w->groups, at(w, 1)));
	for (int i = 0; i < 4; i++)
		ck_assert_ptr_eq(groups_pick(w->groups, NULL, 0), at(w, 1));
	ck_assert_uint_eq(groups_hold(w->groups, "a", true), 1); /* once more changes nothing */
	ck_assert_uint_eq(groups_hold(w->groups, "a", false), 1);
	UNTIL(w, is_bound(w, 0));
	ck_assert_uint_eq(w->smsc[0].n, 2);
	world_free(w);
}
END_TEST

START_TEST(a_pair_is_held_as_one_or_by_half)
{
	struct world *w = world_new();

	add(w, "a", "home", 0)->bind = CONFIG_PAIR;
	start(w);
	UNTIL(w, groups_bound(w->groups) == 1);
	ck_assert_uint_eq(groups_hold(w->groups, "a.tx", true), 1);
	UNTIL(w, link_state(at(w, 0)) == LINK_ST_IDLE);
	ck_assert(is_bound(w, 1));
	ck_assert_uint_eq(groups_hold(w->groups, "a", true), 2);
	UNTIL(w, link_state(at(w, 1)) == LINK_ST_IDLE);
	ck_assert_uint_eq(groups_hold(w->groups, "a", false), 2);
	UNTIL(w, groups_bound(w->groups) == 1);
	world_free(w);
}
END_TEST

START_TEST(a_cold_standby_stands_in_for_what_is_held)
{
	struct world *w = world_new();

	add(w, "a", "home", 0);
	add(w, "b", "home", 1)->standby = CONFIG_COLD;
	start(w);
	UNTIL(w, is_bound(w, 0));
	groups_hold(w->groups, "a", true);
	UNTIL(w, is_bound(w, 1));
	groups_hold(w->groups, "b", true); /* and stays down itself */
	UNTIL(w, link_state(at(w, 1)) == LINK_ST_IDLE);
	groups_hold(w->groups, "a", false);
	UNTIL(w, is_bound(w, 0));
	ck_assert_int_eq(link_state(at(w, 1)), LINK_ST_IDLE);
	world_free(w);
}
END_TEST

START_TEST(a_throttled_link_sends_so_many_a_second)
{
	struct world *w = world_new();
	int64_t began;

	add(w, "a", "home", 0);
	start(w);
	UNTIL(w, is_bound(w, 0));
	ck_assert_uint_eq(groups_throttle(w->groups, "a", 10), 1);
	ck_assert_uint_eq(groups_throttle(w->groups, "b", 10), 0);
	began = now_ms();
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(submit(at(w, 0)), RC_OK);
	UNTIL(w, w->smsc[0].submits == 6);
	ck_assert_int_ge(now_ms() - began, 450); /* the first may go at once */
	groups_throttle(w->groups, "a", GROUPS_AS_CONFIGURED);
	ck_assert_int_eq(link_config_of(at(w, 0))->rate, 0);
	world_free(w);
}
END_TEST

/* One of the two is lost, or unbound by the SMSC: the other stays, and only the lost one comes back. */
START_TEST(pair_loses_one)
{
	bool is_tx = _i % 2 == 0, unbinds = _i >= 2;
	uint8_t lost = is_tx ? 2 : 1, other = is_tx ? 1 : 2;
	struct world *w = world_new();
	struct session *stays, *goes;
	uint32_t connection;

	add(w, "a", "home", 0)->bind = CONFIG_PAIR;
	start(w);
	UNTIL(w, groups_bound(w->groups) == 1);
	stays = session_of(&w->smsc[0], other);
	goes = session_of(&w->smsc[0], lost);
	connection = link_connection(at(w, is_tx ? 1 : 0));
	if (unbinds)
		say(goes, 6, 0, 1, NULL, 0);
	else
		drop(goes);
	UNTIL(w, groups_bound(w->groups) == 0);
	if (is_tx) { /* whoever waits for an answer waits on: the dialogue tries again */
		ck_assert_ptr_null(groups_pick(w->groups, at(w, 1), 0));
		ck_assert_ptr_null(groups_pick(w->groups, NULL, GROUPS_ANY));
	} else {
		ck_assert_ptr_eq(groups_pick(w->groups, at(w, 1), 0), at(w, 0));
	}
	UNTIL(w, groups_bound(w->groups) == 1);
	ck_assert_uint_eq(w->smsc[0].n, 3);
	ck_assert_ptr_eq(session_of(&w->smsc[0], other), stays);
	ck_assert_uint_eq(link_connection(at(w, is_tx ? 1 : 0)), connection);
	ck_assert_ptr_eq(groups_pick(w->groups, at(w, 1), 0), at(w, 0));
	world_free(w);
}
END_TEST

/* Its transmitter is away: the answer leaves by another link of the group. */
START_TEST(pair_is_helped_out)
{
	struct world *w = world_new();

	add(w, "a", "home", 0)->bind = CONFIG_PAIR;
	add(w, "b", "home", 1);
	start(w);
	UNTIL(w, groups_bound(w->groups) == 2);
	for (int i = 0; i < 4; i++)
		ck_assert_ptr_eq(groups_pick(w->groups, at(w, 1), 0), at(w, 0));
	drop(session_of(&w->smsc[0], 2));
	UNTIL(w, !is_bound(w, 0));
	ck_assert_ptr_eq(groups_pick(w->groups, at(w, 1), 0), at(w, 2));
	world_free(w);
}
END_TEST

/* How often the log says `words` while the receiver of the pair is made anew by the other host. */
static int said_while_split(struct world *w, const char *words)
{
	FILE *caught = tmpfile();
	int kept = dup(STDERR_FILENO), n = 0;
	char line[512];

	ck_assert_ptr_nonnull(caught);
	fflush(stderr);
	dup2(fileno(caught), STDERR_FILENO);
	evconnlistener_free(w->smsc[0].listener);
	w->smsc[0].listener = NULL;
	drop(session_of(&w->smsc[0], 1));
	UNTIL(w, groups_bound(w->groups) == 0);
	UNTIL(w, groups_bound(w->groups) == 1);
	fflush(stderr);
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(caught);
	while (fgets(line, sizeof(line), caught))
		n += strstr(line, words) != NULL;
	fclose(caught);
	return n;
}

START_TEST(pair_on_two_hosts_is_said)
{
	struct world *w = world_new();
	struct config_link *c = add(w, "a", "home", 0);

	log_init(LOG_LV_WARN);
	c->bind = CONFIG_PAIR;
	c->alternate[0] = (struct config_host){(char *)"127.0.0.1", w->smsc[1].port};
	c->n_alternates = 1;
	start(w);
	UNTIL(w, groups_bound(w->groups) == 1);
	ck_assert_int_eq(said_while_split(w, "event=pair_split"), 1);
	ck_assert_ptr_nonnull(session_of(&w->smsc[0], 2));
	ck_assert_ptr_nonnull(session_of(&w->smsc[1], 1));
	world_free(w);
}
END_TEST

/* ---- picking */

START_TEST(the_way_it_came)
{
	struct world *w = world_new();

	add(w, "a", "home", 0);
	add(w, "b", "home", 1);
	add(w, "c", "away", 2);
	start(w);
	UNTIL(w, groups_bound(w->groups) == 3);
	ck_assert_uint_eq(groups_of(w->groups, at(w, 1)), 0);
	ck_assert_uint_eq(groups_of(w->groups, at(w, 2)), 2);
	ck_assert_int_eq(groups_by_name(w->groups, "away"), 2);
	ck_assert_int_eq(groups_by_name(w->groups, "nowhere"), -1);
	for (int i = 0; i < 5; i++)
		ck_assert_ptr_eq(groups_pick(w->groups, at(w, 1), 0), at(w, 1));
	smsc_down(&w->smsc[1]);
	UNTIL(w, !is_bound(w, 1));
	ck_assert_ptr_eq(groups_pick(w->groups, at(w, 1), 0), at(w, 0));
	smsc_down(&w->smsc[0]);
	UNTIL(w, !is_bound(w, 0));
	ck_assert_ptr_null(groups_pick(w->groups, at(w, 1), 0)); /* never by another group */
	ck_assert_ptr_eq(groups_pick(w->groups, NULL, GROUPS_ANY), at(w, 2));
	ck_assert_ptr_eq(groups_pick(w->groups, (struct link *)(void *)w, GROUPS_ANY),
	                 at(w, 2)); /* of none of ours */
	world_free(w);
}
END_TEST

START_TEST(actives_take_turns)
{
	struct world *w = world_new();
	int picked[3] = {0};

	add(w, "a", "home", 0);
	add(w, "b", "home", 1);
	add(w, "c", "home", 2);
	start(w);
	UNTIL(w, groups_bound(w->groups) == 3);
	for (int i = 0; i < 30; i++) {
		const struct link *l = groups_pick(w->groups, NULL, 0);

		for (size_t k = 0; k < 3; k++)
			picked[k] += l == at(w, k);
	}
	for (size_t k = 0; k < 3; k++)
		ck_assert_int_eq(picked[k], 10);

	/* By what waits in the windows, from here on. */
	ck_assert_int_eq(submit(at(w, 0)), RC_OK);
	ck_assert_int_eq(submit(at(w, 0)), RC_OK);
	ck_assert_int_eq(submit(at(w, 1)), RC_OK);
	ck_assert_ptr_eq(groups_pick(w->groups, NULL, 0), at(w, 2)); /* 2 1 0 */
	ck_assert_int_eq(submit(at(w, 2)), RC_OK);
	ck_assert_ptr_eq(groups_pick(w->groups, NULL, 0), at(w, 1)); /* 2 1 1: its turn is longer ago */
	ck_assert_int_eq(submit(at(w, 1)), RC_OK);
	ck_assert_ptr_eq(groups_pick(w->groups, NULL, 0), at(w, 2)); /* 2 2 1 */
	world_free(w);
}
END_TEST

START_TEST(a_receiver_is_never_picked)
{
	struct world *w = world_new();

	add(w, "rx", "home", 0)->bind = CONFIG_RECEIVER;
	add(w, "tx", "home", 1)->bind = CONFIG_TRANSMITTER;
	start(w);
	UNTIL(w, groups_bound(w->groups) == 2);
	ck_assert_ptr_eq(groups_pick(w->groups, at(w, 0), 0), at(w, 1));
	smsc_down(&w->smsc[1]);
	UNTIL(w, !is_bound(w, 1));
	ck_assert_ptr_null(groups_pick(w->groups, at(w, 0), 0));
	world_free(w);
}
END_TEST

/* ---- standbys */

START_TEST(warm_standby)
{
	struct world *w = world_new();
	size_t warm = (size_t)_i, active = 1 - warm;

	for (size_t i = 0; i < 2; i++)
		add(w, i == warm ? "b" : "a", "home", i)->standby = i == warm ? CONFIG_WARM : CONFIG_ACTIVE;
	start(w);
	UNTIL(w, groups_bound(w->groups) == 2);
	ck_assert_int_eq(groups_standby_of(w->groups, at(w, warm)), CONFIG_WARM);
	for (int i = 0; i < 6; i++)
		ck_assert_ptr_eq(groups_pick(w->groups, NULL, 0), at(w, active));
	/* what the SMSC delivers over it is answered over it */
	ck_assert_ptr_eq(groups_pick(w->groups, at(w, warm), 0), at(w, warm));
	smsc_down(&w->smsc[active]);
	UNTIL(w, !is_bound(w, active));
	ck_assert_ptr_eq(groups_pick(w->groups, NULL, 0), at(w, warm));
	smsc_up(&w->smsc[active]);
	UNTIL(w, is_bound(w, active));
	ck_assert_ptr_eq(groups_pick(w->groups, NULL, 0), at(w, active));
	world_free(w);
}
END_TEST

START_TEST(cold_standby)
{
	struct world *w = world_new();
	int64_t lost_ms;

	add(w, "a", "home", 0)->bind = _i == 0 ? CONFIG_TRANSCEIVER : CONFIG_PAIR;
	add(w, "b", "home", 1)->standby = CONFIG_COLD;
	start(w);
	UNTIL(w, groups_bound(w->groups) == 1);
	for (int64_t end = now_ms() + 150; now_ms() < end;)
		event_base_loop(w->base, EVLOOP_ONCE);
	ck_assert_uint_eq(w->smsc[1].n, 0); /* three times its patience, and it was not needed */

	for (int round = 1; round <= 3; round++) {
		size_t last = groups_links(w->groups) - 1;

		smsc_down(&w->smsc[0]);
		UNTIL(w, !is_bound(w, 0));
		lost_ms = now_ms();
		UNTIL(w, is_bound(w, last));
		ck_assert_int_ge(now_ms() - lost_ms, 40);
		ck_assert_ptr_eq(groups_pick(w->groups, at(w, 0), 0), at(w, last));
		ck_assert_uint_eq(w->smsc[1].n, (size_t)round);
		smsc_up(&w->smsc[0]);
		UNTIL(w, link_state(at(w, last)) == LINK_ST_IDLE);
		ck_assert_int_eq(w->smsc[1].unbinds, round);
		ck_assert(is_bound(w, 0));
	}
	groups_drain(w->groups, 1000);
	UNTIL(w, groups_are_down(w->groups));
	world_free(w);
}
END_TEST

/* Nothing is bound from the start: the cold standby has its turn. */
START_TEST(cold_standby_from_the_start)
{
	struct world *w = world_new();
	struct link_report report;

	w->smsc[0].bind_status = 0x0d;
	add(w, "a", "home", 0);
	add(w, "b", "home", 1)->standby = CONFIG_COLD;
	add(w, "c", "away", 2)->standby = CONFIG_COLD; /* of a group of its own */
	start(w);
	UNTIL(w, is_bound(w, 1));
	ck_assert_ptr_eq(groups_pick(w->groups, NULL, 0), at(w, 1));
	link_report_read(at(w, 0), &report);
	ck_assert_str_ne(report.alarm, "");
	link_report_read(at(w, 1), &report);
	ck_assert_str_eq(report.alarm, "");
	UNTIL(w, is_bound(w, 2));
	groups_drain(w->groups, 1000);
	UNTIL(w, groups_are_down(w->groups));
	world_free(w);
}
END_TEST

/* It comes and goes, and is never away for long: each time somebody's dialogue is cut. */
START_TEST(cold_standby_of_one_that_flaps)
{
	struct world *w = world_new();
	int64_t end;
	int drops = 0;

	add(w, "a", "home", 0);
	add(w, "b", "home", 1)->standby = CONFIG_COLD;
	w->config.link[1].standby_after_ms = 400; /* ten times what it takes to bind again */
	start(w);
	while (!is_bound(w, 1)) {
		UNTIL(w, is_bound(w, 0) || is_bound(w, 1));
		if (!session_of(&w->smsc[0], 9))
			continue;
		drop(session_of(&w->smsc[0], 9));
		ck_assert_int_lt(++drops, 30);
		UNTIL(w, !is_bound(w, 0));
	}
	UNTIL(w, is_bound(w, 0));
	for (end = now_ms() + 1000; now_ms() < end;)
		event_base_loop(w->base, EVLOOP_ONCE);
	ck_assert(is_bound(w, 1)); /* it must hold longer than one that was merely gone */
	UNTIL(w, link_state(at(w, 1)) == LINK_ST_IDLE);
	ck_assert(is_bound(w, 0));
	world_free(w);
}
END_TEST

/* A receiver alone is a link as well, and its standby is for it, whatever the transmitter does. */
START_TEST(cold_standby_of_a_receiver)
{
	struct world *w = world_new();
	size_t standby = _i == 0 ? 1 : 2;

	add(w, "rx", "home", 0)->bind = CONFIG_RECEIVER;
	if (_i > 0)
		add(w, "tx", "home", 1)->bind = CONFIG_TRANSMITTER;
	add(w, "b", "home", 2)->standby = CONFIG_COLD;
	w->config.link[standby].bind = _i == 2 ? CONFIG_TRANSCEIVER : CONFIG_RECEIVER;
	start(w);
	UNTIL(w, groups_bound(w->groups) == standby);
	for (int64_t end = now_ms() + 150; now_ms() < end;)
		event_base_loop(w->base, EVLOOP_ONCE);
	ck_assert_uint_eq(w->smsc[2].n, 0);
	smsc_down(&w->smsc[0]);
	UNTIL(w, is_bound(w, standby));
	smsc_up(&w->smsc[0]);
	UNTIL(w, link_state(at(w, standby)) == LINK_ST_IDLE);
	if (_i == 1) { /* the transmitter is none of its business */
		smsc_down(&w->smsc[1]);
		UNTIL(w, !is_bound(w, 1));
		for (int64_t end = now_ms() + 150; now_ms() < end;)
			event_base_loop(w->base, EVLOOP_ONCE);
		ck_assert_uint_eq(w->smsc[2].n, 1);
	}
	world_free(w);
}
END_TEST

START_TEST(standby_by_the_clock)
{
	struct standby s;
	int64_t now = 0;
	int losses = 0;

	standby_init(&s, 5000, 0);
	ck_assert_int_eq(standby_due(&s), 5000);
	ck_assert(!standby_look(&s, false, 4999));
	ck_assert(standby_look(&s, false, 5000) && s.is_wanted && !s.has_flapped);
	ck_assert_int_eq(standby_due(&s), STANDBY_NEVER);
	ck_assert(!standby_look(&s, true, 6000));
	ck_assert_int_eq(standby_due(&s), 11000);
	ck_assert(standby_look(&s, true, 11000) && !s.is_wanted);
	/* one short loss every two minutes is nothing */
	for (now = 100000; now < 10 * 3600000; now += 120000) {
		ck_assert(!standby_look(&s, false, now));
		ck_assert(!standby_look(&s, true, now + 300));
	}
	/* one every three seconds is */
	for (;; now += 3000, losses++) {
		ck_assert(!standby_look(&s, false, now));
		if (standby_look(&s, false, now + 299))
			break;
		ck_assert(!standby_look(&s, true, now + 300));
		ck_assert_int_lt(losses, 10);
	}
	ck_assert(s.is_wanted && s.has_flapped);
	ck_assert(!standby_look(&s, true, now + 300));
	ck_assert_int_eq(standby_due(&s), now + 300 + 50000);
	ck_assert(!standby_look(&s, false, now + 40000));
	ck_assert(!standby_look(&s, true, now + 41000)); /* another loss: it must hold anew */
	ck_assert_int_eq(standby_due(&s), now + 41000 + 50000);
	ck_assert(standby_look(&s, true, now + 91000) && !s.is_wanted);
	/* away for a long time, in pieces */
	ck_assert(!standby_look(&s, false, now + 100000));
	ck_assert(!standby_look(&s, true, now + 104000));
	ck_assert(!standby_look(&s, false, now + 105000));
	ck_assert_int_eq(standby_due(&s), now + 105000 + 1100);
}
END_TEST

/* ---- ends */

/* What is stored wants to leave while a gateway that could not be made is taken apart. */
START_TEST(without_groups)
{
	static const struct config config;
	static struct gateway g = {.config = (struct config *)&config};
	const struct pdu_address to = {1, 1, "254700000001"};

	ck_assert_int_eq(traffic_sms_send(&g, NULL, 0, &to, &to, "hello", 1, 1), RC_CLOSED);
	ck_assert_ptr_null(gateway_usable(&g, NULL, 0));
	ck_assert_uint_eq(gateway_group_of(&g, (struct link *)(void *)&g), 0);
	ck_assert_uint_eq(groups_links(NULL), 0);
	ck_assert_ptr_null(groups_pick(NULL, NULL, GROUPS_ANY));
}
END_TEST

START_TEST(drained_with_a_cold_one_that_never_ran)
{
	struct world *w = world_new();

	add(w, "a", "home", 0);
	add(w, "b", "home", 1)->standby = CONFIG_COLD;
	start(w);
	UNTIL(w, groups_bound(w->groups) == 1);
	ck_assert(!groups_are_down(w->groups));
	groups_drain(w->groups, 1000);
	UNTIL(w, groups_are_down(w->groups));
	ck_assert_uint_eq(w->smsc[1].n, 0);
	world_free(w);
}
END_TEST

START_TEST(tls_that_cannot_be)
{
	struct world *w = world_new();
	const struct link_handlers handlers = {.ctx = w};
	struct config_link *c = add(w, "a", "home", 0);

	c->tls = true;
	c->tls_ca = (char *)"/nowhere/ca.pem";
	ck_assert_int_eq(groups_new(w->base, clock_system(), &w->config, &handlers, &w->groups), RC_IO);
	ck_assert_ptr_null(w->groups);
	world_free(w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("groups");
	TCase *tc = tcase_create("groups");

	log_init(LOG_LV_ERROR);
	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_is_held_stays_down_until_it_is_released);
	tcase_add_test(tc, a_pair_is_held_as_one_or_by_half);
	tcase_add_test(tc, a_cold_standby_stands_in_for_what_is_held);
	tcase_add_test(tc, a_throttled_link_sends_so_many_a_second);
	tcase_add_test(tc, pair_is_two_sessions);
	tcase_add_loop_test(tc, pair_loses_one, 0, 4);
	tcase_add_test(tc, pair_is_helped_out);
	tcase_add_test(tc, pair_on_two_hosts_is_said);
	tcase_add_test(tc, the_way_it_came);
	tcase_add_test(tc, actives_take_turns);
	tcase_add_test(tc, a_receiver_is_never_picked);
	tcase_add_loop_test(tc, warm_standby, 0, 2);
	tcase_add_loop_test(tc, cold_standby, 0, 2);
	tcase_add_test(tc, cold_standby_from_the_start);
	tcase_add_test(tc, cold_standby_of_one_that_flaps);
	tcase_add_loop_test(tc, cold_standby_of_a_receiver, 0, 3);
	tcase_add_test(tc, standby_by_the_clock);
	tcase_add_test(tc, without_groups);
	tcase_add_test(tc, drained_with_a_cold_one_that_never_ran);
	tcase_add_test(tc, tls_that_cannot_be);
	return run_suite(suite);
}
