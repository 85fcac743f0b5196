/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an app answered: words and an end, or what is wrong with it. Pure. */
#ifndef STARHASH_GATEWAY_APP_ANSWER_H
#define STARHASH_GATEWAY_APP_ANSWER_H

#include <stdbool.h>

#include "gateway/app.h"
#include "gateway/app_table.h"

enum app_fault {
	APP_FINE,
	APP_SLOW,
	APP_DOWN,
	APP_BAD_STATUS,
	APP_NOT_HTTP,
	APP_HTML,
	APP_NOT_TEXT,
	APP_TOO_LONG,
	APP_NOT_JSON,
	APP_NO_ENDING,
	APP_FAULTS_
};

struct app_words {
	enum app_fault fault;
	int status; /* of HTTP; 0 = none */
	bool ends;
	char text[APP_TEXT_MAX + 1]; /* APP_FINE: at least one character, UTF-8, no controls but \n */
	char state[APP_STATE_MAX +
	           2]; /* to be given back; "" = nothing. Longer than APP_STATE_MAX = too long to keep */
};

/* `rc` and `answer` as http_client_fn has them. */
void app_read(const struct app_dialect *d, enum rc rc, const struct http_client_answer *answer,
              struct app_words *out);

enum rc app_fault_rc(enum app_fault f); /* as dialogue_app_answered wants it */
const char *app_fault_name(enum app_fault f);
const char *app_fault_remedy(enum app_fault f);

#endif
