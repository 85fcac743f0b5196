/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML-RPC requests: see xmlrpc.h. Text into a bounded buffer, with every character that XML keeps for itself escaped. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "gateway/xmlrpc.h"

static void escaped(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<')
			buf_add(b, "&lt;");
		else if (*text == '>')
			buf_add(b, "&gt;");
		else if (*text == '&')
			buf_add(b, "&amp;");
		else
			buf_add_char(b, *text);
	}
}

static void member(struct buf *b, const char *name, const char *type, const char *text)
{
	buf_printf(b, "<member><name>%s</name><value><%s>", name, type);
	escaped(b, text);
	buf_printf(b, "</%s></value></member>", type);
}

void xmlrpc_call_begin(struct buf *b, const char *method)
{
	buf_add(b, "<?xml version=\"1.0\"?><methodCall><methodName>");
	escaped(b, method);
	buf_add(b, "</methodName><params><param><value><struct>");
}

void xmlrpc_call_end(struct buf *b)
{
	buf_add(b, "</struct></value></param></params></methodCall>");
}

void xmlrpc_put_text(struct buf *b, const char *name, const char *text)
{
	member(b, name, "string", text);
}

static void put_number(struct buf *b, const char *name, const char *type, int64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, value);
	member(b, name, type, digits);
}

void xmlrpc_put_int(struct buf *b, const char *name, int64_t value)
{
	put_number(b, name, "i4", value);
}

void xmlrpc_put_amount(struct buf *b, const char *name, int64_t value)
{
	put_number(b, name, "string", value);
}

char *xmlrpc_time(int64_t utc_ms, char *out)
{
	time_t s = (time_t)(utc_ms / 1000);
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL || strftime(out, XMLRPC_TIME_SIZE, "%Y%m%dT%H:%M:%S+0000", &tm) == 0)
		snprintf(out, XMLRPC_TIME_SIZE, "19700101T00:00:00+0000");
	return out;
}

void xmlrpc_put_time(struct buf *b, const char *name, const char *time)
{
	member(b, name, "dateTime.iso8601", time);
}

void xmlrpc_list_begin(struct buf *b, const char *name)
{
	buf_printf(b, "<member><name>%s</name><value><array><data>", name);
}

void xmlrpc_list_end(struct buf *b)
{
	buf_add(b, "</data></array></value></member>");
}

void xmlrpc_item_begin(struct buf *b)
{
	buf_add(b, "<value><struct>");
}

void xmlrpc_item_end(struct buf *b)
{
	buf_add(b, "</struct></value>");
}
