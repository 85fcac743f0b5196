/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Export write: see export_write.h. By hand and not by way of a tree of JSON: millions of lines are written. */
#include "tools/export_write.h"

#include <inttypes.h>
#include <string.h>

#include "core/clock.h"

/* --- JSON ------------------------------------------------------------------------------------------------------------ */

static void json_text(FILE *to, const char *text)
{
	if (!text) {
		fputs("null", to);
		return;
	}
	putc_unlocked('"', to);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\') {
			putc_unlocked('\\', to);
			putc_unlocked(c, to);
		} else if (c < 0x20) {
			fprintf(to, "\\u%04x", c);
		} else {
			putc_unlocked(c, to);
		}
	}
	putc_unlocked('"', to);
}

static const char *time_text(int64_t ms, char out[CLOCK_TEXT_SIZE])
{
	return ms ? clock_utc_text(ms, out) : NULL;
}

static void json_key(FILE *to, const char *before, const char *key)
{
	fputs(before, to);
	json_text(to, key);
	putc_unlocked(':', to);
}

static void json_pair(FILE *to, const char *before, const char *key, const char *text)
{
	json_key(to, before, key);
	json_text(to, text);
}

static void json_time(FILE *to, const char *key, int64_t ms)
{
	char at[CLOCK_TEXT_SIZE];

	json_pair(to, ",", key, time_text(ms, at));
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static void json_consents(FILE *to, const struct export_subscriber *s)
{
	json_key(to, ",", "consents");
	putc_unlocked('[', to);
	for (size_t i = 0; i < s->n_consents; i++) {
		const struct query_consent *c = &s->consent[i];

		json_pair(to, i ? ",{" : "{", "purpose", c->purpose);
		json_pair(to, ",", "state", c->state);
		json_pair(to, ",", "text", c->words);
		json_pair(to, ",", "language", c->language);
		json_pair(to, ",", "channel", c->channel);
		json_time(to, "at", c->at_ms);
		json_pair(to, ",", "version", or_null(c->version));
		json_pair(to, ",", "proof", or_null(c->proof));
		putc_unlocked('}', to);
	}
	putc_unlocked(']', to);
}

static void json_grants(FILE *to, const struct export_subscriber *s)
{
	json_key(to, ",", "grants");
	putc_unlocked('[', to);
	for (size_t i = 0; i < s->n_grants; i++) {
		const struct query_grant *g = &s->grant[i];

		json_pair(to, i ? ",{" : "{", "bundle", g->bundle);
		json_pair(to, ",", "key", g->key);
		json_pair(to, ",", "state", g->state);
		json_time(to, "at", g->at_ms);
		json_pair(to, ",", "gives", g->gives);
		json_time(to, "expires", g->expires_ms);
		putc_unlocked('}', to);
	}
	putc_unlocked(']', to);
}

static bool is_wanted(const struct export_shape *x, const struct profile_field *f)
{
	return !x->purpose || strcmp(f->consent, x->purpose) == 0;
}

bool export_write_json(const struct export_shape *x, const struct export_subscriber *s)
{
	FILE *to = x->to;
	const char *before = "";

	fprintf(to, "{\"msisdn\":\"%" PRId64 "\"", s->msisdn);
	json_pair(to, ",", "state", subscriber_state_name(s->state));
	json_pair(to, ",", "language", s->language);
	fputs(s->state != SUBSCRIBER_ANONYMOUS ? ",\"registered\":true" : ",\"registered\":false", to);
	fputs(s->stopped ? ",\"stopped\":true" : ",\"stopped\":false", to);
	json_time(to, "new_since", s->swapped_ms);
	json_time(to, "first_seen", s->first_ms);
	json_time(to, "last_seen", s->last_ms);
	json_key(to, ",", "profile");
	putc_unlocked('{', to);
	for (size_t i = 0; i < x->profile->n_fields; i++) {
		if (!is_wanted(x, &x->profile->field[i]))
			continue;
		json_pair(to, before, x->profile->field[i].name, s->value[i]);
		before = ",";
	}
	putc_unlocked('}', to);
	json_consents(to, s);
	json_grants(to, s);
	fputs("}\n", to);
	return !ferror_unlocked(to);
}

/* --- CSV ------------------------------------------------------------------------------------------------------------- */

static const char *const consent_parts[] = {"",    ".words",   ".language", ".channel",
                                            ".at", ".version", ".proof"};
#define CONSENT_PARTS (sizeof consent_parts / sizeof consent_parts[0])

static void purpose_add(struct export_shape *x, const char *name)
{
	if (!*name || x->n_purposes == PROFILE_MAX_PURPOSES || (x->purpose && strcmp(x->purpose, name) != 0))
		return;
	for (size_t i = 0; i < x->n_purposes; i++)
		if (strcmp(x->purposes[i], name) == 0)
			return;
	x->purposes[x->n_purposes++] = name;
}

void export_shape_init(struct export_shape *x, const struct profile *profile, const char *purpose, FILE *to)
{
	*x = (struct export_shape){.profile = profile, .purpose = purpose, .to = to};
	for (size_t i = 0; i < profile->n_purposes; i++)
		purpose_add(x, profile->purpose[i].name);
	for (size_t i = 0; i < profile->n_fields; i++)
		purpose_add(x, profile->field[i].consent);
}

/* A spreadsheet takes what begins so for a formula, and does what it says. */
static bool is_formula(const char *text)
{
	return *text && strchr("=+-@\t\r", *text);
}

static void cell(const struct export_shape *x, const char *text)
{
	const char *before = text && x->for_spreadsheet && is_formula(text) ? "'" : "";
	FILE *to = x->to;

	putc_unlocked(',', to);
	if (!text)
		return;
	if (!strpbrk(text, ",;\"\r\n") && text[0] != ' ') {
		fputs(before, to);
		fputs(text, to);
		return;
	}
	putc_unlocked('"', to);
	fputs(before, to);
	for (; *text; text++) {
		if (*text == '"')
			putc_unlocked('"', to);
		putc_unlocked(*text, to);
	}
	putc_unlocked('"', to);
}

bool export_write_csv_header(const struct export_shape *x)
{
	fputs("msisdn,state,language,stopped,new_since,first_seen,last_seen", x->to);
	for (size_t i = 0; i < x->profile->n_fields; i++)
		if (is_wanted(x, &x->profile->field[i]))
			cell(x, x->profile->field[i].name);
	for (size_t i = 0; i < x->n_purposes; i++)
		for (size_t k = 0; k < CONSENT_PARTS; k++)
			fprintf(x->to, ",consent.%s%s", x->purposes[i], consent_parts[k]);
	return putc('\n', x->to) != EOF;
}

static void csv_consent(const struct export_shape *x, const struct export_subscriber *s, const char *purpose)
{
	const struct query_consent *c = NULL;
	char at[CLOCK_TEXT_SIZE];

	for (size_t i = s->n_consents; i > 0 && !c; i--)
		if (strcmp(s->consent[i - 1].purpose, purpose) == 0)
			c = &s->consent[i - 1];
	if (!c) {
		fputs(",,,,,,,", x->to);
		return;
	}
	cell(x, c->state);
	cell(x, c->words);
	cell(x, c->language);
	cell(x, c->channel);
	cell(x, time_text(c->at_ms, at));
	cell(x, c->version);
	cell(x, c->proof);
}

bool export_write_csv(const struct export_shape *x, const struct export_subscriber *s)
{
	char at[CLOCK_TEXT_SIZE];
	FILE *to = x->to;

	fprintf(to, "%" PRId64, s->msisdn);
	cell(x, subscriber_state_name(s->state));
	cell(x, s->language);
	cell(x, s->stopped ? "true" : "false");
	cell(x, time_text(s->swapped_ms, at));
	cell(x, time_text(s->first_ms, at));
	cell(x, time_text(s->last_ms, at));
	for (size_t i = 0; i < x->profile->n_fields; i++)
		if (is_wanted(x, &x->profile->field[i]))
			cell(x, s->value[i]);
	for (size_t i = 0; i < x->n_purposes; i++)
		csv_consent(x, s, x->purposes[i]);
	putc_unlocked('\n', to);
	return !ferror_unlocked(to);
}
