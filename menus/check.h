/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: what is wrong with a book before a subscriber sees it (the 15 rules in docs/menus.md).
 *
 * Works on the compiled book: every screen, every path, every language, the longest values. Paths are followed as a
 * flow of what is known until nothing changes, never one by one, so the work grows with the number of ways and not with
 * the number of paths. Adds findings, decides nothing.
 */
#ifndef STARHASH_MENUS_CHECK_H
#define STARHASH_MENUS_CHECK_H

#include "menus/book.h"

#define CHECK_SESSION_S \
	180 /* seconds of one USSD session, as most networks have it (docs/menus.md, rule 11) */

/* Every rule but 15 and those that need other books. Returns the number of ways between screens that were followed: a
 * measure of the work, for tests. */
size_t check_book(const struct book *b, const struct book_env *env, struct findings *findings);

/* Across the books of one configuration: codes, dial shortcuts and keywords that hide each other (rule 14). */
void check_books(struct book *const *books, size_t n, struct findings *findings);

/* --- rule 15: what changes for people who are inside ---------------------------------------------------------- */

enum check_change_kind {
	CHECK_REMOVED, /* no screen of that name any more */
	CHECK_RENAMED, /* the same, and a new screen is equal to it */
	CHECK_CHANGED, /* other words, ways, kind or values */
	CHECK_ADDED    /* only in the next book: nobody stands there */
};
struct check_change {
	enum check_change_kind kind;
	uint16_t live, next; /* screens; BOOK_NO_SCREEN where there is none */
	const char *screen;  /* name in the live book; of CHECK_ADDED: in the next */
	const char *what;    /* what differs first: "say", "choices", "next"... */
};
/* How many people stand on the live screen (0 of CHECK_ADDED); negative = not known. */
typedef int64_t check_change_fn(void *ctx, const struct check_change *change);

/* Compare the version in use with the one to come. `fn` (may be NULL) is called once for each screen that differs, live
 * screens first; `findings` (may be NULL) gets a warning of rule 15 for each that was removed, renamed or changed, with the
 * number of people when it is known and not 0.
 * Dialogues in progress always end on the live version; those who redial to resume come to the next one.
 * Returns the number of screens that differ. */
size_t check_changes(const struct book *live, const struct book *next, struct findings *findings,
                     check_change_fn *fn, void *ctx);

/* --- texts, for tools -------------------------------------------------------------------------------------------- */

/* One text of a book. `screen` NULL = the word `word` of the book; `what` is its key in the file; `file`, `line` = where (line
 * 0 = not known). `room` = characters of the GSM alphabet for its words alone: the rest of its screen (choices, keys), or what
 * else it stands on, and the longest values taken off. */
struct check_text {
	const struct book_screen *screen;
	const struct book_text *text;
	const char *what;
	const char *file;
	int line;
	enum book_word word;
	size_t room;
};
typedef void check_text_fn(void *ctx, const struct check_text *t);
/* Every text of every screen, in the order of the file, then the words that the file itself gives. */
void check_each_text(const struct book *b, check_text_fn *fn, void *ctx);

#endif
