/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verification: see verification.h. */
#include "storage/verification.h"

#include <stdlib.h>

#include "storage/sql.h"
#include "storage/vault.h"

enum statement { ST_ADD, ST_UNDO, ST_BLANK, ST_COUNT_ };

struct verification {
	struct vault *vault;
	sqlite3_stmt *st[ST_COUNT_];
};

static const char *const texts[ST_COUNT_] = {
	[ST_ADD] = "INSERT INTO verification (subscriber, at, proof) VALUES (?1, ?2, ?3)",
	[ST_UNDO] = "UPDATE verification SET undone = ?2 WHERE subscriber = ?1 AND undone = 0",
	[ST_BLANK] = "UPDATE verification SET proof = '' WHERE subscriber = ?1 AND proof <> ''",
};

int verification_new(sqlite3 *db, struct vault *vault, struct verification **out)
{
	struct verification *v = calloc(1, sizeof *v);
	int code = SQLITE_OK;

	if (!v)
		return SQLITE_NOMEM;
	v->vault = vault;
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &v->st[i]);
	if (code != SQLITE_OK) {
		verification_free(v);
		return code;
	}
	*out = v;
	return SQLITE_OK;
}

void verification_free(struct verification *v)
{
	if (!v)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(v->st[i]);
	free(v);
}

int verification_add(struct verification *v, int64_t subscriber, int64_t at_ms, const char *proof)
{
	char room[VAULT_TEXT_SIZE(VERIFICATION_PROOF_MAX)];
	sqlite3_stmt *st = v->st[ST_ADD];
	int code = verification_undo(v, subscriber, at_ms);

	if (code != SQLITE_OK)
		return code;
	sql_bind_int(st, 1, subscriber);
	sql_bind_int(st, 2, at_ms);
	code = vault_bind_living(v->vault, st, 3, subscriber, "verification.proof", proof, room, sizeof room);
	if (code == SQLITE_OK)
		code = sql_run(st);
	else
		(void)sqlite3_reset(st);
	return code;
}

int verification_undo(struct verification *v, int64_t subscriber, int64_t at_ms)
{
	sql_bind_int(v->st[ST_UNDO], 1, subscriber);
	sql_bind_int(v->st[ST_UNDO], 2, at_ms);
	return sql_run(v->st[ST_UNDO]);
}

int verification_blank(struct verification *v, int64_t subscriber)
{
	sql_bind_int(v->st[ST_BLANK], 1, subscriber);
	return sql_run(v->st[ST_BLANK]);
}
