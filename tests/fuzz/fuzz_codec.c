/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the codec of the hot path against libsmpp34 behind the guard.
 *
 * The input is a PDU to read, with its command_length made right most of the time; and once more the bytes from which a submit_sm
 * is made to write. Both ways must come to the same verdict, the same status for the answer and the same fields or octets, for
 * every input. Defends promise 6, and adr/0024.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/codec_compare.h"
#include "tests/fuzz/fuzz.h"

static struct pdu_codec *ours, *library;

static void must_be_same(const char *differs)
{
	if (differs == NULL)
		return;
	fprintf(stderr, "the two ways differ in: %s\n", differs);
	abort();
}

static void read_both(const uint8_t *data, size_t size)
{
	uint8_t *copy =
		malloc(size ? size : 1); /* of that size exactly, so that ASan sees every step outside */

	if (!copy)
		return;
	if (size > 0)
		memcpy(copy, data, size);
	if (size >= PDU_HEADER_SIZE && copy[0] != 0xff) {
		copy[0] = (uint8_t)(size >> 24);
		copy[1] = (uint8_t)(size >> 16);
		copy[2] = (uint8_t)(size >> 8);
		copy[3] = (uint8_t)size;
	}
	must_be_same(compare_read(ours, library, copy, size));
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct compare_source source;
	struct pdu_submit submit;
	uint32_t sequence;

	if (!ours) {
		ours = pdu_codec_new();
		library = pdu_codec_new();
	}
	if (!ours || !library || size > PDU_MAX_SIZE)
		return 0;
	read_both(data, size);
	source.at = data;
	source.left = size;
	sequence = compare_submit(&source, &submit);
	must_be_same(compare_write(ours, library, &submit, sequence));
	return 0;
}
