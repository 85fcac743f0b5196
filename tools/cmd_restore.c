/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash restore: a backup in the place of the store, while no daemon runs.
 *
 * The backup is copied and verified before anything is touched, and what it replaces stays beside it.
 */
#include <inttypes.h>

#include "storage/backup.h"
#include "tools/cmd.h"
#include "tools/progress.h"

/* A backup has neither key nor keyring in it. One that does not fit was refused; one that is not there has still to come. */
static void print_key(const struct config *config)
{
	struct query *q = NULL;
	char why[300];
	enum rc rc;

	if (query_open(config->store_path, &config->profile, &q, why, sizeof why) != RC_OK)
		return; /* an older schema, which had none */
	query_key_path(q, config->store_key);
	rc = query_reveal(q);
	if (rc != RC_OK && rc != RC_CLOSED)
		printf("  before the daemon can start: %s\n", query_why(q));
	query_close(q);
}

static enum cmd_exit restore(const struct config *config, const struct backup_options *o, bool json)
{
	char aside[BACKUP_ASIDE_SIZE], why[1200] = "";
	struct copy_sums sums = {0};
	enum rc rc;

	cmd_copy_guard();
	rc = backup_restore(o, &sums, aside, why, sizeof why);
	progress_end(o->ctx);
	if (rc != RC_OK)
		return cmd_fault(o->only_check ? "the backup cannot be used: %s" : "nothing was restored: %s",
		                 why);
	cmd_print_sums(o->only_check ? o->backup : o->store, &sums, json);
	if (!json && aside[0])
		printf("  the store before is kept: %s\n", aside);
	if (!json && sums.in_doubt > 0)
		printf("  %" PRId64
		       " orders were on their way to the charging system: what it knows by their "
		       "references is settled, the others\n  wait for you: starhash grants --state unknown\n",
		       sums.in_doubt);
	if (!json && !o->only_check)
		print_key(config);
	if (!json && !o->only_check)
		puts("  start the daemon; who was registered or given a bonus after the backup is not in it");
	return CMD_OK;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool check = false, json = false;
	const struct cmd_option options[] = {
		{"check", 0, &check, NULL}, {"json", 0, &json, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	struct progress bar;
	int n = cmd_options(&cmd_restore, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != 1)
		return cmd_misused(&cmd_restore, "name the backup");
	config = cmd_config(ctx);
	if (!config)
		return CMD_FAULT;
	progress_begin(&bar, check ? "reading" : "copying");
	const struct backup_options o = {.store = config->store_path,
	                                 .backup = argv[1],
	                                 .key_path = config->store_key,
	                                 .only_check = check,
	                                 .progress = cmd_copy_progress,
	                                 .ctx = &bar};

	result = restore(config, &o, json);
	config_free(config);
	return result;
}

const struct cmd cmd_restore = {
	.name = "restore",
	.args = "FILE [--check] [--json]",
	.summary = "Put a backup in the place of the store",
	.help = "  FILE      a backup; it stays as it is\n"
		"  --check   only verify it\n"
		"  --json    what is in it, for machines\n"
		"The daemon must not run. The store that is replaced stays beside it under another name.\n",
	.run = run,
};
