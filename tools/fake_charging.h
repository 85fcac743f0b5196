/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A charging system that is not there: what stands behind `give`, `buy` and {balance} in transcripts and on the terminal
 * phone when the configuration names one. The daemon's own outbox is before it.
 *
 * It keeps a balance for each number, gives each reference once, and has bad days when it is told to. Every call gets
 * exactly one answer, from fake_charging_answer.
 */
#ifndef STARHASH_TOOLS_FAKE_CHARGING_H
#define STARHASH_TOOLS_FAKE_CHARGING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/config.h"
#include "gateway/outbox.h"
#include "storage/store.h"

#define FAKE_CHARGING_BALANCE 10000 /* hundredths: of whom no talk says anything */
#define FAKE_CHARGING_ACCOUNTS 64   /* balances that differ from it; more are refused */
#define FAKE_CHARGING_DONE 1024     /* orders carried out; beyond, the system is down */
#define FAKE_CHARGING_CALLS 16      /* under way */

enum fake_charging_mode {
	FAKE_CHARGING_UP,
	FAKE_CHARGING_SLOW,  /* it answers when it is asked to, not by itself */
	FAKE_CHARGING_DOWN,  /* no connection */
	FAKE_CHARGING_LOST,  /* it does what it is asked, and no answer comes */
	FAKE_CHARGING_BARRED /* it refuses everybody */
};

struct fake_charging;

/* Borrows all. RC_OK; RC_NOMEM. */
enum rc fake_charging_new(const struct config *config, const struct clock *clock, struct store *store,
                          struct fake_charging **out) RC_NODISCARD;
/* Nothing leaves any more, and what is under way is answered: store_wait follows, then fake_charging_free. */
void fake_charging_close(struct fake_charging *f);
void fake_charging_free(struct fake_charging *f); /* NULL is fine, and so for the two above and below */

struct outbox *fake_charging_outbox(const struct fake_charging *f); /* NULL for NULL */
void fake_charging_set(struct fake_charging *f, enum fake_charging_mode mode);
/* RC_OK; RC_FULL. */
enum rc fake_charging_balance(struct fake_charging *f, int64_t msisdn, int64_t minor) RC_NODISCARD;
/* Answer what is under way; `even_slow`: also what is slow. Returns how many calls were answered. */
size_t fake_charging_answer(struct fake_charging *f, bool even_slow);
/* Is some order not settled yet? */
bool fake_charging_is_open(const struct fake_charging *f);
/* What is due in the outbox. Returns the monotonic time at which to call again; INT64_MAX for NULL. */
int64_t fake_charging_tick(struct fake_charging *f);
/* As dialogue_options.facts. */
enum rc fake_charging_facts(void *ctx, int64_t msisdn, store_facts_fn *fn, void *fn_ctx) RC_NODISCARD;

#endif
