/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What audit_report.c and audit_verify.c share: a store opened for one call. */
#ifndef STARHASH_STORAGE_AUDIT_PRIVATE_H
#define STARHASH_STORAGE_AUDIT_PRIVATE_H

#include <stdbool.h>

#include "storage/audit.h"
#include "storage/key.h"

struct audit_open {
	sqlite3 *db;
	uint8_t key[DIGEST_KEY_SIZE];
};
/* As audit_note. */
enum rc audit_open(const struct audit_store *s, bool writes, struct audit_open *out, char *why,
                   size_t why_size) RC_NODISCARD;
void audit_close(struct audit_open *o);

void audit_head_print(const struct audit_head *h, char out[AUDIT_HEAD_SIZE]);

#endif
