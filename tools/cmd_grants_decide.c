/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash grants resolve, approve, refuse: what a person decides, written beside a running daemon or without one.
 *
 * Resolved is what is in doubt at the charging system; approved or refused is what is held (docs/limits.md). Each is kept in
 * the audit with its reason, and the subscriber hears of it by SMS.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "storage/store_charges.h"
#include "storage/store_limits.h"
#include "tools/cmd_grants.h"

#define RESOLVE_BUSY_MS 10000

static void resolved(void *ctx, const struct store_charge_result *r)
{
	*(struct store_charge_result *)ctx = *r;
}

static enum cmd_exit resolve_in(struct store *store, int64_t id, bool granted, const char *reason, bool json)
{
	struct store_charge_result r = {.rc = RC_IO};
	enum rc rc = store_charge_resolve(store, id, granted, NULL, reason, resolved, &r);

	if (rc == RC_RANGE)
		return cmd_fault("the reason is too long");
	if (rc == RC_OK) {
		store_wait(store);
		rc = r.rc;
	}
	if (rc == RC_NOTFOUND)
		return cmd_fault("grant %" PRId64 " is none of a charging system; see starhash grants", id);
	if (rc == RC_EXISTS && r.state == STORE_CHARGE_HELD)
		return cmd_fault("grant %" PRId64 " is held; say: grants approve %" PRId64 ", or refuse", id,
		                 id);
	if (rc == RC_EXISTS)
		return cmd_fault("grant %" PRId64 " is settled already: %s; nothing was changed", id,
		                 store_grant_name(r.grant));
	if (rc == RC_BUSY && r.state == STORE_CHARGE_SENT)
		return cmd_fault(
			"grant %" PRId64
			" is with the charging system just now; try again in a minute (after a crash, "
			"start starhashd once)",
			id);
	if (rc != RC_OK)
		return cmd_fault("nothing was changed: %s; try again", rc_name(rc));
	if (json)
		printf("{\"id\":%" PRId64 ",\"state\":\"%s\"}\n", id, store_grant_name(r.grant));
	else
		printf("grant %" PRId64 " is %s; the daemon tells the subscriber\n", id,
		       store_grant_name(r.grant));
	return CMD_OK;
}

static void decided(void *ctx, const struct store_held_result *r)
{
	*(struct store_held_result *)ctx = *r;
}

static const char *what_follows(const struct store_held_result *r)
{
	return r->is_ordered ? "it goes to the charging system, and the subscriber is told then"
	       : r->is_told
	               ? "the subscriber is told by SMS"
	               : "there is nobody to tell: they have said STOP, or the number is not theirs any more";
}

static enum cmd_exit decide_in(struct store *store, int64_t id, bool approved, const char *reason, bool json)
{
	struct store_held_result r = {.rc = RC_IO};
	enum rc rc = store_held_decide(store, id, approved, NULL, reason, decided, &r);

	if (rc == RC_RANGE)
		return cmd_fault("the reason is too long");
	if (rc == RC_OK) {
		store_wait(store);
		rc = r.rc;
	}
	if (rc == RC_NOTFOUND)
		return cmd_fault("no grant has the id %" PRId64 "; see starhash grants --state held", id);
	if (rc == RC_EXISTS)
		return cmd_fault("grant %" PRId64 " is not held, it is %s; nothing was changed", id,
		                 store_grant_name(r.grant));
	if (rc != RC_OK)
		return cmd_fault("nothing was changed: %s; try again", rc_name(rc));
	if (json)
		printf("{\"id\":%" PRId64 ",\"state\":\"%s\",\"ordered\":%s,\"told\":%s}\n", id,
		       store_grant_name(r.grant), r.is_ordered ? "true" : "false",
		       r.is_told ? "true" : "false");
	else
		printf("grant %" PRId64 " is %s; %s\n", id, approved ? "approved" : "refused",
		       what_follows(&r));
	return CMD_OK;
}

bool grants_decides(const char *word)
{
	return strcmp(word, "resolve") == 0 || strcmp(word, "approve") == 0 || strcmp(word, "refuse") == 0;
}

const char *grants_decision_misuse(char **word, int n, const char *reason)
{
	bool resolves = strcmp(word[0], "resolve") == 0;
	bool has_id = n >= 2 && word[1][0] != '\0' && strspn(word[1], "0123456789") == strlen(word[1]);

	if (resolves &&
	    (!has_id || n != 3 || (strcmp(word[2], "granted") != 0 && strcmp(word[2], "rejected") != 0)))
		return "say: resolve ID granted, or resolve ID rejected";
	if (!resolves && (!has_id || n != 2))
		return "say: approve ID, or refuse ID";
	return reason && *reason ? NULL : "--reason TEXT is needed: it is kept in the audit";
}

enum cmd_exit grants_decide(const struct config *config, char **word, const struct access *access, bool json)
{
	struct store_options options = {.path = config->store_path,
	                                .guest = true,
	                                .profile = &config->profile,
	                                .key_path = config->store_key,
	                                .limits = &config->limits,
	                                .actor = access->actor,
	                                .clock = clock_system(),
	                                .busy_ms = RESOLVE_BUSY_MS};
	int64_t id = strtoll(word[1], NULL, 10);
	struct store *store = NULL;
	enum cmd_exit result;
	char why[300] = "";

	if (store_open(&options, &store, why, sizeof why) != RC_OK)
		return cmd_fault("%s: %s", config->store_path, why);
	if (strcmp(word[0], "resolve") == 0)
		result = resolve_in(store, id, strcmp(word[2], "granted") == 0, access->reason, json);
	else
		result = decide_in(store, id, strcmp(word[0], "approve") == 0, access->reason, json);
	store_close(store);
	return result;
}
