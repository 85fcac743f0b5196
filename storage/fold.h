/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fold: what one batch makes of one subscriber's record, before anything is written.
 *
 * Pure but for the record. Where it refuses, nothing of the batch may be written; so no savepoint is needed.
 */
#ifndef STARHASH_STORAGE_FOLD_H
#define STARHASH_STORAGE_FOLD_H

#include "storage/profile_rows.h"
#include "storage/store_batch.h"

struct fold {
	struct record *record;
	struct store_resume resume;
	bool subscriber_changed;
	bool erased;
	bool unproven; /* they were verified before, and are not any more */
	struct profile_change profile;
};

/* RC_OK; RC_STATE (a value without its consent, a consent to marketing after STOP, more consents than a record holds);
 * RC_RANGE (no such field, or one that does not take the value); RC_NOMEM. */
enum rc fold_batch(const struct profile *profile, const struct store_batch *b, struct fold *o) RC_NODISCARD;

#endif
