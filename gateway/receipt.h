/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delivery receipts in all their shapes, to one plain value. Pure.
 *
 * TLVs (receipted_message_id, message_state, network_error_code) win over the text "id:... stat:..."; ids are compared in
 * every form that they are known to take (decimal in one place and hexadecimal in the other, leading zeros, case).
 */
#ifndef STARHASH_GATEWAY_RECEIPT_H
#define STARHASH_GATEWAY_RECEIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rc.h"
#include "gateway/dialect.h"
#include "gateway/pdu.h"

#define RECEIPT_ID_SIZE 66
#define RECEIPT_FORMS 3

enum receipt_state { /* SMPP 3.4, 5.2.28 */
	             RECEIPT_ENROUTE = 1,
	             RECEIPT_DELIVERED,
	             RECEIPT_EXPIRED,
	             RECEIPT_DELETED,
	             RECEIPT_UNDELIVERABLE,
	             RECEIPT_ACCEPTED,
	             RECEIPT_UNKNOWN,
	             RECEIPT_REJECTED
};

struct receipt {
	char id[RECEIPT_ID_SIZE]; /* as the receipt has it */
	enum receipt_state state;
	int error; /* of the network; -1 = none told */
};

/* Does it read like one (dialects with receipts_by_text)? It begins with "id:" and has a "stat:" that is known. */
bool receipt_looks_like(const char *text);
/* A UDH, a payload, any coding are fine. An intermediate notification (esm_class 0x20) without a state is ENROUTE.
 * Returns RC_OK; RC_SYNTAX (no id or no state in it). */
enum rc receipt_read(const struct dialect *d, const struct pdu_message *m, struct receipt *out) RC_NODISCARD;
/* The message_id of a submit_sm_resp or of a receipt in the one form that both are stored and looked up in: lower case, without
 * blanks, "0x" and leading zeros; a number that is hexadecimal here becomes decimal when it is so elsewhere. Ids over 64 bits
 * and those that are no numbers stay as they are, but for case. */
void receipt_id_normal(const struct dialect *d, bool of_response, const char *id, char out[RECEIPT_ID_SIZE]);
/* Every form to look a receipt's id up in, the likeliest first: with receipt_id "any" also as a number of the other base.
 * Returns how many, 1..RECEIPT_FORMS. */
unsigned receipt_id_forms(const struct dialect *d, const char *id, char out[RECEIPT_FORMS][RECEIPT_ID_SIZE]);

#endif
