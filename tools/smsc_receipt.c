/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delivery receipts. */
#include "tools/smsc_receipt.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define RECEIPT_MOST_US 500000
#define RECEIPT_AGAIN_US 50000

void smsc_receipt_plan(struct smsc_fault *f, uint32_t subscriber, const char *service, uint32_t message_id)
{
	struct smsc_late late = {.due_us = smsc_now_us() +
	                                   (int64_t)(smsc_fault_random(f) >> 11) % RECEIPT_MOST_US,
	                         .kind = SMSC_LATE_RECEIPT,
	                         .subscriber = subscriber,
	                         .message_id = message_id};

	if (f->config.receipts == SMSC_RECEIPTS_NONE)
		return;
	late.state = smsc_fault_message_state(f);
	snprintf(late.service, sizeof late.service, "%s", service);
	(void)smsc_late_add(&f->late, &late);
}

void smsc_receipt_again(struct smsc_fault *f, const struct smsc_late *what)
{
	struct smsc_late late = *what;

	late.due_us = smsc_now_us() + RECEIPT_AGAIN_US;
	(void)smsc_late_add(&f->late, &late);
}

void smsc_receipt_address(struct smsc_address *a, int64_t msisdn)
{
	*a = (struct smsc_address){.ton = 1, .npi = 1};
	snprintf(a->digits, sizeof a->digits, "%lld", (long long)msisdn);
}

/* Appendix B. */
static void write_text(struct smsc_receipt *r, const char *id, bool delivered)
{
	char when[11];
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	snprintf(when, sizeof when, "%02u%02u%02u%02u%02u", (unsigned)tm.tm_year % 100,
	         (unsigned)tm.tm_mon % 12 + 1, (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100,
	         (unsigned)tm.tm_min % 100);
	snprintf(r->text, sizeof r->text,
	         "id:%s sub:001 dlvrd:%s submit date:%s done date:%s stat:%s err:%s text:...", id,
	         delivered ? "001" : "000", when, when, delivered ? "DELIVRD" : "UNDELIV",
	         delivered ? "000" : "027");
	r->sm.text = (const uint8_t *)r->text;
	r->sm.text_len = strlen(r->text);
}

void smsc_receipt_make(struct smsc_receipt *r, const struct smsc_fault_config *config, int64_t msisdn,
                       const struct smsc_late *what)
{
	bool delivered = what->state == SMSC_STATE_DELIVERED;
	char id[16];

	memset(r, 0, sizeof *r);
	r->sm.esm_class = SMSC_ESM_RECEIPT;
	smsc_receipt_address(&r->sm.source, msisdn);
	r->sm.dest.npi = 1;
	memcpy(r->sm.dest.digits, what->service, sizeof r->sm.dest.digits);
	r->sm.text = (const uint8_t *)"";
	/* "%08x" is what smsc_put_submit_resp says. */
	snprintf(id, sizeof id, config->receipts == SMSC_RECEIPTS_DECIMAL ? "%u" : "%08x", what->message_id);
	if (config->receipts != SMSC_RECEIPTS_TLV)
		write_text(r, id, delivered);
	if (config->receipts == SMSC_RECEIPTS_TEXT || config->receipts == SMSC_RECEIPTS_DECIMAL)
		return;
	memcpy(r->sm.receipted_id, id, strlen(id) + 1);
	r->sm.state = what->state;
	if (!delivered) {
		r->sm.has_network_error = true;
		memcpy(r->sm.network_error, "\3\0\33", 3);
	}
}
