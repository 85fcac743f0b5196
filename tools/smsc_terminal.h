/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A phone in the terminal: dial, read, answer; SMS arrive below the screen.
 *
 * Works line by line, so it needs no terminal modes and also serves a pipe. With a terminal the phone is
 * drawn anew after each event; without one every screen is printed once.
 */
#ifndef STARHASH_TOOLS_SMSC_TERMINAL_H
#define STARHASH_TOOLS_SMSC_TERMINAL_H

#include "tools/smsc_centre.h"
#include "tools/smsc_text.h"

#define SMSC_INBOX_SIZE 4
#define SMSC_LINE_SIZE 512

struct smsc_terminal {
	struct smsc_centre *centre;
	struct smsc_phone *phone;
	const char *first_code; /* dialled once an ESME is there; NULL none */
	bool draws;             /* stdout is a terminal */
	bool bound;
	bool quit;
	char screen[SMSC_TEXT_SIZE];
	char status[128];
	char inbox[SMSC_INBOX_SIZE][SMSC_TEXT_SIZE + 32]; /* newest last */
	size_t n_inbox;
	char code[21]; /* for /sms before anything was dialled */
	char line[SMSC_LINE_SIZE];
	size_t line_len;
};

void smsc_terminal_init(struct smsc_terminal *t, struct smsc_centre *centre, const char *first_code);
struct smsc_centre_events smsc_terminal_events(struct smsc_terminal *t);
void smsc_terminal_start(struct smsc_terminal *t);
int64_t smsc_terminal_turn(struct smsc_terminal *t);

#endif
