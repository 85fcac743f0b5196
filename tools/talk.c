/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Talk files: line by line. Consecutive '<' lines are one screen; a verb's line goes to talk_verbs.c. */
#include "tools/talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "tools/talk_private.h"

#define REGION_LIMIT (16 << 20)

void talk_fault(struct talk_parser *p, const char *remedy, const char *what, const char *word)
{
	findings_add(p->findings, FINDING_ERROR, p->talk->path, p->line, 0, remedy, "%s%s%s%s", what,
	             word ? " \"" : "", word ? word : "", word ? "\"" : "");
}

struct talk_step *talk_add(struct talk_parser *p, enum talk_verb verb)
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

char *talk_copy(struct talk_parser *p, const char *text)
{
	char *c = region_strdup(p->talk->region, text);

	if (!c)
		p->no_memory = true;
	return c;
}

char *talk_trim(char *text)
{
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n > 0 && strchr(" \t\r", text[n - 1]))
		text[--n] = '\0';
	return text;
}

/* Cut "..." at the end off. */
enum talk_rest talk_cut_rest(char *text)
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

/* --- lines ------------------------------------------------------------------------------------------- */

/* One more line of the screen that is being read; NULL = its first one. */
static struct talk_step *screen_line(struct talk_parser *p, struct talk_step *screen, char *text)
{
	char *joined;
	size_t before;

	if (!screen) {
		screen = talk_add(p, TALK_SCREEN);
		if (screen)
			screen->text = talk_copy(p, text);
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
		(*screen)->rest = talk_cut_rest((*screen)->text);
	*screen = NULL;
}

static void parse_type(struct talk_parser *p, const char *text)
{
	struct talk_step *s = talk_add(p, TALK_TYPE);

	if (s)
		s->text = talk_copy(p, text);
}

static void parse_line(struct talk_parser *p, char *line, struct talk_step **screen)
{
	char *text = talk_trim(line);

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
		talk_parse_verb(p, text);
}

static void parse_lines(struct talk_parser *p, char *text)
{
	struct talk_step *screen = NULL;
	char *line;

	while ((line = strsep(&text, "\n")) && !p->no_memory) {
		p->line++;
		p->source = talk_copy(p, line);
		parse_line(p, line, &screen);
	}
	end_screen(&screen);
}

enum rc talk_parse(const char *text, const char *path, struct findings *findings, struct talk *out)
{
	struct talk t = {.region = region_new(REGION_LIMIT)};
	struct talk_parser p = {.talk = &t, .findings = findings};
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
		talk_fault(&p, "save it as UTF-8", "the file is not valid UTF-8", NULL);
	free(scratch);
	if (p.no_memory)
		talk_fault(&p, "split the file", "the talk is too long", NULL);
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
