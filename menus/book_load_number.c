/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, other people: what stands behind invite, leave and refer (book_load.h).
 *
 * The words that the other gets are kept as a proof of consent, so they may show nobody's number but as {other}
 * (menus/check_number.c).
 */
#include <libconfig.h>
#include <string.h>

#include "core/msisdn.h"
#include "menus/book_load.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The type that a key names: one of starhash.conf, and a purpose, since both sides consent to it. */
static const char *load_type(struct loader *ld, const config_setting_t *group, const char *key)
{
	const config_setting_t *at = load_member(group, key);
	const char *type = load_string_member(ld, group, key, book_kind_name(BOOK_INVITE), BOOK_TEXT_MAX);
	const struct book_env *env = ld->env;
	size_t i = 0;

	if (type == NULL || (type = load_purpose(ld, at, type)) == NULL)
		return "";
	while (i < env->n_relations && strcmp(env->relations[i], type) != 0)
		i++;
	if (env->relations != NULL && i == env->n_relations)
		load_error(ld, at, 0,
		           load_nearest(ld, type, env->relations, env->n_relations,
		                        "add it to \"relations\" in starhash.conf"),
		           "there is no type of relation \"%s\"", type);
	return type;
}

static uint16_t load_way(struct loader *ld, const config_setting_t *group, const char *key)
{
	const config_setting_t *at = load_member(group, key);

	return at == NULL ? BOOK_NO_SCREEN : load_target(ld, at, key);
}

static const struct book_text *load_needed(struct loader *ld, const config_setting_t *group, const char *key,
                                           const char *example)
{
	if (load_member(group, key) == NULL)
		load_error(ld, group, 13, load_hint(ld, "add %s = \"%s\";", key, example),
		           "\"invite\" does not say what the other is told: \"%s\" is missing", key);
	return load_text_member(ld, group, key);
}

static void load_invite(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"to", "sms", "yes", "no", "joined", "left", "again", "full"};

	s->number.type = "";
	if (!load_group(ld, at, "invite", keys, COUNT(keys)))
		return;
	s->number.type = load_type(ld, at, "to");
	s->number.ask =
		load_needed(ld, at, "sms", "{other} asks you to join their household. Reply YES or NO");
	s->number.yes = load_needed(ld, at, "yes", "You are in the household of {other}. To leave: *150*2#");
	s->number.no = load_needed(ld, at, "no", "OK. {other} is not told.");
	s->number.joined = load_text_member(ld, at, "joined");
	s->number.left = load_text_member(ld, at, "left");
	s->number.again = load_way(ld, at, "again");
	s->number.full = load_way(ld, at, "full");
	s->number.version = load_words_version(ld, &s->say, 1);
	s->number.asked_version = load_words_version(ld, &s->number.ask, 1);
}

void load_number(struct loader *ld, const struct config_setting_t *at, struct book_screen *s)
{
	static const char *const leave[] = {"from", "none"}, *const refer[] = {"again"};

	s->ask.field = -1;
	s->ask.as = BOOK_AS_MSISDN;
	s->ask.min = MSISDN_MIN_DIGITS;
	s->ask.max = 20;
	s->number.type = s->number.version = s->number.asked_version = "";
	if (s->kind == BOOK_INVITE) {
		load_invite(ld, at, s);
	} else if (s->kind == BOOK_LEAVE) {
		if (!load_group(ld, at, "leave", leave, COUNT(leave)))
			return;
		s->number.type = load_type(ld, at, "from");
		s->number.again = load_way(ld, at, "none");
	} else if (load_group(ld, at, "refer", refer, COUNT(refer))) {
		s->number.again = load_way(ld, at, "again");
	}
}
