/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dashboard of `starhash status`: see dashboard.h. A line that is new gets a function here, and a call in
 * dashboard_write. */
#include "tools/dashboard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "tools/cmd_json.h"

#define LINE_SIZE 1024

static const char *paint(const struct dashboard *d, const char *escape)
{
	return d->color ? escape : "";
}

#define RED "\033[31;1m"
#define YELLOW "\033[33m"
#define GREEN "\033[32m"
#define DIM "\033[2m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

/* One line, cut to the width; `color` "" = none. */
static void line(const struct dashboard *d, struct buf *out, const char *color, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void line(const struct dashboard *d, struct buf *out, const char *color, const char *format, ...)
{
	char text[LINE_SIZE];
	va_list args;
	size_t n = 0;
	int columns = 0;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	while (text[n] != '\0' && columns < d->width) {
		n++;
		while (((unsigned char)text[n] & 0xc0) == 0x80) /* the rest of a character */
			n++;
		columns++;
	}
	buf_add(out, paint(d, color));
	buf_add_n(out, text, n);
	if (*color)
		buf_add(out, paint(d, PLAIN));
	buf_add_char(out, '\n');
}

/* As many octets of `text` as fit `columns`, up to the end of a word if one ends there. */
static size_t fitting(const char *text, int columns)
{
	size_t n = 0, word = 0;

	while (text[n] != '\0' && columns-- > 0) {
		if (text[n] == ' ' && n > 0)
			word = n;
		n++;
		while (((unsigned char)text[n] & 0xc0) == 0x80)
			n++;
	}
	return text[n] == '\0' || text[n] == ' ' || word == 0 ? n : word;
}

/* A sentence that somebody has to read to its end: as many lines as it needs, behind `first`, then behind as many blanks. */
static void sentence(const struct dashboard *d, struct buf *out, const char *color, const char *first,
                     const char *text)
{
	int indent = (int)strlen(first), columns = d->width > indent ? d->width - indent : 1;

	for (bool again = false; *text != '\0' || !again; again = true) {
		size_t n = fitting(text, columns);

		buf_printf(out, "%s%*s%.*s%s\n", paint(d, color), indent, again ? "" : first, (int)n, text,
		           *color ? paint(d, PLAIN) : "");
		text += n;
		text += strspn(text, " ");
	}
}

/* A second, between the two; "" = not known yet. */
static const char *rate(const struct dashboard *d, const json_t *now, const json_t *before, const char *path,
                        char out[24])
{
	double by = d->between_ms > 0 ? (double)d->between_ms / 1000 : 0;
	json_int_t n;

	out[0] = '\0';
	if (!before || by <= 0)
		return out;
	n = cmd_json_number(now, path) - cmd_json_number(before, path);
	snprintf(out, 24, "%.*f/s", n > 0 && (double)n / by < 10 ? 1 : 0, n > 0 ? (double)n / by : 0.0);
	return out;
}

/* --- answer times ------------------------------------------------------------------------------------ */

int64_t dashboard_percentile(const json_t *now, const json_t *before, int percent)
{
	const json_t *bounds = json_object_get(now, "up_to_us"), *a = json_object_get(now, "answers"),
		     *b = json_object_get(before, "answers");
	json_int_t all = cmd_json_number(now, "count") - cmd_json_number(before, "count"), seen = 0;

	if (all <= 0)
		return -1;
	for (size_t i = 0; i < json_array_size(a); i++) {
		seen += json_integer_value(json_array_get(a, i)) - json_integer_value(json_array_get(b, i));
		if (seen * 100 >= all * percent)
			return i < json_array_size(bounds) ? json_integer_value(json_array_get(bounds, i))
			                                   : INT64_MAX;
	}
	return INT64_MAX;
}

static const char *time_text(int64_t us, char out[24])
{
	if (us < 0)
		return "-";
	if (us == INT64_MAX)
		return "longer";
	if (us < 1000)
		snprintf(out, 24, "%" PRId64 " us", us);
	else if (us < 1000000)
		snprintf(out, 24, us < 10000 ? "%.1f ms" : "%.0f ms", (double)us / 1000);
	else
		snprintf(out, 24, "%.1f s", (double)us / 1000000);
	return out;
}

/* --- lines --------------------------------------------------------------------------------------------- */

static void write_head(const struct dashboard *d, struct buf *out)
{
	const char *health = cmd_json_text(d->now, "health.status"), *color = GREEN;
	char at[CLOCK_TEXT_SIZE];

	if (strcmp(health, "down") == 0)
		color = RED;
	else if (strcmp(health, "ok") != 0)
		color = YELLOW;
	line(d, out, "", "starhashd %s   since %.19s UTC   now %.19s", cmd_json_text(d->now, "version"),
	     cmd_json_text(d->now, "since"), clock_utc_text(d->utc_ms, at));
	line(d, out, color, "%s%s",
	     strcmp(health, "ok") == 0     ? "OK: subscribers are served, nothing is wrong"
	     : strcmp(health, "down") == 0 ? "DOWN: subscribers are not served"
	                                   : "DEGRADED: subscribers are served, and something is wrong",
	     json_is_true(json_object_get(d->now, "draining")) ? "; draining" : "");
}

static void write_troubles(const struct dashboard *d, struct buf *out)
{
	const json_t *list = json_object_get(json_object_get(d->now, "health"), "troubles");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *t = json_array_get(list, i);

		sentence(d, out, json_is_true(json_object_get(t, "grave")) ? RED : YELLOW, "  ! ",
		         cmd_json_text(t, "what"));
		sentence(d, out, "", "    ", cmd_json_text(t, "remedy"));
	}
	buf_add_char(out, '\n');
}

static void write_dialogues(const struct dashboard *d, struct buf *out)
{
	const json_t *n = json_object_get(d->now, "dialogues"), *b = json_object_get(d->before, "dialogues"),
		     *times = json_object_get(d->now, "answer_times"),
		     *times_before = json_object_get(d->before, "answer_times");
	char begun[24], inputs[24], p50[24], p95[24], p99[24];

	line(d, out, BOLD,
	     "dialogues   open %" JSON_INTEGER_FORMAT "   begun %" JSON_INTEGER_FORMAT
	     " %s   inputs %" JSON_INTEGER_FORMAT " %s",
	     cmd_json_number(n, "open"), cmd_json_number(n, "begun"), rate(d, n, b, "begun", begun),
	     cmd_json_number(n, "inputs"), rate(d, n, b, "inputs", inputs));
	line(d, out, "",
	     "  ended     completed %" JSON_INTEGER_FORMAT "  cancelled %" JSON_INTEGER_FORMAT
	     "  silent %" JSON_INTEGER_FORMAT "  replaced %" JSON_INTEGER_FORMAT
	     "  lost %" JSON_INTEGER_FORMAT "  failed %" JSON_INTEGER_FORMAT "  shed %" JSON_INTEGER_FORMAT,
	     cmd_json_number(n, "completed"), cmd_json_number(n, "cancelled"), cmd_json_number(n, "idle"),
	     cmd_json_number(n, "replaced"), cmd_json_number(n, "lost"), cmd_json_number(n, "failed"),
	     cmd_json_number(n, "shed"));
	line(d, out, "", "  answers   half within %s  95 %% %s  99 %% %s%s   apologies %" JSON_INTEGER_FORMAT,
	     time_text(dashboard_percentile(times, times_before, 50), p50),
	     time_text(dashboard_percentile(times, times_before, 95), p95),
	     time_text(dashboard_percentile(times, times_before, 99), p99),
	     d->before ? "" : " (since the start)", cmd_json_number(n, "apologies"));
	line(d, out, "", "  people    registered %" JSON_INTEGER_FORMAT "  granted %" JSON_INTEGER_FORMAT,
	     cmd_json_number(n, "registered"), cmd_json_number(n, "granted"));
	buf_add_char(out, '\n');
}

static const json_t *same_link(const struct dashboard *d, const char *name)
{
	const json_t *list = json_object_get(d->before, "links");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(cmd_json_text(json_array_get(list, i), "name"), name) == 0)
			return json_array_get(list, i);
	return NULL;
}

static void write_link(const struct dashboard *d, const json_t *l, struct buf *out)
{
	const char *name = cmd_json_text(l, "name"), *state = cmd_json_text(l, "state");
	const json_t *b = same_link(d, name);
	bool held = json_is_true(json_object_get(l, "held")), bound = strcmp(state, "bound") == 0;
	char in[24], to[24], limit[32] = "";

	if (cmd_json_number(l, "rate") > 0)
		snprintf(limit, sizeof limit, "%" JSON_INTEGER_FORMAT "/s%s", cmd_json_number(l, "rate"),
		         cmd_json_number(l, "rate") != cmd_json_number(l, "configured_rate") ? " (throttled)"
		                                                                             : "");
	line(d, out,
	     held    ? YELLOW
	     : bound ? ""
	             : RED,
	     "%-16.16s %-10.10s %-10s %8s %8s %5" JSON_INTEGER_FORMAT "/%-5" JSON_INTEGER_FORMAT
	     " %6" JSON_INTEGER_FORMAT " %8" JSON_INTEGER_FORMAT "  %s",
	     name, cmd_json_text(l, "group"), held ? "held" : state, rate(d, l, b, "deliver_in", in),
	     rate(d, l, b, "submit_out", to), cmd_json_number(l, "outstanding"), cmd_json_number(l, "window"),
	     cmd_json_number(l, "queued"),
	     cmd_json_number(l, "submit_rejected") + cmd_json_number(l, "submit_unknown"), limit);
}

static void write_links(const struct dashboard *d, struct buf *out)
{
	const json_t *list = json_object_get(d->now, "links");

	line(d, out, BOLD, "%-16s %-10s %-10s %8s %8s %11s %6s %8s  %s", "link", "group", "state", "in",
	     "out", "window", "queue", "not well", "limit");
	for (size_t i = 0; i < json_array_size(list); i++)
		write_link(d, json_array_get(list, i), out);
	if (json_array_size(list) == 0)
		line(d, out, "", "  none: nothing can reach the daemon");
	buf_add_char(out, '\n');
}

static void write_store(const struct dashboard *d, struct buf *out)
{
	const json_t *s = json_object_get(d->now, "store"), *b = json_object_get(d->before, "store");
	bool failing = json_is_true(json_object_get(s, "failing"));
	char writes[24], mean[24], most[24];

	line(d, out, failing ? RED : BOLD,
	     "store       queue %" JSON_INTEGER_FORMAT "   writes %s   commit %s on average, %s at most%s",
	     cmd_json_number(s, "queue"), rate(d, s, b, "writes", writes),
	     time_text(cmd_json_number(s, "commit_us_mean"), mean),
	     time_text(cmd_json_number(s, "commit_us_max"), most), failing ? "   FAILING" : "");
}

static void write_rest(const struct dashboard *d, struct buf *out)
{
	const json_t *o = json_object_get(d->now, "outbox"), *n = json_object_get(d->now, "notices");

	if (o)
		line(d, out, cmd_json_number(o, "unknown") > 0 ? YELLOW : "",
		     "outbox      pending %" JSON_INTEGER_FORMAT "  with the system %" JSON_INTEGER_FORMAT
		     "  in doubt %" JSON_INTEGER_FORMAT "  oldest %" JSON_INTEGER_FORMAT " s   charging %s",
		     cmd_json_number(o, "pending"), cmd_json_number(o, "sent"), cmd_json_number(o, "unknown"),
		     cmd_json_number(o, "oldest_s"), cmd_json_text(d->now, "charging.circuit"));
	line(d, out, "",
	     "SMS         waiting %" JSON_INTEGER_FORMAT "  sent %" JSON_INTEGER_FORMAT
	     "  rejected %" JSON_INTEGER_FORMAT "  unknown %" JSON_INTEGER_FORMAT
	     "  given up %" JSON_INTEGER_FORMAT "  oldest %" JSON_INTEGER_FORMAT " s",
	     cmd_json_number(n, "waiting"), cmd_json_number(n, "sent"), cmd_json_number(n, "rejected"),
	     cmd_json_number(n, "unknown"), cmd_json_number(n, "given_up"), cmd_json_number(n, "oldest_s"));
	line(d, out, "", "loop        %" JSON_INTEGER_FORMAT " ms late, %" JSON_INTEGER_FORMAT " ms at most",
	     cmd_json_number(d->now, "loop_lag_ms"), cmd_json_number(d->now, "loop_lag_ms_max"));
}

static void write_held(const struct dashboard *d, struct buf *out)
{
	json_int_t held = cmd_json_number(d->now, "limits.held");

	if (held > 0)
		line(d, out, YELLOW,
		     "decisions   %" JSON_INTEGER_FORMAT
		     " gifts wait for a person: starhash grants --state held",
		     held);
}

void dashboard_write(const struct dashboard *d, struct buf *out)
{
	write_head(d, out);
	write_troubles(d, out);
	write_dialogues(d, out);
	write_links(d, out);
	write_store(d, out);
	write_rest(d, out);
	write_held(d, out);
}
