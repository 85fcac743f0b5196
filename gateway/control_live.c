/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions about one subscriber over the control socket: "live MSISDN" (the dialogue in progress, the balance) and
 * "show {"msisdn":...}" (all that is known; what `starhash show --json` prints).
 *
 * Both are answered later. The balance comes from the charging system, which may be slow: it is waited for a moment, and is
 * null after that.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "gateway/accounts.h"
#include "gateway/control_private.h"
#include "gateway/dialogue.h"
#include "gateway/login.h"
#include "storage/query.h"

#define BALANCE_WITHIN_MS 1000

/* --- what is going on ------------------------------------------------------------------------------------------------ */

/* One question. It outlives its asker: the charging system may answer when nobody waits any more. */
struct live {
	struct event *deadline;
	json_t *answer; /* NULL = it was given */
	struct control_wait *wait;
	struct control_show *shows; /* NULL = the question was "live" */
	struct control_show_job show;
};

static json_t *dialogue_json(const struct dialogues *ds, int64_t msisdn)
{
	char began[CLOCK_TEXT_SIZE];
	struct dialogue_seen d;

	if (!dialogue_look(ds, msisdn, &d))
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:i, s:s}", "channel", store_channel_name(d.channel),
	                 "service", d.service, "screen", d.screen, "language", d.language, "state",
	                 d.is_ours ? "being answered" : "waits for the subscriber", "pushed", d.is_opened,
	                 "steps", d.steps, "began", clock_utc_text(d.began_ms, began));
}

static json_t *balance_json(const struct store_facts *f)
{
	long long minor = f != NULL ? llabs(f->balance_minor) : 0;
	char amount[32];

	if (f == NULL || !f->has_balance)
		return json_null();
	snprintf(amount, sizeof(amount), "%s%lld.%02d", f->balance_minor < 0 ? "-" : "", minor / 100,
	         (int)(minor % 100));
	return json_pack("{s:s, s:s}", "amount", amount, "currency", f->currency);
}

/* Whoever asked has the answer, or it goes on with them to the store. */
static void live_answer(struct live *l)
{
	json_t *answer = l->answer;

	l->answer = NULL;
	if (l->shows == NULL ||
	    !control_waits(l->wait)) { /* without a client there may be no shows any more */
		control_answer_json(l->wait, answer);
		return;
	}
	l->show.live = control_dump(answer);
	if (control_show_start(l->shows, &l->show) != RC_OK)
		control_answer_json(l->wait, control_fault("too many questions wait; try again in a moment"));
}

static void live_free(struct live *l)
{
	if (l->deadline != NULL)
		event_free(l->deadline);
	free(l);
}

static void on_balance(void *ctx, enum rc rc, const struct store_facts *facts)
{
	struct live *l = ctx;

	if (l->answer != NULL) {
		json_object_set_new(l->answer, "balance", balance_json(rc == RC_OK ? facts : NULL));
		live_answer(l);
	}
	live_free(l);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	struct live *l = ctx;

	(void)fd;
	(void)what;
	if (l->answer != NULL)
		live_answer(l);
}

static void live_ask(struct gateway *g, struct live *l, int64_t msisdn)
{
	static const struct timeval within = {.tv_sec = BALANCE_WITHIN_MS / 1000};
	const struct accounts *a = gateway_accounts(g);

	l->answer = json_pack("{s:b, s:o, s:n}", "ok", 1, "dialogue",
	                      dialogue_json(gateway_dialogues(g), msisdn), "balance");
	if (a != NULL && accounts_outbox(a) != NULL && l->answer != NULL) {
		l->deadline = event_new(control_base(l->wait), -1, 0, on_deadline, l);
		if (l->deadline != NULL && event_add(l->deadline, &within) == 0 &&
		    accounts_facts((void *)(uintptr_t)a, msisdn, on_balance, l) == RC_OK)
			return;
	}
	live_answer(l);
	live_free(l);
}

json_t *control_live(struct gateway *g, const char *number, struct control_wait *wait)
{
	char *end;
	long long msisdn = strtoll(number, &end, 10);
	struct live *l;

	if (end == number || *end != '\0' || msisdn <= 0)
		return control_fault("live takes a number with its country code");
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		return control_fault("out of memory");
	l->wait = wait;
	live_ask(g, l, msisdn);
	return NULL;
}

/* --- all that is known ------------------------------------------------------------------------------------------------ */

static int64_t number_of(const json_t *value)
{
	const char *text = json_string_value(value);

	char *end;
	int64_t number;

	if (text == NULL)
		return json_integer_value(value);
	number = strtoll(text, &end, 10);
	return *end == '\0' ? number : 0;
}

/* NULL: it is well; else what is wrong. */
static const char *read_show(const json_t *o, struct control_show_job *out)
{
	const char *role = json_string_value(json_object_get(o, "role"));
	const char *reason = json_string_value(json_object_get(o, "reason"));
	const json_t *limit = json_object_get(o, "limit");
	int64_t most = limit != NULL ? json_integer_value(limit) : QUERY_MAX_INTERACTIONS;

	out->msisdn = number_of(json_object_get(o, "msisdn"));
	if (out->msisdn <= 0)
		return "show takes msisdn, a number with its country code";
	if (most < 1 || most > QUERY_LIMIT_MAX)
		return "limit is 1 to 10000";
	out->limit = (int)most;
	if ((role == NULL) != (reason == NULL) ||
	    (reason != NULL && (!login_is_reason(reason) || *role == '\0')))
		return "to see what is private give both role and reason, and say why in three characters or more";
	if (role != NULL && (strlen(role) >= sizeof(out->role) || strlen(reason) >= sizeof(out->reason)))
		return "role or reason is too long";
	snprintf(out->role, sizeof(out->role), "%s", role != NULL ? role : "");
	snprintf(out->reason, sizeof(out->reason), "%s", reason != NULL ? reason : "");
	return NULL;
}

json_t *control_show_ask(struct gateway *g, struct control_show *shows, const char *arguments,
                         struct control_wait *wait)
{
	json_t *o = json_loads(arguments, JSON_REJECT_DUPLICATES, NULL);
	struct live *l = o != NULL ? calloc(1, sizeof(*l)) : NULL;
	const char *wrong;

	if (l == NULL) {
		json_decref(o);
		return control_fault("show takes a JSON object: {\"msisdn\": \"254700000001\"}");
	}
	wrong = read_show(o, &l->show);
	json_decref(o);
	if (wrong == NULL && !control_peer(wait, &l->show.pid, &l->show.uid))
		wrong = "who asks cannot be told";
	if (wrong != NULL) {
		free(l);
		return control_fault(wrong);
	}
	l->wait = l->show.wait = wait;
	l->shows = shows;
	live_ask(g, l, l->show.msisdn);
	return NULL;
}
