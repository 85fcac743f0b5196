/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PDUs from the SMSC's side: a second, independent reading of SMPP 3.4 issue 1.2.
 *
 * It shares nothing with gateway/, so that two readings of the specification meet on the wire. It is
 * strict where the gateway has to be tolerant: what an ESME sends must be exactly what the specification
 * says, because finding the difference is what the simulator is for. Numbers are in host order; decoded
 * texts are borrowed from the input.
 */
#ifndef STARHASH_TOOLS_SMSC_PDU_H
#define STARHASH_TOOLS_SMSC_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMSC_HEADER_SIZE 16
#define SMSC_PDU_MAX 66000 /* a message_payload of 65535 octets with its mandatory fields, rounded up */

/* command_id, 5.1.2.1. Not an enum: the response bit does not fit into an int. */
#define SMSC_RESPONSE 0x80000000u
#define SMSC_GENERIC_NACK 0x80000000u
#define SMSC_BIND_RECEIVER 0x00000001u
#define SMSC_BIND_TRANSMITTER 0x00000002u
#define SMSC_SUBMIT_SM 0x00000004u
#define SMSC_DELIVER_SM 0x00000005u
#define SMSC_UNBIND 0x00000006u
#define SMSC_BIND_TRANSCEIVER 0x00000009u
#define SMSC_ENQUIRE_LINK 0x00000015u

enum smsc_status { /* command_status, 5.1.3 */
	           SMSC_OK = 0x00,
	           SMSC_INV_MSG_LEN = 0x01,
	           SMSC_INV_CMD_LEN = 0x02,
	           SMSC_INV_CMD_ID = 0x03,
	           SMSC_INV_BIND_STATUS = 0x04,
	           SMSC_ALREADY_BOUND = 0x05,
	           SMSC_SYSTEM_ERROR = 0x08,
	           SMSC_INV_SOURCE = 0x0a,
	           SMSC_INV_DEST = 0x0b,
	           SMSC_INV_PASSWORD = 0x0e,
	           SMSC_INV_SYSTEM_ID = 0x0f,
	           SMSC_QUEUE_FULL = 0x14,
	           SMSC_INV_SERVICE_TYPE = 0x15,
	           SMSC_INV_ESM_CLASS = 0x43,
	           SMSC_SUBMIT_FAIL = 0x45,
	           SMSC_INV_SOURCE_TON = 0x48,
	           SMSC_INV_SOURCE_NPI = 0x49,
	           SMSC_INV_DEST_TON = 0x50,
	           SMSC_INV_DEST_NPI = 0x51,
	           SMSC_INV_SYSTEM_TYPE = 0x53,
	           SMSC_THROTTLED = 0x58,
	           SMSC_INV_SCHEDULE = 0x61,
	           SMSC_INV_VALIDITY = 0x62,
	           SMSC_TEMPORARY = 0x64,
	           SMSC_INV_TLV_STREAM = 0xc0,
	           SMSC_TLV_NOT_ALLOWED = 0xc1,
	           SMSC_INV_TLV_LENGTH = 0xc2
};

enum smsc_tag { /* 5.3.2 */
	        SMSC_TAG_RECEIPTED_MESSAGE_ID = 0x001e,
	        SMSC_TAG_USER_MESSAGE_REFERENCE = 0x0204,
	        SMSC_TAG_SAR_REFERENCE = 0x020c,
	        SMSC_TAG_SAR_TOTAL = 0x020e,
	        SMSC_TAG_SAR_PART = 0x020f,
	        SMSC_TAG_SC_INTERFACE_VERSION = 0x0210,
	        SMSC_TAG_NETWORK_ERROR_CODE = 0x0423,
	        SMSC_TAG_MESSAGE_PAYLOAD = 0x0424,
	        SMSC_TAG_MESSAGE_STATE = 0x0427,
	        SMSC_TAG_USSD_SERVICE_OP = 0x0501,
	        SMSC_TAG_ITS_SESSION_INFO = 0x1383
};

enum smsc_op {                     /* ussd_service_op, 5.3.2.44; the last is a vendor's, widely used */
	       SMSC_OP_BEGIN = 1,  /* PSSR indication: the subscriber dialled */
	       SMSC_OP_ASK = 2,    /* USSR request: a screen that wants an answer; the first one of a push */
	       SMSC_OP_NOTIFY = 3, /* USSN request: a screen that wants none; a push */
	       SMSC_OP_END = 17,   /* PSSR response: the last screen */
	       SMSC_OP_TYPED = 18, /* USSR confirm: the subscriber's answer */
	       SMSC_OP_NOTIFIED = 19,  /* USSN confirm: the phone has shown it */
	       SMSC_OP_CANCELLED = 129 /* the subscriber or the network ended the dialogue */
};

enum smsc_state { SMSC_STATE_DELIVERED = 2, SMSC_STATE_UNDELIVERABLE = 5 }; /* message_state, 5.2.28 */

#define SMSC_ESM_RECEIPT 0x04 /* esm_class of a deliver_sm, 5.2.12 */
#define SMSC_ESM_UDHI 0x40

struct smsc_header {
	uint32_t length;
	uint32_t id;
	uint32_t status;
	uint32_t sequence;
};

struct smsc_address {
	uint8_t ton;
	uint8_t npi;
	char digits[21];
};

struct smsc_tlv {
	uint16_t tag;
	uint16_t length;
	const uint8_t *value; /* borrowed */
};

#define SMSC_TLVS_MAX 64

/* A submit_sm or deliver_sm. */
struct smsc_sm {
	char service_type[6];
	struct smsc_address source;
	struct smsc_address dest;
	uint8_t esm_class;
	uint8_t protocol_id;
	uint8_t priority;
	char schedule[17], validity[17]; /* read only: a deliver_sm has none */
	uint8_t registered_delivery;
	uint8_t replace;
	uint8_t data_coding;
	uint8_t default_message;
	bool in_payload;     /* the text is, or shall be, a message_payload */
	const uint8_t *text; /* short_message, or message_payload; borrowed */
	size_t text_len;
	bool has_op;
	bool has_session;
	bool has_reference;
	uint8_t op;         /* ussd_service_op */
	uint8_t session[2]; /* its_session_info */
	uint16_t reference; /* user_message_reference */
	uint16_t sar_reference;
	uint8_t sar_total; /* 0: not a part of a longer text by SAR TLVs */
	uint8_t sar_part;
	char receipted_id[66]; /* deliver_sm; "" = none */
	uint8_t state;         /* message_state; deliver_sm, 0 = none */
	bool has_network_error;
	uint8_t network_error[3];
	size_t n_tlvs; /* submit_sm: all of them as they came, the first SMSC_TLVS_MAX */
	struct smsc_tlv tlv[SMSC_TLVS_MAX];
};

struct smsc_bind {
	char system_id[16];
	char password[17]; /* 3.4 says 9 with NUL; systems with longer ones exist */
	char system_type[13];
	uint8_t interface_version;
	uint8_t addr_ton, addr_npi;
	char address_range[41];
};

/* Header of the PDU that begins at `bytes`; `len` >= SMSC_HEADER_SIZE. */
struct smsc_header smsc_header_read(const uint8_t *bytes);

/* Decode whole PDUs of `len` bytes. Return SMSC_OK, or the command_status that the specification foresees
 * for the fault, with *why set to a constant text that names it. `out` is undefined on a fault. */
uint32_t smsc_bind_decode(const uint8_t *bytes, size_t len, struct smsc_bind *out, const char **why);
uint32_t smsc_submit_decode(const uint8_t *bytes, size_t len, struct smsc_sm *out, const char **why);

/* Is the body of a deliver_sm_resp what 4.6.2 says: an empty message_id, and nothing at all only beside
 * an error status? */
bool smsc_deliver_resp_valid(const uint8_t *bytes, size_t len, uint32_t status);

/* Bytes on their way out. Invariant: start <= len <= cap; what does not fit sets `full` and leaves no
 * half PDU behind. The memory is the caller's. */
struct smsc_out {
	uint8_t *at;
	size_t start; /* already written to the socket */
	size_t len;
	size_t cap;
	bool full;
};

/* Append one PDU. */
void smsc_put_simple(struct smsc_out *out, uint32_t id, uint32_t status, uint32_t sequence);
void smsc_put_bind_resp(struct smsc_out *out, uint32_t bind_id, uint32_t status, uint32_t sequence,
                        const char *system_id);
void smsc_put_submit_resp(struct smsc_out *out, uint32_t status, uint32_t sequence, uint32_t message_id);
void smsc_put_deliver(struct smsc_out *out, uint32_t sequence, const struct smsc_sm *sm);
void smsc_put_raw(struct smsc_out *out, const void *bytes, size_t len);

#endif
