/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screens: counts per screen, added up by day and read as sums.
 *
 * The columns of table screen_count stand here once, for the writer and for reports. Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_SCREENS_H
#define STARHASH_STORAGE_SCREENS_H

#include <sqlite3.h>

#include "storage/store.h"

struct screens; /* of the writer's connection */

int screens_new(sqlite3 *db, struct screens **out);
void screens_free(struct screens *s); /* NULL is fine */
/* Add to what is stored of that UTC day, inside the transaction that is open. */
int screens_add(struct screens *s, int64_t day, const struct store_screen_count *rows, size_t n);

/* Sums over the days from `day` on, a row a screen. `fn` returns false to stop. */
int screens_read(sqlite3 *db, const char *service, int64_t day,
                 bool (*fn)(void *ctx, const struct store_screen_count *c), void *ctx);

#endif
