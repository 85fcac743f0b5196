/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Templates: taking texts apart and putting values in (template.h). */
#include "menus/template.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "menus/book_private.h"
#include "menus/format.h"
#include "menus/letters.h"

static size_t name_length(const char *at)
{
	if (*at < 'a' || *at > 'z')
		return 0;
	return strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

/* ":date" or ":money" at `at`, if any. False when it is neither. */
static bool read_format(const char **at, enum template_format *format)
{
	static const char *const names[] = {[TEMPLATE_DATE] = ":date", [TEMPLATE_MONEY] = ":money"};

	*format = TEMPLATE_PLAIN;
	if (**at != ':')
		return true;
	for (int f = TEMPLATE_DATE; f <= TEMPLATE_MONEY; f++) {
		size_t len = strlen(names[f]);

		if (strncmp(*at, names[f], len) == 0) {
			*at += len;
			*format = (enum template_format)f;
			return true;
		}
	}
	return false;
}

/* {name}, {name|fallback}, {name:format|fallback} at `from`. */
static bool read_variable(const char *from, const char **at, struct template_piece *piece)
{
	size_t len = name_length(from + 1);
	const char *rest = from + 1 + len, *close;

	if (len == 0 || !read_format(&rest, &piece->format) || (*rest != '}' && *rest != '|'))
		return false;
	close = strpbrk(rest, "{}");
	if (close == NULL || *close != '}')
		return false;
	piece->is_variable = true;
	piece->at = from + 1;
	piece->len = len;
	if (*rest == '|') {
		piece->fallback = rest + 1;
		piece->fallback_len = (size_t)(close - piece->fallback);
	}
	*at = close + 1;
	return true;
}

bool template_next(const char **at, struct template_piece *piece)
{
	const char *from = *at;

	memset(piece, 0, sizeof(*piece));
	if (*from == '\0')
		return false;
	if (*from == '{' && from[1] != '{' && read_variable(from, at, piece))
		return true;
	piece->at = from;
	piece->format = TEMPLATE_PLAIN;
	if (*from == '{' && from[1] == '{') {
		piece->len = 1;
		*at = from + 2;
		return true;
	}
	piece->is_broken = *from == '{';
	piece->len = piece->is_broken ? 1 : strcspn(from, "{");
	*at = from + piece->len;
	return true;
}

int template_variable(const struct book *b, const char *name, size_t len)
{
	static const struct {
		const char *name;
		int variable;
	} others[] = {{"language", TEMPLATE_LANGUAGE}, {"msisdn", TEMPLATE_MSISDN},
	              {"balance", TEMPLATE_BALANCE},   {"bundles", TEMPLATE_BUNDLES},
	              {"price", TEMPLATE_PRICE},       {"gives", TEMPLATE_GIVES},
	              {"other", TEMPLATE_OTHER}};
	const struct profile *profile = &book_full(b)->profile;

	for (size_t i = 0; i < profile->n_fields; i++) {
		if (strlen(profile->field[i].name) == len && memcmp(profile->field[i].name, name, len) == 0)
			return (int)i;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strlen(others[i].name) == len && memcmp(others[i].name, name, len) == 0)
			return others[i].variable;
	}
	return TEMPLATE_UNKNOWN;
}

unsigned template_facts(const struct book *b, const char *text)
{
	struct template_piece piece;
	unsigned facts = 0;

	while (template_next(&text, &piece)) {
		int variable =
			piece.is_variable ? template_variable(b, piece.at, piece.len) : TEMPLATE_UNKNOWN;

		facts |= variable == TEMPLATE_BALANCE   ? BOOK_FACT_BALANCE
		         : variable == TEMPLATE_BUNDLES ? BOOK_FACT_BUNDLES
		                                        : 0U;
	}
	return facts;
}

static const char *system_value(const struct machine_port *port, const char *name)
{
	return port->system != NULL ? port->system(port->ctx, name) : NULL;
}

/* What a variable shows, into out (at least one byte); nothing when it is not known. The port's texts are good until
 * its next call, so they are copied. */
static void variable_value(const struct book *b, int variable, enum template_format format, size_t language,
                           const struct machine_port *port, struct buf *out)
{
	const char *code = language < b->n_languages ? b->language[language] : "";
	const char *value = NULL, *label = NULL;

	if (variable == TEMPLATE_LANGUAGE) {
		value = code;
		label = book_label(b, BOOK_SAVE_LANGUAGE, value, language);
	} else if (variable == TEMPLATE_MSISDN) {
		value = system_value(port, "msisdn");
	} else if (variable == TEMPLATE_BALANCE) {
		value = system_value(port, "balance");
		format = TEMPLATE_MONEY;
	} else if (variable == TEMPLATE_BUNDLES) {
		value = system_value(port, "bundles");
	} else if (variable == TEMPLATE_PRICE) {
		value = system_value(port, "price");
		format = TEMPLATE_MONEY;
	} else if (variable == TEMPLATE_GIVES) {
		value = system_value(port, "gives");
	} else if (variable >= 0 && !book_full(b)->is_secret[variable]) {
		value = port->field != NULL ? port->field(port->ctx, variable) : NULL;
		label = book_label(b, variable, value, language);
	}
	if (value == NULL || *value == '\0')
		return;
	if (label == NULL && variable >= 0 && book_full(b)->is_several[variable]) {
		book_labels(b, variable, value, language, out);
	} else if (format == TEMPLATE_DATE) {
		format_date(value, code, out);
	} else if (format == TEMPLATE_MONEY) {
		char amount[PROFILE_VALUE_MAX + 1];

		snprintf(amount, sizeof(amount), "%s", value);
		format_money(amount, variable == TEMPLATE_BALANCE || variable == TEMPLATE_PRICE,
		             variable == TEMPLATE_PRICE ? b->currency : system_value(port, "currency"), code,
		             out);
	} else {
		buf_add(out, label != NULL ? label : value);
	}
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
	size_t plain = strcspn(text, "{"); /* all of most texts */

	buf_add_n(out, text, plain);
	text += plain;
	while (template_next(&text, &piece)) {
		char memory[PROFILE_VALUE_MAX + BOOK_TEXT_MAX + 1];
		struct buf value;

		if (!piece.is_variable) {
			buf_add_n(out, piece.at, piece.len);
			continue;
		}
		buf_init(&value, memory, sizeof(memory));
		variable_value(b, template_variable(b, piece.at, piece.len), piece.format, language, port,
		               &value);
		if (value.len > 0)
			add_value(out, memory, value_max);
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
