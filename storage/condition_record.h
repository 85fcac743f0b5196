/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record at hand as conditions see it: a virtual table "record" of one row, so that a statement fetches only the columns
 * that it names and nothing is bound. Columns are the profile's fields, the system's (core/profile.h), and two for each
 * purpose; what is new among the system's gets its value in system_value.
 */
#ifndef STARHASH_STORAGE_CONDITION_RECORD_H
#define STARHASH_STORAGE_CONDITION_RECORD_H

#include <sqlite3.h>
#include <stddef.h>

#include "core/profile.h"
#include "core/record.h"

#define CONDITION_SYSTEM 13 /* columns of the system */
#define CONDITION_PURPOSES \
	(PROFILE_MAX_FIELDS + PROFILE_MAX_PURPOSES) /* each field may have one of its own */
#define CONDITION_COLUMNS_MAX (CONDITION_SYSTEM + PROFILE_MAX_FIELDS + 2 * CONDITION_PURPOSES)
#define CONDITION_CONSENT "consent_" /* consent_profile: does the consent to "profile" stand? */
#define CONDITION_REFUSED "refused_" /* refused_profile: was it refused, or withdrawn? */

struct condition_record {
	const struct profile *profile;
	const char *column[CONDITION_COLUMNS_MAX];
	size_t n_columns;
	char consent[2 * CONDITION_PURPOSES][sizeof CONDITION_CONSENT + PROFILE_NAME_SIZE];
	size_t n_consents;
	const struct record *now; /* what the table shows; set during an evaluation only */
};

/* Borrows the profile. It must not move from then on. */
void condition_record_init(struct condition_record *c, const struct profile *profile);
/* Make the table of a connection, which borrows *c. A code of SQLite's. */
int condition_record_declare(struct condition_record *c, sqlite3 *db);

#endif
