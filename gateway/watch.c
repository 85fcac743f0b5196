/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gateway as its service manager sees it: see watch.h.
 *
 * A store that fails, a link that is down and a charging system that hangs are no reasons to begin anew: the gateway tells
 * subscribers the truth meanwhile, and a restart would end their dialogues and mend nothing. Only a clock that stands is.
 */
#include "gateway/watch.h"

#include <stdio.h>

#include "core/clock.h"
#include "gateway/dialogue.h"
#include "gateway/gateway_private.h"
#include "storage/store.h"

static bool is_well(void *ctx)
{
	const struct gateway *g = ctx;

	return clock_mono_us(clock_system()) - g->tick_at_us < WATCH_LATE_MS * 1000;
}

static int64_t leaving_ms(void *ctx)
{
	const struct gateway *g = ctx;
	int64_t left;

	if (g->drain_until_ms == 0)
		return 0;
	left = g->drain_until_ms - clock_mono_ms(clock_system());
	return left > 0 ? left : 1;
}

static void words(void *ctx, char *into, size_t size)
{
	const struct gateway *g = ctx;

	snprintf(into, size, "%zu of %zu links bound, %zu dialogues open%s%s", groups_bound(g->groups),
	         groups_links(g->groups), (size_t)dialogue_open(g->dialogues),
	         store_is_failing(g->store) ? "; the store is failing: see the log" : "",
	         g->drain_until_ms != 0 ? "; draining" : "");
}

struct supervise_port watch_port(struct gateway *g)
{
	return (struct supervise_port){
		.is_well = is_well, .leaving_ms = leaving_ms, .words = words, .ctx = g};
}
