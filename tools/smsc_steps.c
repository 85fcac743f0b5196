/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parser of scripts. The copy in `memory` is cut up in place. */
#include "tools/smsc_steps.h"

#include <stdlib.h>
#include <string.h>

static bool read_step(struct smsc_step *step, char *text, bool first)
{
	static const struct {
		const char *word;
		enum smsc_step_kind kind;
		bool has_text;
	} words[] = {{"~dial:", SMSC_STEP_DIAL, true}, {"~sms:", SMSC_STEP_SMS, true},
	             {"~drop", SMSC_STEP_DROP, false}, {"~cancel", SMSC_STEP_CANCEL, false},
	             {"~dup", SMSC_STEP_DUP, false},   {"~push", SMSC_STEP_PUSH, false}};

	if (text[0] != '~') {
		*step = (struct smsc_step){first ? SMSC_STEP_DIAL : SMSC_STEP_TYPE, text};
		return true;
	}
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t len = strlen(words[i].word);

		if (strncmp(text, words[i].word, len) != 0 || (text[len] != '\0') != words[i].has_text)
			continue;
		*step = (struct smsc_step){words[i].kind, text + len};
		return true;
	}
	return false;
}

/* The element that begins at `from`, unescaped in place; *next = what follows it, or NULL. */
static char *cut(char *from, char **next)
{
	char *to = from, *at = from;

	while (*at != '\0' && *at != ',') {
		if (at[0] == '\\' && at[1] == ',')
			at++;
		*to++ = *at++;
	}
	*next = *at == ',' ? at + 1 : NULL;
	*to = '\0';
	return from;
}

enum rc smsc_steps_parse(struct smsc_steps *s, const char *script)
{
	enum rc rc = RC_OK;
	char *next;

	memset(s, 0, sizeof *s);
	s->memory = next = strdup(script);
	if (next == NULL)
		return RC_NOMEM;
	while (next != NULL && rc == RC_OK) {
		char *text = cut(next, &next);

		if (s->n == SMSC_STEPS_MAX)
			rc = RC_FULL;
		else if (!read_step(&s->at[s->n], text, s->n == 0) || (s->n == 0 && text[0] == '\0'))
			rc = RC_SYNTAX;
		else
			s->n++;
	}
	if (rc != RC_OK)
		smsc_steps_fini(s);
	return rc;
}

void smsc_steps_fini(struct smsc_steps *s)
{
	free(s->memory);
	memset(s, 0, sizeof *s);
}
