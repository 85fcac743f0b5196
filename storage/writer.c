/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writer: see writer.h. Why group commit: docs/adr/0003-sqlite-group-commit.md. */
#include "storage/writer.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "core/log.h"
#include "storage/apply.h"
#include "storage/charges.h"
#include "storage/checkpoint.h"
#include "storage/db.h"
#include "storage/held.h"
#include "storage/import.h"
#include "storage/numbers.h"
#include "storage/outgoing.h"
#include "storage/parts.h"
#include "storage/retention.h"
#include "storage/screens.h"
#include "storage/scrub.h"
#include "storage/sql.h"

/* After so many single batches failed in a row it is the disk and not the batches; the rest of the round shares the
 * last one's result instead of waiting for the same error again. */
#define ALONE_FAILURES_MAX 8

#define PROBE_EVERY_MS 1000 /* how often a failing, idle writer tries the disk */

#define RECOVERED_US 1000000u    /* a success so long after the last failure is a recovery */
#define CAUSE_EVERY_US 10000000u /* how often another reason of the same failing is told */

/* So long after it began a round still takes in what comes: under load that is half as many commits, and one that is alone
 * waits for nobody. */
#define GATHER_US 1000u

#define DESTROY_PAUSE_US 1000000u

/* What the probe writes: a WAL that could not grow keeps the blocks of the failed attempt, so one page would fit where
 * a batch does not, and the store would seem to recover every second. */
#define PROBE_BYTES "131072"

struct writer {
	sqlite3 *db;
	struct damage *damage;
	struct apply *apply;
	struct imports *imports;
	struct screens *screens;
	struct parts *parts;
	struct retention *retention;
	struct checkpoint *checkpoint;
	sqlite3_stmt *begin, *commit, *rollback, *probe;
	atomic_bool failing;
	int cause;               /* of failing, as it was told */
	uint64_t told_us;        /* when that was */
	uint64_t failed_us;      /* the last failure */
	atomic_int failing_code; /* SQLite's, the last one */
	uint64_t probed_us;      /* the last try while failing */
	struct scrub *scrub;
	struct vault *vault;
	uint64_t destroy_after_us; /* not tried again before */
	writer_more_fn *more;
	void *more_ctx;
};

int writer_new(sqlite3 *db, const struct apply_options *how, struct damage *damage,
               const struct store_retention *retention, struct writer **out)
{
	struct writer *w = calloc(1, sizeof *w);
	int code;

	if (!w)
		return SQLITE_NOMEM;
	w->db = db;
	w->damage = damage;
	w->vault = how->vault;
	code = apply_new(db, how, &w->apply);
	if (code == SQLITE_OK)
		code = scrub_new(db, &w->scrub);
	if (code == SQLITE_OK)
		code = screens_new(db, &w->screens);
	if (code == SQLITE_OK)
		code = imports_new(db, how->profile, w->apply, &w->imports);
	if (code == SQLITE_OK)
		code = parts_new(db, &w->parts);
	if (code == SQLITE_OK)
		code = retention_new(db, retention, how->profile, apply_audit(w->apply), how->vault,
		                     &w->retention);
	if (code == SQLITE_OK && checkpoint_new(db, damage, &w->checkpoint) != RC_OK)
		code = SQLITE_NOMEM;
	if (code == SQLITE_OK)
		code = sql_prepare(db, "BEGIN IMMEDIATE", &w->begin);
	if (code == SQLITE_OK)
		code = sql_prepare(db, "COMMIT", &w->commit);
	if (code == SQLITE_OK)
		code = sql_prepare(db, "ROLLBACK", &w->rollback);
	if (code == SQLITE_OK)
		code = sql_prepare(db, "INSERT OR REPLACE INTO probe VALUES (1, zeroblob(" PROBE_BYTES "))",
		                   &w->probe);
	if (code != SQLITE_OK) {
		writer_free(w);
		return code;
	}
	*out = w;
	return SQLITE_OK;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	imports_free(w->imports);
	apply_free(w->apply);
	screens_free(w->screens);
	parts_free(w->parts);
	retention_free(w->retention);
	checkpoint_free(w->checkpoint);
	scrub_free(w->scrub);
	(void)sqlite3_finalize(w->begin);
	(void)sqlite3_finalize(w->commit);
	(void)sqlite3_finalize(w->rollback);
	(void)sqlite3_finalize(w->probe);
	free(w);
}

bool writer_is_failing(const struct writer *w)
{
	return atomic_load(&w->failing) || damage_is(w->damage);
}

bool writer_trouble(const struct writer *w, const char **why, const char **remedy)
{
	int code = damage_is(w->damage) ? SQLITE_CORRUPT : atomic_load(&w->failing_code);

	if (!writer_is_failing(w))
		return false;
	*why = db_reason(code);
	*remedy = db_remedy(code);
	return true;
}

static uint64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static int64_t now_ms(void)
{
	return (int64_t)(now_us() / 1000);
}

/* A lock that became a full disk wants another remedy. */
static bool is_other_cause(const struct writer *w, int code)
{
	return code != SQLITE_OK && (code & 0xff) != (w->cause & 0xff) &&
	       now_us() - w->told_us >= CAUSE_EVERY_US;
}

/* The only writer of `failing`: one line in the log for each change. */
static void health(struct writer *w, int code)
{
	bool failing = code != SQLITE_OK, changes = failing != atomic_load(&w->failing);

	if (failing)
		w->failed_us = now_us();
	if (damage_code(code))
		damage_report(w->damage, sqlite3_errstr(code));
	if (failing)
		atomic_store(&w->failing_code, code);
	if (damage_is(w->damage) || (!changes && !is_other_cause(w, code)))
		return;
	atomic_store(&w->failing, failing);
	w->cause = code;
	w->told_us = now_us();
	if (changes)
		w->probed_us = w->told_us;
	if (failing)
		LOG_EVENT(LOG_LV_ERROR, "store", "failing", "why", db_reason(code), "code", LOG_INT(code),
		          "remedy", db_remedy_now(w->db, code));
	else
		LOG_EVENT(LOG_LV_INFO, "store", "working");
}

/* What is committed must be found again: not in a file that nobody has a name for any more. */
static int commit(struct writer *w)
{
	return checkpoint_is_moved(w->checkpoint) ? SQLITE_READONLY_DBMOVED : sql_run(w->commit);
}

/* SQLite has rolled back by itself where a commit found the disk full or broken. */
static void roll_back(struct writer *w)
{
	if (!sqlite3_get_autocommit(w->db))
		(void)sql_run(w->rollback);
	parts_rolled_back(w->parts);
}

/* Its answer tells both the id of a text of one part and that the text was sent: two requests, one behind the other. */
static bool is_sent_whole(const struct request *r, size_t n)
{
	const struct request *next = n > 1 ? r->next : NULL;

	return r->kind == REQUEST_PART && r->part.part.parts == 1 && next && next->kind == REQUEST_NOTICE &&
	       next->notice.update.id == r->part.part.notice && next->notice.update.to == STORE_NOTICE_SENT;
}

static int apply_one(struct writer *w, struct request *r)
{
	switch (r->kind) {
	case REQUEST_NOTICE:
		return outgoing_move(apply_outgoing(w->apply), &r->notice.update, r->notice.at_ms);
	case REQUEST_CLAIM:
		return outgoing_claim(apply_outgoing(w->apply), r->claim.page, r->claim.at_ms);
	case REQUEST_CHARGE:
		return apply_charge(w->apply, r->charge.work);
	case REQUEST_HELD:
		return apply_held(w->apply, r->held.work);
	case REQUEST_IMPORT:
		return imports_step(w->imports, r->import.work);
	case REQUEST_NUMBER:
		return apply_number(w->apply, r->number.work);
	case REQUEST_RELATIONS:
		return apply_relations(w->apply, r->relations.at_ms, STORE_EXPIRE_MAX, &r->relations.n);
	case REQUEST_SCREENS:
		return screens_add(w->screens, r->screens.day, r->screens.row, r->screens.n);
	case REQUEST_PART:
		return parts_accepted(w->parts, &r->part.part, r->part.at_ms);
	case REQUEST_RECEIPT:
		return parts_receipt(w->parts, &r->receipt.receipt, r->receipt.at_ms, &r->receipt.rc);
	default:
		return apply_batch(w->apply, r->write.batch, &r->write.result);
	}
}

void writer_set_more(struct writer *w, writer_more_fn *more, void *ctx)
{
	w->more = more;
	w->more_ctx = ctx;
}

static int apply_each(struct writer *w, struct request *r, size_t n)
{
	int code = SQLITE_OK;

	for (; n > 0 && code == SQLITE_OK; r = r->next, n--) {
		bool moved = false;

		if (is_sent_whole(r, n))
			code = parts_sent(w->parts, &r->part.part, r->part.at_ms, &r->next->notice.update,
			                  r->next->notice.at_ms, &moved);
		else
			code = apply_one(w, r);
		if (moved)
			r = r->next, n--;
	}
	return code;
}

/* And what came meanwhile, as long as something does and nobody has waited for long. */
static int apply_more(struct writer *w, struct request_list *round, uint64_t began)
{
	int code = SQLITE_OK;

	while (w->more && code == SQLITE_OK && now_us() - began < GATHER_US) {
		struct request *last = round->last;
		size_t n = w->more(w->more_ctx, round);

		if (n == 0)
			break;
		code = apply_each(w, last->next, n);
	}
	return code;
}

/* `n` requests from `first` on in one transaction; `round`: and what comes meanwhile, or NULL. Whatever fails, nothing of it is
 * stored. */
static int transaction(struct writer *w, struct request *first, size_t n, struct request_list *round,
                       struct writer_tally *tally)
{
	uint64_t began = now_us();
	sqlite3_int64 changes = sqlite3_total_changes64(w->db);
	int code = damage_is(w->damage) ? SQLITE_CORRUPT : vault_look(w->vault);
	uint64_t took;

	if (code == SQLITE_OK)
		code = sql_run(w->begin);
	apply_began(w->apply);
	if (code == SQLITE_OK)
		code = apply_each(w, first, n);
	if (code == SQLITE_OK && round)
		code = apply_more(w, round, began);
	if (code == SQLITE_OK && apply_forgot(w->apply)) {
		scrub_want(w->scrub);
		code = scrub_mark(w->scrub);
	}
	if (code == SQLITE_OK)
		code = commit(w);
	if (code != SQLITE_OK) {
		roll_back(w);
		return code;
	}
	/* one that fits where another does not is no recovery: under load that would be a line in the log for each */
	if (sqlite3_total_changes64(w->db) != changes && began - w->failed_us >= RECOVERED_US)
		health(w, SQLITE_OK);
	took = now_us() - began;
	tally->commits++;
	tally->commit_us_sum += took;
	histogram_add(&tally->commit, (int64_t)took);
	if (took > tally->commit_us_max)
		tally->commit_us_max = took;
	return SQLITE_OK;
}

/* Is it the batch that SQLite refuses, and not the disk or a lock? Then the others may well succeed. */
static bool is_batch_fault(int code)
{
	int primary = code & 0xff;

	return primary == SQLITE_CONSTRAINT || primary == SQLITE_TOOBIG || primary == SQLITE_MISMATCH ||
	       primary == SQLITE_RANGE || primary == SQLITE_INTERNAL;
}

static void fail(struct writer *w, struct request *r, int code)
{
	if (is_batch_fault(code))
		LOG_EVENT(LOG_LV_ERROR, "store", "batch_failed", "why", sqlite3_errstr(code));
	else
		health(w, code);
	if (r->kind == REQUEST_SCREENS)
		LOG_EVENT(LOG_LV_WARN, "store", "screen_counts_lost", "screens", LOG_INT(r->screens.n), "why",
		          db_reason(code));
	if (r->kind == REQUEST_RECEIPT)
		r->receipt.rc = db_rc(code);
	if (r->kind == REQUEST_NOTICE)
		r->notice.rc = db_rc(code);
	if (r->kind == REQUEST_RELATIONS)
		r->relations.rc = db_rc(code);
	if (r->kind == REQUEST_CLAIM)
		r->claim.page->result =
			(struct store_claimed){.rc = db_rc(code), .smsc = r->claim.page->smsc};
	if (r->kind == REQUEST_HELD)
		r->held.work->result = (struct store_held_result){.rc = db_rc(code)};
	if (r->kind == REQUEST_IMPORT)
		import_failed(r->import.work, db_rc(code));
	if (r->kind == REQUEST_NUMBER)
		r->number.work->result = (struct store_number_result){.rc = db_rc(code)};
	if (r->kind == REQUEST_CHARGE)
		r->charge.work->result =
			(struct store_charge_result){.rc = db_rc(code), .text = "", .route = ""};
	if (r->kind == REQUEST_WRITE)
		r->write.result = (struct store_result){.rc = db_rc(code)};
}

/* The round failed as a whole: who was it? Waiting for a lock is not repeated for each of them. */
static void one_by_one(struct writer *w, struct request_list *round, int code, struct writer_tally *tally)
{
	int failures = db_rc(code) == RC_BUSY || round->count == 1 ? ALONE_FAILURES_MAX : 0;

	for (struct request *r = round->first; r; r = r->next) {
		if (failures < ALONE_FAILURES_MAX) {
			code = transaction(w, r, 1, NULL, tally);
			if (code == SQLITE_OK || is_batch_fault(code))
				failures = 0;
			else
				failures = db_rc(code) == RC_BUSY ? ALONE_FAILURES_MAX : failures + 1;
		}
		if (code != SQLITE_OK)
			fail(w, r, code);
		if (r->kind != REQUEST_WRITE && code != SQLITE_OK)
			tally->failed_writes++;
	}
}

/* Before anybody hears that somebody was erased: the key goes once the erasure is committed. What fails stays marked, and is tried
 * again in a second. */
static void destroy(struct writer *w)
{
	if (!vault_has_doomed(w->vault) || now_us() < w->destroy_after_us)
		return;
	w->destroy_after_us = vault_destroy(w->vault) == RC_OK ? 0 : now_us() + DESTROY_PAUSE_US;
}

void writer_round(struct writer *w, struct request_list *round, struct writer_tally *tally)
{
	int code = transaction(w, round->first, round->count, round, tally);

	if (code != SQLITE_OK)
		one_by_one(w, round, code, tally);
	for (struct request *r = round->first; r; r = r->next) {
		if (r->kind != REQUEST_WRITE)
			continue;
		tally->writes++;
		tally->failed_writes += r->write.result.rc != RC_OK;
	}
	destroy(w);
	scrub_run(w->scrub);
	checkpoint_due(w->checkpoint, now_ms());
}

static void probe(struct writer *w)
{
	int code;

	/* A full disk may have room for the WAL's pages in the database, and then the WAL begins again from its start. */
	checkpoint_now(w->checkpoint, now_ms());
	code = vault_look(w->vault);
	if (code == SQLITE_OK)
		code = sql_run(w->begin);
	if (code == SQLITE_OK)
		code = sql_run(w->probe);
	if (code == SQLITE_OK)
		code = commit(w);
	if (code != SQLITE_OK)
		roll_back(w);
	health(w, code);
}

static void retire(struct writer *w, int64_t utc_ms, struct writer_tally *tally)
{
	int64_t rows = 0;
	int code;

	if (!retention_starts(w->retention, utc_ms, now_ms())) {
		if (retention_forgot(w->retention))
			scrub_want(w->scrub);
		scrub_run(w->scrub);
		return;
	}
	code = sql_run(w->begin);
	if (code == SQLITE_OK)
		code = retention_slice(w->retention, utc_ms, &rows);
	if (code == SQLITE_OK && rows > 0)
		code = scrub_mark(w->scrub);
	if (code == SQLITE_OK)
		code = commit(w);
	if (code == SQLITE_OK) {
		tally->retired += (uint64_t)rows;
	} else {
		roll_back(w);
		health(w, code);
	}
	/* what went is overwritten in the file; at the end of a pass it leaves the WAL too */
	if (retention_next(w->retention, code == SQLITE_OK, now_ms()))
		scrub_want(w->scrub);
	scrub_run(w->scrub);
	checkpoint_due(w->checkpoint, now_ms());
}

uint64_t writer_wal_bytes(const struct writer *w)
{
	return checkpoint_wal_pages(w->checkpoint) * DB_PAGE_BYTES;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t writer_idle_at_ms(const struct writer *w)
{
	int64_t scrubs = scrub_at_ms(w->scrub);

	if (damage_is(w->damage))
		return INT64_MAX;
	if (atomic_load(&w->failing))
		return (int64_t)(w->probed_us / 1000) + PROBE_EVERY_MS;
	if (vault_has_doomed(w->vault))
		scrubs = earlier(scrubs, (int64_t)(w->destroy_after_us / 1000) + 1);
	return earlier(scrubs, earlier(retention_due_ms(w->retention), checkpoint_again_ms(w->checkpoint)));
}

/* A command that erases beside the daemon leaves both kinds of marks, and may have been cut off before it worked them off. */
static void look(struct writer *w)
{
	int64_t doomed = 0;

	if (scrub_look(w->scrub) &&
	    sql_int(w->db, "SELECT EXISTS (SELECT 1 FROM key_doomed)", &doomed) == SQLITE_OK && doomed)
		vault_doomed_again(w->vault);
}

void writer_idle(struct writer *w, int64_t utc_ms, struct writer_tally *tally)
{
	if (damage_is(w->damage))
		return;
	if (atomic_load(&w->failing)) {
		w->probed_us = now_us();
		probe(w);
		return;
	}
	if (checkpoint_again_ms(w->checkpoint) <= now_ms())
		checkpoint_now(w->checkpoint, now_ms());
	if (retention_due_ms(w->retention) <= now_ms())
		retire(w, utc_ms, tally);
	look(w);
	destroy(w);
	scrub_run(w->scrub);
}
