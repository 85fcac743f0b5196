/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine, purchases: asked for, and how they came out (machine_private.h).
 *
 * Everything that follows a buy ends the dialogue, so a dialogue buys once at most.
 */
#include "menus/machine_private.h"

const struct book_screen *machine_deal(const struct book *b, const struct walk *w)
{
	const struct book_screen *at = w->screen < b->n_screens ? &b->screen[w->screen] : NULL, *deal = NULL;

	if (at == NULL || at->kind == BOOK_BUY)
		return at;
	if (at->kind != BOOK_MENU)
		return w->deal < b->n_screens && b->screen[w->deal].kind == BOOK_BUY ? &b->screen[w->deal]
		                                                                     : NULL;
	for (size_t i = 0; i < at->n_choices; i++) {
		const struct book_screen *next =
			at->choice[i].next < b->n_screens ? &b->screen[at->choice[i].next] : NULL;

		if (next == NULL || next->kind != BOOK_BUY)
			continue;
		if (deal != NULL)
			return NULL; /* one of two: the text cannot speak of both */
		deal = next;
	}
	return deal;
}

void machine_buy(struct step *s, uint16_t screen)
{
	const struct book_screen *at = &s->b->screen[screen];
	struct intent intent = {.kind = INTENT_BUY, .field = -1, .screen = at};

	s->w->screen = s->w->deal = screen;
	s->w->page = s->w->tries = 0;
	if (machine_intend(s, &intent) && machine_notice(s, at->sms, true))
		machine_wait_for(s, WALK_FOR_GIVE);
}

static void conclude(struct step *s, uint16_t screen, enum book_word word)
{
	if (screen < s->b->n_screens)
		machine_enter(s, screen, BOOK_NO_SCREEN);
	else
		machine_conclude_word(s, word);
}

enum book_word machine_unsold_word(enum refusal why)
{
	return why == REFUSAL_POOR || why == REFUSAL_BARRED ? book_word_refused(why) : BOOK_WORD_UNSOLD;
}

uint16_t machine_unsold_screen(const struct book_screen *at, enum refusal why)
{
	return why == REFUSAL_POOR && at->buy.poor != BOOK_NO_SCREEN ? at->buy.poor : at->buy.refused;
}

/* The same input again, when it was not known whether it was stored, finds its own purchase: AGAIN is no other one. */
void machine_buy_result(struct step *s, const struct machine_in *in)
{
	const struct book_screen *at = &s->b->screen[s->w->screen];

	switch (in->result) {
	case MACHINE_GIVEN:
	case MACHINE_AGAIN:
		machine_conclude(s, at->end);
		return;
	case MACHINE_LATER:
		conclude(s, at->buy.otherwise, BOOK_WORD_LATER);
		return;
	case MACHINE_REFUSED:
		conclude(s, machine_unsold_screen(at, in->refusal), machine_unsold_word(in->refusal));
		return;
	case MACHINE_FAILED:
		break;
	}
	machine_apology(s);
}
