/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration: starhash.conf into a struct config.
 *
 * Invariant: a configuration that is handed out has every member set and in its range (config_read does that by
 * the option table); what two keys say together (doubles, one secret, least and most) is judged here.
 */
#include "gateway/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/nearest.h"
#include "gateway/config_access_read.h"
#include "gateway/config_charging.h"
#include "gateway/config_console.h"
#include "gateway/config_dialects.h"
#include "gateway/config_identity.h"
#include "gateway/config_limits.h"
#include "gateway/config_link.h"
#include "gateway/config_profile.h"
#include "gateway/config_read.h"
#include "gateway/config_relations_read.h"
#include "gateway/config_retention.h"
#include "gateway/config_sendsms.h"
#include "menus/country.h"

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_links; i++)
		config_link_fini(&c->link[i]);
	for (size_t i = 0; i < c->n_services; i++)
		free(c->service[i]);
	for (size_t i = 0; i < c->n_bundles; i++) {
		free(c->bundle[i].gives);
		free(c->bundle[i].code);
	}
	dialects_free(c->dialects);
	free(c->dialects_path);
	free(c->reserved);
	free(c->path);
	free(c->profile_path);
	free(c->store_path);
	free(c->store_key);
	config_charging_fini(&c->charging);
	free(c->control_path);
	free(c->http_listen);
	for (size_t i = 0; i < c->n_http_hosts; i++)
		free(c->http_host[i]);
	for (size_t i = 0; i < c->n_sendsms; i++)
		config_sendsms_fini(&c->sendsms[i]);
	for (size_t i = 0; i < c->n_console; i++)
		config_console_fini(&c->console[i]);
	free(c);
}

const struct config_bundle *config_bundle_by_name(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_bundles; i++)
		if (strcmp(c->bundle[i].name, name) == 0)
			return &c->bundle[i];
	return NULL;
}

/* --- bundles, services, the rest ------------------------------------------------------------------ */

static void read_bundle(struct config_reader *r, const config_setting_t *group, struct config *c)
{
	struct config_bundle *b = &c->bundle[c->n_bundles];

	if (!config_setting_is_group(group)) {
		config_read_error(r, group, "write { name = \"...\"; }",
		                  "an entry of bundles is not a group");
		return;
	}
	config_read_defaults(r, "bundles[]", b);
	config_read_group(r, group, "bundles[]", b);
	if (*b->name && config_bundle_by_name(c, b->name))
		config_read_error(r, config_setting_get_member(group, "name"),
		                  "give each bundle its own name", "bundles has \"%s\" twice", b->name);
	if (b->gives && !*b->gives) {
		free(b->gives);
		b->gives = config_read_copy(r, b->name);
	}
	c->n_bundles++;
}

static void read_service(struct config_reader *r, const config_setting_t *list, int i, struct config *c)
{
	const char *name = config_read_word(r, list, i);
	const config_setting_t *at = config_setting_get_elem(list, (unsigned)i);
	char *path = name ? config_read_path(r, name) : NULL;

	if (!path)
		return;
	for (size_t k = 0; k < c->n_services; k++)
		if (strcmp(c->service[k], path) == 0) {
			config_read_error(r, at, "take one out", "services names \"%s\" twice", name);
			free(path);
			return;
		}
	c->service[c->n_services++] = path;
}

static const config_setting_t *list_of(const config_t *file, const char *name, bool words)
{
	const config_setting_t *s = config_lookup(file, name);
	bool right = s && (config_setting_is_list(s) || (words && config_setting_is_array(s)));

	return right ? s : NULL;
}

static void read_lists(struct config_reader *r, const config_t *file, struct config *c)
{
	const config_setting_t *links = list_of(file, "links", false),
			       *bundles = list_of(file, "bundles", false),
			       *services = list_of(file, "services", true);

	for (int i = 0; links && i < config_setting_length(links) && c->n_links < CONFIG_MAX_LINKS; i++)
		config_link_read(r, config_setting_get_elem(links, (unsigned)i), c);
	config_links_judge(r, links, c);
	for (int i = 0; bundles && i < config_setting_length(bundles) && c->n_bundles < CONFIG_MAX_BUNDLES;
	     i++)
		read_bundle(r, config_setting_get_elem(bundles, (unsigned)i), c);
	for (int i = 0;
	     services && i < config_setting_length(services) && c->n_services < CONFIG_MAX_SERVICES; i++)
		read_service(r, services, i, c);
	if (c->n_links == 0)
		config_read_warn(r, config_lookup(file, "links"),
		                 "add one to links; starhash dial and test need none",
		                 "no link: nothing can reach the daemon");
	if (c->n_services == 0)
		config_read_warn(r, config_lookup(file, "services"), "name a menu file in services",
		                 "no service: nobody who dials gets an answer");
}

/* Its length counts with the folder before it. */
static void check_control(struct config_reader *r, const config_t *file, const char *path)
{
	const struct option_row *row = option_by_name(&r->table, "", "control");

	if ((int64_t)strlen(path) > row->most)
		config_read_error(r, config_lookup(file, "control"),
		                  "give a shorter path, such as \"/run/starhash/control.sock\"",
		                  "control is longer than a socket's path can be (%d bytes)", (int)row->most);
}

static void check_listen(struct config_reader *r, const config_t *file, const char *listen)
{
	const config_setting_t *at = config_lookup(file, "http.listen");
	const char *colon = strrchr(listen, ':');
	const char *digits = colon ? colon + 1 : "";
	size_t len = strlen(digits);
	bool local;

	if (!*listen)
		return;
	if (!colon || colon == listen || len < 1 || len > 5 || strspn(digits, "0123456789") != len ||
	    atoi(digits) < 1 || atoi(digits) > 65535) {
		config_read_error(r, at, "give address:port, such as \"127.0.0.1:8080\"",
		                  "http.listen = \"%s\" is not an address and a port", listen);
		return;
	}
	local = strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]", 5) == 0 ||
	        strncmp(listen, "localhost:", 10) == 0;
	if (!local)
		config_read_warn(r, at, "listen on 127.0.0.1",
		                 "http.listen can be reached from other machines, without a password");
}

static void read_country(struct config_reader *r, const config_t *file, struct config *c)
{
	const char *name = NULL;
	char *path;

	if (!config_lookup_string(file, "country.profile", &name) || !*name)
		return;
	path = config_read_path(r, name);
	c->reserved = malloc(sizeof *c->reserved);
	if (!path || !c->reserved)
		r->no_memory = true;
	else if (country_load(path, r->findings, c->reserved) != RC_OK)
		config_read_error(r, config_lookup(file, "country.profile"),
		                  "name a file such as \"countries/ng.conf\"",
		                  "country.profile = \"%s\" cannot be used", name);
	free(path);
}

static void read_groups(struct config_reader *r, const config_t *file, struct config *c)
{
	static const char *const groups[] = {"country", "store", "retention", "charging",
	                                     "limits",  "ussd",  "sms",       "overload",
	                                     "http",    "log",   "identity"};
	const char *level = NULL, *late = NULL;

	for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
		config_read_defaults(r, groups[i], c);
		config_read_group(r, config_lookup(file, groups[i]), groups[i], c);
	}
	if (*c->country.trunk && !*c->country.code)
		config_read_error(r, config_lookup(file, "country"), "give country.code",
		                  "country.trunk says nothing without country.code");
	read_country(r, file, c);
	config_identity_read(r, file, c);
	config_charging_read(r, file, c);
	config_retention_check(r, file);
	c->log_level = LOG_LV_INFO;
	if (config_lookup_string(file, "log.level", &level) && !log_level_parse(level, &c->log_level))
		c->log_level = LOG_LV_INFO; /* said by the table's check */
	c->late_push = config_lookup_string(file, "ussd.late", &late) && strcmp(late, "push") == 0;
	if (c->control_path)
		check_control(r, file, c->control_path);
	if (c->http_listen)
		check_listen(r, file, c->http_listen);
}

/* libconfig keeps passwords in its own memory: wipe them before it is given back. */
static void wipe_secrets(const config_t *file)
{
	const config_setting_t *links = list_of(file, "links", false);

	for (int i = 0; links && i < config_setting_length(links); i++) {
		const config_setting_t *group = config_setting_get_elem(links, (unsigned)i);
		const config_setting_t *s =
			config_setting_is_group(group) ? config_setting_get_member(group, "password") : NULL;

		if (s && config_setting_type(s) == CONFIG_TYPE_STRING && s->value.sval)
			explicit_bzero(s->value.sval, strlen(s->value.sval));
	}
}

/* The file that a link's dialect is looked up in. One that nobody named may be absent. Faults are findings; links are
 * judged by what could be read. */
static enum rc read_dialects(struct config_reader *r, const config_t *file, struct config *c)
{
	bool named = config_lookup(file, "dialects") != NULL;
	const char *path = c->dialects_path;

	if (!path)
		return RC_NOMEM;
	return dialects_load(named || access(path, F_OK) == 0 ? path : NULL, r->findings, &c->dialects);
}

static enum rc load(struct config_reader *r, struct config *c)
{
	config_t file;
	enum rc rc = config_read_open(r, &file);

	if (rc != RC_OK)
		return rc;
	config_read_defaults(r, "", c);
	config_read_group(r, config_root_setting(&file), "", c);
	rc = read_dialects(r, &file, c);
	read_groups(r, &file, c);
	read_lists(r, &file, c);
	if (!r->no_memory)
		config_charging_check(r, &file, c);
	if (!r->no_memory)
		config_limits_read(r, &file, c);
	if (!r->no_memory)
		config_access_read(r, &file, &c->access);
	if (!r->no_memory)
		config_relations_read(r, &file, &c->relations);
	if (!r->no_memory)
		config_sendsms_read(r, &file, c);
	if (!r->no_memory)
		config_console_read(r, &file, c);
	wipe_secrets(&file);
	config_destroy(&file);
	if (r->no_memory || rc == RC_NOMEM)
		return RC_NOMEM;
	rc = config_profile_load(c->profile_path, r->findings, &c->profile);
	if (rc == RC_OK)
		config_relations_check(r, c);
	return rc == RC_NOMEM ? rc : RC_OK;
}

static enum rc load_file(const char *path, bool no_secrets, struct findings *findings, struct config **out)
{
	struct config_reader r = {.table = {options_main, options_main_count},
	                          .findings = findings,
	                          .path = path,
	                          .no_secrets = no_secrets};
	struct config *c = calloc(1, sizeof *c);
	size_t errors = findings_errors(findings);
	enum rc rc = RC_NOMEM;

	if (c) {
		c->path = config_read_copy(&r, path);
		rc = c->path ? load(&r, c) : RC_NOMEM;
	}
	if (rc == RC_OK && findings_errors(findings) > errors)
		rc = RC_SYNTAX;
	if (rc != RC_OK) {
		config_free(c);
		return rc;
	}
	*out = c;
	return RC_OK;
}

enum rc config_load(const char *path, struct findings *findings, struct config **out)
{
	return load_file(path, false, findings, out);
}

enum rc config_load_public(const char *path, struct findings *findings, struct config **out)
{
	return load_file(path, true, findings, out);
}
