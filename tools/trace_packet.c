/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a captured packet to a TCP segment: link layer, VLAN tags, IPv4 or IPv6, TCP.
 *
 * Invariant: nothing outside of the captured octets is looked at; a packet that ends early is no segment, or
 * one with `cut`. IP fragments are counted and not put together: SMPP runs over TCP, whose segments fit. */
#include "tools/trace_private.h"

#include <string.h>

#include "gateway/pdu_wire.h"

#define TYPE_IPV4 0x0800
#define TYPE_IPV6 0x86dd
#define IP_TCP 6
#define EXTENSIONS_MAX 8
#define VLANS_MAX 4

static uint16_t read_type_after_vlans(struct pdu_reader *r, uint16_t type)
{
	for (int i = 0; i < VLANS_MAX && (type == 0x8100 || type == 0x88a8 || type == 0x9100); i++) {
		(void)pdu_read_u16(r);
		type = pdu_read_u16(r);
	}
	return type;
}

/* The ether type of what follows; 0 = see the version nibble of IP. */
static uint16_t read_link(enum trace_link link_type, struct pdu_reader *r)
{
	uint16_t type;

	switch (link_type) {
	case TRACE_LINK_ETHERNET:
		(void)pdu_read_bytes(r, 12);
		return read_type_after_vlans(r, pdu_read_u16(r));
	case TRACE_LINK_COOKED:
		(void)pdu_read_bytes(r, 14);
		return read_type_after_vlans(r, pdu_read_u16(r));
	case TRACE_LINK_COOKED2:
		type = pdu_read_u16(r);
		(void)pdu_read_bytes(r, 18);
		return read_type_after_vlans(r, type);
	case TRACE_LINK_NULL: /* an address family in the byte order of whoever captured */
		(void)pdu_read_bytes(r, 4);
		return 0;
	case TRACE_LINK_RAW:
	case TRACE_LINK_OTHER:
		break;
	}
	return 0;
}

/* Cut the reader to what IP says; what was not captured of it is told in *missing. */
static void limit(struct pdu_reader *r, size_t to, size_t *missing)
{
	*missing = to > r->left ? to - r->left : 0;
	if (to < r->left)
		r->left = to; /* padding of short Ethernet frames */
}

static bool read_ipv4(struct pdu_reader *r, struct trace_segment *s, struct trace_counts *counts,
                      size_t *missing)
{
	uint8_t first = pdu_read_u8(r);
	size_t header = (size_t)(first & 0x0f) * 4, total;
	uint16_t fragment;
	uint8_t protocol;
	const uint8_t *addresses;

	(void)pdu_read_u8(r);
	total = pdu_read_u16(r);
	(void)pdu_read_u16(r);
	fragment = pdu_read_u16(r);
	(void)pdu_read_u8(r);
	protocol = pdu_read_u8(r);
	(void)pdu_read_u16(r);
	addresses = pdu_read_bytes(r, 8);
	if (!addresses || header < 20 || protocol != IP_TCP)
		return false;
	if (fragment & 0x3fff) {
		counts->fragments++;
		return false;
	}
	memcpy(s->from, addresses, 4);
	memcpy(s->to, addresses + 4, 4);
	(void)pdu_read_bytes(r, header - 20);
	if (total == 0) /* left to the network card when it was captured on the sending machine */
		total = header + r->left;
	if (r->bad || total < header)
		return false;
	limit(r, total - header, missing);
	return true;
}

/* Headers between that of IPv6 and TCP: hop by hop, routing, destination options. */
static bool skip_extensions(struct pdu_reader *r, uint8_t next, struct trace_counts *counts)
{
	for (int i = 0; i < EXTENSIONS_MAX && next != IP_TCP; i++) {
		uint8_t length;

		if (next == 44)
			counts->fragments++;
		if (next != 0 && next != 43 && next != 60)
			return false;
		next = pdu_read_u8(r);
		length = pdu_read_u8(r);
		(void)pdu_read_bytes(r, 6 + (size_t)length * 8);
		if (r->bad)
			return false;
	}
	return next == IP_TCP;
}

static bool read_ipv6(struct pdu_reader *r, struct trace_segment *s, struct trace_counts *counts,
                      size_t *missing)
{
	size_t length;
	uint8_t next;
	const uint8_t *addresses;

	(void)pdu_read_u32(r);
	length = pdu_read_u16(r);
	next = pdu_read_u8(r);
	(void)pdu_read_u8(r);
	addresses = pdu_read_bytes(r, 32);
	if (!addresses)
		return false;
	memcpy(s->from, addresses, 16);
	memcpy(s->to, addresses + 16, 16);
	limit(r, length ? length : r->left, missing);
	return skip_extensions(r, next, counts);
}

static bool read_tcp(struct pdu_reader *r, struct trace_segment *s, size_t missing)
{
	size_t header;
	uint8_t flags;

	s->from_port = pdu_read_u16(r);
	s->to_port = pdu_read_u16(r);
	s->sequence = pdu_read_u32(r);
	(void)pdu_read_u32(r);
	header = (size_t)(pdu_read_u8(r) >> 4) * 4;
	flags = pdu_read_u8(r);
	(void)pdu_read_bytes(r, 6);
	if (r->bad || header < 20 || !pdu_read_bytes(r, header - 20))
		return false;
	s->ends = flags & 0x05;
	s->syn = flags & 0x02;
	s->ack = flags & 0x10;
	s->data = r->at;
	s->len = r->left;
	s->cut = missing;
	return true;
}

bool trace_segment_read(enum trace_link link_type, const uint8_t *bytes, size_t captured,
                        struct trace_counts *counts, struct trace_segment *out)
{
	struct trace_segment s = {0};
	struct pdu_reader r;
	size_t missing = 0;
	uint16_t type;
	bool good = false;

	counts->packets++;
	pdu_reader_init(&r, bytes, captured);
	type = read_link(link_type, &r);
	if (type == 0 && r.left > 0)
		type = r.at[0] >> 4 == 4 ? TYPE_IPV4 : r.at[0] >> 4 == 6 ? TYPE_IPV6 : 0;
	if (type == TYPE_IPV4)
		good = read_ipv4(&r, &s, counts, &missing);
	else if (type == TYPE_IPV6)
		good = read_ipv6(&r, &s, counts, &missing);
	good = good && read_tcp(&r, &s, missing);
	if (!good) {
		counts->not_tcp++;
		return false;
	}
	if (s.cut > 0)
		counts->cut++;
	*out = s;
	return true;
}
