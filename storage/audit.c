/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audit: see audit.h. Why a chain, and what it cannot show: docs/adr/0028-audit-and-roles.md.
 *
 * The head is read anew for each row: the daemon and the commands beside it all add to the one chain.
 */
#include "storage/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "storage/sql.h"

/* As in 0010_audit.sql. */
#define NO_UPDATE                                                                                           \
	"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "                                            \
	"WHEN OLD.hash IS NOT NULL OR NEW.seq <> OLD.seq OR NEW.at <> OLD.at OR NEW.actor <> OLD.actor OR " \
	"NEW.action <> OLD.action OR NEW.subject <> OLD.subject OR NEW.reason <> OLD.reason "               \
	"BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"

enum { ST_ADD, ST_HEAD_SET, ST_LAST, ST_COUNT_ };

static const char *const texts[ST_COUNT_] = {
	[ST_ADD] = ("INSERT INTO audit (seq, at, subject, actor, action, reason, hash) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
	[ST_HEAD_SET] = "INSERT OR REPLACE INTO audit_head (id, seq, last, mac) VALUES (1, ?1, ?2, ?3)",
	[ST_LAST] = "SELECT coalesce(max(seq), 0) FROM audit",
};

struct audit {
	sqlite3 *db;
	uint8_t key[DIGEST_KEY_SIZE];
	const char *operator; /* NULL = not known by name */
	sqlite3_stmt *st[ST_COUNT_];
};

/* --- hashes --------------------------------------------------------------------------------------------------------- */

static uint8_t *put_int(uint8_t *at, int64_t value)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		*at++ = (uint8_t)((uint64_t)value >> shift);
	return at;
}

static void content_of(const uint8_t *key, const struct audit_row *row, struct audit_content *out)
{
	const char *const text[3] = {row->actor, row->action, row->reason};

	out->at_ms = row->at_ms;
	out->subject = row->subject;
	for (int i = 0; i < 3; i++)
		digest_keyed(key, text[i], strlen(text[i]), out->text[i]);
}

void audit_content_read(const uint8_t *key, sqlite3_stmt *st, struct audit_content *out)
{
	out->at_ms = sqlite3_column_int64(st, 1);
	out->subject = sqlite3_column_int64(st, 2);
	for (int i = 0; i < 3; i++) {
		const void *text = sqlite3_column_text(st, 3 + i);

		digest_keyed(key, text ? text : "", text ? (size_t)sqlite3_column_bytes(st, 3 + i) : 0,
		             out->text[i]);
	}
}

void audit_hash_row(const uint8_t *key, const struct audit_hash *before, int64_t seq,
                    const struct audit_content *c, struct audit_hash *out)
{
	uint8_t bytes[1 + sizeof before->byte + 3 * 8 + sizeof c->text], *at = bytes;

	*at++ = 'r'; /* no row is a head, and no head a row */
	memcpy(at, before->byte, sizeof before->byte);
	at = put_int(at + sizeof before->byte, seq);
	at = put_int(at, c->at_ms);
	at = put_int(at, c->subject);
	memcpy(at, c->text, sizeof c->text);
	digest_keyed(key, bytes, sizeof bytes, out->byte);
}

void audit_hash_head(const uint8_t *key, int64_t seq, const struct audit_hash *last, struct audit_hash *out)
{
	uint8_t bytes[1 + 8 + sizeof last->byte], *at = bytes;

	*at++ = 'h';
	at = put_int(at, seq);
	memcpy(at, last->byte, sizeof last->byte);
	digest_keyed(key, bytes, sizeof bytes, out->byte);
}

/* --- the head ------------------------------------------------------------------------------------------------------- */

static bool blob_read(sqlite3_stmt *st, int column, struct audit_hash *out)
{
	const void *blob = sqlite3_column_blob(st, column);

	if (!blob || sqlite3_column_bytes(st, column) != (int)sizeof out->byte)
		return false;
	memcpy(out->byte, blob, sizeof out->byte);
	return true;
}

int audit_head_read(sqlite3 *db, const uint8_t *key, struct audit_head *out)
{
	struct audit_hash mac, wanted;
	sqlite3_stmt *st = NULL;
	int code =
		sqlite3_prepare_v2(db, "SELECT seq, last, mac FROM audit_head WHERE id = 1", -1, &st, NULL);
	bool fits = false;

	*out = (struct audit_head){0};
	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		out->seq = sqlite3_column_int64(st, 0);
		fits = blob_read(st, 1, &out->last) && blob_read(st, 2, &mac);
	}
	(void)sqlite3_finalize(st);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return code;
	if (fits) {
		audit_hash_head(key, out->seq, &out->last, &wanted);
		fits = memcmp(wanted.byte, mac.byte, sizeof wanted.byte) == 0;
	}
	return fits ? SQLITE_OK : SQLITE_NOTFOUND;
}

static int head_set(struct audit *a, const struct audit_head *h)
{
	sqlite3_stmt *st = a->st[ST_HEAD_SET];
	struct audit_hash mac;

	audit_hash_head(a->key, h->seq, &h->last, &mac);
	sql_bind_int(st, 1, h->seq);
	(void)sqlite3_bind_blob(st, 2, h->last.byte, sizeof h->last.byte, SQLITE_STATIC);
	(void)sqlite3_bind_blob(st, 3, mac.byte, sizeof mac.byte, SQLITE_STATIC);
	return sql_run(st);
}

/* --- rows ----------------------------------------------------------------------------------------------------------- */

static void bound(const char *text, char out[AUDIT_WORDS_MAX + 1])
{
	size_t len = text ? strnlen(text, AUDIT_WORDS_MAX) : 0;

	while (len == AUDIT_WORDS_MAX && len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--; /* not in the middle of a letter */
	memcpy(out, text ? text : "", len);
	out[len] = '\0';
}

/* The row after `h`, which moves on to it. */
static int put(struct audit *a, struct audit_head *h, const struct audit_row *row)
{
	sqlite3_stmt *st = a->st[ST_ADD];
	struct audit_content content;
	struct audit_hash hash;

	content_of(a->key, row, &content);
	audit_hash_row(a->key, &h->last, h->seq + 1, &content, &hash);
	h->seq++;
	h->last = hash;
	sql_bind_int(st, 1, h->seq);
	sql_bind_int(st, 2, row->at_ms);
	sql_bind_int(st, 3, row->subject);
	sql_bind_text(st, 4, row->actor);
	sql_bind_text(st, 5, row->action);
	sql_bind_text(st, 6, row->reason);
	(void)sqlite3_bind_blob(st, 7, hash.byte, sizeof hash.byte, SQLITE_STATIC);
	return sql_run(st);
}

/* The number goes on behind every row that is known of; nothing before is proven by it. */
static int begin_anew(struct audit *a, struct audit_head *h, int64_t at_ms)
{
	const struct audit_row row = {.at_ms = at_ms,
	                              .actor = "starhash",
	                              .action = AUDIT_ANEW,
	                              .reason = "the head of the chain was gone, or not of this store"};
	sqlite3_stmt *st = a->st[ST_LAST];
	int code = sqlite3_step(st);
	int64_t last = code == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;

	(void)sqlite3_reset(st);
	if (code != SQLITE_ROW)
		return code;
	LOG_EVENT(LOG_LV_ERROR, "store", "audit_broken", "after", LOG_INT(last), "remedy",
	          "somebody has changed the database: starhash audit verify says where");
	*h = (struct audit_head){.seq = last};
	return put(a, h, &row);
}

int audit_add(struct audit *a, const struct audit_row *row)
{
	char actor[AUDIT_WORDS_MAX + 1], action[AUDIT_WORDS_MAX + 1], reason[AUDIT_WORDS_MAX + 1];
	struct audit_row bounded = {.at_ms = row->at_ms,
	                            .actor = actor,
	                            .action = action,
	                            .subject = row->subject,
	                            .reason = reason};
	struct audit_head h;
	int code = audit_head_read(a->db, a->key, &h);

	bound(row->actor ? row->actor : a->operator ? a->operator : "operator", actor);
	bound(row->action, action);
	bound(row->reason, reason);
	if (code == SQLITE_NOTFOUND)
		code = begin_anew(a, &h, row->at_ms);
	if (code == SQLITE_OK)
		code = put(a, &h, &bounded);
	return code == SQLITE_OK ? head_set(a, &h) : code;
}

/* --- rows of before ------------------------------------------------------------------------------------------------- */

static int hash_set(sqlite3_stmt *st, const struct audit_head *h)
{
	sql_bind_int(st, 1, h->seq);
	(void)sqlite3_bind_blob(st, 2, h->last.byte, sizeof h->last.byte, SQLITE_STATIC);
	return sql_run(st);
}

static int chain_rows(struct audit *a, struct audit_head *h, int64_t *n)
{
	sqlite3_stmt *read = NULL, *set = NULL;
	int code = sql_prepare(
		a->db, "SELECT seq, at, subject, actor, action, reason FROM audit ORDER BY seq", &read);

	*n = 0;
	if (code == SQLITE_OK)
		code = sql_prepare(a->db, "UPDATE audit SET hash = ?2 WHERE seq = ?1", &set);
	while (code == SQLITE_OK && (code = sqlite3_step(read)) == SQLITE_ROW) {
		struct audit_content content;
		struct audit_hash hash;

		audit_content_read(a->key, read, &content);
		h->seq = sqlite3_column_int64(read, 0);
		audit_hash_row(a->key, &h->last, h->seq, &content, &hash);
		h->last = hash;
		code = hash_set(set, h);
		++*n;
	}
	(void)sqlite3_finalize(read);
	(void)sqlite3_finalize(set);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int chain_begin(struct audit *a, int64_t at_ms)
{
	char reason[80];
	struct audit_row row = {
		.at_ms = at_ms, .actor = "starhash", .action = AUDIT_ADOPTED, .reason = reason};
	struct audit_head h = {0};
	int64_t n;
	int code = chain_rows(a, &h, &n);

	if (code == SQLITE_OK && n > 0) {
		(void)snprintf(reason, sizeof reason, "%lld rows of before the store's keys were made",
		               (long long)n);
		code = put(a, &h, &row);
		LOG_EVENT(LOG_LV_WARN, "store", "audit_chained", "rows", LOG_INT(n), "remedy",
		          "expected once, at the first start of this version or after the key was lost; else "
		          "somebody has taken the store's keys away");
	}
	return code == SQLITE_OK ? head_set(a, &h) : code;
}

int audit_adopt(sqlite3 *db, const uint8_t *key, int64_t at_ms)
{
	struct audit *a = NULL;
	int64_t has_chained = 0;
	int code = sql_int(db, "SELECT EXISTS (SELECT 1 FROM audit WHERE hash IS NOT NULL)", &has_chained);

	if (code == SQLITE_OK && has_chained)
		return SQLITE_MISMATCH;
	if (code == SQLITE_OK)
		code = audit_new(db, key, &a);
	if (code == SQLITE_OK)
		code = chain_begin(a, at_ms);
	audit_free(a);
	return code;
}

int audit_unchain(sqlite3 *db, const struct audit_row *row)
{
	sqlite3_stmt *st = NULL;
	int code = sql_prepare(db,
	                       "INSERT INTO audit (at, actor, action, subject, reason) "
	                       "VALUES (?1, ?2, ?3, ?4, ?5)",
	                       &st);

	if (code == SQLITE_OK) {
		sql_bind_int(st, 1, row->at_ms);
		sql_bind_text(st, 2, row->actor);
		sql_bind_text(st, 3, row->action);
		sql_bind_int(st, 4, row->subject);
		sql_bind_text(st, 5, row->reason);
		code = sql_run(st);
	}
	(void)sqlite3_finalize(st);
	if (code == SQLITE_OK)
		code = sqlite3_exec(
			db,
			"DROP TRIGGER audit_no_update; UPDATE audit SET hash = NULL; " NO_UPDATE ";"
			"INSERT OR REPLACE INTO audit_head (id, seq, last) VALUES (1, 0, zeroblob(32))",
			NULL, NULL, NULL);
	return code;
}

/* --- life ----------------------------------------------------------------------------------------------------------- */

int audit_new(sqlite3 *db, const uint8_t *key, struct audit **out)
{
	struct audit *a = calloc(1, sizeof *a);
	int code = SQLITE_OK;

	if (!a)
		return SQLITE_NOMEM;
	a->db = db;
	memcpy(a->key, key, sizeof a->key);
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &a->st[i]);
	if (code != SQLITE_OK) {
		audit_free(a);
		return code;
	}
	*out = a;
	return SQLITE_OK;
}

void audit_set_operator(struct audit *a, const char *actor)
{
	a->operator= actor;
}

void audit_free(struct audit *a)
{
	if (!a)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(a->st[i]);
	explicit_bzero(a->key, sizeof a->key);
	free(a);
}
