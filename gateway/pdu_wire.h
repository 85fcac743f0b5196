/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes on the wire: bounds-checked big-endian reading and writing.
 *
 * Invariant: a reader never looks at and a writer never touches a byte outside what it was given. The first
 * step that would go outside sets `bad`; every later step then does nothing, so a caller checks once at the
 * end. A reader that is bad yields zeros and NULL.
 */
#ifndef STARHASH_GATEWAY_PDU_WIRE_H
#define STARHASH_GATEWAY_PDU_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

struct pdu_reader {
	const uint8_t *at;
	size_t left;
	bool bad; /* a read went over the end */
};

void pdu_reader_init(struct pdu_reader *r, const uint8_t *bytes, size_t len);
uint8_t pdu_read_u8(struct pdu_reader *r);
uint16_t pdu_read_u16(struct pdu_reader *r);
uint32_t pdu_read_u32(struct pdu_reader *r);
/* The next `n` bytes, borrowed; NULL when fewer are left. */
const uint8_t *pdu_read_bytes(struct pdu_reader *r, size_t n);
/* A NUL-terminated string of a field with `field` octets, NUL included, into `out` (`field` bytes), or
 * only over it when `out` is NULL.
 * Returns RC_OK; RC_RANGE (no NUL within the field); RC_SYNTAX (the bytes end first). Not RC_OK makes the
 * reader bad. */
enum rc pdu_read_string(struct pdu_reader *r, char *out, size_t field) RC_NODISCARD;

struct pdu_writer {
	uint8_t *bytes;
	size_t len;  /* written so far */
	size_t size; /* of `bytes` */
	bool bad;    /* something did not fit; it was not written */
};

void pdu_writer_init(struct pdu_writer *w, uint8_t *bytes, size_t size);
void pdu_write_u8(struct pdu_writer *w, uint8_t value);
void pdu_write_u16(struct pdu_writer *w, uint16_t value);
void pdu_write_u32(struct pdu_writer *w, uint32_t value);
void pdu_write_bytes(struct pdu_writer *w, const uint8_t *value, size_t n);
void pdu_write_string(struct pdu_writer *w, const char *text); /* with its NUL */
/* A header whose length is filled in by pdu_write_end. */
void pdu_write_begin(struct pdu_writer *w, uint32_t id, uint32_t status, uint32_t sequence);
/* Set command_length. Returns RC_OK and *len; RC_FULL when anything did not fit. */
enum rc pdu_write_end(struct pdu_writer *w, size_t *len) RC_NODISCARD;

#endif
