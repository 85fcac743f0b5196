/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of tools/trace*.c share: the trace from inside, TCP segments, streams. */
#ifndef STARHASH_TOOLS_TRACE_PRIVATE_H
#define STARHASH_TOOLS_TRACE_PRIVATE_H

#include <stdbool.h>

#include "tools/trace.h"

struct trace {
	struct trace_pdu *pdu;
	size_t n, size;
	size_t octets;
	unsigned connections;
	struct trace_counts counts;
};

/* Copies. RC_FULL at a bound (counted), RC_NOMEM. */
enum rc trace_keep(struct trace *t, const struct trace_pdu *pdu, const uint8_t *bytes,
                   size_t len) RC_NODISCARD;

struct trace_segment {            /* of TCP */
	uint8_t from[16], to[16]; /* IPv4 in the first four octets, the rest 0 */
	uint16_t from_port, to_port;
	uint32_t sequence;
	bool syn, ack, ends; /* ends: FIN or RST */
	const uint8_t *data;
	size_t len;
	size_t cut; /* octets that were sent and not captured */
};

/* What a packet holds. `link_type` is one of enum trace_link. False: no TCP of use (counted). */
enum trace_link {
	TRACE_LINK_ETHERNET,
	TRACE_LINK_COOKED,
	TRACE_LINK_COOKED2,
	TRACE_LINK_NULL,
	TRACE_LINK_RAW,
	TRACE_LINK_OTHER
};
bool trace_segment_read(enum trace_link link_type, const uint8_t *bytes, size_t captured,
                        struct trace_counts *counts, struct trace_segment *out);

struct trace_streams;
struct trace_streams *trace_streams_new(struct trace *t);
/* RC_OK; RC_NOMEM. */
enum rc trace_streams_take(struct trace_streams *s, const struct trace_segment *segment, int64_t at_us,
                           size_t place) RC_NODISCARD;
/* Give out what still waits for missing octets, and settle directions. */
enum rc trace_streams_finish(struct trace_streams *s) RC_NODISCARD;
void trace_streams_free(struct trace_streams *s);

bool trace_is_capture(const uint8_t *bytes, size_t len);
enum rc trace_read_capture(struct trace *t, const void *bytes, size_t len, char *why,
                           size_t why_size) RC_NODISCARD;
enum rc trace_read_hex(struct trace *t, const char *text, size_t len, char *why,
                       size_t why_size) RC_NODISCARD;

#endif
