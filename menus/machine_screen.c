/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine, screens: how one is entered, looks, and ends a dialogue (machine_private.h). */
#include <string.h>

#include "core/text.h"
#include "menus/machine_private.h"
#include "menus/prepared.h"
#include "menus/template.h"

#define ONE_SEPTETS 160 /* one SMS: 3GPP TS 23.040, TP-UD of 140 octets */
#define ONE_UCS2 70
#define SMS_SEPTETS 459 /* three that belong together: 9.2.3.24.1, 153 septets or 67 letters each */
#define SMS_UCS2 201
#define LABEL_VALUE_MAX 40 /* characters of a value inside a choice's label */

/* text_fits takes half a page for UCS-2, and SMS hold fewer than that. */
static size_t render_within(const struct book *b, const struct book_text *t, size_t language,
                            const struct machine_port *port, size_t septets, size_t units, char *out,
                            size_t size)
{
	size_t len = template_render_within(b, book_say(t, language), language, port, septets, out, size);
	struct text_cost cost = text_measure(out, len);

	if (!cost.gsm7 && cost.ucs2_units > units)
		len = template_render_within(b, book_say(t, language), language, port, 2 * units, out, size);
	return len;
}

/* It may be shown by a push, too: one page. */
size_t machine_render(const struct book *b, const struct book_text *t, size_t language,
                      const struct machine_port *port, char *out, size_t size)
{
	return render_within(b, t, language, port, ONE_SEPTETS, ONE_UCS2, out, size);
}

void machine_reach(const struct step *s, enum machine_reached what, const struct book_screen *screen,
                   size_t which)
{
	if (s->port->reached != NULL)
		s->port->reached(s->port->ctx, what, screen, which, s->w->language);
}

bool machine_intend(struct step *s, const struct intent *intent)
{
	if (s->port->intent(s->port->ctx, intent))
		return true;
	machine_apology(s);
	return false;
}

bool machine_notice(struct step *s, const struct book_text *t, bool if_given)
{
	char text[MACHINE_TEXT_SIZE];
	struct intent intent = {.kind = INTENT_NOTICE, .field = -1, .if_given = if_given, .text = text};

	if (t == NULL)
		return true;
	intent.screen = &s->b->screen[s->w->screen];
	render_within(s->b, t, s->w->language, s->port, SMS_SEPTETS, SMS_UCS2, text, sizeof(text));
	return machine_intend(s, &intent);
}

static void conclude_text(struct step *s, const char *text)
{
	s->out->len = template_render_within(s->b, text, s->w->language, s->port, s->b->page, s->out->text,
	                                     sizeof(s->out->text));
	s->out->verdict = MACHINE_END;
	s->w->phase = WALK_ENDED;
}

void machine_conclude(struct step *s, const struct book_text *t)
{
	conclude_text(s, book_say(t, s->w->language));
}

void machine_conclude_word(struct step *s, enum book_word word)
{
	machine_conclude(s, &s->b->word[word]);
}

void machine_apology(struct step *s)
{
	machine_conclude_word(s, BOOK_WORD_APOLOGY);
	s->out->our_fault = true;
}

static void add_screen_label(const void *ctx, size_t choice, struct buf *out)
{
	const struct face *face = ctx;
	const struct step *s = face->step;

	template_render(s->b, book_say(&face->screen->choice[choice].label, s->w->language), s->w->language,
	                s->port, LABEL_VALUE_MAX, out);
}

static void add_row_label(const void *ctx, size_t choice, struct buf *out)
{
	const struct face *face = ctx;
	size_t row = machine_row(face->step, choice);

	buf_add(out, book_say(&face->screen->list.row[row].label, face->step->w->language));
}

static void add_offer_label(const void *ctx, size_t choice, struct buf *out)
{
	const struct step *s = ((const struct face *)ctx)->step;
	enum book_word word = choice == 0 ? BOOK_WORD_CONTINUE : BOOK_WORD_RESTART;

	buf_add(out, book_say(&s->b->word[word], s->w->language));
}

static const char *render(const struct step *s, const struct book_text *t, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, out, size);
	template_render(s->b, book_say(t, s->w->language), s->w->language, s->port, 0, &b);
	return out;
}

static enum book_word sorry_word(const struct book_screen *at)
{
	if (at == NULL)
		return BOOK_WORD_CHOOSE;
	return at->kind == BOOK_ASK || book_asks_number(at) ? BOOK_WORD_SORRY
	       : at->kind == BOOK_LIST                      ? BOOK_WORD_SEARCH
	       : at->kind == BOOK_PICK && at->pick.several  ? BOOK_WORD_SEVERAL
	                                                    : BOOK_WORD_CHOOSE;
}

/* What can be chosen on a screen, and which keys work there. */
static void face_choices(struct step *s, const struct book_screen *at, struct page_view *v)
{
	if (at == NULL) {
		v->n_choices = 2;
		v->label = add_offer_label;
		return;
	}
	v->has_back = s->w->depth > 0;
	v->has_home = s->w->depth > 1;
	v->n_choices = at->n_choices;
	v->label = add_screen_label;
	if (at->kind == BOOK_LIST) {
		v->n_choices = machine_rows(s);
		v->label = add_row_label;
		v->numbers_restart = true;
		v->has_back = v->has_back || s->w->needle[0] != '\0';
	}
}

void machine_face(struct step *s, bool is_bad, struct face *face)
{
	struct page_view *v = &face->view;
	const struct book_screen *at = s->w->phase == WALK_RESUMING ? NULL : &s->b->screen[s->w->screen];

	memset(v, 0, sizeof(*v));
	face->step = s;
	face->screen = at;
	face->is_bad = is_bad;
	face->has_words = false;
	face_choices(s, at, v);
}

const struct page_view *machine_words(struct face *face)
{
	const struct step *s = face->step;
	const struct book *b = s->b;
	size_t language = s->w->language;
	struct page_view *v = &face->view;
	const struct book_screen *at = face->screen;
	const struct book_text *sorry =
		at != NULL && at->sorry != NULL ? at->sorry : &b->word[sorry_word(at)];

	if (face->has_words)
		return v;
	face->has_words = true;
	v->page = b->page;
	v->ctx = face;
	v->say = render(s, at == NULL ? &b->word[BOOK_WORD_RESUME] : at->say, face->say, sizeof(face->say));
	v->sorry = face->is_bad ? render(s, sorry, face->sorry, sizeof(face->sorry)) : NULL;
	v->key_back = b->key_back;
	v->key_home = b->key_home;
	v->key_more = b->key_more;
	v->word_back = book_say(&b->word[BOOK_WORD_BACK], language);
	v->word_home = book_say(&b->word[BOOK_WORD_HOME], language);
	v->word_more = book_say(&b->word[BOOK_WORD_MORE], language);
	return v;
}

static const struct prepared_page *prepared_of(const struct face *face, size_t page)
{
	const struct step *s = face->step;

	if (page > 0 || face->is_bad || face->screen == NULL || s->w->needle[0] != '\0')
		return NULL;
	return prepared_page(s->b, face->screen, s->w->language, face->view.has_back, face->view.has_home);
}

struct page_shown machine_shown(struct face *face, size_t page)
{
	const struct prepared_page *p = prepared_of(face, page);
	char text[MACHINE_TEXT_SIZE];

	return p != NULL ? p->shown : page_show(machine_words(face), page, text, sizeof(text));
}

/* `p` = the prepared one, or NULL. */
static struct page_shown page_as(const struct prepared_page *p, struct face *face, size_t page, char *out,
                                 size_t size)
{
	if (p == NULL || p->len >= size)
		return page_show(machine_words(face), page, out, size);
	memcpy(out, p->text, p->len + 1);
	return p->shown;
}

struct page_shown machine_page(struct face *face, size_t page, char *out, size_t size)
{
	return page_as(prepared_of(face, page), face, page, out, size);
}

void machine_show(struct step *s, bool is_bad)
{
	struct face face;
	const struct prepared_page *p;
	struct page_shown shown;

	machine_face(s, is_bad, &face);
	p = prepared_of(&face, s->w->page);
	shown = page_as(p, &face, s->w->page, s->out->text, sizeof(s->out->text));
	s->w->page = (uint8_t)shown.page;
	s->out->len = p != NULL ? p->len : strlen(s->out->text);
	s->out->lasting = p != NULL ? p->text : NULL;
	s->out->verdict = MACHINE_SHOW;
	s->out->bad_input = is_bad;
}

static uint16_t branch(const struct step *s, const struct book_screen *when)
{
	for (size_t i = 0; i < when->n_whens; i++) {
		int condition = when->when[i].condition;

		if (condition != -1 && (condition < 0 || !s->port->holds(s->port->ctx, condition)))
			continue;
		machine_reach(s, MACHINE_AT_WHEN, when, i);
		return when->when[i].next;
	}
	return BOOK_NO_SCREEN;
}

bool machine_is_silenced(const struct step *s, const struct book_screen *at)
{
	const char *stopped = at->kind == BOOK_CONSENT && at->consent.is_marketing && s->port->system != NULL
	                              ? s->port->system(s->port->ctx, "stopped")
	                              : NULL;

	return stopped != NULL && strcmp(stopped, "1") == 0;
}

/* Consent is asked once: a yes stands, and a no to marketing is not argued with. Whoever refused what a service needs came
 * for it all the same, and is asked. After STOP nobody is asked for marketing, not even where it is asked always. */
static bool need_not_agree(const struct step *s, const struct book_screen *at, uint16_t *next)
{
	enum record_consent state;

	if (machine_is_silenced(s, at)) {
		*next = at->choice[1].next;
		return true;
	}
	if (at->consent.always || s->port->consent == NULL)
		return false;
	state = s->port->consent(s->port->ctx, at->consent.purpose);
	if (state == RECORD_CONSENT_NONE || (state == RECORD_CONSENT_REFUSED && !at->consent.is_marketing))
		return false;
	*next = at->choice[state == RECORD_CONSENT_GRANTED ? 0 : 1].next;
	return true;
}

/* Is the answer known to a question that is asked once? */
static bool need_not_answer(const struct step *s, const struct book_screen *at, uint16_t *next)
{
	int field = at->kind == BOOK_ASK    ? at->ask.field
	            : at->kind == BOOK_PICK ? at->pick.field
	                                    : at->list.field;
	const char *value;

	if (!at->once)
		return false;
	if (field == BOOK_SAVE_LANGUAGE)
		value = s->port->system == NULL ? NULL : s->port->system(s->port->ctx, "language");
	else
		value = s->port->field(s->port->ctx, field);
	*next = at->next;
	return value != NULL && *value != '\0';
}

uint16_t machine_resolve(struct step *s, uint16_t screen)
{
	while (screen < s->b->n_screens) {
		const struct book_screen *at = &s->b->screen[screen];
		uint16_t next;

		if (at->kind == BOOK_WHEN)
			next = branch(s, at);
		else if (at->kind == BOOK_CONSENT ? !need_not_agree(s, at, &next)
		                                  : !need_not_answer(s, at, &next))
			return screen;
		if (++s->hops > MACHINE_HOPS_MAX)
			break;
		screen = next;
	}
	return BOOK_NO_SCREEN;
}

/* `from` goes on the stack; a screen that stands there already is gone back to instead. */
void machine_arrive(struct step *s, uint16_t screen, uint16_t from)
{
	struct walk *w = s->w;

	if (from != BOOK_NO_SCREEN && from != screen) {
		if (w->depth == MACHINE_BACK_MAX) {
			memmove(w->back, w->back + 1, sizeof(w->back) - sizeof(w->back[0]));
			w->depth--;
		}
		w->back[w->depth++] = from;
	}
	for (uint8_t i = 0; i < w->depth; i++) {
		if (w->back[i] == screen)
			w->depth = i;
	}
	w->screen = screen;
	w->phase = WALK_SHOWING;
	w->page = 0;
	w->tries = 0;
	w->waits_for = WALK_FOR_NOTHING;
	w->resume_screen = BOOK_NO_SCREEN;
	machine_search(s, "");
}

/* All texts are rendered before anything is forgotten, so that {name} still has its value. */
static void end(struct step *s, uint16_t screen)
{
	const struct book_screen *at = &s->b->screen[screen];
	struct intent intent = {.field = -1, .screen = at};

	s->w->screen = screen;
	s->w->page = s->w->tries = 0;
	machine_conclude(s, at->end);
	if (!machine_notice(s, at->sms, false))
		return;
	if (at->withdraw != NULL) {
		intent.kind = INTENT_WITHDRAW;
		intent.purpose = at->withdraw;
		if (!machine_intend(s, &intent))
			return;
	}
	intent.purpose = NULL;
	intent.kind = INTENT_STOP;
	if (at->stop && !machine_intend(s, &intent))
		return;
	intent.kind = INTENT_COPY;
	if (at->copy && !machine_intend(s, &intent))
		return;
	intent.kind = INTENT_ERASE;
	if (at->erase)
		machine_intend(s, &intent);
}

void machine_unfold(struct step *s, uint16_t screen, uint16_t from)
{
	switch (s->b->screen[screen].kind) {
	case BOOK_MENU:
	case BOOK_ASK:
	case BOOK_PICK:
	case BOOK_LIST:
	case BOOK_INVITE:
	case BOOK_LEAVE:
	case BOOK_REFER:
	case BOOK_CONSENT:
		machine_arrive(s, screen, from);
		machine_show(s, false);
		break;
	case BOOK_GIVE:
		machine_give(s, screen);
		break;
	case BOOK_BUY:
		machine_buy(s, screen);
		break;
	case BOOK_APP:
		machine_app(s, screen, from);
		break;
	case BOOK_END:
		end(s, screen);
		break;
	case BOOK_WHEN:
		machine_apology(s);
		break;
	}
}

/* On a screen that nothing passes. */
static void stand(struct step *s, uint16_t screen, uint16_t from)
{
	machine_reach(s, MACHINE_AT_SCREEN, &s->b->screen[screen], 0);
	if (machine_needs_facts(s, &s->b->screen[screen]))
		machine_ask_facts(s, screen, from);
	else
		machine_unfold(s, screen, from);
}

void machine_enter(struct step *s, uint16_t screen, uint16_t from)
{
	screen = machine_resolve(s, screen);
	if (screen == BOOK_NO_SCREEN)
		machine_apology(s);
	else
		stand(s, screen, from);
}

void machine_return(struct step *s, uint16_t screen)
{
	stand(s, screen, BOOK_NO_SCREEN);
}
