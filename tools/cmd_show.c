/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash show: one subscriber, whole. The number is printed in clear: the caller has typed it. */
#include <inttypes.h>

#include "core/clock.h"
#include "core/msisdn.h"
#include "tools/cmd.h"
#include "tools/view_json.h"

static const char *at_text(int64_t ms, char *out)
{
	return ms ? clock_utc_text(ms, out) : "-";
}

static void print_record(const struct query_subscriber *s)
{
	const struct record *r = s->record;
	const struct profile *p = record_profile(r);
	char text[CLOCK_TEXT_SIZE], msisdn[MSISDN_TEXT_SIZE];

	printf("%s\n\n", msisdn_text(record_msisdn(r), msisdn));
	printf("  state       %s%s\n", subscriber_state_name(record_state(r)),
	       record_is_registered(r) ? " (registered)" : "");
	printf("  language    %s\n", *record_language(r) ? record_language(r) : "-");
	printf("  first seen  %s\n", at_text(record_first_seen_ms(r), text));
	printf("  last seen   %s\n", at_text(record_last_seen_ms(r), text));
	if (s->swapped_ms)
		printf("  new since   %s (SIM, or number to its holder)\n", at_text(s->swapped_ms, text));
	if (s->is_erased)
		printf("  erased      what was told is gone, and nobody has come back with this number\n");
	if (record_is_stopped(r))
		printf("  messages    stopped by the subscriber\n");
	printf("\nprofile\n");
	for (size_t i = 0; i < p->n_fields; i++)
		printf("  %-11s %s\n", p->field[i].name, record_value(r, i) ? record_value(r, i) : "-");
}

static void print_history(const struct query_subscriber *s)
{
	char text[CLOCK_TEXT_SIZE], expires[CLOCK_TEXT_SIZE];

	printf("\nconsents\n");
	for (size_t i = 0; i < s->n_consents; i++)
		printf("  %s  %-10s %s, by %s in %s\n      \"%s\"\n", at_text(s->consent[i].at_ms, text),
		       s->consent[i].state, s->consent[i].purpose, s->consent[i].channel,
		       s->consent[i].language, s->consent[i].words);
	printf("\ngrants\n");
	for (size_t i = 0; i < s->n_grants; i++)
		printf("  %s  %-10s %s (%s), key %s, until %s\n", at_text(s->grant[i].at_ms, text),
		       s->grant[i].state, s->grant[i].bundle, s->grant[i].gives, s->grant[i].key,
		       at_text(s->grant[i].expires_ms, expires));
	if (s->n_refusals > 0)
		printf("\nnot given\n");
	for (size_t i = 0; i < s->n_refusals; i++) {
		const struct query_refusal *n = &s->refusal[i];

		printf("  %s  %-10s %s, key %s: %s%s%s%s", at_text(n->last_ms, text), n->reason, n->bundle,
		       n->key, refusal_words(refusal_by_name(n->reason)), *n->rule ? " [" : "", n->rule,
		       *n->rule ? "]" : "");
		printf(n->count > 1 ? ", %" PRId64 " times\n" : "\n", n->count);
	}
	printf("\ninteractions, newest first\n");
	for (size_t i = 0; i < s->n_interactions; i++)
		printf("  %s  %-10s %s %s, %d steps, %s at %s%s%s\n",
		       at_text(s->interaction[i].began_ms, text), s->interaction[i].outcome,
		       s->interaction[i].channel, s->interaction[i].inbound ? "in" : "out",
		       s->interaction[i].steps, s->interaction[i].service,
		       *s->interaction[i].last_screen ? s->interaction[i].last_screen : "-",
		       *s->interaction[i].detail ? ": " : "", s->interaction[i].detail);
}

static void print_notices(const struct query_subscriber *s)
{
	char text[CLOCK_TEXT_SIZE], at[CLOCK_TEXT_SIZE];

	printf("\nSMS and pushes, newest first\n");
	for (size_t i = 0; i < s->n_notices; i++) {
		const struct query_notice *n = &s->notice[i];

		printf("  %s  %-10s %s", at_text(n->created_ms, text), n->state, n->kind);
		if (*n->why)
			printf(": %s", n->why);
		if (n->code)
			printf(" (0x%x)", n->code);
		if (n->attempts > 1 || (n->attempts > 0 && n->next_ms))
			printf(", %d attempts", n->attempts);
		if (n->next_ms)
			printf(", not before %s", at_text(n->next_ms, at));
		if (*n->delivery)
			printf(", %s %s", n->delivery, at_text(n->delivery_ms, at));
		if (n->parts > 1)
			printf(", %d parts", n->parts);
		if (n->error > 0)
			printf(", network error %d (0x%x)", n->error, (unsigned)n->error);
		printf("\n");
	}
}

struct show {
	bool json, failed;
};

static bool show_one(void *ctx, const struct query_subscriber *s)
{
	struct show *show = ctx;

	if (show->json) {
		show->failed = !view_json_print(s, true, stdout);
	} else {
		print_record(s);
		print_history(s);
		print_notices(s);
	}
	return true;
}

static enum cmd_exit show(const struct config *config, const char *number, bool json)
{
	struct show show = {.json = json};
	char why[300];
	struct query *query;
	int64_t msisdn;
	enum rc rc;

	if (!cmd_msisdn(config, number, &msisdn) || !(query = cmd_query(config)))
		return CMD_FAULT;
	rc = query_by_msisdn(query, msisdn, show_one, &show);
	snprintf(why, sizeof why, "%s", query_why(query));
	query_close(query);
	if (rc == RC_NOTFOUND)
		return cmd_fault("no such subscriber");
	if (rc == RC_STATE)
		return cmd_fault("%s", why);
	return rc == RC_OK && !show.failed ? CMD_OK : cmd_fault("reading the store failed: %s", rc_name(rc));
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false;
	const struct cmd_option options[] = {{"json", 0, &json, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_USAGE;
	struct config *config;
	int n = cmd_options(&cmd_show, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != 1)
		return cmd_misused(&cmd_show, "give one number");
	config = cmd_config(ctx);
	result = config ? show(config, argv[1], json) : CMD_FAULT;
	config_free(config);
	return result;
}

const struct cmd cmd_show = {
	.name = "show",
	.args = "MSISDN [--json]",
	.summary = "Show all that is known of one subscriber",
	.help = "  --json  one object: msisdn, state, language, registered, profile, consents, grants, "
		"interactions, notices (SMS and what became of them)\n",
	.run = run,
};
