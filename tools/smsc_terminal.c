/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal phone: drawing, and what its owner types. */
#include "tools/smsc_terminal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"

#define WIDTH 34 /* characters inside the frame */

void smsc_terminal_init(struct smsc_terminal *t, struct smsc_centre *centre, const char *first_code)
{
	memset(t, 0, sizeof *t);
	t->centre = centre;
	t->first_code = first_code;
	t->draws = isatty(STDOUT_FILENO) != 0;
	snprintf(t->code, sizeof t->code, "123");
	snprintf(t->status, sizeof t->status, "no ESME is bound yet");
}

/* How many bytes and characters of `text` go on one line of the frame. Breaks at a space where it can. */
static size_t line_of(const char *text, size_t *characters)
{
	const char *at = text, *space = NULL;
	size_t n = 0, at_space = 0;

	while (*at != '\0' && *at != '\n' && n < WIDTH) {
		if (*at == ' ') {
			space = at;
			at_space = n;
		}
		(void)text_utf8_next(&at);
		n++;
	}
	if (*at != '\0' && *at != '\n' && *at != ' ' && space != NULL) {
		at = space;
		n = at_space;
	}
	*characters = n;
	return (size_t)(at - text);
}

static void frame_text(const char *text)
{
	size_t lines = 0;

	while (*text != '\0' || lines < 6) {
		size_t characters, len = line_of(text, &characters);

		printf("| %.*s%*s |\n", (int)len, text, (int)(WIDTH - characters), "");
		text += len;
		if (*text == '\n' || *text == ' ')
			text++;
		lines++;
	}
}

static void rule(void)
{
	putchar('+');
	for (int i = 0; i < WIDTH + 2; i++)
		putchar('-');
	puts("+");
}

static void prompt(const struct smsc_terminal *t)
{
	if (t->phone->turn == SMSC_TURN_SUBSCRIBER)
		printf("answer> ");
	else if (t->phone->turn == SMSC_TURN_NETWORK)
		printf("(waiting) ");
	else
		printf("dial> ");
	fflush(stdout);
}

static void draw(const struct smsc_terminal *t)
{
	if (!t->draws)
		return;
	printf("\033[H\033[2J");
	printf("  +%s   %s\n", t->phone->digits, t->status);
	rule();
	frame_text(t->screen);
	rule();
	for (size_t i = 0; i < t->n_inbox; i++)
		printf("  SMS %s\n", t->inbox[i]);
	puts("  a code such as *123# dials; /sms TEXT, /drop, /cancel, /quit");
	prompt(t);
}

static void set_status(struct smsc_terminal *t, const char *status)
{
	snprintf(t->status, sizeof t->status, "%s", status);
	if (!t->draws)
		fprintf(stderr, "(%s)\n", status);
	draw(t);
}

static void on_screen(void *ctx, struct smsc_phone *p, const char *text, bool end, bool repeat)
{
	struct smsc_terminal *t = ctx;

	(void)p;
	if (repeat)
		return;
	snprintf(t->screen, sizeof t->screen, "%s", text);
	snprintf(t->status, sizeof t->status, "%s", end ? "dialogue ended" : "");
	if (!t->draws) {
		printf("%s\n", text);
		fflush(stdout);
	}
	draw(t);
}

static void on_sms(void *ctx, int64_t msisdn, const char *from, const char *text)
{
	struct smsc_terminal *t = ctx;

	(void)msisdn;
	if (t->n_inbox == SMSC_INBOX_SIZE)
		memmove(t->inbox[0], t->inbox[1], sizeof t->inbox[0] * --t->n_inbox);
	snprintf(t->inbox[t->n_inbox++], sizeof t->inbox[0], "%s: %s", from, text);
	if (!t->draws) {
		printf("[SMS from %s] %s\n", from, text);
		fflush(stdout);
	}
	draw(t);
}

static void on_acked(void *ctx, struct smsc_phone *p)
{
	struct smsc_terminal *t = ctx;

	if (p->unit == SMSC_UNIT_SMS)
		set_status(t, "SMS sent");
}

static void on_pushed(void *ctx, struct smsc_phone *p, const char *text, bool asks)
{
	on_screen(ctx, p, text, !asks, false);
}

static void on_silent(void *ctx, struct smsc_phone *p)
{
	struct smsc_terminal *t = ctx;

	(void)p;
	t->screen[0] = '\0';
	set_status(t, "no answer: connection problem or invalid MMI code");
}

struct smsc_centre_events smsc_terminal_events(struct smsc_terminal *t)
{
	return (struct smsc_centre_events){.ctx = t,
	                                   .screen = on_screen,
	                                   .sms = on_sms,
	                                   .acked = on_acked,
	                                   .silent = on_silent,
	                                   .pushed = on_pushed};
}

void smsc_terminal_start(struct smsc_terminal *t)
{
	t->phone = smsc_centre_attach(t->centre, 0, 0);
	t->centre->net->keyboard = STDIN_FILENO;
	draw(t);
}

static void typed(struct smsc_terminal *t, const char *line)
{
	enum rc rc = RC_OK;

	if (strcmp(line, "/quit") == 0) {
		t->quit = true;
		return;
	}
	if (strncmp(line, "/sms ", 5) == 0) {
		if (t->phone->code[0] != '\0')
			memcpy(t->code, t->phone->code, sizeof t->code);
		rc = smsc_centre_sms(t->centre, t->phone, t->code, line + 5);
	} else if (strcmp(line, "/drop") == 0) {
		smsc_centre_lose(t->centre, t->phone);
		t->screen[0] = '\0';
		set_status(t, "dialogue lost");
		return;
	} else if (strcmp(line, "/cancel") == 0) {
		rc = smsc_centre_cancel(t->centre, t->phone);
		t->screen[0] = '\0';
	} else if (line[0] == '/') {
		set_status(t, "unknown command");
		return;
	} else if (t->phone->turn == SMSC_TURN_SUBSCRIBER) {
		rc = smsc_centre_type(t->centre, t->phone, line);
	} else if (t->phone->turn == SMSC_TURN_NONE && line[0] != '\0') {
		rc = smsc_centre_dial(t->centre, t->phone, line, 0);
	}
	if (rc != RC_OK)
		set_status(t, rc == RC_STATE ? "not now" : "this text cannot be sent");
	else
		draw(t);
}

static void read_keyboard(struct smsc_terminal *t)
{
	ssize_t got = read(STDIN_FILENO, t->line + t->line_len, sizeof t->line - 1 - t->line_len);
	char *newline;

	if (got <= 0) {
		t->quit = true;
		return;
	}
	t->line_len += (size_t)got;
	t->line[t->line_len] = '\0';
	while ((newline = memchr(t->line, '\n', t->line_len)) != NULL) {
		size_t used = (size_t)(newline - t->line) + 1;

		*newline = '\0';
		typed(t, t->line);
		t->line_len -= used;
		memmove(t->line, t->line + used, t->line_len);
	}
	if (t->line_len == sizeof t->line - 1)
		t->line_len = 0; /* a line that nobody types on a phone */
}

int64_t smsc_terminal_turn(struct smsc_terminal *t)
{
	bool bound = smsc_net_bound(t->centre->net);

	if (bound != t->bound) {
		t->bound = bound;
		set_status(t, bound ? "ESME bound" : "the ESME is gone");
	}
	if (bound && t->first_code != NULL) {
		const char *code = t->first_code;

		t->first_code = NULL;
		typed(t, code);
	}
	if (t->centre->net->keyboard_ready)
		read_keyboard(t);
	return -1;
}
