/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A world for dialogue tests: real menus, a real scratch store, a clock moved by hand, and a wire of which every
 * answer, response and SMS is seen. Answers are confirmed only when the test says so. */
#ifndef STARHASH_TESTS_DIALOGUE_WORLD_H
#define STARHASH_TESTS_DIALOGUE_WORLD_H

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/clock.h"
#include "gateway/config.h"
#include "gateway/dialect_table.h"
#include "gateway/dialogue.h"
#include "gateway/notices.h"
#include "gateway/outbox.h"
#include "gateway/services.h"
#include "menus/machine.h"
#include "storage/query.h"
#include "storage/store.h"

#define WORLD_LOG 128

struct world_answer {
	int64_t msisdn;
	char text[MACHINE_TEXT_SIZE];
	bool last;
	uint64_t token;
	bool is_sms, is_push;
	enum dialect_say how; /* of a push */
};

struct world_call {
	char session[64], input[DIALECT_INPUT_SIZE], chain[1200], code[32];
	uint32_t sequence, within_ms;
	int64_t msisdn;
	bool first, closes;
	uint64_t token;
};

struct world {
	char folder[64];
	struct clock_fake clock;
	struct config *config;
	struct services *services;
	struct store *store;
	struct outbox *outbox; /* NULL = the store's own ledger grants */
	struct dialogues *dialogues;
	struct world_answer answer[WORLD_LOG];
	size_t n_answers;
	struct {
		uint32_t sequence, status, connection;
	} response[WORLD_LOG];
	size_t n_responses;
	struct world_call call[WORLD_LOG]; /* of apps */
	size_t n_calls;
	enum rc refuse_app;
	enum rc refuse; /* what port.answer returns; RC_OK = takes it */
	uint32_t sequence, connection;
	uint32_t oldest; /* of the connections that still stand; 0 = the present one only */
	uint16_t its;
	bool numbers; /* the gateway counts its inputs in its_session_info */
	bool by_sms;  /* the newest input was one */
	char store_path[128];
	struct dialect dialect;           /* of every link */
	struct dialect_event answered_to; /* the newest answer */
	enum rc refuse_push;
	enum dialogue_pressure pressure;
	uint16_t pressed_group; /* whose links are full */
	bool queues;            /* what is handed over waits on the link and can be taken back */
	size_t n_doubts;
	char doubt[32]; /* key of the newest */
};

/* Where the store lives, how much it takes, and who grants; {0}: in memory, default bound, its ledger. */
struct world_store {
	bool on_file;
	int queue_max;
	struct outbox *(*outbox)(const struct clock *clock, struct store *store);
	const char *menu, *bundles; /* NULL = world_menu, and a gift */
	const char *profile;        /* NULL = name and town under "profile", both required */
};

static const char world_menu[] =
	"code = \"*123#\"; keywords = [ \"JOIN\", \"JIUNGE\" ]; languages = [ \"en\", \"sw\" ]; start = \"home\";\n"
	"resume = \"15m\";\n"
	"screens = {\n"
	"home = { say = [ \"Hello {name|friend}\", \"Habari {name|rafiki}\" ];\n"
	"  menu = ( ( [ \"Get 100 MB free\", \"Pata MB 100 bure\" ], \"join\" ), ( [ \"Stop\", \"Acha\" ], \"stop\" ) ); };\n"
	"join = { dial = \"*123*1#\"; when = ( ( \"registered\", \"already\" ), ( \"else\", \"agree\" ) ); };\n"
	"agree = { say = [ \"Acme keeps your answers to serve you. Stop: *123#. Agree?\", \"Acme. Acha: *123#. Sawa?\" ];\n"
	"  consent = { to = \"profile\"; yes = ( [ \"Yes\", \"Ndiyo\" ], \"name\" ); no = ( [ \"No\", \"Hapana\" ], \"bye\" ); }; };\n"
	"name = { say = [ \"Your full name?\", \"Jina lako?\" ]; ask = { save = \"name\"; as = \"name\"; length = [ 2, 40 ]; tries = 3; };\n"
	"  sorry = [ \"Letters only, please.\", \"Herufi pekee.\" ]; next = \"town\"; };\n"
	"town = { say = [ \"Your town?\", \"Mji wako?\" ]; ask = { save = \"town\"; as = \"text\"; length = [ 2, 40 ]; };\n"
	"  next = \"gift\"; };\n"
	"gift = { give = { bundle = \"100MB\"; once = \"join\"; else = \"later\"; };\n"
	"  sms = [ \"Thanks {name}! 100 MB for 7 days.\", \"Asante {name}! MB 100.\" ];\n"
	"  end = [ \"Thanks {name}! 100 MB is yours.\", \"Asante {name}! MB 100 ni zako.\" ]; };\n"
	"later = { end = [ \"Saved. 100 MB will come by SMS.\", \"Imehifadhiwa.\" ]; };\n"
	"already = { end = [ \"You have joined already.\", \"Umejiunga tayari.\" ]; };\n"
	"bye = { end = [ \"OK. Nothing was saved.\", \"Sawa.\" ]; };\n"
	"stop = { withdraw = \"profile\"; end = [ \"Stopped.\", \"Imesitishwa.\" ]; };\n"
	"};\n";

static inline void world_write(const struct world *w, const char *name, const char *text)
{
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static void world_acknowledge(void *ctx, const struct dialogue_input *in, uint32_t status)
{
	struct world *w = ctx;

	ck_assert_uint_lt(w->n_responses, WORLD_LOG);
	w->response[w->n_responses].sequence = in->sequence;
	w->response[w->n_responses].connection = in->connection;
	w->response[w->n_responses++].status = status;
}

/* Connections from `oldest` on still stand. */
static bool world_is_connected(void *ctx, const void *link, uint32_t connection)
{
	const struct world *w = ctx;

	(void)link;
	return connection >= (w->oldest != 0 ? w->oldest : w->connection);
}

static enum rc world_take(struct world *w, int64_t msisdn, const char *text, bool last, uint64_t token,
                          bool is_sms)
{
	struct world_answer *a = &w->answer[w->n_answers];

	ck_assert_uint_lt(w->n_answers, WORLD_LOG);
	a->msisdn = msisdn;
	snprintf(a->text, sizeof(a->text), "%s", text);
	a->last = last;
	a->token = token;
	a->is_sms = is_sms;
	a->is_push = false;
	w->n_answers++;
	return RC_OK;
}

static enum rc world_send(void *ctx, void *link, const struct dialect_event *to, const char *text, bool last,
                          uint64_t token)
{
	struct world *w = ctx;

	(void)link;
	if (w->refuse != RC_OK)
		return w->refuse;
	w->answered_to.session = to->session;
	return world_take(w, to->msisdn, text, last, token, false);
}

static enum rc world_sms(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
                         const struct pdu_address *subscriber, const char *text, int64_t notice,
                         uint64_t token)
{
	(void)notice;
	(void)link;
	(void)group;
	(void)service;
	return world_take(ctx, strtoll(subscriber->digits, NULL, 10), text, true, token, true);
}

static enum rc world_push(void *ctx, void *link, uint16_t group, const struct dialect_event *to,
                          const char *text, enum dialect_say how, uint64_t token)
{
	struct world *w = ctx;
	enum rc rc;

	(void)link;
	(void)group;
	if (w->refuse_push != RC_OK)
		return w->refuse_push;
	ck_assert_str_eq(to->service.digits, "123");
	rc = world_take(w, to->msisdn, text, how == DIALECT_SAY_NOTIFY, token, false);
	w->answer[w->n_answers - 1].is_push = true;
	w->answer[w->n_answers - 1].how = how;
	return rc;
}

static void world_recall(void *ctx, uint64_t token)
{
	struct world *w = ctx;

	for (size_t i = 0; w->queues && i < w->n_answers; i++) {
		if (w->answer[i].token != token)
			continue;
		w->answer[i].token = 0;
		dialogue_sent(w->dialogues, token, w->answer[i].is_sms ? DIALOGUE_REFUSED : DIALOGUE_NOT_SENT,
		              0);
		return;
	}
}

static const struct dialect *world_dialect(void *ctx, const void *link, uint16_t group)
{
	const struct world *w = ctx;

	(void)link;
	(void)group;
	return &w->dialect;
}

static enum dialogue_pressure world_pressed(void *ctx, uint16_t group)
{
	const struct world *w = ctx;

	return w->pressed_group == group || w->pressure != DIALOGUE_LINKS_FULL ? w->pressure : DIALOGUE_CALM;
}

static enum rc world_app(void *ctx, const struct dialogue_app_request *r, uint64_t token)
{
	struct world *w = ctx;
	struct world_call *c = &w->call[w->n_calls];

	if (w->refuse_app != RC_OK)
		return w->refuse_app;
	ck_assert_uint_lt(w->n_calls++, WORLD_LOG);
	ck_assert_uint_le(strlen(r->session), 40);
	snprintf(c->session, sizeof(c->session), "%s", r->session);
	snprintf(c->input, sizeof(c->input), "%s", r->input);
	snprintf(c->chain, sizeof(c->chain), "%s", r->chain);
	snprintf(c->code, sizeof(c->code), "%s", r->code);
	c->sequence = r->sequence;
	c->within_ms = r->within_ms;
	c->msisdn = r->msisdn;
	c->first = r->first;
	c->closes = r->closes;
	c->token = token;
	return RC_OK;
}

static void world_doubt(void *ctx, const struct dialogue_input *in, const struct dialect_trouble *what)
{
	struct world *w = ctx;

	(void)in;
	w->n_doubts++;
	snprintf(w->doubt, sizeof(w->doubt), "%s", what->knob);
}

static inline void world_open_on(struct world *w, const char *extra, struct world_store on)
{
	char conf[1024], why[256] = "";
	struct findings *f = findings_new();
	struct dialogue_options options;
	struct dialogue_port port = {.ctx = w,
	                             .acknowledge = world_acknowledge,
	                             .is_connected = world_is_connected,
	                             .answer = world_send,
	                             .app = world_app,
	                             .sms = world_sms,
	                             .push = world_push,
	                             .recall = world_recall,
	                             .dialect = world_dialect,
	                             .pressed = world_pressed,
	                             .doubt = world_doubt};
	struct store_options so;

	memset(w, 0, sizeof(*w));
	snprintf(w->folder, sizeof(w->folder), "/tmp/starhash-world-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(w->folder));
	clock_fake_init(&w->clock, 1795000000000);
	world_write(w, "join.conf", on.menu != NULL ? on.menu : world_menu);
	world_write(
		w, "profile.conf",
		on.profile != NULL
			? on.profile
			: "profile = ( { field = \"name\"; private = true; consent = \"profile\"; },"
			  " { field = \"town\"; consent = \"profile\"; } ); required = [ \"name\", \"town\" ];\n");
	snprintf(conf, sizeof(conf),
	         "links = ( ); country = { code = \"254\"; trunk = \"0\"; }; services = [ \"join.conf\" ];\n"
	         "profile = \"profile.conf\"; store = { sqlite = \"store.db\"; };\n"
	         "bundles = ( %s );\n%s\n",
	         on.bundles != NULL
	                 ? on.bundles
	                 : "{ name = \"100MB\"; gives = \"100 MB\"; valid = \"7d\"; code = \"D\"; }",
	         extra);
	world_write(w, "starhash.conf", conf);
	snprintf(conf, sizeof(conf), "%s/starhash.conf", w->folder);
	if (config_load(conf, f, &w->config) != RC_OK) {
		findings_print(f, stderr);
		ck_abort_msg("configuration");
	}
	if (services_new(w->config, f, &w->services) != RC_OK) {
		findings_print(f, stderr);
		ck_abort_msg("menus");
	}
	findings_free(f);
	snprintf(w->store_path, sizeof(w->store_path), on.on_file ? "%s/world.db" : ":memory:", w->folder);
	so = (struct store_options){.path = w->store_path,
	                            .profile = &w->config->profile,
	                            .clock = &w->clock.clock,
	                            .scratch = true,
	                            .queue_max = on.queue_max};
	ck_assert_msg(store_open(&so, &w->store, why, sizeof(why)) == RC_OK, "%s", why);
	options = (struct dialogue_options){.clock = &w->clock.clock,
	                                    .store = w->store,
	                                    .services = w->services,
	                                    .config = w->config,
	                                    .awake_max = 1};
	if (on.outbox != NULL)
		options.outbox = w->outbox = on.outbox(&w->clock.clock, w->store);
	ck_assert_int_eq(dialogues_new(&options, &port, &w->dialogues), RC_OK);
	w->connection = 1;
	w->its = 0x0700;
	w->dialect = dialect_standard;
	w->dialect.can_push = true;
}

static inline void world_open(struct world *w, const char *extra)
{
	world_open_on(w, extra, (struct world_store){0});
}

static inline void world_confirm(struct world *w, size_t i, enum dialogue_sent how)
{
	uint64_t token = w->answer[i].token;

	ck_assert_uint_ne(token, 0);
	w->answer[i].token = 0;
	dialogue_sent(w->dialogues, token, how, 0);
}

/* The app answers its i-th call; no screen is confirmed. */
static inline void world_app_says(struct world *w, size_t i, enum rc rc, const char *text, bool ends)
{
	uint64_t token = w->call[i].token;

	ck_assert_uint_lt(i, w->n_calls);
	ck_assert_uint_ne(token, 0);
	w->call[i].token = 0;
	dialogue_app_answered(w->dialogues, token, rc, text, ends);
}

static inline void world_close(struct world *w)
{
	char command[128];

	if (w->store != NULL) { /* a test may have closed it before */
		dialogue_close_all(w->dialogues);
		store_wait(w->store);
	}
	for (size_t i = 0; i < w->n_answers; i++)
		if (w->answer[i].token != 0)
			world_confirm(w, i, DIALOGUE_UNKNOWN);
	for (size_t i = 0; i < w->n_calls; i++)
		if (w->call[i].token != 0)
			world_app_says(w, i, RC_IO, NULL, false);
	if (w->store != NULL)
		store_wait(w->store);
	store_close(w->store);
	outbox_free(w->outbox);
	dialogues_free(w->dialogues);
	services_free(w->services);
	config_free(w->config);
	snprintf(command, sizeof(command), "rm -r %s", w->folder);
	ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): a folder that this test made
}

/* its_session_info, as the dialect "standard" keeps it. */
static inline struct dialect_session world_session(uint16_t its)
{
	return (struct dialect_session){
		.id = its & 0xff00,
		.has_id = true,
		.n_kept = 1,
		.kept = {{PDU_TAG_ITS_SESSION_INFO, 2, {(uint8_t)(its >> 8), (uint8_t)its}}}};
}

static inline struct dialogue_input world_input(struct world *w, enum dialect_kind kind, int64_t msisdn,
                                                const char *text)
{
	struct dialogue_input in = {
		.link = w, .connection = w->connection, .sequence = ++w->sequence, .command_id = 5};

	in.event.kind = kind;
	w->by_sms = kind == DIALECT_SMS;
	in.event.msisdn = msisdn;
	snprintf(in.event.code, sizeof(in.event.code), "123");
	snprintf(in.event.text, sizeof(in.event.text), "%s", text);
	if (kind != DIALECT_SMS) {
		if (w->numbers)
			w->its = (uint16_t)(w->its + 2);
		in.event.session = world_session(w->its);
	}
	snprintf(in.event.service.digits, sizeof(in.event.service.digits), "123");
	snprintf(in.event.subscriber.digits, sizeof(in.event.subscriber.digits), "%lld", (long long)msisdn);
	return in;
}

/* Let the store finish what it was asked, and what its callbacks asked in turn: record, commit, result. */
static inline void world_settle(struct world *w)
{
	for (int i = 0; i < 4; i++)
		store_wait(w->store);
}

/* Send, and let the store finish. */
static inline void world_say(struct world *w, enum dialect_kind kind, int64_t msisdn, const char *text)
{
	struct dialogue_input in = world_input(w, kind, msisdn, text);

	dialogue_receive(w->dialogues, &in);
	world_settle(w);
}

/* The newest answer on the channel of the newest input: an SMS that follows a screen is not one. */
static inline size_t world_newest(const struct world *w)
{
	size_t i = w->n_answers;

	while (i > 0 && w->answer[i - 1].is_sms != w->by_sms)
		i--;
	ck_assert_uint_gt(i, 0);
	return i - 1;
}

/* That answer's words; confirms it. */
static inline const char *world_screen(struct world *w)
{
	size_t i = world_newest(w);

	if (w->answer[i].token != 0)
		world_confirm(w, i, DIALOGUE_DELIVERED);
	return w->answer[i].text;
}

static inline const char *world_dial(struct world *w, int64_t msisdn, const char *code)
{
	world_say(w, DIALECT_BEGIN, msisdn, code);
	return world_screen(w);
}

static inline const char *world_type(struct world *w, int64_t msisdn, const char *text)
{
	world_say(w, DIALECT_CONTINUE, msisdn, text);
	return world_screen(w);
}

static inline void world_wait(struct world *w, int64_t ms)
{
	while (ms > 0) {
		int64_t step = ms < 50 ? ms : 50;

		clock_fake_advance(&w->clock, step);
		dialogue_tick(w->dialogues);
		world_settle(w);
		ms -= step;
	}
}

/* No file of this process may grow any more: the commits of a store on a file fail. */
static inline void world_disk_full(bool full)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	signal(SIGXFSZ, SIG_IGN);
	limit.rlim_cur = full ? 0 : limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static inline struct dialogue_counters world_counters(const struct world *w)
{
	struct dialogue_counters c;

	dialogue_counters_read(w->dialogues, &c);
	return c;
}

static inline size_t world_sms_count(const struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_answers; i++)
		n += w->answer[i].is_sms;
	return n;
}

#endif
