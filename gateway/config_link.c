/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of links: see config_link.h.
 *
 * What can be known before the first connection is judged here: files that cannot be used, addresses that are none, a group in
 * which nobody could answer.
 */
#include "gateway/config_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <arpa/inet.h>

#include "gateway/config_dialects.h"
#include "gateway/config_secret.h"
#include "gateway/dialect_table.h"
#include "gateway/link_tls.h"

#define SECRET_SIZE 17 /* as links.password in gateway/options.c, and NUL */
#define WHY_SIZE 512

static void free_secret(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

void config_link_fini(struct config_link *l)
{
	free(l->name);
	free(l->host);
	free(l->system_id);
	free_secret(l->password);
	free(l->system_type);
	free(l->dialect);
	free(l->group);
	free(l->address_range);
	free(l->bind_address);
	free(l->tls_name);
	free(l->tls_ca);
	free(l->tls_cert);
	free(l->tls_key);
	for (size_t i = 0; i < l->n_alternates; i++)
		free(l->alternate[i].host);
}

/* --- secrets and files ---------------------------------------------------------------------------- */

/* The file's first line into `secret`. False after a finding. */
static bool read_secret(struct config_reader *r, const config_setting_t *at, const char *path, char *secret,
                        size_t size)
{
	FILE *file = fopen(path, "re");
	struct stat st;
	char line[256] = "";
	size_t len;

	if (!file) {
		config_read_error(r, at, config_secret_remedy(errno), "password_file %s cannot be read: %s",
		                  path, strerror(errno));
		return false;
	}
	if (fstat(fileno(file), &st) == 0 && (st.st_mode & S_IROTH))
		config_read_warn(r, at, "chmod o-rwx it", "password_file can be read by everybody");
	if (!fgets(line, sizeof line, file))
		line[0] = '\0';
	fclose(file);
	len = strcspn(line, "\r\n");
	line[len] = '\0';
	if (len < size)
		memcpy(secret, line, len + 1);
	else
		config_read_error(r, at, "give at most 16 octets",
		                  "the password in password_file is too long");
	explicit_bzero(line, sizeof line);
	return len < size;
}

static void link_secret(struct config_reader *r, const config_setting_t *group, struct config_link *l)
{
	const config_setting_t *file = config_setting_get_member(group, "password_file");
	const char *name = file ? config_setting_get_string(file) : NULL;
	char secret[SECRET_SIZE], *path;

	if (!name || !*name || r->no_secrets)
		return;
	if (config_setting_get_member(group, "password")) {
		config_read_error(r, file, "keep password_file", "password and password_file are both given");
		return;
	}
	path = config_secret_path(r, name);
	if (path && read_secret(r, file, path, secret, sizeof secret)) {
		free_secret(l->password);
		l->password = config_read_copy(r, secret);
		explicit_bzero(secret, sizeof secret);
	}
	free(path);
}

/* A path of this entry, "" when it is absent; NULL when memory is out. */
static char *path_of(struct config_reader *r, const config_setting_t *group, const char *key)
{
	const char *name = NULL;

	if (!config_setting_lookup_string(group, key, &name) || !*name)
		return config_read_copy(r, "");
	return config_secret_path(r, name);
}

/* --- words ------------------------------------------------------------------------------------------ */

/* Which of `words` the key says; what is none of them was said by the option table, and is the first. */
static int choice_of(const config_setting_t *group, const char *key, int fallback, const char *const *words)
{
	const char *text = NULL;

	if (!config_setting_lookup_string(group, key, &text))
		return fallback;
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return fallback;
}

static void read_choices(const config_setting_t *group, struct config_link *l)
{
	static const char *const binds[] = {[CONFIG_TRANSCEIVER] = "transceiver",
	                                    [CONFIG_PAIR] = "pair",
	                                    [CONFIG_TRANSMITTER] = "transmitter",
	                                    [CONFIG_RECEIVER] = "receiver",
	                                    NULL};
	static const char *const standbys[] = {
		[CONFIG_ACTIVE] = "no", [CONFIG_WARM] = "warm", [CONFIG_COLD] = "cold", NULL};
	static const char *const versions[] = {"3.3", "3.4", "5.0", NULL};
	static const int numbers[] = {0x33, 0x34, 0x50};

	l->bind = (enum config_bind)choice_of(group, "bind", CONFIG_TRANSCEIVER, binds);
	l->standby = (enum config_standby)choice_of(group, "standby", CONFIG_ACTIVE, standbys);
	l->interface_version = numbers[choice_of(group, "interface_version", 1, versions)];
}

/* --- other hosts ------------------------------------------------------------------------------------ */

/* "host", "host:port", "[::1]:port", or a bare IPv6 address. False: it is none of them. */
static bool split_host(const char *text, uint16_t fallback, char *host, size_t size, uint16_t *port)
{
	bool bracketed = text[0] == '[';
	const char *begin = text + bracketed, *end = bracketed ? strchr(text, ']') : strrchr(text, ':');
	const char *colon = bracketed ? (end ? end + 1 : NULL) : end;
	size_t len;

	*port = fallback;
	if (bracketed && !end)
		return false;
	if (!bracketed && end && strchr(text, ':') != end) /* an address, and no port */
		end = colon = NULL;
	len = end ? (size_t)(end - begin) : strlen(begin);
	if (len == 0 || len >= size)
		return false;
	memcpy(host, begin, len);
	host[len] = '\0';
	if (!colon || !*colon)
		return true;
	len = strlen(colon + 1);
	if (*colon != ':' || len < 1 || len > 5 || strspn(colon + 1, "0123456789") != len ||
	    atoi(colon + 1) < 1 || atoi(colon + 1) > 65535)
		return false;
	*port = (uint16_t)atoi(colon + 1);
	return true;
}

static void read_alternates(struct config_reader *r, const config_setting_t *group, struct config_link *l)
{
	const config_setting_t *list = config_setting_get_member(group, "alternates");
	int n = list && (config_setting_is_array(list) || config_setting_is_list(list))
	                ? config_setting_length(list)
	                : 0;

	for (int i = 0; i < n && l->n_alternates < CONFIG_MAX_ALTERNATES; i++) {
		const char *text = config_read_word(r, list, i);
		char host[254];
		uint16_t port;
		char *copy;

		if (!text)
			continue;
		if (!split_host(text, l->port, host, sizeof host, &port)) {
			config_read_error(r, list, "write \"host:port\", such as \"smsc-b.example:2775\"",
			                  "links.alternates has \"%s\"", text);
			continue;
		}
		copy = config_read_copy(r, host);
		if (copy)
			l->alternate[l->n_alternates++] = (struct config_host){.host = copy, .port = port};
	}
}

/* --- what one entry says ------------------------------------------------------------------------ */

/* Screens are laid out for ussd.page, whatever link they leave by: one that takes less could not show them. */
static void check_page(struct config_reader *r, const config_setting_t *at, const struct config *c,
                       const struct config_link *l, const struct dialect *d)
{
	size_t septets, units, most;
	char remedy[120];

	dialect_limits(d, &septets, &units);
	most = d->ucs2 && !c->gsm_only && 2 * units < septets ? 2 * units : septets; /* as text_fits counts */
	if (d->too_long == DIALECT_LONG_TRUNCATE || most >= (size_t)c->page)
		return;
	snprintf(remedy, sizeof remedy,
	         "set ussd.page to %zu, or raise text.max_septets and max_units of the dialect", most);
	config_read_error(
		r, at, remedy,
		"ussd.page = %d is longer than dialect \"%s\" of link \"%s\" can show (%zu septets, %zu "
		"UCS-2 characters)",
		c->page, d->name, l->name, septets, units);
}

static void check_dialect(struct config_reader *r, const config_setting_t *group, const struct config *c,
                          const struct config_link *l)
{
	const config_setting_t *at = config_setting_get_member(group, "dialect");
	const char *near;
	char remedy[80] = "name one of dialects.conf, or \"standard\"";

	if (!c->dialects)
		return;
	if (dialects_by_name(c->dialects, l->dialect)) {
		check_page(r, at ? at : group, c, l, dialects_by_name(c->dialects, l->dialect));
		return;
	}
	near = dialects_nearest(c->dialects, l->dialect);
	if (near)
		snprintf(remedy, sizeof remedy, "did you mean \"%s\"?", near);
	config_read_error(r, at ? at : group, remedy, "links.dialect = \"%s\" is not known", l->dialect);
}

static void check_key_file(struct config_reader *r, const config_setting_t *at, const char *path)
{
	struct stat st;

	if (*path && stat(path, &st) == 0 && (st.st_mode & S_IROTH))
		config_read_warn(r, at, "chmod o-rwx it",
		                 "the file of the private key can be read by everybody");
}

static void check_tls(struct config_reader *r, const config_setting_t *group, const struct config_link *l)
{
	const struct link_tls_options options = {.ca = l->tls_ca,
	                                         .name = l->tls_name,
	                                         .cert = r->no_secrets ? "" : l->tls_cert,
	                                         .key = r->no_secrets ? "" : l->tls_key,
	                                         .verify = l->tls_verify};
	const config_setting_t *at = config_setting_get_member(group, "tls");
	struct link_tls *tls = NULL;
	char why[WHY_SIZE] = "";
	enum rc rc;

	if (!l->tls) {
		if (*l->tls_ca || *l->tls_name || *l->tls_cert || *l->tls_key || !l->tls_verify)
			config_read_warn(
				r, group, "set tls = true, or take them out",
				"the tls_ keys say nothing without tls = true: this link is not encrypted");
		return;
	}
	if (*l->tls_key && !*l->tls_cert)
		config_read_error(r, group, "name the certificate in tls_cert", "links.tls_key stands alone");
	if (!l->tls_verify)
		config_read_warn(
			r, config_setting_get_member(group, "tls_verify"),
			"name the SMSC's authority in tls_ca, and take tls_verify out",
			"tls_verify = false: anybody on the way can pretend to be the SMSC, read and change everything");
	rc = link_tls_new(&options, &tls, why, sizeof why);
	link_tls_free(tls);
	if (rc == RC_NOMEM)
		r->no_memory = true;
	else if (rc != RC_OK)
		config_read_error(r, at, "name a PEM file that the daemon's user may read", "links.%s", why);
	check_key_file(r, group, *l->tls_key ? l->tls_key : l->tls_cert);
}

static void check_bind(struct config_reader *r, const config_setting_t *group, const struct config_link *l)
{
	const config_setting_t *at = config_setting_get_member(group, "bind_address");
	struct in6_addr any;

	if (*l->bind_address && inet_pton(AF_INET, l->bind_address, &any) != 1 &&
	    inet_pton(AF_INET6, l->bind_address, &any) != 1)
		config_read_error(r, at, "give an address of this machine, such as \"192.0.2.7\"",
		                  "links.bind_address = \"%s\" is not an address", l->bind_address);
	if (l->interface_version == 0x33 && l->bind == CONFIG_TRANSCEIVER)
		config_read_warn(r, group, "use bind = \"pair\"", "SMPP 3.3 knows no transceiver");
}

static void check_link(struct config_reader *r, const config_setting_t *group, const struct config *c,
                       const struct config_link *l)
{
	for (size_t i = 0; i < c->n_links; i++)
		if (*l->name && strcmp(c->link[i].name, l->name) == 0)
			config_read_error(
				r, config_setting_get_member(group, "name"), "give each link its own name",
				"links has \"%s\" twice (first on line %d)", l->name, c->link[i].line);
	if (l->reconnect_min_ms > l->reconnect_max_ms)
		config_read_error(r, group, "raise reconnect_max",
		                  "links.reconnect_min is over reconnect_max");
	check_bind(r, group, l);
	check_tls(r, group, l);
	check_dialect(r, group, c, l);
}

void config_link_read(struct config_reader *r, const config_setting_t *group, struct config *c)
{
	struct config_link *l = &c->link[c->n_links];

	if (!config_setting_is_group(group)) {
		config_read_error(r, group, "write { name = \"...\"; host = \"...\"; }",
		                  "an entry of links is not a group");
		return;
	}
	l->line = (int)config_setting_source_line(group);
	config_read_defaults(r, "links[]", l);
	config_read_group(r, group, "links[]", l);
	read_choices(group, l);
	l->tls_ca = path_of(r, group, "tls_ca");
	l->tls_cert = path_of(r, group, "tls_cert");
	l->tls_key = path_of(r, group, "tls_key");
	if (!r->no_memory) {
		read_alternates(r, group, l);
		link_secret(r, group, l);
		check_link(r, group, c, l);
	}
	c->n_links++;
}

/* --- what the links of a group say together ---------------------------------------------------------- */

static void judge_group(struct config_reader *r, const config_setting_t *list, const struct config *c,
                        size_t first)
{
	const config_setting_t *at = config_setting_get_elem(list, (unsigned)first);
	bool submits = false, receives = false, is_active = false;

	for (size_t i = first; i < c->n_links; i++) {
		const struct config_link *l = &c->link[i];

		if (strcmp(l->group, c->link[first].group) != 0)
			continue;
		submits = submits || l->bind != CONFIG_RECEIVER;
		receives = receives || l->bind != CONFIG_TRANSMITTER;
		is_active = is_active || l->standby == CONFIG_ACTIVE;
	}
	if (!submits)
		config_read_warn(r, at,
		                 "use \"pair\" or \"transceiver\", or add a transmitter of the same group",
		                 "the links of this group only receive: nobody gets an answer");
	if (!receives)
		config_read_warn(r, at,
		                 "use \"pair\" or \"transceiver\", or add a receiver of the same group",
		                 "the links of this group only transmit: nobody who dials is heard");
	if (!is_active)
		config_read_warn(
			r, at, "let one of them have standby = \"no\"",
			"every link of this group is a standby: there is none that they stand by for");
}

void config_links_judge(struct config_reader *r, const config_setting_t *list, const struct config *c)
{
	if (!list || r->no_memory || c->n_links < (size_t)config_setting_length(list))
		return; /* entries that are no groups were said already */
	for (size_t i = 0; i < c->n_links; i++) {
		size_t k = 0;

		while (k < i && strcmp(c->link[k].group, c->link[i].group) != 0)
			k++;
		if (k == i)
			judge_group(r, list, c, i);
	}
}
