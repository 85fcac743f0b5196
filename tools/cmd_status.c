/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash status, reload, drain: a word to the running daemon over its Unix control socket, and its answer.
 *
 * The protocol is one line there ("status") and one JSON object back, ended by the daemon closing. An answer with a
 * member "error", or with "ok": false, is a fault.
 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/findings.h"
#include "tools/cmd.h"
#include "tools/status_limits.h"

#define ANSWER_MAX (1 << 20)
#define WAIT_MS 10000 /* between two pieces of an answer */

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

static void print_value(const char *path, const json_t *value);

static void print_object(const char *path, const json_t *object)
{
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)object, key, member)
	{
		char longer[200];

		snprintf(longer, sizeof longer, "%s%s%s", path, *path ? "." : "", key);
		print_value(longer, member);
	}
}

/* What is wrong with a file reads as it does in starhash check. */
static bool print_finding(const json_t *entry)
{
	const char *level = json_string_value(json_object_get(entry, "level"));
	const char *file = json_string_value(json_object_get(entry, "file"));
	const char *what = json_string_value(json_object_get(entry, "what"));
	struct findings *one;

	if (!level || !file || !what)
		return false;
	one = findings_new();
	if (!one)
		return false;
	findings_add(one, strcmp(level, "error") == 0 ? FINDING_ERROR : FINDING_WARNING, file,
	             (int)json_integer_value(json_object_get(entry, "line")),
	             (int)json_integer_value(json_object_get(entry, "rule")),
	             json_string_value(json_object_get(entry, "remedy")), "%s", what);
	findings_print(one, stdout);
	findings_free(one);
	return true;
}

/* An entry of an array goes by its own name where it has one: links.smsc-a.state. */
static void print_array(const char *path, const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *entry = json_array_get(array, i);
		const char *name = json_string_value(json_object_get(entry, "name"));
		char longer[200], number[24];

		if (print_finding(entry))
			continue;
		snprintf(number, sizeof number, "%zu", i);
		snprintf(longer, sizeof longer, "%s.%s", path, name ? name : number);
		print_value(longer, entry);
	}
}

static void print_value(const char *path, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		print_object(path, value);
		break;
	case JSON_ARRAY:
		print_array(path, value);
		break;
	case JSON_STRING:
		printf("%-36s %s\n", path, json_string_value(value));
		break;
	case JSON_INTEGER:
		if (json_integer_value(value) != 0)
			printf("%-36s %" JSON_INTEGER_FORMAT "\n", path, json_integer_value(value));
		break;
	case JSON_REAL:
		printf("%-36s %g\n", path, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		printf("%-36s %s\n", path, json_is_true(value) ? "yes" : "no");
		break;
	case JSON_NULL:
		printf("%-36s -\n", path);
		break;
	}
}

/* `limits`: what stands in the store, beside what the daemon says; stolen; NULL = nothing. */
static enum cmd_exit print_answer(const char *answer, json_t *limits, bool raw)
{
	json_error_t error;
	json_t *root = json_loads(answer, 0, &error);
	enum cmd_exit result = CMD_OK;

	if (limits && (!root || json_object_set_new(root, "limits", limits) != 0))
		limits = NULL;
	if (raw && root && limits)
		json_dumpf(root, stdout, JSON_COMPACT);
	else if (raw)
		printf("%s", answer);
	if (raw)
		putchar('\n');
	if (!root)
		return cmd_fault("the daemon's answer cannot be read: %s", error.text);
	if (!raw) {
		print_value("", root);
		printf("(numbers that are 0 are left out; --json has them)\n");
	}
	if (json_object_get(root, "error") || json_is_false(json_object_get(root, "ok")))
		result = CMD_FAULT;
	json_decref(root);
	return result;
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
		cmd_fault("the daemon did not answer; look at its log");
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

static enum cmd_exit ask(const struct config *config, const char *word, bool raw)
{
	char *answer = cmd_control(config, word);
	enum cmd_exit result;

	if (!answer)
		return CMD_FAULT;
	result = print_answer(answer, strcmp(word, "status") == 0 ? status_limits(config) : NULL, raw);
	free(answer);
	return result;
}

static enum cmd_exit run(const struct cmd *self, const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false, dry_run = false, may_rehearse = self == &cmd_reload;
	const struct cmd_option options[] = {
		{"json", 0, &json, NULL},
		{may_rehearse ? "dry-run" : NULL, 0, may_rehearse ? &dry_run : NULL, NULL},
		{NULL, 0, NULL, NULL},
	};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(self, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n > 0)
		return cmd_misused(self, "\"%s\" says nothing here", argv[1]);
	config = cmd_config(ctx);
	if (config)
		result = ask(config, dry_run ? "reload dry-run" : self->name, json);
	config_free(config);
	return result;
}

static enum cmd_exit run_status(const struct cmd_context *ctx, int argc, char **argv)
{
	return run(&cmd_status, ctx, argc, argv);
}

static enum cmd_exit run_reload(const struct cmd_context *ctx, int argc, char **argv)
{
	return run(&cmd_reload, ctx, argc, argv);
}

static enum cmd_exit run_drain(const struct cmd_context *ctx, int argc, char **argv)
{
	return run(&cmd_drain, ctx, argc, argv);
}

#define HELP "  --json  the daemon's answer as it came\n"

const struct cmd cmd_status = {
	.name = "status",
	.args = "[--json]",
	.summary = "Ask the running daemon how it is",
	.help = "  --json  the daemon's answer, and what limits have left by the store\n",
	.run = run_status,
};

const struct cmd cmd_reload = {
	.name = "reload",
	.args = "[--dry-run] [--json]",
	.summary = "Let the running daemon read its menu files again",
	.help = HELP
	"  --dry-run  only say what would change, and how many people stand there\n"
	"Dialogues in progress end on the menus on which they began. Files with errors change nothing.\n",
	.run = run_reload,
};

const struct cmd cmd_drain = {
	.name = "drain",
	.args = "[--json]",
	.summary = "Let the running daemon finish its dialogues and end",
	.help = HELP,
	.run = run_drain,
};
