/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One value of dialects.conf: see config_dialects_value.h.
 *
 * Numbers may be written as 17, 0x11, "17" or "0x11"; "017" is refused, because nobody can say whether it is
 * 17 or 0x17.
 */
#include "gateway/config_dialects_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"

char *value_key(const struct dialect_key *k, char *out, size_t size)
{
	size_t n = strcspn(k->group, "[");

	snprintf(out, size, "%.*s%s%s", (int)n, k->group, n ? "." : "", k->name);
	return out;
}

void value_wrong(struct config_reader *r, const config_setting_t *at, const struct dialect_key *k,
                 const char *format, ...)
{
	char range[DIALECT_KEY_TEXT_SIZE], remedy[DIALECT_KEY_TEXT_SIZE + 8], what[200], path[64];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	snprintf(remedy, sizeof remedy, "give %s", dialect_key_range(k, range));
	config_read_error(r, at, remedy, "%s %s", value_key(k, path, sizeof path), what);
}

/* --- numbers ----------------------------------------------------------------------------------------- */

static bool parse_number(const char *text, uint64_t *out)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	char *end;

	if (!*digits || strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits) ||
	    (!hex && digits[0] == '0' && digits[1]))
		return false;
	errno = 0;
	*out = strtoull(digits, &end, hex ? 16 : 10);
	return errno == 0;
}

/* libconfig reads 0xffffffff as an int of 32 bits: its bits are right, its sign is not. */
static bool number_of(const config_setting_t *s, uint64_t *out)
{
	int64_t value;

	switch (config_setting_type(s)) {
	case CONFIG_TYPE_STRING:
		return parse_number(config_setting_get_string(s), out);
	case CONFIG_TYPE_INT:
		value = config_setting_get_int(s);
		*out = config_setting_get_format(s) == CONFIG_FORMAT_HEX ? (uint32_t)value : (uint64_t)value;
		return value >= 0 || config_setting_get_format(s) == CONFIG_FORMAT_HEX;
	case CONFIG_TYPE_INT64:
		value = config_setting_get_int64(s);
		*out = (uint64_t)value;
		return value >= 0 || config_setting_get_format(s) == CONFIG_FORMAT_HEX;
	default:
		return false;
	}
}

bool value_number(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                  uint64_t *out)
{
	uint64_t value = 0;

	if (!number_of(s, &value)) {
		value_wrong(r, s, k, "must be a number: 17 or 0x11, with or without quotes");
		return false;
	}
	if (value < k->least || value > k->most) {
		value_wrong(r, s, k, "= %" PRIu64 " (0x%" PRIx64 ") is out of range", value, value);
		return false;
	}
	*out = value;
	return true;
}

void value_store(const struct dialect_key *k, void *at, uint64_t value)
{
	uint8_t u8 = (uint8_t)value;
	uint16_t u16 = (uint16_t)value;

	if (k->size == sizeof u8)
		memcpy(at, &u8, sizeof u8);
	else if (k->size == sizeof u16)
		memcpy(at, &u16, sizeof u16);
	else
		memcpy(at, &value, sizeof value);
}

/* Gateways' documents write ops in decimal or in hexadecimal and seldom say which: 0x17 is no op that anybody
 * defines, but 17 is. SMPP 3.4, 5.2.44 */
void value_warn_of_base(struct config_reader *r, const config_setting_t *s, uint64_t op)
{
	char remedy[80];
	uint64_t other;

	if (op >= 0x16 && op <= 0x19)
		other = op - 6; /* 0x17 for 17 */
	else if (op >= 10 && op <= 13)
		other = op + 6; /* 11 for 0x11 */
	else
		return;
	snprintf(remedy, sizeof remedy, "if the document means 0x%02x, write 0x%02x or %u", (unsigned)other,
	         (unsigned)other, (unsigned)other);
	findings_add(r->findings, FINDING_WARNING, r->path, (int)config_setting_source_line(s), 0, remedy,
	             "op 0x%02x (%u) is none of SMPP's: decimal and hexadecimal may be mixed up",
	             (unsigned)op, (unsigned)op);
}

/* --- texts and choices ------------------------------------------------------------------------------- */

static bool is_time(const char *text)
{
	return strlen(text) == 16 && strspn(text, "0123456789") == 15 && strchr("+-R", text[15]);
}

void value_text(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k, char *at)
{
	const char *text = config_setting_get_string(s);
	size_t len = text ? strlen(text) : 0;

	if (!text) {
		value_wrong(r, s, k, "must be a text in quotes");
	} else if (!text_utf8_valid(text, len)) {
		value_wrong(r, s, k, "is not valid UTF-8");
	} else if (len < k->least) {
		value_wrong(r, s, k, "is empty");
	} else if (len > k->most || len >= k->size) {
		value_wrong(r, s, k, "= \"%.60s\" is too long", text);
	} else if (k->type == DIALECT_KEY_TIME && len > 0 && !is_time(text)) {
		value_wrong(r, s, k, "= \"%s\" is no time, such as \"000000001000000R\" (ten minutes)", text);
	} else {
		memset(at, 0, k->size);
		memcpy(at, text, len);
	}
}

static bool word_number(const struct dialect_key *k, const char *text, unsigned *out)
{
	char word[32];

	for (unsigned i = 0; *dialect_key_choice(k, i, word, sizeof word); i++)
		if (strcmp(word, text) == 0) {
			*out = i;
			return true;
		}
	return false;
}

bool value_word(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                unsigned *out)
{
	const char *text = config_setting_get_string(s);
	char near[40], path[64], remedy[60];

	if (!text) {
		value_wrong(r, s, k, "must be a word in quotes");
		return false;
	}
	if (word_number(k, text, out))
		return true;
	if (option_list_nearest(k->choices, text, near, sizeof near)) {
		snprintf(remedy, sizeof remedy, "did you mean \"%s\"?", near);
		config_read_error(r, s, remedy, "%s = \"%.40s\" is not known",
		                  value_key(k, path, sizeof path), text);
	} else {
		value_wrong(r, s, k, "= \"%.40s\" is not known", text);
	}
	return false;
}

void value_duration(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k, void *at)
{
	const char *text = config_setting_get_string(s);
	int64_t ms = 0;

	if (!text || duration_parse(text, &ms) == RC_SYNTAX)
		value_wrong(r, s, k, "must be a duration in quotes, with a unit (ms, s, m, h, d)");
	else if (ms < (int64_t)k->least || ms > (int64_t)k->most)
		value_wrong(r, s, k, "= \"%s\" is out of range", text);
	else
		memcpy(at, &ms, sizeof ms);
}
