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
	w->resume_screen = w->deal = BOOK_NO_SCREEN;
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

static bool is_asked_first(const struct book_screen *s)
{
	return s->kind == BOOK_BUY || (s->kind == BOOK_END && s->erase);
}

/* Take the tail of a dialled string as answers to menus, which are passed and not shown; the last one is entered. It
 * never answers anything but a menu for the subscriber, and never erases or buys: there it stops and shows the screen. */
static void walk_tail(struct step *s, uint16_t screen, const char *tail)
{
	uint16_t from = BOOK_NO_SCREEN;

	screen = machine_resolve(s, screen);
	while (*tail != '\0' && screen != BOOK_NO_SCREEN) {
		const struct book_screen *at = &s->b->screen[screen];
		size_t len = strcspn(tail, "*");
		uint16_t next;
		int choice;

		if (at->kind != BOOK_MENU || (choice = answer_number(tail, len, at->n_choices)) < 0)
			break;
		next = machine_resolve(s, at->choice[choice].next);
		if (next != BOOK_NO_SCREEN && is_asked_first(&s->b->screen[next]))
			break;
		machine_reach(s, MACHINE_AT_SCREEN, at, 0);
		machine_reach(s, MACHINE_AT_CHOICE, at, (size_t)choice);
		machine_arrive(s, screen, from);
		from = screen;
		screen = next;
		tail += len + (tail[len] == '*');
	}
	machine_enter(s, screen, from);
}

void machine_begin(struct step *s, const char *dialled)
{
	char core[BOOK_DIAL_SIZE];
	const char *tail = tail_of(s->b, dialled, core);
	uint16_t screen = BOOK_NO_SCREEN;

	walk_init(s->w, s->w->language);
	if (*tail != '\0')
		screen = screen_by_dial(s->b, core, &tail);
	walk_tail(s, screen != BOOK_NO_SCREEN ? screen : s->b->start, tail);
}

/* May a dialogue go on here? An app's visit begins again. */
static bool is_resumable(const struct book *b, uint16_t screen)
{
	return screen < b->n_screens && screen != b->start &&
	       (b->screen[screen].kind <= BOOK_CONSENT || b->screen[screen].kind == BOOK_APP);
}

static void offer(struct step *s, const struct machine_in *in)
{
	char core[BOOK_DIAL_SIZE];

	if (!is_resumable(s->b, in->screen) || *tail_of(s->b, in->text, core) != '\0') {
		machine_begin(s, in->text);
		return;
	}
	walk_init(s->w, s->w->language);
	s->w->phase = WALK_RESUMING;
	s->w->screen = in->screen;
	s->w->resume_screen = in->screen;
	machine_show(s, false);
}

/* Does the walk make sense for this event? */
static bool is_in_order(const struct book *b, const struct walk *w, enum machine_event event)
{
	const struct book_screen *at;
	bool waits;

	if (event == MACHINE_BEGIN || event == MACHINE_RESUME)
		return true;
	if (w->screen >= b->n_screens || w->depth > MACHINE_BACK_MAX)
		return false;
	at = &b->screen[w->screen];
	waits = w->phase == WALK_WAITING;
	switch (event) {
	case MACHINE_RESULT:
		return waits && w->waits_for == WALK_FOR_GIVE &&
		       (at->kind == BOOK_GIVE || at->kind == BOOK_BUY || book_asks_number(at));
	case MACHINE_APP:
		return waits && w->waits_for == WALK_FOR_APP && at->kind == BOOK_APP;
	case MACHINE_FACTS:
		return waits && w->waits_for == WALK_FOR_FACTS && at->facts != 0;
	default:
		break;
	}
	if (w->phase == WALK_RESUMING)
		return w->resume_screen < b->n_screens;
	if (w->phase == WALK_IN_APP)
		return at->kind == BOOK_APP;
	return w->phase == WALK_SHOWING && at->kind <= BOOK_CONSENT;
}

void machine_step(const struct book *b, struct walk *w, const struct machine_in *in,
                  const struct machine_port *port, struct machine_out *out)
{
	struct step s;
	struct machine_in event = *in;

	/* Field by field: its room for matches need not be cleared. */
	s.b = b;
	s.w = w;
	s.port = port;
	s.out = out;
	s.hops = 0;
	s.is_matched = false;
	s.n_matches = 0;
	w->needle[sizeof(w->needle) - 1] = '\0';
	out->verdict = MACHINE_END;
	out->bad_input = out->our_fault = out->shortened = false;
	out->len = 0;
	out->text[0] = '\0';
	out->lasting = NULL;
	if (event.text == NULL)
		event.text = "";
	if (w->language >= b->n_languages)
		w->language = 0;
	if (!is_in_order(b, w, event.event)) {
		machine_apology(&s);
		return;
	}
	if (event.event >= MACHINE_RESULT)
		machine_reach(&s, MACHINE_AT_RESULT, &b->screen[w->screen], event.result);
	switch (event.event) {
	case MACHINE_BEGIN:
		machine_begin(&s, event.text);
		return;
	case MACHINE_RESUME:
		offer(&s, &event);
		return;
	case MACHINE_INPUT:
		w->waits = 0;
		if (w->phase == WALK_IN_APP)
			machine_app_input(&s, event.text);
		else
			machine_answer(&s, event.text);
		return;
	case MACHINE_RESULT:
		if (b->screen[w->screen].kind == BOOK_BUY)
			machine_buy_result(&s, &event);
		else if (book_asks_number(&b->screen[w->screen]))
			machine_number_result(&s, &event);
		else
			machine_give_result(&s, &event);
		return;
	case MACHINE_APP:
		machine_app_result(&s, &event);
		return;
	case MACHINE_FACTS:
		machine_facts_result(&s, event.result);
		return;
	}
	machine_apology(&s);
}
