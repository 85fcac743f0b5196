/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audit: a row that was edited, removed, put elsewhere or cut off is found, with its place; what nobody touched is whole. Whoever
 * changes the file by hand here has everything but the key. */
#include <sys/wait.h>

#include "tests/audit_world.h"

START_TEST(test_whole)
{
	struct audit_sums sums = verify(NULL);

	ck_assert_int_eq(sums.rows, ROWS);
	ck_assert_int_eq(sums.faults, 0);
	ck_assert_str_eq(found, "");
	ck_assert_int_eq(strncmp(sums.head, "12:", 3), 0);
}
END_TEST

#define SWAP(a, b)                                                                                    \
	"UPDATE audit SET seq = -1 WHERE seq = " #a "; UPDATE audit SET seq = " #a " WHERE seq = " #b \
	"; UPDATE audit SET seq = " #b " WHERE seq = -1"
/* The words change places, and the hashes stay. */
#define SWAP_WORDS(a, b)                                                                                          \
	"CREATE TEMP TABLE kept AS SELECT * FROM audit; UPDATE audit SET (at, actor, action, subject, reason) = " \
	"(SELECT at, actor, action, subject, reason FROM kept k WHERE k.seq = " #a " + " #b " - audit.seq) "      \
	"WHERE seq = " #a " OR seq = " #b

static const struct {
	const char *sql, *found;
} tamperings[] = {
	{"UPDATE audit SET reason = 'ticket 6' WHERE seq = 5", "edited 5-5"},
	{"UPDATE audit SET actor = 'care:john' WHERE seq = 1", "edited 1-1"},
	{"UPDATE audit SET at = at + 1 WHERE seq = 12", "edited 12-12"},
	{"UPDATE audit SET subject = 0 WHERE seq = 7", "edited 7-7"},
	{"UPDATE audit SET action = action || char(0) || 'more' WHERE seq = 7", "edited 7-7"},
	{"UPDATE audit SET hash = zeroblob(32) WHERE seq = 7", "edited 7-7"},
	{"UPDATE audit SET reason = '', hash = randomblob(32) WHERE seq = 7", "edited 7-7, unproven 8-8"},
	{"UPDATE audit SET reason = '' WHERE seq = 3 OR seq = 9", "edited 3-3, edited 9-9"},
	{"DELETE FROM audit WHERE seq = 5", "gone 5-5, unproven 6-6"},
	{"DELETE FROM audit WHERE seq BETWEEN 5 AND 8", "gone 5-8, unproven 9-9"},
	{"DELETE FROM audit WHERE seq = 1", "gone 1-1, unproven 2-2"},
	{"DELETE FROM audit WHERE seq = 5; UPDATE audit SET seq = seq - 1 WHERE seq > 5",
         "edited 5-5, moved 6-7, moved 7-8, moved 8-9, moved 9-10, moved 10-11, moved 11-12, cut 12-12"},
	{SWAP(4, 9), "moved 4-9, moved 9-4"},
	{SWAP(4, 5), "moved 4-5, moved 5-4"},
	{SWAP(1, 12), "moved 1-12, moved 12-1"},
	{SWAP_WORDS(4, 9), "moved 4-9, moved 9-4"},
	{SWAP_WORDS(4, 5), "moved 4-5, moved 5-4"},
	{"DELETE FROM audit WHERE seq > 9", "cut 10-12"},
	{"DELETE FROM audit WHERE seq = 12", "cut 12-12"},
	{"DELETE FROM audit", "cut 1-12"},
	{"DELETE FROM audit WHERE seq > 9; UPDATE audit_head SET seq = 9, last = (SELECT hash FROM audit WHERE seq = 9)",
         "nohead 9-9"},
	{"DELETE FROM audit_head", "nohead 12-12"},
	{"UPDATE audit_head SET mac = NULL", "nohead 12-12"},
	{"INSERT INTO audit SELECT 13, at, actor, action, subject, reason, hash FROM audit WHERE seq = 12",
         "edited 13-13, after 13-13"},
	{"INSERT INTO audit SELECT 13, at, actor, action, subject, reason, NULL FROM audit WHERE seq = 12",
         "foreign 13-13, after 13-13"},
	{"UPDATE audit SET hash = NULL WHERE seq = 6", "foreign 6-6, unproven 7-7"},
};

START_TEST(test_tampered)
{
	struct audit_sums sums;
	int commas = 1;

	tamper(tamperings[_i].sql);
	sums = verify(NULL);
	for (const char *at = found; *at; at++)
		commas += *at == ',';
	ck_assert_msg(strcmp(found, tamperings[_i].found) == 0, "%s:\n found %s\n should %s",
	              tamperings[_i].sql, found, tamperings[_i].found);
	ck_assert_int_eq(sums.faults, commas);
}
END_TEST

/* Any column of any row, by any value. */
START_TEST(test_any_edit)
{
	static const char *const columns[] = {"at = at + 1000", "subject = subject + 1",
	                                      "actor = actor || ' '", "action = substr(action, 2)",
	                                      "reason = upper(reason)"};

	for (int row = 1; row <= ROWS; row += 2) { /* behind one that was edited nothing is proven */
		char sql[200], wanted[40];

		(void)snprintf(sql, sizeof sql, "UPDATE audit SET %s WHERE seq = %d", columns[_i], row);
		if (row == 1)
			tamper(sql);
		else
			ck_assert_int_eq(world_exec(&world, sql), SQLITE_OK);
		(void)snprintf(wanted, sizeof wanted, "edited %d-%d", row, row);
		(void)verify(NULL);
		ck_assert_msg(strstr(found, wanted) != NULL, "%s: %s", sql, found);
	}
}
END_TEST

/* Whoever kept the head of an earlier day can put it back with the rows of that day: only a head that was written down
 * elsewhere knows better. */
START_TEST(test_head_elsewhere)
{
	const struct audit_store store = file();
	char early[AUDIT_HEAD_SIZE], late[AUDIT_HEAD_SIZE];
	struct audit_sums sums;

	ck_assert_int_eq(audit_head_text(&store, early, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(world_exec(&world, "CREATE TABLE kept AS SELECT * FROM audit_head"), SQLITE_OK);
	note(ROWS + 1);
	ck_assert_int_eq(audit_head_text(&store, late, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(verify(early).faults, 0);
	ck_assert_int_eq(verify(late).faults, 0);
	tamper("DELETE FROM audit WHERE seq = 13; DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept");
	ck_assert_int_eq(verify(NULL).faults, 0);
	ck_assert_int_eq(verify(early).faults, 0);
	sums = verify(late);
	ck_assert_int_eq(sums.faults, 1);
	ck_assert_str_eq(found, "other 13-13");
	note(ROWS + 2); /* another row of that number */
	(void)verify(late);
	ck_assert_str_eq(found, "other 13-13");
}
END_TEST

START_TEST(test_bad_head)
{
	static const char *const heads[] = {
		"",
		"12",
		"12:",
		"12:abc",
		":00",
		"x:00",
		"1:abcdef0000000000000000000000000000000000000000000000000000000000"};
	const struct audit_store store = file();
	struct audit_sums sums;

	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		ck_assert_int_eq(
			audit_verify(&store, heads[i], on_fault, NULL, &sums, world.why, sizeof world.why),
			RC_SYNTAX);
		ck_assert_ptr_nonnull(strstr(world.why, "starhash audit head"));
	}
}
END_TEST

/* --- going on --------------------------------------------------------------------------------------------------------- */

/* A head that somebody has taken away holds nobody up, and is not forgotten. */
START_TEST(test_begun_anew)
{
	tamper("DELETE FROM audit WHERE seq > 9; DELETE FROM audit_head");
	note(20);
	note(21);
	(void)verify(NULL);
	ck_assert_str_eq(found, "begun 10-10");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM audit WHERE action = '" AUDIT_ANEW "'"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT max(seq) FROM audit"), 12);
}
END_TEST

/* Nothing heals: not by rows that follow, and not where nothing is left that could be missed. */
START_TEST(test_begun_from_nothing)
{
	static const char *const heads[] = {
		"DELETE FROM audit_head",
		"UPDATE audit_head SET seq = 0, last = zeroblob(32), mac = NULL",
		"UPDATE audit_head SET seq = 0, last = zeroblob(32)",
		"UPDATE audit_head SET mac = zeroblob(32)",
	};
	char sql[200];

	(void)snprintf(sql, sizeof sql, "DELETE FROM audit; %s", heads[_i]);
	tamper(sql);
	note(20);
	note(21);
	ck_assert_int_eq(verify(NULL).faults, 1);
	ck_assert_str_eq(found, "begun 1-1");
	tamper("UPDATE audit SET action = 'erase' WHERE seq = 1"); /* nor does it let itself be hidden */
	(void)verify(NULL);
	ck_assert_str_eq(found, "edited 1-1");
}
END_TEST

/* What is cut off stays missing, however many rows follow. */
START_TEST(test_cut_stays)
{
	tamper("DELETE FROM audit WHERE seq > 10");
	for (int i = 13; i < 20; i++)
		note(i);
	(void)verify(NULL);
	ck_assert_str_eq(found, "gone 11-12, unproven 13-13");
}
END_TEST

/* The daemon and commands beside it add to the one chain. */
START_TEST(test_many_writers)
{
	pid_t child[3];

	for (int c = 0; c < 3; c++) {
		child[c] = fork();
		if (child[c] == 0) {
			world_is_mute = true;
			for (int i = 0; i < 20; i++)
				note(100 * (c + 1) + i);
			_exit(0);
		}
	}
	for (int c = 0; c < 3; c++) {
		int status;

		ck_assert_int_eq(waitpid(child[c], &status, 0), child[c]);
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	ck_assert_int_eq(verify(NULL).rows, ROWS + 60);
	ck_assert_str_eq(found, "");
}
END_TEST

/* A row is there with what it is about, or not at all. */
START_TEST(test_with_the_deed)
{
	struct store_batch *b;

	world_open(&world);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, "asked on the phone"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT count(*) FROM audit WHERE seq = 13 AND actor = 'ussd' AND "
	                           "action = 'erase' AND reason = 'asked on the phone' AND subject = 1"),
	                 1);
	ck_assert_int_eq(verify(NULL).faults, 0);
}
END_TEST

/* --- keys and files that are not there ---------------------------------------------------------------------------------- */

START_TEST(test_wrong_key)
{
	const struct audit_row row = {.at_ms = 1, .actor = "a", .action = "b", .reason = "c"};
	struct audit_store store = file();
	struct audit_sums sums;
	char other[310];
	FILE *f;

	store.key_path = "/nowhere/at/all.key";
	ck_assert_int_eq(audit_note(&store, &row, world.why, sizeof world.why), RC_NOTFOUND);
	ck_assert_int_eq(audit_verify(&store, NULL, on_fault, NULL, &sums, world.why, sizeof world.why),
	                 RC_NOTFOUND);
	(void)snprintf(other, sizeof other, "%s/other.key", world.folder);
	f = fopen(other, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fprintf(f, "%s", "0123456789abcdef0123456789abcdef"), 32);
	ck_assert_int_eq(fclose(f), 0);
	store.key_path = other;
	ck_assert_int_eq(audit_note(&store, &row, world.why, sizeof world.why), RC_STATE);
	ck_assert_int_eq(audit_verify(&store, NULL, on_fault, NULL, &sums, world.why, sizeof world.why),
	                 RC_STATE);
	store = file();
	store.path = "/nowhere/at/all.db";
	ck_assert_int_eq(audit_note(&store, &row, world.why, sizeof world.why), RC_NOTFOUND);
	ck_assert_int_eq(verify(NULL).rows, ROWS);
}
END_TEST

static bool count_one(void *ctx, const struct audit_entry *e)
{
	int64_t *last = ctx;

	ck_assert_int_lt(e->seq, *last); /* newest first */
	*last = e->seq;
	return true;
}

START_TEST(test_list)
{
	const struct audit_store store = file();
	struct audit_filter filter = {.limit = 3};
	int64_t last = INT64_MAX;

	ck_assert_int_eq(audit_list(&store, &filter, count_one, &last, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(last, ROWS - 2);
	filter = (struct audit_filter){.subject = 4};
	last = INT64_MAX;
	ck_assert_int_eq(audit_list(&store, &filter, count_one, &last, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(last, 4);
	filter = (struct audit_filter){.since_ms = WORLD_NOW + 11};
	last = INT64_MAX;
	ck_assert_int_eq(audit_list(&store, &filter, count_one, &last, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(last, 11);
}
END_TEST

/* Longer than any reason may be: bounded, in whole letters, and still whole. */
START_TEST(test_long)
{
	const struct audit_store store = file();
	char reason[3000];
	struct audit_row row = {.at_ms = 1, .actor = "care:jane", .action = "reveal", .reason = reason};

	memset(reason, 'x', sizeof reason);
	for (size_t i = AUDIT_WORDS_MAX - 1; i + 1 < sizeof reason; i += 2)
		memcpy(reason + i, "\xc3\xa9", 2);
	reason[sizeof reason - 1] = '\0';
	ck_assert_int_eq(audit_note(&store, &row, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(world_sql(&world, "SELECT length(CAST(reason AS BLOB)) FROM audit WHERE seq = 13"),
	                 AUDIT_WORDS_MAX - 1);
	ck_assert_int_eq(verify(NULL).faults, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("audit");
	TCase *chain = tcase_create("chain"), *life = tcase_create("life");

	tcase_add_checked_fixture(chain, setup, teardown);
	tcase_add_test(chain, test_whole);
	tcase_add_loop_test(chain, test_tampered, 0, sizeof tamperings / sizeof tamperings[0]);
	tcase_add_loop_test(chain, test_any_edit, 0, 5);
	tcase_add_test(chain, test_head_elsewhere);
	tcase_add_test(chain, test_bad_head);
	suite_add_tcase(suite, chain);
	tcase_add_checked_fixture(life, setup, teardown);
	tcase_add_test(life, test_begun_anew);
	tcase_add_loop_test(life, test_begun_from_nothing, 0, 4);
	tcase_add_test(life, test_cut_stays);
	tcase_add_test(life, test_many_writers);
	tcase_add_test(life, test_with_the_deed);
	tcase_add_test(life, test_wrong_key);
	tcase_add_test(life, test_list);
	tcase_add_test(life, test_long);
	suite_add_tcase(suite, life);
	return world_run(suite);
}
