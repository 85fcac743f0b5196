/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialogue's own state, shared by the files of this layer and by nobody else.
 *
 *   dialogue.c         events in: routing, sessions, begin
 *   dialogue_duplicate.c  what is a copy of an input, and what is done with it
 *   dialogue_overload.c   what is turned away: too much at once, too much of one subscriber
 *   dialogue_index.c   look-up, and the order of all
 *   dialogue_rest.c    those that wait long, in less memory
 *   dialogue_table.c   life and death; dialogue_set_state, the only writer of `state`
 *   dialogue_turn.c    one turn: step, wait for the store, answer, fate of the answer
 *   dialogue_answer.c  the answer that is kept, and its deliveries
 *   dialogue_late.c    what does not come in time
 *   dialogue_look.c    who is in a dialogue, for people
 *   dialogue_push.c    dialogues that we open
 *   dialogue_push_fate.c  what has become of each of them
 *   dialogue_text.c    a text that somebody else wants sent
 *   dialogue_row.c     the row of the outbox that a push leaves by
 *   dialogue_list.c    for whoever operates the daemon: a list, and the end of one
 *   dialogue_time.c    deadlines, the end of a run, numbers
 *   dialogue_ask.c     what a turn asks others for: apps and facts, with their deadlines
 *   dialogue_charge.c  a give that a charging system carries out
 *   dialogue_counts.c  books in use, and what happens on each of their screens
 *   dialogue_times.c   how long answers took, and why apologies were made
 *   dialogue_sms.c     keywords, STOP/START/HELP
 *   dialogue_relation.c  who else is spoken of: invitations, YES and NO
 *   dialogue_tell.c    what is said in one, to the other dialogues of the number: STOP, a consent taken back, erasure
 *   actions.c          intents to store batches, and their results
 *   notices.c          every SMS that leaves
 *
 * A dialogue is not freed while `holds` counts somebody who will call back with its address.
 */
#ifndef STARHASH_GATEWAY_DIALOGUE_PRIVATE_H
#define STARHASH_GATEWAY_DIALOGUE_PRIVATE_H

#include "core/histogram.h"
#include "core/record.h"
#include "gateway/config_identity.h"
#include "gateway/dialogue.h"
#include "gateway/due.h"
#include "gateway/flood.h"
#include "gateway/notices.h"
#include "gateway/seen.h"
#include "menus/machine.h"

#define DIALOGUE_FLUSH_MS 200    /* an answer is on its way to the store this soon after it was given */
#define DIALOGUE_CLOSED_MS 60000 /* how long an ended dialogue still knows its last answer (ADR 0006) */
#define DIALOGUE_SMS_IDLE_MS (15 * 60 * 1000) /* an SMS dialogue has no session; people answer later */
#define DIALOGUE_RETRIES 7     /* of one answer: 50, 100 ... 3200 ms, about as long as a network waits */
#define DIALOGUE_ASK_DELAYS 16 /* different deadlines of apps and facts kept exactly; see due_list_for */
#define DIALOGUE_DELAYS 20 /* the same of idle times and deadlines, which dialects may have of their own */
#define DIALOGUE_LATE_APP_MS 60000 /* with ussd.late = "push", an app may take so much longer */
#define DIALOGUE_DETAIL_SIZE 32
#define DIALOGUE_AWAKE \
	16384 /* of those that wait, the ones answered last: others are packed (dialogue_rest.c) */
#define DIALOGUE_DELIVERIES_SPARE 256
#define DIALOGUE_CHAIN_MAX \
	8192 /* bytes of everything typed in one visit to an app; an SMS of 20 parts fits */
#define DIALOGUE_COUNTS_MS 10000 /* counts per screen go to the store this often */

enum dialogue_st {
	DIALOGUE_ST_NEW,
	DIALOGUE_ST_LOADING,  /* our turn: the record is asked for */
	DIALOGUE_ST_STORING,  /* our turn: the text waits for a commit */
	DIALOGUE_ST_ASKING,   /* our turn: an app or facts are asked for; the deadline is theirs */
	DIALOGUE_ST_SENDING,  /* the answer is with the link */
	DIALOGUE_ST_RETRYING, /* our turn: the answer was certainly not delivered and goes out again */
	DIALOGUE_ST_THEIRS,   /* the subscriber's turn */
	DIALOGUE_ST_CLOSED,   /* ended; kept to answer duplicates */
	DIALOGUE_ST_COUNT_
};

struct dialogue_key {
	int64_t msisdn;
	uint32_t group;
	uint32_t sms; /* 0 = USSD */
};

/* What is needed to answer: addresses and session of the last input, compact. */
struct dialogue_wire {
	struct dialect_session session;
	uint8_t service_ton, service_npi, subscriber_ton, subscriber_npi;
	char service[22], subscriber[22];
	char service_type[6];
};

#define DIALOGUE_NO_INPUT 0xff

/* The input that a turn answers; also what a duplicate is recognised by. */
struct dialogue_turn {
	void *link;
	uint32_t connection, sequence, command_id;
	uint32_t text_hash;
	uint8_t kind; /* enum dialect_kind; DIALOGUE_NO_INPUT = we began */
	bool acknowledged;
};

/* What the dialogue before was about, so that what still comes of it is not taken for this one's. */
struct dialogue_before {
	struct dialogue_turn last;
	struct dialect_session session;
	bool unsure; /* whether its last answer was delivered is not known */
	bool moves;  /* its session data changed between inputs */
};

enum dialogue_opened { DIALOGUE_BY_THEM, DIALOGUE_BY_PUSH, DIALOGUE_BY_NOTIFY, DIALOGUE_BY_LATE };

struct dialogue {
	/* of one at rest, too */
	struct due_entry timer; /* of the state; first, so that it leads to the dialogue */
	struct dialogues *all;
	struct dialogue_key key;
	struct dialogue *chain;         /* dialogue_index.c */
	struct dialogue *older, *newer; /* in the order in which they came */
	bool is_resting;                /* what follows is packed: rest_wake */
	/* of one that is awake */
	char body[0] __attribute__((aligned(8)));
	struct due_entry awake; /* on `awake` while it waits */
	struct due_entry flush; /* on `flushing` while the batch is open */
	struct book *book;
	struct record *record;
	struct store_batch *batch;  /* changes of this dialogue that are not with the store yet */
	struct turn_write *waiting; /* the write that the present turn waits for */
	const char *answer; /* the last screen, for retries and duplicates; turn_keep alone writes it */
	char *notice;       /* SMS of this turn's action */
	char *purchase;     /* key of what this dialogue buys; NULL = nothing so far */
	struct dialogue_undo *undo; /* SMS: what to go back to when the turn cannot be stored */
	struct dialogue_ask *
		asking; /* what the present turn asked for; NULL = nothing, or it is not waited for any more */
	struct dialogue_visit *visit; /* to an app; NULL = in none */
	struct dialogue_facts *facts; /* as they were told last */
	struct dialogue_book *in_use; /* counts of the book; NULL = not counted */
	struct delivery *leaving;     /* the newest answer that a link took and told no fate of */
	const struct book_screen *ask_screen;
	int64_t shown_ms; /* monotonic; when the screen left */
	int64_t asked_us; /* monotonic; when the input came that is not answered yet; 0 = none */
	uint32_t ask_within_ms;
	struct walk walk;
	struct dialogue_wire wire;
	struct dialogue_turn last;
	struct dialogue_before before;
	struct dialogue_late *late; /* opened by it: what is to be shown */
	struct dialogue_late
		*late_next; /* came while the last screen was still on its way: shown when that is over */
	uint64_t seen_hash; /* SMS */
	int64_t came_ms;    /* SMS; monotonic */
	uint32_t idle_ms, within_ms; /* of the dialect, or of starhash.conf */
	int64_t push_row;            /* of the outbox; 0 = none, or settled */
	uint32_t push_id;            /* 0 = nobody asks about it */
	uint32_t push_wait_ms;
	uint32_t said_beat; /* when the answer was handed to the link */
	uint32_t number;    /* of the dialogue, in this run; 0 = it has none yet */
	uint32_t serial;    /* of the turn; late callbacks of earlier turns are told apart by it */
	uint32_t
		holds; /* callbacks that will come with this address; copies of an input can make very many */
	uint32_t writes; /* of them: store writes; a find waits for these */
	uint32_t finds;  /* of them: store finds; only the last one counts */
	uint16_t steps;
	uint8_t state;      /* enum dialogue_st; written by dialogue_set_state only */
	uint8_t tries;      /* of the present answer */
	int8_t keyword;     /* index by which it began, -1 = dialled */
	uint8_t outcome;    /* enum store_outcome, counted when it closes */
	uint16_t at_screen; /* the screen that was counted as entered last */
	uint8_t ask_kind;   /* enum dialogue_ask_kind: what the step wants asked, or what is being asked */
	uint8_t ask_facts;  /* bits of enum book_fact */
	uint8_t sms_word;   /* enum dialogue_word: STOP, START, HELP in place of a service */
	uint8_t opened;     /* enum dialogue_opened */
	bool opens:1;       /* the next screen opens the session: it has not been answered yet */
	bool push_told:1;   /* what became of the push is told */
	bool push_left:1;   /* it was handed to a link */
	bool push_marked:1; /* its row says that it may have left */
	bool stops:1;       /* its menu has said STOP for them, and that may not be stored yet */
	bool stop_said:1;   /* they say STOP while it is being made, over whichever channel and group */
	bool uninvited:1;   /* SMS that nobody waits for */
	bool was_helped:1;  /* YES or NO after such an SMS: they have the help text */
	bool answer_last:1;
	bool answer_is_of_book:1; /* borrowed from it, and not to be freed */
	bool unsure:1;            /* whether the last answer was delivered is not known */
	bool copy_waits:1; /* a copy came by another connection while the answer was on its way on one that stands */
	bool moves:1;        /* the session data has changed between inputs: it tells duplicates apart */
	bool accounted:1;    /* its interaction is in a batch */
	bool at_risk:1;      /* and that batch is not known to be stored */
	bool must_store:1;   /* the next screen says that something is done */
	bool store_failed:1; /* answers of it were lost: the next turn ends with the apology */
	bool app_failed:1;   /* this turn asked an app that did not answer well */
	bool find_wanted:1;
	bool counted:1; /* its outcome is in the counters */
	bool simulated:1;
	char *dialled;                     /* while LOADING */
	char detail[DIALOGUE_DETAIL_SIZE]; /* of the interaction */
	int64_t began_ms;                  /* UTC */
};

enum dialogue_word {
	DIALOGUE_WORD_NONE,
	DIALOGUE_WORD_STOP,
	DIALOGUE_WORD_START,
	DIALOGUE_WORD_HELP,
	DIALOGUE_WORD_YES, /* to an invitation */
	DIALOGUE_WORD_NO
};

enum dialogue_ask_kind { DIALOGUE_ASK_NONE, DIALOGUE_ASK_APP, DIALOGUE_ASK_FACTS };

/* A question on its way; the token of port.app. It may come back after everybody has gone on. */
struct dialogue_ask {
	struct dialogues *all;
	struct dialogue *dialogue;  /* NULL: an app was told that it is over */
	struct dialogue_late *late; /* its answer is wanted even now; NULL = it is not */
	bool is_app;
};

/* What is kept of a visit to an app, from the first call until the app has ended it or the subscriber is gone. */
struct dialogue_visit {
	const struct book_screen *screen;
	int64_t began_ms; /* UTC; with `number`, the session */
	uint32_t number;
	uint32_t sequence;  /* calls so far */
	uint16_t len, last; /* of the chain; where in it the last input begins */
	char chain[];       /* everything typed, joined with '*'; NUL */
};

/* Facts in the words of screens; "" = not known. */
struct dialogue_facts {
	char balance[24], currency[4];
	char bundles[400];
};

/* SMS turns can be given back to the SMSC for redelivery; this is the state before. */
struct dialogue_undo {
	struct walk walk;
	struct record *record;
	struct dialogue_visit *visit;
};

/* A store write on its way. Self-contained, so that its result can reach the subscriber after the
 * dialogue has gone on to something else. */
struct turn_write {
	struct dialogues *all;
	struct dialogue *dialogue;
	struct notices_route route;
	bool is_turn;    /* a turn waits for it (until `late`) */
	bool is_late;    /* the subscriber was told that the result comes by SMS */
	bool is_asked;   /* is_late, and of a screen that took somebody else's number: invite, leave, refer */
	bool is_charged; /* stored, and with the outbox: */
	struct store_result result;
	char *notice;      /* SMS to send once stored */
	char *text;        /* is_late: the screen that could not be shown */
	char *apology;     /* is_late: what to say if it failed, */
	struct book *book; /* ... or was refused; NULL = it cannot be */
	size_t language;
	char *refused; /* the menu's own words for that; NULL = those of the book for the reason */
	char *again;   /* is_late: what to say if it was given before, or the other was asked lately */
	struct dialogue_late *late; /* is_late: to be shown by a push; NULL = by SMS */
};

/* An answer on its way; the token of the port. */
struct delivery {
	struct dialogue *dialogue; /* NULL: a stateless answer */
	struct delivery *spare;    /* the next one, while it is not in use */
	uint32_t serial;
};

/* A push that somebody asks about. */
struct dialogue_push_slot {
	uint32_t id; /* 0 = free */
	struct dialogue_push_state state;
};

/* Who has said STOP last: so that the many others are not looked for among the dialogues (dialogue_tell.c). */
#define DIALOGUE_STOPS 64
struct dialogue_stops {
	int64_t msisdn[DIALOGUE_STOPS];
	int64_t at_ms[DIALOGUE_STOPS]; /* monotonic */
	uint32_t next;
};

/* --- dialogue_index.c --- */
struct dialogue_index {
	struct dialogue **chain;
	size_t n_chains, room,
		round; /* chains; what there is room for; those at the beginning of this doubling */
	size_t count;
	struct dialogue *oldest, *newest;
};
bool index_init(struct dialogue_index *ix); /* false: out of memory */
void index_fini(struct dialogue_index *ix);
/* What leads to the dialogue of this key; to NULL when there is none. */
struct dialogue **index_link(const struct dialogue_index *ix, const struct dialogue_key *key);
void index_add(struct dialogue_index *ix, struct dialogue *d);
void index_remove(struct dialogue_index *ix, struct dialogue *d);
void index_replace(struct dialogue_index *ix, const struct dialogue *was,
                   struct dialogue *d); /* which has the octets of `was` */

struct dialogues {
	struct dialogue_options options;
	struct dialogue_port port;
	struct dialogue_index index;
	size_t resting;
	struct delivery *spare; /* at most DIALOGUE_DELIVERIES_SPARE, for the next answers */
	unsigned n_spare;
	struct notices *notices;
	struct transcripts *transcripts; /* NULL until one is asked for */
	struct flood *flood;
	struct seen *seen;                          /* SMS */
	struct due_list deadline[DIALOGUE_DELAYS];  /* LOADING, STORING */
	struct due_list idle[DIALOGUE_DELAYS];      /* THEIRS, USSD */
	struct due_list push_wait[DIALOGUE_DELAYS]; /* THEIRS, nothing was answered to a push yet */
	struct due_list awake;                      /* THEIRS: the ones answered last, not at rest */
	struct due_list sms_idle;                   /* THEIRS, SMS */
	struct due_list closed;
	struct due_list flushing;
	struct due_list retry[DIALOGUE_RETRIES];
	struct due_list asking[DIALOGUE_ASK_DELAYS]; /* ASKING: one list for each delay in use */
	struct dialogue_book *books;                 /* in use, or with counts that are not stored yet */
	int64_t counts_at_ms;
	int64_t expire_at_ms; /* invitations; monotonic */
	bool is_expiring;
	struct dialogue_stops stops;
	uint32_t visits;
	uint32_t pushes; /* so far */
	struct dialogue_push_slot push[DIALOGUE_PUSHES];
	uint32_t purchases; /* so far */
	uint32_t numbers;   /* of dialogues, so far */
	bool closing;       /* what ends now is ended by us */
	size_t open;        /* in any state but NEW and CLOSED */
	size_t ours;        /* in LOADING, ASKING, STORING, RETRYING, SENDING */
	bool draining;
	uint32_t beat; /* of the event loop; 0 = there is none */
	struct dialogue_counters counters;
	struct histogram *times; /* dialogue_times.c */
};

/* --- dialogue_table.c --- */
/* Awake. NULL: there is none, or no memory to wake it. */
struct dialogue *dialogue_by_key(const struct dialogues *ds, const struct dialogue_key *key);
struct dialogue *dialogue_new(struct dialogues *ds, const struct dialogue_key *key); /* NULL: out of memory */
void dialogue_set_state(struct dialogue *d, enum dialogue_st to);
void dialogue_hold(struct dialogue *d);
void dialogue_release(struct dialogue *d); /* one callback has come */
void dialogue_forget(struct dialogue *d);  /* CLOSED and its time is over: free as soon as nothing holds it */
void dialogue_reset(struct dialogue *d);   /* ready for a new begin; what is open must be closed before */
bool dialogue_is_ours(const struct dialogue *d);
const char *dialogue_state_name(unsigned state); /* "theirs" */
bool dialogue_is_open(const struct dialogue *d);
enum store_channel dialogue_channel(const struct dialogue *d);
void dialogue_address(const struct dialogue *d, struct dialect_event *out); /* only what answers need */
void dialogue_route(const struct dialogue *d, struct notices_route *out);
void dialogue_drop_undo(struct dialogue *d);

/* --- dialogue_rest.c --- */
/* It waits, and was looked at just now: it is packed after DIALOGUE_AWAKE others. */
void rest_not_yet(struct dialogue *d);
/* Pack those that were not looked at for longest. Only where nobody holds the address of a dialogue. */
void rest_tick(struct dialogues *ds);
/* The dialogue, which may have moved, awake; NULL: no memory, and it rests on. */
struct dialogue *rest_wake(struct dialogue *d);
/* To look at it only: itself, or a copy of it in `room`. */
const struct dialogue *rest_look(const struct dialogue *d, struct dialogue *room);

/* --- dialogue_answer.c --- */
/* This text is the last screen now. `lasting`: it is the book's, which the dialogue holds, and is borrowed. NULL or out of memory:
 * false, and there is none. */
bool turn_keep(struct dialogue *d, const char *text, bool lasting);
struct delivery *delivery_new(struct dialogues *ds, struct dialogue *d); /* NULL: out of memory */
void delivery_free(struct dialogues *ds, struct delivery *delivery);

/* --- dialogue_turn.c --- */
void turn_began(struct dialogue *d, const struct store_resume *resume); /* the record is there */
void turn_input(struct dialogue *d, const char *text);
void turn_stored(struct dialogue *d, const struct store_result *result);
void turn_later(struct dialogue *d); /* it waits for what will not come in time: "later" now */
void turn_asked(struct dialogue *d,
                const struct machine_in *in); /* what was asked for is known, or known not to come */
/* The phone is gone; what is being done goes on, its result by SMS. */
void turn_gone(struct dialogue *d, enum store_outcome outcome);
void turn_step(struct dialogue *d, const struct machine_in *in);
void turn_account(struct dialogue *d, enum store_outcome outcome); /* its interaction; nobody waits for it */
const char *turn_word(const struct dialogue *d, enum book_word w);
void turn_send(struct dialogue *d); /* the stored answer, (again) */
void turn_sent(struct dialogue *d, uint32_t serial, enum dialogue_sent how, uint32_t status);
void turn_fail(struct dialogue *d); /* our fault: apology, or back to the SMSC */
void turn_say(struct dialogue *d, const char *text, bool last);
void turn_acknowledge(struct dialogue *d, uint32_t status);
/* End it: interaction and resume point to the store, then CLOSED. No answer is sent here. */
void dialogue_close(struct dialogue *d, enum store_outcome outcome);

/* --- dialogue_ask.c --- */
bool ask_intent(struct dialogue *d,
                const struct intent *i); /* INTENT_APP, INTENT_FACTS: note what the step wants */
void ask_now(struct dialogue *d);        /* and ask for it: the turn waits */
void ask_deadline(struct dialogue *d);   /* it did not come in time */
void ask_forget(struct dialogue *d);     /* nobody waits for it any more */
const char *ask_fact(const struct dialogue *d, const char *name); /* NULL = not known */
void visit_end(struct dialogue *d, bool tell); /* `tell`: the app does not know yet that it is over */
struct dialogue_visit *visit_clone(const struct dialogue_visit *v); /* NULL in, NULL out */

/* --- dialogue_counts.c --- */
void counts_take_book(struct dialogue *d, struct book *b); /* with a reference of its own */
void counts_leave_book(struct dialogue *d);
void counts_stepped(struct dialogue *d, const struct machine_out *out); /* a step of the machine is over */
void counts_shown(struct dialogue *d);                                  /* a screen leaves */
void counts_answered(struct dialogue *d);                               /* and was answered */
void counts_dropped(struct dialogue *d, enum store_drop cause);
void counts_store(struct dialogues *ds); /* what was counted since the last time */
void counts_tick(struct dialogues *ds, int64_t now_ms);
void counts_books(const struct dialogues *ds, struct dialogue_counters *out);
void counts_free(struct dialogues *ds);

/* --- dialogue_times.c --- */
bool times_init(struct dialogues *ds);
void times_asked(struct dialogue *d);
void times_said(struct dialogue *d);
void times_sorry(struct dialogue *d); /* the turn fails */

/* --- dialogue_sms.c --- */
void sms_receive(struct dialogues *ds, const struct dialogue_input *in);
void sms_word_found(struct dialogue *d);    /* the record is there; answer STOP, START or HELP */
bool sms_is_stop(const char *text);         /* STOP and nothing else, in the words that win everywhere */
bool sms_says_stop(const char *text);       /* any of the words for it, as an SMS */
void sms_stop_dialogue(struct dialogue *d); /* STOP was typed on a USSD screen */
/* What was on its way to them, and nobody but us began, stays away from now on. */
void sms_hear_stop(struct dialogues *ds, int64_t msisdn, const struct dialogue *self);

/* --- gateway/dialogue_tell.c: what was said in one of a number's dialogues, to the others that are open */

enum tell_what { TELL_STOP, TELL_START, TELL_REFUSED /* or withdrawn: `purpose` */, TELL_ERASED };
/* `self` (NULL = none) knows already. What the others have gathered goes to the store first, so that this comes after it. */
void tell_others(struct dialogues *ds, int64_t msisdn, const struct dialogue *self, enum tell_what what,
                 const char *purpose);
void tell_record(struct record *r, enum tell_what what, const char *purpose);
/* A record was just read: what it means to be anonymous here, and a STOP that it does not know of yet. */
void tell_found(struct dialogue *d);

/* --- dialogue_relation.c --- */
bool relation_intent(struct dialogue *d,
                     const struct intent *i); /* INTENT_INVITE, _LEAVE, _REFER: into the batch */
bool relation_number(void *ctx, const char *typed, char *out); /* machine_port.number */
bool relation_route(struct dialogue *d,
                    const char *purpose); /* a consent is taken back: who else is to hear of it */
enum machine_result relation_result(const struct store_result *r);
void relation_keep_words(struct dialogue *d, struct turn_write *w); /* of each result, for an SMS */
const char *relation_words(const struct turn_write *w, const struct store_result *r);
void relation_stored(struct dialogue *d, const struct store_result *r); /* what it means for this dialogue */
enum dialogue_word relation_word(const struct dialogues *ds, const char *text); /* YES, NO or NONE */
uint8_t relation_language(const struct book *b, const char *text); /* of an answer; 0 = the first */
bool relation_answer(struct dialogue *d);                          /* YES or NO into the open batch */
void relation_count(struct dialogues *ds, const struct store_result *r, uint16_t group);
int64_t relation_tick(struct dialogues *ds, int64_t now_ms);

/* --- dialogue_duplicate.c --- */
void dialogue_note_input(struct dialogue *d, const struct dialogue_input *in);
bool dialogue_is_ahead(const struct dialogue *d, const struct dialogue_input *in);
bool dialogue_is_duplicate(const struct dialogue *d, const struct dialogue_input *in);
/* Of the dialogue before the present one: its last input again, or something of its session. */
bool dialogue_is_of_before(const struct dialogue *d, const struct dialogue_input *in);
void dialogue_duplicate(struct dialogue *d, const struct dialogue_input *in);
/* An SMS that was taken lately, over any link of the group. */
bool dialogue_was_seen(struct dialogues *ds, const struct dialogue_input *in);
void dialogue_seen(struct dialogues *ds, const struct dialogue_input *in); /* taken at once */
void dialogue_taken(struct dialogue *d);                                   /* its last input was taken */
void dialogue_not_taken(struct dialogue *d); /* its last input was given back: it is to come again */

/* --- dialogue_overload.c --- */
const struct dialect *dialogue_dialect(const struct dialogues *ds, const void *link, uint16_t group);
void overload_shed(struct dialogues *ds, const struct dialogue_input *in, enum dialogue_shed why,
                   const char *busy);
bool overload_is_flood(struct dialogues *ds, const struct dialogue_input *in); /* true: it is dealt with */

/* --- dialogue_late.c --- */
struct dialogue_late;
void turn_deadline(struct dialogue *d);
uint32_t late_app_ms(const struct dialogue *d); /* what an app's answer may come late by */
/* What the screen `at` would have said, if it can be said without asking for facts; else the word, and BOOK_WORDS_: nothing. */
void late_words(struct dialogue *d, uint16_t at, enum book_word word, char *out);
struct dialogue_late *late_keep(struct dialogue *d); /* NULL = the result is not wanted by push */
void late_free(struct dialogue_late *late);          /* NULL is fine */
/* What was waited for is there. Takes `late`. False: no push can be made of it; nothing was sent. */
bool late_stored(struct dialogues *ds, struct dialogue_late *late, const struct store_result *result,
                 const char *text);
void late_app_said(struct dialogues *ds, struct dialogue_late *late, const char *text, bool ends);
void late_found(struct dialogue *d); /* the record is there */
void late_over(
	struct dialogue *d); /* if its last screen has left, or is given up: what came meanwhile is shown */
/* It was certainly not shown: the same words by SMS, unless they have said STOP. */
void late_by_sms(struct dialogue *d);
const struct dialogue_key *late_key(const struct dialogue_late *late);
const char *late_fallback(const struct dialogue_late *late); /* NULL = another SMS says it */
struct book *late_book(const struct dialogue_late *late);

/* --- dialogue_push.c --- */
bool push_can(const struct dialogues *ds, const void *link, uint16_t group);
void push_stop(struct dialogues *ds, int64_t msisdn);        /* they say STOP */
bool push_is_stopping(struct dialogues *ds, int64_t msisdn); /* their STOP is with the store */
bool push_is_stopped(const struct dialogue *d);
bool push_late(struct dialogues *ds, struct dialogue_late *late, const struct dialogue_wire *wire);
void push_found(struct dialogue *d); /* the record is there */
/* As port.push; RC_EXISTS = they have said STOP. */
enum rc push_send(struct dialogue *d, const struct dialect_event *to, uint64_t token);
void push_taken(struct dialogue *d); /* its first screen is with the SMSC, or may be */
void push_unsent(struct dialogue *d, enum rc rc, uint32_t status); /* it will not be tried again */
void push_answered(struct dialogue *d);
void push_acknowledged(struct dialogue *d);
void push_closing(struct dialogue *d, enum store_outcome outcome);
void push_expired(struct dialogue *d);
bool push_aborted(struct dialogue *d, enum dialect_cause cause); /* false: the abort is of something else */

/* One that was claimed out of the store, with its row. UNDER_WAY: it takes the row. */
enum dialogue_push_fate push_again(struct dialogues *ds, const struct dialogue_push *push, int64_t row);

/* --- dialogue_row.c --- */
bool row_keep(struct dialogue *d, const struct dialogue_push *push); /* false: the store does not take it */
void row_keep_sms(struct dialogue *d, const char *text); /* that says the same; if the store takes it */
bool row_is_unmarked(const struct dialogue *d);          /* then, before it leaves: */
void row_mark(struct dialogue *d);                       /* it leaves, or ends, afterwards */
void row_settle(struct dialogue *d, enum dialogue_push_fate fate, uint32_t status);
/* The push was certainly not shown: its SMS leaves, or, not wanted, stays away. False: it has none. */
bool row_by_sms(struct dialogue *d, bool is_wanted);
void row_claimed(void *ctx, const struct store_notice_row *row, uint16_t group); /* for notices */

/* --- dialogue_time.c: nothing but dialogue.h --- */

/* --- dialogue.c --- */
void dialogue_load(struct dialogue *d); /* ask the store for the record */
void dialogue_say_stateless(struct dialogues *ds, const struct dialogue_input *in, const char *text);
void dialogue_keep_before(struct dialogue *d); /* a new one takes its place */

/* --- actions.c --- */
struct machine_port actions_port(struct dialogue *d);
bool actions_account(struct dialogue *d,
                     enum store_outcome outcome); /* interaction + resume into the batch */
void actions_flush(struct dialogue *d);           /* write the open batch; nobody waits */
bool actions_write_turn(struct dialogue *d); /* write the open batch; the turn waits. false: store is full */
bool actions_open(struct dialogue *d);       /* make sure that there is a batch */
void actions_late(struct dialogue *d, const char *text); /* the turn's result goes by SMS */
int64_t actions_utc_ms(const struct dialogue *d);
struct turn_write;
void actions_concluded(struct turn_write *w,
                       const struct store_result *r); /* its outcome, to whom it concerns */
void actions_write_done(struct turn_write *w);        /* nobody hears of it any more */

/* --- dialogue_charge.c --- */
bool charge_buy(struct dialogue *d, const struct book_screen *screen);   /* into the open batch */
bool charge_order(struct dialogue *d, const struct book_screen *screen); /* the give in the open batch */
bool charge_await(struct turn_write *w, const struct store_result *r);   /* false: nothing was ordered */
/* A give that nobody waits for: what is to be said if it is refused, while the walk stands there; and those words, NULL =
 * there are none. */
void charge_keep_words(struct dialogue *d, struct turn_write *w);
const char *charge_words(const struct turn_write *w, enum refusal why);
bool charge_is_awaited(const struct dialogue *d);
void charge_listen(struct dialogues *ds);

#endif
