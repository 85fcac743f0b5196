/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a configured host to a connection, without ever blocking the loop.
 *
 * One host an attempt; after a failure the next one is that of the next attempt (gateway/link_state.c). An address literal is
 * used as it is; a name is looked up anew for each attempt, by evdns, which reads /etc/hosts and /etc/resolv.conf once when
 * the link is made. All addresses of a name are tried in turn within the one connect time. Invariant: a link has at most one
 * look-up. It is never cancelled, because evdns must not be freed between a cancellation and its report: one that outlives
 * its attempt serves the next, and one that outlives its link finds `link` NULL and is ended by the loop's next turn.
 */
#include "gateway/link_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <event2/dns.h>
#include <event2/util.h>

#include "core/log.h"

struct link_lookup {
	struct link *link; /* NULL = the link is gone */
	unsigned host;     /* which of its hosts */
	bool is_wanted;    /* an attempt waits for it */
	bool is_begun;     /* evdns_getaddrinfo has returned */
	bool is_done;
};

static bool is_literal(const char *host)
{
	struct in6_addr any;

	return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

struct link_host link_host_now(const struct link *l)
{
	return l->host == 0 ? (struct link_host){l->config.host, l->config.port}
	                    : l->config.alternate[l->host - 1];
}

static bool are_literals(const struct link *l)
{
	bool all = is_literal(l->config.host);

	for (size_t i = 0; i < l->config.n_alternates; i++)
		all = all && is_literal(l->config.alternate[i].host);
	return all;
}

bool link_connect_init(struct link *l)
{
	if (are_literals(l))
		return true;
	l->dns = evdns_base_new(l->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (!l->dns)
		return false;
	/* Without a readable resolv.conf, evdns asks 127.0.0.1; names of /etc/hosts work all the same. */
	if (evdns_base_resolv_conf_parse(l->dns, DNS_OPTIONS_ALL, "/etc/resolv.conf") != 0)
		LOG_EVENT(LOG_LV_WARN, "link", "no_resolv_conf", "name", l->config.name);
	return true;
}

static void on_handshake(struct bufferevent *bev, short what, void *arg)
{
	struct link *l = arg;
	int error = EVUTIL_SOCKET_ERROR();
	bool is_ours = false;
	const char *why;

	if (what & BEV_EVENT_CONNECTED) {
		l->is_shaking = false;
		link_attach(l, bev);
		link_connected(l);
	} else {
		why = link_tls_why(bev, &is_ours);
		if (is_ours)
			link_alarm(l, why);
		if (!why)
			why = what & BEV_EVENT_ERROR && error ? evutil_socket_error_to_string(error)
			                                      : "closed by peer during the TLS handshake";
		link_lose(l, why);
	}
	link_schedule(l);
}

/* The TCP connection stands: TLS over it. */
static void shake_hands(struct link *l)
{
	struct bufferevent *tls;

	tls = link_tls_wrap(l->config.tls, l->base, bufferevent_getfd(l->bev), link_host_now(l).host);
	if (!tls) {
		link_lose(l, "out of memory for TLS");
		return;
	}
	bufferevent_setfd(l->bev, -1); /* the socket is the new one's */
	bufferevent_free(l->bev);
	l->bev = tls;
	l->is_shaking = true;
	bufferevent_setcb(tls, NULL, NULL, on_handshake, l);
	bufferevent_enable(tls, EV_READ | EV_WRITE);
}

static void on_connect(struct bufferevent *bev, short what, void *arg)
{
	struct link *l = arg;
	int error = EVUTIL_SOCKET_ERROR(); /* trying the next one overwrites it */

	if (what & BEV_EVENT_CONNECTED && l->config.tls) {
		shake_hands(l);
	} else if (what & BEV_EVENT_CONNECTED) {
		link_attach(l, bev);
		link_connected(l);
	} else if (!link_connect_next(l)) {
		link_lose(l, evutil_socket_error_to_string(error));
	}
	link_schedule(l);
}

/* A socket that is bound to bind_address, or -1. */
static int bound_socket(struct link *l, int family)
{
	struct sockaddr_storage from;
	int len = sizeof(from), fd;

	memset(&from, 0, sizeof(from));
	if (evutil_parse_sockaddr_port(l->config.bind_address, (struct sockaddr *)&from, &len) != 0 ||
	    from.ss_family != family)
		return -1;
	fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&from, (socklen_t)len) == 0)
		return fd;
	if (fd >= 0) {
		link_alarm(l, "bind_address is not an address of this machine, or cannot be used");
		evutil_closesocket(fd);
	}
	return -1;
}

static bool try_address(struct link *l, const struct evutil_addrinfo *a)
{
	bool is_bound = l->config.bind_address && *l->config.bind_address;
	int fd = is_bound ? bound_socket(l, a->ai_family) : -1;
	struct bufferevent *bev;

	if (is_bound && fd < 0)
		return false;
	bev = bufferevent_socket_new(l->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!bev) {
		if (fd >= 0)
			evutil_closesocket(fd);
		return false;
	}
	if (bufferevent_socket_connect(bev, a->ai_addr, (int)a->ai_addrlen) != 0) {
		bufferevent_free(bev);
		return false;
	}
	bufferevent_setcb(bev, NULL, NULL, on_connect, l);
	l->bev = bev;
	return true;
}

bool link_connect_next(struct link *l)
{
	if (l->bev)
		bufferevent_free(l->bev);
	l->bev = NULL;
	while (l->next_address) {
		const struct evutil_addrinfo *a = l->next_address;

		l->next_address = a->ai_next;
		if (try_address(l, a))
			return true;
	}
	return false;
}

static void use_addresses(struct link *l, struct evutil_addrinfo *list)
{
	l->addresses = l->next_address = list;
	if (!link_connect_next(l))
		link_lose(l,
		          l->config.bind_address && *l->config.bind_address
		                  ? "no address could be tried: is bind_address of the host's family, IPv4 "
		                    "or IPv6?"
		                  : "no address could be tried");
}

/* In words that name the key; those of the resolver are for programmers. */
static const char *why_no_address(int error)
{
	switch (error) {
	case EVUTIL_EAI_NONAME:
	case EVUTIL_EAI_NODATA:
		return "the name of host is not known: is it right, does this machine's DNS know it?";
	case EVUTIL_EAI_AGAIN:
	case EVUTIL_EAI_FAIL:
		return "the name of host could not be looked up: this machine's DNS does not answer";
	default:
		return evutil_gai_strerror(error);
	}
}

static void look_up(struct link *l);

static void on_lookup(int error, struct evutil_addrinfo *list, void *arg)
{
	struct link_lookup *lookup = arg;
	struct link *l = lookup->link;

	lookup->is_done = true;
	if (l)
		l->lookup = NULL;
	if (l && lookup->is_wanted && lookup->host != l->host) {
		if (list)
			evutil_freeaddrinfo(list); /* that of an attempt that was given up */
		look_up(l);
		link_schedule(l);
	} else if (l && lookup->is_wanted) {
		if (error)
			link_lose(l, why_no_address(error));
		else
			use_addresses(l, list);
		link_schedule(l);
	} else if (list) {
		evutil_freeaddrinfo(list);
	}
	if (lookup->is_begun)
		free(lookup);
}

/* The answer may come before evdns_getaddrinfo returns: then `lookup` is freed here. */
static void look_up(struct link *l)
{
	struct evutil_addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
	struct link_host host = link_host_now(l);
	struct link_lookup *lookup = l->lookup;
	char port[8];

	snprintf(port, sizeof(port), "%u", (unsigned)host.port);
	if (lookup) {
		lookup->is_wanted = true;
		return;
	}
	lookup = calloc(1, sizeof(*lookup));
	if (!lookup) {
		link_lose(l, "out of memory");
		return;
	}
	lookup->link = l;
	lookup->host = l->host;
	lookup->is_wanted = true;
	l->lookup = lookup;
	evdns_getaddrinfo(l->dns, host.host, port, &hints, on_lookup, lookup);
	lookup->is_begun = true;
	if (lookup->is_done)
		free(lookup);
}

void link_connect_begin(struct link *l)
{
	struct evutil_addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
	struct link_host host = link_host_now(l);
	struct evutil_addrinfo *list = NULL;
	char port[8];
	int error;

	snprintf(port, sizeof(port), "%u", (unsigned)host.port);
	l->counters.attempts++;
	link_set_state(l, LINK_ST_CONNECTING);
	link_tell_changed(l);
	if (!is_literal(host.host)) {
		look_up(l);
		return;
	}
	hints.ai_flags = EVUTIL_AI_NUMERICHOST | EVUTIL_AI_NUMERICSERV;
	error = evutil_getaddrinfo(host.host, port, &hints, &list);
	if (error)
		link_lose(l, evutil_gai_strerror(error));
	else
		use_addresses(l, list);
}

void link_connect_cancel(struct link *l)
{
	if (l->lookup)
		l->lookup->is_wanted = false;
	if (l->addresses)
		evutil_freeaddrinfo(l->addresses);
	l->addresses = l->next_address = NULL;
}

void link_connect_fini(struct link *l)
{
	if (l->lookup)
		l->lookup->link = NULL;
	l->lookup = NULL;
	if (l->dns)
		evdns_base_free(l->dns, 1);
	l->dns = NULL;
}
