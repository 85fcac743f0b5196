/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checker between its files: check.c (runs all), check_length.c (rule 1), check_text.c (rules 2, 4 and variables),
 * check_screen.c (rules on one screen), check_consent.c (consents: 13), check_codes.c (14), check_graph.c (what leads where),
 * check_paths.c (what is known and agreed on every path), check_buy.c (purchases: 3, 10), check_time.c (what the longest way
 * costs), check_change.c (15).
 */
#ifndef STARHASH_MENUS_CHECK_PRIVATE_H
#define STARHASH_MENUS_CHECK_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "menus/check.h"

struct check {
	const struct book *b;
	const struct book_env *env;
	struct findings *findings;
	bool *is_reached; /* each screen: from the start or a shortcut */
	size_t *work;     /* ways followed */
};

/* Add a finding about a screen (NULL = the whole file), at `line` (0 = the screen's own). */
void check_add(const struct check *c, enum finding_level level, const struct book_screen *s, int line,
               int rule, const char *remedy, const char *format, ...) __attribute__((format(printf, 7, 8)));

/* Name of a language for messages: "en". */
const char *check_language(const struct check *c, size_t language);

/* Screens to which a screen leads: *to of way number `i`; false when there are no more. BOOK_NO_SCREEN = a way that is
 * not there. */
bool check_way(const struct book_screen *s, size_t i, uint16_t *to);

/* Profile field (or BOOK_SAVE_LANGUAGE) to which a screen saves; -1 = none. */
int check_saves(const struct book_screen *s);

void check_lengths(const struct check *c);
void check_texts(const struct check *c);
void check_screens(const struct check *c);
void check_codes(const struct check *c);
void check_stops(const struct check *c); /* the code that a consent names for stopping */
/* Fills is_reached; false = the ways make no sense and paths need not be looked at. */
bool check_graph(struct check *c);
void check_consents(const struct check *c); /* after check_graph: it asks what is reached */
void check_gifts(const struct check *c);    /* the same */
void check_paths(const struct check *c);
void check_time(const struct check *c);
void check_buys(const struct check *c);
void check_numbers(const struct check *c); /* invite, leave, refer */

/* Seconds until a screen is read and answered, in the language that takes longest. */
unsigned check_seconds(const struct book *b, const struct book_screen *s);
/* Must an answer be typed letter by letter? */
bool check_is_typed(const struct book_screen *s);

/* Call `f` for every text of one screen, with what it is called in the file and its line. */
typedef void check_screen_text_fn(const struct check *c, const struct book_screen *s,
                                  const struct book_text *t, const char *what, int line, void *ctx);
void check_screen_texts(const struct check *c, const struct book_screen *s, check_screen_text_fn *f,
                        void *ctx);

/* Call `f` for every piece of every text of one screen, in each language in which it is written. */
struct template_piece;
struct check_place {
	const char *what;     /* the text is called in the file */
	const char *language; /* "en" */
	int line;
};
typedef void check_piece_fn(const struct check *c, const struct book_screen *s,
                            const struct check_place *place, const struct template_piece *piece);
void check_screen_pieces(const struct check *c, const struct book_screen *s, check_piece_fn *f);
/* Does it show who somebody is: their number, or a private field? */
bool check_tells_who(const struct check *c, const struct template_piece *piece);

/* Those of an invite that the other gets. */
void check_number_texts(const struct check *c, const struct book_screen *s, check_screen_text_fn *f,
                        void *ctx);
bool check_is_number_text(const struct book_screen *s, const struct book_text *t);
#define CHECK_NUMBER_SEPTETS 160 /* each is one SMS */
#define CHECK_NUMBER_UCS2 70
/* Something like *123# or the word STOP stands in it. */
bool check_says_stop(const char *text);

#endif
