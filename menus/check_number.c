/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checker, other people: an invitation tells who asks, how to answer and how to be left alone, in one SMS (rules 1, 13); what
 * both are told shows nobody but as {other}, and no other text does (3).
 */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "menus/book_private.h"
#include "menus/check_private.h"
#include "menus/letters.h"
#include "menus/template.h"

#define OTHER_LONGEST "254700000000000" /* 15 digits */
#define TEXT_SIZE (BOOK_TEXT_MAX + 8 * sizeof(OTHER_LONGEST))

void check_number_texts(const struct check *c, const struct book_screen *s, check_screen_text_fn *f,
                        void *ctx)
{
	if (s->number.ask != NULL)
		f(c, s, s->number.ask, "invite.sms", s->line, ctx);
	if (s->number.yes != NULL)
		f(c, s, s->number.yes, "invite.yes", s->line, ctx);
	if (s->number.no != NULL)
		f(c, s, s->number.no, "invite.no", s->line, ctx);
	if (s->number.joined != NULL)
		f(c, s, s->number.joined, "invite.joined", s->line, ctx);
	if (s->number.left != NULL)
		f(c, s, s->number.left, "invite.left", s->line, ctx);
}

bool check_is_number_text(const struct book_screen *s, const struct book_text *t)
{
	return t != NULL && (t == s->number.ask || t == s->number.yes || t == s->number.no ||
	                     t == s->number.joined || t == s->number.left);
}

/* The first variable of a text that is {other}, or that is not; NULL = there is none. */
static bool shows(const struct check *c, const char *text, bool is_other, struct template_piece *piece)
{
	while (template_next(&text, piece)) {
		bool other;

		if (!piece->is_variable)
			continue;
		other = template_variable(c->b, piece->at, piece->len) == TEMPLATE_OTHER;
		if (other == is_other)
			return true;
	}
	return false;
}

static void check_variables(const struct check *c, const struct book_screen *s, const struct book_text *t,
                            const char *what, int line, void *ctx)
{
	bool is_for_other = check_is_number_text(s, t);

	(void)ctx;
	for (size_t i = 0; i < c->b->n_languages; i++) {
		struct template_piece piece;

		if ((i > 0 && t->in[i] == t->in[0]) || !shows(c, t->in[i], !is_for_other, &piece))
			continue;
		if (is_for_other)
			check_add(c, FINDING_ERROR, s, line, 13,
			          "write {other}, which is the number of the other; nothing else leaves here",
			          "\"%s\" in \"%s\" tells somebody else {%.*s}", what, check_language(c, i),
			          (int)piece.len, piece.at);
		else
			check_add(c, FINDING_ERROR, s, line, 3,
			          "take it out; {other} stands in the words of an invite alone",
			          "\"%s\" in \"%s\" shows {other}, and there is nobody else here", what,
			          check_language(c, i));
	}
}

/* With the longest number in place of each variable. */
static void check_length(const struct check *c, const struct book_screen *s, const struct book_text *t,
                         const char *what, int line, void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < c->b->n_languages; i++) {
		const char *at = t->in[i];
		char text[TEXT_SIZE];
		struct template_piece piece;
		struct text_cost cost;
		struct buf b;

		if (i > 0 && t->in[i] == t->in[0])
			continue;
		buf_init(&b, text, sizeof(text));
		while (template_next(&at, &piece)) {
			if (piece.is_variable)
				buf_add(&b, OTHER_LONGEST);
			else
				buf_add_n(&b, piece.at, piece.len);
		}
		cost = text_measure(text, b.len);
		if (b.cut ||
		    (cost.gsm7 ? cost.septets > CHECK_NUMBER_SEPTETS : cost.ucs2_units > CHECK_NUMBER_UCS2))
			check_add(c, FINDING_ERROR, s, line, 1,
			          "shorten it: somebody who asked for nothing gets one SMS",
			          "\"%s\" is too long in \"%s\": %zu characters with a number, and %d fit",
			          what, check_language(c, i), cost.gsm7 ? cost.septets : cost.ucs2_units,
			          cost.gsm7 ? CHECK_NUMBER_SEPTETS : CHECK_NUMBER_UCS2);
	}
}

/* Does a word stand in a text, between what is no letter? */
static bool has_word(const char *text, const char *word)
{
	char one[BOOK_TEXT_MAX + 1];

	while (*text != '\0') {
		const char *end = text;
		uint32_t letter;
		size_t len = 0;

		for (const char *next = text;
		     (letter = text_utf8_next(&next)) != 0 && letters_is_letter(letter); end = next)
			len = (size_t)(next - text);
		if (len > 0) {
			memcpy(one, text, len);
			one[len] = '\0';
			if (letters_same(one, word))
				return true;
		}
		if (end == text)
			text_utf8_next(&end);
		text = end;
	}
	return false;
}

/* Whoever is asked has never heard of this: the SMS alone must tell them all. */
static void check_question(const struct check *c, const struct book_screen *s)
{
	for (size_t i = 0; i < c->b->n_languages; i++) {
		const char *ask = book_say(s->number.ask, i), *yes = book_say(&c->b->word[BOOK_WORD_YES], i),
			   *no = book_say(&c->b->word[BOOK_WORD_NO], i);
		struct template_piece piece;
		char remedy[120];

		snprintf(remedy, sizeof(remedy), "add to \"sms\": Reply %.30s or %.30s", yes, no);
		if (!has_word(ask, yes) || !has_word(ask, no))
			check_add(c, FINDING_ERROR, s, 0, 13, remedy,
			          "the invitation \"%s\" does not say in \"%s\" how to answer it", s->name,
			          check_language(c, i));
		if (!shows(c, ask, true, &piece))
			check_add(c, FINDING_ERROR, s, 0, 13,
			          "let \"sms\" begin with {other}, the inviter's number",
			          "the invitation \"%s\" does not say in \"%s\" who asks", s->name,
			          check_language(c, i));
		if (!has_word(ask, "STOP"))
			check_add(c, FINDING_ERROR, s, 0, 13, "add to \"sms\": STOP ends all our messages",
			          "the invitation \"%s\" does not say in \"%s\" how to get no more of them",
			          s->name, check_language(c, i));
	}
}

/* The inviter consents with what they read before they type. */
static void check_invite(const struct check *c, const struct book_screen *s)
{
	for (size_t i = 0; s->say != NULL && i < c->b->n_languages; i++) {
		const char *say = book_say(s->say, i);
		struct template_piece piece;

		for (const char *at = say; template_next(&at, &piece);) {
			if (check_tells_who(c, &piece))
				check_add(
					c, FINDING_ERROR, s, 0, 13,
					"take it out: these words are kept for ever, also when everything else is "
					"deleted",
					"the invitation \"%s\" shows {%.*s} in \"%s\", which tells who somebody is",
					s->name, (int)piece.len, piece.at, check_language(c, i));
		}
		if (!check_says_stop(say))
			check_add(c, FINDING_ERROR, s, 0, 13,
			          "add to \"say\" what to dial to leave, such as \"To leave: *150*2#\"",
			          "the invitation \"%s\" does not say in \"%s\" how to take it back", s->name,
			          check_language(c, i));
	}
	if (s->number.ask != NULL)
		check_question(c, s);
}

/* Somewhere in the file people must get out again of what they got into here. */
static void check_way_out(const struct check *c, const struct book_screen *s)
{
	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *other = &c->b->screen[i];

		if ((other->kind == BOOK_LEAVE && strcmp(other->number.type, s->number.type) == 0) ||
		    (other->withdraw != NULL && strcmp(other->withdraw, s->number.type) == 0))
			return;
	}
	check_add(c, FINDING_ERROR, s, 0, 13,
	          "add a screen with leave = { from = \"...\"; }, or a last one with withdraw = \"...\"",
	          "nobody can leave a relation \"%s\" again", s->number.type);
}

/* A word that begins a service never comes to an invitation. */
static void check_keywords(const struct check *c)
{
	for (size_t k = 0; c->env != NULL && c->env->n_relations > 0 && k < c->b->n_keywords; k++)
		for (size_t i = 0; i < c->b->n_languages; i++) {
			const char *keyword = c->b->keyword[k];

			if (!letters_same(keyword, book_say(&c->b->word[BOOK_WORD_YES], i)) &&
			    !letters_same(keyword, book_say(&c->b->word[BOOK_WORD_NO], i)))
				continue;
			check_add(c, FINDING_ERROR, NULL, 0, 14,
			          "give the service another keyword, or other \"words\": yes and no",
			          "the keyword %s is what people answer to an invitation", keyword);
			break;
		}
}

void check_numbers(const struct check *c)
{
	check_keywords(c);
	for (size_t i = 0; i < c->b->n_screens; i++) {
		const struct book_screen *s = &c->b->screen[i];

		check_screen_texts(c, s, check_variables, NULL);
		check_number_texts(c, s, check_length, NULL);
		if (s->kind != BOOK_INVITE)
			continue;
		check_invite(c, s);
		check_way_out(c, s);
	}
}
