/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash links: the daemon's links; one of them taken down, up again, or slowed down. */
#include <stdlib.h>
#include <string.h>

#include "tools/cmd.h"
#include "tools/cmd_json.h"

static void print_link(const json_t *l)
{
	bool held = json_is_true(json_object_get(l, "held"));
	json_int_t rate = cmd_json_number(l, "rate"), configured = cmd_json_number(l, "configured_rate");
	char limit[48] = "-";

	if (rate > 0)
		snprintf(limit, sizeof limit, "%" JSON_INTEGER_FORMAT "/s", rate);
	printf("%-20s %-10s %-12s %-11s %5" JSON_INTEGER_FORMAT "/%-5" JSON_INTEGER_FORMAT
	       " %7" JSON_INTEGER_FORMAT " %9s  %s%s\n",
	       cmd_json_text(l, "name"), cmd_json_text(l, "group"), cmd_json_text(l, "bind"),
	       cmd_json_text(l, "state"), cmd_json_number(l, "outstanding"), cmd_json_number(l, "window"),
	       cmd_json_number(l, "queued"), limit, held ? "held by an operator" : "",
	       rate != configured ? (held ? ", throttled" : "throttled") : "");
	if (*cmd_json_text(l, "alarm"))
		printf("    ! %s\n", cmd_json_text(l, "alarm"));
	else if (!held && *cmd_json_text(l, "lost"))
		printf("    %s\n", cmd_json_text(l, "lost"));
}

static void print_links(const json_t *o)
{
	const json_t *list = json_object_get(o, "links");

	printf("%-20s %-10s %-12s %-11s %11s %7s %9s\n", "link", "group", "bind", "state", "window", "queue",
	       "rate");
	for (size_t i = 0; i < json_array_size(list); i++)
		print_link(json_array_get(list, i));
}

/* What to ask, into `line`. NULL: fine; else what is wrong. */
static const char *line_of(char **word, int n, char *line, size_t size)
{
	int wrote;

	if (n == 0) {
		snprintf(line, size, "links");
		return NULL;
	}
	if (strcmp(word[0], "up") == 0 || strcmp(word[0], "down") == 0) {
		if (n != 2)
			return "say: up NAME, or down NAME";
		wrote = snprintf(line, size, "link %s %s", word[0], word[1]);
	} else if (strcmp(word[0], "throttle") == 0) {
		if (n != 3)
			return "say: throttle NAME RATE, or throttle NAME off";
		wrote = snprintf(line, size, "link throttle %s %s", word[2], word[1]);
	} else {
		return "up, down and throttle are what can be done";
	}
	return wrote > 0 && (size_t)wrote < size && strchr(line, '\n') == NULL ? NULL
	                                                                       : "no link has such a name";
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false;
	const struct cmd_option options[] = {{"json", 0, &json, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	const char *wrong;
	char line[200];
	json_t *o;
	int n = cmd_options(&cmd_links, options, argc, argv, &result);

	if (n < 0)
		return result;
	wrong = line_of(argv + 1, n, line, sizeof line);
	if (wrong)
		return cmd_misused(&cmd_links, "%s", wrong);
	config = cmd_config(ctx);
	o = config ? cmd_ask(config, line) : NULL;
	if (o && json)
		result = cmd_json_dump(o);
	else if (o)
		print_links(o);
	if (o && !json)
		result = CMD_OK;
	json_decref(o);
	config_free(config);
	return result;
}

const struct cmd cmd_links = {
	.name = "links",
	.args = "[up NAME | down NAME | throttle NAME RATE] [--json]",
	.summary = "See the links of the running daemon; take one down or up, slow one down",
	.help = "  up NAME             bind it again, if it was taken down\n"
		"  down NAME           finish what it has, unbind, and stay so\n"
		"  throttle NAME RATE  send so many PDUs a second at most; off: as configured\n"
		"  --json              for programs\n\n"
		"NAME is as in the configuration; of a pair both are meant, or one with .tx or .rx behind. What is said\n"
		"here lasts until it is taken back or the daemon starts anew.\n",
	.run = run,
};
