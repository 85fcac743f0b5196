/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, the small things: messages, plain values, texts in languages, references to screens (book_load.h). */
#include "menus/book_load.h"

#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/nearest.h"
#include "core/region.h"
#include "core/text.h"

int load_line(const struct config_setting_t *at)
{
	return at == NULL ? 0 : (int)config_setting_source_line(at);
}

void load_error(struct loader *ld, const struct config_setting_t *at, int rule, const char *remedy,
                const char *format, ...)
{
	const char *file = at == NULL ? NULL : config_setting_source_file(at);
	char what[400];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	findings_add(ld->findings, FINDING_ERROR, file == NULL ? ld->path : file, load_line(at), rule, remedy,
	             "%s", what);
}

const char *load_hint(struct loader *ld, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ld->hint, sizeof(ld->hint), format, args);
	va_end(args);
	return ld->hint;
}

const char *load_nearest(struct loader *ld, const char *word, const char *const *words, size_t n,
                         const char *otherwise)
{
	const char *near = nearest_word(word, words, n);

	return near == NULL ? otherwise : load_hint(ld, "did you mean \"%s\"?", near);
}

void *load_alloc(struct loader *ld, size_t size)
{
	void *at = region_alloc(ld->region, size);

	if (at == NULL)
		ld->no_memory = true;
	return at;
}

const char *load_strdup(struct loader *ld, const char *text)
{
	const char *copy = region_strdup(ld->region, text);

	if (copy == NULL)
		ld->no_memory = true;
	return copy;
}

const struct config_setting_t *load_member(const struct config_setting_t *group, const char *key)
{
	return config_setting_get_member(group, key);
}

bool load_group(struct loader *ld, const struct config_setting_t *group, const char *what,
                const char *const *keys, size_t n)
{
	if (!config_setting_is_group(group)) {
		load_error(ld, group, 0, load_hint(ld, "write %s = { %s = ...; };", what, keys[0]),
		           "%s must be a group in braces { }", what);
		return false;
	}
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(member);
		size_t k = 0;

		while (k < n && strcmp(keys[k], name) != 0)
			k++;
		if (k == n)
			load_error(ld, member, 0, load_nearest(ld, name, keys, n, "take it out"),
			           "unknown key \"%s\" in %s", name, what);
	}
	return true;
}

/* Control characters break a screen; a line break does not. */
static bool is_clean(const char *text, bool is_text)
{
	for (; *text != '\0'; text++) {
		if (((unsigned char)*text < 0x20 && !(is_text && *text == '\n')) || *text == 0x7f)
			return false;
	}
	return true;
}

static const char *clean_string(struct loader *ld, const struct config_setting_t *at, const char *what,
                                size_t max, bool is_text)
{
	const char *text = config_setting_get_string(at);

	if (text == NULL) {
		load_error(ld, at, 0, load_hint(ld, "put it in quotes: %s = \"...\"", what),
		           "%s must be text in quotes", what);
		return NULL;
	}
	if (*text == '\0') {
		load_error(ld, at, is_text ? 4 : 0, "write the words, or take the key out", "%s is empty",
		           what);
		return NULL;
	}
	if (strlen(text) > max) {
		load_error(ld, at, is_text ? 1 : 0, load_hint(ld, "at most %zu letters fit here", max),
		           "%s is too long", what);
		return NULL;
	}
	if (!is_clean(text, is_text) || !text_utf8_valid(text, strlen(text))) {
		load_error(ld, at, 0, "use plain characters; \\n begins a new line",
		           "%s holds a character that no phone can show", what);
		return NULL;
	}
	return text;
}

const char *load_string(struct loader *ld, const struct config_setting_t *at, const char *what, size_t max)
{
	return clean_string(ld, at, what, max, false);
}

const char *load_string_member(struct loader *ld, const struct config_setting_t *group, const char *key,
                               const char *what, size_t max)
{
	const config_setting_t *at = load_member(group, key);

	if (at == NULL) {
		load_error(ld, group, 0, load_hint(ld, "add %s = \"...\";", key), "%s has no \"%s\"", what,
		           key);
		return NULL;
	}
	return load_string(ld, at, key, max);
}

bool load_is_name(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len < PROFILE_NAME_SIZE &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == len;
}

static bool text_in_languages(struct loader *ld, const struct config_setting_t *at, const char *what,
                              struct book_text *out)
{
	size_t given = (size_t)config_setting_length(at), wanted = ld->b->n_languages;
	bool good = true;

	if (given > wanted) {
		load_error(ld, at, 4, load_hint(ld, "give one text for each of the %zu languages", wanted),
		           "%s has %zu texts, but this service has %zu language%s", what, given, wanted,
		           wanted == 1 ? "" : "s");
		return false;
	}
	if (given < wanted) {
		load_error(ld, at, 4,
		           load_hint(ld, "add the text in %s; texts stand in the order of \"languages\"",
		                     ld->b->language[given]),
		           "%s is missing in language \"%s\"", what, ld->b->language[given]);
		return false;
	}
	for (size_t i = 0; i < given; i++) {
		const config_setting_t *one = config_setting_get_elem(at, (unsigned)i);
		const char *text = clean_string(ld, one, what, BOOK_TEXT_MAX, true);

		out->in[i] = text == NULL ? NULL : load_strdup(ld, text);
		good = good && out->in[i] != NULL;
	}
	return good;
}

bool load_text(struct loader *ld, const struct config_setting_t *at, const char *what, struct book_text *out)
{
	const char *text;

	if (config_setting_is_array(at))
		return text_in_languages(ld, at, what, out);
	if (config_setting_is_list(at)) {
		load_error(ld, at, 0, "texts in languages stand in [ ], not in ( )", "%s is not a text",
		           what);
		return false;
	}
	text = clean_string(ld, at, what, BOOK_TEXT_MAX, true);
	if (text == NULL || (text = load_strdup(ld, text)) == NULL)
		return false;
	/* One pointer for all languages: the checker knows by it that the writer meant them to be the same. */
	for (size_t i = 0; i < ld->b->n_languages; i++)
		out->in[i] = text;
	return load_po_text(ld, at, what, out);
}

const struct book_text *load_text_member(struct loader *ld, const struct config_setting_t *group,
                                         const char *key)
{
	const config_setting_t *at = load_member(group, key);
	struct book_text *text;

	if (at == NULL)
		return NULL;
	text = load_alloc(ld, sizeof(*text));
	return text != NULL && load_text(ld, at, key, text) ? text : NULL;
}

uint16_t load_target(struct loader *ld, const struct config_setting_t *at, const char *what)
{
	const char *name = load_string(ld, at, what, PROFILE_NAME_SIZE - 1);
	const char *near = NULL;

	if (name == NULL)
		return BOOK_NO_SCREEN;
	for (size_t i = 0; i < ld->b->n_screens; i++) {
		if (strcmp(ld->b->screen[i].name, name) == 0)
			return (uint16_t)i;
	}
	for (size_t i = 0; near == NULL && i < ld->b->n_screens; i++)
		near = nearest_word(name, &ld->b->screen[i].name, 1);
	load_error(ld, at, 3,
	           near == NULL ? "add that screen, or name one that there is"
	                        : load_hint(ld, "did you mean \"%s\"?", near),
	           "%s leads to \"%s\", but there is no such screen", what, name);
	return BOOK_NO_SCREEN;
}

bool load_pair(struct loader *ld, const struct config_setting_t *at, const char *what, const char *example,
               const struct config_setting_t **first, const struct config_setting_t **second)
{
	if (!config_setting_is_list(at) || config_setting_length(at) != 2) {
		load_error(ld, at, 0, load_hint(ld, "write %s", example), "%s must be a pair in ( )", what);
		return false;
	}
	*first = config_setting_get_elem(at, 0);
	*second = config_setting_get_elem(at, 1);
	return true;
}

void *load_entries(struct loader *ld, const struct config_setting_t *at, const char *what,
                   const char *example, size_t size, size_t *n)
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
