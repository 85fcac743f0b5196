/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of tools/explain*.c share: the walk and the tables of fields. */
#ifndef STARHASH_TOOLS_EXPLAIN_PRIVATE_H
#define STARHASH_TOOLS_EXPLAIN_PRIVATE_H

#include "tools/explain.h"

enum explain_kind {
	EXPLAIN_U8, /* and other numbers: `size` octets */
	EXPLAIN_TON,
	EXPLAIN_NPI,
	EXPLAIN_ESM,
	EXPLAIN_CODING,
	EXPLAIN_REGISTERED,
	EXPLAIN_VERSION,
	EXPLAIN_STATE,
	EXPLAIN_STRING,   /* NUL-terminated, within `size` octets */
	EXPLAIN_DIGITS,   /* the same, an address */
	EXPLAIN_SECRET,   /* the same, never shown */
	EXPLAIN_BODY,     /* sm_length and short_message */
	EXPLAIN_DESTS,    /* the list of submit_multi */
	EXPLAIN_UNSUCCESS /* and of its response */
};

struct explain_rule {
	const char *name;
	enum explain_kind kind;
	size_t size;
};

struct explain_walk {
	struct explain *explain;
	const uint8_t *bytes;
	size_t len, at;
	bool is_over; /* a field went over the end */
	uint8_t esm_class;
	int coding;                 /* -1 = none so far */
	struct explain_field spill; /* what is over the bound is written here */
};

/* The fields after the header; NULL = no such command. */
const struct explain_rule *explain_rules_of(uint32_t command_id);

struct explain_field *explain_add(struct explain_walk *w, int depth, size_t offset, size_t length,
                                  const char *name);
void explain_mean(struct explain_field *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
void explain_wrong(struct explain_walk *w, struct explain_field *f, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool explain_number(struct explain_walk *w, const char *name, size_t octets, struct explain_field **out);
void explain_octets_text(const uint8_t *bytes, size_t n, char *out, size_t size);
void explain_rules(struct explain_walk *w, const struct explain_rule *rules);
/* What a body says; `with_header`: esm_class tells whether a user data header stands before. */
void explain_text(struct explain_walk *w, struct explain_field *f, const uint8_t *bytes, size_t n,
                  bool with_header);
void explain_tlvs(struct explain_walk *w);

#endif
