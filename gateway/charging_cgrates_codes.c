/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error words of CGRateS: see charging_cgrates_codes.h. The first row that an error begins with counts, so a longer word
 * stands before its beginning. SERVER_ERROR wraps whatever went wrong inside, before or after the change: UNKNOWN. Words:
 * utils/errors.go of CGRateS 0.10 and 0.11, and Go's net/rpc. */
#include "gateway/charging_cgrates_codes.h"

#include <stdio.h>
#include <string.h>

/* A row a line. */
/* clang-format off */
const struct charging_cgrates_code charging_cgrates_codes[] = {
	{"NOT_FOUND", CHARGING_REJECTED, CHARGING_NO_SUBSCRIBER, "no such account"},
	{"ACCOUNT_NOT_FOUND", CHARGING_REJECTED, CHARGING_NO_SUBSCRIBER, "no such account"},
	{"SERVER_ERROR: NOT_FOUND", CHARGING_REJECTED, CHARGING_NO_SUBSCRIBER, "no such account"},
	{"ACCOUNT_DISABLED", CHARGING_REJECTED, CHARGING_BARRED, "account disabled"},
	{"INSUFFICIENT_CREDIT", CHARGING_REJECTED, CHARGING_TOO_LITTLE, "not enough credit"},
	{"MAX_USAGE_EXCEEDED", CHARGING_REJECTED, CHARGING_TOO_LITTLE, "more than there is"},
	{"MANDATORY_IE_MISSING", CHARGING_REJECTED, CHARGING_SET_UP, "a mandatory field is missing"},
	{"UNAUTHORIZED_API", CHARGING_REJECTED, CHARGING_SET_UP, "not allowed to call this"},
	{"UNSUPPORTED_SERVICE_METHOD", CHARGING_REJECTED, CHARGING_SET_UP, "no such call in this version"},
	{"NOT_IMPLEMENTED", CHARGING_REJECTED, CHARGING_SET_UP, "no such call in this version"},
	{"rpc: can't find", CHARGING_REJECTED, CHARGING_SET_UP, "no such call in this version"},
	{"json: cannot unmarshal", CHARGING_REJECTED, CHARGING_SET_UP, "a field has another type in this version"},
	{"SERVICE_NOT_OPERATIONAL", CHARGING_RETRY, CHARGING_UNREACHABLE, "the service is not up"},
	{"NOT_CONNECTED", CHARGING_RETRY, CHARGING_UNREACHABLE, "not connected inside"},
	{"CONCURRENT_CONNECTION_LIMIT", CHARGING_RETRY, CHARGING_UNREACHABLE, "too many connections"},
	{"denying request due to maximum active sessions", CHARGING_RETRY, CHARGING_UNREACHABLE, "too many calls"},
	{"MAX_CONCURRENT_RPC_EXCEEDED", CHARGING_RETRY, CHARGING_UNREACHABLE, "too many calls"},
	{"DISCONNECTED", CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "connection lost inside"},
	{"REPLY_TIMEOUT", CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "no answer in time inside"},
	{"PARTIALLY_EXECUTED", CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "done in part"},
	{"SERVER_ERROR", CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "server error"},
};
/* clang-format on */
const size_t charging_cgrates_codes_count =
	sizeof(charging_cgrates_codes) / sizeof(charging_cgrates_codes[0]);

const struct charging_cgrates_code *charging_cgrates_code_of(const char *error)
{
	static const struct charging_cgrates_code other = {"", CHARGING_UNKNOWN, CHARGING_NO_ANSWER,
	                                                   "an error that is not documented"};

	for (size_t i = 0; i < charging_cgrates_codes_count; i++)
		if (strncmp(error, charging_cgrates_codes[i].error,
		            strlen(charging_cgrates_codes[i].error)) == 0)
			return &charging_cgrates_codes[i];
	return &other;
}

void charging_cgrates_codes_print(void *file)
{
	FILE *to = file;

	fputs("| error begins with | outcome | reason | meaning |\n|---|---|---|---|\n", to);
	for (size_t i = 0; i < charging_cgrates_codes_count; i++) {
		const struct charging_cgrates_code *c = &charging_cgrates_codes[i];

		fprintf(to, "| `%s` | %s | %s | %s |\n", c->error, charging_outcome_name(c->outcome),
		        charging_reason_name(c->reason), c->words);
	}
}
