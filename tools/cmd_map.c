/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash map: a picture of a service, with what happened on its screens when there is a store. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/services_load.h"
#include "menus/book.h"
#include "storage/files.h"
#include "tools/cmd.h"
#include "tools/map.h"

_Static_assert((int)STORE_DROPS_ == MAP_CAUSES, "the map knows every cause of a drop");

struct job {
	const char *path, *svg, *language, *days;
	bool mermaid;
	struct book *book;
	struct map_counts *counts; /* one a screen; NULL = no store */
	size_t index;              /* of the language */
};

static bool note(void *ctx, const struct store_screen_count *c)
{
	struct job *job = ctx;
	uint16_t i = book_screen_by_name(job->book, c->screen);
	struct map_counts *to;

	if (i == BOOK_NO_SCREEN) /* of an older version of the file */
		return true;
	to = &job->counts[i];
	*to = (struct map_counts){
		.is_known = true,
		.entered = c->entered,
		.bad_inputs = c->bad_inputs,
		.median_ms = map_median(c->ms_bucket, sizeof c->ms_bucket / sizeof c->ms_bucket[0])};
	memcpy(to->drops, c->drops, sizeof to->drops);
	return true;
}

/* A picture without a store is a picture all the same. */
static bool read_counts(struct job *job, const struct config *config)
{
	struct query *query = NULL;
	char why[300] = "";
	int days = job->days ? atoi(job->days) : 0;
	enum rc rc = query_open(config->store_path, &config->profile, &query, why, sizeof why);

	if (rc != RC_OK) {
		if (rc != RC_NOTFOUND)
			fprintf(stderr, "starhash: drawn without counts: %s: %s\n", config->store_path, why);
		return true;
	}
	job->counts = calloc(job->book->n_screens, sizeof *job->counts);
	if (job->counts)
		rc = query_screens(query, job->book->name, days, note, job);
	query_close(query);
	return job->counts && rc == RC_OK;
}

static bool load(struct job *job, const struct config *config)
{
	const char *bundles[CONFIG_MAX_BUNDLES];
	struct book_bundle goods[CONFIG_MAX_BUNDLES];
	struct book_env env = {.profile = &config->profile,
	                       .n_bundles = config->n_bundles,
	                       .bundles = bundles,
	                       .bundle = goods,
	                       .currency = config->charging.currency,
	                       .page = (size_t)config->page,
	                       .without_translations = !job->language};
	struct findings *findings = findings_new();
	enum rc rc = RC_NOMEM;
	int index = 0;

	services_bundles(config, bundles, goods);
	if (findings)
		rc = book_load(job->path, &env, findings, &job->book);
	if (rc != RC_OK && findings)
		findings_print(findings, stderr);
	findings_free(findings);
	if (rc == RC_OK && job->language)
		index = book_language_by_code(job->book, job->language);
	if (rc != RC_OK)
		cmd_fault("%s cannot be drawn: %s", job->path, rc_name(rc));
	else if (index < 0)
		cmd_fault("%s has no language \"%s\"", job->path, job->language);
	job->index = index < 0 ? 0 : (size_t)index;
	return rc == RC_OK && index >= 0;
}

static void become_dot(int in, const char *svg)
{
	dup2(in, STDIN_FILENO);
	close(in);
	execlp("dot", "dot", "-Tsvg", "-o", svg, (char *)NULL);
	_exit(127);
}

/* Let Graphviz draw; it is asked for only here and need not be installed otherwise. */
static enum cmd_exit draw(const struct job *job, const struct profile *profile)
{
	int ends[2], status = 0;
	pid_t child;
	FILE *to;
	bool good;

	if (pipe(ends) != 0 || fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0)
		return cmd_fault("no pipe to dot");
	fflush(stdout);
	child = fork();
	if (child == 0)
		become_dot(ends[0], job->svg);
	close(ends[0]);
	to = fdopen(ends[1], "w");
	if (child < 0 || !to) {
		close(ends[1]);
		return cmd_fault("dot could not be started");
	}
	signal(SIGPIPE, SIG_IGN); /* a dot that is missing is told below */
	good = map_print(job->book, profile, MAP_DOT, job->index, job->counts, to);
	good = fclose(to) == 0 && good;
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0 || !good)
		return cmd_fault(WIFEXITED(status) && WEXITSTATUS(status) == 127
		                         ? "there is no dot; install graphviz, or use --dot or --mermaid"
		                         : "dot could not draw it");
	return CMD_OK;
}

static enum cmd_exit map(struct job *job, const struct config *config)
{
	static const char *const pictures[] = {"<?xml", "<svg"};

	if (job->svg && files_look(job->svg, pictures, 2) == FILES_OTHER)
		return cmd_fault("%s is there already and no picture; name another file", job->svg);
	if (!load(job, config))
		return CMD_FAULT;
	if (!read_counts(job, config))
		return cmd_fault("reading %s failed", config->store_path);
	if (job->svg)
		return draw(job, &config->profile);
	map_print(job->book, &config->profile, job->mermaid ? MAP_MERMAID : MAP_DOT, job->index, job->counts,
	          stdout);
	return fflush(stdout) == 0 ? CMD_OK : cmd_fault("writing failed");
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	bool dot = false;
	struct job job = {0};
	const struct cmd_option options[] = {
		{"dot", 0, &dot, NULL},       {"mermaid", 0, &job.mermaid, NULL},
		{"svg", 0, NULL, &job.svg},   {"language", 'l', NULL, &job.language},
		{"days", 0, NULL, &job.days}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_map, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != 1)
		return cmd_misused(&cmd_map, "name one menu file");
	if (dot + job.mermaid + (job.svg != NULL) > 1)
		return cmd_misused(&cmd_map, "--dot, --mermaid and --svg are one too many");
	if (job.days && (strspn(job.days, "0123456789") != strlen(job.days) || strlen(job.days) > 5))
		return cmd_misused(&cmd_map, "--days wants a number");
	job.path = argv[1];
	config = cmd_config(ctx);
	if (config)
		result = map(&job, config);
	book_unref(job.book);
	free(job.counts);
	config_free(config);
	return result;
}

const struct cmd cmd_map = {
	.name = "map",
	.args = "FILE [--dot | --mermaid | --svg OUT] [--language CODE] [--days N]",
	.summary = "Draw the screens of a menu and the ways between them",
	.help = "  FILE             the menu file\n"
		"  --dot            for Graphviz, to stdout (without any option)\n"
		"  --mermaid        for Mermaid, as Markdown pages draw it\n"
		"  --svg OUT        a finished picture in the file OUT; needs Graphviz\n"
		"  --language CODE  texts in this language instead of the first\n"
		"  --days N         counts of the last N days; all without it\n"
		"When the configuration's store is there, each screen shows how many came, how many left "
		"and\n"
		"why (cancelled, network, app slow, ours), bad answers, and the median time to an answer.\n",
	.run = run,
};
