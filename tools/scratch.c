/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scratch: dialogues on a throw-away store, with a phone as their port.
 *
 * Invariant: between two calls no answer is undelivered and no store request is open. Fates of answers are reported
 * after the call that sent them has come back, as a network would.
 */
#include "tools/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "gateway/dialogue.h"
#include "tools/scratch_private.h"

#define SETTLE_ROUNDS 10000      /* of store and dialogues, before we say that they never come to rest */
#define SETTLE_MS 250            /* answers are with the store this long after they were given */
#define LEAP_MS (60 * 60 * 1000) /* nothing is open: time can go by in large steps */
#define UTC_BEGIN INT64_C(1767225600000) /* 2026-01-01T00:00:00Z: the same in every run */

/* --- the phone: the port of the dialogues --------------------------------------------------------- */

static void on_acknowledge(void *ctx, const struct dialogue_input *in, uint32_t status)
{
	(void)ctx;
	(void)in;
	(void)status;
}

static enum rc delivered(struct scratch *s, uint64_t token)
{
	if (s->n_fates == FATES_MAX)
		return RC_FULL;
	s->fate[s->n_fates++] = token;
	return RC_OK;
}

static enum rc on_answer(void *ctx, void *link, const struct dialect_event *to, const char *text, bool last,
                         uint64_t token)
{
	struct scratch *s = ctx;
	enum rc rc;

	(void)link;
	if (strcmp(to->subscriber.digits, s->last.event.subscriber.digits) != 0)
		return delivered(s, token); /* an answer for somebody who has handed the phone on */
	rc = delivered(s, token);
	if (rc != RC_OK)
		return rc;
	free(s->screen);
	s->screen = strdup(text);
	s->screen_last = last;
	s->open = !last;
	return RC_OK;
}

static enum rc on_sms(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
                      const struct pdu_address *subscriber, const char *text, int64_t notice, uint64_t token)
{
	struct scratch *s = ctx;
	enum rc rc = delivered(s, token);
	char *copy = rc == RC_OK ? strdup(text) : NULL;

	(void)notice;
	(void)link;
	(void)group;
	(void)service;
	if (!copy)
		return rc;
	if (s->n_sms == SCRATCH_SMS_MAX) {
		free(s->sms[0].text);
		memmove(&s->sms[0], &s->sms[1], --s->n_sms * sizeof s->sms[0]);
	}
	s->sms[s->n_sms].msisdn = atoll(subscriber->digits);
	s->sms[s->n_sms++].text = copy;
	return RC_OK;
}

static enum rc on_app(void *ctx, const struct dialogue_app_request *request, uint64_t token)
{
	struct scratch *s = ctx;

	return fake_app_ask(&s->app, request, token, clock_mono_ms(s->clock));
}

static void on_reached(void *ctx, const struct book *book, enum machine_reached what,
                       const struct book_screen *screen, size_t which, size_t language)
{
	struct scratch *s = ctx;

	if (what == MACHINE_AT_SCREEN)
		snprintf(s->at_screen, sizeof s->at_screen, "%s", screen->name);
	if (s->reached)
		s->reached(s->reached_ctx, book, what, screen, which, language);
}

static void report_fates(struct scratch *s)
{
	while (s->n_fates > 0)
		dialogue_sent(s->dialogues, s->fate[--s->n_fates], DIALOGUE_DELIVERED, PDU_ROK);
}

/* What is ready by now: store, fates of answers, the app, deadlines that have passed. */
void scratch_settle_now(struct scratch *s)
{
	store_wait(s->store);
	report_fates(s);
	while (fake_app_answer(&s->app, s->dialogues, clock_mono_ms(s->clock)) > 0)
		report_fates(s);
	fake_charging_answer(s->bank, false);
	(void)fake_charging_tick(s->bank);
	dialogue_tick(s->dialogues);
}

/* Somebody lets a subscriber wait on purpose: to the next thing that happens. */
static void pass_time(struct scratch *s)
{
	int64_t due = fake_app_due_ms(&s->app), step = dialogue_tick(s->dialogues);

	if (due >= 0 && due - clock_mono_ms(s->clock) < step)
		step = due - clock_mono_ms(s->clock);
	clock_fake_advance(&s->fake, step < 1 ? 1 : step);
}

/* Until nothing is under way: requests, answers, deadlines that have passed. */
void scratch_settle(struct scratch *s)
{
	bool by_hand = s->clock == &s->fake.clock;

	for (int round = 0; round < SETTLE_ROUNDS; round++) {
		scratch_settle_now(s);
		if (s->n_fates == 0 && !dialogue_is_waiting(s->dialogues))
			break;
		if (by_hand && s->n_fates == 0 &&
		    (s->charging != SCRATCH_CHARGING_UP || fake_app_due_ms(&s->app) >= 0))
			pass_time(s);
	}
	if (s->charging == SCRATCH_CHARGING_SLOW)
		scratch_answer_at_last(s);
	store_wait(s->store);
	report_fates(s);
}

struct fake_app *scratch_app(struct scratch *s)
{
	return &s->app;
}

const char *scratch_at_screen(const struct scratch *s)
{
	return *s->at_screen ? s->at_screen : NULL;
}

void scratch_watch(struct scratch *s, scratch_reached_fn *fn, void *ctx)
{
	s->reached = fn;
	s->reached_ctx = ctx;
}

/* --- life ------------------------------------------------------------------------------------------ */

static void remove_folder(const struct scratch *s)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".key"};
	char path[FOLDER_SIZE + 32];

	if (!*s->folder)
		return;
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		snprintf(path, sizeof path, "%s/scratch.db%s", s->folder, endings[i]);
		unlink(path);
	}
	rmdir(s->folder);
}

static enum rc make_folder(struct scratch *s, char *why, size_t why_size)
{
	const char *base = getenv("TMPDIR");
	int n = snprintf(s->folder, sizeof s->folder, "%s/starhash-scratch-XXXXXX",
	                 base && *base ? base : "/tmp");

	if (n > 0 && (size_t)n < sizeof s->folder && mkdtemp(s->folder))
		return RC_OK;
	snprintf(why, why_size, "no temporary folder: %s; set TMPDIR to a place that can be written",
	         strerror(errno));
	s->folder[0] = '\0';
	return RC_IO;
}

static char *store_path(const struct scratch *s, char *out, size_t size)
{
	snprintf(out, size, "%s/scratch.db", s->folder);
	return out;
}

static enum rc open_world(struct scratch *s, struct services *services, char *why, size_t why_size)
{
	const struct dialogue_port port = {
		.ctx = s, .acknowledge = on_acknowledge, .answer = on_answer, .app = on_app, .sms = on_sms};
	char path[FOLDER_SIZE + 32];
	const struct store_options options = {.path = store_path(s, path, sizeof path),
	                                      .profile = &s->config->profile,
	                                      .clock = s->clock,
	                                      .limits = &s->config->limits,
	                                      .scratch = true};
	struct dialogue_options how = {.clock = s->clock,
	                               .services = services,
	                               .config = s->config,
	                               .reached = on_reached,
	                               .reached_ctx = s};
	enum rc rc = store_open(&options, &s->store, why, why_size);

	if (rc != RC_OK)
		return rc;
	how.store = s->store;
	if (s->config->charging.kind != CONFIG_LEDGER) {
		rc = fake_charging_new(s->config, s->clock, s->store, &s->bank);
		how.outbox = fake_charging_outbox(s->bank);
		how.facts = fake_charging_facts;
		how.facts_ctx = s->bank;
	}
	return rc == RC_OK ? dialogues_new(&how, &port, &s->dialogues) : rc;
}

enum rc scratch_new(const struct config *config, struct services *services, bool by_hand,
                    struct scratch **out, char *why, size_t why_size)
{
	struct scratch *s = calloc(1, sizeof *s);
	enum rc rc;

	snprintf(why, why_size, "out of memory");
	if (!s)
		return RC_NOMEM;
	s->config = config;
	clock_fake_init(&s->fake, UTC_BEGIN);
	s->clock = by_hand ? &s->fake.clock : clock_system();
	rc = make_folder(s, why, why_size);
	if (rc == RC_OK)
		rc = open_world(s, services, why, why_size);
	if (rc != RC_OK) {
		scratch_free(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

void scratch_free(struct scratch *s)
{
	if (!s)
		return;
	if (s->dialogues) {
		(void)scratch_charging(s, SCRATCH_CHARGING_UP);
		dialogue_close_all(s->dialogues);
		store_wait(s->store);
		report_fates(s);
		fake_charging_close(s->bank);
		store_wait(s->store);
		report_fates(s);
	}
	if (s->store)
		store_close(s->store);
	fake_charging_free(s->bank);
	if (s->dialogues)
		dialogues_free(s->dialogues);
	remove_folder(s);
	for (size_t i = 0; i < s->n_sms; i++)
		free(s->sms[i].text);
	fake_app_fini(&s->app);
	free(s->taken);
	free(s->screen);
	free(s);
}

/* --- what happens to the phone ----------------------------------------------------------------------- */

/* "*123*1#" is dialled at "123". */
static void code_of(const char *dialled, char *out, size_t size)
{
	size_t skip = strspn(dialled, "*#"), n = strspn(dialled + skip, "0123456789");

	snprintf(out, size, "%.*s", (int)n, dialled + skip);
}

static void hand_in(struct scratch *s)
{
	free(s->screen);
	s->screen = NULL;
	s->screen_last = false;
	dialogue_receive(s->dialogues, &s->last);
	scratch_settle(s);
}

static void event(struct scratch *s, enum dialect_kind kind, const char *text)
{
	struct buf b; /* cuts what is too long between two characters */

	buf_init(&b, s->last.event.text, sizeof s->last.event.text);
	buf_add(&b, text);
	s->last.event.kind = kind;
	s->last.simulated = true;
	s->last.connection = 1;
	s->last.command_id = PDU_DELIVER_SM;
	s->last.sequence = ++s->sequence;
	hand_in(s);
}

static void take_phone(struct scratch *s, int64_t msisdn)
{
	struct dialect_event *e = &s->last.event;

	if (e->msisdn != msisdn)
		s->open = false;
	e->msisdn = msisdn;
	e->subscriber.ton = MSISDN_TON_INTERNATIONAL;
	e->subscriber.npi = 1; /* SMPP 3.4, 5.2.6: ISDN */
	msisdn_text(msisdn, e->subscriber.digits);
}

void scratch_dial(struct scratch *s, int64_t msisdn, const char *dialled)
{
	struct dialect_event *e = &s->last.event;

	take_phone(s, msisdn);
	code_of(dialled, e->code, sizeof e->code);
	memset(&e->service, 0, sizeof e->service);
	snprintf(e->service.digits, sizeof e->service.digits, "%s", e->code);
	s->open = false;
	event(s, DIALECT_BEGIN, dialled);
}

void scratch_type(struct scratch *s, const char *text)
{
	event(s, DIALECT_CONTINUE, text);
}

void scratch_sms(struct scratch *s, int64_t msisdn, const char *text)
{
	take_phone(s, msisdn);
	event(s, DIALECT_SMS, text);
}

void scratch_repeat(struct scratch *s)
{
	hand_in(s);
}

void scratch_drop(struct scratch *s)
{
	s->open = false;
	event(s, DIALECT_ABORT, "");
}

void scratch_tick(struct scratch *s)
{
	scratch_settle(s);
	if (dialogue_open(s->dialogues) == 0)
		s->open = false;
}

void scratch_wait(struct scratch *s, int64_t ms)
{
	free(s->screen);
	s->screen = NULL;
	while (ms > 0) {
		int64_t step = dialogue_open(s->dialogues) ? dialogue_tick(s->dialogues) : LEAP_MS;
		int64_t order = fake_charging_is_open(s->bank)
		                        ? fake_charging_tick(s->bank) - clock_mono_ms(s->clock)
		                        : LEAP_MS;

		step = order < step ? order : step;

		step = step < 1 ? 1 : step > ms ? ms : step;
		clock_fake_advance(&s->fake, step);
		ms -= step;
		scratch_tick(s);
	}
}

/* --- what stands on it -------------------------------------------------------------------------------- */

const char *scratch_screen(const struct scratch *s, bool *last)
{
	*last = s->screen_last;
	return s->screen;
}

bool scratch_is_open(const struct scratch *s)
{
	return s->open;
}

const char *scratch_next_sms(struct scratch *s)
{
	for (size_t i = 0; i < s->n_sms; i++) {
		if (s->sms[i].msisdn != s->last.event.msisdn)
			continue;
		free(s->taken);
		s->taken = s->sms[i].text;
		memmove(&s->sms[i], &s->sms[i + 1], (--s->n_sms - i) * sizeof s->sms[0]);
		return s->taken;
	}
	return NULL;
}

static void wrote(void *ctx, const struct store_result *result)
{
	enum rc *rc = ctx;

	*rc = result->rc;
}

int64_t scratch_utc_ms(const struct scratch *s)
{
	return clock_utc_ms(s->clock);
}

enum rc scratch_write(struct scratch *s, struct store_batch *batch)
{
	enum rc outcome = RC_IO, rc = store_write(s->store, batch, wrote, &outcome);

	if (rc != RC_OK)
		return rc;
	store_wait(s->store);
	return outcome;
}

enum rc scratch_language(struct scratch *s, int64_t msisdn, const char *language)
{
	struct store_batch *batch = store_batch_new(msisdn, clock_utc_ms(s->clock));
	enum rc rc = batch ? store_batch_language(batch, language) : RC_NOMEM;

	if (rc == RC_OK)
		return scratch_write(s, batch);
	if (batch)
		store_batch_free(batch);
	return rc;
}

enum rc scratch_look(struct scratch *s, query_subscriber_fn *fn, void *ctx)
{
	char path[FOLDER_SIZE + 32], why[300];
	struct query *query;
	enum rc rc;

	if (s->clock == &s->fake.clock)
		clock_fake_advance(&s->fake, SETTLE_MS);
	scratch_settle(s);
	rc = query_open(store_path(s, path, sizeof path), &s->config->profile, &query, why, sizeof why);
	if (rc != RC_OK)
		return rc;
	rc = query_reveal(query); /* nobody's data: a rehearsal's */
	if (rc == RC_OK)
		rc = query_by_msisdn(query, s->last.event.msisdn, fn, ctx);
	query_close(query);
	return rc;
}
