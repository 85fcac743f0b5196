/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Config world: a folder with a starhash.conf that a test writes, and a profile.conf with one field; gone when it ends. */
#ifndef STARHASH_TESTS_CONFIG_WORLD_H
#define STARHASH_TESTS_CONFIG_WORLD_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[40], conf[64], profile[64], secret[64];

static inline void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static inline void make_folder(void)
{
	strcpy(folder, "/tmp/starhash-test-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(conf, sizeof conf, "%s/c.conf", folder);
	snprintf(profile, sizeof profile, "%s/p.conf", folder);
	snprintf(secret, sizeof secret, "%s/s.secret", folder);
	write_file(profile, "profile = ( { field = \"name\"; consent = \"profile\"; } );\n");
}

static inline void remove_folder(void)
{
	unlink(conf);
	unlink(profile);
	unlink(secret);
	rmdir(folder);
}

#endif
