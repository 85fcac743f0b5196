/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of tools/diagnose*.c share: the trace as items, paired and gathered into dialogues. */
#ifndef STARHASH_TOOLS_DIAGNOSE_PRIVATE_H
#define STARHASH_TOOLS_DIAGNOSE_PRIVATE_H

#include "gateway/pdu.h"
#include "tools/diagnose.h"
#include "tools/trace.h"

enum case_role {            /* what a message was for */
	         ROLE_NONE, /* no message, or not read */
	         ROLE_SMS,  /* both ways */
	         ROLE_RECEIPT,
	         ROLE_BEGIN,    /* in */
	         ROLE_CONTINUE, /* in: an answer; out: a screen that was answered, or may be */
	         ROLE_END,      /* out: the last screen */
	         ROLE_ABORT,    /* in */
	         ROLE_ACK,      /* in */
	         ROLE_PUSH,     /* out: the first of a dialogue */
	         ROLE_NOTIFY,   /* out: the first, and wants no answer */
	         ROLE_UNCLEAR   /* USSD, and nothing says more */
};

struct case_item {
	const struct trace_pdu *p;
	uint32_t id, status, sequence;
	uint32_t read_status;             /* of the guard; ESME_ROK = m is there */
	struct pdu_message *m;            /* deliver_sm, data_sm, submit_sm; NULL = none, or malformed */
	struct case_item *other;          /* response of a request, request of a response; NULL = none */
	struct case_item *before, *after; /* in its dialogue */
	struct case_dialogue *dialogue;
	enum case_role role;
	bool sure; /* the role is told by what followed */
	bool has_op;
	bool is_spec; /* the op stands in the TLV of the specification, so its values have a meaning */
	uint8_t op;
	bool is_reused; /* its sequence number was in use */
};

struct case_dialogue {
	struct case_dialogue *next;  /* of all, in order */
	struct case_dialogue *older; /* of the same subscriber */
	char subscriber[24];
	struct case_item *first, *last;
	bool over;
};

#define CONNECTIONS_MAX 256 /* that are looked at one by one */

struct the_case {
	const struct trace *trace;
	const struct dialects *dialects;
	const struct msisdn_plan *country;
	size_t n;
	struct case_item *item;
	struct case_dialogue *dialogues, **tail;
	bool binds[CONNECTIONS_MAX]; /* connections of which the trace shows the bind */
	struct diagnosis *to;
};

/* --- diagnose_read.c */
enum rc case_read(struct the_case *c) RC_NODISCARD;
void case_free(struct the_case *c);
/* In diagnose_turns.c: dialogues and roles. */
enum rc case_gather(struct the_case *c) RC_NODISCARD;
const struct pdu_tlv *case_tlv(const struct case_item *i, uint16_t tag);
uint64_t case_value(const struct pdu_tlv *t); /* big endian, of at most 8 octets */
bool case_is_in(const struct case_item *i);
bool case_is_out(const struct case_item *i);
bool case_is_ussd(const struct case_item *i);
/* An enum text_alphabet, -1 = not known: of data_coding, and of the octets where that says nothing. */
int case_alphabet(const struct case_item *i);
/* Did the text stand in message_payload? */
bool case_in_payload(const struct case_item *i);
/* Without padding, in the likeliest alphabet. */
void case_text(const struct case_item *i, char *out, size_t size);
bool case_looks_dialled(const char *text);
/* The item of the other direction before this one in its dialogue, or NULL. */
const struct case_item *case_asked(const struct case_item *out);

/* --- diagnose_fit.c */
void case_fit(struct the_case *c, const struct dialect *d, struct diagnosis_fit *fit);
struct fitting {
	struct the_case *c;
	const struct dialect *d;
	struct diagnosis_fit *fit;
};
void fit_agree(struct fitting *f, const char *knob, unsigned weight);
void fit_contradict(struct fitting *f, const char *knob, unsigned weight, const struct case_item *i,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));
void fit_weigh(struct fitting *f, bool good, const char *knob, unsigned weight, const struct case_item *i,
               const char *words);

/* --- diagnose_text.c */
void fit_text_in(struct fitting *f, const struct case_item *i);
void fit_text_out(struct fitting *f, const struct case_item *i);
void fit_sms(struct fitting *f);
enum case_looks { LOOKS_UNKNOWN, LOOKS_PLAIN, LOOKS_PACKED, LOOKS_LATIN1, LOOKS_UTF8 };
/* What the octets of a text that claims GSM 7-bit (or the default alphabet) look like. */
enum case_looks case_looks_of(const struct case_item *i);
/* What data_coding 0 means in a dialect. */
enum text_alphabet case_default_of(const struct dialect *d);
/* How ids of receipts relate to those of submit_sm_resp: an enum dialect_receipt_id, -1 = none can be
 * compared. */
int case_receipt_id(const struct the_case *c, const struct case_item **example);
/* How long texts go out: an enum dialect_parts, -1 = none does. */
int case_parts_of(const struct case_item *i);

/* --- diagnose_knobs.c */
void case_block(struct the_case *c);
/* Do they say the same, but for their names? */
bool case_same_dialect(const struct dialect *a, const struct dialect *b);
void case_untold(struct the_case *c);
/* The TLV that holds a session in this trace, 0 = none, and the bits of it that stay the same through a
 * dialogue. */
uint16_t case_session_tag(const struct the_case *c, uint64_t *mask, uint8_t *length);

/* --- diagnose_faults.c */
void case_faults(struct the_case *c);
void case_capture_notes(struct the_case *c);
struct diagnosis_fault *case_fault(struct the_case *c, const char *id, const struct case_item *i);
void case_fault_text(struct the_case *c);

#endif
