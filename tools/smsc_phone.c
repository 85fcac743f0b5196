/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The handset's dialogue. Which turn an answer belongs to is read from the its_session_info that the ESME
 * gives back; one that gives none back is taken to answer the present turn. */
#include "tools/smsc_phone.h"

#include <stdio.h>
#include <string.h>

#include "tools/smsc_text.h"

#define SESSION_END 0x01u

void smsc_phone_init(struct smsc_phone *p, uint32_t index, int64_t msisdn, uint8_t session)
{
	memset(p, 0, sizeof *p);
	p->index = index;
	p->msisdn = msisdn;
	p->session = session;
	snprintf(p->digits, sizeof p->digits, "%lld", (long long)msisdn);
}

/* "*123*1#" is sent to 123. */
static void code_of(const char *dialled, char out[21])
{
	size_t len = 0;

	while (*dialled == '*' || *dialled == '#')
		dialled++;
	while (dialled[len] != '\0' && dialled[len] != '*' && dialled[len] != '#' && len < 20)
		len++;
	memcpy(out, dialled, len);
	out[len] = '\0';
}

/* Begin a new unit; earlier answers that are still due become spare. */
static enum rc new_unit(struct smsc_phone *p, enum smsc_unit unit, const char *text)
{
	uint8_t octets[SMSC_INPUT_MAX];
	size_t len;
	uint8_t coding;

	if (!smsc_text_write(text, octets, sizeof octets, &len, &coding))
		return RC_RANGE;
	if (p->copies > p->answers)
		p->spare += p->copies - p->answers;
	memcpy(p->text, octets, len);
	p->text_len = len;
	p->data_coding = coding;
	p->unit = unit;
	p->unit_id++;
	p->acked = p->refused = false;
	p->copies = p->answers = 0;
	return RC_OK;
}

enum rc smsc_phone_dial(struct smsc_phone *p, const char *code, uint16_t reference)
{
	enum rc rc = new_unit(p, SMSC_UNIT_BEGIN, code);

	if (rc != RC_OK)
		return rc;
	code_of(code, p->code);
	p->session++;
	p->number = 0;
	p->reference = reference;
	p->turn = SMSC_TURN_NETWORK;
	p->disturbed = false;
	return RC_OK;
}

enum rc smsc_phone_type(struct smsc_phone *p, const char *text)
{
	enum rc rc;

	if (p->turn != SMSC_TURN_SUBSCRIBER)
		return RC_STATE;
	rc = new_unit(p, SMSC_UNIT_TYPED, text);
	if (rc != RC_OK)
		return rc;
	p->number = (uint8_t)(p->number + 2);
	p->turn = SMSC_TURN_NETWORK;
	return RC_OK;
}

enum rc smsc_phone_cancel(struct smsc_phone *p)
{
	enum rc rc;

	if (p->turn == SMSC_TURN_NONE)
		return RC_STATE;
	rc = new_unit(p, SMSC_UNIT_CANCEL, "");
	if (rc != RC_OK)
		return rc;
	p->number = (uint8_t)(p->number + 2);
	p->turn = SMSC_TURN_NONE;
	return RC_OK;
}

enum rc smsc_phone_sms(struct smsc_phone *p, const char *short_code, const char *text)
{
	enum rc rc;

	if (p->turn == SMSC_TURN_NETWORK)
		return RC_STATE;
	rc = new_unit(p, SMSC_UNIT_SMS, text);
	if (rc == RC_OK)
		snprintf(p->code, sizeof p->code, "%s", short_code);
	return rc;
}

bool smsc_phone_is_push(const struct smsc_phone *p, const struct smsc_sm *sm)
{
	if (!sm->has_op || (sm->op != SMSC_OP_ASK && sm->op != SMSC_OP_NOTIFY))
		return false;
	if (sm->op == SMSC_OP_NOTIFY)
		return true;
	/* An answer gives back the session of its dialogue. */
	return sm->has_session ? sm->session[0] != p->session || p->unit == SMSC_UNIT_NONE
	                       : p->turn == SMSC_TURN_NONE;
}

enum rc smsc_phone_pushed(struct smsc_phone *p, const struct smsc_sm *sm, uint16_t reference)
{
	bool asks = sm->op == SMSC_OP_ASK;

	if (p->turn != SMSC_TURN_NONE)
		return RC_STATE;
	if (new_unit(p, asks ? SMSC_UNIT_NONE : SMSC_UNIT_NOTIFIED, "") != RC_OK)
		return RC_STATE;
	memcpy(p->code, sm->source.digits, sizeof p->code);
	p->session = sm->has_session ? sm->session[0] : (uint8_t)(p->session + 1);
	p->number = sm->has_session ? (uint8_t)(sm->session[1] & ~SESSION_END) : 0;
	p->reference = sm->has_reference ? sm->reference : reference;
	p->turn = asks ? SMSC_TURN_SUBSCRIBER : SMSC_TURN_NONE;
	p->disturbed = false;
	return RC_OK;
}

void smsc_phone_lose(struct smsc_phone *p)
{
	if (p->turn == SMSC_TURN_NETWORK)
		p->spare++; /* its answer may be on the way */
	p->turn = SMSC_TURN_NONE;
	p->unit = SMSC_UNIT_NONE;
}

void smsc_phone_message(const struct smsc_phone *p, struct smsc_sm *out)
{
	static const uint8_t op[] = {[SMSC_UNIT_BEGIN] = SMSC_OP_BEGIN,
	                             [SMSC_UNIT_TYPED] = SMSC_OP_TYPED,
	                             [SMSC_UNIT_CANCEL] = SMSC_OP_CANCELLED,
	                             [SMSC_UNIT_SMS] = 0,
	                             [SMSC_UNIT_NOTIFIED] = SMSC_OP_NOTIFIED};

	memset(out, 0, sizeof *out);
	out->source = (struct smsc_address){.ton = 1, .npi = 1};
	memcpy(out->source.digits, p->digits, sizeof out->source.digits);
	out->dest = (struct smsc_address){.ton = 0, .npi = 1};
	memcpy(out->dest.digits, p->code, sizeof out->dest.digits);
	out->data_coding = p->data_coding;
	out->text = p->text;
	out->text_len = p->text_len;
	if (p->unit == SMSC_UNIT_SMS)
		return;
	memcpy(out->service_type, "USSD", 5);
	out->has_op = out->has_session = out->has_reference = true;
	out->op = op[p->unit];
	out->session[0] = p->session;
	out->session[1] = (uint8_t)(p->number | (p->unit == SMSC_UNIT_CANCEL ? SESSION_END : 0));
	out->reference = p->reference;
}

void smsc_phone_sent(struct smsc_phone *p)
{
	if (p->unit == SMSC_UNIT_BEGIN || p->unit == SMSC_UNIT_TYPED)
		p->copies++;
}

bool smsc_phone_unsettled(const struct smsc_phone *p)
{
	return p->unit != SMSC_UNIT_NONE && (!p->acked || p->turn == SMSC_TURN_NETWORK);
}

void smsc_phone_disturb(struct smsc_phone *p)
{
	p->disturbed = true;
	if (p->turn == SMSC_TURN_NETWORK || p->unit == SMSC_UNIT_CANCEL)
		p->spare++;
	else
		p->copies++;
}

/* FNV-1a: tells two texts apart, nothing more. */
static uint64_t hash_of(const struct smsc_sm *answer)
{
	uint64_t h = 0xcbf29ce484222325u ^ answer->data_coding;

	for (size_t i = 0; i < answer->text_len; i++)
		h = (h ^ answer->text[i]) * 0x100000001b3u;
	return h;
}

static enum smsc_verdict late_or(struct smsc_phone *p, enum smsc_verdict otherwise)
{
	if (p->spare == 0)
		return otherwise;
	p->spare--;
	return SMSC_IS_LATE;
}

static enum smsc_verdict judge_repeat(struct smsc_phone *p, uint64_t hash)
{
	bool ours = p->unit == SMSC_UNIT_BEGIN || p->unit == SMSC_UNIT_TYPED;

	if (!ours || p->answers >= p->copies)
		return late_or(p,
		               p->turn == SMSC_TURN_NONE && p->answers == 0 ? SMSC_IS_STRAY : SMSC_IS_SECOND);
	p->answers++;
	return hash == p->answer_hash ? SMSC_IS_REPEAT : SMSC_IS_OTHER_REPEAT;
}

enum smsc_verdict smsc_phone_judge(struct smsc_phone *p, const struct smsc_sm *answer)
{
	bool end =
		answer->op == SMSC_OP_END || (answer->has_session && (answer->session[1] & SESSION_END) != 0);
	uint64_t hash = hash_of(answer);

	if (!answer->has_op || (answer->op != SMSC_OP_ASK && answer->op != SMSC_OP_END))
		return SMSC_IS_WRONG_OP;
	if (answer->has_session) {
		uint8_t behind = (uint8_t)(p->number - (answer->session[1] & ~SESSION_END));

		if (answer->session[0] != p->session)
			return late_or(p, SMSC_IS_STRAY);
		if (behind != 0 && behind < 128)
			return late_or(p, SMSC_IS_SECOND);
	}
	if (p->turn != SMSC_TURN_NETWORK)
		return judge_repeat(p, hash);
	p->answers++;
	p->answer_hash = hash;
	p->turn = end ? SMSC_TURN_NONE : SMSC_TURN_SUBSCRIBER;
	return end ? SMSC_IS_END : SMSC_IS_SCREEN;
}

bool smsc_phone_has_spare(const struct smsc_phone *p)
{
	return p->spare > 0 || p->copies > p->answers;
}
