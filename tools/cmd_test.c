/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash test: play .talk files against the menus, in this process, on scratch stores and a clock of their own. */
#include "gateway/services.h"
#include "tools/cmd.h"
#include "tools/talk_run.h"

struct test {
	const struct config *config;
	struct services *services;
	bool verbose;
	int talks, steps, passed;
};

static void test_one(struct test *t, const char *path)
{
	struct findings *findings = findings_new();
	struct talk_report report = {0};
	struct talk talk = {0};
	enum rc rc = findings ? talk_load(path, findings, &talk) : RC_NOMEM;

	t->talks++;
	if (rc == RC_OK) {
		if (t->verbose)
			printf("--- %s\n", path);
		rc = talk_run(&talk, t->config, t->services, t->verbose, stdout, &report);
		talk_fini(&talk);
	} else if (findings) {
		findings_print(findings, stdout);
	}
	t->steps += report.steps;
	t->passed += rc == RC_OK && report.passed;
	findings_free(findings);
}

static enum cmd_exit test(const struct config *config, int n, char **path, bool verbose)
{
	struct test t = {.config = config, .verbose = verbose};
	struct findings *findings = findings_new();
	enum rc rc = findings ? services_new(config, findings, &t.services) : RC_NOMEM;

	if (rc != RC_OK) {
		if (findings)
			findings_print(findings, stderr);
		findings_free(findings);
		return cmd_fault("the menus cannot be used; see starhash check");
	}
	findings_free(findings);
	for (int i = 0; i < n; i++)
		test_one(&t, path[i]);
	services_free(t.services);
	printf("%d talks, %d steps: %d passed, %d failed\n", t.talks, t.steps, t.passed, t.talks - t.passed);
	return t.passed == t.talks ? CMD_OK : CMD_FAULT;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool verbose = false;
	const struct cmd_option options[] = {{"verbose", 'v', &verbose, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_test, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n == 0)
		return cmd_misused(&cmd_test, "give a .talk file");
	config = cmd_config(ctx);
	if (config)
		result = test(config, n, argv + 1, verbose);
	config_free(config);
	return result;
}

const struct cmd cmd_test = {
	.name = "test",
	.args = "FILES... [-v]",
	.summary = "Play .talk files against the menus",
	.help = "  -v  print every step\n\n"
		"  dial CODE [from MSISDN] [in LANGUAGE]   > INPUT   < SCREEN LINE   sms TEXT [from MSISDN]\n"
		"  drop   repeat   wait DURATION   # comment\n"
		"  expect sms none|TEXT   expect profile FIELD = VALUE|none   expect grants N   expect "
		"registered yes|no\n"
		"  expect language CODE|none   expect consent PURPOSE granted|refused|withdrawn|none\n\n"
		"'...' at the end of a screen or an SMS stands for any rest. Each file has a store of its "
		"own.\n",
	.run = run,
};
