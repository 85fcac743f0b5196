/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash backup: a verified copy of the store, beside a running daemon or without one.
 *
 * The daemon writes on meanwhile: the copy shows the store as it was when the command began. An interrupt leaves nothing.
 */
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "storage/backup.h"
#include "tools/cmd.h"
#include "tools/progress.h"

#define PAUSE_MS 2 /* after each megabyte: at most some 500 MB/s of the daemon's disk */

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int number)
{
	(void)number;
	is_interrupted = 1;
}

void cmd_copy_guard(void)
{
	const struct sigaction act = {.sa_handler = on_interrupt};

	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGHUP, &act, NULL);
}

bool cmd_copy_progress(void *ctx, int64_t done, int64_t all)
{
	struct progress *bar = ctx;

	if (done < all) {
		progress_show(bar, done, all);
	} else {
		bar->what = "verifying"; /* how far that is, SQLite does not say */
		progress_show(bar, 0, 1);
	}
	return !is_interrupted;
}

static void print_json(const char *path, const struct copy_sums *s)
{
	json_t *o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "file", path, "schema",
	                      (json_int_t)s->schema, "bytes", (json_int_t)s->bytes, "tables",
	                      (json_int_t)s->tables, "rows", (json_int_t)s->rows, "subscribers",
	                      (json_int_t)s->subscribers, "registered", (json_int_t)s->registered, "grants",
	                      (json_int_t)s->grants, "granted", (json_int_t)s->granted, "ledger_postings",
	                      (json_int_t)s->postings);

	if (o)
		json_dumpf(o, stdout, JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(o);
}

void cmd_print_sums(const char *path, const struct copy_sums *s, bool json)
{
	if (json) {
		print_json(path, s);
		return;
	}
	printf("%s: %lld bytes, schema %lld\n", path, (long long)s->bytes, (long long)s->schema);
	printf("  %lld subscribers, %lld registered; %lld grants, %lld granted, %lld ledger postings\n",
	       (long long)s->subscribers, (long long)s->registered, (long long)s->grants,
	       (long long)s->granted, (long long)s->postings);
	printf("  verified: every page and index is sound, %lld rows in %lld tables as in the source\n",
	       (long long)s->rows, (long long)s->tables);
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool force = false, json = false;
	const struct cmd_option options[] = {
		{"force", 0, &force, NULL}, {"json", 0, &json, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct copy_sums sums = {0};
	struct config *config;
	struct progress bar;
	char why[600] = "";
	int n = cmd_options(&cmd_backup, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != 1)
		return cmd_misused(&cmd_backup, "name one file for the backup");
	config = cmd_config(ctx);
	if (!config)
		return CMD_FAULT;
	progress_begin(&bar, "copying");
	const struct backup_options o = {.store = config->store_path,
	                                 .backup = argv[1],
	                                 .force = force,
	                                 .pause_ms = PAUSE_MS,
	                                 .progress = cmd_copy_progress,
	                                 .ctx = &bar};
	enum rc rc;

	cmd_copy_guard();
	rc = backup_take(&o, &sums, why, sizeof why);
	progress_end(&bar);
	if (rc == RC_OK) {
		cmd_print_sums(argv[1], &sums, json);
		if (!json)
			printf("  not in it: the store's key %s; keep a copy of that apart\n",
			       config->store_key);
		result = CMD_OK;
	} else {
		result = cmd_fault("no backup was made: %s", why);
	}
	config_free(config);
	return result;
}

const struct cmd cmd_backup = {
	.name = "backup",
	.args = "FILE [--force] [--json]",
	.summary = "Copy the store, verified, while the daemon runs",
	.help = "  FILE      gets the copy, readable for you alone; appears only when it is whole\n"
		"  --force   replace a file of that name\n"
		"  --json    what is in it, for machines\n",
	.run = run,
};
