/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention sums: what a pass has let go, and how long it took, in tables beside it; and one row of the audit for it, at most
 * one a day. Written in the transaction of the rows that are counted, so that a sum is never wrong; a slice that has found
 * nothing writes seldom. Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_RETENTION_SUMS_H
#define STARHASH_STORAGE_RETENTION_SUMS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "storage/audit.h"

#define RETENTION_WHAT_SIZE 48

struct retention_pass { /* as in the table */
	int64_t number, began_ms, ended_ms, slices, looked, busy_us, longest_us;
	char kind[RETENTION_WHAT_SIZE]; /* where it is; "" = at the first */
	int64_t after, daily_ms, audited_ms;
};

struct retention_sums;

int retention_sums_new(sqlite3 *db, struct audit *audit, struct retention_sums **out);
void retention_sums_free(struct retention_sums *s); /* NULL is fine */

int retention_pass_read(sqlite3 *db, struct retention_pass *out);
int retention_pass_write(struct retention_sums *s, const struct retention_pass *pass);
/* `n` rows of `what` went in this pass. */
int retention_sums_add(struct retention_sums *s, const struct retention_pass *pass, const char *what,
                       int64_t n, int64_t now_ms);
/* Tell the audit what it has not heard of, if anything went; *told_ms is then now. */
int retention_sums_tell(struct retention_sums *s, int64_t now_ms, int64_t *told_ms);

#endif
