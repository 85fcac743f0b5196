/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ceiling: an ESME that does nothing. null_esme PORT [SYSTEM_ID PASSWORD]
 *
 * It binds as a transceiver to 127.0.0.1 and answers each deliver_sm with its response and a submit_sm that says a fixed screen:
 * no menu, no store, no table, no timer, nothing checked. Input "5" gets a last screen, everything else one that asks. What any
 * ESME in C does more than this is what it is for; so starhashd's steps are given as a part of these. One read and one
 * write a turn. It ends with the connection: exit 0, or 1 when it could not bind.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define IN_SIZE (1u << 18)
#define OUT_SIZE (1u << 20)
#define PDU_LEAST 16
#define ANSWER_MOST 512 /* a deliver_sm_resp and a submit_sm */

enum { DELIVER = 5, BIND_TRANSCEIVER = 9, ENQUIRE = 0x15, UNBIND = 6, SUBMIT = 4 };
enum { OP_ASK = 2, OP_END = 17, OP_CANCELLED = 129 };

static const char screen[] = "Acme\n1 Balance\n2 Bundles\n3 My data\n4 Language\n5 Leave\n0 Back";

struct esme {
	int fd;
	uint32_t sequence;
	uint8_t *in, *out;
	size_t in_len, out_len;
	bool unbound;
};

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put(struct esme *e, const void *bytes, size_t n)
{
	memcpy(e->out + e->out_len, bytes, n);
	e->out_len += n;
}

static void put8(struct esme *e, unsigned value)
{
	e->out[e->out_len++] = (uint8_t)value;
}

static void put32(struct esme *e, uint32_t value)
{
	const uint8_t b[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
	                      (uint8_t)value};

	put(e, b, 4);
}

static void put_header(struct esme *e, uint32_t length, uint32_t id, uint32_t sequence)
{
	put32(e, length);
	put32(e, id);
	put32(e, 0);
	put32(e, sequence);
}

/* Where a string that begins at `at` ends, or `end`. */
static const uint8_t *after_string(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *nul = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;

	return nul != NULL ? nul + 1 : end;
}

struct seen {
	const uint8_t *source, *dest, *session; /* each address with its TON and NPI */
	size_t source_len, dest_len;
	bool leaves, cancels;
};

static void look(const uint8_t *pdu, size_t len, struct seen *s)
{
	const uint8_t *end = pdu + len, *at = after_string(pdu + PDU_LEAST, end);

	memset(s, 0, sizeof *s);
	s->source = at;
	at = after_string(at + 2, end);
	s->source_len = (size_t)(at - s->source);
	s->dest = at;
	at = after_string(at + 2, end);
	s->dest_len = (size_t)(at - s->dest);
	at = after_string(after_string(at + 3, end), end) + 4;
	if (at >= end)
		return;
	s->leaves = at[0] == 1 && at[1] == '5';
	at += 1 + at[0];
	while (end - at >= 4 && end - at >= 4 + (at[2] << 8 | at[3])) {
		size_t n = (size_t)(at[2] << 8 | at[3]);

		if (at[0] == 0x13 && at[1] == 0x83 && n == 2)
			s->session = at + 4;
		if (at[0] == 0x05 && at[1] == 0x01 && n == 1)
			s->cancels = at[4] == OP_CANCELLED;
		at += 4 + n;
	}
}

static void answer(struct esme *e, const uint8_t *pdu, size_t len)
{
	static const uint8_t flags[] = {0, 0, 0, 0, 0, 0, 0, 0, 0}; /* esm_class to sm_default_msg_id */
	struct seen s;
	size_t begin;

	look(pdu, len, &s);
	put_header(e, PDU_LEAST + 1, DELIVER | 0x80000000u, get32(pdu + 12));
	put8(e, 0);
	if (s.cancels || s.session == NULL || s.source_len + s.dest_len > 64)
		return;
	begin = e->out_len;
	put_header(e, 0, SUBMIT, e->sequence = e->sequence == 0x7fffffff ? 1 : e->sequence + 1);
	put(e, "USSD", 5);
	put(e, s.dest, s.dest_len);
	put(e, s.source, s.source_len);
	put(e, flags, sizeof flags);
	put8(e, sizeof screen - 1);
	put(e, screen, sizeof screen - 1);
	put(e, "\x05\x01\0\x01", 4);
	put8(e, s.leaves ? OP_END : OP_ASK);
	put(e, "\x13\x83\0\x02", 4);
	put8(e, s.session[0]);
	put8(e, s.session[1] | (s.leaves ? 1u : 0u));
	len = e->out_len - begin;
	e->out[begin + 2] = (uint8_t)(len >> 8);
	e->out[begin + 3] = (uint8_t)len;
}

static void handle(struct esme *e, const uint8_t *pdu, size_t len)
{
	uint32_t id = get32(pdu + 4);

	if (id == DELIVER) {
		answer(e, pdu, len);
	} else if (id == ENQUIRE || id == UNBIND) {
		put_header(e, PDU_LEAST, id | 0x80000000u, get32(pdu + 12));
		e->unbound |= id == UNBIND;
	}
}

static bool flush(struct esme *e)
{
	size_t at = 0;

	while (at < e->out_len) {
		ssize_t n = send(e->fd, e->out + at, e->out_len - at, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return false;
		at += n > 0 ? (size_t)n : 0;
	}
	e->out_len = 0;
	return true;
}

/* One read, everything that is whole in it, one write. */
static bool turn(struct esme *e)
{
	ssize_t n = read(e->fd, e->in + e->in_len, IN_SIZE - e->in_len);
	size_t at = 0, len;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	e->in_len += (size_t)n;
	while (e->in_len - at >= PDU_LEAST && (len = get32(e->in + at)) <= e->in_len - at) {
		if (len < PDU_LEAST || (e->out_len > OUT_SIZE - ANSWER_MOST && !flush(e)))
			return false;
		handle(e, e->in + at, len);
		at += len;
	}
	memmove(e->in, e->in + at, e->in_len - at);
	e->in_len -= at;
	return flush(e) && !e->unbound;
}

static bool bind_to(struct esme *e, int port, const char *system_id, const char *password)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	size_t id_size = strlen(system_id) + 1, password_size = strlen(password) + 1;
	int yes = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	e->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (e->fd < 0 || connect(e->fd, (const struct sockaddr *)&to, sizeof to) != 0)
		return false;
	(void)setsockopt(e->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	put_header(e, (uint32_t)(PDU_LEAST + id_size + password_size + 5), BIND_TRANSCEIVER, ++e->sequence);
	put(e, system_id, id_size);
	put(e, password, password_size);
	put(e, "\0\x34\0\0", 5); /* system_type, interface_version, TON, NPI, address_range */
	return flush(e);
}

/* For bench/run, which has nothing to ask once we are gone. */
static void tell_cost(void)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) == 0)
		printf("cpu_ms %ld rss_kb %ld\n",
		       (long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
		               (long)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000,
		       used.ru_maxrss);
}

int main(int argc, char **argv)
{
	struct esme e = {.in = malloc(IN_SIZE), .out = malloc(OUT_SIZE)};

	if (argc < 2) {
		fprintf(stderr, "usage: null_esme PORT [SYSTEM_ID PASSWORD]\n");
		return 2;
	}
	if (e.in == NULL || e.out == NULL ||
	    !bind_to(&e, atoi(argv[1]), argc > 2 ? argv[2] : "starhash", argc > 3 ? argv[3] : "secret")) {
		perror("null_esme");
		return 1;
	}
	while (turn(&e))
		;
	close(e.fd);
	tell_cost();
	free(e.in);
	free(e.out);
	return 0;
}
