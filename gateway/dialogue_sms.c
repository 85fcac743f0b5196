/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS in: STOP, START and HELP before everything (promise 7), then keywords, then answers to an open SMS dialogue.
 *
 * The deliver_sm is acknowledged only when what it asked for is durable; if the store fails, the SMSC gets a temporary
 * error and delivers it again. Texts that nobody waits for get the help text, once a minute at most, so that two machines
 * never talk to each other for ever.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/dialogue_private.h"
#include "gateway/status.h"

/* `wins`: also when more words follow; nobody who begins with it means anything else (promise 7). */
static const struct {
	const char *text;
	enum dialogue_word word;
	bool wins;
} words[] = {
	{"STOP", DIALOGUE_WORD_STOP, true},        {"STOPALL", DIALOGUE_WORD_STOP, true},
	{"UNSUBSCRIBE", DIALOGUE_WORD_STOP, true}, {"ARRET", DIALOGUE_WORD_STOP, true},
	{"ACHA", DIALOGUE_WORD_STOP, true},        {"SIMAMA", DIALOGUE_WORD_STOP, true},
	{"CANCEL", DIALOGUE_WORD_STOP, false},     {"END", DIALOGUE_WORD_STOP, false},
	{"QUIT", DIALOGUE_WORD_STOP, false},       {"START", DIALOGUE_WORD_START, false},
	{"UNSTOP", DIALOGUE_WORD_START, false},    {"ANZA", DIALOGUE_WORD_START, false},
	{"HELP", DIALOGUE_WORD_HELP, false},       {"INFO", DIALOGUE_WORD_HELP, false},
	{"AIDE", DIALOGUE_WORD_HELP, false},       {"MSAADA", DIALOGUE_WORD_HELP, false},
};

static bool is_letter(char c)
{
	return isalnum((unsigned char)c) || (c & 0x80);
}

/* The first word in capitals; *alone = nothing but punctuation follows. Spaced letters, "S T O P", are one word. */
static void first_word(const char *text, char *out, size_t size, bool *alone)
{
	size_t n = 0;

	while (*text != '\0' && !is_letter(*text))
		text++;
	while (*text != '\0' && n < size - 1) {
		bool spaced = text[0] == ' ' && is_letter(text[1]) && !is_letter(text[2]) && n > 0 &&
		              (n == 1 || text[-2] == ' ');

		if (!isalnum((unsigned char)*text) && !spaced)
			break;
		if (!spaced)
			out[n++] = (char)toupper((unsigned char)*text);
		text++;
	}
	out[n] = '\0';
	*alone = true;
	for (; *text != '\0'; text++)
		if (is_letter(*text))
			*alone = false;
}

/* No command begins with a digit, and most of what people type on a menu does. */
static bool is_number(const char *text)
{
	while (*text != '\0' && !is_letter(*text))
		text++;
	return isdigit((unsigned char)*text);
}

/* The command that a text is; more than one word is an answer or a keyword, but for the words that win. */
static enum dialogue_word word_of(const char *text)
{
	char first[16];
	bool alone;

	if (is_number(text))
		return DIALOGUE_WORD_NONE;
	first_word(text, first, sizeof(first), &alone);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(first, words[i].text) == 0 && (alone || words[i].wins))
			return words[i].word;
	return DIALOGUE_WORD_NONE;
}

bool sms_says_stop(const char *text)
{
	return word_of(text) == DIALOGUE_WORD_STOP;
}

bool sms_is_stop(const char *text)
{
	char first[16];
	bool alone;

	if (is_number(text))
		return false;
	first_word(text, first, sizeof(first), &alone);
	for (size_t i = 0; alone && i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].wins && strcmp(first, words[i].text) == 0)
			return true;
	return false;
}

static void refuse(struct dialogues *ds, const struct dialogue_input *in, uint32_t status)
{
	if (status == PDU_ROK)
		dialogue_seen(ds, in);
	else
		flood_unstop(ds->flood,
		             in->event.msisdn); /* it comes again, and must not be taken for done */
	ds->port.acknowledge(ds->port.ctx, in, status);
}

/* What was on its way to them and nobody but us began, stays away (promise 7). */
void sms_hear_stop(struct dialogues *ds, int64_t msisdn, const struct dialogue *self)
{
	tell_others(ds, msisdn, self, TELL_STOP, NULL);
	push_stop(ds, msisdn);
	notices_recall(ds->notices, msisdn);
}

static void begin(struct dialogues *ds, struct dialogue *d, const struct dialogue_input *in, struct book *b,
                  int keyword, enum dialogue_word word)
{
	struct dialogue_key key = {.msisdn = in->event.msisdn, .group = in->group, .sms = 1};
	/* STOP is taken whatever the load. */
	enum dialogue_shed why =
		word != DIALOGUE_WORD_STOP ? dialogue_overload(ds, in->group) : DIALOGUE_SHED_NOT;
	bool was_helped = d != NULL && d->state == DIALOGUE_ST_CLOSED && d->sms_word == DIALOGUE_WORD_HELP;

	b = book_ref(b); /* it may be the closing dialogue's, and that one the last to hold it */
	if (d != NULL && dialogue_is_open(d))
		dialogue_close(d, STORE_END_REPLACED);
	if (d == NULL && why == DIALOGUE_SHED_NOT)
		d = dialogue_new(ds, &key);
	if (d == NULL || why != DIALOGUE_SHED_NOT) {
		book_unref(b);
		flood_unstop(ds->flood, in->event.msisdn);
		overload_shed(ds, in, why != DIALOGUE_SHED_NOT ? why : DIALOGUE_SHED_DIALOGUES, "");
		return;
	}
	dialogue_reset(d);
	dialogue_note_input(d, in);
	d->keyword = (int8_t)keyword;
	counts_take_book(d, b);
	book_unref(b);
	d->was_helped = was_helped;
	d->sms_word = (uint8_t)word;
	if (word == DIALOGUE_WORD_STOP)
		sms_hear_stop(ds, in->event.msisdn, d);
	d->began_ms = actions_utc_ms(d);
	ds->counters.begun += word == DIALOGUE_WORD_NONE;
	dialogue_set_state(d, DIALOGUE_ST_LOADING);
	dialogue_load(d);
}

static void input(struct dialogue *d, const struct dialogue_input *in)
{
	if (dialogue_is_ours(d)) { /* texts can cross; the SMSC keeps this one until we are done */
		d->all->counters.wrong_turn++;
		refuse(d->all, in, status_for(STATUS_CASE_OVERLOAD));
		return;
	}
	d->all->counters.inputs++;
	dialogue_note_input(d, in);
	turn_input(d, dialect_event_text(&in->event));
}

/* Somebody wrote something that no service waits for. */
static void unrouted(struct dialogues *ds, struct dialogue *d, const struct dialogue_input *in)
{
	struct dialogue_key key = {.msisdn = in->event.msisdn, .group = in->group, .sms = 1};

	ds->counters.sms_unrouted++;
	if (services_count(ds->options.services) == 0 ||
	    (d != NULL && d->state == DIALOGUE_ST_CLOSED && d->sms_word == DIALOGUE_WORD_HELP)) {
		refuse(ds, in, PDU_ROK);
		return;
	}
	begin(ds, d, in, services_at(ds->options.services, 0), -1, DIALOGUE_WORD_HELP);
	d = dialogue_by_key(ds, &key);
	if (d != NULL && d->state == DIALOGUE_ST_LOADING)
		d->uninvited = true;
}

void sms_receive(struct dialogues *ds, const struct dialogue_input *in)
{
	struct dialogue_key key = {.msisdn = in->event.msisdn, .group = in->group, .sms = 1};
	struct dialogue *d = dialogue_by_key(ds, &key);
	const char *text = dialect_event_text(&in->event);
	enum dialogue_word word = word_of(text);
	int keyword = -1;
	struct book *b;

	ds->counters.sms_in++;
	if (d != NULL && dialogue_is_duplicate(d, in)) {
		dialogue_duplicate(d, in);
		return;
	}
	if (dialogue_was_seen(ds, in)) {
		ds->counters.duplicates++;
		refuse(ds, in, PDU_ROK);
		return;
	}
	/* A turn in progress is concluded first. STOP alone does not wait, but for a STOP that is being stored. */
	if (d != NULL && dialogue_is_ours(d) &&
	    (word != DIALOGUE_WORD_STOP || d->sms_word == DIALOGUE_WORD_STOP)) {
		input(d, in);
		return;
	}
	b = services_by_sms(ds->options.services, text, &keyword);
	if (word != DIALOGUE_WORD_NONE && services_count(ds->options.services) > 0) {
		struct book *spoken =
			d != NULL && d->book != NULL ? d->book : services_at(ds->options.services, 0);

		begin(ds, d, in, spoken, -1, word);
	} else if (b != NULL) {
		begin(ds, d, in, b, keyword, DIALOGUE_WORD_NONE);
	} else if (d != NULL && dialogue_is_open(d)) {
		input(d, in);
	} else if (services_count(ds->options.services) > 0 &&
	           (word = relation_word(ds, text)) != DIALOGUE_WORD_NONE) {
		begin(ds, d, in, services_at(ds->options.services, 0), -1, word);
		d = dialogue_by_key(ds, &key);
		if (d != NULL && d->state == DIALOGUE_ST_LOADING) {
			d->uninvited = true; /* unless they were asked, which the store knows */
			d->walk.language = relation_language(d->book, text);
		}
	} else {
		unrouted(ds, d, in);
	}
}

/* STOP by SMS is confirmed once; a second one is stored and met with silence. A phone with an open USSD dialogue always
 * gets a screen. */
static const char *word_answer(const struct dialogue *d)
{
	switch ((enum dialogue_word)d->sms_word) {
	case DIALOGUE_WORD_STOP:
		if (record_is_stopped(d->record) && d->key.sms)
			return "";
		return book_say(&d->book->word[BOOK_WORD_STOPPED], d->walk.language);
	case DIALOGUE_WORD_START:
		return book_say(&d->book->word[BOOK_WORD_STARTED], d->walk.language);
	default:
		return book_say(&d->book->word[BOOK_WORD_HELP], d->walk.language);
	}
}

/* Wrong numbers, spam and lists that are tried out leave nothing behind but a counter. */
static bool is_stranger(const struct dialogue *d)
{
	return d->uninvited && record_id(d->record) == 0;
}

static void obey(struct dialogue *d)
{
	bool stop = d->sms_word == DIALOGUE_WORD_STOP;
	bool is_answer = d->sms_word == DIALOGUE_WORD_YES || d->sms_word == DIALOGUE_WORD_NO;

	(void)turn_keep(d, is_answer && d->was_helped ? "" : word_answer(d), false);
	d->answer_last = true;
	if (d->answer != NULL && is_stranger(d)) {
		d->all->counters.strangers++;
		d->sms_word = DIALOGUE_WORD_HELP; /* told once: the next one is met with silence */
		d->accounted = true;
		turn_send(d);
		return;
	}
	if (d->sms_word == DIALOGUE_WORD_START)
		tell_others(d->all, d->key.msisdn, d, TELL_START, NULL);
	if (d->answer == NULL || !actions_open(d) ||
	    (is_answer ? !relation_answer(d)
	               : d->sms_word != DIALOGUE_WORD_HELP && store_batch_stop(d->batch, stop) != RC_OK) ||
	    !actions_account(d, STORE_END_COMPLETED)) {
		turn_fail(d);
		return;
	}
	dialogue_set_state(d, DIALOGUE_ST_STORING);
	if (!actions_write_turn(d))
		turn_fail(d);
}

void sms_word_found(struct dialogue *d)
{
	int language = book_language_by_code(d->book, record_language(d->record));

	d->steps = 1;
	walk_init(&d->walk, language >= 0 ? (uint8_t)language : d->walk.language);
	obey(d);
}

void sms_stop_dialogue(struct dialogue *d)
{
	d->sms_word = DIALOGUE_WORD_STOP;
	sms_hear_stop(d->all, d->key.msisdn, d);
	obey(d);
}
