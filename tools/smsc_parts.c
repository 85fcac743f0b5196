/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long texts in parts. No piece ends between the two halves of a character, as no handset cuts there. */
#include "tools/smsc_parts.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

/* Letters of one, two and three bytes in UTF-8, of one and two septets, and words of none of ours. */
static const char *const gsm_words[] = {"maize",
                                        "beans",
                                        "{kilo}",
                                        "caf\xc3\xa9",
                                        "\xe2\x82\xac"
                                        "5",
                                        "market",
                                        "road",
                                        "[new]",
                                        "\xc3\xbc"
                                        "ber",
                                        "milk",
                                        "~7 km",
                                        "\xc2\xa3"
                                        "9"};
static const char *const ucs2_words[] = {
	"\xd1\x85\xd0\xbb\xd0\xb5\xd0\xb1", "\xe1\x89\xa1\xe1\x8a\x93", "milk",
	"\xd9\x85\xd8\xa7\xd8\xa1",         "\xe4\xb8\xad\xe6\x96\x87", "\xf0\x9f\x8c\xbd"};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static size_t below(struct smsc_fault *random, size_t n)
{
	return (size_t)(smsc_fault_random(random) >> 33) % n;
}

/* One to six words, at most 70 bytes; the last piece does not end with a blank, which some would trim. */
static void add_piece(struct smsc_parts *p, struct smsc_fault *random, bool ucs2, bool last, char *piece,
                      size_t size)
{
	size_t words = 1 + below(random, 6), used = strlen(piece);

	for (size_t i = 0; i < words; i++) {
		const char *word = ucs2 ? ucs2_words[below(random, COUNT(ucs2_words))]
		                        : gsm_words[below(random, COUNT(gsm_words))];

		used += (size_t)snprintf(piece + used, size - used, "%s%s", word,
		                         last && i + 1 == words ? "" : " ");
	}
	strcat(p->text, piece); /* 10 pieces of at most 84 bytes fit */
}

bool smsc_parts_make(struct smsc_parts *p, struct smsc_fault *random, uint32_t number, uint16_t reference,
                     unsigned n)
{
	bool ucs2 = below(random, 4) == 0;
	size_t at = 0;

	memset(p, 0, sizeof *p);
	p->kind = (enum smsc_parts_kind)below(random, SMSC_PARTS_KINDS);
	p->reference = p->kind == SMSC_PARTS_UDH8 ? reference & 0xff : reference;
	p->data_coding = ucs2 ? 8 : 0;
	for (unsigned i = 0; i < n; i++) {
		char piece[96] = "";
		size_t len;

		if (i == 0)
			snprintf(piece, sizeof piece, "T%u ", number);
		add_piece(p, random, ucs2, i + 1 == n, piece, sizeof piece);
		if (text_encode(ucs2 ? TEXT_UCS2 : TEXT_GSM7, piece, p->octets + at, sizeof p->octets - at,
		                &len) != RC_OK)
			return false;
		p->from[i] = at;
		at += len;
	}
	p->n = p->kind == SMSC_PARTS_PAYLOAD ? 1 : n;
	p->from[p->n] = at;
	return true;
}

void smsc_parts_message(const struct smsc_parts *p, unsigned i, uint8_t *body, struct smsc_sm *out)
{
	size_t len = p->from[i + 1] - p->from[i], head = 0;

	memset(out, 0, sizeof *out);
	out->data_coding = p->data_coding;
	out->text = p->octets + p->from[i];
	out->text_len = len;
	out->in_payload = p->kind == SMSC_PARTS_PAYLOAD;
	if (p->n == 1)
		return;
	if (p->kind == SMSC_PARTS_SAR) {
		out->sar_reference = p->reference;
		out->sar_total = (uint8_t)p->n;
		out->sar_part = (uint8_t)(i + 1);
		return;
	}
	out->esm_class = SMSC_ESM_UDHI;
	if (p->kind == SMSC_PARTS_UDH8) {
		memcpy(body, "\5\0\3", 3);
		head = 3;
	} else {
		memcpy(body, "\6\10\4", 3);
		body[3] = (uint8_t)(p->reference >> 8);
		head = 4;
	}
	body[head++] = (uint8_t)p->reference;
	body[head++] = (uint8_t)p->n;
	body[head++] = (uint8_t)(i + 1);
	memcpy(body + head, out->text, len);
	out->text = body;
	out->text_len = head + len;
}
