/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues in a storm: fifty people on two links, USSD and SMS, with copies, reconnections, answers whose fate comes
 * late, badly or at once, apps that answer at once, late, wrongly or are not there, a store that is full or fails, clocks
 * that jump, reloads, pushes, sessions that cross, aborts of all causes, somebody who floods, links and a loop under
 * pressure, and a drain. Seeded, so that a failure comes again. What must hold of the promises is counted. */
#include "tests/dialogue_world.h"
#include "tests/random.h"
#include "tests/run_suite.h"

#define STORM_EVENTS 50000 /* each round */
#define STORM_PEOPLE 50
#define STORM_TOKENS 100000

struct weather {
	int queue_max; /* a short queue: the store refuses now and then */
	bool sms, disk_fills;
};

static const struct weather rounds[] = {
	{.queue_max = 12, .sms = true, .disk_fills = true},
	{.queue_max = 12, .sms = true},
	{.sms = true, .disk_fills = true},
	{.queue_max = 0}, /* nothing is lost: here the books must balance */
};
#define STORM_ROUNDS (sizeof(rounds) / sizeof(rounds[0]))

struct storm {
	struct world w;
	const struct weather *weather;
	struct query *query;
	struct random random;
	uint8_t responses[STORM_EVENTS + 1];
	struct dialogue_input last[2 * STORM_PEOPLE];
	uint64_t token[STORM_TOKENS];
	size_t n_tokens, n_yours;
	uint32_t connection[2];
	bool full;
	uint64_t call[STORM_TOKENS]; /* apps that have not answered yet */
	size_t n_calls, n_asked, n_closes;
	size_t n_pushes; /* taken by the dialogues */
	int64_t pushed;  /* the last one */
	enum dialogue_pressure pressure;
	struct dialect dialect;
};

static struct storm storm;

static unsigned pick(unsigned n)
{
	return random_below(&storm.random, n);
}

static void storm_acknowledge(void *ctx, const struct dialogue_input *in, uint32_t status)
{
	(void)ctx;
	ck_assert(status == PDU_ROK || status == PDU_RX_T_APPN);
	ck_assert_uint_le(in->sequence, STORM_EVENTS);
	ck_assert_uint_eq(storm.responses[in->sequence], 0);
	storm.responses[in->sequence]++;
}

static bool has_grant(void *ctx, const struct query_subscriber *s)
{
	*(bool *)ctx = s->n_grants == 1 && strcmp(s->grant[0].state, "granted") == 0;
	return false;
}

/* Promise 1: whoever reads that it is theirs has it by then. */
static void check_truth(int64_t msisdn, const char *text)
{
	bool granted = false;

	if (strstr(text, "is yours") == NULL && strstr(text, "ni zako") == NULL)
		return;
	storm.n_yours++;
	ck_assert_int_eq(query_by_msisdn(storm.query, msisdn, has_grant, &granted), RC_OK);
	ck_assert(granted);
}

static enum rc storm_take(int64_t msisdn, const char *text, uint64_t token)
{
	check_truth(msisdn, text);
	if (pick(40) == 0)
		return pick(4) == 0 ? RC_RANGE : RC_CLOSED;
	ck_assert_uint_lt(storm.n_tokens, STORM_TOKENS);
	ck_assert_uint_gt(strlen(text), 0);
	storm.token[storm.n_tokens++] = token;
	if (pick(20) == 0) { /* a link may know the fate before it returns */
		storm.n_tokens--;
		dialogue_sent(storm.w.dialogues, token, (enum dialogue_sent)pick(5), 0x0b);
	}
	return RC_OK;
}

static enum rc storm_answer(void *ctx, void *link, const struct dialect_event *to, const char *text,
                            bool last, uint64_t token)
{
	(void)ctx;
	(void)link;
	(void)last;
	return storm_take(to->msisdn, text, token);
}

static enum rc storm_sms(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
                         const struct pdu_address *subscriber, const char *text, int64_t notice,
                         uint64_t token)
{
	(void)notice;
	(void)ctx;
	(void)link;
	(void)group;
	(void)service;
	return storm_take(strtoll(subscriber->digits, NULL, 10), text, token);
}

static bool storm_is_connected(void *ctx, const void *link, uint32_t connection)
{
	(void)ctx;
	return *(const uint32_t *)link == connection;
}

static bool is_stopped(void *ctx, const struct query_subscriber *s)
{
	*(bool *)ctx = record_is_stopped(s->record);
	return false;
}

/* Promise 7: nobody who has said STOP is pushed to. */
static enum rc storm_push(void *ctx, void *link, uint16_t group, const struct dialect_event *to,
                          const char *text, enum dialect_say how, uint64_t token)
{
	bool stopped = false;

	(void)ctx;
	(void)link;
	(void)group;
	ck_assert(how == DIALECT_SAY_PUSH || how == DIALECT_SAY_NOTIFY);
	ck_assert_int_ne(query_by_msisdn(storm.query, to->msisdn, is_stopped, &stopped), RC_IO);
	ck_assert(!stopped);
	if (pick(30) == 0)
		return RC_STATE;
	return storm_take(to->msisdn, text, token);
}

/* Some of what was taken waits on the link, and can be taken back. */
static void storm_recall(void *ctx, uint64_t token)
{
	(void)ctx;
	for (size_t i = 0; i < storm.n_tokens; i++) {
		if (storm.token[i] != token || pick(3) == 0)
			continue;
		storm.token[i] = storm.token[--storm.n_tokens];
		dialogue_sent(storm.w.dialogues, token,
		              token & NOTICES_TOKEN ? DIALOGUE_REFUSED : DIALOGUE_NOT_SENT, 0);
		return;
	}
}

static const struct dialect *storm_dialect(void *ctx, const void *link, uint16_t group)
{
	(void)ctx;
	(void)link;
	(void)group;
	return &storm.dialect;
}

static enum dialogue_pressure storm_pressed(void *ctx, uint16_t group)
{
	(void)ctx;
	(void)group;
	return storm.pressure;
}

static void app_says(uint64_t token)
{
	static const enum rc fates[] = {RC_OK, RC_OK, RC_OK, RC_OK, RC_BUSY, RC_IO, RC_SYNTAX};
	enum rc rc = fates[pick(7)];

	dialogue_app_answered(storm.w.dialogues, token, rc, rc == RC_OK ? "Tea or rice?" : NULL,
	                      pick(3) == 0);
}

static enum rc storm_app(void *ctx, const struct dialogue_app_request *r, uint64_t token)
{
	(void)ctx;
	ck_assert_uint_le(strlen(r->session), 40);
	ck_assert_uint_le(strlen(r->input), strlen(r->chain));
	ck_assert(r->first == (r->sequence == 1 && !r->closes));
	if (pick(20) == 0)
		return RC_FULL;
	storm.n_asked++;
	storm.n_closes += r->closes;
	ck_assert_uint_lt(storm.n_calls, STORM_TOKENS);
	if (pick(10) == 0) /* it may answer before this returns */
		app_says(token);
	else
		storm.call[storm.n_calls++] = token;
	return RC_OK;
}

static void storm_app_answers(void)
{
	size_t i;
	uint64_t token;

	if (storm.n_calls == 0)
		return;
	i = pick((unsigned)storm.n_calls);
	token = storm.call[i];
	storm.call[i] = storm.call[--storm.n_calls];
	app_says(token);
}

/* The world's menu, with an app and facts. */
static char *storm_menu(void)
{
	static const char more[] =
		"\"stop\" ), ( [ \"Shop\", \"Duka\" ], \"shop\" ), "
		"( [ \"Bundles\", \"Vifurushi\" ], \"mine\" ) ); };\n"
		"shop = { app = { url = \"http://127.0.0.1:9/\"; speaks = \"hubtel\"; within = \"2s\"; "
		"else = \"mine\"; }; };\n"
		"mine = { say = \"You have {bundles|nothing}.\"; menu = ( ( \"Home\", \"home\" ) ); "
		"facts = { within = \"1s\"; else = \"bye\"; }; };\n";
	const char *at = strstr(world_menu, "\"stop\" ) ); };\n");
	char *menu = calloc(1, sizeof(world_menu) + sizeof(more));

	ck_assert_ptr_nonnull(at);
	sprintf(menu, "%.*s%s%s", (int)(at - world_menu), world_menu, more,
	        at + strlen("\"stop\" ) ); };\n"));
	return menu;
}

static void storm_load(char *menu)
{
	struct findings *f = findings_new();
	int changed;

	world_write(&storm.w, "join.conf", menu);
	if (services_reload(storm.w.services, f, &changed) != RC_OK) {
		findings_print(f, stderr);
		ck_abort_msg("menu");
	}
	free(menu);
	findings_free(f);
}

static void storm_open(int number)
{
	struct dialogue_port port = {.acknowledge = storm_acknowledge,
	                             .answer = storm_answer,
	                             .app = storm_app,
	                             .sms = storm_sms,
	                             .push = storm_push,
	                             .recall = storm_recall,
	                             .dialect = storm_dialect,
	                             .pressed = storm_pressed,
	                             .is_connected = storm_is_connected};
	struct dialogue_options options;
	char why[256] = "";

	memset(&storm, 0, sizeof(storm));
	storm.random.state = (unsigned)number + 1;
	storm.weather = &rounds[number];
	storm.dialect = dialect_standard;
	storm.dialect.can_push = true;
	world_open_on(&storm.w, "ussd = { dialogues = 60; per_subscriber = 30; late = \"push\"; };",
	              (struct world_store){.on_file = true, .queue_max = storm.weather->queue_max});
	storm_load(storm_menu());
	dialogues_free(storm.w.dialogues);
	options = (struct dialogue_options){.clock = &storm.w.clock.clock,
	                                    .store = storm.w.store,
	                                    .services = storm.w.services,
	                                    .config = storm.w.config,
	                                    .awake_max = (size_t)number % 3};
	ck_assert_int_eq(dialogues_new(&options, &port, &storm.w.dialogues), RC_OK);
	ck_assert_msg(query_open(storm.w.store_path, &storm.w.config->profile, &storm.query, why,
	                         sizeof(why)) == RC_OK,
	              "%s", why);
}

/* Somebody does something: most of it what leads on, some of it what does not. */
static void storm_input(void)
{
	static const char *const typed[] = {"1",      "1",      "1", "1", "Jane Doe", "Jane Doe",
	                                    "Nakuru", "Nakuru", "2", "0", "00",       "x",
	                                    "",       "7",      "3", "3", "4"};
	static const char *const texted[] = {"JOIN",     "JIUNGE", "1",      "1",    "1",     "Jane Doe",
	                                     "Jane Doe", "Nakuru", "Nakuru", "STOP", "stop.", "START",
	                                     "HELP",     "hello",  "2",      "3",    "4"};
	static const char *const dialled[] = {"*123#", "*123#", "*123*1#", "", "*999#"};
	static const enum dialect_kind kinds[] = {DIALECT_BEGIN,    DIALECT_CONTINUE, DIALECT_CONTINUE,
	                                          DIALECT_CONTINUE, DIALECT_CONTINUE, DIALECT_ABORT};
	unsigned who = pick(STORM_PEOPLE), link = pick(2);
	bool sms = storm.weather->sms && pick(3) == 0;
	struct dialogue_input *last = &storm.last[2 * who + sms];

	if (last->link == NULL || pick(6) != 0) {
		enum dialect_kind kind = sms ? DIALECT_SMS : kinds[pick(pick(4) == 0 ? 6 : 5)];
		const char *text = kind == DIALECT_BEGIN ? dialled[pick(5)] : typed[pick(17)];

		if (sms)
			text = texted[pick(17)];
		storm.w.numbers = who % 3 == 0; /* some gateways number their inputs */
		*last = world_input(&storm.w, kind, 254700000000 + who, text);
		if (kind != DIALECT_SMS && who % 3 != 0)
			last->event.session = world_session((uint16_t)((who + pick(20) / 19) << 8));
		last->event.cause = (enum dialect_cause)pick(3);
	} else { /* the same again, here or on the other link */
		last->sequence = ++storm.w.sequence;
	}
	last->link = &storm.connection[link];
	last->connection = storm.connection[link];
	dialogue_receive(storm.w.dialogues, last);
}

/* Far more than anybody types, and then a wish to be left alone. */
static void storm_floods(void)
{
	for (int i = 0; i < 60 && storm.w.sequence < STORM_EVENTS - 10; i++) {
		enum dialect_kind kind = storm.weather->sms && i % 2 == 1 ? DIALECT_SMS : DIALECT_BEGIN;
		const char *text = kind == DIALECT_BEGIN ? "*123#" : i < 50 ? "hello" : "STOP";
		struct dialogue_input in = world_input(&storm.w, kind, 254700000001, text);

		in.link = &storm.connection[1];
		in.connection = storm.connection[1];
		dialogue_receive(storm.w.dialogues, &in);
	}
}

static void storm_pushes(void)
{
	struct dialogue_push p = {.msisdn = 254700000000 + (int64_t)pick(STORM_PEOPLE),
	                          .wait_ms = 1000 + pick(100000)};
	uint32_t id;

	if (pick(3) == 0)
		p.text = "Something for you.";
	else
		p.code = pick(2) == 0 ? "*123#" : "*123*1#";
	if (dialogue_push(storm.w.dialogues, &p, &id) == RC_OK)
		storm.n_pushes++;
	storm.pushed = p.msisdn;
}

/* A phone tells that it has shown a text, or is gone. */
static void storm_tells(enum dialect_kind kind)
{
	struct dialogue_input in =
		world_input(&storm.w, kind, 254700000000 + (int64_t)pick(STORM_PEOPLE), "");

	if (pick(2) == 0 && storm.pushed != 0)
		in.event.msisdn = storm.pushed;
	in.event.cause = (enum dialect_cause)pick(3);

	memset(&in.event.session, 0, sizeof(in.event.session));
	in.link = &storm.connection[0];
	in.connection = storm.connection[0];
	dialogue_receive(storm.w.dialogues, &in);
}

static void storm_confirm(void)
{
	size_t i;
	uint64_t token;

	if (storm.n_tokens == 0)
		return;
	i = pick((unsigned)storm.n_tokens);
	token = storm.token[i];
	storm.token[i] = storm.token[--storm.n_tokens];
	dialogue_sent(storm.w.dialogues, token,
	              pick(4) != 0 ? DIALOGUE_DELIVERED : (enum dialogue_sent)pick(5), 0x0b);
}

static void storm_reload(void)
{
	char *menu = storm_menu();

	if (pick(2) == 0)
		memcpy(strstr(menu, "Your full name?"), "Your whole name", 15);
	storm_load(menu);
}

static void storm_time(void)
{
	static const int64_t steps[] = {10, 50, 50, 200, 200, 700, 2600, 5000, 61000, 200000};

	clock_fake_advance(&storm.w.clock, steps[pick(pick(10) == 0 ? 10 : 6)]);
	dialogue_tick(storm.w.dialogues);
}

static void storm_event(void)
{
	unsigned what = pick(1000);

	storm_input();
	if (what < 500)
		storm_confirm();
	if (what % 3 == 0)
		storm_confirm();
	if (what % 20 == 3)
		storm_app_answers();
	if (what % 4 == 0)
		storm_time();
	if (what % 2 == 0)
		store_dispatch(storm.w.store);
	if (what % 25 == 1)
		store_wait(storm.w.store);
	if (what == 7 || what == 8) {
		dialogue_lost(storm.w.dialogues, &storm.connection[what - 7], storm.connection[what - 7]);
		storm.connection[what - 7] += 2;
	}
	if (what % 8 == 4)
		storm_pushes();
	if (what == 11 && pick(3) == 0)
		storm_floods();
	if (what % 12 == 5 && storm.w.sequence < STORM_EVENTS)
		storm_tells(pick(2) == 0 ? DIALECT_ACK : DIALECT_ABORT);
	if (what % 100 == 15)
		storm.pressure = pick(4) == 0 ? (enum dialogue_pressure)pick(3) : DIALOGUE_CALM;
	if (what == 9 && !storm.full)
		storm_reload();
	if ((what == 10 && storm.weather->disk_fills) || (what < 100 && storm.full)) {
		storm.full = !storm.full;
		world_disk_full(storm.full);
	}
}

/* The weather clears: everything under way is concluded. */
static void storm_calm(void)
{
	world_disk_full(false);
	dialogue_close_all(storm.w.dialogues);
	for (int i = 0; i < 2000 &&
	                (storm.n_tokens + storm.n_calls > 0 || dialogue_open(storm.w.dialogues) > 0 || i < 5);
	     i++) {
		for (size_t n = storm.n_tokens; n > 0; n--)
			storm_confirm();
		while (storm.n_calls > 0)
			storm_app_answers();
		world_settle(&storm.w);
		clock_fake_advance(&storm.w.clock, 61000);
		dialogue_tick(storm.w.dialogues);
		dialogue_close_all(storm.w.dialogues);
	}
	world_settle(&storm.w);
}

static bool one_grant(void *ctx, const struct query_subscriber *s)
{
	(void)ctx;
	ck_assert_uint_le(s->n_grants, 1);
	for (size_t f = 0; f < record_profile(s->record)->n_fields; f++)
		if (record_value(s->record, f) != NULL)
			ck_assert(record_has_consent(s->record, "profile"));
	return true;
}

/* Each push has one fate, and the storm has reached each of them that a wire can bring about. */
static void check_pushes(const struct dialogue_counters *c)
{
	uint64_t fates = 0;

	for (int i = DIALOGUE_PUSH_UNDER_WAY + 1; i < DIALOGUE_PUSH_FATES; i++)
		fates += c->push[i];
	ck_assert_uint_eq(fates, c->push[DIALOGUE_PUSH_UNDER_WAY]);
	ck_assert_uint_ge(fates, storm.n_pushes); /* and those of late results */
	ck_assert(c->push[DIALOGUE_PUSH_ANSWERED] > 0 && c->push[DIALOGUE_PUSH_DELIVERED] > 0);
	ck_assert(c->push[DIALOGUE_PUSH_UNCONFIRMED] > 0);
	ck_assert(c->push[DIALOGUE_PUSH_BUSY] > 0 && c->push[DIALOGUE_PUSH_REPLACED] > 0);
	ck_assert(c->push[DIALOGUE_PUSH_REFUSED] + c->push[DIALOGUE_PUSH_CANNOT] > 0);
	ck_assert(c->push[DIALOGUE_PUSH_ABSENT] + c->push[DIALOGUE_PUSH_CANCELLED] > 0);
	ck_assert(c->push[DIALOGUE_PUSH_NO_ANSWER] > 0 && c->push[DIALOGUE_PUSH_SHED] > 0);
	ck_assert(!storm.weather->sms || c->push[DIALOGUE_PUSH_STOPPED] > 0);
	ck_assert_uint_gt(c->late_pushed + c->late_by_sms, 0);
}

START_TEST(promises_1_2_3_4_6_7_8_and_10_hold_in_a_storm)
{
	struct dialogue_counters c;
	struct notices_counters n;
	struct query_counts q;
	uint64_t ended;

	storm_open(_i);
	for (storm.connection[0] = 1, storm.connection[1] = 2; storm.w.sequence < STORM_EVENTS;) {
		if (storm.w.sequence == STORM_EVENTS - 500)
			dialogue_drain(storm.w.dialogues);
		storm_event();
	}
	storm_calm();
	for (uint32_t i = 1; i <= STORM_EVENTS; i++)
		ck_assert_msg(storm.responses[i] == 1, "input %u has %u responses", i, storm.responses[i]);
	c = world_counters(&storm.w);
	dialogue_notices_read(storm.w.dialogues, &n);
	ck_assert_uint_eq(storm.n_tokens, 0);
	ck_assert_uint_eq(c.open, 0);
	ck_assert_uint_eq(c.parked, 0);
	ck_assert_uint_eq(n.waiting, 0);
	ck_assert(!dialogue_is_waiting(storm.w.dialogues));
	ck_assert_int_eq(query_counts_read(storm.query, &q), RC_OK);
	ck_assert_int_eq(q.grants_granted, q.ledger_postings);
	ended = c.completed + c.cancelled + c.idle + c.failed + c.replaced + c.lost;
	if (!storm.weather->sms) /* an SMS that is given back ends nothing that is worth a row */
		ck_assert_int_eq(q.interactions, (int64_t)(ended + c.push_noted));
	ck_assert_int_le(q.interactions, (int64_t)(ended + c.push_noted));
	check_pushes(&c);
	ck_assert_int_eq(query_each(storm.query, true, one_grant, NULL), RC_OK);
	/* The storm must have reached what it is about. */
	ck_assert_int_gt(q.grants_granted, 0);
	ck_assert_uint_gt(storm.n_yours, 0);
	ck_assert(c.duplicates > 0 && c.late_answers + c.apologies > 0 && c.replaced > 0 && c.resumed > 0);
	ck_assert(c.app_answers > 0 && c.app_failed > 0 && c.app_slow > 0 && c.app_late > 0 &&
	          c.app_closed > 0);
	ck_assert(c.facts > 0 && storm.n_asked > 0 && storm.n_closes > 0);
	ck_assert_uint_eq(c.asking, 0);
	ck_assert_uint_eq(c.books_old, 0);
	ck_assert(c.shed > 0 && c.lost > 0 && c.idle > 0);
	ck_assert(c.shed_by[DIALOGUE_SHED_LAG] > 0 && c.shed_by[DIALOGUE_SHED_LINKS] > 0);
	ck_assert(c.flood_over > 0 && c.old_sessions > 0);
	ck_assert(c.aborts_subscriber > 0 && c.aborts_network > 0 && c.aborts_unknown > 0);
	ck_assert(!storm.weather->sms || (c.seen_copies > 0 && c.flood_stops > 0));
	query_close(storm.query);
	storm.w.n_answers = 0;
	world_close(&storm.w);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dialogue_storm");
	TCase *all = tcase_create("storm");

	suite_add_tcase(s, all);
	tcase_set_timeout(all, 300);
	tcase_add_loop_test(all, promises_1_2_3_4_6_7_8_and_10_hold_in_a_storm, 0, (int)STORM_ROUNDS);
	return run_suite(s);
}
