/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record at hand.
 *
 * Invariant: all values and the names of all purposes that were answered lie as NUL-terminated texts, without gaps, in
 * block[1..used); offset 0 means "none". A block of every field and consent at its longest stays far
 * below 64 KiB, so offsets are 16 bits. Bytes that are given up are wiped: they are a person's answers.
 */
#include "core/record.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_STEP 32 /* growth in bytes: two short values and a consent take one step */

_Static_assert(RECORD_MAX_CONSENTS <= 16, "a bit for each in `refused`");
_Static_assert(PROFILE_MAX_FIELDS *(PROFILE_VALUE_MAX + 1) + RECORD_MAX_CONSENTS * PROFILE_NAME_SIZE <
                       UINT16_MAX - 2 * BLOCK_STEP,
               "offsets into the block are 16 bits");

struct record {
	const struct profile *profile;
	int64_t id;
	int64_t msisdn;
	int64_t first_seen_ms;
	int64_t last_seen_ms;
	char *block;
	uint16_t used;
	uint16_t cap;
	uint8_t state;
	bool is_stopped;
	bool is_bound; /* anonymity is not allowed */
	uint16_t grace_days;
	uint16_t referrals, related;
	bool is_referred;
	uint16_t refused; /* a bit for each of consent_at: asked for, and not granted */
	uint8_t n_consents;
	uint8_t n_fields;
	char language[RECORD_LANGUAGE_SIZE];
	uint16_t consent_at[RECORD_MAX_CONSENTS]; /* the first n_consents are set */
	uint16_t value_at[];                      /* one for each field */
};

const char *subscriber_state_name(enum subscriber_state s)
{
	switch (s) {
	case SUBSCRIBER_ANONYMOUS:
		return "anonymous";
	case SUBSCRIBER_DECLARED:
		return "declared";
	case SUBSCRIBER_VERIFIED:
		return "verified";
	}
	return "unknown";
}

static size_t record_size(size_t n_fields)
{
	return sizeof(struct record) + n_fields * sizeof(uint16_t);
}

struct record *record_new(const struct profile *profile, int64_t msisdn)
{
	size_t n_fields = profile ? profile->n_fields : 0;
	struct record *r;

	if (n_fields > PROFILE_MAX_FIELDS)
		n_fields = PROFILE_MAX_FIELDS;
	r = calloc(1, record_size(n_fields));
	if (!r)
		return NULL;
	r->profile = profile;
	r->msisdn = msisdn;
	r->used = 1;
	r->n_fields = (uint8_t)n_fields;
	return r;
}

static void block_free(struct record *r)
{
	if (r->block)
		explicit_bzero(r->block, r->cap);
	free(r->block);
	r->block = NULL;
	r->used = 1;
	r->cap = 0;
}

void record_free(struct record *r)
{
	if (!r)
		return;
	block_free(r);
	free(r);
}

struct record *record_clone(const struct record *r)
{
	struct record *copy = malloc(record_size(r->n_fields));

	if (!copy)
		return NULL;
	memcpy(copy, r, record_size(r->n_fields));
	if (!r->block)
		return copy;
	copy->block = malloc(r->cap);
	if (!copy->block) {
		free(copy);
		return NULL;
	}
	memcpy(copy->block, r->block, r->used);
	return copy;
}

int64_t record_id(const struct record *r)
{
	return r->id;
}

int64_t record_msisdn(const struct record *r)
{
	return r->msisdn;
}

enum subscriber_state record_state(const struct record *r)
{
	return (enum subscriber_state)r->state;
}

const char *record_language(const struct record *r)
{
	return r->language;
}

int64_t record_first_seen_ms(const struct record *r)
{
	return r->first_seen_ms;
}

int64_t record_last_seen_ms(const struct record *r)
{
	return r->last_seen_ms;
}

bool record_is_stopped(const struct record *r)
{
	return r->is_stopped;
}

const struct profile *record_profile(const struct record *r)
{
	return r->profile;
}

void record_set_id(struct record *r, int64_t id)
{
	r->id = id;
}

void record_set_seen_ms(struct record *r, int64_t first_ms, int64_t last_ms)
{
	r->first_seen_ms = first_ms;
	r->last_seen_ms = last_ms;
}

void record_set_stopped(struct record *r, bool stopped)
{
	r->is_stopped = stopped;
}

void record_set_state(struct record *r, enum subscriber_state s)
{
	r->state = (uint8_t)s;
}

void record_set_identity(struct record *r, bool may_be_anonymous, unsigned grace_days)
{
	r->is_bound = !may_be_anonymous;
	r->grace_days = (uint16_t)(grace_days > UINT16_MAX ? UINT16_MAX : grace_days);
}

bool record_must_register(const struct record *r)
{
	return r->is_bound && r->state == SUBSCRIBER_ANONYMOUS;
}

int record_grace_days(const struct record *r)
{
	return r->is_bound ? r->grace_days : -1;
}

unsigned record_referrals(const struct record *r)
{
	return r->referrals;
}

void record_set_referrals(struct record *r, unsigned n)
{
	r->referrals = (uint16_t)(n > UINT16_MAX ? UINT16_MAX : n);
}

unsigned record_related(const struct record *r)
{
	return r->related;
}

void record_set_related(struct record *r, unsigned n)
{
	r->related = (uint16_t)(n > UINT16_MAX ? UINT16_MAX : n);
}

bool record_is_referred(const struct record *r)
{
	return r->is_referred;
}

void record_set_referred(struct record *r, bool is_referred)
{
	r->is_referred = is_referred;
}

enum rc record_set_language(struct record *r, const char *language)
{
	size_t n = language ? strnlen(language, RECORD_LANGUAGE_SIZE) : 0;
	char copy[RECORD_LANGUAGE_SIZE] = "";

	if (n == RECORD_LANGUAGE_SIZE)
		return RC_RANGE;
	if (n > 0)
		memcpy(copy, language, n);
	memcpy(r->language, copy, sizeof copy);
	return RC_OK;
}

/* Room for `need` bytes in all. By hand instead of realloc, which would leave the old bytes unwiped. */
static enum rc block_reserve(struct record *r, size_t need)
{
	size_t cap = (need + BLOCK_STEP - 1) / BLOCK_STEP * BLOCK_STEP;
	size_t used = r->used;
	char *block;

	if (need <= r->cap)
		return RC_OK;
	block = malloc(cap);
	if (!block)
		return RC_NOMEM;
	if (r->block)
		memcpy(block, r->block, used);
	else
		block[0] = '\0';
	block_free(r);
	r->block = block;
	r->used = (uint16_t)used;
	r->cap = (uint16_t)cap;
	return RC_OK;
}

/* Append n bytes and a NUL to a block that has room; the offset of the text. */
static uint16_t block_append(struct record *r, const char *text, size_t n)
{
	uint16_t at = r->used;

	memcpy(r->block + at, text, n);
	r->block[at + n] = '\0';
	r->used = (uint16_t)(at + n + 1);
	return at;
}

/* Take the text at an offset out and close the gap. The caller forgets the offset. */
static void block_remove(struct record *r, uint16_t at)
{
	size_t n, after;

	if (at == 0)
		return;
	n = strlen(r->block + at) + 1;
	after = (size_t)at + n;
	memmove(r->block + at, r->block + after, r->used - after);
	r->used = (uint16_t)(r->used - n);
	explicit_bzero(r->block + r->used, n);
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->value_at[i] > at)
			r->value_at[i] = (uint16_t)(r->value_at[i] - n);
	for (size_t i = 0; i < r->n_consents; i++)
		if (r->consent_at[i] > at)
			r->consent_at[i] = (uint16_t)(r->consent_at[i] - n);
}

const char *record_value(const struct record *r, size_t field)
{
	if (field >= r->n_fields || r->value_at[field] == 0)
		return NULL;
	return r->block + r->value_at[field];
}

static bool is_proven(const struct profile_field *f)
{
	return f->is_private && f->is_required;
}

enum rc record_set_value(struct record *r, size_t field, const char *value)
{
	size_t n = value ? strnlen(value, PROFILE_VALUE_MAX + 1) : 0;
	const char *old = record_value(r, field);
	bool is_other = old && (!value || strcmp(old, value) != 0);
	char copy[PROFILE_VALUE_MAX]; /* the value may be one of this record's own */
	enum rc rc;

	if (field >= r->n_fields || n > PROFILE_VALUE_MAX)
		return RC_RANGE;
	if (value) {
		memcpy(copy, value, n);
		rc = block_reserve(r, r->used - (old ? strlen(old) + 1 : 0) + n + 1);
		if (rc != RC_OK)
			return rc;
	}
	if (is_other && r->state == SUBSCRIBER_VERIFIED && is_proven(&r->profile->field[field]))
		r->state = SUBSCRIBER_DECLARED;
	block_remove(r, r->value_at[field]);
	r->value_at[field] = 0;
	if (value)
		r->value_at[field] = block_append(r, copy, n);
	return RC_OK;
}

/* Index in consent_at, or n_consents. */
static size_t consent_by_purpose(const struct record *r, const char *purpose)
{
	size_t i = 0;

	while (i < r->n_consents && strcmp(r->block + r->consent_at[i], purpose) != 0)
		i++;
	return i;
}

enum record_consent record_consent_state(const struct record *r, const char *purpose)
{
	size_t i = purpose ? consent_by_purpose(r, purpose) : r->n_consents;

	if (i == r->n_consents)
		return RECORD_CONSENT_NONE;
	return r->refused >> i & 1 ? RECORD_CONSENT_REFUSED : RECORD_CONSENT_GRANTED;
}

bool record_has_consent(const struct record *r, const char *purpose)
{
	return !purpose || !*purpose || record_consent_state(r, purpose) == RECORD_CONSENT_GRANTED;
}

static void consent_remove(struct record *r, size_t i)
{
	uint16_t below = (uint16_t)((1U << i) - 1);

	block_remove(r, r->consent_at[i]);
	r->n_consents--;
	memmove(&r->consent_at[i], &r->consent_at[i + 1], (r->n_consents - i) * sizeof r->consent_at[0]);
	r->refused = (uint16_t)((r->refused & below) | (r->refused >> 1 & ~below));
}

/* A consent that stands is worth more than one that was refused: it may be asked for again. */
static bool make_place(struct record *r)
{
	for (size_t i = 0; i < r->n_consents; i++)
		if (r->refused >> i & 1) {
			consent_remove(r, i);
			return true;
		}
	return false;
}

enum rc record_set_consent(struct record *r, const char *purpose, bool stands)
{
	size_t n = purpose ? strnlen(purpose, PROFILE_NAME_SIZE) : 0;
	size_t i;
	enum rc rc;

	if (n == 0 || n == PROFILE_NAME_SIZE)
		return RC_RANGE;
	i = consent_by_purpose(r, purpose);
	if (i == r->n_consents) {
		if (r->n_consents == RECORD_MAX_CONSENTS && (!stands || !make_place(r)))
			return stands ? RC_FULL : RC_OK;
		rc = block_reserve(r, (size_t)r->used + n + 1);
		if (rc != RC_OK)
			return rc;
		i = r->n_consents++;
		r->consent_at[i] = block_append(r, purpose, n);
	}
	r->refused = (uint16_t)(stands ? r->refused & ~(1U << i) : r->refused | 1U << i);
	return RC_OK;
}

/* Values that were told under `purpose` go with it. Taking out needs no memory, so it cannot fail. */
static void forget_under(struct record *r, const char *purpose)
{
	for (size_t f = 0; f < r->n_fields; f++) {
		if (strcmp(r->profile->field[f].consent, purpose) != 0)
			continue;
		block_remove(r, r->value_at[f]);
		r->value_at[f] = 0;
	}
}

size_t record_withdraw_marketing(struct record *r)
{
	size_t n = 0;

	for (size_t i = 0; r->profile && i < r->profile->n_purposes; i++) {
		const struct profile_purpose *p = &r->profile->purpose[i];

		if (!p->is_marketing || record_consent_state(r, p->name) != RECORD_CONSENT_GRANTED)
			continue;
		r->refused |= (uint16_t)(1U << consent_by_purpose(r, p->name));
		forget_under(r, p->name);
		n++;
	}
	return n;
}

/* Is every required field there, under a consent that stands? *n_required counts them. */
static bool has_required(const struct record *r, size_t *n_required)
{
	bool holds = true;

	*n_required = 0;
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct profile_field *f = &r->profile->field[i];
		const char *value = record_value(r, i);

		if (!f->is_required)
			continue;
		(*n_required)++;
		if (!value || !*value || !record_has_consent(r, f->consent))
			holds = false;
	}
	return holds;
}

void record_settle(struct record *r)
{
	size_t n_required;
	bool holds = has_required(r, &n_required);

	if (r->state == SUBSCRIBER_VERIFIED && holds)
		return;
	r->state = holds && n_required > 0 ? SUBSCRIBER_DECLARED : SUBSCRIBER_ANONYMOUS;
}

bool record_is_registered(const struct record *r)
{
	return r->state != SUBSCRIBER_ANONYMOUS;
}

void record_erase(struct record *r)
{
	block_free(r);
	memset(r->value_at, 0, r->n_fields * sizeof r->value_at[0]);
	memset(r->consent_at, 0, sizeof r->consent_at);
	memset(r->language, 0, sizeof r->language);
	r->n_consents = 0;
	r->refused = 0;
	r->related = r->referrals = 0;
	r->is_referred = false;
	r->state = SUBSCRIBER_ANONYMOUS;
}
