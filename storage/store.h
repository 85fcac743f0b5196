/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Store port: what the gateway asks of durable memory, in the domain's words.
 *
 * Asynchronous: requests are queued, carried out by the store's own threads, and concluded by exactly one
 * callback, always in the thread that calls store_dispatch. Nothing here blocks the caller, except
 * where it says so. Behind it stands SQLite in WAL with synchronous=FULL and one writer that gathers
 * everything waiting into one transaction (docs/adr/0003); nothing above may assume that the data is local.
 *
 * Order: batches are applied in the order of store_write; a store_find that is called after the callback of a
 * store_write sees it.
 */
#ifndef STARHASH_STORAGE_STORE_H
#define STARHASH_STORAGE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/histogram.h"
#include "core/profile.h"
#include "core/rc.h"
#include "core/record.h"
#include "core/refusal.h"

struct store;

#define STORE_QUEUE_MAX 20000 /* requests waiting at most, default of options.queue_max */
#define STORE_KEYS_MS 250   /* a start looks so long through the keyring: some 2 million slots from memory */
#define STORE_CHECK_MS 2000 /* a start waits so long for the integrity check, default of options.check_ms */

struct store_limits;

struct store_retention { /* 0 = for ever */
	int64_t interactions_ms, notices_ms, screens_ms, refusals_ms;
	int64_t history_ms, periods_ms, requests_ms, relations_ms, imports_ms;
	int64_t given_up_ms; /* values of who gave their number up, since they were last seen */
	int64_t starts_ms;   /* after midnight UTC; of the hours in which it works, */
	int64_t lasts_ms;    /* and how long they last; 0 = whenever nobody waits */
	bool spent;          /* forget counts of gifts, and news of numbers, that are of no use any more */
	bool values;         /* forget values as the profile says; for the daemon, not for guests */
};

struct store_options {
	const char *path;              /* SQLite file; ":memory:" is a scratch store (shared in-process) */
	const struct profile *profile; /* borrowed, must outlive the store */
	const struct clock *clock;     /* borrowed */
	bool scratch;                  /* synchronous=OFF: for transcripts and the terminal phone only */
	bool guest;                    /* a daemon may own this store: leave its pending notices alone */
	int queue_max;                 /* 0 = STORE_QUEUE_MAX */
	int busy_ms;                   /* how long the writer waits for another process's lock; 0 = 1000 */
	int check_ms; /* 0 = STORE_CHECK_MS; after it the check goes on beside the service; -1 = no check */
	int keys_ms; /* likewise for the keyring, 0 = STORE_KEYS_MS; after a restore it is read to its end first;
	                 -1 = all of it beside the service */
	struct store_retention retention;
	const char *key_path;              /* storage/key.h; NULL = beside the store, with ".key" */
	const struct store_limits *limits; /* store_limits.h; copied; NULL = none */
	const char *actor; /* who decides here, for the audit: "care:jane"; borrowed; NULL = "operator" */
};

/* Open, check, migrate, add columns for new profile fields, read every pragma back, start the threads. Blocks.
 * `why` (of why_size bytes) gets a sentence with a remedy when the result is not RC_OK.
 * Returns RC_OK; RC_IO (cannot open, corrupt, read-only, wrong pragma); RC_STATE (schema newer than this
 * program); RC_BUSY (locked by another writer); RC_NOMEM. */
enum rc store_open(const struct store_options *options, struct store **out, char *why,
                   size_t why_size) RC_NODISCARD;

/* Finish what is queued, deliver the remaining callbacks, close. Blocks. */
void store_close(struct store *s);

/* A descriptor that is readable while callbacks are waiting: watch it, then call store_dispatch. */
int store_fd(const struct store *s);
/* Run the callbacks that are ready. Returns how many. Callbacks may queue new requests. */
int store_dispatch(struct store *s);
/* Block until every request so far is concluded and its callback has run (tools, tests, drain). */
void store_wait(struct store *s);

/* Is the store refusing writes at the moment (disk full, locked, I/O error)? True from the first failed
 * commit until one succeeds; once the file was found damaged, for ever: then nothing is read from it either. Cheap, callable
 * from the dispatching thread. */
bool store_is_failing(const struct store *s);

/* --- reading one subscriber ------------------------------------------------------------------- */

struct store_resume {
	char service[PROFILE_NAME_SIZE]; /* "" = nothing to resume */
	char screen[PROFILE_NAME_SIZE];
	int64_t at_ms; /* UTC */
};

/* rc: RC_OK (record: now the callback's to free; a subscriber never seen gives a fresh record with id 0);
 * RC_IO, RC_BUSY, RC_NOMEM (record NULL). `resume` is borrowed for the call. */
typedef void store_found_fn(void *ctx, enum rc rc, struct record *record, const struct store_resume *resume);

/* Returns RC_OK (found will be called); RC_FULL (queue at its bound; found will not be called). */
enum rc store_find(struct store *s, int64_t msisdn, store_found_fn *found, void *ctx) RC_NODISCARD;

/* --- facts of the embedded ledger ------------------------------------------------------------------- */

#define STORE_MAX_BUNDLES 8
struct store_facts {
	bool has_balance; /* the ledger keeps no money: false; real charging systems do */
	int64_t balance_minor;
	char currency[4];
	size_t n_bundles; /* granted and not yet expired, newest first */
	struct {
		char gives[48];
		int64_t expires_ms; /* 0 = never */
	} bundle[STORE_MAX_BUNDLES];
};
typedef void store_facts_fn(void *ctx, enum rc rc, const struct store_facts *facts);
/* As store_find: RC_OK (fn will be called) or RC_FULL. */
enum rc store_facts_find(struct store *s, int64_t msisdn, store_facts_fn *fn, void *ctx) RC_NODISCARD;

/* --- counts per screen: gathered in memory by the caller, added up here ---------------------------------------- */

enum store_drop {
	STORE_DROP_CANCEL /* subscriber */,
	STORE_DROP_NETWORK /* network or idle timeout */,
	STORE_DROP_APP /* app too slow */,
	STORE_DROP_OURS /* we ended: fault, tries, shed */,
	STORE_DROPS_
};
struct store_screen_count {
	char service[PROFILE_NAME_SIZE], screen[PROFILE_NAME_SIZE];
	int64_t entered, bad_inputs, drops[STORE_DROPS_];
	int64_t ms_sum; /* time to answer, over `answered` */
	int64_t answered;
	int64_t ms_bucket
		[12]; /* answers within 1, 2, 4, 8 ... 1024 s and over: the median is read from them */
};
/* Adds to what is stored (by service, screen and UTC day). Copied. RC_OK; RC_FULL. Failures are counted and logged. */
enum rc store_screens_add(struct store *s, const struct store_screen_count *counts, size_t n) RC_NODISCARD;

/* --- writing: a batch is one transaction's worth for one subscriber ------------------------------ */

enum store_channel { STORE_CH_USSD, STORE_CH_SMS, STORE_CH_SIMULATED, STORE_CH_OPERATOR };
const char *store_channel_name(enum store_channel c); /* "ussd", "sms", "simulated", "operator" */

enum store_consent { STORE_CONSENT_GRANTED, STORE_CONSENT_REFUSED, STORE_CONSENT_WITHDRAWN };
const char *store_consent_name(enum store_consent c);

enum store_grant {
	STORE_GRANT_NONE,
	STORE_GRANT_PENDING,
	STORE_GRANT_GRANTED,
	STORE_GRANT_REJECTED,
	STORE_GRANT_UNKNOWN
};
const char *store_grant_name(enum store_grant g);

enum store_outcome {
	STORE_END_COMPLETED,
	STORE_END_CANCELLED /* by the subscriber */,
	STORE_END_TIMEOUT /* network or idle */,
	STORE_END_FAILED /* ours */,
	STORE_END_REPLACED /* by a new begin */,
	STORE_END_LOST /* the answer could not be delivered */
};
const char *store_outcome_name(enum store_outcome o);

struct store_interaction {
	enum store_channel channel;
	bool inbound;
	const char *service;     /* "" = none */
	const char *last_screen; /* "" = none */
	const char *language;
	const char *
		detail; /* how it ended, or what it was, in a few words: "push busy"; NULL = nothing to add */
	enum store_outcome outcome;
	int32_t steps;
	int64_t began_ms, ended_ms; /* UTC */
};

struct store_batch; /* bounded: STORE_BATCH_OPS operations, texts of at most STORE_TEXT_MAX bytes */
#define STORE_BATCH_OPS 48
#define STORE_TEXT_MAX 1024
#define STORE_DETAIL_MAX 63 /* bytes of an interaction's detail */
#define STORE_PROOF_MAX 160 /* bytes of a consent's proof */
#define STORE_FROM_MAX 15   /* bytes of where a value comes from */

/* The subscriber is created by the batch when it is new. NULL when memory is out. */
struct store_batch *store_batch_new(int64_t msisdn, int64_t utc_ms);
void store_batch_free(struct store_batch *b); /* only one that was not handed to store_write */

/* All of these copy their arguments and return RC_OK; RC_FULL (batch at its bound); RC_RANGE (text too long);
 * RC_NOMEM. A batch with a failed addition must not be written. */
enum rc store_batch_seen(struct store_batch *b) RC_NODISCARD; /* last_seen = the batch's time */
enum rc store_batch_language(struct store_batch *b, const char *language) RC_NODISCARD;
enum rc store_batch_consent(struct store_batch *b, const char *purpose, enum store_consent state,
                            const char *words, const char *language, enum store_channel channel) RC_NODISCARD;
/* The same with which words those were, and what shows it. A consent that is not granted takes with it what was told under
 * it, here and in the history. */
struct store_agreement {
	const char *purpose, *words, *language;
	const char *version; /* of the words, at most PROFILE_NAME_SIZE - 1 bytes; NULL = not known */
	const char *proof;   /* such as the number of a form, at most STORE_PROOF_MAX bytes; NULL = none */
	enum store_consent state;
	enum store_channel channel;
	int64_t at_ms; /* when; 0 = the batch's time */
};
enum rc store_batch_agree(struct store_batch *b, const struct store_agreement *what) RC_NODISCARD;
/* Where the values come from that are saved from here on: a word such as "ussd", "import" (at most STORE_FROM_MAX bytes,
 * without blanks) and how sure they are, 0..100. Without it: "operator", CONFIDENCE_TOLD. */
enum rc store_batch_from(struct store_batch *b, const char *channel, int confidence) RC_NODISCARD;
#define CONFIDENCE_TOLD \
	80 /* by the subscribers themselves; what was seen on paper is 100, what was guessed below 50 */
/* A value; NULL forgets it. Refused by the store when the field's consent does not stand at that point (promise 8;
 * RC_STATE for the whole batch), or when the field does not take it (profile_check; RC_RANGE for the whole batch). */
enum rc store_batch_save(struct store_batch *b, size_t field, const char *value) RC_NODISCARD;
/* Grant `bundle` under `key`, once for each subscriber and key, for ever (promise 2), together with
 * the ledger's posting. `gives` = words ("100 MB"); valid_ms 0 = no end. One give a batch. */
enum rc store_batch_give(struct store_batch *b, const char *bundle, const char *key, const char *gives,
                         int64_t valid_ms) RC_NODISCARD;
/* An SMS to send after the commit. if_given: only when this batch's give was the first of its key. */
enum rc store_batch_notice(struct store_batch *b, const char *text, bool if_given) RC_NODISCARD;
enum rc store_batch_interaction(struct store_batch *b, const struct store_interaction *i) RC_NODISCARD;
/* Where to resume; service "" clears it. */
enum rc store_batch_resume(struct store_batch *b, const char *service, const char *screen) RC_NODISCARD;
/* stopped: every consent to marketing that stands is withdrawn with it; by which way: store_batch_from. */
enum rc store_batch_stop(struct store_batch *b, bool stopped) RC_NODISCARD;
/* They ask for a copy of what is known of them: a request for a person (docs/operate.md). One that is open stays the one. */
enum rc store_batch_copy(struct store_batch *b, enum store_channel channel) RC_NODISCARD;
/* Withdraws every standing consent, blanks profile values, language and the resume point; keeps consents' history,
 * grants and their keys (no second bonus), with an audit row that says who (channel) and why (reason). */
enum rc store_batch_erase(struct store_batch *b, enum store_channel channel, const char *reason) RC_NODISCARD;

/* What came of an invitation, an answer, a departure or a referral (store_relations.h). */
enum store_relation {
	STORE_RELATION_NONE, /* the batch has none of these operations */
	STORE_RELATION_ASKED, /* invited. Whether an SMS has left, and whether anybody is there, is not for the inviter */
	STORE_RELATION_JOINED,   /* YES; `said` answers it */
	STORE_RELATION_DECLINED, /* NO; `said` answers it */
	STORE_RELATION_LEFT,
	STORE_RELATION_REFERRED, /* noted, if there is such a person */
	STORE_RELATION_NOTHING,  /* answered, and nobody has asked; left, and there was nothing */
	STORE_RELATION_OVER,     /* answered too late */
	STORE_RELATION_AGAIN,    /* they are asked, related, or were asked lately; was referred before */
	STORE_RELATION_FULL,     /* one of the two would have too many */
	STORE_RELATION_DAY,      /* enough invitations for today */
	STORE_RELATION_LATE,     /* a referral by somebody who is registered */
	STORE_RELATIONS
};

/* Somebody was proven to be who they say, by `proof` (sealed; at most STORE_PROOF_MAX bytes); NULL takes that back. With an audit
 * row that says who (store_options.actor) and why. RC_STATE for the whole batch: they are not registered, or, to take it back,
 * not verified. */
enum rc store_batch_verify(struct store_batch *b, const char *proof, const char *reason) RC_NODISCARD;

struct store_result {
	enum rc rc; /* RC_OK: durable. RC_STATE: a save without its consent. RC_IO / RC_BUSY / RC_FULL (disk): nothing
	             * of the batch is stored. */
	int64_t subscriber;     /* internal id */
	bool registered;        /* after the batch */
	bool registered_now;    /* by the batch */
	enum store_grant grant; /* state of the grant of this batch's key; NONE if the batch gave nothing */
	bool grant_existed;     /* the key had been used before: this batch gave nothing new */
	enum refusal refusal;   /* why it gave nothing; REVIEW: the grant is pending until a person decides */
	int64_t notice;         /* id of the (last) notice to send; 0 = none */
	bool notice_waits; /* it waits in the store until it is claimed (store_notices.h); else it is the caller's to send now */
	uint32_t recalled; /* notices that waited, and stay away: the batch says STOP */
	int64_t charge; /* grant that this batch has ordered at the charging system (store_charges.h); 0 = none */
	const char *charge_bundle, *charge_key; /* of it; valid during the callback */
	int64_t charge_ms;                      /* UTC: when it was ordered */
	int64_t charge_price;                   /* of a purchase; 0 = a gift */
	uint64_t charge_reference;              /* as it is stored: what the charging system is told */
	enum store_relation relation;
	const char *said; /* what answers an answer; NULL = nothing; valid during the callback */
	uint32_t told;    /* SMS to others that wait now */
};

typedef void store_written_fn(void *ctx, const struct store_result *result);

/* Takes the batch whatever the result. Returns RC_OK (written will be called if not NULL); RC_FULL (queue at its
 * bound: back-pressure; written will not be called). */
enum rc store_write(struct store *s, struct store_batch *b, store_written_fn *written,
                    void *ctx) RC_NODISCARD;

/* As store_write, for what nobody waits for: up to STORE_LATER_MS the writer waits for more, to commit all at once. A batch that
 * gives, relates or tells somebody something does not wait. */
#define STORE_LATER_MS 5
enum rc store_write_later(struct store *s, struct store_batch *b, store_written_fn *written,
                          void *ctx) RC_NODISCARD;
/* Somebody waits for it now: it is committed as soon as the writer is free. */
void store_hurry(struct store *s);

/* What became of a notice; store_notice_move (store_notices.h) can say more. */
enum store_notice { STORE_NOTICE_PENDING, STORE_NOTICE_SENT, STORE_NOTICE_REJECTED, STORE_NOTICE_UNKNOWN };
void store_notice_done(struct store *s, int64_t notice, enum store_notice state);

/* --- what becomes of an SMS at the SMSC and beyond ------------------------------------------------- */

enum store_delivery { /* SMPP 3.4, 5.2.28, by its numbers; 0 = taken by the SMSC, no receipt yet */
	              STORE_DELIVERY_ACCEPTED,
	              STORE_DELIVERY_ENROUTE,
	              STORE_DELIVERY_DELIVERED,
	              STORE_DELIVERY_EXPIRED,
	              STORE_DELIVERY_DELETED,
	              STORE_DELIVERY_UNDELIVERABLE,
	              STORE_DELIVERY_READ, /* "accepted": by somebody on the subscriber's behalf; kept as accepted */
	              STORE_DELIVERY_UNKNOWN,
	              STORE_DELIVERY_REJECTED,
	              STORE_DELIVERIES
};
const char *store_delivery_name(enum store_delivery d); /* "accepted", "enroute", "delivered", ... */

/* The id that an SMSC gave, in every form that it may be looked up in; the first one is stored. */
#define STORE_ID_SIZE 66
#define STORE_ID_FORMS 3
struct store_ids {
	char smsc[32]; /* name of the link group: ids are its own */
	unsigned n;    /* 1..STORE_ID_FORMS */
	char id[STORE_ID_FORMS][STORE_ID_SIZE];
};

struct store_part { /* the SMSC has accepted a part of a notice */
	int64_t notice;
	int part, parts; /* 1 <= part <= parts */
	struct store_ids ids;
};
/* Queued like a write; failures are logged and counted, not reported. */
void store_part_accepted(struct store *s, const struct store_part *part);

struct store_receipt {
	struct store_ids ids;
	enum store_delivery state;
	int error; /* of the network, -1 = none told */
};
/* RC_OK: stored, the notice's summary says so; RC_EXISTS: known already, or after a final state; RC_NOTFOUND: no part has this
 * id so far: kept for an hour, should the answer that tells the id come after its receipt; RC_IO / RC_BUSY: not stored. */
typedef void store_receipt_fn(void *ctx, enum rc rc);
/* Returns RC_OK (fn will be called); RC_FULL (queue at its bound; fn will not be called). */
enum rc store_receipt_add(struct store *s, const struct store_receipt *receipt, store_receipt_fn *fn,
                          void *ctx) RC_NODISCARD;

/* --- trials, for transcripts ---------------------------------------------------------------------- */

/* What happens to batches that give something and to facts: the embedded ledger as a charging system on a bad day. */
enum store_trial {
	STORE_TRIAL_NONE, /* as ever; what was kept back comes out at the next dispatch */
	STORE_TRIAL_HOLD, /* they are carried out, and their outcome is kept back */
	STORE_TRIAL_FAIL  /* they fail with RC_IO; nothing of them is stored */
};
void store_try(struct store *s, enum store_trial how);
bool store_keeps_back(struct store *s); /* STORE_TRIAL_HOLD: what is late is stored */

/* --- numbers of its own ------------------------------------------------------------------------- */

struct store_counters {
	uint64_t finds, writes;          /* concluded */
	uint64_t commits;                /* transactions; writes/commits = how well gathering works */
	uint64_t failed_writes, refused; /* not stored; refused at the queue's bound */
	uint64_t queue, queue_peak;      /* waiting now; most ever */
	uint64_t commit_us_max, commit_us_sum;
	uint64_t retired;      /* rows that retention let go */
	uint64_t keys_renewed; /* of people whose key was damaged, when they told something */
	uint64_t wal_bytes;   /* in use of the write-ahead log; it begins again from its start beyond 16 MB */
	uint64_t cache_bytes; /* pages of the database in memory: two connections' DB_CACHE_KIB at most */
};
void store_counters_read(const struct store *s, struct store_counters *out);

/* What takes more to read than the counters do. */
struct store_times {
	struct histogram commit; /* whole transactions */
	int64_t writing_us;      /* since the present round of writes was begun; 0 = none is under way */
	uint64_t queue_max;      /* the bound of counters.queue */
};
void store_times_read(const struct store *s, struct store_times *out);
/* Why it is failing, and what to do; constants. False: it is not. */
bool store_trouble(const struct store *s, const char **why, const char **remedy);

#endif
