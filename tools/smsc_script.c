/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scripted phone. It always awaits exactly one thing, with a deadline; what arrives either is that
 * thing, and the next step follows, or it is only printed. */
#include "tools/smsc_script.h"

#include <stdio.h>
#include <string.h>

void smsc_script_init(struct smsc_script *s, const struct smsc_script_config *config,
                      struct smsc_centre *centre)
{
	memset(s, 0, sizeof *s);
	s->config = *config;
	s->centre = centre;
}

static void await(struct smsc_script *s, enum smsc_awaits what, int64_t timeout_us)
{
	s->awaits = what;
	s->deadline_us = smsc_now_us() + timeout_us;
}

static void fail(struct smsc_script *s, const char *why)
{
	fflush(stdout);
	fprintf(stderr, "starhash-smsc: %s\n", why);
	s->failed = true;
	s->awaits = SMSC_AWAITS_NOTHING;
}

static void await_last_sms(struct smsc_script *s)
{
	if (s->sms > 0)
		s->awaits = SMSC_AWAITS_NOTHING;
	else
		await(s, SMSC_AWAITS_LAST_SMS, s->config.sms_wait_us);
}

static enum rc type(struct smsc_script *s, const char *text)
{
	if (s->phone->turn == SMSC_TURN_NONE && text[0] == '*') {
		printf("dial %s\n", text);
		return smsc_centre_dial(s->centre, s->phone, text, 0);
	}
	printf("> %s\n", text);
	return smsc_centre_type(s->centre, s->phone, text);
}

static const char *sms_code(struct smsc_script *s)
{
	if (s->phone->code[0] != '\0')
		snprintf(s->code, sizeof s->code, "%s", s->phone->code);
	return s->code;
}

/* Do one step. Returns true when the next may follow at once. */
static bool do_step(struct smsc_script *s, const struct smsc_step *step)
{
	enum rc rc = RC_OK;

	s->awaits = SMSC_AWAITS_SCREEN;
	switch (step->kind) {
	case SMSC_STEP_DIAL:
		printf("dial %s\n", step->text);
		rc = smsc_centre_dial(s->centre, s->phone, step->text, 0);
		break;
	case SMSC_STEP_TYPE:
		rc = type(s, step->text);
		break;
	case SMSC_STEP_SMS:
		printf("sms %s\n", step->text);
		rc = smsc_centre_sms(s->centre, s->phone, sms_code(s), step->text);
		s->awaits = SMSC_AWAITS_SMS;
		break;
	case SMSC_STEP_DROP:
		puts("drop");
		smsc_centre_lose(s->centre, s->phone);
		return true;
	case SMSC_STEP_CANCEL:
		puts("cancel");
		rc = smsc_centre_cancel(s->centre, s->phone);
		s->awaits = SMSC_AWAITS_ACK;
		break;
	case SMSC_STEP_PUSH:
		s->awaits = SMSC_AWAITS_PUSH;
		break;
	case SMSC_STEP_DUP:
		puts("again");
		rc = smsc_centre_again(s->centre, s->phone);
		s->awaits = s->phone->unit == SMSC_UNIT_BEGIN || s->phone->unit == SMSC_UNIT_TYPED
		                    ? SMSC_AWAITS_REPEAT
		                    : SMSC_AWAITS_ACK;
		break;
	}
	if (rc != RC_OK)
		fail(s, rc == RC_STATE ? "the dialogue ended before all answers were given"
		                       : "a step's text cannot be sent");
	else
		await(s, s->awaits, s->config.answer_timeout_us);
	return false;
}

static void proceed(struct smsc_script *s)
{
	while (s->next < s->config.steps->n)
		if (!do_step(s, &s->config.steps->at[s->next++]))
			return;
	if (s->phone->turn != SMSC_TURN_NONE)
		fail(s, "the script is over but the dialogue is not");
	else
		await_last_sms(s);
}

static void look_for(struct smsc_script *s, const char *text)
{
	for (size_t i = 0; i < s->config.n_expect; i++)
		s->found[i] |= strstr(text, s->config.expect[i]) != NULL;
}

static void on_screen(void *ctx, struct smsc_phone *p, const char *text, bool end, bool repeat)
{
	struct smsc_script *s = ctx;

	(void)p;
	(void)end;
	if (!repeat)
		look_for(s, text);
	printf("%s\n", text);
	if (s->awaits == (repeat ? SMSC_AWAITS_REPEAT : SMSC_AWAITS_SCREEN))
		proceed(s);
	fflush(stdout);
}

static void on_sms(void *ctx, int64_t msisdn, const char *from, const char *text)
{
	struct smsc_script *s = ctx;

	(void)msisdn;
	printf("[SMS from %s] %s\n", from, text);
	look_for(s, text);
	s->sms++;
	if (s->awaits == SMSC_AWAITS_SMS)
		proceed(s);
	else if (s->awaits == SMSC_AWAITS_LAST_SMS)
		s->awaits = SMSC_AWAITS_NOTHING;
	fflush(stdout);
}

static void on_acked(void *ctx, struct smsc_phone *p)
{
	struct smsc_script *s = ctx;

	(void)p;
	if (s->awaits == SMSC_AWAITS_ACK)
		proceed(s);
}

static void on_pushed(void *ctx, struct smsc_phone *p, const char *text, bool asks)
{
	struct smsc_script *s = ctx;

	(void)p;
	look_for(s, text);
	printf("[pushed%s] %s\n", asks ? "" : ", no answer wanted", text);
	if (s->awaits == SMSC_AWAITS_PUSH)
		proceed(s);
	fflush(stdout);
}

static void on_silent(void *ctx, struct smsc_phone *p)
{
	(void)p;
	fail(ctx, "no answer in time");
}

struct smsc_centre_events smsc_script_events(struct smsc_script *s)
{
	return (struct smsc_centre_events){.ctx = s,
	                                   .screen = on_screen,
	                                   .sms = on_sms,
	                                   .acked = on_acked,
	                                   .silent = on_silent,
	                                   .pushed = on_pushed};
}

void smsc_script_start(struct smsc_script *s, int64_t now_us)
{
	snprintf(s->code, sizeof s->code, "123");
	s->phone = smsc_centre_attach(s->centre, 0, 0);
	s->awaits = SMSC_AWAITS_BIND;
	s->deadline_us = now_us + s->config.bind_wait_us;
}

int64_t smsc_script_turn(struct smsc_script *s, int64_t now_us)
{
	if (s->awaits == SMSC_AWAITS_BIND && smsc_net_bound(s->centre->net))
		proceed(s);
	if (s->awaits == SMSC_AWAITS_NOTHING || now_us < s->deadline_us)
		return s->deadline_us - now_us;
	if (s->awaits == SMSC_AWAITS_LAST_SMS)
		s->awaits = SMSC_AWAITS_NOTHING;
	else if (s->awaits == SMSC_AWAITS_BIND)
		fail(s, "no ESME bound in time");
	else if (s->awaits == SMSC_AWAITS_REPEAT)
		fail(s, "no answer to an input that was sent again");
	else if (s->awaits == SMSC_AWAITS_SMS)
		fail(s, "no SMS in time");
	else if (s->awaits == SMSC_AWAITS_PUSH)
		fail(s, "no push in time");
	else
		fail(s, "no answer in time");
	return 0;
}

bool smsc_script_finished(const struct smsc_script *s)
{
	return s->awaits == SMSC_AWAITS_NOTHING;
}

bool smsc_script_passed(const struct smsc_script *s)
{
	bool passed = !s->failed && s->awaits == SMSC_AWAITS_NOTHING;

	for (size_t i = 0; i < s->config.n_expect; i++) {
		if (s->found[i])
			continue;
		fprintf(stderr, "starhash-smsc: no screen or SMS said \"%s\"\n", s->config.expect[i]);
		passed = false;
	}
	return passed;
}
