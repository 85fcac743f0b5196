/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Store world: what every test of storage/ needs: a profile, a clock, a private folder, and calls that wait.
 *
 * Static inline, for the test programs only. The folder lies in TMPDIR and is removed by world_end.
 */
#ifndef STARHASH_TESTS_STORE_WORLD_H
#define STARHASH_TESTS_STORE_WORLD_H

#include <check.h>
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/profile.h"
#include "storage/store.h"
#include "storage/vault.h"
#include "tests/run_suite.h"

#define WORLD_NOW 1795300000000 /* 2026-11-21 */
#define WORLD_MSISDN 254700000001
enum { FIELD_NAME, FIELD_TOWN, FIELD_ROLE, FIELD_NOTE, FIELD_COUNT };

struct world {
	struct profile profile;
	struct clock_fake clock;
	char folder[256];
	char path[300];
	char why[400];
	struct store *store;
};

/* An assertion that a process which will be killed may make too: check reports through a file that
 * processes share, and a kill in the middle of a report leaves nonsense there. */
static bool world_is_mute;
#define WORLD_MUST(holds)                 \
	do {                              \
		if (world_is_mute) {      \
			if (!(holds))     \
				abort();  \
		} else {                  \
			ck_assert(holds); \
		}                         \
	} while (0)

/* name and town are required; all but note stand under the consent "profile". */
static inline void world_profile(struct profile *p)
{
	static const char *const names[] = {"name", "town", "role", "note"};

	memset(p, 0, sizeof *p);
	p->n_fields = FIELD_COUNT;
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		(void)snprintf(p->field[i].name, PROFILE_NAME_SIZE, "%s", names[i]);
		if (i != FIELD_NOTE)
			(void)snprintf(p->field[i].consent, PROFILE_NAME_SIZE, "profile");
	}
	p->field[FIELD_NAME].is_required = p->field[FIELD_TOWN].is_required = true;
	p->field[FIELD_NAME].is_private = true;
}

static inline void world_init(struct world *w)
{
	const char *base = getenv("TMPDIR");

	memset(w, 0, sizeof *w);
	log_init(LOG_LV_ERROR);
	world_profile(&w->profile);
	clock_fake_init(&w->clock, WORLD_NOW);
	(void)snprintf(w->folder, sizeof w->folder, "%s/starhash-store-XXXXXX", base ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(w->folder));
	(void)snprintf(w->path, sizeof w->path, "%s/test.db", w->folder);
}

static inline enum rc world_try_open(struct world *w, const char *path)
{
	const struct store_options o = {
		.path = path, .profile = &w->profile, .clock = &w->clock.clock, .busy_ms = 50};

	w->why[0] = '\0';
	return store_open(&o, &w->store, w->why, sizeof w->why);
}

static inline void world_open(struct world *w)
{
	enum rc rc = world_try_open(w, w->path);

	if (!world_is_mute)
		ck_assert_msg(rc == RC_OK, "store_open: %s: %s", rc_name(rc), w->why);
	else if (rc != RC_OK)
		abort();
}

static inline void world_close(struct world *w)
{
	store_close(w->store);
	w->store = NULL;
}

static inline void world_end(struct world *w)
{
	DIR *d;

	world_close(w);
	d = opendir(w->folder);
	for (struct dirent *e; d && (e = readdir(d));) {
		char path[600];

		(void)snprintf(path, sizeof path, "%s/%s", w->folder, e->d_name);
		(void)unlink(path);
	}
	if (d)
		(void)closedir(d);
	(void)rmdir(w->folder);
}

/* --- batches and answers ---------------------------------------------------------------------------- */

static inline struct store_batch *world_batch(int64_t msisdn)
{
	struct store_batch *b = store_batch_new(msisdn, WORLD_NOW);

	WORLD_MUST(b != NULL);
	return b;
}

/* The whole of a registration: what join.conf writes. */
static inline struct store_batch *world_registration(int64_t msisdn)
{
	const struct store_interaction i = {.channel = STORE_CH_USSD,
	                                    .inbound = true,
	                                    .service = "join",
	                                    .last_screen = "gift",
	                                    .language = "en",
	                                    .outcome = STORE_END_COMPLETED,
	                                    .steps = 6,
	                                    .began_ms = WORLD_NOW - 20000,
	                                    .ended_ms = WORLD_NOW};
	struct store_batch *b = world_batch(msisdn);

	WORLD_MUST(store_batch_seen(b) == RC_OK);
	WORLD_MUST(store_batch_language(b, "en") == RC_OK);
	WORLD_MUST(store_batch_consent(b, "profile", STORE_CONSENT_GRANTED, "Agree?", "en", STORE_CH_USSD) ==
	           RC_OK);
	WORLD_MUST(store_batch_save(b, FIELD_NAME, "Asha") == RC_OK);
	WORLD_MUST(store_batch_save(b, FIELD_TOWN, "Kisumu") == RC_OK);
	WORLD_MUST(store_batch_save(b, FIELD_ROLE, "job") == RC_OK);
	WORLD_MUST(store_batch_give(b, "100MB", "join", "100 MB", 604800000) == RC_OK);
	WORLD_MUST(store_batch_notice(b, "Thanks Asha! 100 MB for 7 days.", true) == RC_OK);
	WORLD_MUST(store_batch_interaction(b, &i) == RC_OK);
	return b;
}

struct world_written {
	int calls;
	struct store_result result;
};

static inline void world_on_written(void *ctx, const struct store_result *result)
{
	struct world_written *w = ctx;

	w->calls++;
	w->result = *result;
}

static inline struct store_result world_write(struct world *w, struct store_batch *b)
{
	struct world_written got = {0};

	ck_assert_int_eq(store_write(w->store, b, world_on_written, &got), RC_OK);
	store_wait(w->store);
	ck_assert_int_eq(got.calls, 1);
	return got.result;
}

struct world_found {
	int calls;
	enum rc rc;
	struct record *record;
	struct store_resume resume;
};

static inline void world_on_found(void *ctx, enum rc rc, struct record *record,
                                  const struct store_resume *resume)
{
	struct world_found *f = ctx;

	f->calls++;
	f->rc = rc;
	f->record = record;
	f->resume = *resume;
}

/* The record is the caller's to free. */
static inline struct world_found world_find(struct world *w, int64_t msisdn)
{
	struct world_found got = {0};

	ck_assert_int_eq(store_find(w->store, msisdn, world_on_found, &got), RC_OK);
	store_wait(w->store);
	ck_assert_int_eq(got.calls, 1);
	return got;
}

/* The name that a dialogue would know of them: "" = none. Until the next call. */
static inline const char *world_name(struct world *w, int64_t msisdn)
{
	static char name[PROFILE_VALUE_MAX + 1];
	struct world_found f = world_find(w, msisdn);
	const char *value = record_value(f.record, FIELD_NAME);

	(void)snprintf(name, sizeof name, "%s", value ? value : "");
	record_free(f.record);
	return name;
}

/* plain(subscriber, where, text): what is sealed in the file, opened as its owner would. */
static inline void world_plain(sqlite3_context *ctx, int n, sqlite3_value **value)
{
	struct vault *v = sqlite3_user_data(ctx);
	char out[STORE_TEXT_MAX + 1];

	(void)n;
	ck_assert_int_eq(vault_open(v, sqlite3_value_int64(value[0]),
	                            (const char *)sqlite3_value_text(value[1]),
	                            (const char *)sqlite3_value_text(value[2]), out, sizeof out),
	                 RC_OK);
	sqlite3_result_text(ctx, out, -1, SQLITE_TRANSIENT);
}

static inline void world_unlock(sqlite3 *db, const char *text, struct vault **v)
{
	char why[300] = "";

	*v = NULL;
	if (!strstr(text, "plain("))
		return;
	ck_assert_msg(vault_unlock(db, NULL, v, why, sizeof why) == RC_OK, "%s", why);
	ck_assert_int_eq(sqlite3_create_function(db, "plain", 3, SQLITE_UTF8, *v, world_plain, NULL, NULL),
	                 SQLITE_OK);
}

/* One value from the file, by a connection of its own: as a text into out, and as an integer. */
static inline int64_t world_text(const struct world *w, const char *text, char *out, size_t size)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	struct vault *v;
	int64_t value;

	ck_assert_int_eq(sqlite3_open_v2(w->path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	world_unlock(db, text, &v);
	ck_assert_msg(sqlite3_prepare_v2(db, text, -1, &st, NULL) == SQLITE_OK, "%s: %s", text,
	              sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	value = sqlite3_column_int64(st, 0);
	if (out)
		ck_assert_int_lt(snprintf(out, size, "%s", (const char *)sqlite3_column_text(st, 0)),
		                 (int)size);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	vault_free(v);
	return value;
}

static inline int64_t world_sql(const struct world *w, const char *text)
{
	return world_text(w, text, NULL, 0);
}

/* A statement that changes something; returns SQLite's code. */
static inline int world_exec(const struct world *w, const char *text)
{
	sqlite3 *db;
	int code;

	ck_assert_int_eq(sqlite3_open_v2(w->path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);
	code = sqlite3_exec(db, text, NULL, NULL, NULL);
	(void)sqlite3_close(db);
	return code;
}

static inline int world_run(Suite *suite)
{
	return run_suite(suite);
}

#endif
