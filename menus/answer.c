/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers: the closed set of checks behind `as`, and choices by number or label (answer.h). */
#include "menus/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
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

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* "####-##-##" or "##/##/####", nothing else, so sscanf meets digits only. */
static bool read_date(const char *text, char *out)
{
	bool iso = text[0] != '\0' && strlen(text) == 10 && text[4] == '-';
	const char *shape = iso ? "dddd-dd-dd" : "dd/dd/dddd";
	int year, month, day;

	if (strlen(text) != 10)
		return false;
	for (size_t i = 0; i < 10; i++) {
		if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
			return false;
	}
	if (iso)
		sscanf(text, "%4d-%2d-%2d", &year, &month, &day);
	else
		sscanf(text, "%2d/%2d/%4d", &day, &month, &year);
	if (year < 1900 || year > 2100 || month < 1 || month > 12 || day < 1 || day > days_in(year, month))
		return false;
	snprintf(out, PROFILE_VALUE_MAX + 1, "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
	return true;
}

bool answer_read(enum book_check as, size_t min, size_t max, const char *typed, char *out)
{
	size_t len = strlen(typed), characters = text_measure(typed, len).characters;
	bool good = false;

	if (len == 0 || len > PROFILE_VALUE_MAX || characters < min || characters > max)
		return false;
	switch (as) {
	case BOOK_AS_TEXT:
		good = true;
		break;
	case BOOK_AS_NAME:
		good = is_name(typed);
		break;
	case BOOK_AS_DIGITS:
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
	}
	if (good)
		memcpy(out, typed, len + 1);
	return good;
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
