/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One subscriber for the console, read by its thread: as `starhash show --json` has it. Who looked, at whom, and which
 * private values they saw and why, is in the audit, and on the disk, before anything is shown; that a number is nobody's,
 * too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "gateway/console_private.h"
#include "gateway/view.h"
#include "storage/audit_report.h"
#include "storage/query.h"

#define BUSY_MS 2000 /* for the one row of the audit */
#define LIMIT 100    /* rows of each history */

struct person {
	struct view_reveal reveal;
	bool reveals;
	char *json;
};

static char *fault_text(int *status, int code, const char *what)
{
	json_t *o = json_pack("{s:s}", "error", what);
	char *json = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;

	json_decref(o);
	*status = code;
	return json;
}

static bool look_one(void *ctx, const struct query_subscriber *s)
{
	struct person *p = ctx;

	view_look(s, &p->reveal);
	if (!p->reveals)
		snprintf(p->reveal.action, sizeof(p->reveal.action), "look");
	return true;
}

static bool show_one(void *ctx, const struct query_subscriber *s)
{
	struct person *p = ctx;
	const struct view_options view = {.reveal = p->reveals ? &p->reveal : NULL};

	free(p->json);
	p->json = view_json(s, &view, false);
	return true;
}

/* Written, and on the disk, before anything is shown. */
static enum rc note(const struct console_person_about *j, const struct person *p, char *why, size_t size)
{
	const struct audit_store store = {
		.path = j->config->store_path, .key_path = j->config->store_key, .busy_ms = BUSY_MS};
	char actor[CONSOLE_ACTOR_SIZE];
	const struct audit_row row = {.at_ms = clock_utc_ms(clock_system()),
	                              .actor = actor,
	                              .action = p->reveal.action,
	                              .subject = p->reveal.subject,
	                              .reason = j->reason};

	console_actor(j->user, actor, sizeof(actor));
	return audit_note(&store, &row, why, size);
}

/* "revealed" beside what view_json says. */
static char *mark(char *json, bool revealed)
{
	json_t *o = json_loads(json, 0, NULL);
	char *out;

	free(json);
	json_object_set_new(o, "revealed", json_boolean(revealed));
	out = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	return out;
}

char *console_person_read(struct query *q, const void *about, int *status)
{
	const struct console_person_about *j = about;
	struct person p = {.reveals = j->reveals};
	char why[400] = "the store cannot be read now";
	enum rc rc;

	query_limit(q, LIMIT);
	snprintf(p.reveal.action, sizeof(p.reveal.action), "look: nobody has the number");
	rc = query_by_msisdn(q, j->msisdn, look_one, &p);
	if ((rc == RC_OK || rc == RC_NOTFOUND) && note(j, &p, why, sizeof(why)) != RC_OK)
		return fault_text(status, 503, why);
	if (rc == RC_OK && j->reveals)
		rc = query_reveal(q);
	if (rc == RC_OK)
		rc = query_by_msisdn(q, j->msisdn, show_one, &p);
	if (rc == RC_OK && p.json != NULL)
		return mark(p.json, j->reveals);
	free(p.json);
	if (rc == RC_NOTFOUND)
		return fault_text(status, 404, "nobody with this number has been here");
	return fault_text(status, 503, *query_why(q) ? query_why(q) : why);
}
