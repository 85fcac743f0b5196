/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain text: letters that an alphabet lacks, written with those that it has.
 *
 * For SMSCs that take no UCS-2, and operators who would rather pay for one message than for three: "Mã số của bạn…" leaves as
 * "Ma so cua ban...". Nearest letters, not phonetics: a reader of the language knows what was meant. Letters of Latin script
 * with their marks (European, Vietnamese, Hausa, Yoruba, Ewe, Pan-Nigerian), Greek capitals, punctuation and signs of
 * currencies are known; of anything else '?' is left.
 */
#ifndef STARHASH_CORE_TEXT_PLAIN_H
#define STARHASH_CORE_TEXT_PLAIN_H

#include <stddef.h>

#include "core/text.h"

/* Rewrite valid UTF-8 so that `to` has every character (afterwards text_encode to it does not say RC_RANGE). Characters that it
 * has stay as they are. At most 5 bytes come of one character. A result longer than `size` is cut at a character boundary.
 * Returns the bytes written without the NUL. `size` >= 1. */
size_t text_transliterate(enum text_alphabet to, const char *utf8, char *out, size_t size);

#endif
