/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate before a charging system: how fast, how many at a time, and whether at all.
 *
 * A bounded queue of two lanes (somebody waits, and goes first but for a small share; backlog), a rate, a bound on calls at a
 * time, and a circuit breaker: after `failures` failures in a row nothing is sent for `pause`, then one harmless call, a
 * read, tries. A call that cannot be sent is told so at once, for then it certainly was not executed. Each call is
 * concluded exactly once, never from inside charging_gate_send. Each change of state is logged once, with why.
 */
#ifndef STARHASH_GATEWAY_CHARGING_GATE_H
#define STARHASH_GATEWAY_CHARGING_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/http_client.h"

struct charging_gate;
struct event_base;

/* Who sends: http_client_start and its client, or a test. */
struct charging_transport {
	enum rc (*start)(void *ctx, const struct http_client_call *call, http_client_fn *fn, void *fn_ctx);
	void *ctx;
};

struct charging_gate_options {
	struct event_base *base; /* NULL: whoever made it calls charging_gate_tick */
	const struct clock *clock;
	struct charging_transport transport;
	int rate;         /* calls a second; 0 = no limit */
	int calls_max;    /* at a time */
	int queue_max;    /* waiting, both lanes together */
	int failures;     /* in a row that open the circuit */
	int64_t pause_ms; /* until it is tried again */
};

enum charging_gate_state { CHARGING_GATE_CLOSED /* in order */, CHARGING_GATE_OPEN, CHARGING_GATE_HALF_OPEN };
const char *charging_gate_state_name(enum charging_gate_state s);

enum charging_sent {
	CHARGING_ANSWERED, /* `answer` is whole, of whatever status */
	CHARGING_REFUSED,  /* by the gate: the circuit, the queue, or it waited too long. Not sent */
	CHARGING_NOT_SENT, /* no connection */
	CHARGING_LOST      /* sent, at least in part, and no whole answer came back */
};

/* `answer` is NULL unless ANSWERED. Returns whether the system was in order, for the circuit; heeded when ANSWERED. */
typedef bool charging_gate_fn(void *ctx, enum charging_sent sent, const struct http_client_answer *answer);

enum rc charging_gate_new(const struct charging_gate_options *options,
                          struct charging_gate **out) RC_NODISCARD;
/* Concludes what waits, as REFUSED. What is under way must have been concluded by the transport before. */
void charging_gate_free(struct charging_gate *g);

/* `harmless`: changes nothing, so it may try a circuit that is half open. Waits at most call->within_ms in the queue and as
 * long again for its answer. The body is copied; the other texts (URL, user, ...) must stay until fn was called.
 * RC_OK (fn will be called); RC_NOMEM. */
enum rc charging_gate_send(struct charging_gate *g, const struct http_client_call *call, bool harmless,
                           bool waits, charging_gate_fn *fn, void *ctx) RC_NODISCARD;
/* Send what may be sent, refuse what waited too long. Called by its timer. */
void charging_gate_tick(struct charging_gate *g);

enum charging_gate_state charging_gate_state(const struct charging_gate *g);
/* Calls of the backlog that would go out now. */
size_t charging_gate_room(const struct charging_gate *g);

struct charging_gate_counters {
	uint64_t sent, answered, lost, not_sent;
	uint64_t refused_full, refused_open, refused_late;
	uint64_t opened; /* how often the circuit did */
	uint32_t waiting, waiting_peak, under_way;
};
void charging_gate_counters_read(const struct charging_gate *g, struct charging_gate_counters *out);

#endif
