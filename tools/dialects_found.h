/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialects that a command works with: those of a file named, else of the configuration, else of
 * dialects.conf beside it, else those built in. A configuration that is missing or wrong is no fault here:
 * traces are looked at before one is right. */
#ifndef STARHASH_TOOLS_DIALECTS_FOUND_H
#define STARHASH_TOOLS_DIALECTS_FOUND_H

#include <stdbool.h>

#include "core/msisdn.h"

struct config;
struct dialects;

struct dialects_found {
	struct config *config; /* NULL = none could be read */
	struct dialects *own;  /* read here; NULL = the configuration's */
	const struct dialects *dialects;
	char from[300]; /* the file, or "" = built in */
	struct msisdn_plan country;
};

/* `path` of --dialects, or NULL. False after a message. */
bool dialects_find(const char *config_path, const char *path, struct dialects_found *out);
void dialects_found_fini(struct dialects_found *f);

#endif
