/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access: see access.h. */
#include "tools/access.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "gateway/login.h"
#include "storage/audit_report.h"
#include "tools/cmd.h"

#define BUSY_MS 10000 /* a daemon that checkpoints lets go of its lock sooner */

static bool name_actor(const char *role, struct access *out)
{
	char user[CONFIG_USER_SIZE];

	if (!login_name(user)) {
		cmd_fault(
			"this user has no name on this machine; log in as somebody who has: the audit names them");
		return false;
	}
	(void)snprintf(out->actor, sizeof out->actor, "%s:%s", role, user);
	return true;
}

static bool reason_take(const char *reason, struct access *out)
{
	bool says = reason && login_is_reason(reason);

	if (!says || strlen(reason) > AUDIT_WORDS_MAX) {
		cmd_fault(
			says ? "the reason is too long; at most %d bytes"
			     : "say why, in three letters or more: --reason TEXT is needed, and kept in the audit",
			AUDIT_WORDS_MAX);
		return false;
	}
	out->reason = reason;
	return true;
}

bool access_take(const struct config *config, const char *role, enum access_right right, const char *reason,
                 struct access *out)
{
	char user[CONFIG_USER_SIZE], why[400];

	*out = (struct access){.reason = ""};
	if (!role || !*role) {
		cmd_fault("say as who: --role NAME is needed%s",
		          config->access.is_given ? ", one of roles in starhash.conf"
		                                  : "; without roles in starhash.conf it is care or privacy");
		return false;
	}
	if (!name_actor(role, out))
		return false;
	(void)snprintf(user, sizeof user, "%s", strchr(out->actor, ':') + 1);
	if (!config_access_may(&config->access, role, user, right, why, sizeof why)) {
		cmd_fault("%s", why);
		return false;
	}
	return reason_take(reason, out);
}

bool access_operator(struct access *out)
{
	*out = (struct access){.reason = ""};
	return name_actor("operator", out);
}

bool access_take_any(const struct config *config, const char *role, enum access_right right,
                     const char *reason, struct access *out)
{
	if (role || config->access.is_given)
		return access_take(config, role, right, reason, out);
	return access_operator(out) && reason_take(reason, out);
}

bool access_note(const struct config *config, const struct access *access, const char *action,
                 int64_t subject)
{
	const struct audit_store store = {
		.path = config->store_path, .key_path = config->store_key, .busy_ms = BUSY_MS};
	const struct audit_row row = {.at_ms = clock_utc_ms(clock_system()),
	                              .actor = access->actor,
	                              .action = action,
	                              .subject = subject,
	                              .reason = access->reason};
	char why[400] = "";

	if (audit_note(&store, &row, why, sizeof why) == RC_OK)
		return true;
	cmd_fault("%s: %s; nothing is shown that is not in the audit", config->store_path, why);
	return false;
}

bool access_reveal(const struct config *config, const struct access *access, struct query *query,
                   const struct view_reveal *reveal)
{
	if (!access_note(config, access, reveal->action, reveal->subject))
		return false;
	if (query_reveal(query) == RC_OK)
		return true;
	cmd_fault("%s", query_why(query));
	return false;
}
