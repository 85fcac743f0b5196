/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charging port: see charging.h. Which system stands behind is decided once, in charging_new.
 *
 * Invariant: a job is on the list from charging_start until its callback was called, and its callback is called from the
 * loop: what a system concludes inside of its start is told when `later` fires.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/digest.h"
#include "gateway/charging_private.h"
#include "gateway/config.h"
#include "gateway/xmlrpc.h"

struct charging {
	struct charging_options options;
	const struct charging_system *system;
	struct http_client *client;
	struct charging_gate *gate;
	struct event *later;
	struct charging_job *jobs;
	struct charging_job *answered, **answered_tail; /* inside of charging_start; told by `later` */
	struct charging_product product[CONFIG_MAX_BUNDLES];
	bool is_closing;
	int64_t calls;
	struct charging_counters counters;
};

const char *charging_outcome_name(enum charging_outcome o)
{
	static const char *const names[] = {"ok", "rejected", "retry", "unknown"};

	return names[o];
}

const char *charging_reason_name(enum charging_reason r)
{
	static const char *const names[] = {"plain",       "no-subscriber", "barred",      "too-little",
	                                    "too-much",    "set-up",        "not-offered", "busy",
	                                    "unreachable", "no-answer",     "too-early",   "undecided"};

	return names[r];
}

const char *charging_op_name(enum charging_op op)
{
	static const char *const names[] = {"balance", "account", "prepare", "grant", "query", "revoke"};

	return names[op];
}

/* --- references ------------------------------------------------------------------------------------------------- */

uint64_t charging_reference(const char *instance, int64_t holder, int64_t msisdn, const char *key)
{
	uint8_t digest[DIGEST_SHA256_SIZE];
	char text[512];
	uint64_t n = 0;
	int len = snprintf(text, sizeof(text), "starhash grant 1|%s|%lld|%lld|%s", instance,
	                   (long long)holder, (long long)msisdn, key);

	digest_sha256(text, len < (int)sizeof(text) ? (size_t)len : sizeof(text) - 1, digest);
	for (size_t i = 0; i < sizeof(n); i++)
		n = n << 8 | digest[i];
	return n != 0 ? n : 1;
}

/* --- conclusions ------------------------------------------------------------------------------------------------ */

static void job_free(struct charging_job *job)
{
	struct charging *c = job->all;

	if (job->prev != NULL)
		job->prev->next = job->next;
	else
		c->jobs = job->next;
	if (job->next != NULL)
		job->next->prev = job->prev;
	c->counters.outstanding--;
	free(job);
}

/* What a person may have to look at; what the account does not tell, the outbox says with the grant's id. Never the number. */
static void log_answer(const struct charging_job *job)
{
	const struct charging_answer *a = &job->answer;
	bool doubt = a->outcome == CHARGING_UNKNOWN && a->reason != CHARGING_TOO_EARLY &&
	             a->reason != CHARGING_UNDECIDED;

	if (job->all->is_closing)
		return;
	if (a->reason == CHARGING_SET_UP)
		LOG_EVENT(
			LOG_LV_WARN, "charging", "set-up", "op", charging_op_name(job->op), "bundle",
			job->order.bundle, "code", LOG_INT(a->code), "why", a->why, "remedy",
			"compare bundles[].code and charging with the system; the table of codes is in charging.md");
	else if (doubt)
		LOG_EVENT(LOG_LV_WARN, "charging", "doubtful", "op", charging_op_name(job->op), "code",
		          LOG_INT(a->code), "why", a->why, "remedy",
		          "nothing to do: the account is asked what became of it, after charging.settle");
}

static void tell(struct charging_job *job)
{
	job->all->counters.answered[job->op][job->answer.outcome]++;
	log_answer(job);
	job->done(job->ctx, &job->answer);
	job_free(job);
}

void charging_conclude(struct charging_job *job, enum charging_outcome outcome, enum charging_reason reason,
                       int code, const char *why)
{
	if (job->op == CHARGING_QUERY && !job->is_decided)
		outcome = CHARGING_UNKNOWN;
	job->answer = (struct charging_answer){
		.outcome = outcome,
		.reason = reason,
		.code = code,
		.why = why,
		.mark = job->answer_mark,
		.facts = outcome == CHARGING_OK && job->op == CHARGING_BALANCE ? &job->facts : NULL,
		.account = outcome == CHARGING_OK && job->op == CHARGING_ACCOUNT ? &job->account : NULL};
	if (!job->is_inside) {
		tell(job);
		return;
	}
	*job->all->answered_tail = job;
	job->all->answered_tail = &job->next_answered;
	event_active(job->all->later, EV_TIMEOUT, 1);
}

void charging_decide(struct charging_job *job, enum charging_outcome outcome, const char *why)
{
	job->is_decided = true;
	charging_conclude(job, outcome, outcome == CHARGING_UNKNOWN ? CHARGING_UNDECIDED : CHARGING_PLAIN, 0,
	                  why);
}

/* Those that are answered while these are told have their turn in the next round. */
static void tell_answered(struct charging *c)
{
	struct charging_job *job = c->answered, *next;

	c->answered = NULL;
	c->answered_tail = &c->answered;
	for (; job != NULL; job = next) {
		next = job->next_answered;
		tell(job);
	}
}

static void on_later(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	tell_answered(ctx);
}

/* --- what systems use ---------------------------------------------------------------------------------------------- */

const struct config *charging_config(const struct charging_job *job)
{
	return job->all->options.config;
}

struct store *charging_store(const struct charging_job *job)
{
	return job->all->options.store;
}

int64_t charging_utc_ms(const struct charging_job *job)
{
	return clock_utc_ms(job->all->options.clock);
}

const struct charging_product *charging_product_of(const struct charging_job *job, size_t i)
{
	return &job->all->product[i];
}

/* A clock that was set back says nothing; the outbox has a time of its own, which only goes forward. */
bool charging_is_settled(const struct charging_job *job)
{
	int64_t since = charging_utc_ms(job) - job->order.sent_ms;

	return job->order.sent_ms == 0 || since < 0 || since >= charging_config(job)->charging.settle_ms;
}

int64_t charging_call_number(const struct charging_job *job)
{
	return ++job->all->calls;
}

int64_t charging_from_ms(const struct charging_job *job)
{
	return job->order.sent_ms > job->order.ordered_ms ? job->order.sent_ms : job->order.ordered_ms;
}

bool charging_is_over(const struct charging_job *job)
{
	int64_t valid = job->bundle->valid_ms;

	return valid > 0 && charging_utc_ms(job) >= charging_from_ms(job) + valid;
}

void charging_fact(struct charging_job *job, const struct config_bundle *bundle, int64_t expires_ms)
{
	struct store_facts *f = &job->facts;

	if (f->n_bundles >= STORE_MAX_BUNDLES)
		return;
	snprintf(f->bundle[f->n_bundles].gives, sizeof(f->bundle[0].gives), "%s", bundle->gives);
	f->bundle[f->n_bundles++].expires_ms = expires_ms;
}

static bool reads_only(enum charging_op op)
{
	return op == CHARGING_BALANCE || op == CHARGING_ACCOUNT;
}

/* What belongs to an order has a connection of its own: libcurl would repeat it when one that it kept is closed, and on one that
 * was kept an answer to an earlier call may be left over. */
void charging_send(struct charging_job *job, const struct charging_request *request, charging_gate_fn *fn)
{
	const struct config_charging *c = &charging_config(job)->charging;
	struct http_client_call call = {.url = c->url,
	                                .method = "POST",
	                                .content_type = request->content_type,
	                                .body = request->body,
	                                .len = request->len,
	                                .within_ms = (uint32_t)c->within_ms,
	                                .user = c->user[0] != '\0' ? c->user : NULL,
	                                .password = c->password,
	                                .user_agent = request->user_agent,
	                                .answer_max = XMLRPC_BYTES_MAX,
	                                .once = !reads_only(job->op)};

	if (charging_gate_send(job->all->gate, &call, request->harmless, job->order.waits, fn, job) != RC_OK)
		charging_conclude(job, job->has_paid ? CHARGING_UNKNOWN : CHARGING_RETRY, CHARGING_BUSY, 0,
		                  "out of memory");
}

void charging_garbled(struct charging_job *job, bool harmless, const char *why)
{
	bool safe = harmless && !job->has_paid;

	charging_conclude(job, safe ? CHARGING_RETRY : CHARGING_UNKNOWN, CHARGING_NO_ANSWER, 0, why);
}

/* Refused by HTTP before the system looked at it: it cannot have been executed. 5xx may come from something between that
 * has passed it on: 503 too is what gateways and servlets say when the system behind them takes too long. */
static bool is_untouched(int status)
{
	return status == 401 || status == 403 || status == 404 || status == 405 || status == 413 ||
	       status == 415 || status == 429;
}

static void conclude_status(struct charging_job *job, int status, bool harmless)
{
	bool safe = (harmless || is_untouched(status)) && !job->has_paid;
	bool load = status == 429 || status == 503;

	charging_conclude(job, safe ? CHARGING_RETRY : CHARGING_UNKNOWN,
	                  load && safe           ? CHARGING_UNREACHABLE
	                  : is_untouched(status) ? CHARGING_SET_UP
	                                         : CHARGING_NO_ANSWER,
	                  status,
	                  load ? "the system, or something before it, has too much to do (HTTP)"
	                  : is_untouched(status)
	                          ? "HTTP refused the request: look at charging.url, user and password"
	                          : "HTTP said that something went wrong");
}

bool charging_concluded_early(struct charging_job *job, enum charging_sent sent,
                              const struct http_client_answer *answer, bool harmless, bool *sound)
{
	enum charging_outcome unsent = job->has_paid ? CHARGING_UNKNOWN : CHARGING_RETRY;

	*sound = false;
	switch (sent) {
	case CHARGING_REFUSED:
		charging_conclude(job, unsent, CHARGING_BUSY, 0,
		                  "not sent: the queue is full or the circuit open");
		return true;
	case CHARGING_NOT_SENT:
		charging_conclude(job, unsent, CHARGING_UNREACHABLE, 0, "not sent: no connection");
		return true;
	case CHARGING_LOST:
		charging_garbled(job, harmless, "sent, and no whole answer came");
		return true;
	case CHARGING_ANSWERED:
		break;
	}
	if (answer->status != 200) {
		conclude_status(job, answer->status, harmless);
		return true;
	}
	*sound = true;
	return false;
}

/* --- orders --------------------------------------------------------------------------------------------------------- */

static const struct config_bundle *bundle_of(const struct charging *c, const char *name, size_t *i)
{
	const struct config_bundle *b = name != NULL ? config_bundle_by_name(c->options.config, name) : NULL;

	if (b != NULL)
		*i = (size_t)(b - c->options.config->bundle);
	return b;
}

static enum rc check(const struct charging *c, enum charging_op op, const struct charging_order *o, size_t *i)
{
	const char *mark = o->mark != NULL ? o->mark : "";
	const struct config_bundle *b;

	if (reads_only(op))
		return RC_OK;
	b = bundle_of(c, o->bundle, i);
	if (b == NULL || o->reference == 0 || o->key == NULL || strlen(o->key) >= CHARGING_KEY_SIZE ||
	    strlen(mark) >= CHARGING_MARK_SIZE)
		return RC_RANGE;
	if (o->price < 0 || (o->price > 0 && !charging_product_sells(&c->product[*i])))
		return RC_STATE;
	if ((op == CHARGING_GRANT || op == CHARGING_QUERY) && mark[0] == '\0' &&
	    c->system->needs_mark(&c->product[*i], o->price > 0))
		return RC_STATE;
	return RC_OK;
}

static void fill(struct charging_job *job, const struct charging_order *o, size_t i)
{
	job->order = *o;
	if (!reads_only(job->op)) {
		snprintf(job->key, sizeof(job->key), "%s", o->key);
		snprintf(job->mark, sizeof(job->mark), "%s", o->mark != NULL ? o->mark : "");
		job->bundle = &job->all->options.config->bundle[i];
		job->product = &job->all->product[i];
	}
	job->order.key = job->key;
	job->order.mark = job->mark;
	job->order.bundle = job->bundle != NULL ? job->bundle->name : "";
}

enum rc charging_start(struct charging *c, enum charging_op op, const struct charging_order *order,
                       charging_done_fn *done, void *ctx)
{
	struct charging_job *job = NULL;
	size_t i = 0;
	enum rc rc = check(c, op, order, &i);

	if (rc == RC_OK && (c->is_closing || c->counters.outstanding >= CHARGING_JOBS_MAX))
		rc = RC_FULL;
	if (rc == RC_OK) {
		job = calloc(1, sizeof(*job));
		rc = job != NULL ? RC_OK : RC_NOMEM;
	}
	if (rc != RC_OK) {
		c->counters.refused++;
		return rc;
	}
	*job = (struct charging_job){.all = c, .op = op, .done = done, .ctx = ctx, .next = c->jobs};
	fill(job, order, i);
	if (c->jobs != NULL)
		c->jobs->prev = job;
	c->jobs = job;
	c->counters.outstanding++;
	job->is_inside = true;
	c->system->start(job);
	job->is_inside = false;
	return RC_OK;
}

const char *charging_name(const struct charging *c)
{
	return c->system->name;
}

bool charging_is_embedded(const struct charging *c)
{
	return c->system == &charging_ledger;
}

size_t charging_room(const struct charging *c)
{
	return c->gate != NULL ? charging_gate_room(c->gate) : CHARGING_JOBS_MAX - c->counters.outstanding;
}

/* --- making and unmaking ---------------------------------------------------------------------------------------- */

static enum rc over_http(void *ctx, const struct http_client_call *call, http_client_fn *fn, void *fn_ctx)
{
	return http_client_start(ctx, call, fn, fn_ctx);
}

static enum rc make_gate(struct charging *c)
{
	const struct config_charging *cc = &c->options.config->charging;
	struct charging_gate_options o = {.base = c->options.base,
	                                  .clock = c->options.clock,
	                                  .transport = c->options.transport,
	                                  .rate = cc->rate,
	                                  .calls_max = cc->calls,
	                                  .queue_max = cc->queue_max,
	                                  .failures = cc->failures,
	                                  .pause_ms = cc->pause_ms};
	enum rc rc = RC_OK;

	if (o.transport.start == NULL) {
		rc = http_client_new(c->options.base, (size_t)cc->calls, &c->client);
		if (rc == RC_OK && c->client != NULL)
			rc = http_client_ready(c->client);
		o.transport = (struct charging_transport){.start = over_http, .ctx = c->client};
	}
	return rc == RC_OK ? charging_gate_new(&o, &c->gate) : rc;
}

enum rc charging_new(const struct charging_options *options, struct charging **out)
{
	static const struct charging_system *const systems[] = {[CONFIG_LEDGER] = &charging_ledger,
	                                                        [CONFIG_UCIP] = &charging_ucip,
	                                                        [CONFIG_CGRATES] = &charging_cgrates};
	const struct config *config = options->config;
	struct charging *c = calloc(1, sizeof(*c));
	enum rc rc = RC_OK;
	const char *remedy;

	if (c == NULL)
		return RC_NOMEM;
	c->options = *options;
	c->answered_tail = &c->answered;
	c->system = systems[config->charging.kind];
	for (size_t i = 0; i < config->n_bundles; i++) /* checked when the configuration was read */
		if (charging_product_parse(config->charging.kind, config->bundle[i].code, &c->product[i],
		                           &remedy) != RC_OK)
			c->product[i].kind = CHARGING_PRODUCT_NONE;
	c->later = evtimer_new(options->base, on_later, c);
	if (c->later == NULL)
		rc = RC_NOMEM;
	else if (!charging_is_embedded(c))
		rc = make_gate(c);
	if (rc != RC_OK) {
		charging_free(c);
		return rc;
	}
	*out = c;
	return RC_OK;
}

void charging_free(struct charging *c)
{
	if (c == NULL)
		return;
	c->is_closing = true;
	http_client_free(c->client); /* what is under way ends here, what waits in the gate just after */
	charging_gate_free(c->gate);
	while (c->answered != NULL)
		tell_answered(c);
	while (c->jobs != NULL) { /* a test's own transport has kept it */
		charging_conclude(c->jobs, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, 0,
		                  "ended before the answer came");
	}
	if (c->later != NULL)
		event_free(c->later);
	free(c);
}

void charging_counters_read(const struct charging *c, struct charging_counters *out)
{
	*out = c->counters;
}

const struct charging_gate *charging_gate_of(const struct charging *c)
{
	return c->gate;
}
