/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schema: the numbered migrations of storage/schema/, embedded by build-aux/embed-sql.sh into schema_sql.c.
 *
 * Numbers are 1, 2, 3... without gaps; a released file is never edited, only followed by the next.
 */
#ifndef STARHASH_STORAGE_SCHEMA_H
#define STARHASH_STORAGE_SCHEMA_H

#include <stddef.h>

struct schema_file {
	int number;
	const char *name; /* "0001_initial" */
	const char *sql;
};

extern const struct schema_file schema_files[];
extern const size_t schema_files_count;

#define SCHEMA_APPLICATION_ID 1398035538 /* as in 0001_initial.sql */

#endif
