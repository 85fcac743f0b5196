/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has said so: see query_find.h. */
#include "storage/query_find.h"

#include <stdio.h>

#include "storage/db.h"
#include "storage/query_private.h"
#include "storage/sql.h"
#include "storage/vault.h"

static const char text[] = "SELECT f.subscriber, coalesce(s.msisdn, 0) FROM profile_find f "
			   "JOIN subscriber s ON s.id = f.subscriber WHERE f.field = ?1 AND f.hash = ?2 "
			   "ORDER BY f.subscriber LIMIT ?3";

enum rc query_find(struct query *q, size_t field, const char *value, struct query_found *out)
{
	const char *name = q->profile->field[field].name;
	char where[sizeof "profile." + PROFILE_NAME_SIZE];
	uint8_t hash[DIGEST_KEYED_SIZE];
	enum rc rc = query_reveal(q);
	sqlite3_stmt *st;
	int code;

	if (rc != RC_OK)
		return rc;
	*out = (struct query_found){0};
	if (!q->vault) /* nobody has told anything yet */
		return RC_OK;
	code = sqlite3_prepare_v2(query_db(q), text, -1, &st, NULL);
	if (code != SQLITE_OK)
		return db_rc(code);
	(void)snprintf(where, sizeof where, "profile.%s", name);
	vault_hash(q->vault, where, value, hash);
	sql_bind_text(st, 1, name);
	(void)sqlite3_bind_blob(st, 2, hash, sizeof hash, SQLITE_STATIC);
	sql_bind_int(st, 3, QUERY_FOUND_MAX + 1);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		if (out->n == QUERY_FOUND_MAX) {
			out->more = true;
			continue;
		}
		out->one[out->n].id = sqlite3_column_int64(st, 0);
		out->one[out->n++].msisdn = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE ? RC_OK : RC_IO;
}
