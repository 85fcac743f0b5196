/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Format: a table of months, and where the decimals go (format.h). */
#include "menus/format.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *language;
	bool decimal_comma; /* and the currency behind the amount */
	const char *month[12];
} habits[] = {
	{"en", false, {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}},
	{"sw", false, {"Jan", "Feb", "Mac", "Apr", "Mei", "Jun", "Jul", "Ago", "Sep", "Okt", "Nov", "Des"}},
	{"fr",
         true,
         {"jan", "fév", "mars", "avr", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "déc"}},
	{"pt", true, {"jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"}},
	{"es", true, {"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"}},
};

static int habits_of(const char *language)
{
	size_t primary = strcspn(language, "-");

	for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
		if (strlen(habits[i].language) == primary &&
		    strncmp(habits[i].language, language, primary) == 0)
			return (int)i;
	}
	return -1;
}

static bool is_date(const char *value)
{
	static const char shape[] = "dddd-dd-dd";

	for (size_t i = 0; i < sizeof(shape) - 1; i++) {
		if (shape[i] == 'd' ? value[i] < '0' || value[i] > '9' : value[i] != shape[i])
			return false;
	}
	return true;
}

void format_date(const char *value, const char *language, struct buf *out)
{
	int h = habits_of(language);
	int month = is_date(value) ? atoi(value + 5) : 0;

	if (h < 0 || month < 1 || month > 12)
		buf_add(out, value);
	else
		buf_printf(out, "%d %s %.4s", atoi(value + 8), habits[h].month[month - 1], value);
}

/* Whole part and two decimals of an amount; false when it is no number. */
static bool split(const char *amount, bool is_minor, const char **whole, int *n_whole, char cents[3])
{
	size_t n = strspn(amount, "0123456789");

	memcpy(cents, "00", 3);
	*whole = amount;
	if (is_minor) {
		if (n == 0 || amount[n] != '\0')
			return false;
		cents[0] = n >= 2 ? amount[n - 2] : '0';
		cents[1] = amount[n - 1];
		*n_whole = n > 2 ? (int)n - 2 : 0;
		return true;
	}
	*n_whole = (int)n;
	if (n == 0 || amount[n] == '\0')
		return n > 0;
	amount += n + 1;
	n = strspn(amount, "0123456789");
	if (amount[-1] != '.' || n == 0 || n > 2 || amount[n] != '\0')
		return false;
	cents[0] = amount[0];
	cents[1] = n == 2 ? amount[1] : '0';
	return true;
}

void format_money(const char *amount, bool is_minor, const char *currency, const char *language,
                  struct buf *out)
{
	int h = habits_of(language), n_whole;
	bool is_comma = h >= 0 && habits[h].decimal_comma,
	     has_currency = currency != NULL && *currency != '\0';
	const char *minus = *amount == '-' ? "-" : "", *whole;
	char cents[3];

	if (!split(amount + strlen(minus), is_minor, &whole, &n_whole, cents)) {
		buf_add(out, amount);
		return;
	}
	if (has_currency && !is_comma)
		buf_printf(out, "%s ", currency);
	buf_printf(out, "%s%.*s", minus, n_whole > 0 ? n_whole : 1, n_whole > 0 ? whole : "0");
	if (strcmp(cents, "00") != 0)
		buf_printf(out, "%c%s", is_comma ? ',' : '.', cents);
	if (has_currency && is_comma)
		buf_printf(out, " %s", currency);
}
