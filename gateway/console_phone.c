/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's phone: dials from the numbers of http.phones, through the same door as POST /ussd and with the same dialogues
 * behind, marked as simulated in the store; the SMS to these numbers stay in its tray.
 *
 * Bounds: CONFIG_PHONES_MAX numbers, TRAY_MAX texts for each, the oldest gives way.
 */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "gateway/console_private.h"
#include "gateway/http.h"
#include "gateway/notices.h"

#define TRAY_MAX 20

struct sms {
	int64_t at_ms; /* UTC */
	char *text;
};

struct tray {
	size_t n;
	struct sms sms[TRAY_MAX]; /* the oldest first */
	uint64_t all;             /* so far */
};

struct console_phone {
	struct console *console;
	struct tray tray[CONFIG_PHONES_MAX];
};

struct console_phone *console_phone_new(struct console *c)
{
	struct console_phone *p = calloc(1, sizeof(*p));

	if (p != NULL)
		p->console = c;
	return p;
}

void console_phone_free(struct console_phone *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < CONFIG_PHONES_MAX; i++)
		for (size_t k = 0; k < p->tray[i].n; k++)
			free(p->tray[i].sms[k].text);
	free(p);
}

static int index_of(const struct config *c, int64_t msisdn)
{
	for (size_t i = 0; i < c->n_phones; i++)
		if (c->phone[i] == msisdn)
			return (int)i;
	return -1;
}

void console_takes_sms(struct console *c, int64_t msisdn, const char *text)
{
	int at = index_of(c->gateway->config, msisdn);
	struct tray *t;
	char *copy;

	if (at < 0)
		return;
	t = &c->phone->tray[at];
	copy = strdup(text);
	c->counters.sms++;
	if (copy == NULL)
		return;
	if (t->n == TRAY_MAX) {
		free(t->sms[0].text);
		memmove(&t->sms[0], &t->sms[1], (TRAY_MAX - 1) * sizeof(t->sms[0]));
		t->n--;
	}
	t->sms[t->n++] = (struct sms){.at_ms = clock_utc_ms(clock_system()), .text = copy};
	t->all++;
}

/* The number that was said, if it is the phone's: its index; -1 after an answer. */
static int number_of(const struct console_ask *a, int64_t *msisdn)
{
	const struct config *c = a->console->gateway->config;

	*msisdn = 0;
	if (msisdn_parse(console_text(a, "number"), MSISDN_TON_UNKNOWN, &c->country, msisdn) == RC_OK &&
	    index_of(c, *msisdn) >= 0)
		return index_of(c, *msisdn);
	console_fault(a->request, 400, "this number is none of http.phones in starhash.conf");
	return -1;
}

/* --- what the page asks -------------------------------------------------------------------------------- */

static json_t *codes_json(const struct gateway *g)
{
	json_t *list = json_array();

	for (size_t i = 0; i < services_count(g->services); i++) {
		const struct book *b = services_at(g->services, i);
		json_t *languages = json_array();

		for (size_t k = 0; k < b->n_languages; k++)
			json_array_append_new(languages, json_string(b->language[k]));
		json_array_append_new(list,
		                      json_pack("{s:s, s:s, s:o}", "name", b->name, "code",
		                                b->code != NULL ? b->code : "", "languages", languages));
	}
	return list;
}

void console_phone_numbers(const struct console_ask *a)
{
	const struct config *c = a->console->gateway->config;
	json_t *list = json_array();
	char number[MSISDN_TEXT_SIZE];

	for (size_t i = 0; i < c->n_phones; i++)
		json_array_append_new(list, json_string(msisdn_text(c->phone[i], number)));
	console_reply(a->request, 200,
	              json_pack("{s:o, s:o}", "numbers", list, "services", codes_json(a->console->gateway)));
}

/* "CON text" or "END text" */
static void on_answer(void *ctx, struct http_request *r, int status, const char *text)
{
	bool ends = strncmp(text, "END ", 4) == 0, goes_on = strncmp(text, "CON ", 4) == 0;

	(void)ctx;
	if (ends || goes_on)
		console_reply(r, 200, json_pack("{s:s, s:b}", "screen", text + 4, "last", ends));
	else
		console_fault(r, status >= 400 ? status : 503, text);
}

/* {"number", "session", "code", "chain"}: chain = everything typed since, joined with '*'. */
void console_phone_dial(const struct console_ask *a)
{
	struct http_dialled d = {.session = console_text(a, "session"),
	                         .code = console_text(a, "code"),
	                         .chain = console_text(a, "chain"),
	                         .reply = on_answer,
	                         .ctx = a->console};
	size_t len = strlen(d.session);

	if (number_of(a, &d.msisdn) < 0)
		return;
	if (len < 8 || len > 40 || strspn(d.session, "0123456789abcdef-") != len) {
		console_fault(a->request, 400, "session is 8 to 40 hexadecimal digits");
		return;
	}
	http_dial(a->console->gateway->http, a->request, &d);
}

void console_phone_hang_up(const struct console_ask *a)
{
	int64_t msisdn;

	if (number_of(a, &msisdn) < 0)
		return;
	http_hang_up(a->console->gateway->http, msisdn);
	console_reply(a->request, 200, json_object());
}

void console_phone_tray(const struct console_ask *a)
{
	json_t *list = json_array();
	const struct tray *t;
	int64_t msisdn;
	int at = number_of(a, &msisdn);

	if (at < 0) {
		json_decref(list);
		return;
	}
	t = &a->console->phone->tray[at];
	for (size_t i = t->n; i > 0; i--) {
		char when[CLOCK_TEXT_SIZE];

		json_array_append_new(list,
		                      json_pack("{s:s, s:s}", "at", clock_utc_text(t->sms[i - 1].at_ms, when),
		                                "text", t->sms[i - 1].text));
	}
	console_reply(a->request, 200, json_pack("{s:I, s:o}", "all", (json_int_t)t->all, "sms", list));
}

/* --- the language of a number --------------------------------------------------------------------------- */

struct wait {
	struct http_request *request; /* NULL: they have left */
};

static void on_gone(void *ctx)
{
	((struct wait *)ctx)->request = NULL;
}

static void on_stored(void *ctx, const struct store_result *result)
{
	struct wait *w = ctx;
	struct http_request *r = w->request;

	free(w);
	if (r == NULL)
		return;
	if (result->rc == RC_OK)
		console_reply(r, 200, json_object());
	else
		console_fault(r, 503, "the store did not take it; see the live page");
}

static bool has_language(const struct gateway *g, const char *language)
{
	for (size_t i = 0; i < services_count(g->services); i++)
		if (book_language_by_code(services_at(g->services, i), language) >= 0)
			return true;
	return false;
}

void console_phone_language(const struct console_ask *a)
{
	struct gateway *g = a->console->gateway;
	const char *language = console_text(a, "language");
	struct store_batch *b;
	struct wait *w;
	int64_t msisdn;

	if (number_of(a, &msisdn) < 0)
		return;
	if (!has_language(g, language)) {
		console_fault(a->request, 400, "no menu has this language");
		return;
	}
	http_hang_up(g->http, msisdn);
	w = malloc(sizeof(*w));
	b = store_batch_new(msisdn, clock_utc_ms(clock_system()));
	if (w == NULL || b == NULL || store_batch_language(b, language) != RC_OK) {
		free(w);
		store_batch_free(b);
		console_fault(a->request, 503, "out of memory");
		return;
	}
	w->request = a->request;
	http_request_on_gone(a->request, on_gone, w);
	if (store_write(g->store, b, on_stored, w) != RC_OK) {
		http_request_on_gone(a->request, NULL, NULL);
		free(w);
		console_fault(a->request, 503, "the store is busy; try again");
	}
}
