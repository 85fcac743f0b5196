/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log catch: what the log says goes into a file for a while, to count its lines. For test programs only. */
#ifndef STARHASH_TESTS_LOG_CATCH_H
#define STARHASH_TESTS_LOG_CATCH_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"

struct log_catch {
	int kept;
	char path[400];
};

static inline void log_catch_begin(struct log_catch *c, const char *folder)
{
	int fd;

	(void)snprintf(c->path, sizeof c->path, "%s/log", folder);
	c->kept = dup(STDERR_FILENO);
	fd = open(c->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
	(void)close(fd);
	log_init(LOG_LV_INFO);
}

static inline void log_catch_end(struct log_catch *c)
{
	(void)dup2(c->kept, STDERR_FILENO);
	(void)close(c->kept);
	log_init(LOG_LV_ERROR);
}

static inline int log_catch_count(const struct log_catch *c, const char *word)
{
	char line[1000];
	FILE *f = fopen(c->path, "re");
	int n = 0;

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f))
		n += strstr(line, word) != NULL;
	(void)fclose(f);
	return n;
}

#endif
