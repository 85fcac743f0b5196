/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kill -9 at a chosen point: loaded with LD_PRELOAD in front of the daemon, which knows nothing of it.
 *
 * SHIM_KILL=POINT:N kills the process at the N-th time that it gets to POINT:
 *
 *   sync-before, sync-after         an fsync or fdatasync: of what follows it nothing is durable; it is, and nobody was told
 *   connect-before, connect-after   a connection to SHIM_KILL_PORT of 127.0.0.1, the charging system
 *   send-before, send-after         what is sent there holds SHIM_KILL_WORD: an order that was recorded as sent and was not;
 *                                   one that the system has, and nobody recorded what became of it
 *   receive-after                   the answer to such a call has been read, and was not recorded
 *
 * It can stand in front of shim_disk.so, whose sync it then calls.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS_MAX 65536

enum point {
	SYNC_BEFORE,
	SYNC_AFTER,
	CONNECT_BEFORE,
	CONNECT_AFTER,
	SEND_BEFORE,
	SEND_AFTER,
	RECEIVE_AFTER,
	POINTS,
	NOWHERE = POINTS
};

static const char *const names[POINTS] = {"sync-before", "sync-after", "connect-before", "connect-after",
                                          "send-before", "send-after", "receive-after"};

static struct {
	enum point point;
	atomic_long left;
	in_port_t port; /* in network order */
	const char *word;
	atomic_bool carries[SOCKETS_MAX]; /* the word, by descriptor */
	int (*fsync)(int), (*fdatasync)(int);
	int (*connect)(int, const struct sockaddr *, socklen_t);
	ssize_t (*send)(int, const void *, size_t, int);
	ssize_t (*recv)(int, void *, size_t, int);
} shim = {.point = NOWHERE};

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	(void)dprintf(STDERR_FILENO, "shim_kill: %s\n", what);
	abort(); /* a shim that does not work must not look like a daemon that holds */
}

static void find(void *into, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	must(symbol != NULL, name);
	memcpy(into, &symbol, sizeof symbol);
}

__attribute__((constructor)) static void begin(void)
{
	const char *how = getenv("SHIM_KILL"), *port = getenv("SHIM_KILL_PORT"), *colon;

	find(&shim.fsync, "fsync");
	find(&shim.fdatasync, "fdatasync");
	find(&shim.connect, "connect");
	find(&shim.send, "send");
	find(&shim.recv, "recv");
	shim.word = getenv("SHIM_KILL_WORD");
	shim.port = htons((in_port_t)(port ? atoi(port) : 0));
	if (!how)
		return;
	colon = strchr(how, ':');
	must(colon != NULL && atol(colon + 1) > 0, "SHIM_KILL is POINT:N");
	atomic_store(&shim.left, atol(colon + 1));
	for (int i = 0; i < POINTS; i++)
		if (strlen(names[i]) == (size_t)(colon - how) &&
		    strncmp(how, names[i], strlen(names[i])) == 0)
			shim.point = (enum point)i;
	must(shim.point != NOWHERE, "SHIM_KILL has no such point");
	must(shim.point < CONNECT_BEFORE || shim.port != 0, "SHIM_KILL_PORT is missing");
	must(shim.point < SEND_BEFORE || shim.word != NULL, "SHIM_KILL_WORD is missing");
}

static void pass(enum point here)
{
	if (here == shim.point && atomic_fetch_sub(&shim.left, 1) == 1)
		(void)kill(getpid(), SIGKILL);
}

static bool is_port(const struct sockaddr *to, socklen_t n)
{
	struct sockaddr_in in;

	if (shim.port == 0 || n < sizeof in || to->sa_family != AF_INET)
		return false;
	memcpy(&in, to, sizeof in);
	return in.sin_port == shim.port && in.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

static bool goes_there(int fd)
{
	struct sockaddr_storage to = {0};
	socklen_t n = sizeof to;

	return getpeername(fd, (struct sockaddr *)&to, &n) == 0 && is_port((struct sockaddr *)&to, n);
}

/* --- in front of the C library ------------------------------------------------------------------------------- */

int fsync(int fd)
{
	int result;

	pass(SYNC_BEFORE);
	result = shim.fsync(fd);
	pass(SYNC_AFTER);
	return result;
}

int fdatasync(int fildes)
{
	int result;

	pass(SYNC_BEFORE);
	result = shim.fdatasync(fildes);
	pass(SYNC_AFTER);
	return result;
}

int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	bool there = is_port(addr, len);
	int result;

	if (there)
		pass(CONNECT_BEFORE);
	result = shim.connect(fd, addr, len);
	if (there)
		pass(CONNECT_AFTER);
	return result;
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	bool there =
		shim.word != NULL && goes_there(fd) && memmem(buf, n, shim.word, strlen(shim.word)) != NULL;
	ssize_t done;

	if (there)
		pass(SEND_BEFORE);
	done = shim.send(fd, buf, n, flags);
	if (fd >= 0 && fd < SOCKETS_MAX)
		atomic_store(&shim.carries[fd], there);
	if (there && done == (ssize_t)n)
		pass(SEND_AFTER);
	return done;
}

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	ssize_t done = shim.recv(fd, buf, n, flags);

	if (done > 0 && fd >= 0 && fd < SOCKETS_MAX && atomic_load(&shim.carries[fd]) && goes_there(fd))
		pass(RECEIVE_AFTER);
	return done;
}
