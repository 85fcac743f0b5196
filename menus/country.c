/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Country: reading a profile of reserved codes and words (country.h). */
#include "menus/country.h"

#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"
#include "core/duration.h"
#include "core/nearest.h"
#include "menus/book_source.h"

#define GRACE_MOST_MS (INT64_C(3650) * 24 * 60 * 60 * 1000)

struct reader {
	const char *path;
	struct findings *findings;
};

static void fault(struct reader *r, const config_setting_t *at, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void fault(struct reader *r, const config_setting_t *at, const char *remedy, const char *format, ...)
{
	char what[300];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	findings_add(r->findings, FINDING_ERROR, r->path,
	             at == NULL ? 0 : (int)config_setting_source_line(at), 0, remedy, "%s", what);
}

static void check_keys(struct reader *r, const config_setting_t *group, const char *const *keys, size_t n)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(member), *near = nearest_word(name, keys, n);
		char remedy[80] = "take it out";
		size_t k = 0;

		while (k < n && strcmp(keys[k], name) != 0)
			k++;
		if (near != NULL)
			snprintf(remedy, sizeof(remedy), "did you mean \"%s\"?", near);
		if (k == n)
			fault(r, member, remedy, "unknown key \"%s\"", name);
	}
}

/* A text member of 1..size-1 bytes into `out`; "" stays when it is not there and need not be. */
static void read_text(struct reader *r, const config_setting_t *group, const char *key, bool is_required,
                      char *out, size_t size)
{
	const config_setting_t *at = config_setting_get_member(group, key);
	const char *text = at == NULL ? NULL : config_setting_get_string(at);
	char remedy[80];

	snprintf(remedy, sizeof(remedy), "write %s = \"...\"; with at most %zu letters", key, size - 1);
	if (at == NULL && !is_required)
		return;
	if (text == NULL || *text == '\0' || strlen(text) >= size)
		fault(r, at == NULL ? group : at, remedy,
		      at == NULL ? "\"%s\" is missing" : "\"%s\" is wrong", key);
	else
		snprintf(out, size, "%s", text);
}

static void read_uses(struct reader *r, const config_setting_t *group, struct country_entry *e)
{
	const config_setting_t *at = config_setting_get_member(group, "use");
	int n = at != NULL && config_setting_is_array(at) ? config_setting_length(at) : 0;

	if (n < 1 || n > COUNTRY_MAX_USES) {
		fault(r, at == NULL ? group : at,
		      "write use = [ \"balance\" ]; with 1 to 8 names of services that may have it",
		      "\"use\" is missing or wrong");
		return;
	}
	for (int i = 0; i < n; i++) {
		const char *name = config_setting_get_string_elem(at, i);

		if (name == NULL || *name == '\0' || strlen(name) >= sizeof(e->use[0])) {
			fault(r, at, "write names of at most 31 letters in quotes",
			      "\"use\" holds something else");
			return;
		}
		snprintf(e->use[e->n_uses++], sizeof(e->use[0]), "%s", name);
	}
}

static void read_entry(struct reader *r, const config_setting_t *group, bool is_code, struct country_entry *e)
{
	const char *const keys[] = {is_code ? "code" : "word", "for", "use", "source"};

	if (!config_setting_is_group(group)) {
		fault(r, group,
		      is_code ? "write { code = \"310\"; for = \"balance\"; use = [ \"balance\" ]; }"
		              : "write { word = \"RECHARGE\"; for = \"top-up\"; use = [ \"topup\" ]; }",
		      "this is no group in braces { }");
		return;
	}
	check_keys(r, group, keys, sizeof(keys) / sizeof(keys[0]));
	read_text(r, group, keys[0], true, e->what, sizeof(e->what));
	read_text(r, group, "for", true, e->meaning, sizeof(e->meaning));
	read_text(r, group, "source", false, e->source, sizeof(e->source));
	read_uses(r, group, e);
	if (is_code && strspn(e->what, "0123456789") != strlen(e->what))
		fault(r, group, "write the digits alone: \"310\" for *310#", "the code \"%s\" is not digits",
		      e->what);
}

static size_t read_entries(struct reader *r, const config_setting_t *list, bool is_code,
                           struct country_entry *out)
{
	int n = list == NULL ? 0 : config_setting_length(list);

	if (list != NULL && !config_setting_is_list(list) && n == 0)
		fault(r, list, "write ( { ... }, { ... } )", "\"%s\" must be a list",
		      config_setting_name(list));
	if (n > COUNTRY_MAX_ENTRIES) {
		fault(r, list, "keep the ones that menus could meet", "\"%s\" has more than %d entries",
		      config_setting_name(list), COUNTRY_MAX_ENTRIES);
		n = COUNTRY_MAX_ENTRIES;
	}
	for (int i = 0; i < n; i++)
		read_entry(r, config_setting_get_elem(list, (unsigned)i), is_code, &out[i]);
	return (size_t)n;
}

static const char *identity_text(struct reader *r, const config_setting_t *group, const char *key,
                                 const char *remedy)
{
	const config_setting_t *at = config_setting_get_member(group, key);

	if (at != NULL && config_setting_get_string(at) == NULL)
		fault(r, at, remedy, "\"%s\" is wrong", key);
	return at == NULL ? NULL : config_setting_get_string(at);
}

static void read_identity(struct reader *r, const config_setting_t *group, struct country *out)
{
	static const char *const keys[] = {"anonymous", "grace", "since"};
	static const char day[] = "write a day: since = \"2026-12-01\";",
			  time[] = "write a time from 0s to 3650d: grace = \"30d\";";
	const config_setting_t *at;
	const char *text;

	if (group == NULL)
		return;
	if (!config_setting_is_group(group)) {
		fault(r, group, "write { anonymous = false; grace = \"30d\"; }", "\"identity\" is no group");
		return;
	}
	check_keys(r, group, keys, sizeof(keys) / sizeof(keys[0]));
	at = config_setting_get_member(group, "anonymous");
	out->identity.has_anonymous = at != NULL;
	if (at != NULL && config_setting_type(at) != CONFIG_TYPE_BOOL)
		fault(r, at, "write true or false without quotes", "\"anonymous\" is wrong");
	else if (at != NULL)
		out->identity.anonymous = config_setting_get_bool(at) != 0;
	text = identity_text(r, group, "grace", time);
	out->identity.has_grace = text != NULL;
	if (text != NULL && (duration_parse(text, &out->identity.grace_ms) != RC_OK ||
	                     out->identity.grace_ms < 0 || out->identity.grace_ms > GRACE_MOST_MS))
		fault(r, config_setting_get_member(group, "grace"), time, "\"grace\" is wrong");
	text = identity_text(r, group, "since", day);
	out->identity.has_since = text != NULL;
	if (text != NULL && clock_utc_parse(text, &out->identity.since_ms) != RC_OK)
		fault(r, config_setting_get_member(group, "since"), day, "\"since\" is wrong");
}

static void read_profile(struct reader *r, const char *text, struct country *out)
{
	static const char *const keys[] = {"name", "codes", "words", "identity"};
	config_t file;

	config_init(&file);
	if (config_read_string(&file, text) != CONFIG_TRUE) {
		findings_add(r->findings, FINDING_ERROR, r->path, config_error_line(&file), 0,
		             "look for a missing ; or \" on this line and the one before", "%s",
		             config_error_text(&file));
	} else {
		const config_setting_t *root = config_root_setting(&file);

		check_keys(r, root, keys, sizeof(keys) / sizeof(keys[0]));
		read_text(r, root, "name", true, out->name, sizeof(out->name));
		out->n_codes = read_entries(r, config_setting_get_member(root, "codes"), true, out->code);
		out->n_words = read_entries(r, config_setting_get_member(root, "words"), false, out->word);
		read_identity(r, config_setting_get_member(root, "identity"), out);
	}
	config_destroy(&file);
}

enum rc country_load(const char *path, struct findings *findings, struct country *out)
{
	struct reader r = {.path = path, .findings = findings};
	size_t before = findings_errors(findings);
	struct book_source source;
	char *text = NULL;
	enum rc rc;

	memset(out, 0, sizeof(*out));
	book_source_init(&source, path, findings);
	rc = book_source_read(&source, path, &text);
	if (rc == RC_OK)
		rc = book_source_look(&source, path, text);
	if (rc == RC_OK && strstr(text, "@include") != NULL)
		fault(&r, NULL, "put all into this file", "a country profile includes no other files");
	else if (rc == RC_OK)
		read_profile(&r, text, out);
	free(text);
	if (rc == RC_OK && findings_errors(findings) > before)
		rc = RC_SYNTAX;
	return rc == RC_OK || rc == RC_NOTFOUND ? rc : RC_SYNTAX;
}

static const struct country_entry *find(const struct country_entry *entry, size_t n, const char *what)
{
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(entry[i].what, what) == 0)
			return &entry[i];
	}
	return NULL;
}

const struct country_entry *country_by_code(const struct country *c, const char *digits)
{
	return find(c->code, c->n_codes, digits);
}

const struct country_entry *country_by_word(const struct country *c, const char *word)
{
	return find(c->word, c->n_words, word);
}

bool country_is_use(const struct country_entry *e, const char *name)
{
	for (size_t i = 0; i < e->n_uses; i++) {
		if (strcasecmp(e->use[i], name) == 0)
			return true;
	}
	return false;
}
