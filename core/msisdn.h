/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSISDN: a subscriber's number, E.164, as a 64-bit integer without '+'.
 *
 * E.164 numbers have at most 15 digits and never begin with 0, so an int64_t holds each of them and
 * equality is one comparison. Numbers arrive in many dresses ("+254 722...", "00254722...",
 * "0722...", "722..."); they are brought to one form here, at the edge, and nowhere else.
 */
#ifndef STARHASH_CORE_MSISDN_H
#define STARHASH_CORE_MSISDN_H

#include <stdint.h>

#include "core/rc.h"

#define MSISDN_MIN_DIGITS 7  /* with country code; shorter ones are short codes, not subscribers */
#define MSISDN_MAX_DIGITS 15 /* ITU-T E.164, 6.1 */
#define MSISDN_TEXT_SIZE 16  /* digits and NUL */
#define MSISDN_LEAST INT64_C(1000000)
#define MSISDN_MOST INT64_C(999999999999999)

/* How national numbers are completed. `code` "254"; `trunk` "0" or "". Digits only. */
struct msisdn_plan {
	char code[4];
	char trunk[4];
};

/* SMPP type-of-number values that matter here (SMPP 3.4, 5.2.5). Others are handled as unknown. */
enum { MSISDN_TON_UNKNOWN = 0, MSISDN_TON_INTERNATIONAL = 1, MSISDN_TON_NATIONAL = 2 };

/* Read a number. Spaces, '-', '(', ')' and '.' are skipped; '+' or "00" or TON 1 mean international;
 * the trunk prefix or TON 2 mean national (also under TON 1, as do fewer than 10 digits there: some SMSCs mark every
 * number as international); else a number that begins with the country code and is
 * longer than `code` + 6 digits is taken as international, and anything shorter as national.
 * Returns RC_OK; RC_SYNTAX (not digits); RC_RANGE (too short, too long, or begins with 0). */
enum rc msisdn_parse(const char *text, int ton, const struct msisdn_plan *plan, int64_t *out) RC_NODISCARD;

/* Decimal digits into `out` (MSISDN_TEXT_SIZE bytes). Returns out. */
char *msisdn_text(int64_t msisdn, char *out);

#endif
