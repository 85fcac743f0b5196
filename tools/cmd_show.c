/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash show: one subscriber, whole. The number is printed in clear: the caller has typed it. What is private is "***", unless
 * somebody says as who and why they look; that is in the audit before anything is shown. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "tools/access.h"
#include "tools/cmd.h"
#include "tools/view_print.h"

struct show {
	bool json, reveal;
	const char *role, *reason, *limit, *at;
	const struct config *config;
	struct view_options view;
	bool failed;
};

static bool show_one(void *ctx, const struct query_subscriber *s)
{
	struct show *show = ctx;

	if (show->json)
		show->failed = !view_json_print(s, &show->view, true, stdout);
	else
		view_print(s, &show->view);
	return true;
}

static bool look_one(void *ctx, const struct query_subscriber *s)
{
	view_look(s, ctx);
	return true;
}

/* The number is typed; whose it was at a time is looked up first. */
struct whom {
	int64_t msisdn, id; /* id 0 = who has the number now */
};

static enum rc ask(struct query *query, const struct whom *w, query_subscriber_fn *fn, void *ctx)
{
	return w->id ? query_by_id(query, w->id, fn, ctx) : query_by_msisdn(query, w->msisdn, fn, ctx);
}

/* What there is to see, then the audit, and only then the keys. */
static bool uncover(struct show *show, struct query *query, const struct whom *w, struct view_reveal *reveal,
                    enum rc *rc)
{
	struct access access;

	if (!access_take(show->config, show->role, ACCESS_REVEAL, show->reason, &access))
		return false;
	*rc = ask(query, w, look_one, reveal);
	if (*rc != RC_OK)
		return true; /* nobody, or nothing that can be read: said by the caller */
	show->view.reveal = reveal;
	return access_reveal(show->config, &access, query, reveal);
}

static enum cmd_exit show_with(struct show *show, struct query *query, const struct whom *w)
{
	struct view_reveal *reveal = calloc(1, sizeof *reveal);
	enum cmd_exit result = CMD_FAULT;
	enum rc rc = RC_OK;

	if (!reveal)
		return cmd_fault("memory is out");
	if (!show->reveal || uncover(show, query, w, reveal, &rc)) {
		if (rc == RC_OK)
			rc = ask(query, w, show_one, show);
		if (rc == RC_NOTFOUND)
			result = cmd_fault("no such subscriber");
		else if (rc == RC_STATE && *query_why(query))
			result = cmd_fault("%s", query_why(query));
		else
			result = rc == RC_OK && !show->failed
			                 ? CMD_OK
			                 : cmd_fault("reading the store failed: %s", rc_name(rc));
	}
	free(reveal);
	return result;
}

static enum cmd_exit show_number(struct show *show, const char *number, int limit)
{
	struct whom w = {0};
	char word[40], *live;
	struct query *query;
	enum cmd_exit result;
	bool runs = false;
	int64_t at_ms;
	enum rc rc;

	if (!cmd_msisdn(show->config, number, &w.msisdn))
		return CMD_FAULT;
	if (show->at && clock_utc_parse(show->at, &at_ms) != RC_OK)
		return cmd_fault("\"%s\" is no date; write 2026-12-01 or 2026-12-01T06:00+03:00", show->at);
	query = cmd_query(show->config);
	if (!query)
		return CMD_FAULT;
	query_limit(query, limit);
	rc = show->at ? query_holder_at(query, w.msisdn, at_ms, &w.id) : RC_OK;
	if (rc != RC_OK) {
		result = rc == RC_NOTFOUND
		                 ? cmd_fault("nobody is known to have had this number then")
		                 : cmd_fault("%s", *query_why(query) ? query_why(query) : rc_name(rc));
	} else {
		(void)snprintf(word, sizeof word, "live %" PRId64, w.msisdn);
		live = w.id ? NULL : cmd_control_if_running(show->config, word, &runs);
		show->view.live = live;
		result = show_with(show, query, &w);
		free(live);
	}
	query_close(query);
	return result;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct show show = {0};
	const struct cmd_option options[] = {{"json", 0, &show.json, NULL},
	                                     {"reveal", 0, &show.reveal, NULL},
	                                     {"role", 0, NULL, &show.role},
	                                     {"reason", 0, NULL, &show.reason},
	                                     {"limit", 'n', NULL, &show.limit},
	                                     {"at", 0, NULL, &show.at},
	                                     {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_USAGE;
	struct config *config;
	int n = cmd_options(&cmd_show, options, argc, argv, &result);
	int limit = show.limit ? atoi(show.limit) : QUERY_MAX_INTERACTIONS;

	if (n < 0)
		return result;
	if (n != 1)
		return cmd_misused(&cmd_show, "give one number");
	if (limit < 1 || limit > QUERY_LIMIT_MAX)
		return cmd_misused(&cmd_show, "--limit takes 1 to %d", QUERY_LIMIT_MAX);
	if ((show.role || show.reason) && !show.reveal)
		return cmd_misused(&cmd_show, "--role and --reason go with --reveal");
	config = cmd_config(ctx);
	show.config = config;
	result = config ? show_number(&show, argv[1], limit) : CMD_FAULT;
	config_free(config);
	return result;
}

const struct cmd cmd_show = {
	.name = "show",
	.args = "MSISDN [--reveal --role NAME --reason TEXT] [--limit N] [--at DATE] [--json]",
	.summary = "Show all that is known of one subscriber",
	.help = "  --reveal       private values too, which are *** without it; kept in the audit, with\n"
		"  --role NAME    as whom: one of roles in starhash.conf (without: care or privacy), and\n"
		"  --reason TEXT  why\n"
		"  --limit N      so many interactions, and so many SMS and pushes, newest first; 100, at most 10000\n"
		"  --at DATE      who had the number then, if somebody else has it now\n"
		"  --json         one object: msisdn, state, language, registered, profile, provenance, consents,\n"
		"                 grants, bundles, refusals, relations, numbers, interactions, notices (SMS and\n"
		"                 pushes), dialogue (in progress), ...; see privacy.md\n",
	.run = run,
};
