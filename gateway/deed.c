/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deed: see deed.h. */
#include "gateway/deed.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/clock.h"
#include "core/log.h"
#include "gateway/config.h"
#include "storage/audit_report.h"

#define BUSY_MS 2000 /* for the one row; the writer's own transactions are shorter */

void deed_done(struct deed *d, int64_t subject, const char *format, ...)
{
	va_list args;

	d->at_ms = clock_utc_ms(clock_system());
	d->subject = subject;
	va_start(args, format);
	(void)vsnprintf(d->action, sizeof d->action, format, args);
	va_end(args);
}

void deed_write(const struct deed *d, const struct config *config, const char *actor)
{
	const struct audit_store store = {
		.path = config->store_path, .key_path = config->store_key, .busy_ms = BUSY_MS};
	const struct audit_row row = {
		.at_ms = d->at_ms, .actor = actor, .action = d->action, .subject = d->subject, .reason = ""};
	char why[400] = "";

	if (audit_note(&store, &row, why, sizeof why) != RC_OK)
		deed_lost(d, actor, why);
}

void deed_lost(const struct deed *d, const char *actor, const char *why)
{
	LOG_EVENT(LOG_LV_ERROR, "control", "unaudited", "who", actor, "what", d->action, "subject",
	          LOG_INT(d->subject), "why", why, "remedy",
	          "it was done, and its row of the audit is missing: keep this line; see to the store");
}
