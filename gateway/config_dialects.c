/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialects of dialects.conf: the blocks, in the order of the file.
 *
 * Invariant: row 0 is "standard", as it is built in or as the file has it; a block is like one that stands
 * above it, so that nothing is like itself.
 */
#include "gateway/config_dialects.h"

#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"
#include "gateway/config_dialects_read.h"
#include "gateway/dialect_keys.h"

struct dialects {
	size_t n;
	struct dialect row[DIALECTS_MAX];
	int line[DIALECTS_MAX]; /* 0 = built in */
};

static size_t index_of(const struct dialects *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->row[i].name, name) == 0)
			return i;
	return d->n;
}

static const char *word_of(const config_setting_t *block, const char *key)
{
	const config_setting_t *s = config_setting_get_member(block, key);

	return s ? config_setting_get_string(s) : NULL;
}

/* What the block is like: a name above it, or "standard". */
static const struct dialect *base_of(struct config_reader *r, const config_setting_t *block,
                                     const struct dialects *d)
{
	const config_setting_t *at = config_setting_get_member(block, "like");
	const char *like = at ? config_setting_get_string(at) : NULL, *near;
	char remedy[80] = "name a dialect that stands above this one, or \"standard\"";
	size_t i;

	if (!at)
		return &d->row[0];
	i = like ? index_of(d, like) : d->n;
	if (i < d->n)
		return &d->row[i];
	near = like ? dialects_nearest(d, like) : NULL;
	if (near)
		snprintf(remedy, sizeof remedy, "did you mean \"%s\"?", near);
	config_read_error(r, at, remedy, "like = \"%.40s\" is not known above this line", like ? like : "");
	return NULL;
}

static bool take_name(struct config_reader *r, const config_setting_t *block, const struct dialects *d)
{
	const char *name = word_of(block, "name");
	const config_setting_t *at = config_setting_get_member(block, "name");
	size_t i;

	if (!at) {
		config_read_error(r, block, "as links[].dialect calls it", "a dialect has no name");
		return false;
	}
	i = name ? index_of(d, name) : d->n;
	if (i == d->n || d->line[i] == 0)
		return true;
	config_read_error(r, at, "give each dialect its own name",
	                  "dialect \"%s\" stands twice (first on line %d)", name, d->line[i]);
	return false;
}

static void read_block(struct config_reader *r, const config_setting_t *block, struct dialects *d)
{
	const struct dialect *base;
	struct dialect fresh;
	size_t i;

	if (!config_setting_is_group(block)) {
		config_read_error(r, block, "write { name = \"...\"; like = \"standard\"; }",
		                  "an entry of dialects is not a group");
		return;
	}
	base = base_of(r, block, d);
	if (!base || !take_name(r, block, d))
		return;
	fresh = *base;
	memset(fresh.about, 0, sizeof fresh.about);
	config_dialect_read(r, block, &fresh);
	config_dialect_check(r, block, &fresh);
	i = index_of(d, fresh.name);
	if (i < d->n && d->line[i] != 0)
		return; /* its own name was refused, and it still has the one that it is like */
	if (i == DIALECTS_MAX) {
		config_read_error(r, block, "take out those that no link names", "more than %d dialects",
		                  DIALECTS_MAX - 1);
		return;
	}
	d->row[i] = fresh;
	d->line[i] = (int)config_setting_source_line(block);
	if (i == d->n)
		d->n++;
}

static void check_top(struct config_reader *r, const config_t *file)
{
	const config_setting_t *root = config_root_setting(file);

	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *s = config_setting_get_elem(root, (unsigned)i);

		if (strcmp(config_setting_name(s), "dialects") != 0)
			config_read_error(r, s, "write dialects = ( { ... }, { ... } );",
			                  "unknown key \"%s\"", config_setting_name(s));
		else if (!config_setting_is_list(s))
			config_read_error(r, s, "write ( { ... }, { ... } )",
			                  "dialects must be a list of groups");
	}
}

static enum rc read_file(struct config_reader *r, struct dialects *d)
{
	const config_setting_t *list;
	config_t file;
	enum rc rc = config_read_open(r, &file);

	if (rc != RC_OK)
		return rc;
	check_top(r, &file);
	list = config_lookup(&file, "dialects");
	for (int i = 0; list && config_setting_is_list(list) && i < config_setting_length(list); i++)
		read_block(r, config_setting_get_elem(list, (unsigned)i), d);
	config_destroy(&file);
	return r->no_memory ? RC_NOMEM : RC_OK;
}

enum rc dialects_load(const char *path, struct findings *findings, struct dialects **out)
{
	struct config_reader r = {.findings = findings, .path = path};
	size_t errors = findings_errors(findings);
	struct dialects *d = calloc(1, sizeof *d);
	enum rc rc = RC_OK;

	if (!d)
		return RC_NOMEM;
	d->row[d->n++] = dialect_standard;
	if (path)
		rc = read_file(&r, d);
	if (rc == RC_OK && findings_errors(findings) > errors)
		rc = RC_SYNTAX;
	if (rc == RC_OK)
		*out = d;
	else
		dialects_free(d);
	return rc;
}

void dialects_free(struct dialects *d)
{
	free(d);
}

const struct dialect *dialects_by_name(const struct dialects *d, const char *name)
{
	size_t i = index_of(d, name);

	return i < d->n ? &d->row[i] : NULL;
}

size_t dialects_count(const struct dialects *d)
{
	return d->n;
}

const struct dialect *dialects_at(const struct dialects *d, size_t i)
{
	return i < d->n ? &d->row[i] : NULL;
}

const char *dialects_nearest(const struct dialects *d, const char *name)
{
	const char *names[DIALECTS_MAX];

	for (size_t i = 0; i < d->n; i++)
		names[i] = d->row[i].name;
	return nearest_word(name, names, d->n);
}
