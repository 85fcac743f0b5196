/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profile change: what profile.conf says now, against what the store holds.
 *
 * A change that would lose values (a field is gone), expose them (it is private no more), leave some that the field does not
 * take (another kind, fewer choices), or hold them under another consent than they were told under (another purpose, or one that
 * was marketing and is not any more) is refused before anything is touched, with how many there are and the way out. What
 * `forget` names is destroyed, here and nowhere else. Fields are compared by name with table profile_field, purposes with
 * profile_purpose.
 */
#ifndef STARHASH_STORAGE_PROFILE_CHANGE_H
#define STARHASH_STORAGE_PROFILE_CHANGE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/profile.h"
#include "core/rc.h"

struct vault;

/* One thing there is to say; nothing in it is a value. is_refused: such a profile.conf cannot be used with this store. */
typedef void profile_change_fn(void *ctx, bool is_refused, const char *what, const char *remedy);

/* `vault` NULL: sealed values cannot be judged, and a change that depends on them is refused. RC_OK, whatever there was to say;
 * RC_BUSY, RC_IO, RC_NOMEM. */
enum rc profile_change_judge(sqlite3 *db, struct vault *vault, const struct profile *profile,
                             profile_change_fn *fn, void *ctx, char *why, size_t why_size) RC_NODISCARD;

/* At the start of whoever writes: RC_STATE when the change is refused (`why` says it), else the table follows, and if `forgets`,
 * what `forget` names goes. The columns of the fields must be there; no transaction may be open. */
enum rc profile_change_take(sqlite3 *db, struct vault *vault, const struct profile *profile, bool forgets,
                            int64_t now_ms, char *why, size_t why_size) RC_NODISCARD;

/* Before a start: look into a store beside its daemon, or without one. RC_OK; RC_NOTFOUND (no store yet: nothing to say);
 * RC_BUSY, RC_IO, RC_NOMEM. */
enum rc profile_change_look(const char *path, const char *key_path, const struct profile *profile,
                            profile_change_fn *fn, void *ctx, char *why, size_t why_size) RC_NODISCARD;

#endif
