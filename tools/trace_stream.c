/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TCP streams put in order, and cut into PDUs.
 *
 * A connection has two halves. Octets are appended in the order of their sequence numbers: what repeats is
 * dropped, what comes early waits, within bounds, for what is missing. Where something stays missing, or the
 * capture began in the middle, or framing is lost, the half looks for the next header that is plausible. */
#include "tools/trace_private.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/pdu.h"
#include "gateway/pdu_wire.h"

#define CONNECTIONS_MAX 2048
#define BUCKETS 1024
#define EARLY_MAX 256               /* segments of one half that came early */
#define EARLY_OCTETS_MAX (4u << 20) /* of them, in all halves */
#define SMPP_PORT 2775

struct early { /* a segment that came before its turn */
	uint32_t sequence;
	size_t len, cut, place;
	int64_t at_us;
	uint8_t bytes[];
};

struct half {
	bool begun, in_step;
	uint32_t next; /* sequence number of the octet that is due */
	uint8_t *octets;
	size_t len, size;
	struct early *early[EARLY_MAX]; /* by sequence */
	size_t n_early;
	uint64_t pdus, repeated, gaps, resyncs, skipped;
	int64_t last_us; /* of its last PDU: what waited for missing octets is no older than they are */
	unsigned by_smsc, by_esme; /* PDUs that only one side sends */
	bool is_tls;
};

struct connection {
	uint8_t address[2][16];
	uint16_t port[2];
	unsigned number; /* 1.., for people: when its first PDU came */
	int opener;      /* the half that sent the first SYN; -1 = not seen */
	bool ended;
	struct half half[2];
	struct connection *next; /* in its bucket; the newest first */
};

struct trace_streams {
	struct trace *trace;
	struct connection *all[CONNECTIONS_MAX];
	size_t n;
	size_t early_octets;
	unsigned numbered;
	struct connection *bucket[BUCKETS];
	/* of each PDU kept, from which half of which connection it came: direction is known only at the end
	 */
	struct origin {
		unsigned connection;
		unsigned half;
	} * origin;
	size_t origins;
};

struct trace_streams *trace_streams_new(struct trace *t)
{
	struct trace_streams *s = calloc(1, sizeof *s);

	if (s)
		s->trace = t;
	return s;
}

void trace_streams_free(struct trace_streams *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		for (int h = 0; h < 2; h++) {
			for (size_t e = 0; e < s->all[i]->half[h].n_early; e++)
				free(s->all[i]->half[h].early[e]);
			free(s->all[i]->half[h].octets);
		}
		free(s->all[i]);
	}
	free(s->origin);
	free(s);
}

/* --- connections --------------------------------------------------------------------------------- */

static unsigned bucket_of(const struct trace_segment *s)
{
	unsigned sum = 0; /* the same for both directions */

	for (size_t i = 0; i < 16; i++)
		sum += (unsigned)(s->from[i] + s->to[i]) * (unsigned)(i + 3);
	return (sum + s->from_port + s->to_port) % BUCKETS;
}

/* The half that the segment belongs to, or -1. */
static int half_of(const struct connection *c, const struct trace_segment *s)
{
	for (int h = 0; h < 2; h++)
		if (c->port[h] == s->from_port && c->port[!h] == s->to_port &&
		    memcmp(c->address[h], s->from, 16) == 0 && memcmp(c->address[!h], s->to, 16) == 0)
			return h;
	return -1;
}

static struct connection *connection_new(struct trace_streams *s, const struct trace_segment *segment)
{
	unsigned bucket = bucket_of(segment);
	struct connection *c;

	if (s->n == CONNECTIONS_MAX) {
		s->trace->counts.refused++;
		return NULL;
	}
	c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	memcpy(c->address[0], segment->from, 16);
	memcpy(c->address[1], segment->to, 16);
	c->port[0] = segment->from_port;
	c->port[1] = segment->to_port;
	c->opener = -1;
	c->next = s->bucket[bucket];
	s->bucket[bucket] = c;
	s->all[s->n++] = c;
	return c;
}

/* The connection of a segment; a SYN after data, with another sequence number, begins a new one on the same
 * ports. */
static struct connection *connection_of(struct trace_streams *s, const struct trace_segment *segment,
                                        int *half)
{
	struct connection *c = s->bucket[bucket_of(segment)];

	while (c && (*half = half_of(c, segment)) < 0)
		c = c->next;
	if (c && segment->syn && !segment->ack &&
	    (c->ended || (c->half[*half].begun && c->half[*half].next != segment->sequence + 1)))
		c = NULL;
	if (!c) {
		c = connection_new(s, segment);
		*half = 0;
	}
	return c;
}

/* --- PDUs ---------------------------------------------------------------------------------------- */

static enum rc keep(struct trace_streams *s, struct connection *c, int half, const uint8_t *bytes, size_t len,
                    int64_t at_us, size_t place)
{
	struct half *h = &c->half[half];
	struct trace_pdu pdu = {.at_us = at_us > h->last_us ? at_us : h->last_us, .place = place};
	uint32_t id =
		(uint32_t)bytes[4] << 24 | (uint32_t)bytes[5] << 16 | (uint32_t)bytes[6] << 8 | bytes[7];
	enum trace_way way = trace_way_of(id);
	enum rc rc;

	if (s->trace->n >= s->origins) {
		size_t size = s->origins ? 2 * s->origins : 256;
		struct origin *more = realloc(s->origin, size * sizeof *more);

		if (!more)
			return RC_NOMEM;
		s->origin = more;
		s->origins = size;
	}
	if (!c->number)
		c->number = ++s->numbered;
	pdu.connection = c->number;
	pdu.way = (enum trace_way)(TRACE_WAY_IN + half); /* settled at the end */
	rc = trace_keep(s->trace, &pdu, bytes, len);
	if (rc != RC_OK)
		return rc == RC_FULL ? RC_OK : rc;
	s->origin[s->trace->n - 1] = (struct origin){(unsigned)(c->number), (unsigned)half};
	h->last_us = pdu.at_us;
	h->pdus++;
	h->by_smsc += way == TRACE_WAY_IN;
	h->by_esme += way == TRACE_WAY_OUT;
	return RC_OK;
}

/* Where a plausible PDU begins; what follows it must be plausible too, as far as it is there. */
static size_t find_header(const struct half *h)
{
	for (size_t at = 0; at + PDU_HEADER_SIZE <= h->len; at++) {
		const uint8_t *p = h->octets + at;
		size_t length = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];

		if (!trace_is_header(p, h->len - at))
			continue;
		if (at + length + PDU_HEADER_SIZE > h->len ||
		    trace_is_header(p + length, h->len - at - length))
			return at;
	}
	return h->len < PDU_HEADER_SIZE ? 0 : h->len - PDU_HEADER_SIZE + 1;
}

static void drop_front(struct half *h, size_t n)
{
	memmove(h->octets, h->octets + n, h->len - n);
	h->len -= n;
}

static enum rc cut_pdus(struct trace_streams *s, struct connection *c, int half, int64_t at_us, size_t place)
{
	struct half *h = &c->half[half];
	size_t done = 0;
	enum rc rc = RC_OK;

	while (rc == RC_OK && h->len - done >= PDU_HEADER_SIZE) {
		const uint8_t *p = h->octets + done;
		size_t length = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];

		if (h->in_step && (length < PDU_HEADER_SIZE || length > PDU_MAX_SIZE)) {
			h->in_step = false;
			h->resyncs++;
			if (h->pdus == 0 && p[0] == 0x16 && p[1] == 0x03)
				h->is_tls = true;
		}
		if (!h->in_step) {
			size_t skip;

			drop_front(h, done);
			done = 0;
			skip = find_header(h);
			h->skipped += skip;
			drop_front(h, skip);
			h->in_step = trace_is_header(h->octets, h->len);
			if (!h->in_step)
				break;
			continue;
		}
		if (length > h->len - done)
			break;
		rc = keep(s, c, half, p, length, at_us, place);
		done += length;
	}
	drop_front(h, done);
	return rc;
}

static enum rc append(struct half *h, const uint8_t *bytes, size_t n)
{
	if (h->len + n > h->size) {
		size_t size = 2 * (h->len + n);
		uint8_t *more = realloc(h->octets, size);

		if (!more)
			return RC_NOMEM;
		h->octets = more;
		h->size = size;
	}
	if (n > 0)
		memcpy(h->octets + h->len, bytes, n);
	h->len += n;
	return RC_OK;
}

/* Octets are missing here for good. */
static void leave_gap(struct half *h)
{
	h->gaps++;
	h->skipped += h->len;
	h->len = 0;
	h->in_step = false;
}

/* The segment begins with the octet that is due, or before it. */
static enum rc take_due(struct trace_streams *s, struct connection *c, int half, const uint8_t *bytes,
                        size_t len, size_t cut, uint32_t sequence, int64_t at_us, size_t place)
{
	struct half *h = &c->half[half];
	size_t old = (size_t)(h->next - sequence);
	enum rc rc;

	if (old >= len + cut) {
		h->repeated += len;
		return RC_OK;
	}
	h->repeated += old < len ? old : len;
	h->next = sequence + (uint32_t)(len + cut);
	if (old < len) {
		rc = append(h, bytes + old, len - old);
		if (rc == RC_OK)
			rc = cut_pdus(s, c, half, at_us, place);
		if (rc != RC_OK)
			return rc;
	}
	if (cut > 0)
		leave_gap(h);
	return RC_OK;
}

/* --- segments that came early -------------------------------------------------------------------- */

static enum rc take_early(struct trace_streams *s, struct half *h, const struct trace_segment *segment,
                          int64_t at_us, size_t place)
{
	struct early *e = malloc(sizeof *e + segment->len);
	size_t at = h->n_early;

	if (!e)
		return RC_NOMEM;
	*e = (struct early){segment->sequence, segment->len, segment->cut, place, at_us};
	if (segment->len > 0)
		memcpy(e->bytes, segment->data, segment->len);
	for (; at > 0 && (int32_t)(h->early[at - 1]->sequence - e->sequence) > 0; at--)
		h->early[at] = h->early[at - 1];
	h->early[at] = e;
	h->n_early++;
	s->early_octets += e->len;
	return RC_OK;
}

/* Take what is due now from those that waited; `force`: the first of them is due, whatever is missing before
 * it. */
static enum rc drain_early(struct trace_streams *s, struct connection *c, int half, bool force)
{
	struct half *h = &c->half[half];
	enum rc rc = RC_OK;

	while (rc == RC_OK && h->n_early > 0) {
		struct early *e = h->early[0];

		if ((int32_t)(e->sequence - h->next) > 0) {
			if (!force)
				break;
			leave_gap(h);
			h->next = e->sequence;
			force = false;
		}
		rc = take_due(s, c, half, e->bytes, e->len, e->cut, e->sequence, e->at_us, e->place);
		s->early_octets -= e->len;
		h->n_early--;
		memmove(h->early, h->early + 1, h->n_early * sizeof(struct early *));
		free(e);
	}
	return rc;
}

/* --- segments ------------------------------------------------------------------------------------ */

static void open_half(struct connection *c, int half, const struct trace_segment *segment)
{
	struct half *h = &c->half[half];

	if (segment->syn) {
		if (!segment->ack)
			c->opener = half;
		else if (c->opener < 0)
			c->opener = !half;
	}
	if (h->begun)
		return;
	h->begun = true;
	h->in_step = segment->syn;
	h->next = segment->sequence + (segment->syn ? 1 : 0);
}

enum rc trace_streams_take(struct trace_streams *s, const struct trace_segment *segment, int64_t at_us,
                           size_t place)
{
	int half = 0;
	struct connection *c;
	struct half *h;
	uint32_t sequence = segment->sequence + (segment->syn ? 1 : 0);
	struct trace_segment moved = *segment;
	enum rc rc;

	if (segment->len + segment->cut == 0 && !segment->syn && !segment->ends)
		return RC_OK;
	c = connection_of(s, segment, &half);
	if (!c)
		return s->n == CONNECTIONS_MAX ? RC_OK : RC_NOMEM;
	open_half(c, half, segment);
	h = &c->half[half];
	c->ended = c->ended || segment->ends;
	if (segment->len + segment->cut == 0 || h->is_tls)
		return RC_OK;
	if ((int32_t)(sequence - h->next) <= 0) {
		rc = take_due(s, c, half, segment->data, segment->len, segment->cut, sequence, at_us, place);
		return rc == RC_OK ? drain_early(s, c, half, false) : rc;
	}
	moved.sequence = sequence;
	if (h->n_early == EARLY_MAX || s->early_octets + segment->len > EARLY_OCTETS_MAX) {
		rc = drain_early(s, c, half, true);
		if (rc != RC_OK)
			return rc;
		if (h->n_early == EARLY_MAX || s->early_octets + segment->len > EARLY_OCTETS_MAX) {
			s->trace->counts.refused++;
			return RC_OK;
		}
	}
	return take_early(s, h, &moved, at_us, place);
}

/* --- the end ------------------------------------------------------------------------------------- */

/* Which half is the SMSC: who sends what only an SMSC sends; else who was connected to; else the lower port.
 */
static int smsc_half(const struct connection *c)
{
	long score = (long)c->half[0].by_smsc - (long)c->half[0].by_esme - (long)c->half[1].by_smsc +
	             (long)c->half[1].by_esme;

	if (score != 0)
		return score > 0 ? 0 : 1;
	if (c->opener >= 0)
		return !c->opener;
	if (c->port[0] == SMPP_PORT || c->port[1] == SMPP_PORT)
		return c->port[1] == SMPP_PORT;
	return c->port[1] < c->port[0];
}

static int by_time(const void *a, const void *b)
{
	const struct trace_pdu *x = a, *y = b;

	if (x->at_us != y->at_us)
		return x->at_us < y->at_us ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static void settle_ways(struct trace_streams *s, const int *smsc)
{
	struct trace *t = s->trace;

	for (size_t i = 0; i < t->n; i++)
		t->pdu[i].way = (int)s->origin[i].half == smsc[s->origin[i].connection] ? TRACE_WAY_IN
		                                                                        : TRACE_WAY_OUT;
	if (t->n > 0)
		qsort(t->pdu, t->n, sizeof *t->pdu, by_time);
	for (size_t i = 0; i < t->n; i++)
		t->pdu[i].number = i + 1;
}

static void add_counts(struct trace_counts *to, const struct connection *c)
{
	for (int h = 0; h < 2; h++) {
		const struct half *from = &c->half[h];

		to->encrypted += from->is_tls && (h == 0 || !c->half[0].is_tls);
		if (c->number == 0) /* no SMPP */
			continue;
		to->repeated += from->repeated;
		to->gaps += from->gaps;
		to->resyncs += from->resyncs;
		to->skipped += from->skipped + from->len;
	}
}

enum rc trace_streams_finish(struct trace_streams *s)
{
	int *smsc = calloc(CONNECTIONS_MAX + 1, sizeof *smsc);
	enum rc rc = smsc ? RC_OK : RC_NOMEM;

	for (size_t i = 0; rc == RC_OK && i < s->n; i++) {
		struct connection *c = s->all[i];

		for (int h = 0; rc == RC_OK && h < 2; h++)
			while (rc == RC_OK && c->half[h].n_early > 0)
				rc = drain_early(s, c, h, true);
		add_counts(&s->trace->counts, c);
		smsc[c->number] = smsc_half(c);
	}
	if (rc == RC_OK)
		settle_ways(s, smsc);
	free(smsc);
	return rc;
}
