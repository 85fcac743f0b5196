/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a talk is played: on a scratch world in this process (talk_scratch.c), or over SMPP against a daemon
 * (talk_live.c). The player (talk_run.c) compares; a stage acts and shows.
 *
 * Invariant: what a stage cannot do it says so for, and never counts as done.
 */
#ifndef STARHASH_TOOLS_TALK_STAGE_H
#define STARHASH_TOOLS_TALK_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rc.h"
#include "gateway/config.h"
#include "gateway/services.h"
#include "storage/query.h"
#include "tools/coverage.h"
#include "tools/talk.h"

enum talk_did {
	TALK_DONE,
	TALK_SKIPPED, /* this stage has no means for it; what follows in this conversation cannot be compared */
	TALK_FAILED   /* `why` says */
};

#define TALK_WHY_SIZE 300

struct talk_stage {
	void *ctx;
	/* dial, type, sms, repeat, drop, wait, app, charging, reload, given. `msisdn` is who the talk is about now. */
	enum talk_did (*act)(void *ctx, const struct talk_step *s, int64_t msisdn, char *why);
	const char *(*screen)(void *ctx, bool *last);  /* what the last act brought; NULL = nothing */
	bool (*is_open)(void *ctx);                    /* is an answer waited for? */
	const char *(*sms)(void *ctx, bool is_wanted); /* the oldest unread SMS; NULL = none */
	/* The subscriber's record; RC_STATE = it cannot be seen from here. */
	enum rc (*look)(void *ctx, query_subscriber_fn *fn, void *fn_ctx);
	/* What is stored may still be on its way: wait a little before the `tries`-th look. False = that was long enough. NULL = never. */
	bool (*again)(void *ctx, int tries);
	/* Name of the screen entered last, what the app was sent last; NULL function = cannot be known here. */
	const char *(*at_screen)(void *ctx);
	const char *(*app_heard)(void *ctx);
	void (*finish)(void *ctx); /* the talk is over */
};

/* A scratch world for one talk. `coverage` may be NULL. Everything is borrowed. RC_OK; RC_IO, RC_NOMEM, RC_SYNTAX with `why`. */
enum rc talk_scratch_open(const struct talk *t, const struct config *config, struct services *services,
                          struct coverage *coverage, struct talk_stage *out, char *why) RC_NODISCARD;

#endif
