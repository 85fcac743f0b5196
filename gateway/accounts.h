/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts: the charging system as the daemon has it, with the outbox before it (gateway/outbox.h). With the embedded ledger
 * there is no outbox: the store posts what dialogues give. */
#ifndef STARHASH_GATEWAY_ACCOUNTS_H
#define STARHASH_GATEWAY_ACCOUNTS_H

#include "core/rc.h"
#include "gateway/config.h"
#include "gateway/outbox.h"
#include "storage/store.h"

struct accounts;
struct event_base;

/* Borrows all. RC_OK; what charging_new returns. */
enum rc accounts_new(struct event_base *base, const struct config *config, struct store *store,
                     struct accounts **out) RC_NODISCARD;
/* Nothing leaves any more; what is under way is concluded and on its way to the store: store_wait follows, then accounts_free. */
void accounts_close(struct accounts *a);
void accounts_free(struct accounts *a);

struct outbox *accounts_outbox(const struct accounts *a); /* NULL with the ledger */
const struct charging *accounts_charging(const struct accounts *a);
/* Milliseconds until it wants to be called again. */
int64_t accounts_tick(struct accounts *a);

/* Balance and bundles from the system, in place of store_facts_find. `ctx` = the accounts. */
enum rc accounts_facts(void *ctx, int64_t msisdn, store_facts_fn *fn, void *fn_ctx) RC_NODISCARD;

#endif
