/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP in: POST /ussd, the protocol of Africa's Talking. Each form is checked whole before anything is done, and becomes one
 * input of a dialogue, or the same answer again. See http_private.h. */
#include "gateway/http_private.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

/* What one POST says. Points into the parsed form. */
struct form {
	struct http_form pairs;
	const char *session, *phone, *code, *text;
	int64_t msisdn;
	char digits[DIALECT_CODE_SIZE]; /* the service code without '*' before and '#' behind */
	bool simulated;
	http_dial_fn *say;
	void *ctx;
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
	f->session = http_form_value(&f->pairs, "sessionId");
	f->phone = http_form_value(&f->pairs, "phoneNumber");
	f->code = http_form_value(&f->pairs, "serviceCode");
	f->text = http_form_value(&f->pairs, "text");
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

static bool form_read(const struct http *h, struct http_request *r, struct form *f)
{
	size_t n;
	char *body = http_request_body(r, &n);

	memset(f, 0, sizeof(*f));
	f->simulated = h->options.simulated;
	return http_form_parse(body, n, &f->pairs);
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

static void give(struct http *h, const struct dialogue_input *in)
{
	dialogue_receive(h->dialogues, in);
	if (h->options.given != NULL)
		h->options.given(h->options.ctx);
}

static void input(struct http *h, const struct http_session *s, const struct form *f, enum dialect_kind kind,
                  const char *text)
{
	struct dialogue_input in = {.group = h->options.group,
	                            .link = h,
	                            .connection = s->connection,
	                            .sequence = ++h->sequence,
	                            .simulated = s->simulated};

	in.event.kind = kind;
	in.event.msisdn = s->msisdn;
	snprintf(in.event.code, sizeof(in.event.code), "%s", f->digits);
	snprintf(in.event.text, sizeof(in.event.text), "%s", text);
	snprintf(in.event.service.digits, sizeof(in.event.service.digits), "%.20s", f->digits);
	msisdn_text(s->msisdn, in.event.subscriber.digits);
	give(h, &in);
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

static void say(const struct form *f, struct http_request *r, int status, const char *text)
{
	if (f->say != NULL)
		f->say(f->ctx, r, status, text);
	else
		http_reply_text(r, status, text);
}

static void again(struct http *h, const struct http_session *s, struct http_request *r, const struct form *f)
{
	h->counters.repeated++;
	if (s->reply != NULL)
		say(f, r, 200, s->reply);
	else
		say(f, r, 409, "the first of these requests is being answered");
}

static void take(struct http *h, struct http_request *r, const struct form *f)
{
	struct http_session *s = http_session_by_id(h, f->session);
	const char *typed = NULL;

	if (s != NULL && s->msisdn != f->msisdn) {
		h->counters.refused++;
		say(f, r, 400, "another phoneNumber has this sessionId");
		return;
	}
	if (s != NULL && s->chain != NULL) {
		typed = newest(s->chain, f->text);
		if (typed == NULL || s->waiting != NULL) {
			again(h, s, r, f);
			return;
		}
	}
	if (s == NULL || s->ended) {
		typed = NULL;
		s = http_session_new(h, f->session, f->msisdn);
	}
	if (s == NULL || !http_session_note(s, f->text)) {
		h->counters.shed++;
		say(f, r, 503, "END We are busy. Please try again.");
		return;
	}
	s->simulated = f->simulated;
	s->say = f->say;
	s->say_ctx = f->ctx;
	http_wait_for(s, r);
	if (typed == NULL)
		begin(h, s, f);
	else
		input(h, s, f, DIALECT_CONTINUE, typed);
}

void http_on_ussd(void *ctx, struct http_request *r)
{
	struct http *h = ctx;
	const char *fault;
	struct form f;

	h->counters.requests++;
	if (http_request_is_of_another_page(r)) {
		h->counters.refused++;
		http_reply_refusal(r, HTTP_REFUSED_ORIGIN);
		return;
	}
	if (!form_read(h, r, &f))
		fault = "the body must be a form: sessionId=...&phoneNumber=...&serviceCode=...&text=...";
	else
		fault = form_check(h, &f);
	if (fault != NULL)
		http_refuse(h, r, fault);
	else
		take(h, r, &f);
}

/* --- the console's phone ---------------------------------------------------------------------------------------- */

void http_dial(struct http *h, struct http_request *r, const struct http_dialled *d)
{
	struct form f = {.session = d->session,
	                 .text = d->chain,
	                 .msisdn = d->msisdn,
	                 .simulated = true,
	                 .say = d->reply,
	                 .ctx = d->ctx};

	h->counters.requests++;
	if (!bare_code(d->code, f.digits)) {
		h->counters.refused++;
		say(&f, r, 400, "dial a code such as *123#");
	} else if (strlen(d->chain) > HTTP_CHAIN_MAX || !text_utf8_valid(d->chain, strlen(d->chain))) {
		h->counters.refused++;
		say(&f, r, 400, "what was typed in this session is too long; hang up, and dial again");
	} else {
		take(h, r, &f);
	}
}

void http_hang_up(struct http *h, int64_t msisdn)
{
	struct http_session *s = http_session_by_msisdn(h, msisdn);
	struct dialogue_input in = {.group = h->options.group, .link = h, .simulated = true};

	if (s == NULL)
		return;
	in.connection = s->connection;
	in.sequence = ++h->sequence;
	in.event.kind = DIALECT_ABORT;
	in.event.cause = DIALECT_CAUSE_SUBSCRIBER;
	in.event.msisdn = msisdn;
	give(h, &in);
	http_session_free(s);
}
