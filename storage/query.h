/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports: blocking reads for the command line, beside a running daemon or without one.
 *
 * Opens the store file read-only with its own connection; never waits for the writer (WAL).
 */
#ifndef STARHASH_STORAGE_QUERY_H
#define STARHASH_STORAGE_QUERY_H

#include <stddef.h>

#include "core/profile.h"
#include "core/rc.h"
#include "core/record.h"
#include "storage/store.h"

struct query;

/* Returns RC_OK; RC_NOTFOUND (no such file: the daemon has not run yet); RC_IO; RC_STATE (other schema version).
 * `why` gets a sentence with a remedy. */
enum rc query_open(const char *path, const struct profile *profile, struct query **out, char *why,
                   size_t why_size) RC_NODISCARD;
void query_close(struct query *q);

struct query_consent {
	const char *purpose, *state, *words, *language, *channel;
	const char *version; /* of the words; "" = not known */
	const char *proof;   /* what shows it, of one that was brought in; "" = none */
	int64_t source;      /* id of the interaction (of channel "operator": of the import); 0 = not known */
	int64_t at_ms;
};
struct query_grant {
	int64_t id;
	const char *bundle, *key, *gives, *state;
	const char *order; /* state of its order at a charging system, or "held"; "" = it has none */
	int64_t at_ms, expires_ms;
};
struct query_refusal {                            /* what they did not get */
	const char *bundle, *key, *reason, *rule; /* reason: by its name in core/refusal.c; rule "" = none */
	int64_t first_ms, last_ms, count;
};
struct query_interaction {
	int64_t id;
	const char *channel, *service, *last_screen, *language, *outcome;
	const char *detail; /* how it ended, or what it was, in a few words; "" = nothing to add */
	bool inbound;
	int steps;
	int64_t began_ms, ended_ms;
};
struct query_notice {      /* an SMS that was to follow a dialogue, or a push; never its text */
	const char *kind;  /* "sms", "push" */
	const char *state; /* "pending", "sending" (with a link), "sent", "rejected", "unknown" */
	const char *
		why; /* in a word: "stopped", "expired", "refused", the fate of a push; "" = nothing to add */
	int attempts;    /* times that it was handed to a link */
	uint32_t code;   /* status that the SMSC gave last; 0 = none */
	int64_t next_ms; /* of one that waits: not before */
	const char
		*delivery; /* by the SMSC's receipts: "accepted", "delivered", ...; "" = nothing is known */
	int parts;         /* 0 = not known */
	int error;         /* of the network, -1 = none told */
	int64_t created_ms, settled_ms, delivery_ms; /* 0 = not yet */
};

/* What a value is known by. */
struct query_origin {
	int64_t at_ms;       /* when it was told; 0 = not known */
	const char *channel; /* "ussd", "import"; "" = not known */
	int64_t consent;     /* row of consents; 0 = none is needed, or not known */
	int confidence;      /* 0..100 */
};
struct query_past { /* a value that is one no more */
	size_t field;
	const char *value; /* "" = its consent was withdrawn; "***" = private */
	int64_t told_ms, at_ms;
	const char *channel, *why; /* "changed", "taken back", "withdrawn" */
};
struct query_verification {
	int64_t at_ms, undone_ms; /* 0 = it stands */
	const char *proof;        /* "***" unless revealed */
};
struct query_period { /* a number that they had before; which, is known by its hash only */
	int64_t since_ms, until_ms;
	const char *why; /* "recycled", "erased" */
};
struct query_relation {
	const char *type, *state;
	bool has_asked;                                     /* they asked the other */
	int64_t other;                                      /* internal id */
	int64_t msisdn;                                     /* the other's; 0 = has none any more */
	int64_t made_ms, answered_ms, ended_ms, expires_ms; /* 0 = not (yet) */
};

/* One subscriber, whole; by number also what remains of those who had it and were erased: consents and grants, first.
 * Everything is valid during the callback only. Interactions and notices newest first, at most QUERY_MAX_INTERACTIONS of
 * each, or what query_limit said; consents and grants oldest first. Private values are "***", unless query_reveal was called. */
#define QUERY_MAX_INTERACTIONS 100
#define QUERY_LIMIT_MAX 10000
#define QUERY_MASK "***"
#define QUERY_MAX_ERASED 15 /* so often was a number erased, the first of them */
struct query_subscriber {
	const struct record *record;
	bool is_erased;      /* nobody has come back with this number since it was erased */
	int64_t swapped_ms;  /* SIM or number new since then; 0 = not that is known */
	int64_t imported;    /* the import that brought them; 0 = they came by themselves */
	int64_t referrals;   /* who came by their word and are registered */
	int64_t referred_by; /* internal id of who they named; 0 = nobody */
	size_t n_ids;
	const int64_t *id; /* theirs, last; before it those of the erased who had the number */
	size_t n_consents, n_grants, n_interactions, n_notices, n_refusals, n_past, n_verifications,
		n_periods, n_relations;
	const struct query_origin *origin; /* one for each field of the profile; NULL when brief */
	const struct query_past *past;     /* newest first */
	const struct query_verification *verification;
	const struct query_period *period;
	const struct query_relation *relation;
	const struct query_refusal *refusal;
	const struct query_consent *consent;
	const struct query_grant *grant;
	const struct query_interaction *interaction;
	const struct query_notice *notice;
};
/* Return false to stop. */
typedef bool query_subscriber_fn(void *ctx, const struct query_subscriber *s);

/* Where the store's key is (storage/key.h), when it is not beside the store; borrowed. */
void query_key_path(struct query *q, const char *path);

/* So many interactions and notices at most, 1..QUERY_LIMIT_MAX. */
void query_limit(struct query *q, int limit);

/* From now on private values are read in clear: opens the store's keys. Whoever calls it has written into the audit who
 * looks, and why. RC_OK; RC_NOTFOUND, RC_STATE, RC_IO: query_why says why, and what to do. */
enum rc query_reveal(struct query *q) RC_NODISCARD;

/* RC_OK; RC_NOTFOUND; RC_IO; RC_STATE: numbers were erased, and the store's key, which tells which, cannot be used:
 * query_why says why, and what to do. */
enum rc query_by_msisdn(struct query *q, int64_t msisdn, query_subscriber_fn *fn, void *ctx) RC_NODISCARD;
/* By internal id, whether or not they have the number still. */
enum rc query_by_id(struct query *q, int64_t id, query_subscriber_fn *fn, void *ctx) RC_NODISCARD;
/* Who had the number at this time, by the periods that are known of: *id. RC_OK; RC_NOTFOUND; RC_IO; RC_STATE as above. */
enum rc query_holder_at(struct query *q, int64_t msisdn, int64_t at_ms, int64_t *id) RC_NODISCARD;
const char *query_why(const struct query *q);
/* Every subscriber who has a number, by rising internal id, in constant memory. Without interactions and notices when `brief`. */
enum rc query_each(struct query *q, bool brief, query_subscriber_fn *fn, void *ctx) RC_NODISCARD;

/* Counts per screen of one service over the last `days` days (0 = all), any order. */
typedef bool query_screen_fn(void *ctx, const struct store_screen_count *c);
enum rc query_screens(struct query *q, const char *service, int days, query_screen_fn *fn,
                      void *ctx) RC_NODISCARD;

struct query_counts {
	int64_t subscribers, registered;
	int64_t grants_pending, grants_granted, grants_rejected, grants_unknown;
	int64_t ledger_postings; /* with `charged` it must equal grants_granted */
	int64_t charged;         /* granted by a charging system */
	int64_t interactions, consents;
	int64_t notices_pending, notices_sent, notices_rejected, notices_unknown;
	int64_t deliveries[STORE_DELIVERIES]; /* notices by what receipts say of them */
};
enum rc query_counts_read(struct query *q, struct query_counts *out) RC_NODISCARD;

#endif
