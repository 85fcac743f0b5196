/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flood: see flood.h. The table is set-associative, WAYS numbers in each set; an entry is found by looking at one set, and
 * nothing is ever moved. Tokens are counted in thousandths, so that a limit of 1 in ten seconds is kept, too. */
#include "gateway/flood.h"

#include <stdlib.h>

#define WAYS 8
#define SETS (FLOOD_NUMBERS / WAYS)
#define WHOLE 1000 /* of one input */

struct number {
	int64_t msisdn; /* 0 = free */
	int64_t at_ms;  /* when `tokens` was right */
	int32_t tokens; /* in 1/WHOLE */
	bool told;      /* that it is over the limit */
	bool stopped;   /* its last command was STOP */
};

struct flood {
	int32_t limit; /* in 1/WHOLE; 0 = none */
	struct flood_counters counters;
	struct number number[FLOOD_NUMBERS];
};

enum rc flood_new(unsigned limit, struct flood **out)
{
	struct flood *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return RC_NOMEM;
	f->limit = (int32_t)(limit < INT32_MAX / WHOLE ? limit : INT32_MAX / WHOLE) * WHOLE;
	*out = f;
	return RC_OK;
}

void flood_free(struct flood *f)
{
	free(f);
}

/* splitmix64: numbers of one operator differ in their last digits only. */
static size_t set_of(int64_t msisdn)
{
	uint64_t x = (uint64_t)msisdn + 0x9e3779b97f4a7c15u;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (size_t)((x ^ (x >> 31)) % SETS) * WAYS;
}

static void refill(const struct flood *f, struct number *n, int64_t now_ms)
{
	int64_t passed = now_ms - n->at_ms;
	int64_t tokens;

	if (passed < 0) /* a clock that went back gives nothing and takes nothing */
		passed = 0;
	tokens = passed >= FLOOD_WINDOW_MS ? f->limit
	                                   : n->tokens + (int64_t)f->limit * passed / FLOOD_WINDOW_MS;
	/* What is too little for a token yet is not lost: a low limit and frequent looks would never give any. */
	if (tokens > n->tokens || passed == 0 || n->tokens == f->limit)
		n->at_ms = now_ms;
	n->tokens = (int32_t)(tokens < f->limit ? tokens : f->limit);
	if (n->tokens == f->limit)
		n->told = false;
}

static struct number *find(struct flood *f, int64_t msisdn)
{
	struct number *set = &f->number[set_of(msisdn)];

	for (int i = 0; i < WAYS; i++)
		if (set[i].msisdn == msisdn)
			return &set[i];
	return NULL;
}

/* Takes the place of a free entry, or of the one with the most left. */
static struct number *find_or_make(struct flood *f, int64_t msisdn, int64_t now_ms)
{
	struct number *set = &f->number[set_of(msisdn)], *n = find(f, msisdn);

	if (n != NULL) {
		refill(f, n, now_ms);
		return n;
	}
	n = &set[0];
	for (int i = 0; i < WAYS; i++) {
		if (set[i].msisdn == 0) {
			n = &set[i];
			break;
		}
		refill(f, &set[i], now_ms);
		if (set[i].tokens > n->tokens)
			n = &set[i];
	}
	f->counters.kept += n->msisdn == 0;
	f->counters.evicted += n->msisdn != 0 && n->tokens < f->limit;
	*n = (struct number){.msisdn = msisdn, .at_ms = now_ms, .tokens = f->limit};
	return n;
}

static bool pay(struct number *n)
{
	if (n->tokens < WHOLE)
		return false;
	n->tokens -= WHOLE;
	return true;
}

enum flood_verdict flood_take(struct flood *f, int64_t msisdn, int64_t now_ms)
{
	struct number *n;

	if (f->limit == 0)
		return FLOOD_FINE;
	n = find_or_make(f, msisdn, now_ms);
	if (pay(n))
		return FLOOD_FINE;
	f->counters.over++;
	if (n->told)
		return FLOOD_OVER;
	n->told = true;
	return FLOOD_FIRST;
}

bool flood_take_stop(struct flood *f, int64_t msisdn, int64_t now_ms)
{
	struct number *n;

	if (f->limit == 0)
		return true;
	n = find_or_make(f, msisdn, now_ms);
	if (!pay(n)) {
		f->counters.over++;
		if (n->stopped)
			return false;
		f->counters.stops++;
	}
	n->stopped = true;
	return true;
}

void flood_unstop(struct flood *f, int64_t msisdn)
{
	struct number *n = f->limit != 0 ? find(f, msisdn) : NULL;

	if (n != NULL)
		n->stopped = false;
}

void flood_counters_read(const struct flood *f, struct flood_counters *out)
{
	*out = f->counters;
}
