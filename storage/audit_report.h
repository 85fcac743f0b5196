/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audit, from outside: blocking calls for the command line and for threads of their own, each with a connection of its own
 * beside a running daemon or without one. What the chain is: audit.h. */
#ifndef STARHASH_STORAGE_AUDIT_REPORT_H
#define STARHASH_STORAGE_AUDIT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

#define AUDIT_WORDS_MAX 1024 /* bytes of each text; the rest is left out */

struct audit_row {
	int64_t at_ms; /* UTC */
	const char *
		actor; /* "care:jane", or the channel: "ussd"; never a number. NULL = the operator who is at work */
	const char *
		action; /* "erase", "reveal name town": what was done, with the names of fields, never a value */
	int64_t subject;    /* subscriber's internal id; 0 = nobody's in particular */
	const char *reason; /* as the person gave it; "" = none */
};

/* Which store. */
struct audit_store {
	const char *path, *key_path; /* key_path NULL = beside the store */
	int busy_ms;                 /* 0 = 1000 */
};

/* Write a row and see it on the disk. RC_OK; RC_NOTFOUND (no store, no key); RC_STATE (another store's key; a cut chain; another
 * schema); RC_BUSY, RC_FULL, RC_IO, RC_NOMEM. `why` gets a sentence with a remedy. */
enum rc audit_note(const struct audit_store *s, const struct audit_row *row, char *why,
                   size_t why_size) RC_NODISCARD;

/* A row as it stands there. */
struct audit_entry {
	int64_t seq, at_ms, subject;
	const char *actor, *action, *reason; /* valid during the callback only */
};
typedef bool audit_entry_fn(void *ctx, const struct audit_entry *e); /* false: stop */

/* Newest first. */
struct audit_filter {
	int64_t subject;  /* 0 = all */
	int64_t since_ms; /* 0 = all */
	int64_t limit;    /* 0 = all */
};
enum rc audit_list(const struct audit_store *s, const struct audit_filter *filter, audit_entry_fn *fn,
                   void *ctx, char *why, size_t why_size) RC_NODISCARD;

/* The head as people write it down: "1234:jpdc...", a hash as 64 letters, a to p: no digits, so that whoever searches a log for
 * numbers finds none in it. */
#define AUDIT_HEAD_SIZE 88
enum rc audit_head_text(const struct audit_store *s, char out[AUDIT_HEAD_SIZE], char *why,
                        size_t why_size) RC_NODISCARD;

enum audit_fault {
	AUDIT_EDITED,  /* a row is not what was written */
	AUDIT_GONE,    /* rows from `seq` to `other` are not there */
	AUDIT_MOVED,   /* row `seq` holds what was written as row `other` */
	AUDIT_CUT,     /* rows from `seq` to `other`, the last ones, are not there */
	AUDIT_FOREIGN, /* row `seq` was not written by the program: it has no hash */
	AUDIT_UNPROVEN, /* row `seq` follows one that is gone or was changed with its hash: nothing is left to prove it by */
	AUDIT_AFTER,   /* rows from `seq` to `other` stand behind the head */
	AUDIT_NO_HEAD, /* the head is gone or not ours: whether the end was cut cannot be told */
	AUDIT_BEGUN, /* row `seq` begins the chain anew, because the head was gone: what was before is not proven */
	AUDIT_OTHER /* the head that was given is not of this chain: row `seq` */
};
typedef void audit_fault_fn(void *ctx, enum audit_fault fault, int64_t seq, int64_t other);

#define AUDIT_FAULTS_MAX 64 /* the first that are told in detail; the rest is counted */
struct audit_sums {
	int64_t rows, faults;
	int64_t adopted,
		adopted_ms; /* row that took those before it into the chain, and when; 0 = none did */
	char head[AUDIT_HEAD_SIZE];
};
/* From the first row to the last, in constant memory. `expected`: a head that was written down earlier, as audit_head_text gave it;
 * NULL = none. RC_OK, whatever was found; RC_SYNTAX (`expected` is none); and as audit_note. */
enum rc audit_verify(const struct audit_store *s, const char *expected, audit_fault_fn *fn, void *ctx,
                     struct audit_sums *sums, char *why, size_t why_size) RC_NODISCARD;

#endif
