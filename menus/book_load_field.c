/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, fields: what profile.conf says of the field that a question saves to (book_load.h).
 *
 * The field's kind says what is a good answer where the question does not; a question that asks for something which the
 * field would never take is an error here, and not one at each answer.
 */
#include <libconfig.h>
#include <string.h>

#include "core/buf.h"
#include "menus/book_load.h"

int load_field(struct loader *ld, const struct config_setting_t *group, bool may_be_language)
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

static const struct profile_field *field_of(const struct loader *ld, int field)
{
	return field < 0 ? NULL : &ld->full->profile.field[field];
}

enum book_check load_usual_as(const struct loader *ld, int field)
{
	const struct profile_field *f = field_of(ld, field);

	if (f == NULL || f->kind == PROFILE_TEXT || f->kind == PROFILE_PLACE)
		return BOOK_AS_TEXT;
	return f->kind == PROFILE_DATE ? BOOK_AS_DATE : BOOK_AS_NUMBER;
}

void load_usual_range(const struct loader *ld, struct book_screen *s)
{
	const struct profile_field *f = field_of(ld, s->ask.field);

	if (f == NULL || f->kind != PROFILE_NUMBER || !f->has_range)
		return;
	s->ask.has_range = true;
	s->ask.low = f->range_least;
	s->ask.high = f->range_most;
}

bool load_usual_length(const struct loader *ld, struct book_screen *s)
{
	const struct profile_field *f = field_of(ld, s->ask.field);

	if (f == NULL || !f->has_length)
		return false;
	s->ask.min = f->length_least;
	s->ask.max = f->length_most;
	return true;
}

/* Which checks end in a value of the kind. */
static bool is_of_kind(enum profile_kind kind, enum book_check as)
{
	switch (kind) {
	case PROFILE_TEXT:
		return true;
	case PROFILE_NUMBER:
		return as == BOOK_AS_NUMBER || as == BOOK_AS_AMOUNT || as == BOOK_AS_YEAR;
	case PROFILE_DATE:
		return as == BOOK_AS_DATE;
	case PROFILE_PLACE:
		return as == BOOK_AS_TEXT || as == BOOK_AS_NAME;
	}
	return false;
}

static void fits_range(struct loader *ld, const config_setting_t *at, const struct profile_field *f,
                       const struct book_screen *s)
{
	if (f->kind == PROFILE_NUMBER && f->has_range && s->ask.has_range &&
	    (s->ask.low < f->range_least || s->ask.high > f->range_most))
		load_error(ld, load_member(at, "range"), 0,
		           load_hint(ld, "write range = [ %lld, %lld ]; or take it out",
		                     (long long)f->range_least, (long long)f->range_most),
		           "\"%s\" takes no answers beyond %lld and %lld", f->name, (long long)f->range_least,
		           (long long)f->range_most);
}

static void fits_length(struct loader *ld, const config_setting_t *at, const struct profile_field *f,
                        const struct book_screen *s)
{
	bool counts = f->n_of == 0 && (f->kind == PROFILE_TEXT || f->kind == PROFILE_PLACE) &&
	              f->has_length && load_member(at, "length") != NULL;

	if (counts && (s->ask.min < f->length_least || s->ask.max > f->length_most))
		load_error(ld, load_member(at, "length"), 8,
		           load_hint(ld, "write length = [ %u, %u ]; or take it out", f->length_least,
		                     f->length_most),
		           "\"%s\" takes answers of %u to %u letters only", f->name, f->length_least,
		           f->length_most);
}

void load_fits_ask(struct loader *ld, const struct config_setting_t *at, const struct book_screen *s)
{
	const struct profile_field *f = field_of(ld, s->ask.field);
	const config_setting_t *as = load_member(at, "as");

	if (f == NULL)
		return;
	if (f->n_of > 0) {
		load_error(ld, at, 0, "use \"pick\" or \"list\" with these values",
		           "\"%s\" takes only what profile.conf lists, and here anything can be typed",
		           f->name);
		return;
	}
	if (!is_of_kind(f->kind, s->ask.as)) {
		load_error(ld, as == NULL ? at : as, 0,
		           f->kind == PROFILE_PLACE
		                   ? "write as = \"text\"; or take it out"
		                   : load_hint(ld, "write as = \"%s\"; or take it out",
		                               book_check_name(load_usual_as(ld, s->ask.field))),
		           "\"%s\" is a %s in profile.conf, and this asks for a %s", f->name,
		           profile_kind_name(f->kind), book_check_name(s->ask.as));
		return;
	}
	fits_range(ld, at, f, s);
	fits_length(ld, at, f, s);
}

void load_fits_several(struct loader *ld, const struct config_setting_t *at, const struct book_screen *s)
{
	const struct profile_field *f = field_of(ld, s->pick.field);
	char values[PROFILE_VALUE_MAX + 2], why[PROFILE_WHY_SIZE];
	struct buf b;

	if (f == NULL || s->pick.max < 2)
		return;
	buf_init(&b, values, sizeof(values));
	for (size_t i = 0; i < s->pick.max && i < s->n_choices; i++) {
		buf_add(&b, i > 0 ? "," : "");
		buf_add(&b, s->choice[i].value);
	}
	if (b.cut || profile_check(f, values, why, sizeof(why)))
		return; /* too long is reported by whoever counts the letters */
	load_error(ld, load_member(at, "several"), 0,
	           f->n_of > 0 && !f->several
	                   ? load_hint(ld, "add several = true; to \"%s\" in profile.conf", f->name)
	                   : load_hint(ld, "profile.conf takes %s", why),
	           "several choices cannot be saved to \"%s\"", f->name);
}
