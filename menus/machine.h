/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The step machine: (book, walk, input, facts) -> (text, next walk, intents). Pure.
 *
 * It opens nothing, waits for nothing, reads no clock and keeps nothing between calls except the walk, a plain value of
 * a few bytes. What must be done in the world leaves as intents through the port, in order, while the
 * step runs; the port applies saves and consents to the record at hand at once, so that later texts and conditions of
 * the same step see them.
 */
#ifndef STARHASH_MENUS_MACHINE_H
#define STARHASH_MENUS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.h"
#include "core/refusal.h"
#include "menus/book.h"

/* Bytes of one screen, UTF-8, with NUL; 160 characters of up to 4 bytes and room. */
#define MACHINE_TEXT_SIZE 1024
#define MACHINE_BACK_MAX 12    /* screens that Back can go through; older ones are forgotten */
#define MACHINE_HOPS_MAX 64    /* screens passed unseen in one step; more is a loop: apology */
#define MACHINE_WAITS_MAX 6    /* apps, facts and gifts without an input between; more is a loop: apology */
#define MACHINE_NEEDLE_SIZE 24 /* bytes of what was typed to search a list, with NUL */

enum walk_phase {
	WALK_NEW,
	WALK_SHOWING,
	WALK_RESUMING /* the offer is on the screen */,
	WALK_WAITING /* for the result of a give, an app or facts */,
	WALK_ENDED,
	WALK_IN_APP /* an app's screen is shown: the next input is the app's */
};

enum walk_wait { WALK_FOR_NOTHING, WALK_FOR_GIVE, WALK_FOR_APP, WALK_FOR_FACTS };

struct walk {
	uint16_t screen;
	uint16_t back[MACHINE_BACK_MAX]; /* back[depth-1] = the screen before */
	uint8_t depth;
	uint8_t phase; /* enum walk_phase */
	uint8_t page;
	uint8_t tries; /* bad answers on this screen so far */
	uint8_t language;
	uint8_t waits_for;                /* enum walk_wait, in WALK_WAITING */
	uint16_t resume_screen;           /* WALK_RESUMING: where Continue goes; else BOOK_NO_SCREEN */
	uint8_t waits;                    /* since the last input */
	uint16_t deal;                    /* the buy that was entered last; BOOK_NO_SCREEN = none */
	char needle[MACHINE_NEEDLE_SIZE]; /* list: what was typed; "" = all rows are shown */
};

enum intent_kind {
	INTENT_SAVE,     /* field, text = value */
	INTENT_LANGUAGE, /* text = language code */
	INTENT_CONSENT,  /* purpose, granted, text = the exact words shown, version = of the words */
	INTENT_WITHDRAW, /* purpose */
	INTENT_ERASE,
	INTENT_STOP,   /* the same as the word STOP */
	INTENT_COPY,   /* a copy of what is known of them is asked for */
	INTENT_INVITE, /* text = the other's number; purpose = type, words = what was read; WAIT */
	INTENT_LEAVE,
	INTENT_REFER,
	INTENT_GIVE, /* screen = the give screen; the step ends with MACHINE_WAIT */
	INTENT_BUY,  /* the same of a buy screen: its price is taken from the balance */
	INTENT_APP, /* ask the app of `screen`; text = what was typed, "" on entering; `granted` = first call; WAIT */
	INTENT_FACTS, /* ask for `field` = bits of enum book_fact, for `screen`; WAIT */
	INTENT_NOTICE /* text = SMS; `if_given` = only if the give of this step is the first of its key */
};
struct intent {
	enum intent_kind kind;
	int field;
	bool granted;
	bool if_given;
	const char *text; /* borrowed for the call */
	const char *purpose;
	const char *version;
	const char *words;
	const struct book_screen *screen;
};

/* What a step came by, for whoever measures how much of a book was walked. */
enum machine_reached {
	MACHINE_AT_SCREEN, /* it was entered */
	MACHINE_AT_WHEN,   /* `which` = the line of the `when` that was taken */
	MACHINE_AT_CHOICE, /* `which` = the choice; 0 for a good answer to an ask or a list */
	MACHINE_AT_BAD,    /* an answer was refused */
	MACHINE_AT_RESULT  /* `which` = enum machine_result of a give, an app or facts */
};

/* The world, as the machine sees it. */
struct machine_port {
	void *ctx;
	/* Value of a profile field (by index), or of a system column, a fact ("balance", "bundles") or what is bought ("price",
	 * "gives": machine_deal); NULL if not known. Valid until the next call. */
	const char *(*field)(void *ctx, int field);
	const char *(*system)(void *ctx, const char *name);
	bool (*holds)(void *ctx, int condition);
	/* What was answered for a purpose before. May be NULL: nothing is known of consents, so all are asked for. */
	enum record_consent (*consent)(void *ctx, const char *purpose);
	/* The whole number of what was typed for somebody else's, into `out` of MSISDN_TEXT_SIZE bytes. False: it is none, or
	 * their own. May be NULL: it is taken as it was typed. */
	bool (*number)(void *ctx, const char *typed, char *out);
	/* false = cannot be done (bound reached): the step ends with the apology. */
	bool (*intent)(void *ctx, const struct intent *intent);
	/* May be NULL. `language` = of the walk at that moment. */
	void (*reached)(void *ctx, enum machine_reached what, const struct book_screen *screen, size_t which,
	                size_t language);
};

enum machine_event {
	MACHINE_BEGIN,  /* text = dialled string or "" (keyword); walk must be zeroed but for language */
	MACHINE_RESUME, /* offer to go on at walk-independent `screen`; text as BEGIN. A shortcut dial string that goes beyond the code wins over the offer */
	MACHINE_INPUT,  /* text = what was typed, any bytes of valid UTF-8 */
	MACHINE_RESULT, /* the give that was asked for: `result` */
	MACHINE_APP, /* the app answered: result GIVEN, `text` = its words, `ends` = it is done; LATER/FAILED = it did not: `else` */
	MACHINE_FACTS /* result GIVEN: port->system() knows "balance", "bundles" now; LATER/FAILED: the screen's else */
};
enum machine_result {
	MACHINE_GIVEN,  /* granted now, durable */
	MACHINE_AGAIN,  /* the key was used before */
	MACHINE_LATER,  /* not known in time */
	MACHINE_FAILED, /* certainly not done: apology */
	MACHINE_REFUSED /* certainly not done, for a reason that the subscriber is told: `refusal` */
};
struct machine_in {
	enum machine_event event;
	const char *text;
	uint16_t screen;
	enum machine_result result;
	enum refusal refusal; /* MACHINE_REFUSED */
	bool ends;            /* MACHINE_APP */
};

enum machine_verdict {
	MACHINE_SHOW /* wants an answer */,
	MACHINE_END /* last screen */,
	MACHINE_WAIT /* for a result */
};
struct machine_out {
	enum machine_verdict verdict;
	bool bad_input; /* the answer was refused: the same screen again */
	bool our_fault; /* the text is the apology */
	bool shortened; /* an app's words were cut to the page */
	size_t len;
	char text[MACHINE_TEXT_SIZE];
	const char *lasting; /* the same text, as long as the book lives; NULL = it was made for this step */
};

void walk_init(struct walk *w, uint8_t language);
void machine_step(const struct book *b, struct walk *w, const struct machine_in *in,
                  const struct machine_port *port, struct machine_out *out);

/* The buy screen that texts speak of where the walk stands, for {price} and {gives}: the one that is entered, was
 * entered last, or that the menu at hand asks about. NULL = none. */
const struct book_screen *machine_deal(const struct book *b, const struct walk *w);

/* What a purchase that was refused says, on the screen and by SMS: a screen that ends, or when there is none the word. */
uint16_t machine_unsold_screen(const struct book_screen *at, enum refusal why);
enum book_word machine_unsold_word(enum refusal why);

/* Render `t` in a language with its {variables} into out; returns the length. For notices sent outside of a step. */
size_t machine_render(const struct book *b, const struct book_text *t, size_t language,
                      const struct machine_port *port, char *out, size_t size);

#endif
