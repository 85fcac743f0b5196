/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnose: which dialect a trace speaks, and what goes wrong in it.
 *
 * Requests are paired with their responses, USSD is gathered into dialogues, and what each PDU was for is
 * taken from what came before and after it, not from any dialect. Then every dialect is tried on that
 * (gateway/dialect.h reads, as the daemon would), and what it explains and what contradicts it is counted for
 * each key of dialects.conf. */
#ifndef STARHASH_TOOLS_DIAGNOSE_H
#define STARHASH_TOOLS_DIAGNOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/rc.h"
#include "gateway/dialect_table.h"

struct dialects;
struct msisdn_plan;
struct trace;

#define DIAGNOSIS_PDUS 6 /* numbers of PDUs that are kept with each finding */

struct diagnosis_evidence { /* of one key of dialects.conf, for one dialect */
	const char *knob;
	unsigned weight;                    /* 1 weak .. 4 strong */
	unsigned agrees, against;           /* PDUs */
	size_t n_pdus, pdu[DIAGNOSIS_PDUS]; /* those against */
	char words[240];                    /* what contradicts it, of the first PDU */
};
#define DIAGNOSIS_EVIDENCE_MAX 24

struct diagnosis_fit {
	const struct dialect *dialect;
	double score;
	size_t n;
	struct diagnosis_evidence evidence[DIAGNOSIS_EVIDENCE_MAX];
	size_t against; /* pieces of evidence with something against it */
};

struct diagnosis_fault {
	const char *id;  /* "no_deliver_sm_resp": for scripts and tests */
	bool is_note;    /* worth to know; not wrong */
	uint32_t status; /* of a response: each status is a fault of its own */
	unsigned count;
	size_t n_pdus, pdu[DIAGNOSIS_PDUS];
	char words[400]; /* what is wrong, and what to do */
};
#define DIAGNOSIS_FAULTS_MAX 48

enum diagnosis_confidence {
	DIAGNOSIS_NOTHING, /* no USSD in it */
	DIAGNOSIS_NONE,    /* no dialect fits: see the block */
	DIAGNOSIS_GUESS,   /* too little is seen, or another fits as well */
	DIAGNOSIS_LIKELY,
	DIAGNOSIS_CERTAIN
};
const char *diagnosis_confidence_name(enum diagnosis_confidence c);

struct diagnosis {
	size_t pdus, dialogues, ussd_in, ussd_out, sms_in, sms_out, receipts, malformed;
	enum diagnosis_confidence confidence;
	size_t n_fits;
	struct diagnosis_fit *fit; /* the best first */
	size_t n_alike;            /* fits after the first that this trace cannot tell from it ... */
	size_t n_same;             /* ... the first of them because they say the same by another name */
	struct dialect block;      /* the best, with what the trace shows otherwise */
	bool block_differs;
	size_t n_untold;
	const char *untold[16]; /* what cannot be told from this trace */
	size_t n_faults;
	struct diagnosis_fault fault[DIAGNOSIS_FAULTS_MAX];
};

/* Borrows the dialects, which must outlive the diagnosis. Returns RC_OK; RC_NOMEM. */
enum rc diagnose(const struct trace *t, const struct dialects *dialects, const struct msisdn_plan *country,
                 struct diagnosis **out) RC_NODISCARD;
void diagnosis_free(struct diagnosis *d);

#endif
