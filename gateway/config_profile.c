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
	else if (config_profile_is_reserved(name))
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

/* Two numbers, or of dates two days; false after a finding, or when there is nothing to read. */
static bool read_pair(struct config_reader *r, const config_setting_t *s, bool dates, int64_t *least,
                      int64_t *most)
{
	int64_t two[2];

	if (!s || config_setting_is_group(s) || !config_setting_is_aggregate(s) ||
	    config_setting_length(s) != 2)
		return false; /* said by the table's check */
	for (int i = 0; i < 2; i++) {
		const config_setting_t *at = config_setting_get_elem(s, (unsigned)i);
		const char *text = config_setting_get_string(at);
		int type = config_setting_type(at);

		two[i] = dates ? (text ? profile_date(text) : 0) : config_setting_get_int64(at);
		if (dates ? two[i] == 0 : type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) {
			config_read_error(
				r, s, dates ? "write [ \"1900-01-01\", \"2015-12-31\" ]" : "write [ 1, 40 ]",
				"%s must be two %s", config_setting_name(s),
				dates ? "dates" : "whole numbers");
			return false;
		}
	}
	if (two[0] > two[1]) {
		config_read_error(r, s, "the lesser one first", "%s holds nothing", config_setting_name(s));
		return false;
	}
	*least = two[0];
	*most = two[1];
	return true;
}

static void read_bounds(struct config_reader *r, const config_setting_t *group, struct profile_field *f)
{
	const config_setting_t *length = config_setting_get_member(group, "length"),
			       *range = config_setting_get_member(group, "range");
	bool words = f->kind == PROFILE_TEXT || f->kind == PROFILE_PLACE;
	int64_t least, most;

	if (length && (!words || f->n_of > 0))
		config_read_error(r, length, words ? "take length out" : "take it out, or give range",
		                  words ? "length says nothing beside of" : "length is for texts and places");
	else if (read_pair(r, length, false, &least, &most)) {
		if (least < 1 || most > PROFILE_VALUE_MAX) {
			config_read_error(r, length, "give two of 1..160 characters",
			                  "length is out of range");
			return;
		}
		f->has_length = true;
		f->length_least = (uint16_t)least;
		f->length_most = (uint16_t)most;
	}
	if (range && (words || f->n_of > 0))
		config_read_error(r, range, words ? "take it out, or give length" : "take range out",
		                  words ? "range is for numbers and dates" : "range says nothing beside of");
	else
		f->has_range = read_pair(r, range, f->kind == PROFILE_DATE, &f->range_least, &f->range_most);
}

/* Each of the few values must itself be one of the kind; of several, none may hold the comma that stands between them. */
static void judge_of(struct config_reader *r, const config_setting_t *group, struct profile_field *f)
{
	const config_setting_t *of = config_setting_get_member(group, "of");
	struct profile_field any = {.kind = f->kind};
	char remedy[PROFILE_WHY_SIZE];

	for (size_t i = 0; i < f->n_of; i++) {
		if (f->several && strchr(f->of[i], ','))
			config_read_error(r, of,
			                  "write it without a comma: commas stand between several values",
			                  "\"%s\" cannot be one of several", f->of[i]);
		else if (!profile_check(&any, f->of[i], remedy, sizeof remedy))
			config_read_error(r, of, remedy, "\"%s\" is no %s", f->of[i],
			                  profile_kind_name(f->kind));
	}
	if (f->several && f->n_of == 0)
		config_read_error(r, group, "name the values in of", "several needs of");
}

static void read_kind(struct config_reader *r, const config_setting_t *group, struct profile_field *f)
{
	const char *name = NULL;

	config_setting_lookup_string(group, "kind", &name);
	for (int k = PROFILE_TEXT; name && k <= PROFILE_PLACE; k++)
		if (strcmp(name, profile_kind_name((enum profile_kind)k)) == 0)
			f->kind = (enum profile_kind)k;
	read_of(r, group, f);
	judge_of(r, group, f);
	read_bounds(r, group, f);
}

static bool purpose_is_known(struct config_reader *r, const config_setting_t *at, const struct profile *p,
                             const char *purpose)
{
	char remedy[80] = "declare it in purposes, or take it out";
	const char *near;

	if (profile_takes_purpose(p, purpose))
		return true;
	near = profile_nearest_purpose(p, purpose);
	if (near)
		snprintf(remedy, sizeof remedy, "did you mean \"%s\"?", near);
	config_read_error(r, at, remedy, "purpose \"%s\" is not declared in purposes", purpose);
	return false;
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
	read_kind(r, group, &field);
	if (!*field.name || !name_is_usable(r, config_setting_get_member(group, "field"), p, field.name))
		return;
	if (*field.consent && !is_word(field.consent, false)) {
		config_read_error(r, config_setting_get_member(group, "consent"),
		                  "a lower-case letter, then lower-case letters, digits or _",
		                  "purpose \"%s\" cannot be used", field.consent);
		return;
	}
	if (*field.consent &&
	    !purpose_is_known(r, config_setting_get_member(group, "consent"), p, field.consent))
		return;
	p->field[p->n_fields++] = field;
}

static void read_purpose(struct config_reader *r, const config_setting_t *group, struct profile *p)
{
	struct profile_purpose purpose = {0};

	if (!config_setting_is_group(group)) {
		config_read_error(r, group, "write { purpose = \"...\"; }",
		                  "an entry of purposes is not a group");
		return;
	}
	config_read_defaults(r, "purposes[]", &purpose);
	config_read_group(r, group, "purposes[]", &purpose);
	if (!*purpose.name)
		return; /* said already */
	if (!is_word(purpose.name, false))
		config_read_error(r, config_setting_get_member(group, "purpose"),
		                  "a lower-case letter, then lower-case letters, digits or _",
		                  "purpose \"%s\" cannot be used", purpose.name);
	else if (profile_purpose_by_name(p, purpose.name))
		config_read_error(r, group, "keep one of them", "purpose \"%s\" is declared twice",
		                  purpose.name);
	else
		p->purpose[p->n_purposes++] = purpose;
}

/* What is to be destroyed must be named twice, so to speak: taken out of profile, and named here. */
static void read_forget(struct config_reader *r, const config_setting_t *list, struct profile *p)
{
	int n = list && config_setting_is_aggregate(list) && !config_setting_is_group(list)
	                ? config_setting_length(list)
	                : 0;

	for (int i = 0; i < n && p->n_forget < PROFILE_MAX_FIELDS; i++) {
		const config_setting_t *at = config_setting_get_elem(list, (unsigned)i);
		const char *name = config_read_word(r, list, i);

		if (!name)
			continue;
		if (profile_field_by_name(p, name) >= 0)
			config_read_error(r, at, "take it out of profile, or out of forget",
			                  "forget names \"%s\", which is still a field", name);
		else if (!is_word(name, false) || strlen(name) >= PROFILE_NAME_SIZE)
			config_read_error(r, at, "name a field as profile had it",
			                  "forget names \"%s\", which can be no field", name);
		else
			strcpy(p->forget[p->n_forget++], name);
	}
}

/* Whoever says STOP would be registered no more, and what registration earns would hang on marketing. */
static void check_required(struct config_reader *r, const config_setting_t *list, const struct profile *p)
{
	for (size_t i = 0; i < p->n_fields; i++)
		if (p->field[i].is_required && profile_is_marketing(p, p->field[i].consent))
			config_read_error(r, list,
			                  "name a purpose without marketing, or take it out of required",
			                  "required field \"%s\" hangs on the consent to marketing \"%s\"",
			                  p->field[i].name, p->field[i].consent);
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
	list = config_lookup(&file, "purposes");
	for (int i = 0; list && config_setting_is_list(list) && i < config_setting_length(list) &&
	                out->n_purposes < PROFILE_MAX_PURPOSES;
	     i++)
		read_purpose(&r, config_setting_get_elem(list, (unsigned)i), out);
	list = config_lookup(&file, "profile");
	for (int i = 0; list && config_setting_is_list(list) && i < config_setting_length(list) &&
	                out->n_fields < PROFILE_MAX_FIELDS;
	     i++)
		read_field(&r, config_setting_get_elem(list, (unsigned)i), out);
	read_required(&r, config_lookup(&file, "required"), out);
	check_required(&r, config_lookup(&file, "required"), out);
	read_forget(&r, config_lookup(&file, "forget"), out);
	warn_uncovered(&r, out);
	config_destroy(&file);
	if (r.no_memory)
		return RC_NOMEM;
	return findings_errors(findings) == errors ? RC_OK : RC_SYNTAX;
}
