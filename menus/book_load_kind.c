/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, kinds: what stands behind menu, consent, when, give and end (book_load.h). */
#include <libconfig.h>
#include <stdio.h>
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

/* A purpose that a consent or a withdrawal names; NULL and a finding when it is none. */
const char *load_purpose(struct loader *ld, const config_setting_t *at, const char *name)
{
	const struct profile *profile = &ld->full->profile;
	const char *near;

	if (!load_is_name(name)) {
		load_error(ld, at, 13, "use a short name such as \"profile\" or \"offers\"",
		           "\"%s\" cannot be the name of a purpose", name);
		return NULL;
	}
	if (profile_takes_purpose(profile, name))
		return load_strdup(ld, name);
	near = profile_nearest_purpose(profile, name);
	load_error(ld, at, 13,
	           near == NULL ? "add it to \"purposes\" in profile.conf"
	                        : load_hint(ld, "did you mean \"%s\"?", near),
	           "profile.conf has no purpose \"%s\"", name);
	return NULL;
}

/* consent = { ask = "always"; }: it is where people change their mind. */
static bool load_always(struct loader *ld, const config_setting_t *group)
{
	const config_setting_t *at = load_member(group, "ask");
	const char *text = at == NULL ? NULL : load_string(ld, at, "ask", BOOK_TEXT_MAX);

	if (text == NULL || strcmp(text, "once") == 0)
		return false;
	if (strcmp(text, "always") == 0)
		return true;
	load_error(ld, at, 13, "write ask = \"always\"; or take it out: a consent is asked for once",
	           "\"%s\" does not say when to ask", text);
	return false;
}

const char *load_words_version(struct loader *ld, const struct book_text *const *texts, size_t n)
{
	uint32_t hash = 2166136261U; /* FNV-1a, 32 bits */
	char text[9];

	for (size_t l = 0; l < ld->b->n_languages; l++) {
		for (size_t t = 0; t < n; t++) {
			const char *at = texts[t] == NULL ? NULL : texts[t]->in[l];

			for (; at != NULL && *at != '\0'; at++)
				hash = (hash ^ (unsigned char)*at) * 16777619U;
			hash *= 16777619U; /* and where one text ends */
		}
	}
	snprintf(text, sizeof(text), "%08x", (unsigned)hash);
	return load_strdup(ld, text);
}

static const char *load_version(struct loader *ld, const config_setting_t *group, const struct book_screen *s)
{
	const config_setting_t *at = load_member(group, "version");
	const char *text = at == NULL ? NULL : load_string(ld, at, "version", BOOK_VERSION_MAX);
	const struct book_text *const texts[] = {s->say, &s->choice[0].label, &s->choice[1].label};

	return text != NULL ? load_strdup(ld, text) : load_words_version(ld, texts, COUNT(texts));
}

static void load_answer(struct loader *ld, const config_setting_t *group, const char *key, bool is_yes,
                        struct book_choice *choice)
{
	const config_setting_t *one = load_member(group, key), *label, *target;

	choice->next = BOOK_NO_SCREEN;
	choice->line = load_line(one == NULL ? group : one);
	if (one == NULL) {
		load_error(ld, group, 13,
		           load_hint(ld, "add %s = ( \"%s\", \"screen\" );", key, is_yes ? "Yes" : "No"),
		           "a consent needs a \"yes\" and a \"no\"; \"%s\" is missing", key);
		return;
	}
	if (!load_pair(ld, one, key, "( \"Yes\", \"screen\" )", &label, &target))
		return;
	load_text(ld, label, key, &choice->label);
	choice->next = load_target(ld, target, key);
}

static void load_consent(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"to", "yes", "no", "ask", "version"};
	struct book_choice *choice = load_alloc(ld, 2 * sizeof(*choice));
	const char *purpose;

	s->consent.purpose = s->consent.version = "";
	if (choice == NULL || !load_group(ld, at, "consent", keys, COUNT(keys)))
		return;
	s->choice = choice;
	s->n_choices = 2;
	purpose = load_string_member(ld, at, "to", "consent", BOOK_TEXT_MAX);
	if (purpose != NULL && (purpose = load_purpose(ld, load_member(at, "to"), purpose)) != NULL)
		s->consent.purpose = purpose;
	s->consent.is_marketing = profile_is_marketing(&ld->full->profile, s->consent.purpose);
	s->consent.always = load_always(ld, at);
	load_answer(ld, at, "yes", true, &choice[0]);
	load_answer(ld, at, "no", false, &choice[1]);
	s->consent.version = load_version(ld, at, s);
	if (s->consent.version == NULL)
		s->consent.version = "";
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
	const config_setting_t *withdraw = load_member(at, "withdraw");
	const char *purpose = withdraw == NULL ? NULL : load_string(ld, withdraw, "withdraw", BOOK_TEXT_MAX);

	if (purpose != NULL)
		s->withdraw = load_purpose(ld, withdraw, purpose);
	s->erase = load_flag(ld, at, "erase");
	s->stop = load_flag(ld, at, "stop");
	s->copy = load_flag(ld, at, "copy");
	if (s->erase && s->copy)
		load_error(ld, load_member(at, "copy"), 0, "give the copy a screen of its own",
		           "screen \"%s\" deletes everything and promises a copy of it", s->name);
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
	case BOOK_INVITE:
	case BOOK_LEAVE:
	case BOOK_REFER:
		load_number(ld, body, s);
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
