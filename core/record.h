/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record at hand: what is known of one subscriber while a dialogue runs.
 *
 * Made by the store from its rows, changed by the dialogue as answers come, read by conditions and texts. Compact,
 * because one stays in memory for each open dialogue. Owned by whoever holds the pointer.
 */
#ifndef STARHASH_CORE_RECORD_H
#define STARHASH_CORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/profile.h"
#include "core/rc.h"

enum subscriber_state { SUBSCRIBER_ANONYMOUS, SUBSCRIBER_DECLARED, SUBSCRIBER_VERIFIED };
const char *subscriber_state_name(enum subscriber_state s); /* "anonymous", "declared", "verified" */

#define RECORD_LANGUAGE_SIZE 8 /* "en", "sw", "pt-br"; with NUL */
#define RECORD_MAX_CONSENTS 16

struct record; /* opaque */

/* An unknown subscriber: id 0, anonymous, no values. `profile` is borrowed and must outlive the record.
 * NULL when memory is out. */
struct record *record_new(const struct profile *profile, int64_t msisdn);
void record_free(struct record *r);
struct record *record_clone(const struct record *r); /* NULL when memory is out */

int64_t record_id(const struct record *r);
int64_t record_msisdn(const struct record *r);
enum subscriber_state record_state(const struct record *r);
const char *record_language(const struct record *r); /* "" = never chosen */
int64_t record_first_seen_ms(const struct record *r);
int64_t record_last_seen_ms(const struct record *r);
bool record_is_stopped(const struct record *r);
const struct profile *record_profile(const struct record *r);

void record_set_id(struct record *r, int64_t id);
void record_set_seen_ms(struct record *r, int64_t first_ms, int64_t last_ms);
void record_set_stopped(struct record *r, bool stopped);
void record_set_state(struct record *r, enum subscriber_state s); /* as stored; record_settle may change it */

/* Whether the country lets somebody be anonymous, and how many days they have if not: set when the record is loaded. */
void record_set_identity(struct record *r, bool may_be_anonymous, unsigned grace_days);
bool record_must_register(const struct record *r); /* is anonymous where that is not allowed */
int record_grace_days(const struct record *r);     /* -1: anonymity is allowed */
/* How many of those whom they brought have registered. */
unsigned record_referrals(const struct record *r);
void record_set_referrals(struct record *r, unsigned n);
/* With how many people they are related (docs/relations.md); whether they have said by whom they heard of us. */
unsigned record_related(const struct record *r);
void record_set_related(struct record *r, unsigned n);
bool record_is_referred(const struct record *r);
void record_set_referred(struct record *r, bool is_referred);
/* RC_OK; RC_RANGE (too long). */
enum rc record_set_language(struct record *r, const char *language) RC_NODISCARD;

/* Value of a field, NULL if not known. Valid until the next record_set_value/_free. */
const char *record_value(const struct record *r, size_t field);
/* Set (value) or forget (NULL). Another value in a private field that registration requires makes a verified subscriber
 * a declared one: it was the old one that was proven. RC_OK; RC_RANGE (longer than PROFILE_VALUE_MAX, or no such field);
 * RC_NOMEM. */
enum rc record_set_value(struct record *r, size_t field, const char *value) RC_NODISCARD;

/* What they have answered for a purpose. A consent that was given and is over (profile_purpose.lasts_ms) is NONE: ask again. */
enum record_consent {
	RECORD_CONSENT_NONE,    /* never asked, or long ago */
	RECORD_CONSENT_GRANTED, /* it stands */
	RECORD_CONSENT_REFUSED  /* or withdrawn */
};
enum record_consent record_consent_state(const struct record *r, const char *purpose);
/* Does a consent to `purpose` stand? The purpose "" always stands. */
bool record_has_consent(const struct record *r, const char *purpose);
/* stands = false: refused, or withdrawn. A refusal that finds no place is not kept (it counts as NONE), and one is given
 * up for a consent. RC_OK; RC_FULL (over RECORD_MAX_CONSENTS that stand); RC_RANGE (name too long); RC_NOMEM. */
enum rc record_set_consent(struct record *r, const char *purpose, bool stands) RC_NODISCARD;
/* STOP: every consent to marketing that stands is withdrawn here. How many. What was told under them goes as well. */
size_t record_withdraw_marketing(struct record *r);

/* Recompute state from the rule: declared when every required field is present under a consent that
 * stands; verified is never lowered here except to anonymous when that no longer holds.
 * A profile that requires nothing never makes anybody declared. */
void record_settle(struct record *r);
bool record_is_registered(const struct record *r); /* state != anonymous */

/* Forget everything that was told: values, consents, language; state anonymous. */
void record_erase(struct record *r);

#endif
