/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's live page: the status report as `starhash status` has it; links and dialogues by the same hands as the control
 * socket's. Rates are made by the page, of two reports. */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "gateway/console_private.h"
#include "gateway/control_private.h"

#define RATE_MAX 100000 /* as of `starhash links throttle` */

void console_live(const struct console_ask *a)
{
	json_t *o = control_status(a->console->gateway);

	json_object_set_new(o, "at_ms", json_integer((json_int_t)clock_utc_ms(clock_system())));
	console_reply(a->request, 200, o);
}

void console_dialogues(const struct console_ask *a)
{
	console_reply(a->request, 200, control_dialogues(a->console->gateway, 0));
}

/* 200, or 400 when it says that it could not. */
static void reply(const struct console_ask *a, json_t *o)
{
	int status = json_object_get(o, "error") != NULL ? 400 : 200;

	console_reply(a->request, status, o);
}

void console_dialogue_end(const struct console_ask *a)
{
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)json_integer_value(json_object_get(a->said, "id")));
	console_note(a, "end a dialogue");
	reply(a, control_dialogue_end(a->console->gateway, id));
}

/* Nothing but a rate or "off" takes a limit off: what is odd is refused. */
static bool rate_of(const struct console_ask *a, char out[24])
{
	const json_t *rate = json_object_get(a->said, "rate");
	json_int_t n = json_integer_value(rate);

	if (json_is_string(rate))
		snprintf(out, 24, "%s", strcmp(json_string_value(rate), "off") == 0 ? "off" : "");
	else
		snprintf(out, 24, "%lld", (long long)n);
	return json_is_string(rate) ? *out != '\0' : json_is_integer(rate) && n >= 1 && n <= RATE_MAX;
}

/* {"name", "act": "up" | "down" | "throttle", "rate": 1.. | "off"} */
void console_link(const struct console_ask *a)
{
	struct gateway *g = a->console->gateway;
	const char *name = console_text(a, "name"), *act = console_text(a, "act");
	char line[128], rate[24];

	if (strcmp(act, "throttle") == 0 && !rate_of(a, rate)) {
		console_fault(a->request, 400, "rate is 1 to 100000, or \"off\": as configured");
		return;
	}
	console_note(a, "links");
	if (strcmp(act, "up") == 0 || strcmp(act, "down") == 0) {
		reply(a, control_link_hold(g, name, strcmp(act, "down") == 0));
	} else if (strcmp(act, "throttle") == 0 && strlen(name) < 64) {
		snprintf(line, sizeof(line), "link throttle %s %s", rate, name);
		reply(a, control_act(g, line));
	} else {
		console_fault(a->request, 400, "act is up, down or throttle");
	}
}
