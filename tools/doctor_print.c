/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A diagnosis in words: the dialect and how sure that is, what speaks for it and against it, what cannot be
 * told, what is wrong in the trace, and the block of dialects.conf. */
#include "tools/doctor_print.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tools/diagnose.h"

#define OTHERS 3 /* dialects that are named besides the best */

static void print_pdus(const size_t *pdu, size_t n, unsigned count, FILE *to)
{
	if (n == 0)
		return;
	fprintf(to, " (PDU");
	for (size_t i = 0; i < n; i++)
		fprintf(to, "%s %zu", i ? "," : "", pdu[i]);
	fprintf(to, "%s)", count > n ? ", ..." : "");
}

static void print_head(const struct diagnosis *d, FILE *to)
{
	const char *name = d->fit[0].dialect->name;

	fprintf(to, "%zu PDUs: %zu USSD in, %zu out, %zu dialogue%s; %zu SMS in, %zu out, %zu receipt%s",
	        d->pdus, d->ussd_in, d->ussd_out, d->dialogues, d->dialogues == 1 ? "" : "s", d->sms_in,
	        d->sms_out, d->receipts, d->receipts == 1 ? "" : "s");
	if (d->malformed)
		fprintf(to, "; %zu malformed", d->malformed);
	fputs("\n\n", to);
	switch (d->confidence) {
	case DIAGNOSIS_NOTHING:
		fputs(d->pdus == 0
		              ? "Dialect: cannot be told, because there is no SMPP in this trace. Is it of the right "
		                "interface and port, and whole (tcpdump -s 0)?\n"
		              : "Dialect: cannot be told, because no USSD is seen in this trace. Capture while a "
		                "subscriber dials. If one did, the SMSC marks USSD in its own way: write a block with "
		                "detect (op_tag, service_type or codes), session.tag and code_from as its document has "
		                "them, and let doctor look again with --dialects\n",
		      to);
		return;
	case DIAGNOSIS_NONE:
		fprintf(to,
		        "Dialect: none fits as it is. The nearest is \"%s\"; the block at the end is made "
		        "from it.\n",
		        name);
		break;
	case DIAGNOSIS_GUESS:
		fprintf(to, "Dialect: \"%s\" is a guess: the trace shows too little to be sure.\n", name);
		break;
	case DIAGNOSIS_LIKELY:
		fprintf(to, "Dialect: \"%s\", likely.\n", name);
		break;
	case DIAGNOSIS_CERTAIN:
		fprintf(to, "Dialect: \"%s\", certain as far as a trace can tell.\n", name);
		break;
	}
	if (*d->fit[0].dialect->about)
		fprintf(to, "  %s\n", d->fit[0].dialect->about);
	for (size_t i = 1; i <= d->n_alike; i++)
		fprintf(to,
		        i <= d->n_same ? "  \"%s\" is the same by another name.\n"
		                       : "  \"%s\" fits as well: this trace cannot tell them apart.\n",
		        d->fit[i].dialect->name);
}

static void print_evidence(const struct diagnosis_fit *f, bool against, FILE *to)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct diagnosis_evidence *e = &f->evidence[i];

		if (against && e->against) {
			fprintf(to, "  %-24s %s", e->knob, e->words);
			print_pdus(e->pdu, e->n_pdus, e->against, to);
			fputc('\n', to);
		} else if (!against && e->agrees && !e->against) {
			fprintf(to, "  %-24s %u message%s\n", e->knob, e->agrees, e->agrees == 1 ? "" : "s");
		}
	}
}

static void print_fits(const struct diagnosis *d, FILE *to)
{
	const struct diagnosis_fit *best = &d->fit[0];
	bool speaks = false;

	for (size_t i = 0; i < best->n; i++)
		speaks = speaks || (best->evidence[i].agrees && !best->evidence[i].against);
	if (speaks) {
		fputs("\nWhat speaks for it, by keys of dialects.conf:\n", to);
		print_evidence(best, false, to);
	}
	if (best->against) {
		fputs("\nWhat contradicts it:\n", to);
		print_evidence(best, true, to);
	}
	if (d->n_fits <= 1 + d->n_alike)
		return;
	fputs("\nWhat speaks against the others:\n", to);
	for (size_t i = 1 + d->n_alike; i < d->n_fits && i <= d->n_alike + OTHERS; i++) {
		const struct diagnosis_evidence *worst = NULL;

		for (size_t k = 0; k < d->fit[i].n; k++)
			if (d->fit[i].evidence[k].against &&
			    (!worst || d->fit[i].evidence[k].weight > worst->weight))
				worst = &d->fit[i].evidence[k];
		if (worst) {
			fprintf(to, "  %-16s %s: %s", d->fit[i].dialect->name, worst->knob, worst->words);
			print_pdus(worst->pdu, worst->n_pdus, worst->against, to);
			fputc('\n', to);
		}
	}
}

static void print_faults(const struct diagnosis *d, bool notes, FILE *to)
{
	bool headed = false;

	for (size_t i = 0; i < d->n_faults; i++) {
		const struct diagnosis_fault *f = &d->fault[i];

		if (f->is_note != notes)
			continue;
		if (!headed)
			fputs(notes ? "\nWorth to know:\n" : "\nWhat is wrong in this trace:\n", to);
		headed = true;
		fprintf(to, "  %s", f->words);
		print_pdus(f->pdu, f->n_pdus, f->count, to);
		if (f->count > 1)
			fprintf(to, " [%u times]", f->count);
		fputc('\n', to);
	}
	if (!headed && !notes)
		fputs(d->pdus ? "\nNothing is wrong in this trace.\n"
		              : "\nNothing can be said of an empty trace.\n",
		      to);
}

void doctor_print_block(const struct diagnosis *d, FILE *to)
{
	dialect_print(&d->block, d->fit[0].dialect, to);
}

void doctor_print_text(const struct diagnosis *d, FILE *to)
{
	print_head(d, to);
	if (d->confidence != DIAGNOSIS_NOTHING) {
		print_fits(d, to);
		if (d->n_untold > 0)
			fputs("\nWhat this trace cannot tell:\n", to);
		for (size_t i = 0; i < d->n_untold; i++)
			fprintf(to, "  %s\n", d->untold[i]);
	}
	print_faults(d, false, to);
	print_faults(d, true, to);
	if (d->confidence == DIAGNOSIS_NOTHING)
		return;
	if (!d->block_differs) {
		fprintf(to, "\nIn starhash.conf: links = ( { dialect = \"%s\"; ... } );\n",
		        d->fit[0].dialect->name);
		return;
	}
	fputs("\nFor dialects.conf; then dialect = \"mine\" in starhash.conf:\n\n", to);
	doctor_print_block(d, to);
}

/* --- JSON ---------------------------------------------------------------------------------------- */

static json_t *pdus_json(const size_t *pdu, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(a, json_integer((json_int_t)pdu[i]));
	return a;
}

static json_t *fit_json(const struct diagnosis_fit *f)
{
	json_t *evidence = json_array();

	for (size_t i = 0; i < f->n; i++) {
		const struct diagnosis_evidence *e = &f->evidence[i];

		json_array_append_new(evidence, json_pack("{s:s, s:i, s:i, s:i, s:s, s:o}", "key", e->knob,
		                                          "weight", (int)e->weight, "agrees", (int)e->agrees,
		                                          "against", (int)e->against, "words", e->words,
		                                          "pdus", pdus_json(e->pdu, e->n_pdus)));
	}
	return json_pack("{s:s, s:f, s:o}", "dialect", f->dialect->name, "score", f->score, "evidence",
	                 evidence);
}

static json_t *block_json(const struct diagnosis *d)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	json_t *s;

	if (!to)
		return json_null();
	doctor_print_block(d, to);
	s = fclose(to) == 0 ? json_string(text) : NULL;
	free(text);
	return s ? s : json_null();
}

static json_t *faults_json(const struct diagnosis *d)
{
	json_t *a = json_array();

	for (size_t i = 0; i < d->n_faults; i++) {
		const struct diagnosis_fault *f = &d->fault[i];

		json_array_append_new(a, json_pack("{s:s, s:b, s:i, s:s, s:o}", "id", f->id, "note",
		                                   f->is_note, "count", (int)f->count, "words", f->words,
		                                   "pdus", pdus_json(f->pdu, f->n_pdus)));
	}
	return a;
}

bool doctor_print_json(const struct diagnosis *d, FILE *to)
{
	json_t *fits = json_array(), *alike = json_array(), *untold = json_array(), *root;
	bool good;

	for (size_t i = 0; i < d->n_fits; i++)
		json_array_append_new(fits, fit_json(&d->fit[i]));
	for (size_t i = 1; i <= d->n_alike; i++)
		json_array_append_new(alike, json_string(d->fit[i].dialect->name));
	for (size_t i = 0; i < d->n_untold; i++)
		json_array_append_new(untold, json_string(d->untold[i]));
	root = json_pack("{s:s?, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:b, s:o}", "dialect",
	                 d->confidence == DIAGNOSIS_NOTHING ? NULL : d->fit[0].dialect->name, "confidence",
	                 diagnosis_confidence_name(d->confidence), "alike", alike, "pdus",
	                 (json_int_t)d->pdus, "dialogues", (json_int_t)d->dialogues, "ussd_in",
	                 (json_int_t)d->ussd_in, "ussd_out", (json_int_t)d->ussd_out, "malformed",
	                 (json_int_t)d->malformed, "fits", fits, "faults", faults_json(d), "untold", untold,
	                 "block_differs", d->block_differs, "block", block_json(d));
	good = root && json_dumpf(root, to, JSON_INDENT(2)) == 0;
	fputc('\n', to);
	json_decref(root);
	return good;
}

size_t doctor_faults(const struct diagnosis *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_faults; i++)
		n += !d->fault[i].is_note;
	return n;
}
