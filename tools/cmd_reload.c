/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash reload: let the running daemon read its menus again, and say what that means for the people inside. */
#include <stdlib.h>
#include <string.h>

#include "tools/cmd.h"
#include "tools/cmd_json.h"

static void print_findings(const json_t *o)
{
	const json_t *list = json_object_get(o, "findings");

	for (size_t i = 0; i < json_array_size(list); i++)
		(void)cmd_json_finding(json_array_get(list, i));
}

static void print_service(const json_t *s)
{
	printf("%s: %" JSON_INTEGER_FORMAT " screens change, %" JSON_INTEGER_FORMAT
	       " go, %" JSON_INTEGER_FORMAT " are new\n",
	       cmd_json_text(s, "name"), cmd_json_number(s, "screens_changed"),
	       cmd_json_number(s, "screens_gone"), cmd_json_number(s, "screens_new"));
	if (cmd_json_number(s, "people_inside") == 0)
		printf("  nobody is inside\n");
	else
		printf("  %" JSON_INTEGER_FORMAT " people are inside, %" JSON_INTEGER_FORMAT
		       " on a screen that changes, %" JSON_INTEGER_FORMAT
		       " on one that goes: they end on the menus on which they began\n",
		       cmd_json_number(s, "people_inside"), cmd_json_number(s, "people_on_changed"),
		       cmd_json_number(s, "people_on_gone"));
}

static void print_report(const json_t *o, bool dry_run)
{
	const json_t *list = json_object_get(o, "services");

	print_findings(o);
	for (size_t i = 0; i < json_array_size(list); i++)
		print_service(json_array_get(list, i));
	if (json_array_size(list) == 0)
		printf("no menu file differs from what is live\n");
	else if (dry_run)
		printf("nothing was changed: this is what a reload would do\n");
	else
		printf("%zu menu files are live now\n", json_array_size(list));
}

static enum cmd_exit reload(const struct config *config, bool dry_run, bool json)
{
	char *answer = cmd_control(config, dry_run ? "reload dry-run" : "reload");
	json_t *o = answer ? json_loads(answer, 0, NULL) : NULL;
	enum cmd_exit result = CMD_FAULT;

	if (answer && !o)
		(void)cmd_fault("the daemon's answer cannot be read");
	if (o && json) {
		printf("%s\n", answer);
	} else if (o && *cmd_json_text(o, "error")) {
		print_findings(o);
		(void)cmd_fault("%s", cmd_json_text(o, "error"));
	} else if (o) {
		print_report(o, dry_run);
	}
	if (json_is_true(json_object_get(o, "ok")))
		result = CMD_OK;
	free(answer);
	json_decref(o);
	return result;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false, dry_run = false;
	const struct cmd_option options[] = {
		{"json", 0, &json, NULL}, {"dry-run", 0, &dry_run, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_reload, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n > 0)
		return cmd_misused(&cmd_reload, "\"%s\" says nothing here", argv[1]);
	config = cmd_config(ctx);
	if (config)
		result = reload(config, dry_run, json);
	config_free(config);
	return result;
}

const struct cmd cmd_reload = {
	.name = "reload",
	.args = "[--dry-run] [--json]",
	.summary = "Let the running daemon read its menu files again",
	.help = "  --json  the daemon's answer as it came\n"
		"  --dry-run  only say what would change, and how many people stand there\n"
		"Dialogues in progress end on the menus on which they began. Files with errors change nothing.\n",
	.run = run,
};
