/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import JSON: see import_json.h. */
#include "tools/import_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"

#define NUMBERS_MAX 128 /* numbers of one row that are written as texts */

struct import_json {
	json_t *root;
	size_t n_numbers;
	char number[NUMBERS_MAX][40];
};

/* What an export says beside what an import takes. */
static const char *const passed_over[] = {"registered", "erased",   "provenance",    "known",
                                          "bundles",    "refusals", "relations",     "numbers",
                                          "changes",    "notices",  "verifications", "interactions",
                                          "daemon",     "dialogue", "balance",       NULL};

struct import_json *import_json_new(void)
{
	return calloc(1, sizeof(struct import_json));
}

void import_json_free(struct import_json *j)
{
	if (!j)
		return;
	json_decref(j->root);
	free(j);
}

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* A text, a number as text, true or false as such; null is NULL. */
static const char *text_of(struct import_json *j, struct import_row *r, const char *name, const json_t *value)
{
	char *number;

	switch (json_typeof(value)) {
	case JSON_STRING:
		return json_string_value(value);
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		return NULL;
	case JSON_INTEGER:
	case JSON_REAL:
		if (j->n_numbers == NUMBERS_MAX) {
			import_row_fault(r, "%s: more than %d numbers in one row; write them in quotes", name,
			                 NUMBERS_MAX);
			return NULL;
		}
		number = j->number[j->n_numbers++];
		if (json_is_integer(value))
			(void)snprintf(number, sizeof j->number[0], "%" PRId64,
			               (int64_t)json_integer_value(value));
		else
			(void)snprintf(number, sizeof j->number[0], "%.15g", json_real_value(value));
		return number;
	default:
		import_row_fault(r, "%s: is a list or an object; a text is wanted", name);
		return NULL;
	}
}

static void unknown(struct import_row *r, const char *where, const char *key, const char *const *names,
                    size_t n)
{
	const char *near = nearest_word(key, names, n);

	import_row_fault(r, "unknown key \"%.40s\"%s%s%s%s%s", key, *where ? " in " : "", where,
	                 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static size_t count(const char *const *names)
{
	size_t n = 0;

	while (names[n])
		n++;
	return n;
}

static void read_profile(struct import_json *j, struct import_row *r, json_t *object)
{
	const struct profile *p = r->plan->profile;
	const char *names[PROFILE_MAX_FIELDS], *key;
	json_t *value;

	if (!json_is_object(object)) {
		import_row_fault(r, "profile: write an object, such as {\"town\":\"Kisumu\"}");
		return;
	}
	json_object_foreach(object, key, value)
	{
		int field = profile_field_by_name(p, key);

		if (field >= 0) {
			r->value[field] = text_of(j, r, key, value);
		} else if (!json_is_null(value)) {
			for (size_t i = 0; i < p->n_fields; i++)
				names[i] = p->field[i].name;
			unknown(r, "profile", key, names, p->n_fields);
		}
	}
}

static void read_consent(struct import_json *j, struct import_row *r, json_t *object)
{
	struct import_consent *c = &r->consent[r->n_consents];
	const char *key;
	json_t *value;

	(void)snprintf(c->where, sizeof c->where, "consents[%zu]", r->n_consents);
	r->n_consents++;
	if (!json_is_object(object)) {
		import_row_fault(r, "%s: write an object", c->where);
		return;
	}
	json_object_foreach(object, key, value)
	{
		const char **at = strcmp(key, "purpose") == 0 ? &c->purpose
		                  : strcmp(key, "text") == 0  ? &c->words
		                                              : import_consent_part(c, key);

		if (at)
			*at = text_of(j, r, c->where, value);
		else if (strcmp(key, "source") != 0 && strcmp(key, "expires") != 0)
			unknown(r, c->where, key, import_consent_names, count(import_consent_names));
	}
}

static void read_grant(struct import_json *j, struct import_row *r, json_t *object)
{
	static const char *const names[] = {"bundle", "key", "gives", "state", "at", "expires", NULL};
	struct import_gift *g = &r->grant[r->n_grants];
	const char **const at[] = {&g->bundle, &g->key, &g->gives, &g->state, &g->at, &g->expires};
	char where[32];
	const char *key;
	json_t *value;

	(void)snprintf(where, sizeof where, "grants[%zu]", r->n_grants);
	r->n_grants++;
	if (!json_is_object(object)) {
		import_row_fault(r, "%s: write an object", where);
		return;
	}
	json_object_foreach(object, key, value)
	{
		size_t i = 0;

		while (names[i] && strcmp(names[i], key) != 0)
			i++;
		if (names[i])
			*at[i] = text_of(j, r, where, value);
	}
}

static void read_list(struct import_json *j, struct import_row *r, const char *name, json_t *list, size_t max,
                      void (*read)(struct import_json *, struct import_row *, json_t *))
{
	size_t n = json_array_size(list);

	if (!json_is_array(list))
		import_row_fault(r, "%s: write a list", name);
	else if (n > max)
		import_row_fault(r, "%s: more than %zu", name, max);
	for (size_t i = 0; i < n && r->why[0] == '\0'; i++)
		read(j, r, json_array_get(list, i));
}

static void read_key(struct import_json *j, struct import_row *r, const char *key, json_t *value)
{
	const char **at = import_row_system(r, key);
	const char *names[16];
	size_t n = 0;

	if (at) {
		*at = text_of(j, r, key, value);
	} else if (json_is_null(value) || key[0] == '_' || is_one_of(key, passed_over)) {
		return;
	} else if (strcmp(key, "profile") == 0) {
		read_profile(j, r, value);
	} else if (strcmp(key, "consents") == 0) {
		read_list(j, r, key, value, IMPORT_CONSENTS_MAX, read_consent);
	} else if (strcmp(key, "grants") == 0) {
		read_list(j, r, key, value, IMPORT_GRANTS_MAX, read_grant);
	} else {
		for (; import_system_names[n]; n++)
			names[n] = import_system_names[n];
		names[n++] = "profile";
		names[n++] = "consents";
		names[n++] = "grants";
		unknown(r, "", key, names, n);
	}
}

void import_json_read(struct import_json *j, const struct import_record *record, struct import_row *r)
{
	size_t skip =
		record->line == 1 && record->len >= 3 && memcmp(record->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	json_error_t error;
	const char *key;
	json_t *value;

	import_row_reset(r);
	json_decref(j->root);
	j->n_numbers = 0;
	j->root = json_loadb(record->text + skip, record->len - skip, JSON_REJECT_DUPLICATES, &error);
	if (!j->root) {
		import_row_fault(r, "column %d: not JSON: %.100s", error.column > 0 ? error.column : 1,
		                 json_error_code(&error) == json_error_invalid_utf8 ? "not UTF-8"
		                                                                    : "cannot be read here");
		return;
	}
	if (!json_is_object(j->root)) {
		import_row_fault(r, "a line holds one object, such as {\"msisdn\":\"254700000001\"}");
		return;
	}
	json_object_foreach(j->root, key, value) read_key(j, r, key, value);
}
