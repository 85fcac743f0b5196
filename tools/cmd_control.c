/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A word to the running daemon over its Unix control socket, and its answer, for the commands that need it.
 *
 * The protocol is one line there ("status") and one JSON object back, ended by the daemon closing. An answer with a
 * member "error", or with "ok": false, is a fault.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/cmd.h"
#include "tools/cmd_json.h"

#define ANSWER_MAX (1 << 20)
#define WAIT_MS 6000 /* between two pieces of an answer; a hang is told within ten seconds */

/* -1 after a message, -2 when it may not be asked; `quietly`: without a message where nobody listens. */
static int connect_to(const char *path, bool quietly)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), why;

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	why = errno;
	if (why == EACCES)
		cmd_fault("%s: no permission; run as the daemon's user or its group", path);
	else if (!quietly)
		cmd_fault("no daemon answers at %s (%s); start it: starhashd -c FILE, with the same file",
		          path, strerror(why));
	if (fd >= 0)
		close(fd);
	return why == EACCES ? -2 : -1;
}

static bool send_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

/* Everything until the daemon closes; the caller frees. NULL when it did not answer in time or at all. */
static char *read_all(int fd)
{
	char *answer = malloc(ANSWER_MAX + 1);
	size_t len = 0;

	while (answer && len < ANSWER_MAX) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		int ready = poll(&wait, 1, WAIT_MS);
		ssize_t n;

		if (ready < 0 && errno == EINTR)
			continue;
		n = ready > 0 ? read(fd, answer + len, ANSWER_MAX - len) : -1;
		if (n < 0 && ready > 0 && errno == EINTR)
			continue;
		if (n == 0 && len > 0) {
			answer[len] = '\0';
			return answer;
		}
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	free(answer);
	return NULL;
}

static char *converse(const struct config *config, const char *word, bool quietly, bool *runs)
{
	size_t size = strlen(word) + 2;
	char *answer = NULL, *line;
	int fd = connect_to(config->control_path, quietly);

	*runs = fd != -1;
	if (fd < 0)
		return NULL;
	line = malloc(size);
	if (line)
		snprintf(line, size, "%s\n", word);
	if (line && send_all(fd, line)) /* in one piece: whoever has read a part may answer and hang up */
		answer = read_all(fd);
	free(line);
	close(fd);
	if (!answer)
		cmd_fault("the daemon took the question and does not answer: it hangs, or gets no CPU; see "
		          "systemctl status starhashd, its log, and top");
	return answer;
}

char *cmd_control(const struct config *config, const char *word)
{
	bool runs;

	return converse(config, word, false, &runs);
}

char *cmd_control_if_running(const struct config *config, const char *word, bool *runs)
{
	return converse(config, word, true, runs);
}

json_t *cmd_ask(const struct config *config, const char *word)
{
	char *answer = cmd_control(config, word);
	json_error_t error;
	json_t *o = answer ? json_loads(answer, 0, &error) : NULL;
	const char *fault;

	if (answer && !o)
		(void)cmd_fault("the daemon's answer cannot be read: %s", error.text);
	free(answer);
	fault = json_string_value(json_object_get(o, "error"));
	if (!fault)
		return o;
	(void)cmd_fault("%s", fault);
	json_decref(o);
	return NULL;
}
