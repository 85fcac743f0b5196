/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's map: every screen of every menu that is live, where it leads, how many people stand on it now, and, from the
 * store, how many came and where they left. Numbers of people, never who. */
#include <stdlib.h>
#include <string.h>

#include "gateway/console_private.h"
#include "gateway/console_worker.h"
#include "storage/query.h"

#define SAY_MOST 160 /* bytes of a screen's text */
#define DAYS_MOST 366

/* --- ways ---------------------------------------------------------------------------------------------- */

static void add_way(json_t *ways, const struct book *b, uint16_t to, const char *label)
{
	if (to < b->n_screens)
		json_array_append_new(ways,
		                      json_pack("{s:s, s:s}", "to", b->screen[to].name, "label", label));
}

static void add_outcomes(json_t *ways, const struct book *b, const struct book_screen *s)
{
	if (s->kind == BOOK_GIVE) {
		add_way(ways, b, s->give.otherwise, "late");
		add_way(ways, b, s->give.again, "had it before");
		add_way(ways, b, s->give.refused, "refused");
	} else if (s->kind == BOOK_BUY) {
		add_way(ways, b, s->buy.otherwise, "late");
		add_way(ways, b, s->buy.poor, "too little");
		add_way(ways, b, s->buy.refused, "refused");
	} else if (s->kind == BOOK_APP) {
		add_way(ways, b, s->next, "done");
		add_way(ways, b, s->app.otherwise, "slow or down");
	}
	if (s->facts != 0)
		add_way(ways, b, s->facts_otherwise, "no answer from charging");
}

static json_t *ways_json(const struct book *b, const struct book_screen *s)
{
	json_t *ways = json_array();

	if (s->kind == BOOK_MENU || s->kind == BOOK_CONSENT)
		for (size_t i = 0; i < s->n_choices; i++)
			add_way(ways, b, s->choice[i].next, book_say(&s->choice[i].label, 0));
	for (size_t i = 0; i < s->n_whens; i++)
		add_way(ways, b, s->when[i].next, s->when[i].sql != NULL ? s->when[i].sql : "else");
	if (s->kind == BOOK_ASK || s->kind == BOOK_PICK || s->kind == BOOK_LIST)
		add_way(ways, b, s->next, "");
	add_outcomes(ways, b, s);
	return ways;
}

static json_t *screen_json(const struct book *b, const struct book_screen *s, uint32_t on)
{
	const char *say = s->say != NULL ? book_say(s->say, 0) : s->end != NULL ? book_say(s->end, 0) : "";
	char text[SAY_MOST + 1];
	size_t n = strlen(say) < SAY_MOST ? strlen(say) : SAY_MOST;

	while (n > 0 && ((unsigned char)say[n] & 0xc0) == 0x80) /* not through a character */
		n--;
	memcpy(text, say, n);
	text[n] = '\0';
	return json_pack("{s:s, s:s, s:s, s:I, s:o}", "name", s->name, "kind", book_kind_name(s->kind), "say",
	                 text, "on", (json_int_t)on, "ways", ways_json(b, s));
}

static json_t *service_json(const struct gateway *g, const struct book *b)
{
	uint32_t *on = calloc(b->n_screens, sizeof(*on));
	json_t *screens = json_array();
	size_t inside;

	if (on == NULL) {
		json_decref(screens);
		return NULL;
	}
	inside = dialogue_standing(g->dialogues, b, on);
	for (size_t i = 0; i < b->n_screens; i++)
		json_array_append_new(screens, screen_json(b, &b->screen[i], on[i]));
	free(on);
	return json_pack("{s:s, s:s, s:s, s:I, s:o}", "name", b->name, "code", b->code != NULL ? b->code : "",
	                 "start", b->screen[b->start].name, "inside", (json_int_t)inside, "screens", screens);
}

void console_map(const struct console_ask *a)
{
	const struct gateway *g = a->console->gateway;
	json_t *list = json_array();

	for (size_t i = 0; i < services_count(g->services); i++)
		json_array_append_new(list, service_json(g, services_at(g->services, i)));
	console_reply(a->request, 200, json_pack("{s:o}", "services", list));
}

/* --- counts, from the store ------------------------------------------------------------------------------ */

struct counts_about {
	char service[PROFILE_NAME_SIZE];
	int days;
};

static bool add_count(void *ctx, const struct store_screen_count *c)
{
	json_object_set_new(ctx, c->screen,
	                    json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "entered",
	                              (json_int_t)c->entered, "answered", (json_int_t)c->answered,
	                              "misunderstood", (json_int_t)c->bad_inputs, "cancelled",
	                              (json_int_t)c->drops[STORE_DROP_CANCEL], "network",
	                              (json_int_t)c->drops[STORE_DROP_NETWORK], "app",
	                              (json_int_t)c->drops[STORE_DROP_APP], "ours",
	                              (json_int_t)c->drops[STORE_DROP_OURS]));
	return true;
}

static char *read_counts(struct query *q, const void *about, int *status)
{
	const struct counts_about *of = about;
	json_t *o = json_object();
	char *json = NULL;

	if (query_screens(q, of->service, of->days, add_count, o) != RC_OK)
		*status = 503;
	o = json_pack("{s:s, s:i, s:o}", "service", of->service, "days", of->days, "screens", o);
	if (o != NULL)
		json = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return json;
}

/* --- asking the worker ------------------------------------------------------------------------------------ */

struct console_wait {
	struct http_request *request; /* NULL: they have left */
};

static void on_gone(void *ctx)
{
	((struct console_wait *)ctx)->request = NULL;
}

static void on_read(void *ctx, int status, const char *json)
{
	struct console_wait *w = ctx;
	struct http_request *r = w->request;

	free(w);
	if (r == NULL)
		return;
	http_request_on_gone(r, NULL, NULL);
	if (json != NULL)
		console_reply_raw(r, status, json, "");
	else
		console_fault(r, 503, "the store cannot be read now; see the live page");
}

void console_read(const struct console_ask *a, console_job_fn *job, const void *about, size_t size)
{
	struct console_wait *w = malloc(sizeof(*w));

	if (w != NULL) {
		w->request = a->request;
		http_request_on_gone(a->request, on_gone, w);
	}
	if (w != NULL && console_worker_ask(a->console->worker, console_user_index(a), job, about, size,
	                                    on_read, w) == RC_OK)
		return;
	http_request_on_gone(a->request, NULL, NULL);
	free(w);
	a->console->counters.jobs_refused++;
	console_fault(a->request, 503, "too many are asking at a time; try again");
}

/* ?service=NAME&days=7 */
void console_map_counts(const struct console_ask *a)
{
	struct counts_about about = {.days = 7};
	const char *service, *days;
	struct http_form form;

	if (!http_request_query_form(a->request, &form)) {
		console_fault(a->request, 400, "the query is not a form");
		return;
	}
	service = http_form_value(&form, "service");
	days = http_form_value(&form, "days");
	if (service == NULL || services_by_name(a->console->gateway->services, service) == NULL) {
		console_fault(a->request, 404, "no menu has this name");
		return;
	}
	strncpy(about.service, service, sizeof(about.service) - 1);
	if (days != NULL)
		about.days = atoi(days);
	if (about.days < 0 || about.days > DAYS_MOST) {
		console_fault(a->request, 400, "days is 0 (all) to 366");
		return;
	}
	console_read(a, read_counts, &about, sizeof(about));
}
