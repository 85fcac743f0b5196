/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Piece: see sms_piece.h. Invariant: nothing is read outside of the message, whatever it says of itself. */
#include "gateway/sms_piece.h"

#include <string.h>

#include "gateway/sms_text.h"
#include "gateway/sms_udh.h"
#include "gateway/status.h"

#define ESM_UDHI 0x40            /* SMPP 3.4, 5.2.12 */
#define STATUS_RINVESMCLASS 0x43 /* 5.1.3 */
#define STATUS_RINVTLVVAL 0xc4   /* there ESME_RINVOPTPARAMVAL */

enum part_kind { KIND_UDH8, KIND_UDH16, KIND_SAR };

static uint32_t hash_octets(const uint8_t *octets, size_t n, uint8_t coding)
{
	uint32_t hash = (2166136261u ^ coding) * 16777619u; /* FNV-1a */

	for (size_t i = 0; octets != NULL && i < n; i++)
		hash = (hash ^ octets[i]) * 16777619u;
	return hash;
}

static const struct pdu_tlv *tlv_of(const struct pdu_message *m, uint16_t tag, uint16_t length)
{
	const struct pdu_tlv *t = pdu_message_tlv(m, tag);

	return t != NULL && t->length == length ? t : NULL;
}

/* The three TLVs, in a struct sms_udh. Incomplete ones, or total 0, part 0 and part > total, say nothing (SMPP 3.4,
 * 5.3.2.22). */
static bool read_sar(const struct pdu_message *m, struct sms_udh *out)
{
	const struct pdu_tlv *reference = tlv_of(m, PDU_TAG_SAR_MSG_REF_NUM, 2);
	const struct pdu_tlv *total = tlv_of(m, PDU_TAG_SAR_TOTAL_SEGMENTS, 1);
	const struct pdu_tlv *part = tlv_of(m, PDU_TAG_SAR_SEGMENT_SEQNUM, 1);

	if (reference == NULL || total == NULL || part == NULL || total->value[0] == 0 ||
	    part->value[0] == 0 || part->value[0] > total->value[0])
		return false;
	out->has_parts = true;
	out->reference = (uint16_t)(reference->value[0] << 8 | reference->value[1]);
	out->total = total->value[0];
	out->part = part->value[0];
	return true;
}

static void fill_key(struct sms_piece_key *key, uint16_t group, const struct dialect_event *e,
                     const struct sms_udh *u, enum part_kind kind)
{
	memset(key, 0, sizeof(*key));
	key->msisdn = e->msisdn;
	key->group = group;
	key->reference = u->reference;
	key->total = u->total;
	key->kind = (uint8_t)kind;
	memcpy(key->dest, e->service.digits, strnlen(e->service.digits, sizeof(key->dest) - 1));
}

const char *sms_piece_read(const struct dialect *d, unsigned parts_max, uint16_t group,
                           const struct dialect_event *e, const struct pdu_message *m, struct sms_piece *out,
                           uint32_t *status)
{
	struct sms_udh udh = {0}, sar = {0};
	bool has_sar = read_sar(m, &sar);

	*status = STATUS_RINVESMCLASS;
	if ((m->esm_class & ESM_UDHI) && sms_udh_read(m->body, m->body_len, &udh) != RC_OK)
		return "the user data header is longer than the message";
	*status = STATUS_RINVTLVVAL;
	if (has_sar && udh.has_parts && (sar.total != udh.total || sar.part != udh.part))
		return "the user data header and the SAR TLVs name different parts";
	*status = status_for(STATUS_CASE_NOT_WANTED);
	memset(out, 0, sizeof(*out));
	out->part.octets = (uint8_t *)(uintptr_t)(m->body_len > 0 ? m->body + udh.octets : NULL);
	out->part.len = (uint32_t)(m->body_len - udh.octets);
	/* without the octets: whether they are UTF-8 can be seen in the whole text only (gateway/sms_join.c) */
	out->part.alphabet = (uint8_t)sms_text_alphabet(d, m->data_coding, NULL, 0);
	out->part.shift = udh.shift;
	out->part.hash = hash_octets(out->part.octets, out->part.len, m->data_coding);
	if (udh.has_parts)
		fill_key(&out->key, group, e, &udh, udh.is_wide ? KIND_UDH16 : KIND_UDH8);
	else if (has_sar)
		fill_key(&out->key, group, e, &sar, KIND_SAR);
	out->part.number = udh.has_parts ? udh.part : sar.part;
	out->is_part = out->key.total > 1;
	if (out->key.total > parts_max)
		return "the text has more parts than sms.parts allows";
	return NULL;
}
