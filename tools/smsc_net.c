/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets and the poll loop. Reading stops while a connection has too much to write, so a peer that does
 * not read cannot make the buffers grow. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4, ppoll */
#endif

#include "tools/smsc_net.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMER_US 1000000 /* how often connections look at their clocks */

void smsc_net_init(struct smsc_net *n)
{
	memset(n, 0, sizeof *n);
	n->listener = -1;
	n->keyboard = -1;
	for (int i = 0; i < SMSC_NET_CONNS; i++)
		n->conn[i].fd = -1;
}

/* Learn the address that was given, so that a restart comes back to it. */
static void note_address(struct smsc_net *n)
{
	union {
		struct sockaddr_storage any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a;
	socklen_t len = sizeof a;

	memset(&a, 0, sizeof a);
	if (getsockname(n->listener, (struct sockaddr *)&a.any, &len) != 0)
		return;
	n->address = a.any;
	n->address_len = len;
	n->port = ntohs(a.any.ss_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

static int listen_on(const struct sockaddr *address, socklen_t len)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int yes = 1;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(fd, address, len) == 0 && listen(fd, 16) == 0)
		return fd;
	close(fd);
	return -1;
}

enum rc smsc_net_listen(struct smsc_net *n, const char *address)
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	char host[256];
	const char *colon = strrchr(address, ':');
	size_t len;

	if (colon == NULL || (len = (size_t)(colon - address)) >= sizeof host)
		return RC_SYNTAX;
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	memcpy(host, address, len);
	host[len] = '\0';
	if (getaddrinfo(len == 0 ? NULL : host, colon + 1, &hints, &found) != 0)
		return RC_SYNTAX;
	n->listener = listen_on(found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (n->listener < 0)
		return RC_IO;
	note_address(n);
	return RC_OK;
}

void smsc_net_fini(struct smsc_net *n)
{
	for (int i = 0; i < SMSC_NET_CONNS; i++)
		if (n->conn[i].fd >= 0)
			smsc_conn_close(&n->conn[i]);
	if (n->listener >= 0)
		close(n->listener);
	n->listener = -1;
}

static void accept_one(struct smsc_net *n, int64_t now_us)
{
	int fd = accept4(n->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int yes = 1;

	if (fd < 0)
		return;
	smsc_stats_connected(n->env.stats, now_us);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	for (int i = 0; i < SMSC_NET_CONNS; i++) {
		if (n->conn[i].fd >= 0)
			continue;
		if (smsc_conn_open(&n->conn[i], &n->env, fd, ++n->serials, now_us) != RC_OK)
			break;
		return;
	}
	close(fd);
}

static void read_conn(struct smsc_conn *c, int64_t now_us)
{
	ssize_t got;

	if (c->mute_us != 0)
		c->in_len =
			0; /* lost on the way; but the ESME's giving it up must be seen, and it comes behind that */
	got = read(c->fd, c->in + c->in_len, SMSC_CONN_IN_SIZE - c->in_len);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		smsc_conn_close(c);
		return;
	}
	c->in_len += (size_t)got;
	smsc_conn_input(c, now_us);
}

static size_t watch_all(struct smsc_net *n, struct pollfd *fds, int *whose)
{
	size_t k = 0;

	if (n->listener >= 0) {
		fds[k] = (struct pollfd){.fd = n->listener, .events = POLLIN};
		whose[k++] = -1;
	}
	if (n->keyboard >= 0) {
		fds[k] = (struct pollfd){.fd = n->keyboard, .events = POLLIN};
		whose[k++] = -2;
	}
	for (int i = 0; i < SMSC_NET_CONNS; i++) {
		struct smsc_conn *c = &n->conn[i];
		size_t waiting = c->out.len - c->out.start;

		if (c->fd < 0)
			continue;
		fds[k].fd = c->fd;
		fds[k].events =
			(short)((waiting < SMSC_CONN_OUT_HIGH ? POLLIN : 0) | (waiting > 0 ? POLLOUT : 0));
		if (c->mute_us != 0)
			fds[k].events = POLLIN;
		fds[k].revents = 0;
		whose[k++] = i;
	}
	return k;
}

/* A restart: everybody is cut off, nobody may come for a while. */
static void go_down(struct smsc_net *n, int64_t now_us)
{
	n->env.restart = false;
	n->down_until_us = now_us + (int64_t)n->env.fault->config.down_ms * 1000;
	close(n->listener);
	n->listener = -1;
	for (int i = 0; i < SMSC_NET_CONNS; i++)
		if (n->conn[i].fd >= 0) {
			n->conn[i].reset = true;
			smsc_conn_close(&n->conn[i]);
		}
}

static void come_up(struct smsc_net *n)
{
	n->listener = listen_on((const struct sockaddr *)&n->address, n->address_len);
	n->down_until_us = n->listener >= 0 ? 0 : smsc_now_us() + 100000; /* the port may be taken just now */
}

static void do_late(struct smsc_net *n, int64_t now_us)
{
	struct smsc_late late;

	while (smsc_late_take(&n->env.fault->late, now_us, &late)) {
		if (late.kind != SMSC_LATE_RESP && late.kind != SMSC_LATE_NACK) {
			n->env.events.late(n->env.events.ctx, &late);
			continue;
		}
		for (int i = 0; i < SMSC_NET_CONNS; i++)
			if (n->conn[i].fd >= 0 && n->conn[i].serial == late.conn)
				smsc_conn_send_resp(&n->conn[i], &late);
	}
}

static void handle(struct smsc_net *n, const struct pollfd *fds, const int *whose, size_t k)
{
	int64_t now_us = smsc_now_us();

	n->keyboard_ready = false;
	for (size_t i = 0; i < k; i++) {
		if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0)
			continue;
		if (whose[i] == -1)
			accept_one(n, now_us);
		else if (whose[i] == -2)
			n->keyboard_ready = true;
		else
			read_conn(&n->conn[whose[i]], now_us);
	}
}

void smsc_net_poll(struct smsc_net *n, int64_t wait_us)
{
	struct pollfd fds[SMSC_NET_CONNS + 2];
	int whose[SMSC_NET_CONNS + 2];
	size_t k = watch_all(n, fds, whose);
	struct timespec wait;
	sigset_t none;
	int64_t now_us = smsc_now_us();

	if (wait_us < 0 || wait_us > TIMER_US)
		wait_us = TIMER_US;
	if (n->down_until_us != 0 && wait_us > n->down_until_us - now_us)
		wait_us = n->down_until_us > now_us ? n->down_until_us - now_us : 0;
	wait = (struct timespec){wait_us / 1000000, wait_us % 1000000 * 1000};
	sigemptyset(&none); /* SIGINT and SIGTERM are blocked but here */
	if (ppoll(fds, k, &wait, &none) < 0)
		for (size_t i = 0; i < k; i++)
			fds[i].revents = 0;
	handle(n, fds, whose, k);
	now_us = smsc_now_us();
	do_late(n, now_us);
	if (n->down_until_us != 0 && n->down_until_us <= now_us)
		come_up(n);
	for (int i = 0; i < SMSC_NET_CONNS; i++)
		if (n->conn[i].fd >= 0)
			smsc_conn_timer(&n->conn[i], now_us);
}

static bool write_conn(struct smsc_conn *c)
{
	struct smsc_out *out = &c->out;
	ssize_t n;

	if (out->full)
		return false;
	if (out->len == out->start)
		return true;
	n = send(c->fd, out->at + out->start, out->len - out->start, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	out->start += (size_t)n;
	if (out->start == out->len) {
		out->start = out->len = 0;
	} else if (out->start > out->cap / 4) {
		memmove(out->at, out->at + out->start, out->len - out->start);
		out->len -= out->start;
		out->start = 0;
	}
	return true;
}

void smsc_net_flush(struct smsc_net *n)
{
	for (int i = 0; i < SMSC_NET_CONNS; i++) {
		struct smsc_conn *c = &n->conn[i];

		if (c->fd < 0 || (c->mute_us != 0 && !c->reset && !c->closing))
			continue;
		if (c->reset || !write_conn(c) || (c->closing && c->out.len == c->out.start))
			smsc_conn_close(c);
	}
	if (n->env.restart)
		go_down(n, smsc_now_us());
}

enum rc smsc_net_deliver(struct smsc_net *n, const struct smsc_sm *sm, uint32_t phone, uint32_t unit,
                         uint32_t *conn_out)
{
	for (uint32_t i = 0; i < SMSC_NET_CONNS; i++) {
		struct smsc_conn *c = &n->conn[(n->turn + i) % SMSC_NET_CONNS];

		if (smsc_conn_can_deliver(c) && smsc_conn_deliver(c, sm, phone, unit) == RC_OK) {
			n->turn = (n->turn + i + 1) % SMSC_NET_CONNS;
			*conn_out = c->serial;
			return RC_OK;
		}
	}
	return RC_BUSY;
}

bool smsc_net_bound(const struct smsc_net *n)
{
	for (int i = 0; i < SMSC_NET_CONNS; i++)
		if (n->conn[i].fd >= 0 && n->conn[i].mute_us == 0 &&
		    (n->conn[i].bound == SMSC_BOUND_TRX || n->conn[i].bound == SMSC_BOUND_RX))
			return true;
	return false;
}

void smsc_net_unbind(struct smsc_net *n)
{
	for (int i = 0; i < SMSC_NET_CONNS; i++)
		if (n->conn[i].fd >= 0)
			smsc_conn_unbind(&n->conn[i]);
}

bool smsc_net_empty(const struct smsc_net *n)
{
	for (int i = 0; i < SMSC_NET_CONNS; i++)
		if (n->conn[i].fd >= 0)
			return false;
	return true;
}
