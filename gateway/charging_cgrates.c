/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CGRateS over JSON-RPC: APIerSv2.GetAccount, APIerSv1.SetBalance, DebitBalance and RemoveBalances (docs/charging.md).
 *
 * A grant is a balance of its own whose ID is the order's reference. The account is read before anything is written, so
 * an order that was done is seen to be done; and setting a balance to the same value again changes nothing. CGRateS keeps
 * a balance that is used up until it expires, so what is there tells the truth as long as it may be asked. A purchase is
 * two calls, money first: after the first of them every doubt is UNKNOWN, and a query that sees the money gone and the
 * bundle missing sets the bundle. Calls and errors: CGRateS 0.10/0.11, apier/v1 and utils/errors.go.
 */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/charging_cgrates_codes.h"
#include "gateway/charging_private.h"
#include "gateway/charging_ucip_account.h"
#include "gateway/config.h"

#define MINOR 100.0
#define MONEY "*monetary"
#define MONEY_MOST 9e15 /* beyond it a double has no hundredths */
#define UPDATED_SIZE 40
#define WEIGHT 20 /* before the account's own balances, which have 10 by default */

enum step { STEP_READ, STEP_DEBIT, STEP_SET, STEP_REMOVE };

/* What the account says of an order. */
struct reading {
	bool is_missing, is_disabled;
	bool has_grant;
	int64_t money;   /* all of it, hundredths */
	int64_t largest; /* of the balances of money */
	const char *largest_uuid;
	const char *updated; /* when the account was last written; NULL = not told (before CGRateS 0.10) */
};

static void send_next(struct charging_job *job, enum step step, const char *uuid);

/* --- words -------------------------------------------------------------------------------------------------------- */

static char *balance_id(const struct charging_job *job, char *out, size_t size)
{
	snprintf(out, size, "starhash-%020" PRIu64, job->order.reference);
	return out;
}

static char *iso_time(int64_t utc_ms, char *out, size_t size)
{
	time_t s = (time_t)(utc_ms / 1000);
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL || strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
	return out;
}

/* "2026-11-29T12:00:00Z" to UTC ms; 0 = none, and Go's own word for none, the year 1. */
static int64_t time_of(const char *text)
{
	char digits[32];

	if (text == NULL || strlen(text) < 19 || strncmp(text, "0001", 4) == 0)
		return 0;
	snprintf(digits, sizeof(digits), "%.4s%.2s%.2s%c%.8s+0000", text, text + 5, text + 8, 'T', text + 11);
	return charging_ucip_time(digits);
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static json_t *set_params(const struct charging_job *job)
{
	int64_t valid = job->bundle->valid_ms;
	char id[40], expires[32] = "*unlimited";

	if (valid > 0)
		iso_time(charging_from_ms(job) + valid, expires, sizeof(expires));
	return json_pack("{s:s, s:I, s:{s:s, s:s, s:i}}", "BalanceType", job->product->name, "Value",
	                 (json_int_t)job->product->amount, "Balance", "ID", balance_id(job, id, sizeof(id)),
	                 "ExpiryTime", expires, "Weight", WEIGHT);
}

static json_t *params_of(const struct charging_job *job, enum step step, const char *uuid)
{
	char id[40];

	switch (step) {
	case STEP_READ:
		return json_object();
	case STEP_SET:
		return set_params(job);
	case STEP_DEBIT:
		return json_pack("{s:s, s:f, s:{s:s}}", "BalanceType", MONEY, "Value",
		                 (double)job->order.price / MINOR, "Balance", "Uuid", uuid);
	case STEP_REMOVE:
		return json_pack("{s:s, s:{s:s}}", "BalanceType", job->product->name, "Balance", "ID",
		                 balance_id(job, id, sizeof(id)));
	}
	return NULL;
}

static char *body_of(struct charging_job *job, enum step step, const char *uuid)
{
	static const char *const methods[] = {[STEP_READ] = "APIerSv2.GetAccount",
	                                      [STEP_DEBIT] = "APIerSv1.DebitBalance",
	                                      [STEP_SET] = "APIerSv1.SetBalance",
	                                      [STEP_REMOVE] = "APIerSv1.RemoveBalances"};
	char account[MSISDN_TEXT_SIZE], *text = NULL;
	json_t *params = params_of(job, step, uuid), *call;

	if (params == NULL)
		return NULL;
	json_object_set_new(params, "Tenant", json_string(charging_config(job)->charging.tenant));
	json_object_set_new(params, "Account", json_string(msisdn_text(job->order.msisdn, account)));
	job->call = charging_call_number(job);
	call = json_pack("{s:s, s:[o], s:I}", "method", methods[step], "params", params, "id",
	                 (json_int_t)job->call);
	if (call != NULL)
		text = json_dumps(call, JSON_COMPACT);
	json_decref(call);
	return text;
}

/* --- the account ---------------------------------------------------------------------------------------------------- */

/* Older versions call them "*data*out". */
static bool is_type(const char *key, const char *type)
{
	size_t n = strlen(type);

	return strncmp(key, type, n) == 0 && (key[n] == '\0' || strcmp(key + n, "*out") == 0);
}

static int64_t minor_of(const json_t *balance)
{
	double value = json_number_value(json_object_get(balance, "Value")) * MINOR;

	return isfinite(value) && fabs(value) < MONEY_MOST ? llround(value) : 0;
}

static bool has_expired(const struct charging_job *job, const json_t *balance)
{
	int64_t ends = time_of(json_string_value(json_object_get(balance, "ExpirationDate")));

	return ends != 0 && ends != CHARGING_UCIP_NEVER && ends < charging_utc_ms(job);
}

static void note_money(const json_t *balance, struct reading *r)
{
	const char *uuid = json_string_value(json_object_get(balance, "Uuid"));
	int64_t minor = minor_of(balance);

	r->money += minor;
	if (uuid != NULL && minor > r->largest) {
		r->largest = minor;
		r->largest_uuid = uuid;
	}
}

/* As it stands there, if it can stand in a mark; Go's own word for none is the year 1. */
static const char *time_of_account(const json_t *account)
{
	const char *text = json_string_value(json_object_get(account, "UpdateTime"));
	size_t len = text != NULL ? strlen(text) : 0;

	if (len == 0 || len >= UPDATED_SIZE || strspn(text, "0123456789-:.+TZ") != len ||
	    strncmp(text, "0001", 4) == 0)
		return NULL;
	return text;
}

/* Every balance of the account, with its type. */
static void read_account(const struct charging_job *job, json_t *account, struct reading *r)
{
	json_t *list, *balance;
	const char *type, *id;
	char ours[40];
	size_t i;

	memset(r, 0, sizeof(*r));
	balance_id(job, ours, sizeof(ours));
	r->is_disabled = json_is_true(json_object_get(account, "Disabled"));
	r->updated = time_of_account(account);
	json_object_foreach(json_object_get(account, "BalanceMap"), type, list)
	{
		json_array_foreach(list, i, balance)
		{
			id = json_string_value(json_object_get(balance, "ID"));
			r->has_grant |= id != NULL && strcmp(id, ours) == 0;
			if (is_type(type, MONEY) && !has_expired(job, balance))
				note_money(balance, r);
		}
	}
}

/* A balance that a grant of ours made, by its type and name, is told in the words of the bundle of that type. */
static void note_bundles(struct charging_job *job, json_t *account)
{
	const struct config *c = charging_config(job);
	json_t *list, *balance;
	const char *type, *id;
	size_t i;

	json_object_foreach(json_object_get(account, "BalanceMap"), type, list)
	{
		json_array_foreach(list, i, balance)
		{
			int64_t ends = time_of(json_string_value(json_object_get(balance, "ExpirationDate")));

			id = json_string_value(json_object_get(balance, "ID"));
			if (id == NULL || strncmp(id, "starhash-", 9) != 0 || has_expired(job, balance) ||
			    json_number_value(json_object_get(balance, "Value")) <= 0)
				continue;
			for (size_t k = 0; k < c->n_bundles; k++)
				if (is_type(type, charging_product_of(job, k)->name)) {
					charging_fact(job, &c->bundle[k],
					              ends == CHARGING_UCIP_NEVER ? 0 : ends);
					break;
				}
		}
	}
}

/* --- orders ----------------------------------------------------------------------------------------------------------- */

static void grant(struct charging_job *job, const struct reading *r)
{
	if (r->has_grant)
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "was there already");
	else if (r->is_disabled)
		charging_conclude(job, CHARGING_REJECTED, CHARGING_BARRED, 0, "account disabled");
	else if (job->order.price == 0)
		send_next(job, STEP_SET, NULL);
	else if (r->largest < job->order.price)
		charging_conclude(job, CHARGING_REJECTED, CHARGING_TOO_LITTLE, 0,
		                  "no balance of money holds the price");
	else
		send_next(job, STEP_DEBIT, r->largest_uuid);
}

static void decide(struct charging_job *job, const struct reading *r)
{
	char updated[UPDATED_SIZE] = "";
	int64_t before = 0;
	int read = sscanf(job->mark, "cgrates1 %" SCNd64 " %39s", &before, updated);
	bool is_written = read == 2 && r->updated != NULL && strcmp(updated, r->updated) != 0;

	if (r->has_grant)
		charging_decide(job, CHARGING_OK, "the balance is there");
	else if (charging_is_over(job))
		charging_decide(job, CHARGING_UNKNOWN,
		                "it would have expired: compare with the system's own records");
	else if (job->order.price == 0)
		charging_decide(job, CHARGING_RETRY, "the balance is not there");
	else if (read < 1)
		charging_decide(job, CHARGING_UNKNOWN, "its mark cannot be read");
	else if (r->money == before && is_written) /* taken, and as much topped up? */
		charging_decide(
			job, CHARGING_UNKNOWN,
			"the money is as before, but the account was written: compare with the system's own records");
	else if (r->money == before)
		charging_decide(job, CHARGING_RETRY, "neither the money nor the balance has moved");
	else if (r->money == before - job->order.price) {
		job->has_paid = true;
		send_next(job, STEP_SET, NULL);
	} else
		charging_decide(job, CHARGING_UNKNOWN,
		                "the account does not tell: compare with the system's own records");
}

static void on_account(struct charging_job *job, json_t *account)
{
	struct reading r;

	read_account(job, account, &r);
	switch (job->op) {
	case CHARGING_BALANCE:
		job->facts.has_balance = true;
		job->facts.balance_minor = r.money;
		snprintf(job->facts.currency, sizeof(job->facts.currency), "%.3s",
		         charging_config(job)->charging.currency);
		note_bundles(job, account);
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
		break;
	case CHARGING_ACCOUNT:
		job->account = (struct charging_account){.is_active = !r.is_disabled,
		                                         .is_blocked = r.is_disabled,
		                                         .service_class = -1,
		                                         .language = -1};
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
		break;
	case CHARGING_PREPARE:
		snprintf(job->answer_mark, sizeof(job->answer_mark), "cgrates1 %" PRId64 "%s%s", r.money,
		         r.updated != NULL ? " " : "", r.updated != NULL ? r.updated : "");
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
		break;
	case CHARGING_QUERY:
		decide(job, &r);
		break;
	default:
		grant(job, &r);
	}
}

/* --- answers ---------------------------------------------------------------------------------------------------------- */

/* A balance that is set twice is the same balance, but not if it was used in between: what is in doubt is read first. */
static bool is_harmless(enum step step)
{
	return step == STEP_READ;
}

static void conclude_error(struct charging_job *job, const char *error, bool *sound)
{
	const struct charging_cgrates_code *c = charging_cgrates_code_of(error);
	enum step step = (enum step)job->step;
	enum charging_outcome o = c->outcome;

	*sound = o != CHARGING_UNKNOWN && c->reason != CHARGING_UNREACHABLE;
	if (step == STEP_REMOVE && c->reason == CHARGING_NO_SUBSCRIBER) {
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "was gone already");
		return;
	}
	if (o == CHARGING_UNKNOWN && is_harmless(step))
		o = CHARGING_RETRY;
	if (job->has_paid)
		o = CHARGING_UNKNOWN; /* the money is taken: what is wrong with the bundle is for a person */
	charging_conclude(job, o, c->reason, 0, c->words);
}

/* "cgrates.org:254700000001", and no other: somebody else's account would say that ours was never filled. */
static bool is_account(const struct charging_job *job, const json_t *result)
{
	const char *id = json_string_value(json_object_get(result, "ID"));
	const char *tenant = charging_config(job)->charging.tenant;
	char digits[MSISDN_TEXT_SIZE];
	size_t n = strlen(tenant);

	return id != NULL && strncmp(id, tenant, n) == 0 && id[n] == ':' &&
	       strcmp(id + n + 1, msisdn_text(job->order.msisdn, digits)) == 0;
}

/* The result of an answer, or NULL after the job was concluded. */
static json_t *read_answer(struct charging_job *job, json_t *whole, bool *sound)
{
	bool harmless = is_harmless((enum step)job->step);
	json_t *error = json_object_get(whole, "error"), *id = json_object_get(whole, "id");
	json_t *result = json_object_get(whole, "result");

	*sound = false;
	if (!json_is_object(whole) || !json_is_integer(id) || json_integer_value(id) != job->call) {
		charging_garbled(job, harmless, "the answer is not JSON-RPC, or belongs to another call");
		return NULL;
	}
	if (json_is_string(error)) {
		conclude_error(job, json_string_value(error), sound);
		return NULL;
	}
	if ((error != NULL && !json_is_null(error)) ||
	    (job->step == STEP_READ
	             ? !is_account(job, result)
	             : !json_is_string(result) || strcmp(json_string_value(result), "OK") != 0)) {
		charging_garbled(job, harmless, "the answer has no result");
		return NULL;
	}
	*sound = true;
	return result;
}

static void went_well(struct charging_job *job, json_t *result)
{
	switch ((enum step)job->step) {
	case STEP_READ:
		on_account(job, result);
		break;
	case STEP_DEBIT:
		job->has_paid = true;
		send_next(job, STEP_SET, NULL);
		break;
	case STEP_SET:
		job->is_decided = true; /* a purchase that a query completes */
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
		break;
	case STEP_REMOVE:
		charging_conclude(job, CHARGING_OK, CHARGING_PLAIN, 0, "");
		break;
	}
}

static bool on_answer(void *ctx, enum charging_sent sent, const struct http_client_answer *answer)
{
	struct charging_job *job = ctx;
	json_t *whole, *result;
	bool sound;

	if (charging_concluded_early(job, sent, answer, is_harmless((enum step)job->step), &sound))
		return sound;
	whole = json_loadb(answer->body, answer->len, JSON_REJECT_DUPLICATES, NULL);
	result = read_answer(job, whole, &sound);
	if (result != NULL)
		went_well(job, result);
	json_decref(whole);
	return sound;
}

static void send_next(struct charging_job *job, enum step step, const char *uuid)
{
	char *body = body_of(job, step, uuid);
	struct charging_request r = {.content_type = "application/json", .harmless = is_harmless(step)};

	job->step = (int)step;
	if (body == NULL) {
		charging_garbled(job, true, "out of memory");
		return;
	}
	r.body = body;
	r.len = strlen(body);
	charging_send(job, &r, on_answer);
	free(body);
}

static void start(struct charging_job *job)
{
	if (job->product != NULL && job->product->kind == CHARGING_PRODUCT_NONE)
		charging_conclude(job, CHARGING_REJECTED, CHARGING_SET_UP, 0,
		                  "this bundle has no product code");
	else if (job->op == CHARGING_REVOKE && job->order.price > 0)
		charging_conclude(job, CHARGING_REJECTED, CHARGING_NOT_OFFERED, 0,
		                  "nothing takes a bundle back and gives the money in one call");
	else if (job->op == CHARGING_REVOKE)
		send_next(job, STEP_REMOVE, NULL);
	else if (job->op == CHARGING_QUERY && !charging_is_settled(job))
		charging_conclude(job, CHARGING_UNKNOWN, CHARGING_TOO_EARLY, 0,
		                  "the system may still be at work");
	else
		send_next(job, STEP_READ, NULL);
}

static bool needs_mark(const struct charging_product *p, bool buys)
{
	(void)p;
	return buys;
}

const struct charging_system charging_cgrates = {.name = "cgrates", .start = start, .needs_mark = needs_mark};
