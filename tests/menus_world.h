/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small world for tests of menus/: a profile, one subscriber, conditions that know only "registered", a list of the
 * intents that came. What the gateway does with a store, this does with a few strings.
 */
#ifndef STARHASH_TESTS_MENUS_WORLD_H
#define STARHASH_TESTS_MENUS_WORLD_H

#include <stdbool.h>
#include <stdio.h>

#include "core/findings.h"
#include "menus/book.h"
#include "menus/machine.h"

#define WORLD_INTENTS 64
#define WORLD_TEXT 1200

struct world_intent {
	enum intent_kind kind;
	int field;
	bool granted, if_given;
	char text[WORLD_TEXT];
	char purpose[32], version[32];
	char words[WORLD_TEXT];
};

struct world {
	struct profile profile;
	struct book_env env;
	struct findings *findings;
	struct book *book;
	char value[PROFILE_MAX_FIELDS][PROFILE_VALUE_MAX + 1];
	bool agreed;     /* consent "profile" stands */
	bool registered; /* forces the condition; else by name, town and consent */
	bool has_facts;  /* balance, bundles and currency are known */
	char balance[24], bundles[100], currency[4];
	int conditions;   /* prepared and not yet forgotten */
	int refuse_after; /* intents taken before one is refused; -1 = never */
	struct world_intent intent[WORLD_INTENTS];
	size_t n_intents;
	size_t promise_8_broken; /* saves of a covered field without its consent */
	struct machine_port port;
	struct walk walk;
	struct machine_out out;
};

/* name (private), town, role (head, job, study), born, code; all but the last two under consent "profile". Bundle
 * "100MB". */
void world_init(struct world *w);
void world_fini(struct world *w);

/* The profile of the menus that ship, on top: born is a date, likes are several, offers are marketing. Before loading. */
void world_shipped(struct world *w);

/* Load a text as "test.conf", or a file. */
enum rc world_load(struct world *w, const char *text);
enum rc world_load_file(struct world *w, const char *path);

/* One step each; the answer is w->out. */
void world_begin(struct world *w, const char *dialled);
void world_type(struct world *w, const char *text);
void world_result(struct world *w, enum machine_result r);
void world_app(struct world *w, enum machine_result r, const char *text, bool ends);
void world_facts(struct world *w, enum machine_result r); /* GIVEN: they are known from now on */
void world_resume(struct world *w, const char *dialled, uint16_t screen);

/* A file of the sources, wherever the build runs. Good until the next call. */
const char *world_source(const char *path);

#endif
