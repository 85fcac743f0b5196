/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys, from outside: blocking calls for the command line, each with a connection of its own, beside a running daemon or
 * without one. What the keys are: key.h, keyring.h. */
#ifndef STARHASH_STORAGE_KEY_REPORT_H
#define STARHASH_STORAGE_KEY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/profile.h"
#include "core/rc.h"

struct key_store { /* which */
	const char *path, *key_path;
};

struct key_report {
	int64_t made_ms, rotated_ms; /* UTC; rotated 0 = never */
	int64_t subscribers, last;   /* how many; the highest id */
	int64_t slots;               /* of the keyring, for subscribers to come too */
	int64_t keys, destroyed;     /* of subscribers that there are */
	int64_t damaged; /* zeros where somebody's key was; when they were looked at, also keys that do not open */
	int64_t damaged_first; /* a subscriber of them, 0 = not known */
	int64_t returned,
		returned_first; /* have a number, and the mark of an erasure: the store is an older one */
	int64_t doomed;         /* erased, and the key is still there */
	int64_t plain;          /* columns that are not sealed to their end */
};
/* `verify`: open every key. RC_OK; else nothing was found out: as key_read and keyring_open, RC_NOTFOUND also: there is no store.
 * `why` gets a sentence with a remedy. */
enum rc key_report_read(const struct key_store *s, const struct profile *profile, bool verify,
                        struct key_report *out, char *why, size_t why_size) RC_NODISCARD;

/* key_rotate. */
enum rc key_report_rotate(const struct key_store *s, int64_t at_ms, char *why, size_t why_size) RC_NODISCARD;

/* keyring_copy; *slots = how many are in it. */
enum rc key_report_copy(const struct key_store *s, const char *to, int64_t *slots, char *why,
                        size_t why_size) RC_NODISCARD;

/* The keyring is lost for good, or what there is of it ends too early: what only the lost keys open is blanked, so that the store
 * can be opened and those people are asked again; with an audit row. While no daemon runs. *texts = how many were blanked.
 * RC_OK; RC_EXISTS (nothing is lost); RC_BUSY; and as key_report_read. */
struct audit_row;
enum rc key_report_lost(const struct key_store *s, const struct audit_row *row, int64_t *texts, char *why,
                        size_t why_size) RC_NODISCARD;

#endif
