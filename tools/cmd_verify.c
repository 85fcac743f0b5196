/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash verify: somebody was seen with their papers: declared becomes verified; or that is taken back.
 *
 * Works beside a running daemon. What it was proven by is sealed in the store; who did it, in which role and why is in the
 * audit. A verified subscriber falls back to declared by themselves when the proven value or the SIM changes.
 */
#include <string.h>

#include "core/clock.h"
#include "tools/access.h"
#include "tools/cmd.h"
#include "tools/guest.h"

struct verify {
	const char *proof; /* NULL: take it back */
	struct access access;
	int64_t msisdn;
};

static enum rc write_it(struct store *store, const struct verify *v)
{
	struct store_batch *batch = store_batch_new(v->msisdn, clock_utc_ms(clock_system()));
	enum rc rc = batch ? store_batch_verify(batch, v->proof, v->access.reason) : RC_NOMEM;

	if (rc == RC_OK)
		return guest_write(store, batch);
	store_batch_free(batch);
	return rc;
}

static enum cmd_exit write_to(const struct config *config, const struct verify *v)
{
	struct store *store = guest_open(config, v->access.actor);
	enum rc rc;

	if (!store)
		return CMD_FAULT;
	rc = write_it(store, v);
	store_close(store);
	if (rc == RC_RANGE)
		return cmd_fault("the proof has more than %d bytes, or the reason more than %d",
		                 STORE_PROOF_MAX, STORE_TEXT_MAX);
	if (rc == RC_STATE) /* it was looked at before, and has changed since */
		return cmd_fault(
			"nothing was changed: the subscriber is not %s any more; look with starhash show",
			v->proof ? "registered" : "verified");
	if (rc != RC_OK)
		return cmd_fault("nothing was changed: %s; try again", rc_name(rc));
	puts(v->proof ? "verified" : "not verified any more: declared");
	return CMD_OK;
}

static bool note_state(void *ctx, const struct query_subscriber *s)
{
	enum subscriber_state *state = ctx;

	*state = s->is_erased ? SUBSCRIBER_ANONYMOUS : record_state(s->record);
	return true;
}

/* Before the store is opened for writing: what cannot be is said in words. */
static enum cmd_exit look(const struct config *config, const struct verify *v)
{
	enum subscriber_state state = SUBSCRIBER_ANONYMOUS;
	struct query *query = cmd_query(config);
	char why[300];
	enum rc rc;

	if (!query)
		return CMD_FAULT;
	rc = query_by_msisdn(query, v->msisdn, note_state, &state);
	snprintf(why, sizeof why, "%s", query_why(query));
	query_close(query);
	if (rc == RC_NOTFOUND)
		return cmd_fault("no such subscriber");
	if (rc == RC_STATE)
		return cmd_fault("%s", why);
	if (rc != RC_OK)
		return cmd_fault("reading the store failed: %s", rc_name(rc));
	if (v->proof && state == SUBSCRIBER_ANONYMOUS)
		return cmd_fault(
			"they are anonymous: there is nothing to prove; they register first (required in "
			"profile.conf)");
	if (!v->proof && state != SUBSCRIBER_VERIFIED)
		return cmd_fault("they are not verified: nothing to take back");
	return CMD_OK;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	const char *role = NULL, *reason = NULL, *proof = NULL;
	bool undo = false;
	const struct cmd_option options[] = {{"proof", 0, NULL, &proof},
	                                     {"undo", 0, &undo, NULL},
	                                     {"role", 0, NULL, &role},
	                                     {"reason", 0, NULL, &reason},
	                                     {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct verify v = {0};
	struct config *config;
	int n = cmd_options(&cmd_verify, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != 1)
		return cmd_misused(&cmd_verify, "give one number");
	if (undo == (proof != NULL))
		return cmd_misused(&cmd_verify, "give --proof TEXT (what was seen), or --undo");
	if (proof && !*proof)
		return cmd_misused(&cmd_verify,
		                   "--proof is empty: say what was seen, such as \"passport, shop Nakuru\"");
	config = cmd_config(ctx);
	v.proof = proof;
	if (config && access_take(config, role, ACCESS_VERIFY, reason, &v.access) &&
	    cmd_msisdn(config, argv[1], &v.msisdn))
		result = look(config, &v);
	else
		result = CMD_FAULT;
	if (result == CMD_OK)
		result = write_to(config, &v);
	config_free(config);
	return result;
}

const struct cmd cmd_verify = {
	.name = "verify",
	.args = "MSISDN --proof TEXT | --undo --role ROLE --reason TEXT",
	.summary = "Note that a subscriber has shown who they are",
	.help = "  --proof TEXT   what was seen, such as \"passport, shop Nakuru\"; sealed in the store\n"
		"  --undo         take it back: they are declared again\n"
		"  --role ROLE    the role that you act in; it must have the right verify\n"
		"  --reason TEXT  why; kept in the audit\n",
	.run = run,
};
