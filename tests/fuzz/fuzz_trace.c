/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: a file as `starhash pdu` and `starhash doctor` get it, capture or hex lines, through
 * everything that they do with it: streams, fields, verdicts, diagnosis. Beyond the sanitizers: fields lie
 * within their PDU, and bounds hold. Defends promise 6. */
#include <stdlib.h>
#include <string.h>

#include "core/findings.h"
#include "gateway/config_dialects.h"
#include "gateway/dialect_table.h"
#include "tests/fuzz/fuzz.h"
#include "tools/diagnose.h"
#include "tools/explain.h"
#include "tools/trace.h"
#include "tools/verdict.h"

static struct dialects *dialects;

static void begin(void)
{
	struct findings *findings = findings_new();
	const char *path = getenv("STARHASH_DIALECTS"); /* conf/dialects.conf; without it the built-in one */

	MUST(findings && dialects_load(path, findings, &dialects) == RC_OK);
	findings_free(findings);
}

static void look_at(const struct trace_pdu *p)
{
	struct explain *e = explain_pdu(p->bytes, p->len);
	struct verdict v;

	if (!e)
		return;
	MUST(e->n <= EXPLAIN_FIELDS_MAX);
	for (size_t i = 0; i < e->n; i++) {
		MUST(e->field[i].offset <= p->len && e->field[i].length <= p->len - e->field[i].offset);
		MUST(memchr(e->field[i].meaning, 0, sizeof e->field[i].meaning));
	}
	explain_free(e);
	verdict_of(&dialect_standard, NULL, p, &v);
	MUST(*v.answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diagnosis *d = NULL;
	struct trace *t = NULL;
	char why[200] = "";

	if (!dialects)
		begin();
	if (trace_parse(data, size, TRACE_ANY, &t, why, sizeof why) != RC_OK) {
		MUST(*why);
		return 0;
	}
	MUST(trace_length(t) <= TRACE_PDUS_MAX);
	for (size_t i = 0; i < trace_length(t); i++) {
		MUST(trace_at(t, i)->number == i + 1);
		look_at(trace_at(t, i));
	}
	if (diagnose(t, dialects, NULL, &d) == RC_OK) {
		MUST(d->n_faults <= DIAGNOSIS_FAULTS_MAX && d->n_fits == dialects_count(dialects));
		for (size_t i = 0; i < d->n_fits; i++)
			MUST(d->fit[i].n <= DIAGNOSIS_EVIDENCE_MAX);
	}
	diagnosis_free(d);
	trace_free(t);
	return 0;
}
