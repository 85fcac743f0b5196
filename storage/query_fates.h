/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fates: what becomes of each kind of row about one person when they are erased, for the command line: destroyed, or kept,
 * and why. The one table of it: what `starhash erase` says, what `starhash retention` names as kept for ever.
 */
#ifndef STARHASH_STORAGE_QUERY_FATES_H
#define STARHASH_STORAGE_QUERY_FATES_H

#include "storage/query.h"

enum query_fate_kind {
	QUERY_FATE_DESTROYED,
	QUERY_FATE_KEPT,    /* until retention lets it go, where the operator wants it to */
	QUERY_FATE_FOR_EVER /* nothing lets it go */
};

struct query_fate {
	const char *what;   /* a short name: "history", "consents" */
	const char *is;     /* what it is, for people */
	const char *why;    /* kept: the reason */
	const char *option; /* kept until: the option that says for how long; NULL = none */
	enum query_fate_kind kind;
	const char *sql; /* counts it, ?1 = subscriber; NULL = not by rows */
};
extern const struct query_fate query_fates[];
extern const size_t query_fates_count;

#define QUERY_FATES_MAX 32
/* How many rows there are of each; rows[i] is of query_fates[i], -1 where it is not counted. RC_OK; RC_IO. */
enum rc query_fates_count_rows(struct query *q, int64_t subscriber,
                               int64_t rows[QUERY_FATES_MAX]) RC_NODISCARD;

/* Is the data key of an erased one still to be overwritten (storage/keyring.h)? RC_OK; RC_IO. */
enum rc query_key_is_doomed(struct query *q, int64_t subscriber, bool *out) RC_NODISCARD;

#endif
