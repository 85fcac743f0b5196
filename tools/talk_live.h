/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Talks over SMPP: this program is the SMSC to which a daemon binds, with the real clock.
 *
 * The SMSC is that of starhash-smsc, one phone at a time. What a daemon alone can do (its clock, its ledger, its apps,
 * its menu files) a talk cannot bring about here: those steps are skipped and said so. What is stored is read from the
 * store that the configuration names.
 */
#ifndef STARHASH_TOOLS_TALK_LIVE_H
#define STARHASH_TOOLS_TALK_LIVE_H

#include "tools/talk_stage.h"

#define TALK_LIVE_BIND_MS 30000   /* for the daemon to bind */
#define TALK_LIVE_ANSWER_MS 10000 /* for an answer, an SMS or something stored */
#define TALK_LIVE_QUIET_MS 500    /* this long nothing must come where nothing is expected */
#define TALK_LIVE_WAIT_MS 20000   /* longest `wait` that is really waited for */

struct talk_live;

/* Listen on "127.0.0.1:2775" for numbers first..last, and wait for a daemon. Returns RC_OK; RC_SYNTAX (no address); RC_RANGE (the
 * numbers lie too far apart); RC_IO, RC_BUSY (nobody bound), RC_NOMEM, each with `why`. */
enum rc talk_live_new(const char *address, const struct config *config, const struct services *services,
                      int64_t first, int64_t last, struct talk_live **out, char *why) RC_NODISCARD;
/* A stage for one talk. */
void talk_live_stage(struct talk_live *l, struct talk_stage *out);
/* What the daemon did against the protocol so far. */
unsigned long talk_live_errors(const struct talk_live *l);
void talk_live_free(struct talk_live *l); /* unbinds; NULL is fine */

#endif
