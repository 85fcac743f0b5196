/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of the console: see config_console.h. */
#include "gateway/config_console.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/config_secret.h"
#include "gateway/http_parse.h"
#include "gateway/http_tries.h"

#define TOKEN_MOST 128

void config_console_fini(struct config_console *s)
{
	free(s->name);
	free(s->role);
	if (s->token != NULL)
		explicit_bzero(s->token, strlen(s->token));
	free(s->token);
}

bool config_is_phone(const struct config *c, int64_t msisdn)
{
	for (size_t i = 0; i < c->n_phones; i++)
		if (c->phone[i] == msisdn)
			return true;
	return false;
}

/* Of the console alone: they see nobody's data, and whoever has the token has them. */
static bool is_own_role(const char *role)
{
	return strcmp(role, "viewer") == 0 || strcmp(role, "operator") == 0;
}

/* Is it one that there is? */
static bool is_role(const struct config *c, const char *role)
{
	if (is_own_role(role))
		return true;
	for (size_t i = 0; i < c->access.n_roles; i++)
		if (strcmp(c->access.role[i].name, role) == 0)
			return true;
	return false;
}

static void read_one(struct config_reader *r, const config_setting_t *group, struct config *c)
{
	struct config_console *s = &c->console[c->n_console];

	if (!config_setting_is_group(group)) {
		config_read_error(r, group,
		                  "write { name = \"...\"; token_file = \"...\"; role = \"viewer\"; }",
		                  "an entry of console is not a group");
		return;
	}
	config_read_defaults(r, "console[]", s);
	config_read_group(r, group, "console[]", s);
	s->token = config_secret_read(r, group, "token_file", HTTP_SECRET_LEAST, TOKEN_MOST);
	if (s->name == NULL || s->role == NULL)
		return;
	if (!is_role(c, s->role))
		config_read_error(
			r, config_setting_get_member(group, "role"),
			"write viewer, operator, or one of roles (care and privacy where there are none)",
			"console.role = \"%s\" is no role", s->role);
	else if (!is_own_role(s->role) && !config_access_is_user(&c->access, s->role, s->name))
		config_read_error(r, config_setting_get_member(group, "name"),
		                  "add the name to `users` of the role, or give another role",
		                  "console has \"%s\" as %s, who is none of the users of that role", s->name,
		                  s->role);
	for (size_t i = 0; i < c->n_console; i++) {
		if (strcmp(c->console[i].name, s->name) == 0)
			config_read_error(r, config_setting_get_member(group, "name"), "give each its own",
			                  "console has \"%s\" twice", s->name);
		if (!r->no_secrets && c->console[i].token != NULL && s->token != NULL && *s->token != '\0' &&
		    strcmp(c->console[i].token, s->token) == 0)
			config_read_error(r, config_setting_get_member(group, "token_file"),
			                  "give each its own token",
			                  "two users of console have the same token");
	}
	c->n_console++;
}

static void read_phones(struct config_reader *r, const config_t *file, struct config *c)
{
	const config_setting_t *list = config_lookup(file, "http.phones");
	int n = list != NULL && config_setting_is_array(list) ? config_setting_length(list) : 0;

	if (n > 0 && c->n_console == 0)
		config_read_warn(r, list, "give console a user, or take http.phones out",
		                 "http.phones has numbers, and nobody may log in to dial from them: "
		                 "SMS to them are thrown away");
	for (int i = 0; i < n && c->n_phones < CONFIG_PHONES_MAX; i++) {
		const char *word = config_read_word(r, list, i);

		if (word != NULL &&
		    msisdn_parse(word, MSISDN_TON_UNKNOWN, &c->country, &c->phone[c->n_phones]) == RC_OK)
			c->n_phones++;
		else if (word != NULL)
			config_read_error(r, list, "write it as +254700000001",
			                  "\"%s\" in http.phones is no number", word);
	}
}

/* "gateway.example": letters, digits, '-' and '.'. */
static bool is_host(const char *word)
{
	size_t n = strlen(word);

	return n > 0 && n < HTTP_HOST_SIZE && word[n - 1] != '.' &&
	       strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.") == n;
}

static void read_hosts(struct config_reader *r, const config_t *file, struct config *c)
{
	const config_setting_t *list = config_lookup(file, "http.hosts");
	int n = list != NULL && config_setting_is_array(list) ? config_setting_length(list) : 0;

	for (int i = 0; i < n && c->n_http_hosts < CONFIG_HOSTS_MAX; i++) {
		const char *word = config_read_word(r, list, i);
		char *copy = NULL;

		if (word != NULL && !is_host(word))
			config_read_error(r, list,
			                  "write the name alone, as gateway.example: no http://, no port",
			                  "\"%s\" in http.hosts is no name of a machine", word);
		else if (word != NULL)
			copy = config_read_copy(r, word);
		if (copy != NULL)
			c->http_host[c->n_http_hosts++] = copy;
	}
}

void config_console_read(struct config_reader *r, const config_t *file, struct config *c)
{
	const config_setting_t *list = config_lookup(file, "console");
	int n = list != NULL && config_setting_is_list(list) ? config_setting_length(list) : 0;

	for (int i = 0; i < n && c->n_console < CONFIG_CONSOLE_MAX; i++)
		read_one(r, config_setting_get_elem(list, (unsigned)i), c);
	if (c->n_console > 0 && (c->http_listen == NULL || *c->http_listen == '\0'))
		config_read_warn(r, list, "give http.listen",
		                 "console has users, and nothing listens for them");
	read_phones(r, file, c);
	read_hosts(r, file, c);
}
