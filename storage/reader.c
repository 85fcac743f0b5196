/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reader: see reader.h. */
#include "storage/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/log.h"
#include "storage/charges.h"
#include "storage/db.h"
#include "storage/load.h"
#include "storage/outgoing.h"
#include "storage/sql.h"
#include "storage/tombstone.h"

#define FAILING_EVERY_S 10

struct reader {
	sqlite3 *db;
	struct damage *damage;
	struct load load;
	struct vault *vault;
	struct tombstones tombstones;
	sqlite3_stmt *begin, *commit, *bundles;
	sqlite3_stmt *charges[STORE_CHARGES_WHICH_];
	sqlite3_stmt *waiting[3];
	bool failing; /* for one log line a change */
	time_t told;  /* monotonic; 0 = never */
};

/* What the embedded ledger has posted and has not expired, newest first. */
static const char bundles_text[] =
	"SELECT l.gives, g.expires FROM subscriber s JOIN grants g ON g.subscriber = s.id "
	"JOIN ledger l ON l.grant_id = g.id WHERE s.msisdn = ?1 AND g.state = 'granted' "
	"AND (g.expires = 0 OR g.expires > ?2) ORDER BY g.id DESC LIMIT ?3";

int reader_new(sqlite3 *db, const struct profile *profile, struct vault *vault, struct damage *damage,
               struct reader **out)
{
	struct reader *r = calloc(1, sizeof *r);
	int code;

	if (!r)
		return SQLITE_NOMEM;
	r->db = db;
	r->damage = damage;
	code = load_init(&r->load, db, profile);
	if (code == SQLITE_OK)
		code = tombstones_init(&r->tombstones, db, vault_lookup_key(vault), true);
	r->load.tombstones = &r->tombstones;
	r->load.vault = r->vault = vault;
	if (code == SQLITE_OK)
		code = sql_prepare(db, "BEGIN", &r->begin);
	if (code == SQLITE_OK)
		code = sql_prepare(db, "COMMIT", &r->commit);
	if (code == SQLITE_OK)
		code = sql_prepare(db, bundles_text, &r->bundles);
	if (code != SQLITE_OK) {
		reader_free(r);
		return code;
	}
	*out = r;
	return SQLITE_OK;
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	load_fini(&r->load);
	tombstones_fini(&r->tombstones);
	(void)sqlite3_finalize(r->begin);
	(void)sqlite3_finalize(r->commit);
	(void)sqlite3_finalize(r->bundles);
	for (int i = 0; i < STORE_CHARGES_WHICH_; i++)
		(void)sqlite3_finalize(r->charges[i]);
	for (int i = 0; i < 3; i++)
		(void)sqlite3_finalize(r->waiting[i]);
	free(r);
}

/* One bad sector fails some answers and not others: not a line for each. */
static bool is_time(struct reader *r)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	if (r->told != 0 && now.tv_sec - r->told < FAILING_EVERY_S)
		return false;
	r->told = now.tv_sec;
	return true;
}

static void health(struct reader *r, int code)
{
	bool failing = code != SQLITE_OK;

	if (damage_code(code))
		damage_report(r->damage, sqlite3_errstr(code));
	if (damage_is(r->damage))
		return;
	if (failing == r->failing || (failing && !is_time(r)))
		return;
	if (failing)
		LOG_EVENT(LOG_LV_ERROR, "store", "read_failing", "why", db_reason(code), "code",
		          LOG_INT(code), "remedy", db_remedy_now(r->db, code));
	else
		LOG_EVENT(LOG_LV_INFO, "store", "read_working");
	r->failing = failing;
}

static int read_facts(struct reader *r, int64_t msisdn, int64_t now_ms, struct store_facts *out)
{
	sqlite3_stmt *st = r->bundles;
	int code;

	sql_bind_int(st, 1, msisdn);
	sql_bind_int(st, 2, now_ms);
	sql_bind_int(st, 3, STORE_MAX_BUNDLES);
	while ((code = sqlite3_step(st)) == SQLITE_ROW && out->n_bundles < STORE_MAX_BUNDLES) {
		(void)snprintf(out->bundle[out->n_bundles].gives, sizeof out->bundle[0].gives, "%s",
		               sql_column_text(st, 0));
		out->bundle[out->n_bundles++].expires_ms = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

/* A read that needs room (shared memory of the WAL) is no full queue. */
static enum rc rc_of(int code)
{
	enum rc rc = db_rc(code);

	return rc == RC_FULL ? RC_IO : rc;
}

/* From a damaged file comes no answer at all: a wrong one would be worse. */
static int answer(struct reader *r, struct request *q)
{
	int code = damage_is(r->damage) ? SQLITE_CORRUPT : SQLITE_OK;

	switch (q->kind) {
	case REQUEST_FACTS:
		if (code == SQLITE_OK)
			code = read_facts(r, q->facts.msisdn, q->facts.now_ms, q->facts.facts);
		q->facts.rc = rc_of(code);
		return code;
	case REQUEST_CHARGES:
		if (code == SQLITE_OK)
			code = charges_read(r->db, r->charges, q->charges.page);
		q->charges.page->rc = rc_of(code);
		return code;
	case REQUEST_LOOK:
		if (code == SQLITE_OK)
			code = outgoing_look(r->db, r->waiting, q->look.at_ms, q->look.waiting);
		q->look.waiting->rc = rc_of(code);
		return code;
	default:
		r->load.now_ms = q->find.now_ms;
		if (code == SQLITE_OK)
			code = load_by_msisdn(&r->load, q->find.msisdn, &q->find.record, &q->find.resume);
		q->find.rc = rc_of(code);
		return code;
	}
}

void reader_round(struct reader *r, struct request_list *round)
{
	/* Without the snapshot each question is its own; it costs time, not truth. */
	(void)sql_run(r->begin);
	tombstones_round(&r->tombstones);
	vault_round(r->vault);
	for (struct request *q = round->first; q; q = q->next)
		health(r, answer(r, q));
	if (!sqlite3_get_autocommit(r->db))
		(void)sql_run(r->commit);
}
