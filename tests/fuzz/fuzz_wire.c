/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: one deliver_sm or data_sm through everything that stands between the codec and the dialogues, in every
 * dialect: what it is, its text, long SMS from many such inputs in a row, receipts; and what is said back, as USSD and as SMS.
 *
 * Beyond the sanitizers: texts are UTF-8 within their bounds, refusals have a status and a reason, reassembly keeps its bounds
 * on texts and octets, and whatever can be said can be packed. The first octet, zero in most PDUs, lets time pass.
 * Defends promise 6.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/findings.h"
#include "core/text.h"
#include "gateway/config_dialects.h"
#include "gateway/dialect.h"
#include "gateway/dialect_table.h"
#include "gateway/pdu_codec.h"
#include "gateway/receipt.h"
#include "gateway/sms_in.h"
#include "gateway/sms_text.h"
#include "tests/fuzz/fuzz.h"

#define TEXTS_MAX 20 /* small, so that the bounds are met */
#define OCTETS_MAX 65536
#define PARTS_MAX 20

static const struct msisdn_plan plan = {"254", "0"};
static struct pdu_codec *codec;
static struct dialects *dialects;
static struct clock_fake clock_now;
static struct sms_in *sms;

static void begin(void)
{
	struct findings *findings = findings_new();
	struct sms_in_options options = {.clock = &clock_now.clock,
	                                 .expire_ms = 10000,
	                                 .texts_max = TEXTS_MAX,
	                                 .octets_max = OCTETS_MAX,
	                                 .parts_max = PARTS_MAX};

	clock_fake_init(&clock_now, INT64_C(1764000000000));
	codec = pdu_codec_new();
	MUST(codec && findings && dialects_load(getenv("STARHASH_DIALECTS"), findings, &dialects) == RC_OK);
	findings_free(findings);
	MUST(sms_in_new(&options, &sms) == RC_OK);
}

static void check_text(const char *text, size_t size)
{
	MUST(strnlen(text, size) < size);
	MUST(text_utf8_valid(text, strlen(text)));
}

/* Whatever can be said can be packed, but for the long addresses of a data_sm. */
static void pack(const struct pdu_submit *s)
{
	static uint8_t out[65536];
	size_t len;

	if (strlen(s->source.digits) > 20 || strlen(s->dest.digits) > 20)
		return;
	MUST(pdu_submit_pack(codec, s, 1, out, sizeof(out), &len) == RC_OK);
}

static void say_ussd(const struct dialect *d, const struct dialect_event *e, const char *text)
{
	static struct dialect_scratch scratch;

	for (int how = 0; how < DIALECT_SAYS; how++) {
		struct pdu_submit out;

		if (dialect_write_ussd(d, e, text, (enum dialect_say)how, &scratch, &out) == RC_OK)
			pack(&out);
	}
}

static void say_sms(const struct dialect *d, const struct dialect_event *e, const char *text)
{
	struct sms_text *t;

	if (sms_text_new(d, text, PARTS_MAX, &t) != RC_OK)
		return;
	MUST(sms_text_pdus(t) >= 1 && sms_text_pdus(t) <= PARTS_MAX);
	for (unsigned i = 0; i < sms_text_pdus(t); i++) {
		struct pdu_submit out = {
			.service_type = d->sms.service_type, .source = e->service, .dest = e->subscriber};
		struct sms_text_scratch scratch;

		sms_text_write(t, i, 0xabcd, &scratch, &out);
		pack(&out);
	}
	sms_text_free(t);
}

static void take_sms(const struct dialect *d, const struct dialect_event *e, const struct pdu_message *m)
{
	struct sms_in_counters c;
	const char *text = NULL, *why = NULL;
	uint32_t status = 0;

	switch (sms_in_receive(sms, d, 0, e, m, &text, &status, &why)) {
	case SMS_IN_WHOLE:
		check_text(text, SMS_TEXT_SIZE);
		(void)receipt_looks_like(text);
		say_sms(d, e, text);
		sms_in_await(sms, d, 1, 1);
		sms_in_settled(sms, d, 1, 1, m->body_len % 3 != 0);
		break;
	case SMS_IN_REFUSED:
		MUST(why &&
		     *why); /* the status may be ESME_ROK: what can never be taken is not to come again */
		break;
	default:
		break;
	}
	sms_in_counters_read(sms, &c);
	MUST(c.waiting <= TEXTS_MAX && c.octets <= OCTETS_MAX);
}

static void take_receipt(const struct dialect *d, const struct pdu_message *m)
{
	char normal[RECEIPT_ID_SIZE];
	struct receipt r;

	if (receipt_read(d, m, &r) != RC_OK)
		return;
	MUST(memchr(r.id, 0, sizeof(r.id)) && r.id[0] != '\0');
	MUST(r.state >= RECEIPT_ENROUTE && r.state <= RECEIPT_REJECTED);
	receipt_id_normal(d, false, r.id, normal);
	MUST(memchr(normal, 0, sizeof(normal)));
	receipt_id_normal(d, true, r.id, normal);
	MUST(memchr(normal, 0, sizeof(normal)));
}

static void read_in(const struct dialect *d, const struct pdu_message *m)
{
	static struct dialect_event e;
	struct dialect_trouble trouble = {NULL, ""};
	uint32_t status = 0;
	enum rc rc = dialect_read(d, &plan, m, &e, &status, &trouble);

	if (rc != RC_OK) {
		MUST(rc == RC_SYNTAX || rc == RC_RANGE);
		MUST(trouble.knob && memchr(trouble.words, 0, sizeof(trouble.words)));
		return;
	}
	if (dialect_doubt(d, m, &e, &trouble))
		MUST(trouble.knob && memchr(trouble.words, 0, sizeof(trouble.words)));
	check_text(e.text, sizeof(e.text));
	MUST(memchr(e.code, 0, sizeof(e.code)) && e.session.n_kept <= DIALECT_KEEP_MAX);
	if (e.kind == DIALECT_SMS)
		take_sms(d, &e, m);
	else if (e.kind == DIALECT_RECEIPT)
		take_receipt(d, m);
	else
		say_ussd(d, &e, e.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pdu_message m;
	uint32_t status;
	uint8_t *copy;

	if (!codec)
		begin();
	if (size < PDU_HEADER_SIZE || size > PDU_MAX_SIZE)
		return 0;
	clock_fake_advance(&clock_now, (int64_t)data[0] * 100);
	(void)sms_in_tick(sms);
	copy = malloc(size); /* of that size exactly, so that ASan sees every step outside */
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	copy[0] = (uint8_t)(size >> 24);
	copy[1] = (uint8_t)(size >> 16);
	copy[2] = (uint8_t)(size >> 8);
	copy[3] = (uint8_t)size;
	copy[4] = 0;
	if (pdu_message_decode(codec, copy, size, &m, &status) == RC_OK)
		for (size_t i = 0; i < dialects_count(dialects); i++)
			read_in(dialects_at(dialects, i), &m);
	free(copy);
	return 0;
}
