/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash erase: forget what a subscriber has told, on request.
 *
 * Works beside a running daemon: it waits for the daemon's lock. Grants and their keys stay, so that nobody
 * gets a welcome bonus twice; the store keeps an audit row with the reason.
 */
#include "core/clock.h"
#include "storage/key.h"
#include "storage/store.h"
#include "tools/cmd.h"

#define ERASE_BUSY_MS 10000

static bool count_one(void *ctx, const struct query_subscriber *s)
{
	struct query_subscriber *found = ctx;

	found->n_consents = s->n_consents;
	found->n_grants = s->n_grants;
	found->is_erased = s->is_erased;
	return true;
}

static void written(void *ctx, const struct store_result *result)
{
	enum rc *rc = ctx;

	*rc = result->rc;
}

static enum rc write_erasure(struct store *store, int64_t msisdn, const char *reason)
{
	struct store_batch *batch = store_batch_new(msisdn, clock_utc_ms(clock_system()));
	enum rc outcome = RC_IO, rc = batch ? store_batch_erase(batch, STORE_CH_OPERATOR, reason) : RC_NOMEM;

	if (rc != RC_OK) {
		if (batch)
			store_batch_free(batch);
		return rc;
	}
	rc = store_write(store, batch, written, &outcome);
	if (rc != RC_OK)
		return rc;
	store_wait(store);
	return outcome;
}

static enum cmd_exit erase(const struct config *config, int64_t msisdn, const char *reason)
{
	struct store_options options = {.path = config->store_path,
	                                .guest = true,
	                                .profile = &config->profile,
	                                .key_path = config->store_key,
	                                .limits = &config->limits,
	                                .clock = clock_system(),
	                                .busy_ms = ERASE_BUSY_MS};
	struct store *store = NULL;
	char why[300] = "";
	enum rc rc = store_open(&options, &store, why, sizeof why);

	if (rc != RC_OK)
		return cmd_fault("%s: %s", config->store_path, why);
	rc = write_erasure(store, msisdn, reason);
	store_close(store);
	if (rc == RC_RANGE)
		return cmd_fault("the reason is too long");
	if (rc != RC_OK)
		return cmd_fault("nothing was erased: %s; try again", rc_name(rc));
	puts("erased");
	return CMD_OK;
}

/* Is there such a subscriber, and what is known? */
static enum cmd_exit look(const struct config *config, int64_t msisdn, struct query_subscriber *found)
{
	char why[300];
	struct query *query = cmd_query(config);
	enum rc rc;

	if (!query)
		return CMD_FAULT;
	rc = query_by_msisdn(query, msisdn, count_one, found);
	snprintf(why, sizeof why, "%s", query_why(query));
	query_close(query);
	if (rc == RC_NOTFOUND)
		return cmd_fault("no such subscriber");
	if (rc == RC_STATE)
		return cmd_fault("%s", why);
	return rc == RC_OK ? CMD_OK : cmd_fault("reading the store failed: %s", rc_name(rc));
}

static enum cmd_exit run_with(const struct config *config, const char *number, bool yes, const char *reason)
{
	struct query_subscriber found = {0};
	enum cmd_exit result;
	int64_t msisdn;

	if (!cmd_msisdn(config, number, &msisdn))
		return CMD_FAULT;
	result = look(config, msisdn, &found);
	if (result != CMD_OK)
		return result;
	if (found.is_erased) {
		puts("erased already: nothing that was told is left");
		return CMD_OK;
	}
	if (yes)
		return erase(config, msisdn, reason);
	printf("Would withdraw every standing consent (history of %zu stays), forget every profile value, "
	       "the language\n"
	       "and where to resume, and take the number away; %zu grants and their keys stay. Nothing was changed; to do it:\n"
	       "  starhash erase %s --yes --reason TEXT\n",
	       found.n_consents, found.n_grants, number);
	return CMD_USAGE;
}

/* When the store's key is lost: the way on, and what it costs. */
static enum cmd_exit forget_tombstones(const struct config *config, bool yes, const char *reason)
{
	char why[300] = "";
	int64_t n = 0;

	if (!yes) {
		puts("Would forget whose numbers were erased: the same phones get gifts again, and a STOP of theirs is\n"
		     "not known any more. Only for a store whose key is lost, while no daemon runs. Nothing was changed;\n"
		     "to do it:\n"
		     "  starhash erase --tombstones --yes --reason TEXT");
		return CMD_USAGE;
	}
	if (key_forget(config->store_path, reason, clock_utc_ms(clock_system()), &n, why, sizeof why) !=
	    RC_OK)
		return cmd_fault("%s: %s", config->store_path, why);
	printf("%lld tombstones forgotten; move %s away if it is there, the next start makes a new key\n",
	       (long long)n, config->store_key);
	return CMD_OK;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool yes = false, tombstones = false;
	const char *reason = NULL;
	const struct cmd_option options[] = {{"yes", 'y', &yes, NULL},
	                                     {"reason", 0, NULL, &reason},
	                                     {"tombstones", 0, &tombstones, NULL},
	                                     {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_erase, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != (tombstones ? 0 : 1))
		return cmd_misused(&cmd_erase,
		                   tombstones ? "--tombstones needs no number" : "give one number");
	if (yes && (!reason || !*reason))
		return cmd_misused(&cmd_erase, "--reason TEXT is needed: it is kept in the audit");
	config = cmd_config(ctx);
	if (config)
		result = tombstones ? forget_tombstones(config, yes, reason)
		                    : run_with(config, argv[1], yes, reason);
	config_free(config);
	return result;
}

const struct cmd cmd_erase = {
	.name = "erase",
	.args = "MSISDN --yes --reason TEXT | --tombstones --yes --reason TEXT",
	.summary = "Forget what a subscriber has told",
	.help = "  --yes          do it; without it, say what would be done (exit code 2)\n"
		"  --reason TEXT  why; kept in the audit\n"
		"  --tombstones   forget whose numbers were erased: only when the store's key is lost\n",
	.run = run,
};
