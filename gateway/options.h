/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options: the one table of what starhash.conf and profile.conf may say.
 *
 * Name, type, unit, range, default, reloadable and help stand here and nowhere else: the loader reads by this
 * table, docs/configuration.md is compared with it. The table is sorted by group and its groups are the groups
 * of the files; "links[]" is a list of groups.
 */
#ifndef STARHASH_GATEWAY_OPTIONS_H
#define STARHASH_GATEWAY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {                  /* in brackets: what it is stored as */
	           OPTION_TEXT,     /* words; least..most bytes (char *) */
	           OPTION_PATH,     /* a file, relative to the folder of starhash.conf (char *) */
	           OPTION_NAME,     /* least..most bytes (char[PROFILE_NAME_SIZE]) */
	           OPTION_DIGITS,   /* least..most decimal digits (char[4]) */
	           OPTION_INT,      /* (int) */
	           OPTION_PORT,     /* (uint16_t) */
	           OPTION_DURATION, /* least..most in ms (int64_t) */
	           OPTION_BOOL,     /* (bool) */
	           OPTION_CHOICE,   /* one of `choices` (by hand) */
	           OPTION_WORDS,    /* an array of texts (by hand) */
	           OPTION_PAIR,     /* [ least, most ] (by hand) */
	           OPTION_GROUP,    /* { } */
	           OPTION_GROUPS    /* ( { }, { } ), at most `most` */
};

#define OPTION_BY_HAND ((size_t)-1) /* `at`: not stored by the table */

struct option_row {
	const char *group; /* "" = top of the file, "links[]", "country", ... */
	const char *name;
	enum option_type type;
	const char *unit;
	int64_t least, most;
	const char *fallback; /* the default, as it would be written; NULL = must be given */
	bool reloadable;      /* SIGHUP takes it over; else a restart does */
	const char *choices;  /* OPTION_CHOICE: words with a space between */
	const char *later;    /* those of them that this version does not have yet; NULL = none */
	size_t at;            /* offset in the struct that belongs to the group, or OPTION_BY_HAND */
	const char *help;
};

/* Rows of starhash.conf; options_profile: of profile.conf. */
extern const struct option_row options_main[];
extern const size_t options_main_count;
extern const struct option_row options_profile[];
extern const size_t options_profile_count;

/* The rows of one file. */
struct option_table {
	const struct option_row *row;
	size_t n;
};

/* NULL = no such key in this group. */
const struct option_row *option_by_name(const struct option_table *t, const char *group, const char *name);
/* The key of this group that is nearest to `name`, or NULL. */
const char *option_nearest(const struct option_table *t, const char *group, const char *name);
/* Is `word` one of a space-separated list? NULL list = no. */
bool option_list_has(const char *list, const char *word);
/* The word of a space-separated list that is nearest to `word`, into `out`; false = none is near. */
bool option_list_nearest(const char *list, const char *word, char *out, size_t size);
/* "1..1000", "1s..1h", "up to 31 characters", "a or b": what a person needs to know, into `out`. Returns out. */
#define OPTION_RANGE_SIZE 120
char *option_range(const struct option_row *row, char *out);

#endif
