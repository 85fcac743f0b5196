/* SPDX-License-Identifier: GPL-3.0-or-later */
/* USSD push over the control socket: "push {"msisdn":..., ...}" begins one, "push-fate N" asks what has become of it.
 *
 * Members: msisdn (a number with its country code), code (a menu) or text (words that want no answer), wait_ms, group (name;
 * absent = the first link's). A text comes as JSON because it may hold anything.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/control_private.h"
#include "gateway/dialogue.h"
#include "gateway/traffic.h"

#define WAIT_MS 60000

static json_t *refused(enum rc rc)
{
	switch (rc) {
	case RC_NOTFOUND:
		return control_fault("no menu answers to this code; see code and dial in the menu files");
	case RC_RANGE:
		return control_fault(
			"the wait must be 1 s to 10 min, and the text must fit one screen (ussd.page)");
	case RC_FULL:
		return control_fault("too many pushes are under way; try again when some have ended");
	default:
		return control_fault("out of memory");
	}
}

static json_t *begin(struct gateway *g, const json_t *o)
{
	const char *group = json_string_value(json_object_get(o, "group"));
	const json_t *wait = json_object_get(o, "wait_ms");
	struct dialogue_push push = {
		.msisdn = json_integer_value(json_object_get(o, "msisdn")),
		.code = json_string_value(json_object_get(o, "code")),
		.text = json_string_value(json_object_get(o, "text")),
		.wait_ms = wait != NULL ? json_integer_value(wait) : WAIT_MS,
	};
	int number = traffic_group(g, group);
	uint32_t id;
	enum rc rc;

	if (push.msisdn < MSISDN_LEAST || push.msisdn > MSISDN_MOST ||
	    (push.code == NULL && push.text == NULL))
		return control_fault(
			"a push takes msisdn, a number of 7 to 15 digits with its country code, and code or text");
	if (push.text != NULL && *push.text == '\0')
		return control_fault("the text is empty");
	if (number < 0)
		return control_fault(group != NULL ? "no link has this group; see links[].group"
		                                   : "there is no link");
	push.group = (uint16_t)number;
	rc = dialogue_push(gateway_dialogues(g), &push, &id);
	if (rc != RC_OK)
		return refused(rc);
	return json_pack("{s:b, s:I}", "ok", 1, "push", (json_int_t)id);
}

json_t *control_push(struct gateway *g, const char *arguments)
{
	json_t *o = json_loads(arguments, JSON_REJECT_DUPLICATES, NULL), *answer;

	if (o == NULL)
		return control_fault("push takes a JSON object");
	answer = begin(g, o);
	json_decref(o);
	return answer;
}

json_t *control_push_fate(struct gateway *g, const char *number)
{
	struct dialogue_push_state s;
	json_t *o;

	if (!dialogue_push_read(gateway_dialogues(g), (uint32_t)strtoul(number, NULL, 10), &s))
		return control_fault("this push is not known, or not any more");
	o = json_pack("{s:b, s:b, s:b, s:s}", "ok", 1, "ended", s.fate != DIALOGUE_PUSH_UNDER_WAY, "good",
	              s.fate == DIALOGUE_PUSH_ANSWERED || s.fate == DIALOGUE_PUSH_DELIVERED, "fate",
	              dialogue_push_fate_name(s.fate));
	if (o != NULL && s.status != 0)
		json_object_set_new(o, "status", json_integer(s.status));
	if (o != NULL && dialogue_push_remedy(s.fate) != NULL)
		json_object_set_new(o, "remedy", json_string(dialogue_push_remedy(s.fate)));
	return o;
}
