/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that no field of profile.conf can have: columns of the store's own table, and words that SQL keeps for itself. */
#include <string.h>

#include "gateway/config_profile.h"

/* clang-format off */
static const char *const reserved[] = {
	"id", "rowid", "oid", "all", "alter", "and", "as", "between", "by", "case", "check", "collate",
	"column", "commit", "constraint", "create", "current_date", "current_time", "current_timestamp",
	"default", "delete", "desc", "distinct", "drop", "else", "escape", "except", "exists", "for",
	"foreign", "from", "full", "group", "having", "in", "index", "inner", "insert", "intersect",
	"into", "is", "isnull", "join", "key", "left", "like", "limit", "natural", "not", "notnull",
	"null", "offset", "on", "or", "order", "outer", "primary", "references", "right", "rollback",
	"row", "select", "set", "table", "then", "to", "transaction", "trigger", "union", "unique",
	"update", "using", "values", "view", "when", "where", "with", "without",
};
/* clang-format on */

bool config_profile_is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return false;
}
