/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a bundle is to a charging system: bundles[].code, read.
 *
 *   UCIP      da:ID:AMOUNT[:UNIT]               adds to a dedicated account, in one call; UNIT as the system numbers them
 *             refill:PROFILE:AMOUNT[:ACCOUNT]   a refill profile; ACCOUNT = a dedicated account that it fills, as proof
 *             offer:ID[:TYPE]                   TYPE 2 (timer, default: to the second) or 0 (account: to the day)
 *   CGRateS   *TYPE:VALUE                       a balance of its own: *data:104857600
 */
#ifndef STARHASH_GATEWAY_CHARGING_PRODUCT_H
#define STARHASH_GATEWAY_CHARGING_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rc.h"
#include "gateway/config.h"

enum charging_product_kind {
	CHARGING_PRODUCT_NONE, /* the ledger's */
	CHARGING_PRODUCT_DA,
	CHARGING_PRODUCT_REFILL,
	CHARGING_PRODUCT_OFFER,
	CHARGING_PRODUCT_BALANCE
};

#define CHARGING_PRODUCT_NAME_SIZE 32
#define CHARGING_AMOUNT_MAX INT64_C(999999999999) /* twelve digits, as UCIP has them */

struct charging_product {
	enum charging_product_kind kind;
	char name[CHARGING_PRODUCT_NAME_SIZE]; /* refill profile; type of balance */
	int64_t id;                            /* dedicated account; offer */
	int64_t amount;
	int64_t account; /* of a refill: the dedicated account that proves it; 0 = none */
	int unit;        /* of a dedicated account; -1 = not said */
	int type;        /* of an offer */
};

/* RC_OK; RC_SYNTAX: *remedy says how it is written. The ledger takes anything. */
enum rc charging_product_parse(enum config_charging_kind kind, const char *code, struct charging_product *out,
                               const char **remedy) RC_NODISCARD;
/* Can it be paid from the balance and given without a moment in which only one of both is done, or one that cannot
 * be told afterwards? */
bool charging_product_sells(const struct charging_product *p);

#endif
