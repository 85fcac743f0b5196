/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine, other people: a number is taken for an invitation, a departure or a referral, and what came of it is awaited
 * (machine_private.h).
 *
 * What is said here depends on what this subscriber has done, and never on who the other is.
 */
#include <string.h>

#include "core/msisdn.h"
#include "menus/answer.h"
#include "menus/machine_private.h"

static bool read_number(const struct step *s, const struct book_screen *at, const char *typed, char *out)
{
	char digits[PROFILE_VALUE_MAX + 1];
	size_t len;

	if (!answer_read(at, typed, digits))
		return false;
	if (s->port->number != NULL)
		return s->port->number(s->port->ctx, typed, out); /* a + says that it is whole */
	len = strlen(digits);
	if (len >= MSISDN_TEXT_SIZE)
		return false;
	memcpy(out, digits, len + 1);
	return true;
}

static enum intent_kind intent_of(const struct book_screen *at)
{
	return at->kind == BOOK_INVITE ? INTENT_INVITE : at->kind == BOOK_LEAVE ? INTENT_LEAVE : INTENT_REFER;
}

void machine_answer_number(struct step *s, struct face *seen, const char *typed)
{
	const struct book_screen *at = seen->screen;
	char number[MSISDN_TEXT_SIZE];
	struct intent intent = {.kind = intent_of(at),
	                        .field = -1,
	                        .text = number,
	                        .purpose = at->number.type,
	                        .version = at->number.version,
	                        .words = machine_words(seen)->say,
	                        .screen = at};

	if (!read_number(s, at, typed, number)) {
		machine_refuse(s, seen);
		return;
	}
	machine_reach(s, MACHINE_AT_CHOICE, at, 0);
	s->w->tries = 0;
	if (machine_intend(s, &intent))
		machine_wait_for(s, WALK_FOR_GIVE);
}

static void go_on(struct step *s, uint16_t screen, uint16_t otherwise)
{
	machine_enter(s, screen < s->b->n_screens ? screen : otherwise, BOOK_NO_SCREEN);
}

void machine_number_result(struct step *s, const struct machine_in *in)
{
	const struct book_screen *at = &s->b->screen[s->w->screen];

	switch (in->result) {
	case MACHINE_GIVEN:
		machine_enter(s, at->next, BOOK_NO_SCREEN);
		return;
	case MACHINE_AGAIN:
		if (at->kind == BOOK_INVITE && at->number.again >= s->b->n_screens)
			machine_conclude_word(s, BOOK_WORD_ASKED);
		else
			go_on(s, at->number.again, at->next);
		return;
	case MACHINE_REFUSED:
		if (at->number.full < s->b->n_screens)
			machine_enter(s, at->number.full, BOOK_NO_SCREEN);
		else
			machine_conclude_word(s, BOOK_WORD_FULL);
		return;
	case MACHINE_LATER:
	case MACHINE_FAILED:
		break;
	}
	machine_apology(s);
}
