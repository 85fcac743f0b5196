/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is printed at the end of a run: a table for people, or one JSON object. */
#ifndef STARHASH_TOOLS_SMSC_REPORT_H
#define STARHASH_TOOLS_SMSC_REPORT_H

#include <stdio.h>

#include "tools/smsc_load.h"
#include "tools/smsc_pushed.h"
#include "tools/smsc_stats.h"
#include "tools/smsc_texts.h"

/* Totals of a load run. `subscribers` is how many there were to be. */
void smsc_report_table(FILE *to, const struct smsc_stats *s, const struct smsc_load_result *r,
                       uint32_t subscribers);
void smsc_report_json(FILE *to, const struct smsc_stats *s, const struct smsc_load_result *r,
                      uint32_t subscribers);
void smsc_report_texts(FILE *to, const struct smsc_stats *s, const struct smsc_texts_result *r, bool json);
void smsc_report_pushed(FILE *to, const struct smsc_stats *s, const struct smsc_pushed *p, bool json);
/* Only what the ESME did wrong; nothing when it did nothing wrong. */
void smsc_report_errors(FILE *to, const struct smsc_stats *s);

#endif
