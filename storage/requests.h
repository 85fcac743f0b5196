/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests: what subscribers ask for that a person has to do, such as a copy of what is known of them.
 *
 * At most one of a kind is open for each subscriber: who asks again is counted, so nobody can fill a disk by dialling. The
 * writer's part, inside the transaction that is open; codes are SQLite's. Reading and settling: query_requests.h. Not
 * requests of the store's own queue (request.h).
 */
#ifndef STARHASH_STORAGE_REQUESTS_H
#define STARHASH_STORAGE_REQUESTS_H

#include <sqlite3.h>
#include <stdint.h>

struct requests;

int requests_new(sqlite3 *db, struct requests **out);
void requests_free(struct requests *r); /* NULL is fine */

/* `channel`: store_channel_name. */
int requests_add(struct requests *r, int64_t subscriber, const char *what, const char *channel,
                 int64_t at_ms);
/* Nobody waits any more for what this subscriber has asked for. */
int requests_close(struct requests *r, int64_t subscriber, const char *reason, int64_t at_ms);

#endif
