/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialects of apps, one row each: see app_table.h.
 *
 * Names and quirks as the aggregators and the libraries for them have it; what was seen where is in docs/adr/0008. */
#include "gateway/app_table.h"

/* A row reads as the message that it makes. */
/* clang-format off */
static const struct app_dialect dialects[BOOK_SPEAKS_COUNT_] = {
	[BOOK_SPEAKS_AFRICASTALKING] = {
		.field = { { "sessionId", APP_SESSION, NULL },
		           { "phoneNumber", APP_MSISDN_PLUS, NULL },
		           { "networkCode", APP_FIXED, "99999" },
		           { "serviceCode", APP_CODE, NULL },
		           { "text", APP_CHAIN, NULL } },
	},
	[BOOK_SPEAKS_HUBTEL] = {
		.json = true,
		.types = { "Initiation", "Response", "Timeout" },
		.closes = true,
		.field = { { "Type", APP_TYPE, NULL },
		           { "Message", APP_DIALLED, NULL },
		           { "ServiceCode", APP_CODE_BARE, NULL },
		           { "Operator", APP_FIXED, "starhash" },
		           { "ClientState", APP_STATE, NULL },
		           { "Mobile", APP_MSISDN, NULL },
		           { "SessionId", APP_SESSION, NULL },
		           { "Sequence", APP_SEQUENCE, NULL } },
		.text = "Message", .flag = "Type", .ends_word = "release", .goes_on_word = "response",
		.state = "ClientState",
	},
	[BOOK_SPEAKS_ARKESEL] = {
		.json = true,
		.field = { { "sessionID", APP_SESSION, NULL },
		           { "userID", APP_FIXED, "starhash" },
		           { "newSession", APP_FIRST, NULL },
		           { "msisdn", APP_MSISDN, NULL },
		           { "userData", APP_DIALLED, NULL },
		           { "network", APP_FIXED, "starhash" } },
		.text = "message", .flag = "continueSession", .ends_when = false,
	},
	[BOOK_SPEAKS_INFOBIP] = {
		.json = true,
		.path = { "/session/%s/start", "/session/%s/response", "/session/%s/end" },
		.closes = true,
		.field = { { "msisdn", APP_MSISDN, NULL },
		           { "text", APP_DIALLED, NULL },
		           { "shortCode", APP_CODE, NULL },
		           { "ussdGwId", APP_FIXED, "starhash" } },
		.text = "ussdMenu", .flag = "shouldClose", .ends_when = true,
		.code = "responseExitCode",
	},
	[BOOK_SPEAKS_NALO] = {
		.json = true,
		.field = { { "USERID", APP_FIXED, "starhash" },
		           { "MSISDN", APP_MSISDN, NULL },
		           { "USERDATA", APP_DIALLED, NULL },
		           { "MSGTYPE", APP_FIRST, NULL },
		           { "NETWORK", APP_FIXED, "starhash" },
		           { "SESSIONID", APP_SESSION, NULL } },
		.text = "MSG", .flag = "MSGTYPE", .ends_when = false,
	},
};
/* clang-format on */

const struct app_dialect *app_dialect_of(enum book_speaks speaks)
{
	return &dialects[(unsigned)speaks < BOOK_SPEAKS_COUNT_ ? speaks : BOOK_SPEAKS_AFRICASTALKING];
}
