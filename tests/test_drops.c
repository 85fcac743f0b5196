/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drops: the join dialogue is cut after every answer, by the subscriber or by silence, and taken up again within and long after
 * `resume`, in both languages.
 *
 * Promise 8 and the issue's own: nothing that was answered is asked twice, nothing is kept that was not consented to, and
 * the gift comes once. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "tests/run_suite.h"
#include "tools/scratch.h"

#define N_ANSWERS 4
#define MINUTE_MS INT64_C(60000)
#define MSISDN INT64_C(254700000001)

enum cut { CUT_DROP, CUT_IDLE, CUT_REPLACED };

struct language {
	const char *code;
	const char *question[N_ANSWERS]; /* each screen begins so */
	const char *answer[N_ANSWERS];
	const char *offer, *last;
};

static const struct language languages[] = {
	{"en",
         {"Acme keeps", "Your full name?", "Your town?", "At home you"},
         {"yes", "Jane Doe", "Nakuru", "2"},
         "Continue where",
         "Thanks Jane Doe! 100 MB is yours."},
	{"sw",
         {"Acme itahifadhi", "Jina lako kamili?", "Mji wako?", "Nyumbani wewe"},
         {"ndiyo", "Ali Hassan", "lamu", "3"},
         "Uendelee ulipoishia",
         "Asante Ali Hassan! MB 100 ni zako."},
};

static struct config *config;
static struct services *services;
static struct scratch *world;

static void open_all(void)
{
	struct findings *f = findings_new();

	log_init(LOG_LV_ERROR);
	ck_assert_int_eq(config_load(SRCDIR "/conf/starhash.conf", f, &config), RC_OK);
	ck_assert_int_eq(services_new(config, f, &services), RC_OK);
	findings_free(f);
}

static void close_all(void)
{
	services_free(services);
	config_free(config);
}

static const char *shown(void)
{
	bool last;
	const char *text = scratch_screen(world, &last);

	return text ? text : "(nothing)";
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

struct kept {
	bool consent, name, town, role, registered;
	size_t grants;
};

static bool keep(void *ctx, const struct query_subscriber *s)
{
	struct kept *k = ctx;
	const struct profile *p = record_profile(s->record);

	k->consent = record_has_consent(s->record, "profile");
	k->name = record_value(s->record, (size_t)profile_field_by_name(p, "name")) != NULL;
	k->town = record_value(s->record, (size_t)profile_field_by_name(p, "town")) != NULL;
	k->role = record_value(s->record, (size_t)profile_field_by_name(p, "role")) != NULL;
	k->registered = record_is_registered(s->record);
	k->grants = s->n_grants;
	return true;
}

/* After `n` good answers exactly these are kept, and none before the consent. */
static void check_kept(int n)
{
	struct kept k = {0};
	enum rc rc = scratch_look(world, keep, &k);

	ck_assert(rc == RC_OK || rc == RC_NOTFOUND);
	ck_assert_int_eq(k.consent, n >= 1);
	ck_assert_int_eq(k.name, n >= 2);
	ck_assert_int_eq(k.town, n >= 3);
	ck_assert_int_eq(k.role, n >= 4);
	ck_assert_int_eq(k.registered, n >= 3);
	ck_assert_uint_eq(k.grants, n >= 4);
}

static void cut_off(enum cut how)
{
	if (how == CUT_DROP)
		scratch_drop(world);
	else if (how == CUT_IDLE)
		scratch_wait(world, config->idle_ms + 1000);
	/* CUT_REPLACED: the next dialling ends the old dialogue */
}

/* Answer from question `from` on; each is asked in its turn, and once. */
static void answer_rest(const struct language *l, int from)
{
	for (int i = from; i < N_ANSWERS; i++) {
		ck_assert_msg(begins(shown(), l->question[i]), "asked \"%s\", not \"%s\"", shown(),
		              l->question[i]);
		scratch_type(world, l->answer[i]);
	}
	ck_assert_str_eq(shown(), l->last);
	check_kept(N_ANSWERS);
}

static void begin(const struct language *l)
{
	char why[300];

	ck_assert_int_eq(scratch_new(config, services, true, &world, why, sizeof why), RC_OK);
	ck_assert_int_eq(scratch_language(world, MSISDN, l->code), RC_OK);
	scratch_dial(world, MSISDN, "*123*1#");
}

static void play(const struct language *l, int answered, enum cut how, bool is_late)
{
	begin(l);
	for (int i = 0; i < answered; i++) {
		ck_assert(begins(shown(), l->question[i]));
		scratch_type(world, l->answer[i]);
	}
	cut_off(how);
	check_kept(answered);
	if (is_late && how == CUT_REPLACED)
		scratch_drop(world);
	if (is_late)
		scratch_wait(world, 20 * MINUTE_MS);
	check_kept(answered);
	scratch_dial(world, MSISDN, is_late ? "*123*1#" : "*123#");
	if (!is_late) {
		ck_assert_msg(begins(shown(), l->offer), "offered \"%s\"", shown());
		scratch_type(world, "1");
	}
	answer_rest(l, answered);
	scratch_free(world);
}

START_TEST(cut_after_each_answer)
{
	const struct language *l = &languages[_i / N_ANSWERS];

	for (int how = CUT_DROP; how <= CUT_REPLACED; how++) {
		play(l, _i % N_ANSWERS, (enum cut)how, false);
		play(l, _i % N_ANSWERS, (enum cut)how, true);
	}
}
END_TEST

/* Cut at every step of one and the same joining, now within, now after `resume`. */
START_TEST(cut_at_every_step_in_turn)
{
	const struct language *l = &languages[_i];

	begin(l);
	for (int i = 0; i < N_ANSWERS; i++) {
		ck_assert_msg(begins(shown(), l->question[i]), "asked \"%s\"", shown());
		scratch_drop(world);
		check_kept(i);
		if (i % 2 == 0)
			scratch_wait(world, 20 * MINUTE_MS);
		scratch_dial(world, MSISDN, i % 2 == 0 ? "*123*1#" : "*123#");
		if (i % 2 == 1)
			scratch_type(world, "1");
		ck_assert_msg(begins(shown(), l->question[i]), "asked \"%s\"", shown());
		scratch_type(world, l->answer[i]);
	}
	ck_assert_str_eq(shown(), l->last);
	check_kept(N_ANSWERS);
	scratch_free(world);
}
END_TEST

/* Who said no is asked again, and nothing is kept meanwhile. */
START_TEST(a_refusal_keeps_nothing)
{
	const struct language *l = &languages[_i];

	begin(l);
	scratch_type(world, "2");
	check_kept(0);
	scratch_dial(world, MSISDN, "*123*1#");
	answer_rest(l, 0);
	scratch_free(world);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("drops");
	TCase *c = tcase_create("drops");

	suite_add_tcase(suite, c);
	tcase_add_checked_fixture(c, open_all, close_all);
	tcase_add_loop_test(c, cut_after_each_answer, 0, 2 * N_ANSWERS);
	tcase_add_loop_test(c, cut_at_every_step_in_turn, 0, 2);
	tcase_add_loop_test(c, a_refusal_keeps_nothing, 0, 2);
	return run_suite(suite);
}
