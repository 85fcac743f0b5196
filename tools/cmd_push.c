/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash push: a USSD menu or a text on a subscriber's phone, opened by us. The running daemon does it; this asks until it is
 * known what has become of it. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/duration.h"
#include "tools/cmd.h"

#define ASK_EVERY_MS 100
#define SPARE_MS 15000 /* what the daemon may take beside the subscriber's own time */

static const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

/* NULL after a message. */
static json_t *ask(const struct config *config, const char *line)
{
	char *answer = cmd_control(config, line);
	json_t *o = answer ? json_loads(answer, 0, NULL) : NULL;

	if (answer && !o)
		(void)cmd_fault("the daemon's answer cannot be read");
	free(answer);
	if (!o || !text_of(o, "error"))
		return o;
	(void)cmd_fault("%s", text_of(o, "error"));
	json_decref(o);
	return NULL;
}

static enum cmd_exit report(const json_t *o, bool json)
{
	const char *fate = text_of(o, "fate"), *remedy = text_of(o, "remedy");
	const json_t *status = json_object_get(o, "status");
	bool good = json_is_true(json_object_get(o, "good"));

	if (json) {
		json_dumpf(o, stdout, JSON_COMPACT);
		puts("");
		return good ? CMD_OK : CMD_FAULT;
	}
	printf("%s", fate ? fate : "not known");
	if (status)
		printf(", status 0x%08llx", (unsigned long long)json_integer_value(status));
	printf("%s%s\n", remedy ? ": " : "", remedy ? remedy : "");
	return good ? CMD_OK : CMD_FAULT;
}

/* Until the push has ended. */
static enum cmd_exit watch(const struct config *config, json_int_t id, int64_t wait_ms, bool json)
{
	const struct timespec pause = {.tv_nsec = ASK_EVERY_MS * 1000000L};
	int64_t until_ms = clock_mono_ms(clock_system()) + wait_ms + SPARE_MS;
	char line[40];

	snprintf(line, sizeof line, "push-fate %" JSON_INTEGER_FORMAT, id);
	for (;;) {
		json_t *o = ask(config, line);
		enum cmd_exit result;

		if (!o)
			return CMD_FAULT;
		if (json_is_true(json_object_get(o, "ended"))) {
			result = report(o, json);
			json_decref(o);
			return result;
		}
		json_decref(o);
		if (clock_mono_ms(clock_system()) > until_ms)
			return cmd_fault(
				"the daemon does not say what has become of it; see starhash status");
		nanosleep(&pause, NULL);
	}
}

struct push {
	const char *code, *text, *wait, *group;
	int64_t wait_ms;
	bool json;
};

static enum cmd_exit push(const struct config *config, int64_t msisdn, const struct push *p)
{
	json_t *o = json_pack("{s:I, s:I, s:s*, s:s*, s:s*}", "msisdn", (json_int_t)msisdn, "wait_ms",
	                      (json_int_t)p->wait_ms, "code", p->code, "text", p->text, "group", p->group);
	char *arguments = o ? json_dumps(o, JSON_COMPACT) : NULL, *line = NULL;
	json_t *answer = NULL;
	enum cmd_exit result = CMD_FAULT;

	json_decref(o);
	if (arguments)
		line = malloc(strlen(arguments) + sizeof "push ");
	if (line) {
		sprintf(line, "push %s", arguments);
		answer = ask(config, line);
	} else {
		(void)cmd_fault("out of memory");
	}
	free(arguments);
	free(line);
	if (answer)
		result = watch(config, json_integer_value(json_object_get(answer, "push")), p->wait_ms,
		               p->json);
	json_decref(answer);
	return result;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct push p = {.wait = "60s"};
	const struct cmd_option options[] = {{"code", 0, NULL, &p.code}, {"notify", 0, NULL, &p.text},
	                                     {"wait", 0, NULL, &p.wait}, {"group", 0, NULL, &p.group},
	                                     {"json", 0, &p.json, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int64_t msisdn;
	int n = cmd_options(&cmd_push, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != 1)
		return cmd_misused(&cmd_push, "give one number");
	if (!p.code == !p.text)
		return cmd_misused(&cmd_push, "give --code or --notify");
	if (duration_parse(p.wait, &p.wait_ms) != RC_OK)
		return cmd_misused(&cmd_push, "--wait takes a time such as 60s");
	config = cmd_config(ctx);
	if (config && cmd_msisdn(config, argv[1], &msisdn))
		result = push(config, msisdn, &p);
	config_free(config);
	return result;
}

const struct cmd cmd_push = {
	.name = "push",
	.args = "MSISDN --code CODE | --notify TEXT [--wait 60s] [--group NAME] [--json]",
	.summary = "Open a USSD menu, or show a text, on a subscriber's phone",
	.help = "  --code '*123*1#'  the menu that this code leads to; the subscriber's answer goes on in it\n"
		"  --notify TEXT     words without an answer\n"
		"  --wait 60s        how long an answer is waited for (1s to 10m)\n"
		"  --group NAME      by the links of this group; otherwise of the first\n"
		"  --json            for programs\n\n"
		"Exit status 0: answered or delivered; 1: not, the line says why. Nothing is repeated by itself.\n"
		"A subscriber who has said STOP, or is in a dialogue, is left alone.\n",
	.run = run,
};
