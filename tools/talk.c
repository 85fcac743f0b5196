/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Talk files: line by line, a verb each. Consecutive '<' lines are one screen. */
#include "tools/talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "core/nearest.h"
#include "core/text.h"

#define REGION_LIMIT (16 << 20)

struct parser {
	struct talk *talk;
	struct findings *findings;
	int line;
	const char *source; /* the present line */
	bool no_memory;
};

static void fault(struct parser *p, const char *remedy, const char *what, const char *word)
{
	findings_add(p->findings, FINDING_ERROR, p->talk->path, p->line, 0, remedy, "%s%s%s%s", what,
	             word ? " \"" : "", word ? word : "", word ? "\"" : "");
}

static struct talk_step *add(struct parser *p, enum talk_verb verb)
{
	struct talk_step *s;

	if (p->talk->n == TALK_MAX_STEPS) {
		p->no_memory = true;
		return NULL;
	}
	s = &p->talk->step[p->talk->n++];
	*s = (struct talk_step){.verb = verb, .line = p->line, .source = p->source};
	return s;
}

static char *copy(struct parser *p, const char *text)
{
	char *c = region_strdup(p->talk->region, text);

	if (!c)
		p->no_memory = true;
	return c;
}

static char *trim(char *text)
{
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n > 0 && strchr(" \t\r", text[n - 1]))
		text[--n] = '\0';
	return text;
}

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

/* Cut "..." at the end off. */
static enum talk_rest cut_rest(char *text)
{
	size_t n = strlen(text);

	if (n < 3 || strcmp(text + n - 3, "...") != 0)
		return TALK_WHOLE;
	text[n - 3] = '\0';
	if (n == 3 || text[n - 4] != '\n')
		return TALK_ANY_TEXT;
	text[n - 4] = '\0';
	return TALK_ANY_LINES;
}

/* --- verbs ------------------------------------------------------------------------------------------ */

static void parse_dial(struct parser *p, char *rest)
{
	const char *code = word(&rest), *w;
	struct talk_step *s;

	if (!code) {
		fault(p, "write dial *123# [from MSISDN] [in LANGUAGE]", "dial needs a code", NULL);
		return;
	}
	s = add(p, TALK_DIAL);
	if (!s)
		return;
	s->text = copy(p, code);
	while ((w = word(&rest))) {
		const char *value = word(&rest);

		if (value && strcmp(w, "from") == 0)
			s->from = copy(p, value);
		else if (value && strcmp(w, "in") == 0)
			s->language = copy(p, value);
		else {
			fault(p, "write dial *123# [from MSISDN] [in LANGUAGE]", "dial does not know", w);
			return;
		}
	}
}

static void parse_sms(struct parser *p, char *rest)
{
	char *from = NULL;
	struct talk_step *s = add(p, TALK_SMS);

	if (!s)
		return;
	for (char *at = strstr(rest, " from "); at; at = strstr(at + 1, " from "))
		from = at;
	if (from && strspn(from + 6, "+0123456789") == strlen(from + 6)) {
		*from = '\0';
		s->from = copy(p, from + 6);
	}
	rest = unquote(trim(rest));
	if (!*rest)
		fault(p, "write sms TEXT [from MSISDN]", "sms needs a text", NULL);
	s->text = copy(p, rest);
}

static void parse_wait(struct parser *p, char *rest)
{
	struct talk_step *s = add(p, TALK_WAIT);

	if (s && duration_parse(rest, &s->number) != RC_OK)
		fault(p, "write a number with ms, s, m, h or d: wait 30s", "not a duration:", rest);
}

static void parse_drop(struct parser *p, char *rest)
{
	if (*rest)
		fault(p, NULL, "drop stands alone; it does not know", rest);
	add(p, TALK_DROP);
}

static void parse_repeat(struct parser *p, char *rest)
{
	if (*rest)
		fault(p, NULL, "repeat stands alone; it does not know", rest);
	add(p, TALK_REPEAT);
}

static void expect_sms(struct parser *p, char *rest)
{
	struct talk_step *s = add(p, TALK_EXPECT_SMS);

	if (!s || strcmp(rest, "none") == 0)
		return;
	if (!*rest)
		fault(p, "write expect sms none, or expect sms TEXT", "expect sms needs a text", NULL);
	rest = unquote(rest);
	s->rest = cut_rest(rest);
	s->text = copy(p, rest);
}

static void expect_profile(struct parser *p, char *rest)
{
	const char *field = word(&rest);
	struct talk_step *s;

	rest = trim(rest);
	if (!field || *rest != '=') {
		fault(p, "write expect profile FIELD = VALUE", "expect profile cannot be read", NULL);
		return;
	}
	s = add(p, TALK_EXPECT_PROFILE);
	rest = trim(rest + 1);
	if (!s)
		return;
	s->text = copy(p, field);
	if (strcmp(rest, "none") != 0)
		s->value = copy(p, unquote(rest));
}

static void expect_grants(struct parser *p, char *rest)
{
	struct talk_step *s = add(p, TALK_EXPECT_GRANTS);

	if (!*rest || strlen(rest) > 6 || strspn(rest, "0123456789") != strlen(rest))
		fault(p, "write expect grants 1", "not a number:", rest);
	else if (s)
		s->number = atoll(rest);
}

static void expect_registered(struct parser *p, char *rest)
{
	struct talk_step *s = add(p, TALK_EXPECT_REGISTERED);

	if (strcmp(rest, "yes") != 0 && strcmp(rest, "no") != 0)
		fault(p, "write yes or no", "expect registered does not know", rest);
	else if (s)
		s->number = *rest == 'y';
}

static void expect_language(struct parser *p, char *rest)
{
	struct talk_step *s = add(p, TALK_EXPECT_LANGUAGE);

	if (!*rest)
		fault(p, "write expect language en, or none", "expect language needs a language", NULL);
	else if (s && strcmp(rest, "none") != 0)
		s->text = copy(p, rest);
}

static void expect_consent(struct parser *p, char *rest)
{
	static const char *const states[] = {"granted", "refused", "withdrawn", "none"};
	const char *purpose = word(&rest), *state = word(&rest);
	struct talk_step *s = add(p, TALK_EXPECT_CONSENT);
	bool known = false;

	for (size_t i = 0; state && i < 4; i++)
		known = known || strcmp(states[i], state) == 0;
	if (!known || word(&rest))
		fault(p, "write expect consent PURPOSE granted, refused, withdrawn or none",
		      "expect consent cannot be read", NULL);
	else if (s) {
		s->text = copy(p, purpose);
		if (strcmp(state, "none") != 0)
			s->value = copy(p, state);
	}
}

struct verb {
	const char *name;
	void (*parse)(struct parser *p, char *rest); /* NULL = not available yet */
};

static const struct verb expectations[] = {
	{"sms", expect_sms},           {"profile", expect_profile},
	{"grants", expect_grants},     {"registered", expect_registered},
	{"language", expect_language}, {"consent", expect_consent},
};

static void parse_verb(struct parser *p, char *line, const struct verb *verbs, size_t n, const char *kind)
{
	const char *names[16], *name = word(&line), *near;
	char remedy[80];

	for (size_t i = 0; i < n; i++) {
		names[i] = verbs[i].name;
		if (!name || strcmp(name, names[i]) != 0)
			continue;
		if (verbs[i].parse)
			verbs[i].parse(p, trim(line));
		else
			fault(p, "take the line out", "not available yet in this version:", name);
		return;
	}
	near = name ? nearest_word(name, names, n) : NULL;
	if (near)
		snprintf(remedy, sizeof remedy, "did you mean \"%s\"?", near);
	fault(p, near ? remedy : "a line begins with >, <, dial, sms, drop, repeat, wait, expect or #", kind,
	      name ? name : "");
}

static void parse_expect(struct parser *p, char *rest)
{
	parse_verb(p, rest, expectations, sizeof expectations / sizeof expectations[0],
	           "nothing to expect is called");
}

static const struct verb verbs[] = {
	{"dial", parse_dial}, {"sms", parse_sms},       {"drop", parse_drop}, {"repeat", parse_repeat},
	{"wait", parse_wait}, {"expect", parse_expect}, {"app", NULL},        {"charging", NULL},
	{"reload", NULL},     {"store", NULL},
};

/* --- lines ------------------------------------------------------------------------------------------- */

/* One more line of the screen that is being read; NULL = its first one. */
static struct talk_step *screen_line(struct parser *p, struct talk_step *screen, char *text)
{
	char *joined;
	size_t before;

	if (!screen) {
		screen = add(p, TALK_SCREEN);
		if (screen)
			screen->text = copy(p, text);
		return screen;
	}
	before = screen->text ? strlen(screen->text) : 0;
	joined = region_alloc(p->talk->region, before + strlen(text) + 2);
	if (!joined) {
		p->no_memory = true;
		return screen;
	}
	sprintf(joined, "%s\n%s", screen->text ? screen->text : "", text);
	screen->text = joined;
	return screen;
}

static void end_screen(struct talk_step **screen)
{
	if (*screen && (*screen)->text)
		(*screen)->rest = cut_rest((*screen)->text);
	*screen = NULL;
}

static void parse_type(struct parser *p, const char *text)
{
	struct talk_step *s = add(p, TALK_TYPE);

	if (s)
		s->text = copy(p, text);
}

static void parse_line(struct parser *p, char *line, struct talk_step **screen)
{
	char *text = trim(line);

	if (*text == '<') {
		text++;
		*screen = screen_line(p, *screen, *text == ' ' ? text + 1 : text);
		return;
	}
	end_screen(screen);
	if (*text == '\0' || *text == '#' || strcmp(text, "...") == 0) /* as in prose: and so on */
		return;
	if (*text == '>')
		parse_type(p, text[1] == ' ' ? text + 2 : text + 1);
	else
		parse_verb(p, text, verbs, sizeof verbs / sizeof verbs[0], "unknown verb");
}

static void parse_lines(struct parser *p, char *text)
{
	struct talk_step *screen = NULL;
	char *line;

	while ((line = strsep(&text, "\n")) && !p->no_memory) {
		p->line++;
		p->source = copy(p, line);
		parse_line(p, line, &screen);
	}
	end_screen(&screen);
}

enum rc talk_parse(const char *text, const char *path, struct findings *findings, struct talk *out)
{
	struct talk t = {.region = region_new(REGION_LIMIT)};
	struct parser p = {.talk = &t, .findings = findings};
	size_t errors = findings_errors(findings);
	char *scratch = NULL;

	if (t.region) {
		t.path = region_strdup(t.region, path);
		t.step = region_alloc(t.region, TALK_MAX_STEPS * sizeof *t.step);
		scratch = strdup(text);
	}
	if (!t.path || !t.step || !scratch) {
		region_free(t.region);
		free(scratch);
		return RC_NOMEM;
	}
	if (text_utf8_valid(text, strlen(text)))
		parse_lines(&p, scratch);
	else
		fault(&p, "save it as UTF-8", "the file is not valid UTF-8", NULL);
	free(scratch);
	if (p.no_memory)
		fault(&p, "split the file", "the talk is too long", NULL);
	if (findings_errors(findings) > errors) {
		region_free(t.region);
		return RC_SYNTAX;
	}
	*out = t;
	return RC_OK;
}

enum rc talk_load(const char *path, struct findings *findings, struct talk *out)
{
	FILE *file = fopen(path, "re");
	char *text;
	size_t n;
	enum rc rc;

	if (!file) {
		findings_add(findings, FINDING_ERROR, path, 0, 0, NULL, "cannot read the file: %s",
		             strerror(errno));
		return RC_NOTFOUND;
	}
	text = malloc(TALK_MAX_BYTES + 1);
	if (!text) {
		fclose(file);
		return RC_NOMEM;
	}
	n = fread(text, 1, TALK_MAX_BYTES, file);
	text[n] = '\0';
	if (n == TALK_MAX_BYTES || ferror(file) || strlen(text) != n) {
		findings_add(findings, FINDING_ERROR, path, 0, 0, NULL, "not a text of at most 1 MB");
		rc = RC_SYNTAX;
	} else {
		rc = talk_parse(text, path, findings, out);
	}
	fclose(file);
	free(text);
	return rc;
}

void talk_fini(struct talk *t)
{
	region_free(t->region);
	memset(t, 0, sizeof *t);
}
