/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charging port: what the gateway asks of the system that keeps balances and bundles (docs/charging.md, docs/adr/0015).
 *
 * Asynchronous, on the loop. An order that charging_start took is answered exactly once, never from inside
 * charging_start; charging_free answers what is left. Every answer is one of four outcomes, and the difference between
 * them is money:
 *
 *   OK        done, or it was done before: a second order with the same reference is not a second grant
 *   REJECTED  final: not done and never will be; `code` and `why` say what the system said
 *   RETRY     certainly not done, or a repeat changes nothing: the same order may be sent again
 *   UNKNOWN   it may have been done: never send it again before a query, or a person, has decided
 *
 * How a caller that must not lose and must not double uses it (the outbox):
 *
 *   1. in the transaction that promises the bundle: a row with the reference, the time of the order, state pending
 *   2. CHARGING_PREPARE; store the mark that it answers, with state sent, durably
 *   3. CHARGING_GRANT with that mark; store the outcome. RETRY: back to pending, and the mark is dropped
 *      (prepare it again: the account may have moved meanwhile)
 *   4. after UNKNOWN, and for every row that is found in state sent after a crash: CHARGING_QUERY with the same order. OK and
 *      REJECTED conclude; RETRY: back to pending; UNKNOWN: later again, and after a while a person
 *
 * One order of a subscriber at a time: a mark says how the account was just before, and another order in between
 * would make the query compare with the wrong thing.
 */
#ifndef STARHASH_GATEWAY_CHARGING_H
#define STARHASH_GATEWAY_CHARGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/charging_gate.h"
#include "storage/store.h"

struct charging;
struct config;
struct event_base;

enum charging_outcome {
	CHARGING_OK,
	CHARGING_REJECTED,
	CHARGING_RETRY,
	CHARGING_UNKNOWN,
	CHARGING_OUTCOMES_
};
const char *charging_outcome_name(enum charging_outcome o); /* "ok", "rejected", "retry", "unknown" */

/* What an outcome comes from, as far as anybody acts on it. `why` says it in words. */
enum charging_reason {
	CHARGING_PLAIN,         /* nothing more to say */
	CHARGING_NO_SUBSCRIBER, /* the system does not know the number */
	CHARGING_BARRED,        /* it knows it, and it is blocked, not active or expired */
	CHARGING_TOO_LITTLE,    /* not enough balance */
	CHARGING_TOO_MUCH,      /* a limit of the account would be passed */
	CHARGING_SET_UP, /* this bundle or request is wrong for the system: the operator has to mend it */
	CHARGING_NOT_OFFERED, /* this system, or this kind of bundle, has no such call */
	CHARGING_BUSY,        /* not sent: the queue is full, the circuit is open, or it waited too long */
	CHARGING_UNREACHABLE, /* not sent: no connection; or the system said that it is overloaded */
	CHARGING_NO_ANSWER,   /* sent, and no answer, half of one or nonsense came back */
	CHARGING_TOO_EARLY, /* a query before the system can have settled: ask again `charging.settle` after sent_ms */
	CHARGING_UNDECIDED, /* a query that read the account and could not tell */
	CHARGING_REASONS_
};
const char *charging_reason_name(enum charging_reason r);

enum charging_op {
	CHARGING_BALANCE, /* answer.facts: balance, and which of the configured bundles are there */
	CHARGING_ACCOUNT, /* answer.account */
	CHARGING_PREPARE, /* answer.mark: how the account is before the grant */
	CHARGING_GRANT,
	CHARGING_QUERY, /* was this order done? order.sent_ms and order.mark are those of the last attempt */
	CHARGING_REVOKE,
	CHARGING_OPS_
};
const char *charging_op_name(enum charging_op op);

#define CHARGING_MARK_SIZE 160
#define CHARGING_KEY_SIZE 64

/* BALANCE and ACCOUNT read msisdn and `waits` only. Everything is copied. */
struct charging_order {
	int64_t msisdn;
	const char *bundle; /* its name in the configuration */
	const char *key;    /* of the grant, under 64 bytes: the ledger's own key */
	uint64_t reference; /* charging_reference of it: what the system is told, the same at every attempt */
	int64_t price; /* hundredths: as it was shown; taken from the balance in the same order. 0 = it is a gift */
	bool waits;         /* somebody looks at a phone: goes before the backlog */
	int64_t ordered_ms; /* UTC */
	int64_t sent_ms; /* UTC: when this attempt was stored as sent, and of a QUERY the last one; what expires counts
	                     * from here, so keep it with the mark */
	const char *mark; /* of PREPARE; "" or NULL = none */
};

struct charging_account {
	bool is_active, is_blocked;
	int service_class; /* -1 = the system has none */
	int language;      /* as the system numbers them; -1 = not said */
};

/* Valid during the callback only. */
struct charging_answer {
	enum charging_outcome outcome;
	enum charging_reason reason;
	int code;        /* of the system, as it came: responseCode, faultCode, HTTP status; 0 = none */
	const char *why; /* for people, a constant; never a number or a name of somebody */
	const char *mark;
	const struct store_facts *facts;
	const struct charging_account *account;
};
typedef void charging_done_fn(void *ctx, const struct charging_answer *answer);

struct charging_options {
	struct event_base *base;
	const struct clock *clock;
	const struct config *config;         /* borrowed, outlives this */
	struct store *store;                 /* the ledger; borrowed, outlives this */
	struct charging_transport transport; /* start NULL = HTTP */
};

/* RC_OK; RC_STATE (see http_client_ready); RC_NOMEM. */
enum rc charging_new(const struct charging_options *options, struct charging **out) RC_NODISCARD;
/* What is outstanding is answered: RETRY when it was not sent yet, else UNKNOWN. The ledger's answers come from the store:
 * store_wait first. NULL is fine. */
void charging_free(struct charging *c);

/* RC_OK (done will be called); RC_FULL (CHARGING_JOBS_MAX); RC_RANGE (no such bundle, a text too long, a reference of 0);
 * RC_STATE (this order needs a mark, or buys what cannot be sold); RC_NOMEM. */
#define CHARGING_JOBS_MAX 20000
enum rc charging_start(struct charging *c, enum charging_op op, const struct charging_order *order,
                       charging_done_fn *done, void *ctx) RC_NODISCARD;

/* What a grant is called outwards: a number of up to 20 digits out of who and what, the same at every time and on every
 * machine, and after a restore as well. `instance` is charging.host; `holder` how many others had orders under this number
 * before, so that a number that was given to somebody else begins anew (the internal id is another one after a restore).
 * Keep it with the grant: a subscriber's number may change, this may not. */
uint64_t charging_reference(const char *instance, int64_t holder, int64_t msisdn, const char *key);

const char *charging_name(const struct charging *c); /* "ledger", "ucip", "cgrates" */
/* Does the embedded ledger keep the grants? Then store_batch_give has posted it already, and there is nothing to send. */
bool charging_is_embedded(const struct charging *c);
/* How many more orders of the backlog may be started now without waiting in line: 0 while the circuit is open, 1 to
 * probe. */
size_t charging_room(const struct charging *c);

struct charging_counters {
	uint64_t answered[CHARGING_OPS_][CHARGING_OUTCOMES_];
	uint64_t refused; /* by charging_start */
	uint32_t outstanding;
};
void charging_counters_read(const struct charging *c, struct charging_counters *out);
/* NULL for the ledger, which has none. */
const struct charging_gate *charging_gate_of(const struct charging *c);

#endif
