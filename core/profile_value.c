/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profile values: what a field takes (profile.h).
 *
 * One opinion for phones, agents, imports and the store. What is said of a value that does not fit is what would be
 * right, never the value: it goes into logs and files of rejected rows.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/profile.h"
#include "core/text.h"

#define YEAR_LEAST 1900
#define YEAR_MOST 2100

const char *profile_kind_name(enum profile_kind k)
{
	switch (k) {
	case PROFILE_TEXT:
		return "text";
	case PROFILE_NUMBER:
		return "number";
	case PROFILE_DATE:
		return "date";
	case PROFILE_PLACE:
		return "place";
	}
	return "unknown";
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whole part and sign of "-12.5"; what is too large counts as the largest. False: no number. */
static bool read_number(const char *text, bool *is_negative, int64_t *whole, bool *has_fraction)
{
	size_t n;

	*is_negative = *text == '-';
	*has_fraction = false;
	*whole = 0;
	text += *is_negative;
	if (!is_digit(*text))
		return false;
	for (; is_digit(*text); text++)
		*whole = *whole > INT64_MAX / 10 - 9 ? *whole : *whole * 10 + (*text - '0');
	if (*text == '\0')
		return true;
	if (*text++ != '.')
		return false;
	n = strspn(text, "0123456789");
	*has_fraction = strspn(text, "0") < n;
	return n > 0 && text[n] == '\0';
}

static bool takes_number(const struct profile_field *f, const char *value)
{
	bool is_negative, has_fraction;
	int64_t whole;

	if (!read_number(value, &is_negative, &whole, &has_fraction))
		return false;
	if (!f->has_range)
		return true;
	if (is_negative)
		return -whole - has_fraction >= f->range_least && -whole <= f->range_most;
	return whole >= f->range_least && whole + has_fraction <= f->range_most;
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap);
}

int64_t profile_date(const char *value)
{
	int year, month, day;

	if (strlen(value) != 10)
		return 0;
	for (size_t i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? value[i] != '-' : !is_digit(value[i]))
			return 0;
	if (sscanf(value, "%4d-%2d-%2d", &year, &month, &day) != 3)
		return 0;
	if (year < YEAR_LEAST || year > YEAR_MOST || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month))
		return 0;
	return year * INT64_C(10000) + month * 100 + day;
}

static bool takes_date(const struct profile_field *f, const char *value)
{
	int64_t date = profile_date(value);

	return date != 0 && (!f->has_range || (date >= f->range_least && date <= f->range_most));
}

/* Letters of any script: every byte beyond ASCII may be part of one. */
static bool is_place(const char *value)
{
	bool has_letter = false;

	for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
		bool is_letter = *at >= 0x80 || (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');

		has_letter |= is_letter;
		if (!is_letter && !is_digit((char)*at) && !strchr(" '-.,/()&", *at))
			return false;
	}
	return has_letter;
}

/* No line breaks and other control characters (C1 too), and no marks that turn the order of letters round (U+202A..U+202E,
 * U+2066..U+2069): a value is one line on a screen and in a file. */
static bool is_plain(const char *value)
{
	for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
		bool is_c1 = at[0] == 0xc2 && at[1] < 0xa0;
		bool turns = at[0] == 0xe2 && ((at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
		                               (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));

		if (*at < ' ' || *at == 0x7f || is_c1 || turns)
			return false;
	}
	return true;
}

static bool is_one_of(const struct profile_field *f, const char *word, size_t len, size_t *which)
{
	for (size_t i = 0; i < f->n_of; i++)
		if (strlen(f->of[i]) == len && memcmp(f->of[i], word, len) == 0) {
			*which = i;
			return true;
		}
	return false;
}

/* "football,music": each of them in `of`, none twice. */
static bool takes_of(const struct profile_field *f, const char *value)
{
	bool is_there[PROFILE_MAX_OF] = {false};
	size_t which;

	if (!f->several)
		return is_one_of(f, value, strlen(value), &which);
	for (;;) {
		size_t len = strcspn(value, ",");

		if (!is_one_of(f, value, len, &which) || is_there[which])
			return false;
		is_there[which] = true;
		if (value[len] == '\0')
			return true;
		value += len + 1;
	}
}

static bool takes_length(const struct profile_field *f, const char *value, size_t len)
{
	size_t characters = text_measure(value, len).characters;

	return !f->has_length || (characters >= f->length_least && characters <= f->length_most);
}

static bool takes(const struct profile_field *f, const char *value)
{
	size_t len = strnlen(value, PROFILE_VALUE_MAX + 1);

	if (len == 0 || len > PROFILE_VALUE_MAX || !text_utf8_valid(value, len) || !is_plain(value))
		return false;
	if (f->n_of > 0)
		return takes_of(f, value);
	switch (f->kind) {
	case PROFILE_NUMBER:
		return takes_number(f, value);
	case PROFILE_DATE:
		return takes_date(f, value);
	case PROFILE_PLACE:
		return is_place(value) && takes_length(f, value, len);
	case PROFILE_TEXT:
		break;
	}
	return takes_length(f, value, len);
}

static void add_date(struct buf *b, int64_t date)
{
	buf_printf(b, "%04d-%02d-%02d", (int)(date / 10000), (int)(date / 100 % 100), (int)(date % 100));
}

char *profile_takes(const struct profile_field *f, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, out, size);
	if (f->n_of > 0) {
		buf_add(&b, f->several ? "any, with commas between, of " : "one of ");
		for (size_t i = 0; i < f->n_of; i++)
			buf_printf(&b, "%s%s", i ? ", " : "", f->of[i]);
	} else if (f->kind == PROFILE_NUMBER) {
		buf_add(&b, "a number");
		if (f->has_range)
			buf_printf(&b, " from %" PRId64 " to %" PRId64, f->range_least, f->range_most);
	} else if (f->kind == PROFILE_DATE) {
		buf_add(&b, "a date such as 1990-02-28");
		if (f->has_range) {
			buf_add(&b, ", from ");
			add_date(&b, f->range_least);
			buf_add(&b, " to ");
			add_date(&b, f->range_most);
		}
	} else {
		buf_printf(&b, "%s of ",
		           f->kind == PROFILE_PLACE ? "a place (letters, digits, -'.,/()&)" : "a text");
		if (f->has_length)
			buf_printf(&b, "%u to %u characters", f->length_least, f->length_most);
		else
			buf_printf(&b, "1 to %d bytes on one line", PROFILE_VALUE_MAX);
	}
	return out;
}

bool profile_check(const struct profile_field *f, const char *value, char *why, size_t why_size)
{
	if (value && takes(f, value))
		return true;
	if (why && why_size > 0)
		profile_takes(f, why, why_size);
	return false;
}
