/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long answers take, for the status report: all groups and kinds of screens together, since the start. Whoever asks twice
 * has the times between by subtraction. */
#include "core/histogram.h"
#include "gateway/control_private.h"
#include "gateway/dialogue.h"

static void merge(const struct dialogues *ds, struct histogram *out)
{
	for (unsigned group = 0; group < DIALOGUE_GROUPS; group++)
		for (unsigned kind = 0; kind < DIALOGUE_TIMES_KINDS; kind++) {
			const struct histogram *h = dialogue_times(ds, group, kind);

			if (h != NULL)
				histogram_merge(out, h);
		}
}

json_t *control_times(const struct dialogues *ds)
{
	struct histogram all = {0};
	json_t *bounds = json_array(), *buckets = json_array();

	merge(ds, &all);
	for (int i = 0; i < HISTOGRAM_BOUNDS; i++)
		json_array_append_new(bounds, json_integer((json_int_t)histogram_bound_us[i]));
	for (int i = 0; i <= HISTOGRAM_BOUNDS; i++)
		json_array_append_new(buckets, json_integer((json_int_t)all.bucket[i]));
	return json_pack("{s:I, s:I, s:o, s:o}", "count", (json_int_t)all.count, "sum_us",
	                 (json_int_t)all.sum_us, "up_to_us", bounds, "answers", buckets);
}
