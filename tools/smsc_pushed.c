/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phones that wait for a push. */
#include "tools/smsc_pushed.h"

#include <stdio.h>
#include <string.h>

void smsc_pushed_init(struct smsc_pushed *s, const struct smsc_pushed_config *config,
                      struct smsc_centre *centre)
{
	memset(s, 0, sizeof *s);
	s->config = *config;
	s->centre = centre;
}

static void answer(struct smsc_pushed *s, struct smsc_phone *p, const char *text)
{
	const struct smsc_load_config *rules = s->config.rules;

	for (size_t i = 0; i < rules->n_rules; i++)
		if (strstr(text, rules->rule[i].pattern) != NULL &&
		    smsc_centre_type(s->centre, p, rules->rule[i].text) == RC_OK)
			return;
	s->unknown++;
	(void)!smsc_centre_cancel(s->centre, p);
}

static void on_pushed(void *ctx, struct smsc_phone *p, const char *text, bool asks)
{
	struct smsc_pushed *s = ctx;

	if (asks)
		answer(s, p, text);
	else
		s->closed++;
}

static void on_screen(void *ctx, struct smsc_phone *p, const char *text, bool end, bool repeat)
{
	struct smsc_pushed *s = ctx;

	if (repeat)
		return;
	if (end)
		s->closed++;
	else
		answer(s, p, text);
}

static void on_silent(void *ctx, struct smsc_phone *p)
{
	struct smsc_pushed *s = ctx;

	(void)p;
	s->silent++;
}

static void on_sms(void *ctx, int64_t msisdn, const char *from, const char *text)
{
	(void)ctx, (void)msisdn, (void)from, (void)text; /* counted by the centre */
}

static void on_acked(void *ctx, struct smsc_phone *p)
{
	(void)ctx, (void)p;
}

struct smsc_centre_events smsc_pushed_events(struct smsc_pushed *s)
{
	return (struct smsc_centre_events){.ctx = s,
	                                   .screen = on_screen,
	                                   .sms = on_sms,
	                                   .acked = on_acked,
	                                   .silent = on_silent,
	                                   .pushed = on_pushed};
}

void smsc_pushed_start(struct smsc_pushed *s, int64_t now_us)
{
	for (uint32_t i = 0; i < s->config.subscribers; i++)
		(void)smsc_centre_attach(s->centre, i, i);
	s->moved_us = now_us;
}

static uint64_t concluded(const struct smsc_pushed *s)
{
	const struct smsc_stats *stats = s->centre->stats;

	return s->closed + s->silent + s->unknown + stats->injected[SMSC_INJ_ABSENT] +
	       stats->injected[SMSC_INJ_BUSY];
}

int64_t smsc_pushed_turn(struct smsc_pushed *s, int64_t now_us)
{
	if (s->moved_pushes != concluded(s)) {
		s->moved_pushes = concluded(s);
		s->moved_us = now_us;
	}
	if (now_us - s->moved_us > s->config.wait_us) {
		fputs("starhash-smsc: no push came for long, giving up\n", stderr);
		s->stopped = true;
	}
	s->centre->stats->push_closed = s->closed;
	return 100000;
}

bool smsc_pushed_finished(const struct smsc_pushed *s)
{
	return s->stopped || (s->config.pushes != 0 && concluded(s) >= s->config.pushes);
}
