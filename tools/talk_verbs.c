/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of talk files: a table, and a function for each that reads what follows it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "core/nearest.h"
#include "tools/talk_private.h"

/* The next word of *at, which moves behind it; NULL = no more. */
static char *word(char **at)
{
	char *begin = *at + strspn(*at, " \t");
	size_t n = strcspn(begin, " \t");

	if (n == 0)
		return NULL;
	*at = begin + n + (begin[n] != '\0');
	begin[n] = '\0';
	return begin;
}

/* Without the quotes around it; \n becomes a line's end. */
static char *unquote(char *text)
{
	size_t n = strlen(text);
	char *to;

	if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
		text[n - 1] = '\0';
		text++;
	}
	to = text;
	for (const char *from = text; *from; from++) {
		bool newline = from[0] == '\\' && from[1] == 'n';

		*to++ = newline ? '\n' : *from;
		from += newline;
	}
	*to = '\0';
	return text;
}

/* --- verbs ------------------------------------------------------------------------------------------ */

static void parse_dial(struct talk_parser *p, char *rest)
{
	const char *code = word(&rest), *w;
	struct talk_step *s;

	if (!code) {
		talk_fault(p, "write dial *123# [from MSISDN] [in LANGUAGE]", "dial needs a code", NULL);
		return;
	}
	s = talk_add(p, TALK_DIAL);
	if (!s)
		return;
	s->text = talk_copy(p, code);
	while ((w = word(&rest))) {
		const char *value = word(&rest);

		if (value && strcmp(w, "from") == 0)
			s->from = talk_copy(p, value);
		else if (value && strcmp(w, "in") == 0)
			s->language = talk_copy(p, value);
		else {
			talk_fault(p, "write dial *123# [from MSISDN] [in LANGUAGE]", "dial does not know",
			           w);
			return;
		}
	}
}

static void parse_sms(struct talk_parser *p, char *rest)
{
	char *from = NULL;
	struct talk_step *s = talk_add(p, TALK_SMS);

	if (!s)
		return;
	for (char *at = strstr(rest, " from "); at; at = strstr(at + 1, " from "))
		from = at;
	if (from && strspn(from + 6, "+0123456789") == strlen(from + 6)) {
		*from = '\0';
		s->from = talk_copy(p, from + 6);
	}
	rest = unquote(talk_trim(rest));
	if (!*rest)
		talk_fault(p, "write sms TEXT [from MSISDN]", "sms needs a text", NULL);
	s->text = talk_copy(p, rest);
}

static void parse_wait(struct talk_parser *p, char *rest)
{
	struct talk_step *s = talk_add(p, TALK_WAIT);

	if (s && duration_parse(rest, &s->number) != RC_OK)
		talk_fault(p, "write a number with ms, s, m, h or d: wait 30s", "not a duration:", rest);
}

static void parse_drop(struct talk_parser *p, char *rest)
{
	if (*rest)
		talk_fault(p, NULL, "drop stands alone; it does not know", rest);
	talk_add(p, TALK_DROP);
}

static void parse_repeat(struct talk_parser *p, char *rest)
{
	if (*rest)
		talk_fault(p, NULL, "repeat stands alone; it does not know", rest);
	talk_add(p, TALK_REPEAT);
}

static void expect_sms(struct talk_parser *p, char *rest)
{
	struct talk_step *s = talk_add(p, TALK_EXPECT_SMS);

	if (!s || strcmp(rest, "none") == 0)
		return;
	if (!*rest)
		talk_fault(p, "write expect sms none, or expect sms TEXT", "expect sms needs a text", NULL);
	rest = unquote(rest);
	s->rest = talk_cut_rest(rest);
	s->text = talk_copy(p, rest);
}

static void expect_profile(struct talk_parser *p, char *rest)
{
	const char *field = word(&rest);
	struct talk_step *s;

	rest = talk_trim(rest);
	if (!field || *rest != '=') {
		talk_fault(p, "write expect profile FIELD = VALUE", "expect profile cannot be read", NULL);
		return;
	}
	s = talk_add(p, TALK_EXPECT_PROFILE);
	rest = talk_trim(rest + 1);
	if (!s)
		return;
	s->text = talk_copy(p, field);
	if (strcmp(rest, "none") != 0)
		s->value = talk_copy(p, unquote(rest));
}

static void expect_grants(struct talk_parser *p, char *rest)
{
	struct talk_step *s = talk_add(p, TALK_EXPECT_GRANTS);

	if (!*rest || strlen(rest) > 6 || strspn(rest, "0123456789") != strlen(rest))
		talk_fault(p, "write expect grants 1", "not a number:", rest);
	else if (s)
		s->number = atoll(rest);
}

static void expect_registered(struct talk_parser *p, char *rest)
{
	struct talk_step *s = talk_add(p, TALK_EXPECT_REGISTERED);

	if (strcmp(rest, "yes") != 0 && strcmp(rest, "no") != 0)
		talk_fault(p, "write yes or no", "expect registered does not know", rest);
	else if (s)
		s->number = *rest == 'y';
}

static void expect_language(struct talk_parser *p, char *rest)
{
	struct talk_step *s = talk_add(p, TALK_EXPECT_LANGUAGE);

	if (!*rest)
		talk_fault(p, "write expect language en, or none", "expect language needs a language", NULL);
	else if (s && strcmp(rest, "none") != 0)
		s->text = talk_copy(p, rest);
}

static void expect_consent(struct talk_parser *p, char *rest)
{
	static const char *const states[] = {"granted", "refused", "withdrawn", "none"};
	const char *purpose = word(&rest), *state = word(&rest);
	struct talk_step *s = talk_add(p, TALK_EXPECT_CONSENT);
	bool known = false;

	for (size_t i = 0; state && i < 4; i++)
		known = known || strcmp(states[i], state) == 0;
	if (!known || word(&rest))
		talk_fault(p, "write expect consent PURPOSE granted, refused, withdrawn or none",
		           "expect consent cannot be read", NULL);
	else if (s) {
		s->text = talk_copy(p, purpose);
		if (strcmp(state, "none") != 0)
			s->value = talk_copy(p, state);
	}
}

/* "app slow": one of the words; "app says "CON ..."": the next answer; "app > 1*2": what it was sent last. */
static void parse_app(struct talk_parser *p, char *rest)
{
	static const char *const modes[] = {"up", "slow", "down", "500", "html", "garbage"};
	struct talk_step *s;

	if (*rest == '>' || strncmp(rest, "says ", 5) == 0) {
		bool says = *rest == 's';

		s = talk_add(p, says ? TALK_APP_SAYS : TALK_APP_HEARD);
		rest = unquote(talk_trim(rest + (says ? 5 : 1)));
		if (says && strncmp(rest, "CON ", 4) != 0 && strncmp(rest, "END ", 4) != 0 &&
		    strcmp(rest, "END") != 0)
			talk_fault(p, "write app says \"CON Hello\" or \"END Bye\"",
			           "not an app's answer:", rest);
		if (s)
			s->text = talk_copy(p, rest);
		return;
	}
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		if (strcmp(modes[i], rest) != 0)
			continue;
		s = talk_add(p, TALK_APP);
		if (s)
			s->text = talk_copy(p, rest);
		return;
	}
	talk_fault(p, "write app up, slow, down, 500, html, garbage, says TEXT or > INPUT",
	           "app does not know", rest);
}

/* "balance 5000 [from MSISDN]": in hundredths, as prices are. */
static bool parse_balance(struct talk_parser *p, char *rest)
{
	const char *number = strncmp(rest, "balance ", 8) == 0 ? rest + 8 : "";
	size_t digits = strspn(number, "0123456789");
	struct talk_step *s;

	if (digits == 0 || digits > 12 ||
	    (number[digits] != '\0' && strncmp(number + digits, " from ", 6) != 0))
		return false;
	s = talk_add(p, TALK_CHARGING);
	if (!s)
		return true;
	s->text = talk_copy(p, "balance");
	s->number = strtoll(number, NULL, 10);
	if (number[digits] != '\0')
		s->from = talk_copy(p, number + digits + 6);
	return true;
}

static void parse_charging(struct talk_parser *p, char *rest)
{
	static const char *const modes[] = {"up", "slow", "down", "lost-reply", "barred"};
	struct talk_step *s;

	if (parse_balance(p, rest))
		return;
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		if (strcmp(modes[i], rest) != 0)
			continue;
		s = talk_add(p, TALK_CHARGING);
		if (s)
			s->text = talk_copy(p, rest);
		return;
	}
	talk_fault(
		p,
		"write charging up, slow, down, lost-reply, barred, or balance 5000 [from MSISDN] (in hundredths)",
		"charging does not know", rest);
}

static void parse_reload(struct talk_parser *p, char *rest)
{
	struct talk_step *s = talk_add(p, TALK_RELOAD);

	rest = unquote(rest);
	if (!*rest)
		talk_fault(p, "write reload FILE, relative to this file", "reload needs a menu file", NULL);
	else if (s)
		s->text = talk_copy(p, rest);
}

/* What was told before the talk begins. */
static void parse_given(struct talk_parser *p, char *rest)
{
	const char *kind = word(&rest), *name = kind ? word(&rest) : NULL;
	struct talk_step *s;

	rest = talk_trim(rest);
	if (name && strcmp(kind, "consent") == 0 &&
	    (strcmp(rest, "granted") == 0 || strcmp(rest, "refused") == 0)) {
		s = talk_add(p, TALK_GIVEN_CONSENT);
	} else if (name && strcmp(kind, "profile") == 0 && *rest == '=' && rest[1]) {
		s = talk_add(p, TALK_GIVEN_PROFILE);
		rest = unquote(talk_trim(rest + 1));
	} else if (name && strcmp(kind, "grant") == 0 && *rest) {
		s = talk_add(p, TALK_GIVEN_GRANT);
	} else if (name && strcmp(kind, "resume") == 0 && *rest) {
		s = talk_add(p, TALK_GIVEN_RESUME);
	} else {
		talk_fault(
			p,
			"write given consent PURPOSE granted, given profile FIELD = VALUE, given grant BUNDLE KEY or given "
			"resume SERVICE SCREEN",
			"given cannot be read", NULL);
		return;
	}
	if (!s)
		return;
	s->text = talk_copy(p, name);
	s->value = talk_copy(p, rest);
}

static void expect_screen(struct talk_parser *p, char *rest)
{
	struct talk_step *s = talk_add(p, TALK_EXPECT_SCREEN);

	if (!*rest)
		talk_fault(p, "write expect screen NAME", "expect screen needs a name", NULL);
	else if (s)
		s->value = talk_copy(p, rest);
}

struct verb {
	const char *name;
	void (*parse)(struct talk_parser *p, char *rest);
};

static const struct verb expectations[] = {
	{"sms", expect_sms},           {"profile", expect_profile},
	{"grants", expect_grants},     {"registered", expect_registered},
	{"language", expect_language}, {"consent", expect_consent},
	{"screen", expect_screen},
};

static void verb_of(struct talk_parser *p, char *line, const struct verb *verbs, size_t n, const char *kind)
{
	const char *names[16], *name = word(&line), *near;
	char remedy[80];

	for (size_t i = 0; i < n; i++) {
		names[i] = verbs[i].name;
		if (!name || strcmp(name, names[i]) != 0)
			continue;
		verbs[i].parse(p, talk_trim(line));
		return;
	}
	near = name ? nearest_word(name, names, n) : NULL;
	if (near)
		snprintf(remedy, sizeof remedy, "did you mean \"%s\"?", near);
	talk_fault(
		p,
		near ? remedy
		     : "a line begins with >, <, dial, sms, drop, repeat, wait, expect, app, charging, given, reload or #",
		kind, name ? name : "");
}

static void parse_expect(struct talk_parser *p, char *rest)
{
	verb_of(p, rest, expectations, sizeof expectations / sizeof expectations[0],
	        "nothing to expect is called");
}

static const struct verb verbs[] = {
	{"dial", parse_dial},         {"sms", parse_sms},     {"drop", parse_drop},
	{"repeat", parse_repeat},     {"wait", parse_wait},   {"expect", parse_expect},
	{"app", parse_app},           {"given", parse_given}, {"reload", parse_reload},
	{"charging", parse_charging},
};

void talk_parse_verb(struct talk_parser *p, char *line)
{
	verb_of(p, line, verbs, sizeof verbs / sizeof verbs[0], "unknown verb");
}
