/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outgoing: the rows of table outbox behind store_notices.h, inside a transaction that is open. Belongs to the writer's
 * connection, but for outgoing_look. Codes are SQLite's. */
#ifndef STARHASH_STORAGE_OUTGOING_H
#define STARHASH_STORAGE_OUTGOING_H

#include <sqlite3.h>

#include "storage/store_notices.h"
#include "storage/vault.h"

struct outgoing_rows;

/* Texts lie sealed in `vault`; NULL = as they are, for tests of this table alone. */
int outgoing_new(sqlite3 *db, struct vault *vault, struct outgoing_rows **out);
void outgoing_free(struct outgoing_rows *o); /* NULL is fine */

struct outgoing {
	int64_t subscriber, msisdn, at_ms;
	enum store_notice_kind kind;
	const char *text;
	const char *route; /* "ADDRESSES @SMSC", "" = any way; NULL is "" */
	bool leaves;       /* it is handed to a link as soon as this is stored, unless an older one waits */
	bool is_first;     /* nothing was ever written for this subscriber */
	int64_t next_ms;   /* 0 = at_ms */
};
/* How many were added since outgoing_new, for whomever. */
uint64_t outgoing_added(const struct outgoing_rows *o);

/* *waits: it was stored as waiting, and is to be claimed. */
int outgoing_add(struct outgoing_rows *o, const struct outgoing *what, int64_t *id, bool *waits);

int outgoing_move(struct outgoing_rows *o, const struct store_notice_update *u, int64_t at_ms);

/* Nothing that waits leaves any more; *n = how many did. */
int outgoing_stop(struct outgoing_rows *o, int64_t subscriber, int64_t at_ms, uint32_t *n);
int outgoing_blank(struct outgoing_rows *o, int64_t subscriber, int64_t at_ms);

/* It speaks of somebody else, too. This one, if it waits still, does not leave any more; id 0 = none that speaks of them, and no
 * text of theirs is kept: they are erased, or the number is another's. */
int outgoing_about(struct outgoing_rows *o, int64_t id, int64_t about);
int outgoing_over(struct outgoing_rows *o, int64_t about, int64_t id, int64_t at_ms);

/* A page of what is due, with its texts. */
struct outgoing_page {
	struct store_claim claim;
	char smsc[STORE_SMSC_SIZE];
	struct store_claimed result;
	struct store_notice_row row[STORE_NOTICES_PAGE];
	char text[STORE_NOTICES_PAGE][STORE_TEXT_MAX + 1]; /* opened */
	char route[STORE_NOTICES_PAGE][STORE_ROUTE_SIZE];
};
int outgoing_claim(struct outgoing_rows *o, struct outgoing_page *page, int64_t at_ms);

/* Statements are kept in `kept` between calls, for the caller to finalize. */
int outgoing_look(sqlite3 *db, sqlite3_stmt *kept[3], int64_t at_ms, struct store_notices_waiting *out);

/* At the start of a daemon: what an earlier run had handed over, or was about to, may have left. */
int outgoing_sweep(sqlite3 *db, int64_t at_ms);
/* In a copy that takes the place of the store: what waits in it may have left since the copy was made. */
int outgoing_restored(sqlite3 *db, int64_t at_ms);

#endif
