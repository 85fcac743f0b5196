/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status of limits: see status_limits.h. */
#include "tools/status_limits.h"

#include <stdlib.h>

#include "core/clock.h"
#include "storage/query_limits.h"

static json_t *at_text(int64_t utc_ms)
{
	char text[CLOCK_TEXT_SIZE];

	return utc_ms ? json_string(clock_utc_text(utc_ms, text)) : json_null();
}

static json_t *left_json(const char *name, int64_t gifts, int64_t spent)
{
	return json_pack("{s:s, s:I, s:I, s:I}", "name", name, "gifts", (json_int_t)gifts, "spent",
	                 (json_int_t)spent, "left", (json_int_t)(gifts > spent ? gifts - spent : 0));
}

static json_t *limits_json(const struct query_limits *l)
{
	json_t *refused = json_object(), *budgets = json_array(), *today = json_array();

	for (int r = REFUSAL_HAD; r < REFUSALS_; r++)
		json_object_set_new(refused, refusal_name((enum refusal)r),
		                    json_integer((json_int_t)l->refused[r]));
	for (size_t i = 0; i < l->n_budgets; i++) {
		const struct store_budget *b = l->budget[i].budget;
		json_t *o = left_json(b->name, b->gifts, l->budget[i].spent);

		json_object_set_new(o, "from", at_text(b->from_ms));
		json_object_set_new(o, "until", at_text(b->until_ms));
		json_array_append_new(budgets, o);
	}
	for (size_t i = 0; i < l->n_caps; i++)
		json_array_append_new(
			today, left_json(l->cap[i].cap->bundle, l->cap[i].cap->gifts, l->cap[i].spent));
	return json_pack("{s:I, s:o, s:o, s:o, s:o}", "held", (json_int_t)l->held, "held_since",
	                 at_text(l->oldest_held_ms), "refused", refused, "budgets", budgets, "bundles_today",
	                 today);
}

json_t *status_limits(const struct config *config)
{
	struct query_limits *l = calloc(1, sizeof *l);
	struct query *q = NULL;
	json_t *out = NULL;
	char why[300];

	if (l && query_open(config->store_path, &config->profile, &q, why, sizeof why) == RC_OK &&
	    query_limits_read(q, &config->limits, clock_utc_ms(clock_system()), l) == RC_OK)
		out = limits_json(l);
	query_close(q);
	free(l);
	return out;
}
