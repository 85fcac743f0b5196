/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The switching centre: phones on one side, ESME connections on the other.
 *
 * It finds the phone of a number in O(1), keeps inputs that no ESME can take just now in order, sends them
 * again when a connection is lost, notices answers that do not come, and counts what an ESME answers
 * wrongly. What the phones then do is the mode's business (terminal, script, load).
 */
#ifndef STARHASH_TOOLS_SMSC_CENTRE_H
#define STARHASH_TOOLS_SMSC_CENTRE_H

#include "core/rc.h"
#include "tools/smsc_net.h"
#include "tools/smsc_phone.h"

/* What a mode wants to know. Any call may begin the next unit of the phone that it is about. */
struct smsc_centre_events {
	void *ctx;
	/* An answer. `repeat`: the same one again, for an input that was sent again. */
	void (*screen)(void *ctx, struct smsc_phone *p, const char *text, bool end, bool repeat);
	void (*sms)(void *ctx, int64_t msisdn, const char *from, const char *text);
	/* The unit was acknowledged for the first time. */
	void (*acked)(void *ctx, struct smsc_phone *p);
	/* No answer in time; the dialogue is forgotten. */
	void (*silent)(void *ctx, struct smsc_phone *p);
	/* The next may be NULL. */
	/* A deliver_sm with this number (smsc_centre_deliver) was acknowledged. */
	void (*part_acked)(void *ctx, uint32_t number, uint32_t status);
	void (*lost)(void *ctx, uint32_t conn); /* with all that was on its way on it */
	/* A push was shown; `asks`: the subscriber may answer it. */
	void (*pushed)(void *ctx, struct smsc_phone *p, const char *text, bool asks);
};

struct smsc_centre_config {
	int64_t first_msisdn;
	uint32_t subscribers; /* numbers first_msisdn .. + subscribers - 1 exist */
	uint32_t phones;      /* handsets that are switched on at once */
	int64_t answer_timeout_us;
	bool takes_pushes;
	bool from_wanted; /* latency counts from wanted_us (open loop) instead of from the writing */
};

struct smsc_centre {
	struct smsc_centre_config config;
	struct smsc_net *net;
	struct smsc_stats *stats;
	struct smsc_centre_events events;
	struct smsc_phone *phone; /* [config.phones] */
	uint32_t *phone_of;       /* [config.subscribers]: index of its phone, or SMSC_NO_PHONE */
	bool *spare;              /* [config.subscribers]: late answers for it are right */
	struct smsc_phone *queue_first, *queue_last;
	struct smsc_phone *timer_first, *timer_last;
	uint16_t references;
};

/* Returns RC_OK or RC_NOMEM. Makes itself the receiver of the net's events. */
enum rc smsc_centre_init(struct smsc_centre *c, const struct smsc_centre_config *config, struct smsc_net *net,
                         struct smsc_stats *stats, const struct smsc_centre_events *events) RC_NODISCARD;
void smsc_centre_fini(struct smsc_centre *c);

/* Switch phone `index` on as this subscriber, and off. */
struct smsc_phone *smsc_centre_attach(struct smsc_centre *c, uint32_t index, uint32_t subscriber);
void smsc_centre_detach(struct smsc_centre *c, struct smsc_phone *p);

/* Begin a unit, as of `wanted_us` (0: now). The smsc_phone_ functions of the same names say what they return. */
enum rc smsc_centre_dial(struct smsc_centre *c, struct smsc_phone *p, const char *code,
                         int64_t wanted_us) RC_NODISCARD;
enum rc smsc_centre_type(struct smsc_centre *c, struct smsc_phone *p, const char *text) RC_NODISCARD;
enum rc smsc_centre_cancel(struct smsc_centre *c, struct smsc_phone *p) RC_NODISCARD;
enum rc smsc_centre_sms(struct smsc_centre *c, struct smsc_phone *p, const char *short_code,
                        const char *text) RC_NODISCARD;
/* The same, wanted since then (0: now). */
enum rc smsc_centre_sms_at(struct smsc_centre *c, struct smsc_phone *p, const char *short_code,
                           const char *text, int64_t wanted_us) RC_NODISCARD;
/* Its input has got what it wanted: a step, with its latency. Of USSD the centre sees that itself. */
void smsc_centre_answered(struct smsc_centre *c, const struct smsc_phone *p);
void smsc_centre_lose(struct smsc_centre *c, struct smsc_phone *p);
/* Send the last unit once more. RC_STATE when there is none. */
enum rc smsc_centre_again(struct smsc_centre *c, struct smsc_phone *p) RC_NODISCARD;

/* Send a deliver_sm that is no phone's unit; `number` (below SMSC_PART_MAX) comes back with part_acked.
 * Returns RC_OK; RC_BUSY (nobody can take it now). */
#define SMSC_PART_MAX 0x7fffffffu
enum rc smsc_centre_deliver(struct smsc_centre *c, const struct smsc_sm *sm, uint32_t number,
                            uint32_t *conn) RC_NODISCARD;

/* Send what can be sent, and notice what was not answered. Once in every turn. */
void smsc_centre_turn(struct smsc_centre *c, int64_t now_us);
/* Microseconds until smsc_centre_turn has something to do; -1 when it has not. */
int64_t smsc_centre_wait_us(const struct smsc_centre *c, int64_t now_us);

#endif
