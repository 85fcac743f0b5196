/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An SMSC whose subscribers dial and then look at their screen: many_open N SOME PORT_FILE
 *
 * It listens on a port of the system's choice and writes it to PORT_FILE. To the first transceiver that binds it opens N dialogues,
 * 256 under way at once, and leaves them open. One at a time, so that nothing queues and a latency is that of the ESME, are
 * asked: SOME begins and SOME answers on an empty ESME, then, with N open, SOME further begins, SOME answers of those who are
 * just there, and SOME answers of those who have waited longest. After "empty" and "open" it waits for a line on stdin, for
 * whoever reads the memory of the ESME meanwhile. Each screen has to say "Acme" or what the answer leads to, and nothing may be refused:
 * else it exits 1 and says what came.
 */
#define _GNU_SOURCE /* memmem */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define IN_SIZE (1u << 18)
#define OUT_SIZE (1u << 18)
#define PDU_LEAST 16
#define AT_ONCE 256
#define FIRST_MSISDN 254700000000LL

enum { DELIVER = 5, BIND_TRANSCEIVER = 9, ENQUIRE = 0x15, SUBMIT = 4, RESPONSE = 0x80000000u };
enum { OP_DIALS = 1, OP_ANSWERS = 0x12, OP_ASKS = 2 };

struct smsc {
	int fd;
	uint32_t sequence;
	uint8_t in[IN_SIZE], out[OUT_SIZE];
	size_t in_len, out_len;
	uint64_t screens;  /* that have come */
	const char *wants; /* each of them */
};

static struct smsc smsc; /* its buffers are too large for the stack */

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "many_open: %s%s%s\n", what, errno != 0 ? ": " : "",
	        errno != 0 ? strerror(errno) : "");
	exit(1);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put(struct smsc *s, const void *bytes, size_t n)
{
	memcpy(s->out + s->out_len, bytes, n);
	s->out_len += n;
}

static void put_header(struct smsc *s, uint32_t length, uint32_t id, uint32_t sequence)
{
	const uint32_t words[4] = {htonl(length), htonl(id), 0, htonl(sequence)};

	put(s, words, sizeof(words));
}

static void flush(struct smsc *s)
{
	for (size_t at = 0; at < s->out_len;) {
		ssize_t n = send(s->fd, s->out + at, s->out_len - at, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			die("sending");
		at += n > 0 ? (size_t)n : 0;
	}
	s->out_len = 0;
}

/* What subscriber `who` dials or types. */
static void say(struct smsc *s, uint32_t who, uint8_t op, const char *text)
{
	static const uint8_t flags[9] = {0}; /* esm_class to sm_default_msg_id */
	size_t begin = s->out_len, text_len = strlen(text);
	uint8_t tlvs[] = {0x05, 0x01, 0, 1, op, 0x13, 0x83, 0, 2, (uint8_t)who, 0}, n = (uint8_t)text_len;
	char from[32];
	uint32_t length;

	put_header(s, 0, DELIVER, s->sequence = s->sequence == 0x7fffffff ? 1 : s->sequence + 1);
	put(s, "USSD\0\1\1", 7);
	put(s, from, (size_t)snprintf(from, sizeof(from), "%lld", FIRST_MSISDN + who) + 1);
	put(s,
	    "\0\1"
	    "124",
	    6);
	put(s, flags, sizeof(flags));
	put(s, &n, 1);
	put(s, text, text_len);
	put(s, tlvs, sizeof(tlvs));
	length = htonl((uint32_t)(s->out_len - begin));
	memcpy(s->out + begin, &length, sizeof(length));
}

/* A submit_sm is a screen: it has to ask, and to say what is wanted. */
static void screen(struct smsc *s, const uint8_t *pdu, size_t len)
{
	static const uint8_t asks[] = {0x05, 0x01, 0, 1, OP_ASKS};

	put_header(s, PDU_LEAST + 2, SUBMIT | RESPONSE, get32(pdu + 12));
	put(s, "1", 2);
	if (memmem(pdu, len, s->wants, strlen(s->wants)) == NULL ||
	    memmem(pdu, len, asks, sizeof(asks)) == NULL) {
		fprintf(stderr, "many_open: a screen without \"%s\": %.*s\n", s->wants, (int)(len - 60),
		        (const char *)pdu + 60);
		exit(1);
	}
	s->screens++;
}

static void handle(struct smsc *s, const uint8_t *pdu, size_t len)
{
	uint32_t id = get32(pdu + 4);

	if (id == SUBMIT)
		screen(s, pdu, len);
	else if (id == ENQUIRE)
		put_header(s, PDU_LEAST, id | RESPONSE, get32(pdu + 12));
	else if (id == BIND_TRANSCEIVER) {
		put_header(s, PDU_LEAST + 1, id | RESPONSE, get32(pdu + 12));
		put(s, "", 1);
	} else if (get32(pdu + 8) != 0)
		die("a deliver_sm was refused");
}

static void receive(struct smsc *s)
{
	ssize_t n = read(s->fd, s->in + s->in_len, IN_SIZE - s->in_len);
	size_t at = 0, len;

	if (n <= 0 && errno != EINTR)
		die("the ESME has gone");
	s->in_len += n > 0 ? (size_t)n : 0;
	while (s->in_len - at >= PDU_LEAST && (len = get32(s->in + at)) <= s->in_len - at) {
		if (len < PDU_LEAST)
			die("that is no SMPP");
		handle(s, s->in + at, len);
		at += len;
	}
	memmove(s->in, s->in + at, s->in_len - at);
	s->in_len -= at;
	flush(s);
}

static void until(struct smsc *s, uint64_t screens)
{
	flush(s);
	while (s->screens < screens)
		receive(s);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The least median of ten parts: what else runs on the machine makes some of them slow. */
static int64_t median_of(int64_t *took, uint32_t some)
{
	uint32_t part = some / 10;
	int64_t least = INT64_MAX;

	for (int i = 0; i < 10; i++) {
		qsort(took + (size_t)i * part, part, sizeof(*took), by_size);
		if (took[(size_t)i * part + part / 2] < least)
			least = took[(size_t)i * part + part / 2];
	}
	return least;
}

/* One at a time; the subscribers `first` and those after. */
static void measure(struct smsc *s, const char *what, uint32_t first, uint32_t some, const char *text,
                    const char *wants)
{
	int64_t *took = calloc(some, sizeof(*took)), median;
	size_t at_99 = (size_t)some * 99 / 100;

	if (took == NULL)
		die("memory");
	s->wants = wants;
	for (uint32_t i = 0; i < some; i++) {
		int64_t began = now_ns();

		say(s, first + i, *text == '*' ? OP_DIALS : OP_ANSWERS, text);
		until(s, s->screens + 1);
		took[i] = now_ns() - began;
	}
	median = median_of(took, some);
	qsort(took, some, sizeof(*took), by_size);
	printf("%-44s p50 %8.1f us   p99 %8.1f us\n", what, (double)median / 1000,
	       (double)took[at_99] / 1000);
	free(took);
}

static void open_many(struct smsc *s, uint32_t first, uint32_t end)
{
	uint64_t before = s->screens;
	int64_t began = now_ns();

	s->wants = "Acme";
	for (uint32_t who = first; who < end; who++) {
		say(s, who, OP_DIALS, "*124#");
		if (who - first >= AT_ONCE)
			until(s, before + (who - first) - AT_ONCE + 1);
	}
	until(s, before + (end - first));
	printf("%u dialogues opened, %.0f a second\n", end - first,
	       (double)(end - first) * 1e9 / (double)(now_ns() - began));
}

static void pause_for(const char *word)
{
	char line[16];

	printf("%s\n", word);
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		die("nobody reads");
}

static void wait_for_bind(struct smsc *s, const char *port_file)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
	FILE *f;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) != 0 || listen(fd, 1) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &size) != 0)
		die("listening");
	f = fopen(port_file, "w");
	if (f == NULL || fprintf(f, "%d\n", ntohs(at.sin_port)) < 0 || fclose(f) != 0)
		die(port_file);
	s->fd = accept(fd, NULL, NULL);
	if (s->fd < 0)
		die("accepting");
	(void)setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	close(fd);
	receive(s);
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	uint32_t some = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;

	if (argc != 4 || some < 10 || n < 2 * some) {
		fprintf(stderr,
		        "usage: many_open N SOME PORT_FILE     (SOME 10 or more, N at least twice SOME)\n");
		return 2;
	}
	wait_for_bind(&smsc, argv[3]);
	pause_for("empty");
	measure(&smsc, "begin, nobody there", 0, some, "*124#", "Acme");
	measure(&smsc, "answer, these alone there", 0, some, "1", "Balance");
	open_many(&smsc, some, n);
	pause_for("open");
	measure(&smsc, "begin, all there", n, some, "*124#", "Acme");
	measure(&smsc, "answer, all there, just begun", n, some, "1", "Balance");
	measure(&smsc, "answer, all there, waited longest", 0, some, "2", "Bundles");
	fflush(stdout);
	return 0;
}
