/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vault: what a store keeps sealed, and who can be found by it.
 *
 * Each private text is sealed under its subscriber's data key (storage/keyring.h), bound to the subscriber and to the place
 * where it stands ("profile.name", "outbox.text"), so that it opens nowhere else. A sealed text is a text, and '' stays ''.
 * When the data key is destroyed nobody can open what was sealed under it, in the store or in any copy of it (adr/0025).
 *
 * A vault belongs to one connection and its thread. It remembers the data key of one subscriber, until vault_round.
 */
#ifndef STARHASH_STORAGE_VAULT_H
#define STARHASH_STORAGE_VAULT_H

#include <sqlite3.h>
#include <stdbool.h>

#include "core/digest.h"
#include "storage/key.h"
#include "storage/keyring.h"

struct vault;

#define VAULT_TEXT_SIZE(n) SEAL_TEXT_SIZE(n) /* of a sealed text of n bytes, with NUL */
#define VAULT_WHERE_MAX 95

/* For whoever writes: makes the keyring where the store has none yet, so no transaction may be open. `store` NULL: in memory.
 * RC_OK, and as keyring_open. `why` gets a sentence with a remedy. */
enum rc vault_new(sqlite3 *db, const char *store, struct key_set *keys, struct vault **out, char *why,
                  size_t why_size) RC_NODISCARD;
/* For whoever only reads. RC_CLOSED: nothing was ever sealed in this store. */
enum rc vault_new_reader(sqlite3 *db, const char *store, const struct key_set *keys, struct vault **out,
                         char *why, size_t why_size) RC_NODISCARD;
/* The same for a report that has a connection of its own and the path of the operator's key (NULL = beside the store). */
enum rc vault_unlock(sqlite3 *db, const char *key_path, struct vault **out, char *why,
                     size_t why_size) RC_NODISCARD;
void vault_free(struct vault *v); /* NULL is fine */

/* A transaction, or a snapshot, has begun: others may have destroyed a key. */
void vault_round(struct vault *v);

/* Before a transaction: is the keyring still this store's? SQLITE_OK; DB_KEYRING: nothing may be written, as what is told would be
 * lost with the file that lies there now. */
int vault_look(struct vault *v);

/* A new subscriber, in the transaction that writes them. RC_OK; RC_FULL, RC_IO. */
enum rc vault_prepare(struct vault *v, int64_t subscriber) RC_NODISCARD;
/* The same for one whose row was made in this transaction; their key is at hand for what is sealed next. */
enum rc vault_prepare_new(struct vault *v, int64_t subscriber) RC_NODISCARD;

/* `plain` into `out` of `size` bytes; "" gives "". RC_OK; RC_RANGE (`size` under VAULT_TEXT_SIZE); RC_FULL, RC_IO;
 * RC_NOTFOUND (they were erased). One whose key is gone although they were not gets a new one: logged, and counted. */
enum rc vault_seal(struct vault *v, int64_t subscriber, const char *where, const char *plain, char *out,
                   size_t size) RC_NODISCARD;
/* RC_OK (also: it is a plain text of an older program, copied); RC_NOTFOUND (the key was destroyed); RC_STATE (not ours, from
 * another place, or damaged: counted and logged); RC_RANGE; RC_IO. `out` is "" when not RC_OK. */
enum rc vault_open(struct vault *v, int64_t subscriber, const char *where, const char *sealed, char *out,
                   size_t size) RC_NODISCARD;
bool vault_is_sealed(const char *text);
/* What failed, as SQLite's code, for callers that answer with those. */
int vault_code(enum rc rc);

/* A text that is to be opened where it must not fail a whole round: "" when the key is gone or it is damaged. SQLite's code:
 * SQLITE_OK, SQLITE_IOERR. `v` NULL (tests of single tables): as it is. */
int vault_open_text(struct vault *v, int64_t subscriber, const char *where, const char *sealed, char *out,
                    size_t size);
/* Bind a text sealed; "" and NULL as they are. `room` must live until the statement was reset. */
int vault_bind(struct vault *v, sqlite3_stmt *st, int at, int64_t subscriber, const char *where,
               const char *plain, char *room, size_t size);
/* The same for what somebody tells: SQLITE_CONSTRAINT where it cannot be kept because their key was destroyed, so that nobody is
 * thanked for what is lost. */
int vault_bind_living(struct vault *v, sqlite3_stmt *st, int at, int64_t subscriber, const char *where,
                      const char *plain, char *room, size_t size);
uint64_t vault_renewed(const struct vault *v); /* how many got a new key; from any thread */

/* Keyed look-up of a value: the same in any case and spacing gives the same, and without the store's keys nothing. */
void vault_hash(const struct vault *v, const char *where, const char *value, uint8_t out[DIGEST_KEYED_SIZE]);

const struct key *vault_lookup_key(const struct vault *v);
struct keyring *vault_keyring(struct vault *v);

/* --- erasing ------------------------------------------------------------------------------------------------------ */

/* In the transaction that erases: the key is to be destroyed. SQLite's code. */
int vault_doom(struct vault *v, int64_t subscriber, int64_t at_ms);
bool vault_has_doomed(const struct vault *v);
void vault_doomed_again(struct vault *v); /* marks were made by other means */
/* After the commit, with no transaction open: overwrite them, then take their marks away; also those of a run that was
 * killed in between, and of a guest. RC_OK; RC_BUSY, RC_FULL, RC_IO: marks stay for the next time. */
enum rc vault_destroy(struct vault *v) RC_NODISCARD;

#endif
