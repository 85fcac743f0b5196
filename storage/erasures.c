/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Erasures: see erasures.h. */
#include "storage/erasures.h"

#include <stdio.h>

#include "core/clock.h"
#include "core/log.h"
#include "storage/db.h"
#include "storage/sql.h"
#include "storage/store_batch.h"

#define AT_ONCE 4096 /* empty slots that are judged at once */
#define SLICE 262144 /* slots that are read in one slice: 16 MB, 20 ms from memory, 0.2 s from a slow disk */

struct living {
	int64_t id, msisdn;
};

/* --- the keyring is the older one ------------------------------------------------------------------------------ */

/* Who may have no key: erased, or their number given up and with it all that they told. Both have neither a number nor a row of
 * what they told, and never get one again. Whose key is about to go already is passed by. */
static const char keyless_text[] =
	"SELECT s.id FROM subscriber s WHERE s.msisdn IS NULL AND s.id > ?1 AND (NOT EXISTS (SELECT 1 FROM "
	"profile p WHERE p._subscriber = s.id) OR EXISTS (SELECT 1 FROM audit a WHERE a.subject = s.id AND "
	"a.subject <> 0 AND a.action = 'erase')) AND NOT EXISTS (SELECT 1 FROM key_doomed d WHERE "
	"d.subscriber = s.id) ORDER BY s.id LIMIT ?2";
static const char was_erased_text[] =
	"SELECT 1 FROM audit WHERE subject = ?1 AND subject <> 0 AND action = 'erase'";

struct older {
	sqlite3 *db;
	struct vault *v;
	sqlite3_stmt *next, *was_erased;
	int64_t at_ms;
	int64_t erased, others; /* who had a key that opens */
};

/* *n ids of who may have no key, after `from`: AT_ONCE, or there are no more. */
static int keyless(struct older *o, int64_t from, int64_t *ids, size_t *n)
{
	int code;

	*n = 0;
	sql_bind_int(o->next, 1, from);
	sql_bind_int(o->next, 2, AT_ONCE);
	while ((code = sqlite3_step(o->next)) == SQLITE_ROW)
		ids[(*n)++] = sqlite3_column_int64(o->next, 0);
	(void)sqlite3_reset(o->next);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int count(struct older *o, int64_t id)
{
	int code;

	sql_bind_int(o->was_erased, 1, id);
	code = sqlite3_step(o->was_erased);
	(void)sqlite3_reset(o->was_erased);
	o->erased += code == SQLITE_ROW;
	o->others += code == SQLITE_DONE;
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Of `n` those remain whose slot has no mark of an erasure. */
static int marked_not(struct older *o, int64_t *ids, size_t *n)
{
	uint8_t key[SEAL_KEY_SIZE];
	size_t kept = 0;
	int code = SQLITE_OK;

	for (size_t i = 0; i < *n && code == SQLITE_OK; i++) {
		enum rc rc = keyring_key(vault_keyring(o->v), ids[i], key);

		if (rc == RC_NOTFOUND)
			continue;
		if (rc == RC_OK)
			code = count(o, ids[i]);
		else if (rc != RC_STATE)
			code = vault_code(rc);
		ids[kept++] = ids[i];
	}
	seal_wipe(key, sizeof key);
	*n = kept;
	return code;
}

static int doom(struct older *o, const int64_t *ids, size_t n)
{
	int code = n > 0 ? sqlite3_exec(o->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) : SQLITE_OK;

	for (size_t i = 0; i < n && code == SQLITE_OK; i++)
		code = vault_doom(o->v, ids[i], o->at_ms);
	if (n > 0 && code == SQLITE_OK)
		code = sqlite3_exec(o->db, "COMMIT", NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(o->db))
		(void)sqlite3_exec(o->db, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

static int doom_all(struct older *o)
{
	int64_t ids[AT_ONCE], from = 0;
	size_t n = AT_ONCE, alive;
	int code = sql_prepare(o->db, keyless_text, &o->next);

	if (code == SQLITE_OK)
		code = sql_prepare(o->db, was_erased_text, &o->was_erased);
	while (code == SQLITE_OK && n == AT_ONCE) {
		code = keyless(o, from, ids, &n);
		if (code != SQLITE_OK || n == 0)
			break;
		from = ids[n - 1];
		alive = n;
		code = marked_not(o, ids, &alive);
		if (code == SQLITE_OK)
			code = doom(o, ids, alive);
	}
	(void)sqlite3_finalize(o->next);
	(void)sqlite3_finalize(o->was_erased);
	return code;
}

enum rc erasures_keys(sqlite3 *db, struct vault *v, int64_t at_ms, char *why, size_t why_size)
{
	struct older o = {.db = db, .v = v, .at_ms = at_ms};
	int code = doom_all(&o);

	if (o.erased > 0)
		LOG_EVENT(
			LOG_LV_WARN, "store", "keyring_older", "subscribers", LOG_INT(o.erased), "why",
			"it holds keys of people who were erased: an older copy was put back, or an older program "
			"has erased them",
			"remedy", "none: those keys are destroyed now");
	if (o.others > 0)
		LOG_EVENT(
			LOG_LV_INFO, "store", "keys_unneeded", "subscribers", LOG_INT(o.others), "why",
			"their numbers are somebody else's, and nothing is kept of what they told: their keys "
			"are destroyed now");
	if (code != SQLITE_OK)
		return db_why(code, "cannot read who was erased", why, why_size);
	if (vault_has_doomed(v) && vault_destroy(v) != RC_OK)
		LOG_EVENT(LOG_LV_WARN, "store", "keys_not_destroyed", "why",
		          "they are tried again in a second");
	return RC_OK;
}

/* --- the store is the older one ---------------------------------------------------------------------------------- */

int erasures_restored(sqlite3 *db)
{
	int64_t has = 0;
	int code = sql_int(db, "SELECT count(*) FROM pragma_table_info('store_key') WHERE name = 'restored'",
	                   &has);

	return code == SQLITE_OK && has
	               ? sqlite3_exec(db, "UPDATE store_key SET restored = 1", NULL, NULL, NULL)
	               : code;
}

/* *living: those of `ids`, which rise, that have a number. Who was erased has none and is passed by in the index of numbers, so
 * that not everybody's row is read. */
static int keep_living(sqlite3 *db, const int64_t *ids, size_t n, struct living *living, size_t *n_living)
{
	sqlite3_stmt *gone = NULL, *number = NULL;
	int64_t at = 0;
	int code = sqlite3_prepare_v2(
		db, "SELECT id FROM subscriber WHERE msisdn IS NULL AND id >= ?1 AND id <= ?2 ORDER BY id",
		-1, &gone, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, "SELECT msisdn FROM subscriber WHERE id = ?1", -1, &number,
		                          NULL);
	if (code == SQLITE_OK) {
		sql_bind_int(gone, 1, ids[0]);
		sql_bind_int(gone, 2, ids[n - 1]);
	}
	for (size_t i = 0; i < n && code == SQLITE_OK; i++) {
		while (at < ids[i] && code == SQLITE_OK) {
			code = sqlite3_step(gone);
			at = code == SQLITE_ROW ? sqlite3_column_int64(gone, 0) : INT64_MAX;
			code = code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
		}
		if (code != SQLITE_OK || at == ids[i])
			continue;
		sql_bind_int(number, 1, ids[i]);
		code = sqlite3_step(number);
		if (code == SQLITE_ROW && sqlite3_column_type(number, 0) != SQLITE_NULL)
			living[(*n_living)++] = (struct living){ids[i], sqlite3_column_int64(number, 0)};
		code = code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
		(void)sqlite3_reset(number);
	}
	(void)sqlite3_finalize(gone);
	(void)sqlite3_finalize(number);
	return code;
}

/* Somebody with a number whose slot looks empty: what is it? */
static enum rc judge(struct erasures_scan *s, const struct living *who)
{
	uint8_t key[SEAL_KEY_SIZE];
	enum rc rc = keyring_key(s->ring, who->id, key);
	struct erasures_sum *sum = rc == RC_NOTFOUND ? &s->found.erased : &s->found.damaged;

	seal_wipe(key, sizeof key);
	if (rc != RC_NOTFOUND && rc != RC_STATE)
		return rc; /* RC_OK: somebody gave them a key meanwhile */
	if (sum->n++ == 0)
		sum->first = who->id;
	return rc == RC_NOTFOUND && s->fn ? s->fn(s->ctx, who->id, who->msisdn) : RC_OK;
}

enum rc erasures_slice(struct erasures_scan *s, bool *more)
{
	struct living living[AT_ONCE];
	int64_t ids[AT_ONCE], to;
	size_t n = 0, n_living = 0;
	enum rc rc = RC_OK;

	if (s->last == 0)
		rc = db_rc(sql_int(s->db, "SELECT coalesce(max(id), 0) FROM subscriber", &s->last));
	to = s->last - s->from > SLICE ? s->from + SLICE : s->last;
	if (rc == RC_OK)
		rc = keyring_empty(s->ring, s->from, to, ids, AT_ONCE, &n);
	if (rc == RC_OK && n > 0)
		rc = db_rc(keep_living(s->db, ids, n, living, &n_living));
	for (size_t i = 0; i < n_living && rc == RC_OK; i++)
		rc = judge(s, &living[i]);
	if (rc != RC_OK)
		return rc;
	s->from = n == AT_ONCE ? ids[n - 1] : to;
	*more = s->from < s->last;
	return RC_OK;
}

struct again {
	struct writer *writer;
	int64_t at_ms;
};

struct store_batch *erasures_batch(int64_t id, int64_t msisdn, int64_t at_ms)
{
	struct store_batch *b = store_batch_new(msisdn, at_ms);

	if (b &&
	    store_batch_erase(b, STORE_CH_OPERATOR, "erased after the backup that was put back") == RC_OK) {
		b->only = id;
		return b;
	}
	if (b)
		store_batch_free(b);
	return NULL;
}

static enum rc erase_again(void *ctx, int64_t id, int64_t msisdn)
{
	const struct again *a = ctx;
	struct store_batch *b = erasures_batch(id, msisdn, a->at_ms);
	struct request_list round = {0};
	struct writer_tally ignored = {0};
	enum rc rc;

	if (!b)
		return RC_NOMEM;
	b->request.kind = REQUEST_WRITE;
	b->request.write.batch = b;
	request_push(&round, &b->request);
	writer_round(a->writer, &round, &ignored);
	rc = b->request.write.result.rc;
	store_batch_free(b);
	return rc;
}

void erasures_say(const struct erasures_found *found, bool restored)
{
	if (found->erased.n > 0)
		LOG_EVENT(
			LOG_LV_WARN, "store", "erased_again", "subscribers", LOG_INT(found->erased.n), "why",
			restored ? "they were erased after the backup that was restored"
				 : "they were erased after this copy of the store was made",
			"remedy", restored ? "none" : "none; put a backup back with starhash restore alone");
	if (found->damaged.n > 0)
		LOG_EVENT(LOG_LV_ERROR, "store", "keys_damaged", "subscribers", LOG_INT(found->damaged.n),
		          "first", LOG_INT(found->damaged.first), "why",
		          "the keyring has zeros where their keys were", "remedy",
		          "stop the daemon and put the keyring's copy back; else what they told is lost, and "
		          "each gets a new key when they tell it again");
}

static bool is_late(int64_t until_ms)
{
	return clock_mono_ms(clock_system()) >= until_ms;
}

enum rc erasures_rows(struct erasures_scan *s, struct writer *writer, int64_t at_ms, int within_ms,
                      bool *more, char *why, size_t why_size)
{
	struct again again = {.writer = writer, .at_ms = at_ms};
	int64_t restored = 0, until = clock_mono_ms(clock_system()) + within_ms;
	int code = sql_int(s->db, "SELECT coalesce(max(restored), 0) FROM store_key", &restored);
	enum rc rc = RC_OK;

	s->fn = erase_again;
	s->ctx = &again;
	*more = true;
	while (code == SQLITE_OK && rc == RC_OK && *more && (restored || !is_late(until)))
		rc = erasures_slice(s, more);
	if (code == SQLITE_OK && rc == RC_OK && restored)
		code = sqlite3_exec(s->db, "UPDATE store_key SET restored = 0", NULL, NULL, NULL);
	s->fn = NULL;
	s->ctx = NULL;
	if (rc != RC_OK || !*more)
		erasures_say(&s->found, restored != 0);
	if (rc != RC_OK)
		(void)snprintf(why, why_size,
		               "cannot erase again who was erased after the backup: %s; check the disk",
		               rc_name(rc));
	return rc == RC_OK && code != SQLITE_OK ? db_why(code, "cannot read who was erased", why, why_size)
	                                        : rc;
}
