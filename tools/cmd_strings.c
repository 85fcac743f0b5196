/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash strings: the texts of menu files for translators, as gettext .pot or .po. */
#include <string.h>

#include "gateway/services_load.h"
#include "menus/book.h"
#include "menus/po.h"
#include "tools/cmd.h"
#include "tools/strings_po.h"

struct job {
	const struct config *config;
	struct findings *findings;
	struct strings *strings;
	const char *language; /* NULL = template */
	size_t n;
	struct book *book[CONFIG_MAX_SERVICES];
	struct po *po[CONFIG_MAX_SERVICES];
};

static enum rc load(struct job *job, const char *path, struct book **out)
{
	const char *bundles[CONFIG_MAX_BUNDLES];
	struct book_bundle goods[CONFIG_MAX_BUNDLES];
	struct book_env env = {.profile = &job->config->profile,
	                       .n_bundles = job->config->n_bundles,
	                       .bundles = bundles,
	                       .bundle = goods,
	                       .currency = job->config->charging.currency,
	                       .page = (size_t)job->config->page,
	                       .without_translations = true};

	services_bundles(job->config, bundles, goods);
	return book_load(path, &env, job->findings, out);
}

static bool add(struct job *job, const char *path)
{
	size_t i = job->n;
	enum rc rc = load(job, path, &job->book[i]);

	if (rc != RC_OK)
		return false;
	job->n++;
	if (job->language && book_language_by_code(job->book[i], job->language) < 0) {
		findings_add(job->findings, FINDING_ERROR, path, 0, 0, "add it to \"languages\" first",
		             "\"%s\" is not one of the languages of this file", job->language);
		return false;
	}
	/* A .po that is not there yet is what this command is for; a broken one must not be written over. */
	rc = job->language ? po_load(path, job->language, job->findings, &job->po[i]) : RC_NOTFOUND;
	return (rc == RC_OK || rc == RC_NOTFOUND) &&
	       strings_add(job->strings, job->book[i], job->po[i]) == RC_OK;
}

static enum cmd_exit extract(struct job *job, size_t n, char **path)
{
	bool good = true;

	for (size_t i = 0; i < n; i++)
		good = add(job, path[i]) && good;
	if (!good) {
		findings_print(job->findings, stderr);
		return cmd_fault("nothing was written");
	}
	strings_print(job->strings, stdout);
	if (job->language)
		fprintf(stderr, "%zu texts, %zu of them translated\n", strings_count(job->strings),
		        strings_translated(job->strings));
	return fflush(stdout) == 0 ? CMD_OK : cmd_fault("writing failed");
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct job job = {0};
	const struct cmd_option options[] = {{"language", 'l', NULL, &job.language}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_strings, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n == 0 || n > CONFIG_MAX_SERVICES)
		return cmd_misused(&cmd_strings, "name 1 to %d menu files", CONFIG_MAX_SERVICES);
	if (job.language && strchr(job.language, '/'))
		return cmd_misused(&cmd_strings, "\"%s\" is no language", job.language);
	job.config = config = cmd_config(ctx);
	job.findings = findings_new();
	job.strings = strings_new(job.language);
	if (config && job.findings && job.strings)
		result = extract(&job, (size_t)n, argv + 1);
	strings_free(job.strings);
	for (size_t i = 0; i < job.n; i++) {
		book_unref(job.book[i]);
		po_free(job.po[i]);
	}
	findings_free(job.findings);
	config_free(config);
	return result;
}

const struct cmd cmd_strings = {
	.name = "strings",
	.args = "FILE... [--language CODE]",
	.summary = "Extract the texts of menus for translators",
	.help = "  FILE             menu files; their texts come out as one gettext template (.pot)\n"
		"  --language CODE  a .po for this language instead, with the translations that stand\n"
		"                   in the files and in po/CODE.po already; save it as po/CODE.po\n"
		"Each text has the length that fits above it. A later template is merged with msgmerge.\n",
	.run = run,
};
