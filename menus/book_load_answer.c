/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, answers: what stands behind ask and pick, and the field to which an answer is saved (book_load.h). */
#include <libconfig.h>
#include <string.h>

#include "menus/book_load.h"
#include "menus/machine_private.h"
#include "menus/template.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static enum book_check load_as(struct loader *ld, const config_setting_t *group, const struct book_screen *s)
{
	const config_setting_t *at = load_member(group, "as");
	const char *names[BOOK_AS_COUNT_];
	const char *as = at == NULL ? book_check_name(load_usual_as(ld, s->ask.field))
	                            : load_string(ld, at, "as", BOOK_TEXT_MAX);

	for (int i = 0; i < BOOK_AS_COUNT_; i++) {
		names[i] = book_check_name((enum book_check)i);
		if (as != NULL && strcmp(as, names[i]) == 0)
			return (enum book_check)i;
	}
	if (as != NULL)
		load_error(ld, at, 0,
		           load_nearest(
				   ld, as, names, COUNT(names),
				   "use one of text, name, digits, year, date, number, msisdn, amount, pin"),
		           "\"%s\" is no kind of answer", as);
	return BOOK_AS_TEXT;
}

/* [ least, most ]: two whole numbers. */
static bool load_two(struct loader *ld, const config_setting_t *at, int rule, const char *remedy,
                     const char *what, int64_t *least, int64_t *most)
{
	bool is_pair = config_setting_is_aggregate(at) && !config_setting_is_group(at) &&
	               config_setting_length(at) == 2;

	for (unsigned i = 0; is_pair && i < 2; i++) {
		const config_setting_t *one = config_setting_get_elem(at, i);

		is_pair = config_setting_type(one) == CONFIG_TYPE_INT ||
		          config_setting_type(one) == CONFIG_TYPE_INT64;
		if (is_pair)
			*(i == 0 ? least : most) = config_setting_get_int64(one);
	}
	if (!is_pair)
		load_error(ld, at, rule, remedy, "%s", what);
	return is_pair;
}

static void load_length(struct loader *ld, const config_setting_t *group, struct book_screen *s)
{
	/* Least and most letters where no length is given; 0 = one must be. */
	static const struct {
		uint16_t min, max;
	} usual[BOOK_AS_COUNT_] = {
		[BOOK_AS_YEAR] = {1, 10},   [BOOK_AS_DATE] = {1, 10}, [BOOK_AS_MSISDN] = {7, 24},
		[BOOK_AS_AMOUNT] = {1, 12}, [BOOK_AS_PIN] = {4, 4},
	};
	const config_setting_t *at = load_member(group, "length");
	bool fixed = s->ask.as == BOOK_AS_YEAR || s->ask.as == BOOK_AS_DATE || s->ask.as == BOOK_AS_MSISDN;
	int64_t min = 0, max = 0;

	s->ask.min = usual[s->ask.as].min;
	s->ask.max = usual[s->ask.as].max;
	if (fixed && at != NULL)
		load_error(ld, at, 0, "take it out", "a %s has its own length",
		           s->ask.as == BOOK_AS_MSISDN ? "phone number" : book_check_name(s->ask.as));
	if (fixed || (at == NULL && s->ask.max > 0))
		return;
	s->ask.min = 1;
	s->ask.max = s->ask.has_range ? 12 : 40;
	if (at == NULL && (s->ask.has_range || load_usual_length(ld, s)))
		return;
	if (at == NULL) {
		load_error(ld, group, 8, "add the least and most letters: length = [ 2, 40 ];",
		           "the answer on screen \"%s\" may be of any length", s->name);
		return;
	}
	if (!load_two(ld, at, 8, "write length = [ 2, 40 ];",
	              "\"length\" must be two numbers: least and most letters", &min, &max))
		return;
	if (min < 1 || max < min || max > PROFILE_VALUE_MAX) {
		load_error(
			ld, at, 8,
			load_hint(ld, "use numbers from 1 to %d, the smaller one first", PROFILE_VALUE_MAX),
			"no answer can have %lld to %lld letters", (long long)min, (long long)max);
		return;
	}
	s->ask.min = (uint16_t)min;
	s->ask.max = (uint16_t)max;
}

static void load_range(struct loader *ld, const config_setting_t *group, struct book_screen *s)
{
	const config_setting_t *at = load_member(group, "range");
	bool is_counted =
		s->ask.as == BOOK_AS_NUMBER || s->ask.as == BOOK_AS_AMOUNT || s->ask.as == BOOK_AS_YEAR;

	if (at == NULL) {
		if (is_counted)
			load_usual_range(ld, s);
		return;
	}
	if (!is_counted) {
		load_error(ld, at, 0,
		           s->ask.as == BOOK_AS_DATE
		                   ? "give the field a range of dates in profile.conf"
		                   : "use as = \"number\", \"amount\" or \"year\", or take it out",
		           "a %s has no range", book_check_name(s->ask.as));
		return;
	}
	if (!load_two(ld, at, 0, "write range = [ 18, 99 ];",
	              "\"range\" must be two whole numbers: the least and the most", &s->ask.low,
	              &s->ask.high))
		return;
	s->ask.has_range = s->ask.low <= s->ask.high;
	if (!s->ask.has_range)
		load_error(ld, at, 0, "write the smaller one first", "nothing lies in this range");
}

/* A whole number of a group, from least to most; `otherwise` when it is not there or wrong. */
static int load_count(struct loader *ld, const config_setting_t *group, const char *key, int least, int most,
                      int otherwise)
{
	const config_setting_t *at = load_member(group, key);

	if (at == NULL)
		return otherwise;
	if (config_setting_type(at) == CONFIG_TYPE_INT && config_setting_get_int(at) >= least &&
	    config_setting_get_int(at) <= most)
		return config_setting_get_int(at);
	load_error(ld, at, 0, load_hint(ld, "write %s = %d;", key, otherwise),
	           "\"%s\" must be a number from %d to %d", key, least, most);
	return otherwise;
}

bool load_flag(struct loader *ld, const struct config_setting_t *group, const char *key)
{
	const config_setting_t *at = load_member(group, key);

	if (at == NULL)
		return false;
	if (config_setting_type(at) == CONFIG_TYPE_BOOL)
		return config_setting_get_bool(at);
	load_error(ld, at, 0, load_hint(ld, "write %s = true;", key), "\"%s\" must be true or false", key);
	return false;
}

void load_ask(struct loader *ld, const struct config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"save", "as", "length", "range", "tries", "secret", "once"};

	s->ask.field = -1;
	s->ask.tries = MACHINE_ASK_TRIES;
	if (!load_group(ld, at, "ask", keys, COUNT(keys)))
		return;
	s->ask.field = load_field(ld, at, false);
	s->once = load_flag(ld, at, "once");
	s->ask.as = load_as(ld, at, s);
	load_range(ld, at, s);
	load_length(ld, at, s);
	s->ask.tries = (uint8_t)load_count(ld, at, "tries", 1, 9, MACHINE_ASK_TRIES);
	load_fits_ask(ld, at, s);
	s->ask.secret = load_flag(ld, at, "secret") || s->ask.as == BOOK_AS_PIN;
	if (s->ask.field < 0)
		return;
	if (ld->full->profile.field[s->ask.field].n_of > 0)
		load_error(ld, at, 0, "use \"pick\" with those values",
		           "field \"%s\" takes only the values listed in profile.conf",
		           ld->full->profile.field[s->ask.field].name);
	if (s->ask.secret)
		ld->full->is_secret[s->ask.field] = true;
}

static void refuse_secret(struct loader *ld, const struct book_screen *s, const struct book_text *t)
{
	for (size_t i = 0; t != NULL && i < ld->b->n_languages; i++) {
		const char *at = t->in[i];
		struct template_piece piece;

		while (at != NULL && template_next(&at, &piece)) {
			int field = piece.is_variable ? template_variable(ld->b, piece.at, piece.len) : -1;

			if (field < 0 || !ld->full->is_secret[field])
				continue;
			findings_add(ld->findings, FINDING_ERROR, ld->full->screen_file[s - ld->b->screen],
			             s->line, 10, "take it out: who looks over a shoulder must not see it",
			             "screen \"%s\" shows {%s}, which is asked as a secret", s->name,
			             ld->full->profile.field[field].name);
			return;
		}
	}
}

void load_secrets(struct loader *ld)
{
	for (size_t i = 0; i < ld->b->n_screens; i++) {
		const struct book_screen *s = &ld->b->screen[i];

		refuse_secret(ld, s, s->say);
		refuse_secret(ld, s, s->sorry);
		refuse_secret(ld, s, s->sms);
		refuse_secret(ld, s, s->end);
		for (size_t k = 0; k < s->n_choices; k++)
			refuse_secret(ld, s, &s->choice[k].label);
	}
}

static bool is_language_of(struct loader *ld, const config_setting_t *at, const char *value)
{
	if (book_language_by_code(ld->b, value) >= 0)
		return true;
	load_error(ld, at, 0,
	           load_nearest(ld, value, ld->b->language, ld->b->n_languages, "use one of \"languages\""),
	           "\"%s\" cannot be saved here", value);
	return false;
}

/* Does the field take this value, alone or as one of several? */
static bool is_allowed(struct loader *ld, const config_setting_t *at, const struct book_screen *s,
                       const char *value)
{
	const char *names[PROFILE_MAX_OF];
	const struct profile_field *field;
	char why[PROFILE_WHY_SIZE];

	if (s->pick.field < 0)
		return s->pick.field != BOOK_SAVE_LANGUAGE || is_language_of(ld, at, value);
	field = &ld->full->profile.field[s->pick.field];
	if (profile_check(field, value, why, sizeof(why)))
		return true;
	for (size_t i = 0; i < field->n_of; i++)
		names[i] = field->of[i];
	load_error(ld, at, 0,
	           field->n_of > 0 ? load_nearest(ld, value, names, field->n_of,
	                                          "use one of the values listed in profile.conf")
	                           : load_hint(ld, "profile.conf takes %s", why),
	           "\"%s\" cannot be saved here", value);
	return false;
}

/* How many may be chosen, and whether all of them can be kept in one value. */
static void load_several(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	int n = (int)(s->n_choices > 0 ? s->n_choices : 1);
	size_t longest = 0;

	s->pick.several = load_flag(ld, at, "several");
	s->pick.min = s->pick.max = 1;
	if (!s->pick.several) {
		if (load_member(at, "min") != NULL || load_member(at, "max") != NULL)
			load_error(ld, at, 0, "add several = true; or take them out",
			           "\"min\" and \"max\" go with \"several\"");
		return;
	}
	if (s->pick.field == BOOK_SAVE_LANGUAGE) {
		load_error(ld, at, 0, "take \"several\" out", "nobody can read several languages at once");
		return;
	}
	s->pick.min = (uint8_t)load_count(ld, at, "min", 1, n, 1);
	s->pick.max = (uint8_t)load_count(ld, at, "max", s->pick.min, n, n);
	for (size_t i = 0; i < s->n_choices; i++) {
		longest += strlen(s->choice[i].value) + 1;
		if (strchr(s->choice[i].value, ',') != NULL)
			load_error(ld, at, 0, "write it without a comma: commas stand between several values",
			           "\"%s\" cannot be one of several", s->choice[i].value);
	}
	if (longest > PROFILE_VALUE_MAX + 1)
		load_error(ld, at, 0, "use short values, such as \"a\" and \"b\"; people see the labels",
		           "the values of all choices together are longer than %d letters",
		           PROFILE_VALUE_MAX);
	if (s->pick.field < 0)
		return;
	ld->full->is_several[s->pick.field] = true;
	load_fits_several(ld, at, s);
}

void load_pick(struct loader *ld, const struct config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"save", "of", "several", "min", "max", "once"};
	static const char example[] = "( \"head\", \"Head of home\" ), ( ... )";
	const config_setting_t *of;
	struct book_choice *choice;

	s->pick.field = -1;
	if (!load_group(ld, at, "pick", keys, COUNT(keys)))
		return;
	s->pick.field = load_field(ld, at, true);
	s->once = load_flag(ld, at, "once");
	of = load_member(at, "of");
	if (of == NULL) {
		load_error(ld, at, 0, load_hint(ld, "add of = ( %s );", example), "\"pick\" offers nothing");
		return;
	}
	choice = load_entries(ld, of, "of", example, sizeof(*choice), &s->n_choices);
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
		if (!load_pair(ld, one, "a choice", "( \"head\", \"Head of home\" )", &value, &label))
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
	load_several(ld, at, s);
}
