/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codec: bytes to PDU values and back, and the only place where libsmpp34 is called.
 *
 * libsmpp34 is memory-unsafe on hostile input and refuses many PDUs that real SMSCs send
 * (docs/adr/0002). So headers and all responses are decoded by hand here, and messages reach the library only
 * as a bounds-checked, normalised copy made by gateway/pdu_guard.c with at most PDU_MAX_TLVS TLVs. Plain deliver_sm and submit_sm,
 * the hot path, do without it (gateway/pdu_fast.h, docs/adr/0024).
 * The library keeps global state: one thread only.
 */
#ifndef STARHASH_GATEWAY_PDU_CODEC_H
#define STARHASH_GATEWAY_PDU_CODEC_H

#include "core/rc.h"
#include "gateway/pdu.h"

struct pdu_codec; /* scratch memory for one decode at a time */

/* Since pdu_codec_new. */
struct pdu_codec_counts {
	uint64_t decoded;      /* messages decoded */
	uint64_t plain_in;     /* of those: by gateway/pdu_fast.h, without the library */
	uint64_t plain_out;    /* submit_sm packed by it */
	uint64_t refused;      /* messages refused by our own reading */
	uint64_t disagreed;    /* libsmpp34 refused or read a message otherwise than we did, or packed another
	                          length than foreseen; refused too */
	uint64_t tlvs_dropped; /* sum of pdu_message.tlvs_dropped */
};

struct pdu_codec *pdu_codec_new(void);    /* NULL when memory is out */
void pdu_codec_free(struct pdu_codec *c); /* NULL is fine */
const struct pdu_codec_counts *pdu_codec_counts(const struct pdu_codec *c);

/* Header of the PDU that begins at `bytes`.
 * Returns RC_OK; RC_BUSY (fewer than 16 bytes so far); RC_SYNTAX (command_length under 16 or over
 * PDU_MAX_SIZE: framing is lost, answer generic_nack ESME_RINVCMDLEN and close). */
enum rc pdu_header_read(const uint8_t *bytes, size_t len, struct pdu_header *out) RC_NODISCARD;

/* Decode a deliver_sm or data_sm of exactly `len` bytes. `out` borrows from the codec's scratch and from
 * `bytes`, until the next call; it is undefined unless RC_OK.
 * Returns RC_OK; RC_SYNTAX (malformed beyond tolerance: *status_out is the command_status that the
 * specification foresees for the answer); RC_NOMEM (*status_out = ESME_RSYSERR). *status_out is PDU_ROK on RC_OK. */
enum rc pdu_message_decode(struct pdu_codec *c, const uint8_t *bytes, size_t len, struct pdu_message *out,
                           uint32_t *status_out) RC_NODISCARD;

/* The same, always by the guard and libsmpp34: the second opinion that tests hold the hot path against. */
enum rc pdu_message_decode_library(struct pdu_codec *c, const uint8_t *bytes, size_t len,
                                   struct pdu_message *out, uint32_t *status_out) RC_NODISCARD;

/* message_id of a submit_sm_resp (or system_id of a bind_*_resp), tolerant: absent, empty or unterminated
 * bodies and trailing TLVs are all fine. Copies at most size-1 bytes, printable ASCII only ('?' otherwise). */
void pdu_response_text(const uint8_t *bytes, size_t len, char *out, size_t size);

/* Packers: write one whole PDU into `out` of `size` bytes; *len = its length.
 * Return RC_OK; RC_FULL (out too small); RC_RANGE (a field longer than SMPP allows: nothing is ever cut). */

struct pdu_bind {
	uint32_t id;               /* PDU_BIND_TRANSCEIVER, _RECEIVER or _TRANSMITTER */
	const char *system_id;     /* <= 15 octets */
	const char *password;      /* <= 16: the specification says 8, SMSCs accept and demand more */
	const char *system_type;   /* <= 12 */
	uint8_t interface_version; /* 0x34 */
	uint8_t addr_ton, addr_npi;
	const char *address_range; /* <= 40 */
};
enum rc pdu_bind_pack(const struct pdu_bind *bind, uint32_t sequence, uint8_t *out, size_t size,
                      size_t *len) RC_NODISCARD;

/* submit_sm. TLVs leave in the order given, after message_payload; but a payload over PDU_PAYLOAD_MAX is written
 * here, after them (docs/adr/0002). Any TON and NPI is fine.
 * From the first TLV of a length that SMPP does not allow for its tag, the rest is written here too, in its order.
 * RC_RANGE also for: sequence 0; a TLV that pdu_guard_tlv_kept would drop or over
 * PDU_PAYLOAD_MAX; message_payload among the TLVs (a long body becomes one by itself). */
enum rc pdu_submit_pack(struct pdu_codec *c, const struct pdu_submit *submit, uint32_t sequence, uint8_t *out,
                        size_t size, size_t *len) RC_NODISCARD;

/* The same, always by libsmpp34. */
enum rc pdu_submit_pack_library(struct pdu_codec *c, const struct pdu_submit *submit, uint32_t sequence,
                                uint8_t *out, size_t size, size_t *len) RC_NODISCARD;

/* A response, enquire_link, unbind or generic_nack. deliver_sm_resp and data_sm_resp get their empty
 * message_id octet; everything else is the bare header. Sequence 0 and any status are fine. RC_RANGE for
 * any other request. */
enum rc pdu_simple_pack(uint32_t id, uint32_t status, uint32_t sequence, uint8_t *out, size_t size,
                        size_t *len) RC_NODISCARD;

#endif
