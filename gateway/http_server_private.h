/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What http_server.c (listening, routes, requests) and http_connection.c (bytes, times, states) share. */
#ifndef STARHASH_GATEWAY_HTTP_SERVER_PRIVATE_H
#define STARHASH_GATEWAY_HTTP_SERVER_PRIVATE_H

#include "gateway/due.h"
#include "gateway/http_gate.h"
#include "gateway/http_server.h"

struct bufferevent;
struct evconnlistener;
struct event;

enum http_st {
	HTTP_ST_HEAD,    /* reading, or waiting for the next request */
	HTTP_ST_BODY,    /* its head is read */
	HTTP_ST_BUSY,    /* with its handler */
	HTTP_ST_WRITING, /* the client takes its answer */
	HTTP_ST_LAST,    /* the same; then the connection is closed */
	HTTP_ST_LINGER /* what the client still sends is thrown away, so that it reads why it was turned away */
};

struct http_request {
	struct due_entry timer; /* of HEAD, BODY, WRITING and LAST */
	struct http_request *prev, *next;
	struct http_server *server;
	struct bufferevent *bev;
	struct http_gate_entry *gate;
	enum http_st state;
	size_t looked;     /* bytes in which no end of the head was found */
	bool has_begun;    /* a byte of the request came */
	bool is_at_end;    /* the client sends no more */
	bool is_last_wait; /* LINGER was prolonged: an answer is still on its way */
	char *head_text;   /* that head points into */
	char *body;
	char *query_text; /* a copy that was taken apart */
	struct http_head head;
	http_gone_fn *gone;
	void *gone_ctx;
	char address[HTTP_ADDRESS_SIZE];
	char network[HTTP_NETWORK_SIZE];
};

struct http_route {
	const char *path;
	size_t len;
	unsigned methods;
	http_handler_fn *fn;
	void *ctx;
};

struct http_server {
	struct http_server_options options;
	struct evconnlistener *listener;
	struct event *tick;
	struct http_gate *gate;
	struct due_list times, lingering;
	struct http_request *connections;
	size_t n_routes;
	struct http_route route[HTTP_ROUTES_MAX];
	struct http_server_counters counters;
};

/* http_server.c */
void http_server_dispatch(struct http_request *r); /* a whole request, to its handler */
void http_server_refuse(struct http_request *r,
                        enum http_refusal why); /* answered, counted, and the connection closed */

/* http_connection.c */
struct http_request *http_connection_new(struct http_server *s, int fd, struct http_gate_entry *gate);
void http_connection_free(struct http_request *r);
void http_connection_write(struct http_request *r, const void *bytes, size_t len);
/* What was written is the answer; `last`: close when it was taken. */
void http_connection_answered(struct http_request *r, bool last);
void http_connection_expired(struct http_request *r);

#endif
