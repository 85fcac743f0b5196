/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash check: what is wrong with the configuration and the menus, before a subscriber sees it. */
#include <jansson.h>
#include <string.h>

#include "gateway/services_load.h"
#include "tools/cmd.h"

struct check {
	struct findings *findings;
	struct config *config; /* NULL when it has errors: then no menu was looked at */
	size_t n;
	char **path;
	struct book *book[CONFIG_MAX_SERVICES];
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

	if (out)
		json_dumpf(out, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(out);
}

static enum cmd_exit check(struct check *c, const char *config_path, bool json)
{
	struct conditions *conditions = NULL;
	enum rc rc = config_load(config_path, c->findings, &c->config);

	if (rc == RC_OK) {
		if (c->n == 0) {
			c->n = c->config->n_services;
			c->path = c->config->service;
		}
		rc = conditions_new(&c->config->profile, &conditions);
		if (rc == RC_OK)
			rc = services_load(c->config, conditions, c->path, c->n, c->findings, c->book);
	}
	if (rc == RC_NOMEM || rc == RC_IO)
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
	return rc == RC_OK && findings_errors(c->findings) == 0 ? CMD_OK : CMD_FAULT;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false, table = false;
	const struct cmd_option options[] = {
		{"json", 0, &json, NULL}, {"options", 0, &table, NULL}, {NULL, 0, NULL, NULL}};
	struct check c = {0};
	enum cmd_exit result = CMD_FAULT;
	int n = cmd_options(&cmd_check, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (table) {
		options_print_markdown(stdout);
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
	.args = "[FILES...] [--json] [--options]",
	.summary = "Look for mistakes in the configuration and the menus",
	.help = "  FILES      menu files to check with the configuration's profile and bundles;\n"
		"             without any: those that the configuration names\n"
		"  --json     one object: errors, warnings, files, findings\n"
		"  --options  instead: every key of the configuration, as a Markdown table\n"
		"Exit code 0 without errors (warnings may be there), 1 with errors.\n",
	.run = run,
};
