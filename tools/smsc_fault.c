/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fault injection. The hostile PDUs are built by hand, octet by octet, because no encoder should be able
 * to make them. */
#include "tools/smsc_fault.h"

#include <stdlib.h>
#include <string.h>

#define DELAYED_MAX 65536u

void smsc_fault_init(struct smsc_fault *f, const struct smsc_fault_config *config, struct smsc_stats *stats)
{
	memset(f, 0, sizeof *f);
	f->config = *config;
	f->stats = stats;
	f->random = config->seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
	if (f->random == 0)
		f->random = 1;
}

void smsc_fault_fini(struct smsc_fault *f)
{
	free(f->delayed);
	f->delayed = NULL;
}

/* xorshift64* (Marsaglia 2003, Vigna 2016) */
uint64_t smsc_fault_random(struct smsc_fault *f)
{
	f->random ^= f->random >> 12;
	f->random ^= f->random << 25;
	f->random ^= f->random >> 27;
	return f->random * 0x2545f4914f6cdd1du;
}

static bool happens(struct smsc_fault *f, uint32_t percent)
{
	return percent != 0 && (smsc_fault_random(f) >> 32) % 100 < percent;
}

bool smsc_fault_drops(struct smsc_fault *f)
{
	if (f->config.drop_every == 0 || ++f->pdus < f->config.drop_every)
		return false;
	f->pdus = 0;
	f->stats->injected[SMSC_INJ_DROP]++;
	return true;
}

bool smsc_fault_throttles(struct smsc_fault *f)
{
	bool yes = happens(f, f->config.throttle_percent);

	f->stats->injected[SMSC_INJ_THROTTLE] += yes;
	return yes;
}

bool smsc_fault_swallows_resp(struct smsc_fault *f)
{
	bool yes = happens(f, f->config.no_resp_percent);

	f->stats->injected[SMSC_INJ_NO_RESP] += yes;
	return yes;
}

bool smsc_fault_wants_garbage(struct smsc_fault *f)
{
	return happens(f, f->config.garbage_percent);
}

struct hostile {
	uint8_t at[1024];
	size_t len;
};

static void add(struct hostile *h, const void *bytes, size_t len)
{
	memcpy(h->at + h->len, bytes, len);
	h->len += len;
}

#define ADD(h, literal) add(h, literal, sizeof(literal) - 1)

static void add_header(struct hostile *h, uint32_t id, uint32_t status, uint32_t sequence)
{
	const uint32_t field[3] = {id, status, sequence};

	h->len = 4;
	for (int i = 0; i < 3; i++)
		for (int shift = 24; shift >= 0; shift -= 8)
			h->at[h->len++] = (uint8_t)(field[i] >> shift);
}

/* Mandatory fields of a deliver_sm up to and with the text "?". */
static void add_message(struct hostile *h)
{
	ADD(h, "\0\1\1" SMSC_GARBAGE_NUMBER "\0\0\1"
	       "0\0"
	       "\0\0\0\0\0\0\0\0\0\1?");
}

static void add_deliver_fault(struct hostile *h, unsigned kind)
{
	switch (kind) {
	case 0: /* a TLV that reaches behind the PDU */
		add_message(h);
		ADD(h, "\x05\x01\x40\x00\x01");
		break;
	case 1: /* half a TLV header */
		add_message(h);
		ADD(h, "\x13\x83\x00");
		break;
	case 2: /* more TLVs than anyone has use for */
		add_message(h);
		for (int i = 0; i < 139; i++)
			ADD(h, "\x02\x04\x00\x02\x12\x34");
		break;
	case 3: /* known tags of wrong lengths */
		add_message(h);
		ADD(h, "\x13\x83\x00\x01\x00"
		       "\x02\x04\x00\x04\x00\x00\x00\x01"
		       "\x02\x0c\x00\x00");
		break;
	case 4: /* a C-string without end */
		for (int i = 0; i < 40; i++)
			ADD(h, "AAAAAAAA");
		break;
	case 5: /* sm_length 255 with two octets */
		add_message(h);
		h->at[h->len - 2] = 0xff;
		break;
	case 6: /* no body at all */
		break;
	default: /* reserved TON and NPI, and times where none belong */
		ADD(h, "\0\x07\x02" SMSC_GARBAGE_NUMBER "\0\x07\x02"
		       "0\0"
		       "\0\0\0");
		ADD(h, "261121222053000+\0"
		       "000000010000000R\0"
		       "\0\0\0\0\1?");
		break;
	}
}

void smsc_fault_put_garbage(struct smsc_fault *f, struct smsc_out *out, uint32_t sequence)
{
	struct hostile h = {.len = 0};
	unsigned kind = (unsigned)((smsc_fault_random(f) >> 32) % 14);

	switch (kind) {
	case 8: /* a command that does not exist */
		add_header(&h, 0x00000fff, 0, sequence);
		ADD(&h, "what is this");
		break;
	case 9: /* a vendor's status, for a request that was never sent */
		add_header(&h, SMSC_SUBMIT_SM | SMSC_RESPONSE, 0x00000401, 0x7ffffff0);
		break;
	case 10: /* what the specification prescribes after an unreadable header */
		add_header(&h, SMSC_GENERIC_NACK, SMSC_INV_CMD_LEN, 0);
		break;
	case 11: /* enquire_link with a tail */
		add_header(&h, SMSC_ENQUIRE_LINK, 0, sequence);
		ADD(&h, "\0\0\0");
		break;
	case 12: /* a response to a command that does not exist */
		add_header(&h, 0x80000ffe, 0, 0x7ffffff1);
		break;
	case 13: /* a response with an open string, for a request that was never sent */
		add_header(&h, SMSC_SUBMIT_SM | SMSC_RESPONSE, 0, 0x7ffffff2);
		ADD(&h, "no end");
		break;
	default:
		add_header(&h, SMSC_DELIVER_SM, 0, sequence);
		add_deliver_fault(&h, kind);
		break;
	}
	for (int i = 0; i < 4; i++)
		h.at[i] = (uint8_t)(h.len >> (24 - 8 * i));
	smsc_put_raw(out, h.at, h.len);
	f->stats->injected[SMSC_INJ_GARBAGE]++;
}

bool smsc_fault_delay(struct smsc_fault *f, const struct smsc_delayed *resp, int64_t now_us)
{
	struct smsc_delayed *place;

	if (f->config.slow_resp_ms == 0 || f->delayed_n == DELAYED_MAX)
		return false;
	if (f->delayed == NULL && (f->delayed = calloc(DELAYED_MAX, sizeof *f->delayed)) == NULL)
		return false;
	place = &f->delayed[(f->delayed_from + f->delayed_n++) % DELAYED_MAX];
	*place = *resp;
	place->due_us = now_us + (int64_t)f->config.slow_resp_ms * 1000;
	f->stats->injected[SMSC_INJ_SLOW]++;
	return true;
}

bool smsc_fault_due(struct smsc_fault *f, int64_t now_us, struct smsc_delayed *out)
{
	if (f->delayed_n == 0 || f->delayed[f->delayed_from].due_us > now_us)
		return false;
	*out = f->delayed[f->delayed_from];
	f->delayed_from = (f->delayed_from + 1) % DELAYED_MAX;
	f->delayed_n--;
	return true;
}

int64_t smsc_fault_wait_us(const struct smsc_fault *f, int64_t now_us)
{
	int64_t wait;

	if (f->delayed_n == 0)
		return -1;
	wait = f->delayed[f->delayed_from].due_us - now_us;
	return wait < 0 ? 0 : wait;
}
