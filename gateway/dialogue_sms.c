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

static const struct {
	const char *text;
	enum dialogue_word word;
} words[] = {
	{"STOP", DIALOGUE_WORD_STOP},   {"STOPALL", DIALOGUE_WORD_STOP}, {"UNSUBSCRIBE", DIALOGUE_WORD_STOP},
	{"CANCEL", DIALOGUE_WORD_STOP}, {"END", DIALOGUE_WORD_STOP},     {"QUIT", DIALOGUE_WORD_STOP},
	{"ARRET", DIALOGUE_WORD_STOP},  {"ACHA", DIALOGUE_WORD_STOP},    {"SIMAMA", DIALOGUE_WORD_STOP},
	{"START", DIALOGUE_WORD_START}, {"UNSTOP", DIALOGUE_WORD_START}, {"ANZA", DIALOGUE_WORD_START},
	{"HELP", DIALOGUE_WORD_HELP},   {"INFO", DIALOGUE_WORD_HELP},    {"AIDE", DIALOGUE_WORD_HELP},
	{"MSAADA", DIALOGUE_WORD_HELP},
};

/* The word that a text consists of; more than one word is an answer or a keyword, not a command. */
static enum dialogue_word word_of(const char *text)
{
	char first[16];
	size_t n = 0;

	while (*text != '\0' && !isalnum((unsigned char)*text))
		text++;
	while (isalnum((unsigned char)text[n]) && n < sizeof(first) - 1) {
		first[n] = (char)toupper((unsigned char)text[n]);
		n++;
	}
	first[n] = '\0';
	for (const char *rest = text + n; *rest != '\0'; rest++)
		if (isalnum((unsigned char)*rest) || (*rest & 0x80))
			return DIALOGUE_WORD_NONE;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(first, words[i].text) == 0)
			return words[i].word;
	return DIALOGUE_WORD_NONE;
}

static void refuse(struct dialogues *ds, const struct dialogue_input *in, uint32_t status)
{
	ds->port.acknowledge(ds->port.ctx, in, status);
}

static void begin(struct dialogues *ds, struct dialogue *d, const struct dialogue_input *in, struct book *b,
                  int keyword, enum dialogue_word word)
{
	struct dialogue_key key = {.msisdn = in->event.msisdn, .group = in->group, .sms = 1};
	/* STOP is taken whatever the load. */
	bool full = word != DIALOGUE_WORD_STOP &&
	            (ds->draining || ds->open >= (size_t)ds->options.config->dialogues_max);

	b = book_ref(b); /* it may be the closing dialogue's, and that one the last to hold it */
	if (d != NULL && dialogue_is_open(d))
		dialogue_close(d, STORE_END_REPLACED);
	if (d == NULL && !full)
		d = dialogue_new(ds, &key);
	if (d == NULL || full) {
		book_unref(b);
		ds->counters.shed++;
		refuse(ds, in, PDU_RX_T_APPN);
		return;
	}
	dialogue_reset(d);
	dialogue_note_input(d, in);
	d->keyword = (int8_t)keyword;
	d->book = b;
	d->sms_word = (uint8_t)word;
	d->began_ms = actions_utc_ms(d);
	ds->counters.begun += word == DIALOGUE_WORD_NONE;
	dialogue_set_state(d, DIALOGUE_ST_LOADING);
	dialogue_load(d);
}

static void input(struct dialogue *d, const struct dialogue_input *in)
{
	if (dialogue_is_ours(d)) { /* texts can cross; the SMSC keeps this one until we are done */
		d->all->counters.wrong_turn++;
		refuse(d->all, in, PDU_RX_T_APPN);
		return;
	}
	d->all->counters.inputs++;
	dialogue_note_input(d, in);
	turn_input(d, in->event.text);
}

/* Somebody wrote something that no service waits for. */
static void unrouted(struct dialogues *ds, struct dialogue *d, const struct dialogue_input *in)
{
	ds->counters.sms_unrouted++;
	if (services_count(ds->options.services) == 0 ||
	    (d != NULL && d->state == DIALOGUE_ST_CLOSED && d->sms_word == DIALOGUE_WORD_HELP)) {
		refuse(ds, in, PDU_ROK);
		return;
	}
	begin(ds, d, in, services_at(ds->options.services, 0), -1, DIALOGUE_WORD_HELP);
}

void sms_receive(struct dialogues *ds, const struct dialogue_input *in)
{
	struct dialogue_key key = {.msisdn = in->event.msisdn, .group = in->group, .sms = 1};
	struct dialogue *d = dialogue_by_key(ds, &key);
	enum dialogue_word word = word_of(in->event.text);
	int keyword = -1;
	struct book *b;

	ds->counters.sms_in++;
	if (d != NULL && dialogue_is_duplicate(d, in)) {
		dialogue_duplicate(d, in);
		return;
	}
	/* A turn in progress is concluded first. STOP alone does not wait, but for a STOP that is being stored. */
	if (d != NULL && dialogue_is_ours(d) &&
	    (word != DIALOGUE_WORD_STOP || d->sms_word == DIALOGUE_WORD_STOP)) {
		input(d, in);
		return;
	}
	b = services_by_sms(ds->options.services, in->event.text, &keyword);
	if (word != DIALOGUE_WORD_NONE && services_count(ds->options.services) > 0) {
		struct book *spoken =
			d != NULL && d->book != NULL ? d->book : services_at(ds->options.services, 0);

		begin(ds, d, in, spoken, -1, word);
	} else if (b != NULL) {
		begin(ds, d, in, b, keyword, DIALOGUE_WORD_NONE);
	} else if (d != NULL && dialogue_is_open(d)) {
		input(d, in);
	} else {
		unrouted(ds, d, in);
	}
}

/* STOP is confirmed once; a second STOP is stored and met with silence. */
static const char *word_answer(const struct dialogue *d, uint8_t language)
{
	switch ((enum dialogue_word)d->sms_word) {
	case DIALOGUE_WORD_STOP:
		return record_is_stopped(d->record) ? ""
		                                    : book_say(&d->book->word[BOOK_WORD_STOPPED], language);
	case DIALOGUE_WORD_START:
		return book_say(&d->book->word[BOOK_WORD_STARTED], language);
	default:
		return book_say(&d->book->word[BOOK_WORD_HELP], language);
	}
}

void sms_word_found(struct dialogue *d)
{
	int language = book_language_by_code(d->book, record_language(d->record));
	bool stop = d->sms_word == DIALOGUE_WORD_STOP;

	d->steps = 1;
	walk_init(&d->walk, language > 0 ? (uint8_t)language : 0);
	free(d->answer);
	d->answer = strdup(word_answer(d, d->walk.language));
	d->answer_last = true;
	if (d->answer == NULL || !actions_open(d) ||
	    (d->sms_word != DIALOGUE_WORD_HELP && store_batch_stop(d->batch, stop) != RC_OK) ||
	    !actions_account(d, STORE_END_COMPLETED)) {
		turn_fail(d);
		return;
	}
	dialogue_set_state(d, DIALOGUE_ST_STORING);
	if (!actions_write_turn(d))
		turn_fail(d);
}
