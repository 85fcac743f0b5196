/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Respond: see respond.h.
 *
 * Invariant: `conclude` is the only way out of the table; an entry is in `by_key` and on `waiting` as long as
 * it lives, and in `by_token` while its answer is on its way.
 */
#include "gateway/respond.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "gateway/due.h"

struct respond_key {
	int64_t msisdn;
	uint64_t group;
};

struct kept {
	struct due_entry due; /* first: what due_pop gives back */
	struct respond_key key;
	uint64_t token; /* 0 = its answer has not left */
	void *link;
	uint32_t connection, command_id, sequence;
	UT_hash_handle by_key, by_token;
};

struct respond {
	const struct clock *clock;
	size_t kept_max;
	respond_send *send;
	void *ctx;
	struct kept *keys, *tokens;
	struct due_list waiting;
	struct respond_counters counters;
};

enum rc respond_new(const struct clock *clock, size_t kept_max, respond_send *send, void *ctx,
                    struct respond **out)
{
	struct respond *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return RC_NOMEM;
	r->clock = clock;
	r->kept_max = kept_max;
	r->send = send;
	r->ctx = ctx;
	due_list_init(&r->waiting, RESPOND_WITHIN_MS);
	*out = r;
	return RC_OK;
}

static void forget_token(struct respond *r, struct kept *k)
{
	if (k->token == 0)
		return;
	// NOLINTNEXTLINE(clang-analyzer-core.NullDereference): uthash keeps hh.tbl while it holds one
	HASH_DELETE(by_token, r->tokens, k);
	k->token = 0;
}

static void take_out(struct respond *r, struct kept *k)
{
	forget_token(r, k);
	due_remove(&k->due);
	// NOLINTNEXTLINE(clang-analyzer-core.NullDereference): as above
	HASH_DELETE(by_key, r->keys, k);
}

/* It leaves the table before it is sent: sending may end in a call that comes back here. */
static void conclude(struct respond *r, struct kept *k, uint64_t *counter)
{
	struct kept was = *k;

	take_out(r, k);
	free(k);
	(*counter)++;
	r->send(r->ctx, was.link, was.connection, was.command_id, was.sequence);
}

static struct kept *by_subscriber(const struct respond *r, uint16_t group, int64_t msisdn)
{
	struct respond_key key = {.msisdn = msisdn, .group = group};
	struct kept *k;

	// NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): the whole key has a value
	HASH_FIND(by_key, r->keys, &key, sizeof(key), k);
	return k;
}

static struct kept *by_token(const struct respond *r, uint64_t token)
{
	struct kept *k;

	HASH_FIND(by_token, r->tokens, &token, sizeof(token), k);
	return k;
}

void respond_free(struct respond *r)
{
	struct kept *k, *next;

	if (r == NULL)
		return;
	HASH_ITER(by_key, r->keys, k, next)
	{
		take_out(r, k);
		free(k);
	}
	free(r);
}

bool respond_keep(struct respond *r, const struct dialogue_input *in)
{
	struct kept *k = by_subscriber(r, in->group, in->event.msisdn);

	if (k != NULL)
		conclude(r, k, &r->counters.early);
	k = r->waiting.count < r->kept_max ? calloc(1, sizeof(*k)) : NULL;
	if (k == NULL) {
		r->counters.full++;
		return false;
	}
	k->key = (struct respond_key){.msisdn = in->event.msisdn, .group = in->group};
	k->link = in->link;
	k->connection = in->connection;
	k->command_id = in->command_id;
	k->sequence = in->sequence;
	HASH_ADD(by_key, r->keys, key, sizeof(k->key), k);
	due_add(&r->waiting, &k->due, clock_mono_ms(r->clock));
	r->counters.kept++;
	return true;
}

void respond_answering(struct respond *r, uint16_t group, int64_t msisdn, uint64_t token)
{
	struct kept *k = by_subscriber(r, group, msisdn), *other = by_token(r, token);

	if (k == NULL || token == 0)
		return;
	if (other != NULL)
		forget_token(r, other);
	forget_token(r, k);
	k->token = token;
	HASH_ADD(by_token, r->tokens, token, sizeof(k->token), k);
}

void respond_settle(struct respond *r, const struct dialogue_input *in, bool comes, uint64_t token)
{
	struct kept *k = by_subscriber(r, in->group, in->event.msisdn);

	if (k == NULL || k->token != 0 || k->link != in->link || k->connection != in->connection ||
	    k->sequence != in->sequence)
		return;
	if (comes)
		respond_answering(r, in->group, in->event.msisdn, token);
	else
		conclude(r, k, &r->counters.early);
}

void respond_unanswered(struct respond *r, uint16_t group, int64_t msisdn)
{
	struct kept *k = by_subscriber(r, group, msisdn);

	if (k != NULL)
		conclude(r, k, &r->counters.early);
}

void respond_sent(struct respond *r, uint64_t token, bool again)
{
	struct kept *k = by_token(r, token);

	if (k == NULL)
		return;
	if (again)
		forget_token(r, k);
	else
		conclude(r, k, &r->counters.after);
}

void respond_lost(struct respond *r, const void *link)
{
	struct kept *k, *next;

	HASH_ITER(by_key, r->keys, k, next)
	{
		if (k->link != link)
			continue;
		take_out(r, k);
		free(k);
		r->counters.lost++;
	}
}

void respond_all(struct respond *r)
{
	while (r->waiting.head != NULL)
		conclude(r, (struct kept *)(void *)r->waiting.head, &r->counters.early);
}

int64_t respond_tick(struct respond *r)
{
	struct due_entry *due;

	while ((due = due_pop(&r->waiting, clock_mono_ms(r->clock))) != NULL)
		conclude(r, (struct kept *)(void *)due, &r->counters.late);
	return due_next_ms(&r->waiting);
}

void respond_counters_read(const struct respond *r, struct respond_counters *out)
{
	*out = r->counters;
	out->waiting = (uint32_t)r->waiting.count;
}
