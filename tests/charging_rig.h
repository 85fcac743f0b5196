/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A charging port for tests: a configuration in memory, and a transport that keeps what is asked and answers what the test
 * says, or fails as it says. Static inline, for the test programs only. */
#ifndef STARHASH_TESTS_CHARGING_RIG_H
#define STARHASH_TESTS_CHARGING_RIG_H

#include <check.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "gateway/charging.h"
#include "gateway/config.h"

#define RIG_NOW 1795300000000 /* 2026-11-21T22:26:40Z */
#define RIG_MSISDN 254700000001

#define RIG_SCRIPT 8
struct rig {
	struct event_base *base;
	struct clock_fake clock;
	struct config *config;
	struct charging *charging;
	/* what comes back, call by call; `rc` other than RC_OK = no answer */
	struct {
		enum rc rc;
		int status;
		char *body;
	} script[RIG_SCRIPT];
	size_t n_script;
	/* what was asked */
	int n_calls;
	char body[8192];
	bool once;
	const char *user, *agent, *type;
	/* under way: answered by the loop, as the real one does */
	http_client_fn *fn;
	void *fn_ctx;
	/* what was told */
	int n_told;
	struct charging_answer told;
	struct store_facts facts;
	struct charging_account account;
	char mark[CHARGING_MARK_SIZE];
};
static struct rig rig;

static inline enum rc rig_send(void *ctx, const struct http_client_call *call, http_client_fn *fn,
                               void *fn_ctx)
{
	(void)ctx;
	ck_assert_ptr_null(rig.fn); /* one at a time here */
	ck_assert_uint_lt(call->len, sizeof(rig.body));
	memcpy(rig.body, call->body, call->len);
	rig.body[call->len] = '\0';
	rig.once = call->once;
	rig.user = call->user;
	rig.agent = call->user_agent;
	rig.type = call->content_type;
	rig.n_calls++;
	rig.fn = fn;
	rig.fn_ctx = fn_ctx;
	return RC_OK;
}

static inline void rig_say(enum rc rc, int status, const char *body)
{
	ck_assert_uint_lt(rig.n_script, RIG_SCRIPT);
	rig.script[rig.n_script].rc = rc;
	rig.script[rig.n_script].status = status;
	rig.script[rig.n_script++].body = strdup(body);
}

/* An `@` stands for the JSON-RPC id of the call that is answered. Frees and returns a copy. */
static inline char *rig_with_id(char *body)
{
	const char *id = strstr(rig.body, "\"id\":");
	char *at = strchr(body, '@'), *out;
	size_t size = strlen(body) + 32;

	if (at == NULL || id == NULL)
		return body;
	out = malloc(size);
	ck_assert_ptr_nonnull(out);
	snprintf(out, size, "%.*s%lld%s", (int)(at - body), body, strtoll(id + 5, NULL, 10), at + 1);
	free(body);
	return out;
}

static inline void rig_answer_one(void)
{
	http_client_fn *fn = rig.fn;
	struct http_client_answer a = {.content_type = ""};
	char *body = rig.script[0].body;
	enum rc rc = rig.script[0].rc;

	ck_assert_uint_gt(rig.n_script, 0);
	a.status = rig.script[0].status;
	body = rig_with_id(body);
	a.body = body;
	a.len = strlen(body);
	memmove(rig.script, rig.script + 1, --rig.n_script * sizeof(rig.script[0]));
	rig.fn = NULL;
	fn(rig.fn_ctx, rc, rc == RC_OK ? &a : NULL);
	free(body);
}

static inline void rig_told(void *ctx, const struct charging_answer *a)
{
	(void)ctx;
	rig.n_told++;
	rig.told = *a;
	if (a->facts != NULL)
		rig.facts = *a->facts;
	if (a->account != NULL)
		rig.account = *a->account;
	snprintf(rig.mark, sizeof(rig.mark), "%s", a->mark);
}

static inline void rig_bundle(const char *name, const char *code, int64_t valid_ms, int price)
{
	struct config_bundle *b = &rig.config->bundle[rig.config->n_bundles++];

	snprintf(b->name, sizeof(b->name), "%s", name);
	b->gives = strdup(name);
	b->code = strdup(code);
	b->valid_ms = valid_ms;
	b->price = price;
}

static inline void rig_open(enum config_charging_kind kind)
{
	struct config_charging *c;

	memset(&rig, 0, sizeof(rig));
	log_init(LOG_LV_ERROR);
	clock_fake_init(&rig.clock, RIG_NOW);
	rig.base = event_base_new();
	rig.config = calloc(1, sizeof(*rig.config));
	ck_assert(rig.base != NULL && rig.config != NULL);
	snprintf(rig.config->country.code, sizeof(rig.config->country.code), "254");
	c = &rig.config->charging;
	*c = (struct config_charging){.kind = kind,
	                              .url = strdup("http://127.0.0.1/Air"),
	                              .user = strdup("user"),
	                              .password = strdup("secret"),
	                              .host = strdup("starhash"),
	                              .node = strdup("EXT"),
	                              .version = strdup("5.0"),
	                              .tenant = strdup("cgrates.org"),
	                              .currency = strdup("KES"),
	                              .agent = "starhash/5.0/1.0",
	                              .within_ms = 1000,
	                              .settle_ms = 60000,
	                              .pause_ms = 1000,
	                              .calls = 10,
	                              .queue_max = 10,
	                              .failures = 1000};
}

static inline void rig_start(void)
{
	struct charging_options o = {.base = rig.base,
	                             .clock = &rig.clock.clock,
	                             .config = rig.config,
	                             .transport = {.start = rig_send}};

	ck_assert_int_eq(charging_new(&o, &rig.charging), RC_OK);
}

static inline void rig_close(void)
{
	charging_free(rig.charging);
	config_free(rig.config);
	event_base_free(rig.base);
	while (rig.n_script > 0)
		free(rig.script[--rig.n_script].body);
}

static inline struct charging_order rig_order(const char *bundle)
{
	return (struct charging_order){.msisdn = RIG_MSISDN,
	                               .bundle = bundle,
	                               .key = "join",
	                               .reference = 12345678901234567890u,
	                               .ordered_ms = RIG_NOW,
	                               .sent_ms = 1,
	                               .mark = ""};
}

/* Start it and run the loop, with the script, until it was told; it must be told exactly once. */
static inline const struct charging_answer *rig_do(enum charging_op op, const struct charging_order *o)
{
	int before = rig.n_told;

	ck_assert_int_eq(charging_start(rig.charging, op, o, rig_told, NULL), RC_OK);
	ck_assert_int_eq(rig.n_told, before); /* never from inside */
	while (rig.n_told == before) {
		if (rig.fn != NULL)
			rig_answer_one();
		else
			ck_assert_int_eq(event_base_loop(rig.base, EVLOOP_ONCE), 0);
	}
	event_base_loop(rig.base, EVLOOP_NONBLOCK);
	ck_assert_int_eq(rig.n_told, before + 1);
	ck_assert_uint_eq(rig.n_script, 0); /* all of it was asked for */
	return &rig.told;
}

#define RIG_SAYS(op, o, out) \
	ck_assert_str_eq(charging_outcome_name(rig_do(op, o)->outcome), charging_outcome_name(out))

#endif
