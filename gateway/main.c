/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhashd: command line, signals, and the event loop. Everything else is wired in gateway.c. */
#include <event2/event.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dump.h"
#include "core/log.h"
#include "gateway/config.h"
#include "gateway/config_stored.h"
#include "gateway/control.h"
#include "gateway/gateway.h"
#include "gateway/services.h"
#include "gateway/supervise.h"
#include "gateway/watch.h"

#define DEFAULT_CONFIG "/etc/starhash/starhash.conf"

static const char usage[] =
	"Usage: starhashd [-c FILE] [-t]\n"
	"Run the USSD/SMS gateway in the foreground.\n"
	"\n"
	"  -c, --config FILE   configuration (default " DEFAULT_CONFIG ")\n"
	"  -t, --test          test configuration and menus, then leave\n"
	"  -h, --help          this text\n"
	"  -V, --version       the version\n"
	"\n"
	"Signals: TERM and INT drain and leave (twice: at once), HUP loads the menus again.\n"
	"Exit codes: 0 fine, 1 a fault was found, 2 wrong use.\n";

struct daemon {
	struct event_base *base;
	struct gateway *gateway;
	struct control *control;
	struct supervise *supervise;
};

static void on_stop(evutil_socket_t signal_number, short what, void *ctx)
{
	struct daemon *d = ctx;

	(void)signal_number;
	(void)what;
	gateway_drain(d->gateway);
	supervise_stopping(d->supervise);
}

/* In the daemon's log every line is logfmt, and a journal wants fields. */
static void log_findings(const struct findings *f)
{
	for (size_t i = 0; i < findings_count(f); i++) {
		const struct finding *x = findings_at(f, i);

		LOG_EVENT(x->level == FINDING_ERROR ? LOG_LV_ERROR : LOG_LV_WARN, "config", "finding", "file",
		          x->file, "line", LOG_INT(x->line), "rule", LOG_INT(x->rule), "what", x->what,
		          "remedy", x->remedy);
	}
}

static void on_reload(evutil_socket_t signal_number, short what, void *ctx)
{
	struct daemon *d = ctx;
	struct findings *f = findings_new();
	struct reload_report *report = malloc(sizeof(*report));
	enum rc rc = RC_NOMEM;

	(void)signal_number;
	(void)what;
	supervise_reloading(d->supervise);
	if (f != NULL && report != NULL)
		rc = gateway_reload(d->gateway, false, f, report);
	if (f != NULL)
		log_findings(f);
	if (rc == RC_NOMEM)
		LOG_EVENT(LOG_LV_ERROR, "main", "reload-refused", "why", rc_name(rc));
	free(report);
	findings_free(f);
	supervise_ready(d->supervise);
}

static int run_loop(struct daemon *d)
{
	static const struct {
		int number;
		event_callback_fn fn;
	} signals[] = {{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_reload}};
	struct event *event[sizeof(signals) / sizeof(signals[0])];
	size_t n = sizeof(signals) / sizeof(signals[0]);

	for (size_t i = 0; i < n; i++) {
		event[i] = evsignal_new(d->base, signals[i].number, signals[i].fn, d);
		if (event[i] == NULL || event_add(event[i], NULL) != 0)
			abort(); /* at start, before anything was promised */
	}
	supervise_ready(d->supervise);
	event_base_dispatch(d->base);
	for (size_t i = 0; i < n; i++)
		event_free(event[i]);
	LOG_EVENT(LOG_LV_INFO, "main", "stopped");
	return 0;
}

static int serve(struct config *config, struct findings *findings)
{
	struct daemon d = {.base = event_base_new()};
	char why[512] = "out of memory", *control = NULL;
	int status = 1;
	enum rc rc = RC_NOMEM;

	if (config->control_path != NULL && config->control_path[0] != '\0')
		control = strdup(config->control_path);
	if (d.base != NULL)
		rc = gateway_new(d.base, config, findings, &d.gateway, why, sizeof(why));
	else
		config_free(config);
	log_findings(findings);
	if (rc == RC_OK && control != NULL)
		rc = control_new(d.base, d.gateway, control, &d.control, why, sizeof(why));
	if (rc == RC_OK) {
		const struct supervise_port port = watch_port(d.gateway);

		rc = supervise_new(d.base, &port, &d.supervise);
		snprintf(why, sizeof(why), "out of memory");
	}
	if (rc == RC_OK) {
		LOG_EVENT(LOG_LV_INFO, "main", "started", "version", PACKAGE_VERSION);
		(void)malloc_trim(0); /* what reading and checking of files took is the system's again */
		status = run_loop(&d);
	} else if (rc != RC_SYNTAX) {
		LOG_EVENT(LOG_LV_ERROR, "main", "cannot-start", "why", why);
	}
	supervise_free(d.supervise);
	control_free(d.control);
	gateway_free(d.gateway);
	if (d.base != NULL)
		event_base_free(d.base);
	libevent_global_shutdown();
	free(control);
	return status;
}

static int test(struct config *config, struct findings *findings)
{
	struct services *services = NULL;
	enum rc rc = services_new(config, findings, &services);

	config_stored_check(config, findings);
	if (rc == RC_OK && findings_errors(findings) > 0)
		rc = RC_STATE;
	findings_print(findings, stderr);
	fprintf(stderr, "%s: %zu errors, %zu warnings\n", config->path, findings_errors(findings),
	        findings_warnings(findings));
	services_free(services);
	config_free(config);
	return rc == RC_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
	                                        {"test", no_argument, NULL, 't'},
	                                        {"help", no_argument, NULL, 'h'},
	                                        {"version", no_argument, NULL, 'V'},
	                                        {NULL, 0, NULL, 0}};
	const char *path = DEFAULT_CONFIG;
	struct findings *findings;
	struct config *config = NULL;
	bool only_test = false;
	int o, status;

	dump_forbid();
	while ((o = getopt_long(argc, argv, "c:thV", options, NULL)) != -1) {
		switch (o) {
		case 'c':
			path = optarg;
			break;
		case 't':
			only_test = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'V':
			puts("starhashd " PACKAGE_VERSION);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is a full disk, and ends nobody */
	log_init(LOG_LV_INFO);
	findings = findings_new();
	if (findings == NULL)
		return 1;
	if (config_load(path, findings, &config) != RC_OK) {
		findings_print(findings, stderr);
		findings_free(findings);
		return 1;
	}
	log_init(config->log_level);
	status = only_test ? test(config, findings) : serve(config, findings);
	findings_free(findings);
	return status;
}
