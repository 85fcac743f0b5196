/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Find: whom a private value belongs to, by its hash under the store's key; only for fields with find = true.
 *
 * The same value in another case or spacing is the same. Belongs to one connection; codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_FIND_H
#define STARHASH_STORAGE_FIND_H

#include <sqlite3.h>

#include "storage/vault.h"

struct find;

int find_new(sqlite3 *db, struct vault *v, struct find **out); /* both borrowed */
void find_free(struct find *f);                                /* NULL is fine */

/* In the transaction that writes the value. NULL or "": it is not known any more. */
int find_put(struct find *f, int64_t subscriber, const char *field, const char *value);
/* Everything of one who is erased. */
int find_drop(struct find *f, int64_t subscriber);

#endif
