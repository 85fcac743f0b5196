/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fates: see query_fates.h. What each table holds: docs/privacy.md. */
#include "storage/query_fates.h"

#include <assert.h>

#include "storage/query_private.h"
#include "storage/sql.h"

#define GONE .kind = QUERY_FATE_DESTROYED
#define KEPT .kind = QUERY_FATE_KEPT
#define STAYS .kind = QUERY_FATE_FOR_EVER

const struct query_fate query_fates[] = {
	{GONE, .what = "history", .is = "what values were before",
         .sql = "SELECT count(*) FROM profile_history WHERE subscriber = ?1"},
	{GONE, .what = "look_ups", .is = "hashes by which a value could be looked for",
         .sql = "SELECT count(*) FROM profile_find WHERE subscriber = ?1"},
	{GONE, .what = "proofs", .is = "proof of who they are",
         .sql = "SELECT count(*) FROM verification WHERE subscriber = ?1 AND proof <> ''"},
	{GONE, .what = "relations", .is = "relations and invitations, on both sides",
         .sql = "SELECT count(*) FROM relation WHERE a = ?1 OR b = ?1"},
	{GONE, .what = "requests", .is = "open requests for a copy",
         .sql = "SELECT count(*) FROM requests WHERE subscriber = ?1 AND done = 0"},
	{GONE, .what = "texts", .is = "SMS that were to be sent, to them or about them",
         .sql = "SELECT (SELECT count(*) FROM outbox WHERE subscriber = ?1 AND (text <> '' OR route <> '' OR msisdn <> 0)) + "
                "(SELECT count(*) FROM outbox WHERE about = ?1 AND about <> 0 AND text <> '') + "
                "(SELECT count(*) FROM charge WHERE subscriber = ?1 AND sms || late || sorry || poor || barred || "
                "declined <> '')"},
	{GONE, .what = "receipts", .is = "the SMSC's names of SMS that were sent",
         .sql = "SELECT count(*) FROM sms_part WHERE notice IN (SELECT id FROM outbox WHERE subscriber = ?1)"},

	{STAYS, .what = "consents", .is = "what was agreed to, refused and withdrawn, with the words",
         .why = "proof that data was held by consent, and until when; they name nobody",
         .sql = "SELECT count(*) FROM consent WHERE subscriber = ?1"},
	{STAYS, .what = "grants", .is = "what was given, with its keys",
         .why = "no second bonus for the same phone; they lead to no number",
         .sql = "SELECT count(*) FROM grants WHERE subscriber = ?1"},
	{STAYS, .what = "postings", .is = "postings of the embedded ledger",
         .why = "books of what was given are closed and not changed",
         .sql = "SELECT count(*) FROM ledger l JOIN grants g ON g.id = l.grant_id WHERE g.subscriber = ?1"},
	{STAYS, .what = "orders", .is = "orders at the charging system, with the number they were made for",
         .why = "money was moved: both books must agree, and whoever has the number next needs another reference",
         .sql = "SELECT count(*) FROM charge WHERE subscriber = ?1"},
	{STAYS, .what = "attempts", .is = "what the charging system was asked, and has answered",
         .why = "as orders, without a number",
         .sql = "SELECT count(*) FROM charge_attempt WHERE charge IN (SELECT id FROM charge WHERE subscriber = ?1)"},
	{STAYS, .what = "tombstones", .is = "the number, as a hash under the store's key",
         .why = "no second bonus, and a STOP that was said stays said",
         .sql = "SELECT count(*) FROM tombstone WHERE subscriber = ?1"},
	{STAYS, .what = "referrals", .is = "that they came by somebody, or somebody by them, by internal ids",
         .why = "once in a life: no second reward",
         .sql = "SELECT count(*) FROM referral WHERE subscriber = ?1 OR by = ?1"},
	{STAYS, .what = "verifications", .is = "when they were proven to be who they say, without the proof",
         .why = "rules for registering numbers ask when, and by whose word",
         .sql = "SELECT count(*) FROM verification WHERE subscriber = ?1"},
	{STAYS, .what = "audit", .is = "who did what to their data, and why",
         .why = "law asks who did it; a chain without a row proves nothing",
         .sql = "SELECT count(*) FROM audit WHERE subject = ?1 AND subject <> 0"},
	{KEPT, .what = "interactions",
         .is = "dialogues and SMS, when and in which menu, without number or answers",
         .why = "to count and to mend the service", .option = "retention.interactions",
         .sql = "SELECT count(*) FROM interaction WHERE subscriber = ?1"},
	{KEPT, .what = "notices", .is = "that SMS were sent, without number or text",
         .why = "as interactions", .option = "retention.notices",
         .sql = "SELECT count(*) FROM outbox WHERE subscriber = ?1"},
	{KEPT, .what = "refusals", .is = "gifts that they did not get, and why",
         .why = "to answer complaints and to see fraud", .option = "retention.refusals",
         .sql = "SELECT count(*) FROM refusal WHERE subscriber = ?1"},
	{KEPT, .what = "number_periods", .is = "from when until when they had the number, by its hash",
         .why = "authorities ask who had a number then", .option = "retention.number_periods",
         .sql = "SELECT count(*) FROM number_period WHERE subscriber = ?1"},
	{KEPT, .what = "invitations_past",
         .is = "when they asked somebody, or were asked, by the hashes of both numbers",
         .why = "an erasure must not let people be asked again and again; goes a day after the last bound (relations.again)",
         .sql = "SELECT count(*) FROM relation_past p WHERE EXISTS (SELECT 1 FROM tombstone t WHERE "
                "t.subscriber = ?1 AND (t.hash = p.a OR t.hash = p.b))"},
	{KEPT, .what = "requests_done", .is = "requests for a copy that were answered",
         .why = "proof that they were", .option = "retention.requests",
         .sql = "SELECT count(*) FROM requests WHERE subscriber = ?1 AND done > 0"},
};
const size_t query_fates_count = sizeof query_fates / sizeof query_fates[0];
static_assert(sizeof query_fates / sizeof query_fates[0] <= QUERY_FATES_MAX, "room for each");

static int count_one(struct query *q, const char *text, int64_t subscriber, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	int code = sql_prepare(q->db, text, &st);

	if (code != SQLITE_OK)
		return code;
	sql_bind_int(st, 1, subscriber);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*out = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

enum rc query_fates_count_rows(struct query *q, int64_t subscriber, int64_t rows[QUERY_FATES_MAX])
{
	int code = SQLITE_OK;

	for (size_t i = 0; i < query_fates_count && code == SQLITE_OK; i++) {
		rows[i] = -1;
		if (query_fates[i].sql)
			code = count_one(q, query_fates[i].sql, subscriber, &rows[i]);
	}
	return code == SQLITE_OK ? RC_OK : RC_IO;
}

enum rc query_key_is_doomed(struct query *q, int64_t subscriber, bool *out)
{
	int64_t n = 0;
	int code = count_one(q, "SELECT count(*) FROM key_doomed WHERE subscriber = ?1", subscriber, &n);

	*out = n > 0;
	return code == SQLITE_OK ? RC_OK : RC_IO;
}
