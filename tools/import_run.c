/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import run: see import_run.h. The file and its place in it, the run in the store, the rejects; rows are import_flow.c's. */
#include "tools/import_run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "tools/cmd.h"
#include "tools/guest.h"
#include "tools/import_private.h"

/* --- the file ---------------------------------------------------------------------------------------------------------- */

static bool read_header(struct importer *m)
{
	struct import_record record;
	char why[400];
	enum import_found found = import_lines_next(m->lines, &record);

	if (found == IMPORT_FAILED)
		cmd_fault("%s cannot be read: %s", m->wish->path, strerror(errno));
	else if (found == IMPORT_END)
		cmd_fault("%s is empty; its first line names the columns, such as: msisdn,language,town",
		          m->wish->path);
	else if (found == IMPORT_TOO_LONG)
		cmd_fault("%s:1: no line ends where one should; is it a CSV file?", m->wish->path);
	else if (record.len == 3 && memcmp(record.text, "\xef\xbb\xbf", 3) == 0)
		cmd_fault(
			"%s is empty but for a mark of its encoding; its first line names the columns, such as: "
			"msisdn,language,town",
			m->wish->path);
	else if (!import_csv_header(m->csv, &record, why, sizeof why))
		cmd_fault("%s:%" PRId64 ": %s", m->wish->path, record.line, why);
	else {
		size_t skip = record.len >= 3 && memcmp(record.text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

		m->header = strndup(record.text + skip, record.len - skip);
		return m->header || (cmd_fault("memory is out"), false);
	}
	return false;
}

/* Where it stands, and whether this is still the file of before. */
static bool find_place(struct importer *m)
{
	struct store_import_run *run = &m->out->run;
	size_t len = 0;
	const char *tail;
	enum rc rc;

	if (!run->resumes || run->position == 0)
		return true;
	rc = import_lines_seek(m->lines, run->position, run->line);
	tail = import_lines_tail(m->lines, STORE_IMPORT_TAIL_MAX, &len);
	if (rc == RC_OK && store_import_is_tail(m->store, run, tail, len)) {
		fprintf(stderr, "goes on behind line %" PRId64 " (run %" PRId64 ")\n", run->line, run->id);
		m->out->lines = run->line;
		m->filled_to = run->position;
		return true;
	}
	cmd_fault("%s is not as it was when line %" PRId64
	          " was read; bring that file back, or begin anew: --anew",
	          m->wish->path, run->line);
	return false;
}

/* Whoever goes on with the run may stand in another folder. */
static void name_rejects(struct importer *m)
{
	char here[PATH_MAX];
	bool is_far = m->out->rejects[0] != '/' && getcwd(here, sizeof here);

	(void)snprintf(m->rejects_path, sizeof m->rejects_path, "%s%s%s", is_far ? here : "",
	               is_far ? "/" : "", m->out->rejects);
}

static bool begin_run(struct importer *m)
{
	char why[400] = "";
	size_t len = 0;
	enum rc rc;

	name_rejects(m);
	m->file = (struct store_import_file){.source = m->wish->path,
	                                     .format = m->wish->is_json ? "jsonl" : "csv",
	                                     .rejects = m->rejects_path,
	                                     .size = m->size,
	                                     .existing = m->wish->existing,
	                                     .anew = m->wish->anew,
	                                     .actor = m->wish->actor,
	                                     .reason = m->wish->reason};
	if (m->wish->dry_run)
		return true;
	m->file.head = import_lines_head(m->lines, STORE_IMPORT_HEAD_MAX, &len);
	m->file.head_len = len;
	if (!m->file.head) {
		cmd_fault("%s cannot be read: %s", m->wish->path, strerror(errno));
		return false;
	}
	rc = store_import_begin(m->store, &m->file, &m->out->run, why, sizeof why);
	if (rc != RC_OK) {
		cmd_fault("%s: %s", m->wish->path, *why ? why : rc_name(rc));
		return false;
	}
	if (m->out->run.resumes)
		(void)snprintf(m->out->rejects, sizeof m->out->rejects, "%s", m->out->run.rejects);
	m->plan.run = m->out->run.id;
	return true;
}

static bool begin_rejects(struct importer *m)
{
	char why[400];

	m->rejects = import_rejects_new(m->out->rejects, m->out->run.rejects_size, m->header,
	                                m->csv ? import_csv_separator(m->csv) : ',', m->fd, why, sizeof why);
	if (!m->rejects)
		cmd_fault("%s", why);
	return m->rejects != NULL;
}

static bool end_run(struct importer *m)
{
	enum rc rc;

	m->out->interrupted = import_flow_is_interrupted() && !m->is_end;
	if (m->wish->dry_run || m->out->interrupted)
		return true;
	rc = store_import_end(m->store, &m->file, &m->out->run);
	if (rc != RC_OK)
		cmd_fault("all rows are stored, but not that this was all: %s; run it again", rc_name(rc));
	return rc == RC_OK;
}

/* --- coming and going --------------------------------------------------------------------------------------------------- */

static bool open_file(struct importer *m)
{
	struct stat st;

	m->fd = strcmp(m->wish->path, "-") == 0 ? STDIN_FILENO : open(m->wish->path, O_RDONLY | O_CLOEXEC);
	if (m->fd < 0 || fstat(m->fd, &st) != 0) {
		cmd_fault("%s: %s", m->wish->path, strerror(errno));
		return false;
	}
	if (S_ISDIR(st.st_mode)) {
		cmd_fault("%s is a folder; name a file", m->wish->path);
		return false;
	}
	m->size = S_ISREG(st.st_mode) ? (int64_t)st.st_size : -1;
	if (m->size >= 0)
		(void)posix_fadvise(m->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return true;
}

static bool make(struct importer *m)
{
	bool ok = import_row_init(&m->row, &m->plan);

	m->lines = import_lines_new(m->fd, !m->wish->is_json);
	if (m->wish->is_json)
		m->json = import_json_new();
	else
		m->csv = import_csv_new(&m->plan);
	ok &= m->lines && (m->json || m->csv);
	ok &= import_flow_init(m);
	if (!ok)
		cmd_fault("memory is out");
	return ok;
}

static void unmake(struct importer *m)
{
	import_flow_fini(m);
	import_rejects_free(m->rejects);
	import_csv_free(m->csv);
	import_json_free(m->json);
	import_row_fini(&m->row);
	import_lines_free(m->lines);
	free(m->header);
	if (m->fd > STDIN_FILENO)
		(void)close(m->fd);
}

bool import_run(const struct import_wish *wish, struct import_outcome *out)
{
	struct importer m = {.wish = wish, .out = out, .fd = -1};
	int64_t began = clock_mono_us(clock_system());
	bool ok;

	*out = (struct import_outcome){0};
	(void)snprintf(out->rejects, sizeof out->rejects, "%s%s",
	               wish->rejects                  ? wish->rejects
	               : strcmp(wish->path, "-") == 0 ? "import"
	                                              : wish->path,
	               wish->rejects ? "" : ".rejects");
	m.plan = (struct import_plan){.profile = &wish->config->profile,
	                              .country = &wish->config->country,
	                              .existing = wish->existing,
	                              .may_verify = wish->may_verify,
	                              .now_ms = clock_utc_ms(clock_system())};
	import_progress_init(&m.progress);
	import_flow_guard();
	ok = open_file(&m) && make(&m);
	m.store = ok ? guest_open(wish->config, wish->actor) : NULL;
	ok = m.store && begin_run(&m);
	if (ok && !wish->is_json)
		ok = read_header(&m);
	ok = ok && begin_rejects(&m) && find_place(&m) && import_flow_rows(&m);
	import_progress_clear(&m.progress);
	ok = ok && end_run(&m);
	store_close(m.store);
	unmake(&m);
	out->seconds = (double)(clock_mono_us(clock_system()) - began) / 1e6;
	return ok;
}
