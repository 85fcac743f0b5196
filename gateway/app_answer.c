/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading answers of apps: see app_answer.h. Whatever is not clearly a screen is a fault: a subscriber never reads
 * half of a page or somebody's stack trace. */
#include "gateway/app_answer.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

static const struct {
	enum rc rc;
	const char *name, *remedy;
} faults[APP_FAULTS_] = {
	[APP_FINE] = {RC_OK, "fine", ""},
	[APP_SLOW] = {RC_BUSY, "slow", "see why the app is slow, or give it more time with `within`"},
	[APP_DOWN] = {RC_IO, "down", "start the app, or correct its url"},
	[APP_BAD_STATUS] = {RC_IO, "bad-status", "look at the app's own log"},
	[APP_NOT_HTTP] = {RC_SYNTAX, "not-http", "an app answers HTTP, at most 16 KB"},
	[APP_HTML] = {RC_SYNTAX, "html", "an app answers with text and not with a page"},
	[APP_NOT_TEXT] = {RC_SYNTAX, "not-text", "an app answers with UTF-8 text that is not empty"},
	[APP_TOO_LONG] = {RC_SYNTAX, "too-long", "an app answers with one screen"},
	[APP_NOT_JSON] = {RC_SYNTAX, "not-json", "see `speaks`: this dialect answers with a JSON object"},
	[APP_NO_ENDING] = {RC_SYNTAX, "no-ending", "see `speaks`: an answer says whether it goes on or ends"},
};

enum rc app_fault_rc(enum app_fault f)
{
	return faults[f].rc;
}

const char *app_fault_name(enum app_fault f)
{
	return faults[f].name;
}

const char *app_fault_remedy(enum app_fault f)
{
	return faults[f].remedy;
}

/* --- the words ------------------------------------------------------------------------------------------------ */

/* Many apps say text/html of plain text, because their language does so by itself; only the words tell. */
static bool is_html(const char *text)
{
	static const char *const tags[] = {"<!doctype", "<html", "<head", "<body", "<br",
	                                   "<b>",       "<p>",   "<div",  "</"};

	text += strspn(text, " \t\r\n");
	if (*text == '<')
		return true;
	for (; (text = strchr(text, '<')) != NULL; text++)
		for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
			if (strncasecmp(text, tags[i], strlen(tags[i])) == 0)
				return true;
	return false;
}

/* As a phone shows it: \r goes, other controls become spaces, and none at the ends. */
static enum app_fault take_words(const char *text, struct app_words *out)
{
	size_t n = 0, len = strlen(text);

	if (!text_utf8_valid(text, len))
		return APP_NOT_TEXT;
	if (is_html(text))
		return APP_HTML;
	text += strspn(text, " \t\r\n");
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\r')
			continue;
		if (n == APP_TEXT_MAX)
			return APP_TOO_LONG;
		out->text[n++] = c < ' ' && c != '\n' ? ' ' : (char)c;
	}
	while (n > 0 && (out->text[n - 1] == ' ' || out->text[n - 1] == '\n'))
		n--;
	out->text[n] = '\0';
	return n > 0 ? APP_FINE : APP_NOT_TEXT;
}

/* --- CON and END --------------------------------------------------------------------------------------------- */

static enum app_fault read_plain(const struct http_client_answer *answer, struct app_words *out)
{
	const char *text = answer->body;

	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	text += strspn(text, " \t\r\n");
	if (*text == '<')
		return APP_HTML;
	if (strncmp(text, "CON", 3) != 0 && strncmp(text, "END", 3) != 0)
		return APP_NO_ENDING;
	if (text[3] != '\0' && strchr(" \t\r\n", text[3]) == NULL)
		return APP_NO_ENDING;
	out->ends = text[0] == 'E';
	return take_words(text + 3, out);
}

/* --- JSON ---------------------------------------------------------------------------------------------------- */

static bool read_flag(const struct app_dialect *d, const json_t *flag, bool *ends)
{
	const char *word = json_string_value(flag);

	if (d->ends_word != NULL) {
		*ends = word != NULL && strcasecmp(word, d->ends_word) == 0;
		return *ends || (word != NULL && strcasecmp(word, d->goes_on_word) == 0);
	}
	if (json_is_boolean(flag))
		*ends = json_is_true(flag) == d->ends_when;
	else if (word != NULL && strcasecmp(word, "true") == 0)
		*ends = d->ends_when;
	else if (word != NULL && strcasecmp(word, "false") == 0)
		*ends = !d->ends_when;
	else
		return false;
	return true;
}

static enum app_fault read_object(const struct app_dialect *d, const json_t *o, struct app_words *out)
{
	const json_t *code = d->code != NULL ? json_object_get(o, d->code) : NULL;
	const char *text = json_string_value(json_object_get(o, d->text));
	const char *state = d->state != NULL ? json_string_value(json_object_get(o, d->state)) : NULL;

	if (json_is_integer(code) && json_integer_value(code) != 200)
		return APP_BAD_STATUS;
	if (!read_flag(d, json_object_get(o, d->flag), &out->ends))
		return APP_NO_ENDING;
	if (state != NULL)
		snprintf(out->state, sizeof(out->state), "%.*s", (int)sizeof(out->state) - 1, state);
	return text != NULL ? take_words(text, out) : APP_NOT_TEXT;
}

static enum app_fault read_json(const struct app_dialect *d, const struct http_client_answer *answer,
                                struct app_words *out)
{
	const char *text = answer->body;
	enum app_fault fault;
	json_error_t error;
	json_t *o;

	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	if (text[strspn(text, " \t\r\n")] == '<')
		return APP_HTML;
	o = json_loads(text, 0, &error);
	fault = json_is_object(o) ? read_object(d, o, out) : APP_NOT_JSON;
	json_decref(o);
	return fault;
}

static enum app_fault fault_of(enum rc rc)
{
	return rc == RC_BUSY ? APP_SLOW : rc == RC_SYNTAX ? APP_NOT_HTTP : APP_DOWN;
}

void app_read(const struct app_dialect *d, enum rc rc, const struct http_client_answer *answer,
              struct app_words *out)
{
	out->status = 0;
	out->ends = false;
	out->text[0] = out->state[0] = '\0';
	if (rc != RC_OK) {
		out->fault = fault_of(rc);
		return;
	}
	out->status = answer->status;
	if (answer->status != 200)
		out->fault = APP_BAD_STATUS;
	else if (strlen(answer->body) != answer->len || !text_utf8_valid(answer->body, answer->len))
		out->fault = APP_NOT_TEXT; /* a NUL, or no UTF-8 */
	else if (d->json)
		out->fault = read_json(d, answer, out);
	else
		out->fault = read_plain(answer, out);
}
