/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of dialects.conf: the one table of what a block may say.
 *
 * The loader reads by it, dialect_print writes by it, docs/dialects.md is compared with it. Groups are groups
 * of the file; "extra[]" is a list of groups. What a key is stored as depends on its type and size; defaults
 * are the members of dialect_standard.
 */
#ifndef STARHASH_GATEWAY_DIALECT_KEYS_H
#define STARHASH_GATEWAY_DIALECT_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/dialect_table.h"

enum dialect_key_type {
	DIALECT_KEY_LIKE,     /* name of another dialect; not stored */
	DIALECT_KEY_TEXT,     /* least..most bytes (char[size]) */
	DIALECT_KEY_BOOL,     /* (bool) */
	DIALECT_KEY_NUMBER,   /* a count (size octets) */
	DIALECT_KEY_CODE,     /* a number of the protocol: printed in hexadecimal (size octets) */
	DIALECT_KEY_CHOICE,   /* one of `choices`, in the order of its enum (unsigned) */
	DIALECT_KEY_DURATION, /* ms (int64_t) */
	DIALECT_KEY_TIME,     /* SMPP 3.4, 7.1.1 (char[17]) */
	DIALECT_KEY_CODES,    /* short codes (codes and n_codes) */
	DIALECT_KEY_TAGS,     /* tags (echo and n_echo) */
	DIALECT_KEY_OPS,      /* ops in of the meaning `which` (op_in and n_ops) */
	DIALECT_KEY_OP,       /* an op or "none" (struct dialect_op_out) */
	DIALECT_KEY_CODINGS,  /* data_codings in of the alphabet `which` (coding_in and n_codings) */
	DIALECT_KEY_EXTRAS,   /* list of groups (extra and n_extra) */
	DIALECT_KEY_OCTETS,   /* "00ff": octets in hexadecimal (value and length of an extra) */
	DIALECT_KEY_SAYS      /* array of "continue", "end", ... (says of an extra) */
};

struct dialect_key {
	unsigned chapter; /* of docs/dialects.md: the number of the knob */
	const char *group, *name;
	enum dialect_key_type type;
	size_t at, size; /* in struct dialect; of "extra[]", in struct dialect_extra */
	uint64_t least, most;
	const char *choices; /* words with a space between */
	unsigned which;
	const char *help;
};

extern const struct dialect_key dialect_keys[];
extern const size_t dialect_keys_count;

/* Meanings of ops in: `which` of DIALECT_KEY_OPS. "end" and "abort" mean the same; see docs/dialects.md. */
enum dialect_meaning {
	DIALECT_MEANS_BEGIN,
	DIALECT_MEANS_CONTINUE,
	DIALECT_MEANS_END,
	DIALECT_MEANS_ABORT,
	DIALECT_MEANS_CANCEL,
	DIALECT_MEANS_TIMEOUT,
	DIALECT_MEANS_ACK
};
/* The op without its number. */
struct dialect_op dialect_meaning_op(enum dialect_meaning m);

/* NULL = no such key in this group. */
const struct dialect_key *dialect_key_by_name(const char *group, const char *name);
/* Of the same group; NULL = none is near. */
const char *dialect_key_nearest(const char *group, const char *name);
/* Word i of a key's choices into `out`. Returns out; "" when there are fewer. */
char *dialect_key_choice(const struct dialect_key *k, unsigned i, char *out, size_t size);

/* The value of a key in `d` as it would be written in the file, into `out`. Returns out. */
#define DIALECT_KEY_TEXT_SIZE 512
char *dialect_key_text(const struct dialect_key *k, const struct dialect *d, char *out);
/* What a key may be, for people, into `out`. Returns out. */
char *dialect_key_range(const struct dialect_key *k, char *out);

/* The table as Markdown. `to` is a FILE *. */
void dialect_keys_print_markdown(void *file);

#endif
