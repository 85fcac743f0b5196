/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hot path of the codec: plain deliver_sm read and plain submit_sm written in one pass, without libsmpp34.
 *
 * Plain is what nearly every dialogue sends, and nothing that needs a judgement. What is not plain is left to the guard and the
 * library, so each rule of gateway/pdu_guard.h has one place, and a hostile PDU takes the way that it always took.
 * Invariant: what is taken here gives the very fields, or octets, that the guard and the library give
 * (tests/fuzz/fuzz_codec.c, tests/test_pdu_fast.c; docs/adr/0024).
 */
#ifndef STARHASH_GATEWAY_PDU_FAST_H
#define STARHASH_GATEWAY_PDU_FAST_H

#include "gateway/pdu.h"

/* Read one whole PDU of exactly `len` bytes, of any content. `out` borrows from `bytes`.
 * True: a plain deliver_sm, and `out` is what it says: right command_length, every string ended within its field, sm_length
 * within the PDU, at most PDU_MAX_TLVS TLVs that end with the PDU, each of a length that is kept, no message_payload.
 * False: anything else; `out` is undefined. */
bool pdu_fast_deliver(const uint8_t *bytes, size_t len, struct pdu_message *out);

/* Write a whole submit_sm.
 * True: it is plain: its fields fit, its body fits short_message, each TLV has a length that SMPP allows for its tag.
 * False: anything else, `size` too small included; `out` and `len` are untouched. */
bool pdu_fast_submit(const struct pdu_submit *submit, uint32_t sequence, uint8_t *out, size_t size,
                     size_t *len);

#endif
