/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLVs, user data headers and texts of a PDU, with what their numbers mean. */
#include "tools/explain_private.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "gateway/pdu.h"
#include "gateway/pdu_guard.h"

#define TEXT_SHOWN 600 /* bytes of UTF-8; what is longer is cut with dots */

/* --- texts --------------------------------------------------------------------------------------- */

static void say_text(struct explain_walk *w, struct explain_field *f, const uint8_t *bytes, size_t n)
{
	char words[120], text[TEXT_SHOWN + 1];
	int alphabet = explain_coding(w->coding < 0 ? 0 : (uint8_t)w->coding, words, sizeof words);
	size_t written;

	f->is_private = true;
	if (n == 0) {
		explain_mean(f, "empty");
		return;
	}
	if (alphabet < 0) {
		explain_octets_text(bytes, n, text, sizeof text);
		explain_mean(f, "%zu octets: %s", n, text);
		return;
	}
	written = text_decode((enum text_alphabet)alphabet, bytes, n, text, sizeof text);
	for (size_t i = 0; i < written; i++)
		if (text[i] == '\n')
			text[i] = '|';
	explain_mean(f, "\"%s\"%s", text, written > TEXT_SHOWN - 4 ? "..." : "");
}

/* One element of a user data header: 3GPP TS 23.040, 9.2.3.24. */
static void element_means(struct explain_walk *w, struct explain_field *f, uint8_t id, const uint8_t *v,
                          size_t n)
{
	static const struct {
		uint8_t id;
		const char *name;
	} names[] = {{0x00, "part of a long text, 8-bit reference"},
	             {0x01, "special message indication"},
	             {0x04, "ports, 8-bit"},
	             {0x05, "ports, 16-bit"},
	             {0x06, "SMSC control"},
	             {0x08, "part of a long text, 16-bit reference"},
	             {0x0a, "text formatting"},
	             {0x24, "national language single shift"},
	             {0x25, "national language locking shift"}};
	const char *name = "of another use";

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].id == id)
			name = names[i].name;
	if (id == 0x00 && n == 3)
		explain_mean(f, "%s %u: part %u of %u", name, v[0], v[2], v[1]);
	else if (id == 0x08 && n == 4)
		explain_mean(f, "%s %u: part %u of %u", name, v[0] << 8 | v[1], v[3], v[2]);
	else if (id == 0x00 || id == 0x08)
		explain_wrong(w, f, "%s, of a wrong length: %zu", name, n);
	else if (id == 0x05 && n == 4)
		explain_mean(f, "%s: to %u, from %u", name, v[0] << 8 | v[1], v[2] << 8 | v[3]);
	else if ((id == 0x24 || id == 0x25) && n == 1)
		explain_mean(f, "%s: language %u", name, v[0]);
	else
		explain_mean(f, "%s", name);
}

static void header_elements(struct explain_walk *w, const uint8_t *bytes, size_t n)
{
	size_t at = 1, base = (size_t)(bytes - w->bytes);

	while (at < n) {
		struct explain_field *f;
		size_t length = at + 1 < n ? bytes[at + 1] : 0;

		f = explain_add(w, 1, base + at, at + 2 + length <= n ? 2 + length : n - at, "element");
		f->is_number = true;
		f->number = bytes[at];
		if (at + 2 + length > n) {
			explain_wrong(w, f, "goes over the end of the header");
			return;
		}
		element_means(w, f, bytes[at], bytes + at + 2, length);
		at += 2 + length;
	}
}

void explain_text(struct explain_walk *w, struct explain_field *f, const uint8_t *bytes, size_t n,
                  bool with_header)
{
	size_t skip;
	struct explain_field *part;

	if (!with_header || !(w->esm_class & 0x40) || n == 0) {
		say_text(w, f, bytes, n);
		return;
	}
	skip = (size_t)bytes[0] + 1;
	f->is_private = true;
	if (skip > n) {
		explain_wrong(w, f, "its user data header says %u octets, and there are %zu", bytes[0],
		              n - 1);
		return;
	}
	explain_mean(f, "a user data header of %zu octets, then %zu octets of text", skip, n - skip);
	w->explain->udh_length = skip;
	part = explain_add(w, 1, (size_t)(bytes - w->bytes), 1, "header length");
	part->is_number = true;
	part->number = bytes[0];
	header_elements(w, bytes, skip);
	part = explain_add(w, 1, (size_t)(bytes - w->bytes) + skip, n - skip, "text");
	say_text(w, part, bytes + skip, n - skip);
}

/* --- TLVs ---------------------------------------------------------------------------------------- */

static void session_means(struct explain_walk *w, struct explain_field *f, size_t at, const uint8_t *v)
{
	struct explain_field *part;

	explain_mean(f, "session %u, sequence %u, %s", v[0], v[1] >> 1,
	             v[1] & 1 ? "end of session" : "goes on");
	part = explain_add(w, 1, at, 1, "session number");
	part->is_number = true;
	part->number = v[0];
	explain_mean(part, "the same for all of a dialogue, by the specification");
	part = explain_add(w, 1, at + 1, 1, "sequence and end");
	part->is_number = true;
	part->number = v[1];
	explain_mean(part, "sequence number %u, end of session: %s", v[1] >> 1, v[1] & 1 ? "yes" : "no");
}

static void error_means(struct explain_field *f, const uint8_t *v)
{
	static const char *const networks[] = {"reserved", "ANSI-136", "IS-95", "GSM", "reserved"};

	explain_mean(f, "network %s, error %u", networks[v[0] < 4 ? v[0] : 4], v[1] << 8 | v[2]);
}

static void value_means(struct explain_walk *w, struct explain_field *f, uint16_t tag, const uint8_t *v,
                        size_t n)
{
	char text[200];
	size_t at = (size_t)(v - w->bytes);

	switch (tag) {
	case PDU_TAG_MESSAGE_PAYLOAD:
		explain_text(w, f, v, n, true);
		return;
	case PDU_TAG_USSD_SERVICE_OP:
		explain_mean(f, "%s", explain_ussd_op(v[0]));
		return;
	case PDU_TAG_ITS_SESSION_INFO:
		session_means(w, f, at, v);
		return;
	case PDU_TAG_MESSAGE_STATE:
		explain_mean(f, "%s",
		             *explain_message_state(v[0]) ? explain_message_state(v[0]) : "reserved");
		return;
	case PDU_TAG_NETWORK_ERROR_CODE:
		error_means(f, v);
		return;
	case PDU_TAG_RECEIPTED_MESSAGE_ID:
	case 0x001d: /* additional_status_info_text */
		explain_octets_text(v, n > 0 && v[n - 1] == 0 ? n - 1 : n, text, sizeof text);
		explain_mean(f, "\"%s\"", text);
		return;
	case PDU_TAG_SC_INTERFACE_VERSION:
		explain_mean(f, "SMPP %u.%u", v[0] >> 4, v[0] & 15);
		return;
	case 0x0381: /* callback_num */
	case 0x0202:
	case 0x0203:
		f->is_private = true;
		break;
	default:
		break;
	}
	if (!f->is_number && n > 0) {
		explain_octets_text(v, n, text, sizeof text);
		explain_mean(f, "%s", text);
	}
}

static void one_tlv(struct explain_walk *w, uint16_t tag, const uint8_t *v, size_t n)
{
	char name[48];
	struct explain_field *f;

	snprintf(name, sizeof name, "%s 0x%04x", explain_tag(tag), tag);
	f = explain_add(w, 0, w->at, 4 + n, name);
	if (n >= 1 && n <= 4) {
		f->is_number = true;
		for (size_t i = 0; i < n; i++)
			f->number = f->number << 8 | v[i];
	}
	if (!pdu_guard_tlv_length_ok(tag, n))
		explain_wrong(w, f, "has %zu octet%s, which the specification does not allow for this TLV", n,
		              n == 1 ? "" : "s");
	else
		value_means(w, f, tag, v, n);
}

void explain_tlvs(struct explain_walk *w)
{
	while (w->len - w->at >= 4) {
		uint16_t tag = (uint16_t)(w->bytes[w->at] << 8 | w->bytes[w->at + 1]);
		size_t n = (size_t)w->bytes[w->at + 2] << 8 | w->bytes[w->at + 3], left = w->len - w->at - 4;

		if (n > left) {
			struct explain_field *f;
			char name[48];

			snprintf(name, sizeof name, "%s 0x%04x", explain_tag(tag), tag);
			f = explain_add(w, 0, w->at, w->len - w->at, name);
			explain_wrong(w, f, "says %zu octets, but the PDU has only %zu more (offset %zu)", n,
			              left, w->at);
			return;
		}
		one_tlv(w, tag, w->bytes + w->at + 4, n);
		w->at += 4 + n;
	}
	if (w->at < w->len) {
		struct explain_field *f = explain_add(w, 0, w->at, w->len - w->at, "stray octets");

		explain_wrong(w, f, "too short for a TLV; some SMSCs append a NUL; ignored");
	}
}
