/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The charging system and the outbox before it, as `starhash status` shows them. */
#ifndef STARHASH_GATEWAY_CONTROL_ACCOUNTS_H
#define STARHASH_GATEWAY_CONTROL_ACCOUNTS_H

#include <jansson.h>

#include "gateway/accounts.h"

/* {"outbox": {...}, "charging": {...}} into `status`; nothing with the embedded ledger. */
void control_accounts_put(json_t *status, const struct accounts *a);

#endif
