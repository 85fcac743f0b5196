/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash test: play .talk files against the menus, in this process on scratch stores and a clock of their own, or over SMPP
 * against a daemon that runs. */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/services.h"
#include "tools/cmd.h"
#include "tools/coverage.h"
#include "tools/talk_live.h"
#include "tools/talk_run.h"

struct test {
	const struct config *config;
	struct services *services;
	struct coverage *coverage; /* NULL = not measured */
	struct talk_live *live;    /* NULL = in this process */
	const char *live_address, *at_least;
	bool verbose, wants_coverage;
	int n;
	struct talk *talk; /* n of them; those without a path could not be read */
	int steps, passed, partly;
};

/* --- reading -------------------------------------------------------------------------------------------- */

static bool load_talks(struct test *t, char **path)
{
	struct findings *findings = findings_new();

	t->talk = calloc((size_t)t->n, sizeof *t->talk);
	for (int i = 0; findings && t->talk && i < t->n; i++)
		if (talk_load(path[i], findings, &t->talk[i]) == RC_NOMEM)
			cmd_fault("%s: out of memory", path[i]);
	if (findings)
		findings_print(findings, stdout);
	findings_free(findings);
	return t->talk != NULL;
}

static bool load_services(struct test *t)
{
	struct findings *findings = findings_new();
	enum rc rc = findings ? services_new(t->config, findings, &t->services) : RC_NOMEM;

	if (rc != RC_OK && findings)
		findings_print(findings, stderr);
	findings_free(findings);
	if (rc != RC_OK)
		cmd_fault("the menus cannot be used; see starhash check");
	return rc == RC_OK;
}

static void span(const struct test *t, int64_t *first, int64_t *last)
{
	*first = INT64_MAX;
	*last = 0;
	for (int i = 0; i < t->n; i++)
		for (size_t k = 0; k < t->talk[i].n; k++) {
			const struct talk_step *s = &t->talk[i].step[k];
			int64_t msisdn = talk_run_number(t->config, s->from);

			if ((s->verb != TALK_DIAL && s->verb != TALK_SMS) || msisdn == 0)
				continue;
			*first = msisdn < *first ? msisdn : *first;
			*last = msisdn > *last ? msisdn : *last;
		}
	if (*last == 0)
		*first = *last = talk_run_number(t->config, NULL);
}

static bool go_live(struct test *t)
{
	int64_t first, last;
	char why[TALK_WHY_SIZE];

	span(t, &first, &last);
	if (talk_live_new(t->live_address, t->config, t->services, first, last, &t->live, why) == RC_OK)
		return true;
	cmd_fault("%s", why);
	return false;
}

/* --- playing --------------------------------------------------------------------------------------------- */

static void test_one(struct test *t, const struct talk *talk)
{
	struct talk_report report;
	struct talk_stage stage;
	char why[TALK_WHY_SIZE];

	if (t->verbose)
		printf("--- %s\n", talk->path);
	if (t->live) {
		talk_live_stage(t->live, &stage);
	} else if (talk_scratch_open(talk, t->config, t->services, t->coverage, &stage, why) != RC_OK) {
		printf("%s: cannot be run: %s\n", talk->path, why);
		return;
	}
	talk_run(talk, t->config, t->services, &stage, t->verbose, stdout, &report);
	t->steps += report.steps;
	t->partly += report.passed && report.skipped > 0;
	t->passed += report.passed && report.skipped == 0;
	if (report.passed && report.skipped > 0)
		printf("%s: partly played: %d steps skipped live\n", talk->path, report.skipped);
}

/* Percentage that is asked for; -1 = not a number. */
static int least_of(const struct test *t)
{
	char *end;
	long least = t->at_least ? strtol(t->at_least, &end, 10) : 0;

	if (t->at_least &&
	    (end == t->at_least || (*end != '\0' && strcmp(end, "%") != 0) || least < 0 || least > 100))
		return -1;
	return (int)least;
}

static enum cmd_exit conclude(struct test *t)
{
	bool fine = t->passed + t->partly == t->n;
	int least = least_of(t), reached;

	printf("%d talks, %d steps: %d passed, %d failed", t->n, t->steps, t->passed,
	       t->n - t->passed - t->partly);
	if (t->live)
		printf(", %d partly played", t->partly);
	putchar('\n');
	if (t->live && talk_live_errors(t->live) > 0) {
		printf("the daemon made %lu protocol errors\n", talk_live_errors(t->live));
		fine = false;
	}
	if (t->coverage) {
		reached = coverage_print(t->coverage, stdout);
		printf("%d%% of screens and branches reached", reached);
		if (reached < least)
			printf(", %d%% asked for", least);
		putchar('\n');
		fine = fine && reached >= least;
	}
	return fine ? CMD_OK : CMD_FAULT;
}

static enum cmd_exit test(struct test *t, char **path)
{
	enum cmd_exit result = CMD_FAULT;

	if (t->wants_coverage)
		t->coverage = coverage_new(t->services);
	if (!load_talks(t, path) || (t->wants_coverage && !t->coverage))
		result = cmd_fault("out of memory");
	else if (!t->live_address || go_live(t)) {
		for (int i = 0; i < t->n; i++)
			if (t->talk[i].path)
				test_one(t, &t->talk[i]);
		result = conclude(t);
	}
	talk_live_free(t->live);
	coverage_free(t->coverage);
	for (int i = 0; t->talk && i < t->n; i++)
		talk_fini(&t->talk[i]);
	free(t->talk);
	return result;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct test t = {0};
	const struct cmd_option options[] = {{"verbose", 'v', &t.verbose, NULL},
	                                     {"coverage", 0, &t.wants_coverage, NULL},
	                                     {"at-least", 0, NULL, &t.at_least},
	                                     {"live", 0, NULL, &t.live_address},
	                                     {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;

	t.n = cmd_options(&cmd_test, options, argc, argv, &result);
	if (t.n < 0)
		return result;
	if (t.n == 0)
		return cmd_misused(&cmd_test, "give a .talk file");
	if (least_of(&t) < 0)
		return cmd_misused(&cmd_test, "--at-least takes 0 to 100");
	t.wants_coverage = t.wants_coverage || t.at_least;
	if (t.wants_coverage && t.live_address)
		return cmd_misused(&cmd_test, "coverage is measured in this process, not with --live");
	log_init(t.verbose ? LOG_LV_WARN : LOG_LV_ERROR); /* a talk that lets things go wrong is no news */
	config = cmd_config(ctx);
	t.config = config;
	if (config && load_services(&t)) {
		result = test(&t, argv + 1);
		services_free(t.services);
	}
	config_free(config);
	return result;
}

const struct cmd cmd_test = {
	.name = "test",
	.args = "FILES... [-v] [--coverage] [--at-least N] [--live HOST:PORT]",
	.summary = "Play .talk files against the menus",
	.help = "  -v                print every step\n"
		"  --coverage        what screens and branches were reached, in which languages\n"
		"  --at-least N      the same; exit code 1 below N percent\n"
		"  --live HOST:PORT  be the SMSC there and play over SMPP, against the daemon that binds\n\n"
		"  dial CODE [from MSISDN] [in LANGUAGE]   > INPUT   < SCREEN LINE   sms TEXT [from MSISDN]\n"
		"  drop   repeat   wait DURATION   reload FILE   # comment\n"
		"  app up|slow|down|500|html|garbage   app says \"CON TEXT\"   app > INPUT\n"
		"  charging up|slow|down|lost-reply|barred|balance N [from MSISDN]\n"
		"  given consent PURPOSE granted   given profile FIELD = VALUE   given grant BUNDLE KEY\n"
		"  given resume SERVICE SCREEN\n"
		"  expect sms none|TEXT   expect profile FIELD = VALUE|none   expect grants N   expect "
		"registered yes|no\n"
		"  expect language CODE|none   expect consent PURPOSE granted|refused|withdrawn|none\n"
		"  expect screen NAME\n\n"
		"'...' at the end of a screen or an SMS stands for any rest. Each file has a store of its own; "
		"live,\nit is the daemon's. docs/talks.md explains it all.\n",
	.run = run,
};
