/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to do about a command_status: the table.
 *
 * Statuses are those of SMPP 3.4, 5.1.3. A USSD answer is tried again within the turn, because a subscriber stands there with
 * the phone in the hand; an SMS over minutes, with the budgets that SMPP clients have come to (ESME_RTHROTTLED about ten
 * minutes, ESME_RSYSERR one, ESME_RMSGQFUL six, ESME_RINVSCHED ten). What is not in the table is final: a PDU that was refused
 * for a reason that we do not know would be refused again, and a resent one that was taken would arrive twice.
 */
#include "gateway/status.h"

#include <stddef.h>
#include <stdio.h>

#include "core/duration.h"
#include "gateway/link.h"
#include "gateway/pdu.h"

/* 50, 100 ... 3200 ms: six seconds, about as long as a network waits for us. Of an SMSC that refuses one in five, three tries
 * would lose one dialogue in six hundred; seven lose none. */
#define USSD_AGAIN .ussd_pause_ms = 50, .ussd_tries = 7
#define SMS_AGAIN(pause_s, tries) .sms_pause_ms = (pause_s)*1000, .sms_tries = (tries)
#define FINAL(code, words)                                                                     \
	{                                                                                      \
		.status = (code), .ussd = STATUS_FINAL, .sms = STATUS_FINAL, .remedy = (words) \
	}
#define GONE(code, words)                                                                     \
	{                                                                                     \
		.status = (code), .ussd = STATUS_GONE, .sms = STATUS_FINAL, .remedy = (words) \
	}

static const struct status_rule rules[] = {
	{.status = PDU_ROK, .ussd = STATUS_DONE, .sms = STATUS_DONE},
	FINAL(PDU_RINVMSGLEN, "the text is too long for this SMSC: lower max_septets in its dialect"),
	FINAL(PDU_RINVCMDLEN,
              "the SMSC cannot read our PDU: look at it with starhash pdu, and at echo and extra in its dialect"),
	FINAL(PDU_RINVCMDID, "the SMSC takes no submit_sm on this session: look at bind"),
	{.status = PDU_RINVBNDSTS,
         .ussd = STATUS_REBIND,
         .sms = STATUS_REBIND,
         USSD_AGAIN,
         SMS_AGAIN(1, 5),
         .remedy =
                 "we bind again by ourselves; if it goes on, the SMSC allows this system_id to receive only: look at bind"},
	FINAL(0x06, "priority in the dialect"),
	FINAL(0x07, "registered_delivery, or receipts, in the dialect"),
	{.status = PDU_RSYSERR,
         .ussd = STATUS_RETRY,
         .sms = STATUS_RETRY,
         USSD_AGAIN,
         SMS_AGAIN(20, 2),
         .remedy = "the SMSC is in trouble: show its operator the time"},
	FINAL(PDU_RINVSRCADR,
              "the SMSC does not allow this short code or sender: look at sender, and TON and NPI of service, in the dialect"),
	FINAL(PDU_RINVDSTADR,
              "the number is not one of this SMSC's: look at country, and TON and NPI of subscriber in the dialect"),
	{.status = PDU_RMSGQFUL,
         .ussd = STATUS_PAUSE,
         .sms = STATUS_PAUSE,
         USSD_AGAIN,
         SMS_AGAIN(120, 2),
         .remedy = "lower window, or rate: the SMSC's queue is full"},
	FINAL(PDU_RINVSERTYP, "service_type in the dialect"),
	FINAL(0x43, "esm_class in the dialect"),
	GONE(PDU_RSUBMITFAIL,
             "usually the subscriber hung up; always and for everybody: look at ops_out and session in the dialect"),
	FINAL(0x48, "the TON of service in the dialect"),
	FINAL(0x49, "the NPI of service in the dialect"),
	FINAL(0x50, "the TON of subscriber in the dialect"),
	FINAL(0x51, "the NPI of subscriber in the dialect"),
	{.status = PDU_RTHROTTLED,
         .ussd = STATUS_PAUSE,
         .sms = STATUS_PAUSE,
         USSD_AGAIN,
         SMS_AGAIN(5, 7),
         .remedy = "set rate to what the SMSC's operator allows"},
	{.status = PDU_RINVSCHED,
         .ussd = STATUS_FINAL,
         .sms = STATUS_RETRY,
         SMS_AGAIN(200, 2),
         .remedy = "validity in the dialect"},
	FINAL(PDU_RINVEXPIRY, "validity in the dialect"),
	{.status = PDU_RX_T_APPN, .ussd = STATUS_RETRY, .sms = STATUS_RETRY, USSD_AGAIN, SMS_AGAIN(20, 4)},
	GONE(PDU_RX_P_APPN, NULL),
	GONE(PDU_RX_R_APPN, NULL),
	FINAL(PDU_RINVOPTPARSTREAM,
              "the SMSC cannot read our TLVs: look at echo, extra and op_last in the dialect"),
	FINAL(0xc1, "the SMSC does not want one of our TLVs: look at echo and extra in the dialect"),
	FINAL(PDU_RINVPARLEN,
              "a TLV has another length than the SMSC expects: look at session and extra in the dialect"),
	FINAL(0xc3, "the SMSC misses a TLV: look at session, echo and extra in the dialect"),
	FINAL(0xc4, "the SMSC does not know a value: look at ops_out and session in the dialect"),
	GONE(0xfe, NULL),
	GONE(PDU_RUNKNOWNERR, "ask the SMSC's operator what it means there"),
	/* the last: all others, also 0x400 to 0x4ff, which each vendor gives a meaning of its own */
	GONE(UINT32_MAX, "ask the SMSC's operator what it means there"),
};
#define N_RULES (sizeof rules / sizeof rules[0])
_Static_assert(N_RULES <= LINK_STATUSES, "links count by row: raise LINK_STATUSES");

const struct status_rule *status_rule_of(uint32_t status)
{
	for (size_t i = 0; i + 1 < N_RULES; i++)
		if (rules[i].status == status)
			return &rules[i];
	return &rules[N_RULES - 1];
}

unsigned status_row(uint32_t status)
{
	return (unsigned)(status_rule_of(status) - rules);
}

const char *status_action_name(enum status_action a)
{
	switch (a) {
	case STATUS_DONE:
		return "done";
	case STATUS_RETRY:
		return "again";
	case STATUS_PAUSE:
		return "again, the link pauses";
	case STATUS_FINAL:
		return "given up";
	case STATUS_GONE:
		return "given up: the dialogue is gone";
	case STATUS_REBIND:
		return "bind anew, then again";
	}
	return "unknown";
}

const struct status_rule *status_rules(unsigned *n)
{
	*n = (unsigned)N_RULES;
	return rules;
}

/* SMSCs deliver again after ESME_RX_T_APPN and a few others, and drop after everything else. */
uint32_t status_for(enum status_case c)
{
	switch (c) {
	case STATUS_CASE_TAKEN:
	case STATUS_CASE_NOT_WANTED: /* it arrived, and a copy would be of no more use */
		return PDU_ROK;
	case STATUS_CASE_OVERLOAD:
	case STATUS_CASE_STORE_FAILS:
		return PDU_RX_T_APPN;
	case STATUS_CASE_MALFORMED:
		return PDU_RX_P_APPN;
	}
	return PDU_RX_P_APPN;
}

static void print_tries(FILE *to, enum status_action action, uint32_t pause_ms, unsigned tries)
{
	char text[DURATION_TEXT_SIZE];

	fputs(status_action_name(action), to);
	for (unsigned i = 0; i < tries; i++)
		fprintf(to, "%s %s", i == 0 ? ": after" : ",", duration_text((int64_t)pause_ms << i, text));
}

void status_print_markdown(void *file)
{
	FILE *to = file;

	fputs("| status | name | USSD answer | SMS | look at |\n|---|---|---|---|---|\n", to);
	for (size_t i = 0; i < N_RULES; i++) {
		const struct status_rule *r = &rules[i];

		if (i + 1 < N_RULES)
			fprintf(to, "| 0x%02x (%u) | `%s` | ", (unsigned)r->status, (unsigned)r->status,
			        pdu_status_name(r->status));
		else
			fputs("| all others | | ", to);
		print_tries(to, r->ussd, r->ussd_pause_ms, r->ussd_tries);
		fputs(" | ", to);
		print_tries(to, r->sms, r->sms_pause_ms, r->sms_tries);
		fprintf(to, " | %s |\n", r->remedy ? r->remedy : "");
	}
}
