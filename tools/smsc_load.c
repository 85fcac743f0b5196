/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load generator. A run is a place for one subscriber at a time: idle, in a dialogue, waiting to dial again,
 * hanging up (to dial again), or closing (its cancellation is on the way). */
#include "tools/smsc_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOLD_ENDINGS 3

enum run_state { RUN_IDLE, RUN_TALKING, RUN_REDIALS, RUN_HANGS_UP, RUN_CLOSING };

#define NAME_MARK "{name}"
#define NAME_LETTERS 10 /* so long that no sealed text holds one by chance */
#define NAME_SIZE (2 * (NAME_LETTERS + 1) + 2)

struct smsc_load_run {
	struct smsc_phone *phone;
	enum run_state state;
	uint32_t subscriber;
	uint32_t redials;
	size_t step; /* next element of the script */
	int64_t due_us;
	struct smsc_load_run *redial_next;
};

const char *smsc_failure_name(enum smsc_failure cause)
{
	static const char *const names[SMSC_FAIL_COUNT] = {"no-answer", "ended-otherwise", "no-answer-known",
	                                                   "unfinished"};

	return names[cause];
}

enum rc smsc_load_init(struct smsc_load *l, const struct smsc_load_config *config, struct smsc_centre *centre)
{
	memset(l, 0, sizeof *l);
	l->config = *config;
	l->centre = centre;
	l->run = calloc(config->concurrency, sizeof *l->run);
	l->idle = calloc(config->concurrency, sizeof *l->idle);
	if (l->config.numbers == 0)
		l->config.numbers = config->subscribers;
	l->seen = calloc(l->config.numbers, sizeof *l->seen);
	if (l->run == NULL || l->idle == NULL || l->seen == NULL) {
		smsc_load_fini(l);
		return RC_NOMEM;
	}
	for (uint32_t i = 0; i < config->concurrency; i++)
		l->idle[l->n_idle++] = config->concurrency - 1 - i;
	return RC_OK;
}

void smsc_load_fini(struct smsc_load *l)
{
	free(l->run);
	free(l->idle);
	free(l->seen);
	l->run = NULL;
	l->idle = NULL;
	l->seen = NULL;
}

static struct smsc_load_run *run_of(struct smsc_load *l, const struct smsc_phone *p)
{
	return &l->run[p->index];
}

static void release(struct smsc_load *l, struct smsc_load_run *run)
{
	smsc_centre_detach(l->centre, run->phone);
	run->state = RUN_IDLE;
	l->idle[l->n_idle++] = (uint32_t)(run - l->run);
}

/* The subscriber's matter is settled. A dialogue that still stands is cancelled first, as a person would. */
static void settle(struct smsc_load *l, struct smsc_load_run *run)
{
	l->ended++;
	if (run->phone->turn == SMSC_TURN_SUBSCRIBER && smsc_centre_cancel(l->centre, run->phone) == RC_OK)
		run->state = RUN_CLOSING;
	else
		release(l, run);
}

static void fail(struct smsc_load *l, struct smsc_load_run *run, enum smsc_failure cause)
{
	l->result.failed[cause]++;
	settle(l, run);
}

static bool is_by_sms(const struct smsc_load *l)
{
	return l->config.steps->at[0].kind == SMSC_STEP_SMS;
}

static enum rc begin(struct smsc_load *l, struct smsc_load_run *run, int64_t wanted_us)
{
	const char *text = l->config.steps->at[0].text;

	return is_by_sms(l) ? smsc_centre_sms_at(l->centre, run->phone, l->config.short_code, text, wanted_us)
	                    : smsc_centre_dial(l->centre, run->phone, text, wanted_us);
}

static void dial(struct smsc_load *l, struct smsc_load_run *run, int64_t wanted_us)
{
	run->state = RUN_TALKING;
	run->step = 1;
	l->result.dialogues++;
	if (begin(l, run, wanted_us) != RC_OK)
		fail(l, run, SMSC_FAIL_NO_RULE);
}

static void redial(struct smsc_load *l, struct smsc_load_run *run, enum smsc_failure otherwise)
{
	if (run->redials == l->config.redials) {
		fail(l, run, otherwise);
		return;
	}
	run->redials++;
	l->result.redials++;
	run->state = RUN_REDIALS;
	run->due_us = smsc_now_us() + l->config.redial_after_us;
	run->redial_next = NULL;
	if (l->redial_last != NULL)
		l->redial_last->redial_next = run;
	else
		l->redial_first = run;
	l->redial_last = run;
}

static bool says_one_of(const char *text, const char *const *patterns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(text, patterns[i]) != NULL)
			return true;
	return false;
}

static bool says_success(const struct smsc_load *l, const char *text)
{
	return l->config.success != NULL && strstr(text, l->config.success) != NULL;
}

/* Before the submit_sm_resp goes out, so that whoever kills the ESME later knows what was promised. */
static void tell_seen(struct smsc_load *l, uint32_t subscriber, int64_t msisdn)
{
	char line[32];
	int len = snprintf(line, sizeof line, "%lld\n", (long long)msisdn);

	if (l->config.seen_fd < 0 || l->seen[subscriber])
		return;
	l->seen[subscriber] = true;
	if (write(l->config.seen_fd, line, (size_t)len) != len)
		perror("starhash-smsc: --report-seen");
}

/* "Qaaaaaaaabc Zaaaaaaaabc": nobody else's, in letters alone, and the same again for the same subscriber. */
static void name_of(uint32_t subscriber, char out[NAME_SIZE])
{
	char letters[NAME_LETTERS + 1] = "";

	for (int i = NAME_LETTERS; i-- > 0; subscriber /= 26)
		letters[i] = (char)('a' + subscriber % 26);
	(void)snprintf(out, NAME_SIZE, "Q%s Z%s", letters, letters);
}

/* {name} in an answer stands for a name of this subscriber's own. */
static const char *personal(struct smsc_load *l, const struct smsc_load_run *run, const char *text)
{
	const char *at = strstr(text, NAME_MARK);
	char name[NAME_SIZE];

	if (at == NULL)
		return text;
	name_of(run->subscriber, name);
	(void)snprintf(l->answer, sizeof l->answer, "%.*s%s%s", (int)(at - text), text, name,
	               at + sizeof NAME_MARK - 1);
	return l->answer;
}

static const char *choose_answer(struct smsc_load *l, struct smsc_load_run *run, const char *text)
{
	for (size_t i = 0; i < l->config.n_rules; i++)
		if (strstr(text, l->config.rule[i].pattern) != NULL)
			return personal(l, run, l->config.rule[i].text);
	if (run->step < l->config.steps->n)
		return personal(l, run, l->config.steps->at[run->step++].text);
	return NULL;
}

static void show(struct smsc_load *l, const char *what, const char *text)
{
	if (!l->centre->stats->quiet && l->told++ < TOLD_ENDINGS)
		fprintf(stderr, "starhash-smsc: %s: \"%s\"\n", what, text);
}

static bool hangs_up(struct smsc_load *l)
{
	return l->config.cancel_percent != 0 &&
	       (smsc_fault_random(l->centre->net->env.fault) >> 33) % 100 < l->config.cancel_percent;
}

static void on_screen(void *ctx, struct smsc_phone *p, const char *text, bool end, bool repeat)
{
	struct smsc_load *l = ctx;
	struct smsc_load_run *run = run_of(l, p);
	const char *answer;

	if (l->closed && says_success(l, text))
		tell_seen(l, run->subscriber, p->msisdn);
	if (l->closed || repeat || run->state != RUN_TALKING)
		return;
	if (says_success(l, text) || (end && l->config.success == NULL)) {
		tell_seen(l, run->subscriber, p->msisdn);
		l->result.succeeded++;
		settle(l, run);
	} else if (says_one_of(text, l->config.done, l->config.n_done)) {
		l->result.succeeded++;
		l->result.already++;
		settle(l, run);
	} else if (end) {
		if (p->disturbed || says_one_of(text, l->config.retry, l->config.n_retry)) {
			redial(l, run, SMSC_FAIL_ENDED);
		} else {
			show(l, "a dialogue ended otherwise", text);
			fail(l, run, SMSC_FAIL_ENDED);
		}
	} else if (hangs_up(l)) {
		l->result.cancelled++;
		run->state = RUN_HANGS_UP;
		if (smsc_centre_cancel(l->centre, p) != RC_OK)
			fail(l, run, SMSC_FAIL_NO_RULE);
	} else {
		answer = choose_answer(l, run, text);
		if (answer == NULL || smsc_centre_type(l->centre, p, answer) != RC_OK) {
			show(l, "no answer is known for", text);
			fail(l, run, SMSC_FAIL_NO_RULE);
		}
	}
}

/* A text and its answer is a dialogue of one step. */
static void on_text_answered(struct smsc_load *l, uint32_t subscriber, const char *text)
{
	uint32_t index = l->centre->phone_of[subscriber];
	struct smsc_load_run *run = index == SMSC_NO_PHONE ? NULL : &l->run[index];

	if (l->closed || run == NULL || run->state != RUN_TALKING)
		return;
	smsc_centre_answered(l->centre, run->phone);
	if (l->config.success != NULL && !says_success(l, text)) {
		show(l, "a text was answered otherwise", text);
		fail(l, run, SMSC_FAIL_ENDED);
		return;
	}
	l->result.succeeded++;
	settle(l, run);
}

static void on_sms(void *ctx, int64_t msisdn, const char *from, const char *text)
{
	struct smsc_load *l = ctx;

	(void)from;
	l->result.sms++;
	if (is_by_sms(l))
		on_text_answered(l, (uint32_t)(msisdn - l->centre->config.first_msisdn), text);
	if (says_success(l, text))
		tell_seen(l, (uint32_t)(msisdn - l->centre->config.first_msisdn), msisdn);
}

static void on_acked(void *ctx, struct smsc_phone *p)
{
	struct smsc_load *l = ctx;
	struct smsc_load_run *run = run_of(l, p);

	if (run->state == RUN_CLOSING)
		release(l, run);
	else if (run->state == RUN_HANGS_UP && !l->closed)
		redial(l, run, SMSC_FAIL_NO_ANSWER);
}

static void on_silent(void *ctx, struct smsc_phone *p)
{
	struct smsc_load *l = ctx;
	struct smsc_load_run *run = run_of(l, p);

	if (run->state == RUN_CLOSING)
		release(l, run);
	else if ((run->state == RUN_TALKING || run->state == RUN_HANGS_UP) && !l->closed)
		redial(l, run, SMSC_FAIL_NO_ANSWER);
}

struct smsc_centre_events smsc_load_events(struct smsc_load *l)
{
	return (struct smsc_centre_events){
		.ctx = l, .screen = on_screen, .sms = on_sms, .acked = on_acked, .silent = on_silent};
}

void smsc_load_start(struct smsc_load *l, int64_t now_us)
{
	l->moved_us = now_us;
}

static int64_t due_of(const struct smsc_load *l, uint32_t subscriber)
{
	if (l->config.rate <= 0)
		return l->result.began_us;
	return l->result.began_us + (int64_t)((double)subscriber * 1e6 / l->config.rate);
}

static void begin_subscribers(struct smsc_load *l, int64_t now_us)
{
	while (l->n_idle > 0 && l->begun < l->config.subscribers && due_of(l, l->begun) <= now_us) {
		struct smsc_load_run *run = &l->run[l->idle[l->n_idle - 1]];
		int64_t wanted_us = l->config.rate > 0 ? due_of(l, l->begun) : now_us;
		uint32_t who = l->begun % l->config.numbers;

		if (l->centre->phone_of[who] != SMSC_NO_PHONE)
			return; /* still on the phone */
		l->n_idle--;
		*run = (struct smsc_load_run){.subscriber = who};
		run->phone = smsc_centre_attach(l->centre, (uint32_t)(run - l->run), who);
		l->begun++;
		dial(l, run, wanted_us);
	}
}

static void begin_redials(struct smsc_load *l, int64_t now_us)
{
	while (l->redial_first != NULL && l->redial_first->due_us <= now_us) {
		struct smsc_load_run *run = l->redial_first;

		l->redial_first = run->redial_next;
		if (l->redial_first == NULL)
			l->redial_last = NULL;
		dial(l, run, now_us);
	}
}

/* Give up when nothing has moved for long: no ESME, or one that takes everything and answers nothing. */
static void watch_progress(struct smsc_load *l, int64_t now_us)
{
	int64_t patience = l->config.wait_us;

	if (l->started)
		patience += (int64_t)(l->config.redials + 1) * l->centre->config.answer_timeout_us;
	if (l->started &&
	    (l->moved_steps != l->centre->stats->steps || l->moved_ended != l->ended || l->begun == 0 ||
	     (l->n_idle == l->config.concurrency && l->begun < l->config.subscribers))) {
		l->moved_steps = l->centre->stats->steps;
		l->moved_ended = l->ended;
		l->moved_us = now_us;
	}
	if (now_us - l->moved_us <= patience &&
	    (!l->started || smsc_net_bound(l->centre->net) || now_us - l->moved_us <= l->config.wait_us))
		return;
	fprintf(stderr, "starhash-smsc: %s\n",
	        !l->started ? "no ESME bound in time" : "nothing moves any more, giving up");
	l->stopped = true;
}

int64_t smsc_load_turn(struct smsc_load *l, int64_t now_us)
{
	int64_t wait = 100000, until;

	if (!l->started && smsc_net_bound(l->centre->net)) {
		l->started = true;
		l->result.began_us = l->moved_us = now_us;
	}
	watch_progress(l, now_us);
	if (!l->started || l->stopped)
		return wait;
	begin_redials(l, now_us);
	begin_subscribers(l, now_us);
	if (l->redial_first != NULL && (until = l->redial_first->due_us - now_us) < wait)
		wait = until;
	if (l->n_idle > 0 && l->begun < l->config.subscribers &&
	    (until = due_of(l, l->begun) - now_us) < wait)
		wait = until;
	return wait < 0 ? 0 : wait;
}

bool smsc_load_finished(const struct smsc_load *l)
{
	return l->stopped || (l->ended == l->config.subscribers && l->n_idle == l->config.concurrency);
}

void smsc_load_finish(struct smsc_load *l, int64_t now_us)
{
	l->result.ended_us = now_us;
	if (!l->started)
		l->result.began_us = now_us;
	l->result.failed[SMSC_FAIL_UNFINISHED] += l->config.subscribers - l->ended;
	l->ended = l->config.subscribers;
	l->closed = true;
}
