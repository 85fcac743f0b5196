/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standby: see standby.h. */
#include "gateway/standby.h"

void standby_init(struct standby *s, int64_t after_ms, int64_t now)
{
	*s = (struct standby){.after_ms = after_ms, .since_ms = now};
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What came to an end is added, or paid back. */
static void turn(struct standby *s, int64_t now)
{
	int64_t held = now - s->since_ms;

	if (s->is_served)
		s->away_ms = most(s->away_ms - held / STANDBY_PAYS, 0);
	else
		s->away_ms = least(s->away_ms + most(held, s->after_ms / STANDBY_LOSSES), s->after_ms);
	s->is_served = !s->is_served;
	s->since_ms = now;
}

int64_t standby_due(const struct standby *s)
{
	if (s->is_wanted != s->is_served)
		return STANDBY_NEVER;
	if (!s->is_served)
		return s->since_ms + s->after_ms - s->away_ms;
	return s->since_ms + s->after_ms * (s->has_flapped ? STANDBY_PAYS : 1);
}

bool standby_look(struct standby *s, bool is_served, int64_t now)
{
	if (is_served != s->is_served)
		turn(s, now);
	if (now < standby_due(s))
		return false;
	s->is_wanted = !s->is_served;
	s->has_flapped = s->is_wanted && now - s->since_ms < s->after_ms;
	if (!s->is_wanted)
		s->away_ms = 0;
	return true;
}
