/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import JSON: one object a line, as `starhash export` writes it (docs/import.md).
 *
 * What an export says and an import cannot take over (dialogues, notices, refusals) is passed over; a key that neither
 * knows is a fault of its row.
 */
#ifndef STARHASH_TOOLS_IMPORT_JSON_H
#define STARHASH_TOOLS_IMPORT_JSON_H

#include "tools/import_lines.h"
#include "tools/import_row.h"

struct import_json;

/* NULL when memory is out. */
struct import_json *import_json_new(void);
void import_json_free(struct import_json *j);

/* One row; its faults are in r->why. Texts are valid until the next call. */
void import_json_read(struct import_json *j, const struct import_record *record, struct import_row *r);

#endif
