/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues that speak of somebody else: invitations, departures, referrals, and YES and NO by SMS (docs/relations.md).
 *
 * Invariant: what is said to the one who invites does not depend on who the other is; what the other is sent is a row of
 * the transaction that made it, so a restart loses none of it.
 */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "gateway/dialogue_private.h"
#include "gateway/route.h"
#include "menus/letters.h"
#include "menus/words.h"
#include "storage/store_relations.h"

#define EXPIRE_EVERY_MS 60000 /* how often invitations are looked at whose time is over */

/* By the link and from the address over which this subscriber is spoken to. */
static bool route_of(const struct dialogue *d, char *out, size_t size)
{
	struct notices_route r;

	dialogue_route(d, &r);
	r.subscriber = (struct pdu_address){.ton = MSISDN_TON_INTERNATIONAL, .npi = 1, .digits = STORE_OTHER};
	return route_write(d->all->options.config, &r, out, size);
}

bool relation_route(struct dialogue *d, const char *purpose)
{
	char way[STORE_ROUTE_SIZE];

	if (config_relation_by_type(&d->all->options.config->relations, purpose) == NULL)
		return true;
	return route_of(d, way, sizeof(way)) && store_batch_route_other(d->batch, way) == RC_OK;
}

/* --- asked for by a screen ------------------------------------------------------------------------------------------ */

/* A message abroad costs more than one at home, and whoever counts on that is no family: where the country is known, only
 * its numbers are taken. */
bool relation_number(void *ctx, const char *typed, char *out)
{
	const struct dialogue *d = ctx;
	const struct msisdn_plan *plan = &d->all->options.config->country;
	int64_t msisdn;

	if (msisdn_parse(typed, MSISDN_TON_UNKNOWN, plan, &msisdn) != RC_OK || msisdn == d->key.msisdn)
		return false;
	msisdn_text(msisdn, out);
	return strncmp(out, plan->code, strlen(plan->code)) == 0;
}

static const char *text_in(const struct book_text *t, size_t language)
{
	return t != NULL ? book_say(t, language) : "";
}

static bool invite(struct dialogue *d, const struct intent *i)
{
	const struct book_screen *at = i->screen;
	const struct config_relation *type =
		config_relation_by_type(&d->all->options.config->relations, i->purpose);
	struct store_invite_words in[BOOK_MAX_LANGUAGES];
	char way[STORE_ROUTE_SIZE];
	struct store_invite what = {.type = i->purpose,
	                            .words = i->words,
	                            .version = i->version,
	                            .asked_version = at->number.asked_version,
	                            .language = d->book->language[d->walk.language],
	                            .channel = dialogue_channel(d),
	                            .route = way,
	                            .n = d->book->n_languages,
	                            .in = in};

	if (type == NULL || !route_of(d, way, sizeof(way)) ||
	    msisdn_parse(i->text, MSISDN_TON_INTERNATIONAL, &(struct msisdn_plan){"", ""}, &what.msisdn) !=
	            RC_OK)
		return false;
	what.most = type->most;
	what.per_day = type->per_day;
	what.asked_per_day = type->asked_per_day;
	what.lasts_ms = type->expires_ms;
	what.again_after_ms = type->again_ms;
	for (size_t l = 0; l < what.n; l++)
		in[l] = (struct store_invite_words){.language = d->book->language[l],
		                                    .ask = text_in(at->number.ask, l),
		                                    .yes = text_in(at->number.yes, l),
		                                    .no = text_in(at->number.no, l),
		                                    .joined = text_in(at->number.joined, l),
		                                    .left = text_in(at->number.left, l)};
	return store_batch_invite(d->batch, &what) == RC_OK;
}

static bool leave(struct dialogue *d, const struct intent *i)
{
	char way[STORE_ROUTE_SIZE];
	int64_t msisdn;

	return route_of(d, way, sizeof(way)) &&
	       msisdn_parse(i->text, MSISDN_TON_INTERNATIONAL, &(struct msisdn_plan){"", ""}, &msisdn) ==
	               RC_OK &&
	       store_batch_leave(d->batch, i->purpose, msisdn, i->words, d->book->language[d->walk.language],
	                         dialogue_channel(d), way) == RC_OK;
}

bool relation_intent(struct dialogue *d, const struct intent *i)
{
	int64_t msisdn;

	if (i->kind == INTENT_INVITE)
		return invite(d, i);
	if (i->kind == INTENT_LEAVE)
		return leave(d, i);
	return msisdn_parse(i->text, MSISDN_TON_INTERNATIONAL, &(struct msisdn_plan){"", ""}, &msisdn) ==
	               RC_OK &&
	       store_batch_refer(d->batch, msisdn) == RC_OK;
}

enum machine_result relation_result(const struct store_result *r)
{
	switch (r->relation) {
	case STORE_RELATION_ASKED:
	case STORE_RELATION_LEFT:
	case STORE_RELATION_REFERRED:
		return MACHINE_GIVEN;
	case STORE_RELATION_AGAIN:
	case STORE_RELATION_NOTHING:
	case STORE_RELATION_LATE:
		return MACHINE_AGAIN;
	case STORE_RELATION_FULL:
	case STORE_RELATION_DAY:
		return MACHINE_REFUSED;
	default:
		return MACHINE_FAILED;
	}
}

/* As the machine goes on from each (menus/machine_number.c). */
void relation_keep_words(struct dialogue *d, struct turn_write *w)
{
	const struct book_screen *at = &d->book->screen[d->walk.screen];
	char text[MACHINE_TEXT_SIZE];
	bool has_again;

	if (d->walk.phase != WALK_WAITING || !book_asks_number(at))
		return;
	w->is_asked = true;
	has_again = at->number.again < d->book->n_screens;
	late_words(d, at->next, BOOK_WORDS_, text);
	free(w->text);
	w->text = strdup(text);
	late_words(d, has_again ? at->number.again : at->next,
	           at->kind == BOOK_INVITE && !has_again ? BOOK_WORD_ASKED : BOOK_WORDS_, text);
	w->again = strdup(text);
	late_words(d, at->number.full, BOOK_WORD_FULL, text);
	w->refused = strdup(text);
}

const char *relation_words(const struct turn_write *w, const struct store_result *r)
{
	if (r->rc != RC_OK)
		return w->apology;
	switch (relation_result(r)) {
	case MACHINE_GIVEN:
		return w->text;
	case MACHINE_AGAIN:
		return w->again;
	case MACHINE_REFUSED:
		return w->refused;
	default:
		return w->apology;
	}
}

/* The record at hand follows, so that what comes later in this dialogue knows. */
static void note(struct dialogue *d, const struct store_result *r)
{
	const struct book_screen *at = d->book != NULL && d->walk.screen < d->book->n_screens
	                                       ? &d->book->screen[d->walk.screen]
	                                       : NULL;

	if (r->relation == STORE_RELATION_ASKED && at != NULL && at->kind == BOOK_INVITE)
		(void)(record_set_consent(d->record, at->number.type, true) == RC_OK);
	else if (r->relation == STORE_RELATION_REFERRED)
		record_set_referred(d->record, true);
	else if (r->relation == STORE_RELATION_JOINED)
		record_set_related(d->record, record_related(d->record) + 1);
	else if (r->relation == STORE_RELATION_LEFT && record_related(d->record) > 0)
		record_set_related(d->record, record_related(d->record) - 1);
}

void relation_stored(struct dialogue *d, const struct store_result *r)
{
	const char *said = r->said;

	if (d->record != NULL)
		note(d, r);
	if (d->sms_word != DIALOGUE_WORD_YES && d->sms_word != DIALOGUE_WORD_NO)
		return;
	if (r->relation == STORE_RELATION_FULL)
		said = book_say(&d->book->word[BOOK_WORD_FULL], d->walk.language);
	else if (r->relation == STORE_RELATION_OVER)
		said = book_say(&d->book->word[BOOK_WORD_OVER], d->walk.language);
	else if (said == NULL) /* nobody has asked them: what they write is for nobody, and said so once */
		said = d->was_helped ? "" : book_say(&d->book->word[BOOK_WORD_HELP], d->walk.language);
	if (r->relation == STORE_RELATION_NOTHING)
		d->sms_word = DIALOGUE_WORD_HELP;
	(void)turn_keep(d, said, false);
	d->answer_last = true;
}

/* --- YES and NO ------------------------------------------------------------------------------------------------------ */

/* A word alone, with any signs around it. */
static bool is_word(const char *text, const char *word)
{
	uint32_t letter = 0, wanted;

	while (*text != '\0') {
		const char *next = text;

		if (letters_is_letter(text_utf8_next(&next)))
			break;
		text = next;
	}
	while ((wanted = text_utf8_next(&word)) != 0) {
		letter = text_utf8_next(&text);
		if (letter == 0 || letters_bare(letter) != letters_bare(wanted))
			return false;
	}
	while ((letter = text_utf8_next(&text)) != 0)
		if (letters_is_letter(letter) || (letter >= '0' && letter <= '9'))
			return false;
	return true;
}

/* The first language of this book in which it is the word; the book's number of languages when there is none. */
static size_t language_of(const struct book *b, const char *text, enum book_word word)
{
	size_t l = 0;

	while (l < b->n_languages && !is_word(text, book_say(&b->word[word], l)))
		l++;
	return l;
}

static bool is_answer(const struct dialogues *ds, const char *text, enum book_word word)
{
	static const char *const languages[] = {"en", "sw", "fr", "pt", "es"};

	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (is_word(text, words_builtin(word, languages[i])))
			return true;
	for (size_t i = 0; i < services_count(ds->options.services); i++) {
		const struct book *b = services_at(ds->options.services, i);

		if (language_of(b, text, word) < b->n_languages)
			return true;
	}
	return false;
}

/* Whoever has never chosen a language is answered in the one that they answer in. */
uint8_t relation_language(const struct book *b, const char *text)
{
	size_t yes = language_of(b, text, BOOK_WORD_YES), no = language_of(b, text, BOOK_WORD_NO);
	size_t l = yes < b->n_languages ? yes : no;

	return l < b->n_languages ? (uint8_t)l : 0;
}

enum dialogue_word relation_word(const struct dialogues *ds, const char *text)
{
	if (ds->options.config->relations.n == 0 || strlen(text) > 64)
		return DIALOGUE_WORD_NONE;
	if (is_answer(ds, text, BOOK_WORD_YES))
		return DIALOGUE_WORD_YES;
	return is_answer(ds, text, BOOK_WORD_NO) ? DIALOGUE_WORD_NO : DIALOGUE_WORD_NONE;
}

bool relation_answer(struct dialogue *d)
{
	char way[STORE_ROUTE_SIZE];

	return route_of(d, way, sizeof(way)) && store_batch_answer(d->batch, d->sms_word == DIALOGUE_WORD_YES,
	                                                           dialogue_channel(d), way) == RC_OK;
}

/* --- what becomes of them -------------------------------------------------------------------------------------------- */

void relation_count(struct dialogues *ds, const struct store_result *r, uint16_t group)
{
	if (r->rc != RC_OK)
		return;
	if ((size_t)r->relation < STORE_RELATIONS)
		ds->counters.relations[r->relation]++;
	if (r->told > 0)
		notices_wake(ds->notices, group);
}

static void on_expired(void *ctx, enum rc rc, int64_t n)
{
	struct dialogues *ds = ctx;

	ds->is_expiring = false;
	if (rc != RC_OK)
		return;
	ds->counters.invites_expired += (uint64_t)n;
	if (n >= STORE_EXPIRE_MAX)
		ds->expire_at_ms = 0;
}

int64_t relation_tick(struct dialogues *ds, int64_t now_ms)
{
	if (ds->options.config->relations.n == 0 || ds->closing)
		return INT64_MAX;
	if (now_ms >= ds->expire_at_ms && !ds->is_expiring) {
		ds->expire_at_ms = now_ms + EXPIRE_EVERY_MS;
		ds->is_expiring = store_relations_expire(ds->options.store, on_expired, ds) == RC_OK;
	}
	return ds->is_expiring ? INT64_MAX : ds->expire_at_ms;
}
