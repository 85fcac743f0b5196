/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of an import: what import_run.c (a run from its begin to its end) and import_flow.c (rows through the store)
 * share. */
#ifndef STARHASH_TOOLS_IMPORT_PRIVATE_H
#define STARHASH_TOOLS_IMPORT_PRIVATE_H

#include <limits.h>

#include "tools/import_csv.h"
#include "tools/import_json.h"
#include "tools/import_lines.h"
#include "tools/import_progress.h"
#include "tools/import_rejects.h"
#include "tools/import_row.h"
#include "tools/import_run.h"

#define IMPORT_SLOTS 3

struct import_slot {
	struct importer *importer;
	struct store_import_chunk chunk;
	struct store_import_row *row;
	char *text;
	size_t text_len;
	char tail[STORE_IMPORT_TAIL_MAX];
	bool busy, full;
	int tries;
};

struct importer {
	const struct import_wish *wish;
	struct import_outcome *out;
	struct store *store;
	int fd;
	int64_t size; /* of the file; -1 = not known */
	struct import_lines *lines;
	struct import_csv *csv;
	struct import_json *json;
	struct import_rejects *rejects;
	struct import_plan plan;
	struct import_row row;
	struct import_progress progress;
	struct store_import_file file;
	char rejects_path[PATH_MAX + 8304]; /* the whole one */
	struct import_slot slot[IMPORT_SLOTS];
	size_t next;       /* slot to be filled */
	int64_t filled_to; /* position behind the one before; a header belongs to the first chunk */
	char *header;
	bool is_end, is_beside, failed;
	int64_t said, looked_ms;
	size_t beside_rows;
};

bool import_flow_init(struct importer *m); /* false: memory is out; import_flow_fini in any case */
void import_flow_fini(struct importer *m);
/* Every row from here to the file's end, or to an interrupt (SIGINT, SIGTERM). False after a message. Whatever it returns,
 * nothing is under way in the store any more. */
bool import_flow_rows(struct importer *m);
/* From now on an interrupt ends it in order. */
void import_flow_guard(void);
bool import_flow_is_interrupted(void);

#endif
