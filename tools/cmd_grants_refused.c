/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash grants --refused: who did not get a gift, and why, in words for care. */
#include <inttypes.h>

#include "core/clock.h"
#include "core/msisdn.h"
#include "storage/query_limits.h"
#include "tools/cmd_grants.h"

struct listing {
	json_t *list; /* NULL = lines */
	const char *before;
	bool with_number;
	int64_t n;
};

static json_t *refusal_json(int64_t msisdn, const struct query_refusal *r)
{
	char first[CLOCK_TEXT_SIZE], last[CLOCK_TEXT_SIZE], number[MSISDN_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "msisdn",
	                 msisdn_text(msisdn, number), "bundle", r->bundle, "key", r->key, "reason", r->reason,
	                 "rule", r->rule, "words", refusal_words(refusal_by_name(r->reason)), "first",
	                 clock_utc_text(r->first_ms, first), "last", clock_utc_text(r->last_ms, last),
	                 "count", (json_int_t)r->count);
}

static bool refusal_one(void *ctx, int64_t msisdn, const struct query_refusal *r)
{
	struct listing *l = ctx;
	char last[CLOCK_TEXT_SIZE];

	l->n++;
	if (l->list)
		return json_array_append_new(l->list, refusal_json(msisdn, r)) == 0;
	printf("%s%.19s  ", l->before, clock_utc_text(r->last_ms, last));
	if (l->with_number)
		printf("%-12" PRId64 "  %-12s %-12s ", msisdn, r->bundle, r->key);
	printf("%s: %s", r->reason, refusal_words(refusal_by_name(r->reason)));
	if (*r->rule)
		printf(" [%s]", r->rule);
	if (r->count > 1)
		printf(", %" PRId64 " times", r->count);
	putchar('\n');
	return !ferror(stdout);
}

enum cmd_exit grants_refused(struct query *q, bool json)
{
	struct listing l = {.list = json ? json_array() : NULL, .before = "", .with_number = true};
	enum rc rc = query_refusals(q, 0, refusal_one, &l);
	int failed = 0;

	if (rc == RC_OK && json)
		failed = json_dumpf(l.list, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF;
	else if (rc == RC_OK && l.n == 0)
		puts("nothing was refused");
	json_decref(l.list);
	if (rc != RC_OK)
		return cmd_fault("reading the store failed: %s", rc_name(rc));
	return failed ? cmd_fault("writing failed") : CMD_OK;
}

json_t *grants_refused_json(struct query *q, int64_t grant)
{
	struct listing l = {.list = json_array()};

	if (query_refusals(q, grant, refusal_one, &l) == RC_OK)
		return l.list;
	json_decref(l.list);
	return NULL;
}

void grants_refused_print(struct query *q, int64_t grant, const char *before)
{
	struct listing l = {.before = before};

	if (query_refusals(q, grant, refusal_one, &l) != RC_OK)
		cmd_fault("what was refused cannot be read");
}
