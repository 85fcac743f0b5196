/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile: look-ups in what the operator declared, and the names that are not his to give. */
#include "core/profile.h"

#include <string.h>

#include "core/nearest.h"

const char *const profile_system_columns[] = {
	"registered", "state",         "language",   "first_seen", "last_seen", "msisdn",   "stopped",
	"verified",   "must_register", "grace_days", "referrals",  "related",   "referred", NULL,
};

int profile_field_by_name(const struct profile *p, const char *name)
{
	if (!p || !name)
		return -1;
	for (size_t i = 0; i < p->n_fields; i++)
		if (strcmp(p->field[i].name, name) == 0)
			return (int)i;
	return -1;
}

const struct profile_purpose *profile_purpose_by_name(const struct profile *p, const char *name)
{
	for (size_t i = 0; p && name && i < p->n_purposes; i++)
		if (strcmp(p->purpose[i].name, name) == 0)
			return &p->purpose[i];
	return NULL;
}

bool profile_takes_purpose(const struct profile *p, const char *name)
{
	return !p || p->n_purposes == 0 || profile_purpose_by_name(p, name) != NULL;
}

bool profile_is_marketing(const struct profile *p, const char *purpose)
{
	const struct profile_purpose *found = profile_purpose_by_name(p, purpose);

	return found && found->is_marketing;
}

const char *profile_nearest_purpose(const struct profile *p, const char *name)
{
	const char *names[PROFILE_MAX_FIELDS + PROFILE_MAX_PURPOSES];
	size_t n = 0;

	for (size_t i = 0; p && i < p->n_purposes; i++)
		names[n++] = p->purpose[i].name;
	for (size_t i = 0; p && n == 0 && i < p->n_fields; i++)
		if (p->field[i].consent[0])
			names[n++] = p->field[i].consent;
	return nearest_word(name, names, n);
}

bool profile_consent_is_over(const struct profile *p, const char *purpose, int64_t at_ms, int64_t now_ms)
{
	const struct profile_purpose *found = profile_purpose_by_name(p, purpose);

	return found && found->lasts_ms > 0 && now_ms - at_ms >= found->lasts_ms;
}

bool profile_is_system(const char *name)
{
	if (!name)
		return false;
	for (size_t i = 0; profile_system_columns[i]; i++)
		if (strcmp(profile_system_columns[i], name) == 0)
			return true;
	return false;
}
