/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile: look-ups in what the operator declared, and the names that are not his to give. */
#include "core/profile.h"

#include <string.h>

const char *const profile_system_columns[] = {
	"registered", "state", "language", "first_seen", "last_seen", "msisdn", "stopped", NULL,
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

bool profile_is_system(const char *name)
{
	if (!name)
		return false;
	for (size_t i = 0; profile_system_columns[i]; i++)
		if (strcmp(profile_system_columns[i], name) == 0)
			return true;
	return false;
}
