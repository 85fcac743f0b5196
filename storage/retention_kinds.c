/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention kinds: see retention_kinds.h.
 *
 * No index over times is kept for any of them: an index costs each registration, and a pass costs nobody.
 */
#include "storage/retention_kinds.h"

#include <string.h>

#include "storage/store_limits.h"

#define AT(member) offsetof(struct store_retention, member)

/* A pending SMS is not over. */
#define OLD_NOTICE "created < ?3 AND state <> 'pending'"

const struct retention_kind retention_kinds[] = {
	{.what = "interactions",
         .rows = "dialogues and SMS, one row each",
         .table = "interaction",
         .time = "ended",
         .over = "ended < ?3",
         .kept = AT(interactions_ms)},
	{.what = "notices",
         .rows = "what became of SMS that were sent, with their receipts",
         .table = "outbox",
         .time = "created",
         .over = OLD_NOTICE,
         .first =
                 "DELETE FROM sms_part WHERE notice IN (SELECT id FROM outbox WHERE id > ?1 AND id <= ?2 AND " OLD_NOTICE
                 ")",
         .kept = AT(notices_ms)},
	{.what = "screen_counts",
         .rows = "counts by screen and day, of nobody in particular",
         .table = "screen_count",
         .key = "service, screen, day",
         .over = "day < ?3 / 86400000",
         .kept = AT(screens_ms)},
	{.what = "refusals",
         .rows = "who did not get a gift, and why",
         .table = "refusal",
         .key = "subscriber, key, reason",
         .over = "last < ?3",
         .kept = AT(refusals_ms)},
	{.what = "counts_over", /* a day over: a clock may be set back a little */
         .rows = "gifts counted against limits whose time is over",
         .table = "spent",
         .key = "rule, scope, bucket",
         .over = "ends > 0 AND ends < ?3",
         .kept = SIZE_MAX,
         .least_ms = RETENTION_DAY_MS},
	{.what = "number_news",
         .rows = "news of numbers behind which there is nobody",
         .table = "number_news",
         .key = "msisdn",
         .over = "at < ?3",
         .kept = SIZE_MAX,
         .least_ms = STORE_NEWS_KEPT_MS},
	{.what = "history",
         .rows = "what a value was before it became another",
         .table = "profile_history",
         .time = "at",
         .over = "at < ?3",
         .kept = AT(history_ms)},
	{.what = "number_periods",
         .rows = "who had a number before, by its hash",
         .table = "number_period",
         .time = "until",
         .over = "until < ?3",
         .kept = AT(periods_ms)},
	{.what = "requests",
         .rows = "requests for a copy that are done",
         .table = "requests",
         .key = "id",
         .over = "done > 0 AND done < ?3",
         .kept = AT(requests_ms)},
	{.what = "imports",
         .rows = "runs of starhash import that have ended",
         .table = "import_run",
         .key = "id",
         .over = "state <> 'running' AND updated < ?3",
         .kept = AT(imports_ms)},
	{.what = "relations", /* nobody is asked twice in 30 days, and the rows tell when it was */
         .rows = "relations that were declined, left, or never answered",
         .table = "relation",
         .time = "made",
         .over = "(state = 'declined' OR state = 'left' OR state = 'expired') AND max(asked, answered, ended) < ?3",
         .kept = AT(relations_ms),
         .least_ms = 31 * RETENTION_DAY_MS,
         .is_daily = true},
	{.what = "invitations_past", /* a day over: a clock may be set back a little */
         .rows = "when people who were erased had asked or were asked, by hashes",
         .table = "relation_past",
         .key = "id",
         .over = "until < ?3",
         .kept = SIZE_MAX,
         .least_ms = RETENTION_DAY_MS},
	{.what = "given_up",
         .rows = "people who gave their number up: their values, and the key of these",
         .table = "profile p JOIN subscriber s ON s.id = p._subscriber",
         .key = "p._subscriber",
         .over = "s.msisdn IS NULL AND s.last_seen < ?3",
         .kept = AT(given_up_ms),
         .is_people = true,
         .is_daily = true},
};
const size_t retention_kinds_count = sizeof retention_kinds / sizeof retention_kinds[0];

int64_t retention_kept_ms(const struct retention_kind *kind, const struct store_retention *policy)
{
	int64_t kept;

	if (kind->kept == SIZE_MAX)
		return policy->spent ? kind->least_ms : 0;
	memcpy(&kept, (const char *)policy + kind->kept, sizeof kept);
	return kept > 0 && kept < kind->least_ms ? kind->least_ms : kept;
}

bool retention_is_open(const struct store_retention *policy, int64_t utc_ms)
{
	return policy->lasts_ms <= 0 || utc_ms - retention_opened_ms(policy, utc_ms) < policy->lasts_ms;
}

int64_t retention_opened_ms(const struct store_retention *policy, int64_t utc_ms)
{
	int64_t since = (utc_ms - policy->starts_ms) % RETENTION_DAY_MS;

	return utc_ms - (since < 0 ? since + RETENTION_DAY_MS : since);
}
