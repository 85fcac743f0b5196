/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The embedded ledger as a charging system: thin, over the store port.
 *
 * A grant is posted with its row in one transaction and once for each subscriber and key, so there is nothing to lose on
 * the way and a repeat changes nothing. Dialogues do that in their own batch (store_batch_give); what comes here is an
 * order that was left over from another system, and facts. The ledger has no money and takes nothing back.
 */
#include "gateway/charging_private.h"

static void on_facts(void *ctx, enum rc rc, const struct store_facts *facts)
{
	struct charging_job *job = ctx;

	if (rc != RC_OK) {
		charging_conclude(job, CHARGING_RETRY, CHARGING_UNREACHABLE, 0,
		                  "the store could not be read");
		return;
	}
	job->facts = *facts;
	charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
}

static void on_written(void *ctx, const struct store_result *r)
{
	struct charging_job *job = ctx;

	if (r->rc != RC_OK)
		charging_conclude(job, CHARGING_RETRY, CHARGING_UNREACHABLE, 0, "the store did not take it");
	else if (r->grant == STORE_GRANT_GRANTED)
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0,
		                  r->grant_existed ? "was there already" : "");
	else if (r->grant == STORE_GRANT_REJECTED)
		charging_conclude(job, CHARGING_REJECTED, CHARGING_PLAIN, 0, "was rejected before");
	else
		charging_conclude(job, CHARGING_UNKNOWN, CHARGING_UNDECIDED, 0,
		                  "this key belongs to an order at another system");
}

static void give(struct charging_job *job)
{
	const struct config_bundle *b = job->bundle;
	struct store_batch *batch = store_batch_new(job->order.msisdn, job->order.ordered_ms);
	enum rc rc = RC_NOMEM;

	if (batch != NULL)
		rc = store_batch_give(batch, b->name, job->key, b->gives, b->valid_ms);
	if (rc == RC_OK)
		rc = store_write(charging_store(job), batch, on_written, job);
	else
		store_batch_free(batch);
	if (rc != RC_OK)
		charging_conclude(job, CHARGING_RETRY, CHARGING_BUSY, 0, "the store has too much to do");
}

static void start(struct charging_job *job)
{
	switch (job->op) {
	case CHARGING_BALANCE:
		if (store_facts_find(charging_store(job), job->order.msisdn, on_facts, job) != RC_OK)
			charging_conclude(job, CHARGING_RETRY, CHARGING_BUSY, 0,
			                  "the store has too much to do");
		return;
	case CHARGING_GRANT:
		if (job->order.price > 0)
			break;
		give(job);
		return;
	case CHARGING_QUERY: /* whoever asks may as well repeat: the key decides */
		charging_decide(job, CHARGING_RETRY, "a repeat changes nothing");
		return;
	case CHARGING_ACCOUNT:
		job->account =
			(struct charging_account){.is_active = true, .service_class = -1, .language = -1};
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
		return;
	case CHARGING_PREPARE:
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
		return;
	default:
		break;
	}
	charging_conclude(job, CHARGING_REJECTED, CHARGING_NOT_OFFERED, 0, "the ledger has no such call");
}

static bool needs_mark(const struct charging_product *p, bool buys)
{
	(void)p;
	(void)buys;
	return false;
}

const struct charging_system charging_ledger = {.name = "ledger", .start = start, .needs_mark = needs_mark};
