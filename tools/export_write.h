/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Export write: one subscriber as a line of JSON or of CSV, in the shape that `starhash import` reads (docs/import.md). */
#ifndef STARHASH_TOOLS_EXPORT_WRITE_H
#define STARHASH_TOOLS_EXPORT_WRITE_H

#include <stdio.h>

#include "storage/export.h"

/* What is told of each, and where to. */
struct export_shape {
	const struct profile *profile;
	const char *purpose; /* NULL = all */
	FILE *to;
	bool for_spreadsheet; /* CSV: nothing that a spreadsheet would take for a formula */
	size_t n_purposes;    /* of CSV: each has columns of its own */
	const char *purposes[PROFILE_MAX_PURPOSES];
};
void export_shape_init(struct export_shape *x, const struct profile *profile, const char *purpose, FILE *to);

/* False: writing failed. */
bool export_write_json(const struct export_shape *x, const struct export_subscriber *s);
bool export_write_csv_header(const struct export_shape *x);
bool export_write_csv(const struct export_shape *x, const struct export_subscriber *s);

#endif
