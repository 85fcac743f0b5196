/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a link: reading whole PDUs within a budget, writing into a bounded buffer.
 *
 * Writes of one turn of the loop gather in the output buffer and leave together when the socket is ready; those of the PDUs
 * that are read in one go reach that buffer together, too. The
 * input buffer holds at most one PDU of the greatest size and a header; the output buffer at most
 * LINK_OUTPUT_MAX. Promise 6: whatever a peer sends or does not read, a turn is short and memory bounded.
 */
#include "gateway/link_private.h"

#include <string.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <event2/buffer.h>

#include "core/log.h"

#define SIMPLE_SIZE 32 /* a header, or deliver_sm_resp with its empty message_id */
#define BIND_SIZE 256

uint32_t link_next_sequence(struct link *l)
{
	l->sequence = l->sequence >= 0x7fffffff ? 1 : l->sequence + 1; /* SMPP 3.4, 5.1.4 */
	return l->sequence;
}

uint64_t link_flushed(const struct link *l)
{
	if (!l->bev)
		return l->written;
	return l->written - l->n_staged - evbuffer_get_length(bufferevent_get_output(l->bev));
}

/* What was staged goes to libevent. What it does not take was never written: its submit_sm are NOT_SENT. */
static void hand_over(struct link *l)
{
	size_t n = l->n_staged;

	l->n_staged = 0;
	if (n == 0 || bufferevent_write(l->bev, l->staged, n) == 0)
		return;
	l->written -= n;
	link_close_soon(l, "out of memory", false);
}

static void stage(struct link *l, const uint8_t *bytes, size_t len)
{
	memcpy(l->staged + l->n_staged, bytes, len);
	l->n_staged += len;
}

static size_t unread(const struct link *l)
{
	return l->gathers ? l->unread_was + l->n_staged : evbuffer_get_length(bufferevent_get_output(l->bev));
}

bool link_write(struct link *l, const uint8_t *bytes, size_t len)
{
	if (!l->bev || l->close_why)
		return false;
	if (unread(l) + len > LINK_OUTPUT_MAX) {
		link_close_soon(l, "peer does not read", false);
		return false;
	}
	if (l->gathers && len > sizeof(l->staged) - l->n_staged) {
		l->unread_was += l->n_staged;
		hand_over(l);
		if (l->close_why)
			return false;
	}
	if (l->gathers && len <= sizeof(l->staged)) {
		stage(l, bytes, len);
	} else if (bufferevent_write(l->bev, bytes, len) != 0) {
		link_close_soon(l, "out of memory", false);
		return false;
	}
	l->written += len;
	l->counters.bytes_out += len;
	return true;
}

bool link_write_simple(struct link *l, uint32_t id, uint32_t status, uint32_t sequence)
{
	uint8_t bytes[SIMPLE_SIZE];
	size_t len;

	return pdu_simple_pack(id, status, sequence, bytes, sizeof(bytes), &len) == RC_OK &&
	       link_write(l, bytes, len);
}

/* The next whole PDU in the input buffer, or NULL. Valid until drained. */
static const uint8_t *next_frame(struct link *l, struct evbuffer *input, struct pdu_header *h)
{
	uint8_t head[PDU_HEADER_SIZE];
	ev_ssize_t n = evbuffer_copyout(input, head, sizeof(head));
	enum rc rc;

	if (n < 0)
		return NULL;
	rc = pdu_header_read(head, (size_t)n, h);
	if (rc == RC_SYNTAX) {
		if (link_hears_tls(l))
			link_alarm(l,
			           "the SMSC speaks TLS on this port: set tls = true, or use its plain port");
		link_dispatch_lost(l);
	}
	if (rc != RC_OK || evbuffer_get_length(input) < h->length)
		return NULL;
	return evbuffer_pullup(input, (ev_ssize_t)h->length);
}

static void take(struct link *l, const struct pdu_header *h, const uint8_t *frame)
{
	l->counters.bytes_in += h->length;
	l->heard_ms = link_now(l);
	link_dispatch(l, h, frame);
}

/* The whole PDUs at the beginning of the input buffer, as far as they lie in one piece. Returns their octets. */
static size_t take_run(struct link *l, struct evbuffer *input, int *left)
{
	struct bufferevent *bev = l->bev;
	struct evbuffer_iovec piece;
	struct pdu_header h;
	size_t used = 0;

	if (evbuffer_peek(input, -1, NULL, &piece, 1) < 1)
		return 0;
	while (*left > 0 && !l->close_why && l->bev == bev) {
		const uint8_t *frame = (const uint8_t *)piece.iov_base + used;

		if (pdu_header_read(frame, piece.iov_len - used, &h) != RC_OK ||
		    h.length > piece.iov_len - used)
			break;
		--*left;
		used += h.length;
		take(l, &h, frame);
	}
	return used;
}

/* A dispatched PDU may have ended the connection: then nothing of it may be touched any more. False = nothing is left to be
 * read, or to be read from. */
static bool take_all(struct link *l)
{
	struct bufferevent *bev = l->bev;
	struct evbuffer *input = bufferevent_get_input(bev);
	struct pdu_header h;
	const uint8_t *frame;
	int left = LINK_READ_PDUS;

	while (left > 0 && !l->close_why) {
		size_t used = take_run(l, input, &left);

		if (l->bev == bev && used == 0) { /* in pieces, not whole yet, or not a PDU at all */
			frame = next_frame(l, input, &h);
			if (!frame)
				return false;
			left--;
			used = h.length;
			take(l, &h, frame);
		}
		if (l->bev != bev)
			return false;
		evbuffer_drain(input, used);
	}
	return !l->close_why && evbuffer_get_length(input) >= PDU_HEADER_SIZE;
}

void link_read(struct link *l)
{
	l->unread_was = evbuffer_get_length(bufferevent_get_output(l->bev));
	l->gathers = true;
	clock_hold();
	l->reading_on = false; /* before: who reads may want to close */
	l->reading_on = take_all(l);
	clock_let_go();
	l->gathers = false;
	if (l->bev)
		hand_over(l);
}

static void on_readable(struct bufferevent *bev, void *arg)
{
	struct link *l = arg;

	if (l->close_why) {
		struct evbuffer *input = bufferevent_get_input(bev);

		evbuffer_drain(input, evbuffer_get_length(input));
		return;
	}
	/* With reading_on the timer continues, one budget a turn. */
	if (!l->reading_on)
		link_read(l);
	link_pump(l);
	link_schedule(l);
}

/* The last PDU has left: say so to the peer, and wait for it to close, because closing with unread input
 * would reset the connection under what it still has to read. */
static void on_written(struct bufferevent *bev, void *arg)
{
	struct link *l = arg;

	if (!l->close_why)
		return;
	if (l->config.tls)
		link_tls_shutdown(bev);
	shutdown(bufferevent_getfd(bev), SHUT_WR);
}

bool link_hears_tls(struct link *l)
{
	uint8_t head[2];

	/* A record of TLS: an alert, or a handshake. As the length of a PDU that would be far too much. */
	return l->state == LINK_ST_BINDING && !l->config.tls &&
	       evbuffer_copyout(bufferevent_get_input(l->bev), head, sizeof(head)) == sizeof(head) &&
	       (head[0] == 0x15 || head[0] == 0x16) && head[1] == 0x03;
}

/* In words. With TLS the SMSC may tell only now that it does not take our certificate. */
static const char *why_ended(struct link *l, struct bufferevent *bev, short what)
{
	int error = EVUTIL_SOCKET_ERROR();
	const char *tls = NULL;
	bool is_ours = false;

	if (l->close_why)
		return l->close_why;
	if (l->config.tls)
		tls = link_tls_why(bev, &is_ours);
	/* What was good enough to be bound needs nobody's help: it broke, or the SMSC wants what TLS 1.3 has no more. */
	if (tls && l->state != LINK_ST_BINDING)
		return "TLS failed in the middle of a session: something on the way changed it, or the SMSC renegotiates, "
		       "which we do not";
	if (tls) {
		if (is_ours)
			link_alarm(l, tls);
		return tls;
	}
	if (link_hears_tls(l)) {
		link_alarm(l, "the SMSC speaks TLS on this port: set tls = true, or use its plain port");
		return "the SMSC speaks TLS on this port";
	}
	if (l->state == LINK_ST_BINDING && evbuffer_get_length(bufferevent_get_input(bev)) == 0)
		return l->config.tls
		               ? "closed before it answered the bind: does the SMSC allow our address?"
		               : "closed before it answered the bind: does the SMSC allow our address, does "
		                 "this port want TLS?";
	return what & BEV_EVENT_ERROR ? evutil_socket_error_to_string(error) : "closed by peer";
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct link *l = arg;
	const char *why = why_ended(l, bev, what);

	/* What came before the end is still good, in as many budgets as it takes: nothing new can come. */
	l->reading_on = !l->close_why;
	while (l->bev == bev && l->reading_on)
		link_read(l);
	if (l->bev == bev)
		link_lose(l, why);
	link_schedule(l);
}

static void set(struct link *l, struct bufferevent *bev, int level, int option, int value)
{
	if (setsockopt(bufferevent_getfd(bev), level, option, &value, sizeof(value)) != 0)
		LOG_EVENT(LOG_LV_WARN, "link", "socket_option", "name", l->config.name, "option",
		          LOG_INT(option));
}

void link_attach(struct link *l, struct bufferevent *bev)
{
	/* Without it a small PDU waits for the acknowledgement of the one before (Nagle). */
	set(l, bev, IPPROTO_TCP, TCP_NODELAY, 1);
	/* Where enquire_link is off these alone find out that the other end is gone. */
	set(l, bev, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(l, bev, IPPROTO_TCP, TCP_KEEPIDLE, LINK_SILENT_S / 2);
	set(l, bev, IPPROTO_TCP, TCP_KEEPINTVL, LINK_SILENT_S / 6);
	set(l, bev, IPPROTO_TCP, TCP_KEEPCNT, 3);
	set(l, bev, IPPROTO_TCP, TCP_USER_TIMEOUT, LINK_SILENT_S * 1000);
	bufferevent_setcb(bev, on_readable, on_written, on_event, l);
	bufferevent_setwatermark(bev, EV_READ, 0, LINK_INPUT_MAX);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

void link_connected(struct link *l)
{
	static const uint32_t ids[] = {[LINK_TRANSCEIVER] = PDU_BIND_TRANSCEIVER,
	                               [LINK_TRANSMITTER] = PDU_BIND_TRANSMITTER,
	                               [LINK_RECEIVER] = PDU_BIND_RECEIVER};
	const struct pdu_bind bind = {
		.id = ids[l->config.bind],
		.system_id = l->config.system_id,
		.password = l->config.password,
		.system_type = l->config.system_type ? l->config.system_type : "",
		.interface_version = l->config.interface_version ? l->config.interface_version : 0x34,
		.addr_ton = l->config.addr_ton,
		.addr_npi = l->config.addr_npi,
		.address_range = l->config.address_range ? l->config.address_range : "",
	};
	uint8_t bytes[BIND_SIZE];
	size_t len;

	l->counters.connects++;
	l->connection++;
	l->sequence = 0;
	l->written = 0;
	l->told_odd = false;
	l->heard_ms = link_now(l);
	l->bind_sequence = link_next_sequence(l);
	if (pdu_bind_pack(&bind, l->bind_sequence, bytes, sizeof(bytes), &len) != RC_OK) {
		link_alarm(l, "system_id, password, system_type or address_range is longer than SMPP allows");
		link_lose(l, "bind cannot be written");
		return;
	}
	link_set_state(l, LINK_ST_BINDING);
	link_tell_changed(l);
	link_write(l, bytes, len);
}
