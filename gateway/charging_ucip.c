/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ericsson AIR over UCIP: XML-RPC requests, and what their answers mean for an order (docs/charging.md).
 *
 * Reads: GetBalanceAndDate, GetOffers, GetAccountDetails. Writes: UpdateBalanceAndDate (dedicated accounts, with the price
 * from the main account in the same call), Refill, UpdateOffer, DeleteOffer. A grant is one call, with the order's reference
 * as originTransactionID at every attempt. Names and shapes of fields: public clients of UCIP 3 to 5 (docs/adr/0015).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "gateway/charging_private.h"
#include "gateway/charging_ucip_account.h"
#include "gateway/charging_ucip_codes.h"
#include "gateway/config.h"
#include "gateway/xmlrpc.h"

#define BODY_SIZE 8192
#define NAI_NATIONAL 2
#define NAI_INTERNATIONAL 1
#define OFFER_NOT_FOUND 165

/* --- requests --------------------------------------------------------------------------------------------------- */

static const char *number_of(const struct charging_job *job, char *digits)
{
	const struct config *c = charging_config(job);
	size_t n = strlen(c->country.code);

	msisdn_text(job->order.msisdn, digits);
	return c->charging.national && strncmp(digits, c->country.code, n) == 0 ? digits + n : digits;
}

/* Writes carry the order's reference, so that all attempts can be found together; each read has a number of its own. */
static void name_call(struct charging_job *job)
{
	const char *host = charging_config(job)->charging.host;
	char key[40];
	uint64_t n = job->order.reference;

	if (job->op == CHARGING_REVOKE) {
		snprintf(key, sizeof(key), "revoke %" PRIu64, job->order.reference);
		n = charging_reference(host, 0, job->order.msisdn, key);
	} else if (job->op != CHARGING_GRANT) {
		snprintf(key, sizeof(key), "%p %" PRId64 " %d", (void *)job, charging_utc_ms(job), job->step);
		n = charging_reference(host, 0, job->order.msisdn, key);
	}
	snprintf(job->transaction, sizeof(job->transaction), "%" PRIu64, n);
}

static void begin(struct charging_job *job, struct buf *b, const char *method)
{
	const struct config_charging *c = &charging_config(job)->charging;
	char time[XMLRPC_TIME_SIZE], digits[MSISDN_TEXT_SIZE];

	name_call(job);
	xmlrpc_call_begin(b, method);
	xmlrpc_put_text(b, "originNodeType", c->node);
	xmlrpc_put_text(b, "originHostName", c->host);
	xmlrpc_put_text(b, "originTransactionID", job->transaction);
	xmlrpc_put_time(b, "originTimeStamp", xmlrpc_time(charging_utc_ms(job), time));
	xmlrpc_put_int(b, "subscriberNumberNAI", c->national ? NAI_NATIONAL : NAI_INTERNATIONAL);
	xmlrpc_put_text(b, "subscriberNumber", number_of(job, digits));
}

static void send(struct charging_job *job, struct buf *b, bool harmless, charging_gate_fn *fn)
{
	struct charging_request r = {.content_type = "text/xml",
	                             .user_agent = charging_config(job)->charging.agent,
	                             .body = b->at,
	                             .harmless = harmless};

	xmlrpc_call_end(b);
	r.len = b->len;
	if (b->cut) {
		charging_conclude(job, CHARGING_REJECTED, CHARGING_SET_UP, 0,
		                  "the request is longer than we send");
		return;
	}
	charging_send(job, &r, fn);
}

/* Reads what the subscriber has, with nothing to be said but who it is. */
static void ask(struct charging_job *job, const char *method, charging_gate_fn *fn)
{
	char body[BODY_SIZE];
	struct buf b;

	buf_init(&b, body, sizeof(body));
	begin(job, &b, method);
	send(job, &b, true, fn);
}

/* --- answers ---------------------------------------------------------------------------------------------------- */

/* What a code means where nothing is changed: a repeat is safe. */
static enum charging_outcome outcome_of(const struct charging_ucip_code *code, bool harmless)
{
	return harmless && code->outcome == CHARGING_UNKNOWN ? CHARGING_RETRY : code->outcome;
}

static void conclude_code(struct charging_job *job, int64_t n, bool harmless)
{
	const struct charging_ucip_code *code = charging_ucip_code_of((int)n);

	charging_conclude(job, outcome_of(code, harmless), code->reason, (int)n, code->words);
}

/* Did the system itself fail? Then the circuit counts it. */
static bool is_sound(int64_t code)
{
	return code != 1005 && code != 1007;
}

/* Is it the answer to this call? The id comes back; where it does not, there is nothing to compare. */
static bool is_ours(const struct charging_job *job, const struct xmlrpc_value *root)
{
	const char *id = xmlrpc_text(root, "originTransactionID");

	return id == NULL || id[0] == '\0' || strcmp(id, job->transaction) == 0;
}

/* The struct of an answer with responseCode 0, 1 or 2, or NULL after the job was concluded. `also`: one more code that is
 * as good, 0 = none. */
static const struct xmlrpc_value *read_answer(struct charging_job *job, enum charging_sent sent,
                                              const struct http_client_answer *answer, bool harmless,
                                              int also, struct xmlrpc **x, bool *sound)
{
	const struct xmlrpc_value *root;
	bool faulty;
	int64_t code;

	*x = NULL;
	if (charging_concluded_early(job, sent, answer, harmless, sound))
		return NULL;
	*sound = false;
	if (xmlrpc_read(answer->body, answer->len, x) != RC_OK) {
		*x = NULL;
		charging_garbled(job, harmless, "the answer is not XML-RPC");
		return NULL;
	}
	root = xmlrpc_root(*x);
	faulty = xmlrpc_is_fault(*x);
	if (!xmlrpc_int(root, faulty ? "faultCode" : "responseCode", &code) || code < 0 || code > 999999 ||
	    faulty != (code >= 1000)) {
		charging_garbled(job, harmless, "the answer has no code");
		return NULL;
	}
	if (!is_ours(job, root)) {
		charging_garbled(job, harmless, "the answer belongs to another call");
		return NULL;
	}
	*sound = is_sound(code);
	if (charging_ucip_code_of((int)code)->outcome == CHARGING_OK || (also != 0 && code == also))
		return root;
	conclude_code(job, code, harmless);
	return NULL;
}

/* --- facts ---------------------------------------------------------------------------------------------------------- */

static void ask_offers(struct charging_job *job);

static bool is_over(const struct charging_job *job, int64_t expiry)
{
	return expiry != 0 && expiry != CHARGING_UCIP_NEVER && expiry < charging_utc_ms(job);
}

/* Bundles of the kinds that this answer tells of. Two bundles of one account are told as the first of them. */
static void note_bundles(struct charging_job *job, const struct xmlrpc_value *root, bool offers)
{
	const struct config *c = charging_config(job);

	for (size_t i = 0; i < c->n_bundles; i++) {
		const struct charging_product *p = charging_product_of(job, i);
		int64_t id = p->kind == CHARGING_PRODUCT_REFILL ? p->account : p->id;
		struct charging_ucip_state s;
		bool before = false;

		if (p->kind == CHARGING_PRODUCT_NONE || id == 0 ||
		    (p->kind == CHARGING_PRODUCT_OFFER) != offers)
			continue;
		for (size_t k = 0; k < i; k++) {
			const struct charging_product *q = charging_product_of(job, k);

			before |= (q->kind == CHARGING_PRODUCT_OFFER) == offers &&
			          (q->kind == CHARGING_PRODUCT_REFILL ? q->account : q->id) == id;
		}
		charging_ucip_state_read(root, p, &s);
		if (!before && s.is_there && (offers || s.value > 0) && !is_over(job, s.expiry))
			charging_fact(job, &c->bundle[i], s.expiry == CHARGING_UCIP_NEVER ? 0 : s.expiry);
	}
}

static bool has_offers(const struct charging_job *job)
{
	for (size_t i = 0; i < charging_config(job)->n_bundles; i++)
		if (charging_product_of(job, i)->kind == CHARGING_PRODUCT_OFFER)
			return true;
	return false;
}

static void note_balance(struct charging_job *job, const struct xmlrpc_value *root)
{
	const char *currency = xmlrpc_text(root, "currency1");

	job->facts.has_balance = xmlrpc_int(root, "accountValue1", &job->facts.balance_minor);
	if (currency == NULL || strlen(currency) != 3)
		currency = charging_config(job)->charging.currency;
	snprintf(job->facts.currency, sizeof(job->facts.currency), "%.3s", currency);
	note_bundles(job, root, false);
}

/* --- reading ---------------------------------------------------------------------------------------------------------- */

static int64_t expiry_of(const struct charging_job *job, const struct charging_ucip_state *before)
{
	return charging_ucip_expiry(job->product, before, charging_from_ms(job), job->bundle->valid_ms,
	                            (int64_t)charging_config(job)->charging.zone * 60000);
}

static void conclude_state(struct charging_job *job, const struct xmlrpc_value *root)
{
	struct charging_ucip_state now, before;
	enum charging_outcome o;

	charging_ucip_state_read(root, job->product, &now);
	if (job->op == CHARGING_PREPARE) {
		charging_ucip_mark_write(&now, job->bundle->code, job->answer_mark);
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
		return;
	}
	if (!charging_ucip_mark_read(job->mark, job->bundle->code, &before)) {
		charging_conclude(job, CHARGING_UNKNOWN, CHARGING_SET_UP, 0,
		                  "bundles[].code is not what it was when this was sent");
		return;
	}
	o = charging_ucip_decide(job->product, &before, &now, expiry_of(job, &before), charging_is_over(job));
	charging_decide(job, o,
	                o == CHARGING_OK ? "the account shows it"
	                : o == CHARGING_RETRY
	                        ? "the account shows that it was not done"
	                        : "the account does not tell: compare with the system's own records");
}

static bool on_read(void *ctx, enum charging_sent sent, const struct http_client_answer *answer)
{
	struct charging_job *job = ctx;
	bool sound, offers = job->step == 1;
	struct xmlrpc *x;
	const struct xmlrpc_value *root =
		read_answer(job, sent, answer, true, offers ? OFFER_NOT_FOUND : 0, &x, &sound);

	if (root == NULL) {
		xmlrpc_free(x);
		return sound;
	}
	if (job->op != CHARGING_BALANCE) {
		conclude_state(job, root);
	} else if (offers) {
		note_bundles(job, root, true);
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
	} else {
		note_balance(job, root);
		if (has_offers(job))
			ask_offers(job);
		else
			charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
	}
	xmlrpc_free(x);
	return sound;
}

static void ask_balance(struct charging_job *job)
{
	ask(job, "GetBalanceAndDate", on_read);
}

static void ask_offers(struct charging_job *job)
{
	char body[BODY_SIZE];
	struct buf b;

	job->step = 1;
	buf_init(&b, body, sizeof(body));
	begin(job, &b, "GetOffers");
	xmlrpc_put_text(&b, "offerRequestedTypeFlag", "11111111");
	send(job, &b, true, on_read);
}

static bool on_account(void *ctx, enum charging_sent sent, const struct http_client_answer *answer)
{
	struct charging_job *job = ctx;
	struct xmlrpc *x;
	bool sound;
	int64_t n;
	const struct xmlrpc_value *root = read_answer(job, sent, answer, true, 0, &x, &sound);

	if (root != NULL) {
		const struct xmlrpc_value *flags = xmlrpc_member(root, "accountFlags");

		job->account.is_active = xmlrpc_flag(flags, "activationStatusFlag", true);
		job->account.is_blocked = xmlrpc_flag(root, "temporaryBlockedFlag", false);
		job->account.service_class = xmlrpc_int(root, "serviceClassCurrent", &n) ? (int)n : -1;
		job->account.language = xmlrpc_int(root, "languageIDCurrent", &n) ? (int)n : -1;
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
	}
	xmlrpc_free(x);
	return sound;
}

static void ask_account(struct charging_job *job)
{
	ask(job, "GetAccountDetails", on_account);
}

/* --- writing ---------------------------------------------------------------------------------------------------------- */

static bool on_written(void *ctx, enum charging_sent sent, const struct http_client_answer *answer)
{
	struct charging_job *job = ctx;
	struct xmlrpc *x;
	bool sound;
	bool offer = job->product->kind == CHARGING_PRODUCT_OFFER;
	int also = job->op == CHARGING_REVOKE && offer ? OFFER_NOT_FOUND : 0; /* gone already */

	if (read_answer(job, sent, answer, false, also, &x, &sound) != NULL)
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
	xmlrpc_free(x);
	return sound;
}

static void put_dedicated(struct charging_job *job, struct buf *b, int64_t amount, int64_t expiry)
{
	const struct charging_product *p = job->product;
	char time[XMLRPC_TIME_SIZE];

	begin(job, b, "UpdateBalanceAndDate");
	xmlrpc_put_text(b, "transactionCurrency", charging_config(job)->charging.currency);
	if (job->order.price > 0)
		xmlrpc_put_amount(b, "adjustmentAmountRelative",
		                  amount < 0 ? job->order.price : -job->order.price);
	xmlrpc_list_begin(b, "dedicatedAccountUpdateInformation");
	xmlrpc_item_begin(b);
	xmlrpc_put_int(b, "dedicatedAccountID", p->id);
	xmlrpc_put_amount(b, "adjustmentAmountRelative", amount);
	if (p->unit >= 0)
		xmlrpc_put_int(b, "dedicatedAccountUnitType", p->unit);
	if (expiry != 0)
		xmlrpc_put_time(b, "expiryDate", xmlrpc_time(expiry, time));
	xmlrpc_item_end(b);
	xmlrpc_list_end(b);
	xmlrpc_put_text(b, "externalData1", job->transaction);
}

static void put_refill(struct charging_job *job, struct buf *b)
{
	begin(job, b, "Refill");
	xmlrpc_put_amount(b, "transactionAmount", job->product->amount);
	xmlrpc_put_text(b, "transactionCurrency", charging_config(job)->charging.currency);
	xmlrpc_put_text(b, "refillProfileID", job->product->name);
	xmlrpc_put_text(b, "externalData1", job->transaction);
}

static void put_offer(struct charging_job *job, struct buf *b, int64_t expiry)
{
	char time[XMLRPC_TIME_SIZE];

	begin(job, b, "UpdateOffer");
	xmlrpc_put_int(b, "offerID", job->product->id);
	xmlrpc_put_int(b, "offerType", job->product->type);
	if (expiry != 0)
		xmlrpc_put_time(b, job->product->type == 2 ? "expiryDateTime" : "expiryDate",
		                xmlrpc_time(expiry, time));
}

static void grant(struct charging_job *job, const struct charging_product *p)
{
	struct charging_ucip_state before;
	char body[BODY_SIZE];
	struct buf b;
	int64_t expiry;

	if (!charging_ucip_mark_read(job->mark, job->bundle->code, &before)) {
		charging_conclude(job, CHARGING_RETRY, CHARGING_SET_UP, 0,
		                  "its mark is of another system or code: prepare it again");
		return;
	}
	expiry = expiry_of(job, &before);
	buf_init(&b, body, sizeof(body));
	if (p->kind == CHARGING_PRODUCT_DA)
		put_dedicated(job, &b, p->amount, expiry);
	else if (p->kind == CHARGING_PRODUCT_REFILL)
		put_refill(job, &b);
	else
		put_offer(job, &b, expiry);
	send(job, &b, false, on_written);
}

static void revoke(struct charging_job *job, const struct charging_product *p)
{
	char body[BODY_SIZE];
	struct buf b;

	buf_init(&b, body, sizeof(body));
	if (p->kind == CHARGING_PRODUCT_REFILL) {
		charging_conclude(job, CHARGING_REJECTED, CHARGING_NOT_OFFERED, 0,
		                  "a refill cannot be taken back");
		return;
	}
	if (p->kind == CHARGING_PRODUCT_DA) {
		put_dedicated(job, &b, -p->amount, 0);
	} else {
		begin(job, &b, "DeleteOffer");
		xmlrpc_put_int(&b, "offerID", p->id);
	}
	send(job, &b, false, on_written);
}

static void start_order(struct charging_job *job, const struct charging_product *p)
{
	if (p->kind == CHARGING_PRODUCT_NONE)
		charging_conclude(job, CHARGING_REJECTED, CHARGING_SET_UP, 0,
		                  "this bundle has no product code");
	else if (job->op == CHARGING_GRANT)
		grant(job, p);
	else if (job->op == CHARGING_REVOKE)
		revoke(job, p);
	else if (job->op == CHARGING_QUERY && !charging_is_settled(job))
		charging_conclude(job, CHARGING_UNKNOWN, CHARGING_TOO_EARLY, 0,
		                  "the system may still be at work");
	else if (p->kind == CHARGING_PRODUCT_OFFER)
		ask_offers(job);
	else
		ask_balance(job);
}

static void start(struct charging_job *job)
{
	if (job->op == CHARGING_ACCOUNT)
		ask_account(job);
	else if (job->product == NULL)
		ask_balance(job);
	else
		start_order(job, job->product);
}

/* Without it nothing could tell afterwards whether it was done, nor how long an offer had been. */
static bool needs_mark(const struct charging_product *p, bool buys)
{
	(void)p;
	(void)buys;
	return true;
}

const struct charging_system charging_ucip = {.name = "ucip", .start = start, .needs_mark = needs_mark};
