/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialects for tests: from the file that ships, or from a block that a test writes. */
#ifndef STARHASH_TESTS_DIALECTS_WORLD_H
#define STARHASH_TESTS_DIALECTS_WORLD_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/findings.h"
#include "gateway/config_dialects.h"
#include "gateway/dialect.h"
#include "gateway/dialect_table.h"

static const struct msisdn_plan world_plan = {.code = "254", .trunk = "0"};

/* conf/dialects.conf, without a fault or a warning. The caller frees. */
static inline struct dialects *world_shipped(void)
{
	const char *srcdir = getenv("srcdir");
	struct findings *findings = findings_new();
	struct dialects *d = NULL;
	char path[4096];

	snprintf(path, sizeof(path), "%s/conf/dialects.conf", srcdir ? srcdir : ".");
	ck_assert_int_eq(dialects_load(path, findings, &d), RC_OK);
	findings_print(findings, stderr);
	ck_assert_uint_eq(findings_count(findings), 0);
	findings_free(findings);
	return d;
}

/* A file with these words. Findings are the caller's. */
static inline enum rc world_load(const char *words, struct findings *findings, struct dialects **out)
{
	char path[] = "/tmp/starhash-dialects-XXXXXX";
	int fd = mkstemp(path);
	enum rc rc;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, words, strlen(words)), (ssize_t)strlen(words));
	close(fd);
	rc = dialects_load(path, findings, out);
	unlink(path);
	return rc;
}

/* One dialect "x" with these keys, which must be without a fault. A copy. */
static inline struct dialect world_dialect(const char *keys)
{
	struct findings *findings = findings_new();
	struct dialects *all = NULL;
	struct dialect d;
	char words[4096];

	snprintf(words, sizeof(words), "dialects = ( { name = \"x\"; %s } );", keys);
	if (world_load(words, findings, &all) != RC_OK)
		findings_print(findings, stderr);
	ck_assert_ptr_nonnull(all);
	d = *dialects_by_name(all, "x");
	dialects_free(all);
	findings_free(findings);
	return d;
}

/* A message from 254700000001 to `dest`, with room for the values of its TLVs. */
struct world_message {
	struct pdu_message m;
	uint8_t body[512];
	uint8_t value[PDU_MAX_TLVS][32];
};

static inline void world_message(struct world_message *w, const char *dest, const char *text)
{
	memset(w, 0, sizeof(*w));
	strcpy(w->m.source.digits, "254700000001");
	w->m.source.ton = 1;
	w->m.source.npi = 1;
	strcpy(w->m.dest.digits, dest);
	w->m.dest.ton = 3;
	w->m.body = w->body;
	w->m.body_len = strlen(text);
	memcpy(w->body, text, strlen(text));
}

static inline void world_tlv(struct world_message *w, uint16_t tag, uint64_t value, size_t length)
{
	uint8_t *at = w->value[w->m.n_tlvs];

	for (size_t i = 0; i < length; i++)
		at[i] = length - 1 - i < 8 ? (uint8_t)(value >> 8 * (length - 1 - i)) : 0;
	w->m.tlv[w->m.n_tlvs++] = (struct pdu_tlv){tag, (uint16_t)length, at};
}

static inline const struct pdu_tlv *world_out(const struct pdu_submit *s, uint16_t tag)
{
	for (size_t i = 0; i < s->n_tlvs; i++)
		if (s->tlv[i].tag == tag)
			return &s->tlv[i];
	return NULL;
}

/* The value of a TLV that went out, as a number; the test fails when it is not there. */
static inline uint64_t world_out_value(const struct pdu_submit *s, uint16_t tag)
{
	const struct pdu_tlv *t = world_out(s, tag);
	uint64_t value = 0;

	ck_assert_msg(t != NULL, "TLV 0x%04x did not go out", tag);
	for (size_t i = 0; i < t->length; i++)
		value = value << 8 | t->value[i];
	return value;
}

#endif
