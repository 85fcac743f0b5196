/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delivery receipts, in the shapes that SMSCs give them: TLVs (SMPP 3.4, 5.3.2.35), the text of appendix B, the text with
 * a decimal id where the response had a hexadecimal one, or both. */
#ifndef STARHASH_TOOLS_SMSC_RECEIPT_H
#define STARHASH_TOOLS_SMSC_RECEIPT_H

#include "tools/smsc_fault.h"
#include "tools/smsc_late.h"
#include "tools/smsc_pdu.h"

struct smsc_receipt {
	char text[160];
	struct smsc_sm sm; /* borrows from `text` */
};

/* One will be due soon, if the configuration wants receipts. `service` is who had sent the message. */
void smsc_receipt_plan(struct smsc_fault *f, uint32_t subscriber, const char *service, uint32_t message_id);
/* It could not be sent now. */
void smsc_receipt_again(struct smsc_fault *f, const struct smsc_late *what);
void smsc_receipt_make(struct smsc_receipt *r, const struct smsc_fault_config *config, int64_t msisdn,
                       const struct smsc_late *what);

void smsc_receipt_address(struct smsc_address *a, int64_t msisdn);

#endif
