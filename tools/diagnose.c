/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnose: reads the case, tries every dialect, and says how sure that is. */
#include "tools/diagnose_private.h"

#include <stdlib.h>

#include "gateway/config_dialects.h"

#define ALIKE 0.5 /* scores nearer than this say nothing */

const char *diagnosis_confidence_name(enum diagnosis_confidence c)
{
	static const char *const names[] = {"nothing", "none", "guess", "likely", "certain"};

	return names[c];
}

/* The higher score; of equal ones the fewer contradictions. */
static int better(const void *a, const void *b)
{
	const struct diagnosis_fit *x = a, *y = b;

	if (x->score < y->score || x->score > y->score)
		return x->score < y->score ? 1 : -1;
	if (x->against != y->against)
		return x->against < y->against ? -1 : 1;
	return 0;
}

/* qsort keeps no order: what is equal stays as the file has it, by a small malus of the later ones. */
static enum rc try_all(struct the_case *c)
{
	size_t n = dialects_count(c->dialects);

	c->to->fit = calloc(n ? n : 1, sizeof *c->to->fit);
	if (!c->to->fit)
		return RC_NOMEM;
	c->to->n_fits = n;
	for (size_t i = 0; i < n; i++) {
		case_fit(c, dialects_at(c->dialects, i), &c->to->fit[i]);
		c->to->fit[i].score -= (double)i * 1e-6;
	}
	qsort(c->to->fit, n, sizeof *c->to->fit, better);
	return RC_OK;
}

static bool is_strong(const struct diagnosis_fit *fit)
{
	for (size_t i = 0; i < fit->n; i++)
		if (fit->evidence[i].against > fit->evidence[i].agrees && fit->evidence[i].weight >= 3)
			return true;
	return false;
}

static enum diagnosis_confidence judge(const struct diagnosis *d, uint64_t cut)
{
	if (d->ussd_in + d->ussd_out == 0)
		return DIAGNOSIS_NOTHING;
	if (is_strong(&d->fit[0]) || d->fit[0].score <= 0)
		return DIAGNOSIS_NONE;
	if (d->n_alike > d->n_same || d->ussd_in < 2 || (cut && d->pdus < 10 * cut)) /* too much is missing */
		return DIAGNOSIS_GUESS;
	return d->fit[0].against == 0 && d->ussd_out > 0 ? DIAGNOSIS_CERTAIN : DIAGNOSIS_LIKELY;
}

/* Those that come near enough; the ones that are the very same stand first among them. */
static void find_alike(struct diagnosis *d)
{
	if (d->ussd_in + d->ussd_out == 0)
		return;
	while (d->n_alike + 1 < d->n_fits && d->fit[d->n_alike + 1].score > d->fit[0].score - ALIKE)
		d->n_alike++;
	for (size_t i = 1; i <= d->n_alike && case_same_dialect(d->fit[0].dialect, d->fit[i].dialect); i++)
		d->n_same++;
}

enum rc diagnose(const struct trace *t, const struct dialects *dialects, const struct msisdn_plan *country,
                 struct diagnosis **out)
{
	struct the_case c = {.trace = t, .dialects = dialects, .country = country};
	enum rc rc;

	c.to = calloc(1, sizeof *c.to);
	rc = c.to ? case_read(&c) : RC_NOMEM;
	if (rc == RC_OK)
		rc = try_all(&c);
	if (rc == RC_OK) {
		find_alike(c.to);
		c.to->confidence = judge(c.to, trace_counts_of(t)->cut);
		case_block(&c);
		case_untold(&c);
		case_faults(&c);
		case_fault_text(&c);
		case_capture_notes(&c);
	}
	case_free(&c);
	if (rc == RC_OK)
		*out = c.to;
	else
		diagnosis_free(c.to);
	return rc;
}

void diagnosis_free(struct diagnosis *d)
{
	if (d)
		free(d->fit);
	free(d);
}
