/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reader: see reader.h. */
#include "storage/reader.h"

#include <stdlib.h>

#include "core/log.h"
#include "storage/db.h"
#include "storage/load.h"
#include "storage/sql.h"

struct reader {
	sqlite3 *db;
	struct load load;
	sqlite3_stmt *begin, *commit;
	bool failing; /* for one log line a change */
};

int reader_new(sqlite3 *db, const struct profile *profile, struct reader **out)
{
	struct reader *r = calloc(1, sizeof *r);
	int code;

	if (!r)
		return SQLITE_NOMEM;
	r->db = db;
	code = load_init(&r->load, db, profile);
	if (code == SQLITE_OK)
		code = sql_prepare(db, "BEGIN", &r->begin);
	if (code == SQLITE_OK)
		code = sql_prepare(db, "COMMIT", &r->commit);
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
	(void)sqlite3_finalize(r->begin);
	(void)sqlite3_finalize(r->commit);
	free(r);
}

static void health(struct reader *r, int code)
{
	bool failing = code != SQLITE_OK;

	if (failing && !r->failing)
		LOG_EVENT(LOG_LV_ERROR, "store", "read_failing", "why", sqlite3_errstr(code), "code",
		          LOG_INT(code), "remedy", db_remedy(code));
	else if (!failing && r->failing)
		LOG_EVENT(LOG_LV_INFO, "store", "read_working");
	r->failing = failing;
}

void reader_round(struct reader *r, struct request_list *round)
{
	/* Without the snapshot each question is its own; it costs time, not truth. */
	(void)sql_run(r->begin);
	for (struct request *q = round->first; q; q = q->next) {
		int code = load_by_msisdn(&r->load, q->find.msisdn, &q->find.record, &q->find.resume);

		q->find.rc = db_rc(code);
		if (q->find.rc == RC_FULL)
			q->find.rc = RC_IO; /* a read that needs room (shared memory of the WAL) */
		health(r, code);
	}
	if (!sqlite3_get_autocommit(r->db))
		(void)sql_run(r->commit);
}
