/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a talk, between talk.c (lines and screens) and talk_verbs.c (a function for each verb). */
#ifndef STARHASH_TOOLS_TALK_PRIVATE_H
#define STARHASH_TOOLS_TALK_PRIVATE_H

#include "tools/talk.h"

struct talk_parser {
	struct talk *talk;
	struct findings *findings;
	int line;
	const char *source; /* the present line */
	bool no_memory;
};

/* --- talk.c --- */
/* An error on the present line: what, then the word in quotes (NULL = none). */
void talk_fault(struct talk_parser *p, const char *remedy, const char *what, const char *word);
/* A new step; NULL when there are too many. */
struct talk_step *talk_add(struct talk_parser *p, enum talk_verb verb);
char *talk_copy(struct talk_parser *p, const char *text); /* in the talk's region; NULL when memory is out */
char *talk_trim(char *text);                              /* without blanks at both ends */
/* "..." at the end of a text: what it stands for. It is cut off. */
enum talk_rest talk_cut_rest(char *text);

/* --- talk_verbs.c --- */
/* A line that is neither a screen, an answer nor a comment. */
void talk_parse_verb(struct talk_parser *p, char *line);

#endif
