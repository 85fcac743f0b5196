/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSISDN: many dresses in, one integer out.
 *
 * Invariant: a number that msisdn_parse gave has MSISDN_MIN_DIGITS to MSISDN_MAX_DIGITS digits, country code
 * first. Texts come from a wire and may be of any length and content.
 */
#include "core/msisdn.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 24 /* "00", the longest number, and room to see that there are too many */
#define LOCAL_MIN 6   /* more than these after the code: the code is meant, see the header */
#define INTERNATIONAL_MIN 10

/* What stands in a text once its dress is off. */
struct digits {
	char at[DIGITS_MAX + 1];
	size_t n; /* may exceed DIGITS_MAX; only that many are kept */
	bool plus;
};

static enum rc undress(const char *text, struct digits *d)
{
	memset(d, 0, sizeof *d);
	for (; *text; text++) {
		if (*text >= '0' && *text <= '9') {
			if (d->n < DIGITS_MAX)
				d->at[d->n] = *text;
			d->n++;
		} else if (*text == '+' && d->n == 0 && !d->plus) {
			d->plus = true;
		} else if (!strchr(" -().", *text)) {
			return RC_SYNTAX;
		}
	}
	if (d->n == 0)
		return RC_SYNTAX;
	return d->n > DIGITS_MAX ? RC_RANGE : RC_OK;
}

static bool begins(const char *text, const char *prefix)
{
	return *prefix && strncmp(text, prefix, strlen(prefix)) == 0;
}

static enum rc number_of(const char *code, const char *rest, int64_t *out)
{
	char all[DIGITS_MAX + sizeof((struct msisdn_plan *)0)->code + 1];
	size_t n_code = strlen(code), n = n_code + strlen(rest);
	int64_t number = 0;

	if (n >= sizeof all)
		return RC_RANGE;
	memcpy(all, code, n_code);
	memcpy(all + n_code, rest, n - n_code + 1);
	if (n < MSISDN_MIN_DIGITS || n > MSISDN_MAX_DIGITS || all[0] == '0')
		return RC_RANGE;
	for (size_t i = 0; i < n; i++)
		number = number * 10 + (all[i] - '0');
	*out = number;
	return RC_OK;
}

/* Some SMSCs mark every number as international. None such begins with the trunk prefix, and none that a roaming
 * subscriber has is shorter than INTERNATIONAL_MIN digits: one handset must not become two subscribers. */
static bool is_national_in_truth(const struct digits *d, const char *trunk, const char *code)
{
	return *code && !begins(d->at, code) && (begins(d->at, trunk) || d->n < INTERNATIONAL_MIN);
}

/* Digits alone, international with our country's code, as nearly all come: the number, or 0 for anything that wants a closer
 * look. */
static int64_t parse_plain(const char *text, const char *code)
{
	int64_t number = 0;
	size_t n = 0;

	if (text[0] == '0')
		return 0;
	for (; *code != '\0'; code++, text++, n++) {
		if (*text != *code)
			return 0;
		number = number * 10 + (*code - '0');
	}
	for (; *text >= '0' && *text <= '9' && n <= MSISDN_MAX_DIGITS; text++, n++)
		number = number * 10 + (*text - '0');
	return *text == '\0' && n >= INTERNATIONAL_MIN && n <= MSISDN_MAX_DIGITS ? number : 0;
}

enum rc msisdn_parse(const char *text, int ton, const struct msisdn_plan *plan, int64_t *out)
{
	const char *code = plan ? plan->code : "";
	const char *trunk = plan ? plan->trunk : "";
	struct digits d;
	enum rc rc;

	if (!text)
		return RC_SYNTAX;
	if (ton == MSISDN_TON_INTERNATIONAL) {
		int64_t number = parse_plain(text, code);

		if (number != 0) {
			*out = number;
			return RC_OK;
		}
	}
	rc = undress(text, &d);
	if (rc != RC_OK)
		return rc;
	if (d.plus)
		return number_of("", d.at, out);
	if (begins(d.at, "00"))
		return number_of("", d.at + 2, out);
	if (ton == MSISDN_TON_INTERNATIONAL && !is_national_in_truth(&d, trunk, code))
		return number_of("", d.at, out);
	if (begins(d.at, trunk))
		return number_of(code, d.at + strlen(trunk), out);
	if (ton == MSISDN_TON_NATIONAL)
		return number_of(code, d.at, out);
	if (begins(d.at, code) && d.n > strlen(code) + LOCAL_MIN)
		return number_of("", d.at, out);
	return number_of(code, d.at, out);
}

char *msisdn_text(int64_t msisdn, char *out)
{
	snprintf(out, MSISDN_TEXT_SIZE, "%" PRId64, msisdn);
	return out;
}
