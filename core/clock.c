/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clock: the system's, and one that is moved by hand.
 *
 * Invariant: monotonic milliseconds never go back; UTC milliseconds may, when somebody sets the system's clock.
 */
#include "core/clock.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define YEAR_1000_MS INT64_C(-30610224000000) /* 1000-01-01T00:00:00.000Z */
#define YEAR_9999_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

static int64_t read_ms(clockid_t id)
{
	struct timespec ts = {0, 0};

	clock_gettime(id, &ts); /* cannot fail for these two clocks and a valid pointer */
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* What the milliseconds of this thread are as long as it holds them. */
static _Thread_local struct {
	int64_t mono_ms, utc_ms;
	bool is_held;
} held;

static int64_t system_mono_ms(const struct clock *c)
{
	(void)c;
	return held.is_held ? held.mono_ms : read_ms(CLOCK_MONOTONIC);
}

static int64_t system_utc_ms(const struct clock *c)
{
	(void)c;
	return held.is_held ? held.utc_ms : read_ms(CLOCK_REALTIME);
}

void clock_hold(void)
{
	held.mono_ms = read_ms(CLOCK_MONOTONIC);
	held.utc_ms = read_ms(CLOCK_REALTIME);
	held.is_held = true;
}

void clock_let_go(void)
{
	held.is_held = false;
}

static int64_t system_mono_us(const struct clock *c)
{
	struct timespec ts = {0, 0};

	(void)c;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

const struct clock *clock_system(void)
{
	static const struct clock system = {system_mono_ms, system_utc_ms, system_mono_us};

	return &system;
}

static const struct clock_fake *fake_of(const struct clock *c)
{
	return (const struct clock_fake *)(const void *)((const char *)c -
	                                                 offsetof(struct clock_fake, clock));
}

static int64_t fake_mono_ms(const struct clock *c)
{
	return fake_of(c)->now_mono_ms;
}

static int64_t fake_utc_ms(const struct clock *c)
{
	return fake_of(c)->now_utc_ms;
}

void clock_fake_init(struct clock_fake *fake, int64_t utc_ms)
{
	fake->clock.mono_ms = fake_mono_ms;
	fake->clock.utc_ms = fake_utc_ms;
	fake->now_mono_ms = 1; /* not 0, which reads as "never" in many a struct */
	fake->now_utc_ms = utc_ms;
}

void clock_fake_advance(struct clock_fake *fake, int64_t ms)
{
	assert(ms >= 0);
	fake->now_mono_ms += ms;
	fake->now_utc_ms += ms;
}

char *clock_utc_text(int64_t utc_ms, char *out)
{
	struct tm tm;
	time_t seconds;
	size_t n;
	int ms;

	/* Beyond these years the text would not have its form any more; the ends are as good as any answer. */
	if (utc_ms < YEAR_1000_MS)
		utc_ms = YEAR_1000_MS;
	if (utc_ms > YEAR_9999_MS)
		utc_ms = YEAR_9999_MS;
	ms = (int)(utc_ms % 1000);
	seconds = (time_t)(utc_ms / 1000);
	if (ms < 0) {
		ms += 1000;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	n = strftime(out, CLOCK_TEXT_SIZE, "%FT%T", &tm);
	snprintf(out + n, CLOCK_TEXT_SIZE - n, ".%03dZ", ms);
	return out;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

/* `n` digits, no sign, least..most. */
static bool digits(const char **at, int n, int least, int most, int *out)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if ((*at)[i] < '0' || (*at)[i] > '9')
			return false;
		value = value * 10 + ((*at)[i] - '0');
	}
	if (value < least || value > most)
		return false;
	*at += n;
	*out = value;
	return true;
}

static bool skip(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

/* "22:20", "22:20:53", "22:20:53.123" */
static bool time_read(const char **at, struct tm *tm, int *ms)
{
	if (!digits(at, 2, 0, 23, &tm->tm_hour) || !skip(at, ':') || !digits(at, 2, 0, 59, &tm->tm_min))
		return false;
	if (!skip(at, ':'))
		return true;
	if (!digits(at, 2, 0, 59, &tm->tm_sec))
		return false;
	return !skip(at, '.') || digits(at, 3, 0, 999, ms);
}

/* "", "Z", "+03:00" */
static bool zone_read(const char **at, int *minutes)
{
	int sign = **at == '-' ? -1 : 1, h = 0, m = 0;

	if (skip(at, 'Z') || **at == '\0')
		return true;
	if (!skip(at, '+') && !skip(at, '-'))
		return false;
	if (!digits(at, 2, 0, 14, &h) || !skip(at, ':') || !digits(at, 2, 0, 59, &m))
		return false;
	*minutes = sign * (h * 60 + m);
	return true;
}

static bool date_read(const char **at, struct tm *tm)
{
	if (!digits(at, 4, 1970, 9999, &tm->tm_year) || !skip(at, '-') ||
	    !digits(at, 2, 1, 12, &tm->tm_mon) || !skip(at, '-') || !digits(at, 2, 1, 31, &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	return true;
}

enum rc clock_utc_parse(const char *text, int64_t *utc_ms)
{
	struct tm tm = {0}, back;
	const char *at = text;
	int ms = 0, minutes = 0;
	size_t n = strspn(text, "0123456789");
	time_t seconds;

	if (n >= 9 && n <= 15 && text[n] == '\0') {
		*utc_ms = strtoll(text, NULL, 10);
		return RC_OK;
	}
	if (!date_read(&at, &tm))
		return RC_SYNTAX;
	if ((skip(&at, 'T') || skip(&at, ' ')) && !(time_read(&at, &tm, &ms) && zone_read(&at, &minutes)))
		return RC_SYNTAX;
	if (*at != '\0')
		return RC_SYNTAX;
	back = tm;
	seconds = timegm(&tm);
	if (tm.tm_mday != back.tm_mday) /* the 31st of a month that has none */
		return RC_SYNTAX;
	*utc_ms = (int64_t)seconds * 1000 + ms - (int64_t)minutes * 60000;
	return RC_OK;
}
