/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fault injection. The hostile PDUs are built by hand, octet by octet, because no encoder should be able
 * to make them. */
#include "tools/smsc_fault.h"

#include <string.h>

#define REORDER_MOST_US 50000 /* long enough for some others to overtake, short enough not to be a delay */

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
	smsc_late_fini(&f->late);
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

static bool counted(struct smsc_fault *f, uint32_t percent, enum smsc_injected what)
{
	bool yes = happens(f, percent);

	f->stats->injected[what] += yes;
	return yes;
}

enum smsc_blow smsc_fault_strikes(struct smsc_fault *f)
{
	const struct {
		enum smsc_blow blow;
		uint32_t every;
		enum smsc_injected count;
	} rows[] = {{SMSC_BLOW_RESTART, f->config.restart_every, SMSC_INJ_RESTART},
	            {SMSC_BLOW_HALF_OPEN, f->config.half_open_every, SMSC_INJ_HALF_OPEN},
	            {SMSC_BLOW_DROP, f->config.drop_every, SMSC_INJ_DROP}};
	enum smsc_blow blow = SMSC_BLOW_NONE;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t *pdus = &f->pdus[rows[i].blow];

		if (rows[i].every == 0 || ++*pdus < rows[i].every || blow != SMSC_BLOW_NONE)
			continue;
		*pdus = 0;
		f->stats->injected[rows[i].count]++;
		blow = rows[i].blow;
	}
	return blow;
}

enum smsc_fate smsc_fault_fate(struct smsc_fault *f)
{
	if (counted(f, f->config.throttle_percent, SMSC_INJ_THROTTLE))
		return SMSC_FATE_THROTTLED;
	if (counted(f, f->config.vendor_percent, SMSC_INJ_VENDOR))
		return SMSC_FATE_VENDOR;
	if (counted(f, f->config.nack_percent, SMSC_INJ_NACK))
		return SMSC_FATE_NACKED;
	return counted(f, f->config.no_resp_percent, SMSC_INJ_NO_RESP) ? SMSC_FATE_SWALLOWED
	                                                               : SMSC_FATE_APPLIED;
}

bool smsc_fault_repeats_resp(struct smsc_fault *f)
{
	return counted(f, f->config.dup_resp_percent, SMSC_INJ_DUP_RESP);
}

static int64_t between(struct smsc_fault *f, int64_t least, int64_t most)
{
	return most <= least ? least : least + (int64_t)(smsc_fault_random(f) >> 11) % (most - least + 1);
}

int64_t smsc_fault_resp_delay_us(struct smsc_fault *f)
{
	const struct smsc_fault_config *c = &f->config;

	if ((c->slow_resp_ms != 0 || c->slow_most_ms != 0) && counted(f, c->slow_percent, SMSC_INJ_SLOW))
		return between(f, (int64_t)c->slow_resp_ms * 1000, (int64_t)c->slow_most_ms * 1000);
	if (counted(f, c->reorder_percent, SMSC_INJ_REORDER))
		return between(f, 1, REORDER_MOST_US);
	return 0;
}

bool smsc_fault_wants_garbage(struct smsc_fault *f)
{
	return happens(f, f->config.garbage_percent);
}

bool smsc_fault_redelivers(struct smsc_fault *f)
{
	return happens(f, f->config.redeliver_percent);
}

bool smsc_fault_mutes_enquire(struct smsc_fault *f)
{
	return counted(f, f->config.mute_enquire_percent, SMSC_INJ_MUTE_ENQUIRE);
}

enum smsc_bind_fate smsc_fault_bind(struct smsc_fault *f, uint32_t others)
{
	const struct smsc_fault_config *c = &f->config;
	uint32_t n = f->binds++;

	if (n < c->mute_binds) {
		f->stats->injected[SMSC_INJ_MUTE_BIND]++;
		return SMSC_BIND_MUTE;
	}
	if (c->refuse_bind != 0 && (c->refuse_first == 0 || n < c->mute_binds + c->refuse_first)) {
		f->stats->injected[SMSC_INJ_REFUSED_BIND]++;
		return SMSC_BIND_REFUSED;
	}
	if (c->max_binds != 0 && others >= c->max_binds) {
		f->stats->injected[SMSC_INJ_SECOND_BIND]++;
		return SMSC_BIND_SECOND;
	}
	return SMSC_BIND_TRIED;
}

enum smsc_injected smsc_fault_push(struct smsc_fault *f)
{
	if (counted(f, f->config.absent_percent, SMSC_INJ_ABSENT))
		return SMSC_INJ_ABSENT;
	return counted(f, f->config.busy_percent, SMSC_INJ_BUSY) ? SMSC_INJ_BUSY : SMSC_INJ_COUNT;
}

uint8_t smsc_fault_message_state(struct smsc_fault *f)
{
	return happens(f, f->config.undelivered_percent) ? SMSC_STATE_UNDELIVERABLE : SMSC_STATE_DELIVERED;
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
