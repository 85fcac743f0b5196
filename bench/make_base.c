/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A base of subscribers to import: `make_base NUMBER [csv|jsonl] [shuffled]` on stdout, the same for the same arguments.
 *
 * Every other one has said who they are (name, town, role of conf/profile.conf), with the proof of the consent; the rest
 * are a number, a language and when they were seen. Numbers rise, as in what a charging system unloads, or come in no order.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

#define FIRST_MSISDN 254700000000
#define FIRST_MS 1700000000000 /* 2023-11-14 */

static const char words[] = "Acme keeps your answers to serve you better. Stop: *123*3#. Agree?";
static const char *const given[] = {"Asha",   "Baraka", "Chiku", "Daudi", "Esther", "Farida",
                                    "Gideon", "Halima", "Imani", "Juma",  "Kesi",   "Lulu",
                                    "Musa",   "Neema",  "Omari", "Pendo"};
static const char *const family[] = {"Wanjiru", "Otieno", "Mwangi", "Achieng",
                                     "Kamau",   "Njeri",  "Kiprop", "Hassan"};
static const char *const towns[] = {"Nairobi", "Mombasa", "Kisumu",  "Nakuru",
                                    "Eldoret", "Thika",   "Malindi", "Kitale"};
static const char *const roles[] = {"head", "job", "study"};

struct person {
	int64_t msisdn;
	bool told;
	char first[CLOCK_TEXT_SIZE], agreed[CLOCK_TEXT_SIZE], last[CLOCK_TEXT_SIZE], name[64];
	const char *language, *town, *role;
};

static struct person person(int64_t i, int64_t n, bool shuffled)
{
	/* 7,919 is prime to 10^k: each is met once */
	int64_t place = shuffled ? i * 7919 % n : i, ms = FIRST_MS + place * 7;
	struct person p = {.msisdn = FIRST_MSISDN + place,
	                   .told = place % 2 == 0,
	                   .language = place % 3 ? "sw" : "en",
	                   .town = towns[place % 8],
	                   .role = roles[place % 3]};

	(void)clock_utc_text(ms, p.first);
	(void)clock_utc_text(ms + 3600000, p.agreed);
	(void)clock_utc_text(ms + 7200000, p.last);
	(void)snprintf(p.name, sizeof p.name, "%s %s", given[place % 16], family[place / 16 % 8]);
	return p;
}

static void print_csv(const struct person *p)
{
	printf("%" PRId64 ",%s,%s,%s,", p->msisdn, p->language, p->first, p->last);
	if (p->told)
		printf("%s,%s,%s,\"%s\",%s,%s\n", p->name, p->town, p->role, words, p->language, p->agreed);
	else
		printf(",,,,,\n");
}

static void print_json(const struct person *p)
{
	printf("{\"msisdn\":\"%" PRId64 "\",\"language\":\"%s\",\"first_seen\":\"%s\",\"last_seen\":\"%s\"",
	       p->msisdn, p->language, p->first, p->last);
	if (p->told)
		printf(",\"profile\":{\"name\":\"%s\",\"town\":\"%s\",\"role\":\"%s\"},\"consents\":[{\"purpose\":\"profile\","
		       "\"state\":\"granted\",\"text\":\"%s\",\"language\":\"%s\",\"at\":\"%s\"}]",
		       p->name, p->town, p->role, words, p->language, p->agreed);
	printf("}\n");
}

int main(int argc, char **argv)
{
	int64_t n = argc > 1 ? strtoll(argv[1], NULL, 10) : 0;
	bool json = false, shuffled = false;

	for (int i = 2; i < argc; i++) {
		json |= strcmp(argv[i], "jsonl") == 0;
		shuffled |= strcmp(argv[i], "shuffled") == 0;
	}
	if (n <= 0 || n > 100000000) {
		fprintf(stderr, "usage: make_base NUMBER [csv|jsonl] [shuffled]; at most 100000000\n");
		return 2;
	}
	if (!json)
		printf("msisdn,language,first_seen,last_seen,name,town,role,consent.profile.words,"
		       "consent.profile.language,consent.profile.at\n");
	for (int64_t i = 0; i < n; i++) {
		const struct person p = person(i, n, shuffled);

		if (json)
			print_json(&p);
		else
			print_csv(&p);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
