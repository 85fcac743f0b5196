/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, lengths (rule 1), and the room that translators have.
 *
 * Lengths are measured on what the machine itself would show, with a subscriber whose every answer is as long as the
 * menus allow.
 */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"
#include "menus/book_private.h"
#include "menus/check_private.h"
#include "menus/machine_private.h"
#include "menus/template.h"
#include "menus/words.h"

#define SMS_SEPTETS 459 /* as menus/machine_screen.c */
#define SMS_UCS2 201
#define UNKNOWN_VALUE 40          /* characters of a field that no screen of this file asks for */
#define BALANCE_VALUE "123456789" /* minor units */
#define CURRENCY_VALUE "KES"
#define BUNDLES_VALUE \
	"WWWWWWWWWWWWWWWWWWWWWWWWWWWWWW" /* one bundle with its last day; more are paged or shortened */

struct longest {
	const struct check *c;
	size_t language;
	bool is_known; /* false: nothing is known of the subscriber, fallbacks show */
	char value[PROFILE_MAX_FIELDS][PROFILE_VALUE_MAX + 1];
};

static size_t characters(const char *text)
{
	return text_measure(text, strlen(text)).characters;
}

static size_t longest_answer(const struct check *c, int field)
{
	size_t longest = 0;

	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *s = &c->b->screen[i];

		if (s->kind == BOOK_ASK && s->ask.field == field && s->ask.max > longest)
			longest = s->ask.max;
	}
	return longest;
}

/* The value with the longest label of those that a field can be given without typing. */
struct best {
	const char *value;
	size_t most;
};

static void better(struct best *best, const struct book_text *label, const char *value, size_t language)
{
	size_t n = characters(book_say(label, language));

	if (best->value == NULL || n > best->most)
		*best = (struct best){value, n};
}

static struct best longest_choice(const struct longest *l, int field)
{
	const struct book *b = l->c->b;
	struct best best = {NULL, 0};

	for (size_t i = 0; i < b->n_screens; i++) {
		const struct book_screen *s = &b->screen[i];

		for (size_t k = 0; s->kind == BOOK_PICK && s->pick.field == field && k < s->n_choices; k++)
			better(&best, &s->choice[k].label, s->choice[k].value, l->language);
		for (size_t k = 0; s->kind == BOOK_LIST && s->list.field == field && k < s->list.n_rows; k++)
			better(&best, &s->list.row[k].label, s->list.row[k].value, l->language);
	}
	return best;
}

/* All that a pick of several lets be chosen, the longest first found; "" = there is none. */
static void longest_several(struct longest *l, int field)
{
	const struct book *b = l->c->b;
	struct buf value;

	buf_init(&value, l->value[field], sizeof(l->value[field]));
	for (size_t i = 0; i < b->n_screens; i++) {
		const struct book_screen *s = &b->screen[i];

		if (s->kind != BOOK_PICK || !s->pick.several || s->pick.field != field || s->n_choices == 0)
			continue;
		buf_reset(&value);
		for (size_t k = 0; k < s->n_choices && k < s->pick.max; k++) {
			buf_add(&value, k == 0 ? "" : ",");
			buf_add(&value, s->choice[k].value);
		}
	}
}

static void find_longest(struct longest *l, int field)
{
	size_t typed = longest_answer(l->c, field);
	struct best found = longest_choice(l, field);
	const char *best = found.value;
	size_t most = found.most;

	longest_several(l, field);
	if (l->value[field][0] != '\0')
		return;
	if (best != NULL && most >= typed) {
		snprintf(l->value[field], sizeof(l->value[field]), "%s", best);
		return;
	}
	if (typed == 0)
		typed = UNKNOWN_VALUE;
	memset(l->value[field], 'W', typed < PROFILE_VALUE_MAX ? typed : PROFILE_VALUE_MAX);
}

static const char *longest_field(void *ctx, int field)
{
	struct longest *l = ctx;

	return l->is_known ? l->value[field] : NULL;
}

/* Of all bundles that this book sells. */
static const char *longest_deal(const struct check *c, bool price)
{
	const char *longest = "";

	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *s = &c->b->screen[i];
		const char *value = price ? s->buy.minor : s->buy.gives;

		if (s->kind == BOOK_BUY && strlen(value) > strlen(longest))
			longest = value;
	}
	return longest;
}

static const char *longest_system(void *ctx, const char *name)
{
	const struct longest *l = ctx;

	if (strcmp(name, "price") == 0 || strcmp(name, "gives") == 0)
		return longest_deal(l->c, name[0] == 'p');
	if (strcmp(name, "balance") == 0)
		return BALANCE_VALUE;
	if (strcmp(name, "currency") == 0)
		return CURRENCY_VALUE;
	if (strcmp(name, "bundles") == 0)
		return BUNDLES_VALUE;
	return "254700000000000";
}

static bool holds_nothing(void *ctx, int condition)
{
	(void)ctx;
	(void)condition;
	return false;
}

static bool takes_nothing(void *ctx, const struct intent *intent)
{
	(void)ctx;
	(void)intent;
	return false;
}

/* How much a text takes of a page or an SMS, and how much there is, in the unit of its alphabet. */
static bool measure(const char *text, size_t septets, size_t units, size_t *needs, size_t *room)
{
	struct text_cost cost = text_measure(text, strlen(text));

	*needs = cost.gsm7 ? cost.septets : cost.ucs2_units;
	*room = cost.gsm7 ? septets : units;
	return *needs <= *room;
}

/* A text that has to stand on one page, or in three SMS that belong together. */
static void check_one_page(struct longest *l, const struct book_screen *s, const struct book_text *t,
                           const char *what, bool is_sms)
{
	const struct check *c = l->c;
	struct machine_port port = {.ctx = l, .field = longest_field, .system = longest_system};
	size_t septets = is_sms ? SMS_SEPTETS : c->b->page, units = is_sms ? SMS_UCS2 : c->b->page / 2;
	char text[4 * MACHINE_TEXT_SIZE];

	for (int known = 1; known >= 0; known--) {
		size_t needs, room;
		struct buf buf;

		l->is_known = known != 0;
		buf_init(&buf, text, sizeof(text));
		template_render(c->b, book_say(t, l->language), l->language, &port, 0, &buf);
		if (measure(text, septets, units, &needs, &room))
			continue;
		check_add(
			c, FINDING_ERROR, s, 0, 1, "shorten the text, or the longest answer that it shows",
			"\"%s\" is too long in \"%s\": %zu characters with the longest answers, and %zu fit",
			what, check_language(c, l->language), needs, room);
		return;
	}
}

/* What a screen looks like with all keys that may stand there; borrowed by the face. */
struct look {
	struct machine_port port;
	struct walk w;
	struct step step;
	struct face face;
};

static void look_at(struct longest *l, const struct book_screen *s, bool is_bad, struct look *look)
{
	const struct book *b = l->c->b;

	look->port = (struct machine_port){.ctx = l,
	                                   .field = longest_field,
	                                   .system = longest_system,
	                                   .holds = holds_nothing,
	                                   .intent = takes_nothing};
	look->step = (struct step){.b = b, .w = &look->w, .port = &look->port};
	walk_init(&look->w, (uint8_t)l->language);
	look->w.phase = WALK_SHOWING;
	look->w.screen = (uint16_t)(s - b->screen);
	look->w.depth = look->w.screen == b->start ? 0 : 2;
	machine_face(&look->step, is_bad, &look->face);
}

/* A screen that can take several pages. */
static void check_pages(struct longest *l, const struct book_screen *s)
{
	const struct check *c = l->c;
	struct look look;
	struct page_shown shown;
	char text[MACHINE_TEXT_SIZE];
	const char *language = check_language(c, l->language), *sorry;

	l->is_known = true;
	look_at(l, s, false, &look);
	shown = page_show(machine_words(&look.face), 0, text, sizeof(text));
	if (strlen(look.face.say) + 1 >= sizeof(look.face.say))
		check_add(c, FINDING_ERROR, s, 0, 1, "shorten \"say\"",
		          "the words of screen \"%s\" are far too long in \"%s\"", s->name, language);
	else if (page_any_cut(machine_words(&look.face)))
		check_add(c, FINDING_ERROR, s, 0, 1, "shorten the longest word or choice",
		          "a word or a choice of screen \"%s\" is longer than a whole page in \"%s\"",
		          s->name, language);
	else if (!shown.is_last && s->kind == BOOK_CONSENT)
		check_add(c, FINDING_WARNING, s, 0, 1,
		          "shorten \"say\", so that all is seen before the answer",
		          "the consent \"%s\" does not fit on one page in \"%s\"", s->name, language);
	else if (!shown.is_last && shown.end_choice == 0)
		check_add(c, FINDING_WARNING, s, 0, 1, "shorten \"say\"",
		          "the words of screen \"%s\" fill more than one page in \"%s\"", s->name, language);
	if (s->sorry == NULL)
		return;
	look_at(l, s, true, &look);
	sorry = machine_words(&look.face)->sorry;
	if (!text_fits(sorry, strlen(sorry), c->b->page / 2))
		check_add(c, FINDING_ERROR, s, 0, 1,
		          "say in a few words what was wrong: the question comes again below",
		          "\"sorry\" of screen \"%s\" takes more than half of the page in \"%s\"", s->name,
		          language);
}

static void find_all_longest(struct longest *l)
{
	for (size_t f = 0; f < book_full(l->c->b)->profile.n_fields; f++)
		find_longest(l, (int)f);
}

static void check_language_lengths(const struct check *c, size_t language)
{
	struct longest l = {.c = c, .language = language};

	find_all_longest(&l);
	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *s = &c->b->screen[i];

		if (s->end != NULL)
			check_one_page(&l, s, s->end, "end", false);
		if (s->sms != NULL)
			check_one_page(&l, s, s->sms, "sms", true);
		if (s->kind <= BOOK_CONSENT)
			check_pages(&l, s);
	}
	for (int w = BOOK_WORD_RESUME; w < BOOK_WORDS_; w++)
		check_one_page(&l, NULL, &c->b->word[w], words_name((enum book_word)w),
		               words_is_sms((enum book_word)w));
}

void check_lengths(const struct check *c)
{
	for (size_t i = 0; i < c->b->n_languages; i++)
		check_language_lengths(c, i);
}

/* Characters of a text without its {...}. */
static size_t literal_characters(const char *text)
{
	struct template_piece piece;
	size_t n = 0;

	while (template_next(&text, &piece)) {
		if (!piece.is_variable)
			n += text_measure(piece.at, piece.len).characters;
	}
	return n;
}

/* Characters for the words alone: the page, or what else a text stands on, without all that stands beside it. */
static size_t room_of(struct longest *l, const struct check_text *t)
{
	const struct book *b = l->c->b;
	const struct book_screen *s = t->screen;
	bool is_for_other = s != NULL && check_is_number_text(s, t->text);
	bool shows = s != NULL && s->kind <= BOOK_CONSENT && t->text != s->sms && t->text != s->sorry &&
	             !is_for_other;
	size_t own = literal_characters(t->text->in[0]), all, room = b->page;
	char text[4 * MACHINE_TEXT_SIZE];

	if (shows) {
		struct look look;

		look_at(l, s, false, &look);
		page_show(machine_words(&look.face), 0, text, sizeof(text));
	} else {
		struct machine_port port = {.ctx = l, .field = longest_field, .system = longest_system};
		struct buf buf;

		if (is_for_other)
			room = CHECK_NUMBER_SEPTETS;
		else if (s == NULL ? words_is_sms(t->word) != 0 : t->text == s->sms)
			room = SMS_SEPTETS;
		else if (s != NULL && t->text == s->sorry)
			room /= 2;
		buf_init(&buf, text, sizeof(text));
		template_render(b, t->text->in[0], 0, &port, 0, &buf);
	}
	all = characters(text);
	all = all > own ? all - own : 0;
	return room > all ? room - all : 0;
}

struct each {
	struct longest *longest;
	check_text_fn *fn;
	void *ctx;
};

static void hand_on(const struct check *c, const struct book_screen *s, const struct book_text *t,
                    const char *what, int line, void *ctx)
{
	const struct each *e = ctx;
	struct check_text one = {.screen = s,
	                         .text = t,
	                         .what = what,
	                         .file = book_full(c->b)->screen_file[s - c->b->screen],
	                         .line = line};

	one.room = room_of(e->longest, &one);
	e->fn(e->ctx, &one);
}

void check_each_text(const struct book *b, check_text_fn *fn, void *ctx)
{
	struct check c = {.b = b};
	struct longest l = {.c = &c, .is_known = true};
	struct each e = {.longest = &l, .fn = fn, .ctx = ctx};

	find_all_longest(&l);
	for (size_t i = 0; i < b->n_screens; i++)
		check_screen_texts(&c, &b->screen[i], hand_on, &e);
	for (int w = 0; w < BOOK_WORDS_; w++) {
		struct check_text one = {.text = &b->word[w],
		                         .word = (enum book_word)w,
		                         .what = words_name((enum book_word)w),
		                         .file = b->path};

		if (strcmp(b->word[w].in[0], words_builtin((enum book_word)w, b->language[0])) == 0)
			continue;
		one.room = w < BOOK_WORD_RESUME ? WORDS_LABEL_MAX : room_of(&l, &one);
		fn(ctx, &one);
	}
}
