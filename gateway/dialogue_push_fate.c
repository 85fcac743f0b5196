/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can become of a push, in words: its name for records, and what the one who asked for it can do about it. */
#include "gateway/dialogue.h"

#include <stddef.h>

static const struct {
	const char *name, *remedy;
} fates[DIALOGUE_PUSH_FATES] = {
	[DIALOGUE_PUSH_UNDER_WAY] = {"under way", NULL},
	[DIALOGUE_PUSH_ANSWERED] = {"answered", NULL},
	[DIALOGUE_PUSH_DELIVERED] = {"delivered", NULL},
	[DIALOGUE_PUSH_UNCONFIRMED] = {"not confirmed",
                                       "the SMSC took it and did not tell in time that the phone has shown "
                                       "it; if it never tells, take ops_in.ack out of the link's dialect"},
	[DIALOGUE_PUSH_STOPPED] = {"stopped",
                                   "the subscriber has said STOP and wants nothing from us; only START, "
                                   "sent by them, changes that"},
	[DIALOGUE_PUSH_BUSY] = {"busy", "the subscriber is in a dialogue; try again in some minutes"},
	[DIALOGUE_PUSH_REPLACED] = {"replaced",
                                    "the subscriber dialled at the same moment; nothing to be done"},
	[DIALOGUE_PUSH_REFUSED] = {"refused", "ask the SMSC's operator what this status means to a push"},
	[DIALOGUE_PUSH_ABSENT] =
		{"absent",
                 "the network gave up: the phone is off or out of reach, or nobody answered it; try again later"},
	[DIALOGUE_PUSH_CANCELLED] = {"cancelled", NULL},
	[DIALOGUE_PUSH_NO_ANSWER] = {"no answer", NULL},
	[DIALOGUE_PUSH_UNKNOWN] = {"unknown",
                                   "the SMSC did not answer in time; it may have been shown, so do not "
                                   "repeat it at once"},
	[DIALOGUE_PUSH_NO_LINK] = {"no link", "see links in starhash status"},
	[DIALOGUE_PUSH_CANNOT] = {"cannot",
                                  "set can_push and ops_out.push in the link's dialect if its SMSC takes "
                                  "network-initiated USSD, and keep the text within one screen"},
	[DIALOGUE_PUSH_SHED] = {"shed", "the daemon is busy or draining: see overload in starhash status"},
	[DIALOGUE_PUSH_FAILED] = {"failed", "see the log of starhashd"},
};

const char *dialogue_push_fate_name(enum dialogue_push_fate f)
{
	return (unsigned)f < DIALOGUE_PUSH_FATES ? fates[f].name : "not known";
}

const char *dialogue_push_remedy(enum dialogue_push_fate f)
{
	return (unsigned)f < DIALOGUE_PUSH_FATES ? fates[f].remedy : NULL;
}
