/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Store import: requests of store_import.h on their way to the writer, and what only a file can say. */
#include "storage/store_import.h"

#include <stdlib.h>
#include <string.h>

#include "storage/import.h"
#include "storage/store_batch.h"
#include "storage/store_private.h"

static enum rc send(struct store *s, const struct import_work *w, void *ctx)
{
	struct request *r = calloc(1, sizeof *r);
	struct import_work *mine = r ? malloc(sizeof *mine) : NULL;
	enum rc rc;

	if (!mine) {
		free(r);
		return RC_NOMEM;
	}
	*mine = *w;
	mine->now_ms = store_now_ms(s);
	r->kind = REQUEST_IMPORT;
	r->ctx = ctx;
	r->import.work = mine;
	rc = store_enqueue(s, r, false);
	if (rc != RC_OK) {
		free(mine);
		free(r);
	}
	return rc;
}

/* One that is waited for: its result is copied out before it is freed. */
static enum rc ask(struct store *s, struct import_work *w)
{
	enum rc outcome = RC_IO, rc = send(s, w, &outcome);

	if (rc != RC_OK)
		return rc;
	store_wait(s);
	return outcome;
}

enum rc store_import_begin(struct store *s, const struct store_import_file *file,
                           struct store_import_run *out, char *why, size_t why_size)
{
	struct import_work w = {
		.step = IMPORT_BEGIN, .file = file, .run = out, .why = why, .why_size = why_size};

	*why = '\0';
	return ask(s, &w);
}

bool store_import_is_tail(struct store *s, struct store_import_run *run, const void *tail, size_t len)
{
	struct import_work w = {.step = IMPORT_TAIL, .run = run, .tail = tail, .tail_len = len};

	return ask(s, &w) == RC_OK;
}

enum rc store_import_end(struct store *s, const struct store_import_file *file, struct store_import_run *run)
{
	struct import_work w = {.step = IMPORT_END, .file = file, .run = run};

	return ask(s, &w);
}

enum rc store_import_write(struct store *s, struct store_import_chunk *chunk, store_import_fn *done,
                           void *ctx)
{
	const struct import_work w = {.step = IMPORT_CHUNK, .chunk = chunk, .fn = done};

	return send(s, &w, ctx);
}

void request_conclude_import(struct request *r)
{
	struct import_work *w = r->import.work;

	if (w->step == IMPORT_CHUNK)
		w->fn(r->ctx, w->chunk);
	else
		*(enum rc *)r->ctx = w->rc;
	free(w);
	free(r);
}

/* --- batches ------------------------------------------------------------------------------------------------------ */

#define TEXT_LIMIT ((size_t)2 << 20) /* of one row */

struct store_batch *store_import_batch(int64_t msisdn, int64_t utc_ms, int64_t run,
                                       enum store_existing existing)
{
	struct store_batch *b = store_batch_new_large(msisdn, utc_ms, STORE_IMPORT_OPS, TEXT_LIMIT);
	struct import_said *said = b ? region_alloc(b->region, sizeof *said) : NULL;

	if (!said) {
		store_batch_free(b);
		return NULL;
	}
	said->run = run;
	said->existing = existing;
	b->import = said;
	return b;
}

void store_import_say(struct store_batch *b, const struct store_import_said *said)
{
	b->import->said = *said;
}

enum rc store_import_grant_add(struct store_batch *b, const struct store_import_grant *grant)
{
	struct import_grant_node **at = &b->import->grants, *n;

	if (strlen(grant->bundle) >= PROFILE_NAME_SIZE || strlen(grant->key) > STORE_TEXT_MAX ||
	    strlen(grant->gives) > STORE_TEXT_MAX)
		return RC_RANGE;
	n = region_alloc(b->region, sizeof *n);
	if (!n)
		return RC_NOMEM;
	n->grant = *grant;
	n->grant.bundle = region_strdup(b->region, grant->bundle);
	n->grant.key = region_strdup(b->region, grant->key);
	n->grant.gives = region_strdup(b->region, grant->gives);
	while (*at)
		at = &(*at)->next;
	*at = n;
	return n->grant.bundle && n->grant.key && n->grant.gives ? RC_OK : RC_NOMEM;
}
