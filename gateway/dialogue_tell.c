/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling the other open dialogues of a number what was said in one: STOP, START, a consent taken back, erasure.
 *
 * Each has a record at hand, read when it began, and maybe answers that are not with the store yet. So that what was said last
 * holds, what they have goes to the store first, and their records follow at once: their next screen knows (promise 7).
 */
#include <string.h>

#include "gateway/dialogue_private.h"

#define STOP_TAKES_MS 60000 /* far longer than a STOP is on its way into the store while anything is */

void tell_record(struct record *r, enum tell_what what, const char *purpose)
{
	const struct profile *p = record_profile(r);
	bool is_full = false;

	switch (what) {
	case TELL_STOP:
		record_set_stopped(r, true);
		(void)record_withdraw_marketing(r);
		break;
	case TELL_START:
		record_set_stopped(r, false);
		break;
	case TELL_REFUSED:
		for (size_t i = 0; i < p->n_fields; i++)
			if (strcmp(p->field[i].consent, purpose) == 0)
				is_full |= record_set_value(r, i, NULL) != RC_OK;
		is_full |= record_set_consent(r, purpose, false) != RC_OK;
		break;
	case TELL_ERASED:
		record_erase(r);
		break;
	}
	(void)is_full; /* cannot be: what is taken out needs no room; and the store has the last word (promise 8) */
	record_settle(r);
}

static void note_stop(struct dialogues *ds, int64_t msisdn)
{
	struct dialogue_stops *s = &ds->stops;
	uint32_t at = s->next++ % DIALOGUE_STOPS;

	s->msisdn[at] = msisdn;
	s->at_ms[at] = clock_mono_ms(ds->options.clock);
}

void tell_others(struct dialogues *ds, int64_t msisdn, const struct dialogue *self, enum tell_what what,
                 const char *purpose)
{
	if (what == TELL_STOP)
		note_stop(ds, msisdn);
	for (uint32_t i = 0; i < 2 * DIALOGUE_GROUPS; i++) {
		struct dialogue_key key = {.msisdn = msisdn, .group = i / 2, .sms = i % 2};
		struct dialogue *d = dialogue_by_key(ds, &key);

		if (d == NULL || d == self || !dialogue_is_open(d))
			continue;
		actions_flush(d);
		if (d->record != NULL && d->state != DIALOGUE_ST_LOADING)
			tell_record(d->record, what, purpose);
		else if (what == TELL_STOP)
			d->stop_said = true; /* what is being read may be of before */
		else if (what == TELL_START)
			d->stop_said = false;
	}
}

/* May this number be saying STOP at this very moment, over whichever channel? */
static bool may_be_stopping(struct dialogues *ds, int64_t msisdn)
{
	const struct dialogue_stops *s = &ds->stops;
	const uint32_t oldest = s->next % DIALOGUE_STOPS;

	for (size_t i = 0; i < DIALOGUE_STOPS; i++)
		if (s->msisdn[i] == msisdn)
			return push_is_stopping(ds, msisdn);
	/* so many that one which is still being stored may have been forgotten here */
	if (s->msisdn[oldest] != 0 && clock_mono_ms(ds->options.clock) - s->at_ms[oldest] < STOP_TAKES_MS)
		return push_is_stopping(ds, msisdn);
	return false;
}

void tell_found(struct dialogue *d)
{
	const struct dialogue_options *o = &d->all->options;

	config_identity_apply(&o->config->identity, d->record, actions_utc_ms(d));
	if (d->sms_word == DIALOGUE_WORD_NONE && !record_is_stopped(d->record) &&
	    (d->stop_said || may_be_stopping(d->all, d->key.msisdn)))
		tell_record(d->record, TELL_STOP, NULL);
}
