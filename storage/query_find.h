/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has said so: subscribers by a value of a field that has find = true (storage/find.h). */
#ifndef STARHASH_STORAGE_QUERY_FIND_H
#define STARHASH_STORAGE_QUERY_FIND_H

#include "storage/query.h"

#define QUERY_FOUND_MAX 100

struct query_found {
	size_t n;
	bool more; /* than are told */
	struct {
		int64_t id, msisdn; /* msisdn 0: they have no number any more */
	} one[QUERY_FOUND_MAX];
};
/* By rising id. Case and spacing do not count. Whoever calls it has written into the audit who asks, and why. RC_OK, also when
 * there is nobody; RC_NOTFOUND, RC_STATE (the keys: query_why); RC_IO. */
enum rc query_find(struct query *q, size_t field, const char *value, struct query_found *out) RC_NODISCARD;

#endif
