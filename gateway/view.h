/* SPDX-License-Identifier: GPL-3.0-or-later */
/* View: what may be seen of one subscriber, by whoever asks: `starhash show`, the control socket, an export.
 *
 * Private values, what was shown as proof and the numbers of others are "***" unless they were named in the audit: whoever
 * reveals asks first what there is (view_look), has it written down, and shows that and nothing else.
 */
#ifndef STARHASH_GATEWAY_VIEW_H
#define STARHASH_GATEWAY_VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "storage/query.h"

#define VIEW_ACTION_SIZE (16 + PROFILE_MAX_FIELDS * PROFILE_NAME_SIZE)

struct view_reveal {
	bool field[PROFILE_MAX_FIELDS];
	bool proof, relations;
	int64_t subject;               /* internal id */
	char action[VIEW_ACTION_SIZE]; /* for the audit: "reveal name town relations" */
};
/* What is private and known of this one. */
void view_look(const struct query_subscriber *s, struct view_reveal *out);

/* A value as it may be seen; NULL = not known. */
const char *view_value(const struct query_subscriber *s, size_t field, const struct view_reveal *reveal);
const char *view_past(const struct query_subscriber *s, const struct query_past *past,
                      const struct view_reveal *reveal);

/* In one word where they came from: "import", or the channel of their first consent or interaction; "" = not known. */
const char *view_source(const struct query_subscriber *s);

struct view_options {
	const struct view_reveal *reveal; /* NULL = nothing private */
	const char *
		live; /* what the daemon said (control.h, "live MSISDN"), as JSON; NULL = none answered, or nobody asked */
	int64_t now_ms; /* UTC; which bundles are still good. 0 = as the clock has it */
};

/* One subscriber as JSON: the MSISDN is a string, times are ISO-8601 in UTC, a value that is not known is null. For the
 * caller to free; NULL when memory is out. */
char *view_json(const struct query_subscriber *s, const struct view_options *o, bool pretty);
/* The same with a new line. False when memory is out or `to` fails. */
bool view_json_print(const struct query_subscriber *s, const struct view_options *o, bool pretty, FILE *to);

#endif
