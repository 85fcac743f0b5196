/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audit world: a store with a few rows of the audit, somebody who changes the file by hand, and what verify finds then.
 *
 * Static inline, for the test programs of the audit only.
 */
#ifndef STARHASH_TESTS_AUDIT_WORLD_H
#define STARHASH_TESTS_AUDIT_WORLD_H

#include "storage/audit.h"
#include "storage/audit_report.h"
#include "tests/store_world.h"

#define ROWS 12

static struct world world;

static inline struct audit_store file(void)
{
	return (struct audit_store){.path = world.path, .busy_ms = 20000};
}

static inline void note(int i)
{
	const struct audit_store store = file();
	char action[40], reason[40];
	const struct audit_row row = {.at_ms = WORLD_NOW + i,
	                              .actor = i % 2 ? "care:jane" : "ussd",
	                              .action = action,
	                              .subject = i,
	                              .reason = reason};

	(void)snprintf(action, sizeof action, "reveal name %d", i);
	(void)snprintf(reason, sizeof reason, "ticket %d", i);
	WORLD_MUST(audit_note(&store, &row, world.why, sizeof world.why) == RC_OK);
}

static inline void setup(void)
{
	world_init(&world);
	world_open(&world);
	world_close(&world);
	for (int i = 1; i <= ROWS; i++)
		note(i);
}

static inline void teardown(void)
{
	world_end(&world);
}

/* --- what is found --------------------------------------------------------------------------------------------------- */

static char found[4000];

static inline void on_fault(void *ctx, enum audit_fault fault, int64_t seq, int64_t other)
{
	static const char *const names[] = {
		[AUDIT_EDITED] = "edited", [AUDIT_GONE] = "gone",       [AUDIT_MOVED] = "moved",
		[AUDIT_CUT] = "cut",       [AUDIT_FOREIGN] = "foreign", [AUDIT_UNPROVEN] = "unproven",
		[AUDIT_AFTER] = "after",   [AUDIT_NO_HEAD] = "nohead",  [AUDIT_BEGUN] = "begun",
		[AUDIT_OTHER] = "other",
	};
	size_t len = strlen(found);

	(void)ctx;
	(void)snprintf(found + len, sizeof found - len, "%s%s %lld-%lld", len > 0 ? ", " : "", names[fault],
	               (long long)seq, (long long)other);
}

static inline struct audit_sums verify(const char *head)
{
	const struct audit_store store = file();
	struct audit_sums sums = {0};
	enum rc rc;

	found[0] = '\0';
	rc = audit_verify(&store, head, on_fault, NULL, &sums, world.why, sizeof world.why);
	ck_assert_msg(rc == RC_OK, "%s: %s", rc_name(rc), world.why);
	return sums;
}

/* As somebody who may write the file. */
static inline void tamper(const char *sql)
{
	char text[1200];

	(void)snprintf(
		text, sizeof text,
		"BEGIN; DROP TRIGGER IF EXISTS audit_no_update; DROP TRIGGER IF EXISTS audit_no_delete; %s; COMMIT",
		sql);
	ck_assert_msg(world_exec(&world, text) == SQLITE_OK, "%s", sql);
}

#endif
