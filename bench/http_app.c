/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An app behind a gateway that does nothing but answer: http_app PORT_FILE
 *
 * It listens on a free port of 127.0.0.1, writes that into PORT_FILE, and answers each HTTP request by what was typed last, so that
 * what a gateway costs is seen and not what an app costs. "/ussd" (Africa's Talking, POST): CON and END. "/kannel" (GET with
 * the text and Kannel's meta-data %D as query): the screen, and the TLVs of the answer as X-Kannel-Meta-Data. Input "5" ends.
 * Connections are kept. It ends with SIGTERM.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 4000
#define IN_SIZE 8192
#define OUT_SIZE 1024

static const char screen[] = "Acme\n1 Balance\n2 Bundles\n3 My data\n4 Language\n5 Leave\n0 Back";

struct connection {
	size_t len;
	char in[IN_SIZE];
};

static struct pollfd fds[CONNECTIONS + 1]; /* the first one listens */
static struct connection *connections[CONNECTIONS + 1];
static nfds_t n_fds = 1;

/* The value of `name=` in a query or a form of n bytes, as it lies there; "" when there is none. */
static size_t value_of(const char *text, size_t n, const char *name, const char **out)
{
	size_t length = strlen(name);
	const char *end = text + n;

	for (const char *at = text; at + length < end; at++) {
		if ((at == text || at[-1] == '&' || at[-1] == '?') && strncmp(at, name, length) == 0 &&
		    at[length] == '=') {
			*out = at + length + 1;
			return strcspn(*out, "& \r\n") < (size_t)(end - *out) ? strcspn(*out, "& \r\n")
			                                                      : (size_t)(end - *out);
		}
	}
	*out = "";
	return 0;
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

/* One level of percent-encoding off. */
static void decode(const char *in, size_t n, char *out, size_t size)
{
	size_t k = 0;

	for (size_t i = 0; i < n && k < size - 1; i++) {
		bool is_coded = in[i] == '%' && i + 2 < n && hex(in[i + 1]) >= 0 && hex(in[i + 2]) >= 0;

		out[k++] = is_coded ? (char)(hex(in[i + 1]) * 16 + hex(in[i + 2])) : in[i];
		i += is_coded ? 2 : 0;
	}
	out[k] = '\0';
}

/* The query has Kannel's meta-data, "?smpp?its_session_info=%2A%02&...", encoded once more; the answer has it as it is. */
static void answer_kannel(const char *query, size_t n, char out[OUT_SIZE])
{
	const char *text, *coded, *session;
	size_t text_n = value_of(query, n, "text", &text), coded_n = value_of(query, n, "meta", &coded);
	bool ends = text_n == 1 && text[0] == '5';
	const char *body = ends ? "Bye." : screen;
	char meta[256];
	int session_n = 0;

	decode(coded, coded_n, meta, sizeof meta);
	session = strstr(meta, "its_session_info=");
	if (session != NULL) {
		session += strlen("its_session_info=");
		session_n = (int)strcspn(session, "&");
	}
	(void)snprintf(out, OUT_SIZE,
	               "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
	               "X-Kannel-Meta-Data: ?smpp?ussd_service_op=%s&its_session_info=%.*s\r\n\r\n%s",
	               strlen(body), ends ? "17" : "2", session_n, session_n > 0 ? session : "", body);
}

static void answer_ussd(const char *form, size_t n, char out[OUT_SIZE])
{
	const char *text;
	size_t length = value_of(form, n, "text", &text);
	bool ends = length > 0 && text[length - 1] == '5';
	const char *body = ends ? "Bye." : screen;

	(void)snprintf(out, OUT_SIZE,
	               "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s %s",
	               strlen(body) + 4, ends ? "END" : "CON", body);
}

/* How long the request at the beginning is; 0 = not whole yet. */
static size_t request_length(struct connection *c, size_t *head)
{
	const char *end = strstr(c->in, "\r\n\r\n"), *line;
	size_t body = 0;

	if (end == NULL)
		return 0;
	*head = (size_t)(end - c->in) + 4;
	for (line = c->in; line != NULL && line < end; line = strstr(line, "\r\n"), line += line ? 2 : 0)
		if (strncasecmp(line, "Content-Length:", 15) == 0)
			body = strtoul(line + 15, NULL, 10);
	return c->len >= *head + body ? *head + body : 0;
}

static bool serve(int fd, struct connection *c)
{
	ssize_t got = recv(fd, c->in + c->len, IN_SIZE - 1 - c->len, 0);
	size_t n, head = 0;

	if (got <= 0)
		return got < 0 && (errno == EAGAIN || errno == EINTR);
	c->len += (size_t)got;
	c->in[c->len] = '\0';
	while ((n = request_length(c, &head)) > 0) {
		char out[OUT_SIZE];

		if (strncmp(c->in, "GET /kannel", 11) == 0)
			answer_kannel(c->in, strcspn(c->in + 4, " ") + 4, out);
		else
			answer_ussd(c->in + head, n - head, out);
		if (send(fd, out, strlen(out), MSG_NOSIGNAL) < 0)
			return false;
		memmove(c->in, c->in + n, c->len - n + 1);
		c->len -= n;
	}
	return c->len < IN_SIZE - 1;
}

static void drop(nfds_t i)
{
	(void)close(fds[i].fd);
	free(connections[i]);
	n_fds--;
	fds[i] = fds[n_fds];
	connections[i] = connections[n_fds];
}

static void take(void)
{
	int yes = 1, fd = accept(fds[0].fd, NULL, NULL);

	if (fd < 0)
		return;
	if (n_fds > CONNECTIONS || (connections[n_fds] = calloc(1, sizeof(struct connection))) == NULL) {
		(void)close(fd);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	fds[n_fds++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static bool listens(const char *port_file)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof at;
	FILE *f;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fds[0] = (struct pollfd){.fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN};
	if (fds[0].fd < 0 || bind(fds[0].fd, (const struct sockaddr *)&at, size) != 0 ||
	    listen(fds[0].fd, 1024) != 0 || getsockname(fds[0].fd, (struct sockaddr *)&at, &size) != 0)
		return false;
	f = fopen(port_file, "w");
	if (f == NULL)
		return false;
	fprintf(f, "%d\n", ntohs(at.sin_port));
	return fclose(f) == 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: http_app PORT_FILE\n");
		return 2;
	}
	if (!listens(argv[1])) {
		perror("http_app");
		return 1;
	}
	while (poll(fds, n_fds, -1) >= 0 || errno == EINTR) {
		for (nfds_t i = n_fds; i-- > 1;)
			if (fds[i].revents != 0 && !serve(fds[i].fd, connections[i]))
				drop(i);
		if (fds[0].revents != 0)
			take();
	}
	return 1;
}
