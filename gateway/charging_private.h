/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What charging.c and the systems behind it share: one order on its way, and what a system has to be able to do.
 *
 * A system gets a job and concludes it with charging_conclude, once, from wherever it is; charging.c sees to it that the
 * caller hears of it from the loop and never from inside charging_start.
 */
#ifndef STARHASH_GATEWAY_CHARGING_PRIVATE_H
#define STARHASH_GATEWAY_CHARGING_PRIVATE_H

#include "gateway/charging.h"
#include "gateway/charging_product.h"

struct charging_job {
	struct charging_job *prev, *next, *next_answered;
	struct charging *all;
	enum charging_op op;
	struct charging_order order; /* its texts are in this struct */
	char key[CHARGING_KEY_SIZE];
	char mark[CHARGING_MARK_SIZE];
	const struct config_bundle *bundle; /* NULL: BALANCE, ACCOUNT */
	const struct charging_product *product;
	charging_done_fn *done;
	void *ctx;
	/* the system's own */
	int step;
	bool has_paid;        /* of a purchase in two calls: the money is taken */
	bool is_decided;      /* of a query: the account was read, and the outcome is about the order */
	char transaction[24]; /* of the call under way (UCIP) */
	int64_t call;         /* of the call under way (CGRateS) */
	/* the answer as it grows */
	struct charging_answer answer;
	struct store_facts facts;
	struct charging_account account;
	char answer_mark[CHARGING_MARK_SIZE];
	bool is_inside;
};

struct charging_system {
	const char *name;
	/* Take a job. Concludes it sooner or later, maybe at once. */
	void (*start)(struct charging_job *job);
	/* Does a grant of this kind need a mark of PREPARE? */
	bool (*needs_mark)(const struct charging_product *p, bool buys);
};

extern const struct charging_system charging_ledger;
extern const struct charging_system charging_ucip;
extern const struct charging_system charging_cgrates;

/* Every job ends here or in charging_decide. Of a query that could not be carried out nothing but UNKNOWN is told,
 * whatever `outcome` says: it is about the reading, not about the order. */
void charging_conclude(struct charging_job *job, enum charging_outcome outcome, enum charging_reason reason,
                       int code, const char *why);

/* The outcome of a query that read the account: what became of the order. */
void charging_decide(struct charging_job *job, enum charging_outcome outcome, const char *why);

/* One HTTP call for a job through the gate. `once` and `harmless` as they say; fn gets the job. Concludes it with RETRY, or
 * UNKNOWN when money was taken, when memory is out. */
struct charging_request {
	const char *content_type, *user_agent;
	const char *body;
	size_t len;
	bool harmless; /* changes nothing */
};
void charging_send(struct charging_job *job, const struct charging_request *request, charging_gate_fn *fn);

/* What never became an answer: REFUSED, NOT_SENT, LOST, an HTTP status that is no 200. Concludes the job and returns
 * true; false = there is an answer to read. *sound: was the system in order, for the circuit. */
bool charging_concluded_early(struct charging_job *job, enum charging_sent sent,
                              const struct http_client_answer *answer, bool harmless, bool *sound);
/* An answer that makes no sense: UNKNOWN, or RETRY of what only read. */
void charging_garbled(struct charging_job *job, bool harmless, const char *why);

const struct config *charging_config(const struct charging_job *job);
struct store *charging_store(const struct charging_job *job);
int64_t charging_utc_ms(const struct charging_job *job);
/* The product of bundle i of the configuration. */
const struct charging_product *charging_product_of(const struct charging_job *job, size_t i);
/* Has the system had its time to settle since the order was sent? */
bool charging_is_settled(const struct charging_job *job);
/* A number that no other call of this run has. */
int64_t charging_call_number(const struct charging_job *job);
/* From when on the bundle is valid: when this attempt was sent, so that what had to wait is not given already over. */
int64_t charging_from_ms(const struct charging_job *job);
/* May what this attempt gave have come to its end by now? */
bool charging_is_over(const struct charging_job *job);
/* One more bundle among the facts, if there is room. */
void charging_fact(struct charging_job *job, const struct config_bundle *bundle, int64_t expires_ms);

#endif
