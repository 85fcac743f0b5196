/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash check: what is wrong with the configuration and the menus, before a subscriber sees it. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/config_stored.h"
#include "gateway/metrics.h"
#include "gateway/services_load.h"
#include "gateway/status.h"
#include "menus/check.h"
#include "menus/country.h"
#include "tools/cmd.h"
#include "tools/progress.h"

struct check {
	struct findings *findings;
	struct config *config; /* NULL when it has errors: then no menu was looked at */
	size_t n;
	char **path;
	struct book *book[CONFIG_MAX_SERVICES];
	const char *against, *country; /* options; NULL = not given */
	json_t *changes;               /* of --against */
	size_t n_changes;
};

/* docs/menus.md says more of each. */
static const char *const rules[] = {
	"screens, last words and SMS fit, in each language, with the longest values",
	"no character halves the room of a screen",
	"every screen can be reached and left; every value that is shown is known",
	"every text is there in every language, with the same values and lines",
	"at most five choices on a menu, few menus before something happens",
	"a key means one thing",
	"no two labels are taken for each other",
	"few typed answers, none of any length",
	"a question for a format shows an example",
	"nothing is given, deleted or kept readable without asking",
	"a dialogue fits into a session, others are not waited for too long",
	"every result is told, and a last screen asks nothing",
	"consent comes first, says who, what for and how to stop, and can be taken back; no gift hangs on marketing",
	"codes, shortcuts and words hide nothing and mean what the country keeps them for",
	"what changes for people who are inside (--against)",
};

/* Findings of one file. */
static void count_of(const struct findings *f, const char *file, int *errors, int *warnings)
{
	*errors = *warnings = 0;
	for (size_t i = 0; i < findings_count(f); i++) {
		const struct finding *one = findings_at(f, i);

		if (strcmp(one->file, file) != 0)
			continue;
		if (one->level == FINDING_ERROR)
			++*errors;
		else
			++*warnings;
	}
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void print_text(const struct check *c)
{
	int errors, warnings;

	findings_print(c->findings, stdout);
	if (!c->config) {
		printf("configuration: %zu errors, %zu warnings; menus were not looked at\n",
		       findings_errors(c->findings), findings_warnings(c->findings));
		return;
	}
	for (size_t i = 0; i < c->n; i++) {
		count_of(c->findings, c->path[i], &errors, &warnings);
		if (c->book[i])
			printf("%s: %zu screens, %zu languages, %d errors, %d warnings\n",
			       base_of(c->path[i]), c->book[i]->n_screens, c->book[i]->n_languages, errors,
			       warnings);
		else
			printf("%s: cannot be used, %d errors, %d warnings\n", base_of(c->path[i]), errors,
			       warnings);
	}
	if (c->against)
		printf("against %s: %zu screens differ\n", base_of(c->against), c->n_changes);
}

static json_t *json_findings(const struct findings *f)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < findings_count(f); i++) {
		const struct finding *one = findings_at(f, i);

		json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:i, s:s, s:s}", "level",
		                                      one->level == FINDING_ERROR ? "error" : "warning",
		                                      "file", one->file ? one->file : "", "line", one->line,
		                                      "rule", one->rule, "what", one->what ? one->what : "",
		                                      "remedy", one->remedy ? one->remedy : ""));
	}
	return list;
}

static json_t *json_files(const struct check *c)
{
	json_t *list = json_array();
	int errors, warnings;

	for (size_t i = 0; list && c->config && i < c->n; i++) {
		const struct book *b = c->book[i];

		count_of(c->findings, c->path[i], &errors, &warnings);
		json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:i, s:i}", "file", c->path[i],
		                                      "screens", (json_int_t)(b ? b->n_screens : 0),
		                                      "languages", (json_int_t)(b ? b->n_languages : 0),
		                                      "errors", errors, "warnings", warnings));
	}
	return list;
}

static void print_json(const struct check *c)
{
	json_t *out = json_pack("{s:I, s:I, s:o, s:o}", "errors", (json_int_t)findings_errors(c->findings),
	                        "warnings", (json_int_t)findings_warnings(c->findings), "files",
	                        json_files(c), "findings", json_findings(c->findings));

	if (out && c->changes)
		json_object_set(out, "changes", c->changes);
	if (out)
		json_dumpf(out, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(out);
}

static enum rc use_country(struct check *c)
{
	struct country *country = c->country ? malloc(sizeof *country) : NULL;
	enum rc rc;

	if (!c->country)
		return RC_OK;
	if (!country)
		return RC_NOMEM;
	rc = country_load(c->country, c->findings, country);
	if (rc == RC_OK) {
		free(c->config->reserved);
		c->config->reserved = country;
		return RC_OK;
	}
	free(country);
	config_free(c->config);
	c->config = NULL;
	return rc;
}

static int64_t note_change(void *ctx, const struct check_change *change)
{
	static const char *const kinds[] = {"removed", "renamed", "changed", "added"};
	struct check *c = ctx;

	json_array_append_new(c->changes, json_pack("{s:s, s:s, s:s}", "screen", change->screen, "change",
	                                            kinds[change->kind], "what", change->what));
	return -1; /* who stands there, only the daemon knows */
}

/* The file that --against is the live version of: the one with its name, or the only one. */
static struct book *next_of(const struct check *c, const struct book *live)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->book[i] && strcmp(c->book[i]->name, live->name) == 0)
			return c->book[i];
	return c->n == 1 ? c->book[0] : NULL;
}

/* False after a message. The live file's own faults are not the matter here. */
static bool compare(struct check *c, struct conditions *conditions)
{
	struct findings *aside = findings_new();
	char path[4096];
	char *paths[1] = {path};
	struct book *live[1] = {NULL}, *next;
	enum rc rc = RC_NOMEM;

	snprintf(path, sizeof path, "%s", c->against);
	c->changes = json_array();
	if (aside && c->changes)
		rc = services_load(c->config, conditions, paths, 1, aside, live);
	next = live[0] ? next_of(c, live[0]) : NULL;
	if (!live[0])
		cmd_fault("%s cannot be used (%s); see: starhash check %s", c->against, rc_name(rc),
		          c->against);
	else if (!next)
		cmd_fault("no file that can be used here is called %s.conf: nothing to compare with",
		          live[0]->name);
	else
		c->n_changes = check_changes(live[0], next, c->findings, note_change, c);
	book_unref(live[0]);
	findings_free(aside);
	return next != NULL;
}

static void show_progress(void *ctx, size_t done, size_t all)
{
	progress_show(ctx, (int64_t)done, (int64_t)all);
}

static enum rc load_all(struct check *c, struct conditions *conditions)
{
	struct progress bar;
	enum rc rc;

	progress_begin(&bar, "checking");
	rc = services_load_watched(c->config, conditions, c->path, c->n, c->findings, c->book, show_progress,
	                           &bar);
	progress_end(&bar);
	return rc;
}

static enum cmd_exit check(struct check *c, const char *config_path, bool json)
{
	struct conditions *conditions = NULL;
	enum rc rc = config_load(config_path, c->findings, &c->config);

	if (rc == RC_OK)
		rc = use_country(c);
	if (rc == RC_OK) {
		if (c->n == 0) {
			c->n = c->config->n_services;
			c->path = c->config->service;
		}
		rc = conditions_new(&c->config->profile, &conditions);
		if (rc == RC_OK)
			rc = load_all(c, conditions);
		config_stored_check(c->config, c->findings);
		if (c->against && conditions && !compare(c, conditions))
			rc = RC_STATE;
	}
	if (rc == RC_STATE)
		; /* said already */
	else if (rc == RC_NOMEM || rc == RC_IO)
		cmd_fault("the check could not be done: %s", rc_name(rc));
	else if (json)
		print_json(c);
	else
		print_text(c);
	for (size_t i = 0; i < c->n && c->config; i++)
		book_unref(c->book[i]);
	if (conditions)
		conditions_free(conditions);
	config_free(c->config);
	json_decref(c->changes);
	return rc == RC_OK && findings_errors(c->findings) == 0 ? CMD_OK : CMD_FAULT;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false, table = false, list = false, statuses = false, metrics = false;
	struct check c = {0};
	const struct cmd_option options[] = {
		{"json", 0, &json, NULL},         {"options", 0, &table, NULL},
		{"rules", 0, &list, NULL},        {"against", 0, NULL, &c.against},
		{"country", 0, NULL, &c.country}, {"statuses", 0, &statuses, NULL},
		{"metrics", 0, &metrics, NULL},   {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	int n = cmd_options(&cmd_check, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (table) {
		options_print_markdown(stdout);
		return CMD_OK;
	}
	if (statuses) {
		status_print_markdown(stdout);
		return CMD_OK;
	}
	if (metrics) {
		metrics_print_markdown(stdout);
		return CMD_OK;
	}
	if (list) {
		for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
			printf("%2zu  %s\n", i + 1, rules[i]);
		return CMD_OK;
	}
	if (n > CONFIG_MAX_SERVICES)
		return cmd_misused(&cmd_check, "at most %d files", CONFIG_MAX_SERVICES);
	c.n = (size_t)n;
	c.path = argv + 1;
	c.findings = findings_new();
	if (!c.findings)
		return cmd_fault("out of memory");
	result = check(&c, ctx->config_path, json);
	findings_free(c.findings);
	return result;
}

const struct cmd cmd_check = {
	.name = "check",
	.args = "[FILES...] [--against FILE] [--country FILE] [--json] [--options] [--rules] [--statuses] [--metrics]",
	.summary = "Look for mistakes in the configuration and the menus",
	.help = "  FILES           menu files to check with the configuration's profile and bundles;\n"
		"                  without any: those that the configuration names\n"
		"  --against FILE  the version in use: say which screens change for people inside (rule 15)\n"
		"  --country FILE  reserved codes and words, instead of country.profile (rule 14)\n"
		"  --json          one object: errors, warnings, files, findings, changes\n"
		"  --options       instead: every key of the configuration, as a Markdown table\n"
		"  --metrics       instead: what GET /metrics has, as a Markdown table\n"
		"  --rules         instead: the rules by their numbers\n"
		"  --statuses      instead: what each status of an SMSC leads to, as a Markdown table\n"
		"Exit code 0 without errors (warnings may be there), 1 with errors.\n",
	.run = run,
};
