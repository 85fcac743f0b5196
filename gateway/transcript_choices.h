/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a transcript says in the place of a choice that a subscriber has made: of `of`, of a pick, of a list.
 *
 * Which of three towns or illnesses somebody picked tells as much of them as a name. In the place of any choice stands the first
 * that the menu offers, whatever the real one was: one that depended on it would tell it.
 */
#ifndef STARHASH_GATEWAY_TRANSCRIPT_CHOICES_H
#define STARHASH_GATEWAY_TRANSCRIPT_CHOICES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/profile.h"
#include "core/record.h"
#include "menus/machine.h"

struct transcript_choices {
	struct {
		char real[PROFILE_VALUE_MAX + 1],
			made[PROFILE_VALUE_MAX + 1]; /* real "" = not known so far */
	} field[PROFILE_MAX_FIELDS];
	bool list_waits; /* an answer to a list was typed: what it did shows only afterwards */
	uint16_t list;
	char needle[MACHINE_NEEDLE_SIZE];
};

/* What stands for a value of a field with choices. NULL: the field has none, the words are made up otherwise. */
const char *transcript_choices_value(struct transcript_choices *c, const struct profile *p,
                                     const struct book *b, size_t field, const char *value);

/* What stands for an answer to a pick, into out. False: it is none of the screen's choices, or the screen is no such pick. */
bool transcript_choices_pick(const struct book *b, const struct walk *walk, const char *typed, char *out,
                             size_t size);

/* An answer to a list is typed; true: it waits for transcript_choices_list. */
bool transcript_choices_list_typed(struct transcript_choices *c, const struct book *b,
                                   const struct walk *walk, const char *typed);
/* After the step: what stands for it. NULL: none waits. */
const char *transcript_choices_list(struct transcript_choices *c, const struct book *b,
                                    const struct walk *walk);
/* Does the screen show what was searched for? */
bool transcript_choices_is_search(const struct book *b, const struct walk *walk);

/* A text with each label and value of the choices of every field whose value is known replaced. `walk`: lines that offer the
 * choices of its screen are the menu's words and stay; NULL: there are none. */
void transcript_choices_hide(struct transcript_choices *c, const struct book *b, const struct walk *walk,
                             const struct record *r, const char *text, char *out, size_t size);

#endif
