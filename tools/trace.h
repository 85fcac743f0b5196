/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace: the PDUs of a capture, in order, with direction, time and connection.
 *
 * Reads pcap and pcapng (Ethernet, Linux cooked, loopback, raw IP; VLAN; IPv4 and IPv6; TCP streams put in
 * order) and hex lines. What a file holds is never trusted: everything is bounded, and what could not be used
 * is counted. */
#ifndef STARHASH_TOOLS_TRACE_H
#define STARHASH_TOOLS_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

#define TRACE_FILE_MAX (256u << 20)  /* octets of a file */
#define TRACE_OCTETS_MAX (64u << 20) /* of all PDUs kept */
#define TRACE_PDUS_MAX 200000

enum trace_way {
	TRACE_WAY_UNKNOWN,
	TRACE_WAY_IN, /* from the SMSC */
	TRACE_WAY_OUT /* to the SMSC */
};

struct trace_pdu {
	size_t number; /* 1.., as people count them */
	enum trace_way way;
	int64_t at_us;       /* since 1970, or since any moment; -1 = not known */
	unsigned connection; /* 1.. */
	size_t place;        /* packet or line in which it ended */
	const uint8_t *bytes;
	size_t len; /* may differ from its command_length, where that is wrong */
};

struct trace_counts {
	uint64_t packets, not_tcp, fragments, cut; /* cut: captured with too short a snap length */
	uint64_t repeated, gaps, resyncs,
		skipped;    /* repeated and skipped in octets, of connections that hold PDUs */
	uint64_t encrypted; /* connections that are TLS */
	uint64_t torn;      /* 1 = the capture cannot be read to its end */
	uint64_t lines_broken, first_broken; /* hex lines that could not be read; the number of the first */
	uint64_t refused;                    /* PDUs and connections over a bound */
};

enum trace_form { TRACE_ANY, TRACE_HEX };

struct trace;

/* Read a file, "-" = standard input. Returns RC_OK (also with no PDU in it); RC_NOTFOUND; RC_SYNTAX; RC_RANGE
 * (too large); RC_IO; RC_NOMEM. `why` gets a sentence with a remedy unless RC_OK. */
enum rc trace_open(const char *path, enum trace_form form, struct trace **out, char *why,
                   size_t why_size) RC_NODISCARD;
/* The same of octets in memory, which are not kept. */
enum rc trace_parse(const void *bytes, size_t len, enum trace_form form, struct trace **out, char *why,
                    size_t why_size) RC_NODISCARD;
/* An empty one, to which a recorder adds as PDUs pass. */
struct trace *trace_new(void);
enum rc trace_add(struct trace *t, enum trace_way way, int64_t at_us, unsigned connection, const void *bytes,
                  size_t len) RC_NODISCARD;
void trace_free(struct trace *t); /* NULL is fine */

size_t trace_length(const struct trace *t);
const struct trace_pdu *trace_at(const struct trace *t, size_t i); /* 0.. */
unsigned trace_connections(const struct trace *t);
const struct trace_counts *trace_counts_of(const struct trace *t);

/* Could a PDU begin with these octets? A known command_id, a length and a status that occur. */
int trace_is_header(const uint8_t *bytes, size_t len);
/* Who sends such a PDU: an ESME, an SMSC, or (unknown) either. */
enum trace_way trace_way_of(uint32_t command_id);

#endif
