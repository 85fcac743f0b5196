/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metrics: see metrics.h. The page, made anew at most every METRICS_EVERY_MS, and what the loop's lateness was lately. */
#include "gateway/metrics.h"

#include <stdlib.h>

#include "core/log.h"
#include "gateway/health.h"
#include "gateway/metrics_private.h"

#define WINDOW_MS 4000 /* "lately" is the present window and the one before */

struct metrics {
	const struct gateway *gateway;
	struct histogram lag;
	int64_t window_ms; /* when the present window began */
	int64_t lag_us[2]; /* the longest in it, and in the one before */
	struct metrics_commits
		commits[2]; /* all that there were when it began, and when the one before did */
	char *page;
	size_t len;
	int64_t made_us; /* monotonic; 0 = not yet */
	struct metrics_cost cost;
};

static int64_t now_us(void)
{
	return clock_mono_us(clock_system());
}

/* --- how late the loop is ------------------------------------------------------------------------------ */

static struct metrics_commits commits_of(const struct histogram *h)
{
	struct metrics_commits all = {.count = h->count, .sum_us = h->sum_us, .slow = h->count};

	for (size_t i = 0; i < HISTOGRAM_BOUNDS && histogram_bound_us[i] <= METRICS_COMMIT_SLOW_US; i++)
		all.slow -= h->bucket[i];
	return all;
}

static void begin_window(struct metrics *m, int64_t now_ms)
{
	struct store_times times;

	m->lag_us[1] = now_ms - m->window_ms < 2 * WINDOW_MS ? m->lag_us[0] : 0;
	m->lag_us[0] = 0;
	store_times_read(gateway_store(m->gateway), &times);
	m->commits[1] = m->commits[0];
	m->commits[0] = commits_of(&times.commit);
	m->window_ms = now_ms;
}

void metrics_tick(struct metrics *m, int64_t lag_us)
{
	int64_t now_ms = now_us() / 1000;

	histogram_add(&m->lag, lag_us);
	if (now_ms - m->window_ms >= WINDOW_MS)
		begin_window(m, now_ms);
	if (lag_us > m->lag_us[0])
		m->lag_us[0] = lag_us;
}

const struct histogram *metrics_lag(const struct metrics *m)
{
	return &m->lag;
}

int64_t metrics_lag_lately_ms(const struct metrics *m)
{
	return (m->lag_us[0] > m->lag_us[1] ? m->lag_us[0] : m->lag_us[1]) / 1000;
}

struct metrics_commits metrics_commits_lately(const struct metrics *m, const struct histogram *all)
{
	struct metrics_commits now = commits_of(all);

	now.count -= m->commits[1].count;
	now.slow -= m->commits[1].slow;
	now.sum_us -= m->commits[1].sum_us;
	return now;
}

/* --- the page --------------------------------------------------------------------------------------------- */

static bool write_page(struct metrics *m, struct metrics_now *now)
{
	struct health_trouble troubles[HEALTH_MAX];
	struct buf b;

	metrics_read(m->gateway, now);
	now->troubles = health_judge(m->gateway, now, troubles);
	now->is_well = !health_is_grave(troubles, now->troubles);
	buf_init(&b, m->page, METRICS_BYTES_MAX);
	metrics_write(now, &b);
	m->len = b.len;
	return !b.cut;
}

static bool make(struct metrics *m)
{
	struct metrics_now *now = malloc(sizeof(*now));
	int64_t began = now_us();
	bool fits;

	if (now == NULL)
		return false;
	fits = write_page(m, now);
	free(now);
	m->made_us = now_us();
	m->cost.us = (uint64_t)(m->made_us - began);
	m->cost.bytes = m->len;
	if (m->cost.us > m->cost.us_max)
		m->cost.us_max = m->cost.us;
	if (!fits) {
		m->made_us = 0;
		LOG_EVENT(LOG_LV_ERROR, "metrics", "page-too-long", "bytes", LOG_INT(METRICS_BYTES_MAX),
		          "remedy", "report it: the number of series is not bounded as it should be");
	}
	return fits;
}

const char *metrics_page(struct metrics *m, size_t *len)
{
	if (m->page == NULL)
		m->page = malloc(METRICS_BYTES_MAX); /* touched as far as it is written */
	if (m->page == NULL)
		return NULL;
	if ((m->made_us == 0 || now_us() - m->made_us >= METRICS_EVERY_MS * 1000) && !make(m))
		return NULL;
	*len = m->len;
	return m->page;
}

void metrics_cost_read(const struct metrics *m, struct metrics_cost *out)
{
	*out = m->cost;
}

/* --- making and unmaking ------------------------------------------------------------------------------------ */

enum rc metrics_new(const struct gateway *g, struct metrics **out)
{
	struct metrics *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return RC_NOMEM;
	m->gateway = g;
	m->window_ms = now_us() / 1000;
	*out = m;
	return RC_OK;
}

void metrics_free(struct metrics *m)
{
	if (m == NULL)
		return;
	free(m->page);
	free(m);
}
