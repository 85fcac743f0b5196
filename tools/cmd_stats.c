/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash stats: how many of what stands in the store. */
#include <inttypes.h>
#include <jansson.h>

#include "tools/cmd.h"

/* By the words of receipts, those that there are. */
static json_t *deliveries_json(const struct query_counts *c)
{
	json_t *o = json_object();

	for (int i = 0; i < STORE_DELIVERIES; i++)
		if (i != STORE_DELIVERY_READ)
			json_object_set_new(o, store_delivery_name((enum store_delivery)i),
			                    json_integer((json_int_t)c->deliveries[i]));
	return o;
}

static void print_deliveries(const struct query_counts *c)
{
	bool any = false;

	printf("deliveries       ");
	for (int i = 0; i < STORE_DELIVERIES; i++) {
		if (c->deliveries[i] == 0)
			continue;
		printf("%s%s %" PRId64, any ? ", " : "", store_delivery_name((enum store_delivery)i),
		       c->deliveries[i]);
		any = true;
	}
	printf("%s\n", any ? "" : "no receipts");
}

static bool print_json(const struct query_counts *c)
{
	json_t *out = json_pack(
		"{s:I, s:I, s:{s:I, s:I, s:I, s:I}, s:I, s:I, s:I, s:{s:I, s:I, s:I, s:I}, s:o}",
		"subscribers", (json_int_t)c->subscribers, "registered", (json_int_t)c->registered, "grants",
		"pending", (json_int_t)c->grants_pending, "granted", (json_int_t)c->grants_granted,
		"rejected", (json_int_t)c->grants_rejected, "unknown", (json_int_t)c->grants_unknown,
		"ledger_postings", (json_int_t)c->ledger_postings, "interactions",
		(json_int_t)c->interactions, "consents", (json_int_t)c->consents, "notices", "pending",
		(json_int_t)c->notices_pending, "sent", (json_int_t)c->notices_sent, "rejected",
		(json_int_t)c->notices_rejected, "unknown", (json_int_t)c->notices_unknown, "deliveries",
		deliveries_json(c));
	int rc = out ? json_dumpf(out, stdout, JSON_INDENT(2)) : -1;

	json_decref(out);
	return rc == 0 && putchar('\n') != EOF;
}

static void print_text(const struct query_counts *c)
{
	printf("subscribers      %10" PRId64 "\n", c->subscribers);
	printf("  registered     %10" PRId64 "\n", c->registered);
	printf("grants           pending %" PRId64 ", granted %" PRId64 ", rejected %" PRId64
	       ", unknown %" PRId64 "\n",
	       c->grants_pending, c->grants_granted, c->grants_rejected, c->grants_unknown);
	printf("ledger postings  %10" PRId64 "%s\n", c->ledger_postings,
	       c->ledger_postings + c->charged == c->grants_granted
	               ? ""
	               : "  (differs from granted: please report this)");
	printf("consents         %10" PRId64 "\n", c->consents);
	printf("interactions     %10" PRId64 "\n", c->interactions);
	printf("notices          pending %" PRId64 ", sent %" PRId64 ", rejected %" PRId64
	       ", unknown %" PRId64 "\n",
	       c->notices_pending, c->notices_sent, c->notices_rejected, c->notices_unknown);
	print_deliveries(c);
}

static enum cmd_exit stats(const struct config *config, bool json)
{
	struct query *query = cmd_query(config);
	struct query_counts counts;
	enum rc rc;

	if (!query)
		return CMD_FAULT;
	rc = query_counts_read(query, &counts);
	query_close(query);
	if (rc != RC_OK)
		return cmd_fault("reading the store failed: %s", rc_name(rc));
	if (json)
		return print_json(&counts) ? CMD_OK : cmd_fault("writing failed");
	print_text(&counts);
	return CMD_OK;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false;
	const struct cmd_option options[] = {{"json", 0, &json, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_stats, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n > 0)
		return cmd_misused(&cmd_stats, "\"%s\" says nothing here", argv[1]);
	config = cmd_config(ctx);
	if (config)
		result = stats(config, json);
	config_free(config);
	return result;
}

const struct cmd cmd_stats = {
	.name = "stats",
	.args = "[--json]",
	.summary = "Count subscribers, grants, consents and notices",
	.help = "  --json  one object\n",
	.run = run,
};
