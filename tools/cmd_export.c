/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash export: every subscriber, one JSON object a line, in constant memory. */
#include "tools/cmd.h"
#include "tools/view_json.h"

static bool export_one(void *ctx, const struct query_subscriber *s)
{
	bool *failed = ctx;

	*failed = !view_json_print(s, false, stdout);
	return !*failed;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false, failed = false;
	const struct cmd_option options[] = {{"json", 0, &json, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	struct query *query;
	int n = cmd_options(&cmd_export, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n > 0)
		return cmd_misused(&cmd_export, "\"%s\" says nothing here", argv[1]);
	config = cmd_config(ctx);
	query = config ? cmd_query(config) : NULL;
	if (query) {
		enum rc rc = query_each(query, false, export_one, &failed);

		if (rc != RC_OK)
			cmd_fault("reading the store failed: %s", rc_name(rc));
		else if (failed || fflush(stdout) != 0)
			cmd_fault("writing failed");
		else
			result = CMD_OK;
		query_close(query);
	}
	config_free(config);
	return result;
}

const struct cmd cmd_export = {
	.name = "export",
	.args = "",
	.summary = "Write every subscriber, one JSON object a line",
	.help = "Each line has the shape of: starhash show MSISDN --json\n",
	.run = run,
};
