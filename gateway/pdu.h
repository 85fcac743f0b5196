/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PDUs as the gateway sees them: plain values, independent of any library.
 *
 * SMPP 3.4 issue 1.2. Numbers are in host order. A decoded message borrows its body and TLV values from the
 * buffer that it was decoded from and is valid only as long as that buffer.
 */
#ifndef STARHASH_GATEWAY_PDU_H
#define STARHASH_GATEWAY_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PDU_HEADER_SIZE 16
#define PDU_MAX_SIZE 65536        /* our own bound on command_length; longer means that framing is lost */
#define PDU_MAX_TLVS 16           /* ADR 0002: 16 keep libsmpp34's text log inside its array */
#define PDU_SHORT_MESSAGE_MAX 253 /* what libsmpp34 packs; longer bodies go as message_payload */
#define PDU_PAYLOAD_MAX 1024      /* what libsmpp34 packs as message_payload */
#define PDU_BODY_MAX 16384 /* what we send as message_payload; over PDU_PAYLOAD_MAX we write it (ADR 0002) */

enum pdu_id { /* SMPP 3.4, 5.1.2.1 */
	      PDU_GENERIC_NACK = 0x80000000u,
	      PDU_BIND_RECEIVER = 0x00000001,
	      PDU_BIND_TRANSMITTER = 0x00000002,
	      PDU_SUBMIT_SM = 0x00000004,
	      PDU_DELIVER_SM = 0x00000005,
	      PDU_UNBIND = 0x00000006,
	      PDU_BIND_TRANSCEIVER = 0x00000009,
	      PDU_ENQUIRE_LINK = 0x00000015,
	      PDU_ALERT_NOTIFICATION = 0x00000102,
	      PDU_DATA_SM = 0x00000103,
	      PDU_RESPONSE = 0x80000000u /* bit: id | PDU_RESPONSE is its response */
};

enum pdu_status { /* SMPP 3.4, 5.1.3: those that we send or act on */
	          PDU_ROK = 0x00,
	          PDU_RINVMSGLEN = 0x01,
	          PDU_RINVCMDLEN = 0x02,
	          PDU_RINVCMDID = 0x03,
	          PDU_RINVBNDSTS = 0x04,
	          PDU_RALYBND = 0x05,
	          PDU_RSYSERR = 0x08,
	          PDU_RINVSRCADR = 0x0a,
	          PDU_RINVDSTADR = 0x0b,
	          PDU_RBINDFAIL = 0x0d,
	          PDU_RINVPASWD = 0x0e,
	          PDU_RINVSYSID = 0x0f,
	          PDU_RMSGQFUL = 0x14,
	          PDU_RINVSERTYP = 0x15,
	          PDU_RSUBMITFAIL = 0x45,
	          PDU_RTHROTTLED = 0x58,
	          PDU_RINVSCHED = 0x61,
	          PDU_RINVEXPIRY = 0x62,
	          PDU_RX_T_APPN = 0x64,
	          PDU_RX_P_APPN = 0x65,
	          PDU_RX_R_APPN = 0x66,
	          PDU_RINVOPTPARSTREAM = 0xc0,
	          PDU_RINVPARLEN = 0xc2,
	          PDU_RUNKNOWNERR = 0xff
};

enum pdu_tag { /* SMPP 3.4, 5.3.2 */
	       PDU_TAG_RECEIPTED_MESSAGE_ID = 0x001e,
	       PDU_TAG_USER_MESSAGE_REFERENCE = 0x0204,
	       PDU_TAG_SAR_MSG_REF_NUM = 0x020c,
	       PDU_TAG_SAR_TOTAL_SEGMENTS = 0x020e,
	       PDU_TAG_SAR_SEGMENT_SEQNUM = 0x020f,
	       PDU_TAG_SC_INTERFACE_VERSION = 0x0210,
	       PDU_TAG_NETWORK_ERROR_CODE = 0x0423,
	       PDU_TAG_MESSAGE_PAYLOAD = 0x0424,
	       PDU_TAG_MESSAGE_STATE = 0x0427,
	       PDU_TAG_USSD_SERVICE_OP = 0x0501,
	       PDU_TAG_ITS_SESSION_INFO = 0x1383
};

struct pdu_header {
	uint32_t length;
	uint32_t id;
	uint32_t status;
	uint32_t sequence;
};

struct pdu_address {
	uint8_t ton;
	uint8_t npi;
	char digits[66]; /* 20 octets in deliver_sm/submit_sm, 64 in data_sm; NUL-terminated */
};

struct pdu_tlv {
	uint16_t tag;
	uint16_t length;
	const uint8_t *value; /* borrowed */
};

/* A deliver_sm or data_sm. */
struct pdu_message {
	char service_type[6];
	struct pdu_address source; /* real TON/NPI, also where libsmpp34 would refuse them */
	struct pdu_address dest;
	uint8_t esm_class;
	uint8_t protocol_id;
	uint8_t priority;
	uint8_t registered_delivery;
	uint8_t data_coding;
	const uint8_t *body; /* short_message, or message_payload when sm_length is 0; borrowed */
	size_t body_len;     /* 0..PDU_MAX_SIZE */
	size_t n_tlvs;       /* without message_payload */
	struct pdu_tlv tlv[PDU_MAX_TLVS];
	uint16_t odd_tag, odd_length; /* the first that was dropped for its length; 0 = none */
	/* over PDU_MAX_TLVS, of a length that cannot be read, or a message_payload that is not the body */
	unsigned tlvs_dropped;
};

/* The TLV with this tag, or NULL. */
const struct pdu_tlv *pdu_message_tlv(const struct pdu_message *m, uint16_t tag);

/* A submit_sm to send. Strings are borrowed. */
struct pdu_submit {
	const char *service_type; /* at most 5 octets */
	struct pdu_address source;
	struct pdu_address dest;
	uint8_t esm_class;
	uint8_t protocol_id;
	uint8_t priority;
	uint8_t registered_delivery;
	uint8_t data_coding;
	const uint8_t *body;  /* encoded text, borrowed */
	size_t body_len;      /* 0..PDU_BODY_MAX; over PDU_SHORT_MESSAGE_MAX it goes as message_payload */
	bool in_payload;      /* a shorter one too */
	const char *validity; /* validity_period, 16 octets of SMPP 3.4, 7.1.1; NULL or "" = none */
	size_t n_tlvs;
	struct pdu_tlv tlv[8];
};

/* "deliver_sm", "submit_sm_resp", ... for logs; "unknown" for others. Never NULL. */
const char *pdu_name(uint32_t command_id);
/* "ESME_RTHROTTLED", ... ; "vendor" for 0x400..0x4ff, "reserved" for others. Never NULL. */
const char *pdu_status_name(uint32_t status);

#endif
