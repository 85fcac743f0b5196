/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listen: see listen.h. Uses the links as the daemon does (gateway/groups.h), with a loop of its own. */
#include "gateway/listen.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "core/clock.h"
#include "gateway/config.h"
#include "gateway/groups.h"
#include "gateway/pdu_codec.h"
#include "gateway/pdu_wire.h"

#define PDU_ROOM (PDU_MAX_SIZE + 512)
#define DRAIN_MS 2000
#define SHORT_MAX 254

struct listening {
	struct event_base *base;
	const struct clock *clock;
	struct groups *groups;
	listen_heard *heard;
	void *ctx;
	uint8_t *bytes; /* PDU_ROOM */
	unsigned binds;
	bool draining;
};

/* The PDU of a message. What was not kept of it (times, TLVs over the bound) is not in it. */
static enum rc write_message(const struct pdu_header *h, const struct pdu_message *m, uint8_t *out,
                             size_t *len)
{
	struct pdu_writer w;
	bool payload = h->id == PDU_DATA_SM || m->body_len > SHORT_MAX;
	const struct pdu_address *both[] = {&m->source, &m->dest};

	pdu_writer_init(&w, out, PDU_ROOM);
	pdu_write_begin(&w, h->id, h->status, h->sequence);
	pdu_write_string(&w, m->service_type);
	for (int i = 0; i < 2; i++) {
		pdu_write_u8(&w, both[i]->ton);
		pdu_write_u8(&w, both[i]->npi);
		pdu_write_string(&w, both[i]->digits);
	}
	pdu_write_u8(&w, m->esm_class);
	if (h->id == PDU_DELIVER_SM) {
		pdu_write_u8(&w, m->protocol_id);
		pdu_write_u8(&w, m->priority);
		pdu_write_u16(&w, 0); /* two empty times */
	}
	pdu_write_u8(&w, m->registered_delivery);
	if (h->id == PDU_DELIVER_SM)
		pdu_write_u8(&w, 0);
	pdu_write_u8(&w, m->data_coding);
	if (h->id == PDU_DELIVER_SM) {
		pdu_write_u8(&w, 0);
		pdu_write_u8(&w, (uint8_t)(payload ? 0 : m->body_len));
		pdu_write_bytes(&w, m->body, payload ? 0 : m->body_len);
	}
	for (size_t i = 0; i < m->n_tlvs; i++) {
		pdu_write_u16(&w, m->tlv[i].tag);
		pdu_write_u16(&w, m->tlv[i].length);
		pdu_write_bytes(&w, m->tlv[i].value, m->tlv[i].length);
	}
	if (payload && m->body_len > 0 && m->body_len <= UINT16_MAX) {
		pdu_write_u16(&w, PDU_TAG_MESSAGE_PAYLOAD);
		pdu_write_u16(&w, (uint16_t)m->body_len);
		pdu_write_bytes(&w, m->body, m->body_len);
	}
	return pdu_write_end(&w, len);
}

static void on_message(void *ctx, struct link *l, uint32_t connection, const struct pdu_header *h,
                       const struct pdu_message *m)
{
	struct listening *s = ctx;
	int64_t now = clock_utc_ms(s->clock);
	size_t len;

	if (write_message(h, m, s->bytes, &len) == RC_OK)
		s->heard(s->ctx, true, now, connection, s->bytes, len);
	link_respond(l, connection, h->id, h->sequence, PDU_RX_T_APPN);
	if (pdu_simple_pack(h->id | PDU_RESPONSE, PDU_RX_T_APPN, h->sequence, s->bytes, PDU_ROOM, &len) ==
	    RC_OK)
		s->heard(s->ctx, false, now, connection, s->bytes, len);
}

static void on_submitted(void *ctx, struct link *l, uint64_t token, enum link_outcome outcome,
                         uint32_t status, const char *message_id)
{
	(void)ctx;
	(void)l;
	(void)token;
	(void)outcome;
	(void)status;
	(void)message_id;
}

static void on_changed(void *ctx, struct link *l, enum link_state state)
{
	struct listening *s = ctx;

	(void)l;
	s->binds += state == LINK_ST_BOUND;
	if (s->draining && groups_are_down(s->groups))
		event_base_loopbreak(s->base);
}

static void on_over(evutil_socket_t fd, short what, void *ctx)
{
	struct listening *s = ctx;

	(void)fd;
	(void)what;
	if (s->draining)
		return;
	s->draining = true;
	groups_drain(s->groups, DRAIN_MS);
	if (groups_are_down(s->groups))
		event_base_loopbreak(s->base);
}

static enum rc loop(struct listening *s, int64_t for_ms)
{
	const struct timeval within = {.tv_sec = for_ms / 1000, .tv_usec = for_ms % 1000 * 1000};
	struct event *over = evtimer_new(s->base, on_over, s),
		     *interrupt = evsignal_new(s->base, SIGINT, on_over, s);
	enum rc rc = over && interrupt ? RC_OK : RC_NOMEM;

	if (rc == RC_OK && (evtimer_add(over, &within) != 0 || evsignal_add(interrupt, NULL) != 0))
		rc = RC_IO;
	if (rc == RC_OK) {
		groups_start(s->groups);
		if (event_base_dispatch(s->base) < 0)
			rc = RC_IO;
	}
	if (over)
		event_free(over);
	if (interrupt)
		event_free(interrupt);
	return rc;
}

/* A configuration of that link alone: a copy whose members are borrowed. */
static struct config *only(const struct config *config, const char *name)
{
	struct config *copy = malloc(sizeof *copy);

	if (!copy)
		return NULL;
	*copy = *config;
	copy->n_links = 0;
	for (size_t i = 0; i < config->n_links && copy->n_links == 0; i++)
		if (strcmp(config->link[i].name, name) == 0)
			copy->link[copy->n_links++] = config->link[i];
	return copy;
}

enum rc listen_run(const struct config *config, const char *name, int64_t for_ms, listen_heard *heard,
                   void *ctx, char *why, size_t why_size)
{
	struct listening s = {.clock = clock_system(), .heard = heard, .ctx = ctx, .bytes = malloc(PDU_ROOM)};
	const struct link_handlers handlers = {on_message, on_submitted, on_changed, &s};
	struct config *one = only(config, name);
	enum rc rc = RC_NOMEM;

	s.base = event_base_new();
	if (one && one->n_links == 0)
		rc = RC_NOTFOUND;
	else if (one && s.base && s.bytes)
		rc = groups_new(s.base, s.clock, one, &handlers, &s.groups);
	if (rc == RC_OK)
		rc = loop(&s, for_ms);
	if (rc == RC_OK && s.binds == 0)
		rc = RC_CLOSED;
	groups_free(s.groups);
	if (s.base)
		event_base_free(s.base);
	free(s.bytes);
	free(one);
	snprintf(why, why_size,
	         rc == RC_NOTFOUND ? "no link is named \"%s\"; see links in the configuration"
	         : rc == RC_CLOSED ? "\"%s\" was never bound; the lines above say why"
	                           : "\"%s\" cannot be listened to here",
	         name);
	return rc;
}
