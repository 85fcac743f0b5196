/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codes of Ericsson AIR: see charging_ucip_codes.h.
 *
 * Numbers and names are those of public clients of UCIP 3 to 5 that list responseCode and faultCode whole. What an outcome
 * is follows from one question: can it have been executed? A code that names what is wrong with the account or the
 * request was found before anything was done: REJECTED. A code that names a failure of the system itself says nothing
 * of what was done before: UNKNOWN. RETRY only where the system says that it did not begin.
 */
#include "gateway/charging_ucip_codes.h"

#include <stdio.h>

/* A row a line. */
/* clang-format off */
const struct charging_ucip_code charging_ucip_codes[] = {
	{0, CHARGING_OK, CHARGING_PLAIN, "done"},
	{1, CHARGING_OK, CHARGING_PLAIN, "done; the supervision period is over"},
	{2, CHARGING_OK, CHARGING_PLAIN, "done; the service fee period is over"},
	{3, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "listed without a meaning"},
	{100, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "other error"},
	{101, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "not used"},
	{102, CHARGING_REJECTED, CHARGING_NO_SUBSCRIBER, "subscriber not found"},
	{103, CHARGING_REJECTED, CHARGING_BARRED, "account barred from refill"},
	{104, CHARGING_REJECTED, CHARGING_BARRED, "account temporarily blocked"},
	{105, CHARGING_REJECTED, CHARGING_SET_UP, "dedicated account not allowed"},
	{106, CHARGING_REJECTED, CHARGING_TOO_LITTLE, "dedicated account would be negative"},
	{107, CHARGING_REJECTED, CHARGING_SET_UP, "voucher used by the same"},
	{108, CHARGING_REJECTED, CHARGING_SET_UP, "voucher used by another"},
	{109, CHARGING_REJECTED, CHARGING_SET_UP, "voucher not available"},
	{110, CHARGING_REJECTED, CHARGING_SET_UP, "voucher expired"},
	{111, CHARGING_REJECTED, CHARGING_SET_UP, "voucher stolen or missing"},
	{112, CHARGING_REJECTED, CHARGING_SET_UP, "voucher damaged"},
	{113, CHARGING_REJECTED, CHARGING_SET_UP, "voucher pending"},
	{114, CHARGING_REJECTED, CHARGING_SET_UP, "voucher type not accepted"},
	{115, CHARGING_REJECTED, CHARGING_BARRED, "refill not accepted"},
	{117, CHARGING_REJECTED, CHARGING_SET_UP, "service class change not allowed"},
	{119, CHARGING_REJECTED, CHARGING_SET_UP, "invalid voucher activation code"},
	{120, CHARGING_REJECTED, CHARGING_SET_UP, "invalid refill profile"},
	{121, CHARGING_REJECTED, CHARGING_TOO_MUCH, "supervision period too long"},
	{122, CHARGING_REJECTED, CHARGING_TOO_MUCH, "service fee period too long"},
	{123, CHARGING_REJECTED, CHARGING_TOO_MUCH, "maximum credit limit exceeded"},
	{124, CHARGING_REJECTED, CHARGING_TOO_LITTLE, "below minimum balance"},
	{126, CHARGING_REJECTED, CHARGING_BARRED, "account not active"},
	{127, CHARGING_REJECTED, CHARGING_SET_UP, "accumulator not available"},
	{128, CHARGING_REJECTED, CHARGING_SET_UP, "invalid PIN code"},
	{129, CHARGING_REJECTED, CHARGING_SET_UP, "family and friends number does not exist"},
	{130, CHARGING_REJECTED, CHARGING_SET_UP, "family and friends number not allowed"},
	{133, CHARGING_REJECTED, CHARGING_SET_UP, "service class list empty"},
	{134, CHARGING_REJECTED, CHARGING_TOO_MUCH, "accumulator overflow"},
	{135, CHARGING_REJECTED, CHARGING_TOO_LITTLE, "accumulator underflow"},
	{136, CHARGING_REJECTED, CHARGING_SET_UP, "date adjustment error"},
	{137, CHARGING_REJECTED, CHARGING_SET_UP, "balance may not be read"},
	{138, CHARGING_REJECTED, CHARGING_SET_UP, "no PIN code registered"},
	{139, CHARGING_REJECTED, CHARGING_SET_UP, "dedicated account not defined"},
	{140, CHARGING_REJECTED, CHARGING_SET_UP, "invalid old service class"},
	{141, CHARGING_REJECTED, CHARGING_SET_UP, "invalid language"},
	{142, CHARGING_REJECTED, CHARGING_SET_UP, "subscriber already installed"},
	{143, CHARGING_REJECTED, CHARGING_SET_UP, "invalid master subscriber"},
	{144, CHARGING_REJECTED, CHARGING_SET_UP, "subscriber already activated"},
	{145, CHARGING_REJECTED, CHARGING_SET_UP, "already linked as subordinate"},
	{146, CHARGING_REJECTED, CHARGING_SET_UP, "already linked as master"},
	{147, CHARGING_REJECTED, CHARGING_SET_UP, "invalid old community list"},
	{148, CHARGING_REJECTED, CHARGING_SET_UP, "invalid new community list"},
	{149, CHARGING_REJECTED, CHARGING_SET_UP, "invalid end of promotion plan"},
	{150, CHARGING_REJECTED, CHARGING_SET_UP, "invalid promotion plan"},
	{151, CHARGING_REJECTED, CHARGING_SET_UP, "promotion plan not found"},
	{152, CHARGING_REJECTED, CHARGING_BARRED, "account expired"},
	{153, CHARGING_REJECTED, CHARGING_TOO_MUCH, "dedicated account limit exceeded"},
	{154, CHARGING_REJECTED, CHARGING_SET_UP, "invalid old service class date"},
	{155, CHARGING_REJECTED, CHARGING_SET_UP, "invalid new service class"},
	{156, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "delete of subscriber failed"},
	{157, CHARGING_REJECTED, CHARGING_SET_UP, "invalid home region"},
	{158, CHARGING_REJECTED, CHARGING_SET_UP, "maximum of promotion plans reached"},
	{159, CHARGING_REJECTED, CHARGING_SET_UP, "charged family and friends not active"},
	{160, CHARGING_REJECTED, CHARGING_BARRED, "not allowed from the present location"},
	{161, CHARGING_RETRY, CHARGING_UNREACHABLE, "location could not be found out"},
	{163, CHARGING_REJECTED, CHARGING_SET_UP, "invalid dedicated account period"},
	{164, CHARGING_REJECTED, CHARGING_SET_UP, "invalid dedicated account start date"},
	{165, CHARGING_REJECTED, CHARGING_SET_UP, "offer not found"},
	{166, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "not used"},
	{167, CHARGING_REJECTED, CHARGING_SET_UP, "invalid unit type"},
	{168, CHARGING_REJECTED, CHARGING_BARRED, "refill denied: first call not made"},
	{177, CHARGING_REJECTED, CHARGING_BARRED, "refill denied: account not active"},
	{178, CHARGING_REJECTED, CHARGING_BARRED, "refill denied: service fee period expired"},
	{179, CHARGING_REJECTED, CHARGING_BARRED, "refill denied: supervision period expired"},
	{190, CHARGING_REJECTED, CHARGING_SET_UP, "PAM service exists"},
	{191, CHARGING_REJECTED, CHARGING_SET_UP, "PAM service out of range"},
	{192, CHARGING_REJECTED, CHARGING_SET_UP, "old PAM class wrong"},
	{193, CHARGING_REJECTED, CHARGING_SET_UP, "PAM class wrong"},
	{194, CHARGING_REJECTED, CHARGING_SET_UP, "old schedule wrong"},
	{195, CHARGING_REJECTED, CHARGING_SET_UP, "schedule wrong"},
	{196, CHARGING_REJECTED, CHARGING_SET_UP, "invalid deferred to date"},
	{197, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "periodic account management failed"},
	{198, CHARGING_REJECTED, CHARGING_SET_UP, "too many PAM services"},
	{199, CHARGING_REJECTED, CHARGING_SET_UP, "PAM period not in the schedule"},
	{200, CHARGING_REJECTED, CHARGING_SET_UP, "PAM class does not exist"},
	{201, CHARGING_REJECTED, CHARGING_SET_UP, "schedule does not exist"},
	{202, CHARGING_REJECTED, CHARGING_SET_UP, "invalid PAM indicator"},
	{203, CHARGING_REJECTED, CHARGING_NO_SUBSCRIBER, "subscriber marked for deletion"},
	{204, CHARGING_REJECTED, CHARGING_SET_UP, "given value and account do not agree"},
	{205, CHARGING_REJECTED, CHARGING_TOO_MUCH, "too many family and friends indicators"},
	{206, CHARGING_REJECTED, CHARGING_SET_UP, "family and friends indicator exists"},
	{207, CHARGING_REJECTED, CHARGING_SET_UP, "invalid accumulator end date"},
	{208, CHARGING_REJECTED, CHARGING_SET_UP, "invalid accumulator service class"},
	{209, CHARGING_REJECTED, CHARGING_SET_UP, "invalid dedicated account expiry date"},
	{210, CHARGING_REJECTED, CHARGING_SET_UP, "invalid dedicated account service class"},
	{211, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "delete of dedicated account failed"},
	{212, CHARGING_REJECTED, CHARGING_SET_UP, "composite dedicated account may not be cropped"},
	{213, CHARGING_REJECTED, CHARGING_SET_UP, "sub dedicated account not defined"},
	{214, CHARGING_REJECTED, CHARGING_SET_UP, "offer not defined, or of another type"},
	{215, CHARGING_REJECTED, CHARGING_TOO_MUCH, "too many offers of this type"},
	{216, CHARGING_REJECTED, CHARGING_SET_UP, "usage threshold not defined"},
	{217, CHARGING_REJECTED, CHARGING_SET_UP, "usage counter not defined"},
	{218, CHARGING_REJECTED, CHARGING_SET_UP, "usage threshold not on the account"},
	{219, CHARGING_REJECTED, CHARGING_SET_UP, "usage counter out of bounds"},
	{220, CHARGING_REJECTED, CHARGING_SET_UP, "value type does not match"},
	{221, CHARGING_REJECTED, CHARGING_SET_UP, "no subordinate subscribers"},
	{222, CHARGING_REJECTED, CHARGING_SET_UP, "dedicated account in use"},
	{223, CHARGING_REJECTED, CHARGING_SET_UP, "new offer date wrong"},
	{224, CHARGING_REJECTED, CHARGING_SET_UP, "old offer date wrong"},
	{225, CHARGING_REJECTED, CHARGING_SET_UP, "offer is active: its start cannot change"},
	{226, CHARGING_REJECTED, CHARGING_SET_UP, "invalid start of PAM period"},
	{227, CHARGING_REJECTED, CHARGING_SET_UP, "invalid expiry of PAM period"},
	{230, CHARGING_REJECTED, CHARGING_SET_UP, "lifetime cannot be converted"},
	{232, CHARGING_REJECTED, CHARGING_SET_UP, "PAM service in use"},
	{233, CHARGING_REJECTED, CHARGING_SET_UP, "invalid PAM service priority"},
	{234, CHARGING_REJECTED, CHARGING_SET_UP, "old PAM service priority wrong"},
	{235, CHARGING_REJECTED, CHARGING_SET_UP, "only one bill cycle an account"},
	{236, CHARGING_REJECTED, CHARGING_SET_UP, "PAM service priority in use"},
	{237, CHARGING_REJECTED, CHARGING_SET_UP, "provider not allowed for this offer"},
	{238, CHARGING_REJECTED, CHARGING_SET_UP, "provider missing for this offer"},
	{239, CHARGING_REJECTED, CHARGING_SET_UP, "time restriction does not exist"},
	{240, CHARGING_REJECTED, CHARGING_SET_UP, "end before start"},
	{241, CHARGING_REJECTED, CHARGING_SET_UP, "time zone not known"},
	{242, CHARGING_REJECTED, CHARGING_SET_UP, "discount not defined"},
	{243, CHARGING_REJECTED, CHARGING_SET_UP, "associated party missing"},
	{244, CHARGING_REJECTED, CHARGING_SET_UP, "associated party not allowed"},
	{245, CHARGING_REJECTED, CHARGING_SET_UP, "personal threshold not allowed"},
	{246, CHARGING_REJECTED, CHARGING_SET_UP, "common threshold not on the account"},
	{247, CHARGING_REJECTED, CHARGING_SET_UP, "product not found"},
	{248, CHARGING_REJECTED, CHARGING_SET_UP, "shared offer not allowed on a subordinate"},
	{249, CHARGING_REJECTED, CHARGING_SET_UP, "product wrong or missing"},
	{250, CHARGING_REJECTED, CHARGING_TOO_LITTLE, "change of number: not enough funds"},
	{251, CHARGING_REJECTED, CHARGING_SET_UP, "change of number: numbers do not match"},
	{252, CHARGING_REJECTED, CHARGING_SET_UP, "change of number: values do not match"},
	{253, CHARGING_REJECTED, CHARGING_SET_UP, "change of number: another is pending"},
	{254, CHARGING_REJECTED, CHARGING_SET_UP, "change of number: new one not available"},
	{255, CHARGING_REJECTED, CHARGING_SET_UP, "not allowed on a subordinate"},
	{256, CHARGING_REJECTED, CHARGING_SET_UP, "attribute does not exist"},
	{257, CHARGING_REJECTED, CHARGING_BARRED, "end of provisioning is set"},
	{258, CHARGING_REJECTED, CHARGING_SET_UP, "attribute value does not exist"},
	{259, CHARGING_REJECTED, CHARGING_SET_UP, "attribute value exists"},
	{260, CHARGING_REJECTED, CHARGING_SET_UP, "capability not available"},
	{261, CHARGING_REJECTED, CHARGING_SET_UP, "invalid combination of capabilities"},
	{999, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "other error, no retry"},
	{1000, CHARGING_REJECTED, CHARGING_SET_UP, "fault: illegal request message"},
	{1001, CHARGING_REJECTED, CHARGING_SET_UP, "fault: mandatory field missing"},
	{1002, CHARGING_REJECTED, CHARGING_SET_UP, "fault: illegal data type"},
	{1003, CHARGING_REJECTED, CHARGING_SET_UP, "fault: data out of bounds"},
	{1004, CHARGING_REJECTED, CHARGING_SET_UP, "fault: unknown operation"},
	{1005, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "fault: internal server error"},
	{1006, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, "fault: reserved"},
	{1007, CHARGING_RETRY, CHARGING_UNREACHABLE, "fault: overload rejection"},
};
/* clang-format on */
const size_t charging_ucip_codes_count = sizeof(charging_ucip_codes) / sizeof(charging_ucip_codes[0]);

const struct charging_ucip_code *charging_ucip_code_of(int code)
{
	static const struct charging_ucip_code other = {-1, CHARGING_UNKNOWN, CHARGING_NO_ANSWER,
	                                                "a code that is not documented"};

	for (size_t i = 0; i < charging_ucip_codes_count; i++)
		if (charging_ucip_codes[i].code == code)
			return &charging_ucip_codes[i];
	return &other;
}

void charging_ucip_codes_print(void *file)
{
	FILE *to = file;

	fputs("| code | outcome | reason | meaning |\n|---|---|---|---|\n", to);
	for (size_t i = 0; i < charging_ucip_codes_count; i++) {
		const struct charging_ucip_code *c = &charging_ucip_codes[i];

		fprintf(to, "| %d | %s | %s | %s |\n", c->code, charging_outcome_name(c->outcome),
		        charging_reason_name(c->reason), c->words);
	}
}
