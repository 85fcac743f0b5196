/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection behind a query, for the other reports of this folder. */
#ifndef STARHASH_STORAGE_QUERY_PRIVATE_H
#define STARHASH_STORAGE_QUERY_PRIVATE_H

#include <sqlite3.h>

#include "storage/query.h"

sqlite3 *query_db(const struct query *q);

#endif
