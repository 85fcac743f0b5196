/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Book: one service's menu file, compiled.
 *
 * Invariant: a book never changes after book_load; dialogues hold a reference to the book on which they began
 * (promise 5) and it is freed with the last one. Screens, texts and choices are indexes into it.
 * Language of the files: docs/menus.md.
 */
#ifndef STARHASH_MENUS_BOOK_H
#define STARHASH_MENUS_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/findings.h"
#include "core/profile.h"
#include "core/rc.h"
#include "core/refusal.h"

#define BOOK_MAX_LANGUAGES 16
#define BOOK_MAX_SCREENS 4096
#define BOOK_MAX_CHOICES 200 /* on one screen, over all its pages */
#define BOOK_MAX_KEYWORDS 32
#define BOOK_MAX_ROWS 5000  /* of one list */
#define BOOK_TEXT_MAX 1000  /* bytes of one text in one language */
#define BOOK_VERSION_MAX 31 /* bytes of the version of a consent */
#define BOOK_NO_SCREEN 0xffff

struct country;

/* A bundle of starhash.conf, as far as menus tell of it. */
struct book_bundle {
	const char *gives;  /* "1 GB" */
	int64_t price;      /* hundredths; 0 = none */
	const char *unsold; /* why it cannot be bought, with or without a price, and */
	const char *remedy; /* what to do; NULL = it can */
};

/* What a book may refer to. Borrowed for the load only, except `forget`, `condition` and `ctx`. */
struct book_env {
	const struct profile *profile;
	size_t n_bundles;
	const char *const *bundles;       /* names from starhash.conf */
	const struct book_bundle *bundle; /* the same ones; NULL = not known: nothing is said about prices */
	const char *currency;             /* of their prices, "KES"; NULL = not known */
	size_t page;                      /* characters of one screen, 160 by default */
	/* Number of a prepared condition. RC_OK, or RC_SYNTAX with `why`. NULL = conditions are taken unchecked, all
	 * false. */
	enum rc (*condition)(void *ctx, const char *sql, int *number, char *why, size_t why_size);
	void (*forget)(void *ctx, int number); /* may be NULL; called when the book is freed */
	void *ctx;
	/* What the checker measures against; 0 and NULL = not known (menus/check.h). */
	size_t n_relations;
	const char *const *relations;  /* types of starhash.conf; NULL = not known */
	int64_t answer_within_ms;      /* the network's patience with one answer of ours */
	const struct country *country; /* reserved codes and words (menus/country.h) */
	bool gsm_only;                 /* the USSD centre takes no UCS-2 */
	bool without_translations; /* do not look for .po files: a text that is not there yet is the first language's */
};

/* A text in each language: text[language], UTF-8. */
struct book_text {
	const char *in[BOOK_MAX_LANGUAGES];
};

/* Kinds up to BOOK_CONSENT show a screen of ours and take an answer. */
enum book_kind {
	BOOK_MENU,
	BOOK_ASK,
	BOOK_PICK,
	BOOK_LIST,
	BOOK_INVITE, /* the next three ask for somebody else's number: book_asks_number */
	BOOK_LEAVE,
	BOOK_REFER,
	BOOK_CONSENT,
	BOOK_WHEN,
	BOOK_GIVE,
	BOOK_BUY,
	BOOK_APP,
	BOOK_END
};
const char *book_kind_name(enum book_kind k);

struct book_choice {
	struct book_text label;
	uint16_t next;     /* menu: screen */
	const char *value; /* pick: what is saved; else NULL */
	int line;
};

struct book_when {
	int condition; /* -1 = else */
	const char *sql;
	uint16_t next;
	int line;
};

/* Facts of the charging system, asked for before a screen that shows them: {balance}, {bundles}. Bits of book_screen.facts. */
enum book_fact { BOOK_FACT_BALANCE = 1, BOOK_FACT_BUNDLES = 2 };

/* How an HTTP app is spoken to; names in files: africastalking, hubtel, arkesel, infobip, nalo. */
enum book_speaks {
	BOOK_SPEAKS_AFRICASTALKING,
	BOOK_SPEAKS_HUBTEL,
	BOOK_SPEAKS_ARKESEL,
	BOOK_SPEAKS_INFOBIP,
	BOOK_SPEAKS_NALO,
	BOOK_SPEAKS_COUNT_
};

/* Rows of a list, loaded with the book. */
struct book_row {
	const char *value; /* what is saved */
	struct book_text label;
};

enum book_check {
	BOOK_AS_TEXT,
	BOOK_AS_NAME,
	BOOK_AS_DIGITS,
	BOOK_AS_YEAR,
	BOOK_AS_DATE,
	BOOK_AS_NUMBER,
	BOOK_AS_MSISDN,
	BOOK_AS_AMOUNT,
	BOOK_AS_PIN,
	BOOK_AS_COUNT_
};
const char *book_check_name(enum book_check as);
const char *book_speaks_name(enum book_speaks speaks);

#define BOOK_SAVE_LANGUAGE (-2) /* pick.save = "language" */

struct book_screen {
	const char *name;
	enum book_kind kind;
	int line;
	const struct book_text *say;   /* NULL = none */
	const struct book_text *sorry; /* NULL = the book's word */
	const char *dial;              /* shortcut "*123*1#"; NULL = none */
	uint16_t next;    /* ask, pick, list; app: where its END leads; BOOK_NO_SCREEN otherwise */
	bool once;        /* ask, pick, list: nobody is asked whose answer is known */
	size_t n_choices; /* menu, pick, consent (yes = 0, no = 1) */
	const struct book_choice *choice;
	size_t n_whens;
	const struct book_when *when;
	struct {
		int field; /* profile index */
		enum book_check as;
		uint16_t min, max; /* characters */
		uint8_t tries;
		bool secret;    /* shown nowhere, kept out of logs */
		bool has_range; /* number, amount, year: low <= answer <= high */
		int64_t low, high;
	} ask;
	/* field: profile index or BOOK_SAVE_LANGUAGE. Several: `min`..`max` choices, saved as "a,b" */
	struct {
		int field;
		bool several;
		uint8_t min, max;
	} pick;
	/* rows sorted as in the file; by_value: their numbers, sorted by value */
	struct {
		int field;
		size_t n_rows;
		const struct book_row *row;
		const uint16_t *by_value;
	} list;
	struct {
		const char *url;
		enum book_speaks speaks;
		uint32_t within_ms;
		uint16_t otherwise;
	} app;
	uint8_t facts;            /* bits of enum book_fact that its texts need */
	uint32_t facts_within_ms; /* deadline of the facts, 1500 by default */
	uint16_t facts_otherwise; /* screen when they do not come; BOOK_NO_SCREEN = the apology */
	struct {
		const char *purpose;
		const char *version; /* of its words in all languages: 8 hex digits, or as the file says */
		bool is_marketing;   /* a no is not asked about again */
		bool always;         /* asked again, whatever was said before */
	} consent;
	/* invite, leave, refer. Words for the other are in the languages of the file, with {other} for a number. */
	struct {
		const char *type;                    /* of relation; refer has none */
		const char *version, *asked_version; /* of `say`, and of `ask` */
		const struct book_text *ask, *yes, *no, *joined,
			*left;  /* `joined`, `left`: NULL = nothing is told */
		uint16_t again; /* asked lately; leave: there is nothing; refer: said before, or too late */
		uint16_t full;  /* no more now */
	} number;
	struct {
		const char *bundle, *once;
		uint16_t otherwise, again; /* `else`; `again` = key used before, BOOK_NO_SCREEN = the word */
		uint16_t refused;          /* for another reason; BOOK_NO_SCREEN = the reason's word */
	} give;
	struct {
		const char *bundle, *gives;
		int64_t price; /* hundredths, as it was when the menu was read: what is shown is what is taken */
		const char *minor;                 /* the same in digits, for texts */
		uint16_t otherwise, poor, refused; /* `else`; not enough balance; any other reason */
	} buy;
	const struct book_text *sms; /* notice sent with this screen's action; NULL = none */
	const struct book_text *end; /* give, buy, end */
	const char *withdraw;        /* end screens: purpose; NULL = none */
	bool erase;                  /* end screens: erase everything told */
	bool stop;                   /* end screens: the same as the word STOP */
	bool copy;                   /* end screens: a copy of what is known is asked for */
};

/* Words that the machine says itself, in each language; built in for en, sw, fr, pt, es (others get English), changed by
 * the file's `words` group. */
enum book_word {
	BOOK_WORD_BACK,
	BOOK_WORD_HOME,
	BOOK_WORD_MORE, /* labels of the keys */
	BOOK_WORD_RESUME,
	BOOK_WORD_CONTINUE,
	BOOK_WORD_RESTART, /* "Continue where you stopped?" ... */
	BOOK_WORD_CHOOSE,  /* after a bad choice: "Please choose a number from the list." */
	BOOK_WORD_SEVERAL, /* the same where several may be chosen */
	BOOK_WORD_SEARCH,  /* nothing in a list is like what was typed */
	BOOK_WORD_SORRY,   /* after a bad answer without a sorry of its own */
	BOOK_WORD_TRIES,   /* tries used up: ends the dialogue */
	BOOK_WORD_APOLOGY, /* our fault: ends the dialogue, nothing was stored */
	BOOK_WORD_LATER,   /* too slow: result comes by SMS */
	BOOK_WORD_AGAIN,   /* a bonus that is given once was given before, and the screen has no `again` */
	BOOK_WORD_SWAP,    /* why somebody does not get something (core/refusal.h), also by SMS: */
	BOOK_WORD_DAY,
	BOOK_WORD_SPENT,
	BOOK_WORD_REVIEW,
	BOOK_WORD_POOR,
	BOOK_WORD_BARRED,
	BOOK_WORD_REFUSED,  /* by the charging system, for a reason of its own */
	BOOK_WORD_DECLINED, /* by a person, after a review: by SMS */
	BOOK_WORD_UNSOLD,   /* a purchase: it was not made, and nothing was taken */
	BOOK_WORD_UNAGREED, /* an answer whose consent does not stand, or not any more: ends the dialogue, it was not stored */
	BOOK_WORD_ASKED, /* an invitation: they were asked lately, or belong together */
	BOOK_WORD_FULL,  /* no more invitations now; or, to who says yes, no more room */
	BOOK_WORD_OVER,  /* by SMS: an answer that comes too late */
	BOOK_WORD_YES,   /* what answers an invitation by SMS */
	BOOK_WORD_NO,
	BOOK_WORD_BUSY, /* overload: new dialogues */
	BOOK_WORD_STOPPED,
	BOOK_WORD_STARTED,
	BOOK_WORD_HELP, /* SMS words STOP, START, HELP */
	BOOK_WORDS_
};

struct book {
	const char *path; /* as given to book_load */
	const char *name; /* file name without directory and .conf: "join" */
	const char *code; /* "*123#"; NULL = none */
	size_t n_keywords;
	const char *keyword[BOOK_MAX_KEYWORDS]; /* upper case */
	size_t n_languages;
	const char *language[BOOK_MAX_LANGUAGES];
	uint16_t start;
	int64_t resume_ms; /* 0 = no resume */
	size_t page;
	const char *key_back, *key_home, *key_more;
	const char *currency; /* of prices; "" = not known */
	struct book_text word[BOOK_WORDS_];
	size_t n_screens;
	const struct book_screen *screen;
	uint64_t version; /* hash of the file's bytes: equal files, equal versions */
	/* the rest is private to book.c */
	struct region *region;
	unsigned references;
	struct book_env env; /* only forget and ctx are kept */
};

/* Read, compile and check the shape of one file (unknown keys, missing screens, missing languages,
 * conditions). `findings` gets every message with line and remedy; the result is RC_OK only when none of
 * this load's is an error. The book begins with one reference.
 * Returns RC_OK; RC_NOTFOUND (no such file); RC_SYNTAX (findings say); RC_NOMEM. */
enum rc book_load(const char *path, const struct book_env *env, struct findings *findings,
                  struct book **out) RC_NODISCARD;
/* The same from memory; `path` is used in messages. */
enum rc book_load_text(const char *text, const char *path, const struct book_env *env,
                       struct findings *findings, struct book **out) RC_NODISCARD;

struct book *book_ref(struct book *b);
void book_unref(struct book *b); /* NULL is fine */

/* Does it take somebody else's number: invite, leave, refer? */
static inline bool book_asks_number(const struct book_screen *s)
{
	return s->kind >= BOOK_INVITE && s->kind <= BOOK_REFER;
}

uint16_t book_screen_by_name(const struct book *b, const char *name); /* BOOK_NO_SCREEN */
int book_language_by_code(const struct book *b, const char *code);    /* -1 */
/* Text in a language, falling back to the first; never NULL. */
const char *book_say(const struct book_text *t, size_t language);
/* The word for a reason; the apology for none. */
enum book_word book_word_refused(enum refusal why);
/* Does `dialled` ("*123#", "*123*1#", "*123*1*2#", "123") belong to this book? It does when it is the code or goes on
 * from it with '*'. A bare short code "123" equals "*123#". */
bool book_answers(const struct book *b, const char *dialled);
/* Index of the keyword that an SMS text begins with (first word, case and punctuation ignored), or -1. */
int book_keyword(const struct book *b, const char *sms);

#endif
