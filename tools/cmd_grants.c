/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash grants: what was promised, what became of it at the charging system, and what a person decides of it.
 *
 * Reading works beside a running daemon and without one. A decision is written beside it too: the daemon sees it within
 * seconds, asks no more, and tells the subscriber (docs/charging.md).
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/refusal.h"
#include "storage/query_charges.h"
#include "tools/cmd_grants.h"

struct wish {
	bool json, report, refused;
	const char *state, *days, *reason, *role;
};

static json_t *time_json(int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	return ms != 0 ? json_string(clock_utc_text(ms, text)) : json_null();
}

static json_t *charge_json(const struct query_charge *c)
{
	char msisdn[24];
	json_t *o;

	snprintf(msisdn, sizeof msisdn, "%" PRId64, c->msisdn);
	o = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:s}", "id", (json_int_t)c->id,
	              "msisdn", msisdn, "bundle", c->bundle, "key", c->key, "state", c->state, "system",
	              c->system, "outbox", c->outbox, "reference", c->reference, "attempts_sent", c->attempts,
	              "code", c->code, "why", c->why);
	json_object_set_new(o, "kind", json_string(c->price > 0 ? "purchase" : "grant"));
	json_object_set_new(o, "price", json_integer((json_int_t)c->price));
	json_object_set_new(o, "refusal", json_string(c->refusal));
	json_object_set_new(o, "at", time_json(c->at_ms));
	json_object_set_new(o, "sent", time_json(c->sent_ms));
	json_object_set_new(o, "next", time_json(c->next_ms));
	json_object_set_new(o, "settled", time_json(c->settled_ms));
	return o;
}

static bool dump(json_t *o)
{
	int rc = o ? json_dumpf(o, stdout, JSON_COMPACT) : -1;

	json_decref(o);
	return rc == 0;
}

/* --- the list ------------------------------------------------------------------------------------------------- */

struct listing {
	bool json;
	int64_t n;
};

/* "50.00"; "" = none. */
static const char *money(int64_t minor, char out[24])
{
	snprintf(out, 24, "%" PRId64 ".%02d", minor / 100, (int)(minor % 100));
	return out;
}

static void print_row(const struct query_charge *c)
{
	char at[CLOCK_TEXT_SIZE], price[24] = "";

	printf("%8" PRId64 "  %.19s  %-12" PRId64 "  %-12s %9s %-12s %-9s %-10s %5d  %s\n", c->id,
	       clock_utc_text(c->at_ms, at), c->msisdn, c->bundle, c->price > 0 ? money(c->price, price) : "",
	       c->key, c->state, c->outbox[0] ? c->outbox : c->system, c->code, c->why);
}

static bool list_one(void *ctx, const struct query_charge *c)
{
	struct listing *l = ctx;

	if (l->json) {
		fputs(l->n++ > 0 ? ",\n" : "", stdout);
		return dump(charge_json(c));
	}
	if (l->n++ == 0)
		printf("%8s  %-19s  %-12s  %-12s %9s %-12s %-9s %-10s %5s  %s\n", "id", "at (UTC)", "msisdn",
		       "bundle", "price", "key", "state", "order", "code", "last word");
	print_row(c);
	return !ferror(stdout);
}

static enum cmd_exit list(struct query *q, const struct query_charge_filter *filter, bool json)
{
	struct listing l = {.json = json};
	enum rc rc;

	if (json)
		putchar('[');
	rc = query_charges(q, filter, list_one, &l);
	if (rc != RC_OK)
		return cmd_fault("reading the store failed: %s", rc_name(rc));
	if (json)
		puts("]");
	else if (l.n == 0)
		puts("no such grant");
	return CMD_OK;
}

/* --- one, whole -------------------------------------------------------------------------------------------------- */

struct whole {
	bool json, found;
	json_t *o;
};

static void attempt_one(void *ctx, const struct query_attempt *a)
{
	struct whole *w = ctx;
	char at[CLOCK_TEXT_SIZE];

	if (w->json)
		json_array_append_new(json_object_get(w->o, "attempts"),
		                      json_pack("{s:o, s:s, s:s, s:s, s:i, s:s}", "at", time_json(a->at_ms),
		                                "op", a->op, "outcome", a->outcome, "reason", a->reason,
		                                "code", a->code, "why", a->why));
	else
		printf("  %.19s  %-8s %-9s %-13s %5d  %s\n", clock_utc_text(a->at_ms, at), a->op, a->outcome,
		       a->reason, a->code, a->why);
}

static bool whole_one(void *ctx, const struct query_charge *c)
{
	struct whole *w = ctx;
	char at[CLOCK_TEXT_SIZE], price[24];

	w->found = true;
	if (w->json) {
		w->o = charge_json(c);
		json_object_set_new(w->o, "attempts", json_array());
		return false;
	}
	printf("grant %" PRId64 ": %s under \"%s\" for %" PRId64 ", %.19s\n", c->id, c->bundle, c->key,
	       c->msisdn, clock_utc_text(c->at_ms, at));
	if (c->price > 0)
		printf("  bought for %s\n", money(c->price, price));
	printf("  state %s", c->state);
	if (c->refusal[0])
		printf(" (%s)", refusal_words(refusal_by_name(c->refusal)));
	if (c->outbox[0])
		printf("; order at %s: %s, sent %d times, reference %s", c->system, c->outbox, c->attempts,
		       c->reference);
	printf("\n");
	if (c->next_ms != 0)
		printf("  next try not before %.19s\n", clock_utc_text(c->next_ms, at));
	return false;
}

static enum cmd_exit show(struct query *q, int64_t id, bool json)
{
	const struct query_charge_filter filter = {.id = id};
	struct whole w = {.json = json};
	enum rc rc = query_charges(q, &filter, whole_one, &w);

	if (rc == RC_OK && w.found)
		rc = query_attempts(q, id, attempt_one, &w);
	if (rc != RC_OK) {
		json_decref(w.o);
		return cmd_fault("reading the store failed: %s", rc_name(rc));
	}
	if (!w.found)
		return cmd_fault("no grant has the id %" PRId64, id);
	if (json)
		json_object_set_new(w.o, "refused", grants_refused_json(q, id));
	else
		grants_refused_print(q, id, "  refused: ");
	if (json && (!dump(w.o) || putchar('\n') == EOF))
		return cmd_fault("writing failed");
	return CMD_OK;
}

static bool keep_id(void *ctx, const struct query_charge *c)
{
	*(int64_t *)ctx = c->id;
	return false;
}

/* An id, a reference of up to 20 digits as the charging system knows it, or a key. */
static enum cmd_exit find(struct query *q, const char *word, bool json)
{
	struct query_charge_filter filter = {.reference = word};
	int64_t id = 0;

	if (strspn(word, "0123456789") != strlen(word)) {
		filter = (struct query_charge_filter){.key = word};
		return list(q, &filter, json);
	}
	if (query_charges(q, &filter, keep_id, &id) == RC_OK && id == 0)
		id = strlen(word) < 19 ? strtoll(word, NULL, 10) : 0;
	return id > 0 ? show(q, id, json) : cmd_fault("no grant has this id or reference");
}

/* --- the report ----------------------------------------------------------------------------------------------------- */

struct reporting {
	json_t *days; /* NULL = text */
	bool agree;
};

static bool agrees(const struct query_grant_day *d)
{
	return d->odd == 0 && d->given == d->confirmed + d->rejected + d->pending + d->unknown &&
	       d->asked_minor == d->paid_minor + d->refused_minor + d->open_minor;
}

static json_t *money_json(const struct query_grant_day *d)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "given", (json_int_t)d->asked_minor, "confirmed",
	                 (json_int_t)d->paid_minor, "rejected", (json_int_t)d->refused_minor, "open",
	                 (json_int_t)d->open_minor);
}

static void print_money(const struct query_grant_day *d)
{
	char given[24], confirmed[24], rejected[24], open[24];

	if (d->bought > 0)
		printf("%-10s %10s %10s %10s %10s             bought: %" PRId64 "\n", "  money",
		       money(d->asked_minor, given), money(d->paid_minor, confirmed),
		       money(d->refused_minor, rejected), money(d->open_minor, open), d->bought);
}

static void report_one(void *ctx, const struct query_grant_day *d)
{
	struct reporting *r = ctx;
	char day[CLOCK_TEXT_SIZE] = "all";

	if (d->day >= 0)
		clock_utc_text(d->day * 86400000, day);
	r->agree &= agrees(d);
	if (r->days) {
		json_array_append_new(
			r->days,
			json_pack("{s:s%, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:o}", "day", day,
		                  d->day >= 0 ? (size_t)10 : strlen(day), "given", (json_int_t)d->given,
		                  "confirmed", (json_int_t)d->confirmed, "rejected", (json_int_t)d->rejected,
		                  "open", (json_int_t)(d->pending + d->unknown), "unknown",
		                  (json_int_t)d->unknown, "odd", (json_int_t)d->odd, "agree", agrees(d),
		                  "purchases", (json_int_t)d->bought, "money", money_json(d)));
	} else {
		printf("%-10.10s %10" PRId64 " %10" PRId64 " %10" PRId64 " %10" PRId64 " %10" PRId64 "  %s\n",
		       day, d->given, d->confirmed, d->rejected, d->pending + d->unknown, d->unknown,
		       agrees(d) ? "agree" : "DIFFER: please report this");
		print_money(d);
	}
}

static enum cmd_exit report(struct query *q, const char *days, bool json)
{
	struct reporting r = {.days = json ? json_array() : NULL, .agree = true};
	enum rc rc;

	if (!json)
		printf("%-10s %10s %10s %10s %10s %10s  %s\n", "day (UTC)", "given", "confirmed", "rejected",
		       "open", "in doubt", "sums");
	rc = query_grant_days(q, days ? (int)strtol(days, NULL, 10) : 0, report_one, &r);
	if (rc != RC_OK) {
		json_decref(r.days);
		return cmd_fault("reading the store failed: %s", rc_name(rc));
	}
	if (json &&
	    (!dump(json_pack("{s:b, s:o}", "agree", r.agree, "days", r.days)) || putchar('\n') == EOF))
		return cmd_fault("writing failed");
	if (!r.agree)
		return cmd_fault("the sums do not agree: grants, orders and the ledger say different things");
	return CMD_OK;
}

/* --- the command --------------------------------------------------------------------------------------------------------- */

static enum cmd_exit read_with(const struct config *config, char **word, int n, const struct wish *wish)
{
	const struct query_charge_filter filter = {.state = wish->state};
	struct query *q = cmd_query(config);
	enum cmd_exit result;

	if (!q)
		return CMD_FAULT;
	if (wish->report)
		result = report(q, wish->days, wish->json);
	else if (wish->refused)
		result = grants_refused(q, wish->json);
	else if (n == 1)
		result = find(q, word[0], wish->json);
	else
		result = list(q, &filter, wish->json);
	query_close(q);
	return result;
}

static bool is_state(const char *state)
{
	static const char *const states[] = {"pending",  "sent",    "granted",   "held",
	                                     "rejected", "unknown", "reconciled"};

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcmp(states[i], state) == 0)
			return true;
	return false;
}

static const char *misuse(char **word, int n, bool decides, const struct wish *wish)
{
	if (wish->state && !is_state(wish->state))
		return "--state is one of held, pending, sent, granted, rejected, unknown, reconciled";
	if (decides)
		return grants_decision_misuse(word, n, wish->reason);
	return n > 1 ? "give one id, reference or key" : NULL;
}

static enum cmd_exit decide(const struct config *config, char **word, const struct wish *wish)
{
	struct access access;

	if (!access_take_any(config, wish->role, ACCESS_GRANTS, wish->reason, &access))
		return CMD_FAULT;
	return grants_decide(config, word, &access, wish->json);
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct wish wish = {0};
	const struct cmd_option options[] = {
		{"json", 0, &wish.json, NULL},       {"report", 0, &wish.report, NULL},
		{"refused", 0, &wish.refused, NULL}, {"state", 0, NULL, &wish.state},
		{"days", 0, NULL, &wish.days},       {"reason", 0, NULL, &wish.reason},
		{"role", 0, NULL, &wish.role},       {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	int n = cmd_options(&cmd_grants, options, argc, argv, &result);
	bool decides = n > 0 && grants_decides(argv[1]);
	const char *wrong = n >= 0 ? misuse(argv + 1, n, decides, &wish) : NULL;
	struct config *config;

	if (n < 0)
		return result;
	if (wrong)
		return cmd_misused(&cmd_grants, "%s", wrong);
	config = cmd_config(ctx);
	if (config)
		result = decides ? decide(config, argv + 1, &wish) : read_with(config, argv + 1, n, &wish);
	config_free(config);
	return result;
}

const struct cmd cmd_grants = {
	.name = "grants",
	.args = "[ID|REFERENCE|KEY] [--state S] [--refused] [--json] | --report [--days N] | "
		"resolve ID granted|rejected --reason TEXT [--role NAME] | approve|refuse ID --reason TEXT [--role NAME]",
	.summary = "What was given, what became of it, and decisions",
	.help = "  --state S      only those in this state: held, pending, sent, granted, rejected, unknown, reconciled\n"
		"  --refused      who did not get a gift, and why\n"
		"  --report       by day: given, confirmed, rejected, open; exit code 1 when the sums do not agree\n"
		"  --days N       the last N days of the report\n"
		"  --json         one array, or one object\n"
		"  --reason TEXT  why it is decided so; kept in the audit\n"
		"  --role NAME    as whom; needed where starhash.conf has roles, with the right \"grants\"\n"
		"approve and refuse are for what is held; resolve is for what is in doubt at the charging system.\n",
	.run = run,
};
