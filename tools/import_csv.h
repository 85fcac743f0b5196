/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import CSV: a header that says what each column is, and one row a subscriber (docs/import.md).
 *
 * Columns are the system's names, the fields of profile.conf, and "consent.PURPOSE" with ".words", ".at" and so on behind
 * it. What begins with '_' is a remark and passed over: so is what the rejects file adds. An unknown column is a fault of
 * the file: a column that nobody reads would be lost in silence.
 */
#ifndef STARHASH_TOOLS_IMPORT_CSV_H
#define STARHASH_TOOLS_IMPORT_CSV_H

#include "tools/import_lines.h"
#include "tools/import_row.h"

struct import_csv;

/* NULL when memory is out. */
struct import_csv *import_csv_new(const struct import_plan *plan);
void import_csv_free(struct import_csv *c);

/* The first record. False: `why` says which column is wrong and what would be right. */
bool import_csv_header(struct import_csv *c, const struct import_record *record, char *why, size_t why_size);
/* One row; its faults are in r->why. Texts are valid until the next call. False: its quotes are broken, so that where it
 * ends cannot be told. */
bool import_csv_read(struct import_csv *c, const struct import_record *record, struct import_row *r);
char import_csv_separator(const struct import_csv *c);

#endif
