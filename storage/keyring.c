/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keyring: see keyring.h.
 *
 * A slot is the last 64 bytes of a sealed key: its nonce is the subscriber's id (which the slot's place tells) and 16 random
 * bytes. A destroyed one holds a mark under a key of the store's, of this subscriber's alone: it proves the erasure. What is
 * zeros, damaged or was never filled is neither a key nor a mark. */
#include "storage/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/log.h"
#include "storage/files.h"
#include "storage/keyring_private.h"

#define REMEDY_COPY                                                                                         \
	"put its copy back (starhash key copy keeps one, systemd/backup.sh each night); if there is none: " \
	"starhash key lost"
#define LAST_MAX ((int64_t)1 << 40) /* 64 TB of slots: an id beyond is none of ours */

bool keyring_path(const char *store, char *out, size_t size)
{
	return snprintf(out, size, "%s.keyring", store) < (int)size;
}

enum rc keyring_say(char *why, size_t why_size, enum rc rc, const char *path, const char *what,
                    const char *remedy)
{
	(void)snprintf(why, why_size, "the keyring %s %s; %s", path, what, remedy);
	return rc;
}

/* --- bytes ---------------------------------------------------------------------------------------------------------- */

/* How many of `n` bytes there are; -1 = error. */
ssize_t keyring_read(const struct keyring *k, int64_t at, void *out, size_t n)
{
	size_t done = 0;

	if (k->fd < 0) {
		done = at >= (int64_t)k->size ? 0 : k->size - (size_t)at < n ? k->size - (size_t)at : n;
		if (done > 0)
			memcpy(out, k->memory + at, done);
		return (ssize_t)done;
	}
	while (done < n) {
		ssize_t got = pread(k->fd, (char *)out + done, n - done, (off_t)at + (off_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static enum rc grow(struct keyring *k, size_t size)
{
	uint8_t *grown = size > k->size ? realloc(k->memory, size) : k->memory;

	if (!grown)
		return RC_NOMEM;
	if (size > k->size) {
		memset(grown + k->size, 0, size - k->size);
		k->size = size;
	}
	k->memory = grown;
	return RC_OK;
}

static enum rc failed(const struct keyring *k, int error)
{
	bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;

	LOG_EVENT(LOG_LV_ERROR, "store", "keyring_failing", "path", k->path, "why", strerror(error), "remedy",
	          full ? "free space on the disk of the store" : "check the disk and the system log");
	return full ? RC_FULL : RC_IO;
}

static bool is_ours(const struct keyring *k)
{
	struct stat st;

	return fstat(k->fd, &st) == 0 && st.st_mtim.tv_sec == k->written.tv_sec &&
	       st.st_mtim.tv_nsec == k->written.tv_nsec;
}

static void forget_fresh(struct keyring *k)
{
	if (k->fresh)
		seal_wipe(k->fresh, k->block * SEAL_KEY_SIZE);
}

static enum rc look(struct keyring *k)
{
	uint8_t header[KEYRING_SLOT];
	bool is_moved, is_strange;

	is_moved = !files_is_named(k->fd, k->path);
	is_strange = is_moved || keyring_read(k, 0, header, sizeof header) != (ssize_t)sizeof header ||
	             memcmp(header, k->header, sizeof header) != 0;
	if (is_strange && !k->is_strange)
		LOG_EVENT(LOG_LV_ERROR, "store", is_moved ? "keyring_moved" : "keyring_foreign", "path",
		          k->path, "why",
		          is_moved ? "the name leads to another file than the one in use, or to none"
		                   : "what lies there now is another store's keyring, or none",
		          "remedy",
		          is_moved ? "put back the file that was there, or end the daemon and start it with "
		                     "the right one"
		                   : "copy this store's own keyring, or its newest copy, over it; nothing "
		                     "is written until then");
	k->is_strange = is_strange;
	return is_strange ? RC_IO : RC_OK;
}

enum rc keyring_look(struct keyring *k)
{
	if (k->fd < 0)
		return RC_OK;
	if (!is_ours(k)) /* an older copy was laid over it, or another program has erased somebody */
		forget_fresh(k);
	return look(k);
}

/* On the disk when it returns. What is written to a file that has lost its name would be lost, and so would what is sealed
 * under keys in another store's. */
static enum rc write_slots(struct keyring *k, int64_t at, const void *bytes, size_t n)
{
	enum rc rc = k->fd < 0 ? grow(k, (size_t)at + n) : look(k);
	struct stat st;

	if (rc != RC_OK)
		return rc;
	if (k->fd < 0) {
		memcpy(k->memory + at, bytes, n);
		return RC_OK;
	}
	if (!files_write_all(k->fd, bytes, n, at))
		return failed(k, errno);
	if (fstat(k->fd, &st) == 0)
		k->written = st.st_mtim;
	return RC_OK;
}

static enum rc sync_slots(struct keyring *k)
{
	return k->fd < 0 || fdatasync(k->fd) == 0 ? RC_OK : failed(k, errno);
}

/* --- slots ---------------------------------------------------------------------------------------------------------- */

static void nonce_begin(int64_t id, uint8_t nonce[NONCE_ID])
{
	for (int i = 0; i < NONCE_ID; i++)
		nonce[i] = (uint8_t)((uint64_t)id >> (8 * i));
}

/* `random`: SLOT_RANDOM bytes: the data key and the rest of the nonce. */
static void slot_fill(const struct keyring *k, int64_t id, const uint8_t *random, uint8_t slot[KEYRING_SLOT])
{
	uint8_t nonce[SEAL_NONCE_SIZE], sealed[SEAL_KEY_SIZE + SEAL_OVER];

	nonce_begin(id, nonce);
	memcpy(nonce + NONCE_ID, random + SEAL_KEY_SIZE, SEAL_NONCE_SIZE - NONCE_ID);
	seal_bytes_with(k->slot_key, nonce, slot_context, sizeof slot_context - 1, random, SEAL_KEY_SIZE,
	                sealed);
	memcpy(slot, sealed + NONCE_ID, KEYRING_SLOT);
}

/* What a slot holds whose key was destroyed: its beginning, a keyed hash of that and the id, zeros. */
static void slot_mark(const struct keyring *k, int64_t id, uint8_t slot[KEYRING_SLOT])
{
	uint8_t text[KEYRING_MAGIC_SIZE + NONCE_ID];

	memcpy(text, keyring_erased, KEYRING_MAGIC_SIZE);
	nonce_begin(id, text + KEYRING_MAGIC_SIZE);
	memset(slot, 0, KEYRING_SLOT);
	memcpy(slot, keyring_erased, KEYRING_MAGIC_SIZE);
	digest_keyed(k->mark_key, text, sizeof text, slot + KEYRING_MAGIC_SIZE);
}

enum rc keyring_slot_open(const struct keyring *k, int64_t id, const uint8_t slot[KEYRING_SLOT],
                          uint8_t out[SEAL_KEY_SIZE])
{
	uint8_t sealed[SEAL_KEY_SIZE + SEAL_OVER], mark[KEYRING_SLOT];

	if (memcmp(slot, keyring_erased, KEYRING_MAGIC_SIZE) == 0) {
		slot_mark(k, id, mark);
		return memcmp(slot, mark, sizeof mark) == 0 ? RC_NOTFOUND : RC_STATE;
	}
	nonce_begin(id, sealed);
	memcpy(sealed + NONCE_ID, slot, KEYRING_SLOT);
	return seal_unbytes(k->slot_key, slot_context, sizeof slot_context - 1, sealed, sizeof sealed, out)
	               ? RC_OK
	               : RC_STATE;
}

bool keyring_is_void(const uint8_t slot[KEYRING_SLOT])
{
	static const uint8_t zeros[KEYRING_SLOT];

	return memcmp(slot, zeros, KEYRING_SLOT) == 0 ||
	       memcmp(slot, keyring_erased, KEYRING_MAGIC_SIZE) == 0;
}

enum rc keyring_key(struct keyring *k, int64_t id, uint8_t out[SEAL_KEY_SIZE])
{
	uint8_t slot[KEYRING_SLOT];
	ssize_t n;

	if (id <= 0 || id > LAST_MAX)
		return RC_STATE;
	n = keyring_read(k, id * KEYRING_SLOT, slot, sizeof slot);
	if (n < 0)
		return failed(k, errno);
	return n == KEYRING_SLOT ? keyring_slot_open(k, id, slot, out) : RC_STATE;
}

/* Give a key to whoever of `n` from `first` on has none that opens; *changed says whether there was one. */
static void fill(const struct keyring *k, int64_t first, size_t there, size_t n, uint8_t *slots,
                 uint8_t *random, uint8_t *fresh, bool *changed)
{
	uint8_t key[SEAL_KEY_SIZE];

	digest_random(random, n * SLOT_RANDOM);
	for (size_t i = 0; i < n; i++) {
		uint8_t *slot = slots + i * KEYRING_SLOT;

		if (i >= there || keyring_slot_open(k, first + (int64_t)i, slot, key) != RC_OK) {
			slot_fill(k, first + (int64_t)i, random + i * SLOT_RANDOM, slot);
			memcpy(key, random + i * SLOT_RANDOM, SEAL_KEY_SIZE);
			*changed = true;
		}
		if (fresh)
			memcpy(fresh + i * SEAL_KEY_SIZE, key, SEAL_KEY_SIZE);
	}
	seal_wipe(key, sizeof key);
	seal_wipe(random, n * SLOT_RANDOM);
}

/* `fresh`: room for the `n` keys, or NULL. */
static enum rc prepare(struct keyring *k, int64_t id, size_t n, uint8_t *fresh)
{
	uint8_t *slots = malloc(n * (KEYRING_SLOT + SLOT_RANDOM));
	bool changed = false;
	enum rc rc = RC_OK;
	ssize_t got;

	if (!slots)
		return RC_NOMEM;
	got = keyring_read(k, id * KEYRING_SLOT, slots, n * KEYRING_SLOT);
	if (got < 0) {
		free(slots);
		return failed(k, errno);
	}
	fill(k, id, (size_t)got / KEYRING_SLOT, n, slots, slots + n * KEYRING_SLOT, fresh, &changed);
	if (changed)
		rc = write_slots(k, id * KEYRING_SLOT, slots, n * KEYRING_SLOT);
	if (changed && rc == RC_OK)
		rc = sync_slots(k);
	free(slots);
	return rc;
}

enum rc keyring_prepare(struct keyring *k, int64_t id)
{
	enum rc rc;

	if (id >= k->ready && id < k->ready_end)
		return RC_OK;
	if (id <= 0 || id > LAST_MAX)
		return RC_IO;
	if (!k->fresh)
		k->fresh = malloc(k->block * SEAL_KEY_SIZE);
	k->ready_end = k->ready; /* until the block is whole */
	rc = prepare(k, id, k->block, k->fresh);
	if (rc == RC_OK) {
		k->ready = id;
		k->ready_end = id + (int64_t)k->block;
	}
	return rc;
}

enum rc keyring_renew(struct keyring *k, int64_t id)
{
	return id > 0 && id <= LAST_MAX ? prepare(k, id, 1, NULL) : RC_IO;
}

/* Its place among those that wait; NULL = it is not there. */
static uint8_t *fresh_of(const struct keyring *k, int64_t id)
{
	return k->fresh && id >= k->ready && id < k->ready_end ? k->fresh + (id - k->ready) * SEAL_KEY_SIZE
	                                                       : NULL;
}

bool keyring_take(struct keyring *k, int64_t id, uint8_t out[SEAL_KEY_SIZE])
{
	static const uint8_t none[SEAL_KEY_SIZE];
	uint8_t *fresh = fresh_of(k, id);

	if (!fresh || memcmp(fresh, none, sizeof none) == 0)
		return false;
	memcpy(out, fresh, SEAL_KEY_SIZE);
	seal_wipe(fresh, SEAL_KEY_SIZE);
	return true;
}

enum rc keyring_destroy(struct keyring *k, const int64_t *ids, size_t n)
{
	uint8_t mark[KEYRING_SLOT];
	enum rc rc = RC_OK;

	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		if (ids[i] <= 0 || ids[i] > LAST_MAX)
			continue;
		slot_mark(k, ids[i], mark);
		if (fresh_of(k, ids[i]))
			seal_wipe(fresh_of(k, ids[i]), SEAL_KEY_SIZE);
		rc = write_slots(k, ids[i] * KEYRING_SLOT, mark, sizeof mark);
	}
	return rc == RC_OK ? sync_slots(k) : rc;
}

/* --- the file ------------------------------------------------------------------------------------------------------- */

void keyring_header(const uint8_t head_key[SEAL_KEY_SIZE], const uint8_t id[KEYRING_ID_SIZE],
                    uint8_t out[KEYRING_SLOT])
{
	memcpy(out, keyring_magic, KEYRING_MAGIC_SIZE);
	memcpy(out + KEYRING_MAGIC_SIZE, id, KEYRING_ID_SIZE);
	digest_keyed(head_key, out, KEYRING_MAGIC_SIZE + KEYRING_ID_SIZE,
	             out + KEYRING_MAGIC_SIZE + KEYRING_ID_SIZE);
}

static enum rc header_check(struct keyring *k, const struct keyring_options *o, char *why, size_t why_size)
{
	uint8_t head_key[SEAL_KEY_SIZE] = {0}, wanted[KEYRING_SLOT], found[KEYRING_SLOT] = {0};
	size_t known = o->wrap ? KEYRING_SLOT : KEYRING_MAGIC_SIZE + KEYRING_ID_SIZE;
	ssize_t n = keyring_read(k, 0, found, sizeof found);
	struct stat st;

	if (n < 0 || fstat(k->fd, &st) != 0)
		return keyring_say(why, why_size, RC_IO, k->path, strerror(errno), "check the disk");
	if (o->wrap)
		seal_subkey(o->wrap, KEYRING_KIND, KEYRING_HEAD_KEY, head_key);
	keyring_header(head_key, o->id, wanted);
	seal_wipe(head_key, sizeof head_key);
	if (n != sizeof found || memcmp(found, keyring_magic, KEYRING_MAGIC_SIZE) != 0)
		return keyring_say(why, why_size, RC_STATE, k->path, "is no keyring, or damaged",
		                   REMEDY_COPY);
	if (memcmp(found, wanted, known) != 0)
		return keyring_say(why, why_size, RC_STATE, k->path, "is another store's", REMEDY_COPY);
	memcpy(k->header, found, sizeof found);
	if (st.st_size / KEYRING_SLOT <= o->last) {
		char what[120];

		(void)snprintf(what, sizeof what,
		               "ends at subscriber %lld, and the store has %lld: it is cut off, or an "
		               "old copy",
		               (long long)(st.st_size / KEYRING_SLOT - 1), (long long)o->last);
		return keyring_say(why, why_size, RC_STATE, k->path, what, REMEDY_COPY);
	}
	return RC_OK;
}

static enum rc file_open(struct keyring *k, const struct keyring_options *o, char *why, size_t why_size)
{
	if (!keyring_path(o->store, k->path, sizeof k->path)) {
		(void)snprintf(why, why_size, "the path of the store is too long; use a shorter one");
		return RC_IO;
	}
	k->fd = open(k->path, (o->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (k->fd < 0 && errno == ENOENT)
		return keyring_say(why, why_size, RC_NOTFOUND, k->path, "is not there", REMEDY_COPY);
	if (k->fd < 0)
		return keyring_say(why, why_size, RC_IO, k->path, strerror(errno),
		                   "run this as the user of the daemon, who owns it");
	return header_check(k, o, why, why_size);
}

enum rc keyring_open(const struct keyring_options *o, struct keyring **out, char *why, size_t why_size)
{
	struct keyring *k = calloc(1, sizeof *k);
	enum rc rc = RC_OK;

	if (!k) {
		(void)snprintf(why, why_size, "memory is out");
		return RC_NOMEM;
	}
	k->fd = -1;
	k->block = o->store ? KEYRING_BLOCK : KEYRING_MEMORY_BLOCK;
	if (o->wrap)
		seal_subkey(o->wrap, KEYRING_KIND, KEYRING_SLOT_KEY, k->slot_key);
	if (o->wrap)
		seal_subkey(o->wrap, KEYRING_KIND, KEYRING_MARK_KEY, k->mark_key);
	if (o->store)
		rc = file_open(k, o, why, why_size);
	if (rc != RC_OK) {
		keyring_free(k);
		return rc;
	}
	*out = k;
	return RC_OK;
}

void keyring_free(struct keyring *k)
{
	if (!k)
		return;
	if (k->fd >= 0)
		(void)close(k->fd);
	free(k->memory);
	forget_fresh(k);
	free(k->fresh);
	seal_wipe(k, sizeof *k);
	free(k);
}
