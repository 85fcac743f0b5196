/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Store batch: see store_batch.h and store.h. */
#include "storage/store_batch.h"

#include <stddef.h>
#include <string.h>

#define REGION_LIMIT (STORE_BATCH_OPS * (3 * STORE_TEXT_MAX)) /* far above what a dialogue needs */

struct store_batch *store_batch_new(int64_t msisdn, int64_t utc_ms)
{
	return store_batch_new_large(msisdn, utc_ms, STORE_BATCH_OPS, REGION_LIMIT);
}

struct store_batch *store_batch_new_large(int64_t msisdn, int64_t utc_ms, int count_max, size_t bytes_max)
{
	struct region *region = region_new(bytes_max);
	struct store_batch *b;

	if (!region)
		return NULL;
	b = region_alloc(region, sizeof *b);
	if (!b) {
		region_free(region);
		return NULL;
	}
	b->region = region;
	b->msisdn = msisdn;
	b->utc_ms = utc_ms;
	b->count_max = count_max;
	b->tail = &b->first;
	return b;
}

/* The operation that was added last; not of an empty batch. */
static struct op *last(struct store_batch *b)
{
	return (struct op *)((char *)b->tail - offsetof(struct op, next));
}

void store_batch_free(struct store_batch *b)
{
	if (b)
		region_free(b->region);
}

/* Room for one more operation and texts in bounds? Everything is checked before anything is added. */
static enum rc check(const struct store_batch *b, const char *const *texts, const size_t *sizes, size_t n)
{
	if (b->count >= b->count_max)
		return RC_FULL;
	for (size_t i = 0; i < n; i++) {
		if (texts[i] && strnlen(texts[i], sizes[i] + 1) > sizes[i])
			return RC_RANGE;
	}
	return RC_OK;
}
#define NAME_MAX_BYTES (PROFILE_NAME_SIZE - 1)
#define CHECK(b, texts, sizes) check((b), (texts), (sizes), sizeof(sizes) / sizeof(sizes)[0])

/* Copies of texts are made before the operation is linked, so a batch never holds half of one. */
static const char *copy(struct store_batch *b, const char *text, bool *failed)
{
	const char *made = region_strdup(b->region, text ? text : "");

	if (!made)
		*failed = true;
	return made;
}

static enum rc add(struct store_batch *b, const struct op *op, bool failed)
{
	struct op *made = failed ? NULL : region_alloc(b->region, sizeof *made);

	if (!made)
		return RC_NOMEM;
	*made = *op;
	made->next = NULL;
	*b->tail = made;
	b->tail = &made->next;
	b->count++;
	return RC_OK;
}

const char *store_batch_text(struct store_batch *b, const char *text, bool *failed)
{
	return copy(b, text, failed);
}

enum rc store_batch_add(struct store_batch *b, const struct op *op, bool failed)
{
	return b->count >= b->count_max ? RC_FULL : add(b, op, failed);
}

enum rc store_batch_seen(struct store_batch *b)
{
	struct op op = {.kind = OP_SEEN};

	return b->count >= b->count_max ? RC_FULL : add(b, &op, false);
}

enum rc store_batch_language(struct store_batch *b, const char *language)
{
	const char *const texts[] = {language};
	const size_t sizes[] = {RECORD_LANGUAGE_SIZE - 1};
	enum rc rc = CHECK(b, texts, sizes);
	bool failed = false;
	struct op op = {.kind = OP_LANGUAGE};

	if (rc != RC_OK)
		return rc;
	op.language = copy(b, language, &failed);
	return add(b, &op, failed);
}

enum rc store_batch_agree(struct store_batch *b, const struct store_agreement *what)
{
	const char *const texts[] = {what->purpose, what->words, what->language, what->version, what->proof};
	const size_t sizes[] = {NAME_MAX_BYTES, STORE_TEXT_MAX, RECORD_LANGUAGE_SIZE - 1, NAME_MAX_BYTES,
	                        STORE_PROOF_MAX};
	enum rc rc = CHECK(b, texts, sizes);
	bool failed = false;
	struct op op = {.kind = OP_CONSENT, .consent = *what};

	if (rc != RC_OK)
		return rc;
	if (!what->purpose || !what->purpose[0])
		return RC_RANGE;
	op.consent.purpose = copy(b, what->purpose, &failed);
	op.consent.words = copy(b, what->words, &failed);
	op.consent.language = copy(b, what->language, &failed);
	op.consent.version = what->version ? copy(b, what->version, &failed) : "";
	op.consent.proof = what->proof ? copy(b, what->proof, &failed) : "";
	return add(b, &op, failed);
}

enum rc store_batch_consent(struct store_batch *b, const char *purpose, enum store_consent state,
                            const char *words, const char *language, enum store_channel channel)
{
	const struct store_agreement what = {
		.purpose = purpose, .words = words, .language = language, .state = state, .channel = channel};

	return store_batch_agree(b, &what);
}

enum rc store_batch_from(struct store_batch *b, const char *channel, int confidence)
{
	size_t n = strnlen(channel, STORE_FROM_MAX + 1);
	bool failed = false;

	if (n == 0 || n > STORE_FROM_MAX || channel[strcspn(channel, " ")] != '\0' || confidence < 0 ||
	    confidence > 100)
		return RC_RANGE;
	b->from = copy(b, channel, &failed);
	b->confidence = confidence;
	return failed ? RC_NOMEM : RC_OK;
}

enum rc store_batch_save(struct store_batch *b, size_t field, const char *value)
{
	const char *const texts[] = {value};
	const size_t sizes[] = {PROFILE_VALUE_MAX};
	enum rc rc = CHECK(b, texts, sizes);
	bool failed = false;
	struct op op = {.kind = OP_SAVE};

	if (rc != RC_OK)
		return rc;
	if (field >= PROFILE_MAX_FIELDS)
		return RC_RANGE;
	op.save.field = field;
	op.save.channel = b->from ? b->from : store_channel_name(STORE_CH_OPERATOR);
	op.save.confidence = b->from ? b->confidence : CONFIDENCE_TOLD;
	op.save.value = value ? copy(b, value, &failed) : NULL;
	return add(b, &op, failed);
}

enum rc store_batch_give(struct store_batch *b, const char *bundle, const char *key, const char *gives,
                         int64_t valid_ms)
{
	const char *const texts[] = {bundle, key, gives};
	const size_t sizes[] = {NAME_MAX_BYTES, STORE_TEXT_MAX, STORE_TEXT_MAX};
	enum rc rc = CHECK(b, texts, sizes);
	bool failed = false;
	struct op op = {.kind = OP_GIVE};

	if (rc == RC_OK && b->gives)
		rc = RC_FULL;
	if (rc != RC_OK)
		return rc;
	op.give.bundle = copy(b, bundle, &failed);
	op.give.key = copy(b, key, &failed);
	op.give.gives = copy(b, gives, &failed);
	op.give.valid_ms = valid_ms > 0 ? valid_ms : 0;
	rc = add(b, &op, failed);
	b->gives = rc == RC_OK;
	b->give = b->gives ? last(b) : NULL;
	return rc;
}

enum rc store_batch_order(struct store_batch *b, const struct store_order *order)
{
	const char *const texts[] = {order->system, order->instance, order->route,  order->late,
	                             order->sorry,  order->poor,     order->barred, order->declined};
	const size_t sizes[] = {NAME_MAX_BYTES, STORE_TEXT_MAX, STORE_CHARGE_ROUTE_SIZE - 1,
	                        STORE_TEXT_MAX, STORE_TEXT_MAX, STORE_TEXT_MAX,
	                        STORE_TEXT_MAX, STORE_TEXT_MAX};
	struct store_order o = *order;
	bool failed = false;

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		if (texts[i] && strnlen(texts[i], sizes[i] + 1) > sizes[i])
			return RC_RANGE;
	if (!b->give)
		return RC_STATE;
	o.system = copy(b, order->system, &failed);
	o.instance = copy(b, order->instance, &failed);
	o.route = copy(b, order->route, &failed);
	o.late = copy(b, order->late, &failed);
	o.sorry = copy(b, order->sorry, &failed);
	o.poor = order->poor ? copy(b, order->poor, &failed) : "";
	o.barred = order->barred ? copy(b, order->barred, &failed) : "";
	o.declined = order->declined ? copy(b, order->declined, &failed) : "";
	if (failed)
		return RC_NOMEM;
	b->give->give.order = o;
	b->give->give.is_ordered = strcmp(order->system, STORE_LEDGER) != 0;
	return RC_OK;
}

enum rc store_batch_notice(struct store_batch *b, const char *text, bool if_given)
{
	const char *const texts[] = {text};
	const size_t sizes[] = {STORE_TEXT_MAX};
	enum rc rc = CHECK(b, texts, sizes);
	bool failed = false;
	struct op op = {.kind = OP_NOTICE};

	if (rc != RC_OK)
		return rc;
	op.notice.if_given = if_given;
	op.notice.text = copy(b, text, &failed);
	b->notices++;
	return add(b, &op, failed);
}

enum rc store_batch_route(struct store_batch *b, const char *route, bool leaves)
{
	bool failed = false;

	if (strnlen(route, STORE_ROUTE_SIZE) >= STORE_ROUTE_SIZE)
		return RC_RANGE;
	b->leaves = leaves;
	b->route = copy(b, route, &failed);
	return failed ? RC_NOMEM : RC_OK;
}

enum rc store_batch_held(struct store_batch *b, enum store_notice_kind kind, const char *text,
                         int64_t life_ms)
{
	enum rc rc = store_batch_notice(b, text, false);

	if (rc == RC_OK) {
		struct op *op = last(b);

		op->notice.is_push = kind == STORE_NOTICE_PUSH;
		op->notice.life_ms = life_ms;
	}
	return rc;
}

enum rc store_batch_interaction(struct store_batch *b, const struct store_interaction *i)
{
	const char *detail = i->detail ? i->detail : "";
	const char *const texts[] = {i->service, i->last_screen, i->language, detail};
	const size_t sizes[] = {NAME_MAX_BYTES, NAME_MAX_BYTES, RECORD_LANGUAGE_SIZE - 1, STORE_DETAIL_MAX};
	enum rc rc = CHECK(b, texts, sizes);
	bool failed = false;
	struct op op = {.kind = OP_INTERACTION, .interaction = *i};

	if (rc != RC_OK)
		return rc;
	op.interaction.service = copy(b, i->service, &failed);
	op.interaction.last_screen = copy(b, i->last_screen, &failed);
	op.interaction.language = copy(b, i->language, &failed);
	op.interaction.detail = copy(b, detail, &failed);
	return add(b, &op, failed);
}

enum rc store_batch_resume(struct store_batch *b, const char *service, const char *screen)
{
	const char *const texts[] = {service, screen};
	const size_t sizes[] = {NAME_MAX_BYTES, NAME_MAX_BYTES};
	enum rc rc = CHECK(b, texts, sizes);
	bool failed = false;
	struct op op = {.kind = OP_RESUME};

	if (rc != RC_OK)
		return rc;
	op.resume.service = copy(b, service, &failed);
	op.resume.screen = copy(b, screen, &failed);
	return add(b, &op, failed);
}

/* The channel of `from`, when it is one. */
static enum store_channel channel_of(const struct store_batch *b)
{
	for (int c = STORE_CH_USSD; b->from && c <= STORE_CH_OPERATOR; c++)
		if (strcmp(b->from, store_channel_name((enum store_channel)c)) == 0)
			return (enum store_channel)c;
	return STORE_CH_OPERATOR;
}

enum rc store_batch_stop(struct store_batch *b, bool stopped)
{
	struct op op = {.kind = OP_STOP, .stop = {.stopped = stopped, .channel = channel_of(b)}};

	return b->count >= b->count_max ? RC_FULL : add(b, &op, false);
}

enum rc store_batch_copy(struct store_batch *b, enum store_channel channel)
{
	struct op op = {.kind = OP_COPY, .copy_by = channel};

	return b->count >= b->count_max ? RC_FULL : add(b, &op, false);
}

enum rc store_batch_erase(struct store_batch *b, enum store_channel channel, const char *reason)
{
	const char *const texts[] = {reason};
	const size_t sizes[] = {STORE_TEXT_MAX};
	enum rc rc = CHECK(b, texts, sizes);
	bool failed = false;
	struct op op = {.kind = OP_ERASE};

	if (rc != RC_OK)
		return rc;
	op.erase.channel = channel;
	op.erase.reason = copy(b, reason, &failed);
	return add(b, &op, failed);
}

enum rc store_batch_verify(struct store_batch *b, const char *proof, const char *reason)
{
	const char *const texts[] = {proof, reason};
	const size_t sizes[] = {STORE_PROOF_MAX, STORE_TEXT_MAX};
	enum rc rc = CHECK(b, texts, sizes);
	bool failed = false;
	struct op op = {.kind = OP_VERIFY};

	if (rc != RC_OK)
		return rc;
	if (proof && !*proof)
		return RC_RANGE;
	op.verify.proof = proof ? copy(b, proof, &failed) : NULL;
	op.verify.reason = copy(b, reason, &failed);
	return add(b, &op, failed);
}
