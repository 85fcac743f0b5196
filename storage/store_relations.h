/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relations: the part of the store port by which people are asked to belong together, answer, leave, and say who sent them
 * (docs/relations.md, docs/adr/0027).
 *
 * One operation of these a batch. Everything that it does (rows, consents of both sides, SMS to the other) is in the
 * batch's transaction. Words are templates in which "{other}" stands for the other's number: they are kept without it.
 */
#ifndef STARHASH_STORAGE_STORE_RELATIONS_H
#define STARHASH_STORAGE_STORE_RELATIONS_H

#include "storage/store.h"

#define STORE_OTHER "{other}"
#define STORE_ANSWER_LATE_MS (INT64_C(90) * 86400000) /* who answers later than this was not asked */

/* What the other is told, in one language. */
struct store_invite_words {
	const char *language;
	const char *ask;    /* to the other: the question */
	const char *yes;    /* to the other, who has said yes */
	const char *no;     /* or no */
	const char *joined; /* to whom invited; "" = nothing */
	const char *left;   /* to whom stays, when one of the two goes; "" = nothing */
};

struct store_invite {
	const char *type;
	int64_t msisdn; /* of the other; made known to the store as somebody whose number is all that is known */
	const char *words;         /* what the inviter has read and agreed to, as they saw it */
	const char *version;       /* of these words, NULL = none */
	const char *asked_version; /* of the question to the other */
	const char *language;      /* of them */
	enum store_channel channel;
	const char *route; /* of SMS to somebody else, STORE_OTHER for the number (store_batch_route) */
	size_t n; /* languages; the first is for whoever reads none of them but the inviter's is among them */
	const struct store_invite_words *in;
	int most, per_day; /* relations of a type; invitations in 24 hours */
	int asked_per_day; /* questions to the other in 24 hours, whoever asks; one more waits */
	int64_t lasts_ms, again_after_ms; /* an invitation stands so long; a pair is not asked again before */
};
/* Copied. Returns as store_batch_save, and RC_RANGE when it says nothing (no type, no words). */
enum rc store_batch_invite(struct store_batch *b, const struct store_invite *invite) RC_NODISCARD;
/* YES or NO by the batch's subscriber to the invitation that they were sent last. */
enum rc store_batch_answer(struct store_batch *b, bool yes, enum store_channel channel,
                           const char *route) RC_NODISCARD;
/* End the relation of a type, or take back the invitation, with this number. `words` = what was read. */
enum rc store_batch_leave(struct store_batch *b, const char *type, int64_t msisdn, const char *words,
                          const char *language, enum store_channel channel, const char *route) RC_NODISCARD;
/* The batch's subscriber says by whom they heard of us: once, and before they are registered. */
enum rc store_batch_refer(struct store_batch *b, int64_t msisdn) RC_NODISCARD;
/* By which way SMS to others leave that this batch causes otherwise (a consent to a type that is withdrawn). */
enum rc store_batch_route_other(struct store_batch *b, const char *route) RC_NODISCARD;

/* Invitations whose time is over end, and who waits behind them is asked: at most STORE_EXPIRE_MAX a call; `n` = how many, as
 * many as that: call again. RC_OK (fn will be called); RC_FULL (queue at its bound); RC_NOMEM. */
#define STORE_EXPIRE_MAX 100
typedef void store_expired_fn(void *ctx, enum rc rc, int64_t n);
enum rc store_relations_expire(struct store *s, store_expired_fn *fn, void *ctx) RC_NODISCARD;

const char *store_relation_name(enum store_relation r); /* "asked", "joined", ... */

#endif
