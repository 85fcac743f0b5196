/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The app that is not there: see fake_app.h. */
#include "tools/fake_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fake_app_fini(struct fake_app *f)
{
	for (size_t i = 0; i < f->n_says; i++)
		free(f->says[i]);
	memset(f, 0, sizeof *f);
}

enum rc fake_app_says(struct fake_app *f, const char *text)
{
	if (strncmp(text, "CON ", 4) != 0 && strncmp(text, "END ", 4) != 0 && strcmp(text, "END") != 0)
		return RC_SYNTAX;
	if (f->n_says == FAKE_APP_SAYS_MAX || strlen(text) >= FAKE_APP_TEXT)
		return RC_FULL;
	f->says[f->n_says] = strdup(text);
	if (!f->says[f->n_says])
		return RC_NOMEM;
	f->n_says++;
	return RC_OK;
}

static void make_answer(struct fake_app *f, const struct dialogue_app_request *r, char *text, bool *ends)
{
	if (f->n_says > 0) {
		*ends = strncmp(f->says[0], "END", 3) == 0;
		snprintf(text, FAKE_APP_TEXT, "%s", f->says[0] + (f->says[0][3] == ' ' ? 4 : 3));
		free(f->says[0]);
		memmove(&f->says[0], &f->says[1], --f->n_says * sizeof f->says[0]);
		return;
	}
	*ends = !r->first && strcmp(r->input, "0") == 0;
	if (*ends)
		snprintf(text, FAKE_APP_TEXT, "Goodbye.");
	else if (r->first)
		snprintf(text, FAKE_APP_TEXT, "This is a stand-in for an app. Type something; 0 leaves.");
	else
		snprintf(text, FAKE_APP_TEXT, "You typed: %.100s\n0 Leave", r->input);
}

enum rc fake_app_ask(struct fake_app *f, const struct dialogue_app_request *r, uint64_t token, int64_t now_ms)
{
	size_t i = f->n_open;

	if (r->closes) {
		f->was_closed = true;
		if (token == 0)
			return RC_OK;
	}
	if (i == FAKE_APP_OPEN_MAX)
		return RC_FULL;
	f->was_asked = true;
	snprintf(f->heard, sizeof f->heard, "%s", r->closes ? "" : r->input);
	f->open[i].token = token;
	f->open[i].due_ms = now_ms;
	f->open[i].rc = RC_OK;
	f->open[i].ends = false;
	f->open[i].text[0] = '\0';
	if (r->closes)
		f->open[i].ends = true;
	else if (f->mode == FAKE_APP_SLOW)
		f->open[i].due_ms = now_ms + r->within_ms;
	else if (f->mode == FAKE_APP_UP)
		make_answer(f, r, f->open[i].text, &f->open[i].ends);
	if (f->mode != FAKE_APP_UP)
		f->open[i].rc = f->mode == FAKE_APP_SLOW   ? RC_BUSY
		                : f->mode == FAKE_APP_DOWN ? RC_IO
		                                           : RC_SYNTAX;
	f->n_open++;
	return RC_OK;
}

size_t fake_app_answer(struct fake_app *f, struct dialogues *d, int64_t now_ms)
{
	size_t answered = 0;

	for (size_t i = 0; i < f->n_open;) {
		char text[FAKE_APP_TEXT];
		uint64_t token = f->open[i].token;
		enum rc rc = f->open[i].rc;
		bool ends = f->open[i].ends;

		if (f->open[i].due_ms > now_ms) {
			i++;
			continue;
		}
		memcpy(text, f->open[i].text, sizeof text);
		f->open[i] = f->open[--f->n_open]; /* answering may ask again */
		dialogue_app_answered(d, token, rc, text, ends);
		answered++;
	}
	return answered;
}

int64_t fake_app_due_ms(const struct fake_app *f)
{
	int64_t due = -1;

	for (size_t i = 0; i < f->n_open; i++)
		if (due < 0 || f->open[i].due_ms < due)
			due = f->open[i].due_ms;
	return due;
}
