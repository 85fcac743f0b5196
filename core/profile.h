/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile: what may be known of a subscriber, and for which purposes, as the operator declares it in profile.conf.
 *
 * A plain value, filled by the configuration loader, read by storage (columns, registration rule, what a value must
 * look like) and by menus (checks). Field names are SQL-safe: a lower-case letter, then letters, digits, '_'; at most
 * 31 bytes; none of the system columns (profile_is_system). Whoever takes a value from outside (a phone, an agent, an
 * import) asks profile_check: there is one opinion of what fits.
 */
#ifndef STARHASH_CORE_PROFILE_H
#define STARHASH_CORE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROFILE_MAX_FIELDS 32
#define PROFILE_MAX_OF 32
#define PROFILE_MAX_PURPOSES 16
#define PROFILE_NAME_SIZE 32  /* bytes with NUL, of a field, purpose, bundle or screen name */
#define PROFILE_VALUE_MAX 160 /* bytes of one value */

enum profile_kind {
	PROFILE_TEXT,
	PROFILE_NUMBER, /* "-12", "3.5": digits, at most one point */
	PROFILE_DATE,   /* "1990-02-28", of the years 1900 to 2100 */
	PROFILE_PLACE   /* letters, digits and what stands between the words of an address */
};
const char *profile_kind_name(enum profile_kind k); /* "text", "number", "date", "place" */

struct profile_field {
	char name[PROFILE_NAME_SIZE];
	char consent[PROFILE_NAME_SIZE]; /* purpose that must stand before a value is kept; "" = none */
	enum profile_kind kind;
	bool is_private;  /* sealed in the store */
	bool is_findable; /* `find`: people may look for subscribers by it */
	bool is_required;
	bool several; /* values with commas between, each one of `of` */
	bool has_length;
	uint16_t length_least, length_most; /* characters; when has_length */
	bool has_range;
	int64_t range_least, range_most; /* numbers as they are; dates as yyyymmdd; when has_range */
	int64_t keep_ms; /* how long a value is kept after it was told; 0 = until it is taken back */
	size_t n_of;     /* 0 = any that the kind takes */
	char of[PROFILE_MAX_OF][PROFILE_NAME_SIZE];
};

struct profile_purpose {
	char name[PROFILE_NAME_SIZE];
	bool is_marketing; /* STOP withdraws it, and no gift may hang on it */
	int64_t lasts_ms;  /* how long a consent to it stands; 0 = until it is withdrawn */
};

struct profile {
	size_t n_fields;
	struct profile_field field[PROFILE_MAX_FIELDS];
	size_t n_purposes; /* 0 = not declared: any name that a field or a menu uses, none of marketing */
	struct profile_purpose purpose[PROFILE_MAX_PURPOSES];
	size_t n_forget; /* fields of before whose values are to go */
	char forget[PROFILE_MAX_FIELDS][PROFILE_NAME_SIZE];
};

/* Index of a field, or -1. */
int profile_field_by_name(const struct profile *p, const char *name);

/* NULL: not declared, or `p` is NULL. */
const struct profile_purpose *profile_purpose_by_name(const struct profile *p, const char *name);
/* May a menu ask for, or an import bring, a consent to `name`? Any, when purposes are not declared. */
bool profile_takes_purpose(const struct profile *p, const char *name);
bool profile_is_marketing(const struct profile *p, const char *purpose);
/* Of the purposes that are declared or, without, that fields name: the one nearest to `name`; NULL = none is near. */
const char *profile_nearest_purpose(const struct profile *p, const char *name);
/* Is a consent that was given at at_ms over at now_ms, because its purpose lasts no longer? */
bool profile_consent_is_over(const struct profile *p, const char *purpose, int64_t at_ms, int64_t now_ms);

/* Does the field take this value as it is written? When not, `why` (may be NULL) gets what would be right, such as
 * "one of head, job, study" or "a date such as 1990-02-28, from 1900-01-01 to 2010-12-31"; never the value itself. */
#define PROFILE_WHY_SIZE 200
bool profile_check(const struct profile_field *f, const char *value, char *why, size_t why_size);
/* yyyymmdd of "yyyy-mm-dd"; 0: not a date. */
int64_t profile_date(const char *value);
/* The same as a sentence for people without a value at hand: what the field takes. Returns out. */
char *profile_takes(const struct profile_field *f, char *out, size_t size);

/* The system columns that conditions and texts may use beside the fields: registered, state, language, first_seen,
 * last_seen, msisdn, stopped, verified (1 or 0), must_register (1: anonymous where the country does not allow it),
 * grace_days (until then; NULL where it is allowed), referrals (how many whom they brought have registered), related (with how many
 * people they are, by the consent of both), referred (1: has said by whom they came). The list
 * ends with NULL. Beside them each purpose has consent_PURPOSE and refused_PURPOSE, 1 or 0. */
extern const char *const profile_system_columns[];
bool profile_is_system(const char *name);

#endif
