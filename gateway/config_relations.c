/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of relations: see config_relations.h. */
#include "gateway/config_relations.h"

#include <string.h>

#include "gateway/config_relations_read.h"

const struct config_relation *config_relation_by_type(const struct config_relations *c, const char *type)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->of[i].type, type) == 0)
			return &c->of[i];
	return NULL;
}

static void read_one(struct config_reader *r, const config_setting_t *group, struct config_relations *out)
{
	struct config_relation *one = &out->of[out->n];

	if (!config_setting_is_group(group)) {
		config_read_error(r, group, "write { type = \"household\"; }",
		                  "an entry of relations is not a group");
		return;
	}
	config_read_defaults(r, "relations[]", one);
	config_read_group(r, group, "relations[]", one);
	if (*one->type && config_relation_by_type(out, one->type))
		config_read_error(r, config_setting_get_member(group, "type"), "give each type its own name",
		                  "relations has \"%s\" twice", one->type);
	if (one->again_ms < one->expires_ms)
		config_read_error(r, group, "let again be as long as expires, or longer",
		                  "in relations \"%s\" people would be asked again before their time to "
		                  "answer is over",
		                  one->type);
	out->n++;
}

void config_relations_read(struct config_reader *r, const config_t *file, struct config_relations *out)
{
	const config_setting_t *list = config_lookup(file, "relations");
	int n = list && config_setting_is_list(list) ? config_setting_length(list) : 0;

	for (int i = 0; i < n && out->n < CONFIG_MAX_RELATIONS; i++)
		read_one(r, config_setting_get_elem(list, (unsigned)i), out);
}

void config_relations_check(struct config_reader *r, const struct config *c)
{
	for (size_t i = 0; i < c->relations.n; i++) {
		if (profile_is_marketing(&c->profile, c->relations.of[i].type))
			config_read_error(
				r, NULL,
				"name a purpose without marketing, or take marketing out of that one",
				"relations has the type \"%s\", which is marketing: STOP would withdraw "
				"it and leave the relation",
				c->relations.of[i].type);
		if (!profile_takes_purpose(&c->profile, c->relations.of[i].type))
			config_read_error(
				r, NULL,
				"add { purpose = \"...\"; } of this name to purposes there: both sides "
				"consent to it",
				"relations has the type \"%s\", and profile.conf has no such purpose",
				c->relations.of[i].type);
	}
}
