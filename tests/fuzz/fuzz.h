/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each fuzzer has: the entry that libFuzzer calls, and MUST, which no build leaves out. */
#ifndef STARHASH_TESTS_FUZZ_H
#define STARHASH_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                                                                           \
	do {                                                                                      \
		if (!(condition)) {                                                               \
			(void)fprintf(stderr, "%s:%d: not %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                  \
		}                                                                                 \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
