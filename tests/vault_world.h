/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vault world: a store with a private name, people who register and are erased, and looks into its files from outside. */
#ifndef STARHASH_TESTS_VAULT_WORLD_H
#define STARHASH_TESTS_VAULT_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "storage/key_report.h"
#include "tests/store_world.h"

static struct world world;

static inline void setup(void)
{
	world_init(&world);
	world.profile.field[FIELD_NAME].is_findable = true;
	log_init(LOG_LV_ERROR + 1);
	world_open(&world);
}

static inline void teardown(void)
{
	world_end(&world);
}

static inline bool raw(const char *suffix, const char *needle)
{
	char name[400], command[700];

	(void)snprintf(name, sizeof name, "%s%s", world.path, suffix);
	(void)snprintf(command, sizeof command, "grep -qaF '%s' '%s' 2>/dev/null", needle, name);
	return system(command) == 0; // NOLINT(cert-env33-c): files of this test
}

static inline bool anywhere(const char *needle)
{
	return raw("", needle) || raw("-wal", needle) || raw("-journal", needle) || raw(".keyring", needle);
}

static inline void registers(int64_t msisdn, const char *name)
{
	struct store_batch *b = world_registration(msisdn);

	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, name), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

static inline void erases(struct store *s, int64_t msisdn)
{
	struct store_batch *b = store_batch_new(msisdn, WORLD_NOW);
	struct world_written got = {0};

	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	ck_assert_int_eq(store_write(s, b, world_on_written, &got), RC_OK);
	store_wait(s);
	ck_assert_int_eq(got.result.rc, RC_OK);
}

static inline const char *name_of(int64_t msisdn)
{
	return world_name(&world, msisdn);
}

static inline struct key_report reported(void)
{
	char key[320];
	const struct key_store s = {.path = world.path, .key_path = key};
	struct key_report r;

	(void)snprintf(key, sizeof key, "%s.key", world.path);
	ck_assert_msg(key_report_read(&s, &world.profile, false, &r, world.why, sizeof world.why) == RC_OK,
	              "%s", world.why);
	return r;
}

static inline int64_t destroyed(void)
{
	const struct key_store s = {.path = world.path, .key_path = NULL};
	struct key_report r;
	char key[320];
	struct key_store with = s;

	(void)snprintf(key, sizeof key, "%s.key", world.path);
	with.key_path = key;
	ck_assert_msg(key_report_read(&with, &world.profile, true, &r, world.why, sizeof world.why) == RC_OK,
	              "%s", world.why);
	ck_assert_int_eq(r.damaged, 0);
	ck_assert_int_eq(r.doomed, 0);
	ck_assert_int_eq(r.plain, 0);
	ck_assert_int_eq(r.keys + r.destroyed, r.last);
	return r.destroyed;
}

static inline void copies(const char *from, const char *to)
{
	char command[900];

	(void)snprintf(command, sizeof command, "cp '%s%s' '%s%s'", world.path, from, world.path, to);
	ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): files of this test
}

#endif
