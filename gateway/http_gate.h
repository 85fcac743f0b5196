/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may connect: so many connections in all, and so many of one address. An IPv6 address counts by its first 64 bits, which
 * is what one household has. Pure but for memory: one entry for each address that is connected. */
#ifndef STARHASH_GATEWAY_HTTP_GATE_H
#define STARHASH_GATEWAY_HTTP_GATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "gateway/http_parse.h"

#define HTTP_NETWORK_SIZE 50

struct http_gate;
struct http_gate_entry;

/* NULL: memory is out. */
struct http_gate *http_gate_new(uint32_t connections, uint32_t per_address);
void http_gate_free(struct http_gate *g);
/* HTTP_REFUSED_NOT: *entry is to be given to http_gate_leave when the connection ends. */
enum http_refusal http_gate_enter(struct http_gate *g, const struct sockaddr *from,
                                  struct http_gate_entry **entry);
void http_gate_leave(struct http_gate *g, struct http_gate_entry *entry);
/* By what an address counts: "192.0.2.1", "2001:db8:0:1::/64". */
void http_gate_network(const struct sockaddr *from, char out[HTTP_NETWORK_SIZE]);
uint32_t http_gate_connections(const struct http_gate *g);

#endif
