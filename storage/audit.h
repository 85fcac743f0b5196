/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audit: who did what to whose data, and why, as a chain that shows what was changed afterwards (docs/adr/0028).
 *
 * Each row carries a hash under the store's audit key over itself, its number and the row before; the head, with a hash
 * of its own, says which row is the last. So a row that was edited, removed, put elsewhere or cut off is found by whoever
 * has the key (audit_report.h), and none can be made without it. Every row of the table is written here and nowhere else;
 * the writer of a connection, inside a transaction that is open. Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_AUDIT_H
#define STARHASH_STORAGE_AUDIT_H

#include <sqlite3.h>
#include <stdint.h>

#include "core/digest.h"
#include "storage/audit_report.h" /* struct audit_row */

struct audit;

/* The key, key_set.audit (storage/key.h), is copied. */
int audit_new(sqlite3 *db, const uint8_t *key, struct audit **out);
void audit_free(struct audit *a); /* NULL is fine */
/* Who is meant by rows without an actor: "care:jane" of a command; borrowed. NULL = "operator". */
void audit_set_operator(struct audit *a, const char *actor);

/* SQLITE_OK: it is durable with the transaction that is open. A head that is gone or not ours holds nobody up: the chain is
 * begun anew with a row that says so for ever, and the log has an error. */
int audit_add(struct audit *a, const struct audit_row *row);

/* How that row is known. */
#define AUDIT_ANEW "audit begun anew"

/* The key has just been made, in the open transaction: the rows that are there, of an older program or of before the key was lost,
 * are chained, with a row that says how many; and the head is written. A key is born once, so no row without a hash is ever
 * taken at another time, and a head without one never is an old one. SQLITE_MISMATCH: there are rows of a chain, whose key is
 * gone: nothing may be adopted. */
int audit_adopt(sqlite3 *db, const uint8_t *key, int64_t at_ms);
#define AUDIT_ADOPTED "audit chained" /* how its row is known */

/* The key is lost for good (storage/key.h): adds the row that says so, and unchains all rows, which are adopted when the next key
 * is made. In the open transaction. */
int audit_unchain(sqlite3 *db, const struct audit_row *row);

/* --- for those who read ------------------------------------------------------------------------------------------ */

/* What a row says, texts as their hashes: of any length, and cheap to keep. */
struct audit_content {
	int64_t at_ms, subject;
	uint8_t text[3][DIGEST_KEYED_SIZE]; /* actor, action, reason */
};
struct audit_hash {
	uint8_t byte[DIGEST_KEYED_SIZE];
};
/* Columns 0 to 5 of a statement: seq, at, subject, actor, action, reason. */
void audit_content_read(const uint8_t *key, sqlite3_stmt *st, struct audit_content *out);
void audit_hash_row(const uint8_t *key, const struct audit_hash *before, int64_t seq,
                    const struct audit_content *c, struct audit_hash *out);
void audit_hash_head(const uint8_t *key, int64_t seq, const struct audit_hash *last, struct audit_hash *out);

struct audit_head {
	int64_t seq;
	struct audit_hash last; /* of that row */
};
/* SQLITE_OK; SQLITE_NOTFOUND: there is none, or it is not ours (*out has what it says, if anything); or an error. */
int audit_head_read(sqlite3 *db, const uint8_t *key, struct audit_head *out);

#endif
