/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: a file that is to be imported. The first byte says whether it is CSV or JSON lines.
 *
 * Beyond the sanitizers it asserts what the headers promise: every byte belongs to one record, in order; a row is a batch or
 * has a reason, in which no control character stands; and what was read may be found again by its place. Defends promise 6.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tools/import_csv.h"
#include "tools/import_json.h"

static void fill(struct profile *p)
{
	static const char *const names[] = {"name", "born", "likes", "size"};

	memset(p, 0, sizeof *p);
	p->n_fields = 4;
	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(p->field[i].name, PROFILE_NAME_SIZE, "%s", names[i]);
		(void)snprintf(p->field[i].consent, PROFILE_NAME_SIZE, "profile");
	}
	p->field[0].is_private = true;
	p->field[1].kind = PROFILE_DATE;
	p->field[2].several = true;
	p->field[2].n_of = 2;
	memcpy(p->field[2].of[0], "music", 6);
	memcpy(p->field[2].of[1], "sport", 6);
	p->field[3].kind = PROFILE_NUMBER;
	p->n_purposes = 1;
	memcpy(p->purpose[0].name, "profile", 8);
	p->purpose[0].lasts_ms = 1000000000000;
}

static void judge_words(const char *why)
{
	for (const char *c = why; *c; c++)
		MUST((unsigned char)*c >= ' ');
}

static void judge(struct import_row *row)
{
	struct store_batch *b = row->why[0] ? NULL : import_row_batch(row);

	MUST((b != NULL) == (row->why[0] == '\0'));
	judge_words(row->why);
	store_batch_free(b);
}

static void read_all(struct import_lines *l, struct import_csv *csv, struct import_json *json,
                     struct import_row *row, size_t size)
{
	struct import_record r;
	enum import_found found;
	int64_t before = import_lines_position(l), line = import_lines_passed(l);

	while ((found = import_lines_next(l, &r)) != IMPORT_END) {
		MUST(found != IMPORT_FAILED && r.from >= before && r.line > line);
		if (found == IMPORT_RECORD) {
			MUST(r.len > 0 && !memchr(r.text, '\0', r.len));
			if (json)
				import_json_read(json, &r, row);
			else if (!import_csv_read(csv, &r, row))
				import_lines_only_first(l, &r);
			judge(row);
		} else if (found == IMPORT_NUL) {
			MUST(r.nul > 0 && r.nul <= r.len && r.text[r.nul - 1] == '\0');
			import_lines_only_first(l, &r);
		}
		MUST(import_lines_position(l) > before);
		before = import_lines_position(l);
		line = r.line;
	}
	MUST(import_lines_position(l) == (int64_t)size);
}

/* One file for all runs, gone from its folder. */
static FILE *scratch(void)
{
	static FILE *file;

	if (!file)
		file = tmpfile();
	MUST(file != NULL);
	return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct profile profile;
	const struct msisdn_plan country = {.code = "254", .trunk = "0"};
	const struct import_plan plan = {
		.profile = &profile, .country = &country, .now_ms = 1795300000000, .run = 1};
	bool is_json = size > 0 && (data[0] & 1);
	int fd = fileno(scratch());
	struct import_row row;
	struct import_lines *l;
	struct import_csv *csv = import_csv_new(&plan);
	struct import_json *json = is_json ? import_json_new() : NULL;
	struct import_record header;
	char why[400];

	fill(&profile);
	MUST(csv && import_row_init(&row, &plan));
	if (size > 0) {
		data++;
		size--;
	}
	MUST(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size &&
	     lseek(fd, 0, SEEK_SET) == 0);
	l = import_lines_new(fd, !is_json);
	MUST(l);
	if (is_json)
		read_all(l, csv, json, &row, size);
	else if (import_lines_next(l, &header) == IMPORT_RECORD) {
		if (import_csv_header(csv, &header, why, sizeof why))
			read_all(l, csv, NULL, &row, size);
		else
			judge_words(why);
	}
	import_lines_free(l);
	import_csv_free(csv);
	import_json_free(json);
	import_row_fini(&row);
	return 0;
}
