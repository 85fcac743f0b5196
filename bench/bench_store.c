/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many registrations the store makes durable in a second, at several numbers outstanding.
 *
 * One registration is one batch as join.conf writes it: seen, language, consent, three values, give, notice and
 * interaction of a new subscriber. `bench_store [FOLDER] [REGISTRATIONS] [limits]`; the folder decides what is measured: a
 * disk with its fsync, or memory (/dev/shm). With "limits" each gift is judged by one of every kind, none of which is
 * ever reached. Latency is from store_write to the callback.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/profile.h"
#include "storage/store_limits.h"
#include "storage/store_notices.h"

#define FIRST_MSISDN 254700000000
#define OUTSTANDING_MAX 1024

struct run;
struct slot {
	struct run *run;
	double began;
};

struct run {
	struct store *store;
	int64_t wanted, started, ended, failed;
	struct slot slot[OUTSTANDING_MAX];
	double *latency; /* seconds, one for each registration */
};

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fill_profile(struct profile *p)
{
	static const char *const names[] = {"name", "town", "role"};

	memset(p, 0, sizeof *p);
	p->n_fields = 3;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(p->field[i].name, PROFILE_NAME_SIZE, "%s", names[i]);
		(void)snprintf(p->field[i].consent, PROFILE_NAME_SIZE, "profile");
		p->field[i].is_required = i < 2;
	}
}

static struct store_batch *registration(int64_t n)
{
	static const char words[] = "Acme keeps your answers to serve you better. Stop: *123*3#. Agree?";
	int64_t utc_ms = clock_utc_ms(clock_system());
	const struct store_interaction i = {.channel = STORE_CH_USSD,
	                                    .inbound = true,
	                                    .service = "join",
	                                    .last_screen = "gift",
	                                    .language = "en",
	                                    .outcome = STORE_END_COMPLETED,
	                                    .steps = 6,
	                                    .began_ms = utc_ms - 20000,
	                                    .ended_ms = utc_ms};
	/* numbers come in no order: 7919 is prime to the modulus, so each is met once */
	struct store_batch *b = store_batch_new(FIRST_MSISDN + n * 7919 % 100000000, utc_ms);
	bool ok = b && store_batch_seen(b) == RC_OK && store_batch_language(b, "en") == RC_OK &&
	          store_batch_consent(b, "profile", STORE_CONSENT_GRANTED, words, "en", STORE_CH_USSD) ==
	                  RC_OK &&
	          store_batch_save(b, 0, "Asha Wanjiru") == RC_OK &&
	          store_batch_save(b, 1, "Kisumu") == RC_OK && store_batch_save(b, 2, "job") == RC_OK &&
	          store_batch_give(b, "100MB", "join", "100 MB", 604800000) == RC_OK &&
	          store_batch_notice(b, "Thanks Asha Wanjiru! 100 MB for 7 days.", true) == RC_OK &&
	          store_batch_route(b, "1 1 123 1 1 254700000001 @smsc-a", true) == RC_OK &&
	          store_batch_interaction(b, &i) == RC_OK;

	if (!ok) {
		(void)fprintf(stderr, "bench_store: a batch could not be made\n");
		exit(1);
	}
	return b;
}

static void on_written(void *ctx, const struct store_result *result);

static void start(struct run *r, struct slot *slot)
{
	struct store_batch *b = registration(r->started++);

	slot->run = r;
	slot->began = now();
	if (store_write(r->store, b, on_written, slot) != RC_OK)
		r->failed++;
}

static void on_written(void *ctx, const struct store_result *result)
{
	struct slot *slot = ctx;
	struct run *r = slot->run;

	r->latency[r->ended++] = now() - slot->began;
	if (result->rc != RC_OK || !result->registered_now || result->grant_existed)
		r->failed++;
	store_notice_done(r->store, result->notice, STORE_NOTICE_SENT);
	if (r->started < r->wanted)
		start(r, slot);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* With all that the store has laid there: the database, its log, key and keyring. */
static void remove_folder(const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *e;
	char name[800];

	while (d && (e = readdir(d)) != NULL) {
		(void)snprintf(name, sizeof name, "%s/%s", folder, e->d_name);
		if (e->d_name[0] != '.')
			(void)unlink(name);
	}
	if (d)
		(void)closedir(d);
	(void)rmdir(folder);
}

static void report(struct run *r, int outstanding, double seconds)
{
	struct store_counters c;

	store_counters_read(r->store, &c);
	qsort(r->latency, (size_t)r->ended, sizeof *r->latency, by_size);
	(void)printf("%11d %12.0f %9.1f %9.2f %9.2f %9.2f %8lld\n", outstanding, (double)r->ended / seconds,
	             (double)c.writes / (double)(c.commits ? c.commits : 1), 1e3 * r->latency[r->ended / 2],
	             1e3 * r->latency[r->ended * 99 / 100], 1e3 * r->latency[r->ended - 1],
	             (long long)r->failed);
}

/* One of every kind: what a gift costs that all of them look at. */
static const struct store_limits *all_limits(void)
{
	static const struct store_limits limits = {
		.new_number_ms = 604800000,
		.per_day = 5,
		.n_caps = 1,
		.cap = {{"100MB", INT64_C(1) << 40}},
		.n_budgets = 1,
		.budget = {{.name = "launch", .gifts = INT64_C(1) << 40}},
		.n_rules = 2,
		.rule = {{.name = "all", .gifts = 1 << 30, .within_ms = 3600000, .reviews = true},
	                 {.name = "farm",
	                  .per = STORE_PER_BLOCK,
	                  .digits = 9,
	                  .gifts = 1 << 30,
	                  .within_ms = 3600000,
	                  .reviews = true}}};

	return &limits;
}

static int measure(const char *under, const struct profile *profile, const struct store_limits *limits,
                   int outstanding, int64_t wanted)
{
	static struct run r;
	char folder[512], path[600];
	const struct store_options o = {
		.path = path, .profile = profile, .clock = clock_system(), .limits = limits};
	struct pollfd fd;
	char why[300];
	double began;

	(void)snprintf(folder, sizeof folder, "%s/bench_store.XXXXXX", under);
	if (!mkdtemp(folder)) {
		(void)fprintf(stderr, "bench_store: no folder can be made in %s: %s\n", under,
		              strerror(errno));
		return 1;
	}
	(void)snprintf(path, sizeof path, "%s/bench_store.db", folder);
	memset(&r, 0, sizeof r);
	r.wanted = wanted;
	r.latency = calloc((size_t)wanted, sizeof *r.latency);
	if (!r.latency || store_open(&o, &r.store, why, sizeof why) != RC_OK) {
		(void)fprintf(stderr, "bench_store: %s\n", r.latency ? why : "memory is out");
		free(r.latency);
		remove_folder(folder);
		return 1;
	}
	fd = (struct pollfd){.fd = store_fd(r.store), .events = POLLIN};
	began = now();
	for (int i = 0; i < outstanding; i++)
		start(&r, &r.slot[i]);
	while (r.ended < wanted && poll(&fd, 1, 60000) == 1)
		(void)store_dispatch(r.store);
	report(&r, outstanding, now() - began);
	store_close(r.store);
	remove_folder(folder);
	free(r.latency);
	return r.failed || r.ended < wanted;
}

int main(int argc, char **argv)
{
	static const int outstanding[] = {1, 16, 64, 256};
	const char *folder = argc > 1 ? argv[1] : ".";
	int64_t wanted = argc > 2 ? strtoll(argv[2], NULL, 10) : 100000;
	bool limited = argc > 3 && strcmp(argv[3], "limits") == 0;
	struct profile profile;
	int failed = 0;

	if (wanted < 1000 || wanted > 100000000) {
		(void)fprintf(stderr,
		              "usage: bench_store [FOLDER] [REGISTRATIONS 1000..100000000] [limits]\n");
		return 2;
	}
	log_init(LOG_LV_ERROR); /* a new database each time is what is meant */
	fill_profile(&profile);
	(void)printf("%11s %12s %9s %9s %9s %9s %8s\n", "outstanding", "reg/s", "a commit", "p50 ms",
	             "p99 ms", "max ms", "failed");
	for (size_t i = 0; !failed && i < sizeof outstanding / sizeof outstanding[0];
	     i++) /* fewer when each waits for the disk */
		failed = measure(folder, &profile, limited ? all_limits() : NULL, outstanding[i],
		                 outstanding[i] == 1 ? wanted / 10 : wanted);
	return failed;
}
