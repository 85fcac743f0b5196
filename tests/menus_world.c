/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small world for tests of menus/ (menus_world.h). */
#include "tests/menus_world.h"

#include <stdlib.h>
#include <string.h>

#ifndef SRCDIR
#define SRCDIR "."
#endif

static enum rc condition(void *ctx, const char *sql, int *number, char *why, size_t why_size)
{
	struct world *w = ctx;

	if (strcmp(sql, "registered") == 0)
		*number = 0;
	else if (strcmp(sql, "not registered") == 0)
		*number = 1;
	else {
		snprintf(why, why_size, "no such column: %s", sql);
		return RC_SYNTAX;
	}
	w->conditions++;
	return RC_OK;
}

static void forget(void *ctx, int number)
{
	struct world *w = ctx;

	(void)number;
	w->conditions--;
}

static const char *field(void *ctx, int i)
{
	struct world *w = ctx;

	return i >= 0 && i < PROFILE_MAX_FIELDS && w->value[i][0] != '\0' ? w->value[i] : NULL;
}

static const char *deal(const struct world *w, const char *name)
{
	const struct book_screen *buys = machine_deal(w->book, &w->walk);

	if (buys == NULL)
		return NULL;
	return strcmp(name, "price") == 0 ? buys->buy.minor : buys->buy.gives;
}

static const char *system_column(void *ctx, const char *name)
{
	struct world *w = ctx;
	const char *fact = strcmp(name, "balance") == 0    ? w->balance
	                   : strcmp(name, "bundles") == 0  ? w->bundles
	                   : strcmp(name, "currency") == 0 ? w->currency
	                                                   : NULL;

	if (strcmp(name, "msisdn") == 0)
		return "254700000001";
	if (strcmp(name, "price") == 0 || strcmp(name, "gives") == 0)
		return deal(w, name);
	return w->has_facts && fact != NULL && *fact != '\0' ? fact : NULL;
}

static bool holds(void *ctx, int number)
{
	struct world *w = ctx;
	bool registered = w->registered || (w->agreed && w->value[0][0] != '\0' && w->value[1][0] != '\0');

	return number == 0 ? registered : !registered;
}

static void apply(struct world *w, const struct intent *in)
{
	if (in->kind == INTENT_SAVE) {
		snprintf(w->value[in->field], sizeof(w->value[0]), "%s", in->text);
		if (w->profile.field[in->field].consent[0] != '\0' && !w->agreed)
			w->promise_8_broken++;
	} else if (in->kind == INTENT_CONSENT && in->purpose && strcmp(in->purpose, "profile") == 0) {
		w->agreed = in->granted;
	} else if (in->kind == INTENT_WITHDRAW) {
		w->agreed = false;
	} else if (in->kind == INTENT_ERASE) {
		memset(w->value, 0, sizeof(w->value));
		w->agreed = false;
	}
}

static bool intent(void *ctx, const struct intent *in)
{
	struct world *w = ctx;
	struct world_intent *kept = &w->intent[w->n_intents % WORLD_INTENTS];

	if (w->refuse_after == 0)
		return false;
	w->refuse_after -= w->refuse_after > 0;
	memset(kept, 0, sizeof(*kept));
	kept->kind = in->kind;
	kept->field = in->field;
	kept->granted = in->granted;
	kept->if_given = in->if_given;
	snprintf(kept->text, sizeof(kept->text), "%s", in->text != NULL ? in->text : "");
	snprintf(kept->purpose, sizeof(kept->purpose), "%s", in->purpose != NULL ? in->purpose : "");
	snprintf(kept->words, sizeof(kept->words), "%s", in->words != NULL ? in->words : "");
	snprintf(kept->version, sizeof(kept->version), "%s", in->version != NULL ? in->version : "");
	w->n_intents++;
	apply(w, in);
	return true;
}

static void add_field(struct profile *p, const char *name, const char *consent)
{
	struct profile_field *f = &p->field[p->n_fields++];

	snprintf(f->name, sizeof(f->name), "%s", name);
	snprintf(f->consent, sizeof(f->consent), "%s", consent);
}

void world_init(struct world *w)
{
	static const char *const bundles[] = {"100MB", "1GB", "gift", "offer"};
	static const struct book_bundle goods[] = {
		{.gives = "100 MB", .price = 2000},
		{.gives = "1 GB", .price = 5050},
		{.gives = "a gift"},
		{.gives = "nights", .unsold = "it is an offer", .remedy = "make it a dedicated account"}};

	memset(w, 0, sizeof(*w));
	add_field(&w->profile, "name", "profile");
	add_field(&w->profile, "town", "profile");
	add_field(&w->profile, "role", "profile");
	add_field(&w->profile, "born", "");
	add_field(&w->profile, "code", "");
	w->profile.field[0].is_private = true;
	w->profile.field[2].n_of = 3;
	strcpy(w->profile.field[2].of[0], "head");
	strcpy(w->profile.field[2].of[1], "job");
	strcpy(w->profile.field[2].of[2], "study");
	w->env = (struct book_env){.profile = &w->profile,
	                           .n_bundles = 4,
	                           .bundles = bundles,
	                           .bundle = goods,
	                           .currency = "KES",
	                           .page = 160,
	                           .condition = condition,
	                           .forget = forget,
	                           .ctx = w};
	w->port = (struct machine_port){
		.ctx = w, .field = field, .system = system_column, .holds = holds, .intent = intent};
	strcpy(w->balance, "123450");
	strcpy(w->currency, "KES");
	strcpy(w->bundles, "100MB until 3 Jan");
	w->refuse_after = -1;
	w->findings = findings_new();
	if (w->findings == NULL)
		abort();
}

void world_shipped(struct world *w)
{
	static const char *const likes[] = {"music", "sport", "news", "farm"};
	struct profile *p = &w->profile;
	struct profile_field *f = &p->field[p->n_fields];

	add_field(p, "likes", "offers");
	f->several = true;
	f->n_of = 4;
	for (size_t i = 0; i < f->n_of; i++)
		strcpy(f->of[i], likes[i]);
	f = &p->field[profile_field_by_name(p, "born")];
	f->kind = PROFILE_DATE;
	f->is_private = true;
	strcpy(f->consent, "profile");
	p->n_purposes = 2;
	strcpy(p->purpose[0].name, "profile");
	strcpy(p->purpose[1].name, "offers");
	p->purpose[1].is_marketing = true;
}

void world_fini(struct world *w)
{
	book_unref(w->book);
	findings_free(w->findings);
}

enum rc world_load(struct world *w, const char *text)
{
	return book_load_text(text, "test.conf", &w->env, w->findings, &w->book);
}

enum rc world_load_file(struct world *w, const char *path)
{
	return book_load(path, &w->env, w->findings, &w->book);
}

static void step(struct world *w, enum machine_event event, const char *text, uint16_t screen,
                 enum machine_result r)
{
	struct machine_in in = {.event = event, .text = text, .screen = screen, .result = r};

	machine_step(w->book, &w->walk, &in, &w->port, &w->out);
}

void world_begin(struct world *w, const char *dialled)
{
	walk_init(&w->walk, w->walk.language);
	step(w, MACHINE_BEGIN, dialled, BOOK_NO_SCREEN, MACHINE_GIVEN);
}

void world_type(struct world *w, const char *text)
{
	step(w, MACHINE_INPUT, text, BOOK_NO_SCREEN, MACHINE_GIVEN);
}

void world_result(struct world *w, enum machine_result r)
{
	step(w, MACHINE_RESULT, "", BOOK_NO_SCREEN, r);
}

void world_app(struct world *w, enum machine_result r, const char *text, bool ends)
{
	struct machine_in in = {.event = MACHINE_APP, .text = text, .result = r, .ends = ends};

	machine_step(w->book, &w->walk, &in, &w->port, &w->out);
}

void world_facts(struct world *w, enum machine_result r)
{
	w->has_facts = w->has_facts || r == MACHINE_GIVEN;
	step(w, MACHINE_FACTS, "", BOOK_NO_SCREEN, r);
}

void world_resume(struct world *w, const char *dialled, uint16_t screen)
{
	walk_init(&w->walk, w->walk.language);
	step(w, MACHINE_RESUME, dialled, screen, MACHINE_GIVEN);
}

const char *world_source(const char *path)
{
	static char full[1024];

	snprintf(full, sizeof(full), "%s/%s", SRCDIR, path);
	return full;
}
