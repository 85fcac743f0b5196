/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What scratch's files share: scratch.c is the world, scratch_charging.c the charging system in it and its bad days. */
#ifndef STARHASH_TOOLS_SCRATCH_PRIVATE_H
#define STARHASH_TOOLS_SCRATCH_PRIVATE_H

#include "core/clock.h"
#include "storage/store.h"
#include "tools/fake_charging.h"
#include "tools/scratch.h"

#define FATES_MAX 64
#define FOLDER_SIZE 256

struct scratch {
	const struct config *config;
	struct clock_fake fake;
	const struct clock *clock;
	struct store *store;
	struct dialogues *dialogues;
	struct dialogue_input last; /* for scratch_repeat, and to go on from */
	uint32_t sequence;
	char *screen;
	bool screen_last;
	bool open;
	size_t n_fates; /* tokens of answers that were delivered, not reported yet */
	uint64_t fate[FATES_MAX];
	size_t n_sms;
	struct {
		int64_t msisdn;
		char *text;
	} sms[SCRATCH_SMS_MAX];
	char *taken; /* the SMS that was handed out last */
	struct fake_app app;
	struct fake_charging *bank; /* NULL = the store's own ledger */
	enum scratch_charging charging;
	char at_screen[PROFILE_NAME_SIZE]; /* entered last */
	scratch_reached_fn *reached;
	void *reached_ctx;
	char folder[FOLDER_SIZE];
};

/* --- scratch.c --- */
void scratch_settle_now(struct scratch *s); /* what is ready by now */
void scratch_settle(struct scratch *s);     /* until nothing is under way */

/* --- scratch_charging.c --- */
void scratch_answer_at_last(struct scratch *s); /* what is slow: nobody waits for it any more */

#endif
