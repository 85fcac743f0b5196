/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One step of the machine, between its files: machine.c (events), machine_screen.c (entering and showing screens),
 * machine_input.c (answers), machine_list.c (answers on a list), machine_wait.c (gifts, apps and facts),
 * machine_buy.c (purchases). */
#ifndef STARHASH_MENUS_MACHINE_PRIVATE_H
#define STARHASH_MENUS_MACHINE_PRIVATE_H

#include "menus/machine.h"
#include "menus/page.h"
#include "menus/search.h"

#define MACHINE_TRIES 5     /* bad answers on any screen but an ask */
#define MACHINE_ASK_TRIES 3 /* default of ask.tries */
#define MACHINE_TYPED_MAX \
	512 /* bytes of an answer that are looked at; longer ones are refused by every check */

struct step {
	const struct book *b;
	struct walk *w;
	const struct machine_port *port;
	struct machine_out *out;
	unsigned hops;   /* screens entered in this step */
	bool is_matched; /* `match` is what the walk's needle finds on its list */
	size_t n_matches;
	uint16_t match[SEARCH_MAX];
};

/* What is to be seen where the walk stands: a screen, or the offer to resume. Borrowed by its view. */
struct face {
	struct step *step;
	const struct book_screen *screen; /* NULL = the offer */
	struct page_view view;            /* its words once face_words was called */
	bool is_bad, has_words;
	char say[MACHINE_TEXT_SIZE];
	char sorry[MACHINE_TEXT_SIZE];
};

/* Fill in a face; with its sorry line when `is_bad`. Its words are rendered when they are asked for: of a prepared page they
 * are not. */
void machine_face(struct step *s, bool is_bad, struct face *face);
const struct page_view *machine_words(struct face *face);

/* A page of a face, as page_show; the prepared one where there is one. */
struct page_shown machine_page(struct face *face, size_t page, char *out, size_t size);
/* What is to be seen of it, without the text. */
struct page_shown machine_shown(struct face *face, size_t page);

/* Go to a screen, through any `when` and past what need not be asked, and show it, end, or give. `from` = the shown screen
 * that Back will lead to; BOOK_NO_SCREEN = none. */
void machine_enter(struct step *s, uint16_t screen, uint16_t from);
/* Back on a screen that was shown: it is asked again, whatever is known. */
void machine_return(struct step *s, uint16_t screen);
/* Show the screen on which the walk stands. */
void machine_show(struct step *s, bool is_bad);
/* Conclude the dialogue with this text, with one of the book's words, or with the apology. */
void machine_conclude(struct step *s, const struct book_text *t);
void machine_conclude_word(struct step *s, enum book_word word);
void machine_apology(struct step *s);
/* Where a screen leads through `when`s, consents that need no asking, and questions that are asked once and whose answer is
 * known; BOOK_NO_SCREEN when that has no end. */
uint16_t machine_resolve(struct step *s, uint16_t screen);
/* Is this a consent to marketing, and have they said STOP? Then it counts as refused, whatever is answered (promise 7). */
bool machine_is_silenced(const struct step *s, const struct book_screen *at);
/* Tell the port what was reached, when it wants to know. */
void machine_reach(const struct step *s, enum machine_reached what, const struct book_screen *screen,
                   size_t which);
/* Hand out one intent; on refusal the step is concluded with the apology and false comes back. */
bool machine_intend(struct step *s, const struct intent *intent);
/* Hand out an answer to be kept, if what it needs was agreed to: the consent may have been taken back while the question
 * stood on the screen. False: the step is concluded. */
bool machine_save(struct step *s, const struct book_screen *at, int field, const char *value);
/* Hand out a notice, rendered; t NULL = none. */
bool machine_notice(struct step *s, const struct book_text *t, bool if_given);

/* Keep the way back and stand on a screen, without showing it. */
void machine_arrive(struct step *s, uint16_t screen, uint16_t from);

/* The same screen again, with its sorry line; or the end, when the tries are used up. */
void machine_refuse(struct step *s, struct face *seen);

/* Rows of the list on which the walk stands: how many are to be seen, and the number of one of them. */
size_t machine_rows(struct step *s);
size_t machine_row(struct step *s, size_t i);
/* Set what is searched for on this list; "" = show all. */
void machine_search(struct step *s, const char *needle);
void machine_answer_list(struct step *s, struct face *seen, const char *typed);

/* The walk waits for this from now on; too many waits without an input are the apology. */
void machine_wait_for(struct step *s, enum walk_wait what);
/* Stand on a give, a buy, an app, or a screen whose facts are not known, and say to the port what is awaited. */
void machine_give(struct step *s, uint16_t screen);
void machine_buy(struct step *s, uint16_t screen);
void machine_app(struct step *s, uint16_t screen, uint16_t from);
void machine_ask_facts(struct step *s, uint16_t screen, uint16_t from);
bool machine_needs_facts(const struct step *s, const struct book_screen *at);
/* What was awaited has come, or has not. */
void machine_give_result(struct step *s, const struct machine_in *in);
void machine_buy_result(struct step *s, const struct machine_in *in);
void machine_app_result(struct step *s, const struct machine_in *in);
void machine_number_result(struct step *s, const struct machine_in *in);
/* What was typed on an invite, leave or refer. */
void machine_answer_number(struct step *s, struct face *seen, const char *typed);
void machine_facts_result(struct step *s, enum machine_result r);
/* What somebody typed on an app's screen. */
void machine_app_input(struct step *s, const char *text);
/* Show, end or give on a screen where the walk stands already, whose facts are there or will not be. */
void machine_unfold(struct step *s, uint16_t screen, uint16_t from);

/* An answer on the screen or the offer on which the walk stands. */
void machine_answer(struct step *s, const char *text);
/* A new dialogue, with its dialled string. */
void machine_begin(struct step *s, const char *dialled);

#endif
