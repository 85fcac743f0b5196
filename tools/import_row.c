/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import row: see import_row.h. */
#include "tools/import_row.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "tools/safe.h"

#define EARLIEST_MS \
	631152000000    /* 1990-01-01: what is before it is no time in milliseconds, or no telephone's */
#define AHEAD_MS 300000 /* clocks differ */
#define CONFIDENCE_IMPORTED 70 /* they told it, but not to us */

const char *const import_system_names[] = {"msisdn",     "state",     "language",  "stopped",
                                           "first_seen", "last_seen", "new_since", NULL};
const char *const import_consent_names[] = {"state", "words",   "language", "channel",
                                            "at",    "version", "proof",    NULL};

bool import_row_init(struct import_row *r, const struct import_plan *plan)
{
	*r = (struct import_row){.plan = plan};
	r->consent = calloc(IMPORT_CONSENTS_MAX, sizeof *r->consent);
	r->grant = calloc(IMPORT_GRANTS_MAX, sizeof *r->grant);
	if (r->consent && r->grant)
		return true;
	import_row_fini(r);
	return false;
}

void import_row_fini(struct import_row *r)
{
	free(r->consent);
	free(r->grant);
	r->consent = NULL;
	r->grant = NULL;
}

void import_row_reset(struct import_row *r)
{
	const struct import_row fresh = {.plan = r->plan, .consent = r->consent, .grant = r->grant};

	memset(r->consent, 0, r->n_consents * sizeof *r->consent);
	memset(r->grant, 0, r->n_grants * sizeof *r->grant);
	*r = fresh;
}

void import_row_fault(struct import_row *r, const char *format, ...)
{
	va_list args;

	if (r->why[0])
		return;
	va_start(args, format);
	(void)vsnprintf(r->why, sizeof r->why, format, args);
	va_end(args);
}

const char **import_row_system(struct import_row *r, const char *name)
{
	const char **const at[] = {&r->msisdn,     &r->state,     &r->language, &r->stopped,
	                           &r->first_seen, &r->last_seen, &r->new_since};

	for (size_t i = 0; import_system_names[i]; i++)
		if (strcmp(name, import_system_names[i]) == 0)
			return at[i];
	return NULL;
}

const char **import_consent_part(struct import_consent *c, const char *name)
{
	const char **const at[] = {&c->state, &c->words,   &c->language, &c->channel,
	                           &c->at,    &c->version, &c->proof};

	for (size_t i = 0; import_consent_names[i]; i++)
		if (strcmp(name, import_consent_names[i]) == 0)
			return at[i];
	return NULL;
}

/* --- what is said, judged ---------------------------------------------------------------------------------------- */

static bool is_said(const char *text)
{
	return text && *text;
}

/* 0 = not said. */
static int64_t time_of(struct import_row *r, const char *name, const char *text)
{
	int64_t at = 0;

	if (!is_said(text))
		return 0;
	if (clock_utc_parse(text, &at) != RC_OK)
		import_row_fault(r, "%s: not a time; write 2026-11-21T22:20:53Z, a date, or milliseconds",
		                 name);
	else if (at < EARLIEST_MS)
		import_row_fault(r, "%s: before 1990; is it in seconds? write milliseconds, or a date", name);
	else if (at > r->plan->now_ms + AHEAD_MS)
		import_row_fault(r, "%s: lies in the future; give it in UTC, or with its zone: +03:00", name);
	return at;
}

static bool truth_of(struct import_row *r, const char *name, const char *text)
{
	static const char *const yes[] = {"true", "1", "yes"}, *const no[] = {"false", "0", "no"};

	if (!is_said(text))
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(text, yes[i]) == 0)
			return true;
		if (strcmp(text, no[i]) == 0)
			return false;
	}
	import_row_fault(r, "%s: write true or false", name);
	return false;
}

/* Index of a word in a list that ends with NULL; -1 after a fault. */
static int word_of(struct import_row *r, const char *where, const char *name, const char *text,
                   const char *const *words, const char *list)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	import_row_fault(r, "%s%s%s: write %s", where, *where ? "." : "", name, list);
	return -1;
}

static void language_check(struct import_row *r, const char *where, const char *text)
{
	if (!is_said(text))
		return;
	if (strlen(text) >= RECORD_LANGUAGE_SIZE ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz-") != strlen(text))
		import_row_fault(r, "%slanguage: a code such as en or pt-br, at most %d letters", where,
		                 RECORD_LANGUAGE_SIZE - 1);
}

static int64_t msisdn_of(struct import_row *r)
{
	int64_t msisdn = 0;
	enum rc rc;

	if (!is_said(r->msisdn)) {
		import_row_fault(r, "msisdn: there is none; each row needs a number");
		return 0;
	}
	rc = msisdn_parse(r->msisdn, MSISDN_TON_UNKNOWN, r->plan->country, &msisdn);
	if (rc != RC_OK)
		import_row_fault(
			r, "msisdn: %s",
			rc == RC_SYNTAX
				? "not a number; write digits (a spreadsheet may have made 2.547E+11 of it: "
				  "format the column as text)"
				: "a number has 7 to 15 digits with its country's code");
	return msisdn;
}

/* --- the batch ------------------------------------------------------------------------------------------------------ */

static void built(struct import_row *r, enum rc rc, const char *what)
{
	if (rc == RC_RANGE)
		import_row_fault(r, "%s: too long", what);
	else if (rc == RC_FULL)
		import_row_fault(r, "%s: more than %d values and consents in one row", what,
		                 STORE_IMPORT_OPS);
	else if (rc != RC_OK)
		import_row_fault(r, "%s: %s", what, rc_name(rc));
}

static void purpose_check(struct import_row *r, const struct import_consent *c)
{
	const char *near;

	if (!is_said(c->purpose)) {
		import_row_fault(r, "%s: no purpose is named", c->where);
	} else if (!profile_takes_purpose(r->plan->profile, c->purpose)) {
		near = profile_nearest_purpose(r->plan->profile, c->purpose);
		import_row_fault(r, "%s: profile.conf has no such purpose%s%s%s", c->where,
		                 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	}
}

/* What is kept as a proof is read on terminals and in letters: a line break or an escape in it could show other words than it
 * holds. */
static bool is_plain(struct import_row *r, const char *where, const char *name, const char *text)
{
	bool is_words = strcmp(name, "words") == 0; /* screens have lines */
	size_t letters = 1;

	for (const char *at = text ? text : ""; *at; letters++) {
		uint32_t c = text_utf8_next(&at);

		if (!safe_is_sign(c) || (is_words && (c == '\n' || (c == '\r' && *at == '\n'))))
			continue;
		import_row_fault(
			r,
			"%s%s%s: character %zu is U+%04X, which steers a terminal; take it out, or put a blank",
			where, *where ? "." : "", name, letters, (unsigned)c);
		return false;
	}
	return true;
}

static bool is_granted(const struct import_consent *c)
{
	return !is_said(c->state) || strcmp(c->state, "granted") == 0;
}

/* --- consents, the oldest first -------------------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
	const struct import_consent *x = a, *y = b;

	if (x->order_ms != y->order_ms)
		return x->order_ms < y->order_ms ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Two days without an hour, and a yes and a no on them: nobody can tell which of the two holds. */
static bool is_unclear(const struct import_consent *a, const struct import_consent *b)
{
	return a->order_ms == b->order_ms && is_granted(a) != is_granted(b) && is_said(a->at) &&
	       is_said(b->at) && strlen(a->at) == strlen("2026-11-21") && strlen(b->at) == strlen(a->at);
}

/* Promise 8: of one purpose the newest word holds, wherever in the list it stands. A list that rises in time keeps its order.
 * What has no time is said now; a time that cannot be read is told by whoever adds it. */
static void order_consents(struct import_row *r)
{
	bool falls = false;

	for (size_t i = 0; i < r->n_consents; i++) {
		struct import_consent *c = &r->consent[i];

		c->place = i;
		c->order_ms = INT64_MAX;
		if (is_said(c->at) && clock_utc_parse(c->at, &c->order_ms) != RC_OK)
			c->order_ms = INT64_MAX;
		for (size_t k = 0; k < i && c->purpose; k++) {
			const struct import_consent *before = &r->consent[k];

			if (!before->purpose || strcmp(before->purpose, c->purpose) != 0)
				continue;
			falls |= before->order_ms > c->order_ms;
			if (is_unclear(before, c))
				import_row_fault(
					r,
					"%s.at: the day of %s, which says otherwise; add the hour, such as "
					"2026-11-21T22:20:53Z, so that the newest holds",
					c->where, before->where);
		}
	}
	if (falls)
		qsort(r->consent, r->n_consents, sizeof *r->consent, by_time);
}

static void add_consent(struct import_row *r, struct store_batch *b, const struct import_consent *c)
{
	static const char *const states[] = {"granted", "refused", "withdrawn", NULL};
	static const char *const channels[] = {"ussd", "sms", "simulated", "operator", NULL};
	const char *state = is_said(c->state) ? c->state : "granted";
	const char *channel = is_said(c->channel) ? c->channel : "operator";
	char at_name[sizeof c->where + 8], where[sizeof c->where + 8];
	struct store_agreement what = {.purpose = c->purpose,
	                               .words = c->words ? c->words : "",
	                               .language = c->language ? c->language : "",
	                               .version = c->version,
	                               .proof = c->proof};
	int n;

	purpose_check(r, c);
	(void)(is_plain(r, c->where, "words", c->words) && is_plain(r, c->where, "version", c->version) &&
	       is_plain(r, c->where, "proof", c->proof));
	(void)snprintf(at_name, sizeof at_name, "%s.at", c->where);
	(void)snprintf(where, sizeof where, "%s.", c->where);
	what.at_ms = time_of(r, at_name, c->at);
	language_check(r, where, c->language);
	n = word_of(r, c->where, "state", state, states, "granted, refused or withdrawn");
	what.state = n >= 0 ? (enum store_consent)n : STORE_CONSENT_GRANTED;
	n = word_of(
		r, c->where, "channel", channel, channels,
		"ussd, sms or operator (paper, a shop, another system; what shows it goes into the proof)");
	what.channel = n >= 0 ? (enum store_channel)n : STORE_CH_OPERATOR;
	if (what.state == STORE_CONSENT_GRANTED && !is_said(c->words))
		import_row_fault(r, "%s.words: the exact words that were agreed to are missing", c->where);
	if (what.state == STORE_CONSENT_GRANTED && what.at_ms == 0)
		import_row_fault(r, "%s.at: when it was given is missing", c->where);
	if (r->why[0] == '\0')
		built(r, store_batch_agree(b, &what), c->where);
}

/* Has what this row says of the field's consent run out since? */
static bool is_over(const struct import_row *r, const struct profile_field *f)
{
	const struct import_consent *last = NULL;
	int64_t at = 0;

	for (size_t i = 0; i < r->n_consents; i++)
		if (strcmp(r->consent[i].purpose, f->consent) == 0)
			last = &r->consent[i];
	return last && is_granted(last) && clock_utc_parse(last->at, &at) == RC_OK &&
	       profile_consent_is_over(r->plan->profile, f->consent, at, r->plan->now_ms);
}

static void add_value(struct import_row *r, struct store_batch *b, size_t field)
{
	const struct profile_field *f = &r->plan->profile->field[field];
	char why[PROFILE_WHY_SIZE];

	if (!is_said(r->value[field]) || r->why[0])
		return;
	if (f->is_private && strcmp(r->value[field], "***") == 0)
		import_row_fault(r, "%s: is masked here; import what was exported with --reveal", f->name);
	else if (is_over(r, f))
		import_row_fault(
			r, "%s: the consent to \"%s\" is over, it does not last for ever; leave %s empty",
			f->name, f->consent, f->name);
	else if (!profile_check(f, r->value[field], why, sizeof why))
		import_row_fault(r, "%s: takes %s", f->name, why);
	else
		built(r, store_batch_save(b, field, r->value[field]), f->name);
}

static void add_grant(struct import_row *r, struct store_batch *b, size_t i)
{
	static const char *const states[] = {"granted", "rejected", NULL};
	const struct import_gift *g = &r->grant[i];
	struct store_import_grant grant = {
		.bundle = g->bundle, .key = g->key, .gives = g->gives ? g->gives : ""};
	char where[32], name[48];
	int state;

	(void)snprintf(where, sizeof where, "grants[%zu]", i);
	if (!is_said(g->key) || !is_said(g->bundle)) {
		import_row_fault(r, "%s: needs a key and a bundle", where);
		return;
	}
	(void)(is_plain(r, where, "bundle", g->bundle) && is_plain(r, where, "key", g->key) &&
	       is_plain(r, where, "gives", g->gives));
	state = word_of(
		r, where, "state", is_said(g->state) ? g->state : "granted", states,
		"granted or rejected; what is pending or unknown must be settled where it was promised");
	grant.state = state == 1 ? STORE_GRANT_REJECTED : STORE_GRANT_GRANTED;
	(void)snprintf(name, sizeof name, "%s.at", where);
	grant.at_ms = time_of(r, name, g->at);
	if (grant.at_ms == 0)
		import_row_fault(r, "%s: when it was given is missing", name);
	if (is_said(g->expires) && clock_utc_parse(g->expires, &grant.expires_ms) != RC_OK)
		import_row_fault(r, "%s.expires: not a time; write 2026-11-21T22:20:53Z", where);
	if (r->why[0] == '\0')
		built(r, store_import_grant_add(b, &grant), where);
}

/* Values are as old as what was agreed to when they were told; 0 = not said. */
static int64_t newest_grant(struct import_row *r)
{
	int64_t newest = 0, at;

	for (size_t i = 0; i < r->n_consents; i++) {
		const struct import_consent *c = &r->consent[i];

		if (is_granted(c) && is_said(c->at) && clock_utc_parse(c->at, &at) == RC_OK && at > newest)
			newest = at;
	}
	return newest;
}

static void add_identity(struct import_row *r, struct store_batch *b)
{
	static const char *const states[] = {"anonymous", "declared", "verified", NULL};
	struct store_import_said said = {.first_ms = time_of(r, "first_seen", r->first_seen),
	                                 .last_ms = time_of(r, "last_seen", r->last_seen),
	                                 .swapped_ms = time_of(r, "new_since", r->new_since),
	                                 .told_ms = newest_grant(r)};

	if (said.first_ms > 0 && said.last_ms > 0 && said.last_ms < said.first_ms)
		import_row_fault(r, "last_seen: lies before first_seen");
	if (is_said(r->state))
		said.verified =
			word_of(r, "", "state", r->state, states, "anonymous, declared or verified") == 2;
	if (said.verified && !r->plan->may_verify)
		import_row_fault(
			r, "state: verified needs a role with the right \"verify\" too; or leave it empty");
	language_check(r, "", r->language);
	store_import_say(b, &said);
	if (is_said(r->language) && r->why[0] == '\0')
		built(r, store_batch_language(b, r->language), "language");
}

struct store_batch *import_row_batch(struct import_row *r)
{
	int64_t msisdn = r->why[0] ? 0 : msisdn_of(r);
	struct store_batch *b =
		r->why[0] ? NULL
			  : store_import_batch(msisdn, r->plan->now_ms, r->plan->run, r->plan->existing);

	if (!b) {
		import_row_fault(r, "memory is out");
		return NULL;
	}
	built(r, store_batch_from(b, "import", CONFIDENCE_IMPORTED), "values");
	add_identity(r, b);
	order_consents(r);
	for (size_t i = 0; i < r->n_consents && r->why[0] == '\0'; i++)
		add_consent(r, b, &r->consent[i]);
	for (size_t i = 0; i < r->plan->profile->n_fields && r->why[0] == '\0'; i++)
		add_value(r, b, i);
	for (size_t i = 0; i < r->n_grants && r->why[0] == '\0'; i++)
		add_grant(r, b, i);
	if (truth_of(r, "stopped", r->stopped)) /* last: it takes with it what was agreed to for marketing */
		built(r, store_batch_stop(b, true), "stopped");
	if (r->why[0] == '\0')
		return b;
	store_batch_free(b);
	return NULL;
}
