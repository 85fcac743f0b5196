/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stored: see config_stored.h. */
#include "gateway/config_stored.h"

#include <string.h>
#include <unistd.h>

#include "storage/profile_change.h"

struct place {
	const char *path;
	struct findings *findings;
};

static void on_change(void *ctx, bool is_refused, const char *what, const char *remedy)
{
	struct place *p = ctx;

	findings_add(p->findings, is_refused ? FINDING_ERROR : FINDING_WARNING, p->path, 0, 0, remedy, "%s",
	             what);
}

void config_stored_check(const struct config *config, struct findings *findings)
{
	struct place place = {.path = config->profile_path, .findings = findings};
	char why[400] = "";
	enum rc rc;

	if (!config->store_path || strcmp(config->store_path, ":memory:") == 0 ||
	    (access(config->store_path, F_OK) != 0))
		return;
	rc = profile_change_look(config->store_path, config->store_key, &config->profile, on_change, &place,
	                         why, sizeof why);
	if (rc != RC_OK && rc != RC_NOTFOUND)
		findings_add(findings, FINDING_WARNING, config->profile_path, 0, 0,
		             "run this as a user who can read the store, such as the daemon's",
		             "it was not compared with what is stored: %s", *why ? why : rc_name(rc));
}
