/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import flow: rows from the file through the store's writer.
 *
 * Slots go round: one is filled while others are on their way. A chunk that fails takes those behind it with it (their
 * position is not the store's), so all of them are sent again, in order, when none is under way.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "storage/owner.h"
#include "tools/cmd.h"
#include "tools/import_private.h"

#define SLOT_TEXT ((size_t)2 << 20)
#define SAID_MAX 20 /* rejected rows that are told on stderr; all are in the rejects */
#define TRIES_MAX 5

/* Beside a daemon: a transaction is to hold its writer up for so long, and then leave it alone for thrice that. */
#define BESIDE_HOLD_US 3000
#define BESIDE_PAUSE 3
#define BESIDE_ROWS_MIN 10
#define BESIDE_ROWS_MAX 500
#define BESIDE_ROWS_BEGIN 100
#define READING_NICE 10
#define BESIDE_LOOK_MS 200 /* a daemon that starts waits a second for its turn */

static volatile sig_atomic_t is_interrupted;

static void on_signal(int number)
{
	(void)number;
	is_interrupted = 1;
}

void import_flow_guard(void)
{
	const struct sigaction how = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};

	is_interrupted = 0;
	(void)sigaction(SIGINT, &how, NULL);
	(void)sigaction(SIGTERM, &how, NULL);
}

bool import_flow_is_interrupted(void)
{
	return is_interrupted != 0;
}

/* --- beside a daemon ------------------------------------------------------------------------------------------------- */

static void look_beside(struct importer *m)
{
	int64_t now = clock_mono_ms(clock_system());

	if (m->looked_ms > 0 && now - m->looked_ms < BESIDE_LOOK_MS)
		return;
	m->looked_ms = now;
	m->is_beside = owner_is_taken(m->wish->config->store_path);
	if (m->is_beside && !m->out->is_beside)
		(void)setpriority(
			PRIO_PROCESS, 0,
			READING_NICE); /* of this thread: who holds the store's lock must not wait */
	m->out->is_beside |= m->is_beside;
}

/* So that the next transaction takes as long as it may, and the daemon has its turn before it. */
static void leave_room(struct importer *m, const struct store_import_chunk *c)
{
	int64_t took = c->took_us > 0 ? c->took_us : 1, rows = (int64_t)c->n * BESIDE_HOLD_US / took;
	int64_t pause_us = took * BESIDE_PAUSE;
	struct timespec pause = {.tv_sec = pause_us / 1000000, .tv_nsec = pause_us % 1000000 * 1000};

	rows = ((int64_t)m->beside_rows * 3 + rows) / 4;
	m->beside_rows = rows < BESIDE_ROWS_MIN   ? BESIDE_ROWS_MIN
	                 : rows > BESIDE_ROWS_MAX ? BESIDE_ROWS_MAX
	                                          : (size_t)rows;
	(void)nanosleep(&pause, NULL);
}

/* --- reading into a slot ---------------------------------------------------------------------------------------------- */

static struct store_import_row *row_add(struct import_slot *s, const struct import_record *record)
{
	struct store_import_row *row = &s->row[s->chunk.n++];

	*row = (struct store_import_row){.line = record->line, .at = s->text_len, .len = record->len};
	memcpy(s->text + s->text_len, record->text, record->len);
	s->text_len += record->len;
	return row;
}

/* Bytes of it. */
static size_t first_line(const struct import_record *record)
{
	const char *lf = memchr(record->text, '\n', record->len);

	return lf ? (size_t)(lf - record->text) : record->len;
}

static void no_row(struct store_import_row *row, enum import_found found, const struct import_record *record)
{
	row->is_no_row = true;
	if (found == IMPORT_TOO_LONG)
		(void)snprintf(row->why, sizeof row->why,
		               "is longer than %zu bytes, or a quote opens in it and never closes",
		               IMPORT_LINE_MAX);
	else if (record->nul <= first_line(record))
		(void)snprintf(row->why, sizeof row->why, "column %zu: a NUL, which no text has",
		               record->nul);
	else
		(void)snprintf(row->why, sizeof row->why,
		               "a quote opens in it, and a NUL stands where it should close");
}

/* Of a record that spans lines and is no good only the first one is lost. */
static void only_first(struct importer *m, struct store_import_row *row, const struct import_record *record)
{
	if (!row->is_no_row || record->lines < 2)
		return;
	row->len = first_line(record);
	import_lines_only_first(m->lines, record);
}

static void read_row(struct importer *m, struct store_import_row *row, const struct import_record *record)
{
	if (m->json)
		import_json_read(m->json, record, &m->row);
	else if (!import_csv_read(m->csv, record, &m->row))
		row->is_no_row = true;
	row->batch = m->row.why[0] ? NULL : import_row_batch(&m->row);
	if (!row->batch)
		memcpy(row->why, m->row.why, sizeof row->why);
}

/* False: the file cannot be read. */
static bool slot_fill(struct importer *m, struct import_slot *s)
{
	size_t max = m->is_beside ? m->beside_rows : STORE_IMPORT_ROWS_MAX, tail_len;
	const char *tail;

	s->text_len = s->chunk.n = 0;
	s->chunk.from = m->filled_to;
	while (s->chunk.n < max && s->text_len + IMPORT_LINE_MAX < SLOT_TEXT && !is_interrupted) {
		struct import_record record;
		enum import_found found = import_lines_next(m->lines, &record);
		struct store_import_row *row;

		if (found == IMPORT_FAILED) {
			m->failed = true;
			cmd_fault("%s cannot be read after line %" PRId64 ": %s", m->wish->path,
			          import_lines_passed(m->lines), strerror(errno));
			return false;
		}
		m->is_end = found == IMPORT_END;
		if (m->is_end)
			break;
		row = row_add(s, &record);
		if (found == IMPORT_RECORD)
			read_row(m, row, &record);
		else
			no_row(row, found, &record);
		only_first(m, row, &record);
	}
	s->chunk.to = m->filled_to = import_lines_position(m->lines);
	s->chunk.line = import_lines_passed(m->lines);
	tail = import_lines_tail(m->lines, sizeof s->tail, &tail_len);
	memcpy(s->tail, tail, tail_len);
	s->chunk.tail = s->tail;
	s->chunk.tail_len = tail_len;
	s->full = s->chunk.n > 0;
	return true;
}

/* --- through the store ------------------------------------------------------------------------------------------------- */

static void slot_empty(struct import_slot *s)
{
	for (size_t i = 0; i < s->chunk.n; i++) {
		store_batch_free(s->row[i].batch);
		s->row[i].batch = NULL;
	}
	explicit_bzero(s->text, s->text_len);
	s->full = false;
	s->tries = 0;
}

static void tell_rejected(struct importer *m, const struct store_import_chunk *c)
{
	for (size_t i = 0; i < c->n && m->said <= SAID_MAX; i++) {
		const struct store_import_row *row = &c->row[i];

		if (row->fate != STORE_IMPORT_REJECTED)
			continue;
		import_progress_clear(&m->progress);
		if (m->said++ < SAID_MAX)
			fprintf(stderr, "%s:%" PRId64 ": %s\n", m->wish->path, row->line, row->why);
		else
			fprintf(stderr, "... more are in %s\n", m->out->rejects);
	}
}

static void on_done(void *ctx, struct store_import_chunk *c)
{
	struct import_slot *s = ctx;
	struct importer *m = s->importer;
	struct store_import_counts *sum = &m->out->run.counts;

	s->busy = false;
	if (c->rc != RC_OK)
		return;
	sum->rows += c->counts.rows;
	sum->added += c->counts.added;
	sum->changed += c->counts.changed;
	sum->kept += c->counts.kept;
	sum->rejected += c->counts.rejected;
	m->out->rows_now += c->counts.rows;
	m->out->run.position = c->to;
	m->out->lines = c->line;
	tell_rejected(m, c);
	slot_empty(s);
}

static bool slot_send(struct importer *m, struct import_slot *s)
{
	s->chunk.run = m->out->run.id;
	s->chunk.only_tries = m->wish->dry_run;
	s->chunk.rejects = m->rejects ? import_rejects_write : NULL;
	s->chunk.ctx = m->rejects;
	s->chunk.text = s->text;
	s->chunk.row = s->row;
	s->chunk.rc = RC_IO;
	s->tries++;
	s->busy = store_import_write(m->store, &s->chunk, on_done, s) == RC_OK;
	if (!s->busy)
		cmd_fault("memory is out");
	return s->busy;
}

static void wait_for(struct importer *m, const struct import_slot *s)
{
	while (s->busy) {
		struct pollfd wait = {.fd = store_fd(m->store), .events = POLLIN};

		(void)poll(&wait, 1, 1000);
		(void)store_dispatch(m->store);
	}
}

static bool stops(const struct importer *m, const struct import_slot *s)
{
	const char *error = m->rejects ? import_rejects_error(m->rejects) : "";

	if (*error)
		cmd_fault("%s cannot be written: %s; run it again when it can", m->out->rejects, error);
	else if (s->chunk.rc == RC_STATE)
		cmd_fault("somebody else goes on with this import; wait until that has ended");
	else
		cmd_fault("the store does not take line %" PRId64
		          " and what follows: %s; run it again, it goes on there",
		          s->chunk.row[0].line, rc_name(s->chunk.rc));
	return false;
}

/* Everything that is full and not stored, again and in order, one by one. */
static bool send_again(struct importer *m)
{
	for (size_t i = 0; i < IMPORT_SLOTS; i++)
		wait_for(m, &m->slot[i]);
	for (size_t i = 0; i < IMPORT_SLOTS; i++) {
		struct import_slot *s = &m->slot[(m->next + i) % IMPORT_SLOTS];

		while (s->full) {
			bool may_pass =
				s->chunk.one_by_one || s->chunk.rc == RC_BUSY || s->chunk.rc == RC_STATE;

			if (!may_pass || s->tries >= TRIES_MAX)
				return stops(m, s);
			if (!slot_send(m, s))
				return false;
			wait_for(m, s);
		}
	}
	return true;
}

static bool has_failed(const struct import_slot *s)
{
	return s->full && !s->busy && s->tries > 0;
}

/* --- all of them ------------------------------------------------------------------------------------------------------ */

static bool pass(struct importer *m)
{
	struct import_slot *s = &m->slot[m->next];

	wait_for(m, s);
	for (size_t i = 0; i < IMPORT_SLOTS; i++)
		if (has_failed(&m->slot[i]) && !send_again(m))
			return false;
	look_beside(m);
	if (!slot_fill(m, s))
		return false;
	if (!s->full)
		return true;
	if (!slot_send(m, s))
		return false;
	m->next = (m->next + 1) % IMPORT_SLOTS;
	if (m->is_beside) {
		wait_for(m, s);
		if (!m->wish->dry_run || s->chunk.took_us > 0)
			leave_room(m, &s->chunk);
	}
	import_progress_tell(&m->progress, &m->out->run.counts, m->out->rows_now, m->out->run.position,
	                     m->size);
	return true;
}

bool import_flow_rows(struct importer *m)
{
	bool ok = true;

	while (ok && !m->is_end && !is_interrupted)
		ok = pass(m);
	ok = ok && send_again(m);
	for (size_t i = 0; i < IMPORT_SLOTS; i++)
		wait_for(m, &m->slot[i]);
	return ok;
}

/* --- coming and going ------------------------------------------------------------------------------------------------- */

bool import_flow_init(struct importer *m)
{
	bool ok = true;

	m->beside_rows = BESIDE_ROWS_BEGIN;
	for (size_t i = 0; i < IMPORT_SLOTS; i++) {
		struct import_slot *s = &m->slot[i];

		s->importer = m;
		s->row = calloc(STORE_IMPORT_ROWS_MAX, sizeof *s->row);
		s->text = malloc(SLOT_TEXT);
		ok &= s->row && s->text;
	}
	return ok;
}

void import_flow_fini(struct importer *m)
{
	for (size_t i = 0; i < IMPORT_SLOTS; i++) {
		struct import_slot *s = &m->slot[i];

		for (size_t k = 0; s->row && s->full && k < s->chunk.n; k++)
			store_batch_free(s->row[k].batch);
		free(s->row);
		free(s->text);
	}
}
