/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile.conf: fields and the rule of registration.
 *
 * Invariant: every field that comes out has a name that is safe as an SQL column and is neither a system column
 * nor there twice; every required name is a field. Storage relies on it.
 */
#include "gateway/config_profile.h"

#include <string.h>

#include "core/nearest.h"
#include "gateway/config_read.h"

/* Column names of the store's own table and words that SQL keeps for itself; compared without case. */
static const char *const reserved[] = {
	"id",
	"rowid",
	"oid",
	"all",
	"alter",
	"and",
	"as",
	"between",
	"by",
	"case",
	"check",
	"collate",
	"column",
	"commit",
	"constraint",
	"create",
	"current_date",
	"current_time",
	"current_timestamp",
	"default",
	"delete",
	"desc",
	"distinct",
	"drop",
	"else",
	"escape",
	"except",
	"exists",
	"for",
	"foreign",
	"from",
	"full",
	"group",
	"having",
	"in",
	"index",
	"inner",
	"insert",
	"intersect",
	"into",
	"is",
	"isnull",
	"join",
	"key",
	"left",
	"like",
	"limit",
	"natural",
	"not",
	"notnull",
	"null",
	"offset",
	"on",
	"or",
	"order",
	"outer",
	"primary",
	"references",
	"right",
	"rollback",
	"row",
	"select",
	"set",
	"table",
	"then",
	"to",
	"transaction",
	"trigger",
	"union",
	"unique",
	"update",
	"using",
	"values",
	"view",
	"when",
	"where",
	"with",
	"without",
};

static bool is_reserved(const char *name)
{
	for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
		if (strcmp(reserved[i], name) == 0)
			return true;
	return false;
}

static bool is_word(const char *name, bool capitals)
{
	static const char small[] = "abcdefghijklmnopqrstuvwxyz", large[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	bool begins = *name && (strchr(small, *name) || (capitals && strchr(large, *name)));

	for (const char *at = name; *at; at++)
		if (!strchr(small, *at) && !strchr("0123456789_", *at) && !(capitals && strchr(large, *at)))
			return false;
	return begins;
}

/* RC_OK when the name can be a field of this profile. */
static bool name_is_usable(struct config_reader *r, const config_setting_t *at, const struct profile *p,
                           const char *name)
{
	if (!is_word(name, false))
		config_read_error(r, at, "a lower-case letter, then lower-case letters, digits or _",
		                  "field name \"%s\" cannot be used", name);
	else if (profile_is_system(name))
		config_read_error(r, at, "choose another name; Starhash keeps this one itself",
		                  "field name \"%s\" is a system column", name);
	else if (is_reserved(name))
		config_read_error(r, at, "choose another name, such as one with _ at its end",
		                  "field name \"%s\" is a word of SQL", name);
	else if (profile_field_by_name(p, name) >= 0)
		config_read_error(r, at, "keep one of them", "field \"%s\" is declared twice", name);
	else
		return true;
	return false;
}

static void read_of(struct config_reader *r, const config_setting_t *group, struct profile_field *field)
{
	const config_setting_t *of = config_setting_get_member(group, "of");
	int n = of && config_setting_is_aggregate(of) && !config_setting_is_group(of)
	                ? config_setting_length(of)
	                : 0;

	for (int i = 0; i < n && field->n_of < PROFILE_MAX_OF; i++) {
		const char *word = config_read_word(r, of, i);
		bool again = false;

		if (!word)
			continue;
		for (size_t k = 0; k < field->n_of; k++)
			again = again || strcmp(field->of[k], word) == 0;
		if (again)
			config_read_error(r, of, "keep one of them", "of holds \"%s\" twice", word);
		else if (!*word || strlen(word) >= PROFILE_NAME_SIZE)
			config_read_error(r, of, "1..31 bytes", "value \"%s\" is empty or too long", word);
		else
			strcpy(field->of[field->n_of++], word);
	}
}

static void read_field(struct config_reader *r, const config_setting_t *group, struct profile *p)
{
	struct profile_field field = {0};

	if (!config_setting_is_group(group)) {
		config_read_error(r, group, "write { field = \"...\"; }",
		                  "an entry of profile is not a group");
		return;
	}
	config_read_defaults(r, "profile[]", &field);
	config_read_group(r, group, "profile[]", &field);
	read_of(r, group, &field);
	if (!*field.name || !name_is_usable(r, config_setting_get_member(group, "field"), p, field.name))
		return;
	if (*field.consent && !is_word(field.consent, false)) {
		config_read_error(r, config_setting_get_member(group, "consent"),
		                  "a lower-case letter, then lower-case letters, digits or _",
		                  "purpose \"%s\" cannot be used", field.consent);
		return;
	}
	p->field[p->n_fields++] = field;
}

static void read_required(struct config_reader *r, const config_setting_t *list, struct profile *p)
{
	const char *names[PROFILE_MAX_FIELDS];
	int n = list && config_setting_is_aggregate(list) && !config_setting_is_group(list)
	                ? config_setting_length(list)
	                : 0;

	for (size_t i = 0; i < p->n_fields; i++)
		names[i] = p->field[i].name;
	for (int i = 0; i < n; i++) {
		const char *name = config_read_word(r, list, i), *near;
		char remedy[80] = "declare it in profile, or take it out";
		int field = name ? profile_field_by_name(p, name) : -1;

		if (!name)
			continue;
		if (field >= 0) {
			p->field[field].is_required = true;
			continue;
		}
		near = nearest_word(name, names, p->n_fields);
		if (near)
			snprintf(remedy, sizeof remedy, "did you mean \"%s\"?", near);
		config_read_error(r, config_setting_get_elem(list, (unsigned)i), remedy,
		                  "required names \"%s\", which is no field", name);
	}
}

/* A field that is required but covered by no consent is kept from everybody who answers: allowed, but rarely meant. */
static void warn_uncovered(struct config_reader *r, const struct profile *p)
{
	for (size_t i = 0; i < p->n_fields; i++)
		if (p->field[i].is_private && !*p->field[i].consent)
			findings_add(r->findings, FINDING_WARNING, r->path, 0, 0, "name its consent",
			             "private field \"%s\" is kept without a consent", p->field[i].name);
}

enum rc config_profile_load(const char *path, struct findings *findings, struct profile *out)
{
	struct config_reader r = {
		.table = {options_profile, options_profile_count}, .findings = findings, .path = path};
	size_t errors = findings_errors(findings);
	const config_setting_t *list;
	config_t file;
	enum rc rc;

	memset(out, 0, sizeof *out);
	rc = config_read_open(&r, &file);
	if (rc != RC_OK)
		return rc;
	config_read_group(&r, config_root_setting(&file), "", NULL);
	list = config_lookup(&file, "profile");
	for (int i = 0; list && config_setting_is_list(list) && i < config_setting_length(list) &&
	                out->n_fields < PROFILE_MAX_FIELDS;
	     i++)
		read_field(&r, config_setting_get_elem(list, (unsigned)i), out);
	read_required(&r, config_lookup(&file, "required"), out);
	warn_uncovered(&r, out);
	config_destroy(&file);
	if (r.no_memory)
		return RC_NOMEM;
	return findings_errors(findings) == errors ? RC_OK : RC_SYNTAX;
}
