/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What texts, long SMS and receipts tell of a dialect: packed or not, which alphabet data_coding 0 is, how
 * long texts are split, and how ids of receipts are written. */
#include "tools/diagnose_private.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "core/text_pack.h"
#include "gateway/pdu_codec.h"
#include "gateway/receipt.h"
#include "tools/explain.h"

#define ID_SIZE 66
#define TRIES_MAX 5000000 /* PDUs that are looked at for the message of a receipt, in all */

/* --- what octets look like ----------------------------------------------------------------------- */

static bool is_gsm_coding(const struct case_item *i)
{
	char words[120];

	return i->m && explain_coding(i->m->data_coding, words, sizeof words) == TEXT_GSM7;
}

static bool reads_well(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((p[i] >= 0x20 && p[i] < 0x7b) || p[i] == '\n' || p[i] == '\r'))
			return false;
	return n > 0;
}

enum case_looks case_looks_of(const struct case_item *i)
{
	const uint8_t *p;
	uint8_t septets[400];
	size_t n, high = 0, control = 0, unpacked;

	if (!is_gsm_coding(i) || i->m->body_len < 2 || i->m->body_len > 300 || (i->m->esm_class & 0x40))
		return LOOKS_UNKNOWN;
	p = i->m->body;
	n = i->m->body_len;
	for (size_t k = 0; k < n; k++) {
		high += p[k] >= 0x80;
		control += (p[k] & 0x7f) < 0x20 && p[k] != '\n' && p[k] != '\r'; /* no letter of Latin-1 */
	}
	unpacked = text_unpack(p, n, septets, sizeof septets);
	while (unpacked > 0 && septets[unpacked - 1] == 0)
		unpacked--;
	if (high > 0 && control > 0 && reads_well(septets, unpacked))
		return LOOKS_PACKED;
	if (high > 0) {
		char text[301];

		memcpy(text, p, n);
		text[n] = '\0';
		return text_utf8_valid(text, n) ? LOOKS_UTF8 : LOOKS_LATIN1;
	}
	return reads_well(p, n) ? LOOKS_PLAIN : LOOKS_UNKNOWN;
}

static void fit_packed(struct fitting *f, const struct case_item *i, bool is_packed, const char *knob)
{
	enum case_looks looks = case_looks_of(i);

	if (looks == LOOKS_PACKED)
		fit_weigh(f, is_packed, knob, 3, i,
		          "the text is packed septets, and it would take them for letters");
	else if (looks == LOOKS_PLAIN)
		fit_weigh(f, !is_packed, knob, 3, i,
		          "the text is one letter an octet, and it would unpack it");
}

enum text_alphabet case_default_of(const struct dialect *d)
{
	for (size_t i = 0; i < d->n_codings; i++)
		if (d->coding_in[i].coding == 0)
			return d->coding_in[i].alphabet;
	return d->default_alphabet;
}

void fit_text_in(struct fitting *f, const struct case_item *i)
{
	enum case_looks looks = case_looks_of(i);
	enum text_alphabet is = case_default_of(f->d);

	fit_packed(f, i, f->d->packed_in, "text.packed_in");
	if (i->m->data_coding != 0)
		return;
	if (looks == LOOKS_LATIN1)
		fit_weigh(f, is == TEXT_LATIN1, "text.default_alphabet", 3, i,
		          "data_coding 0 is Latin-1 here");
	else if (looks == LOOKS_UTF8)
		fit_weigh(f, is == TEXT_UTF8, "text.default_alphabet", 3, i, "data_coding 0 is UTF-8 here");
	else if (looks == LOOKS_UNKNOWN && is != TEXT_GSM7 && i->m->body_len > 1 &&
	         memchr(i->m->body, 0, i->m->body_len - 1))
		fit_contradict(f, "text.default_alphabet", 2, i,
		               "data_coding 0 is GSM 7-bit here: an '@' is octet 0");
}

void fit_text_out(struct fitting *f, const struct case_item *i)
{
	const struct dialect *d = f->d;
	bool ucs2 = case_alphabet(i) == TEXT_UCS2;
	uint8_t expected = ucs2 ? d->coding_ucs2 : d->coding_gsm7;
	const char *knob = ucs2 ? "text.coding_ucs2" : "text.coding_gsm7";

	if (i->m->body_len == 0)
		return;
	if (i->other) /* the SMSC took it where it stood */
		fit_weigh(f, d->body_in_payload == case_in_payload(i), "text.in_payload", 1, i,
		          case_in_payload(i) ? "the text went out in message_payload"
		                             : "the text went out in short_message");
	if (i->m->data_coding == expected)
		fit_agree(f, knob, 1);
	else
		fit_contradict(f, knob, 1, i, "a text went out with data_coding 0x%02x (%u), not 0x%02x (%u)",
		               i->m->data_coding, i->m->data_coding, expected, expected);
	if (ucs2)
		fit_weigh(f, d->ucs2, "text.ucs2", 2, i, "UCS-2 went out, and it takes none");
	else if (!d->packed_out && i->m->body_len > d->max_septets && i->m->body_len <= TEXT_USSD_SEPTETS)
		fit_contradict(f, "text.max_septets", 2, i, "a text of %zu septets went out, and it takes %u",
		               i->m->body_len, d->max_septets);
	fit_packed(f, i, d->packed_out, "text.packed_out");
}

/* --- long SMS ------------------------------------------------------------------------------------ */

int case_parts_of(const struct case_item *i)
{
	const struct pdu_message *m = i->m;

	if (case_tlv(i, PDU_TAG_SAR_MSG_REF_NUM))
		return DIALECT_PARTS_SAR;
	if ((m->esm_class & 0x40) && m->body_len > 5 && m->body[0] >= 5 && m->body[1] == 0x00)
		return DIALECT_PARTS_UDH8;
	if ((m->esm_class & 0x40) && m->body_len > 6 && m->body[0] >= 6 && m->body[1] == 0x08)
		return DIALECT_PARTS_UDH16;
	return m->body_len > 254 ? DIALECT_PARTS_PAYLOAD : -1;
}

/* --- receipts ------------------------------------------------------------------------------------ */

static bool id_of_receipt(const struct case_item *i, char out[ID_SIZE])
{
	struct receipt r;

	if (i->role != ROLE_RECEIPT || receipt_read(&dialect_standard, i->m, &r) != RC_OK)
		return false;
	snprintf(out, ID_SIZE, "%s", r.id);
	return true;
}

static bool same_number(const char *a, int base_a, const char *b, int base_b)
{
	char *end_a, *end_b;
	unsigned long long x = strtoull(a, &end_a, base_a), y = strtoull(b, &end_b, base_b);

	return *a && *b && *end_a == '\0' && *end_b == '\0' && x == y;
}

/* -1: not the same message; else an enum dialect_receipt_id. */
static int compare_ids(const char *resp, const char *receipt)
{
	if (strcasecmp(resp, receipt) == 0 || same_number(resp, 10, receipt, 10))
		return DIALECT_ID_SAME;
	if (same_number(resp, 16, receipt, 10))
		return DIALECT_ID_HEX_IN_RESP;
	if (same_number(resp, 10, receipt, 16))
		return DIALECT_ID_HEX_IN_RECEIPT;
	return -1;
}

int case_receipt_id(const struct the_case *c, const struct case_item **example)
{
	size_t tries = 0;

	for (size_t k = 0; k < c->n; k++) {
		char id[ID_SIZE], sent[ID_SIZE];

		if (!id_of_receipt(&c->item[k], id))
			continue;
		for (size_t r = 0; r < c->n && tries < TRIES_MAX; r++) {
			int how;

			tries++;
			if (c->item[r].id != (PDU_SUBMIT_SM | PDU_RESPONSE) || c->item[r].status != PDU_ROK)
				continue;
			pdu_response_text(c->item[r].p->bytes, c->item[r].p->len, sent, sizeof sent);
			how = compare_ids(sent, id);
			if (how >= 0) {
				*example = &c->item[k];
				return how;
			}
		}
	}
	return -1;
}

void fit_sms(struct fitting *f)
{
	const struct case_item *example = NULL;
	int how = case_receipt_id(f->c, &example);
	bool told = false;

	if (how >= 0)
		fit_weigh(f, f->d->sms.receipt_id == DIALECT_ID_ANY || (int)f->d->sms.receipt_id == how,
		          "sms.receipt_id", 2, example,
		          "receipts write the id in another form than it expects");
	for (size_t k = 0; k < f->c->n && !told; k++) {
		const struct case_item *i = &f->c->item[k];
		int parts = i->role == ROLE_SMS && case_is_out(i) && i->other && i->other->status == PDU_ROK
		                    ? case_parts_of(i)
		                    : -1;

		if (parts >= 0) {
			fit_weigh(f, (int)f->d->sms.parts == parts, "sms.parts", 1, i,
			          "a long text was split in another way, and the SMSC took it");
			told = true;
		}
	}
}
