/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention: see config_retention.h. */
#include "gateway/config_retention.h"

void config_retention_check(struct config_reader *r, const config_t *file)
{
	const config_setting_t *starts = config_lookup(file, "retention.starts");

	if (starts && !config_lookup(file, "retention.lasts"))
		config_read_error(
			r, starts,
			"add lasts, such as lasts = \"3h\"; or take starts out: then it works at any time",
			"retention.starts says nothing without retention.lasts");
}

/* Whoever was asked is not asked again for a while, and the row tells when they were. */
struct store_retention config_retention(const struct config *c)
{
	struct store_retention out = c->retention;

	out.spent = out.values = true;
	for (size_t i = 0; out.relations_ms > 0 && i < c->relations.n; i++)
		if (out.relations_ms < c->relations.of[i].again_ms)
			out.relations_ms = c->relations.of[i].again_ms;
	return out;
}
