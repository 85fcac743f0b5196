/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialects for commands: see dialects_found.h. */
#include "tools/dialects_found.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/config.h"
#include "gateway/config_dialects.h"
#include "tools/cmd.h"

static bool load(const char *path, struct dialects_found *out)
{
	struct findings *findings = findings_new();
	enum rc rc = findings ? dialects_load(path, findings, &out->own) : RC_NOMEM;

	if (rc != RC_OK) {
		if (findings)
			findings_print(findings, stderr);
		cmd_fault("%s cannot be used; another file: --dialects FILE",
		          path ? path : "the built-in dialect");
	}
	findings_free(findings);
	out->dialects = out->own;
	return rc == RC_OK;
}

/* The configuration, when there is a good one; what is wrong with it is told by `starhash check`. */
static void try_config(const char *path, struct dialects_found *out)
{
	struct findings *findings = access(path, R_OK) == 0 ? findings_new() : NULL;

	if (findings && config_load(path, findings, &out->config) != RC_OK)
		out->config = NULL;
	findings_free(findings);
	if (out->config)
		out->country = out->config->country;
}

static bool beside(const char *config_path, char *out, size_t size)
{
	const char *slash = strrchr(config_path, '/');
	int folder = slash ? (int)(slash - config_path) + 1 : 0;
	int n = snprintf(out, size, "%.*sdialects.conf", folder, config_path);

	return n > 0 && (size_t)n < size && access(out, R_OK) == 0;
}

bool dialects_find(const char *config_path, const char *path, struct dialects_found *out)
{
	memset(out, 0, sizeof *out);
	try_config(config_path, out);
	if (path) {
		snprintf(out->from, sizeof out->from, "%s", path);
		return load(path, out);
	}
	if (out->config && out->config->dialects) {
		if (out->config->dialects_path && access(out->config->dialects_path, R_OK) == 0)
			snprintf(out->from, sizeof out->from, "%s", out->config->dialects_path);
		out->dialects = out->config->dialects;
		return true;
	}
	if (beside(config_path, out->from, sizeof out->from))
		return load(out->from, out);
	out->from[0] = '\0';
	return load(NULL, out);
}

void dialects_found_fini(struct dialects_found *f)
{
	dialects_free(f->own);
	config_free(f->config);
	memset(f, 0, sizeof *f);
}
