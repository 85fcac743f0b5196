/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For LD_PRELOAD: SCTP sockets become TCP sockets, where the kernel has no SCTP.
 *
 * osmo-msc does not start when it cannot open its SGs port, which is SCTP. With this it does, and its SMPP port, which is
 * TCP and untouched by any of this, can be met by the tests (osmo.js), whose MME speaks to the SGs port. What SCTP does and
 * TCP does not is to keep messages apart: here each has its length before it, two octets.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define FDS_MAX 1024
#define MESSAGE_MAX 4096
#define BINDX_ADD 100 /* SCTP_SOCKOPT_BINDX_ADD of linux/sctp.h: the value is a row of addresses */
#define EVENTS_SIZE 8 /* of the first struct sctp_event_subscribe: they ask how large it is here */

/* The names of their arguments are our own. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

static bool is_sctp[FDS_MAX];

static bool ours(int fd)
{
	return fd >= 0 && fd < FDS_MAX && is_sctp[fd];
}

#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))

int socket(int domain, int type, int protocol)
{
	bool sctp = protocol == IPPROTO_SCTP;
	int fd = NEXT(int (*)(int, int, int), "socket")(domain, type, sctp ? IPPROTO_TCP : protocol);

	if (fd >= 0 && fd < FDS_MAX)
		is_sctp[fd] = sctp;
	return fd;
}

int accept(int listener, struct sockaddr *restrict address, socklen_t *restrict size)
{
	int fd = NEXT(int (*)(int, struct sockaddr *, socklen_t *), "accept")(listener, address, size);

	if (fd >= 0 && fd < FDS_MAX)
		is_sctp[fd] = ours(listener);
	return fd;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	if (level != IPPROTO_SCTP)
		return NEXT(int (*)(int, int, int, const void *, socklen_t), "setsockopt")(fd, level, name,
		                                                                           value, size);
	if (name == BINDX_ADD && size >= sizeof(struct sockaddr_in))
		return bind(fd, value, sizeof(struct sockaddr_in));
	return 0;
}

int getsockopt(int fd, int level, int name, void *restrict value, socklen_t *restrict size)
{
	if (level != IPPROTO_SCTP)
		return NEXT(int (*)(int, int, int, void *, socklen_t *), "getsockopt")(fd, level, name, value,
		                                                                       size);
	if (*size > EVENTS_SIZE)
		*size = EVENTS_SIZE;
	memset(value, 0, *size);
	return 0;
}

/* One whole message, or EAGAIN. */
ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	uint8_t message[2 + MESSAGE_MAX];
	size_t want;
	ssize_t got;

	if (!ours(fd))
		return NEXT(ssize_t(*)(int, struct msghdr *, int), "recvmsg")(fd, m, flags);
	got = recv(fd, message, sizeof message, MSG_PEEK | MSG_DONTWAIT);
	if (got <= 0)
		return got;
	want = got < 2 ? sizeof message : (size_t)(message[0] << 8 | message[1]);
	if ((size_t)got < 2 + want || want > m->msg_iov[0].iov_len) {
		errno = EAGAIN;
		return -1;
	}
	if (recv(fd, message, 2 + want, 0) < 0)
		return -1;
	memcpy(m->msg_iov[0].iov_base, message + 2, want);
	m->msg_controllen = 0;
	m->msg_flags = MSG_EOR;
	return (ssize_t)want;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	uint8_t message[2 + MESSAGE_MAX];
	size_t len;
	ssize_t sent;

	if (!ours(fd))
		return NEXT(ssize_t(*)(int, const struct msghdr *, int), "sendmsg")(fd, m, flags);
	len = m->msg_iov[0].iov_len;
	if (m->msg_iovlen != 1 || len > MESSAGE_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	message[0] = (uint8_t)(len >> 8);
	message[1] = (uint8_t)len;
	memcpy(message + 2, m->msg_iov[0].iov_base, len);
	sent = send(fd, message, 2 + len, flags);
	return sent < 0 ? sent : (ssize_t)len;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
