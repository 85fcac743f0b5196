/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the SMSC sends later than now, in order of time: responses that are held back, receipts, answers of phones.
 *
 * A binary heap of plain values with a bound; equal times leave in the order in which they came. A place that is due is
 * taken by the caller, who knows whether its connection or phone still exists.
 */
#ifndef STARHASH_TOOLS_SMSC_LATE_H
#define STARHASH_TOOLS_SMSC_LATE_H

#include <stdbool.h>
#include <stdint.h>

#define SMSC_LATE_MAX 262144u

enum smsc_late_kind {
	SMSC_LATE_RESP,    /* a submit_sm_resp */
	SMSC_LATE_NACK,    /* a generic_nack instead of it */
	SMSC_LATE_RECEIPT, /* a delivery receipt for message_id */
	SMSC_LATE_PUSHED   /* what a phone does with a push */
};

struct smsc_late {
	int64_t due_us;
	enum smsc_late_kind kind;
	uint32_t conn; /* serial */
	uint32_t status;
	uint32_t sequence;
	uint32_t message_id;
	uint32_t subscriber; /* RECEIPT: whose phone it was for */
	uint8_t state;       /* RECEIPT: message_state */
	char service[21];    /* RECEIPT: the number that had sent it */
	uint64_t order;      /* set by smsc_late_add */
};

struct smsc_late_heap { /* all zero is an empty one */
	struct smsc_late *at;
	uint32_t n, room;
	uint64_t orders;
};

/* False when SMSC_LATE_MAX wait already, or memory is out: then the caller acts at once. */
bool smsc_late_add(struct smsc_late_heap *h, const struct smsc_late *what);
/* Take the first one that is due. */
bool smsc_late_take(struct smsc_late_heap *h, int64_t now_us, struct smsc_late *out);
/* Microseconds until then; -1 when there is none. */
int64_t smsc_late_wait_us(const struct smsc_late_heap *h, int64_t now_us);
void smsc_late_fini(struct smsc_late_heap *h);

#endif
