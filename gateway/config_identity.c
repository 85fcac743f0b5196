/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identity: see config_identity.h. */
#include "gateway/config_identity.h"

#include "core/clock.h"
#include "menus/country.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

void config_identity_read(struct config_reader *r, const config_t *file, struct config *c)
{
	const config_setting_t *since = config_lookup(file, "identity.since");
	const char *text = since ? config_setting_get_string(since) : NULL;
	const struct country *country = c->reserved;

	if (text && *text && clock_utc_parse(text, &c->identity.since_ms) != RC_OK)
		config_read_error(r, since, "write a day such as \"2026-12-01\"",
		                  "identity.since is no date");
	if (!country)
		return;
	if (country->identity.has_anonymous && !config_lookup(file, "identity.anonymous"))
		c->identity.anonymous = country->identity.anonymous;
	if (country->identity.has_grace && !config_lookup(file, "identity.grace"))
		c->identity.grace_ms = country->identity.grace_ms;
	if (country->identity.has_since && !since)
		c->identity.since_ms = country->identity.since_ms;
}

unsigned config_identity_grace(const struct config_identity *i, int64_t first_ms, int64_t now_ms)
{
	int64_t from = first_ms > 0 ? first_ms : now_ms;
	int64_t left = (from > i->since_ms ? from : i->since_ms) + i->grace_ms - now_ms;

	return left <= 0 ? 0 : (unsigned)((left + DAY_MS - 1) / DAY_MS);
}

void config_identity_apply(const struct config_identity *i, struct record *record, int64_t now_ms)
{
	record_set_identity(record, i->anonymous,
	                    config_identity_grace(i, record_first_seen_ms(record), now_ms));
}
