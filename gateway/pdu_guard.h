/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guard: our own bounds-checked reading of a deliver_sm or data_sm, and the harmless copy of it that
 * libsmpp34 may see.
 *
 * libsmpp34 writes past its text log after about 28 TLVs, loses sync on TLVs of unexpected length and
 * refuses much that SMSCs really send (docs/adr/0002). Invariant: `copy` is a well-formed PDU that
 * the library accepts: header with status 0 and sequence 1, empty schedule and validity, TON and NPI from the
 * library's lists, short_message of at most PDU_SHORT_MESSAGE_MAX octets, at most PDU_MAX_TLVS TLVs and one
 * message_payload, each of the length its tag demands and at most PDU_PAYLOAD_MAX. What was taken out of
 * the copy stands in `message`.
 */
#ifndef STARHASH_GATEWAY_PDU_GUARD_H
#define STARHASH_GATEWAY_PDU_GUARD_H

#include <stdbool.h>

#include "core/rc.h"
#include "gateway/pdu.h"

/* The mandatory part (under 512 octets) and PDU_MAX_TLVS + 1 TLVs of 4 + PDU_PAYLOAD_MAX octets. */
#define PDU_GUARD_COPY_SIZE (512 + (PDU_MAX_TLVS + 1) * (4 + PDU_PAYLOAD_MAX))

struct pdu_guard {
	struct pdu_message message; /* everything, as read here; borrows from the PDU */
	bool source_aside;          /* source address not in the copy: longer than the library takes */
	size_t copied_body_len;     /* octets of short_message in the copy */
	size_t n_copied;
	struct pdu_tlv copied[PDU_MAX_TLVS + 1]; /* the TLVs in the copy, in its order */
	size_t copy_len;
	uint8_t copy[PDU_GUARD_COPY_SIZE];
};

/* Read one whole PDU of exactly `len` bytes.
 * Returns RC_OK and fills `g`; RC_SYNTAX (*status_out is the command_status of the answer that the
 * specification foresees, `g` is undefined):
 *   ESME_RINVCMDLEN  shorter than its mandatory fields, or command_length is not `len`
 *   ESME_RINVCMDID   neither deliver_sm nor data_sm
 *   ESME_RINVSERTYP, _RINVSRCADR, _RINVDSTADR, _RINVSCHED, _RINVEXPIRY  no NUL within that field
 *   ESME_RINVMSGLEN  sm_length is more than the PDU holds
 *   ESME_RINVOPTPARSTREAM  a TLV runs over the end of the PDU (1 to 3 stray octets at the end are ignored) */
enum rc pdu_guard_read(struct pdu_guard *g, const uint8_t *bytes, size_t len,
                       uint32_t *status_out) RC_NODISCARD;

/* The TON or NPI that stands in the copy for this one: itself, or 0 when the library would refuse it. */
uint8_t pdu_guard_ton(uint8_t ton);
uint8_t pdu_guard_npi(uint8_t npi);

/* Whether SMPP 3.4 (5.3.2) allows this length for the tag, so that it may stand in the copy. Unknown tags may have any. */
bool pdu_guard_tlv_length_ok(uint16_t tag, size_t length);

/* Whether it stays in the message, with its value as on the wire. Of another length than the specification's are dropped
 * only those whose value the gateway itself reads (ussd_service_op, sar_*, those of receipts). */
bool pdu_guard_tlv_kept(uint16_t tag, size_t length);

#endif
