/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS of other programs: see sendsms.h. */
#include "gateway/sendsms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/dialogue_text.h"
#include "gateway/gateway_private.h"
#include "gateway/http_server.h"
#include "gateway/http_tries.h"
#include "gateway/route.h"
#include "gateway/sendsms_read.h"
#include "gateway/sms_out.h"
#include "gateway/sms_text.h"

#define TOKEN 1000 /* one text, in the thousandths of sender.tokens */

struct sender {
	const struct config_sendsms *config;
	struct http_proof password;
	int64_t tokens, at_ms;
	uint64_t right, wrong; /* passwords */
};

struct sendsms {
	struct gateway *gateway;
	struct http_tries *tries;
	struct http_proof nobody;
	size_t n;
	struct sender sender[CONFIG_SENDSMS_MAX];
	struct sendsms_counters counters;
};

/* Who waits for the store; `request` NULL: they have left. */
struct waiting {
	struct sendsms *all;
	struct http_request *request;
	uint16_t group;
};

const char *sendsms_result_name(enum sendsms_result r)
{
	static const char *const names[SENDSMS_RESULTS] = {"accepted", "queued",  "denied", "limited", "bad",
	                                                   "too_long", "stopped", "rate",   "busy"};

	return r < SENDSMS_RESULTS ? names[r] : NULL;
}

/* The words that Kannel's clients look for stand first. */
static void reply(struct sendsms *s, struct http_request *r, enum sendsms_result result, const char *words)
{
	static const int status[SENDSMS_RESULTS] = {202, 202, 403, 429, 400, 413, 403, 503, 503};

	s->counters.result[result]++;
	http_reply_text(r, status[result], words);
}

/* --- who ------------------------------------------------------------------------------------------------ */

/* As much work for a wrong name as for a wrong password. */
static struct sender *sender_of(struct sendsms *s, const struct sendsms_request *q)
{
	const char *name = q->user != NULL ? q->user : "";
	struct sender *found = NULL;
	struct http_proof said;
	bool is_right;

	http_proof_make(s->tries, q->password != NULL ? q->password : "", &said);
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->sender[i].config->username, name) == 0)
			found = &s->sender[i];
	is_right = http_proof_is(&said, found != NULL ? &found->password : &s->nobody);
	if (found != NULL)
		*(is_right ? &found->right : &found->wrong) += 1;
	return is_right ? found : NULL;
}

static struct sender *admit(struct sendsms *s, struct http_request *r, const struct sendsms_request *q)
{
	struct sender *x = sender_of(s, q);

	if (x != NULL)
		return x;
	if (!http_tries_wrong(s->tries, http_request_network(r), clock_mono_ms(clock_system()))) {
		reply(s, r, SENDSMS_LIMITED, "too many wrong passwords; try again in a minute\n");
		return NULL;
	}
	LOG_EVENT(
		LOG_LV_WARN, "sendsms", "denied", "from", http_request_address(r), "remedy",
		"see sendsms in starhash.conf for who may, and sendsms.users in starhash status --json for whose "
		"password is wrong");
	reply(s, r, SENDSMS_DENIED, "Authorization failed for sendsms\n");
	return NULL;
}

static bool may_send_now(struct sender *x)
{
	int64_t now = clock_mono_ms(clock_system()), most = (int64_t)x->config->rate * TOKEN;

	x->tokens += (now - x->at_ms < 1000 ? now - x->at_ms : 1000) * x->config->rate;
	x->tokens = x->tokens < most ? x->tokens : most;
	x->at_ms = now;
	if (x->tokens < TOKEN)
		return false;
	x->tokens -= TOKEN;
	return true;
}

/* --- what ----------------------------------------------------------------------------------------------- */

/* "+254...", " 254..." (a '+' that was not encoded), "0722...". */
static bool receiver_of(const struct sendsms *s, const struct sendsms_request *q, int64_t *out)
{
	const char *to = q->to != NULL ? q->to : "";

	to += strspn(to, " ");
	return msisdn_parse(to, MSISDN_TON_UNKNOWN, &s->gateway->config->country, out) == RC_OK;
}

/* The group of links: what the client says in smsc, if the user may choose, else the user's. */
static bool group_of(const struct sendsms *s, const struct sender *x, const struct sendsms_request *q,
                     uint16_t *out)
{
	const char *name = x->config->group;

	if (q->group != NULL && *q->group != '\0') {
		if (*name != '\0' && strcmp(name, q->group) != 0)
			return false;
		name = q->group;
	}
	*out = route_group(s->gateway->config, name);
	return *name == '\0' || *out != ROUTE_ANY;
}

static const struct link *link_of(const struct gateway *g, uint16_t group)
{
	for (size_t i = 0; i < groups_links(g->groups); i++)
		if (group == ROUTE_ANY || groups_of(g->groups, groups_link_at(g->groups, i)) == group)
			return groups_link_at(g->groups, i);
	return NULL;
}

static bool fits(const struct sendsms *s, const struct sender *x, uint16_t group, const char *text)
{
	const struct link *l = link_of(s->gateway, group);
	struct sms_text *t = NULL;
	enum rc rc;

	if (l == NULL)
		return true; /* nothing is known of it: it is judged when it leaves */
	rc = sms_text_new(link_config_of(l)->dialect, text, (unsigned)x->config->parts, &t);
	sms_text_free(t);
	return rc != RC_RANGE;
}

static bool can_leave(const struct gateway *g, uint16_t group)
{
	return gateway_usable(g, NULL, group == ROUTE_ANY ? HTTP_GROUP : group) != NULL;
}

/* --- the answer ------------------------------------------------------------------------------------------- */

static void on_gone(void *ctx)
{
	((struct waiting *)ctx)->request = NULL;
}

static void on_stored(void *ctx, enum rc rc)
{
	struct waiting *w = ctx;
	struct http_request *r = w->request;
	struct sendsms *s = w->all;
	bool now = can_leave(s->gateway, w->group);

	free(w);
	if (r == NULL) {
		s->counters.result[rc == RC_OK ? SENDSMS_ACCEPTED : SENDSMS_BUSY]++;
		return;
	}
	if (rc == RC_OK)
		reply(s, r, now ? SENDSMS_ACCEPTED : SENDSMS_QUEUED,
		      now ? "0: Accepted for delivery" : "3: Queued for later delivery");
	else if (rc == RC_STATE)
		reply(s, r, SENDSMS_STOPPED,
		      "Number(s) has/have been denied by white- and/or black-lists: the subscriber has said STOP\n");
	else
		reply(s, r, SENDSMS_BUSY, "Temporal failure, try again later.\n");
}

static void submit(struct sendsms *s, struct http_request *r, const struct notices_route *route,
                   const char *text)
{
	struct waiting *w = malloc(sizeof(*w));
	enum rc rc = RC_NOMEM;

	if (w != NULL) {
		*w = (struct waiting){.all = s, .request = r, .group = route->group};
		http_request_on_gone(r, on_gone, w);
		rc = dialogue_text(s->gateway->dialogues, route, text, on_stored, w);
	}
	if (rc == RC_OK) {
		gateway_tick_soon(s->gateway);
		return;
	}
	http_request_on_gone(r, NULL, NULL);
	free(w);
	if (rc == RC_RANGE)
		reply(s, r, SENDSMS_TOO_LONG, "the text is too long\n");
	else
		reply(s, r, SENDSMS_BUSY, "Temporal failure, try again later.\n");
}

static void serve(struct sendsms *s, struct http_request *r, struct sender *x,
                  const struct sendsms_request *q)
{
	struct notices_route route = {.subscriber = {.ton = MSISDN_TON_INTERNATIONAL, .npi = 1},
	                              .service = {.ton = SMS_OUT_SENDER}};
	char number[MSISDN_TEXT_SIZE];
	const char *why, *from = sendsms_sender(x->config, q, &why);

	if (from == NULL) {
		reply(s, r, SENDSMS_BAD, why);
	} else if (q->to == NULL || *q->to == '\0') {
		reply(s, r, SENDSMS_BAD, "Missing receiver number, rejected\n");
	} else if (!receiver_of(s, q, &route.msisdn)) {
		reply(s, r, SENDSMS_BAD, "to is one number, such as %2B254700000001\n");
	} else if (!group_of(s, x, q, &route.group)) {
		reply(s, r, SENDSMS_BAD, "smsc is none of the groups of links that this user may name\n");
	} else if (!fits(s, x, route.group, q->text)) {
		reply(s, r, SENDSMS_TOO_LONG,
		      "the text has more parts than this user may send (sendsms[].parts)\n");
	} else if (!may_send_now(x)) {
		reply(s, r, SENDSMS_RATE,
		      "Temporal failure, try again later: more texts than sendsms[].rate\n");
	} else {
		snprintf(route.service.digits, sizeof(route.service.digits), "%s", from);
		snprintf(route.subscriber.digits, sizeof(route.subscriber.digits), "%s",
		         msisdn_text(route.msisdn, number));
		submit(s, r, &route, q->text);
	}
}

static void on_request(void *ctx, struct http_request *r)
{
	struct sendsms *s = ctx;
	struct sendsms_request *q = malloc(sizeof(*q));
	size_t len;
	char *text = http_request_body(r, &len), *query = NULL;
	const char *why = "Temporal failure, try again later.\n";
	struct sender *x;

	s->counters.requests++;
	if (http_request_method(r) != HTTP_POST) {
		text = query = strdup(http_request_query(r));
		len = query != NULL ? strlen(query) : 0;
	}
	if (http_request_is_of_another_page(r)) {
		http_reply_refusal(r, HTTP_REFUSED_ORIGIN);
	} else if (q == NULL || text == NULL) {
		reply(s, r, SENDSMS_BUSY, why);
	} else {
		why = sendsms_read(text, len, q);
		x = admit(s, r, q); /* nobody is told what is wrong before it is known who asks */
		if (x != NULL && why != NULL)
			reply(s, r, SENDSMS_BAD, why);
		else if (x != NULL)
			serve(s, r, x, q);
	}
	if (query != NULL)
		explicit_bzero(query, strlen(query)); /* as far as it was not taken apart */
	free(query);
	free(q);
}

/* --- making and unmaking -------------------------------------------------------------------------------- */

enum rc sendsms_new(struct gateway *g, struct http_server *server, struct sendsms **out)
{
	struct sendsms *s = calloc(1, sizeof(*s));
	uint8_t random[DIGEST_KEYED_SIZE];
	enum rc rc;

	if (s != NULL)
		s->tries = http_tries_new();
	if (s == NULL || s->tries == NULL) {
		free(s);
		return RC_NOMEM;
	}
	s->gateway = g;
	digest_random(random, sizeof(random));
	memcpy(s->nobody.digest, random, sizeof(random));
	for (; s->n < g->config->n_sendsms; s->n++) {
		const struct config_sendsms *c = &g->config->sendsms[s->n];

		s->sender[s->n].config = c;
		s->sender[s->n].tokens = (int64_t)c->rate * TOKEN;
		s->sender[s->n].at_ms = clock_mono_ms(clock_system());
		http_proof_make(s->tries, c->password, &s->sender[s->n].password);
	}
	rc = http_server_route(server, "/cgi-bin/sendsms", HTTP_GET | HTTP_POST, on_request, s);
	if (rc != RC_OK) {
		sendsms_free(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

void sendsms_free(struct sendsms *s)
{
	if (s == NULL)
		return;
	http_tries_free(s->tries);
	free(s);
}

void sendsms_counters_read(const struct sendsms *s, struct sendsms_counters *out)
{
	*out = s->counters;
}

bool sendsms_user_read(const struct sendsms *s, size_t i, struct sendsms_user *out)
{
	if (i >= s->n)
		return false;
	*out = (struct sendsms_user){.username = s->sender[i].config->username,
	                             .right = s->sender[i].right,
	                             .wrong = s->sender[i].wrong};
	return true;
}
