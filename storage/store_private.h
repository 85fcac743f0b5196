/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the store's port share: how a request gets into a lane. */
#ifndef STARHASH_STORAGE_STORE_PRIVATE_H
#define STARHASH_STORAGE_STORE_PRIVATE_H

#include "storage/request.h"

/* Into the lane for its kind. `report`: of something that has happened already, so it may wait beyond the bound, up to twice
 * it. RC_OK; RC_FULL: it is still the caller's. */
enum rc store_enqueue(struct store *s, struct request *r, bool report) RC_NODISCARD;
int64_t store_now_ms(const struct store *s); /* UTC */

#endif
