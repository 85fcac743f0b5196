/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Talk: a conversation as text, parsed into steps (docs/talks.md).
 *
 * Invariant: a talk that was parsed has only steps that can be run; everything in it lives in its region.
 */
#ifndef STARHASH_TOOLS_TALK_H
#define STARHASH_TOOLS_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/findings.h"
#include "core/rc.h"
#include "core/region.h"

#define TALK_MAX_STEPS 5000
#define TALK_MAX_BYTES (1 << 20)

enum talk_verb {
	TALK_DIAL,   /* text = code; from, language as said */
	TALK_TYPE,   /* text */
	TALK_SCREEN, /* text = the lines with \n between; rest */
	TALK_SMS,    /* text; from */
	TALK_REPEAT,
	TALK_DROP,
	TALK_WAIT,              /* number = ms */
	TALK_EXPECT_SMS,        /* text (NULL = none), rest */
	TALK_EXPECT_PROFILE,    /* text = field, value (NULL = none) */
	TALK_EXPECT_GRANTS,     /* number */
	TALK_EXPECT_REGISTERED, /* number = 0 or 1 */
	TALK_EXPECT_LANGUAGE,   /* text (NULL = none) */
	TALK_EXPECT_CONSENT,    /* text = purpose, value (NULL = none) */
	TALK_EXPECT_SCREEN,     /* value = its name in the menu file */
	TALK_APP,               /* text = up, slow, down, 500, html, garbage */
	TALK_APP_SAYS,          /* text = "CON ..." or "END ...": the next answer of the app */
	TALK_APP_HEARD,         /* text = what the app was sent last */
	TALK_CHARGING,          /* text = up, slow, down, lost-reply, barred, balance; number = hundredths */
	TALK_RELOAD,            /* text = menu file, relative to the talk */
	TALK_GIVEN_CONSENT,     /* text = purpose, value = granted or refused */
	TALK_GIVEN_PROFILE,     /* text = field, value */
	TALK_GIVEN_GRANT,       /* text = bundle, value = key */
	TALK_GIVEN_RESUME       /* text = service, value = screen */
};

enum talk_rest {
	TALK_WHOLE,    /* the text and nothing else */
	TALK_ANY_TEXT, /* the text, then anything */
	TALK_ANY_LINES /* the lines, then any further ones */
};

struct talk_step {
	enum talk_verb verb;
	int line;
	enum talk_rest rest;
	char *text, *value;
	const char *from, *language; /* NULL = not said */
	int64_t number;
	const char *source; /* the line as written, for -v */
};

struct talk {
	const char *path;
	size_t n;
	struct talk_step *step;
	struct region *region;
};

/* Returns RC_OK; RC_NOTFOUND (cannot be read: said in the findings); RC_SYNTAX (findings say); RC_NOMEM. */
enum rc talk_load(const char *path, struct findings *findings, struct talk *out) RC_NODISCARD;
enum rc talk_parse(const char *text, const char *path, struct findings *findings,
                   struct talk *out) RC_NODISCARD;
void talk_fini(struct talk *t); /* one that was loaded, or zeroed */

#endif
