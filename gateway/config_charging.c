/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of the charging system: see config_charging.h. */
#include "gateway/config_charging.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "gateway/charging_product.h"
#include "gateway/config_secret.h"

#define PASSWORD_SIZE 256

void config_charging_fini(struct config_charging *c)
{
	if (c->password != NULL)
		explicit_bzero(c->password, strlen(c->password));
	free(c->password);
	free(c->url);
	free(c->user);
	free(c->host);
	free(c->node);
	free(c->version);
	free(c->tenant);
	free(c->currency);
}

static void read_password(struct config_reader *r, const config_setting_t *at, const char *path,
                          struct config_charging *c)
{
	FILE *file = fopen(path, "re");
	char line[PASSWORD_SIZE] = "";
	struct stat st;

	if (file == NULL) {
		config_read_error(r, at, config_secret_remedy(errno),
		                  "charging.password_file %s cannot be read: %s", path, strerror(errno));
		return;
	}
	if (fstat(fileno(file), &st) == 0 && (st.st_mode & S_IROTH) != 0)
		findings_add(r->findings, FINDING_WARNING, r->path, (int)config_setting_source_line(at), 0,
		             "chmod o-rwx it", "charging.password_file can be read by everybody");
	if (fgets(line, sizeof(line), file) == NULL)
		line[0] = '\0';
	fclose(file);
	if (strlen(line) + 1 == sizeof(line))
		config_read_error(r, at, "at most 254 characters in its first line",
		                  "the password in charging.password_file is too long");
	line[strcspn(line, "\r\n")] = '\0';
	free(c->password);
	c->password = config_read_copy(r, line);
	explicit_bzero(line, sizeof(line));
}

void config_charging_read(struct config_reader *r, const config_t *file, struct config *c)
{
	const char *kind = "ledger", *number = "international", *name = NULL;
	char *path;

	config_lookup_string(file, "charging.kind", &kind);
	config_lookup_string(file, "charging.number", &number);
	c->charging.kind = strcmp(kind, "ucip") == 0 ? CONFIG_UCIP
	                   : strcmp(kind, "cgrates") == 0
	                           ? CONFIG_CGRATES
	                           : CONFIG_LEDGER; /* another word was refused by the table */
	c->charging.national = strcmp(number, "national") == 0;
	snprintf(c->charging.agent, sizeof(c->charging.agent), "starhash/%s/1.0",
	         c->charging.version != NULL ? c->charging.version : "");
	c->charging.password = config_read_copy(r, "");
	if (!config_lookup_string(file, "charging.password_file", &name) || name[0] == '\0' || r->no_secrets)
		return;
	path = config_secret_path(r, name);
	if (path != NULL)
		read_password(r, config_lookup(file, "charging.password_file"), path, &c->charging);
	free(path);
}

static void check_url(struct config_reader *r, const config_setting_t *group, const struct config_charging *c)
{
	const config_setting_t *at = group != NULL ? config_setting_get_member(group, "url") : NULL;
	bool plain = strncasecmp(c->url, "http://", 7) == 0;

	if (!plain && strncasecmp(c->url, "https://", 8) != 0)
		config_read_error(r, at != NULL ? at : group,
		                  "give the system's URL, such as \"http://127.0.0.1:10010/Air\"",
		                  "charging.url is not an http or https URL");
	else if (strchr(c->url, '@') != NULL)
		config_read_error(r, at, "use charging.user and charging.password_file",
		                  "charging.url holds a user or password");
	else if (plain && c->password[0] != '\0' && strncmp(c->url + 7, "127.", 4) != 0 &&
	         strncmp(c->url + 7, "localhost", 9) != 0)
		findings_add(r->findings, FINDING_WARNING, r->path,
		             at != NULL ? (int)config_setting_source_line(at) : 0, 0,
		             "use https, or a tunnel",
		             "charging.url sends the password readable to everybody between");
}

static void check_ucip(struct config_reader *r, const config_setting_t *group, const struct config *c)
{
	if (strlen(c->charging.currency) != 3)
		config_read_error(r, group, "give charging.currency, such as \"KES\"",
		                  "UCIP needs the currency of the accounts");
	if (c->charging.national && c->country.code[0] == '\0')
		config_read_error(r, group, "give country.code",
		                  "charging.number = \"national\" says nothing without country.code");
}

/* The setting of bundle i: bundles that were not read (too many) have none. */
static const config_setting_t *bundle_at(const config_t *file, size_t i)
{
	const config_setting_t *bundles = config_lookup(file, "bundles");

	return bundles != NULL ? config_setting_get_elem(bundles, (unsigned)i) : NULL;
}

static void check_bundle(struct config_reader *r, const config_setting_t *at, const struct config *c,
                         const struct config_bundle *b)
{
	struct charging_product p;
	const char *remedy = "";

	if (c->charging.kind == CONFIG_LEDGER) {
		if (b->price > 0)
			config_read_error(r, at, "take price out, or name a charging system",
			                  "the ledger keeps no money to buy \"%s\" from", b->name);
		return;
	}
	if (charging_product_parse(c->charging.kind, b->code, &p, &remedy) != RC_OK) {
		config_read_error(r, at, remedy, "bundles.code of \"%s\" says nothing to the charging system",
		                  b->name);
		return;
	}
	if (b->price > 0 && !charging_product_sells(&p))
		config_read_error(
			r, at, "sell it as a dedicated account (da:), or let the charging system sell it",
			"\"%s\" cannot be bought: only a dedicated account is paid and given in one call",
			b->name);
	if (p.kind == CHARGING_PRODUCT_REFILL && p.account == 0)
		findings_add(r->findings, FINDING_WARNING, r->path,
		             at != NULL ? (int)config_setting_source_line(at) : 0, 0,
		             "name the dedicated account that it fills: refill:PROFILE:AMOUNT:ACCOUNT",
		             "nothing tells whether a refill of \"%s\" whose answer was lost has happened",
		             b->name);
}

void config_charging_check(struct config_reader *r, const config_t *file, const struct config *c)
{
	const config_setting_t *group = config_lookup(file, "charging");

	if (c->charging.kind != CONFIG_LEDGER)
		check_url(r, group, &c->charging);
	if (c->charging.kind != CONFIG_LEDGER && c->charging.settle_ms < c->charging.within_ms)
		findings_add(
			r->findings, FINDING_WARNING, r->path,
			group != NULL ? (int)config_setting_source_line(group) : 0, 0,
			"give it as long as the system may still work on a call, and at least charging.within",
			"charging.settle is shorter than charging.within: an order that is still being carried out "
			"would look as if it was not, and be sent again");
	if (c->charging.kind == CONFIG_UCIP)
		check_ucip(r, group, c);
	for (size_t i = 0; i < c->n_bundles; i++)
		check_bundle(r, bundle_at(file, i), c, &c->bundle[i]);
}
