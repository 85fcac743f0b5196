/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The daemon's JSON for people: see cmd_json.h. */
#include "tools/cmd_json.h"

#include <string.h>

#include "core/findings.h"

static void print_value(const char *path, const json_t *value);

static void print_object(const char *path, const json_t *object)
{
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)object, key, member)
	{
		char longer[200];

		snprintf(longer, sizeof longer, "%s%s%s", path, *path ? "." : "", key);
		print_value(longer, member);
	}
}

/* What is wrong with a file reads as it does in starhash check. */
bool cmd_json_finding(const json_t *entry)
{
	const char *level = json_string_value(json_object_get(entry, "level"));
	const char *file = json_string_value(json_object_get(entry, "file"));
	const char *what = json_string_value(json_object_get(entry, "what"));
	struct findings *one;

	if (!level || !file || !what)
		return false;
	one = findings_new();
	if (!one)
		return false;
	findings_add(one, strcmp(level, "error") == 0 ? FINDING_ERROR : FINDING_WARNING, file,
	             (int)json_integer_value(json_object_get(entry, "line")),
	             (int)json_integer_value(json_object_get(entry, "rule")),
	             json_string_value(json_object_get(entry, "remedy")), "%s", what);
	findings_print(one, stdout);
	findings_free(one);
	return true;
}

/* An entry of an array goes by its own name where it has one: links.smsc-a.state. */
static void print_array(const char *path, const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *entry = json_array_get(array, i);
		const char *name = json_string_value(json_object_get(entry, "name"));
		char longer[200], number[24];

		if (cmd_json_finding(entry))
			continue;
		snprintf(number, sizeof number, "%zu", i);
		snprintf(longer, sizeof longer, "%s.%s", path, name ? name : number);
		print_value(longer, entry);
	}
}

static void print_value(const char *path, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		print_object(path, value);
		break;
	case JSON_ARRAY:
		print_array(path, value);
		break;
	case JSON_STRING:
		printf("%-36s %s\n", path, json_string_value(value));
		break;
	case JSON_INTEGER:
		if (json_integer_value(value) != 0)
			printf("%-36s %" JSON_INTEGER_FORMAT "\n", path, json_integer_value(value));
		break;
	case JSON_REAL:
		printf("%-36s %g\n", path, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		printf("%-36s %s\n", path, json_is_true(value) ? "yes" : "no");
		break;
	case JSON_NULL:
		printf("%-36s -\n", path);
		break;
	}
}

void cmd_json_print(const json_t *o)
{
	print_value("", o);
}

static const json_t *find(const json_t *o, const char *path)
{
	char key[40];

	while (o) {
		size_t n = strcspn(path, ".");

		snprintf(key, sizeof key, "%.*s", (int)n, path);
		o = json_object_get(o, key);
		if (path[n] == '\0')
			break;
		path += n + 1;
	}
	return o;
}

const char *cmd_json_text(const json_t *o, const char *path)
{
	const char *text = json_string_value(find(o, path));

	return text ? text : "";
}

json_int_t cmd_json_number(const json_t *o, const char *path)
{
	return json_integer_value(find(o, path));
}

enum cmd_exit cmd_json_dump(const json_t *o)
{
	return json_dumpf(o, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF ? CMD_OK
	                                                                        : cmd_fault("writing failed");
}
