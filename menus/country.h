/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Country: short codes and SMS words that all networks of a country keep for one meaning, for the checker's rule 14.
 *
 * It also says whether the country lets subscribers be anonymous. A profile is a small file that operators complete
 * (conf/countries/, docs/menus.md). STOP, START and HELP need no profile: they have their meaning everywhere.
 */
#ifndef STARHASH_MENUS_COUNTRY_H
#define STARHASH_MENUS_COUNTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/findings.h"
#include "core/profile.h"
#include "core/rc.h"

#define COUNTRY_MAX_ENTRIES 64 /* codes, and as many words */
#define COUNTRY_MAX_USES 8
#define COUNTRY_TEXT_SIZE 64

struct country_entry {
	char what[PROFILE_NAME_SIZE];    /* digits of the code, "310"; or the word, upper case */
	char meaning[COUNTRY_TEXT_SIZE]; /* "balance" */
	char source[COUNTRY_TEXT_SIZE];  /* who says so; "" = not told */
	size_t n_uses;                   /* 1.. */
	char use[COUNTRY_MAX_USES][PROFILE_NAME_SIZE]; /* names of services or first screens that mean it */
};

/* A plain value. */
struct country {
	char name[COUNTRY_TEXT_SIZE];
	/* Who may be anonymous there; starhash.conf's `identity` wins, key by key. */
	struct {
		bool has_anonymous, has_grace, has_since;
		bool anonymous;   /* may subscribers be? */
		int64_t grace_ms; /* if not: how long they may at first */
		int64_t since_ms; /* nobody's time begins before; UTC */
	} identity;
	size_t n_codes, n_words;
	struct country_entry code[COUNTRY_MAX_ENTRIES], word[COUNTRY_MAX_ENTRIES];
};

/* Read a profile. Unknown keys, wrong values and more entries than there is room for are errors with file and line.
 * Returns RC_OK; RC_NOTFOUND; RC_SYNTAX (findings say in both cases); *out is complete only on RC_OK. */
enum rc country_load(const char *path, struct findings *findings, struct country *out) RC_NODISCARD;

/* The entry of a code ("310") or a word (any case); NULL = nothing is kept. */
const struct country_entry *country_by_code(const struct country *c, const char *digits);
const struct country_entry *country_by_word(const struct country *c, const char *word);
/* Does something of that name serve the entry's meaning? */
bool country_is_use(const struct country_entry *e, const char *name);

#endif
