/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading libconfig groups by the option table.
 *
 * Invariant: after config_read_defaults every stored member of a struct is set; config_read_group replaces a value
 * only by one of the row's type and range, so whoever reads the struct needs no checks of his own.
 */
#include "gateway/config_read.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/duration.h"
#include "core/msisdn.h"
#include "core/profile.h"
#include "core/text.h"

#define WHAT_SIZE 400

static const char *file_of(const struct config_reader *r, const config_setting_t *at)
{
	const char *file = at ? config_setting_source_file(at) : NULL;

	return file ? file : r->path;
}

void config_read_error(struct config_reader *r, const config_setting_t *at, const char *remedy,
                       const char *format, ...)
{
	char what[WHAT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	findings_add(r->findings, FINDING_ERROR, file_of(r, at), at ? (int)config_setting_source_line(at) : 0,
	             0, remedy, "%s", what);
}

void config_read_warn(struct config_reader *r, const config_setting_t *at, const char *remedy,
                      const char *what)
{
	findings_add(r->findings, FINDING_WARNING, r->path, at ? (int)config_setting_source_line(at) : 0, 0,
	             remedy, "%s", what);
}

char *config_read_copy(struct config_reader *r, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		r->no_memory = true;
	return copy;
}

char *config_read_path(struct config_reader *r, const char *path)
{
	const char *slash = strrchr(r->path, '/');
	size_t folder = slash && *path != '/' ? (size_t)(slash - r->path) + 1 : 0;
	char *joined = malloc(folder + strlen(path) + 1);

	if (!joined) {
		r->no_memory = true;
		return NULL;
	}
	memcpy(joined, r->path, folder);
	strcpy(joined + folder, path);
	return joined;
}

enum rc config_read_open(struct config_reader *r, config_t *file)
{
	char *folder;

	if (access(r->path, R_OK) != 0) {
		findings_add(r->findings, FINDING_ERROR, r->path, 0, 0, "give its path, or make it readable",
		             "cannot read the file: %s", strerror(errno));
		return RC_NOTFOUND;
	}
	config_init(file);
	folder = config_read_path(r, "");
	config_set_include_dir(file, folder && *folder ? folder : ".");
	free(folder);
	if (config_read_file(file, r->path) == CONFIG_TRUE)
		return RC_OK;
	findings_add(
		r->findings, FINDING_ERROR, config_error_file(file) ? config_error_file(file) : r->path,
		config_error_line(file), 0,
		"look at this line and the one before: a missing ; or a bracket or quote that is not closed",
		"%s", config_error_text(file) ? config_error_text(file) : "cannot be read");
	config_destroy(file);
	return RC_SYNTAX;
}

/* --- storing one value --------------------------------------------------------------------------- */

static void store_text(struct config_reader *r, char **at, char *fresh)
{
	if (!fresh) {
		r->no_memory = true;
		return;
	}
	if (*at)
		explicit_bzero(*at, strlen(*at));
	free(*at);
	*at = fresh;
}

static void store_fixed(char *at, size_t size, const char *text)
{
	memset(at, 0, size);
	memcpy(at, text, strnlen(text, size - 1));
}

static void store_number(const struct option_row *row, void *at, int64_t value)
{
	if (row->type == OPTION_PORT)
		*(uint16_t *)at = (uint16_t)value;
	else if (row->type == OPTION_DURATION)
		*(int64_t *)at = value;
	else
		*(int *)at = (int)value;
}

static void store_words(struct config_reader *r, const struct option_row *row, void *at, const char *text)
{
	if (row->type == OPTION_NAME)
		store_fixed(at, PROFILE_NAME_SIZE, text);
	else if (row->type == OPTION_DIGITS)
		store_fixed(at, sizeof((struct msisdn_plan *)0)->code, text);
	else
		store_text(r, at,
		           row->type == OPTION_PATH ? config_read_path(r, text) : config_read_copy(r, text));
}

void config_read_defaults(struct config_reader *r, const char *group, void *into)
{
	for (size_t i = 0; i < r->table.n; i++) {
		const struct option_row *row = &r->table.row[i];
		void *at = row->at == OPTION_BY_HAND ? into : (char *)into + row->at;
		int64_t ms = 0;

		if (row->at == OPTION_BY_HAND || strcmp(row->group, group) != 0)
			continue;
		switch (row->type) {
		case OPTION_INT:
		case OPTION_PORT:
			store_number(row, at, row->fallback ? atoll(row->fallback) : 0);
			break;
		case OPTION_DURATION:
			if (row->fallback && duration_parse(row->fallback, &ms) == RC_OK)
				store_number(row, at, ms);
			break;
		case OPTION_BOOL:
			*(bool *)at = row->fallback && strcmp(row->fallback, "true") == 0;
			break;
		default:
			store_words(r, row, at, row->fallback ? row->fallback : "");
		}
	}
}

/* --- reading one value ---------------------------------------------------------------------------- */

/* "links[].window" without the brackets that say nothing to a reader: "links.window". */
static const char *key_of(const struct option_row *row, char *out, size_t size)
{
	size_t n = strcspn(row->group, "[");

	snprintf(out, size, "%.*s%s%s", (int)n, row->group, n ? "." : "", row->name);
	return out;
}

static void wrong_type(struct config_reader *r, const struct option_row *row, const config_setting_t *s,
                       const char *wanted)
{
	char key[80], remedy[OPTION_RANGE_SIZE + 20], range[OPTION_RANGE_SIZE];

	snprintf(remedy, sizeof remedy, "give %s", option_range(row, range));
	config_read_error(r, s, *range ? remedy : NULL, "%s must be %s", key_of(row, key, sizeof key),
	                  wanted);
}

static void read_number(struct config_reader *r, const struct option_row *row, const config_setting_t *s,
                        void *at)
{
	char key[80], remedy[OPTION_RANGE_SIZE + 20], range[OPTION_RANGE_SIZE];
	long long value;

	if (config_setting_type(s) != CONFIG_TYPE_INT && config_setting_type(s) != CONFIG_TYPE_INT64) {
		wrong_type(r, row, s, "a whole number");
		return;
	}
	value = config_setting_get_int64(s);
	if (value >= row->least && value <= row->most) {
		store_number(row, at, value);
		return;
	}
	snprintf(remedy, sizeof remedy, "give %s", option_range(row, range));
	config_read_error(r, s, remedy, "%s = %lld is out of range", key_of(row, key, sizeof key), value);
}

static void read_duration(struct config_reader *r, const struct option_row *row, const config_setting_t *s,
                          void *at)
{
	char key[80], remedy[OPTION_RANGE_SIZE + 60], range[OPTION_RANGE_SIZE];
	const char *text = config_setting_get_string(s);
	int64_t ms = 0;
	enum rc rc;

	snprintf(remedy, sizeof remedy, "give %s, such as \"%s\"", option_range(row, range),
	         row->fallback ? row->fallback : "30s");
	key_of(row, key, sizeof key);
	if (!text) {
		config_read_error(r, s, remedy,
		                  "%s must be a duration in quotes, with a unit (ms, s, m, h, d)", key);
		return;
	}
	rc = duration_parse(text, &ms);
	if (rc == RC_SYNTAX)
		config_read_error(r, s, remedy, "%s = \"%s\" is not a duration (ms, s, m, h, d)", key, text);
	else if (rc != RC_OK || ms < row->least || ms > row->most)
		config_read_error(r, s, remedy, "%s = \"%s\" is out of range", key, text);
	else
		store_number(row, at, ms);
}

static bool is_secret(const struct option_row *row)
{
	return strcmp(row->name, "password") == 0;
}

static void read_text(struct config_reader *r, const struct option_row *row, const config_setting_t *s,
                      void *at)
{
	char key[80], remedy[OPTION_RANGE_SIZE + 20], range[OPTION_RANGE_SIZE];
	const char *text = config_setting_get_string(s);
	size_t len;

	if (!text) {
		wrong_type(r, row, s, "a text in quotes");
		return;
	}
	len = strlen(text);
	snprintf(remedy, sizeof remedy, "give %s", option_range(row, range));
	key_of(row, key, sizeof key);
	if (!text_utf8_valid(text, len))
		config_read_error(r, s, "save the file as UTF-8", "%s is not valid UTF-8", key);
	else if (row->type == OPTION_DIGITS && strspn(text, "0123456789") != len)
		config_read_error(r, s, remedy, "%s = \"%s\" must be digits", key, text);
	else if ((int64_t)len < row->least)
		config_read_error(r, s, remedy, "%s is empty", key);
	else if ((int64_t)len > row->most && is_secret(row))
		config_read_error(r, s, remedy, "%s is too long", key);
	else if ((int64_t)len > row->most)
		config_read_error(r, s, remedy, "%s = \"%s\" is too long", key, text);
	else if (row->at != OPTION_BY_HAND)
		store_words(r, row, at, text);
}

static void read_choice(struct config_reader *r, const struct option_row *row, const config_setting_t *s)
{
	char key[80], remedy[OPTION_RANGE_SIZE + 60], range[OPTION_RANGE_SIZE], near[32];
	const char *text = config_setting_get_string(s);

	key_of(row, key, sizeof key);
	option_range(row, range);
	if (!text) {
		wrong_type(r, row, s, "a text in quotes");
	} else if (option_list_has(row->later, text)) {
		snprintf(remedy, sizeof remedy, "use %s", range);
		config_read_error(r, s, remedy, "%s = \"%s\" is not available yet in this version", key,
		                  text);
	} else if (!option_list_has(row->choices, text)) {
		if (option_list_nearest(row->choices, text, near, sizeof near))
			snprintf(remedy, sizeof remedy, "did you mean \"%s\"?", near);
		else
			snprintf(remedy, sizeof remedy, "use %s", range);
		config_read_error(r, s, remedy, "%s = \"%s\" is not known", key, text);
	}
}

static void check_many(struct config_reader *r, const struct option_row *row, const config_setting_t *s)
{
	char key[80], remedy[80];
	bool right = config_setting_is_list(s) || (row->type == OPTION_WORDS && config_setting_is_array(s));

	key_of(row, key, sizeof key);
	if (!right) {
		config_read_error(r, s,
		                  row->type == OPTION_WORDS ? "write [ \"...\", \"...\" ]"
		                                            : "write ( { ... }, { ... } )",
		                  "%s must be %s", key,
		                  row->type == OPTION_WORDS ? "an array of texts" : "a list of groups");
	} else if (config_setting_length(s) > row->most) {
		snprintf(remedy, sizeof remedy, "at most %d", (int)row->most);
		config_read_error(r, s, remedy, "%s has too many entries", key);
	}
}

static void read_one(struct config_reader *r, const struct option_row *row, const config_setting_t *s,
                     void *into)
{
	/* Nothing is stored through it for a row that is read by hand. */
	void *at = row->at == OPTION_BY_HAND ? into : (char *)into + row->at;

	switch (row->type) {
	case OPTION_INT:
	case OPTION_PORT:
		read_number(r, row, s, at);
		break;
	case OPTION_DURATION:
		read_duration(r, row, s, at);
		break;
	case OPTION_BOOL:
		if (config_setting_type(s) == CONFIG_TYPE_BOOL)
			*(bool *)at = config_setting_get_bool(s) != 0;
		else
			wrong_type(r, row, s, "true or false without quotes");
		break;
	case OPTION_TEXT:
	case OPTION_PATH:
	case OPTION_NAME:
	case OPTION_DIGITS:
		read_text(r, row, s, at);
		break;
	case OPTION_CHOICE:
		read_choice(r, row, s);
		break;
	case OPTION_WORDS:
	case OPTION_GROUPS:
		check_many(r, row, s);
		break;
	case OPTION_PAIR:
		if ((!config_setting_is_array(s) && !config_setting_is_list(s)) ||
		    config_setting_length(s) != 2)
			wrong_type(r, row, s, "an array of two: [ least, most ]");
		break;
	case OPTION_GROUP:
		if (!config_setting_is_group(s))
			wrong_type(r, row, s, "a group: { ... }");
		break;
	}
}

static void unknown_key(struct config_reader *r, const config_setting_t *s, const char *group)
{
	const char *name = config_setting_name(s);
	const char *near = option_nearest(&r->table, group, name);
	char remedy[100];
	size_t n = strcspn(group, "[");

	if (near)
		snprintf(remedy, sizeof remedy, "did you mean \"%s\"?", near);
	config_read_error(r, s, near ? remedy : NULL, "unknown key \"%s\"%s%.*s", name, n ? " in " : "",
	                  (int)n, group);
}

static void check_missing(struct config_reader *r, const config_setting_t *group_setting, const char *group)
{
	for (size_t i = 0; i < r->table.n; i++) {
		const struct option_row *row = &r->table.row[i];
		char key[80];

		if (row->fallback || strcmp(row->group, group) != 0 ||
		    config_setting_get_member(group_setting, row->name))
			continue;
		config_read_error(r, group_setting, row->help, "%s is missing", key_of(row, key, sizeof key));
	}
}

void config_read_group(struct config_reader *r, const config_setting_t *setting, const char *group,
                       void *into)
{
	if (!setting || !config_setting_is_group(setting))
		return;
	for (int i = 0; i < config_setting_length(setting); i++) {
		const config_setting_t *s = config_setting_get_elem(setting, (unsigned)i);
		const struct option_row *row = option_by_name(&r->table, group, config_setting_name(s));

		if (row)
			read_one(r, row, s, into);
		else
			unknown_key(r, s, group);
	}
	check_missing(r, setting, group);
}

const char *config_read_word(struct config_reader *r, const config_setting_t *setting, int i)
{
	const config_setting_t *s = config_setting_get_elem(setting, (unsigned)i);
	const char *text = config_setting_get_string(s);

	if (!text)
		config_read_error(r, s, "write it in quotes", "%s holds something that is not a text",
		                  config_setting_name(setting));
	else if (!text_utf8_valid(text, strlen(text)))
		config_read_error(r, s, "save the file as UTF-8", "%s holds a text that is not valid UTF-8",
		                  config_setting_name(setting));
	else
		return text;
	return NULL;
}
