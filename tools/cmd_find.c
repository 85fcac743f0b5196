/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash find: whose value of a field this is, where only the value is known: somebody stands in a shop without the phone.
 *
 * Only for fields with find = true in profile.conf; asked for under a role with a reason, and audited with the field, never
 * the value. Prints numbers; what else is known is a question of its own (show).
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "core/nearest.h"
#include "storage/query_find.h"
#include "tools/access.h"
#include "tools/cmd.h"

static void print_json(const struct query_found *found)
{
	json_t *list = json_array(), *o = json_pack("{s:o, s:b}", "found", list, "more", found->more);

	for (size_t i = 0; i < found->n; i++) {
		char number[24];

		(void)snprintf(number, sizeof number, "%" PRId64, found->one[i].msisdn);
		(void)json_array_append_new(list, json_pack("{s:s?, s:I}", "msisdn",
		                                            found->one[i].msisdn ? number : NULL, "id",
		                                            (json_int_t)found->one[i].id));
	}
	if (o)
		json_dumpf(o, stdout, JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(o);
}

static enum cmd_exit print(const struct query_found *found, bool json)
{
	if (json)
		print_json(found);
	for (size_t i = 0; i < found->n && !json; i++) {
		if (found->one[i].msisdn)
			printf("%" PRId64 "\n", found->one[i].msisdn);
		else
			printf("(id %" PRId64 ", whose number is somebody else's now)\n", found->one[i].id);
	}
	if (found->more && !json)
		printf("and others: only the first %d are told\n", QUERY_FOUND_MAX);
	if (found->n == 0 && !json)
		puts("nobody");
	return found->n > 0 ? CMD_OK : CMD_FAULT;
}

/* -1 after a message. */
static int field_of(const struct config *config, const char *name)
{
	const struct profile *p = &config->profile;
	const char *names[PROFILE_MAX_FIELDS] = {0}, *near;
	int field = profile_field_by_name(p, name);

	for (size_t i = 0; i < p->n_fields; i++)
		names[i] = p->field[i].name;
	near = nearest_word(name, names, p->n_fields);
	if (field < 0)
		(void)cmd_fault("profile.conf has no field \"%s\"%s%s%s", name,
		                near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	else if (!p->field[field].is_findable)
		(void)cmd_fault(
			"nobody can be found by \"%s\"; write find = true; to that field of profile.conf and restart the "
			"daemon",
			name);
	return field >= 0 && p->field[field].is_findable ? field : -1;
}

static enum cmd_exit find(const struct config *config, char **argv, const char *role, const char *reason,
                          bool json)
{
	int field = field_of(config, argv[1]);
	struct query_found found;
	struct access access;
	char action[16 + PROFILE_NAME_SIZE];
	struct query *q;
	enum rc rc;

	if (field < 0 || !access_take(config, role, ACCESS_REVEAL, reason, &access))
		return CMD_FAULT;
	(void)snprintf(action, sizeof action, "find %s", config->profile.field[field].name);
	q = cmd_query(config);
	if (!q)
		return CMD_FAULT;
	rc = access_note(config, &access, action, 0) ? query_find(q, (size_t)field, argv[2], &found)
	                                             : RC_CLOSED;
	if (rc != RC_OK && rc != RC_CLOSED)
		(void)cmd_fault("%s", *query_why(q) ? query_why(q) : "reading the store failed");
	query_close(q);
	return rc == RC_OK ? print(&found, json) : CMD_FAULT;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	const char *role = NULL, *reason = NULL;
	bool json = false;
	const struct cmd_option options[] = {{"role", 0, NULL, &role},
	                                     {"reason", 0, NULL, &reason},
	                                     {"json", 0, &json, NULL},
	                                     {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_find, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != 2)
		return cmd_misused(&cmd_find, "give a field and one value; in quotes when it has spaces");
	config = cmd_config(ctx);
	if (config)
		result = find(config, argv, role, reason, json);
	config_free(config);
	return result;
}

const struct cmd cmd_find = {
	.name = "find",
	.args = "FIELD VALUE --role ROLE --reason TEXT [--json]",
	.summary = "Who has told this value: numbers, audited",
	.help = "  FIELD          of profile.conf, with find = true\n"
		"  VALUE          the whole value; case and spacing do not count\n"
		"  --role ROLE    as whom, by `roles` in starhash.conf; needs the right \"reveal\"\n"
		"  --reason TEXT  why; kept in the audit\n"
		"  --json         for machines\n"
		"Exit code 1 when nobody has.\n",
	.run = run,
};
