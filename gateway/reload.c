/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reload: see reload.h. */
#include "gateway/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "menus/check.h"

struct compare {
	struct reload_service *service;
	const uint32_t *on; /* people on each live screen */
};

static int64_t on_change(void *ctx, const struct check_change *c)
{
	const struct compare *at = ctx;
	uint32_t people = c->live != BOOK_NO_SCREEN ? at->on[c->live] : 0;

	switch (c->kind) {
	case CHECK_REMOVED:
	case CHECK_RENAMED:
		at->service->screens_gone++;
		at->service->on_gone += people;
		break;
	case CHECK_CHANGED:
		at->service->screens_changed++;
		at->service->on_changed += people;
		break;
	case CHECK_ADDED:
		at->service->screens_new++;
		break;
	}
	return people;
}

static bool compare(const struct book *live, const struct book *next, const struct dialogues *dialogues,
                    struct findings *findings, struct reload_service *out)
{
	uint32_t *on = calloc(live->n_screens, sizeof(*on));
	struct compare at = {.service = out, .on = on};

	if (on == NULL)
		return false;
	memset(out, 0, sizeof(*out));
	snprintf(out->name, sizeof(out->name), "%s", live->name);
	out->inside = (uint32_t)dialogue_standing(dialogues, live, on);
	check_changes(live, next, findings, on_change, &at);
	free(on);
	return true;
}

static void log_service(const struct reload_report *r, const struct reload_service *s)
{
	LOG_EVENT(LOG_LV_INFO, "reload", r->dry_run ? "would-change" : "changes", "service", s->name,
	          "screens-changed", LOG_INT(s->screens_changed), "screens-gone", LOG_INT(s->screens_gone),
	          "screens-new", LOG_INT(s->screens_new), "people-inside", LOG_INT(s->inside), "on-changed",
	          LOG_INT(s->on_changed), "on-gone", LOG_INT(s->on_gone));
}

enum rc reload(struct services *services, const struct dialogues *dialogues, bool dry_run,
               struct findings *findings, struct reload_report *out)
{
	struct services_next *next;
	enum rc rc = services_prepare(services, findings, &next);

	if (rc != RC_OK) {
		LOG_EVENT(LOG_LV_ERROR, "reload", "refused", "why", rc_name(rc), "remedy",
		          "correct the menu files; the old menus stay live");
		return rc;
	}
	out->dry_run = dry_run;
	out->n = 0;
	for (size_t i = 0; i < services_count(services); i++) {
		struct book *live = services_at(services, i), *to_come = services_next_at(next, i);

		if (live == to_come)
			continue;
		if (!compare(live, to_come, dialogues, findings, &out->service[out->n])) {
			services_next_free(next);
			return RC_NOMEM;
		}
		log_service(out, &out->service[out->n++]);
	}
	if (dry_run)
		services_next_free(next);
	else
		services_swap(services, next);
	LOG_EVENT(LOG_LV_INFO, "reload", dry_run ? "dry-run" : "done", "changed", LOG_INT(out->n));
	return RC_OK;
}
