/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console on people: one subscriber as `starhash show --json` has it, and the gifts that want a decision. Private values are
 * shown to who may reveal them and says why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/refusal.h"
#include "gateway/console_private.h"
#include "gateway/console_worker.h"
#include "gateway/login.h"
#include "storage/query_charges.h"
#include "storage/query_limits.h"
#include "storage/store_charges.h"
#include "storage/store_limits.h"

#define GRANTS_MOST 100 /* that are shown: of those that are held, and of those in doubt */

/* --- one subscriber -------------------------------------------------------------------------------------- */

/* {"number", "reveal": bool, "reason"} */
void console_subscriber(const struct console_ask *a)
{
	const struct config *c = a->console->gateway->config;
	struct console_person_about about = {.config = c, .user = a->user};
	const char *reason = console_text(a, "reason");

	about.reveals = json_is_true(json_object_get(a->said, "reveal"));
	if (msisdn_parse(console_text(a, "number"), MSISDN_TON_UNKNOWN, &c->country, &about.msisdn) !=
	    RC_OK) {
		console_fault(a->request, 400, "give a number, as +254700000001 or 0700000001");
		return;
	}
	if (about.reveals && !console_role_may(c, a->user, CONSOLE_REVEAL)) {
		console_fault(a->request, 403, "your role may not see private values");
		return;
	}
	if ((about.reveals || *reason != '\0') &&
	    (!login_is_reason(reason) || strlen(reason) > CONSOLE_REASON_MAX)) {
		console_fault(a->request, 400, "say why, in 3 to 200 characters");
		return;
	}
	if (!console_pace(&a->console->looks_ms[console_user_index(a)], CONSOLE_LOOKS_AT_ONCE,
	                  CONSOLE_LOOK_EVERY_MS)) {
		a->console->counters.hurried++;
		console_fault(a->request, 429, "you look at more than 30 numbers a minute; wait a moment");
		return;
	}
	console_note(a, about.reveals ? "show a subscriber, private values too" : "show a subscriber");
	snprintf(about.reason, sizeof(about.reason), "%s", reason);
	console_read(a, console_person_read, &about, sizeof(about));
}

/* --- gifts that want a decision ---------------------------------------------------------------------------- */

struct grants_list {
	json_t *list;
	int64_t n; /* of this state */
};

static json_t *time_json(int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	return ms != 0 ? json_string(clock_utc_text(ms, text)) : json_null();
}

static bool add_grant(void *ctx, const struct query_charge *c)
{
	struct grants_list *l = ctx;
	char number[MSISDN_TEXT_SIZE];
	bool held = strcmp(c->outbox, "held") == 0;

	if (++l->n > GRANTS_MOST)
		return true; /* counted */
	json_array_append_new(l->list,
	                      json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:o, s:o}", "id",
	                                (json_int_t)c->id, "number", msisdn_text(c->msisdn, number), "bundle",
	                                c->bundle, "key", c->key, "state", held ? "held" : c->state, "order",
	                                c->outbox, "why", c->why, "reference", c->reference, "attempts",
	                                c->attempts, "price", (json_int_t)c->price, "at", time_json(c->at_ms),
	                                "next", time_json(c->next_ms)));
	return true;
}

static bool add_reason(void *ctx, int64_t msisdn, const struct query_refusal *r)
{
	char words[200];

	(void)msisdn;
	snprintf(words, sizeof(words), "%s%s%s%s", refusal_words(refusal_by_name(r->reason)),
	         *r->rule ? " (" : "", r->rule, *r->rule ? ")" : "");
	json_object_set_new(ctx, "why", json_string(words));
	return true; /* the last one is what holds it */
}

/* Why the limits hold it. */
static void add_reasons(struct query *q, json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *o = json_array_get(list, i);

		if (strcmp(json_string_value(json_object_get(o, "state")), "held") == 0)
			(void)!query_refusals(q, json_integer_value(json_object_get(o, "id")), add_reason, o);
	}
}

/* {"grants": [...], "more": {"held": 0, "unknown": 3}}: how many of each are not shown */
static char *read_grants(struct query *q, const void *about, int *status)
{
	static const char *const states[] = {"held", "unknown"};
	json_t *list = json_array(), *more = json_object(), *o;
	char *json;

	(void)about;
	for (size_t i = 0; i < 2; i++) {
		const struct query_charge_filter filter = {.state = states[i]};
		struct grants_list l = {.list = list};

		if (query_charges(q, &filter, add_grant, &l) != RC_OK)
			*status = 503;
		json_object_set_new(more, states[i], json_integer(l.n > GRANTS_MOST ? l.n - GRANTS_MOST : 0));
	}
	add_reasons(q, list);
	o = json_pack("{s:o, s:o}", "more", more, "grants", list);
	json = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	return json;
}

void console_grants(const struct console_ask *a)
{
	console_read(a, read_grants, "", 1);
}

/* --- the decision ------------------------------------------------------------------------------------------ */

struct decision {
	struct http_request *request; /* NULL: they have left */
};

static void on_gone(void *ctx)
{
	((struct decision *)ctx)->request = NULL;
}

/* `other` = what to say of one that was not decided so far, but waits for the other pair of words; NULL = it does not. */
static void tell(struct decision *d, enum rc rc, enum store_grant grant, bool told, const char *other)
{
	struct http_request *r = d->request;

	free(d);
	if (r == NULL)
		return;
	http_request_on_gone(r, NULL, NULL);
	if (rc == RC_OK)
		console_reply(r, 200,
		              json_pack("{s:s, s:b}", "state", store_grant_name(grant), "told", told));
	else if (rc == RC_NOTFOUND)
		console_fault(r, 404, "no such gift");
	else if (rc == RC_EXISTS && other != NULL)
		console_fault(r, 409, other);
	else if (rc == RC_EXISTS)
		console_fault(r, 409, "it was decided already; nothing was changed");
	else if (rc == RC_BUSY)
		console_fault(r, 409, "it is with the charging system just now; try again in a minute");
	else
		console_fault(r, 503, "nothing was changed; try again");
}

static void on_held(void *ctx, const struct store_held_result *r)
{
	tell(ctx, r->rc, r->grant, r->is_told || r->is_ordered,
	     r->grant == STORE_GRANT_PENDING || r->grant == STORE_GRANT_UNKNOWN
	             ? "it is not held: it is at the charging system, or in doubt there; granted or rejected "
	               "decides of one in doubt"
	             : NULL);
}

static void on_resolved(void *ctx, const struct store_charge_result *r)
{
	tell(ctx, r->rc, r->grant, true,
	     r->state == STORE_CHARGE_HELD
	             ? "it is held by a limit and was not given: approve or refuse decides of it"
	             : NULL);
}

/* {"id", "decision": "approve" | "refuse" (of what is held) | "granted" | "rejected" (of what is in doubt), "reason"} */
void console_decide(const struct console_ask *a)
{
	struct store *store = a->console->gateway->store;
	const char *word = console_text(a, "decision");
	int64_t id = json_integer_value(json_object_get(a->said, "id"));
	bool yes = strcmp(word, "approve") == 0 || strcmp(word, "granted") == 0,
	     held = strcmp(word, "approve") == 0 || strcmp(word, "refuse") == 0;
	char actor[CONSOLE_ACTOR_SIZE];
	const struct store_decision what = {
		.id = id, .yes = yes, .actor = actor, .reason = console_text(a, "reason")};
	struct decision *d;
	enum rc rc = RC_NOMEM;

	if (!yes && !held && strcmp(word, "rejected") != 0) {
		console_fault(a->request, 400, "decision is approve, refuse, granted or rejected");
		return;
	}
	if (id <= 0 || !login_is_reason(what.reason) || strlen(what.reason) > STORE_REASON_MAX) {
		console_fault(a->request, 400,
		              "say which one, and why, in 3 to 200 characters: it is kept in the audit");
		return;
	}
	console_actor(a->user, actor, sizeof(actor));
	d = malloc(sizeof(*d));
	if (d != NULL) {
		d->request = a->request;
		http_request_on_gone(a->request, on_gone, d);
		rc = held ? store_held_decide(store, &what, on_held, d)
		          : store_charge_resolve(store, &what, on_resolved, d);
	}
	console_note(a, held ? "decide a held gift" : "decide a gift in doubt");
	if (rc == RC_OK)
		return;
	http_request_on_gone(a->request, NULL, NULL);
	free(d);
	console_fault(a->request, 503, "the store is busy; try again");
}
