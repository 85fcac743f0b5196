/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receipts: see receipt.h. SMPP 3.4, 5.2.28 (states), 5.3.2.12, .35, .31 (TLVs), appendix B (text). The text is what SMSCs make
 * of it: keys in any case and order, fields absent, words of any length for the state. */
#include "gateway/receipt.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "gateway/dialect_table.h"
#include "gateway/sms_text.h"
#include "gateway/sms_udh.h"

#define ESM_UDHI 0x40
#define ESM_TYPE_MASK 0x3c
#define ESM_INTERMEDIATE 0x20
#define TEXT_SIZE 512 /* a receipt is some 150 characters */
#define WORD_SIZE 24

/* --- text ------------------------------------------------------------------------------------------------- */

/* What stands behind "key:", up to a blank; NULL = the key is not there. Keys are words of their own. */
static const char *value_of(const char *text, const char *key, char *out, size_t size)
{
	size_t len = strlen(key), n = 0;

	for (const char *at = text; *at != '\0'; at++) {
		if ((at > text && !isspace((unsigned char)at[-1])) || strncasecmp(at, key, len) != 0 ||
		    at[len] != ':')
			continue;
		at += len + 1;
		while (*at == ' ')
			at++;
		while (at[n] != '\0' && !isspace((unsigned char)at[n]) && n + 1 < size) {
			out[n] = at[n];
			n++;
		}
		out[n] = '\0';
		return n > 0 ? out : NULL;
	}
	return NULL;
}

static enum receipt_state state_by_word(const char *word)
{
	static const struct {
		const char *begins;
		enum receipt_state state;
	} words[] = {
		{"deliv", RECEIPT_DELIVERED},     {"expir", RECEIPT_EXPIRED},      {"delet", RECEIPT_DELETED},
		{"undel", RECEIPT_UNDELIVERABLE}, {"fail", RECEIPT_UNDELIVERABLE}, {"acc", RECEIPT_ACCEPTED},
		{"unkno", RECEIPT_UNKNOWN},       {"rej", RECEIPT_REJECTED},       {"enro", RECEIPT_ENROUTE},
		{"buff", RECEIPT_ENROUTE},        {"submi", RECEIPT_ENROUTE},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncasecmp(word, words[i].begins, strlen(words[i].begins)) == 0)
			return words[i].state;
	return (enum receipt_state)0;
}

bool receipt_looks_like(const char *text)
{
	char word[WORD_SIZE];

	while (isspace((unsigned char)*text))
		text++;
	return strncasecmp(text, "id:", 3) == 0 && value_of(text, "stat", word, sizeof(word)) != NULL &&
	       state_by_word(word) != 0;
}

/* "000", "0x1f", "1F" */
static int error_by_word(const char *word)
{
	size_t len = strlen(word);
	bool decimal = len > 0 && len < 6 && strspn(word, "0123456789") == len;
	bool hex = len > 0 && len < 6 && strspn(word, "0123456789abcdefABCDEFxX") == len;

	if (!decimal && !hex)
		return -1;
	return (int)strtol(word, NULL, decimal ? 10 : 16);
}

static void read_text(const struct dialect *d, const struct pdu_message *m, char *out)
{
	struct sms_udh udh = {0};
	const uint8_t *at = m->body;
	size_t len = m->body_len;

	if ((m->esm_class & ESM_UDHI) && sms_udh_read(m->body, m->body_len, &udh) != RC_OK)
		udh.octets = 0;
	if (len == 0) {
		out[0] = '\0';
		return;
	}
	(void)text_decode(sms_text_alphabet(d, m->data_coding, at + udh.octets, len - udh.octets),
	                  at + udh.octets, len - udh.octets, out, TEXT_SIZE);
}

/* --- one receipt ------------------------------------------------------------------------------------------ */

static void read_tlvs(const struct pdu_message *m, struct receipt *r)
{
	const struct pdu_tlv *id = pdu_message_tlv(m, PDU_TAG_RECEIPTED_MESSAGE_ID);
	const struct pdu_tlv *state = pdu_message_tlv(m, PDU_TAG_MESSAGE_STATE);
	const struct pdu_tlv *error = pdu_message_tlv(m, PDU_TAG_NETWORK_ERROR_CODE);
	size_t n = 0;

	for (; id != NULL && n < id->length && id->value[n] != '\0' && n + 1 < sizeof(r->id); n++)
		r->id[n] = id->value[n] >= 0x20 && id->value[n] < 0x7f ? (char)id->value[n] : '?';
	if (state != NULL && state->length == 1 && state->value[0] >= RECEIPT_ENROUTE &&
	    state->value[0] <= RECEIPT_REJECTED)
		r->state = (enum receipt_state)state->value[0];
	if (error != NULL && error->length == 3)
		r->error = error->value[1] << 8 | error->value[2];
}

enum rc receipt_read(const struct dialect *d, const struct pdu_message *m, struct receipt *out)
{
	struct receipt r = {.error = -1};
	char text[TEXT_SIZE], word[WORD_SIZE];

	read_tlvs(m, &r);
	read_text(d, m, text);
	if (r.id[0] == '\0')
		(void)value_of(text, "id", r.id, sizeof(r.id));
	if (r.state == 0 && value_of(text, "stat", word, sizeof(word)) != NULL)
		r.state = state_by_word(word);
	if (r.state == 0 && (m->esm_class & ESM_TYPE_MASK) == ESM_INTERMEDIATE)
		r.state = RECEIPT_ENROUTE;
	if (r.error < 0 && value_of(text, "err", word, sizeof(word)) != NULL)
		r.error = error_by_word(word);
	if (r.id[0] == '\0' || r.state == 0)
		return RC_SYNTAX;
	*out = r;
	return RC_OK;
}

/* --- ids -------------------------------------------------------------------------------------------------- */

/* Lower case, no blanks around it, no "0x"; without leading zeros when it is a number. */
static void tidy(const char *id, char out[RECEIPT_ID_SIZE])
{
	size_t n = 0, zeros;

	while (*id == ' ')
		id++;
	if (id[0] == '0' && (id[1] == 'x' || id[1] == 'X') && id[2] != '\0')
		id += 2;
	for (; *id != '\0' && *id != ' ' && n + 1 < RECEIPT_ID_SIZE; id++)
		out[n++] = (char)tolower((unsigned char)*id);
	out[n] = '\0';
	if (strspn(out, "0123456789abcdef") != n)
		return;
	zeros = strspn(out, "0");
	if (zeros == n && n > 0)
		zeros--;
	memmove(out, out + zeros, n - zeros + 1);
}

/* From one base to the other; false when it is no number of 64 bits in `base`. */
static bool convert(const char *tidied, int base, char out[RECEIPT_ID_SIZE])
{
	size_t len = strlen(tidied);
	uint64_t value;

	if (len == 0 || len > (base == 16 ? 16u : 19u) ||
	    strspn(tidied, base == 16 ? "0123456789abcdef" : "0123456789") != len)
		return false;
	value = strtoull(tidied, NULL, base);
	if (base == 16)
		(void)snprintf(out, RECEIPT_ID_SIZE, "%" PRIu64, value);
	else
		(void)snprintf(out, RECEIPT_ID_SIZE, "%" PRIx64, value);
	return true;
}

void receipt_id_normal(const struct dialect *d, bool of_response, const char *id, char out[RECEIPT_ID_SIZE])
{
	char tidied[RECEIPT_ID_SIZE];
	bool is_hex = d->sms.receipt_id == (of_response ? DIALECT_ID_HEX_IN_RESP : DIALECT_ID_HEX_IN_RECEIPT);

	tidy(id, tidied);
	if (!is_hex || !convert(tidied, 16, out))
		memcpy(out, tidied, sizeof(tidied));
}

unsigned receipt_id_forms(const struct dialect *d, const char *id, char out[RECEIPT_FORMS][RECEIPT_ID_SIZE])
{
	unsigned n = 1;

	receipt_id_normal(d, false, id, out[0]);
	if (d->sms.receipt_id != DIALECT_ID_ANY)
		return 1;
	n += convert(out[0], 10, out[n]) && strcmp(out[n], out[0]) != 0;
	n += convert(out[0], 16, out[n]) && strcmp(out[n], out[0]) != 0;
	return n;
}
