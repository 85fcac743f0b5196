/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products: see charging_product.h. A code is words between colons; each is checked against its range. Ranges: dedicated
 * accounts and offers are numbered 1..2147483647 in UCIP, refill profiles have 1 to 4 characters. */
#include "gateway/charging_product.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 4
#define WORD_SIZE CHARGING_PRODUCT_NAME_SIZE
#define ID_MAX 2147483647
#define PROFILE_MOST 4

struct words {
	char word[WORDS_MAX][WORD_SIZE];
	size_t n;
};

static bool split(const char *code, struct words *w)
{
	w->n = 0;
	for (;;) {
		size_t len = strcspn(code, ":");

		if (w->n == WORDS_MAX || len == 0 || len >= WORD_SIZE)
			return false;
		memcpy(w->word[w->n], code, len);
		w->word[w->n++][len] = '\0';
		if (code[len] == '\0')
			return true;
		code += len + 1;
	}
}

static bool number(const char *word, int64_t least, int64_t most, int64_t *out)
{
	size_t len = strlen(word);
	long long n;

	if (len == 0 || len > 12 || strspn(word, "0123456789") != len)
		return false;
	n = strtoll(word, NULL, 10);
	if (n < least || n > most)
		return false;
	*out = n;
	return true;
}

static bool small(const char *word, int most, int *out)
{
	int64_t n;

	if (!number(word, 0, most, &n))
		return false;
	*out = (int)n;
	return true;
}

static bool dedicated(const struct words *w, struct charging_product *p)
{
	p->kind = CHARGING_PRODUCT_DA;
	return w->n >= 3 && number(w->word[1], 1, ID_MAX, &p->id) &&
	       number(w->word[2], 1, CHARGING_AMOUNT_MAX, &p->amount) &&
	       (w->n < 4 || small(w->word[3], 6, &p->unit));
}

static bool refill(const struct words *w, struct charging_product *p)
{
	p->kind = CHARGING_PRODUCT_REFILL;
	if (w->n < 3 || strlen(w->word[1]) > PROFILE_MOST)
		return false;
	memcpy(p->name, w->word[1], sizeof(p->name));
	return number(w->word[2], 0, CHARGING_AMOUNT_MAX, &p->amount) &&
	       (w->n < 4 || number(w->word[3], 1, ID_MAX, &p->account));
}

static bool offer(const struct words *w, struct charging_product *p)
{
	p->kind = CHARGING_PRODUCT_OFFER;
	p->type = 2;
	return (w->n == 2 || w->n == 3) && number(w->word[1], 1, ID_MAX, &p->id) &&
	       (w->n < 3 || (small(w->word[2], 2, &p->type) && p->type != 1));
}

static bool balance(const struct words *w, struct charging_product *p)
{
	p->kind = CHARGING_PRODUCT_BALANCE;
	if (w->n != 2 || w->word[0][0] != '*' || w->word[0][1] == '\0')
		return false;
	for (const char *c = w->word[0] + 1; *c != '\0'; c++)
		if (!islower((unsigned char)*c) && *c != '_')
			return false;
	memcpy(p->name, w->word[0], sizeof(p->name));
	return strcmp(p->name, "*monetary") != 0 && number(w->word[1], 1, CHARGING_AMOUNT_MAX, &p->amount);
}

enum rc charging_product_parse(enum config_charging_kind kind, const char *code, struct charging_product *out,
                               const char **remedy)
{
	struct charging_product p = {.unit = -1};
	struct words w = {0};
	bool fine = false;

	*remedy = kind == CONFIG_UCIP
	                  ? "write da:ID:AMOUNT, refill:PROFILE:AMOUNT or offer:ID, see charging.md"
	                  : "write *TYPE:VALUE, such as *data:104857600; not *monetary";
	if (kind == CONFIG_LEDGER) {
		fine = true;
	} else if (!split(code, &w)) {
		fine = false;
	} else if (kind == CONFIG_CGRATES) {
		fine = balance(&w, &p);
	} else if (strcmp(w.word[0], "da") == 0) {
		fine = dedicated(&w, &p);
	} else if (strcmp(w.word[0], "refill") == 0) {
		fine = refill(&w, &p);
	} else if (strcmp(w.word[0], "offer") == 0) {
		fine = offer(&w, &p);
	}
	if (!fine)
		return RC_SYNTAX;
	*out = p;
	return RC_OK;
}

bool charging_product_sells(const struct charging_product *p)
{
	return p->kind == CHARGING_PRODUCT_DA || p->kind == CHARGING_PRODUCT_BALANCE;
}
