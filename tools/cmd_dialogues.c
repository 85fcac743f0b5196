/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash dialogues: the open dialogues of the running daemon, and the end of one. Of a number its last digits are shown. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cmd.h"
#include "tools/cmd_json.h"

static void print_dialogue(const json_t *d)
{
	printf("%10" JSON_INTEGER_FORMAT "  %-6s %-9s %-12s %-16s %-3s %6" JSON_INTEGER_FORMAT
	       " %7" JSON_INTEGER_FORMAT " s  %s%s\n",
	       cmd_json_number(d, "id"), cmd_json_text(d, "number"), cmd_json_text(d, "channel"),
	       cmd_json_text(d, "service"), cmd_json_text(d, "screen"), cmd_json_text(d, "language"),
	       cmd_json_number(d, "inputs"), cmd_json_number(d, "seconds"),
	       strcmp(cmd_json_text(d, "state"), "theirs") == 0 ? "waits for the subscriber"
	                                                        : cmd_json_text(d, "state"),
	       json_is_true(json_object_get(d, "push")) ? ", pushed" : "");
}

static void print_list(const json_t *o)
{
	const json_t *list = json_object_get(o, "dialogues");

	if (json_array_size(list) > 0)
		printf("%10s  %-6s %-9s %-12s %-16s %-3s %6s %9s  %s\n", "id", "number", "channel", "service",
		       "screen", "in", "inputs", "since", "turn");
	for (size_t i = 0; i < json_array_size(list); i++)
		print_dialogue(json_array_get(list, i));
	printf("%" JSON_INTEGER_FORMAT " open%s\n", cmd_json_number(o, "open"),
	       json_is_true(json_object_get(o, "more"))
	               ? "; the first of them are shown: give a number for its own"
	               : "");
}

/* What to ask; "" after a message. */
static void line_of(const struct config *config, char **word, int n, char *line, size_t size)
{
	int64_t msisdn;

	line[0] = '\0';
	if (n == 2)
		snprintf(line, size, "dialogue end %.20s", word[1]);
	else if (n == 0)
		snprintf(line, size, "dialogues");
	else if (cmd_msisdn(config, word[0], &msisdn))
		snprintf(line, size, "dialogues %" PRId64, msisdn);
}

static enum cmd_exit act(const struct config *config, char **word, int n, bool json)
{
	char line[64];
	json_t *o = NULL;

	line_of(config, word, n, line, sizeof line);
	if (*line)
		o = cmd_ask(config, line);
	if (!o)
		return CMD_FAULT;
	if (json)
		(void)cmd_json_dump(o);
	else if (n == 2)
		printf("dialogue %s has ended; what it had begun is finished, and told by SMS\n", word[1]);
	else
		print_list(o);
	json_decref(o);
	return CMD_OK;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false;
	const struct cmd_option options[] = {{"json", 0, &json, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_dialogues, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n > 2 || (n == 2 && strcmp(argv[1], "end") != 0) || (n == 1 && strcmp(argv[1], "end") == 0))
		return cmd_misused(&cmd_dialogues, "give nothing, one number, or: end ID");
	config = cmd_config(ctx);
	if (config)
		result = act(config, argv + 1, n, json);
	config_free(config);
	return result;
}

const struct cmd cmd_dialogues = {
	.name = "dialogues",
	.args = "[MSISDN | end ID] [--json]",
	.summary = "See who is in a dialogue with the running daemon; end one",
	.help = "  MSISDN  only of this number\n"
		"  end ID  end it, as if the phone had, once it waits for the subscriber: what was begun is\n"
		"          finished, a result follows by SMS\n"
		"  --json  for programs\n\n"
		"At most 200 are shown, and of a number its last four digits.\n",
	.run = run,
};
