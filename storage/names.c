/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the store port, as they stand in rows, reports and logs. Declared in store.h. */
#include "storage/store.h"

#define WORD(list, at) ((size_t)(at) < sizeof(list) / sizeof(list)[0] ? (list)[at] : "unknown")

const char *store_channel_name(enum store_channel c)
{
	static const char *const words[] = {"ussd", "sms", "simulated", "operator"};

	return WORD(words, c);
}

const char *store_consent_name(enum store_consent c)
{
	static const char *const words[] = {"granted", "refused", "withdrawn"};

	return WORD(words, c);
}

const char *store_grant_name(enum store_grant g)
{
	static const char *const words[] = {"none", "pending", "granted", "rejected", "unknown"};

	return WORD(words, g);
}

const char *store_delivery_name(enum store_delivery d)
{
	static const char *const words[] = {"accepted",      "enroute",  "delivered", "expired", "deleted",
	                                    "undeliverable", "accepted", "unknown",   "rejected"};

	return WORD(words, d);
}

const char *store_outcome_name(enum store_outcome o)
{
	static const char *const words[] = {"completed", "cancelled", "timeout",
	                                    "failed",    "replaced",  "lost"};

	return WORD(words, o);
}
