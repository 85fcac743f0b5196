/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a service manager hears: readiness, a watchdog that is fed only while all is well, one line, the end. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/supervise.h"
#include "tests/run_suite.h"

#define WATCHDOG_US "150000" /* fed every 50 ms */

static char folder[] = "/tmp/supervise-XXXXXX", path[64];
static int manager;
static struct event_base *base;
static struct supervise *s;
static bool is_well_now;
static int64_t leaving_now;
static const char *words_now;

static bool is_well(void *ctx)
{
	(void)ctx;
	return is_well_now;
}

static int64_t leaving_ms(void *ctx)
{
	(void)ctx;
	return leaving_now;
}

static void words(void *ctx, char *into, size_t size)
{
	(void)ctx;
	snprintf(into, size, "%s", words_now);
}

static void listen_as_manager(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/notify", folder);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(manager, 0);
	ck_assert_int_eq(bind(manager, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void setup(void)
{
	is_well_now = true;
	leaving_now = 0;
	words_now = "all is well";
	listen_as_manager();
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", path, 1), 0);
	ck_assert_int_eq(setenv("WATCHDOG_USEC", WATCHDOG_US, 1), 0);
	unsetenv("WATCHDOG_PID");
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
}

static void teardown(void)
{
	supervise_free(s);
	s = NULL;
	event_base_free(base);
	close(manager);
	unlink(path);
	rmdir(folder);
	strcpy(folder, "/tmp/supervise-XXXXXX");
}

static void make(void)
{
	const struct supervise_port port = {.is_well = is_well, .leaving_ms = leaving_ms, .words = words};

	ck_assert_int_eq(supervise_new(base, &port, &s), RC_OK);
}

/* The next message; "" when there is none. */
static const char *heard(void)
{
	static char text[512];
	ssize_t n = recv(manager, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* How often a text was heard while the loop turned for so long. */
static int turn(int64_t ms, const char *text)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
	int n = 0;

	event_base_loopexit(base, &tv);
	event_base_dispatch(base);
	for (const char *said = heard(); *said != '\0'; said = heard())
		n += strstr(said, text) != NULL;
	return n;
}

START_TEST(nothing_is_said_before_it_is_ready)
{
	make();
	ck_assert_int_eq(turn(120, ""), 0);
	supervise_ready(s);
	ck_assert_str_eq(heard(), "READY=1");
	ck_assert_str_eq(heard(), "STATUS=all is well");
	ck_assert_str_eq(heard(), "");
}
END_TEST

START_TEST(the_watchdog_is_fed_while_all_is_well_and_only_then)
{
	make();
	supervise_ready(s);
	ck_assert_int_ge(turn(400, "WATCHDOG=1"), 2);
	is_well_now = false;
	ck_assert_int_eq(turn(400, "WATCHDOG=1"), 0);
	is_well_now = true;
	ck_assert_int_ge(turn(400, "WATCHDOG=1"), 2);
}
END_TEST

/* WatchdogSec= is per unit, and another process of it may be the one that is watched. */
START_TEST(a_watchdog_of_somebody_else_is_not_fed)
{
	ck_assert_int_eq(setenv("WATCHDOG_PID", "1", 1), 0);
	make();
	supervise_ready(s);
	ck_assert_int_eq(turn(200, "WATCHDOG=1"), 0);
	unsetenv("WATCHDOG_PID");
}
END_TEST

START_TEST(the_line_is_sent_when_it_changes)
{
	make();
	supervise_ready(s);
	ck_assert_int_eq(turn(200, "STATUS="), 1);
	ck_assert_int_eq(turn(200, "STATUS="), 0);
	words_now = "the store is failing";
	ck_assert_int_eq(turn(200, "STATUS=the store is failing"), 1);
}
END_TEST

START_TEST(a_reload_has_a_begin_with_its_time_and_an_end)
{
	make();
	supervise_ready(s);
	while (*heard() != '\0')
		;
	supervise_reloading(s);
	ck_assert_int_eq(strncmp(heard(), "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
	supervise_ready(s);
	ck_assert_str_eq(heard(), "READY=1");
}
END_TEST

START_TEST(the_end_is_said_once_with_the_time_that_it_takes)
{
	make();
	supervise_ready(s);
	while (*heard() != '\0')
		;
	leaving_now = 10000;
	supervise_stopping(s);
	supervise_stopping(s);
	ck_assert_str_eq(heard(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=40000000");
	ck_assert_int_eq(turn(200, "STOPPING=1"), 0);
}
END_TEST

START_TEST(a_drain_over_the_control_socket_is_found)
{
	make();
	supervise_ready(s);
	ck_assert_int_eq(turn(100, "STOPPING=1"), 0);
	leaving_now = 10000;
	ck_assert_int_eq(turn(300, "STOPPING=1"), 1);
}
END_TEST

START_TEST(without_a_manager_nothing_happens)
{
	unsetenv("NOTIFY_SOCKET");
	make();
	supervise_ready(s);
	supervise_reloading(s);
	supervise_stopping(s);
	ck_assert_int_eq(turn(200, ""), 0);
	ck_assert_int_eq(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("supervise");
	TCase *tc = tcase_create("supervise");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_is_said_before_it_is_ready);
	tcase_add_test(tc, the_watchdog_is_fed_while_all_is_well_and_only_then);
	tcase_add_test(tc, a_watchdog_of_somebody_else_is_not_fed);
	tcase_add_test(tc, the_line_is_sent_when_it_changes);
	tcase_add_test(tc, a_reload_has_a_begin_with_its_time_and_an_end);
	tcase_add_test(tc, the_end_is_said_once_with_the_time_that_it_takes);
	tcase_add_test(tc, a_drain_over_the_control_socket_is_found);
	tcase_add_test(tc, without_a_manager_nothing_happens);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
