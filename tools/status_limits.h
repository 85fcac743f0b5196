/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For starhash status: what is held, what was refused, and what caps and budgets have left. It stands in the store and not in
 * the daemon's memory, so it is read there. */
#ifndef STARHASH_TOOLS_STATUS_LIMITS_H
#define STARHASH_TOOLS_STATUS_LIMITS_H

#include <jansson.h>

#include "gateway/config.h"

/* One object, the caller's; NULL when the store cannot be read. */
json_t *status_limits(const struct config *config);

#endif
