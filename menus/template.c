/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Templates: taking texts apart and putting values in (template.h). */
#include "menus/template.h"

#include <string.h>

#include "core/text.h"
#include "menus/book_private.h"
#include "menus/letters.h"

static size_t name_length(const char *at)
{
	if (*at < 'a' || *at > 'z')
		return 0;
	return strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

bool template_next(const char **at, struct template_piece *piece)
{
	const char *from = *at, *close;
	size_t len;

	memset(piece, 0, sizeof(*piece));
	if (*from == '\0')
		return false;
	piece->at = from;
	if (*from != '{') {
		piece->len = strcspn(from, "{");
	} else if (from[1] == '{') {
		piece->len = 1;
		*at = from + 2;
		return true;
	} else if ((len = name_length(from + 1)) > 0 && (from[1 + len] == '}' || from[1 + len] == '|') &&
	           (close = strpbrk(from + 1, "{}")) != NULL && *close == '}') {
		piece->is_variable = true;
		piece->at = from + 1;
		piece->len = len;
		if (from[1 + len] == '|') {
			piece->fallback = from + 2 + len;
			piece->fallback_len = (size_t)(close - piece->fallback);
		}
		*at = close + 1;
		return true;
	} else {
		piece->is_broken = true;
		piece->len = 1;
	}
	*at = from + piece->len;
	return true;
}

int template_variable(const struct book *b, const char *name, size_t len)
{
	const struct profile *profile = &book_full(b)->profile;

	for (size_t i = 0; i < profile->n_fields; i++) {
		if (strlen(profile->field[i].name) == len && memcmp(profile->field[i].name, name, len) == 0)
			return (int)i;
	}
	if (len == 8 && memcmp(name, "language", 8) == 0)
		return TEMPLATE_LANGUAGE;
	if (len == 6 && memcmp(name, "msisdn", 6) == 0)
		return TEMPLATE_MSISDN;
	return TEMPLATE_UNKNOWN;
}

static const char *variable_value(const struct book *b, int variable, size_t language,
                                  const struct machine_port *port)
{
	const char *value = NULL, *label = NULL;

	if (variable == TEMPLATE_LANGUAGE) {
		value = language < b->n_languages ? b->language[language] : NULL;
		label = book_label(b, BOOK_SAVE_LANGUAGE, value, language);
	} else if (variable == TEMPLATE_MSISDN) {
		value = port->system != NULL ? port->system(port->ctx, "msisdn") : NULL;
	} else if (variable >= 0) {
		value = port->field != NULL ? port->field(port->ctx, variable) : NULL;
		label = book_label(b, variable, value, language);
	}
	return label != NULL ? label : value;
}

static void add_value(struct buf *out, const char *value, size_t value_max)
{
	char tidy[PROFILE_VALUE_MAX + BOOK_TEXT_MAX + 1];
	const char *end = tidy;

	letters_tidy(value, tidy, sizeof(tidy));
	for (size_t n = 0; *end != '\0' && (value_max == 0 || n < value_max); n++)
		text_utf8_next(&end);
	buf_add_n(out, tidy, (size_t)(end - tidy));
}

void template_render(const struct book *b, const char *text, size_t language, const struct machine_port *port,
                     size_t value_max, struct buf *out)
{
	struct template_piece piece;

	while (template_next(&text, &piece)) {
		const char *value;

		if (!piece.is_variable) {
			buf_add_n(out, piece.at, piece.len);
			continue;
		}
		value = variable_value(b, template_variable(b, piece.at, piece.len), language, port);
		if (value != NULL && *value != '\0')
			add_value(out, value, value_max);
		else if (piece.fallback != NULL)
			buf_add_n(out, piece.fallback, piece.fallback_len);
	}
}

size_t template_render_within(const struct book *b, const char *text, size_t language,
                              const struct machine_port *port, size_t limit, char *out, size_t size)
{
	static const size_t value_max[] = {0, 40, 24, 16, 10, 5};
	struct buf buf;

	for (size_t i = 0; i < sizeof(value_max) / sizeof(value_max[0]); i++) {
		buf_init(&buf, out, size);
		template_render(b, text, language, port, value_max[i], &buf);
		if (!buf.cut && text_fits(out, buf.len, limit))
			return buf.len;
	}
	/* The words themselves are too long, which the checker reports: as before, but cut. */
	return text_shorten(out, limit);
}
