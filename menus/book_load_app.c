/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, what waits for others: apps behind HTTP, and facts of the charging system (book_load.h). */
#include <libconfig.h>
#include <string.h>

#include "core/duration.h"
#include "menus/book_load.h"
#include "menus/template.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WITHIN_LEAST_MS 100
#define WITHIN_MOST_MS 30000 /* no network keeps a session open for longer without an answer */
#define APP_WITHIN_MS 2000   /* under the default of ussd.answer_within */
#define FACTS_WITHIN_MS 1500
#define URL_MAX 500

static uint32_t load_within(struct loader *ld, const config_setting_t *group, uint32_t otherwise)
{
	const config_setting_t *at = load_member(group, "within");
	const char *text = at == NULL ? NULL : load_string(ld, at, "within", BOOK_TEXT_MAX);
	int64_t ms = 0;

	if (text == NULL)
		return otherwise;
	if (duration_parse(text, &ms) != RC_OK || ms < WITHIN_LEAST_MS || ms > WITHIN_MOST_MS) {
		load_error(ld, at, 0, "write within = \"2s\"; at least 100ms, at most 30s",
		           "nobody can wait \"%.20s\" for an answer", text);
		return otherwise;
	}
	return (uint32_t)ms;
}

static bool is_url(const char *url)
{
	size_t scheme = strncmp(url, "http://", 7) == 0 ? 7 : strncmp(url, "https://", 8) == 0 ? 8 : 0;

	if (scheme == 0 || url[scheme] == '\0' || strchr("/:?#@", url[scheme]) != NULL)
		return false;
	for (; *url != '\0'; url++) {
		if ((unsigned char)*url <= ' ' || (unsigned char)*url >= 0x7f ||
		    strchr("\"<>\\^`{|}", *url) != NULL)
			return false;
	}
	return true;
}

static enum book_speaks load_speaks(struct loader *ld, const config_setting_t *group)
{
	const char *speaks = load_string_member(ld, group, "speaks", "the app", BOOK_TEXT_MAX);
	const char *names[BOOK_SPEAKS_COUNT_];

	for (int i = 0; i < BOOK_SPEAKS_COUNT_; i++) {
		names[i] = book_speaks_name((enum book_speaks)i);
		if (speaks != NULL && strcmp(speaks, names[i]) == 0)
			return (enum book_speaks)i;
	}
	if (speaks != NULL)
		load_error(ld, load_member(group, "speaks"), 0,
		           load_nearest(ld, speaks, names, COUNT(names),
		                        "use africastalking, hubtel, arkesel, infobip or nalo"),
		           "nobody knows how an app speaks \"%.40s\"", speaks);
	return BOOK_SPEAKS_AFRICASTALKING;
}

void load_app(struct loader *ld, const struct config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"url", "speaks", "within", "else"};
	const config_setting_t *otherwise;
	const char *url;

	s->app.url = "";
	s->app.within_ms = APP_WITHIN_MS;
	if (!load_group(ld, at, "app", keys, COUNT(keys)))
		return;
	url = load_string_member(ld, at, "url", "the app", URL_MAX);
	if (url != NULL && !is_url(url))
		load_error(ld, load_member(at, "url"), 0, "write url = \"http://127.0.0.1:8080/ussd\";",
		           "\"%.80s\" is no address of an app", url);
	else if (url != NULL && (url = load_strdup(ld, url)) != NULL)
		s->app.url = url;
	s->app.speaks = load_speaks(ld, at);
	s->app.within_ms = load_within(ld, at, APP_WITHIN_MS);
	otherwise = load_member(at, "else");
	if (otherwise != NULL)
		s->app.otherwise = load_target(ld, otherwise, "else");
}

static unsigned facts_of(const struct loader *ld, const struct book_text *t)
{
	unsigned facts = 0;

	for (size_t i = 0; t != NULL && i < ld->b->n_languages; i++)
		facts |= t->in[i] == NULL ? 0U : template_facts(ld->b, t->in[i]);
	return facts;
}

void load_facts(struct loader *ld, const struct config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"within", "else"};
	const config_setting_t *facts = load_member(at, "facts"), *otherwise;
	unsigned found =
		facts_of(ld, s->say) | facts_of(ld, s->sorry) | facts_of(ld, s->sms) | facts_of(ld, s->end);

	for (size_t i = 0; i < s->n_choices; i++)
		found |= facts_of(ld, &s->choice[i].label);
	s->facts = (uint8_t)found;
	s->facts_within_ms = FACTS_WITHIN_MS;
	if (facts == NULL || !load_group(ld, facts, "facts", keys, COUNT(keys)))
		return;
	if (found == 0)
		load_error(ld, facts, 0, "take it out, or show {balance} or {bundles}",
		           "no text of screen \"%s\" shows a fact", s->name);
	s->facts_within_ms = load_within(ld, facts, FACTS_WITHIN_MS);
	otherwise = load_member(facts, "else");
	if (otherwise != NULL)
		s->facts_otherwise = load_target(ld, otherwise, "else");
}
