/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows over the control socket: see control_show.h. The thread is beside.h's. What a job is about is written before it is put
 * there and read after it is done. */
#include "gateway/control_show.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "gateway/beside.h"
#include "gateway/control_private.h"
#include "gateway/login.h"
#include "gateway/view.h"
#include "storage/audit_report.h"

#define BUSY_MS 2000 /* for the one row of the audit: the asker waits CONTROL_WITHIN_MS */

enum job_kind { JOB_SHOW, JOB_HEAD /* of the audit, for the log */, JOB_DEED };

struct job {
	struct beside_job beside;
	enum job_kind kind;
	struct control_show_job ask;
	struct view_reveal reveal;
	struct deed deed;
	char *text; /* the answer; NULL = `why` */
	char why[400];
};

struct control_show {
	const struct config *config;
	struct event *daily;
	struct beside *beside;
};

static void job_free(struct job *job)
{
	if (job->text)
		explicit_bzero(job->text, strlen(job->text));
	free(job->text);
	free(job->ask.live);
	free(job);
}

/* --- the thread ------------------------------------------------------------------------------------------------------ */

static struct audit_store store_of(const struct config *config)
{
	return (struct audit_store){
		.path = config->store_path, .key_path = config->store_key, .busy_ms = BUSY_MS};
}

static bool look_one(void *ctx, const struct query_subscriber *s)
{
	view_look(s, &((struct job *)ctx)->reveal);
	return true;
}

static bool show_one(void *ctx, const struct query_subscriber *s)
{
	struct job *job = ctx;
	const struct view_options view = {.reveal = *job->ask.role ? &job->reveal : NULL,
	                                  .live = job->ask.live};

	job->text = view_json(s, &view, false);
	if (!job->text)
		(void)snprintf(job->why, sizeof job->why, "memory is out");
	return true;
}

/* Written, and on the disk, before anything private is read. RC_STATE: job->why says why not. */
static enum rc note(struct job *job, const struct config *config)
{
	char user[CONFIG_USER_SIZE], actor[PROFILE_NAME_SIZE + CONFIG_USER_SIZE + 1];
	const struct audit_store store = store_of(config);
	const struct audit_row row = {.at_ms = clock_utc_ms(clock_system()),
	                              .actor = actor,
	                              .action = job->reveal.action,
	                              .subject = job->reveal.subject,
	                              .reason = job->ask.reason};

	char why[sizeof job->why] = "this user has no name on this machine";

	if (!login_name_of(job->ask.pid, job->ask.uid, user) ||
	    !config_access_may(&config->access, job->ask.role, user, ACCESS_REVEAL, why, sizeof why)) {
		memcpy(job->why, why, sizeof job->why);
		return RC_STATE;
	}
	(void)snprintf(actor, sizeof actor, "%s:%s", job->ask.role, user);
	if (audit_note(&store, &row, why, sizeof why) == RC_OK)
		return RC_OK;
	memcpy(job->why, why, sizeof job->why);
	return RC_STATE;
}

static void say(struct job *job, const struct query *query, enum rc rc)
{
	if (job->text || *job->why)
		return;
	(void)snprintf(job->why, sizeof job->why, "%s",
	               rc == RC_NOTFOUND   ? "no such subscriber"
	               : *query_why(query) ? query_why(query)
	                                   : rc_name(rc));
}

static void show(struct job *job, const struct config *config)
{
	struct query *query = NULL;
	enum rc rc = query_open(config->store_path, &config->profile, &query, job->why, sizeof job->why);

	if (rc != RC_OK)
		return;
	query_key_path(query, config->store_key);
	query_limit(query, job->ask.limit);
	if (*job->ask.role) {
		rc = query_by_msisdn(query, job->ask.msisdn, look_one, job);
		if (rc == RC_OK)
			rc = note(job, config);
		if (rc == RC_OK)
			rc = query_reveal(query);
	}
	if (rc == RC_OK)
		rc = query_by_msisdn(query, job->ask.msisdn, show_one, job);
	say(job, query, rc);
	query_close(query);
}

static void head(const struct config *config)
{
	const struct audit_store store = store_of(config);
	char text[AUDIT_HEAD_SIZE], why[400] = "";

	if (audit_head_text(&store, text, why, sizeof why) == RC_OK)
		LOG_EVENT(LOG_LV_INFO, "store", "audit_head", "head", text);
	else
		LOG_EVENT(LOG_LV_ERROR, "store", "audit_head", "why", why);
}

static void deed(const struct job *job, const struct config *config)
{
	char user[CONFIG_USER_SIZE], actor[PROFILE_NAME_SIZE + CONFIG_USER_SIZE + 1];

	if (login_name_of(-1, job->ask.uid, user))
		(void)snprintf(actor, sizeof actor, "operator:%s", user);
	else
		(void)snprintf(actor, sizeof actor, "operator:uid %ld", (long)job->ask.uid);
	deed_write(&job->deed, config, actor);
}

static void carry_out(void *ctx, struct beside_job *beside)
{
	const struct control_show *c = ctx;
	struct job *job = (struct job *)beside;

	if (job->kind == JOB_HEAD)
		head(c->config);
	else if (job->kind == JOB_DEED)
		deed(job, c->config);
	else
		show(job, c->config);
}

/* --- the loop -------------------------------------------------------------------------------------------------------- */

static void conclude(void *ctx, struct beside_job *beside, bool ran)
{
	struct job *job = (struct job *)beside;

	(void)ctx;
	if (!ran)
		(void)snprintf(job->why, sizeof job->why, "the daemon is stopping");
	if (!ran && job->kind == JOB_DEED)
		deed_lost(&job->deed, "operator", job->why);
	if (job->kind == JOB_SHOW && job->text)
		control_answer(job->ask.wait, job->text);
	else if (job->kind == JOB_SHOW)
		control_answer_json(job->ask.wait, control_fault(job->why));
	job_free(job);
}

static enum rc start(struct control_show *c, struct job *job)
{
	enum rc rc = beside_put(c->beside, &job->beside);

	if (rc != RC_OK)
		job_free(job);
	return rc;
}

enum rc control_show_start(struct control_show *c, const struct control_show_job *ask)
{
	struct job *job = calloc(1, sizeof *job);

	if (!job) {
		free(ask->live);
		return RC_FULL;
	}
	job->ask = *ask;
	return start(c, job);
}

void control_show_deed(struct control_show *c, const struct deed *what, pid_t pid, uid_t uid)
{
	struct job *job = calloc(1, sizeof *job);

	if (job) {
		job->kind = JOB_DEED;
		job->deed = *what;
		job->ask.uid = login_uid_of(pid, uid); /* now: they are gone in a moment */
	}
	if (!job || start(c, job) != RC_OK)
		deed_lost(what, "operator", "memory is out, or too many questions wait");
}

static void on_daily(evutil_socket_t fd, short what, void *ctx)
{
	struct job *job = calloc(1, sizeof *job);

	(void)fd;
	(void)what;
	if (!job)
		return;
	job->kind = JOB_HEAD;
	if (start(ctx, job) != RC_OK)
		LOG_EVENT(LOG_LV_WARN, "store", "audit_head", "why",
		          "too many questions wait; it is logged tomorrow");
}

enum rc control_show_new(struct event_base *base, const struct config *config, struct control_show **out)
{
	static const struct timeval every = {.tv_sec = CONTROL_HEAD_EVERY_S};
	struct control_show *c = calloc(1, sizeof *c);
	const struct beside_work work = {
		.waiting_max = CONTROL_SHOW_JOBS, .ctx = c, .run = carry_out, .done = conclude};
	enum rc rc;

	if (!c)
		return RC_NOMEM;
	c->config = config;
	rc = beside_new(base, &work, &c->beside);
	if (rc == RC_OK) {
		c->daily = event_new(base, -1, EV_PERSIST, on_daily, c);
		rc = c->daily && event_add(c->daily, &every) == 0 ? RC_OK : RC_NOMEM;
	}
	if (rc != RC_OK) {
		control_show_free(c);
		return rc;
	}
	on_daily(-1, 0, c);
	*out = c;
	return RC_OK;
}

void control_show_free(struct control_show *c)
{
	if (!c)
		return;
	beside_free(c->beside);
	if (c->daily)
		event_free(c->daily);
	free(c);
}
