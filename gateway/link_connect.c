/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a configured host to a TCP connection, without ever blocking the loop.
 *
 * An address literal is used as it is; a name is looked up anew for each attempt, by evdns, which reads
 * /etc/hosts and /etc/resolv.conf once when the link is made. All addresses of a name are tried in turn
 * within the one connect time. Invariant: a link has at most one look-up. It is never cancelled, because evdns
 * must not be freed between a cancellation and its report: one that outlives its attempt serves the next, and one
 * that outlives its link finds `link` NULL and is ended by the loop's next turn.
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
	bool is_wanted;    /* an attempt waits for it */
	bool is_begun;     /* evdns_getaddrinfo has returned */
	bool is_done;
};

static bool is_literal(const char *host)
{
	struct in6_addr any;

	return inet_pton(AF_INET, host, &any) == 1 || inet_pton(AF_INET6, host, &any) == 1;
}

bool link_connect_init(struct link *l)
{
	if (is_literal(l->config.host))
		return true;
	l->dns = evdns_base_new(l->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (!l->dns)
		return false;
	/* Without a readable resolv.conf, evdns asks 127.0.0.1; names of /etc/hosts work all the same. */
	if (evdns_base_resolv_conf_parse(l->dns, DNS_OPTIONS_ALL, "/etc/resolv.conf") != 0)
		LOG_EVENT(LOG_LV_WARN, "link", "no_resolv_conf", "name", l->config.name);
	return true;
}

static void on_connect(struct bufferevent *bev, short what, void *arg)
{
	struct link *l = arg;
	int error = EVUTIL_SOCKET_ERROR(); /* trying the next one overwrites it */

	if (what & BEV_EVENT_CONNECTED) {
		link_attach(l, bev);
		link_connected(l);
	} else if (!link_connect_next(l)) {
		link_lose(l, evutil_socket_error_to_string(error));
	}
	link_schedule(l);
}

static bool try_address(struct link *l, const struct evutil_addrinfo *a)
{
	struct bufferevent *bev = bufferevent_socket_new(l->base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (!bev)
		return false;
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
		link_lose(l, "no address could be tried");
}

static void on_lookup(int error, struct evutil_addrinfo *list, void *arg)
{
	struct link_lookup *lookup = arg;
	struct link *l = lookup->link;

	lookup->is_done = true;
	if (l)
		l->lookup = NULL;
	if (l && lookup->is_wanted) {
		if (error)
			link_lose(l, evutil_gai_strerror(error));
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
static void look_up(struct link *l, const char *port, const struct evutil_addrinfo *hints)
{
	struct link_lookup *lookup = l->lookup;

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
	lookup->is_wanted = true;
	l->lookup = lookup;
	evdns_getaddrinfo(l->dns, l->config.host, port, hints, on_lookup, lookup);
	lookup->is_begun = true;
	if (lookup->is_done)
		free(lookup);
}

void link_connect_begin(struct link *l)
{
	struct evutil_addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
	struct evutil_addrinfo *list = NULL;
	char port[8];
	int error;

	snprintf(port, sizeof(port), "%u", (unsigned)l->config.port);
	link_set_state(l, LINK_ST_CONNECTING);
	link_tell_changed(l);
	if (l->dns) {
		look_up(l, port, &hints);
		return;
	}
	hints.ai_flags = EVUTIL_AI_NUMERICHOST | EVUTIL_AI_NUMERICSERV;
	error = evutil_getaddrinfo(l->config.host, port, &hints, &list);
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
