/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash import: bring an existing base in, with the proof of what its people agreed to (docs/import.md). */
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <sys/resource.h>

#include "core/nearest.h"
#include "tools/access.h"
#include "tools/cmd.h"
#include "tools/import_run.h"

struct words {
	const char *format, *existing, *rejects, *role, *reason;
	bool dry_run, anew, json;
};

static bool ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), k = strlen(end);

	return n > k && strcmp(path + n - k, end) == 0;
}

/* 1 = JSON lines, 0 = CSV, -1 = not to be told. */
static int format_of(const char *path, const char *format)
{
	if (format)
		return strcmp(format, "jsonl") == 0 ? 1 : strcmp(format, "csv") == 0 ? 0 : -1;
	if (ends_with(path, ".jsonl") || ends_with(path, ".ndjson") || ends_with(path, ".json"))
		return 1;
	return ends_with(path, ".csv") || ends_with(path, ".csv.rejects") ? 0 : -1;
}

static bool existing_of(const char *word, enum store_existing *out)
{
	for (int e = 0; word && e < STORE_EXISTING_COUNT_; e++) {
		if (strcmp(word, store_existing_name((enum store_existing)e)) == 0) {
			*out = (enum store_existing)e;
			return true;
		}
	}
	return !word;
}

static int64_t peak_kb(void)
{
	struct rusage use = {0};

	(void)getrusage(RUSAGE_SELF, &use);
	return use.ru_maxrss;
}

static void print_json(const struct import_outcome *o, bool dry_run)
{
	const struct store_import_counts *c = &o->run.counts;
	json_t *out = json_pack(
		"{s:I, s:b, s:b, s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:f, s:f, s:I}", "run",
		(json_int_t)o->run.id, "dry_run", dry_run, "resumed", o->run.resumes, "done", !o->interrupted,
		"beside_daemon", o->is_beside, "lines", (json_int_t)o->lines, "rows", (json_int_t)c->rows,
		"added", (json_int_t)c->added, "changed", (json_int_t)c->changed, "kept", (json_int_t)c->kept,
		"rejected", (json_int_t)c->rejected, "rejects", c->rejected > 0 ? o->rejects : NULL,
		"seconds", o->seconds, "rows_per_s", o->seconds > 0 ? (double)o->rows_now / o->seconds : 0,
		"peak_kb", (json_int_t)peak_kb());

	if (out && json_dumpf(out, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6)) == 0)
		putchar('\n');
	json_decref(out);
}

static void print_text(const struct import_outcome *o, bool dry_run)
{
	const struct store_import_counts *c = &o->run.counts;

	printf("%" PRId64 " rows: %" PRId64 " added, %" PRId64 " changed, %" PRId64
	       " left as they were, %" PRId64 " rejected%s%s%s\n",
	       c->rows, c->added, c->changed, c->kept, c->rejected, c->rejected > 0 ? "; see " : "",
	       c->rejected > 0 ? o->rejects : "", dry_run ? " (dry run: nothing was stored)" : "");
	printf("%.1f s, %.0f rows/s, at most %" PRId64 " kB of memory%s\n", o->seconds,
	       o->seconds > 0 ? (double)o->rows_now / o->seconds : 0, peak_kb(),
	       o->is_beside ? "; beside a running daemon, which goes first" : "");
}

/* A dry run stores nothing, and tells who is here already: where roles are given it takes one too. */
static bool may(const struct config *config, const struct words *w, struct access *access, bool *may_verify)
{
	char why[400];
	bool asks = !w->dry_run || config->access.is_given;

	if (asks && !access_take(config, w->role, ACCESS_IMPORT, w->reason, access))
		return false;
	*may_verify = !asks || config_access_may(&config->access, w->role, strchr(access->actor, ':') + 1,
	                                         ACCESS_VERIFY, why, sizeof why);
	return true;
}

static enum cmd_exit run_with(const struct config *config, const char *path, const struct words *w,
                              bool is_json, enum store_existing existing)
{
	struct access access = {.actor = "", .reason = ""};
	struct import_outcome out;
	struct import_wish wish = {.config = config,
	                           .path = path,
	                           .is_json = is_json,
	                           .existing = existing,
	                           .rejects = w->rejects,
	                           .dry_run = w->dry_run,
	                           .anew = w->anew};
	bool ok;

	if (!may(config, w, &access, &wish.may_verify))
		return CMD_FAULT;
	wish.actor = access.actor;
	wish.reason = access.reason;
	ok = import_run(&wish, &out);
	if (ok || out.run.counts.rows > 0) {
		if (w->json)
			print_json(&out, w->dry_run);
		else
			print_text(&out, w->dry_run);
	}
	if (ok && out.interrupted)
		return cmd_fault("stopped behind line %" PRId64 "; run it again, it goes on there",
		                 out.lines);
	return ok && out.run.counts.rejected == 0 ? CMD_OK : CMD_FAULT;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct words w = {0};
	const struct cmd_option options[] = {{"format", 0, NULL, &w.format},
	                                     {"existing", 0, NULL, &w.existing},
	                                     {"rejects", 0, NULL, &w.rejects},
	                                     {"dry-run", 0, &w.dry_run, NULL},
	                                     {"anew", 0, &w.anew, NULL},
	                                     {"role", 0, NULL, &w.role},
	                                     {"reason", 0, NULL, &w.reason},
	                                     {"json", 0, &w.json, NULL},
	                                     {NULL, 0, NULL, NULL}};
	enum store_existing existing = STORE_EXISTING_SKIP;
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int format, n = cmd_options(&cmd_import, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != 1)
		return cmd_misused(&cmd_import, "name one file, or - for the standard input");
	format = format_of(argv[1], w.format);
	if (format < 0)
		return cmd_misused(&cmd_import,
		                   w.format ? "--format is csv or jsonl, not \"%s\""
		                            : "what is in \"%s\"? say --format csv or --format jsonl",
		                   w.format ? w.format : argv[1]);
	if (!existing_of(w.existing, &existing))
		return cmd_misused(&cmd_import, "--existing is skip, fill or replace, not \"%s\"",
		                   w.existing);
	config = cmd_config(ctx);
	if (config)
		result = run_with(config, argv[1], &w, format == 1, existing);
	config_free(config);
	return result;
}

const struct cmd cmd_import = {
	.name = "import",
	.args = "FILE [--format csv|jsonl] [--existing skip|fill|replace] [--rejects FILE] [--anew] [--json] "
		"--role R --reason T | FILE --dry-run",
	.summary = "Bring subscribers in, with the proof of their consents",
	.help = "  FILE             CSV or JSON lines, by its name or --format; - is the standard input (docs/import.md)\n"
		"  --existing HOW   of those who are there: skip leaves them (default), fill adds what is not known,\n"
		"                   replace takes the file's values and what was agreed to later than what is known\n"
		"  --rejects FILE   where rows go that cannot be taken, with line and reason; FILE.rejects without\n"
		"  --dry-run        say what would become of each row, and store nothing (takes a role where roles are given)\n"
		"  --anew           begin at the start, although an import of this file was broken off\n"
		"  --role, --reason who says so, and why; kept in the audit. Rows that are verified need the right\n"
		"                   \"verify\" beside \"import\"\n"
		"  --json           the outcome as one object\n"
		"Broken off, by whatever, the same command goes on behind the last row that is stored. Exit code 1: rows\n"
		"were rejected, or it was broken off.\n",
	.run = run,
};
