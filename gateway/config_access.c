/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Roles: see config_access.h. */
#include "gateway/config_access.h"

#include <stdio.h>
#include <string.h>

#include "core/nearest.h"
#include "gateway/config.h"
#include "gateway/config_access_read.h"

static const char *const names[ACCESS_RIGHTS] = {
	[ACCESS_REVEAL] = "reveal",     [ACCESS_EXPORT] = "export", [ACCESS_IMPORT] = "import",
	[ACCESS_ERASE] = "erase",       [ACCESS_VERIFY] = "verify", [ACCESS_GRANTS] = "grants",
	[ACCESS_REQUESTS] = "requests", [ACCESS_AUDIT] = "audit",   [ACCESS_KEY] = "key",
};

#define ALL_RIGHTS ((1u << ACCESS_RIGHTS) - 1)

/* --- reading -------------------------------------------------------------------------------------------------------- */

static const struct config_role *role_by_name(const struct config_access *a, const char *name)
{
	for (size_t i = 0; i < a->n_roles; i++)
		if (strcmp(a->role[i].name, name) == 0)
			return &a->role[i];
	return NULL;
}

static int words_of(const config_setting_t *group, const char *name, const config_setting_t **out)
{
	*out = config_setting_get_member(group, name);
	return *out && config_setting_is_array(*out) ? config_setting_length(*out) : 0;
}

static void read_right(struct config_reader *r, const config_setting_t *list, const char *word,
                       struct config_role *role)
{
	const char *near;

	for (int i = 0; i < ACCESS_RIGHTS; i++) {
		if (strcmp(word, names[i]) == 0) {
			role->may |= 1u << i;
			return;
		}
	}
	near = nearest_word(word, names, ACCESS_RIGHTS);
	config_read_error(r, list,
	                  "rights are reveal, export, import, erase, verify, grants, requests, audit and key",
	                  "role \"%s\" has no such right: \"%s\"%s%s%s", role->name, word,
	                  near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static void read_user(struct config_reader *r, const config_setting_t *list, const char *word,
                      struct config_role *role)
{
	if (!*word || strlen(word) >= CONFIG_USER_SIZE)
		config_read_error(r, list, "write the name that the user logs in with, at most 32 characters",
		                  "\"%s\" in users of role \"%s\" cannot be a user", word, role->name);
	else
		(void)snprintf(role->user[role->n_users++], CONFIG_USER_SIZE, "%s", word);
}

static void read_role(struct config_reader *r, const config_setting_t *group, struct config_access *a)
{
	struct config_role *role = &a->role[a->n_roles];
	const config_setting_t *list;
	int n;

	if (!config_setting_is_group(group)) {
		config_read_error(r, group,
		                  "write { role = \"care\"; users = [ \"jane\" ]; may = [ \"reveal\" ]; }",
		                  "an entry of roles is not a group");
		return;
	}
	memset(role, 0, sizeof *role);
	config_read_defaults(r, "roles[]", role);
	config_read_group(r, group, "roles[]", role);
	if (*role->name && role_by_name(a, role->name))
		config_read_error(r, group, "give each role its own name", "roles has \"%s\" twice",
		                  role->name);
	n = words_of(group, "may", &list);
	for (int i = 0; i < n && i < ACCESS_RIGHTS; i++) {
		const char *word = config_read_word(r, list, i);

		if (word)
			read_right(r, list, word, role);
	}
	n = words_of(group, "users", &list);
	for (int i = 0; i < n && role->n_users < CONFIG_ROLE_USERS; i++) {
		const char *word = config_read_word(r, list, i);

		if (word)
			read_user(r, list, word, role);
	}
	if (role->may == 0)
		config_read_warn(r, group, "give it rights: may = [ \"reveal\" ]", "a role may do nothing");
	if (role->n_users == 0)
		config_read_warn(r, group, "name its users: users = [ \"jane\" ]", "nobody has this role");
	a->n_roles++;
}

static void built_in(struct config_access *a)
{
	a->n_roles = 2;
	a->role[0] = (struct config_role){
		.name = "care", .may = 1u << ACCESS_REVEAL | 1u << ACCESS_REQUESTS | 1u << ACCESS_GRANTS};
	a->role[1] = (struct config_role){.name = "privacy", .may = ALL_RIGHTS};
}

void config_access_read(struct config_reader *r, const config_t *file, struct config_access *a)
{
	const config_setting_t *list = config_lookup(file, "roles");

	a->is_given = list && config_setting_is_list(list);
	if (!a->is_given) {
		built_in(a);
		return;
	}
	for (int i = 0; i < config_setting_length(list) && a->n_roles < CONFIG_MAX_ROLES; i++)
		read_role(r, config_setting_get_elem(list, (unsigned)i), a);
}

/* --- asking --------------------------------------------------------------------------------------------------------- */

static bool has_user(const struct config_access *a, const struct config_role *role, const char *user)
{
	if (!a->is_given)
		return true;
	for (size_t i = 0; i < role->n_users; i++)
		if (strcmp(role->user[i], user) == 0)
			return true;
	return false;
}

bool config_access_is_user(const struct config_access *a, const char *role, const char *user)
{
	const struct config_role *r = role_by_name(a, role);

	return r && has_user(a, r, user);
}

/* Which roles have this right? */
static void those_who_may(const struct config_access *a, enum access_right right, char *out, size_t size)
{
	size_t len = 0;

	*out = '\0';
	for (size_t i = 0; i < a->n_roles && len < size; i++)
		if (a->role[i].may & 1u << right)
			len += (size_t)snprintf(out + len, size - len, "%s%s", len > 0 ? ", " : "",
			                        a->role[i].name);
}

bool config_access_may(const struct config_access *a, const char *role, const char *user,
                       enum access_right right, char *why, size_t why_size)
{
	const struct config_role *r = role_by_name(a, role);
	char list[160];

	those_who_may(a, right, list, sizeof list);
	if (!r || !(r->may & 1u << right))
		(void)snprintf(why, why_size, "%s \"%s\" %s \"%s\"; %s%s",
		               r ? "the role" : "there is no role", role,
		               r ? "has not the right" : "with the right", names[right],
		               *list ? "it is one of: " : "give it to one in roles of starhash.conf", list);
	else if (!has_user(a, r, user))
		(void)snprintf(
			why, why_size,
			"the user \"%s\" has not the role \"%s\"; whoever keeps starhash.conf adds the name to its users",
			user, role);
	else
		return true;
	return false;
}
