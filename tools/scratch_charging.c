/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The charging system of a scratch world on its bad days: the store's own ledger (store_try), or what stands in for the one that
 * the configuration names (fake_charging.h). */
#include "tools/scratch_private.h"

#define CATCH_UP_MS 65000 /* until a charging system that is up again has done what waited */

/* Its answers come now that nobody waits for them. */
void scratch_answer_at_last(struct scratch *s)
{
	if (!s->bank) {
		store_try(s->store, STORE_TRIAL_NONE);
		scratch_settle_now(s);
		store_try(s->store, STORE_TRIAL_HOLD);
		return;
	}
	while (fake_charging_answer(s->bank, true) > 0)
		scratch_settle_now(s);
}

/* It is up again: what waited is done, as it is tried again. */
static void catch_up(struct scratch *s)
{
	int64_t until = clock_mono_ms(s->clock) + CATCH_UP_MS;

	while (fake_charging_is_open(s->bank) && s->clock == &s->fake.clock &&
	       clock_mono_ms(s->clock) < until) {
		int64_t step = fake_charging_tick(s->bank) - clock_mono_ms(s->clock);

		clock_fake_advance(&s->fake, step < 1 ? 1 : step);
		scratch_settle_now(s);
	}
	scratch_settle(s);
}

enum rc scratch_balance(struct scratch *s, int64_t msisdn, int64_t minor)
{
	return s->bank ? fake_charging_balance(s->bank, msisdn, minor) : RC_STATE;
}

enum rc scratch_charging(struct scratch *s, enum scratch_charging how)
{
	static const enum fake_charging_mode modes[] = {FAKE_CHARGING_UP, FAKE_CHARGING_SLOW,
	                                                FAKE_CHARGING_DOWN, FAKE_CHARGING_LOST,
	                                                FAKE_CHARGING_BARRED};
	static const enum store_trial trials[] = {STORE_TRIAL_NONE, STORE_TRIAL_HOLD, STORE_TRIAL_FAIL,
	                                          STORE_TRIAL_HOLD, STORE_TRIAL_NONE};

	if (!s->bank && how == SCRATCH_CHARGING_BARRED)
		return RC_STATE;

	s->charging = how;
	fake_charging_set(s->bank, modes[how]);
	if (!s->bank)
		store_try(s->store, trials[how]);
	scratch_settle(s);
	if (s->bank && how == SCRATCH_CHARGING_UP)
		catch_up(s);
	return RC_OK;
}
