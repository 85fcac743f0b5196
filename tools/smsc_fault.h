/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fault injection: what a bad day at the SMSC looks like, from one seeded generator.
 *
 * The connection code asks here at each place where something may go wrong; the same seed and the same
 * traffic give the same faults. What is injected is counted in struct smsc_stats.
 */
#ifndef STARHASH_TOOLS_SMSC_FAULT_H
#define STARHASH_TOOLS_SMSC_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/smsc_late.h"
#include "tools/smsc_pdu.h"
#include "tools/smsc_stats.h"

/* Whoever answers a hostile deliver_sm by an SMS sends it to this number, which no phone has. */
#define SMSC_GARBAGE_NUMBER "99900000001"

enum smsc_receipts {
	SMSC_RECEIPTS_NONE,
	SMSC_RECEIPTS_TLV,
	SMSC_RECEIPTS_TEXT,
	SMSC_RECEIPTS_DECIMAL,
	SMSC_RECEIPTS_BOTH
};

struct smsc_fault_config { /* 0 = never, where nothing else is said */
	uint64_t seed;
	/* After so many PDUs in and out */
	uint32_t drop_every;
	uint32_t half_open_every;
	uint32_t restart_every;
	uint32_t down_ms; /* how long a restart takes */
	/* Percent of submit_sm */
	uint32_t throttle_percent;
	uint32_t no_resp_percent;
	uint32_t dup_resp_percent;
	uint32_t reorder_percent;
	uint32_t nack_percent;
	uint32_t vendor_percent;
	uint32_t slow_percent;               /* 100 unless said otherwise */
	uint32_t slow_resp_ms, slow_most_ms; /* how late; at random up to slow_most_ms when that is more */
	/* Percent of deliver_sm */
	uint32_t garbage_percent;
	uint32_t redeliver_percent;
	/* Binds and enquire_link */
	uint32_t refuse_bind;  /* command_status; 0 accepts */
	uint32_t refuse_first; /* only so many; 0 = all, if refuse_bind is set */
	uint32_t mute_binds;   /* the first so many are never answered */
	uint32_t max_binds;    /* at once; further ones are refused as already bound; 0 = any number */
	uint32_t mute_enquire_percent;
	/* Pushes and receipts */
	uint32_t absent_percent, busy_percent;
	enum smsc_receipts receipts;
	uint32_t undelivered_percent; /* of receipts */
};

enum smsc_blow { SMSC_BLOW_NONE, SMSC_BLOW_DROP, SMSC_BLOW_HALF_OPEN, SMSC_BLOW_RESTART };

struct smsc_fault {
	struct smsc_fault_config config;
	struct smsc_stats *stats;
	uint64_t random;
	uint64_t pdus[SMSC_BLOW_RESTART + 1]; /* since the last one of each kind */
	uint32_t binds;                       /* seen */
	struct smsc_late_heap late;
};

void smsc_fault_init(struct smsc_fault *f, const struct smsc_fault_config *config, struct smsc_stats *stats);
void smsc_fault_fini(struct smsc_fault *f);

/* One more PDU passed, in or out: what happens to its connection now? */
enum smsc_blow smsc_fault_strikes(struct smsc_fault *f);

/* What becomes of a submit_sm that is right. */
enum smsc_fate {
	SMSC_FATE_APPLIED,
	SMSC_FATE_SWALLOWED, /* applied, and never answered */
	SMSC_FATE_THROTTLED, /* the rest are not applied */
	SMSC_FATE_VENDOR,
	SMSC_FATE_NACKED
};
enum smsc_fate smsc_fault_fate(struct smsc_fault *f);
bool smsc_fault_repeats_resp(struct smsc_fault *f);
/* How long a response is held back; 0 = not at all. */
int64_t smsc_fault_resp_delay_us(struct smsc_fault *f);

bool smsc_fault_wants_garbage(struct smsc_fault *f);
bool smsc_fault_redelivers(struct smsc_fault *f);
bool smsc_fault_mutes_enquire(struct smsc_fault *f);

/* What becomes of one more bind; `others` = how many of its kind stand. */
enum smsc_bind_fate { SMSC_BIND_TRIED, SMSC_BIND_MUTE, SMSC_BIND_REFUSED, SMSC_BIND_SECOND };
enum smsc_bind_fate smsc_fault_bind(struct smsc_fault *f, uint32_t others);

/* What a push meets: SMSC_INJ_ABSENT, SMSC_INJ_BUSY, or SMSC_INJ_COUNT when somebody looks at the phone. */
enum smsc_injected smsc_fault_push(struct smsc_fault *f);
/* message_state of a receipt. */
uint8_t smsc_fault_message_state(struct smsc_fault *f);

/* Write one hostile PDU of a random class, as a request with this sequence number or as a response to
 * nothing. A well-behaved ESME answers or ignores each and keeps the connection. */
void smsc_fault_put_garbage(struct smsc_fault *f, struct smsc_out *out, uint32_t sequence);

/* The next number of the generator. */
uint64_t smsc_fault_random(struct smsc_fault *f);

#endif
