/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status of the HTTP listener: who asks for menus, and what was turned away at which limit. A counter that is new gets a row
 * here. */
#include "gateway/console.h"
#include "gateway/control_private.h"
#include "gateway/http.h"
#include "gateway/sendsms.h"

static void put(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static json_t *limits_json(const struct http_server_counters *c)
{
	json_t *o = json_object();

	for (int i = HTTP_REFUSED_NOT + 1; i < HTTP_REFUSALS; i++)
		put(o, http_refusal_name((enum http_refusal)i), c->refused[i]);
	return o;
}

json_t *control_console(const struct console *console)
{
	struct console_counters c;
	json_t *o = json_object();

	console_counters_read(console, &c);
	put(o, "requests", c.requests);
	put(o, "logins", c.logins);
	put(o, "wrong", c.wrong);
	put(o, "limited", c.limited);
	put(o, "denied", c.denied);
	put(o, "hurried", c.hurried);
	put(o, "evicted", c.evicted);
	put(o, "jobs_refused", c.jobs_refused);
	put(o, "sms", c.sms);
	put(o, "sessions", c.sessions);
	put(o, "jobs", c.jobs);
	return o;
}

json_t *control_sendsms(const struct sendsms *sendsms)
{
	json_t *o = json_object(), *users = json_array();
	struct sendsms_counters c;
	struct sendsms_user u;

	sendsms_counters_read(sendsms, &c);
	put(o, "requests", c.requests);
	for (int i = 0; i < SENDSMS_RESULTS; i++)
		put(o, sendsms_result_name((enum sendsms_result)i), c.result[i]);
	for (size_t i = 0; sendsms_user_read(sendsms, i, &u); i++)
		json_array_append_new(users, json_pack("{s:s, s:I, s:I}", "username", u.username, "right",
		                                       (json_int_t)u.right, "wrong", (json_int_t)u.wrong));
	json_object_set_new(o, "users", users);
	return o;
}

json_t *control_http(const struct http *http)
{
	struct http_counters c;
	json_t *o = json_object();

	http_counters_read(http, &c);
	put(o, "requests", c.requests);
	put(o, "refused", c.refused);
	put(o, "shed", c.shed);
	put(o, "repeated", c.repeated);
	put(o, "gone", c.gone);
	put(o, "slow", c.slow);
	put(o, "sessions", c.sessions);
	put(o, "waiting", c.waiting);
	put(o, "connections", c.server.connections);
	put(o, "accepted", c.server.accepted);
	put(o, "answers", c.server.answers);
	put(o, "not_found", c.server.not_found);
	put(o, "left", c.server.gone);
	json_object_set_new(o, "limits", limits_json(&c.server));
	return o;
}
