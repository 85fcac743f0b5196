/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine: events (machine.h). Anything that does not belong where the walk stands ends with the apology: a walk may come from
 * a store or a bug, and neither may crash a daemon.
 */
#include "menus/machine.h"

#include <string.h>

#include "menus/answer.h"
#include "menus/book_private.h"
#include "menus/machine_private.h"

void walk_init(struct walk *w, uint8_t language)
{
	memset(w, 0, sizeof(*w));
	w->language = language;
	w->resume_screen = BOOK_NO_SCREEN;
}

/* What a dialled string says beyond the book's code, "1*2"; "" for the code alone or another string. */
static const char *tail_of(const struct book *b, const char *dialled, char *core)
{
	char code[BOOK_DIAL_SIZE];
	size_t len;

	if (b->code == NULL || !book_dial_core(b->code, code) || !book_dial_core(dialled, core))
		return "";
	len = strlen(code);
	return strncmp(core, code, len) == 0 && core[len] == '*' ? core + len + 1 : "";
}

/* The screen whose `dial` is the longest beginning of the dialled string; *tail = what follows it. */
static uint16_t screen_by_dial(const struct book *b, const char *core, const char **tail)
{
	uint16_t found = BOOK_NO_SCREEN;
	size_t longest = 0;

	for (size_t i = 0; i < b->n_screens; i++) {
		char dial[BOOK_DIAL_SIZE];
		size_t len;

		if (b->screen[i].dial == NULL || !book_dial_core(b->screen[i].dial, dial))
			continue;
		len = strlen(dial);
		if (len > longest && strncmp(core, dial, len) == 0 &&
		    (core[len] == '*' || core[len] == '\0')) {
			longest = len;
			found = (uint16_t)i;
			*tail = core[len] == '*' ? core + len + 1 : "";
		}
	}
	return found;
}

/* Take the tail of a dialled string as answers to menus. It never answers a consent, an ask or a pick for the
 * subscriber, and never erases: there it stops and shows the screen. */
static void walk_tail(struct step *s, const char *tail)
{
	while (*tail != '\0' && s->out->verdict == MACHINE_SHOW) {
		const struct book_screen *at = &s->b->screen[s->w->screen];
		size_t len = strcspn(tail, "*");
		uint16_t next;
		int choice;

		if (at->kind != BOOK_MENU || (choice = answer_number(tail, len, at->n_choices)) < 0)
			return;
		next = machine_resolve(s, at->choice[choice].next);
		if (next != BOOK_NO_SCREEN && s->b->screen[next].kind == BOOK_END && s->b->screen[next].erase)
			return;
		machine_enter(s, next, s->w->screen);
		tail += len + (tail[len] == '*');
	}
}

void machine_begin(struct step *s, const char *dialled)
{
	char core[BOOK_DIAL_SIZE];
	const char *tail = tail_of(s->b, dialled, core);
	uint16_t screen = BOOK_NO_SCREEN;

	walk_init(s->w, s->w->language);
	if (*tail != '\0')
		screen = screen_by_dial(s->b, core, &tail);
	machine_enter(s, screen != BOOK_NO_SCREEN ? screen : s->b->start, BOOK_NO_SCREEN);
	walk_tail(s, tail);
}

static void offer(struct step *s, const struct machine_in *in)
{
	char core[BOOK_DIAL_SIZE];

	if (in->screen >= s->b->n_screens || in->screen == s->b->start ||
	    s->b->screen[in->screen].kind > BOOK_CONSENT || *tail_of(s->b, in->text, core) != '\0') {
		machine_begin(s, in->text);
		return;
	}
	walk_init(s->w, s->w->language);
	s->w->phase = WALK_RESUMING;
	s->w->screen = in->screen;
	s->w->resume_screen = in->screen;
	machine_show(s, false);
}

static void result(struct step *s, enum machine_result r)
{
	const struct book_screen *at = &s->b->screen[s->w->screen];

	switch (r) {
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
	case MACHINE_FAILED:
		break;
	}
	machine_apology(s);
}

/* Does the walk make sense for this event? */
static bool is_in_order(const struct book *b, const struct walk *w, enum machine_event event)
{
	if (event == MACHINE_BEGIN || event == MACHINE_RESUME)
		return true;
	if (w->screen >= b->n_screens || w->depth > MACHINE_BACK_MAX)
		return false;
	if (event == MACHINE_RESULT)
		return w->phase == WALK_WAITING && b->screen[w->screen].kind == BOOK_GIVE;
	if (w->phase == WALK_RESUMING)
		return w->resume_screen < b->n_screens;
	return w->phase == WALK_SHOWING && b->screen[w->screen].kind <= BOOK_CONSENT;
}

void machine_step(const struct book *b, struct walk *w, const struct machine_in *in,
                  const struct machine_port *port, struct machine_out *out)
{
	struct step s = {.b = b, .w = w, .port = port, .out = out};
	struct machine_in event = *in;

	out->verdict = MACHINE_END;
	out->bad_input = out->our_fault = false;
	out->len = 0;
	out->text[0] = '\0';
	if (event.text == NULL)
		event.text = "";
	if (w->language >= b->n_languages)
		w->language = 0;
	if (!is_in_order(b, w, event.event)) {
		machine_apology(&s);
		return;
	}
	switch (event.event) {
	case MACHINE_BEGIN:
		machine_begin(&s, event.text);
		return;
	case MACHINE_RESUME:
		offer(&s, &event);
		return;
	case MACHINE_INPUT:
		machine_answer(&s, event.text);
		return;
	case MACHINE_RESULT:
		result(&s, event.result);
		return;
	}
	machine_apology(&s);
}
