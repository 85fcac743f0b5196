/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a report: see query_private.h. */
#include <string.h>

#include "storage/query_private.h"
#include "storage/sql.h"

void *query_rows_add(struct query_rows *rows)
{
	if (rows->n == rows->cap) {
		size_t cap = rows->cap ? 2 * rows->cap : 8;
		void *grown = region_alloc(rows->region, cap * rows->size);

		if (!grown)
			return NULL;
		if (rows->n > 0)
			memcpy(grown, rows->array, rows->n * rows->size);
		rows->array = grown;
		rows->cap = cap;
	}
	return (char *)rows->array + rows->n++ * rows->size;
}

const char *query_rows_keep(struct query_rows *rows, sqlite3_stmt *st, int column)
{
	return region_strdup(rows->region, sql_column_text(st, column));
}

int query_rows_read(struct query_rows *rows, sqlite3_stmt *st, int64_t subscriber,
                    bool (*read)(struct query_rows *, sqlite3_stmt *))
{
	int code;

	if (!st)
		return SQLITE_OK;
	sql_bind_int(st, 1, subscriber);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		if (!read(rows, st)) {
			code = SQLITE_NOMEM;
			break;
		}
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}
