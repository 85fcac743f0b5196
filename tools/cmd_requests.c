/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash requests: what subscribers have asked for on their phones that a person has to do, and that it is done.
 *
 * Beside a running daemon or without one. Who they are stands in starhash show and export, for people who may reveal it; here is
 * nothing private.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "storage/query_requests.h"
#include "tools/access.h"
#include "tools/cmd.h"
#include "tools/safe.h"

#define BUSY_MS 10000

struct listing {
	bool json;
	int64_t n;
};

static json_t *time_json(int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	return ms != 0 ? json_string(clock_utc_text(ms, text)) : json_null();
}

static bool print_json(const struct query_request *r, bool is_first)
{
	char msisdn[24];
	json_t *o;
	int rc;

	snprintf(msisdn, sizeof msisdn, "%" PRId64, r->msisdn);
	o = json_pack("{s:I, s:I, s:o, s:s, s:s, s:o, s:o, s:I, s:o, s:o, s:s, s:s}", "id", (json_int_t)r->id,
	              "subscriber", (json_int_t)r->subscriber, "msisdn",
	              r->msisdn != 0 ? json_string(msisdn) : json_null(), "what", r->what, "channel",
	              r->channel, "at", time_json(r->at_ms), "last", time_json(r->last_ms), "times",
	              (json_int_t)r->times, "swapped", time_json(r->swapped_ms), "done",
	              time_json(r->done_ms), "actor", r->actor, "reason", r->reason);
	fputs(is_first ? "" : ",\n", stdout);
	rc = o != NULL ? json_dumpf(o, stdout, JSON_COMPACT) : -1;
	json_decref(o);
	return rc == 0;
}

/* Reasons are typed by people: nothing of theirs may speak to the terminal. */
static void print_words(const char *text)
{
	fputs(SAFE(text), stdout);
}

static void print_line(const struct query_request *r)
{
	char at[CLOCK_TEXT_SIZE], number[24] = "(none)";

	if (r->msisdn != 0)
		snprintf(number, sizeof number, "%" PRId64, r->msisdn);
	printf("%8" PRId64 "  %.19s  %-13s  %-5s  %-9s", r->id, clock_utc_text(r->at_ms, at), number, r->what,
	       r->channel);
	if (r->times > 1)
		printf("  asked %" PRId64 " times", r->times);
	if (r->swapped_ms != 0)
		printf("  SIM or number new since %.10s", clock_utc_text(r->swapped_ms, at));
	if (r->done_ms != 0) {
		printf("  done %.19s%s%s: ", clock_utc_text(r->done_ms, at), *r->actor != '\0' ? " by " : "",
		       r->actor);
		print_words(r->reason);
	}
	putchar('\n');
}

static bool list_one(void *ctx, const struct query_request *r)
{
	struct listing *l = ctx;

	if (l->json)
		return print_json(r, l->n++ == 0) && !ferror(stdout);
	if (l->n++ == 0)
		printf("%8s  %-19s  %-13s  %-5s  %s\n", "id", "asked (UTC)", "msisdn", "for", "by");
	print_line(r);
	return !ferror(stdout);
}

static enum cmd_exit list(const struct config *config, bool all, bool json)
{
	struct listing l = {.json = json};
	struct query *q = cmd_query(config);
	enum rc rc;

	if (q == NULL)
		return CMD_FAULT;
	if (json)
		putchar('[');
	rc = query_requests(q, all, list_one, &l);
	query_close(q);
	if (rc != RC_OK)
		return cmd_fault("reading the store failed: %s", rc_name(rc));
	if (json)
		puts("]");
	else if (l.n == 0)
		puts(all ? "nobody has asked for anything" : "no request is open");
	return ferror(stdout) ? cmd_fault("writing failed") : CMD_OK;
}

static enum cmd_exit done(const struct config *config, const char *word, const char *role, const char *reason)
{
	const struct audit_store store = {
		.path = config->store_path, .key_path = config->store_key, .busy_ms = BUSY_MS};
	struct audit_row row = {.at_ms = clock_utc_ms(clock_system()), .action = "request done"};
	struct access access;
	char why[400] = "";

	if (!access_take_any(config, role, ACCESS_REQUESTS, reason, &access))
		return CMD_FAULT;
	row.actor = access.actor;
	row.reason = access.reason;
	if (query_request_done(&store, strtoll(word, NULL, 10), &row, why, sizeof why) != RC_OK)
		return cmd_fault("%s", why);
	puts("done");
	return CMD_OK;
}

static bool is_id(const char *word)
{
	return *word != '\0' && strlen(word) < 19 && strspn(word, "0123456789") == strlen(word);
}

static const char *misuse(char **word, int n, bool all, bool json, const char *role, const char *reason)
{
	if (n == 0)
		return role != NULL || reason != NULL ? "--role and --reason go with done ID" : NULL;
	if (strcmp(word[0], "done") != 0 || n != 2 || !is_id(word[1]))
		return "say done ID, or nothing to see what is open";
	if (all || json)
		return "--all and --json go with the list";
	return reason == NULL || *reason == '\0' ? "--reason TEXT is needed: it is kept in the audit" : NULL;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false, all = false;
	const char *role = NULL, *reason = NULL;
	const struct cmd_option options[] = {{"json", 0, &json, NULL},
	                                     {"all", 0, &all, NULL},
	                                     {"role", 0, NULL, &role},
	                                     {"reason", 0, NULL, &reason},
	                                     {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	int n = cmd_options(&cmd_requests, options, argc, argv, &result);
	const char *wrong = n >= 0 ? misuse(argv + 1, n, all, json, role, reason) : NULL;
	struct config *config;

	if (n < 0)
		return result;
	if (wrong != NULL)
		return cmd_misused(&cmd_requests, "%s", wrong);
	config = cmd_config(ctx);
	if (config != NULL)
		result = n > 0 ? done(config, argv[2], role, reason) : list(config, all, json);
	config_free(config);
	return result;
}

const struct cmd cmd_requests = {
	.name = "requests",
	.args = "[--all] [--json] | done ID --reason TEXT [--role NAME]",
	.summary = "What subscribers have asked for: copies of their data",
	.help = "  --all          those that are closed too, newest first\n"
		"  --json         one array\n"
		"  done ID        it was done\n"
		"  --reason TEXT  how; kept in the audit\n"
		"  --role NAME    as who, with the right \"requests\"; needed where starhash.conf has roles\n"
		"The copy itself is what starhash show prints, as JSON and revealed.\n",
	.run = run,
};
