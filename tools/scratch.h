/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scratch: a whole small world in this process, for `starhash dial` and `starhash test`.
 *
 * The daemon's own dialogues, menus and store, with a phone where the daemon has SMPP links. The store is a file in
 * a temporary folder that goes with the world. One subscriber at a time holds the phone; answers are reported as
 * delivered at once. Every call comes back when nothing is under way any more.
 */
#ifndef STARHASH_TOOLS_SCRATCH_H
#define STARHASH_TOOLS_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"
#include "gateway/config.h"
#include "gateway/dialogue.h"
#include "gateway/services.h"
#include "storage/query.h"
#include "tools/fake_app.h"

struct scratch;

#define SCRATCH_SMS_MAX 64 /* unread at most; more are dropped, oldest first */

/* A world without subscribers. Both are borrowed. `by_hand`: the clock stands still but for scratch_wait.
 * Returns RC_OK; RC_IO (no temporary folder, no store; `why` says); RC_NOMEM. */
enum rc scratch_new(const struct config *config, struct services *services, bool by_hand,
                    struct scratch **out, char *why, size_t why_size) RC_NODISCARD;
void scratch_free(struct scratch *s); /* NULL is fine */

/* The language of a subscriber, as if chosen earlier. RC_OK; RC_RANGE (too long); else as the store says. */
enum rc scratch_language(struct scratch *s, int64_t msisdn, const char *language) RC_NODISCARD;
/* Write what a subscriber did before: the batch is taken. RC_OK, or as the store says. */
enum rc scratch_write(struct scratch *s, struct store_batch *batch) RC_NODISCARD;
int64_t scratch_utc_ms(const struct scratch *s);

/* The app behind every `app` screen, to be told how it behaves. */
struct fake_app *scratch_app(struct scratch *s);

/* The charging system on a bad day: the ledger, or what stands in for the one that the configuration names. */
enum scratch_charging {
	SCRATCH_CHARGING_UP,
	SCRATCH_CHARGING_SLOW,  /* it answers after the subscriber was */
	SCRATCH_CHARGING_DOWN,  /* it refuses everything */
	SCRATCH_CHARGING_LOST,  /* it does what it is asked, and its answer comes when it is up again */
	SCRATCH_CHARGING_BARRED /* it refuses everybody; not the ledger */
};
/* RC_OK; RC_STATE (not the ledger). */
enum rc scratch_charging(struct scratch *s, enum scratch_charging how);
/* What a subscriber has, in hundredths. RC_OK; RC_STATE (the ledger keeps no money); RC_FULL. */
enum rc scratch_balance(struct scratch *s, int64_t msisdn, int64_t minor) RC_NODISCARD;

void scratch_dial(struct scratch *s, int64_t msisdn, const char *dialled);
void scratch_type(struct scratch *s, const char *text);
void scratch_sms(struct scratch *s, int64_t msisdn, const char *text);
void scratch_repeat(struct scratch *s);           /* the network delivers the last of these a second time */
void scratch_drop(struct scratch *s);             /* the subscriber hangs up */
void scratch_wait(struct scratch *s, int64_t ms); /* by_hand only: time goes by */
void scratch_tick(struct scratch *s);             /* act on deadlines that have passed by now */

/* What the last of these calls brought onto the phone; NULL = nothing. `last`: it ended the dialogue. */
const char *scratch_screen(const struct scratch *s, bool *last);
bool scratch_is_open(const struct scratch *s); /* does the phone hold a dialogue that waits for an answer? */
/* Take the oldest unread SMS of the subscriber at the phone, valid until the next call; NULL = none. */
const char *scratch_next_sms(struct scratch *s);

/* The screen of the menu file that was entered last; NULL = none. Valid while the world stands. */
const char *scratch_at_screen(const struct scratch *s);

/* Whoever wants to know what was reached, as dialogue_options.reached. */
typedef void scratch_reached_fn(void *ctx, const struct book *book, enum machine_reached what,
                                const struct book_screen *screen, size_t which, size_t language);
void scratch_watch(struct scratch *s, scratch_reached_fn *fn, void *ctx);

/* Look into the store; whatever was still on its way is stored before. RC_OK; RC_NOTFOUND; RC_IO. */
enum rc scratch_look(struct scratch *s, query_subscriber_fn *fn, void *ctx) RC_NODISCARD;

#endif
