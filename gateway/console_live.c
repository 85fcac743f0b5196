/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's live page: the status report as `starhash status` has it; links and dialogues by the same hands as the control
 * socket's. Rates are made by the page, of two reports. */
#include <stdio.h>
#include <stdlib.h>
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

struct done_by {
	const struct config *config;
	struct deed deed;
	char actor[CONSOLE_ACTOR_SIZE];
};

_Static_assert(sizeof(struct done_by) <= CONSOLE_JOB_ROOM, "a job holds it");

/* In the thread. */
static char *write_deed(struct query *q, const void *about, int *status)
{
	const struct done_by *by = about;

	(void)q;
	*status = 200;
	deed_write(&by->deed, by->config, by->actor);
	return NULL;
}

static void on_deed(void *ctx, int status, const char *json)
{
	struct done_by *by = ctx;

	(void)json;
	if (status != 200)
		deed_lost(&by->deed, by->actor, "the store cannot be read");
	free(by);
}

/* Into the audit, with who did it. */
static void audit(const struct console_ask *a, const struct deed *deed)
{
	struct done_by *by = calloc(1, sizeof(*by));

	if (by != NULL) {
		*by = (struct done_by){.config = a->console->gateway->config, .deed = *deed};
		console_actor(a->user, by->actor, sizeof(by->actor));
		if (console_worker_ask(a->console->worker, console_user_index(a), write_deed, by, sizeof(*by),
		                       on_deed, by) == RC_OK)
			return;
	}
	a->console->counters.jobs_refused++;
	deed_lost(deed, by != NULL ? by->actor : a->user->name, "too many questions wait, or memory is out");
	free(by);
}

/* 200, or 400 when it says that it could not. */
static void reply(const struct console_ask *a, json_t *o, const struct deed *deed)
{
	int status = json_object_get(o, "error") != NULL ? 400 : 200;

	if (*deed->action != '\0')
		audit(a, deed);
	console_reply(a->request, status, o);
}

void console_dialogue_end(const struct console_ask *a)
{
	struct deed deed = {0};
	char id[24];
	json_t *o;

	snprintf(id, sizeof(id), "%lld", (long long)json_integer_value(json_object_get(a->said, "id")));
	console_note(a, "end a dialogue");
	o = control_dialogue_end(a->console->gateway, id, &deed);
	reply(a, o, &deed);
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
	struct deed deed = {0};
	char line[128], rate[24];
	json_t *o;

	if (strcmp(act, "throttle") == 0 && !rate_of(a, rate)) {
		console_fault(a->request, 400, "rate is 1 to 100000, or \"off\": as configured");
		return;
	}
	console_note(a, "links");
	if (strcmp(act, "up") == 0 || strcmp(act, "down") == 0) {
		o = control_link_hold(g, name, strcmp(act, "down") == 0, &deed);
		reply(a, o, &deed);
	} else if (strcmp(act, "throttle") == 0 && strlen(name) < 64) {
		snprintf(line, sizeof(line), "link throttle %s %s", rate, name);
		o = control_act(g, line, &deed);
		reply(a, o, &deed);
	} else {
		console_fault(a->request, 400, "act is up, down or throttle");
	}
}
