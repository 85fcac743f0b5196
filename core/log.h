/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log: one line an event, logfmt on stderr, journald fields under systemd.
 *
 * A line reads `ts=2026-11-21T22:20:53.123Z level=warn area=link event=closed name=smsc-a`.
 * Values that hold spaces, quotes or control characters are quoted and escaped, so one event
 * is always one line. Promise 9: callers never pass an MSISDN, a name, an answer or a secret.
 *
 * At most 20 lines of one event are written in 10 seconds; the next one after them says how many were not
 * (`suppressed=`), so that no peer can fill a disk.
 *
 * The log is process-wide and thread-safe; it is the one piece of state that is not passed around.
 */
#ifndef STARHASH_CORE_LOG_H
#define STARHASH_CORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LV_DEBUG, LOG_LV_INFO, LOG_LV_WARN, LOG_LV_ERROR };

/* Where lines go: stderr as logfmt, or journald (native fields) when JOURNAL_STREAM says that
 * stderr is the journal. Call once before threads start. `least` = the lowest level that is written. */
void log_init(enum log_level least);

/* "debug", "info", "warn", "error" to a level; false if it is none of these (*out untouched). */
bool log_level_parse(const char *text, enum log_level *out);

/* Write one event. `area` and `event` are fixed lower-case words of the code ("link", "bound");
 * the rest are key/value pairs, ended by NULL. All borrowed.
 *   LOG_EVENT(LOG_LV_WARN, "link", "closed", "name", link->name, "why", strerror(e));
 * Numbers go through LOG_INT. */
void log_event(enum log_level level, const char *area, const char *event, ...) __attribute__((sentinel));
#define LOG_EVENT(level, area, ...) log_event((level), (area), __VA_ARGS__, (char *)0)

/* A number as a value for LOG_EVENT; the text lives until the end of the enclosing block. */
struct log_int {
	char text[24];
};
const char *log_int_text(struct log_int *into, int64_t value);
#define LOG_INT(value) log_int_text(&(struct log_int){{0}}, (int64_t)(value))
/* The same as 0x%08x, for SMPP statuses and command ids. */
const char *log_hex_text(struct log_int *into, uint32_t value);
#define LOG_HEX(value) log_hex_text(&(struct log_int){{0}}, (uint32_t)(value))

#endif
