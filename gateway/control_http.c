/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status of the HTTP listener: who asks for menus, and what was turned away at which limit. A counter that is new gets a row
 * here. */
#include "gateway/console.h"
#include "gateway/control_private.h"
#include "gateway/http.h"
#include "gateway/sendsms.h"

static json_t *limits_json(const struct http_server_counters *c)
{
	json_t *o = json_object();

	for (int i = HTTP_REFUSED_NOT + 1; i < HTTP_REFUSALS; i++)
		control_put(o, http_refusal_name((enum http_refusal)i), c->refused[i]);
	return o;
}

json_t *control_console(const struct console *console)
{
	struct console_counters c;
	json_t *o = json_object();

	console_counters_read(console, &c);
	control_put(o, "requests", c.requests);
	control_put(o, "logins", c.logins);
	control_put(o, "wrong", c.wrong);
	control_put(o, "limited", c.limited);
	control_put(o, "denied", c.denied);
	control_put(o, "hurried", c.hurried);
	control_put(o, "evicted", c.evicted);
	control_put(o, "jobs_refused", c.jobs_refused);
	control_put(o, "sms", c.sms);
	control_put(o, "sessions", c.sessions);
	control_put(o, "jobs", c.jobs);
	return o;
}

json_t *control_sendsms(const struct sendsms *sendsms)
{
	json_t *o = json_object(), *users = json_array();
	struct sendsms_counters c;
	struct sendsms_user u;

	sendsms_counters_read(sendsms, &c);
	control_put(o, "requests", c.requests);
	for (int i = 0; i < SENDSMS_RESULTS; i++)
		control_put(o, sendsms_result_name((enum sendsms_result)i), c.result[i]);
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
	control_put(o, "requests", c.requests);
	control_put(o, "refused", c.refused);
	control_put(o, "shed", c.shed);
	control_put(o, "repeated", c.repeated);
	control_put(o, "gone", c.gone);
	control_put(o, "slow", c.slow);
	control_put(o, "sessions", c.sessions);
	control_put(o, "waiting", c.waiting);
	control_put(o, "connections", c.server.connections);
	control_put(o, "accepted", c.server.accepted);
	control_put(o, "answers", c.server.answers);
	control_put(o, "not_found", c.server.not_found);
	control_put(o, "left", c.server.gone);
	json_object_set_new(o, "limits", limits_json(&c.server));
	return o;
}
