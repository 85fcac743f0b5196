/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An app that is not there: what stands behind an `app` screen in transcripts and on the terminal phone.
 *
 * Answers are what a talk says, in order, each used once; beyond them it repeats what was typed until that is 0. Every
 * request gets exactly one answer, after the call that asked has come back.
 */
#ifndef STARHASH_TOOLS_FAKE_APP_H
#define STARHASH_TOOLS_FAKE_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"
#include "gateway/dialogue.h"

#define FAKE_APP_SAYS_MAX 64 /* scripted answers that wait */
#define FAKE_APP_OPEN_MAX 16 /* requests without an answer yet */
#define FAKE_APP_TEXT 512

enum fake_app_mode { FAKE_APP_UP, FAKE_APP_SLOW /* past its `within` */, FAKE_APP_DOWN, FAKE_APP_GARBAGE };

struct fake_app {
	enum fake_app_mode mode;
	size_t n_says;
	char *says[FAKE_APP_SAYS_MAX];
	size_t n_open;
	struct {
		uint64_t token;
		int64_t due_ms; /* monotonic */
		enum rc rc;
		bool ends;
		char text[FAKE_APP_TEXT];
	} open[FAKE_APP_OPEN_MAX];
	bool was_asked;
	bool was_closed; /* it was told that the subscriber has gone */
	char heard[FAKE_APP_TEXT];
};

void fake_app_fini(struct fake_app *f); /* one that was zeroed */

/* "CON words" or "END words". Returns RC_OK; RC_FULL; RC_SYNTAX; RC_NOMEM. */
enum rc fake_app_says(struct fake_app *f, const char *text) RC_NODISCARD;

/* As dialogue_port.app. */
enum rc fake_app_ask(struct fake_app *f, const struct dialogue_app_request *request, uint64_t token,
                     int64_t now_ms) RC_NODISCARD;
/* Answer what is due. Returns how many were. */
size_t fake_app_answer(struct fake_app *f, struct dialogues *d, int64_t now_ms);
/* When the next answer is due; -1 = none is open. */
int64_t fake_app_due_ms(const struct fake_app *f);

#endif
