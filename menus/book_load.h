/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loader between its files: book_load.c (top of the file), book_load_screen.c and book_load_kind.c (screens),
 * book_load_answer.c, book_load_field.c, book_load_list.c, book_load_buy.c and book_load_app.c (what stands on one),
 * book_load_text.c (messages, values, texts), book_load_po.c (translations). Only these include libconfig.
 *
 * Every problem becomes a finding and loading goes on, so that one run shows everything that is wrong.
 */
#ifndef STARHASH_MENUS_BOOK_LOAD_H
#define STARHASH_MENUS_BOOK_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "menus/book_private.h"

struct config_setting_t;
struct book_source;
struct po;

struct loader {
	const char *path;
	const struct book_env *env;
	struct findings *findings;
	struct book_source *source;
	struct region *region;
	struct book_full *full;
	struct book *b; /* &full->book */
	const struct config_setting_t *screens;
	const char *screen_name; /* being read; NULL = the top of the file */
	bool has_po;
	struct po *po[BOOK_MAX_LANGUAGES]; /* translations; NULL = none */
	bool no_memory;
	char hint[400];
};

/* Add an error about a setting (NULL = the whole file). */
void load_error(struct loader *ld, const struct config_setting_t *at, int rule, const char *remedy,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
/* A remedy put together from pieces; good until the next call. */
const char *load_hint(struct loader *ld, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "did you mean "x"?" or `otherwise`. */
const char *load_nearest(struct loader *ld, const char *word, const char *const *words, size_t n,
                         const char *otherwise);

/* Memory of the book; NULL and ld->no_memory when there is none left. */
void *load_alloc(struct loader *ld, size_t size);
const char *load_strdup(struct loader *ld, const char *text);

/* Complain about every member of `group` that is none of keys[0..n). `group` must be a group: else false. */
bool load_group(struct loader *ld, const struct config_setting_t *group, const char *what,
                const char *const *keys, size_t n);
/* Member of a group; NULL if it is not there. */
const struct config_setting_t *load_member(const struct config_setting_t *group, const char *key);
int load_line(const struct config_setting_t *at);

/* A string of 1..max bytes without control characters, as it stands in the file; NULL and a finding otherwise. */
const char *load_string(struct loader *ld, const struct config_setting_t *at, const char *what, size_t max);
/* A required string member. */
const char *load_string_member(struct loader *ld, const struct config_setting_t *group, const char *key,
                               const char *what, size_t max);
/* An optional `key = true;` of a group. */
bool load_flag(struct loader *ld, const struct config_setting_t *group, const char *key);
/* A name that we store: letters, digits, '-' and '_'. */
bool load_is_name(const char *text);

/* A text in all languages into *out. False and a finding otherwise. */
bool load_text(struct loader *ld, const struct config_setting_t *at, const char *what, struct book_text *out);
/* The text of an optional key of a screen; NULL if there is none or it is wrong. */
const struct book_text *load_text_member(struct loader *ld, const struct config_setting_t *group,
                                         const char *key);

/* Translations: opened when the languages are known; text->in[0] into the other languages (nothing to do without `po`);
 * closed when everything is read. */
void load_po_open(struct loader *ld, const struct config_setting_t *root);
bool load_po_text(struct loader *ld, const struct config_setting_t *at, const char *what,
                  struct book_text *text);
void load_po_close(struct loader *ld);

/* Number of the screen that a setting names; BOOK_NO_SCREEN and a finding otherwise. */
uint16_t load_target(struct loader *ld, const struct config_setting_t *at, const char *what);

/* The two parts of `( first, "screen" )`. */
bool load_pair(struct loader *ld, const struct config_setting_t *at, const char *what, const char *example,
               const struct config_setting_t **first, const struct config_setting_t **second);
/* Memory for the entries of a list of pairs, each of `size`; NULL and a finding when it is none. */
void *load_entries(struct loader *ld, const struct config_setting_t *at, const char *what,
                   const char *example, size_t size, size_t *n);

/* Field of the profile that `save` names; BOOK_SAVE_LANGUAGE; -1 and a finding. */
int load_field(struct loader *ld, const struct config_setting_t *group, bool may_be_language);

/* What is a good answer where the question does not say: by the kind of its field. */
enum book_check load_usual_as(const struct loader *ld, int field);
void load_usual_range(const struct loader *ld, struct book_screen *s);
bool load_usual_length(const struct loader *ld, struct book_screen *s); /* false: the field has none */
/* A question for what its field never takes is an error. */
void load_fits_ask(struct loader *ld, const struct config_setting_t *at, const struct book_screen *s);
void load_fits_several(struct loader *ld, const struct config_setting_t *at, const struct book_screen *s);

/* The bundle that a group names: *name = as it is called there, and its number in the environment; SIZE_MAX when it is not
 * known there, with a finding unless nothing is known of bundles at all. */
size_t load_bundle(struct loader *ld, const struct config_setting_t *group, const char *what,
                   const char **name);
/* A screen that is shown after a give or buy, and so must end. */
uint16_t load_after_give(struct loader *ld, const struct config_setting_t *group, const char *key);

/* A purpose that profile.conf takes; NULL and a finding otherwise. */
const char *load_purpose(struct loader *ld, const struct config_setting_t *at, const char *name);
/* What changes when any of these words does, in any language: 8 hex digits. A text may be NULL. */
const char *load_words_version(struct loader *ld, const struct book_text *const *texts, size_t n);

/* All screens: names first, then each. */
void load_screens(struct loader *ld, const struct config_setting_t *screens);
/* The keys that belong to the screen's kind. */
void load_kind(struct loader *ld, const struct config_setting_t *at, struct book_screen *s);
void load_ask(struct loader *ld, const struct config_setting_t *at, struct book_screen *s);
void load_pick(struct loader *ld, const struct config_setting_t *at, struct book_screen *s);
void load_list(struct loader *ld, const struct config_setting_t *at, struct book_screen *s);
void load_buy(struct loader *ld, const struct config_setting_t *at, struct book_screen *s);
void load_number(struct loader *ld, const struct config_setting_t *at, struct book_screen *s);
void load_app(struct loader *ld, const struct config_setting_t *at, struct book_screen *s);
/* When all screens are read: no text may show what is asked as a secret. */
void load_secrets(struct loader *ld);
/* The facts that the screen's texts show, and its `facts` group; after all its texts. */
void load_facts(struct loader *ld, const struct config_setting_t *at, struct book_screen *s);

#endif
