/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vault: see vault.h. */
#include "storage/vault.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "storage/db.h"
#include "storage/sql.h"

#define KIND "vault___" /* of seal_subkey, under the wrap key */
enum { FIND_KEY = 1 };
#define DOOMED_AT_ONCE 256
#define FIND_MAX 512 /* bytes of a value that are looked at */

struct vault {
	sqlite3 *db;
	struct key_set keys;
	struct keyring *ring;
	uint8_t find_key[DIGEST_KEY_SIZE];
	int64_t cached; /* whose data key this is; 0 = nobody's */
	uint8_t key[SEAL_KEY_SIZE];
	bool has_doomed;
	uint64_t damaged;
	atomic_uint_fast64_t renewed; /* read by other threads */
	sqlite3_stmt *doom;
};

/* --- making --------------------------------------------------------------------------------------------------------- */

static int highest(sqlite3 *db, int64_t *last)
{
	return sql_int(db, "SELECT coalesce(max(id), 0) FROM subscriber", last);
}

/* Until everybody of an older store has a key, the keyring is shorter than the store. */
static int bound(sqlite3 *db, int64_t *last)
{
	int64_t whole = 0;
	int code = sql_int(db, "SELECT count(*) FROM sealed WHERE what = 'keys' AND at > 0", &whole);

	*last = 0;
	return code == SQLITE_OK && whole ? highest(db, last) : code;
}

static enum rc vault_make(sqlite3 *db, const char *store, const struct key_set *keys, bool read_only,
                          struct vault **out, char *why, size_t why_size)
{
	struct vault *v = calloc(1, sizeof *v);
	struct keyring_options o = {
		.store = store, .read_only = read_only, .wrap = keys->wrap, .id = keys->ring};
	int code;
	enum rc rc;

	if (!v) {
		(void)snprintf(why, why_size, "memory is out");
		return RC_NOMEM;
	}
	code = bound(db, &o.last);
	rc = code == SQLITE_OK ? RC_OK : db_why(code, "cannot read the store's keys", why, why_size);

	if (rc == RC_OK) {
		v->db = db;
		v->keys = *keys;
		seal_subkey(keys->wrap, KIND, FIND_KEY, v->find_key);
		rc = keyring_open(&o, &v->ring, why, why_size);
	}
	if (rc != RC_OK) {
		vault_free(v);
		return rc;
	}
	*out = v;
	return RC_OK;
}

/* In a transaction: who comes second uses what the first has made. */
static enum rc ring_make(sqlite3 *db, const char *store, struct key_set *keys, char *why, size_t why_size)
{
	sqlite3_stmt *st = NULL;
	int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	enum rc rc = RC_OK;

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(
			db, "SELECT keyring FROM store_key WHERE id = 1 AND keyring IS NOT NULL", -1, &st,
			NULL);
	if (code == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW &&
	    sqlite3_column_bytes(st, 0) == KEY_RING_ID_SIZE) {
		memcpy(keys->ring, sqlite3_column_blob(st, 0), KEY_RING_ID_SIZE);
		keys->has_ring = true;
	}
	(void)sqlite3_finalize(st);
	if (code == SQLITE_OK && !keys->has_ring) {
		rc = keyring_make(store, keys->wrap, keys->ring, why, why_size);
		if (rc == RC_OK)
			code = sqlite3_prepare_v2(db, "UPDATE store_key SET keyring = ?1 WHERE id = 1", -1,
			                          &st, NULL);
		if (rc == RC_OK && code == SQLITE_OK) {
			(void)sqlite3_bind_blob(st, 1, keys->ring, KEY_RING_ID_SIZE, SQLITE_STATIC);
			code = sql_run(st);
			(void)sqlite3_finalize(st);
			if (code == SQLITE_OK) /* what an older one has sealed, it has sealed for nobody */
				code = sqlite3_exec(db, "DELETE FROM sealed", NULL, NULL, NULL);
		}
	}
	if (rc == RC_OK && code == SQLITE_OK)
		code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(db))
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	keys->has_ring = rc == RC_OK && code == SQLITE_OK;
	return rc != RC_OK         ? rc
	       : code == SQLITE_OK ? RC_OK
	                           : db_why(code, "cannot write the store's keys", why, why_size);
}

enum rc vault_new(sqlite3 *db, const char *store, struct key_set *keys, struct vault **out, char *why,
                  size_t why_size)
{
	enum rc rc = store && !keys->has_ring ? ring_make(db, store, keys, why, why_size) : RC_OK;
	int64_t doomed = 0;
	int code;

	if (rc == RC_OK)
		rc = vault_make(db, store, keys, false, out, why, why_size);
	if (rc != RC_OK)
		return rc;
	code = sql_prepare(db, "INSERT OR IGNORE INTO key_doomed (subscriber, at) VALUES (?1, ?2)",
	                   &(*out)->doom);
	if (code == SQLITE_OK)
		code = sql_int(db, "SELECT EXISTS (SELECT 1 FROM key_doomed)", &doomed);
	(*out)->has_doomed = doomed != 0;
	if (code == SQLITE_OK)
		return RC_OK;
	vault_free(*out);
	*out = NULL;
	return db_why(code, "cannot read the store's keys", why, why_size);
}

enum rc vault_new_reader(sqlite3 *db, const char *store, const struct key_set *keys, struct vault **out,
                         char *why, size_t why_size)
{
	if (keys->has_ring)
		return vault_make(db, store, keys, true, out, why, why_size);
	(void)snprintf(why, why_size, "the store has no keyring yet; start starhashd once");
	return RC_CLOSED;
}

enum rc vault_unlock(sqlite3 *db, const char *key_path, struct vault **out, char *why, size_t why_size)
{
	const char *store = sqlite3_db_filename(db, "main");
	char path[PATH_MAX];
	struct key_set keys;
	enum rc rc;

	if (!key_path && !key_path_default(store, path, sizeof path)) {
		(void)snprintf(why, why_size, "the path of the store is too long; use a shorter one");
		return RC_IO;
	}
	rc = key_read(db, key_path ? key_path : path, &keys, why, why_size);
	if (rc == RC_CLOSED)
		(void)snprintf(why, why_size, "the store has no keys yet; start starhashd once");
	if (rc == RC_OK)
		rc = vault_new_reader(db, store, &keys, out, why, why_size);
	seal_wipe(&keys, sizeof keys);
	return rc;
}

void vault_free(struct vault *v)
{
	if (!v)
		return;
	(void)sqlite3_finalize(v->doom);
	keyring_free(v->ring);
	seal_wipe(v, sizeof *v);
	free(v);
}

void vault_round(struct vault *v)
{
	v->cached = 0;
}

int vault_look(struct vault *v)
{
	return keyring_look(v->ring) == RC_OK ? SQLITE_OK : DB_KEYRING;
}

enum rc vault_prepare(struct vault *v, int64_t subscriber)
{
	return keyring_prepare(v->ring, subscriber);
}

enum rc vault_prepare_new(struct vault *v, int64_t subscriber)
{
	enum rc rc = keyring_prepare(v->ring, subscriber);

	if (rc != RC_OK)
		return rc;
	v->cached = keyring_take(v->ring, subscriber, v->key) ? subscriber : 0;
	return RC_OK;
}

/* --- sealing -------------------------------------------------------------------------------------------------------- */

struct context {
	size_t len;
	char bytes[VAULT_WHERE_MAX + 1 + sizeof(int64_t)];
};

/* What a text is bound to: the place, a NUL, whose it is. */
static bool context_of(struct context *c, int64_t subscriber, const char *where)
{
	size_t len = strlen(where);

	if (len > VAULT_WHERE_MAX)
		return false;
	memcpy(c->bytes, where, len + 1);
	for (size_t i = 0; i < sizeof subscriber; i++)
		c->bytes[len + 1 + i] = (char)((uint64_t)subscriber >> (8 * i));
	c->len = len + 1 + sizeof subscriber;
	return true;
}

static enum rc key_of(struct vault *v, int64_t subscriber)
{
	enum rc rc;

	if (v->cached == subscriber)
		return RC_OK;
	v->cached = 0;
	rc = keyring_key(v->ring, subscriber, v->key);
	if (rc == RC_OK)
		v->cached = subscriber;
	return rc;
}

/* Not for each of the texts of a damaged file. */
static enum rc damaged(struct vault *v, const char *where)
{
	uint64_t n = ++v->damaged;

	if ((n & (n - 1)) == 0)
		LOG_EVENT(
			LOG_LV_ERROR, "store", "sealed_damaged", "where", where, "count", LOG_INT((int64_t)n),
			"remedy",
			"restore the newest backup, or put the keyring's copy back; until then these values are "
			"not known");
	return RC_STATE;
}

/* What was sealed under the lost key is lost with it; what is told now is kept. */
static enum rc renew(struct vault *v, int64_t subscriber)
{
	enum rc rc = keyring_renew(v->ring, subscriber);
	uint64_t n;

	if (rc != RC_OK)
		return rc;
	n = atomic_fetch_add(&v->renewed, 1) + 1;
	if ((n & (n - 1)) == 0)
		LOG_EVENT(
			LOG_LV_ERROR, "store", "key_renewed", "subscriber", LOG_INT(subscriber), "count",
			LOG_INT((int64_t)n), "why", "the keyring is damaged where their key was", "remedy",
			"starhash key tells how many have lost theirs; see Keys in operate.md, and check the disk");
	return key_of(v, subscriber);
}

enum rc vault_seal(struct vault *v, int64_t subscriber, const char *where, const char *plain, char *out,
                   size_t size)
{
	struct context c;
	enum rc rc;

	if (size == 0 || !context_of(&c, subscriber, where))
		return RC_RANGE;
	out[0] = '\0';
	if (plain[0] == '\0')
		return RC_OK;
	rc = key_of(v, subscriber);
	if (rc == RC_STATE) /* nobody's erasure: that leaves its mark */
		rc = renew(v, subscriber);
	return rc == RC_OK ? seal_text(v->key, c.bytes, c.len, plain, out, size) : rc;
}

enum rc vault_open(struct vault *v, int64_t subscriber, const char *where, const char *sealed, char *out,
                   size_t size)
{
	struct context c;
	enum rc rc;

	if (size == 0 || !context_of(&c, subscriber, where))
		return RC_RANGE;
	out[0] = '\0';
	if (!seal_is_text(sealed)) {
		if (strlen(sealed) >= size)
			return RC_RANGE;
		memcpy(out, sealed, strlen(sealed) + 1);
		return RC_OK;
	}
	rc = key_of(v, subscriber);
	if (rc == RC_OK)
		rc = seal_untext(v->key, c.bytes, c.len, sealed, out, size);
	return rc == RC_STATE ? damaged(v, where) : rc;
}

bool vault_is_sealed(const char *text)
{
	return seal_is_text(text);
}

int vault_code(enum rc rc)
{
	return rc == RC_OK      ? SQLITE_OK
	       : rc == RC_FULL  ? SQLITE_FULL
	       : rc == RC_NOMEM ? SQLITE_NOMEM
	       : rc == RC_BUSY  ? SQLITE_BUSY
	       : rc == RC_RANGE ? SQLITE_TOOBIG
	                        : SQLITE_IOERR;
}

int vault_open_text(struct vault *v, int64_t subscriber, const char *where, const char *sealed, char *out,
                    size_t size)
{
	enum rc rc;

	if (!v) {
		(void)snprintf(out, size, "%s", sealed);
		return SQLITE_OK;
	}
	rc = vault_open(v, subscriber, where, sealed, out, size);
	return rc == RC_NOTFOUND || rc == RC_STATE ? SQLITE_OK : vault_code(rc);
}

int vault_bind(struct vault *v, sqlite3_stmt *st, int at, int64_t subscriber, const char *where,
               const char *plain, char *room, size_t size)
{
	enum rc rc = RC_OK;

	if (!v || !plain || plain[0] == '\0') {
		sql_bind_text(st, at, plain);
		return SQLITE_OK;
	}
	rc = vault_seal(v, subscriber, where, plain, room, size);
	if (rc == RC_NOTFOUND) /* erased: nothing can be kept for them */
		rc = RC_OK;
	sql_bind_text(st, at, room);
	return vault_code(rc);
}

int vault_bind_living(struct vault *v, sqlite3_stmt *st, int at, int64_t subscriber, const char *where,
                      const char *plain, char *room, size_t size)
{
	int code = vault_bind(v, st, at, subscriber, where, plain, room, size);

	if (!v || code != SQLITE_OK || !plain || plain[0] == '\0' || room[0] != '\0')
		return code;
	LOG_EVENT(
		LOG_LV_ERROR, "store", "key_erased", "subscriber", LOG_INT(subscriber), "why",
		"the keyring says that they were erased, and the store has their number; nothing was kept",
		"remedy",
		"restart the daemon, which erases them again; put a backup back with starhash restore alone");
	return SQLITE_CONSTRAINT;
}

uint64_t vault_renewed(const struct vault *v)
{
	return atomic_load(&v->renewed);
}

/* --- finding -------------------------------------------------------------------------------------------------------- */

/* Letters of ASCII in one case, one space between words, none around. */
static size_t plain_form(const char *value, char out[FIND_MAX])
{
	size_t n = 0;

	for (; *value && n < FIND_MAX - 1; value++) {
		char c = *value;

		if (c == ' ' && (n == 0 || out[n - 1] == ' '))
			continue;
		out[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	while (n > 0 && out[n - 1] == ' ')
		n--;
	return n;
}

void vault_hash(const struct vault *v, const char *where, const char *value, uint8_t out[DIGEST_KEYED_SIZE])
{
	char text[VAULT_WHERE_MAX + 1 + FIND_MAX];
	size_t len = strlen(where);

	if (len > VAULT_WHERE_MAX)
		len = VAULT_WHERE_MAX;
	memcpy(text, where, len);
	text[len] = '\0';
	len += 1 + plain_form(value, text + len + 1);
	digest_keyed(v->find_key, text, len, out);
	seal_wipe(text, sizeof text);
}

const struct key *vault_lookup_key(const struct vault *v)
{
	return &v->keys.lookup;
}

struct keyring *vault_keyring(struct vault *v)
{
	return v->ring;
}

/* --- erasing -------------------------------------------------------------------------------------------------------- */

int vault_doom(struct vault *v, int64_t subscriber, int64_t at_ms)
{
	sql_bind_int(v->doom, 1, subscriber);
	sql_bind_int(v->doom, 2, at_ms);
	v->has_doomed = true;
	return sql_run(v->doom);
}

bool vault_has_doomed(const struct vault *v)
{
	return v->has_doomed;
}

void vault_doomed_again(struct vault *v)
{
	v->has_doomed = true;
}

static int doomed_read(sqlite3 *db, int64_t *ids, size_t *n)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, "SELECT subscriber FROM key_doomed ORDER BY subscriber LIMIT ?1",
	                              -1, &st, NULL);

	*n = 0;
	if (code != SQLITE_OK)
		return code;
	sql_bind_int(st, 1, DOOMED_AT_ONCE);
	while ((code = sqlite3_step(st)) == SQLITE_ROW)
		ids[(*n)++] = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int doomed_drop(sqlite3 *db, const int64_t *ids, size_t n)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, "DELETE FROM key_doomed WHERE subscriber = ?1", -1, &st, NULL);

	for (size_t i = 0; i < n && code == SQLITE_OK; i++) {
		sql_bind_int(st, 1, ids[i]);
		code = sql_run(st);
	}
	(void)sqlite3_finalize(st);
	return code;
}

/* One slice in a transaction of its own: it holds the write lock, so nobody fills a slot meanwhile. */
static enum rc destroy_some(struct vault *v, size_t *n)
{
	int64_t ids[DOOMED_AT_ONCE];
	int code = sqlite3_exec(v->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	enum rc rc = RC_OK;

	*n = 0;
	if (code == SQLITE_OK)
		code = doomed_read(v->db, ids, n);
	if (code == SQLITE_OK && *n > 0)
		rc = keyring_destroy(v->ring, ids, *n);
	if (code == SQLITE_OK && rc == RC_OK)
		code = doomed_drop(v->db, ids, *n);
	if (code == SQLITE_OK && rc == RC_OK)
		code = sqlite3_exec(v->db, "COMMIT", NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(v->db))
		(void)sqlite3_exec(v->db, "ROLLBACK", NULL, NULL, NULL);
	return rc != RC_OK ? rc : db_rc(code);
}

enum rc vault_destroy(struct vault *v)
{
	size_t n = 0;
	enum rc rc;

	vault_round(v);
	do
		rc = destroy_some(v, &n);
	while (rc == RC_OK && n == DOOMED_AT_ONCE);
	if (rc == RC_OK)
		v->has_doomed = false;
	else
		LOG_EVENT(
			LOG_LV_ERROR, "store", "keys_not_destroyed", "why", rc_name(rc), "remedy",
			"the erased values are gone from the store; their keys go as soon as the keyring can be "
			"written: check its disk");
	return rc;
}
