/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine, waiting: gifts, apps and facts, asked for and come (machine_private.h).
 *
 * A walk waits for one thing at a time and says for which. `else` screens may wait in their turn, so the waits between
 * two inputs are counted: more than MACHINE_WAITS_MAX is a loop.
 */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "menus/letters.h"
#include "menus/machine_private.h"

void machine_wait_for(struct step *s, enum walk_wait what)
{
	if (++s->w->waits > MACHINE_WAITS_MAX) {
		machine_apology(s);
		return;
	}
	s->w->phase = WALK_WAITING;
	s->w->waits_for = (uint8_t)what;
	s->out->verdict = MACHINE_WAIT;
	s->out->len = 0;
	s->out->text[0] = '\0';
}

void machine_give(struct step *s, uint16_t screen)
{
	const struct book_screen *at = &s->b->screen[screen];
	struct intent intent = {.kind = INTENT_GIVE, .field = -1, .screen = at};

	s->w->screen = screen;
	s->w->page = s->w->tries = 0;
	if (machine_intend(s, &intent) && machine_notice(s, at->sms, true))
		machine_wait_for(s, WALK_FOR_GIVE);
}

/* A kind word for the reason, unless the menu has a screen for it. */
static void refused(struct step *s, const struct book_screen *at, enum refusal why)
{
	if (at->give.refused < s->b->n_screens)
		machine_enter(s, at->give.refused, BOOK_NO_SCREEN);
	else
		machine_conclude_word(s, book_word_refused(why));
}

void machine_give_result(struct step *s, const struct machine_in *in)
{
	const struct book_screen *at = &s->b->screen[s->w->screen];

	switch (in->result) {
	case MACHINE_GIVEN:
		machine_conclude(s, at->end);
		return;
	case MACHINE_AGAIN:
		if (at->give.again < s->b->n_screens)
			machine_enter(s, at->give.again, BOOK_NO_SCREEN);
		else
			machine_conclude_word(s, BOOK_WORD_AGAIN);
		return;
	case MACHINE_LATER:
		if (at->give.otherwise < s->b->n_screens)
			machine_enter(s, at->give.otherwise, BOOK_NO_SCREEN);
		else
			machine_conclude_word(s, BOOK_WORD_LATER);
		return;
	case MACHINE_REFUSED:
		refused(s, at, in->refusal);
		return;
	case MACHINE_FAILED:
		break;
	}
	machine_apology(s);
}

/* --- apps --- */

static void ask_app(struct step *s, const char *text, bool is_first)
{
	struct intent intent = {.kind = INTENT_APP,
	                        .field = -1,
	                        .granted = is_first,
	                        .text = text,
	                        .screen = &s->b->screen[s->w->screen]};

	/* Counted before it is asked: what nobody waits for must not be asked either. */
	machine_wait_for(s, WALK_FOR_APP);
	if (s->out->verdict == MACHINE_WAIT)
		machine_intend(s, &intent);
}

void machine_app(struct step *s, uint16_t screen, uint16_t from)
{
	machine_arrive(s, screen, from);
	ask_app(s, "", true);
}

/* Valid UTF-8 without control characters; line breaks stay when `keep_lines`. Returns false when it was cut. */
static bool clean(const char *text, bool keep_lines, char *out, size_t size)
{
	size_t len = 0;
	uint32_t c;

	while ((c = text_utf8_next(&text)) != 0) {
		char encoded[4];
		size_t n;

		if (c < 0x20 ? c != '\n' || !keep_lines : (c >= 0x7f && c < 0xa0) || c == 0xfeff) {
			if (c == '\r')
				continue;
			c = ' ';
		}
		n = letters_encode(c == 0xfffd ? '?' : c, encoded);
		if (len + n >= size)
			break;
		memcpy(out + len, encoded, n);
		len += n;
	}
	out[len] = '\0';
	return c == 0;
}

void machine_app_input(struct step *s, const char *text)
{
	size_t size =
		strlen(text) + 1; /* a long SMS goes to its app whole; what is cleaned is never longer */
	char *typed = malloc(size);

	if (typed == NULL) {
		machine_apology(s);
		return;
	}
	clean(text, false, typed, size);
	ask_app(s, typed, false);
	free(typed);
}

static void app_failed(struct step *s, const struct book_screen *at)
{
	if (at->app.otherwise < s->b->n_screens)
		machine_enter(s, at->app.otherwise, BOOK_NO_SCREEN);
	else
		machine_apology(s);
}

/* An app's words on one page. What it says is shown as it is: not paged, since its keys are its own. */
static void show_app(struct step *s, const char *text, bool ends)
{
	struct machine_out *out = s->out;
	size_t len;

	out->shortened = !clean(text, true, out->text, sizeof(out->text));
	len = strlen(out->text);
	while (len > 0 && (out->text[len - 1] == '\n' || out->text[len - 1] == ' '))
		out->text[--len] = '\0';
	if (!text_fits(out->text, len, s->b->page)) {
		len = text_shorten(out->text, s->b->page);
		out->shortened = true;
	}
	out->len = len;
	out->verdict = ends ? MACHINE_END : MACHINE_SHOW;
	s->w->phase = ends ? WALK_ENDED : WALK_IN_APP;
}

void machine_app_result(struct step *s, const struct machine_in *in)
{
	const struct book_screen *at = &s->b->screen[s->w->screen];

	if (in->result != MACHINE_GIVEN) {
		app_failed(s, at);
		return;
	}
	if (in->ends && at->next < s->b->n_screens) {
		machine_enter(s, at->next, BOOK_NO_SCREEN);
		return;
	}
	show_app(s, in->text, in->ends);
	if (s->out->len > 0)
		return;
	/* An app that says nothing has failed. */
	s->out->verdict = MACHINE_END;
	app_failed(s, at);
}

/* --- facts --- */

/* Facts that a screen shows and that are not known yet. */
static unsigned missing(const struct step *s, const struct book_screen *at)
{
	static const struct {
		enum book_fact fact;
		const char *name;
	} facts[] = {{BOOK_FACT_BALANCE, "balance"}, {BOOK_FACT_BUNDLES, "bundles"}};
	unsigned found = 0;

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		if ((at->facts & facts[i].fact) &&
		    (s->port->system == NULL || s->port->system(s->port->ctx, facts[i].name) == NULL))
			found |= facts[i].fact;
	}
	return found;
}

bool machine_needs_facts(const struct step *s, const struct book_screen *at)
{
	return at->facts != 0 && missing(s, at) != 0;
}

void machine_ask_facts(struct step *s, uint16_t screen, uint16_t from)
{
	const struct book_screen *at = &s->b->screen[screen];
	struct intent intent = {.kind = INTENT_FACTS, .field = (int)missing(s, at), .screen = at};

	machine_arrive(s, screen, from);
	machine_wait_for(s, WALK_FOR_FACTS);
	if (s->out->verdict == MACHINE_WAIT)
		machine_intend(s, &intent);
}

void machine_facts_result(struct step *s, enum machine_result r)
{
	const struct book_screen *at = &s->b->screen[s->w->screen];

	if (r == MACHINE_GIVEN)
		machine_unfold(s, s->w->screen, BOOK_NO_SCREEN);
	else if (at->facts_otherwise < s->b->n_screens)
		machine_enter(s, at->facts_otherwise, BOOK_NO_SCREEN);
	else
		machine_apology(s);
}
