/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts of Ericsson AIR: see charging_ucip_account.h. */
#include "gateway/charging_ucip_account.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)

int64_t charging_ucip_time(const char *text)
{
	struct tm tm = {0};
	int year, month, day, hour, minute, second, used = 0, zone = 0;

	if (text == NULL ||
	    sscanf(text, "%4d%2d%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &used) != 6)
		return 0;
	if (year >= 9999)
		return CHARGING_UCIP_NEVER;
	if (year < 1971 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
	    second > 60)
		return 0;
	if ((text[used] == '+' || text[used] == '-') && strlen(text + used) == 5)
		zone = atoi(text + used + 1) / 100 * 60 + atoi(text + used + 1) % 100;
	if (text[used] == '-')
		zone = -zone;
	tm = (struct tm){.tm_year = year - 1900,
	                 .tm_mon = month - 1,
	                 .tm_mday = day,
	                 .tm_hour = hour,
	                 .tm_min = minute,
	                 .tm_sec = second};
	return ((int64_t)timegm(&tm) - (int64_t)zone * 60) * 1000;
}

int64_t charging_ucip_day(int64_t utc_ms, int64_t zone_ms)
{
	return (utc_ms + zone_ms) / DAY_MS * DAY_MS + DAY_MS / 2;
}

/* A date, whatever hour and zone it comes with: the eight digits count. */
static int64_t day_of(const char *text)
{
	char date[32];

	if (text == NULL || strlen(text) < 8)
		return 0;
	snprintf(date, sizeof(date), "%.8sT12:00:00+0000", text);
	return charging_ucip_time(date);
}

static void read_dedicated(const struct xmlrpc_value *answer, int64_t id, struct charging_ucip_state *out)
{
	int64_t n;

	for (const struct xmlrpc_value *v = xmlrpc_first(answer, "dedicatedAccountInformation"); v != NULL;
	     v = xmlrpc_next(v)) {
		if (!xmlrpc_int(v, "dedicatedAccountID", &n) || n != id)
			continue;
		out->is_there = true;
		(void)xmlrpc_int(v, "dedicatedAccountValue1", &out->value);
		out->expiry = day_of(xmlrpc_text(v, "expiryDate"));
	}
}

static void read_offer(const struct xmlrpc_value *answer, int64_t id, struct charging_ucip_state *out)
{
	int64_t n;

	for (const struct xmlrpc_value *v = xmlrpc_first(answer, "offerInformation"); v != NULL;
	     v = xmlrpc_next(v)) {
		if (!xmlrpc_int(v, "offerID", &n) || n != id)
			continue;
		out->is_there = true;
		out->expiry = charging_ucip_time(xmlrpc_text(v, "expiryDateTime"));
		if (out->expiry == 0)
			out->expiry = day_of(xmlrpc_text(v, "expiryDate"));
	}
}

void charging_ucip_state_read(const struct xmlrpc_value *answer, const struct charging_product *p,
                              struct charging_ucip_state *out)
{
	memset(out, 0, sizeof(*out));
	(void)xmlrpc_int(answer, "accountValue1", &out->main);
	if (p->kind == CHARGING_PRODUCT_OFFER)
		read_offer(answer, p->id, out);
	else
		read_dedicated(answer, p->kind == CHARGING_PRODUCT_DA ? p->id : p->account, out);
}

void charging_ucip_mark_write(const struct charging_ucip_state *s, const char *code,
                              char out[CHARGING_MARK_SIZE])
{
	snprintf(out, CHARGING_MARK_SIZE, "ucip1 %d %" PRId64 " %" PRId64 " %" PRId64 " %s", s->is_there,
	         s->value, s->main, s->expiry, code);
}

bool charging_ucip_mark_read(const char *mark, const char *code, struct charging_ucip_state *out)
{
	int there, used = 0;

	memset(out, 0, sizeof(*out));
	if (sscanf(mark, "ucip1 %1d %" SCNd64 " %" SCNd64 " %" SCNd64 "%n", &there, &out->value, &out->main,
	           &out->expiry, &used) != 4 ||
	    mark[used] != ' ' || strcmp(mark + used + 1, code) != 0)
		return false;
	out->is_there = there != 0;
	return true;
}

int64_t charging_ucip_expiry(const struct charging_product *p, const struct charging_ucip_state *before,
                             int64_t from_ms, int64_t valid_ms, int64_t zone_ms)
{
	int64_t from = from_ms, ends;

	if (valid_ms == 0 || p->kind == CHARGING_PRODUCT_REFILL)
		return 0;
	if (before->is_there && before->expiry == CHARGING_UCIP_NEVER)
		return 0;
	if (before->is_there && before->expiry == 0 &&
	    (p->kind == CHARGING_PRODUCT_OFFER || before->value != 0))
		return 0; /* there without an end */
	if (p->kind == CHARGING_PRODUCT_OFFER && before->is_there && before->expiry > from)
		from = before->expiry;
	ends = from + valid_ms;
	ends = p->kind == CHARGING_PRODUCT_OFFER && p->type == 2 ? ends / 1000 * 1000
	                                                         : charging_ucip_day(ends, zone_ms);
	return p->kind == CHARGING_PRODUCT_DA && before->is_there && before->expiry >= ends ? 0 : ends;
}

static enum charging_outcome decide_offer(const struct charging_ucip_state *before,
                                          const struct charging_ucip_state *now, int64_t expiry)
{
	if (now->is_there && (expiry == 0 || now->expiry == expiry))
		return CHARGING_OK;
	if (now->is_there == before->is_there && now->expiry == before->expiry)
		return CHARGING_RETRY;
	return CHARGING_UNKNOWN; /* somebody else changed it: a repeat might shorten theirs */
}

/* Without a date that only this order sets, the amount alone tells: exactly so much more, or nothing moved. An account that
 * was and is empty may have been filled and used up. */
static enum charging_outcome decide_amount(const struct charging_ucip_state *before,
                                           const struct charging_ucip_state *now, int64_t amount)
{
	if (amount != 0 && now->value == before->value + amount)
		return CHARGING_OK;
	if (now->value == before->value && now->expiry == before->expiry && before->value != 0)
		return CHARGING_RETRY;
	return CHARGING_UNKNOWN;
}

/* The date decides: it would have been set in the same call. An amount that says otherwise is somebody else's. */
static enum charging_outcome decide_dated(const struct charging_product *p,
                                          const struct charging_ucip_state *before,
                                          const struct charging_ucip_state *now, int64_t expiry)
{
	if (now->expiry == expiry)
		return CHARGING_OK;
	return now->expiry == before->expiry && now->value != before->value + p->amount ? CHARGING_RETRY
	                                                                                : CHARGING_UNKNOWN;
}

enum charging_outcome charging_ucip_decide(const struct charging_product *p,
                                           const struct charging_ucip_state *before,
                                           const struct charging_ucip_state *now, int64_t expiry,
                                           bool is_over)
{
	enum charging_outcome o;

	if (p->kind == CHARGING_PRODUCT_OFFER)
		o = decide_offer(before, now, expiry);
	else if (p->kind == CHARGING_PRODUCT_REFILL && p->account == 0)
		o = CHARGING_UNKNOWN;
	else if (expiry != 0)
		o = decide_dated(p, before, now, expiry);
	else
		o = decide_amount(before, now, p->amount);
	return o == CHARGING_RETRY && is_over ? CHARGING_UNKNOWN : o;
}
