/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import world: the store world with an import under way: a run, rows as a file would have them, and chunks that are written
 * at once. For test_import.c and test_import_consent.c, each of which has it to itself.
 */
#ifndef STARHASH_TESTS_IMPORT_WORLD_H
#define STARHASH_TESTS_IMPORT_WORLD_H

#include "storage/store_import.h"

#include "tests/store_world.h"

#define THEN 1700000000000 /* before anything that happens at WORLD_NOW */

static struct world world;
static struct store_import_file file;
static struct store_import_run run;

static inline void begin(enum store_existing existing)
{
	file = (struct store_import_file){.source = "base.csv",
	                                  .format = "csv",
	                                  .rejects = "base.csv.rejects",
	                                  .head = "msisdn,name",
	                                  .head_len = 11,
	                                  .size = 1000,
	                                  .existing = existing,
	                                  .actor = "privacy:jane",
	                                  .reason = "test"};
	ck_assert_msg(store_import_begin(world.store, &file, &run, world.why, sizeof world.why) == RC_OK,
	              "%s", world.why);
}

static inline void setup(void)
{
	world_init(&world);
	world_open(&world);
}

static inline void teardown(void)
{
	world_end(&world);
}

static inline struct store_batch *row_of(int64_t msisdn)
{
	struct store_batch *b = store_import_batch(msisdn, WORLD_NOW, run.id, file.existing);

	ck_assert_ptr_nonnull(b);
	return b;
}

static inline void agree_to(struct store_batch *b, const char *purpose, enum store_consent state,
                            int64_t at_ms)
{
	const struct store_agreement what = {.purpose = purpose,
	                                     .words = state == STORE_CONSENT_GRANTED ? "Old words" : "",
	                                     .language = "sw",
	                                     .version = "v1",
	                                     .proof = "form 1",
	                                     .state = state,
	                                     .channel = STORE_CH_OPERATOR,
	                                     .at_ms = at_ms};

	ck_assert_int_eq(store_batch_agree(b, &what), RC_OK);
}

static inline void agree(struct store_batch *b, enum store_consent state, int64_t at_ms)
{
	agree_to(b, "profile", state, at_ms);
}

static inline struct store_batch *whole_row(int64_t msisdn, const char *name, int64_t at_ms)
{
	struct store_batch *b = row_of(msisdn);

	agree(b, STORE_CONSENT_GRANTED, at_ms);
	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, name), RC_OK);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, "Nakuru"), RC_OK);
	return b;
}

static inline void on_done(void *ctx, struct store_import_chunk *c)
{
	(void)c;
	++*(int *)ctx;
}

static inline void write_chunk(struct store_import_chunk *c)
{
	int calls = 0;

	ck_assert_int_eq(store_import_write(world.store, c, on_done, &calls), RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(calls, 1);
}

/* Rows [0, n) in a transaction; the position moves on by n. */
static inline struct store_import_chunk send(struct store_import_row *row, size_t n)
{
	static int64_t lines;
	struct store_import_chunk c = {.run = run.id,
	                               .from = run.position,
	                               .to = run.position + (int64_t)n,
	                               .line = ++lines,
	                               .tail = "tail",
	                               .tail_len = 4,
	                               .n = n,
	                               .row = row};

	write_chunk(&c);
	if (c.rc == RC_OK)
		run.position = c.to;
	for (size_t i = 0; i < n; i++)
		store_batch_free(row[i].batch);
	return c;
}

static inline struct store_import_row send_one(struct store_batch *b)
{
	struct store_import_row row = {.batch = b};

	ck_assert_int_eq(send(&row, 1).rc, RC_OK);
	return row;
}

static inline const char *value_of(int64_t msisdn, size_t field, char *out, size_t size)
{
	struct world_found f = world_find(&world, msisdn);
	const char *value = record_value(f.record, field);

	(void)snprintf(out, size, "%s", value ? value : "");
	record_free(f.record);
	return out;
}

#endif
