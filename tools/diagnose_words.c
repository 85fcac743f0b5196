/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrong with texts in a trace, and what is to be known of the capture itself. */
#include "tools/diagnose_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "tools/explain.h"

static void say(struct diagnosis_fault *f, const char *words)
{
	if (f)
		snprintf(f->words, sizeof f->words, "%s", words);
}

/* --- texts --------------------------------------------------------------------------------------- */

/* UCS-2 of Latin letters with its octets swapped: nearly every second octet is 0, and it is the wrong one. */
static bool is_little_endian(const uint8_t *p, size_t n)
{
	size_t swapped = 0, units = n / 2;

	for (size_t i = 0; i + 1 < n; i += 2)
		swapped += p[i] != 0 && p[i + 1] == 0;
	return units >= 2 && swapped * 10 >= units * 8;
}

/* Small letters and blanks in every place: no script has such UCS-2. */
static bool is_plain(const uint8_t *p, size_t n)
{
	size_t small = 0;

	for (size_t i = 0; i < n; i++)
		small += p[i] == ' ' || p[i] == '\n' || (p[i] >= 'a' && p[i] <= 'z');
	return n >= 4 && small * 10 >= n * 7;
}

static void ucs2(struct the_case *c, const struct case_item *i)
{
	if (is_plain(i->m->body, i->m->body_len)) {
		struct diagnosis_fault *f = case_fault(c, "letters_under_ucs2", i);

		if (f)
			snprintf(
				f->words, sizeof f->words,
				"a text says UCS-2 (data_coding 0x%02x, %u) and has one octet a letter: phones show "
				"Chinese. Its data_coding is wrong; %s",
				i->m->data_coding, i->m->data_coding,
				case_is_out(i) ? "see text.coding_gsm7" : "see coding_in");
		return;
	}
	if (is_little_endian(i->m->body, i->m->body_len))
		say(case_fault(c, "ucs2_little_endian", i),
		    "a UCS-2 text has its octets swapped (little endian); SMPP wants the high octet "
		    "first, and phones show "
		    "Chinese otherwise");
	if (i->m->body_len % 2)
		say(case_fault(c, "ucs2_odd", i),
		    "a UCS-2 text has an odd number of octets: the last is half a letter, or data_coding "
		    "is wrong");
}

/* Control characters that no Latin-1 text has, and that are letters of GSM 03.38: @ is 0, $ 2, _ 17, and 27
 * begins a pair. */
static void latin1(struct the_case *c, const struct case_item *i)
{
	for (size_t k = 0; k < i->m->body_len; k++) {
		uint8_t o = i->m->body[k];

		if (o < 0x20 && o != '\n' && o != '\r' && (o != 0 || k + 1 < i->m->body_len)) {
			struct diagnosis_fault *f = case_fault(c, "gsm_under_latin1", i);

			if (f)
				snprintf(f->words, sizeof f->words,
				         "a text says Latin-1 (data_coding 0x%02x, %u) and is written in "
				         "GSM 7-bit: octet 0x%02x "
				         "is no letter of Latin-1. %s",
				         i->m->data_coding, i->m->data_coding, o,
				         case_is_out(i) ? "See text.coding_gsm7" : "See coding_in");
			return;
		}
	}
}

static void default_alphabet(struct the_case *c, const struct case_item *i)
{
	enum case_looks looks = case_looks_of(i);

	if (i->m->data_coding != 0 || (looks != LOOKS_LATIN1 && looks != LOOKS_UTF8))
		return;
	/* where the dialect that fits says so, it is right */
	if (case_default_of(c->to->fit[0].dialect) == (looks == LOOKS_UTF8 ? TEXT_UTF8 : TEXT_LATIN1) &&
	    (c->to->confidence == DIAGNOSIS_CERTAIN || c->to->confidence == DIAGNOSIS_NONE))
		return;
	if (case_is_out(i))
		say(case_fault(c, "wrong_default_alphabet_out", i),
		    looks == LOOKS_UTF8
		            ? "a text goes out as UTF-8 under data_coding 0, which no SMSC expects: "
		              "letters with "
		              "accents become two wrong ones"
		            : "a text goes out with octets above 127 under data_coding 0: right only "
		              "where the "
		              "SMSC's default alphabet is Latin-1");
	else
		say(case_fault(c, "wrong_default_alphabet", i),
		    looks == LOOKS_UTF8
		            ? "a text comes in as UTF-8 under data_coding 0: text.default_alphabet = \"utf8\""
		            : "a text comes in with octets above 127 under data_coding 0, so the SMSC's "
		              "default "
		              "alphabet is not GSM 7-bit: text.default_alphabet = \"latin1\"");
}

static void parts(struct the_case *c, const struct case_item *i)
{
	if (case_tlv(i, PDU_TAG_SAR_MSG_REF_NUM) && (i->m->esm_class & 0x40))
		say(case_fault(c, "sar_with_udh", i),
		    "a part of a long text is told by SAR TLVs and by a user data header at once, which "
		    "is forbidden; choose "
		    "one with sms.parts");
	if ((i->m->esm_class & 0x40) && (i->m->body_len == 0 || (size_t)i->m->body[0] + 1 > i->m->body_len))
		say(case_fault(c, "udh_too_long", i),
		    "esm_class tells of a user data header that is longer than the message");
}

void case_fault_text(struct the_case *c)
{
	char words[120];

	for (size_t k = 0; k < c->n; k++) {
		const struct case_item *i = &c->item[k];

		if (!i->m || !i->m->body || i->m->body_len == 0)
			continue;
		parts(c, i);
		if (i->m->esm_class & 0x40)
			continue;
		switch (explain_coding(i->m->data_coding, words, sizeof words)) {
		case TEXT_UCS2:
			ucs2(c, i);
			break;
		case TEXT_LATIN1:
			latin1(c, i);
			break;
		case TEXT_GSM7:
			default_alphabet(c, i);
			break;
		default:
			break;
		}
	}
}

/* --- the capture --------------------------------------------------------------------------------- */

/* Transmitter and receiver are two connections that stand for one link. */
static void pair_note(struct the_case *c)
{
	const struct case_item *receiver = NULL, *transmitter = NULL;
	bool transceiver = false;

	for (size_t k = 0; k < c->n; k++) {
		const struct case_item *i = &c->item[k];

		transceiver |= i->id == PDU_BIND_TRANSCEIVER;

		if (i->id == PDU_BIND_RECEIVER && i->other && i->other->status == PDU_ROK)
			receiver = i;
		if (i->id == PDU_BIND_TRANSMITTER && i->other && i->other->status == PDU_ROK)
			transmitter = i;
	}
	if (!receiver != !transmitter && !transceiver) {
		struct diagnosis_fault *f = case_fault(c, "half_bound", receiver ? receiver : transmitter);

		if (f)
			f->is_note = true;
		say(f,
		    receiver
		            ? "only a receiver is bound here: nothing can be answered. Where the capture shows "
		              "every connection, bind = \"transceiver\" or \"pair\" is wanted"
		            : "only a transmitter is bound here: no message can come in. Where the capture shows "
		              "every connection, bind = \"transceiver\" or \"pair\" is wanted");
	}
	if (receiver && transmitter) {
		struct diagnosis_fault *f = case_fault(c, "pair", receiver);

		if (f)
			f->is_note = true;
		say(f, "the SMSC takes a transmitter and a receiver: bind = \"pair\" in the link");
	}
}

void case_capture_notes(struct the_case *c)
{
	const struct trace_counts *n = trace_counts_of(c->trace);
	const struct {
		uint64_t count;
		const char *id, *words;
	} rows[] = {
		{n->encrypted, "tls",
	         "a connection is TLS and cannot be read; capture behind it, or use starhash doctor --link"},
		{n->torn, "torn_capture",
	         "the file cannot be read to its end: it was torn off, or holds several kinds of interface, of which "
	         "only one can be read; what came before is judged. Capture again with tcpdump -i any"},
		{n->cut, "cut_packets", "packets were captured only in part; capture with tcpdump -s 0"},
		{n->gaps, "gaps",
	         "octets of the connections are missing in the capture; what came after was found again"},
		{n->resyncs, "framing_lost",
	         "a command_length cannot be right, and framing was lost: one side writes octets that are "
	         "no PDUs"},
		{n->fragments, "fragments", "IP fragments were not put together"},
		{n->refused, "too_much",
	         "the trace is larger than what is kept; what came later was left out"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct diagnosis_fault *f = rows[i].count ? case_fault(c, rows[i].id, NULL) : NULL;

		if (!f)
			continue;
		f->count = rows[i].count > 1000000 ? 1000000 : (unsigned)rows[i].count;
		f->is_note = n->resyncs == 0 || rows[i].count != n->resyncs;
		say(f, rows[i].words);
	}
	pair_note(c);
	if (n->lines_broken > 0) {
		struct diagnosis_fault *f = case_fault(c, "broken_lines", NULL);

		if (f) {
			f->is_note = true;
			f->count = n->lines_broken > 1000000 ? 1000000 : (unsigned)n->lines_broken;
			snprintf(f->words, sizeof f->words,
			         "lines could not be read as hexadecimal octets, the first is line %" PRIu64,
			         n->first_broken);
		}
	}
}
