/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clock: the one source of time, replaceable.
 *
 * Monotonic milliseconds drive timers; UTC milliseconds go into records. Everything that needs time
 * is handed a `const struct clock *`, so tests and transcripts run on a clock that they move by hand.
 */
#ifndef STARHASH_CORE_CLOCK_H
#define STARHASH_CORE_CLOCK_H

#include <stdint.h>

#include "core/rc.h"

struct clock {
	int64_t (*mono_ms)(const struct clock *);
	int64_t (*utc_ms)(const struct clock *);
	int64_t (*mono_us)(const struct clock *); /* for measuring only; NULL = from mono_ms */
};

/* CLOCK_MONOTONIC and CLOCK_REALTIME. Static, never freed. */
const struct clock *clock_system(void);

/* From here until clock_let_go the milliseconds of the system's clock stand still for this thread: who handles many short
 * things in a row reads it once for all of them. Not for anything that may take long. Nothing is counted: the last one lets go. */
void clock_hold(void);
void clock_let_go(void);

/* A clock that stands still until it is moved. Embed it, use &fake.clock. */
struct clock_fake {
	struct clock clock;
	int64_t now_mono_ms;
	int64_t now_utc_ms;
};
void clock_fake_init(struct clock_fake *fake, int64_t utc_ms);
void clock_fake_advance(struct clock_fake *fake, int64_t ms); /* ms >= 0 */

static inline int64_t clock_mono_ms(const struct clock *c)
{
	return c->mono_ms(c);
}
static inline int64_t clock_mono_us(const struct clock *c)
{
	return c->mono_us ? c->mono_us(c) : c->mono_ms(c) * 1000;
}
static inline int64_t clock_utc_ms(const struct clock *c)
{
	return c->utc_ms(c);
}

/* "2026-11-21T22:20:53.123Z" into `out` (at least CLOCK_TEXT_SIZE bytes). Returns out. */
#define CLOCK_TEXT_SIZE 32
char *clock_utc_text(int64_t utc_ms, char *out);

/* The other way: "2026-11-21" (when that day begins, UTC), "2026-11-21T22:20", ":53" and ".123" after it, with a blank for the
 * T where people like that; then "Z", "+03:00" or nothing, which is UTC; or the milliseconds as digits. RC_OK; RC_SYNTAX. */
enum rc clock_utc_parse(const char *text, int64_t *utc_ms) RC_NODISCARD;

#endif
