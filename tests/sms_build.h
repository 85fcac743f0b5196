/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS for tests: messages as an SMSC delivers them. */
#ifndef STARHASH_TESTS_SMS_BUILD_H
#define STARHASH_TESTS_SMS_BUILD_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "gateway/dialect_table.h"
#include "gateway/sms_in.h"
#include "gateway/sms_text.h"
#include "tests/random.h"

#define SMS_MSISDN 254700000001

/* One deliver_sm, its octets on the heap and of exactly their length, so that ASan sees any step aside. */
struct sms_message {
	struct pdu_message m;
	uint8_t *body;
	uint8_t tlv[3][2];
};

static inline void sms_message_init(struct sms_message *s, uint8_t esm_class, uint8_t coding,
                                    const void *body, size_t len)
{
	memset(s, 0, sizeof(*s));
	s->body = malloc(len > 0 ? len : 1);
	ck_assert_ptr_nonnull(s->body);
	if (len > 0)
		memcpy(s->body, body, len);
	s->m.esm_class = esm_class;
	s->m.data_coding = coding;
	s->m.body = len > 0 ? s->body : s->body + 1;
	s->m.body_len = len;
}

static inline void sms_message_sar(struct sms_message *s, uint16_t reference, uint8_t total, uint8_t part)
{
	s->tlv[0][0] = (uint8_t)(reference >> 8);
	s->tlv[0][1] = (uint8_t)reference;
	s->tlv[1][0] = total;
	s->tlv[2][0] = part;
	s->m.tlv[s->m.n_tlvs++] = (struct pdu_tlv){PDU_TAG_SAR_MSG_REF_NUM, 2, s->tlv[0]};
	s->m.tlv[s->m.n_tlvs++] = (struct pdu_tlv){PDU_TAG_SAR_TOTAL_SEGMENTS, 1, s->tlv[1]};
	s->m.tlv[s->m.n_tlvs++] = (struct pdu_tlv){PDU_TAG_SAR_SEGMENT_SEQNUM, 1, s->tlv[2]};
}

/* As the submit_sm of sms_text would come in at the other side. */
static inline void sms_message_of(struct sms_message *s, const struct sms_text *t, unsigned i,
                                  uint16_t reference)
{
	struct sms_text_scratch scratch;
	struct pdu_submit out = {.service_type = ""};

	sms_text_write(t, i, reference, &scratch, &out);
	sms_message_init(s, out.esm_class, out.data_coding, out.body, out.body_len);
	if (out.n_tlvs == 3)
		sms_message_sar(s, reference, out.tlv[1].value[0], out.tlv[2].value[0]);
}

static inline void sms_message_fini(struct sms_message *s)
{
	free(s->body);
}

/* One side of a test: a clock, a dialect, what came of the last message. */
struct sms_world {
	struct clock_fake clock;
	struct dialect dialect;
	struct dialect_event event;
	struct sms_in *in;
	const char *text, *why;
	uint32_t status;
};

static inline void sms_world_init(struct sms_world *w, size_t texts, size_t octets, unsigned parts)
{
	struct sms_in_options o = {
		.expire_ms = 60000, .texts_max = texts, .octets_max = octets, .parts_max = parts};

	memset(w, 0, sizeof(*w));
	log_init(LOG_LV_ERROR);
	clock_fake_init(&w->clock, 1795300000000);
	w->dialect = dialect_standard;
	w->event.msisdn = SMS_MSISDN;
	w->event.kind = DIALECT_SMS;
	strcpy(w->event.service.digits, "123");
	o.clock = &w->clock.clock;
	ck_assert_int_eq(sms_in_new(&o, &w->in), RC_OK);
}

static inline enum sms_in_verdict sms_world_give(struct sms_world *w, const struct sms_message *s)
{
	w->text = w->why = NULL;
	w->status = 0xdead;
	return sms_in_receive(w->in, &w->dialect, 1, &w->event, &s->m, &w->text, &w->status, &w->why);
}

static inline struct sms_in_counters sms_world_counters(const struct sms_world *w)
{
	struct sms_in_counters c;

	sms_in_counters_read(w->in, &c);
	return c;
}

#endif
