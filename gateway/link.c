/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The face of a link: making, starting, answering, draining, ending.
 *
 * Nothing here calls a handler except link_free: what follows from a call follows from the event loop.
 */
#include "gateway/link.h"

#include <event2/buffer.h>
#include <signal.h>
#include <stdlib.h>

#include "core/log.h"
#include "gateway/link_private.h"
#include "gateway/status.h"

const char *link_bind_name(enum link_bind b)
{
	switch (b) {
	case LINK_TRANSCEIVER:
		return "transceiver";
	case LINK_TRANSMITTER:
		return "transmitter";
	case LINK_RECEIVER:
		return "receiver";
	}
	return "unknown";
}

/* What is made before anything can run. False = out of memory. */
static bool make_parts(struct link *l)
{
	l->reader = pdu_codec_new();
	l->writer = pdu_codec_new();
	l->window = link_window_new(l->config.window);
	l->timer = evtimer_new(l->base, link_timer_fired, l);
	return l->reader && l->writer && l->window && l->timer && link_connect_init(l);
}

static void free_parts(struct link *l)
{
	if (l->timer)
		event_free(l->timer);
	link_connect_fini(l);
	link_window_free(l->window);
	pdu_codec_free(l->reader);
	pdu_codec_free(l->writer);
	free(l);
}

/* libevent writes without MSG_NOSIGNAL: left to its default, SIGPIPE would let every peer that closes at the wrong
 * moment end the process (promise 6). A handler that the program has set stays. */
static void survive_broken_pipes(void)
{
	struct sigaction now;

	if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
		signal(SIGPIPE, SIG_IGN);
}

enum rc link_new(struct event_base *base, const struct clock *clock, const struct link_config *config,
                 const struct link_handlers *handlers, struct link **out)
{
	struct link *l = calloc(1, sizeof(*l));

	if (!l)
		return RC_NOMEM;
	survive_broken_pipes();
	l->base = base;
	l->clock = clock;
	l->config = *config;
	l->handlers = *handlers;
	l->state = LINK_ST_IDLE;
	l->state_since_utc_ms = clock_utc_ms(clock);
	l->state_due_ms = l->timer_due_ms = l->close_due_ms = l->enquire_due_ms = l->drain_due_ms =
		LINK_NEVER;
	l->pause_ms = LINK_PAUSE_MIN_MS;
	l->end = &l->first;
	if (!make_parts(l)) {
		free_parts(l);
		return RC_NOMEM;
	}
	*out = l;
	return RC_OK;
}

void link_free(struct link *l)
{
	uint64_t flushed;

	if (!l)
		return;
	flushed = link_flushed(l);
	link_close(l);
	if (l->state != LINK_ST_DOWN)
		link_set_state(l, LINK_ST_DOWN);
	link_conclude_all(l, flushed);
	free_parts(l);
}

void link_start(struct link *l)
{
	if (l->resting)
		l->again = true;
	if (l->state != LINK_ST_IDLE || l->draining)
		return;
	l->state_due_ms = link_now(l);
	link_schedule(l);
}

void link_drain(struct link *l, int64_t within_ms)
{
	l->draining = true;
	l->resting = l->again = false;
	l->drain_due_ms = link_now(l) + within_ms;
	link_schedule(l);
}

void link_rest(struct link *l, int64_t within_ms)
{
	if (l->draining || l->state == LINK_ST_DOWN ||
	    (l->state == LINK_ST_IDLE && l->state_due_ms == LINK_NEVER))
		return;
	link_drain(l, within_ms);
	l->resting = true;
}

void link_respond(struct link *l, uint32_t connection, uint32_t id, uint32_t sequence, uint32_t status)
{
	if (!l->bev || connection != l->connection)
		return;
	if (l->owed > 0)
		l->owed--;
	if (link_write_simple(l, id | PDU_RESPONSE, status, sequence)) {
		l->counters.responses_out++;
		l->counters.respond_status[status_row(status)]++;
	}
	link_schedule(l);
}

const char *link_name(const struct link *l)
{
	return l->config.name;
}

const struct link_config *link_config_of(const struct link *l)
{
	return &l->config;
}

enum link_state link_state(const struct link *l)
{
	return l->state;
}

uint32_t link_connection(const struct link *l)
{
	return l->connection;
}

unsigned link_load(const struct link *l)
{
	size_t busy = link_window_count(l->window) + l->n_queued;

	return (unsigned)(busy * 1000 / (size_t)(l->config.window > 0 ? l->config.window : 1));
}

void link_report_read(const struct link *l, struct link_report *out)
{
	struct link_host host = link_host_now(l);

	*out = (struct link_report){.host = host.host,
	                            .port = host.port,
	                            .since_ms = l->state_since_utc_ms,
	                            .attempts = l->attempts,
	                            .lost = l->lost,
	                            .alarm = l->alarm};
}

void link_counters_read(const struct link *l, struct link_counters *out)
{
	*out = l->counters;
	out->outstanding = (uint32_t)link_window_count(l->window);
	out->queued = l->n_queued;
	out->odd_transitions = l->odd_transitions;
	out->unread = l->bev ? evbuffer_get_length(bufferevent_get_output(l->bev)) + l->n_staged : 0;
}

const struct histogram *link_response_times(const struct link *l)
{
	return &l->response_times;
}
