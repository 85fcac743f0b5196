/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Captures: the one owner of libpcap, which knows pcap in both byte orders and pcapng. Offline only: nothing
 * here opens an interface. */
#include "tools/trace_private.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#define PACKETS_MAX 20000000u

bool trace_is_capture(const uint8_t *bytes, size_t len)
{
	static const uint8_t magic[][4] = {
		{0xd4, 0xc3, 0xb2, 0xa1}, {0xa1, 0xb2, 0xc3, 0xd4}, /* microseconds */
		{0x4d, 0x3c, 0xb2, 0xa1}, {0xa1, 0xb2, 0x3c, 0x4d}, /* nanoseconds */
		{0x0a, 0x0d, 0x0d, 0x0a},                           /* pcapng */
	};

	for (size_t i = 0; len >= 4 && i < sizeof magic / sizeof magic[0]; i++)
		if (memcmp(bytes, magic[i], 4) == 0)
			return true;
	return false;
}

static enum trace_link link_of(int type)
{
	switch (type) {
	case DLT_EN10MB:
		return TRACE_LINK_ETHERNET;
	case DLT_LINUX_SLL:
		return TRACE_LINK_COOKED;
	case DLT_LINUX_SLL2:
		return TRACE_LINK_COOKED2;
	case DLT_NULL:
	case DLT_LOOP:
		return TRACE_LINK_NULL;
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return TRACE_LINK_RAW;
	default:
		return TRACE_LINK_OTHER;
	}
}

/* RC_OK at the end of the capture, also at one that was torn off: what came before counts. */
static enum rc read_packets(struct trace *t, pcap_t *capture, enum trace_link link_type,
                            struct trace_streams *streams)
{
	struct pcap_pkthdr *h;
	const uint8_t *bytes;
	enum rc rc = RC_OK;
	int got = 1;

	for (size_t n = 1; rc == RC_OK && n < PACKETS_MAX && (got = pcap_next_ex(capture, &h, &bytes)) == 1;
	     n++) {
		struct trace_segment s;
		int64_t at = (int64_t)((uint64_t)h->ts.tv_sec * 1000000u + (uint64_t)h->ts.tv_usec);

		if (trace_segment_read(link_type, bytes, h->caplen, &t->counts, &s))
			rc = trace_streams_take(streams, &s, at < 0 ? 0 : at, n);
	}
	t->counts.torn = got == PCAP_ERROR;
	return rc;
}

enum rc trace_read_capture(struct trace *t, const void *bytes, size_t len, char *why, size_t why_size)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	FILE *from = fmemopen((void *)bytes, len, "rb");
	pcap_t *capture = from ? pcap_fopen_offline(from, error) : NULL;
	struct trace_streams *streams;
	enum trace_link link_type;
	enum rc rc = RC_NOMEM;

	if (!capture) {
		if (from)
			fclose(from);
		snprintf(why, why_size, "is not a whole capture: %s", error);
		return RC_SYNTAX;
	}
	link_type = link_of(pcap_datalink(capture));
	if (link_type == TRACE_LINK_OTHER) {
		snprintf(why, why_size,
		         "was captured on a kind of interface that is not read here (%d); capture with "
		         "tcpdump "
		         "-i any",
		         pcap_datalink(capture));
		pcap_close(capture);
		return RC_SYNTAX;
	}
	streams = trace_streams_new(t);
	if (streams)
		rc = read_packets(t, capture, link_type, streams);
	if (rc == RC_OK)
		rc = trace_streams_finish(streams);
	trace_streams_free(streams);
	pcap_close(capture);
	return rc;
}
