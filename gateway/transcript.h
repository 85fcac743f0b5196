/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transcripts: a live USSD dialogue as the lines of a talk file (docs/talks.md), for `starhash record`.
 *
 * Personal data never gets into a transcript: what somebody types is replaced by something made up of the same kind before it
 * is kept, and so is every place where a screen shows it, a stored value or the subscriber's number. In the place of what somebody
 * chose (of a pick, of a list) stands the first choice of all, whatever it was (transcript_choices.h). The real words are held,
 * to find them again, until the dialogue ends, and wiped then. What an app says of its own knowledge cannot be told from
 * the menu's words and stays (docs/talks.md).
 *
 * Bounds: TRANSCRIPTS_MAX at a time, TRANSCRIPT_BYTES each, TRANSCRIPT_MS from the asking on; nothing is written anywhere.
 */
#ifndef STARHASH_GATEWAY_TRANSCRIPT_H
#define STARHASH_GATEWAY_TRANSCRIPT_H

#include "gateway/dialogue.h"

#define TRANSCRIPTS_MAX 8
#define TRANSCRIPT_BYTES 32768
#define TRANSCRIPT_MS (10 * 60 * 1000)
#define TRANSCRIPT_NUMBER "254700000001" /* who dials in every transcript */

struct dialogue;
struct transcripts;

/* Ask for the next dialogue of a subscriber, and ask again for what has become of it.
 * Returns RC_OK (it has ended: *lines is the caller's to free, and it is forgotten here); RC_BUSY (it has not begun, or goes
 * on); RC_FULL (TRANSCRIPTS_MAX are asked for already); RC_NOMEM. */
enum rc transcript_ask(struct dialogues *ds, int64_t msisdn, char **lines) RC_NODISCARD;
void transcripts_free(struct transcripts *t); /* NULL is fine */

/* --- what happens, told by the dialogue; each is nothing when nobody asked for it ------------------------------- */

/* Is one being written of this dialogue? Then its address is known here. */
bool transcript_is_of(const struct dialogue *d);
void transcript_begun(struct dialogue *d, uint16_t resume_screen);
void transcript_typed(struct dialogue *d, const char *text); /* before the step */
void transcript_said(struct dialogue *d);                    /* d->answer */
void transcript_app(struct dialogue *d, enum rc rc, const char *text, bool ends);
void transcript_given_before(struct dialogue *d); /* the give on which it stands had been given */
void transcript_slow(struct dialogue *d);         /* the charging system did not answer in time */
void transcript_closed(struct dialogue *d, enum store_outcome outcome);

#endif
