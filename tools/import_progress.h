/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import progress: how far, how fast and how much longer, on stderr: on a terminal one line that is written over, else a
 * line now and then. */
#ifndef STARHASH_TOOLS_IMPORT_PROGRESS_H
#define STARHASH_TOOLS_IMPORT_PROGRESS_H

#include "storage/store_import.h"

struct import_progress {
	bool on_terminal, shows;
	int64_t began_ms, told_ms, from; /* from: the position of the first call */
	bool has_from;
};

void import_progress_init(struct import_progress *p);
/* Not more often than is of use. `rows_now`: of this process; size -1: not known. */
void import_progress_tell(struct import_progress *p, const struct store_import_counts *counts,
                          int64_t rows_now, int64_t position, int64_t size);
void import_progress_clear(struct import_progress *p); /* before something else is written to stderr */

#endif
