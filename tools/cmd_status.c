/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash status: how the running daemon is. On a terminal a page that refreshes until q or Ctrl-C; elsewhere the same page
 * once. The terminal is given back as it was, however the command ends. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/duration.h"
#include "tools/cmd.h"
#include "tools/cmd_json.h"
#include "tools/dashboard.h"
#include "tools/status_limits.h"

#define WIDTH 110      /* where there is no terminal */
#define LIMITS_MS 5000 /* the store is looked at this often */
#define EVERY_LEAST_MS 200
#define EVERY_MOST_MS 3600000

struct watch {
	const struct config *config;
	json_t *now, *before;
	int64_t now_ms, before_ms; /* monotonic */
	json_t *limits;
	int64_t limits_ms;
	int64_t every_ms;
};

static volatile sig_atomic_t is_over;

static void on_signal(int number)
{
	(void)number;
	is_over = 1;
}

/* The daemon's report, with what stands in the store beside it. NULL after a message. */
static json_t *report(struct watch *w)
{
	json_t *o = cmd_ask(w->config, "status");
	int64_t now = clock_mono_ms(clock_system());

	if (!o)
		return NULL;
	if (!w->limits || now - w->limits_ms >= LIMITS_MS) {
		json_decref(w->limits);
		w->limits = status_limits(w->config);
		w->limits_ms = now;
	}
	if (w->limits)
		json_object_set(o, "limits", w->limits);
	return o;
}

static bool look(struct watch *w)
{
	json_t *o = report(w);

	if (!o)
		return false;
	json_decref(w->before);
	w->before = w->now;
	w->before_ms = w->now_ms;
	w->now = o;
	w->now_ms = clock_mono_ms(clock_system());
	return true;
}

static void draw(const struct watch *w, int width, int height, bool color)
{
	char *memory = malloc(DASHBOARD_SIZE), *at;
	struct dashboard d = {.now = w->now,
	                      .before = w->before,
	                      .between_ms = w->now_ms - w->before_ms,
	                      .utc_ms = clock_utc_ms(clock_system()),
	                      .width = width,
	                      .color = color};
	struct buf b;

	if (!memory)
		return;
	buf_init(&b, memory, DASHBOARD_SIZE);
	dashboard_write(&d, &b);
	at = memory;
	for (int lines = 0; *at && (height == 0 || lines < height); lines++) { /* no scrolling */
		char *end = strchr(at, '\n');

		if (!end)
			break;
		fwrite(at, 1, (size_t)(end - at), stdout);
		fputs(height > 0 ? "\033[K\r\n" : "\n", stdout);
		at = end + 1;
	}
	free(memory);
}

/* --- on a terminal ------------------------------------------------------------------------------------- */

/* False: q, or the end of the keyboard. */
static bool wait_for_key(int64_t ms)
{
	struct pollfd key = {.fd = STDIN_FILENO, .events = POLLIN};
	char c;

	if (poll(&key, 1, (int)ms) <= 0)
		return !is_over;
	return read(STDIN_FILENO, &c, 1) == 1 && c != 'q' && c != 'Q' && c != 4;
}

static enum cmd_exit refresh(struct watch *w)
{
	struct termios old, raw;
	struct winsize size;
	enum cmd_exit result = CMD_OK;

	if (tcgetattr(STDIN_FILENO, &old) != 0)
		return cmd_fault("the terminal cannot be used: %s; try --once", strerror(errno));
	raw = old;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	fputs("\033[?1049h\033[?25l", stdout); /* another screen, no cursor */
	do {
		if (!look(w)) {
			result = CMD_FAULT;
			break;
		}
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
			size = (struct winsize){.ws_col = 80, .ws_row = 24};
		fputs("\033[H", stdout);
		draw(w, size.ws_col, size.ws_row > 2 ? size.ws_row - 2 : 1, getenv("NO_COLOR") == NULL);
		printf("\033[J\r\nevery %.1f s; q ends", (double)w->every_ms / 1000);
		fflush(stdout);
	} while (wait_for_key(w->every_ms) && !is_over);
	fputs("\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &old);
	if (result != CMD_OK)
		(void)cmd_fault("the daemon is not there any more, or does not answer");
	return result;
}

static void catch_signals(void)
{
	const struct sigaction act = {.sa_handler = on_signal};

	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGHUP, &act, NULL);
}

static bool is_terminal(void)
{
	const char *kind = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && kind && *kind && strcmp(kind, "dumb") != 0;
}

/* --- the command --------------------------------------------------------------------------------------- */

static enum cmd_exit once(struct watch *w, bool json, bool all)
{
	enum cmd_exit result = CMD_OK;

	if (!look(w))
		return CMD_FAULT;
	if (json)
		return cmd_json_dump(w->now);
	if (all) {
		cmd_json_print(w->now);
		puts("(numbers that are 0 are left out; --json has them)");
	} else {
		draw(w, WIDTH, 0, false);
	}
	return result;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false, all = false, single = false;
	struct watch w = {0};
	const char *every = "1s";
	const struct cmd_option options[] = {{"json", 0, &json, NULL},
	                                     {"all", 0, &all, NULL},
	                                     {"once", 0, &single, NULL},
	                                     {"every", 0, NULL, &every},
	                                     {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_status, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n > 0)
		return cmd_misused(&cmd_status, "\"%s\" says nothing here", argv[1]);
	if (duration_parse(every, &w.every_ms) != RC_OK || w.every_ms < EVERY_LEAST_MS ||
	    w.every_ms > EVERY_MOST_MS)
		return cmd_misused(&cmd_status, "--every takes a time from 200ms to 1h");
	config = cmd_config(ctx);
	w.config = config;
	if (config && !json && !all && !single && is_terminal()) {
		catch_signals();
		result = refresh(&w);
	} else if (config) {
		result = once(&w, json, all);
	}
	json_decref(w.now);
	json_decref(w.before);
	json_decref(w.limits);
	config_free(config);
	return result;
}

const struct cmd cmd_status = {
	.name = "status",
	.args = "[--once] [--every 1s] [--all] [--json]",
	.summary = "Show how the running daemon is",
	.help = "On a terminal a page that refreshes until q; elsewhere, or with --once, the page once.\n"
		"  --every 1s  refresh so often (200ms to 1h)\n"
		"  --all       every number that is not 0, one a line\n"
		"  --json      the daemon's answer, and what limits have left by the store\n",
	.run = run,
};
