/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A diagnosis for people and as JSON. */
#ifndef STARHASH_TOOLS_DOCTOR_PRINT_H
#define STARHASH_TOOLS_DOCTOR_PRINT_H

#include <stdbool.h>
#include <stdio.h>

struct diagnosis;

void doctor_print_text(const struct diagnosis *d, FILE *to);
/* The block of dialects.conf alone, ready to be pasted. */
void doctor_print_block(const struct diagnosis *d, FILE *to);
bool doctor_print_json(const struct diagnosis *d, FILE *to);
/* How many entries say that something is wrong. */
size_t doctor_faults(const struct diagnosis *d);

#endif
