/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a book carries beside its public face: the profile it was compiled against, and where each field is picked, so
 * that {role} can show as its label. Only menus/ includes this.
 *
 * Invariant: every struct book is the first member of a struct book_full; book_load makes no other.
 */
#ifndef STARHASH_MENUS_BOOK_PRIVATE_H
#define STARHASH_MENUS_BOOK_PRIVATE_H

#include "menus/book.h"

#define BOOK_CONDITION_NEVER \
	(-2) /* `when` condition of a book that was loaded without a condition function */

struct prepared_page;

struct book_full {
	struct book book;
	struct profile profile;
	uint16_t picked_at
		[PROFILE_MAX_FIELDS];        /* first pick or list screen of a field; BOOK_NO_SCREEN = none */
	bool is_several[PROFILE_MAX_FIELDS]; /* some pick saves "a,b" to it */
	bool is_secret[PROFILE_MAX_FIELDS];  /* some ask takes it as a secret: no text shows it */
	uint16_t language_picked_at;
	const struct prepared_page *prepared; /* menus/prepared.h; NULL = none */
	const char **screen_file;             /* of each screen: an included file has lines of its own */
	size_t n_conditions;
	int *condition; /* numbers to forget when the book is freed */
};

static inline const struct book_full *book_full(const struct book *b)
{
	return (const struct book_full *)(const void *)b;
}

struct buf;

/* Label under which a value of a field (or of "language", BOOK_SAVE_LANGUAGE) was offered, in a language; NULL if it
 * was typed and not picked. */
const char *book_label(const struct book *b, int field, const char *value, size_t language);
/* Append the labels of "a,b", with ", " between. Only for fields with is_several. */
void book_labels(const struct book *b, int field, const char *values, size_t language, struct buf *out);

/* The digits between the stars of a dialled string: "*123*1#", "123*1" -> "123*1" into out. False when it holds
 * anything but digits and stars, or is too long. */
#define BOOK_DIAL_SIZE 64
bool book_dial_core(const char *dialled, char *out);

#endif
