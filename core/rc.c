/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Result codes: their names.
 *
 * The words go into logs and JSON and are therefore stable: a code may be added, none is renamed.
 */
#include "core/rc.h"

#include <stddef.h>

static const char *const names[RC_COUNT_] = {
	[RC_OK] = "ok",       [RC_EXISTS] = "exists", [RC_NOTFOUND] = "notfound", [RC_FULL] = "full",
	[RC_RANGE] = "range", [RC_SYNTAX] = "syntax", [RC_STATE] = "state",       [RC_BUSY] = "busy",
	[RC_IO] = "io",       [RC_NOMEM] = "nomem",   [RC_CLOSED] = "closed",
};

const char *rc_name(enum rc rc)
{
	/* The cast makes a negative value, cast in from elsewhere, a large one. */
	size_t i = (size_t)rc;

	return i < RC_COUNT_ && names[i] ? names[i] : "unknown";
}
