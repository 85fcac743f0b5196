/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile: what may be known of a subscriber, as the operator declares it in profile.conf.
 *
 * A plain value, filled by the configuration loader, read by storage (columns, registration rule) and by
 * menus (checks). Field names are SQL-safe: a lower-case letter, then letters, digits, '_'; at most 31 bytes; none of
 * the system columns (profile_is_system).
 */
#ifndef STARHASH_CORE_PROFILE_H
#define STARHASH_CORE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#define PROFILE_MAX_FIELDS 32
#define PROFILE_MAX_OF 32
#define PROFILE_NAME_SIZE 32  /* bytes with NUL, of a field, purpose, bundle or screen name */
#define PROFILE_VALUE_MAX 160 /* bytes of one value */

struct profile_field {
	char name[PROFILE_NAME_SIZE];
	char consent[PROFILE_NAME_SIZE]; /* purpose that must stand before a value is kept; "" = none */
	bool is_private;
	bool is_required;
	size_t n_of; /* 0 = any text */
	char of[PROFILE_MAX_OF][PROFILE_NAME_SIZE];
};

struct profile {
	size_t n_fields;
	struct profile_field field[PROFILE_MAX_FIELDS];
};

/* Index of a field, or -1. */
int profile_field_by_name(const struct profile *p, const char *name);

/* The system columns that conditions and texts may use beside the fields: registered, state, language,
 * first_seen, last_seen, msisdn, stopped. The list ends with NULL. */
extern const char *const profile_system_columns[];
bool profile_is_system(const char *name);

#endif
