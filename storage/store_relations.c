/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relations: the operations of a batch (store_relations.h). */
#include "storage/store_relations.h"

#include <stdlib.h>
#include <string.h>

#include "storage/store_batch.h"
#include "storage/store_private.h"

const char *store_relation_name(enum store_relation r)
{
	static const char *const names[] = {"none",    "asked", "joined", "declined", "left", "referred",
	                                    "nothing", "over",  "again",  "full",     "day",  "late"};

	return (size_t)r < sizeof names / sizeof names[0] ? names[r] : "unknown";
}

static bool fits(const char *text, size_t most)
{
	return !text || strnlen(text, most + 1) <= most;
}

static bool words_fit(const struct store_invite_words *w)
{
	return fits(w->language, RECORD_LANGUAGE_SIZE - 1) && w->ask && *w->ask &&
	       fits(w->ask, STORE_TEXT_MAX) && fits(w->yes, STORE_TEXT_MAX) && fits(w->no, STORE_TEXT_MAX) &&
	       fits(w->joined, STORE_TEXT_MAX) && fits(w->left, STORE_TEXT_MAX);
}

static bool invite_fits(const struct store_invite *i)
{
	bool good = i->type && *i->type && fits(i->type, PROFILE_NAME_SIZE - 1) && i->msisdn > 0 &&
	            i->words && *i->words && fits(i->words, STORE_TEXT_MAX) &&
	            fits(i->version, PROFILE_NAME_SIZE - 1) &&
	            fits(i->asked_version, PROFILE_NAME_SIZE - 1) &&
	            fits(i->language, RECORD_LANGUAGE_SIZE - 1) && fits(i->route, STORE_ROUTE_SIZE - 1) &&
	            i->n > 0 && i->most > 0 && i->per_day > 0 && i->asked_per_day > 0 && i->lasts_ms > 0;

	for (size_t k = 0; good && k < i->n; k++)
		good = words_fit(&i->in[k]);
	return good;
}

/* One of these operations a batch: its result has one place. */
static enum rc add(struct store_batch *b, const struct op *op, bool failed)
{
	enum rc rc = b->relates ? RC_FULL : store_batch_add(b, op, failed);

	b->relates = b->relates || rc == RC_OK;
	return rc;
}

enum rc store_batch_invite(struct store_batch *b, const struct store_invite *invite)
{
	struct store_invite *made;
	struct store_invite_words *in;
	bool failed = false;
	struct op op = {.kind = OP_INVITE};

	if (!invite_fits(invite))
		return RC_RANGE;
	made = region_alloc(b->region, sizeof *made);
	in = region_alloc(b->region, invite->n * sizeof *in);
	if (!made || !in)
		return RC_NOMEM;
	*made = *invite;
	made->type = store_batch_text(b, invite->type, &failed);
	made->words = store_batch_text(b, invite->words, &failed);
	made->version = store_batch_text(b, invite->version, &failed);
	made->asked_version = store_batch_text(b, invite->asked_version, &failed);
	made->language = store_batch_text(b, invite->language, &failed);
	made->route = store_batch_text(b, invite->route, &failed);
	made->in = in;
	for (size_t i = 0; i < invite->n; i++) {
		in[i].language = store_batch_text(b, invite->in[i].language, &failed);
		in[i].ask = store_batch_text(b, invite->in[i].ask, &failed);
		in[i].yes = store_batch_text(b, invite->in[i].yes, &failed);
		in[i].no = store_batch_text(b, invite->in[i].no, &failed);
		in[i].joined = store_batch_text(b, invite->in[i].joined, &failed);
		in[i].left = store_batch_text(b, invite->in[i].left, &failed);
	}
	op.invite = made;
	return add(b, &op, failed);
}

enum rc store_batch_answer(struct store_batch *b, bool yes, enum store_channel channel, const char *route)
{
	bool failed = false;
	struct op op = {.kind = OP_ANSWER};

	if (!fits(route, STORE_ROUTE_SIZE - 1))
		return RC_RANGE;
	op.answer.yes = yes;
	op.answer.channel = channel;
	op.answer.route = store_batch_text(b, route, &failed);
	return add(b, &op, failed);
}

enum rc store_batch_leave(struct store_batch *b, const char *type, int64_t msisdn, const char *words,
                          const char *language, enum store_channel channel, const char *route)
{
	bool failed = false;
	struct op op = {.kind = OP_LEAVE};

	if (!type || !*type || !fits(type, PROFILE_NAME_SIZE - 1) || !fits(words, STORE_TEXT_MAX) ||
	    !fits(language, RECORD_LANGUAGE_SIZE - 1) || !fits(route, STORE_ROUTE_SIZE - 1) || msisdn <= 0)
		return RC_RANGE;
	op.leave.type = store_batch_text(b, type, &failed);
	op.leave.words = store_batch_text(b, words, &failed);
	op.leave.language = store_batch_text(b, language, &failed);
	op.leave.route = store_batch_text(b, route, &failed);
	op.leave.msisdn = msisdn;
	op.leave.channel = channel;
	return add(b, &op, failed);
}

enum rc store_batch_refer(struct store_batch *b, int64_t msisdn)
{
	struct op op = {.kind = OP_REFER};

	if (msisdn <= 0)
		return RC_RANGE;
	op.refer.msisdn = msisdn;
	return add(b, &op, false);
}

enum rc store_batch_route_other(struct store_batch *b, const char *route)
{
	bool failed = false;

	if (!fits(route, STORE_ROUTE_SIZE - 1))
		return RC_RANGE;
	b->route_other = store_batch_text(b, route, &failed);
	return failed ? RC_NOMEM : RC_OK;
}

enum rc store_relations_expire(struct store *s, store_expired_fn *fn, void *ctx)
{
	struct request *r = calloc(1, sizeof *r);
	enum rc rc = RC_NOMEM;

	if (r) {
		r->kind = REQUEST_RELATIONS;
		r->ctx = ctx;
		r->relations.fn = fn;
		r->relations.at_ms = store_now_ms(s);
		rc = store_enqueue(s, r, false);
	}
	if (rc != RC_OK)
		free(r);
	return rc;
}
