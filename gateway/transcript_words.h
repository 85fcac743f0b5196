/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a transcript: what was really typed or stored, and what stands for it. */
#ifndef STARHASH_GATEWAY_TRANSCRIPT_WORDS_H
#define STARHASH_GATEWAY_TRANSCRIPT_WORDS_H

#include <stddef.h>

#include "menus/machine.h"

#define TRANSCRIPT_WORDS_MAX 80 /* pairs; when there are more, screens become "..." */
#define TRANSCRIPT_WORD_SIZE 400

struct transcript_words;

struct transcript_words *transcript_words_new(
	const char *number);                            /* of the subscriber; NULL = out of memory */
void transcript_words_free(struct transcript_words *w); /* wipes; NULL is fine */

/* What stands for an answer on the screen of `walk`: keys and the choices of menus are the menu's own words and stay; anything
 * else is made up, taken where the real one is taken and refused where it is refused. Valid until the next call. */
const char *transcript_words_typed(struct transcript_words *w, const struct book *b, const struct walk *walk,
                                   const char *typed);
/* What stands for a stored value of a field without choices. Valid until the next call. */
const char *transcript_words_stored(struct transcript_words *w, const struct book *b, int field,
                                    const char *value);
/* What stands for the string that was dialled: the book's own codes and the numbers of choices stay. Valid until the next call. */
const char *transcript_words_dialled(struct transcript_words *w, const struct book *b, const char *dialled);
/* A text with every real word replaced, also where it is cut or broken over pages. */
void transcript_words_hide(const struct transcript_words *w, const char *text, char *out, size_t size);

#endif
