/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues: whose turn it is, and what each turn brings about.
 *
 * The layer between wires and menus, free of any event loop: events come in through the functions below, answers
 * leave through `send`, time through the clock and dialogue_tick. The daemon drives it with SMPP links, `starhash dial`
 * and `starhash test` drive it directly; it is the same code.
 *
 * Rules (promises 1, 3, 4, 5): keyed by link group, MSISDN and channel; exactly one answer for each turn; a
 * duplicate gets the stored answer and runs nothing; a new begin ends the old dialogue; a screen that says
 * something is done leaves only after the store has committed it.
 */
#ifndef STARHASH_GATEWAY_DIALOGUE_H
#define STARHASH_GATEWAY_DIALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/histogram.h"
#include "core/rc.h"
#include "gateway/config.h"
#include "gateway/dialect.h"
#include "gateway/services.h"
#include "menus/machine.h"
#include "storage/store.h"

struct dialogues;
struct outbox; /* gateway/outbox.h */

/* One inbound event with what is needed to answer it. */
struct dialogue_input {
	uint16_t group;      /* number of the link group */
	void *link;          /* handed back in answers: where it came from */
	uint32_t connection; /* of the link: another one after a reconnect */
	uint32_t sequence;   /* of the PDU */
	uint32_t command_id; /* of the PDU */
	bool simulated;      /* terminal phone, transcript: marked so in the store */
	struct dialect_event event;
};

enum dialogue_sent {
	DIALOGUE_DELIVERED,
	DIALOGUE_RETRY /* throttled: certainly not delivered */,
	DIALOGUE_REFUSED /* the session is gone or the answer is not wanted */,
	DIALOGUE_NOT_SENT,
	DIALOGUE_UNKNOWN
};

/* One call of an app (gateway/app.h turns it into HTTP). */
struct dialogue_app_request {
	const char *url;
	enum book_speaks speaks;
	uint32_t within_ms;
	int64_t msisdn;
	const char *code;    /* dialled service, "*123#" */
	const char *session; /* the same for all calls of one visit to the app; at most 40 characters */
	const char *input;   /* what was typed last; "" on the first call */
	const char *chain;   /* everything typed in this visit, joined with '*' */
	uint32_t sequence;   /* 1.. within the visit */
	bool first;
	bool closes; /* the subscriber is gone: tell the app (Hubtel release/timeout); no answer is used */
};

/* How hard the parts beside the store are pressed. */
enum dialogue_pressure { DIALOGUE_CALM, DIALOGUE_LAGGING /* the loop */, DIALOGUE_LINKS_FULL };

struct dialogue_port {
	void *ctx;
	/* Conclude the PDU (exactly once for each input): status PDU_ROK, or a temporary error when the SMSC should
	 * deliver it again. */
	void (*acknowledge)(void *ctx, const struct dialogue_input *in, uint32_t status);
	/* Does this connection of this link still stand? Then what was confirmed on it arrived, and equal words elsewhere are a
	 * new input. NULL = none that is not the present one. */
	bool (*is_connected)(void *ctx, const void *link, uint32_t connection);
	/* Send one USSD answer; its fate comes back through dialogue_sent with the token. RC_OK; any other: it
	 * was not taken and will not be reported. */
	enum rc (*answer)(void *ctx, void *link, const struct dialect_event *to, const char *text, bool last,
	                  uint64_t token);
	/* Ask an HTTP app; dialogue_app_answered follows exactly once with the token. NULL = no apps here. RC_OK; any other: not
	 * taken, and nothing follows. `request` is borrowed for the call. */
	enum rc (*app)(void *ctx, const struct dialogue_app_request *request, uint64_t token);
	/* Send one SMS to the subscriber. `notice` = id in the store's outbox, 0 = a plain answer. */
	enum rc (*sms)(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
	               const struct pdu_address *subscriber, const char *text, int64_t notice,
	               uint64_t token);
	/* Open a USSD dialogue towards a subscriber: DIALECT_SAY_PUSH or _NOTIFY. `link` = where they were met last, or NULL.
	 * NULL = no pushes here. RC_OK: dialogue_sent follows; RC_CLOSED (no link now); RC_STATE (this SMSC takes none); RC_RANGE
	 * (cannot ever be sent); RC_FULL. */
	enum rc (*push)(void *ctx, void *link, uint16_t group, const struct dialect_event *to,
	                const char *text, enum dialect_say how, uint64_t token);
	/* Take back what `push` or `sms` took with this token and what has not been written to a socket yet. Its fate is told as
	 * ever: when nothing of it had left, before this returns, as NOT_SENT (a push) or REFUSED (an SMS). NULL = nothing ever
	 * waits. */
	void (*recall)(void *ctx, uint64_t token);
	/* How many more `sms` and `push` the links of this group take at the moment. `fresh`: of what somebody has just asked for;
	 * else of what has waited already, which leaves half of each window, and the rate of the next moments, to those who
	 * look at a phone. 0 = no link, or no room. NULL = always enough. */
	size_t (*room)(void *ctx, uint16_t group, bool fresh);
	/* The dialect of a link, or, when that is NULL, of one of the group. May be NULL or return it: none. */
	const struct dialect *(*dialect)(void *ctx, const void *link, uint16_t group);
	/* The loop, or the links of this group. NULL = never pressed. */
	enum dialogue_pressure (*pressed)(void *ctx, uint16_t group);
	/* An input that the link's dialect perhaps does not mean as we took it. NULL = nobody is told. */
	void (*doubt)(void *ctx, const struct dialogue_input *in, const struct dialect_trouble *what);
};

struct dialogue_options {
	const struct clock *clock;
	struct store *store;
	struct services *services;
	const struct config *config; /* idle, answer_within, dialogues_max, bundles */
	struct outbox *
		outbox; /* of what a charging system gives; NULL = the store's ledger does. Has no other listener */
	/* Balance and bundles, as store_facts_find; NULL = that. */
	enum rc (*facts)(void *ctx, int64_t msisdn, store_facts_fn *fn, void *fn_ctx);
	void *facts_ctx;
	size_t awake_max; /* of those that wait, how many are not packed; 0 = 16384 (gateway/dialogue_rest.c) */
	/* What dialogues come by in their books, for `starhash test --coverage`; NULL in the daemon. */
	void (*reached)(void *ctx, const struct book *book, enum machine_reached what,
	                const struct book_screen *screen, size_t which, size_t language);
	void *reached_ctx;
};

enum rc dialogues_new(const struct dialogue_options *options, const struct dialogue_port *port,
                      struct dialogues **out) RC_NODISCARD;
void dialogues_free(struct dialogues *d);

/* The event is copied as far as it is needed. */
void dialogue_receive(struct dialogues *d, const struct dialogue_input *in);
/* Is a USSD answer to this subscriber being made, or on its way? *token is that of one whose fate a link is yet to tell; 0 =
 * none has left. */
bool dialogue_answers(struct dialogues *d, uint16_t group, int64_t msisdn, uint64_t *token);
void dialogue_sent(struct dialogues *d, uint64_t token, enum dialogue_sent how, uint32_t status);
/* This connection of this link is gone. What it brought shortly before may be delivered again. */
void dialogue_lost(struct dialogues *d, const void *link, uint32_t connection);

/* What an app said; RC_OK with text and `ends`; RC_BUSY (too slow), RC_IO (down, HTTP error), RC_SYNTAX (no CON/END, HTML, too
 * long, not text). */
void dialogue_app_answered(struct dialogues *d, uint64_t token, enum rc rc, const char *text, bool ends);

/* Act on every deadline that has passed; returns the time until the next one in ms (at most 1000). */
int64_t dialogue_tick(struct dialogues *d);
/* A new turn of the event loop: what is received from now on may be an answer to what was said before. A driver without
 * a loop never calls it. */
void dialogue_beat(struct dialogues *d);
/* Refuse new dialogues from now on; those in progress go on. */
void dialogue_drain(struct dialogues *d);
/* End every open dialogue as far as the store is concerned (answers saved, resume points kept). */
void dialogue_close_all(struct dialogues *d);
/* The dialogue that a number is in, by whichever channel and group; the one on USSD when there are several. */
struct dialogue_seen {
	enum store_channel channel;
	const char *service, *screen; /* "" = not known yet; valid until the loop goes on */
	const char *language;
	bool is_ours;   /* our turn: the subscriber waits */
	bool is_opened; /* by a push */
	int steps;
	int64_t began_ms; /* UTC */
};
bool dialogue_look(const struct dialogues *d, int64_t msisdn, struct dialogue_seen *out); /* false: in none */

/* Open dialogues, of any phase, not counting those that only wait to be resumed or forgotten. */
size_t dialogue_open(const struct dialogues *d);
bool dialogue_is_waiting(const struct dialogues *d); /* for the store: some turn is not answered yet */

/* --- push: dialogues that we open (docs/operate.md) --- */

enum dialogue_push_fate {
	DIALOGUE_PUSH_UNDER_WAY,
	DIALOGUE_PUSH_ANSWERED,  /* the dialogue goes on */
	DIALOGUE_PUSH_DELIVERED, /* shown as far as the SMSC tells; no answer was asked for */
	DIALOGUE_PUSH_UNCONFIRMED, /* taken by an SMSC that tells when a phone has shown it, and did not tell so */
	DIALOGUE_PUSH_STOPPED,   /* they have said STOP: nothing was sent */
	DIALOGUE_PUSH_BUSY,      /* in a dialogue already: nothing was sent */
	DIALOGUE_PUSH_REPLACED,  /* they dialled meanwhile */
	DIALOGUE_PUSH_REFUSED,   /* by the SMSC, see status */
	DIALOGUE_PUSH_ABSENT,    /* the network could not reach the phone, or lost it */
	DIALOGUE_PUSH_CANCELLED, /* on the phone */
	DIALOGUE_PUSH_NO_ANSWER, /* in time */
	DIALOGUE_PUSH_UNKNOWN,   /* the SMSC did not say whether it took it, and nothing came */
	DIALOGUE_PUSH_NO_LINK,   /* none is bound, or all are full */
	DIALOGUE_PUSH_CANNOT,    /* the dialect has no push, or the text does not fit */
	DIALOGUE_PUSH_SHED,      /* too busy, or draining */
	DIALOGUE_PUSH_FAILED,    /* our fault: see the log */
	DIALOGUE_PUSH_FATES
};
const char *dialogue_push_fate_name(enum dialogue_push_fate f); /* "no answer" */
const char *dialogue_push_remedy(enum dialogue_push_fate f);    /* NULL = nothing to be done */

struct dialogue_push {
	uint16_t group;
	int64_t msisdn;
	const char *code; /* a menu, as it is dialled: "*123*1#" */
	const char *
		text; /* or words that want no answer; then code may be NULL: they come from the first service's */
	int64_t wait_ms; /* for the answer */
};
struct dialogue_push_state {
	enum dialogue_push_fate fate;
	uint32_t status; /* of REFUSED */
};
#define DIALOGUE_PUSH_WAIT_MIN_MS 1000
#define DIALOGUE_PUSH_WAIT_MAX_MS 600000

/* Returns RC_OK (*id can be asked about; it may have failed already); RC_NOTFOUND (no menu answers to this code); RC_RANGE (wait_ms
 * out of bounds, text too long for any screen); RC_FULL (DIALOGUE_PUSHES are under way); RC_NOMEM. Nothing is ever repeated. */
enum rc dialogue_push(struct dialogues *d, const struct dialogue_push *push, uint32_t *id) RC_NODISCARD;
/* False = this id is not known, or not any more. */
bool dialogue_push_read(const struct dialogues *d, uint32_t id, struct dialogue_push_state *out);

/* Why new dialogues are turned away. */
enum dialogue_shed {
	DIALOGUE_SHED_NOT,
	DIALOGUE_SHED_DRAINING,
	DIALOGUE_SHED_DIALOGUES, /* ussd.dialogues are open */
	DIALOGUE_SHED_STORE,     /* overload.store requests wait */
	DIALOGUE_SHED_LAG,       /* the loop is overload.lag late */
	DIALOGUE_SHED_LINKS,     /* the queues of the group's links are overload.links full */
	DIALOGUE_SHEDS
};
const char *dialogue_shed_name(enum dialogue_shed why);
enum dialogue_shed dialogue_overload(const struct dialogues *d,
                                     uint16_t group); /* now, for new ones of this group */

#define DIALOGUE_CLOSED_MAX 200000 /* ended ones kept at most */
#define DIALOGUE_PUSHES 4096       /* the newest ones that can be asked about */

/* Why an apology was made. */
enum dialogue_sorry {
	DIALOGUE_SORRY_FAILING, /* the store is failing */
	DIALOGUE_SORRY_SLOW,    /* the store was too slow, or would not take it: its queue is full */
	DIALOGUE_SORRY_MENU,    /* a fault of the menu file that only running it shows */
	DIALOGUE_SORRY_OTHER,   /* out of memory, or a fault of ours: see the log */
	DIALOGUE_SORRIES
};
const char *dialogue_sorry_name(enum dialogue_sorry why);

struct dialogue_counters {
	uint64_t begun, resumed, completed, cancelled, idle, failed, replaced, lost, shed;
	uint64_t inputs, duplicates, wrong_turn, stray, apologies, late_answers, answers, answer_retries,
		answers_lost;
	uint64_t bad_inputs, sms_in, sms_out, sms_unrouted, unrouted;
	uint64_t registered, granted, again;
	uint64_t relations
		[STORE_RELATIONS]; /* invitations, answers, departures, referrals, by what came of them */
	uint64_t invites_expired;
	uint64_t refused[REFUSALS_]; /* gifts and purchases, by reason; [NONE] = not one of them */
	/* app_slow: no answer within the deadline; app_failed: down, wrong or not taken; app_late: it came when nobody waited */
	uint64_t app_calls, app_answers, app_slow, app_failed, app_late, app_closed;
	uint64_t facts, facts_slow, facts_failed;
	uint64_t screen_counts_lost;      /* counts per screen that the store did not take */
	uint64_t shed_by[DIALOGUE_SHEDS]; /* what `shed` is made of */
	uint64_t ended_by_operator;
	uint64_t aborts_subscriber, aborts_network, aborts_unknown;
	uint64_t old_sessions; /* inputs and aborts of a session that is not the open dialogue's */
	uint64_t push[DIALOGUE_PUSH_FATES]; /* pushes by what became of them; [UNDER_WAY] = begun */
	uint64_t push_noted;                /* of them: never more than a row in the store */
	uint64_t late_pushed,
		late_by_sms; /* results that came late, shown by a push; and those that had to go by SMS */
	uint64_t flood_over, flood_stops, flood_evicted; /* gateway/flood.h */
	uint64_t seen_copies, seen_evicted;              /* gateway/seen.h */
	uint64_t strangers;                      /* unrouted SMS of numbers that we keep nothing about */
	uint64_t apologies_by[DIALOGUE_SORRIES]; /* what `apologies` is made of */
	uint64_t parked_evicted;                 /* ended ones forgotten before their time */
	uint64_t push_full;                      /* pushes refused: DIALOGUE_PUSHES are under way */
	uint32_t flood_kept, seen_kept;          /* of FLOOD_NUMBERS, SEEN_MAX */
	uint32_t open, parked, asking;
	uint32_t resting;    /* of `open`: packed (gateway/dialogue_rest.c) */
	uint32_t books_live; /* those that answer now, and older ones on which somebody still stands */
	uint32_t books_old;
};
void dialogue_counters_read(const struct dialogues *d, struct dialogue_counters *out);
/* From an input on USSD, or over HTTP, to handing its answer to the link, by the kind of the screen that it shows.
 * DIALOGUE_TIMES_WORDS are answers without a screen of the menus. NULL = nobody was answered. Borrowed. */
#define DIALOGUE_GROUPS (CONFIG_MAX_LINKS + 1) /* numbers of groups of links; the last one is that of HTTP */
#define DIALOGUE_TIMES_WORDS (BOOK_END + 1)
#define DIALOGUE_TIMES_KINDS (DIALOGUE_TIMES_WORDS + 1)
const struct histogram *dialogue_times(const struct dialogues *d, unsigned group, unsigned kind);
/* How many open dialogues run on each of these very books, and of these how many stand on each screen: one walk for all of them. */
struct dialogue_standing {
	const struct book *book;
	uint32_t *on; /* of book->n_screens; written */
	size_t inside;
};
void dialogue_standing_of(const struct dialogues *d, struct dialogue_standing *of, size_t n);
/* On one book. */
size_t dialogue_standing(const struct dialogues *d, const struct book *b, uint32_t *on);
struct notices_counters; /* gateway/notices.h */
void dialogue_notices_read(const struct dialogues *d, struct notices_counters *out);

#endif
