/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hex lines: one PDU a line, or a dump with offsets over several.
 *
 * Before the octets may stand, in any order: a direction (`<`, `in`, from the SMSC; `>`, `out`, to it), a
 * time in seconds (`@12.5`) and a connection (`[2]`). Between octets spaces, colons and `0x` say nothing.
 * `#`, `;` and `//` begin a comment. Lines that are none of this are counted; the rest is read all the same.
 */
#include "tools/trace_private.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/pdu.h"

#define LINE_OCTETS_MAX (1u << 20)
#define DUMP_OCTETS 16 /* in one line of a dump with offsets */

struct hex {
	struct trace *trace;
	uint8_t *octets; /* of the PDU that is being gathered */
	size_t len;
	bool is_dump;
	struct trace_pdu about;
	struct trace_pdu said;  /* what prefixes of this line say */
	struct trace_pdu ahead; /* what a line of prefixes alone said of the next */
	bool has_ahead;
	size_t line;
};

/* --- one PDU is whole ---------------------------------------------------------------------------- */

static size_t length_at(const uint8_t *p, size_t left)
{
	return left < 4 ? 0 : (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

static enum rc keep(struct hex *h, const uint8_t *bytes, size_t len)
{
	struct trace_pdu pdu = h->about;
	enum rc rc;

	if (pdu.way == TRACE_WAY_UNKNOWN && len >= 8)
		pdu.way = trace_way_of((uint32_t)bytes[4] << 24 | (uint32_t)bytes[5] << 16 |
		                       (uint32_t)bytes[6] << 8 | bytes[7]);
	rc = trace_keep(h->trace, &pdu, bytes, len);
	return rc == RC_FULL ? RC_OK : rc;
}

/* Several PDUs may stand in one line, as they do in one segment. What a dump holds after its PDU is its
 * picture in letters. */
static enum rc flush(struct hex *h)
{
	size_t at = 0;
	enum rc rc = RC_OK;

	while (rc == RC_OK && at < h->len) {
		size_t left = h->len - at, length = length_at(h->octets + at, left), n = left;

		if (length >= PDU_HEADER_SIZE && length < left &&
		    (trace_is_header(h->octets + at + length, left - length) ||
		     (h->is_dump && left - length < DUMP_OCTETS)))
			n = length;
		rc = keep(h, h->octets + at, n);
		at += n;
		if (h->is_dump && h->len - at < DUMP_OCTETS)
			break;
	}
	h->len = 0;
	h->is_dump = false;
	return rc;
}

/* --- words --------------------------------------------------------------------------------------- */

static bool is_separator(char c)
{
	return isspace((unsigned char)c) || c == ':' || c == ',' || c == '-';
}

static size_t word_length(const char *at, const char *end)
{
	size_t n = 0;

	while (at + n < end && !is_separator(at[n]))
		n++;
	return n;
}

static bool is_hex(const char *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isxdigit((unsigned char)at[i]))
			return false;
	return n > 0;
}

/* A prefix: 0 = it is none. */
static size_t read_prefix(struct hex *h, const char *at, const char *end)
{
	static const struct {
		const char *word;
		enum trace_way way;
	} ways[] = {
		{"<<", TRACE_WAY_IN},    {"<-", TRACE_WAY_IN},  {"<", TRACE_WAY_IN},
		{"in", TRACE_WAY_IN},    {"rx", TRACE_WAY_IN},  {"recv", TRACE_WAY_IN},
		{">>", TRACE_WAY_OUT},   {"->", TRACE_WAY_OUT}, {">", TRACE_WAY_OUT},
		{"out", TRACE_WAY_OUT},  {"tx", TRACE_WAY_OUT}, {"send", TRACE_WAY_OUT},
		{"sent", TRACE_WAY_OUT},
	};
	size_t left = (size_t)(end - at);
	char word[32];
	size_t n;

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		n = strlen(ways[i].word);
		if (left < n || strncasecmp(at, ways[i].word, n) != 0)
			continue;
		if (isalpha((unsigned char)*at) && (left == n || !is_separator(at[n])))
			continue;
		h->said.way = ways[i].way;
		return n;
	}
	n = word_length(at, end);
	if (n < 2 || n >= sizeof word)
		return 0;
	memcpy(word, at, n);
	word[n] = '\0';
	if (*at == '@') {
		double seconds = strtod(word + 1, NULL);

		if (!(seconds >= 0 && seconds < 1e11))
			return 0;
		h->said.at_us = llround(seconds * 1e6);
		return n;
	}
	if (*at == '[' && word[n - 1] == ']' && atoi(word + 1) > 0 && atoi(word + 1) <= 9999) {
		h->said.connection = (unsigned)atoi(word + 1);
		return n;
	}
	return 0;
}

static const char *skip_separators(const char *at, const char *end)
{
	while (at < end && is_separator(*at))
		at++;
	return at;
}

/* The offset column of a dump: followed by a colon, or longer than the groups after it. *offset = its value.
 */
static size_t read_offset(const char *at, const char *end, size_t *offset)
{
	size_t n = word_length(at, end), next;
	const char *after;
	char digits[9];

	if (n < 4 || n > 8 || !is_hex(at, n))
		return 0;
	after = skip_separators(at + n, end);
	next = word_length(after, end);
	if (after == at + n || !is_hex(after, next) || (next != 2 && next != 4))
		return 0;
	if (next >= n && at[n] != ':')
		return 0;
	memcpy(digits, at, n);
	digits[n] = '\0';
	*offset = strtoul(digits, NULL, 16);
	return n;
}

/* --- lines --------------------------------------------------------------------------------------- */

/* Octets of a word; false: it is no hexadecimal. */
static bool take_word(struct hex *h, const char *at, size_t n)
{
	if (n > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		at += 2;
		n -= 2;
	}
	if (n % 2 || !is_hex(at, n) || h->len + n / 2 > LINE_OCTETS_MAX)
		return false;
	for (size_t i = 0; i < n; i += 2) {
		char pair[3] = {at[i], at[i + 1], '\0'};

		h->octets[h->len++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return true;
}

static bool take_octets(struct hex *h, const char *at, const char *end)
{
	size_t before = h->len;

	for (at = skip_separators(at, end); at < end; at = skip_separators(at, end)) {
		size_t n = word_length(at, end);

		if (h->is_dump && (h->len - before >= DUMP_OCTETS || *at == '|' || (n != 2 && n != 4)))
			return h->len > before;
		if (!take_word(h, at, n))
			return h->is_dump && h->len > before;
		at += n;
	}
	return h->len > before;
}

static const char *without_comment(const char *at, const char *end)
{
	const char *p = at;

	for (; p < end; p++)
		if (*p == '#' || *p == ';' || (*p == '/' && p + 1 < end && p[1] == '/'))
			break;
	while (p > at && isspace((unsigned char)p[-1]))
		p--;
	return p;
}

static enum rc broken(struct hex *h)
{
	if (h->trace->counts.lines_broken++ == 0)
		h->trace->counts.first_broken = h->line;
	h->len = 0;
	h->is_dump = false;
	return RC_OK;
}

static enum rc take_line(struct hex *h, const char *at, const char *end)
{
	size_t n, offset = 0;
	bool said = false;
	enum rc rc;

	end = without_comment(at, end);
	at = skip_separators(at, end);
	if (at == end)
		return flush(h);
	h->said = (struct trace_pdu){.at_us = -1, .connection = 1};
	while (at < end && (n = read_prefix(h, at, end)) > 0) {
		at = skip_separators(at + n, end);
		said = true;
	}
	n = read_offset(at, end, &offset);
	if (n > 0 && offset == h->len && h->len > 0 && h->is_dump)
		return take_octets(h, at + n, end) ? RC_OK : broken(h);
	rc = flush(h);
	if (rc != RC_OK)
		return rc;
	if (at == end) {
		h->ahead = h->said;
		h->has_ahead = true;
		return RC_OK;
	}
	h->about = !said && h->has_ahead ? h->ahead : h->said;
	h->about.place = h->line;
	h->has_ahead = false;
	if (n > 0 && offset == 0) {
		h->is_dump = true;
		return take_octets(h, at + n, end) ? RC_OK : broken(h);
	}
	return take_octets(h, at, end) ? flush(h) : broken(h);
}

enum rc trace_read_hex(struct trace *t, const char *text, size_t len, char *why, size_t why_size)
{
	struct hex h = {.trace = t, .octets = malloc(LINE_OCTETS_MAX)};
	const char *at = text, *stop = text + len;
	enum rc rc = h.octets ? RC_OK : RC_NOMEM;

	while (rc == RC_OK && at < stop) {
		const char *end = memchr(at, '\n', (size_t)(stop - at));

		h.line++;
		if (!end)
			end = stop;
		rc = take_line(&h, at, end);
		at = end + 1;
	}
	if (rc == RC_OK)
		rc = flush(&h);
	free(h.octets);
	if (rc != RC_OK || t->n > 0)
		return rc;
	snprintf(why, why_size, "%s",
	         t->counts.lines_broken > 0 ? "has no line of hexadecimal octets, and is no capture either"
	                                    : "is empty: there is no PDU in it");
	return RC_SYNTAX;
}
