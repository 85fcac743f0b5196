/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, kinds: what stands behind menu, consent, when, give and end (book_load.h). */
#include <libconfig.h>
#include <string.h>

#include "menus/book_load.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void load_menu(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	static const char example[] = "( [ \"Yes\", \"Ndiyo\" ], \"next\" ), ( ... )";
	struct book_choice *choice = load_entries(ld, at, "menu", example, sizeof(*choice), &s->n_choices);

	if (choice == NULL) {
		s->n_choices = 0;
		return;
	}
	s->choice = choice;
	for (size_t i = 0; i < s->n_choices; i++) {
		const config_setting_t *one = config_setting_get_elem(at, (unsigned)i), *label, *target;

		choice[i].line = load_line(one);
		choice[i].next = BOOK_NO_SCREEN;
		if (!load_pair(ld, one, "a choice", "( \"Yes\", \"next\" )", &label, &target))
			continue;
		load_text(ld, label, "a choice", &choice[i].label);
		choice[i].next = load_target(ld, target, "a choice");
	}
}

static void load_consent(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"to", "yes", "no"};
	struct book_choice *choice = load_alloc(ld, 2 * sizeof(*choice));
	const char *purpose;

	if (choice == NULL || !load_group(ld, at, "consent", keys, COUNT(keys)))
		return;
	s->choice = choice;
	s->n_choices = 2;
	purpose = load_string_member(ld, at, "to", "consent", BOOK_TEXT_MAX);
	if (purpose != NULL && !load_is_name(purpose))
		load_error(ld, load_member(at, "to"), 13,
		           "use a short name such as \"profile\" or \"offers\"",
		           "\"%s\" cannot be the name of a purpose", purpose);
	s->consent.purpose = purpose == NULL ? "" : load_strdup(ld, purpose);
	for (size_t i = 0; i < 2; i++) {
		const char *key = keys[i + 1];
		const config_setting_t *one = load_member(at, key), *label, *target;

		choice[i].next = BOOK_NO_SCREEN;
		choice[i].line = load_line(one == NULL ? at : one);
		if (one == NULL) {
			load_error(
				ld, at, 13,
				load_hint(ld, "add %s = ( \"%s\", \"screen\" );", key, i == 0 ? "Yes" : "No"),
				"a consent needs a \"yes\" and a \"no\"; \"%s\" is missing", key);
			continue;
		}
		if (!load_pair(ld, one, key, "( \"Yes\", \"screen\" )", &label, &target))
			continue;
		load_text(ld, label, key, &choice[i].label);
		choice[i].next = load_target(ld, target, key);
	}
}

static int load_condition(struct loader *ld, const config_setting_t *at, const char *sql)
{
	char why[300] = "";
	int number = BOOK_CONDITION_NEVER;
	enum rc rc;

	if (ld->env->condition == NULL)
		return BOOK_CONDITION_NEVER;
	rc = ld->env->condition(ld->env->ctx, sql, &number, why, sizeof(why));
	if (rc != RC_OK) {
		load_error(ld, at, 0, "use the fields of profile.conf, \"registered\", or \"else\"",
		           "the condition \"%.80s\" cannot be understood: %s", sql,
		           *why != '\0' ? why : rc_name(rc));
		return BOOK_CONDITION_NEVER;
	}
	ld->full->condition[ld->full->n_conditions++] = number;
	return number;
}

static void load_when(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	static const char example[] = "( \"registered\", \"already\" ), ( \"else\", \"agree\" )";
	struct book_when *when = load_entries(ld, at, "when", example, sizeof(*when), &s->n_whens);
	bool has_else = false;

	if (when == NULL) {
		s->n_whens = 0;
		return;
	}
	s->when = when;
	for (size_t i = 0; i < s->n_whens; i++) {
		const config_setting_t *one = config_setting_get_elem(at, (unsigned)i), *condition, *target;
		const char *sql;

		when[i].line = load_line(one);
		when[i].next = BOOK_NO_SCREEN;
		when[i].condition = BOOK_CONDITION_NEVER;
		when[i].sql = "";
		if (has_else)
			load_error(ld, one, 3, "put \"else\" last",
			           "nobody comes here: \"else\" takes everybody before");
		if (!load_pair(ld, one, "a branch of \"when\"", "( \"registered\", \"already\" )", &condition,
		               &target))
			continue;
		when[i].next = load_target(ld, target, "a branch of \"when\"");
		sql = load_string(ld, condition, "a condition", BOOK_TEXT_MAX);
		if (sql == NULL)
			continue;
		when[i].sql = load_strdup(ld, sql);
		has_else = has_else || strcmp(sql, "else") == 0;
		when[i].condition = strcmp(sql, "else") == 0 ? -1 : load_condition(ld, condition, sql);
	}
	if (!has_else)
		load_error(ld, at, 3, "add a last branch ( \"else\", \"screen\" )",
		           "screen \"%s\" leaves people for whom nothing holds without a way on", s->name);
}

uint16_t load_after_give(struct loader *ld, const config_setting_t *group, const char *key)
{
	const config_setting_t *at = load_member(group, key), *target;
	uint16_t screen;

	if (at == NULL)
		return BOOK_NO_SCREEN;
	screen = load_target(ld, at, key);
	if (screen == BOOK_NO_SCREEN)
		return screen;
	target = config_setting_get_elem(ld->screens, screen);
	if (config_setting_is_group(target) && load_member(target, "end") != NULL &&
	    load_member(target, "give") == NULL && load_member(target, "buy") == NULL)
		return screen;
	load_error(ld, at, 12, "name a screen that has \"end\" and does not give or buy",
	           "\"%s\" must lead to a last screen, and \"%s\" is none", key, ld->b->screen[screen].name);
	return BOOK_NO_SCREEN;
}

size_t load_bundle(struct loader *ld, const config_setting_t *group, const char *what, const char **name)
{
	const struct book_env *env = ld->env;
	const char *bundle = load_string_member(ld, group, "bundle", what, PROFILE_NAME_SIZE - 1);
	size_t i = 0;

	if (bundle == NULL || (bundle = load_strdup(ld, bundle)) == NULL)
		return SIZE_MAX;
	*name = bundle;
	while (i < env->n_bundles && strcmp(env->bundles[i], bundle) != 0)
		i++;
	if (i < env->n_bundles)
		return i;
	if (env->bundles != NULL)
		load_error(ld, load_member(group, "bundle"), 0,
		           load_nearest(ld, bundle, env->bundles, env->n_bundles,
		                        "add it to \"bundles\" in starhash.conf"),
		           "there is no bundle \"%s\"", bundle);
	return SIZE_MAX;
}

static void load_give(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"bundle", "once", "else", "again", "refused"};
	const char *once;

	s->give.bundle = s->give.once = "";
	if (!load_group(ld, at, "give", keys, COUNT(keys)))
		return;
	(void)load_bundle(ld, at, "give", &s->give.bundle);
	once = load_string_member(ld, at, "once", "give", PROFILE_NAME_SIZE - 1);
	if (once != NULL && !load_is_name(once))
		load_error(ld, load_member(at, "once"), 0, "use letters and digits, such as \"join\"",
		           "\"%s\" cannot be the name of an occasion", once);
	if (once != NULL && (once = load_strdup(ld, once)) != NULL)
		s->give.once = once;
	s->give.otherwise = load_after_give(ld, at, "else");
	s->give.again = load_after_give(ld, at, "again");
	s->give.refused = load_after_give(ld, at, "refused");
}

static void load_end(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	const config_setting_t *withdraw = load_member(at, "withdraw"), *erase = load_member(at, "erase");
	const char *purpose = withdraw == NULL ? NULL : load_string(ld, withdraw, "withdraw", BOOK_TEXT_MAX);

	if (purpose != NULL && !load_is_name(purpose))
		load_error(ld, withdraw, 13, "name the purpose of a consent, such as \"profile\"",
		           "\"%s\" cannot be the name of a purpose", purpose);
	else if (purpose != NULL)
		s->withdraw = load_strdup(ld, purpose);
	if (erase == NULL)
		return;
	if (config_setting_type(erase) != CONFIG_TYPE_BOOL)
		load_error(ld, erase, 0, "write erase = true;", "\"erase\" must be true or false");
	else
		s->erase = config_setting_get_bool(erase);
}

static void load_next(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	const config_setting_t *next = load_member(at, "next");

	if (next == NULL)
		load_error(ld, at, 3, "add next = \"screen\";",
		           "screen \"%s\" leads nowhere after the answer", s->name);
	else
		s->next = load_target(ld, next, "next");
}

void load_kind(struct loader *ld, const struct config_setting_t *at, struct book_screen *s)
{
	const config_setting_t *body = load_member(at, book_kind_name(s->kind));

	switch (s->kind) {
	case BOOK_MENU:
		load_menu(ld, body, s);
		break;
	case BOOK_ASK:
		load_ask(ld, body, s);
		load_next(ld, at, s);
		break;
	case BOOK_PICK:
		load_pick(ld, body, s);
		load_next(ld, at, s);
		break;
	case BOOK_LIST:
		load_list(ld, body, s);
		load_next(ld, at, s);
		break;
	case BOOK_APP:
		load_app(ld, body, s);
		if (load_member(at, "next") != NULL)
			load_next(ld, at, s);
		break;
	case BOOK_CONSENT:
		load_consent(ld, body, s);
		break;
	case BOOK_WHEN:
		load_when(ld, body, s);
		break;
	case BOOK_GIVE:
		load_give(ld, body, s);
		break;
	case BOOK_BUY:
		load_buy(ld, body, s);
		break;
	case BOOK_END:
		load_end(ld, at, s);
		break;
	}
}
