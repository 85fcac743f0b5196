/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages through libsmpp34: the one file that knows the library.
 *
 * What is plain never comes to the library (gateway/pdu_fast.h). Of the rest, reading: the guard's copy goes to the library and
 * both readings must agree. Writing: lengths are checked
 * here, the library packs, and what it wrote must have the length that we foresaw. The library's allocations
 * come from one static arena that is emptied after each PDU, so an error path of the library cannot leak. Its
 * error text holds every field of the last PDU in clear and is never read.
 */
#include "gateway/pdu_codec.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include <smpp34.h>
#include <smpp34_structs.h>
#include <smpp34_params.h>
#include <smpp34_heap.h>

#include "gateway/pdu_fast.h"
#include "gateway/pdu_guard.h"
#include "gateway/pdu_wire.h"

#define SUBMIT_ADDRESS_SIZE 21
#define SUBMIT_VALIDITY_SIZE 17
#define SUBMIT_SERVICE_TYPE_SIZE 6
#define SUBMIT_MAX_TLVS (sizeof(((struct pdu_submit *)0)->tlv) / sizeof(struct pdu_tlv))
/* submit_sm without its strings and body: header, 3 NULs, 4 TON/NPI, 3 flags, 2 empty times, 5 octets. */
#define SUBMIT_FIXED_SIZE (PDU_HEADER_SIZE + 3 + 4 + 3 + 2 + 5)

union library_message {
	deliver_sm_t deliver;
	data_sm_t data;
};

struct pdu_codec {
	struct pdu_codec_counts counts;
	struct pdu_guard guard;
	union library_message read;
	submit_sm_t submit;
	tlv_t chain[SUBMIT_MAX_TLVS + 1];
	/* A submit_sm is at most 512 octets and SUBMIT_MAX_TLVS + 1 TLVs; the library wants one octet more. */
	uint8_t packed[512 + (SUBMIT_MAX_TLVS + 1) * (4 + PDU_PAYLOAD_MAX) + 1];
};

/* The library allocates one tlv_t for each TLV, and the guard lets through PDU_MAX_TLVS and message_payload.
 * It does not check for NULL, so should it ever ask for more, it gets `spill` again and again and the
 * result is thrown away unread. */
static struct {
	alignas(max_align_t) tlv_t slots[PDU_MAX_TLVS + 1];
	tlv_t spill;
	size_t used;
	bool spilled;
	bool installed;
} arena;

static void *arena_malloc(size_t size)
{
	if (size > sizeof(tlv_t) || arena.used == PDU_MAX_TLVS + 1) {
		arena.spilled = true;
		return size > sizeof(tlv_t) ? NULL : &arena.spill;
	}
	return &arena.slots[arena.used++];
}

static void *arena_realloc(void *ptr, size_t size)
{
	(void)ptr;
	(void)size;
	arena.spilled = true; /* the library has no caller of it */
	return NULL;
}

static void arena_free(void *ptr)
{
	(void)ptr; /* arena_reset frees everything together */
}

static void arena_reset(void)
{
	arena.used = 0;
	arena.spilled = false;
}

/* The library takes its allocator only before its first allocation, hence once in a process. */
static void arena_install(void)
{
	const struct smpp34_memory_functions functions = {
		.malloc_fun = arena_malloc, .realloc_fun = arena_realloc, .free_fun = arena_free};

	if (!arena.installed)
		smpp34_set_memory_functions(&functions);
	arena.installed = true;
}

struct pdu_codec *pdu_codec_new(void)
{
	arena_install();
	return calloc(1, sizeof(struct pdu_codec));
}

void pdu_codec_free(struct pdu_codec *c)
{
	free(c);
}

const struct pdu_codec_counts *pdu_codec_counts(const struct pdu_codec *c)
{
	return &c->counts;
}

static bool same_text(const uint8_t *library, const char *ours)
{
	return strcmp((const char *)library, ours) == 0;
}

/* The library keeps some tags as numbers in host order and others as octets; either is a right reading. */
static bool same_tlv(const tlv_t *library, const struct pdu_tlv *ours)
{
	uint32_t number = 0;

	if (library->tag != ours->tag || library->length != ours->length)
		return false;
	if (memcmp(library->value.octet, ours->value, ours->length) == 0)
		return true;
	for (size_t i = 0; i < ours->length && i < 4; i++)
		number = number << 8 | ours->value[i];
	return (ours->length == 2 && library->value.val16 == number) ||
	       (ours->length == 4 && library->value.val32 == number);
}

/* The library's list is newest first. */
static bool same_tlvs(const tlv_t *list, const struct pdu_guard *g)
{
	size_t n = g->n_copied;

	for (; list; list = list->next) {
		if (n == 0 || !same_tlv(list, &g->copied[--n]))
			return false;
	}
	return n == 0;
}

static bool same_deliver(const deliver_sm_t *d, const struct pdu_guard *g)
{
	const struct pdu_message *m = &g->message;

	return same_text(d->service_type, m->service_type) &&
	       d->source_addr_ton == pdu_guard_ton(m->source.ton) &&
	       d->source_addr_npi == pdu_guard_npi(m->source.npi) &&
	       same_text(d->source_addr, m->source.digits) &&
	       d->dest_addr_ton == pdu_guard_ton(m->dest.ton) &&
	       d->dest_addr_npi == pdu_guard_npi(m->dest.npi) &&
	       same_text(d->destination_addr, m->dest.digits) && d->esm_class == m->esm_class &&
	       d->protocol_id == m->protocol_id && d->priority_flag == m->priority &&
	       d->registered_delivery == m->registered_delivery && d->data_coding == m->data_coding &&
	       d->sm_length == g->copied_body_len &&
	       memcmp(d->short_message, m->body, g->copied_body_len) == 0 && same_tlvs(d->tlv, g);
}

static bool same_data(const data_sm_t *d, const struct pdu_guard *g)
{
	const struct pdu_message *m = &g->message;

	return same_text(d->service_type, m->service_type) &&
	       d->source_addr_ton == pdu_guard_ton(m->source.ton) &&
	       d->source_addr_npi == pdu_guard_npi(m->source.npi) &&
	       same_text(d->source_addr, g->source_aside ? "" : m->source.digits) &&
	       d->dest_addr_ton == pdu_guard_ton(m->dest.ton) &&
	       d->dest_addr_npi == pdu_guard_npi(m->dest.npi) &&
	       same_text(d->destination_addr, m->dest.digits) && d->esm_class == m->esm_class &&
	       d->registered_delivery == m->registered_delivery && d->data_coding == m->data_coding &&
	       same_tlvs(d->tlv, g);
}

/* Whether the library reads the guard's copy, and reads the same in it. */
static bool library_agrees(struct pdu_codec *c)
{
	struct pdu_guard *g = &c->guard;
	bool same;

	arena_reset();
	memset(&c->read, 0, sizeof(c->read));
	same = smpp34_unpack2(&c->read, g->copy, (int)g->copy_len) == 0 && !arena.spilled;
	if (same && c->read.deliver.command_id == DELIVER_SM) {
		same = same_deliver(&c->read.deliver, g);
		destroy_tlv(c->read.deliver.tlv);
	} else if (same) {
		same = same_data(&c->read.data, g);
		destroy_tlv(c->read.data.tlv);
	}
	arena_reset();
	return same;
}

enum rc pdu_message_decode_library(struct pdu_codec *c, const uint8_t *bytes, size_t len,
                                   struct pdu_message *out, uint32_t *status_out)
{
	enum rc rc = pdu_guard_read(&c->guard, bytes, len, status_out);

	if (rc != RC_OK) {
		c->counts.refused++;
		return rc;
	}
	if (!library_agrees(c)) {
		c->counts.disagreed++;
		*status_out = PDU_RSYSERR;
		return RC_SYNTAX;
	}
	c->counts.decoded++;
	c->counts.tlvs_dropped += c->guard.message.tlvs_dropped;
	*out = c->guard.message;
	return RC_OK;
}

enum rc pdu_message_decode(struct pdu_codec *c, const uint8_t *bytes, size_t len, struct pdu_message *out,
                           uint32_t *status_out)
{
	if (!pdu_fast_deliver(bytes, len, out))
		return pdu_message_decode_library(c, bytes, len, out, status_out);
	c->counts.decoded++;
	c->counts.plain_in++;
	*status_out = PDU_ROK;
	return RC_OK;
}

static bool address_fits(const struct pdu_address *a)
{
	return strnlen(a->digits, sizeof(a->digits)) < SUBMIT_ADDRESS_SIZE;
}

static bool is_payload(const struct pdu_submit *s)
{
	return s->body_len > PDU_SHORT_MESSAGE_MAX || (s->in_payload && s->body_len > 0);
}

/* The library packs no more than PDU_PAYLOAD_MAX: then it packs everything else, and the payload is written behind that. */
static bool is_long_payload(const struct pdu_submit *s)
{
	return s->body_len > PDU_PAYLOAD_MAX;
}

static size_t validity_len(const struct pdu_submit *s)
{
	return s->validity ? strlen(s->validity) : 0;
}

static bool submit_in_range(const struct pdu_submit *s, uint32_t sequence)
{
	if (sequence == 0 || s->body_len > PDU_BODY_MAX || s->n_tlvs > SUBMIT_MAX_TLVS)
		return false;
	if (strnlen(s->service_type, SUBMIT_SERVICE_TYPE_SIZE) >= SUBMIT_SERVICE_TYPE_SIZE ||
	    !address_fits(&s->source) || !address_fits(&s->dest) ||
	    (validity_len(s) != 0 && validity_len(s) != SUBMIT_VALIDITY_SIZE - 1))
		return false;
	for (size_t i = 0; i < s->n_tlvs; i++) {
		const struct pdu_tlv *t = &s->tlv[i];

		if (t->tag == PDU_TAG_MESSAGE_PAYLOAD || t->length > PDU_PAYLOAD_MAX ||
		    !pdu_guard_tlv_kept(t->tag, t->length))
			return false;
	}
	return true;
}

/* The TLVs that the library packs: those before the first whose length it does not know. The rest is written behind them,
 * so that the order stays. */
static size_t library_tlvs(const struct pdu_submit *s)
{
	size_t n = 0;

	while (n < s->n_tlvs && pdu_guard_tlv_length_ok(s->tlv[n].tag, s->tlv[n].length))
		n++;
	return n;
}

/* Octets of what is written behind the library's PDU. */
static size_t tail_size(const struct pdu_submit *s)
{
	size_t size = is_long_payload(s) ? 4 + s->body_len : 0;

	for (size_t i = library_tlvs(s); i < s->n_tlvs; i++)
		size += 4 + (size_t)s->tlv[i].length;
	return size;
}

/* The tags that the library packs from value.val16 in a submit_sm (def_frame/submit_sm.tlv). */
static bool is_number16(uint16_t tag)
{
	switch (tag) {
	case TLVID_user_message_reference:
	case TLVID_source_port:
	case TLVID_destination_port:
	case TLVID_sar_msg_ref_num:
	case TLVID_sms_signal:
	case TLVID_its_session_info:
		return true;
	default:
		return false;
	}
}

static void fill_tlv(tlv_t *t, uint16_t tag, const uint8_t *value, size_t length)
{
	t->tag = tag;
	t->length = (uint16_t)length;
	t->next = NULL;
	if (is_number16(tag))
		t->value.val16 = (uint16_t)(value[0] << 8 | value[1]);
	else if (length > 0)
		memcpy(t->value.octet, value, length);
}

/* The library emits a list from its head, and build_tlv would put each new one there; so the chain is linked
 * here, in order and without an allocation. Returns the octets that it will take. */
static size_t fill_tlvs(struct pdu_codec *c, const struct pdu_submit *s)
{
	tlv_t **end = &c->submit.tlv;
	tlv_t *next = c->chain;
	size_t size = 0, n = library_tlvs(s);

	if (is_payload(s) && !is_long_payload(s)) {
		fill_tlv(next, TLVID_message_payload, s->body, s->body_len);
		size += 4 + s->body_len;
		*end = next;
		end = &next->next;
		next++;
	}
	for (size_t i = 0; i < n; i++) {
		fill_tlv(next, s->tlv[i].tag, s->tlv[i].value, s->tlv[i].length);
		size += 4 + (size_t)s->tlv[i].length;
		*end = next;
		end = &next->next;
		next++;
	}
	return size;
}

/* Fill the library's struct. Returns the length that the PDU must have. */
static size_t fill_submit(struct pdu_codec *c, const struct pdu_submit *s, uint32_t sequence)
{
	submit_sm_t *l = &c->submit;

	memset(l, 0, sizeof(*l));
	l->command_id = SUBMIT_SM;
	l->sequence_number = sequence;
	memcpy(l->service_type, s->service_type, strlen(s->service_type));
	l->source_addr_ton = pdu_guard_ton(s->source.ton);
	l->source_addr_npi = pdu_guard_npi(s->source.npi);
	memcpy(l->source_addr, s->source.digits, strlen(s->source.digits));
	l->dest_addr_ton = pdu_guard_ton(s->dest.ton);
	l->dest_addr_npi = pdu_guard_npi(s->dest.npi);
	memcpy(l->destination_addr, s->dest.digits, strlen(s->dest.digits));
	l->esm_class = s->esm_class;
	l->protocol_id = s->protocol_id;
	l->priority_flag = s->priority;
	l->registered_delivery = s->registered_delivery;
	l->data_coding = s->data_coding;
	memcpy(l->validity_period, s->validity ? s->validity : "", validity_len(s));
	if (s->body_len > 0 && !is_payload(s)) {
		l->sm_length = (uint8_t)s->body_len;
		memcpy(l->short_message, s->body, s->body_len);
	}
	return SUBMIT_FIXED_SIZE + strlen(s->service_type) + strlen(s->source.digits) +
	       strlen(s->dest.digits) + validity_len(s) + l->sm_length + fill_tlvs(c, s);
}

/* An answer goes back to the TON and NPI that the request came with, also where the library knows only 0. */
static void restore_ton_npi(uint8_t *pdu, const struct pdu_submit *s)
{
	uint8_t *at = pdu + PDU_HEADER_SIZE + strlen(s->service_type) + 1;

	at[0] = s->source.ton;
	at[1] = s->source.npi;
	at += 2 + strlen(s->source.digits) + 1;
	at[0] = s->dest.ton;
	at[1] = s->dest.npi;
}

static void put_tlv(struct pdu_writer *w, uint16_t tag, const uint8_t *value, size_t length)
{
	pdu_write_u16(w, tag);
	pdu_write_u16(w, (uint16_t)length);
	pdu_write_bytes(w, value, length);
}

/* What the library does not pack, behind the `len` octets of its PDU, which becomes longer by it.
 * RC_FULL when `size` octets do not hold it. */
static enum rc append_tail(const struct pdu_submit *s, uint8_t *pdu, size_t size, size_t *len)
{
	struct pdu_writer w;

	pdu_writer_init(&w, pdu, size);
	w.len = *len;
	for (size_t i = library_tlvs(s); i < s->n_tlvs; i++)
		put_tlv(&w, s->tlv[i].tag, s->tlv[i].value, s->tlv[i].length);
	if (is_long_payload(s))
		put_tlv(&w, PDU_TAG_MESSAGE_PAYLOAD, s->body, s->body_len);
	return pdu_write_end(&w, len);
}

enum rc pdu_submit_pack_library(struct pdu_codec *c, const struct pdu_submit *submit, uint32_t sequence,
                                uint8_t *out, size_t size, size_t *len)
{
	struct pdu_header h;
	size_t expected;
	int packed = 0;

	if (!submit_in_range(submit, sequence))
		return RC_RANGE;
	expected = fill_submit(c, submit, sequence);
	if (expected + tail_size(submit) > size)
		return RC_FULL;
	if (smpp34_pack2(c->packed, (int)sizeof(c->packed), &packed, &c->submit) != 0 ||
	    (size_t)packed != expected || pdu_header_read(c->packed, expected, &h) != RC_OK ||
	    h.length != expected) {
		c->counts.disagreed++;
		return RC_RANGE;
	}
	restore_ton_npi(c->packed, submit);
	memcpy(out, c->packed, expected);
	*len = expected;
	return append_tail(submit, out, size, len);
}

enum rc pdu_submit_pack(struct pdu_codec *c, const struct pdu_submit *submit, uint32_t sequence, uint8_t *out,
                        size_t size, size_t *len)
{
	if (!pdu_fast_submit(submit, sequence, out, size, len))
		return pdu_submit_pack_library(c, submit, sequence, out, size, len);
	c->counts.plain_out++;
	return RC_OK;
}
