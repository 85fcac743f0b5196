/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash restore: a backup in the place of the store, while no daemon runs.
 *
 * The backup is copied and verified before anything is touched, and what it replaces stays beside it.
 */
#include "storage/backup.h"
#include "tools/cmd.h"

static enum cmd_exit restore(const struct backup_options *o, bool json)
{
	char aside[BACKUP_ASIDE_SIZE], why[600] = "";
	struct copy_sums sums = {0};

	cmd_copy_guard();
	if (backup_restore(o, &sums, aside, why, sizeof why) != RC_OK)
		return cmd_fault(o->only_check ? "the backup cannot be used: %s" : "nothing was restored: %s",
		                 why);
	cmd_print_sums(o->only_check ? o->backup : o->store, &sums, json);
	if (!json && aside[0])
		printf("  the store before is kept: %s\n", aside);
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
	int n = cmd_options(&cmd_restore, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != 1)
		return cmd_misused(&cmd_restore, "name the backup");
	config = cmd_config(ctx);
	if (!config)
		return CMD_FAULT;
	const struct backup_options o = {.store = config->store_path,
	                                 .backup = argv[1],
	                                 .only_check = check,
	                                 .progress = cmd_copy_progress};

	result = restore(&o, json);
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
