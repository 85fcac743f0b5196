/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may connect: see http_gate.h. */
#include "gateway/http_gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define KEY_SIZE 8

struct http_gate_entry {
	UT_hash_handle hh;
	uint8_t key[KEY_SIZE];
	uint32_t count;
};

struct http_gate {
	uint32_t connections, most, per_address;
	struct http_gate_entry *table;
};

struct http_gate *http_gate_new(uint32_t connections, uint32_t per_address)
{
	struct http_gate *g = calloc(1, sizeof(*g));

	if (g != NULL) {
		g->most = connections;
		g->per_address = per_address;
	}
	return g;
}

void http_gate_free(struct http_gate *g)
{
	struct http_gate_entry *e, *next;

	if (g == NULL)
		return;
	HASH_ITER(hh, g->table, e, next)
	{
		// NOLINTNEXTLINE(clang-analyzer-core.NullDereference): uthash keeps hh.tbl while it holds one
		HASH_DEL(g->table, e);
		free(e);
	}
	free(g);
}

/* The four bytes of an IPv4 address, also of one that a listener on [::] sees as ::ffff:192.0.2.1. NULL: it is another. */
static const void *four_of(const struct sockaddr *from)
{
	const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;

	if (from->sa_family == AF_INET)
		return &((const struct sockaddr_in *)(const void *)from)->sin_addr;
	return from->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(six) ? &six->s6_addr[12] : NULL;
}

static void key_of(const struct sockaddr *from, uint8_t key[KEY_SIZE])
{
	const void *four = four_of(from);

	memset(key, 0, KEY_SIZE);
	if (four != NULL)
		memcpy(key + 4, four, 4);
	else if (from->sa_family == AF_INET6)
		memcpy(key, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, KEY_SIZE);
}

void http_gate_network(const struct sockaddr *from, char out[HTTP_NETWORK_SIZE])
{
	const void *four = four_of(from);
	struct in6_addr six = {0};
	char text[INET6_ADDRSTRLEN];

	if (four == NULL)
		key_of(from, six.s6_addr);
	if (inet_ntop(four != NULL ? AF_INET : AF_INET6, four != NULL ? four : &six, text, sizeof(text)) ==
	    NULL)
		text[0] = '\0';
	snprintf(out, HTTP_NETWORK_SIZE, "%s%s", text, four != NULL ? "" : "/64");
}

enum http_refusal http_gate_enter(struct http_gate *g, const struct sockaddr *from,
                                  struct http_gate_entry **entry)
{
	struct http_gate_entry *e;
	uint8_t key[KEY_SIZE];

	if (g->connections >= g->most)
		return HTTP_REFUSED_CONNECTIONS;
	key_of(from, key);
	HASH_FIND(hh, g->table, key, KEY_SIZE, e);
	if (e != NULL && e->count >= g->per_address)
		return HTTP_REFUSED_ADDRESS;
	if (e == NULL) {
		e = calloc(1, sizeof(*e));
		if (e == NULL)
			return HTTP_REFUSED_CONNECTIONS;
		memcpy(e->key, key, KEY_SIZE);
		HASH_ADD(hh, g->table, key, KEY_SIZE, e);
		if (e->hh.tbl == NULL) { /* out of memory */
			free(e);
			return HTTP_REFUSED_CONNECTIONS;
		}
	}
	e->count++;
	g->connections++;
	*entry = e;
	return HTTP_REFUSED_NOT;
}

void http_gate_leave(struct http_gate *g, struct http_gate_entry *entry)
{
	g->connections--;
	if (--entry->count > 0)
		return;
	HASH_DEL(g->table, entry);
	free(entry);
}

uint32_t http_gate_connections(const struct http_gate *g)
{
	return g->connections;
}
