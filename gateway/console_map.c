/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's map: every screen of every menu that is live, where it leads, how many people stand on it now, and, from the
 * store, how many came and where they left. Numbers of people, never who.
 *
 * What a menu is like is made once for each book and told to who does not have its version yet; who stands where is counted
 * for all menus in one walk over the dialogues, at most each COUNTED_MS: how many look costs the loop next to nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "gateway/console_private.h"
#include "gateway/console_worker.h"
#include "storage/query.h"

#define SAY_MOST 160 /* bytes of a screen's text */
#define DAYS_MOST 366
#define COUNTED_MS 2000 /* for so long a count of who stands where is told again, to however many ask */

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

static json_t *screen_json(const struct book *b, const struct book_screen *s)
{
	const char *say = s->say != NULL ? book_say(s->say, 0) : s->end != NULL ? book_say(s->end, 0) : "";
	char text[SAY_MOST + 1];
	size_t n = strlen(say) < SAY_MOST ? strlen(say) : SAY_MOST;

	while (n > 0 && ((unsigned char)say[n] & 0xc0) == 0x80) /* not through a character */
		n--;
	memcpy(text, say, n);
	text[n] = '\0';
	return json_pack("{s:s, s:s, s:s, s:o}", "name", s->name, "kind", book_kind_name(s->kind), "say",
	                 text, "ways", ways_json(b, s));
}

/* --- shapes, each made once ------------------------------------------------------------------------------ */

struct shape {
	struct book *book; /* one reference, so that its address is no other book's */
	uint64_t version;  /* no other has it, of any run */
	char *json;        /* NULL = nobody has asked for it yet */
};

struct console_maps {
	size_t n;
	struct shape *shape;
	struct dialogue_standing *standing; /* of the same order */
	uint64_t versions;
	int64_t counted_ms; /* monotonic, of standing; 0 = not yet */
};

void console_maps_free(struct console_maps *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++) {
		book_unref(m->shape[i].book);
		free(m->shape[i].json);
		free(m->standing[i].on);
	}
	free(m->shape);
	free(m->standing);
	free(m);
}

static struct console_maps *maps_new(size_t n)
{
	struct console_maps *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->shape = calloc(n, sizeof(*m->shape));
	m->standing = calloc(n, sizeof(*m->standing));
	if (m->shape == NULL || m->standing == NULL) {
		console_maps_free(m);
		return NULL;
	}
	m->n = n;
	m->versions = (uint64_t)clock_utc_ms(clock_system());
	return m;
}

/* Now this is the book. */
static bool renew(struct console_maps *m, size_t i, struct book *b)
{
	uint32_t *on = calloc(b->n_screens, sizeof(*on));

	if (on == NULL)
		return false;
	book_unref(m->shape[i].book);
	free(m->shape[i].json);
	free(m->standing[i].on);
	m->shape[i] = (struct shape){.book = book_ref(b), .version = ++m->versions};
	m->standing[i] = (struct dialogue_standing){.book = b, .on = on};
	m->counted_ms = 0;
	return true;
}

/* The maps of the books that are live, with the counts of a moment ago. NULL: memory is out. */
static struct console_maps *maps_of(struct console *c)
{
	const struct services *s = c->gateway->services;
	int64_t now = clock_mono_ms(clock_system());

	if (c->maps == NULL || c->maps->n != services_count(s)) {
		console_maps_free(c->maps);
		c->maps = maps_new(services_count(s));
	}
	for (size_t i = 0; c->maps != NULL && i < c->maps->n; i++) {
		struct book *b = services_at(s, i);
		bool is_other = c->maps->shape[i].book == NULL || c->maps->shape[i].book != b;

		if (is_other && !renew(c->maps, i, b)) {
			console_maps_free(c->maps);
			c->maps = NULL;
		}
	}
	if (c->maps != NULL && (c->maps->counted_ms == 0 || now - c->maps->counted_ms >= COUNTED_MS)) {
		dialogue_standing_of(c->gateway->dialogues, c->maps->standing, c->maps->n);
		c->maps->counted_ms = now;
	}
	return c->maps;
}

static const char *shape_json(struct shape *of)
{
	const struct book *b = of->book;
	json_t *screens, *o;

	if (of->json != NULL)
		return of->json;
	screens = json_array();
	for (size_t i = 0; i < b->n_screens; i++)
		json_array_append_new(screens, screen_json(b, &b->screen[i]));
	o = json_pack("{s:s, s:s, s:s, s:o}", "name", b->name, "code", b->code != NULL ? b->code : "",
	              "start", b->screen[b->start].name, "screens", screens);
	of->json = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	return of->json;
}

/* --- the answers ------------------------------------------------------------------------------------------ */

static void reply_services(const struct console_ask *a, const struct console_maps *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n; i++) {
		const struct book *b = services_at(a->console->gateway->services, i);

		json_array_append_new(list, json_pack("{s:s, s:s}", "name", b->name, "code",
		                                      b->code != NULL ? b->code : ""));
	}
	console_reply(a->request, 200, json_pack("{s:o}", "services", list));
}

/* {"service", "version", "inside", "on": [of each screen], "shape": what stays, unless they have this version} */
static void reply_map(const struct console_ask *a, struct shape *shape, const struct dialogue_standing *now,
                      const char *known)
{
	json_t *on = json_array();
	char version[24], *head, *all = NULL;
	const char *more;
	size_t size;

	snprintf(version, sizeof(version), "%llx", (unsigned long long)shape->version);
	for (size_t i = 0; i < shape->book->n_screens; i++)
		json_array_append_new(on, json_integer((json_int_t)now->on[i]));
	on = json_pack("{s:s, s:s, s:I, s:o}", "service", shape->book->name, "version", version, "inside",
	               (json_int_t)now->inside, "on", on);
	if (known != NULL && strcmp(known, version) == 0) {
		console_reply(a->request, 200, on);
		return;
	}
	head = on != NULL ? json_dumps(on, JSON_COMPACT) : NULL;
	json_decref(on);
	more = shape_json(shape);
	size = head != NULL && more != NULL ? strlen(head) + strlen(more) + 16 : 0;
	if (size > 0)
		all = malloc(size);
	if (all != NULL) {
		snprintf(all, size, "%.*s,\"shape\":%s}", (int)strlen(head) - 1, head, more);
		console_reply_raw(a->request, 200, all, "");
	} else {
		console_fault(a->request, 503, "out of memory");
	}
	free(all);
	free(head);
}

/* map: which there are; map?service=NAME&version=V: one of them. */
void console_map(const struct console_ask *a)
{
	struct console_maps *m = maps_of(a->console);
	const char *service;
	struct http_form form;

	if (m == NULL) {
		console_fault(a->request, 503, "out of memory");
		return;
	}
	if (!http_request_query_form(a->request, &form)) {
		console_fault(a->request, 400, "the query is not a form");
		return;
	}
	service = http_form_value(&form, "service");
	if (service == NULL) {
		reply_services(a, m);
		return;
	}
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->shape[i].book->name, service) == 0) {
			reply_map(a, &m->shape[i], &m->standing[i], http_form_value(&form, "version"));
			return;
		}
	console_fault(a->request, 404, "no menu has this name");
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
