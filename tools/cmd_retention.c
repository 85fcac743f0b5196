/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash retention: how long is kept what, what would go now, what went, and what is kept for ever and why.
 *
 * Changes nothing: the daemon lets go (storage/retention.h). Its sums are read from the store, so it need not run.
 */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "core/clock.h"
#include "storage/query_fates.h"
#include "storage/query_retention.h"
#include "tools/cmd.h"

#define DAY_MS INT64_C(86400000)
#define SPAN_SIZE 32

struct report {
	const struct config *config;
	const struct store_retention *policy;
	bool counts;
	json_t *values, *rows; /* NULL: for people */
	int64_t unregistered, unregistered_total, due;
	bool in_rows; /* the table of values is over */
};

static const char *span(int64_t ms, char *out)
{
	if (ms <= 0)
		return "no end";
	if (ms % DAY_MS == 0)
		(void)snprintf(out, SPAN_SIZE, "%" PRId64 "d", ms / DAY_MS);
	else if (ms % 3600000 == 0)
		(void)snprintf(out, SPAN_SIZE, "%" PRId64 "h", ms / 3600000);
	else
		(void)snprintf(out, SPAN_SIZE, "%" PRId64 "s", ms / 1000);
	return out;
}

static const char *when(int64_t ms, char *out)
{
	return ms > 0 ? clock_utc_text(ms, out) : "never";
}

/* --- for people --------------------------------------------------------------------------------------------------------- */

static void print_field(const struct report *r, const struct query_retention_row *row)
{
	char kept[SPAN_SIZE], lasts[SPAN_SIZE];

	printf("  %-20s %-9s %-9s %10" PRId64, row->what + sizeof "value " - 1, span(row->kept_ms, kept),
	       span(row->lasts_ms, lasts), row->total);
	if (r->counts)
		printf(" %10" PRId64, row->due + row->due_past);
	printf("  %s%s", row->rows, row->is_required ? ", required: without it nobody is registered" : "");
	if (row->over > 0)
		printf(" (%" PRId64 " because the consent is over)", row->over);
	putchar('\n');
}

static void print_row(struct report *r, const struct query_retention_row *row)
{
	char kept[SPAN_SIZE];

	if (!r->in_rows)
		printf("\nrows                   kept      went for good%s\n", r->counts ? "  would go" : "");
	r->in_rows = true;
	printf("  %-20s %-9s %13" PRId64, row->what, span(row->kept_ms, kept), row->total);
	if (r->counts)
		printf(" %9" PRId64, row->due);
	printf("  %s\n", row->rows);
}

static bool on_row(void *ctx, const struct query_retention_row *row)
{
	struct report *r = ctx;

	if (!row->is_field && strcmp(row->what, "unregistered") == 0) {
		r->unregistered = row->due;
		r->unregistered_total = row->total;
		return true;
	}
	if (row->due > 0)
		r->due += row->due + row->due_past;
	if (row->is_field)
		print_field(r, row);
	else
		print_row(r, row);
	return true;
}

static void print_pass(const struct report *r, const struct query_retention_pass *p)
{
	char began[CLOCK_TEXT_SIZE], ended[CLOCK_TEXT_SIZE];

	if (p->began_ms == 0)
		printf("\nlast pass: none so far: the daemon begins one %s\n",
		       r->policy->lasts_ms > 0 ? "in its hours" : "when it runs");
	else if (p->ended_ms == 0)
		printf("\nlast pass: began %s, and has not ended: it goes on when the daemon has time for it\n",
		       when(p->began_ms, began));
	else
		printf("\nlast pass: %s to %s\n", when(p->began_ms, began), when(p->ended_ms, ended));
	if (p->began_ms != 0)
		printf("  %" PRId64 " slices, %" PRId64
		       " rows looked at; the writer was busy with it for %.3f s, at most %.1f ms at a time\n",
		       p->slices, p->looked, (double)p->busy_us / 1e6, (double)p->longest_us / 1e3);
	if (p->audited_ms != 0)
		printf("  the audit was told at %s\n", when(p->audited_ms, began));
	if (r->policy->lasts_ms > 0)
		printf("hours: from %02d:%02d UTC for %" PRId64 " min\n",
		       (int)(r->policy->starts_ms / 3600000 % 24), (int)(r->policy->starts_ms / 60000 % 60),
		       r->policy->lasts_ms / 60000);
	else
		puts("hours: any, when nobody waits for the writer");
	printf("registered no more because a required value went: %" PRId64, r->unregistered_total);
	if (r->counts)
		printf("; it would be %" PRId64 " more now", r->unregistered);
	putchar('\n');
}

static void print_for_ever(void)
{
	puts("\nkept for ever:");
	for (size_t i = 0; i < query_fates_count; i++)
		if (query_fates[i].kind == QUERY_FATE_FOR_EVER)
			printf("  %-14s %s\n                 why: %s\n", query_fates[i].what,
			       query_fates[i].is, query_fates[i].why);
}

/* --- JSON --------------------------------------------------------------------------------------------------------------- */

static void set_ms(json_t *o, const char *key, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	json_object_set_new(o, key, ms > 0 ? json_string(clock_utc_text(ms, text)) : json_null());
}

/* null: no end. */
static void set_span(json_t *o, const char *key, int64_t ms)
{
	json_object_set_new(o, key, ms > 0 ? json_integer((json_int_t)(ms / 1000)) : json_null());
}

static bool on_row_json(void *ctx, const struct query_retention_row *row)
{
	struct report *r = ctx;
	json_t *o = json_pack("{s:s, s:s, s:I, s:I}", "what",
	                      row->is_field ? row->what + sizeof "value " - 1 : row->what, "is", row->rows,
	                      "last", (json_int_t)row->last, "total", (json_int_t)row->total);

	if (!o)
		return false;
	set_ms(o, "at", row->at_ms);
	set_span(o, "kept_s", row->kept_ms);
	if (row->due >= 0)
		json_object_set_new(o, "would_go", json_integer((json_int_t)row->due));
	if (row->is_field) {
		set_span(o, "consent_lasts_s", row->lasts_ms);
		json_object_set_new(o, "required", json_boolean(row->is_required));
		if (row->due >= 0)
			json_object_set_new(o, "would_go_of_history",
			                    json_integer((json_int_t)row->due_past));
	}
	if (row->due > 0)
		r->due += row->due + row->due_past;
	return json_array_append_new(row->is_field ? r->values : r->rows, o) == 0;
}

static json_t *pass_json(const struct query_retention_pass *p)
{
	json_t *o;

	if (p->began_ms == 0)
		return json_null();
	o = json_pack("{s:I, s:I, s:I, s:I}", "slices", (json_int_t)p->slices, "looked",
	              (json_int_t)p->looked, "busy_us", (json_int_t)p->busy_us, "longest_us",
	              (json_int_t)p->longest_us);
	set_ms(o, "began", p->began_ms);
	set_ms(o, "ended", p->ended_ms);
	set_ms(o, "audited", p->audited_ms);
	return o;
}

static json_t *for_ever_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < query_fates_count; i++)
		if (query_fates[i].kind == QUERY_FATE_FOR_EVER)
			json_array_append_new(list,
			                      json_pack("{s:s, s:s, s:s}", "what", query_fates[i].what, "is",
			                                query_fates[i].is, "why", query_fates[i].why));
	return list;
}

static bool print_json(struct report *r, const struct query_retention_pass *p)
{
	json_t *hours =
		r->policy->lasts_ms > 0
			? json_pack("{s:I, s:I}", "starts_s", (json_int_t)(r->policy->starts_ms / 1000),
	                            "lasts_s", (json_int_t)(r->policy->lasts_ms / 1000))
			: json_null();
	json_t *out = json_pack("{s:o, s:o, s:o, s:o, s:o}", "last_pass", pass_json(p), "hours", hours,
	                        "values", r->values, "rows", r->rows, "kept_for_ever", for_ever_json());
	int rc;

	if (out && r->counts)
		json_object_set_new(out, "would_go", json_integer((json_int_t)r->due));
	rc = out ? json_dumpf(out, stdout, JSON_INDENT(2)) : -1;
	json_decref(out);
	return rc == 0 && putchar('\n') != EOF;
}

/* --- the command -------------------------------------------------------------------------------------------------------- */

static enum cmd_exit report(struct report *r, bool json)
{
	struct query *query = cmd_query(r->config);
	struct query_retention_pass pass;
	enum rc rc;

	if (!query)
		return CMD_FAULT;
	if (json) {
		r->values = json_array();
		r->rows = json_array();
	} else {
		printf("values                 kept      consent    went for good%s\n",
		       r->counts ? "   would go" : "");
	}
	rc = query_retention(query, r->policy, clock_utc_ms(clock_system()), r->counts, &pass,
	                     json ? on_row_json : on_row, r);
	query_close(query);
	if (rc != RC_OK) {
		json_decref(r->values);
		json_decref(r->rows);
		return cmd_fault("reading the store failed: %s", rc_name(rc));
	}
	if (json)
		return print_json(r, &pass) ? CMD_OK : cmd_fault("writing failed");
	print_pass(r, &pass);
	print_for_ever();
	if (r->counts)
		printf("\n%" PRId64 " would go now; nothing was changed\n", r->due);
	return CMD_OK;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct report r = {0};
	struct store_retention policy;
	bool json = false;
	const struct cmd_option options[] = {
		{"dry-run", 'n', &r.counts, NULL}, {"json", 0, &json, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_retention, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n > 0)
		return cmd_misused(&cmd_retention, "\"%s\" says nothing here", argv[1]);
	config = cmd_config(ctx);
	if (config) {
		policy = config_retention(config);
		r.config = config;
		r.policy = &policy;
		result = report(&r, json);
	}
	config_free(config);
	return result;
}

const struct cmd cmd_retention = {
	.name = "retention",
	.args = "[--dry-run] [--json]",
	.summary = "Say how long what is kept, and why",
	.help = "  --dry-run  also what would go now, by field and kind of row: reads the store through, and changes nothing\n"
		"  --json     one object\n",
	.run = run,
};
