/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest: see guest.h. */
#include "tools/guest.h"

#include "core/clock.h"
#include "tools/cmd.h"

struct store *guest_open(const struct config *config, const char *actor)
{
	const struct store_options options = {.path = config->store_path,
	                                      .guest = true,
	                                      .profile = &config->profile,
	                                      .key_path = config->store_key,
	                                      .limits = &config->limits,
	                                      .clock = clock_system(),
	                                      .actor = actor,
	                                      .busy_ms = GUEST_BUSY_MS};
	struct store *store = NULL;
	char why[400] = "";

	if (store_open(&options, &store, why, sizeof why) == RC_OK)
		return store;
	(void)cmd_fault("%s: %s", config->store_path, why);
	return NULL;
}

static void written(void *ctx, const struct store_result *result)
{
	enum rc *rc = ctx;

	*rc = result->rc;
}

enum rc guest_write(struct store *store, struct store_batch *batch)
{
	enum rc outcome = RC_IO, rc = store_write(store, batch, written, &outcome);

	if (rc != RC_OK)
		return rc;
	store_wait(store);
	return outcome;
}
