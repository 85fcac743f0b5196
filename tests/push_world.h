/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of dialogues that we open share: a push to one subscriber, its fate, what the store has noted of it, and the
 * books, which must be even. The wire is the world's: every answer confirmed only when the test says so. Static inline, for
 * the test programs only. */
#ifndef STARHASH_TESTS_PUSH_WORLD_H
#define STARHASH_TESTS_PUSH_WORLD_H

#include "tests/dialogue_world.h"

#define JANE INT64_C(254700000001)
#define WAIT_MS 60000

static struct world w;

static inline void setup(void)
{
	world_open_on(&w, "", (struct world_store){.on_file = true});
}

static inline void teardown(void)
{
	world_close(&w);
}

static inline uint32_t push(const char *code, const char *text)
{
	const struct dialogue_push p = {.msisdn = JANE, .code = code, .text = text, .wait_ms = WAIT_MS};
	uint32_t id = 0;

	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_OK);
	world_settle(&w);
	ck_assert_uint_gt(id, 0);
	return id;
}

static inline enum dialogue_push_fate fate_of(uint32_t id)
{
	struct dialogue_push_state s;

	ck_assert(dialogue_push_read(w.dialogues, id, &s));
	return s.fate;
}

/* The newest thing that left, which must be a push. */
static inline size_t newest_push(enum dialect_say how)
{
	size_t i = w.n_answers - 1;

	ck_assert_uint_gt(w.n_answers, 0);
	ck_assert(w.answer[i].is_push);
	ck_assert_int_eq(w.answer[i].how, how);
	return i;
}

struct seen_rows {
	size_t n;
	char detail[4][64], outcome[4][16];
	bool inbound[4];
	size_t n_notices;
	char notice[4][80]; /* kind, state, why */
};

static inline bool read_rows(void *ctx, const struct query_subscriber *s)
{
	struct seen_rows *rows = ctx;

	rows->n = s->n_interactions;
	for (size_t i = 0; i < rows->n && i < 4; i++) {
		snprintf(rows->detail[i], sizeof(rows->detail[i]), "%s", s->interaction[i].detail);
		snprintf(rows->outcome[i], sizeof(rows->outcome[i]), "%s", s->interaction[i].outcome);
		rows->inbound[i] = s->interaction[i].inbound;
	}
	rows->n_notices = s->n_notices;
	for (size_t i = 0; i < s->n_notices && i < 4; i++)
		snprintf(rows->notice[i], sizeof(rows->notice[i]), "%s %s %s", s->notice[i].kind,
		         s->notice[i].state, s->notice[i].why);
	return false;
}

/* Newest first. */
static inline struct seen_rows rows_of(int64_t msisdn)
{
	struct seen_rows rows = {0};
	struct query *q;
	char why[256] = "";

	world_settle(&w);
	ck_assert_msg(query_open(w.store_path, &w.config->profile, &q, why, sizeof(why)) == RC_OK, "%s", why);
	ck_assert_int_ne(query_by_msisdn(q, msisdn, read_rows, &rows), RC_IO);
	query_close(q);
	return rows;
}

static inline void check_row(size_t i, const char *outcome, const char *detail, bool inbound)
{
	struct seen_rows rows = rows_of(JANE);

	ck_assert_uint_gt(rows.n, i);
	ck_assert_str_eq(rows.outcome[i], outcome);
	ck_assert_str_eq(rows.detail[i], detail);
	ck_assert_int_eq(rows.inbound[i], inbound);
}

/* The newest row of the outbox: what a crash at this moment would leave to the next run. */
static inline void check_notice(const char *what)
{
	struct seen_rows rows = rows_of(JANE);

	ck_assert_uint_gt(rows.n_notices, 0);
	ck_assert_str_eq(rows.notice[0], what);
}

/* One fate for each push, and no dialogue left behind. */
static inline void check_books(void)
{
	struct dialogue_counters c = world_counters(&w);
	uint64_t ended = 0;

	for (int i = DIALOGUE_PUSH_UNDER_WAY + 1; i < DIALOGUE_PUSH_FATES; i++)
		ended += c.push[i];
	ck_assert_uint_eq(ended, c.push[DIALOGUE_PUSH_UNDER_WAY]);
	ck_assert_uint_eq(c.open, 0);
}

#endif
