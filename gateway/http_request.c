/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP in: POST /ussd, the protocol of Africa's Talking. Each form is checked whole before anything is done, and becomes one
 * input of a dialogue, or the same answer again. See http_private.h. */
#include "gateway/http_private.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "core/text.h"

/* What one POST says. Points into the parsed form. */
struct form {
	struct evkeyvalq pairs;
	const char *session, *phone, *code, *text;
	int64_t msisdn;
	char digits[DIALECT_CODE_SIZE]; /* the service code without '*' before and '#' behind */
};

static bool bare_code(const char *code, char *out)
{
	size_t n;

	code += strspn(code, "* ");
	n = strcspn(code, "#");
	if (n == 0 || n >= DIALECT_CODE_SIZE || strspn(code, "0123456789*") < n)
		return false;
	memcpy(out, code, n);
	out[n] = '\0';
	return true;
}

static bool is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
			return false;
	return true;
}

/* NULL: fine; else what is wrong with it. */
static const char *form_check(const struct http *h, struct form *f)
{
	f->session = evhttp_find_header(&f->pairs, "sessionId");
	f->phone = evhttp_find_header(&f->pairs, "phoneNumber");
	f->code = evhttp_find_header(&f->pairs, "serviceCode");
	f->text = evhttp_find_header(&f->pairs, "text");
	if (f->text == NULL)
		f->text = "";
	if (f->session == NULL || f->session[0] == '\0' || strlen(f->session) >= HTTP_SESSION_SIZE ||
	    !is_plain(f->session))
		return "sessionId must be 1 to 64 characters";
	if (f->phone == NULL ||
	    msisdn_parse(f->phone, MSISDN_TON_UNKNOWN, h->options.plan, &f->msisdn) != RC_OK)
		return "phoneNumber must be a number such as +254700000001";
	if (f->code == NULL || !bare_code(f->code, f->digits))
		return "serviceCode must be a code such as *123#";
	if (strlen(f->text) > HTTP_CHAIN_MAX || !text_utf8_valid(f->text, strlen(f->text)))
		return "text must be UTF-8, at most 2000 bytes";
	return NULL;
}

static bool form_read(struct evhttp_request *r, struct form *f)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(r);
	size_t n = evbuffer_get_length(in);
	char *body = n <= HTTP_BODY_MAX ? malloc(n + 1) : NULL;
	bool fine = false;

	memset(f, 0, sizeof(*f));
	TAILQ_INIT(&f->pairs);
	if (body != NULL && evbuffer_copyout(in, body, n) == (ev_ssize_t)n && memchr(body, '\0', n) == NULL) {
		body[n] = '\0';
		/* Behind a NUL nothing would be seen of a field; nobody types one. */
		fine = strstr(body, "%00") == NULL &&
		       (n == 0 || evhttp_parse_query_str(body, &f->pairs) == 0);
	}
	free(body);
	return fine;
}

/* Everything typed, but for what the last request had already: the newest input. NULL: nothing new. */
static const char *newest(const char *before, const char *chain)
{
	size_t n = strlen(before);
	const char *star;

	if (strcmp(before, chain) == 0)
		return NULL;
	if (n == 0)
		return chain;
	if (strncmp(chain, before, n) == 0 && chain[n] == '*')
		return chain + n + 1;
	star = strrchr(chain, '*'); /* a client that lost its place */
	return star != NULL ? star + 1 : chain;
}

static void input(struct http *h, const struct http_session *s, const struct form *f, enum dialect_kind kind,
                  const char *text)
{
	struct dialogue_input in = {.group = h->options.group,
	                            .link = h,
	                            .connection = s->connection,
	                            .sequence = ++h->sequence,
	                            .simulated = h->options.simulated};

	in.event.kind = kind;
	in.event.msisdn = s->msisdn;
	snprintf(in.event.code, sizeof(in.event.code), "%s", f->digits);
	snprintf(in.event.text, sizeof(in.event.text), "%s", text);
	snprintf(in.event.service.digits, sizeof(in.event.service.digits), "%.20s", f->digits);
	msisdn_text(s->msisdn, in.event.subscriber.digits);
	dialogue_receive(h->dialogues, &in);
}

/* A new session: what stands in `text` already was dialled, "*123*1*2#". When it can not have been, the session is older
 * than this daemon: its newest input goes to a dialogue that is offered to go on. */
static void begin(struct http *h, const struct http_session *s, const struct form *f)
{
	char dialled[DIALECT_INPUT_SIZE];
	const char *star = strrchr(f->text, '*');
	bool is_dialled = strspn(f->text, "0123456789*") == strlen(f->text) && strlen(f->text) < 100;

	snprintf(dialled, sizeof(dialled), "*%s%s%s#", f->digits, f->text[0] != '\0' ? "*" : "",
	         is_dialled ? f->text : "");
	if (is_dialled)
		input(h, s, f, DIALECT_BEGIN, dialled);
	else
		input(h, s, f, DIALECT_CONTINUE, star != NULL ? star + 1 : f->text);
}

static void again(struct http *h, const struct http_session *s, struct evhttp_request *r)
{
	h->counters.repeated++;
	if (s->reply != NULL)
		http_reply(r, 200, "OK", s->reply);
	else
		http_reply(r, 409, "Conflict", "the first of these requests is being answered");
}

static void take(struct http *h, struct evhttp_request *r, const struct form *f)
{
	struct http_session *s = http_session_by_id(h, f->session);
	const char *typed = NULL;

	if (s != NULL && s->msisdn != f->msisdn) {
		http_refuse(h, r, "another phoneNumber has this sessionId");
		return;
	}
	if (s != NULL && s->chain != NULL) {
		typed = newest(s->chain, f->text);
		if (typed == NULL || s->waiting != NULL) {
			again(h, s, r);
			return;
		}
	}
	if (s == NULL || s->ended) {
		typed = NULL;
		s = http_session_new(h, f->session, f->msisdn);
	}
	if (s == NULL || !http_session_note(s, f->text)) {
		h->counters.shed++;
		http_reply(r, 503, "Service Unavailable", "END We are busy. Please try again.");
		return;
	}
	http_wait_for(s, r);
	if (typed == NULL)
		begin(h, s, f);
	else
		input(h, s, f, DIALECT_CONTINUE, typed);
}

/* A browser sends forms of any page to any address, loopback too, and says in Origin whose page it was. Only pages that
 * came from where they send to may drive dialogues. */
static bool is_of_another_page(struct evhttp_request *r)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(r);
	const char *origin = evhttp_find_header(headers, "Origin");
	const char *host = evhttp_find_header(headers, "Host"), *at;

	if (origin == NULL)
		return false;
	at = strstr(origin, "://");
	return at == NULL || host == NULL || strcasecmp(at + 3, host) != 0;
}

void http_on_ussd(struct evhttp_request *r, void *ctx)
{
	struct http *h = ctx;
	const char *fault;
	struct form f;

	h->counters.requests++;
	if (is_of_another_page(r)) {
		h->counters.refused++;
		http_reply(r, 403, "Forbidden", "pages of other sites may not POST here");
		return;
	}
	if (evhttp_request_get_command(r) != EVHTTP_REQ_POST) {
		h->counters.refused++;
		http_reply(r, 405, "Method Not Allowed",
		           "POST sessionId, phoneNumber, serviceCode and text as a form");
		return;
	}
	if (!form_read(r, &f))
		fault = "the body must be a form: sessionId=...&phoneNumber=...&serviceCode=...&text=...";
	else
		fault = form_check(h, &f);
	if (fault != NULL)
		http_refuse(h, r, fault);
	else
		take(h, r, &f);
	evhttp_clear_headers(&f.pairs);
}
