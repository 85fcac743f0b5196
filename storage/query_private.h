/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a query, for the files that read its parts: query.c (whom), query_parts.c (what was agreed, given, said),
 * query_person.c (what is known of them, since when, and by what). */
#ifndef STARHASH_STORAGE_QUERY_PRIVATE_H
#define STARHASH_STORAGE_QUERY_PRIVATE_H

#include <sqlite3.h>

#include "core/region.h"
#include "storage/load.h"
#include "storage/query.h"
#include "storage/tombstone.h"

struct vault;

enum query_st {
	QUERY_ST_CONSENTS,
	QUERY_ST_GRANTS,
	QUERY_ST_REFUSALS,
	QUERY_ST_INTERACTIONS,
	QUERY_ST_NOTICES,
	QUERY_ST_PERSON,
	QUERY_ST_ORIGINS,
	QUERY_ST_PAST,
	QUERY_ST_VERIFICATIONS,
	QUERY_ST_PERIODS,
	QUERY_ST_RELATIONS,
	QUERY_ST_COUNT_
};

struct query {
	sqlite3 *db;
	const struct profile *profile;
	struct load load;
	struct tombstones tombstones; /* once a number was asked for */
	const char *path, *key_path;
	struct vault *vault; /* NULL = private values are masked */
	int limit;
	char why[300];
	bool has_origin[PROFILE_MAX_FIELDS];
	sqlite3_stmt *st[QUERY_ST_COUNT_]; /* NULL = there is nothing to read */
};

sqlite3 *query_db(const struct query *q);

/* Of a subscriber, and before that of those who were erased. */
struct query_ids {
	size_t n;
	int64_t id[QUERY_MAX_ERASED + 1];
};

/* Codes are SQLite's; everything that is read goes into the region. */
int query_parts_prepare(struct query *q);
int query_parts_read(struct query *q, struct region *region, bool brief, const struct query_ids *ids,
                     struct query_subscriber *s);
int query_person_prepare(struct query *q);
int query_person_read(struct query *q, struct region *region, bool brief, struct query_subscriber *s);

/* Rows of one kind, laid out as an array while they come. */
struct query_rows {
	struct region *region;
	size_t size; /* of one row */
	size_t n, cap;
	void *array;
	const struct query *query; /* of whom, where private texts are opened: */
	int64_t subscriber;
};
void *query_rows_add(struct query_rows *rows); /* NULL: memory is out */
const char *query_rows_keep(struct query_rows *rows, sqlite3_stmt *st, int column);
/* Each row of the statement, whose first parameter is the subscriber, through `read` (false: memory is out). */
int query_rows_read(struct query_rows *rows, sqlite3_stmt *st, int64_t subscriber,
                    bool (*read)(struct query_rows *, sqlite3_stmt *));

#endif
