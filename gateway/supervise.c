/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the service manager is told: see supervise.h. The only file that includes sd-daemon.h. */
#include "gateway/supervise.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "core/clock.h"

#define WORDS_SIZE 256
#define LEAVING_SPARE_MS \
	30000 /* after the drain: unbinding takes 3 s, the store's last commit as long as the disk likes */

struct supervise {
	struct supervise_port port;
	struct event *timer;
	int64_t every_ms; /* 0 = no manager */
	bool feeds;       /* WatchdogSec= is set */
	bool is_stopping;
	char words[WORDS_SIZE]; /* as sent the last time */
};

static void say_words(struct supervise *s)
{
	char words[WORDS_SIZE] = "";

	s->port.words(s->port.ctx, words, sizeof(words));
	if (strcmp(words, s->words) == 0)
		return;
	memcpy(s->words, words, sizeof(words));
	sd_notifyf(0, "STATUS=%s", words);
}

static void arm(struct supervise *s)
{
	struct timeval tv = {.tv_sec = s->every_ms / 1000, .tv_usec = (s->every_ms % 1000) * 1000};

	evtimer_add(s->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct supervise *s = ctx;

	(void)fd;
	(void)what;
	if (s->feeds && s->port.is_well(s->port.ctx))
		sd_notify(0, "WATCHDOG=1");
	if (s->port.leaving_ms(s->port.ctx) > 0)
		supervise_stopping(s);
	say_words(s);
	arm(s);
}

enum rc supervise_new(struct event_base *base, const struct supervise_port *port, struct supervise **out)
{
	struct supervise *s = calloc(1, sizeof(*s));
	const char *manager = getenv("NOTIFY_SOCKET");
	uint64_t watchdog_us = 0;

	if (s == NULL)
		return RC_NOMEM;
	s->port = *port;
	s->timer = evtimer_new(base, on_timer, s);
	if (s->timer == NULL) {
		free(s);
		return RC_NOMEM;
	}
	s->feeds = sd_watchdog_enabled(0, &watchdog_us) > 0;
	if (manager != NULL && *manager != '\0')
		s->every_ms = SUPERVISE_EVERY_MS;
	if (s->every_ms > 0 && s->feeds && (int64_t)(watchdog_us / 3000) < s->every_ms)
		s->every_ms = (int64_t)(watchdog_us / 3000) + 1;
	*out = s;
	return RC_OK;
}

void supervise_free(struct supervise *s)
{
	if (s == NULL)
		return;
	event_free(s->timer);
	free(s);
}

void supervise_ready(struct supervise *s)
{
	if (s->every_ms == 0)
		return;
	sd_notify(0, "READY=1");
	say_words(s);
	if (!evtimer_pending(s->timer, NULL))
		arm(s);
}

/* Type=notify-reload (systemd 253) ignores a time before its SIGHUP; ours is cut to milliseconds, hence one more. */
void supervise_reloading(struct supervise *s)
{
	if (s->every_ms > 0)
		sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		           (clock_mono_ms(clock_system()) + 1) * 1000);
}

void supervise_stopping(struct supervise *s)
{
	if (s->every_ms == 0 || s->is_stopping)
		return;
	s->is_stopping = true;
	sd_notifyf(0, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%" PRId64,
	           (s->port.leaving_ms(s->port.ctx) + LEAVING_SPARE_MS) * 1000);
}
