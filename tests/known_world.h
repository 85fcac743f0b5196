/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Known world: the small world of menus with fields that are of a kind and purposes that are declared, and what was answered for
 * them before. For test_known.c and test_check_known.c, each of which has it to itself.
 */
#ifndef STARHASH_TESTS_KNOWN_WORLD_H
#define STARHASH_TESTS_KNOWN_WORLD_H

#include <check.h>
#include <string.h>

#include "tests/menus_world.h"

static struct world w;
static enum record_consent profile_is, offers_is; /* what was answered before */
static bool is_stopped;
static const char *(*world_system)(void *ctx, const char *name);

static enum record_consent consent(void *ctx, const char *purpose)
{
	(void)ctx;
	return strcmp(purpose, "offers") == 0 ? offers_is : profile_is;
}

static const char *system_or_stopped(void *ctx, const char *name)
{
	return strcmp(name, "stopped") == 0 ? (is_stopped ? "1" : "0") : world_system(ctx, name);
}

/* Takes any condition; none holds. */
static enum rc condition(void *ctx, const char *sql, int *number, char *why, size_t why_size)
{
	(void)ctx;
	(void)sql;
	(void)why;
	(void)why_size;
	*number = 1;
	return RC_OK;
}

static struct profile_field *field(const char *name)
{
	return &w.profile.field[profile_field_by_name(&w.profile, name)];
}

static void add_purpose(const char *name, bool is_marketing)
{
	struct profile_purpose *p = &w.profile.purpose[w.profile.n_purposes++];

	strcpy(p->name, name);
	p->is_marketing = is_marketing;
}

/* born: a date of people of age; code: a number from 18 to 99; town: a place; likes: several, under a consent to offers */
static inline void setup(void)
{
	struct profile_field *likes;

	world_init(&w);
	w.port.consent = consent;
	world_system = w.port.system;
	w.port.system = system_or_stopped;
	is_stopped = false;
	w.env.condition = condition;
	w.env.forget = NULL;
	profile_is = offers_is = RECORD_CONSENT_NONE;
	field("born")->kind = PROFILE_DATE;
	field("born")->has_range = true;
	field("born")->range_least = 19000101;
	field("born")->range_most = 20101231;
	field("code")->kind = PROFILE_NUMBER;
	field("code")->has_range = true;
	field("code")->range_least = 18;
	field("code")->range_most = 99;
	field("town")->kind = PROFILE_PLACE;
	field("town")->has_length = true;
	field("town")->length_least = 2;
	field("town")->length_most = 30;
	likes = &w.profile.field[w.profile.n_fields++];
	strcpy(likes->name, "likes");
	strcpy(likes->consent, "offers");
	likes->several = true;
	likes->n_of = 2;
	strcpy(likes->of[0], "music");
	strcpy(likes->of[1], "sport");
	add_purpose("profile", false);
	add_purpose("survey", false);
	add_purpose("offers", true);
}

static inline void teardown(void)
{
	world_fini(&w);
}

#define TOP "code = \"*5#\"; languages = [ \"en\" ]; start = \"a\"; screens = {\n"
#define END "\nz = { end = \"Bye\"; }; n = { end = \"No\"; }; };"
#define CONSENT(name, to, yes, no, more)                                               \
	name " = { say = \"Acme keeps it. STOP ends it. OK?\"; consent = { to = \"" to \
	     "\"; yes = ( \"Yes\", \"" yes "\" ); no = ( \"No\", \"" no "\" ); " more "}; };\n"
#define OUT(purpose) "o = { dial = \"*5*9#\"; withdraw = \"" purpose "\"; end = \"Stopped\"; };\n"

static inline void load(const char *text)
{
	enum rc rc = world_load(&w, text);

	if (rc != RC_OK)
		findings_print(w.findings, stderr);
	ck_assert_int_eq(rc, RC_OK);
}

#endif
