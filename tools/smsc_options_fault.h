/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of starhash-smsc that make it misbehave: one table for names, bounds and help. */
#ifndef STARHASH_TOOLS_SMSC_OPTIONS_FAULT_H
#define STARHASH_TOOLS_SMSC_OPTIONS_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "tools/smsc_fault.h"

size_t smsc_fault_options(void);
const char *smsc_fault_option_name(size_t i);
void smsc_fault_options_help(FILE *to);
/* Where nothing is said. */
void smsc_fault_options_default(struct smsc_fault_config *c);
/* False: not a value that option `i` takes. */
bool smsc_fault_option_read(struct smsc_fault_config *c, size_t i, const char *text);

#endif
