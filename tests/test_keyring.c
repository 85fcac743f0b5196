/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keyring: keys that are there before they are needed, gone when they were destroyed, and never those of another store. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/log.h"
#include "storage/keyring.h"
#include "tests/run_suite.h"

static char folder[256], store[300], file[320], why[400];
static uint8_t wrap[SEAL_KEY_SIZE], id[KEYRING_ID_SIZE];
static struct keyring *ring;

static enum rc open_ring(int64_t last, bool read_only, struct keyring **out)
{
	const struct keyring_options o = {
		.store = store, .wrap = wrap, .id = id, .last = last, .read_only = read_only};

	why[0] = '\0';
	return keyring_open(&o, out, why, sizeof why);
}

static void setup(void)
{
	const char *base = getenv("TMPDIR");

	log_init(LOG_LV_ERROR + 1);
	seal_start();
	(void)snprintf(folder, sizeof folder, "%s/starhash-keyring-XXXXXX", base ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(store, sizeof store, "%s/test.db", folder);
	ck_assert(keyring_path(store, file, sizeof file));
	digest_random(wrap, sizeof wrap);
	ck_assert_int_eq(keyring_make(store, wrap, id, why, sizeof why), RC_OK);
	ck_assert_int_eq(open_ring(0, false, &ring), RC_OK);
}

static void teardown(void)
{
	char command[400];

	keyring_free(ring);
	(void)snprintf(command, sizeof command, "rm -r '%s'", folder);
	ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): the folder of this test
}

static int64_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

static void overwrite(const char *path, int64_t at, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, bytes, n, at), (ssize_t)n);
	ck_assert_int_eq(close(fd), 0);
}

START_TEST(keys_are_there_before_they_are_needed)
{
	uint8_t first[SEAL_KEY_SIZE], second[SEAL_KEY_SIZE], again[SEAL_KEY_SIZE];
	struct keyring *reader;
	struct stat st;

	ck_assert_int_eq(stat(file, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(keyring_key(ring, 1, first), RC_STATE); /* never made, so nobody's who was erased */
	ck_assert_int_eq(keyring_prepare(ring, 1), RC_OK);
	ck_assert_int_eq(size_of(file), 64 * (KEYRING_BLOCK + 1));
	ck_assert_int_eq(keyring_key(ring, 1, first), RC_OK);
	ck_assert_int_eq(keyring_key(ring, KEYRING_BLOCK, second), RC_OK);
	ck_assert_mem_ne(first, second, sizeof first);
	ck_assert_int_eq(keyring_prepare(ring, 2), RC_OK); /* costs nothing */
	ck_assert_int_eq(size_of(file), 64 * (KEYRING_BLOCK + 1));
	/* who comes later, and the next run, find the same keys; the block goes on where the ids are */
	ck_assert_int_eq(open_ring(1, true, &reader), RC_OK);
	ck_assert_int_eq(keyring_key(reader, 1, again), RC_OK);
	ck_assert_mem_eq(first, again, sizeof first);
	keyring_free(reader);
	ck_assert_int_eq(open_ring(1, false, &reader), RC_OK);
	ck_assert_int_eq(keyring_prepare(reader, 2), RC_OK);
	ck_assert_int_eq(size_of(file), 64 * (KEYRING_BLOCK + 2));
	ck_assert_int_eq(keyring_key(reader, KEYRING_BLOCK, again), RC_OK);
	ck_assert_mem_eq(second, again, sizeof second);
	keyring_free(reader);
}
END_TEST

START_TEST(destroyed_is_destroyed)
{
	const int64_t ids[] = {7, 9, 7};
	uint8_t key[SEAL_KEY_SIZE], slot[64], zeros[64] = {0};
	struct keyring_sums sums;
	struct keyring *reader;
	int64_t empty[8];
	const int64_t wanted[] = {7, 9, 11, 12};
	size_t n;
	FILE *f;

	ck_assert_int_eq(keyring_prepare(ring, 1), RC_OK);
	ck_assert_int_eq(open_ring(20, true, &reader), RC_OK);
	ck_assert_int_eq(keyring_key(reader, 7, key), RC_OK);
	ck_assert_int_eq(keyring_destroy(ring, ids, 3), RC_OK);
	ck_assert_int_eq(keyring_key(ring, 7, key), RC_NOTFOUND);
	ck_assert_int_eq(keyring_key(reader, 7, key), RC_NOTFOUND); /* at once, for everybody */
	ck_assert_int_eq(keyring_key(reader, 8, key), RC_OK);
	f = fopen(file, "rb");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, 7 * 64, SEEK_SET), 0);
	ck_assert_uint_eq(fread(slot, 1, 64, f), 64);
	(void)fclose(f);
	ck_assert_mem_eq(slot, "starhash erased ", 16); /* and of the key nothing */
	ck_assert_mem_eq(slot + 48, zeros, 16);
	ck_assert_int_eq(keyring_count(reader, 20, true, &sums), RC_OK);
	ck_assert_int_eq(sums.keys, 18);
	ck_assert_int_eq(sums.empty, 2);
	ck_assert_int_eq(sums.damaged, 0);
	/* zeros prove no erasure, nor does the mark of another */
	overwrite(file, 64 * 11, zeros, sizeof zeros);
	overwrite(file, 64 * 12, slot, sizeof slot);
	ck_assert_int_eq(keyring_key(reader, 11, key), RC_STATE);
	ck_assert_int_eq(keyring_key(reader, 12, key), RC_STATE);
	ck_assert_int_eq(keyring_empty(reader, 0, 20, empty, 8, &n), RC_OK);
	ck_assert_uint_eq(n, 4);
	ck_assert_mem_eq(empty, wanted, sizeof wanted);
	ck_assert_int_eq(keyring_empty(reader, 0, 20, empty, 2, &n), RC_OK);
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(keyring_empty(reader, empty[1], 11, empty, 2, &n), RC_OK);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(empty[0], 11);
	keyring_free(reader);
}
END_TEST

/* An older backup was restored, and a new subscriber gets the id of somebody who was erased: theirs is a key of their own. */
START_TEST(an_id_that_comes_again_gets_a_new_key)
{
	const int64_t five = 5;
	uint8_t before[SEAL_KEY_SIZE], after[SEAL_KEY_SIZE], kept[SEAL_KEY_SIZE], six[SEAL_KEY_SIZE];
	struct keyring *next;

	ck_assert_int_eq(keyring_prepare(ring, 1), RC_OK);
	ck_assert_int_eq(keyring_key(ring, 5, before), RC_OK);
	ck_assert_int_eq(keyring_key(ring, 6, six), RC_OK);
	ck_assert_int_eq(keyring_destroy(ring, &five, 1), RC_OK);
	ck_assert_int_eq(open_ring(4, false, &next), RC_OK);
	ck_assert_int_eq(keyring_prepare(next, 5), RC_OK);
	ck_assert_int_eq(keyring_key(next, 5, after), RC_OK);
	ck_assert_mem_ne(before, after, sizeof before);
	ck_assert_int_eq(keyring_key(next, 6, kept), RC_OK);
	ck_assert_mem_eq(six, kept, sizeof six);
	keyring_free(next);
}
END_TEST

/* A crash while slots were filled leaves some of them in any state: nobody has them yet, and whoever comes gets a key. */
START_TEST(a_torn_block_is_made_whole)
{
	uint8_t noise[64 * 40], key[SEAL_KEY_SIZE];
	struct keyring *next;

	ck_assert_int_eq(keyring_prepare(ring, 1), RC_OK);
	digest_random(noise, sizeof noise);
	overwrite(file, 64 * 100, noise, sizeof noise);
	ck_assert_int_eq(truncate(file, 64 * 3000 + 17), 0);
	ck_assert_int_eq(keyring_key(ring, 110, key), RC_STATE);
	ck_assert_int_eq(open_ring(90, false, &next), RC_OK);
	ck_assert_int_eq(keyring_prepare(next, 91), RC_OK);
	for (int64_t i = 1; i < 91 + KEYRING_BLOCK; i++)
		ck_assert_int_eq(keyring_key(next, i, key), RC_OK);
	keyring_free(next);
}
END_TEST

START_TEST(not_ours_is_refused)
{
	uint8_t bytes[64];
	struct keyring *k;

	ck_assert_int_eq(keyring_prepare(ring, 1), RC_OK);
	ck_assert_int_eq(open_ring(KEYRING_BLOCK, true, &k), RC_OK);
	keyring_free(k);
	ck_assert_int_eq(open_ring(KEYRING_BLOCK + 1, true, &k), RC_STATE);
	ck_assert_ptr_nonnull(strstr(why, "ends at subscriber 4096, and the store has 4097"));
	ck_assert_ptr_nonnull(strstr(why, "put its copy back"));
	wrap[3] ^= 1;
	ck_assert_int_eq(open_ring(1, true, &k), RC_STATE);
	ck_assert_ptr_nonnull(strstr(why, "another store's"));
	wrap[3] ^= 1;
	id[15] ^= 0x80;
	ck_assert_int_eq(open_ring(1, true, &k), RC_STATE);
	ck_assert_ptr_nonnull(strstr(why, "another store's"));
	id[15] ^= 0x80;
	memset(bytes, 'x', sizeof bytes);
	overwrite(file, 0, bytes, sizeof bytes);
	ck_assert_int_eq(open_ring(1, true, &k), RC_STATE);
	ck_assert_ptr_nonnull(strstr(why, "is no keyring, or damaged"));
	ck_assert_int_eq(truncate(file, 0), 0);
	ck_assert_int_eq(open_ring(0, true, &k), RC_STATE);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(open_ring(0, true, &k), RC_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(why, "is not there"));
	ck_assert_ptr_nonnull(strstr(why, "starhash key lost"));
}
END_TEST

/* A slot that was moved to another place opens for nobody. */
START_TEST(a_slot_is_of_one_subscriber)
{
	uint8_t slot[64], key[SEAL_KEY_SIZE];
	FILE *f;

	ck_assert_int_eq(keyring_prepare(ring, 1), RC_OK);
	f = fopen(file, "rb");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, 3 * 64, SEEK_SET), 0);
	ck_assert_uint_eq(fread(slot, 1, 64, f), 64);
	(void)fclose(f);
	overwrite(file, 4 * 64, slot, 64);
	ck_assert_int_eq(keyring_key(ring, 3, key), RC_OK);
	ck_assert_int_eq(keyring_key(ring, 4, key), RC_STATE);
	for (size_t bit = 0; bit < 64 * 8; bit += 7) {
		slot[bit / 8] ^= (uint8_t)(1u << bit % 8);
		overwrite(file, 3 * 64, slot, 64);
		ck_assert_int_eq(keyring_key(ring, 3, key), RC_STATE);
		slot[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	ck_assert_int_eq(keyring_renew(ring, 3), RC_OK);
	ck_assert_int_eq(keyring_key(ring, 3, key), RC_OK);
}
END_TEST

/* What would be written to a file that has lost its name is refused: it would be lost, and a key that was destroyed there
 * would live on in the one that has the name. */
/* What was made in a moment is at hand, once; but never what is no more, or was never, in the file. */
START_TEST(a_new_key_is_not_read_back)
{
	uint8_t taken[SEAL_KEY_SIZE], read[SEAL_KEY_SIZE], slot[64] = {0};
	const struct timespec earlier[] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	const int64_t three = 3;

	ck_assert(!keyring_take(ring, 1, taken));
	ck_assert_int_eq(keyring_prepare(ring, 1), RC_OK);
	ck_assert_int_eq(keyring_look(ring), RC_OK);
	ck_assert(keyring_take(ring, 2, taken));
	ck_assert_int_eq(keyring_key(ring, 2, read), RC_OK);
	ck_assert_mem_eq(taken, read, sizeof taken);
	ck_assert(!keyring_take(ring, 2, taken));
	ck_assert(!keyring_take(ring, KEYRING_BLOCK + 1, taken));
	ck_assert_int_eq(keyring_destroy(ring, &three, 1), RC_OK);
	ck_assert(!keyring_take(ring, 3, taken));
	ck_assert(keyring_take(ring, 4, taken));
	overwrite(file, 64 * 5, slot, sizeof slot);
	ck_assert_int_eq(utimensat(AT_FDCWD, file, earlier, 0), 0); /* as an older copy has it */
	ck_assert_int_eq(keyring_look(ring), RC_OK);
	ck_assert(!keyring_take(ring, 5, taken));
	ck_assert(!keyring_take(ring, 6, taken));
	ck_assert_int_eq(keyring_key(ring, 6, read), RC_OK);
}
END_TEST

START_TEST(a_file_that_was_moved_is_not_written)
{
	char moved[340];
	const int64_t one = 1;

	ck_assert_int_eq(keyring_prepare(ring, 1), RC_OK);
	(void)snprintf(moved, sizeof moved, "%s.moved", file);
	ck_assert_int_eq(rename(file, moved), 0);
	ck_assert_int_eq(keyring_destroy(ring, &one, 1), RC_IO);
	ck_assert_int_eq(keyring_prepare(ring, KEYRING_BLOCK + 1), RC_IO);
	ck_assert_int_eq(rename(moved, file), 0);
	ck_assert_int_eq(keyring_destroy(ring, &one, 1), RC_OK);
}
END_TEST

/* What was copied into the file, by its name or not: another store's is not filled, and nobody's key is taken for destroyed
 * in it. */
START_TEST(a_file_that_became_anothers_is_not_written)
{
	const uint8_t mark[64] = {0};
	uint8_t head[16], slot[64];
	const int64_t one = 1;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(keyring_prepare(ring, 1), RC_OK);
	ck_assert_int_eq(pread(fd, head, sizeof head, 16), sizeof head);
	overwrite(file, 16, "another", 7);
	overwrite(file, 64, mark, sizeof mark);
	ck_assert_int_eq(keyring_look(ring), RC_IO);
	ck_assert_int_eq(keyring_renew(ring, 1), RC_IO);
	ck_assert_int_eq(keyring_destroy(ring, &one, 1), RC_IO);
	ck_assert_int_eq(keyring_prepare(ring, KEYRING_BLOCK + 1), RC_IO);
	ck_assert_int_eq(pread(fd, slot, sizeof slot, 64), sizeof slot);
	ck_assert_mem_eq(slot, mark, sizeof mark);
	overwrite(file, 16, head, sizeof head);
	ck_assert_int_eq(keyring_look(ring), RC_OK);
	ck_assert_int_eq(keyring_renew(ring, 1), RC_OK);
	ck_assert_int_eq(truncate(file, 0), 0); /* as cp does first */
	ck_assert_int_eq(keyring_renew(ring, 1), RC_IO);
	(void)close(fd);
}
END_TEST

START_TEST(a_full_disk_is_said)
{
	const struct rlimit little = {.rlim_cur = 100000, .rlim_max = RLIM_INFINITY};
	struct rlimit before;
	uint8_t key[SEAL_KEY_SIZE];
	enum rc rc;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	rc = keyring_prepare(ring, 1);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_int_eq(rc, RC_FULL);
	/* and tried again, not taken for done */
	ck_assert_int_eq(keyring_prepare(ring, 1), RC_OK);
	ck_assert_int_eq(keyring_key(ring, KEYRING_BLOCK, key), RC_OK);
}
END_TEST

/* One copy, which the next replaces; what lay there does not lie on the disk any more. */
START_TEST(one_copy)
{
	char to[320], other[320];
	const int64_t two = 2;
	uint8_t bytes[64 * 4], zeros[64] = {0};
	int64_t slots = 0;
	int old;

	ck_assert_int_eq(keyring_prepare(ring, 1), RC_OK);
	(void)snprintf(to, sizeof to, "%s/copy", folder);
	ck_assert_int_eq(keyring_copy(ring, to, &slots, why, sizeof why), RC_OK);
	ck_assert_int_eq(slots, KEYRING_BLOCK);
	ck_assert_int_eq(size_of(to), size_of(file));
	old = open(to, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(pread(old, bytes, sizeof bytes, 0), sizeof bytes);
	ck_assert_mem_ne(bytes + 2 * 64, zeros, 64);
	ck_assert_int_eq(keyring_destroy(ring, &two, 1), RC_OK);
	ck_assert_int_eq(keyring_copy(ring, to, &slots, why, sizeof why), RC_OK);
	/* the file of before, which this descriptor still has */
	for (int64_t at = 0; pread(old, bytes, 64, at) == 64; at += 64)
		ck_assert_mem_eq(bytes, zeros, 64);
	(void)close(old);
	ck_assert_int_eq(rename(to, file), 0); /* put back: the key is as destroyed in it */
	keyring_free(ring);
	ck_assert_int_eq(open_ring(KEYRING_BLOCK, false, &ring), RC_OK);
	ck_assert_int_eq(keyring_key(ring, 2, bytes), RC_NOTFOUND);
	ck_assert_int_eq(keyring_key(ring, 3, bytes), RC_OK);
	/* nothing else is overwritten */
	ck_assert_int_eq(keyring_copy(ring, file, &slots, why, sizeof why), RC_EXISTS);
	ck_assert_ptr_nonnull(strstr(why, "the keyring itself"));
	(void)snprintf(other, sizeof other, "%s/letter", folder);
	ck_assert_int_eq(close(open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
	ck_assert_int_eq(keyring_copy(ring, other, &slots, why, sizeof why), RC_EXISTS);
	ck_assert_ptr_nonnull(strstr(why, "no copy of a keyring"));
	ck_assert_int_eq(size_of(other), 0);
	/* nor is the keyring of another store */
	(void)snprintf(other, sizeof other, "%s/another.keyring", folder);
	overwrite(file, 16, "another", 7);
	ck_assert_int_eq(rename(file, other), 0);
	(void)snprintf(to, sizeof to, "%s/again", folder);
	ck_assert_int_eq(keyring_copy(ring, to, &slots, why, sizeof why), RC_OK);
	ck_assert_int_eq(rename(to, file), 0);
	overwrite(file, 16, id, sizeof id);
	keyring_free(ring);
	ck_assert_int_eq(open_ring(KEYRING_BLOCK, false, &ring), RC_OK);
	ck_assert_int_eq(keyring_copy(ring, other, &slots, why, sizeof why), RC_EXISTS);
	ck_assert_ptr_nonnull(strstr(why, "is another keyring"));
	(void)snprintf(other, sizeof other, "%s/nowhere/copy", folder);
	ck_assert_int_eq(keyring_copy(ring, other, &slots, why, sizeof why), RC_IO);
}
END_TEST

START_TEST(in_memory)
{
	const struct keyring_options o = {.wrap = wrap};
	uint8_t key[SEAL_KEY_SIZE];
	const int64_t one = 1;
	struct keyring *k;

	ck_assert_int_eq(keyring_open(&o, &k, why, sizeof why), RC_OK);
	for (int64_t i = 1; i < 100; i++) {
		ck_assert_int_eq(keyring_prepare(k, i), RC_OK);
		ck_assert_int_eq(keyring_key(k, i, key), RC_OK);
	}
	ck_assert_int_eq(keyring_destroy(k, &one, 1), RC_OK);
	ck_assert_int_eq(keyring_key(k, 1, key), RC_NOTFOUND);
	keyring_free(k);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("keyring");
	TCase *tc = tcase_create("keyring");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, keys_are_there_before_they_are_needed);
	tcase_add_test(tc, a_new_key_is_not_read_back);
	tcase_add_test(tc, destroyed_is_destroyed);
	tcase_add_test(tc, an_id_that_comes_again_gets_a_new_key);
	tcase_add_test(tc, a_torn_block_is_made_whole);
	tcase_add_test(tc, not_ours_is_refused);
	tcase_add_test(tc, a_slot_is_of_one_subscriber);
	tcase_add_test(tc, a_file_that_was_moved_is_not_written);
	tcase_add_test(tc, a_file_that_became_anothers_is_not_written);
	tcase_add_test(tc, a_full_disk_is_said);
	tcase_add_test(tc, one_copy);
	tcase_add_test(tc, in_memory);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
