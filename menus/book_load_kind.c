/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, kinds: what stands behind menu, ask, pick, consent, when, give and end (book_load.h). */
#include <libconfig.h>
#include <string.h>

#include "menus/book_load.h"
#include "menus/machine_private.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The two parts of `( first, "screen" )`. */
static bool pair(struct loader *ld, const config_setting_t *at, const char *what, const char *example,
                 const config_setting_t **first, const config_setting_t **second)
{
	if (!config_setting_is_list(at) || config_setting_length(at) != 2) {
		load_error(ld, at, 0, load_hint(ld, "write %s", example), "%s must be a pair in ( )", what);
		return false;
	}
	*first = config_setting_get_elem(at, 0);
	*second = config_setting_get_elem(at, 1);
	return true;
}

/* The entries of a list of pairs; NULL and a finding when it is none. */
static void *entries(struct loader *ld, const config_setting_t *at, const char *what, const char *example,
                     size_t size, size_t *n)
{
	int len = config_setting_is_list(at) ? config_setting_length(at) : 0;

	*n = 0;
	if (len == 0 || !config_setting_is_list(config_setting_get_elem(at, 0))) {
		load_error(ld, at, 0, load_hint(ld, "write %s = ( %s );", what, example),
		           "\"%s\" must be a list of pairs, each in ( )", what);
		return NULL;
	}
	if (len > BOOK_MAX_CHOICES) {
		load_error(ld, at, 0, "divide it into several screens", "\"%s\" has more than %d entries",
		           what, BOOK_MAX_CHOICES);
		return NULL;
	}
	*n = (size_t)len;
	return load_alloc(ld, *n * size);
}

static void load_menu(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	static const char example[] = "( [ \"Yes\", \"Ndiyo\" ], \"next\" ), ( ... )";
	struct book_choice *choice = entries(ld, at, "menu", example, sizeof(*choice), &s->n_choices);

	if (choice == NULL) {
		s->n_choices = 0;
		return;
	}
	s->choice = choice;
	for (size_t i = 0; i < s->n_choices; i++) {
		const config_setting_t *one = config_setting_get_elem(at, (unsigned)i), *label, *target;

		choice[i].line = load_line(one);
		choice[i].next = BOOK_NO_SCREEN;
		if (!pair(ld, one, "a choice", "( \"Yes\", \"next\" )", &label, &target))
			continue;
		load_text(ld, label, "a choice", &choice[i].label);
		choice[i].next = load_target(ld, target, "a choice");
	}
}

static int load_field(struct loader *ld, const config_setting_t *group, bool may_be_language)
{
	const char *name = load_string_member(ld, group, "save", "the question", PROFILE_NAME_SIZE - 1);
	const struct profile *profile = &ld->full->profile;
	const char *names[PROFILE_MAX_FIELDS];
	int field;

	if (name == NULL)
		return -1;
	if (strcmp(name, "language") == 0) {
		if (may_be_language)
			return BOOK_SAVE_LANGUAGE;
		load_error(ld, load_member(group, "save"), 0,
		           "use \"pick\" with the languages of this service",
		           "a language is picked, not typed");
		return -1;
	}
	field = profile_field_by_name(profile, name);
	for (size_t i = 0; i < profile->n_fields; i++)
		names[i] = profile->field[i].name;
	if (field < 0)
		load_error(
			ld, load_member(group, "save"), 0,
			load_nearest(ld, name, names, profile->n_fields, "declare it in profile.conf first"),
			"the profile has no field \"%s\"", name);
	return field;
}

static enum book_check load_as(struct loader *ld, const config_setting_t *group)
{
	static const char *const names[] = {"text", "name", "digits", "year", "date", "number"};
	const config_setting_t *at = load_member(group, "as");
	const char *as = at == NULL ? names[BOOK_AS_TEXT] : load_string(ld, at, "as", BOOK_TEXT_MAX);

	for (size_t i = 0; as != NULL && i < COUNT(names); i++) {
		if (strcmp(names[i], as) == 0)
			return (enum book_check)i;
	}
	if (as != NULL)
		load_error(ld, at, 0,
		           load_nearest(ld, as, names, COUNT(names),
		                        "use one of text, name, digits, year, date, number"),
		           "\"%s\" is no kind of answer", as);
	return BOOK_AS_TEXT;
}

static void load_length(struct loader *ld, const config_setting_t *group, struct book_screen *s)
{
	const config_setting_t *at = load_member(group, "length");
	bool fixed = s->ask.as == BOOK_AS_YEAR || s->ask.as == BOOK_AS_DATE;
	int min, max;

	s->ask.min = 1;
	s->ask.max = fixed ? 10 : 40;
	if (fixed && at != NULL)
		load_error(ld, at, 0, "take it out", "a %s has its own length",
		           s->ask.as == BOOK_AS_YEAR ? "year" : "date");
	if (fixed)
		return;
	if (at == NULL) {
		load_error(ld, group, 8, "add the least and most letters: length = [ 2, 40 ];",
		           "the answer on screen \"%s\" may be of any length", s->name);
		return;
	}
	if (!config_setting_is_aggregate(at) || config_setting_is_group(at) ||
	    config_setting_length(at) != 2 ||
	    config_setting_type(config_setting_get_elem(at, 0)) != CONFIG_TYPE_INT ||
	    config_setting_type(config_setting_get_elem(at, 1)) != CONFIG_TYPE_INT) {
		load_error(ld, at, 8, "write length = [ 2, 40 ];",
		           "\"length\" must be two numbers: least and most letters");
		return;
	}
	min = config_setting_get_int_elem(at, 0);
	max = config_setting_get_int_elem(at, 1);
	if (min < 1 || max < min || max > PROFILE_VALUE_MAX) {
		load_error(
			ld, at, 8,
			load_hint(ld, "use numbers from 1 to %d, the smaller one first", PROFILE_VALUE_MAX),
			"no answer can have %d to %d letters", min, max);
		return;
	}
	s->ask.min = (uint16_t)min;
	s->ask.max = (uint16_t)max;
}

static void load_ask(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"save", "as", "length", "tries"};
	const config_setting_t *tries;

	s->ask.field = -1;
	s->ask.tries = MACHINE_ASK_TRIES;
	if (!load_group(ld, at, "ask", keys, COUNT(keys)))
		return;
	s->ask.field = load_field(ld, at, false);
	s->ask.as = load_as(ld, at);
	load_length(ld, at, s);
	if (s->ask.field >= 0 && ld->full->profile.field[s->ask.field].n_of > 0)
		load_error(ld, at, 0, "use \"pick\" with those values",
		           "field \"%s\" takes only the values listed in profile.conf",
		           ld->full->profile.field[s->ask.field].name);
	tries = load_member(at, "tries");
	if (tries == NULL)
		return;
	if (config_setting_type(tries) != CONFIG_TYPE_INT || config_setting_get_int(tries) < 1 ||
	    config_setting_get_int(tries) > 9)
		load_error(ld, tries, 0, "write tries = 3;", "\"tries\" must be a number from 1 to 9");
	else
		s->ask.tries = (uint8_t)config_setting_get_int(tries);
}

static bool is_allowed(struct loader *ld, const config_setting_t *at, const struct book_screen *s,
                       const char *value)
{
	const struct profile_field *field =
		s->pick.field < 0 ? NULL : &ld->full->profile.field[s->pick.field];
	const char *names[PROFILE_MAX_OF > BOOK_MAX_LANGUAGES ? PROFILE_MAX_OF : BOOK_MAX_LANGUAGES];
	size_t n = 0;

	if (s->pick.field == BOOK_SAVE_LANGUAGE) {
		for (; n < ld->b->n_languages; n++)
			names[n] = ld->b->language[n];
	} else {
		for (; field != NULL && n < field->n_of; n++)
			names[n] = field->of[n];
		if (n == 0)
			return true;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], value) == 0)
			return true;
	}
	load_error(ld, at, 0,
	           load_nearest(ld, value, names, n,
	                        field == NULL ? "use one of \"languages\""
	                                      : "use one of the values listed in profile.conf"),
	           "\"%s\" cannot be saved here", value);
	return false;
}

static void load_pick(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"save", "of"};
	static const char example[] = "( \"head\", \"Head of home\" ), ( ... )";
	const config_setting_t *of;
	struct book_choice *choice;

	s->pick.field = -1;
	if (!load_group(ld, at, "pick", keys, COUNT(keys)))
		return;
	s->pick.field = load_field(ld, at, true);
	of = load_member(at, "of");
	if (of == NULL) {
		load_error(ld, at, 0, load_hint(ld, "add of = ( %s );", example), "\"pick\" offers nothing");
		return;
	}
	choice = entries(ld, of, "of", example, sizeof(*choice), &s->n_choices);
	if (choice == NULL) {
		s->n_choices = 0;
		return;
	}
	s->choice = choice;
	for (size_t i = 0; i < s->n_choices; i++) {
		const config_setting_t *one = config_setting_get_elem(of, (unsigned)i), *value, *label;
		const char *text = NULL;

		choice[i].line = load_line(one);
		choice[i].next = BOOK_NO_SCREEN;
		choice[i].value = "";
		if (!pair(ld, one, "a choice", "( \"head\", \"Head of home\" )", &value, &label))
			continue;
		load_text(ld, label, "a choice", &choice[i].label);
		text = load_string(ld, value, "the value of a choice", PROFILE_VALUE_MAX);
		if (text == NULL || (s->pick.field != -1 && !is_allowed(ld, value, s, text)))
			continue;
		for (size_t k = 0; k < i; k++) {
			if (strcmp(choice[k].value, text) == 0)
				load_error(ld, value, 0, "give each choice its own value",
				           "two choices save \"%s\"", text);
		}
		if ((text = load_strdup(ld, text)) != NULL)
			choice[i].value = text;
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
		if (!pair(ld, one, key, "( \"Yes\", \"screen\" )", &label, &target))
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
	struct book_when *when = entries(ld, at, "when", example, sizeof(*when), &s->n_whens);
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
		if (!pair(ld, one, "a branch of \"when\"", "( \"registered\", \"already\" )", &condition,
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

/* A screen that is shown after a give, and so must end. */
static uint16_t load_after_give(struct loader *ld, const config_setting_t *group, const char *key)
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
	    load_member(target, "give") == NULL)
		return screen;
	load_error(ld, at, 12, "name a screen that has \"end\" and does not give",
	           "\"%s\" must lead to a last screen, and \"%s\" is none", key, ld->b->screen[screen].name);
	return BOOK_NO_SCREEN;
}

static void load_give(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"bundle", "once", "else", "again"};
	const struct book_env *env = ld->env;
	const char *bundle, *once;
	size_t i = 0;

	s->give.bundle = s->give.once = "";
	if (!load_group(ld, at, "give", keys, COUNT(keys)))
		return;
	bundle = load_string_member(ld, at, "bundle", "give", PROFILE_NAME_SIZE - 1);
	if (bundle != NULL && (bundle = load_strdup(ld, bundle)) != NULL)
		s->give.bundle = bundle;
	while (bundle != NULL && i < env->n_bundles && strcmp(env->bundles[i], bundle) != 0)
		i++;
	if (bundle != NULL && env->bundles != NULL && i == env->n_bundles)
		load_error(ld, load_member(at, "bundle"), 0,
		           load_nearest(ld, bundle, env->bundles, env->n_bundles,
		                        "add it to \"bundles\" in starhash.conf"),
		           "there is no bundle \"%s\"", bundle);
	once = load_string_member(ld, at, "once", "give", PROFILE_NAME_SIZE - 1);
	if (once != NULL && !load_is_name(once))
		load_error(ld, load_member(at, "once"), 0, "use letters and digits, such as \"join\"",
		           "\"%s\" cannot be the name of an occasion", once);
	if (once != NULL && (once = load_strdup(ld, once)) != NULL)
		s->give.once = once;
	s->give.otherwise = load_after_give(ld, at, "else");
	s->give.again = load_after_give(ld, at, "again");
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
	case BOOK_CONSENT:
		load_consent(ld, body, s);
		break;
	case BOOK_WHEN:
		load_when(ld, body, s);
		break;
	case BOOK_GIVE:
		load_give(ld, body, s);
		break;
	case BOOK_END:
		load_end(ld, at, s);
		break;
	}
}
