/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers: the closed set of checks behind `as`, and choices by number or label (answer.h). */
#include "menus/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/msisdn.h"
#include "core/text.h"
#include "menus/book_private.h"
#include "menus/letters.h"

static bool is_digits(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static bool is_name(const char *text)
{
	bool has_letter = false;
	uint32_t c;

	while ((c = text_utf8_next(&text)) != 0) {
		if (letters_is_letter(c))
			has_letter = true;
		else if (c != ' ' && c != '\'' && c != '-' && c != '.' && c != 0x2019)
			return false;
	}
	return has_letter;
}

static bool is_number(const char *text)
{
	size_t whole, fraction;

	text += *text == '-';
	whole = strspn(text, "0123456789");
	if (whole == 0)
		return false;
	text += whole;
	if (*text == '\0')
		return true;
	fraction = strspn(text + 1, "0123456789");
	return *text == '.' && fraction > 0 && text[1 + fraction] == '\0';
}

static bool is_year(const char *text)
{
	int year = strlen(text) == 4 && is_digits(text) ? atoi(text) : 0;

	return year >= 1900 && year <= 2100;
}

/* A number of at most `most` digits; -1 = none. *text moves behind it. */
static int take_digits(const char **text, size_t most)
{
	size_t n = strspn(*text, "0123456789");
	int number = 0;

	if (n == 0 || n > most)
		return -1;
	for (; n > 0; n--, ++*text)
		number = number * 10 + (**text - '0');
	return number;
}

/* "25/12/1990", "5.1.1990", "25121990" or "1990-12-25": as they write it where years come last, or as it is saved. */
static bool read_date(const char *text, char *out)
{
	const char *at = text;
	int day, month, year;

	if (strlen(text) == 8 && is_digits(text)) {
		year = (int)(strtol(text, NULL, 10) % 10000);
		month = (text[2] - '0') * 10 + text[3] - '0';
		day = (text[0] - '0') * 10 + text[1] - '0';
	} else if (strlen(text) == 10 && text[4] == '-') {
		snprintf(out, PROFILE_VALUE_MAX + 1, "%s", text);
		return profile_date(out) != 0;
	} else {
		char sign;

		day = take_digits(&at, 2);
		sign = *at;
		if (day < 0 || sign == '\0' || strchr("/.- ", sign) == NULL)
			return false;
		at++;
		month = take_digits(&at, 2);
		if (month < 0 || *at++ != sign || strlen(at) != 4 || !is_digits(at))
			return false;
		year = take_digits(&at, 4);
	}
	snprintf(out, PROFILE_VALUE_MAX + 1, "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
	return profile_date(out) != 0;
}

/* "+254 722-000.001" to its digits; what the country code is when it is missing, nobody here knows. */
static bool read_msisdn(const char *text, char *out)
{
	size_t n = 0;

	text += *text == '+';
	for (; *text != '\0'; text++) {
		if (*text >= '0' && *text <= '9' && n < MSISDN_MAX_DIGITS + 2)
			out[n++] = *text;
		else if (strchr(" -.()", *text) == NULL)
			return false;
	}
	out[n] = '\0';
	if (strncmp(out, "00", 2) == 0)
		memmove(out, out + 2, n - 1);
	n = strlen(out);
	return n >= MSISDN_MIN_DIGITS && n <= MSISDN_MAX_DIGITS;
}

/* Do the signs between digits stand where thousands end? "1,234,567" or "1 234" up to the point or the end. */
static bool is_grouped(const char *text, size_t len, char sign)
{
	for (size_t i = 0; i < len; i++) {
		bool is_place = (len - i) % 4 == 0;

		if ((text[i] == sign) != (is_place && i > 0))
			return false;
	}
	return true;
}

/* "1500", "1,500", "1 500.5" to "1500", "1500", "1500.50". */
static bool read_amount(const char *text, char *out)
{
	size_t whole = strcspn(text, "."), fraction, n = 0;
	const char *sign = strpbrk(text, ", ");

	if (whole == 0 || strspn(text, "0123456789, ") != whole)
		return false;
	if (sign != NULL && (sign > text + whole || !is_grouped(text, whole, *sign)))
		return false;
	for (size_t i = 0; i < whole; i++) {
		if (text[i] >= '0' && text[i] <= '9' && (n > 0 || text[i] != '0'))
			out[n++] = text[i];
	}
	if (n == 0)
		out[n++] = '0';
	out[n] = '\0';
	text += whole;
	if (*text == '\0')
		return strcmp(out, "0") != 0;
	fraction = strspn(text + 1, "0123456789");
	if (fraction < 1 || fraction > 2 || text[1 + fraction] != '\0')
		return false;
	if (n + 3 > PROFILE_VALUE_MAX) /* "5" becomes "50": there may be no room for it */
		return false;
	if (text[1] != '0' || (fraction == 2 && text[2] != '0'))
		sprintf(out + n, ".%c%c", text[1], fraction == 2 ? text[2] : '0');
	return strcmp(out, "0") != 0;
}

/* Whole part (towards nothing) and sign of a number as text; what is too large counts as the largest. */
static bool is_in_range(const struct book_screen *s, const char *number)
{
	bool is_negative = *number == '-', has_fraction;
	int64_t whole = 0;

	if (!s->ask.has_range)
		return true;
	number += is_negative;
	for (; *number >= '0' && *number <= '9'; number++)
		whole = whole > INT64_MAX / 10 - 9 ? whole : whole * 10 + (*number - '0');
	has_fraction = *number == '.' && number[1 + strspn(number + 1, "0")] != '\0';
	if (is_negative)
		return -whole - has_fraction >= s->ask.low && -whole <= s->ask.high;
	return whole >= s->ask.low && whole + has_fraction <= s->ask.high;
}

bool answer_read(const struct book_screen *s, const char *typed, char *out)
{
	size_t len = strlen(typed), characters = text_measure(typed, len).characters;
	bool good = false;

	if (len == 0 || len > PROFILE_VALUE_MAX || characters < s->ask.min || characters > s->ask.max)
		return false;
	memcpy(out, typed, len + 1);
	switch (s->ask.as) {
	case BOOK_AS_TEXT:
		good = true;
		break;
	case BOOK_AS_NAME:
		good = is_name(typed);
		break;
	case BOOK_AS_DIGITS:
	case BOOK_AS_PIN:
		good = is_digits(typed);
		break;
	case BOOK_AS_YEAR:
		good = is_year(typed);
		break;
	case BOOK_AS_DATE:
		return read_date(typed, out);
	case BOOK_AS_NUMBER:
		good = is_number(typed);
		break;
	case BOOK_AS_MSISDN:
		return read_msisdn(typed, out);
	case BOOK_AS_AMOUNT:
		good = read_amount(typed, out);
		break;
	case BOOK_AS_COUNT_:
		break;
	}
	return good && is_in_range(s, out);
}

static const struct profile_field *field_of(const struct book *b, const struct book_screen *s)
{
	return s->kind != BOOK_ASK || s->ask.field < 0 ? NULL : &book_full(b)->profile.field[s->ask.field];
}

bool answer_fits(const struct book *b, const struct book_screen *s, const char *typed, char *out)
{
	const struct profile_field *f = field_of(b, s);

	return answer_read(s, typed, out) && (f == NULL || profile_check(f, out, NULL, 0));
}

bool answer_least(const struct book *b, const struct book_screen *s, char *out)
{
	const struct profile_field *f = field_of(b, s);
	int64_t least = f == NULL ? 0 : f->range_least;

	if (f == NULL || !(f->has_range || s->ask.has_range))
		return false;
	if (f->kind == PROFILE_DATE)
		snprintf(out, PROFILE_VALUE_MAX + 1, "%04d-%02d-%02d", (int)(least / 10000),
		         (int)(least / 100 % 100), (int)(least % 100));
	else
		snprintf(out, PROFILE_VALUE_MAX + 1, "%lld",
		         (long long)(s->ask.has_range ? s->ask.low : least));
	return true;
}

int answer_number(const char *text, size_t len, size_t n_choices)
{
	size_t number = 0;

	if (len == 0 || len > 3 || text[0] == '0')
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (size_t)(text[i] - '0');
	}
	return number <= n_choices ? (int)number - 1 : -1;
}

int answer_choice(const struct book_screen *s, const char *typed, size_t language)
{
	int choice = answer_number(typed, strlen(typed), s->n_choices);

	for (size_t i = 0; choice < 0 && *typed != '\0' && i < s->n_choices; i++) {
		if (letters_same(book_say(&s->choice[i].label, language), typed))
			choice = (int)i;
	}
	return choice;
}

/* The numbers of "1 3", "1,3" and the like, as a set. False when anything else stands there. */
static bool read_numbers(const struct book_screen *s, const char *typed, bool *is_chosen)
{
	static const char between[] = " ,.;*+&/-";

	while (*typed != '\0') {
		size_t len = strcspn(typed, between);
		int choice = len == 0 ? 0 : answer_number(typed, len, s->n_choices);

		if (choice < 0)
			return false;
		if (len > 0)
			is_chosen[choice] = true;
		typed += len + (typed[len] != '\0');
	}
	return true;
}

bool answer_several(const struct book_screen *s, const char *typed, size_t language, char *out)
{
	bool is_chosen[BOOK_MAX_CHOICES] = {false};
	int one = answer_choice(s, typed, language);
	size_t n = 0;
	struct buf values;

	if (one >= 0)
		is_chosen[one] = true;
	else if (!read_numbers(s, typed, is_chosen))
		return false;
	buf_init(&values, out, PROFILE_VALUE_MAX + 1);
	for (size_t i = 0; i < s->n_choices; i++) {
		if (!is_chosen[i])
			continue;
		if (n++ > 0)
			buf_add_char(&values, ',');
		buf_add(&values, s->choice[i].value);
	}
	return n >= s->pick.min && n <= s->pick.max && !values.cut;
}
