/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of what stands in the store, for reports: the sums of query.h. */
#include <string.h>

#include "storage/query_private.h"
#include "storage/screens.h"
#include "storage/sql.h"

/* Rows of a table by state, added into the members that the names stand for. */
struct tally {
	const char *state;
	int64_t *into;
};

static int count_states(struct query *q, const char *text, const struct tally *list, size_t n)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(query_db(q), text, -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		for (size_t i = 0; i < n; i++) {
			if (strcmp(sql_column_text(st, 0), list[i].state) == 0)
				*list[i].into += sqlite3_column_int64(st, 1);
		}
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int counts_read(struct query *q, struct query_counts *c)
{
	const struct tally grants[] = {
		{"pending", &c->grants_pending},
		{"granted", &c->grants_granted},
		{"rejected", &c->grants_rejected},
		{"unknown", &c->grants_unknown},
	};
	const struct tally notices[] = {
		{"pending", &c->notices_pending},
		{"sent", &c->notices_sent},
		{"rejected", &c->notices_rejected},
		{"unknown", &c->notices_unknown},
	};
	const struct {
		const char *text;
		int64_t *into;
	} single[] = {
		{"SELECT count(*) FROM subscriber WHERE msisdn IS NOT NULL", &c->subscribers},
		{"SELECT count(*) FROM subscriber WHERE msisdn IS NOT NULL AND state <> 'anonymous'",
	         &c->registered},
		{"SELECT count(*) FROM ledger", &c->ledger_postings},
		{"SELECT count(*) FROM charge c JOIN grants g ON g.id = c.id WHERE g.state = 'granted' "
	         "AND c.system <> 'ledger'",
	         &c->charged},
		{"SELECT count(*) FROM interaction", &c->interactions},
		{"SELECT count(*) FROM consent", &c->consents},
	};
	struct tally deliveries[STORE_DELIVERIES];
	int code = count_states(q, "SELECT state, count(*) FROM grants GROUP BY state", grants, 4);

	if (code == SQLITE_OK)
		code = count_states(q, "SELECT state, count(*) FROM outbox GROUP BY state", notices, 4);
	for (int i = 0; i < STORE_DELIVERIES; i++)
		deliveries[i] = (struct tally){
			i == STORE_DELIVERY_READ ? "" : store_delivery_name((enum store_delivery)i),
			&c->deliveries[i]};
	if (code == SQLITE_OK)
		code = count_states(
			q, "SELECT delivery, count(*) FROM outbox WHERE delivery <> '' GROUP BY delivery",
			deliveries, STORE_DELIVERIES);
	for (size_t i = 0; i < sizeof single / sizeof single[0] && code == SQLITE_OK; i++)
		code = sql_int(query_db(q), single[i].text, single[i].into);
	return code;
}

enum rc query_counts_read(struct query *q, struct query_counts *out)
{
	struct query_counts c = {0};
	int code = sqlite3_exec(query_db(q), "BEGIN", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = counts_read(q, &c);
	if (!sqlite3_get_autocommit(query_db(q)))
		(void)sqlite3_exec(query_db(q), "COMMIT", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		*out = c;
	return code == SQLITE_OK ? RC_OK : RC_IO;
}

enum rc query_screens(struct query *q, const char *service, int days, query_screen_fn *fn, void *ctx)
{
	int64_t today = 0;
	int code = sql_int(query_db(q), "SELECT strftime('%s', 'now') / 86400", &today);

	if (code == SQLITE_OK)
		code = screens_read(query_db(q), service, days > 0 ? today - days + 1 : 0, fn, ctx);
	return code == SQLITE_OK || code == SQLITE_ABORT ? RC_OK
	       : (code & 0xff) == SQLITE_NOMEM           ? RC_NOMEM
	                                                 : RC_IO;
}
