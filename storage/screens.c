/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screens: see screens.h. */
#include "storage/screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "storage/sql.h"

#define BUCKETS (sizeof(((struct store_screen_count *)0)->ms_bucket) / sizeof(int64_t))
#define NUMBERS (4 + STORE_DROPS_ + BUCKETS)

static const char *const columns[NUMBERS] = {
	"entered",       "bad_inputs",  "answered",    "ms_sum",       "drops_cancel",
	"drops_network", "drops_app",   "drops_ours",  "within_1s",    "within_2s",
	"within_4s",     "within_8s",   "within_16s",  "within_32s",   "within_64s",
	"within_128s",   "within_256s", "within_512s", "within_1024s", "over_1024s",
};

/* The numbers of a row, in the order of `columns`. */
static void numbers_of(struct store_screen_count *c, int64_t *at[NUMBERS])
{
	size_t n = 0;

	at[n++] = &c->entered;
	at[n++] = &c->bad_inputs;
	at[n++] = &c->answered;
	at[n++] = &c->ms_sum;
	for (size_t i = 0; i < STORE_DROPS_; i++)
		at[n++] = &c->drops[i];
	for (size_t i = 0; i < BUCKETS; i++)
		at[n++] = &c->ms_bucket[i];
}

struct screens {
	sqlite3_stmt *add;
};

int screens_new(sqlite3 *db, struct screens **out)
{
	struct screens *s = calloc(1, sizeof *s);
	char text[2048];
	struct buf b;
	int code;

	if (!s)
		return SQLITE_NOMEM;
	buf_init(&b, text, sizeof text);
	buf_add(&b, "INSERT INTO screen_count (service, screen, day");
	for (size_t i = 0; i < NUMBERS; i++)
		buf_printf(&b, ", %s", columns[i]);
	buf_add(&b, ") VALUES (?1, ?2, ?3");
	for (size_t i = 0; i < NUMBERS; i++)
		buf_printf(&b, ", ?%zu", i + 4);
	buf_add(&b, ") ON CONFLICT (service, screen, day) DO UPDATE SET ");
	for (size_t i = 0; i < NUMBERS; i++)
		buf_printf(&b, "%s%s = %s + excluded.%s", i > 0 ? ", " : "", columns[i], columns[i],
		           columns[i]);
	code = b.cut ? SQLITE_TOOBIG : sql_prepare(db, text, &s->add);
	if (code != SQLITE_OK) {
		screens_free(s);
		return code;
	}
	*out = s;
	return SQLITE_OK;
}

void screens_free(struct screens *s)
{
	if (!s)
		return;
	(void)sqlite3_finalize(s->add);
	free(s);
}

int screens_add(struct screens *s, int64_t day, const struct store_screen_count *rows, size_t n)
{
	int code = SQLITE_OK;

	for (size_t i = 0; i < n && code == SQLITE_OK; i++) {
		struct store_screen_count row = rows[i];
		int64_t *at[NUMBERS];

		numbers_of(&row, at);
		sql_bind_text(s->add, 1, row.service);
		sql_bind_text(s->add, 2, row.screen);
		sql_bind_int(s->add, 3, day);
		for (size_t k = 0; k < NUMBERS; k++)
			sql_bind_int(s->add, (int)k + 4, *at[k]);
		code = sql_run(s->add);
	}
	return code;
}

int screens_read(sqlite3 *db, const char *service, int64_t day,
                 bool (*fn)(void *ctx, const struct store_screen_count *c), void *ctx)
{
	char text[1024];
	sqlite3_stmt *st;
	struct buf b;
	bool more = true;
	int code;

	buf_init(&b, text, sizeof text);
	buf_add(&b, "SELECT screen");
	for (size_t i = 0; i < NUMBERS; i++)
		buf_printf(&b, ", sum(%s)", columns[i]);
	buf_add(&b, " FROM screen_count WHERE service = ?1 AND day >= ?2 GROUP BY screen");
	code = b.cut ? SQLITE_TOOBIG : sqlite3_prepare_v2(db, text, -1, &st, NULL);
	if (code != SQLITE_OK)
		return code;
	sql_bind_text(st, 1, service);
	sql_bind_int(st, 2, day);
	while (more && (code = sqlite3_step(st)) == SQLITE_ROW) {
		struct store_screen_count row;
		int64_t *at[NUMBERS];

		memset(&row, 0, sizeof row);
		(void)snprintf(row.service, sizeof row.service, "%s", service);
		(void)snprintf(row.screen, sizeof row.screen, "%s", sql_column_text(st, 0));
		numbers_of(&row, at);
		for (size_t k = 0; k < NUMBERS; k++)
			*at[k] = sqlite3_column_int64(st, (int)k + 1);
		more = fn(ctx, &row);
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}
