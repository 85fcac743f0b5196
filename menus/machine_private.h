/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step of the machine, between its three files: machine.c (events), machine_screen.c (entering and showing screens),
 * machine_input.c (answers). */
#ifndef STARHASH_MENUS_MACHINE_PRIVATE_H
#define STARHASH_MENUS_MACHINE_PRIVATE_H

#include "menus/machine.h"
#include "menus/page.h"

#define MACHINE_TRIES 5     /* bad answers on any screen but an ask */
#define MACHINE_ASK_TRIES 3 /* default of ask.tries */

struct step {
	const struct book *b;
	struct walk *w;
	const struct machine_port *port;
	struct machine_out *out;
	unsigned hops; /* screens entered in this step */
};

/* What is to be seen where the walk stands: a screen, or the offer to resume. Borrowed by its view. */
struct face {
	const struct step *step;
	const struct book_screen *screen; /* NULL = the offer */
	struct page_view view;
	char say[MACHINE_TEXT_SIZE];
	char sorry[MACHINE_TEXT_SIZE];
};

/* Fill in a face; with its sorry line when `is_bad`. */
void machine_face(const struct step *s, bool is_bad, struct face *face);

/* Go to a screen, through any `when`, and show it, end, or give. `from` = the shown screen that Back will lead to;
 * BOOK_NO_SCREEN = none. */
void machine_enter(struct step *s, uint16_t screen, uint16_t from);
/* Show the screen on which the walk stands. */
void machine_show(struct step *s, bool is_bad);
/* Conclude the dialogue with this text, with one of the book's words, or with the apology. */
void machine_conclude(struct step *s, const struct book_text *t);
void machine_conclude_word(struct step *s, enum book_word word);
void machine_apology(struct step *s);
/* Where a screen leads through `when`s; BOOK_NO_SCREEN when that has no end. */
uint16_t machine_resolve(struct step *s, uint16_t screen);
/* Hand out one intent; on refusal the step is concluded with the apology and false comes back. */
bool machine_intend(struct step *s, const struct intent *intent);
/* Hand out a notice, rendered; t NULL = none. */
bool machine_notice(struct step *s, const struct book_text *t, bool if_given);

/* An answer on the screen or the offer on which the walk stands. */
void machine_answer(struct step *s, const char *text);
/* A new dialogue, with its dialled string. */
void machine_begin(struct step *s, const char *dialled);

#endif
