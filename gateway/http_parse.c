/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP/1.1 requests, taken apart: see http_parse.h. */
#include "gateway/http_parse.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LENGTH_DIGITS_MAX 9 /* of Content-Length: more is too much anyway */

/* --- refusals -------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int status;
	const char *words;
} refusals[HTTP_REFUSALS] = {
	[HTTP_REFUSED_NOT] = {NULL, 200, ""},
	[HTTP_REFUSED_CONNECTIONS] = {"connections", 503, "too many connections; try again soon\n"},
	[HTTP_REFUSED_ADDRESS] = {"per_address", 429, "too many connections from this address; close some\n"},
	[HTTP_REFUSED_SLOW_HEAD] = {"slow_head", 408, "the request did not come in time\n"},
	[HTTP_REFUSED_SLOW_BODY] = {"slow_body", 408, "the body did not come in time\n"},
	[HTTP_REFUSED_SLOW_READER] = {"slow_reader", 408, ""},
	[HTTP_REFUSED_HEAD_SIZE] = {"head_bytes", 431, "the head is longer than 8192 bytes\n"},
	[HTTP_REFUSED_HEADERS] = {"head_lines", 431, "the head has more than 64 lines\n"},
	[HTTP_REFUSED_PATH] = {"path", 414, "the path is too long: send a form with POST\n"},
	[HTTP_REFUSED_BODY_SIZE] = {"body_bytes", 413, "the body is longer than 16384 bytes\n"},
	[HTTP_REFUSED_METHOD] = {"method", 405, "this method is not for here\n"},
	[HTTP_REFUSED_LENGTH] = {"transfer_coding", 411, "say Content-Length, and no Transfer-Encoding\n"},
	[HTTP_REFUSED_VERSION] = {"version", 505, "speak HTTP/1.1\n"},
	[HTTP_REFUSED_MALFORMED] = {"malformed", 400, "this is not an HTTP/1.1 request\n"},
	[HTTP_REFUSED_ORIGIN] = {"origin", 403, "pages of other sites may not send here\n"},
	[HTTP_REFUSED_HOST] =
		{"host", 421,
                 "this name is not known here; ask by the address, or add the name to http.hosts "
                 "in starhash.conf and restart\n"},
};

const char *http_refusal_name(enum http_refusal r)
{
	return r < HTTP_REFUSALS ? refusals[r].name : NULL;
}

int http_refusal_status(enum http_refusal r)
{
	return refusals[r].status;
}

const char *http_refusal_words(enum http_refusal r)
{
	return refusals[r].words;
}

/* --- the head ---------------------------------------------------------------------------------------- */

size_t http_head_end(const char *text, size_t len, size_t from)
{
	for (size_t i = from > 3 ? from - 3 : 0; i < len; i++) {
		if (text[i] != '\n')
			continue;
		if (i + 1 < len && text[i + 1] == '\n')
			return i + 2;
		if (i + 2 < len && text[i + 1] == '\r' && text[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

/* RFC 9110, 5.6.2: what names are made of. */
static bool is_token_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static size_t token_length(const char *text)
{
	size_t n = 0;

	while (is_token_char((unsigned char)text[n]))
		n++;
	return n;
}

/* The next line of [*at, end), without its end, NUL-terminated. NULL: there is none. */
static char *next_line(char **at, char *end)
{
	char *line = *at, *lf;

	if (line >= end)
		return NULL;
	lf = memchr(line, '\n', (size_t)(end - line));
	*at = lf != NULL ? lf + 1 : end;
	if (lf == NULL)
		lf = end;
	if (lf > line && lf[-1] == '\r')
		lf--;
	*lf = '\0';
	return line;
}

static bool is_visible(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || (unsigned char)*text == 0x7f)
			return false;
	return true;
}

/* RFC 9110, 5.5: a value has no control characters but the tab. */
static bool is_value(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') || (unsigned char)*text == 0x7f)
			return false;
	return true;
}

static unsigned method_of(const char *word)
{
	if (strcmp(word, "GET") == 0)
		return HTTP_GET;
	if (strcmp(word, "HEAD") == 0)
		return HTTP_HEAD;
	return strcmp(word, "POST") == 0 ? HTTP_POST : 0;
}

static enum http_refusal parse_target(char *target, struct http_head *out)
{
	char *query;

	if (target[0] != '/' || !is_visible(target) || strchr(target, '#') != NULL)
		return HTTP_REFUSED_MALFORMED;
	query = strchr(target, '?');
	if (query != NULL)
		*query++ = '\0';
	out->path = target;
	out->query = query != NULL ? query : "";
	if (strlen(target) > HTTP_PATH_MAX || strlen(out->query) > HTTP_QUERY_MAX)
		return HTTP_REFUSED_PATH;
	return HTTP_REFUSED_NOT;
}

/* "GET /path?query HTTP/1.1" */
static enum http_refusal parse_first(char *line, struct http_head *out)
{
	size_t n = token_length(line);
	char *target = line + n, *version;

	if (n == 0 || *target != ' ')
		return HTTP_REFUSED_MALFORMED;
	*target++ = '\0';
	version = strchr(target, ' ');
	if (version == NULL)
		return HTTP_REFUSED_MALFORMED;
	*version++ = '\0';
	if (strncmp(version, "HTTP/", 5) != 0 || strlen(version) != 8)
		return HTTP_REFUSED_MALFORMED;
	if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
		return HTTP_REFUSED_VERSION;
	out->minor = version[7] - '0';
	out->method = method_of(line);
	return parse_target(target, out);
}

static enum http_refusal parse_line(char *line, struct http_head *out)
{
	size_t n = token_length(line), end;
	char *value;

	if (n == 0 || line[n] != ':') /* a folded line begins with a blank */
		return HTTP_REFUSED_MALFORMED;
	if (out->n_headers >= HTTP_HEADERS_MAX)
		return HTTP_REFUSED_HEADERS;
	line[n] = '\0';
	value = line + n + 1;
	value += strspn(value, " \t");
	end = strlen(value);
	while (end > 0 && (value[end - 1] == ' ' || value[end - 1] == '\t'))
		value[--end] = '\0';
	if (!is_value(value))
		return HTTP_REFUSED_MALFORMED;
	out->header[out->n_headers++] = (struct http_header){line, value};
	return HTTP_REFUSED_NOT;
}

const char *http_head_value(const struct http_head *h, const char *name)
{
	for (size_t i = 0; i < h->n_headers; i++)
		if (strcasecmp(h->header[i].name, name) == 0)
			return h->header[i].value;
	return NULL;
}

static size_t count_of(const struct http_head *h, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n_headers; i++)
		n += strcasecmp(h->header[i].name, name) == 0;
	return n;
}

/* Is the word one of a list, "keep-alive, Upgrade"? */
static bool list_has(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (list != NULL && *list != '\0') {
		list += strspn(list, " \t,");
		if (strncasecmp(list, word, n) == 0 && strchr(" \t,", list[n]) != NULL)
			return true; /* strchr finds the NUL, too */
		list += strcspn(list, ",");
	}
	return false;
}

static enum http_refusal parse_length(struct http_head *out)
{
	const char *length = http_head_value(out, "Content-Length");

	if (http_head_value(out, "Transfer-Encoding") != NULL)
		return HTTP_REFUSED_LENGTH;
	if (length == NULL)
		return HTTP_REFUSED_NOT;
	if (count_of(out, "Content-Length") != 1 || *length == '\0' ||
	    strspn(length, "0123456789") != strlen(length))
		return HTTP_REFUSED_MALFORMED;
	if (strlen(length) > LENGTH_DIGITS_MAX)
		return HTTP_REFUSED_BODY_SIZE;
	for (; *length != '\0'; length++)
		out->length = out->length * 10 + (size_t)(*length - '0');
	return HTTP_REFUSED_NOT;
}

static enum http_refusal judge(struct http_head *out)
{
	const char *connection = http_head_value(out, "Connection"), *expect = http_head_value(out, "Expect");
	size_t hosts = count_of(out, "Host");

	if (hosts > 1 || (hosts == 0 && out->minor == 1) || count_of(out, "Origin") > 1)
		return HTTP_REFUSED_MALFORMED;
	out->keeps_alive =
		out->minor == 1 ? !list_has(connection, "close") : list_has(connection, "keep-alive");
	out->expects_continue = out->minor == 1 && expect != NULL && strcasecmp(expect, "100-continue") == 0;
	return parse_length(out);
}

enum http_refusal http_head_parse(char *text, size_t len, struct http_head *out)
{
	char *at = text, *end = text + len, *line;
	enum http_refusal r;

	out->n_headers = 0;
	out->length = 0;
	out->method = 0;
	out->path = out->query = "";
	out->keeps_alive = out->expects_continue = false;
	out->minor = 1;
	if (memchr(text, '\0', len) != NULL)
		return HTTP_REFUSED_MALFORMED;
	*end = '\0';
	line = next_line(&at, end);
	r = line != NULL ? parse_first(line, out) : HTTP_REFUSED_MALFORMED;
	while (r == HTTP_REFUSED_NOT && (line = next_line(&at, end)) != NULL && *line != '\0')
		r = parse_line(line, out);
	return r == HTTP_REFUSED_NOT ? judge(out) : r;
}

/* --- the name that is asked for --------------------------------------------------------------------------- */

/* "" or ":8080" */
static bool is_port(const char *text)
{
	return *text == '\0' || (*text == ':' && strspn(text + 1, "0123456789") == strlen(text + 1));
}

static bool is_address_six(const char *host)
{
	const char *end = strchr(host, ']');
	char text[INET6_ADDRSTRLEN];
	struct in6_addr at;

	if (end == NULL || !is_port(end + 1) || (size_t)(end - host) > sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)(end - host - 1), host + 1);
	return inet_pton(AF_INET6, text, &at) == 1;
}

bool http_host_is_ours(const char *host, char *const *names, size_t n)
{
	char name[HTTP_HOST_SIZE];
	struct in_addr at;
	size_t len;

	if (*host == '[')
		return is_address_six(host);
	len = strcspn(host, ":");
	if (len == 0 || len >= sizeof(name) || !is_port(host + len))
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	if (inet_pton(AF_INET, name, &at) == 1)
		return true;
	if (len > 1 && name[len - 1] == '.') /* the same name, from the root */
		name[len - 1] = '\0';
	if (strcasecmp(name, "localhost") == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* --- forms ----------------------------------------------------------------------------------------------- */

static int hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place. False: a '%' of nothing, or of NUL, behind which nothing would be seen. */
static bool decode(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		int high, low;

		if (*text == '+') {
			*to++ = ' ';
			continue;
		}
		if (*text != '%') {
			*to++ = *text;
			continue;
		}
		high = hex_of(text[1]);
		low = high >= 0 ? hex_of(text[2]) : -1;
		if (low < 0 || high * 16 + low == 0)
			return false;
		*to++ = (char)(high * 16 + low);
		text += 2;
	}
	*to = '\0';
	return true;
}

static bool add_pair(char *pair, struct http_form *out)
{
	char *value = strchr(pair, '=');

	if (*pair == '\0')
		return true;
	if (out->n >= HTTP_FORM_PAIRS_MAX)
		return false;
	if (value != NULL)
		*value++ = '\0';
	else
		value = pair + strlen(pair);
	out->pair[out->n++] = (struct http_header){pair, value};
	return decode(pair) && decode(value);
}

bool http_form_parse(char *text, size_t len, struct http_form *out)
{
	out->n = 0;
	if (memchr(text, '\0', len) != NULL)
		return false;
	text[len] = '\0';
	for (char *pair = text, *next; pair != NULL; pair = next) {
		next = strchr(pair, '&');
		if (next != NULL)
			*next++ = '\0';
		if (!add_pair(pair, out))
			return false;
	}
	return true;
}

const char *http_form_value(const struct http_form *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->pair[i].name, name) == 0)
			return f->pair[i].value;
	return NULL;
}
