/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Export: everybody who has a number, by rising internal id, for a file that an import takes again (docs/import.md).
 *
 * A block of subscribers is read in one short transaction and handed out after it ended: memory stays the same, and a slow
 * reader of the output holds nothing back. Two blocks are two snapshots; each subscriber is whole.
 */
#ifndef STARHASH_STORAGE_EXPORT_H
#define STARHASH_STORAGE_EXPORT_H

#include "storage/query.h"

struct export_subscriber {
	int64_t id, msisdn, first_ms, last_ms, swapped_ms;
	enum subscriber_state state;
	const char *language;
	bool stopped;
	const char **value; /* one for each field of the profile; NULL = not known, or not of the purpose */
	size_t n_consents, n_grants;
	const struct query_consent *consent; /* oldest first; with a purpose its own only */
	const struct query_grant *grant;     /* oldest first; with a purpose none */
};
/* Valid during the callback only. Return false to stop. */
typedef bool export_fn(void *ctx, const struct export_subscriber *s);

/* `purpose` NULL: everything. Else only those whose consent to it stands at now_ms, and only what was told under it. Private
 * values are "***" unless query_reveal was called before. RC_OK; RC_IO, RC_NOMEM. */
enum rc export_each(struct query *q, const char *purpose, int64_t now_ms, export_fn *fn,
                    void *ctx) RC_NODISCARD;

#endif
