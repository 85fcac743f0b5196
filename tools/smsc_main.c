/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash-smsc: wiring of the simulated SMSC. Options, sockets, the centre, one of five modes, the loop,
 * the report. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/smsc_centre.h"
#include "tools/smsc_load.h"
#include "tools/smsc_net.h"
#include "tools/smsc_options.h"
#include "tools/smsc_report.h"
#include "tools/smsc_script.h"
#include "tools/smsc_terminal.h"

#define FAREWELL_US 2000000 /* for outstanding responses, and again for unbind_resp */

struct simulator {
	struct smsc_options options;
	struct smsc_stats stats;
	struct smsc_fault fault;
	struct smsc_net net;
	struct smsc_centre centre;
	struct smsc_terminal terminal;
	struct smsc_script script;
	struct smsc_load load;
	struct smsc_texts texts;
	struct smsc_pushed pushed;
};

static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
	(void)number;
	stop_asked = 1;
}

/* SIGINT and SIGTERM arrive only inside the poll loop's wait. */
static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Written beside and renamed, so that who waits for the file finds it whole. */
static bool write_port_file(const char *name, unsigned port)
{
	char beside[4096];
	FILE *f;

	if (snprintf(beside, sizeof beside, "%s.new", name) >= (int)sizeof beside)
		return false;
	f = fopen(beside, "w");
	if (f == NULL)
		return false;
	fprintf(f, "%u\n", port);
	return fclose(f) == 0 && rename(beside, name) == 0;
}

static bool open_net(struct simulator *sim)
{
	const struct smsc_options *o = &sim->options;
	enum rc rc;

	smsc_fault_init(&sim->fault, &o->fault, &sim->stats);
	smsc_net_init(&sim->net);
	sim->net.env.system_id = o->system_id;
	sim->net.env.password = o->password;
	sim->net.env.window = o->window;
	sim->net.env.enquire_us = o->enquire_ms * 1000;
	sim->net.env.stats = &sim->stats;
	sim->net.env.fault = &sim->fault;
	if (smsc_window_init(&sim->net.env.requests, o->window * 4) != RC_OK)
		return false;
	rc = smsc_net_listen(&sim->net, o->listen);
	if (rc != RC_OK) {
		fprintf(stderr, "starhash-smsc: cannot listen on %s: %s\n", o->listen,
		        rc == RC_IO ? strerror(errno) : "not an address");
		return false;
	}
	if (o->port_file != NULL && !write_port_file(o->port_file, sim->net.port)) {
		fprintf(stderr, "starhash-smsc: %s: %s\n", o->port_file, strerror(errno));
		return false;
	}
	return true;
}

static bool open_centre(struct simulator *sim, const struct smsc_centre_events *events)
{
	const struct smsc_options *o = &sim->options;
	struct smsc_centre_config config = {.first_msisdn = o->msisdn,
	                                    .subscribers = 1,
	                                    .phones = 1,
	                                    .takes_pushes = true,
	                                    .answer_timeout_us = o->answer_timeout_ms * 1000};

	if (o->mode == SMSC_MODE_LOAD) {
		config.subscribers = o->load.numbers != 0 ? o->load.numbers : o->load.subscribers;
		config.phones = o->load.concurrency;
		config.takes_pushes = false;
		config.from_wanted = o->load.rate > 0;
	} else if (o->mode == SMSC_MODE_TEXTS) {
		config.subscribers = o->texts.numbers;
	} else if (o->mode == SMSC_MODE_PUSHED) {
		config.subscribers = config.phones = o->pushed.subscribers;
	}
	return smsc_centre_init(&sim->centre, &config, &sim->net, &sim->stats, events) == RC_OK;
}

static bool open_load(struct simulator *sim)
{
	struct smsc_options *o = &sim->options;

	o->load.steps = &o->steps;
	o->load.short_code = o->dial != NULL ? o->dial : "123";
	o->load.wait_us = o->wait_ms * 1000;
	o->load.redial_after_us = o->redial_after_ms * 1000;
	if (o->report_seen != NULL) {
		o->load.seen_fd = open(o->report_seen, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (o->load.seen_fd < 0) {
			fprintf(stderr, "starhash-smsc: %s: %s\n", o->report_seen, strerror(errno));
			return false;
		}
	}
	return smsc_load_init(&sim->load, &o->load, &sim->centre) == RC_OK;
}

static bool open_texts(struct simulator *sim)
{
	struct smsc_options *o = &sim->options;

	o->texts.concurrency = o->load.concurrency;
	o->texts.retries = o->load.redials;
	o->texts.rate = o->load.rate;
	o->texts.numbers = o->load.numbers != 0 ? o->load.numbers : 2000;
	o->texts.code = o->dial != NULL ? o->dial : "123";
	o->texts.answer_timeout_us = o->answer_timeout_ms * 1000;
	o->texts.wait_us = o->wait_ms * 1000;
	o->texts.quiet_us = o->sms_wait_ms * 1000;
	return smsc_texts_init(&sim->texts, &o->texts, &sim->centre) == RC_OK;
}

static bool open_mode(struct simulator *sim)
{
	struct smsc_options *o = &sim->options;
	struct smsc_centre_events events;

	switch (o->mode) {
	case SMSC_MODE_PHONE:
		smsc_terminal_init(&sim->terminal, &sim->centre, o->dial);
		sim->stats.quiet = sim->terminal.draws;
		events = smsc_terminal_events(&sim->terminal);
		break;
	case SMSC_MODE_SCRIPT:
		o->script.steps = &o->steps;
		o->script.sms_wait_us = o->sms_wait_ms * 1000;
		o->script.answer_timeout_us = o->answer_timeout_ms * 1000;
		o->script.bind_wait_us = o->wait_ms * 1000;
		smsc_script_init(&sim->script, &o->script, &sim->centre);
		events = smsc_script_events(&sim->script);
		break;
	case SMSC_MODE_TEXTS:
		if (!open_texts(sim))
			return false;
		events = smsc_texts_events(&sim->texts);
		break;
	case SMSC_MODE_PUSHED:
		o->pushed.rules = &o->load;
		o->pushed.wait_us = o->wait_ms * 1000;
		smsc_pushed_init(&sim->pushed, &o->pushed, &sim->centre);
		events = smsc_pushed_events(&sim->pushed);
		break;
	default:
		if (!open_load(sim))
			return false;
		events = smsc_load_events(&sim->load);
		break;
	}
	return open_centre(sim, &events);
}

static void start_mode(struct simulator *sim)
{
	int64_t now_us = smsc_now_us();

	switch (sim->options.mode) {
	case SMSC_MODE_PHONE:
		smsc_terminal_start(&sim->terminal);
		break;
	case SMSC_MODE_SCRIPT:
		smsc_script_start(&sim->script, now_us);
		break;
	case SMSC_MODE_LOAD:
		smsc_load_start(&sim->load, now_us);
		break;
	case SMSC_MODE_PUSHED:
		smsc_pushed_start(&sim->pushed, now_us);
		break;
	case SMSC_MODE_TEXTS:
		break;
	}
}

static int64_t turn_mode(struct simulator *sim, int64_t now_us)
{
	switch (sim->options.mode) {
	case SMSC_MODE_PHONE:
		return smsc_terminal_turn(&sim->terminal);
	case SMSC_MODE_SCRIPT:
		return smsc_script_turn(&sim->script, now_us);
	case SMSC_MODE_TEXTS:
		return smsc_texts_turn(&sim->texts, now_us);
	case SMSC_MODE_PUSHED:
		return smsc_pushed_turn(&sim->pushed, now_us);
	default:
		return smsc_load_turn(&sim->load, now_us);
	}
}

static bool mode_finished(const struct simulator *sim)
{
	switch (sim->options.mode) {
	case SMSC_MODE_PHONE:
		return sim->terminal.quit;
	case SMSC_MODE_SCRIPT:
		return smsc_script_finished(&sim->script);
	case SMSC_MODE_TEXTS:
		return smsc_texts_finished(&sim->texts);
	case SMSC_MODE_PUSHED:
		return smsc_pushed_finished(&sim->pushed);
	default:
		return smsc_load_finished(&sim->load);
	}
}

static void finish_mode(struct simulator *sim)
{
	if (sim->options.mode == SMSC_MODE_LOAD)
		smsc_load_finish(&sim->load, smsc_now_us());
	else if (sim->options.mode == SMSC_MODE_TEXTS)
		smsc_texts_finish(&sim->texts, smsc_now_us());
}

static int64_t sooner(int64_t a, int64_t b)
{
	if (a < 0)
		return b;
	return b < 0 || a < b ? a : b;
}

/* One turn of everything. Returns how long nothing will have to be done. */
static int64_t turn(struct simulator *sim, int64_t wait_us)
{
	int64_t now_us;

	smsc_net_poll(&sim->net, wait_us);
	now_us = smsc_now_us();
	wait_us = turn_mode(sim, now_us);
	smsc_centre_turn(&sim->centre, now_us);
	smsc_net_flush(&sim->net);
	now_us = smsc_now_us();
	wait_us = sooner(wait_us, smsc_centre_wait_us(&sim->centre, now_us));
	return sooner(wait_us, smsc_late_wait_us(&sim->fault.late, now_us));
}

/* Turns in which phones do nothing any more, while `busy` says so and the time lasts. */
static void wind_down(struct simulator *sim, bool (*busy)(const struct simulator *))
{
	int64_t until_us = smsc_now_us() + FAREWELL_US;

	while (busy(sim) && smsc_now_us() < until_us) {
		smsc_net_flush(&sim->net);
		smsc_net_poll(&sim->net, 50000);
		smsc_net_flush(&sim->net);
	}
}

static bool has_outstanding(const struct simulator *sim)
{
	return smsc_window_waiting(&sim->net.env.requests, SMSC_DELIVER_SM) > 0;
}

static bool has_connections(const struct simulator *sim)
{
	return !smsc_net_empty(&sim->net);
}

static void say_farewell(struct simulator *sim)
{
	uint32_t missing;

	sim->net.keyboard = -1;
	if (stop_asked == 0) {
		wind_down(sim, has_outstanding);
		missing = smsc_window_waiting(&sim->net.env.requests, SMSC_DELIVER_SM);
		for (uint32_t i = 0; i < missing; i++)
			smsc_stats_error(&sim->stats, SMSC_ERR_RESP_MISSING, NULL);
	}
	if (sim->options.leave_bound)
		return;
	smsc_net_unbind(&sim->net);
	wind_down(sim, has_connections);
}

static int report(struct simulator *sim)
{
	const struct smsc_load_result *r = &sim->load.result;
	bool clean = smsc_stats_errors(&sim->stats) == 0;

	if (sim->options.mode == SMSC_MODE_LOAD) {
		(sim->options.json ? smsc_report_json : smsc_report_table)(stdout, &sim->stats, r,
		                                                           sim->options.load.subscribers);
		return clean && r->succeeded == sim->options.load.subscribers ? 0 : 1;
	}
	if (sim->options.mode == SMSC_MODE_TEXTS) {
		smsc_report_texts(stdout, &sim->stats, &sim->texts.result, sim->options.json);
		return clean && sim->texts.result.failed == 0 ? 0 : 1;
	}
	if (sim->options.mode == SMSC_MODE_PUSHED) {
		smsc_report_pushed(stdout, &sim->stats, &sim->pushed, sim->options.json);
		return clean && !sim->pushed.stopped ? 0 : 1;
	}
	if (!clean) {
		fputs("protocol errors of the ESME\n", stderr);
		smsc_report_errors(stderr, &sim->stats);
	}
	if (sim->options.mode == SMSC_MODE_SCRIPT && !smsc_script_passed(&sim->script))
		return 1;
	return clean ? 0 : 1;
}

static int run(struct simulator *sim)
{
	int64_t wait_us = 0;

	if (!open_net(sim) || !open_mode(sim))
		return 1;
	start_mode(sim);
	while (stop_asked == 0 && !mode_finished(sim))
		wait_us = turn(sim, wait_us);
	finish_mode(sim);
	say_farewell(sim);
	return report(sim);
}

int main(int argc, char **argv)
{
	struct simulator *sim = calloc(1, sizeof *sim);
	int code;

	if (sim == NULL)
		return 1;
	code = smsc_options_parse(&sim->options, argc, argv);
	if (code < 0) {
		catch_signals();
		code = run(sim);
		smsc_net_fini(&sim->net);
	}
	smsc_load_fini(&sim->load);
	smsc_texts_fini(&sim->texts);
	smsc_centre_fini(&sim->centre);
	smsc_window_fini(&sim->net.env.requests);
	smsc_fault_fini(&sim->fault);
	smsc_steps_fini(&sim->options.steps);
	if (sim->options.load.seen_fd > 0)
		close(sim->options.load.seen_fd);
	free(sim);
	return code;
}
