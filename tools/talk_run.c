/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Playing a talk, step by step.
 *
 * Invariant: a step that differs ends its talk; what follows would only repeat the same fault in other words. After an act that
 * the stage cannot do, everything is skipped until another subscriber begins: it would differ for no fault of the menus.
 */
#include "tools/talk_run.h"

#include <inttypes.h>
#include <string.h>

#include "tools/talk_diff.h"

#define DEFAULT_NATIONAL "700000001" /* the subscriber of a talk that names none */
#define TEXT_SIZE 200

struct run {
	const struct talk *talk;
	const struct config *config;
	const struct services *services;
	struct talk_stage *stage;
	FILE *to;
	int64_t msisdn;
	bool astray; /* an act was skipped */
	int skipped;
	bool by_sms; /* the last act was an SMS: a '<' is the SMS that answers it */
};

static void say_where(const struct run *r, const struct talk_step *s, const char *what)
{
	fprintf(r->to, "%s:%d: %s\n", r->talk->path, s->line, what);
}

/* Where the menu file has the screen. */
static void say_place(const struct run *r, const char *service, const char *screen)
{
	const struct book *b = services_by_name(r->services, service);
	uint16_t i = b ? book_screen_by_name(b, screen) : BOOK_NO_SCREEN;

	if (i != BOOK_NO_SCREEN)
		fprintf(r->to, "    at screen %s: %s:%d\n", screen, b->path, b->screen[i].line);
	else
		fprintf(r->to, "    in service %s at screen %s\n", *service ? service : "(none)",
		        *screen ? screen : "(none)");
}

static bool print_screen_name(void *ctx, const struct query_subscriber *s)
{
	const struct query_interaction *i = s->interaction;

	if (s->n_interactions > 0)
		say_place(ctx, i->service, i->last_screen);
	return true;
}

/* Hanging up writes the interaction, which names service and screen. */
static void say_screen(struct run *r)
{
	static const struct talk_step drop = {.verb = TALK_DROP};
	char why[TALK_WHY_SIZE];
	enum rc rc;

	if (r->stage->is_open(r->stage->ctx))
		(void)r->stage->act(r->stage->ctx, &drop, r->msisdn, why);
	rc = r->stage->look(r->stage->ctx, print_screen_name, r);
	if (rc != RC_OK && rc != RC_NOTFOUND && rc != RC_STATE)
		fprintf(r->to, "    (the store cannot be read: %s)\n", rc_name(rc));
}

static bool differs(struct run *r, const struct talk_step *s, const char *what, const char *expected,
                    const char *got)
{
	say_where(r, s, what);
	talk_diff_print(expected, s->rest, got, r->to);
	say_screen(r);
	return false;
}

/* --- acts -------------------------------------------------------------------------------------------- */

int64_t talk_run_number(const struct config *config, const char *from)
{
	char text[32];
	int64_t msisdn;

	snprintf(text, sizeof text, "%s" DEFAULT_NATIONAL,
	         *config->country.code ? config->country.code : "254");
	return msisdn_parse(from ? from : text, MSISDN_TON_UNKNOWN, &config->country, &msisdn) == RC_OK
	               ? msisdn
	               : 0;
}

static bool set_number(struct run *r, const struct talk_step *s)
{
	if (!s->from && r->msisdn)
		return true;
	r->msisdn = talk_run_number(r->config, s->from);
	if (r->msisdn)
		return true;
	say_where(r, s, "the number after from is not a subscriber's number");
	return false;
}

static void skip(struct run *r, const struct talk_step *s)
{
	fprintf(r->to, "%s:%d: skipped live: %s\n", r->talk->path, s->line, s->source ? s->source : "");
	r->skipped++;
}

static bool run_act(struct run *r, const struct talk_step *s)
{
	char why[TALK_WHY_SIZE] = "";

	if (s->verb == TALK_TYPE && !r->stage->is_open(r->stage->ctx)) {
		say_where(r, s, "nothing waits for an answer: no dialogue is open");
		say_screen(r);
		return false;
	}
	if (!set_number(r, s))
		return false;
	switch (r->stage->act(r->stage->ctx, s, r->msisdn, why)) {
	case TALK_DONE:
		return true;
	case TALK_SKIPPED:
		r->astray = true;
		skip(r, s);
		return true;
	default:
		say_where(r, s, why);
		return false;
	}
}

/* --- expectations ------------------------------------------------------------------------------------- */

static bool run_screen(struct run *r, const struct talk_step *s)
{
	bool last;
	void *ctx = r->stage->ctx;
	const char *got = r->by_sms ? r->stage->sms(ctx, true) : r->stage->screen(ctx, &last);

	if (got && talk_diff_same(s->text, s->rest, got))
		return true;
	return differs(r, s, r->by_sms ? "the SMS differs" : "the screen differs", s->text,
	               got ? got : "(nothing came)");
}

static bool run_expect_sms(struct run *r, const struct talk_step *s)
{
	const char *got = r->stage->sms(r->stage->ctx, s->text != NULL);

	if (s->text ? got && talk_diff_same(s->text, s->rest, got) : !got)
		return true;
	return differs(r, s, "the SMS differs", s->text ? s->text : "(none)", got ? got : "(none)");
}

struct look {
	const struct talk_step *step;
	char got[TEXT_SIZE];
};

static void look_consent(struct look *l, const struct query_subscriber *q)
{
	for (size_t i = 0; i < q->n_consents; i++)
		if (strcmp(q->consent[i].purpose, l->step->text) == 0)
			snprintf(l->got, sizeof l->got, "%s", q->consent[i].state); /* the last one stands */
}

static void look_grants(struct look *l, const struct query_subscriber *q)
{
	int granted = 0;

	for (size_t i = 0; i < q->n_grants; i++)
		granted += strcmp(q->grant[i].state, "granted") == 0;
	snprintf(l->got, sizeof l->got, "%d", granted);
}

static bool look_at(void *ctx, const struct query_subscriber *q)
{
	struct look *l = ctx;
	const char *text = NULL;
	int field;

	switch (l->step->verb) {
	case TALK_EXPECT_PROFILE:
		field = profile_field_by_name(record_profile(q->record), l->step->text);
		text = field >= 0 ? record_value(q->record, (size_t)field)
		                  : "(no such field in profile.conf)";
		break;
	case TALK_EXPECT_REGISTERED:
		text = record_is_registered(q->record) ? "yes" : "no";
		break;
	case TALK_EXPECT_LANGUAGE:
		text = *record_language(q->record) ? record_language(q->record) : NULL;
		break;
	case TALK_EXPECT_GRANTS:
		look_grants(l, q);
		break;
	case TALK_EXPECT_CONSENT:
		look_consent(l, q);
		break;
	default:
		break;
	}
	if (text)
		snprintf(l->got, sizeof l->got, "%s", text);
	return true;
}

/* What is expected of the store, as the same kind of text that look_at makes. */
static const char *wanted_of(const struct talk_step *s, char *number, size_t size)
{
	switch (s->verb) {
	case TALK_EXPECT_GRANTS:
		snprintf(number, size, "%" PRId64, s->number);
		return number;
	case TALK_EXPECT_REGISTERED:
		return s->number ? "yes" : "no";
	case TALK_EXPECT_LANGUAGE:
		return s->text ? s->text : "none";
	default:
		return s->value ? s->value : "none";
	}
}

/* What is stored, as text. RC_OK, whether or not there is such a subscriber. */
static enum rc read_stored(struct run *r, const struct talk_step *s, struct look *l)
{
	enum rc rc;

	*l = (struct look){.step = s, .got = "none"};
	if (s->verb == TALK_EXPECT_GRANTS) /* a subscriber who was never seen */
		strcpy(l->got, "0");
	else if (s->verb == TALK_EXPECT_REGISTERED)
		strcpy(l->got, "no");
	rc = r->stage->look(r->stage->ctx, look_at, l);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static bool run_expect_stored(struct run *r, const struct talk_step *s)
{
	struct look l;
	char number[24];
	const char *wanted = wanted_of(s, number, sizeof number);
	enum rc rc = read_stored(r, s, &l);

	for (int tries = 1; rc == RC_OK && strcmp(wanted, l.got) != 0 && r->stage->again; tries++) {
		if (!r->stage->again(r->stage->ctx, tries))
			break;
		rc = read_stored(r, s, &l);
	}
	if (rc == RC_STATE) {
		skip(r, s);
		return true;
	}
	if (rc != RC_OK) {
		say_where(r, s, "the store cannot be read");
		return false;
	}
	if (strcmp(wanted, l.got) == 0)
		return true;
	return differs(r, s, "what is stored differs", wanted, l.got);
}

/* What only some stages know: the screen's name, what the app was sent. */
static bool run_expect_known(struct run *r, const struct talk_step *s)
{
	bool is_screen = s->verb == TALK_EXPECT_SCREEN;
	const char *(*known)(void *ctx) = is_screen ? r->stage->at_screen : r->stage->app_heard;
	const char *wanted = is_screen ? s->value : s->text, *got;

	if (!known) {
		skip(r, s);
		return true;
	}
	got = known(r->stage->ctx);
	if (got && strcmp(got, wanted) == 0)
		return true;
	return differs(r, s, is_screen ? "the screen is another one" : "the app was sent something else",
	               wanted,
	               got         ? got
	               : is_screen ? "(none)"
	                           : "(it was not asked)");
}

/* --- the talk ------------------------------------------------------------------------------------------ */

static bool run_step(struct run *r, const struct talk_step *s)
{
	bool begins = s->verb == TALK_DIAL || s->verb == TALK_SMS;

	if (begins && s->from)
		r->astray = false;
	if (r->astray) {
		skip(r, s);
		return true;
	}
	if (s->verb == TALK_TYPE || begins)
		r->by_sms = s->verb == TALK_SMS;
	switch (s->verb) {
	case TALK_SCREEN:
		return run_screen(r, s);
	case TALK_EXPECT_SMS:
		return run_expect_sms(r, s);
	case TALK_EXPECT_SCREEN:
	case TALK_APP_HEARD:
		return run_expect_known(r, s);
	case TALK_EXPECT_PROFILE:
	case TALK_EXPECT_GRANTS:
	case TALK_EXPECT_REGISTERED:
	case TALK_EXPECT_LANGUAGE:
	case TALK_EXPECT_CONSENT:
		return run_expect_stored(r, s);
	default:
		return run_act(r, s);
	}
}

static void print_step(const struct run *r, const struct talk_step *s)
{
	const char *screen;
	bool last;

	if (s->verb == TALK_SCREEN)
		return; /* printed as it came, below */
	fprintf(r->to, "%s\n", s->source);
	screen = r->stage->screen(r->stage->ctx, &last);
	if (!screen || (s->verb != TALK_DIAL && s->verb != TALK_TYPE && s->verb != TALK_REPEAT))
		return;
	for (const char *at = screen; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		fprintf(r->to, "< %.*s\n", (int)strcspn(at, "\n"), at);
}

void talk_run(const struct talk *t, const struct config *config, const struct services *services,
              struct talk_stage *stage, bool verbose, FILE *to, struct talk_report *report)
{
	struct run r = {.talk = t, .config = config, .services = services, .stage = stage, .to = to};

	*report = (struct talk_report){.passed = true};
	for (size_t i = 0; i < t->n && report->passed; i++) {
		int skipped = r.skipped;

		report->passed = run_step(&r, &t->step[i]);
		report->steps += r.skipped == skipped;
		if (verbose && r.skipped == skipped)
			print_step(&r, &t->step[i]);
	}
	report->skipped = r.skipped;
	stage->finish(stage->ctx);
}
