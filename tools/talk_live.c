/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A talk over SMPP: see talk_live.h. Every act is handed to the simulated centre, which is then turned until what the act is for
 * has come, or its time is over. */
#include "tools/talk_live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "gateway/view.h"
#include "storage/store.h"
#include "tools/access.h"
#include "tools/guest.h"
#include "tools/smsc_centre.h"

#define NUMBERS_MAX 1000000
#define INBOX_MAX 64
#define WINDOW 16
#define TURN_US 50000
#define FAREWELL_US 2000000

struct talk_live {
	const struct config *config;
	const struct services *services;
	struct smsc_net net;
	struct smsc_fault fault;
	struct smsc_stats stats;
	struct smsc_centre centre;
	bool is_centre;
	struct smsc_phone *phone; /* NULL: nobody has it yet */
	int64_t msisdn;
	char *screen; /* that the last act brought */
	bool last, came, acked, silent;
	size_t n_inbox;
	struct {
		int64_t msisdn;
		char *text;
	} inbox[INBOX_MAX];
	char *taken;
};

/* --- what arrives ---------------------------------------------------------------------------------------- */

static void on_screen(void *ctx, struct smsc_phone *p, const char *text, bool end, bool repeat)
{
	struct talk_live *l = ctx;

	(void)p;
	(void)repeat;
	free(l->screen);
	l->screen = strdup(text);
	l->last = end;
	l->came = true;
}

static void drop_oldest(struct talk_live *l)
{
	free(l->inbox[0].text);
	memmove(&l->inbox[0], &l->inbox[1], --l->n_inbox * sizeof l->inbox[0]);
}

static void on_sms(void *ctx, int64_t msisdn, const char *from, const char *text)
{
	struct talk_live *l = ctx;

	(void)from;
	if (l->n_inbox == INBOX_MAX)
		drop_oldest(l);
	l->inbox[l->n_inbox].msisdn = msisdn;
	l->inbox[l->n_inbox].text = strdup(text);
	l->n_inbox += l->inbox[l->n_inbox].text != NULL;
}

static void on_acked(void *ctx, struct smsc_phone *p)
{
	(void)p;
	((struct talk_live *)ctx)->acked = true;
}

static void on_silent(void *ctx, struct smsc_phone *p)
{
	(void)p;
	((struct talk_live *)ctx)->silent = true;
}

/* Turn the centre until `is_done`, at most so long. */
static bool turn_until(struct talk_live *l, bool (*is_done)(const struct talk_live *l), int64_t ms)
{
	int64_t until_us = smsc_now_us() + ms * 1000;

	for (;;) {
		int64_t left = until_us - smsc_now_us();

		smsc_centre_turn(&l->centre, smsc_now_us());
		smsc_net_flush(&l->net);
		if (is_done(l))
			return true;
		if (left <= 0)
			return false;
		smsc_net_poll(&l->net, left < TURN_US ? left : TURN_US);
	}
}

static bool is_answered(const struct talk_live *l)
{
	return l->came || l->silent;
}

static bool is_acked(const struct talk_live *l)
{
	return l->acked;
}

static bool is_bound(const struct talk_live *l)
{
	return smsc_net_bound(&l->net);
}

static bool never(const struct talk_live *l)
{
	(void)l;
	return false;
}

static bool has_sms(const struct talk_live *l)
{
	for (size_t i = 0; i < l->n_inbox; i++)
		if (l->inbox[i].msisdn == l->msisdn)
			return true;
	return false;
}

/* --- what was before ---------------------------------------------------------------------------------------- */

/* Beside the daemon, as a guest of its store. Takes the batch. */
static enum rc write_beside(const struct config *config, struct store_batch *b)
{
	const struct store_options options = {.path = config->store_path,
	                                      .profile = &config->profile,
	                                      .key_path = config->store_key,
	                                      .clock = clock_system(),
	                                      .guest = true,
	                                      .busy_ms = GUEST_BUSY_MS};
	struct store *store;
	char why[TALK_WHY_SIZE];
	enum rc rc = store_open(&options, &store, why, sizeof why);

	if (rc != RC_OK) {
		store_batch_free(b);
		return rc;
	}
	rc = guest_write(store, b);
	store_close(store);
	return rc;
}

static enum rc add_given(const struct config *config, struct store_batch *b, const struct talk_step *s)
{
	int field = profile_field_by_name(&config->profile, s->text);

	if (s->verb == TALK_DIAL)
		return store_batch_language(b, s->language);
	if (s->verb == TALK_GIVEN_CONSENT)
		return store_batch_consent(b, s->text,
		                           strcmp(s->value, "granted") == 0 ? STORE_CONSENT_GRANTED
		                                                            : STORE_CONSENT_REFUSED,
		                           "given in a talk", "en", STORE_CH_SIMULATED);
	if (s->verb == TALK_GIVEN_RESUME)
		return store_batch_resume(b, s->text, s->value);
	if (s->verb == TALK_GIVEN_PROFILE && field >= 0)
		return store_batch_save(b, (size_t)field, s->value);
	return RC_NOTFOUND; /* a grant is money: none is made up in a live ledger */
}

static enum talk_did give(const struct talk_live *l, const struct talk_step *s, int64_t msisdn)
{
	struct store_batch *b = store_batch_new(msisdn, clock_utc_ms(clock_system()));

	if (!b)
		return TALK_SKIPPED;
	if (add_given(l->config, b, s) != RC_OK) {
		store_batch_free(b);
		return TALK_SKIPPED;
	}
	return write_beside(l->config, b) == RC_OK ? TALK_DONE : TALK_SKIPPED;
}

/* --- acts -------------------------------------------------------------------------------------------------- */

static void forget_screen(struct talk_live *l)
{
	free(l->screen);
	l->screen = NULL;
	l->came = l->acked = l->silent = l->last = false;
}

static void take_phone(struct talk_live *l, int64_t msisdn)
{
	if (l->phone && l->msisdn == msisdn)
		return;
	if (l->phone)
		smsc_centre_detach(&l->centre, l->phone);
	l->phone = smsc_centre_attach(&l->centre, 0, (uint32_t)(msisdn - l->centre.config.first_msisdn));
	l->msisdn = msisdn;
}

static enum talk_did dial(struct talk_live *l, const struct talk_step *s, int64_t msisdn, char *why)
{
	if (s->language && give(l, s, msisdn) != TALK_DONE)
		return TALK_SKIPPED;
	take_phone(l, msisdn);
	if (smsc_centre_dial(&l->centre, l->phone, s->text, 0) != RC_OK) {
		snprintf(why, TALK_WHY_SIZE, "the code is too long");
		return TALK_FAILED;
	}
	turn_until(l, is_answered, TALK_LIVE_ANSWER_MS);
	return TALK_DONE;
}

static enum talk_did type(struct talk_live *l, const struct talk_step *s, char *why)
{
	if (smsc_centre_type(&l->centre, l->phone, s->text) != RC_OK) {
		snprintf(why, TALK_WHY_SIZE, "what is typed is too long");
		return TALK_FAILED;
	}
	turn_until(l, is_answered, TALK_LIVE_ANSWER_MS);
	return TALK_DONE;
}

/* The code that was dialled last, or the first service's: "123". */
static void short_code(const struct talk_live *l, char *out, size_t size)
{
	const char *code = l->phone->code;

	for (size_t i = 0; !*code && i < services_count(l->services); i++)
		if (services_at(l->services, i)->code)
			code = services_at(l->services, i)->code + 1;
	snprintf(out, size, "%.*s", (int)strcspn(code, "*#"), code);
}

static enum talk_did sms_out(struct talk_live *l, const struct talk_step *s, int64_t msisdn, char *why)
{
	char code[24];

	take_phone(l, msisdn);
	short_code(l, code, sizeof code);
	if (smsc_centre_sms(&l->centre, l->phone, code, s->text) != RC_OK) {
		snprintf(why, TALK_WHY_SIZE, "the SMS cannot be sent");
		return TALK_FAILED;
	}
	turn_until(l, is_acked, TALK_LIVE_ANSWER_MS);
	return TALK_DONE;
}

static enum talk_did repeat(struct talk_live *l, char *why)
{
	bool is_screen = l->phone && (l->phone->unit == SMSC_UNIT_BEGIN || l->phone->unit == SMSC_UNIT_TYPED);

	if (!l->phone || smsc_centre_again(&l->centre, l->phone) != RC_OK) {
		snprintf(why, TALK_WHY_SIZE, "there is nothing to repeat");
		return TALK_FAILED;
	}
	turn_until(l, is_screen ? is_answered : is_acked, TALK_LIVE_ANSWER_MS);
	return TALK_DONE;
}

static enum talk_did drop(struct talk_live *l)
{
	if (l->phone && smsc_centre_cancel(&l->centre, l->phone) == RC_OK)
		turn_until(l, is_acked, TALK_LIVE_ANSWER_MS);
	else if (l->phone)
		smsc_centre_lose(&l->centre, l->phone);
	return TALK_DONE;
}

static enum talk_did act(void *ctx, const struct talk_step *s, int64_t msisdn, char *why)
{
	struct talk_live *l = ctx;

	forget_screen(l);
	switch (s->verb) {
	case TALK_DIAL:
		return dial(l, s, msisdn, why);
	case TALK_TYPE:
		return type(l, s, why);
	case TALK_SMS:
		return sms_out(l, s, msisdn, why);
	case TALK_REPEAT:
		return repeat(l, why);
	case TALK_DROP:
		return drop(l);
	case TALK_WAIT:
		if (s->number > TALK_LIVE_WAIT_MS)
			return TALK_SKIPPED;
		turn_until(l, never, s->number);
		return TALK_DONE;
	case TALK_GIVEN_CONSENT:
	case TALK_GIVEN_PROFILE:
	case TALK_GIVEN_RESUME:
		return give(l, s, msisdn);
	default:
		return TALK_SKIPPED;
	}
}

/* --- what is to be seen ---------------------------------------------------------------------------------------- */

static const char *screen(void *ctx, bool *last)
{
	const struct talk_live *l = ctx;

	*last = l->last;
	return l->screen;
}

static bool is_open(void *ctx)
{
	const struct talk_live *l = ctx;

	return l->phone && l->phone->turn == SMSC_TURN_SUBSCRIBER;
}

static const char *sms_in(void *ctx, bool is_wanted)
{
	struct talk_live *l = ctx;

	if (!turn_until(l, has_sms, is_wanted ? TALK_LIVE_ANSWER_MS : TALK_LIVE_QUIET_MS))
		return NULL;
	for (size_t i = 0; i < l->n_inbox; i++) {
		if (l->inbox[i].msisdn != l->msisdn)
			continue;
		free(l->taken);
		l->taken = l->inbox[i].text;
		memmove(&l->inbox[i], &l->inbox[i + 1], (--l->n_inbox - i) * sizeof l->inbox[0]);
		break;
	}
	return l->taken;
}

static bool look_one(void *ctx, const struct query_subscriber *s)
{
	view_look(s, ctx);
	return true;
}

/* As for anybody else: it is in the audit. Where starhash.conf has roles nobody has said as whom, and it stays "***". */
static void uncover(const struct talk_live *l, struct query *query)
{
	struct view_reveal *reveal = calloc(1, sizeof *reveal);
	struct access access;

	query_key_path(query, l->config->store_key);
	if (reveal && query_by_msisdn(query, l->msisdn, look_one, reveal) == RC_OK &&
	    !l->config->access.is_given &&
	    access_take_any(l->config, NULL, ACCESS_REVEAL, "expected by a talk", &access))
		(void)access_reveal(l->config, &access, query, reveal);
	free(reveal);
}

static enum rc look(void *ctx, query_subscriber_fn *fn, void *fn_ctx)
{
	const struct talk_live *l = ctx;
	struct query *query;
	char why[TALK_WHY_SIZE];
	enum rc rc = query_open(l->config->store_path, &l->config->profile, &query, why, sizeof why);

	if (rc != RC_OK)
		return RC_STATE;
	uncover(l, query);
	rc = query_by_msisdn(query, l->msisdn, fn, fn_ctx);
	query_close(query);
	return rc;
}

static bool again(void *ctx, int tries)
{
	turn_until(ctx, never, TURN_US / 1000);
	return tries < TALK_LIVE_ANSWER_MS / (TURN_US / 1000);
}

static void finish(void *ctx)
{
	struct talk_live *l = ctx;

	forget_screen(l);
	while (l->n_inbox > 0)
		drop_oldest(l);
	if (l->phone)
		smsc_centre_detach(&l->centre, l->phone);
	l->phone = NULL;
}

/* --- life ---------------------------------------------------------------------------------------------------- */

static enum rc listen_on(struct talk_live *l, const char *address, char *why)
{
	static const struct smsc_fault_config none = {.seed = 1};
	enum rc rc;

	smsc_fault_init(&l->fault, &none, &l->stats);
	l->net.env.window = WINDOW;
	l->net.env.enquire_us = 0;
	l->net.env.stats = &l->stats;
	l->net.env.fault = &l->fault;
	rc = smsc_window_init(&l->net.env.requests, WINDOW * 4);
	if (rc == RC_OK)
		rc = smsc_net_listen(&l->net, address);
	if (rc == RC_IO)
		snprintf(why, TALK_WHY_SIZE, "cannot listen on %s: %s", address, strerror(errno));
	else if (rc != RC_OK)
		snprintf(why, TALK_WHY_SIZE, "%s is not an address such as 127.0.0.1:2775", address);
	return rc;
}

enum rc talk_live_new(const char *address, const struct config *config, const struct services *services,
                      int64_t first, int64_t last, struct talk_live **out, char *why)
{
	const struct smsc_centre_config how = {.first_msisdn = first,
	                                       .subscribers = (uint32_t)(last - first + 1),
	                                       .phones = 1,
	                                       .answer_timeout_us = TALK_LIVE_ANSWER_MS * 1000};
	struct talk_live *l;
	enum rc rc;

	snprintf(why, TALK_WHY_SIZE, "the numbers of the talks lie too far apart for one SMSC");
	if (last - first >= NUMBERS_MAX)
		return RC_RANGE;
	l = calloc(1, sizeof *l);
	snprintf(why, TALK_WHY_SIZE, "out of memory");
	if (!l)
		return RC_NOMEM;
	l->config = config;
	l->services = services;
	smsc_net_init(&l->net);
	rc = listen_on(l, address, why);
	if (rc == RC_OK) {
		const struct smsc_centre_events events = {
			.ctx = l, .screen = on_screen, .sms = on_sms, .acked = on_acked, .silent = on_silent};

		rc = smsc_centre_init(&l->centre, &how, &l->net, &l->stats, &events);
		l->is_centre = rc == RC_OK;
	}
	if (rc == RC_OK && !turn_until(l, is_bound, TALK_LIVE_BIND_MS)) {
		snprintf(why, TALK_WHY_SIZE, "no daemon bound within %d s; its link must lead to %s",
		         TALK_LIVE_BIND_MS / 1000, address);
		rc = RC_BUSY;
	}
	if (rc != RC_OK) {
		talk_live_free(l);
		return rc;
	}
	*out = l;
	return RC_OK;
}

void talk_live_stage(struct talk_live *l, struct talk_stage *out)
{
	*out = (struct talk_stage){.ctx = l,
	                           .act = act,
	                           .screen = screen,
	                           .is_open = is_open,
	                           .sms = sms_in,
	                           .look = look,
	                           .again = again,
	                           .finish = finish};
}

unsigned long talk_live_errors(const struct talk_live *l)
{
	return (unsigned long)smsc_stats_errors(&l->stats);
}

void talk_live_free(struct talk_live *l)
{
	int64_t until_us = smsc_now_us() + FAREWELL_US;

	if (!l)
		return;
	finish(l);
	smsc_net_unbind(&l->net);
	while (!smsc_net_empty(&l->net) && smsc_now_us() < until_us) {
		smsc_net_flush(&l->net);
		smsc_net_poll(&l->net, TURN_US);
	}
	smsc_net_fini(&l->net);
	if (l->is_centre)
		smsc_centre_fini(&l->centre);
	smsc_window_fini(&l->net.env.requests);
	smsc_fault_fini(&l->fault);
	free(l->taken);
	free(l);
}
