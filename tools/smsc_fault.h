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

#include "tools/smsc_pdu.h"
#include "tools/smsc_stats.h"

/* Whoever answers a hostile deliver_sm by an SMS sends it to this number, which no phone has. */
#define SMSC_GARBAGE_NUMBER "99900000001"

struct smsc_fault_config {
	uint64_t seed;
	uint32_t drop_every; /* PDUs; 0 never */
	uint32_t throttle_percent;
	uint32_t garbage_percent;
	uint32_t no_resp_percent;
	uint32_t slow_resp_ms;
	uint32_t refuse_bind; /* command_status; 0 accepts */
};

/* A submit_sm_resp that is held back. */
struct smsc_delayed {
	int64_t due_us;
	uint32_t conn;
	uint32_t status;
	uint32_t sequence;
	uint32_t message_id;
};

struct smsc_fault {
	struct smsc_fault_config config;
	struct smsc_stats *stats;
	uint64_t random;
	uint64_t pdus;                /* since the last drop */
	struct smsc_delayed *delayed; /* ring, oldest first; allocated on first use */
	uint32_t delayed_from, delayed_n;
};

void smsc_fault_init(struct smsc_fault *f, const struct smsc_fault_config *config, struct smsc_stats *stats);
void smsc_fault_fini(struct smsc_fault *f);

/* One more PDU passed, in or out: shall its connection be torn down now? */
bool smsc_fault_drops(struct smsc_fault *f);
bool smsc_fault_throttles(struct smsc_fault *f);
bool smsc_fault_swallows_resp(struct smsc_fault *f);
bool smsc_fault_wants_garbage(struct smsc_fault *f);

/* Write one hostile PDU of a random class, as a request with this sequence number or as a response to
 * nothing. A well-behaved ESME answers or ignores each and keeps the connection. */
void smsc_fault_put_garbage(struct smsc_fault *f, struct smsc_out *out, uint32_t sequence);

/* Hold a response back. False when responses are not to be slow, or when too many are held already: then
 * the caller sends it at once. */
bool smsc_fault_delay(struct smsc_fault *f, const struct smsc_delayed *resp, int64_t now_us);
/* Take the oldest response that is due. */
bool smsc_fault_due(struct smsc_fault *f, int64_t now_us, struct smsc_delayed *out);
/* Microseconds until the next one is due; -1 when none is held. */
int64_t smsc_fault_wait_us(const struct smsc_fault *f, int64_t now_us);

/* The next number of the generator. */
uint64_t smsc_fault_random(struct smsc_fault *f);

#endif
