/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash drain: let the running daemon finish its dialogues and end; and, on demand, stay until it has. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "core/clock.h"
#include "tools/cmd.h"
#include "tools/cmd_json.h"
#include "tools/progress.h"

#define ASK_EVERY_MS 200
#define SPARE_MS 30000 /* beside `drain`: to unbind, and to end what the store has */

/* Until nobody answers any more. */
static enum cmd_exit watch(const struct config *config, json_int_t began_with)
{
	const struct timespec pause = {.tv_nsec = ASK_EVERY_MS * 1000000L};
	int64_t until_ms = clock_mono_ms(clock_system()) + config->drain_ms + SPARE_MS;
	struct progress bar;

	progress_begin(&bar, "draining");
	for (;;) {
		bool runs = false;
		char *answer = cmd_control_if_running(config, "status", &runs);
		json_t *o = answer ? json_loads(answer, 0, NULL) : NULL;
		json_int_t open = cmd_json_number(o, "dialogues.open");

		free(answer);
		if (runs && o)
			progress_show(&bar, began_with > open ? began_with - open : 0,
			              began_with > 0 ? began_with : 1);
		json_decref(o);
		if (!runs)
			break;
		if (clock_mono_ms(clock_system()) > until_ms) {
			progress_end(&bar);
			return cmd_fault("the daemon still runs; look at its log");
		}
		nanosleep(&pause, NULL);
	}
	progress_end(&bar);
	puts("the daemon has ended");
	return CMD_OK;
}

static enum cmd_exit drain(const struct config *config, bool wait, bool json)
{
	json_t *o = cmd_ask(config, "drain");
	json_int_t open = cmd_json_number(o, "open");
	enum cmd_exit result = CMD_OK;

	if (!o)
		return CMD_FAULT;
	if (json)
		result = cmd_json_dump(o);
	else
		printf("%" JSON_INTEGER_FORMAT
		       " dialogues are open; the daemon ends when they have, in %" PRId64
		       " s at the latest\n",
		       open, config->drain_ms / 1000);
	json_decref(o);
	fflush(stdout);
	return wait && result == CMD_OK ? watch(config, open) : result;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false, wait = false;
	const struct cmd_option options[] = {
		{"json", 0, &json, NULL}, {"wait", 0, &wait, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_drain, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n > 0)
		return cmd_misused(&cmd_drain, "\"%s\" says nothing here", argv[1]);
	config = cmd_config(ctx);
	if (config)
		result = drain(config, wait, json);
	config_free(config);
	return result;
}

const struct cmd cmd_drain = {
	.name = "drain",
	.args = "[--wait] [--json]",
	.summary = "Let the running daemon finish its dialogues and end",
	.help = "  --wait  come back when it has ended\n"
		"  --json  the daemon's answer as it came\n",
	.run = run,
};
