/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an account of Ericsson AIR stands, and what that says of an order whose answer was lost.
 *
 * AIR does not know an originTransactionID again, so a repeat would be a second grant. What tells whether an order was
 * done is the account: how it was just before (the mark), how it is now, and the expiry date that only this order would
 * have set. Pure: no wire, no clock.
 */
#ifndef STARHASH_GATEWAY_CHARGING_UCIP_ACCOUNT_H
#define STARHASH_GATEWAY_CHARGING_UCIP_ACCOUNT_H

#include "gateway/charging.h"
#include "gateway/charging_product.h"
#include "gateway/xmlrpc.h"

#define CHARGING_UCIP_NEVER INT64_MAX

/* What is known of the thing that an order changes: a dedicated account or an offer. */
struct charging_ucip_state {
	bool is_there;
	int64_t value;  /* of a dedicated account */
	int64_t main;   /* main account, hundredths */
	int64_t expiry; /* UTC ms; 0 = none, CHARGING_UCIP_NEVER; dates stand at noon */
};

/* Out of an answer to GetBalanceAndDate (da, refill) or GetOffers (offer). */
void charging_ucip_state_read(const struct xmlrpc_value *answer, const struct charging_product *p,
                              struct charging_ucip_state *out);

/* `code` = bundles[].code: a mark says how that thing was, and nothing of another one that the bundle became since. */
void charging_ucip_mark_write(const struct charging_ucip_state *s, const char *code,
                              char out[CHARGING_MARK_SIZE]);
/* False: not a mark, or of another code. */
bool charging_ucip_mark_read(const char *mark, const char *code, struct charging_ucip_state *out);

/* The expiry that the attempt of `from_ms` sets, given how it was before; 0 = it sets none. An offer that is there is made
 * longer; a dedicated account never ends sooner than it did. Dates are those of a system `zone_ms` east of UTC. */
int64_t charging_ucip_expiry(const struct charging_product *p, const struct charging_ucip_state *before,
                             int64_t from_ms, int64_t valid_ms, int64_t zone_ms);

/* OK, RETRY (certainly not done) or UNKNOWN. `is_over`: what the order gave may have come to its end and be gone again, so
 * an account that looks untouched tells nothing. */
enum charging_outcome charging_ucip_decide(const struct charging_product *p,
                                           const struct charging_ucip_state *before,
                                           const struct charging_ucip_state *now, int64_t expiry,
                                           bool is_over);

/* "20261129T12:00:00+0000" to UTC ms; 0 = not a time; the year 9999 is CHARGING_UCIP_NEVER. */
int64_t charging_ucip_time(const char *text);
/* The day that it is at that time `zone_ms` east of UTC, as UCIP writes dates: at noon UTC, which is the same date nearly
 * everywhere. */
int64_t charging_ucip_day(int64_t utc_ms, int64_t zone_ms);

#endif
