/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import run: a file read row by row and stored chunk by chunk, while the next one is read.
 *
 * Memory stays the same however long the file is: a few chunks of bounded text. Beside a running daemon chunks are small,
 * one at a time and with a pause between, so that its dialogues hardly notice; without one they follow each other at once.
 */
#ifndef STARHASH_TOOLS_IMPORT_RUN_H
#define STARHASH_TOOLS_IMPORT_RUN_H

#include <stdio.h>

#include "gateway/config.h"
#include "storage/store_import.h"

struct import_wish {
	const struct config *config;
	const char *path; /* "-" = standard input */
	bool is_json;
	enum store_existing existing;
	const char *rejects; /* NULL = the path with ".rejects" */
	bool dry_run, anew;
	bool may_verify; /* rows may say that somebody is who they say */
	const char *actor, *reason;
};

struct import_outcome {
	struct store_import_run run; /* its counts are of all of it, also of what was done before a break */
	int64_t lines;
	int64_t rows_now; /* read by this process */
	double seconds;
	bool is_beside; /* a daemon was at work for a part of it */
	bool interrupted;
	char rejects[8300];
};

/* False after a message on stderr; what was stored before it stays, and the same command goes on behind it. */
bool import_run(const struct import_wish *wish, struct import_outcome *out);

#endif
