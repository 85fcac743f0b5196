/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request of Kannel's sendsms: see sendsms_read.h.
 *
 * Names and meanings of the parameters are those of the User's Guide of Kannel 1.4, SMS push CGI variables. Of them
 * username, password, from, to, text, charset, coding and smsc are done as they say; those that would change what a phone
 * shows, or when, are refused, unless they say what happens anyway; what concerns Kannel's own housekeeping is passed over.
 */
#include "gateway/sendsms_read.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

/* Not done: refused when they are given with anything but the value beside them. */
static const struct {
	const char *name, *harmless, *why;
} refused[] = {
	{"udh", "", "udh is not taken: long texts are cut into parts here\n"},
	{"mclass", "", "mclass is not taken: every SMS is of the phone's default class\n"},
	{"alt-dcs", "0", "alt-dcs is not taken: the data coding is the SMSC's, by its dialect\n"},
	{"mwi", "", "mwi is not taken: there are no message waiting indications\n"},
	{"deferred", "0", "deferred is not taken: an SMS leaves as soon as it can\n"},
	{"validity", "",
         "validity is not taken: sms.notice_expire of the gateway says how long an SMS waits\n"},
	{"dlr-url", "",
         "dlr-url is not taken: receipts are kept and shown by starhash show, and nobody is called for them\n"},
	{"dlrurl", "", "dlrurl is not taken: see dlr-url\n"},
	{"flash", "", "flash is not taken: every SMS is of the phone's default class\n"},
	{"pid", "0", "pid is not taken\n"},
	{"compress", "0", "compress is not taken\n"},
	{"rpi", "0", "rpi is not taken\n"},
};

static const char *either(const struct http_form *f, const char *name, const char *other)
{
	const char *value = http_form_value(f, name);

	return value != NULL ? value : http_form_value(f, other);
}

static const char *check_refused(const struct http_form *f)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const char *value = http_form_value(f, refused[i].name);

		if (value != NULL && *value != '\0' && strcmp(value, refused[i].harmless) != 0)
			return refused[i].why;
	}
	return NULL;
}

static int hex_of(char c)
{
	const char *digits = "0123456789abcdef", *at = c != '\0' ? strchr(digits, c | 0x20) : NULL;

	if (at == NULL || (c < '0' || (c > '9' && c < 'A')))
		return -1;
	return (int)(at - digits);
}

/* Decode the value of `text=` into bytes, which may hold NULs as UTF-16 does, and take it out of the form. -1: it is not there; -2:
 * it is not encoded as it should be, or too long. */
static int take_text(char *form, uint8_t *out, size_t size)
{
	char *at = form, *to;
	size_t n = 0;

	while (strncmp(at, "text=", 5) != 0) {
		at = strchr(at, '&');
		if (at == NULL)
			return -1;
		at++;
	}
	to = at += 5;
	for (; *at != '\0' && *at != '&'; at++) {
		int high = *at == '%' ? hex_of(at[1]) : 0, low = *at == '%' && high >= 0 ? hex_of(at[2]) : 0;

		if (high < 0 || low < 0 || n >= size)
			return -2;
		out[n++] = *at == '%' ? (uint8_t)(high * 16 + low) : *at == '+' ? ' ' : (uint8_t)*at;
		at += *at == '%' ? 2 : 0;
	}
	memmove(to, at, strlen(at) + 1);
	return (int)n;
}

/* The text in UTF-8, by `coding` and `charset` (Kannel: UTF-8 for coding 0, UTF-16BE for coding 2). */
static const char *decode_text(const struct http_form *f, const uint8_t *bytes, int n, char *out)
{
	const char *coding = http_form_value(f, "coding"), *charset = http_form_value(f, "charset");
	bool is_ucs2 = coding != NULL && strcmp(coding, "2") == 0;
	enum text_alphabet from = is_ucs2 ? TEXT_UCS2 : TEXT_UTF8;

	if (coding != NULL && *coding != '\0' && strcmp(coding, "0") != 0 && !is_ucs2)
		return "coding is 0 or 2: binary messages are not sent here\n";
	if (charset != NULL && (strcasecmp(charset, "UTF-8") == 0 || strcasecmp(charset, "utf8") == 0))
		from = TEXT_UTF8;
	else if (charset != NULL &&
	         (strcasecmp(charset, "UTF-16BE") == 0 || strcasecmp(charset, "UCS-2BE") == 0))
		from = TEXT_UCS2;
	else if (charset != NULL &&
	         (strcasecmp(charset, "ISO-8859-1") == 0 || strcasecmp(charset, "latin1") == 0))
		from = TEXT_LATIN1;
	else if (charset != NULL && *charset != '\0')
		return "charset is UTF-8, UTF-16BE or ISO-8859-1\n";
	if (from == TEXT_UCS2 && n % 2 != 0)
		return "the text is not in UTF-16BE: say charset=UTF-8 if it is that\n";
	if (from != TEXT_UTF8) {
		size_t len = text_decode(from, bytes, (size_t)n, out, SENDSMS_TEXT_MAX);

		return len + 4 < SENDSMS_TEXT_MAX ? NULL
		                                  : "the text is too long\n"; /* it may have been cut */
	}
	if (memchr(bytes, '\0', (size_t)n) != NULL || !text_utf8_valid((const char *)bytes, (size_t)n))
		return "the text is not in UTF-8: say charset=ISO-8859-1 if it is that\n";
	if ((size_t)n >= SENDSMS_TEXT_MAX)
		return "the text is too long\n";
	memcpy(out, bytes, (size_t)n);
	out[n] = '\0';
	return NULL;
}

/* A receipt can be asked for by the dialect alone; what a mask asks for without an address is kept anyway. */
static const char *check_mask(const struct http_form *f)
{
	const char *mask = http_form_value(f, "dlr-mask");

	if (mask == NULL || (strspn(mask, "0123456789") == strlen(mask) && strlen(mask) <= 3))
		return NULL;
	return "dlr-mask is a number\n";
}

const char *sendsms_read(char *text, size_t len, struct sendsms_request *out)
{
	static const char broken[] = "the request is not encoded as a form\n";
	uint8_t bytes[2 * SENDSMS_TEXT_MAX];
	const char *why;
	int n;

	memset(out, 0, sizeof(*out));
	if (memchr(text, '\0', len) != NULL)
		return broken;
	text[len] = '\0';
	n = take_text(text, bytes, sizeof(bytes));
	if (!http_form_parse(text, strlen(text), &out->form))
		return broken;
	out->user = either(&out->form, "username", "user");
	out->password = either(&out->form, "password", "pass");
	out->to = http_form_value(&out->form, "to");
	out->from = http_form_value(&out->form, "from");
	out->group = http_form_value(&out->form, "smsc");
	why = check_refused(&out->form);
	if (why == NULL)
		why = check_mask(&out->form);
	if (why == NULL && n == -2)
		why = "the text is not encoded as a form, or too long\n";
	if (why == NULL && n <= 0)
		why = "Empty text not supported, rejected\n";
	return why != NULL ? why : decode_text(&out->form, bytes, n, out->text);
}

const char *sendsms_sender(const struct config_sendsms *user, const struct sendsms_request *q,
                           const char **why)
{
	const char *from = q->from != NULL && *q->from != '\0' ? q->from : user->from;

	*why = "Sender missing and no global set, rejected\n";
	if (from == NULL || *from == '\0')
		return NULL;
	*why = "from is none of the senders that this user may say (sendsms[].senders)\n";
	if (strcmp(from, user->from) == 0)
		return user->from;
	for (size_t i = 0; i < user->n_senders; i++)
		if (strcmp(from, user->sender[i]) == 0)
			return user->sender[i];
	return NULL;
}
