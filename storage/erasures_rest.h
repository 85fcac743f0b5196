/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Erasures, the rest: what a start has not looked at of the keyring is looked at beside the service.
 *
 * A thread of low priority with a connection and a keyring of its own, that only reads. Whoever has the mark of an erasure and a
 * number is erased by the writer, through the queue, like anybody else; until then nothing that they tell is kept
 * (vault_bind_living), and nothing that they told opens: their key is gone. The end is logged.
 */
#ifndef STARHASH_STORAGE_ERASURES_REST_H
#define STARHASH_STORAGE_ERASURES_REST_H

#include "storage/erasures.h"
#include "storage/key.h"

struct erasures_rest;

struct erasures_rest_options {
	const char *path;
	const struct key_set *keys;
	const struct erasures_scan *scan; /* how far the start has come */
	/* Called in the thread, for each to be erased. RC_FULL: asked again in a moment; another error ends the look. */
	enum rc (*erase)(void *ctx, int64_t id, int64_t msisdn);
	void *ctx;
};

/* Copies all but ctx. RC_OK; RC_NOMEM; as vault_new_reader. `why` gets a sentence with a remedy. */
enum rc erasures_rest_new(const struct erasures_rest_options *o, struct erasures_rest **out, char *why,
                          size_t why_size) RC_NODISCARD;
void erasures_rest_free(struct erasures_rest *r); /* after the slice at hand; NULL is fine */

#endif
