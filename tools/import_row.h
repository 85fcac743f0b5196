/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import row: what one record of a file says of one subscriber, whatever the format, and the batch that stores it.
 *
 * A reader (import_csv.h, import_json.h) names values one by one; each is judged here as it would be from a phone, and the
 * first thing that is wrong is kept with the name of where it stands, never with the value. Texts are borrowed until
 * import_row_batch.
 */
#ifndef STARHASH_TOOLS_IMPORT_ROW_H
#define STARHASH_TOOLS_IMPORT_ROW_H

#include "core/msisdn.h"
#include "core/profile.h"
#include "storage/store_import.h"

#define IMPORT_CONSENTS_MAX 512 /* of one row: a history, of JSON lines */
#define IMPORT_GRANTS_MAX 512

struct import_consent {
	const char *purpose, *state, *words, *language, *channel, *at, *version, *proof; /* NULL = not said */
	char where[PROFILE_NAME_SIZE + 16]; /* its name in messages: "consent.profile", "consents[2]" */
	int64_t order_ms;                   /* while they are put in order */
	size_t place;
};
struct import_gift {
	const char *bundle, *key, *gives, *state, *at, *expires;
};

/* What holds for every row of a run. */
struct import_plan {
	const struct profile *profile;
	const struct msisdn_plan *country;
	enum store_existing existing;
	int64_t now_ms;
	int64_t run;     /* 0 = a dry run */
	bool may_verify; /* may rows say that somebody is who they say? */
};

struct import_row {
	const struct import_plan *plan;
	const char *msisdn, *state, *language, *first_seen, *last_seen, *new_since;
	const char *stopped; /* "true", "false", "1", "0", "yes", "no" */
	const char *value[PROFILE_MAX_FIELDS];
	size_t n_consents, n_grants;
	struct import_consent *consent; /* room for IMPORT_CONSENTS_MAX */
	struct import_gift *grant;
	char why[STORE_IMPORT_WHY_SIZE]; /* "" = nothing is wrong so far */
};

bool import_row_init(struct import_row *r, const struct import_plan *plan); /* false: memory is out */
void import_row_fini(struct import_row *r);
void import_row_reset(struct import_row *r);
/* The first fault is kept. */
void import_row_fault(struct import_row *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where the system's own columns are kept; NULL: no such name. */
const char **import_row_system(struct import_row *r, const char *name);
/* Of a consent: "state", "words", ...; NULL: no such name. */
const char **import_consent_part(struct import_consent *c, const char *name);
/* Both end with NULL. */
extern const char *const import_system_names[];
extern const char *const import_consent_names[];

/* The batch, which owns copies; NULL: r->why says what is wrong, or that memory is out. */
struct store_batch *import_row_batch(struct import_row *r);

#endif
