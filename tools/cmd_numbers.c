/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash numbers: the operator's feed of SIM swaps and of numbers that went to somebody else (docs/limits.md).
 *
 * Works beside a running daemon: rows go to the store a hundred at a time, in transactions of their own. A row that
 * cannot be read is said, kept in FILE.rejects and passed over; one that was told before changes nothing, so a file
 * that was cut off, or whose rejects were put right, is fed again as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/msisdn.h"
#include "menus/csv.h"
#include "storage/files.h"
#include "storage/store_limits.h"
#include "tools/access.h"
#include "tools/cmd.h"
#include "tools/guest.h"

#define AT_ONCE 100    /* rows in one transaction: a dialogue never waits behind more */
#define LINE_SIZE 1024 /* with NUL */
#define REJECTS_HEADER "msisdn,event,at,line,why\n"
#define SAID_MAX 20              /* bad rows that are printed; all are in the rejects */
#define AHEAD_MS 300000          /* clocks differ: news may come from so far in the future */
#define EARLIEST_MS 946684800000 /* 2000-01-01: what is before it is no time in milliseconds */

enum column { COL_MSISDN, COL_EVENT, COL_AT, COLUMNS };
static const char *const column_names[COLUMNS] = {"msisdn", "event", "at"};

struct feed {
	const struct config *config;
	struct store *store;
	const char *path;
	FILE *in, *rejects;
	char rejects_path[4200];
	char separator;
	size_t column[COLUMNS]; /* where it is in a row */
	int line;
	int64_t now_ms;
	int64_t rows, applied, detached, known, rejected, failed;
	enum rc store_rc; /* the last failure */
	int waiting;
	bool on_terminal;
};

/* --- rows that cannot be used ------------------------------------------------------------------------------------ */

/* A cell with what separates cells goes into quotes. */
static void write_cell(FILE *to, const char *text)
{
	bool plain = strpbrk(text, ",;\"\n") == NULL;

	if (!plain)
		putc('"', to);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', to);
		putc(*text, to);
	}
	if (!plain)
		putc('"', to);
}

static void reject(struct feed *f, char *const cell[COLUMNS], const char *why)
{
	if (f->rejected++ == 0) {
		int fd = open(f->rejects_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600); /* numbers */

		f->rejects = fd >= 0 ? fdopen(fd, "w") : NULL;
		if (!f->rejects)
			cmd_fault("%s cannot be written: %s; what is rejected is only said here",
			          f->rejects_path, strerror(errno));
		else
			fputs(REJECTS_HEADER, f->rejects);
	}
	if (f->rejected <= SAID_MAX)
		fprintf(stderr, "%s:%d: %s\n", f->path, f->line, why);
	else if (f->rejected == SAID_MAX + 1)
		fprintf(stderr, "... more are in %s\n", f->rejects_path);
	if (!f->rejects)
		return;
	for (int i = 0; i < COLUMNS; i++) {
		write_cell(f->rejects, cell ? cell[i] : "");
		putc(',', f->rejects);
	}
	fprintf(f->rejects, "%d,", f->line);
	write_cell(f->rejects, why);
	putc('\n', f->rejects);
}

/* --- one row ------------------------------------------------------------------------------------------------------ */

static void noted(void *ctx, const struct store_number_result *r)
{
	struct feed *f = ctx;

	f->applied += r->rc == RC_OK;
	f->detached += r->rc == RC_OK && r->detached;
	f->known += r->rc == RC_EXISTS;
	if (r->rc != RC_OK && r->rc != RC_EXISTS) {
		f->failed++;
		f->store_rc = r->rc;
	}
}

static const char *event_read(const char *word, enum store_number_event *out)
{
	if (strcmp(word, "swapped") == 0)
		*out = STORE_NUMBER_SWAPPED;
	else if (strcmp(word, "recycled") == 0)
		*out = STORE_NUMBER_RECYCLED;
	else
		return "the event is neither \"swapped\" nor \"recycled\"; write one of them";
	return NULL;
}

static const char *time_read(const struct feed *f, const char *word, int64_t *out)
{
	if (clock_utc_parse(word, out) != RC_OK)
		return "the time cannot be read; write 2026-11-21, 2026-11-21T22:20:53Z or milliseconds";
	if (*out < EARLIEST_MS)
		return "the time lies before 2000; is it in seconds? write milliseconds, or a date";
	if (*out > f->now_ms + AHEAD_MS)
		return "the time lies in the future; give it in UTC, or with its zone: +03:00";
	return NULL;
}

static void row(struct feed *f, char *const cell[COLUMNS])
{
	enum store_number_event event = STORE_NUMBER_SWAPPED;
	int64_t msisdn = 0, at_ms = 0;
	const char *why = event_read(cell[COL_EVENT], &event);

	if (!why)
		why = time_read(f, cell[COL_AT], &at_ms);
	if (!why && msisdn_parse(cell[COL_MSISDN], MSISDN_TON_UNKNOWN, &f->config->country, &msisdn) != RC_OK)
		why = "the number cannot be read; write digits, 7 to 15 with the country's code";
	if (why) {
		reject(f, cell, why);
		return;
	}
	if (store_number_note(f->store, msisdn, event, at_ms, noted, f) != RC_OK) {
		f->failed++;
		f->store_rc = RC_FULL;
	}
	if (++f->waiting < AT_ONCE)
		return;
	store_wait(f->store);
	f->waiting = 0;
	if (f->on_terminal)
		fprintf(stderr, "\r%" PRId64 " rows", f->rows);
}

/* --- the file ------------------------------------------------------------------------------------------------------ */

/* One line without its end. 0 = no more; -1 = too long or not text, and passed over. */
static int line_read(struct feed *f, char line[LINE_SIZE])
{
	size_t len = 0;
	bool good = true;
	int c = getc(f->in);

	if (c == EOF)
		return 0;
	f->line++;
	for (; c != '\n' && c != EOF; c = getc(f->in)) {
		good &= c != '\0' && len + 1 < LINE_SIZE;
		if (good)
			line[len++] = (char)c;
	}
	if (len > 0 && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	return good ? 1 : -1;
}

static bool cells_read(const struct feed *f, char *line, struct csv *csv)
{
	csv_init(csv, line);
	if (f->separator)
		csv->separator = f->separator;
	return csv_next(csv) == CSV_ROW;
}

/* NULL, or what is wrong with the first line. */
static const char *header_read(struct feed *f)
{
	static const char wanted[] =
		"the first line must name the columns: msisdn,event,at (others are passed over)";
	char line[LINE_SIZE];
	struct csv csv;
	size_t skip;

	if (line_read(f, line) != 1)
		return wanted;
	skip = strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	f->separator = strchr(line, ',') || !strchr(line, ';') ? ',' : ';';
	if (!cells_read(f, line + skip, &csv))
		return wanted;
	for (int k = 0; k < COLUMNS; k++) {
		f->column[k] = csv.n;
		for (size_t i = 0; i < csv.n; i++)
			if (strcmp(csv.cell[i], column_names[k]) == 0)
				f->column[k] = i;
		if (f->column[k] == csv.n)
			return wanted;
	}
	return NULL;
}

static void rows_read(struct feed *f)
{
	char line[LINE_SIZE], *cell[COLUMNS];
	struct csv csv;
	int got;

	while (f->failed == 0 && (got = line_read(f, line)) != 0) {
		bool whole = got > 0 && line[strspn(line, " \t")] != '\0';

		if (got > 0 && !whole)
			continue; /* an empty line */
		f->rows++;
		if (!whole || !cells_read(f, line, &csv)) {
			reject(f, NULL, "the line cannot be read; a row is one line of at most 1000 letters");
			continue;
		}
		for (int k = 0; k < COLUMNS; k++) {
			cell[k] = f->column[k] < csv.n ? csv.cell[f->column[k]] : NULL;
			whole &= cell[k] != NULL;
		}
		if (whole)
			row(f, cell);
		else
			reject(f, NULL,
			       "a column is missing; give each row as many cells as the first line has");
	}
	store_wait(f->store);
	if (f->on_terminal)
		fprintf(stderr, "\r%*s\r", 40, "");
}

static enum cmd_exit report(struct feed *f, bool json)
{
	if (json)
		printf("{\"rows\":%" PRId64 ",\"applied\":%" PRId64 ",\"given_up\":%" PRId64
		       ",\"known\":%" PRId64 ",\"rejected\":%" PRId64 "}\n",
		       f->rows, f->applied, f->detached, f->known, f->rejected);
	else
		printf("%" PRId64 " rows: %" PRId64 " applied (%" PRId64
		       " subscribers gave their number up), %" PRId64 " known already, %" PRId64
		       " rejected%s%s\n",
		       f->rows, f->applied, f->detached, f->known, f->rejected, f->rejects ? "; see " : "",
		       f->rejects ? f->rejects_path : "");
	if (ferror(f->in))
		return cmd_fault("%s cannot be read after line %d; run it again, what is applied stays",
		                 f->path, f->line);
	if (f->failed > 0)
		return cmd_fault(
			"stopped near line %d, the store failed: %s; run it again, what is applied stays",
			f->line, rc_name(f->store_rc));
	return f->rejected > 0 ? CMD_FAULT : CMD_OK;
}

static enum cmd_exit feed(struct feed *f, bool json)
{
	struct access access;
	const char *const ours = REJECTS_HEADER;
	const char *wrong = header_read(f);
	enum cmd_exit result;

	if (wrong)
		return cmd_fault("%s: %s", f->path, wrong);
	if (!access_operator(&access))
		return CMD_FAULT;
	if (files_look(f->rejects_path, &ours, 1) == FILES_OTHER)
		return cmd_fault("%s is there already and no file of rejects; move it away", f->rejects_path);
	(void)unlink(f->rejects_path); /* of an earlier run */
	f->store = guest_open(f->config, access.actor);
	if (!f->store)
		return CMD_FAULT;
	rows_read(f);
	result = report(f, json);
	if (f->rejects && fclose(f->rejects) != 0)
		result = cmd_fault("%s: %s", f->rejects_path, strerror(errno));
	store_close(f->store);
	return result;
}

static enum cmd_exit run_with(const struct config *config, const char *path, bool json)
{
	struct feed f = {.config = config,
	                 .path = path,
	                 .now_ms = clock_utc_ms(clock_system()),
	                 .on_terminal = isatty(STDERR_FILENO) == 1};
	enum cmd_exit result;

	if (snprintf(f.rejects_path, sizeof f.rejects_path, "%s.rejects", path) >= (int)sizeof f.rejects_path)
		return cmd_fault("%s: the name is too long", path);
	f.in = fopen(path, "re");
	if (!f.in)
		return cmd_fault("%s: %s", path, strerror(errno));
	result = feed(&f, json);
	fclose(f.in);
	return result;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool json = false;
	const struct cmd_option options[] = {{"json", 0, &json, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_numbers, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != 1)
		return cmd_misused(&cmd_numbers, "name one CSV file");
	config = cmd_config(ctx);
	if (config)
		result = run_with(config, argv[1], json);
	config_free(config);
	return result;
}

const struct cmd cmd_numbers = {
	.name = "numbers",
	.args = "FILE [--json]",
	.summary = "Tell of SIM swaps and of numbers that went to somebody else",
	.help = "  FILE    CSV; its first line names the columns msisdn, event (swapped or recycled) and at (UTC)\n"
		"  --json  what was done, as one object\n"
		"swapped: no gift for limits.new_number. recycled: the number leaves its subscriber, who keeps everything\n"
		"else and hears nothing more; the next holder is new. Rows that cannot be used go to FILE.rejects (exit\n"
		"code 1). The same file may be fed again: it changes nothing.\n",
	.run = run,
};
