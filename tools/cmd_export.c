/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash export: every subscriber, or those who agreed to a purpose, in constant memory (docs/import.md). */
#include <stdlib.h>

#include "core/clock.h"
#include "gateway/view.h"
#include "tools/access.h"
#include "tools/cmd.h"
#include "tools/export_write.h"

#define OUTPUT_SIZE ((size_t)256 << 10)

struct words {
	const char *purpose, *role, *reason;
	bool csv, history, reveal, json, for_spreadsheet;
};

static bool write_json(void *ctx, const struct export_subscriber *s)
{
	return export_write_json(ctx, s);
}

static bool write_csv(void *ctx, const struct export_subscriber *s)
{
	return export_write_csv(ctx, s);
}

struct whole {
	struct view_options options;
	struct view_reveal reveal;
	bool reveals, failed;
};

static bool write_whole(void *ctx, const struct query_subscriber *s)
{
	struct whole *w = ctx;

	if (w->reveals) {
		view_look(s, &w->reveal);
		w->options.reveal = &w->reveal;
	}
	w->failed = !view_json_print(s, &w->options, false, stdout);
	return !w->failed;
}

static enum cmd_exit write_all(struct query *q, const struct config *config, const struct words *w)
{
	struct whole whole = {.reveals = w->reveal};
	struct export_shape shape;
	enum rc rc = RC_OK;

	(void)setvbuf(stdout, NULL, _IOFBF, OUTPUT_SIZE);
	export_shape_init(&shape, &config->profile, w->purpose, stdout);
	shape.for_spreadsheet = w->for_spreadsheet;
	if (w->csv && !export_write_csv_header(&shape))
		return cmd_fault("writing failed");
	if (w->history)
		rc = query_each(q, false, write_whole, &whole);
	else
		rc = export_each(q, w->purpose, clock_utc_ms(clock_system()), w->csv ? write_csv : write_json,
		                 &shape);
	if (rc != RC_OK)
		return cmd_fault("reading the store failed: %s; what was written is not all", rc_name(rc));
	if (fflush(stdout) != 0 || ferror(stdout) || whole.failed)
		return cmd_fault("writing failed; what was written is not all");
	return CMD_OK;
}

/* Is there such a purpose? */
static bool purpose_check(const struct config *config, const char *purpose)
{
	const char *near;

	if (!purpose || profile_takes_purpose(&config->profile, purpose))
		return true;
	near = profile_nearest_purpose(&config->profile, purpose);
	cmd_fault("profile.conf has no purpose \"%s\"%s%s%s", purpose, near ? "; did you mean \"" : "",
	          near ? near : "", near ? "\"?" : "");
	return false;
}

/* Everybody's names at once: the reason stands in the audit before the first of them is written. */
static bool reveal(struct query *q, const struct config *config, const struct words *w)
{
	struct access access;

	if (!w->reveal)
		return true;
	if (!access_take(config, w->role, ACCESS_EXPORT, w->reason, &access) ||
	    !access_note(config, &access, w->purpose ? "export of one purpose, revealed" : "export, revealed",
	                 0))
		return false;
	if (query_reveal(q) == RC_OK)
		return true;
	cmd_fault("%s", query_why(q));
	return false;
}

static enum cmd_exit run_with(const struct config *config, const struct words *w)
{
	enum cmd_exit result = CMD_FAULT;
	struct query *q = purpose_check(config, w->purpose) ? cmd_query(config) : NULL;

	if (q && reveal(q, config, w))
		result = write_all(q, config, w);
	query_close(q);
	return result;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct words w = {0};
	const struct cmd_option options[] = {{"json", 0, &w.json, NULL},
	                                     {"csv", 0, &w.csv, NULL},
	                                     {"history", 0, &w.history, NULL},
	                                     {"purpose", 0, NULL, &w.purpose},
	                                     {"reveal", 0, &w.reveal, NULL},
	                                     {"role", 0, NULL, &w.role},
	                                     {"for-spreadsheet", 0, &w.for_spreadsheet, NULL},
	                                     {"reason", 0, NULL, &w.reason},
	                                     {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_export, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n > 0)
		return cmd_misused(&cmd_export, "\"%s\" says nothing here", argv[1]);
	if (w.csv && (w.json || w.history))
		return cmd_misused(&cmd_export, "--csv has no place for what --%s would write",
		                   w.json ? "json" : "history");
	if (w.for_spreadsheet && !w.csv)
		return cmd_misused(&cmd_export, "--for-spreadsheet goes with --csv");
	if (w.history && w.purpose)
		return cmd_misused(&cmd_export, "--history is everything, and not of one purpose");
	config = cmd_config(ctx);
	if (config)
		result = run_with(config, &w);
	config_free(config);
	return result;
}

const struct cmd cmd_export = {
	.name = "export",
	.args = "[--csv [--for-spreadsheet]] [--purpose P] [--history] [--reveal --role R --reason T]",
	.summary = "Write every subscriber, one JSON object a line, or CSV",
	.help = "  --purpose P      only those whose consent to it stands, and only what was told under it\n"
		"  --csv            one row each, with the newest consent of each purpose\n"
		"  --for-spreadsheet  a ' before what begins with = + - @: no spreadsheet takes it for a formula, and starhash\n"
		"                   import does not read it back\n"
		"  --history        all that starhash show has: dialogues, notices, refusals (slower)\n"
		"  --reveal         private values too, which are *** without; needs:\n"
		"  --role, --reason who looks, and why; kept in the audit\n"
		"What was revealed and has no history is what starhash import reads.\n",
	.run = run,
};
