/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log: one write(2) or one journal entry for each event.
 *
 * Invariant: an event is one line of at most LINE_SIZE bytes, made on the stack and written at once, so lines
 * of threads never mix and a log call allocates nothing. The state below is set by log_init, before threads
 * start, and only read afterwards. errno is as it was when a call returns.
 */
#define SD_JOURNAL_SUPPRESS_LOCATION /* every entry would name this file, which tells nothing */

#include "core/log.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/text.h"

#define PAIRS_MAX 20
#define KEY_MAX 24
#define VALUE_MAX 160                          /* bytes of a value as written; longer ones end in "..." */
#define PAIR_MAX (KEY_MAX + VALUE_MAX + 8)     /* with blank, '=', quotes and dots */
#define FIELD_MAX (PAIR_MAX + 16)              /* the same as a journal field: "STARHASH_" */
#define LINE_SIZE (PAIRS_MAX * PAIR_MAX + 256) /* all pairs at their longest, and the head: nothing is cut */

_Static_assert(LINE_SIZE <= 4096, "a write of at most PIPE_BUF bytes into a pipe is atomic");

struct pair {
	const char *key;
	const char *value;
};

struct event {
	enum log_level level;
	const char *area;
	const char *name;
	size_t n;
	struct pair pair[PAIRS_MAX];
};

static const struct {
	const char *name;
	int priority; /* syslog(3) */
} levels[] = {
	[LOG_LV_DEBUG] = {"debug", 7},
	[LOG_LV_INFO] = {"info", 6},
	[LOG_LV_WARN] = {"warn", 4},
	[LOG_LV_ERROR] = {"error", 3},
};
#define N_LEVELS (sizeof levels / sizeof levels[0])

static enum log_level least_level = LOG_LV_INFO;
static bool to_journal;

/* Is stderr the stream that systemd connected to the journal? systemd.exec(5), $JOURNAL_STREAM. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uint64_t device, inode;
	struct stat st;

	if (!stream || sscanf(stream, "%" SCNu64 ":%" SCNu64, &device, &inode) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void log_init(enum log_level least)
{
	least_level = least;
	to_journal = stderr_is_journal();
}

bool log_level_parse(const char *text, enum log_level *out)
{
	for (size_t i = 0; text && i < N_LEVELS; i++) {
		if (strcmp(text, levels[i].name) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

/* Bytes of the UTF-8 character at `at`; 1 with *bad for what is none, and for control characters. */
static size_t character(const char *at, bool *bad)
{
	const char *end = at;
	uint32_t c = text_utf8_next(&end);

	*bad = c < 0x20 || (c >= 0x7f && c < 0xa0) || (c == 0xfffd && end == at + 1);
	return *bad ? 1 : (size_t)(end - at);
}

static bool needs_quotes(const char *value)
{
	bool bad = false;

	if (!*value)
		return true;
	while (*value && !bad) {
		if (strchr(" \"\\=", *value))
			return true;
		value += character(value, &bad);
	}
	return bad;
}

/* One character as it stands between quotes; the number of bytes of `value` that it took. */
static size_t escape(const char *value, struct buf *piece)
{
	size_t n;
	bool bad;

	buf_reset(piece);
	if (*value == '"' || *value == '\\')
		buf_printf(piece, "\\%c", *value);
	else if (*value == '\n')
		buf_add(piece, "\\n");
	else if (*value == '\t')
		buf_add(piece, "\\t");
	if (piece->len > 0)
		return 1;
	n = character(value, &bad);
	if (bad)
		buf_printf(piece, "\\x%02x", (unsigned char)*value);
	else
		buf_add_n(piece, value, n);
	return n;
}

static void add_value(struct buf *line, const char *value)
{
	bool quotes = needs_quotes(value);
	size_t end = line->len + VALUE_MAX;
	char memory[8];
	struct buf piece;

	buf_init(&piece, memory, sizeof memory);
	if (quotes)
		buf_add_char(line, '"');
	while (*value) {
		value += escape(value, &piece);
		if (line->len + piece.len > end) {
			buf_add(line, "...");
			break;
		}
		buf_add_n(line, piece.at, piece.len);
	}
	if (quotes)
		buf_add_char(line, '"');
}

static void add_pairs(struct buf *line, const struct event *e)
{
	for (size_t i = 0; i < e->n; i++) {
		buf_printf(line, " %.*s=", KEY_MAX, e->pair[i].key);
		add_value(line, e->pair[i].value);
	}
}

static void write_line(const struct event *e)
{
	char ts[CLOCK_TEXT_SIZE];
	char memory[LINE_SIZE];
	struct buf line;

	clock_utc_text(clock_utc_ms(clock_system()), ts);
	buf_init(&line, memory, sizeof memory - 1); /* the last byte is kept for the newline */
	buf_printf(&line, "ts=%s level=%s area=%.*s event=%.*s", ts, levels[e->level].name, KEY_MAX, e->area,
	           KEY_MAX, e->name);
	add_pairs(&line, e);
	memory[line.len++] = '\n';
	/* What a full pipe or disk does not take is lost: a log must never hold up the loop. */
	while (write(STDERR_FILENO, memory, line.len) < 0 && errno == EINTR)
		;
}

/* A journal field's name: upper-case letters, digits, '_' (sd_journal_print(3)). */
static void add_field_name(struct buf *b, const char *key)
{
	for (size_t i = 0; key[i] && i < KEY_MAX; i++) {
		char c = key[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9'))
			c = '_';
		buf_add_char(b, c);
	}
}

/* The journal takes any bytes, so values are cut but not escaped. */
static void add_raw(struct buf *b, const char *value)
{
	size_t n = strnlen(value, VALUE_MAX + 1);

	if (n <= VALUE_MAX) {
		buf_add_n(b, value, n);
		return;
	}
	n = VALUE_MAX;
	while (n > VALUE_MAX - 3 && ((unsigned char)value[n] & 0xc0) == 0x80)
		n--;
	buf_add_n(b, value, n);
	buf_add(b, "...");
}

static bool send_to_journal(const struct event *e)
{
	char message[LINE_SIZE], priority[16], area[FIELD_MAX], name[FIELD_MAX], field[PAIRS_MAX][FIELD_MAX];
	struct iovec io[PAIRS_MAX + 4];
	struct buf b;
	int n = 0;

	buf_init(&b, message, sizeof message);
	buf_printf(&b, "MESSAGE=%.*s %.*s", KEY_MAX, e->area, KEY_MAX, e->name);
	add_pairs(&b, e);
	io[n++] = (struct iovec){b.at, b.len};
	buf_init(&b, priority, sizeof priority);
	buf_printf(&b, "PRIORITY=%d", levels[e->level].priority);
	io[n++] = (struct iovec){b.at, b.len};
	buf_init(&b, area, sizeof area);
	buf_printf(&b, "STARHASH_AREA=%.*s", KEY_MAX, e->area);
	io[n++] = (struct iovec){b.at, b.len};
	buf_init(&b, name, sizeof name);
	buf_printf(&b, "STARHASH_EVENT=%.*s", KEY_MAX, e->name);
	io[n++] = (struct iovec){b.at, b.len};
	for (size_t i = 0; i < e->n; i++) {
		buf_init(&b, field[i], sizeof field[i]);
		buf_add(&b, "STARHASH_");
		add_field_name(&b, e->pair[i].key);
		buf_add_char(&b, '=');
		add_raw(&b, e->pair[i].value);
		io[n++] = (struct iovec){b.at, b.len};
	}
	return sd_journal_sendv(io, n) >= 0;
}

/* --- floods ------------------------------------------------------------------------------------------ */

/* What a peer can repeat at will must not fill a disk: an event is written BURST times in BURST_MS, then only counted;
 * its next line says how many were not written. Events that share a slot share its allowance. */
#define SLOTS 64
#define BURST 20
#define BURST_MS 10000

static struct {
	int64_t since_ms;
	unsigned written, suppressed;
} slots[SLOTS];
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;

static unsigned slot_of(const char *area, const char *event)
{
	unsigned h = 5381;

	for (; *area; area++)
		h = h * 33 + (unsigned char)*area;
	for (; *event; event++)
		h = h * 33 + (unsigned char)*event;
	return h % SLOTS;
}

/* May this line be written? *suppressed = how many of its kind were not, before it. */
static bool is_allowed(const char *area, const char *event, unsigned *suppressed)
{
	int64_t now = clock_mono_ms(clock_system());
	unsigned i = slot_of(area, event);
	bool allowed;

	(void)pthread_mutex_lock(&slots_lock);
	if (slots[i].since_ms == 0 || now - slots[i].since_ms >= BURST_MS) {
		slots[i].since_ms = now > 0 ? now : 1;
		slots[i].written = 0;
	}
	allowed = slots[i].written < BURST;
	*suppressed = allowed ? slots[i].suppressed : 0;
	if (allowed) {
		slots[i].written++;
		slots[i].suppressed = 0;
	} else {
		slots[i].suppressed++;
	}
	(void)pthread_mutex_unlock(&slots_lock);
	return allowed;
}

void log_event(enum log_level level, const char *area, const char *event, ...)
{
	struct event e = {.level = level, .area = area, .name = event, .n = 0};
	int saved = errno;
	struct log_int number;
	unsigned suppressed;
	const char *key;
	va_list args;

	if (level < least_level || (size_t)level >= N_LEVELS || !is_allowed(area, event, &suppressed)) {
		errno = saved;
		return;
	}
	va_start(args, event);
	while (e.n < PAIRS_MAX && (key = va_arg(args, const char *)) != NULL) {
		const char *value = va_arg(args, const char *);

		e.pair[e.n++] = (struct pair){key, value ? value : ""};
		/* A missing value may be the end of an odd list: nothing is read beyond it. */
		if (!value)
			break;
	}
	va_end(args);
	if (suppressed > 0 && e.n < PAIRS_MAX)
		e.pair[e.n++] = (struct pair){"suppressed", log_int_text(&number, suppressed)};
	if (!to_journal || !send_to_journal(&e))
		write_line(&e);
	errno = saved;
}

const char *log_int_text(struct log_int *into, int64_t value)
{
	snprintf(into->text, sizeof into->text, "%" PRId64, value);
	return into->text;
}

const char *log_hex_text(struct log_int *into, uint32_t value)
{
	snprintf(into->text, sizeof into->text, "0x%08" PRIx32, value);
	return into->text;
}
