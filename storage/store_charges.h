/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders at a charging system: the part of the store port that the outbox lives on.
 *
 * An order is written with its grant (store_batch_order) and then moves from state to state, each move in a transaction of
 * its own and only from the state that the caller believes it to be in: whoever is mistaken, because a person has
 * decided meanwhile, is told so and changes nothing. The grant's own state, the SMS that tells the subscriber and the
 * attempt for care's eyes are in the same transaction.
 */
#ifndef STARHASH_STORAGE_STORE_CHARGES_H
#define STARHASH_STORAGE_STORE_CHARGES_H

#include "storage/store.h"

enum store_charge {
	STORE_CHARGE_PENDING,    /* certainly not done */
	STORE_CHARGE_SENT,       /* about to be sent, or sent: may have been done */
	STORE_CHARGE_GRANTED,    /* the system said so */
	STORE_CHARGE_REJECTED,   /* the system said so */
	STORE_CHARGE_UNKNOWN,    /* may have been done: to be asked about, never repeated */
	STORE_CHARGE_RECONCILED, /* was in doubt; the account or a person has decided */
	STORE_CHARGE_HELD,       /* waits for a person before anything is sent (store_limits.h) */
	STORE_CHARGES_
};
const char *store_charge_name(enum store_charge c); /* "pending", "sent", "granted", ... */
bool store_charge_is_open(enum store_charge c);

#define STORE_CHARGE_MARK_SIZE 160
#define STORE_CHARGE_ROUTE_SIZE 160
#define STORE_CHARGE_KEY_SIZE 64

#define STORE_LEDGER "ledger"

/* --- ordering ----------------------------------------------------------------------------------------------- */

struct store_order {
	const char *system;   /* "ucip", "cgrates"; STORE_LEDGER: the words for a gift that is held */
	const char *instance; /* the first argument of `reference` */
	/* What the system is told, of who and what; `holder`: how many others had orders under this number before. Called by the
	 * writer's thread: pure. */
	uint64_t (*reference)(const char *instance, int64_t holder, int64_t msisdn, const char *key);
	const char *
		route; /* to write to the subscriber later; under STORE_CHARGE_ROUTE_SIZE; the store does not read it */
	const char *
		late; /* said by SMS when it was granted and nobody waited; the batch's own notice goes before */
	const char *sorry;         /* the same when it was rejected; */
	const char *poor, *barred; /* for these reasons in place of it; NULL = sorry */
	const char *declined;      /* said when a person refuses what was held; NULL = nothing */
	int64_t price; /* hundredths: what is taken for it from the balance, in the same order; 0 = it is a gift */
};
/* The give of this batch is not posted in the ledger but ordered (unless the system is the ledger): grant and order are
 * pending. Notices of the batch that are `if_given` wait with it. Returns as store_batch_give; RC_STATE when the batch gives
 * nothing. */
enum rc store_batch_order(struct store_batch *b, const struct store_order *order) RC_NODISCARD;

/* --- moving ------------------------------------------------------------------------------------------------- */

struct store_charge_update {
	int64_t id; /* of the grant */
	enum store_charge from, to;
	bool granted;         /* to RECONCILED: which way */
	enum refusal refusal; /* of what is rejected */
	bool late;    /* nobody waits: the subscriber is told by SMS what would have been on the screen */
	bool pushed;  /* but what is granted will be shown by a push: no words for that */
	bool attempt; /* keep it as an attempt: */
	const char *op, *outcome, *reason, *why; /* constants, borrowed until the callback */
	int code;
	const char *mark; /* to SENT: kept with it; copied */
	bool forget_mark; /* to UNKNOWN: the account was read and did not tell; it never will again */
	int64_t next_ms;  /* UTC */
};

/* Texts are valid during the callback only. */
struct store_charge_result {
	enum rc rc; /* RC_OK; RC_EXISTS (it is not in `from`: `state` says where it is; nothing was changed); RC_NOTFOUND;
	             * RC_IO, RC_BUSY, RC_FULL (disk): nothing was changed */
	enum store_charge state;
	enum store_grant grant;
	enum refusal refusal; /* of what is rejected */
	int64_t msisdn;       /* to whom it was promised */
	int64_t at_ms;        /* UTC, of the change */
	int64_t notice;       /* of an SMS to send now; 0 = none */
	bool is_quiet; /* settled, and there is nobody to tell: they have said STOP, were erased, or know it */
	const char *text; /* of it */
	const char *route;
};
typedef void store_charge_fn(void *ctx, const struct store_charge_result *result);
/* RC_OK (fn will be called); RC_FULL (queue at its bound); RC_RANGE (mark too long); RC_NOMEM. */
enum rc store_charge_move(struct store *s, const struct store_charge_update *update, store_charge_fn *fn,
                          void *ctx) RC_NODISCARD;

/* What a person has decided of an order that is pending or unknown, with an audit row. `result->rc` may also be RC_BUSY with
 * state SENT: a call is under way. The subscriber is told by the daemon (store_charge_move from RECONCILED to itself). */
#define STORE_REASON_MAX 200
#define STORE_ACTOR_MAX 95
struct store_decision {     /* a person's; borrowed for the call */
	int64_t id;         /* of the grant */
	bool yes;           /* granted, or approved */
	const char *actor;  /* for the audit: "care:jane (console)"; NULL = store_options.actor */
	const char *reason; /* at most STORE_REASON_MAX bytes */
};
/* RC_OK (fn will be called); RC_RANGE (a text too long); RC_FULL; RC_NOMEM. */
enum rc store_charge_resolve(struct store *s, const struct store_decision *what, store_charge_fn *fn,
                             void *ctx) RC_NODISCARD;

/* --- reading ------------------------------------------------------------------------------------------------ */

struct store_charge_row {
	int64_t id, subscriber, msisdn;
	uint64_t reference;
	enum store_charge state;
	uint32_t attempts;
	int64_t ordered_ms, sent_ms, next_ms;
	int64_t price;   /* of a purchase; 0 = a gift */
	char system[16]; /* whose order it is: "ucip", "cgrates" */
	char bundle[PROFILE_NAME_SIZE];
	char key[STORE_CHARGE_KEY_SIZE]; /* a longer one cannot be ordered: "" */
	char mark[STORE_CHARGE_MARK_SIZE];
};
#define STORE_CHARGES_PAGE 200
typedef void store_charges_fn(void *ctx, enum rc rc, const struct store_charge_row *rows, size_t n);
enum store_charges_which {
	STORE_CHARGES_OPEN,
	STORE_CHARGES_UNTOLD,   /* what persons have decided and subscribers have not heard of */
	STORE_CHARGES_APPROVED, /* pending ones that were held before: a reader by rising id may be past them */
	STORE_CHARGES_WHICH_
};
/* Those with an id above `after`, by rising id, at most STORE_CHARGES_PAGE. RC_OK (fn will be called); RC_FULL; RC_NOMEM. */
enum rc store_charges_find(struct store *s, int64_t after, enum store_charges_which which,
                           store_charges_fn *fn, void *ctx) RC_NODISCARD;

#endif
