/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of limits: see config_limits.h. */
#include "gateway/config_limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "gateway/config_secret.h"

static void read_key_file(struct config_reader *r, const config_t *file, struct config *c)
{
	const char *name = NULL;

	if (config_lookup_string(file, "store.key_file", &name) && *name) {
		c->store_key = config_secret_path(r, name);
	} else if (c->store_path) {
		c->store_key = malloc(strlen(c->store_path) + sizeof ".key");
		if (c->store_key)
			(void)sprintf(c->store_key, "%s.key", c->store_path);
	}
	if (!c->store_key)
		r->no_memory = true;
}

static const config_setting_t *member(const config_setting_t *group, const char *name)
{
	const config_setting_t *at = config_setting_get_member(group, name);

	return at ? at : group;
}

static void check_bundle(struct config_reader *r, const config_setting_t *at, const struct config *c,
                         const char *name)
{
	if (!config_bundle_by_name(c, name))
		config_read_error(r, at, "name one of bundles", "there is no bundle \"%s\"", name);
}

/* --- budgets ------------------------------------------------------------------------------------------------------ */

static size_t read_names(struct config_reader *r, const config_setting_t *group, const char *name,
                         char (*out)[PROFILE_NAME_SIZE])
{
	const config_setting_t *list = config_setting_get_member(group, name);
	int many = list && config_setting_is_array(list) ? config_setting_length(list) : 0;
	size_t n = 0;

	for (int i = 0; i < many && n < STORE_LIMIT_NAMES; i++) {
		const char *word = config_read_word(r, list, i);

		if (!word)
			continue;
		if (!*word || strlen(word) >= PROFILE_NAME_SIZE)
			config_read_error(r, list, "at most 31 letters", "\"%s\" in %s cannot be a name",
			                  word, name);
		else
			(void)snprintf(out[n++], PROFILE_NAME_SIZE, "%s", word);
	}
	return n;
}

static void read_date(struct config_reader *r, const config_setting_t *group, const char *name,
                      const char *text, int64_t *out)
{
	if (text && *text && clock_utc_parse(text, out) != RC_OK)
		config_read_error(r, member(group, name),
		                  "write \"2026-12-01\" or \"2026-12-01T06:00+03:00\"",
		                  "budgets.%s = \"%s\" is no date", name, text);
}

static void read_budget(struct config_reader *r, const config_setting_t *group, struct config *c)
{
	struct store_budget *b = &c->limits.budget[c->limits.n_budgets];
	struct config_budget read = {.from = NULL};

	if (!config_setting_is_group(group)) {
		config_read_error(r, group, "write { name = \"...\"; gifts = 1000; }",
		                  "an entry of budgets is not a group");
		return;
	}
	config_read_defaults(r, "budgets[]", &read);
	config_read_group(r, group, "budgets[]", &read);
	memset(b, 0, sizeof *b);
	(void)snprintf(b->name, sizeof b->name, "%s", read.name);
	b->gifts = read.gifts;
	b->n_keys = read_names(r, group, "keys", b->key);
	b->n_bundles = read_names(r, group, "bundles", b->bundle);
	read_date(r, group, "from", read.from, &b->from_ms);
	read_date(r, group, "until", read.until, &b->until_ms);
	free(read.from);
	free(read.until);
	for (size_t i = 0; i < b->n_bundles; i++)
		check_bundle(r, member(group, "bundles"), c, b->bundle[i]);
	for (size_t i = 0; i < c->limits.n_budgets; i++)
		if (strcmp(c->limits.budget[i].name, b->name) == 0)
			config_read_error(r, member(group, "name"), "give each budget its own name",
			                  "budgets has \"%s\" twice", b->name);
	if (b->until_ms != 0 && b->until_ms <= b->from_ms)
		config_read_error(r, member(group, "until"), "let it end after it begins",
		                  "budget \"%s\" ends before it begins", b->name);
	c->limits.n_budgets++;
}

/* --- velocity ------------------------------------------------------------------------------------------------------- */

static void read_choices(const config_setting_t *group, struct store_rule *v)
{
	const char *per = "all", *then = "review"; /* another word was refused by the table */

	config_setting_lookup_string(group, "per", &per);
	config_setting_lookup_string(group, "then", &then);
	v->per = strcmp(per, "bundle") == 0  ? STORE_PER_BUNDLE
	         : strcmp(per, "block") == 0 ? STORE_PER_BLOCK
	                                     : STORE_PER_ALL;
	v->reviews = strcmp(then, "refuse") != 0;
}

static void check_rule(struct config_reader *r, const config_setting_t *group, const struct config *c,
                       const struct store_rule *v)
{
	if (v->bundle[0] != '\0')
		check_bundle(r, member(group, "bundle"), c, v->bundle);
	if (v->per == STORE_PER_BLOCK && v->digits == 0)
		config_read_error(r, group, "say how long a block's prefix is: digits = 9",
		                  "velocity \"%s\" is per block, and digits is missing", v->name);
	if (v->per != STORE_PER_BLOCK && v->digits != 0)
		config_read_error(r, member(group, "digits"), "write per = \"block\", or take digits out",
		                  "digits says nothing in velocity \"%s\", which is not per block", v->name);
	for (size_t i = 0; i < c->limits.n_rules; i++)
		if (strcmp(c->limits.rule[i].name, v->name) == 0)
			config_read_error(r, member(group, "name"), "give each rule its own name",
			                  "velocity has \"%s\" twice", v->name);
}

static void read_rule(struct config_reader *r, const config_setting_t *group, struct config *c)
{
	struct store_rule *v = &c->limits.rule[c->limits.n_rules];
	struct config_velocity read = {.bundle = NULL};

	if (!config_setting_is_group(group)) {
		config_read_error(r, group, "write { name = \"...\"; gifts = 100; within = \"1h\"; }",
		                  "an entry of velocity is not a group");
		return;
	}
	config_read_defaults(r, "velocity[]", &read);
	config_read_group(r, group, "velocity[]", &read);
	*v = (struct store_rule){.digits = read.digits, .gifts = read.gifts, .within_ms = read.within_ms};
	(void)snprintf(v->name, sizeof v->name, "%s", read.name);
	(void)snprintf(v->bundle, sizeof v->bundle, "%s", read.bundle ? read.bundle : "");
	free(read.bundle);
	read_choices(group, v);
	check_rule(r, group, c, v);
	if (v->within_ms > 0) /* else the table has said what is wrong */
		c->limits.n_rules++;
}

/* --- all ------------------------------------------------------------------------------------------------------------ */

static void read_caps(struct config *c)
{
	struct store_limits *l = &c->limits;

	for (size_t i = 0; i < c->n_bundles && l->n_caps < STORE_LIMIT_CAPS; i++) {
		if (c->bundle[i].per_day == 0)
			continue;
		l->cap[l->n_caps].gifts = c->bundle[i].per_day;
		memcpy(l->cap[l->n_caps++].bundle, c->bundle[i].name, sizeof l->cap[0].bundle);
	}
}

static int entries(const config_setting_t *list)
{
	return list && config_setting_is_list(list) ? config_setting_length(list) : 0;
}

void config_limits_read(struct config_reader *r, const config_t *file, struct config *c)
{
	const config_setting_t *budgets = config_lookup(file, "budgets"),
			       *rules = config_lookup(file, "velocity");
	struct store_limits *l = &c->limits;

	read_key_file(r, file, c);
	l->new_number_ms = c->gifts.new_number_ms;
	l->day_starts_ms = c->gifts.day_starts_ms;
	l->per_day = c->gifts.per_day;
	read_caps(c);
	for (int i = 0; i < entries(budgets) && l->n_budgets < STORE_LIMIT_BUDGETS; i++)
		read_budget(r, config_setting_get_elem(budgets, (unsigned)i), c);
	for (int i = 0; i < entries(rules) && l->n_rules < STORE_LIMIT_RULES; i++)
		read_rule(r, config_setting_get_elem(rules, (unsigned)i), c);
}
