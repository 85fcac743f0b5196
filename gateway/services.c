/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Services: the live set of books.
 *
 * Invariant: book[0..n) are all loaded from one moment's files and free of errors. A reload keeps the very book of
 * a file that did not change, so dialogues and new ones share it. The conditions outlive every book:
 * whoever holds a reference gives it back before services_free.
 */
#include "gateway/services.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/services_load.h"

struct services {
	const struct config *config;
	struct conditions *conditions;
	size_t n;
	struct book *book[CONFIG_MAX_SERVICES];
};

static void drop_all(struct book **book, size_t n)
{
	for (size_t i = 0; i < n; i++)
		book_unref(book[i]);
}

/* Every file of the configuration into `book`; nothing is kept unless RC_OK. */
static enum rc load_all(const struct services *s, struct findings *findings, struct book **book)
{
	enum rc rc = services_load(s->config, s->conditions, s->config->service, s->config->n_services,
	                           findings, book);

	if (rc != RC_OK && rc != RC_RANGE)
		drop_all(book, s->config->n_services);
	return rc;
}

enum rc services_new(const struct config *config, struct findings *findings, struct services **out)
{
	struct services *s = calloc(1, sizeof *s);
	enum rc rc;

	if (!s)
		return RC_NOMEM;
	s->config = config;
	rc = conditions_new(&config->profile, &s->conditions);
	if (rc == RC_OK) {
		rc = load_all(s, findings, s->book);
		if (rc != RC_OK)
			conditions_free(s->conditions);
	}
	if (rc != RC_OK) {
		free(s);
		return rc == RC_NOMEM ? RC_NOMEM : RC_SYNTAX;
	}
	s->n = config->n_services;
	*out = s;
	return RC_OK;
}

void services_free(struct services *s)
{
	if (!s)
		return;
	drop_all(s->book, s->n);
	conditions_free(s->conditions);
	free(s);
}

struct services_next {
	size_t n;
	struct book *book[CONFIG_MAX_SERVICES];
};

enum rc services_prepare(const struct services *s, struct findings *findings, struct services_next **out)
{
	struct services_next *next = calloc(1, sizeof *next);
	enum rc rc = next ? load_all(s, findings, next->book) : RC_NOMEM;

	if (rc != RC_OK) {
		free(next);
		return rc;
	}
	next->n = s->n;
	for (size_t i = 0; i < s->n; i++) {
		if (next->book[i]->version != s->book[i]->version)
			continue;
		book_unref(next->book[i]);
		next->book[i] = book_ref(s->book[i]);
	}
	*out = next;
	return RC_OK;
}

struct book *services_next_at(const struct services_next *next, size_t i)
{
	return i < next->n ? next->book[i] : NULL;
}

void services_next_free(struct services_next *next)
{
	if (!next)
		return;
	drop_all(next->book, next->n);
	free(next);
}

int services_swap(struct services *s, struct services_next *next)
{
	int differ = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct book *old = s->book[i];

		differ += next->book[i] != old;
		s->book[i] = next->book[i];
		book_unref(old);
	}
	free(next);
	return differ;
}

enum rc services_reload(struct services *s, struct findings *findings, int *changed)
{
	struct services_next *next;
	enum rc rc = services_prepare(s, findings, &next);

	if (rc == RC_OK)
		*changed = services_swap(s, next);
	return rc;
}

struct book *services_by_dialled(const struct services *s, const char *dialled)
{
	/* no two answer to the same: the check across books sees to it (rule 14 in docs/menus.md) */
	for (size_t i = 0; i < s->n; i++)
		if (book_answers(s->book[i], dialled))
			return s->book[i];
	return NULL;
}

struct book *services_by_sms(const struct services *s, const char *text, int *keyword)
{
	for (size_t i = 0; i < s->n; i++) {
		int found = book_keyword(s->book[i], text);

		if (found >= 0) {
			*keyword = found;
			return s->book[i];
		}
	}
	return NULL;
}

struct book *services_by_name(const struct services *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->book[i]->name, name) == 0)
			return s->book[i];
	return NULL;
}

size_t services_count(const struct services *s)
{
	return s->n;
}

struct book *services_at(const struct services *s, size_t i)
{
	return i < s->n ? s->book[i] : NULL;
}

struct conditions *services_conditions(const struct services *s)
{
	return s->conditions;
}
