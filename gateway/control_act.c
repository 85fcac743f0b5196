/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an operator does over the control socket: links up, down and slower; open dialogues, and the end of one.
 *
 * A list of dialogues shows the last four digits of each number: whose it is, is for `starhash show` to tell. Each act is
 * logged, and told to the caller for the audit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/msisdn.h"
#include "gateway/control_private.h"
#include "gateway/dialogue.h"
#include "gateway/dialogue_list.h"
#include "gateway/groups.h"

#define LIST_MAX 200
#define RATE_MAX 100000

/* --- links ------------------------------------------------------------------------------------------- */

json_t *control_links(const struct gateway *g)
{
	json_t *list = json_array();

	for (size_t i = 0; i < gateway_links(g); i++)
		json_array_append_new(list, control_link(g, gateway_link(g, i)));
	return json_pack("{s:b, s:o}", "ok", 1, "links", list);
}

static json_t *done(const struct gateway *g, size_t n)
{
	return n > 0 ? control_links(g) : control_fault("no link has this name; see: starhash links");
}

json_t *control_link_hold(struct gateway *g, const char *name, bool down, struct deed *deed)
{
	size_t n;

	if (gateway_is_draining(g))
		return control_fault("the daemon is being stopped: its links are unbound");
	n = groups_hold(gateway_groups_of(g), name, down);
	if (n > 0)
		deed_done(deed, 0, "link %s %s", down ? "down" : "up", name);
	return done(g, n);
}

/* "RATE NAME"; RATE is a number or "off". */
static json_t *throttle(struct gateway *g, const char *arguments, struct deed *deed)
{
	long rate = GROUPS_AS_CONFIGURED;
	char *end = strchr(arguments, ' ');
	size_t n;

	if (end == NULL)
		return control_fault("throttle takes a rate and the name of a link");
	if (strncmp(arguments, "off ", 4) != 0) {
		rate = strtol(arguments, &end, 10);
		if (end == arguments || *end != ' ' || rate < 1 || rate > RATE_MAX)
			return control_fault("the rate is 1 to 100000 PDUs a second, or off: as configured");
	}
	n = groups_throttle(gateway_groups_of(g), end + 1, (int)rate);
	if (n > 0)
		deed_done(deed, 0, "link throttle %.*s %s", (int)(end - arguments), arguments, end + 1);
	return done(g, n);
}

/* --- dialogues --------------------------------------------------------------------------------------- */

struct listing {
	json_t *list;
	bool is_cut;
	int64_t now_ms;
};

static bool add(void *ctx, const struct dialogue_view *v)
{
	struct listing *l = ctx;
	char number[MSISDN_TEXT_SIZE], hidden[16];
	size_t len = strlen(msisdn_text(v->msisdn, number));
	int64_t age_ms = l->now_ms - v->began_ms;

	if (json_array_size(l->list) >= LIST_MAX) {
		l->is_cut = true;
		return false;
	}
	snprintf(hidden, sizeof(hidden), "…%s", number + (len > 4 ? len - 4 : 0));
	json_array_append_new(
		l->list, json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:i, s:I, s:i}", "id",
	                           (json_int_t)v->id, "number", hidden, "channel", v->channel, "state",
	                           v->state, "service", v->service, "screen", v->screen, "language",
	                           v->language, "push", v->is_push, "inputs", (int)v->inputs, "seconds",
	                           (json_int_t)(age_ms > 0 ? age_ms / 1000 : 0), "group", (int)v->group));
	return true;
}

json_t *control_dialogues(const struct gateway *g, int64_t msisdn)
{
	struct listing l = {.list = json_array(), .now_ms = clock_utc_ms(clock_system())};

	dialogue_list(gateway_dialogues(g), msisdn, 0, add, &l);
	return json_pack("{s:b, s:I, s:b, s:o}", "ok", 1, "open",
	                 (json_int_t)dialogue_open(gateway_dialogues(g)), "more", l.is_cut, "dialogues",
	                 l.list);
}

json_t *control_dialogue_end(struct gateway *g, const char *number, struct deed *deed)
{
	int64_t subscriber;
	char *end;
	unsigned long id = strtoul(number, &end, 10);
	enum rc rc;

	if (end == number || *end != '\0' || id == 0 || id > UINT32_MAX)
		return control_fault("end takes the id of a dialogue; see: starhash dialogues");
	rc = dialogue_end(gateway_dialogues(g), (uint32_t)id, &subscriber);
	if (rc == RC_BUSY)
		return control_fault(
			"it is our turn, and the phone waits for the answer: ask again in a moment");
	if (rc != RC_OK)
		return control_fault("no open dialogue has this id: it has ended; see: starhash dialogues");
	deed_done(deed, subscriber, "end dialogue");
	return json_pack("{s:b, s:I, s:I}", "ok", 1, "id", (json_int_t)id, "open",
	                 (json_int_t)dialogue_open(gateway_dialogues(g)));
}

static json_t *of_number(const struct gateway *g, const char *number)
{
	char *end;
	long long msisdn = strtoll(number, &end, 10);

	if (end == number || *end != '\0' || msisdn <= 0)
		return control_fault("dialogues takes a number with its country code");
	return control_dialogues(g, msisdn);
}

static const char *after(const char *line, const char *word)
{
	size_t n = strlen(word);

	return strncmp(line, word, n) == 0 ? line + n : NULL;
}

json_t *control_act(struct gateway *g, const char *line, struct deed *deed)
{
	const char *rest;

	if (strcmp(line, "links") == 0)
		return control_links(g);
	if ((rest = after(line, "link up ")) != NULL)
		return control_link_hold(g, rest, false, deed);
	if ((rest = after(line, "link down ")) != NULL)
		return control_link_hold(g, rest, true, deed);
	if ((rest = after(line, "link throttle ")) != NULL)
		return throttle(g, rest, deed);
	if (strcmp(line, "dialogues") == 0)
		return control_dialogues(g, 0);
	if ((rest = after(line, "dialogues ")) != NULL)
		return of_number(g, rest);
	if ((rest = after(line, "dialogue end ")) != NULL)
		return control_dialogue_end(g, rest, deed);
	return NULL;
}
