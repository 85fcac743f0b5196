/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link and its peer of raw bytes on the loopback, in one loop, for the tests of the link.
 *
 * The peer shares no code with the gateway: it writes octets and reads octets. It answers by itself only what
 * `auto_*` says. Everything that either side saw is kept in order.
 */
#ifndef STARHASH_TESTS_LINK_RIG_H
#define STARHASH_TESTS_LINK_RIG_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "core/clock.h"
#include "gateway/link.h"

#define RIG_MAX_GOT 8192
#define RIG_MAX_TOLD 8192
#define RIG_SILENT 0xffffffffu /* for auto_*: do not answer */
#define RIG_WAIT_MS 8000
#define RIG_MINUTE INT64_C(60000)

enum rig_drop { /* the peer closes by itself */
	        RIG_DROPS_NEVER,
	        RIG_DROPS_ACCEPTED, /* as soon as somebody connected */
	        RIG_DROPS_BOUND     /* when the bind response has left */
};

struct rig_pdu {
	uint32_t len, id, status, sequence;
	int connection; /* of the peer: 1, 2, ... */
	uint8_t head[64];
};

struct rig_outcome {
	uint64_t token;
	enum link_outcome outcome;
	uint32_t status;
	char message_id[66];
};

struct rig {
	struct event_base *base;
	struct event *tick;
	struct evconnlistener *listener;
	struct bufferevent *peer; /* the newest */
	int connections, closed;
	uint16_t port;
	bool deaf; /* accept, but never read */
	enum rig_drop drops;
	/* a second host of the same SMSC, see rig_listen_too */
	struct evconnlistener *other;
	uint16_t other_port;
	uint32_t other_bind;
	bool peer_is_other;
	int other_connections;
	char came_from[64]; /* address of the newest connection */
	uint32_t auto_bind, auto_submit, auto_enquire, auto_unbind;

	struct rig_pdu got[RIG_MAX_GOT];
	size_t n_got;

	struct clock_fake fake;
	bool is_fake; /* set before rig_start: time passes by rig_pass alone */

	struct link_config config;
	struct link *link;
	struct rig_outcome told[RIG_MAX_TOLD];
	size_t n_told;
	enum link_state changes[256];
	size_t n_changes;
	int messages;
	uint32_t message_connection;
	bool answer_messages, resubmit, drain_on_told;
	struct pdu_header message_header;
};

int64_t rig_now_ms(void);

/* Run the loop until the condition holds; fail when it never does. */
#define RIG_UNTIL(r, condition)                                                               \
	do {                                                                                  \
		int64_t end_ = rig_now_ms() + RIG_WAIT_MS;                                    \
		while (!(condition)) {                                                        \
			ck_assert_msg(rig_now_ms() < end_, "waited in vain for " #condition); \
			event_base_loop((r)->base, EVLOOP_ONCE);                              \
		}                                                                             \
	} while (0)

/* A listening peer and a configuration; change it before rig_start. */
struct rig *rig_new(void);
struct rig *rig_new_slow(void); /* is_fake, with the timers of a usual configuration */
void rig_free(struct rig *r);   /* also checks that the link made no odd transition */
void rig_listen(struct rig *r, uint16_t port);
void rig_listen_too(struct rig *r); /* at other_port, where a bind is answered with other_bind */
/* With is_fake: let time pass, in small steps, with the loop run in each. */
void rig_pass(struct rig *r, int64_t ms);
void rig_pass_until_bound(struct rig *r, int64_t most_ms);
void rig_start(struct rig *r);
void rig_bind(struct rig *r); /* start, and wait until bound */

/* The peer: a PDU of `n` body octets, as bytes or said at once. */
void rig_put32(uint8_t *p, uint32_t v);
size_t rig_make_pdu(uint8_t *out, uint32_t id, uint32_t status, uint32_t sequence, const void *body,
                    size_t n);
void rig_say(struct rig *r, uint32_t id, uint32_t status, uint32_t sequence, const void *body, size_t n);
void rig_deliver(struct rig *r, uint32_t sequence);
void rig_drop(struct rig *r);
#define RIG_MESSAGE_LEN 42 /* body of a deliver_sm: "*123#" from 254700000001 to 123 with op 1 */
extern const uint8_t rig_message[RIG_MESSAGE_LEN + 1];

struct pdu_submit rig_hello(void);
enum rc rig_submit(struct rig *r, uint64_t token);
void rig_submit_all(struct rig *r, uint64_t first, uint64_t last); /* these tokens; each is taken */

/* What was seen: PDUs of an id by the peer, outcomes and states by the link's user. */
int rig_got(const struct rig *r, uint32_t id);
const struct rig_pdu *rig_last(const struct rig *r, uint32_t id);
int rig_told(const struct rig *r, enum link_outcome outcome);
bool rig_changed_to(const struct rig *r, enum link_state s);
struct link_counters rig_counters(const struct rig *r);
struct link_report rig_report(const struct rig *r);

#endif
