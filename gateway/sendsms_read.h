/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request of Kannel's sendsms, taken apart and judged: what is sent, or why it is not. Pure. */
#ifndef STARHASH_GATEWAY_SENDSMS_READ_H
#define STARHASH_GATEWAY_SENDSMS_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/config.h"
#include "gateway/http_parse.h"

#define SENDSMS_TEXT_MAX 1024 /* bytes of UTF-8, NUL included: what the store keeps of a text */

struct sendsms_request {
	struct http_form form; /* points into the text that was given */
	const char *user, *password;
	const char *to, *from, *group; /* as said; NULL = not */
	char text[SENDSMS_TEXT_MAX];
};

/* `text` of `len` bytes is the query or the form, and is changed. NULL: fine; else the words for the client. Nothing of what
 * the client said is in them. */
const char *sendsms_read(char *text, size_t len, struct sendsms_request *out);
/* May this user send from there? The sender, borrowed of both; NULL: *why says. */
const char *sendsms_sender(const struct config_sendsms *user, const struct sendsms_request *q,
                           const char **why);

#endif
