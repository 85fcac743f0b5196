/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A talk on a scratch world: by hand's clock, with a store, an app and a ledger of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/scratch.h"
#include "tools/talk_stage.h"

struct stage {
	const struct talk *talk;
	struct config config; /* a talk that reloads changes the files of its own copy */
	struct services *own; /* and has its own books; NULL = they are shared */
	struct scratch *world;
	char *path[CONFIG_MAX_SERVICES]; /* of reloaded files */
	size_t n_paths;
};

static enum talk_did fail(char *why, const char *what)
{
	snprintf(why, TALK_WHY_SIZE, "%s", what);
	return TALK_FAILED;
}

/* --- what was before --------------------------------------------------------------------------------- */

static enum rc add_given(const struct stage *g, struct store_batch *b, const struct talk_step *s)
{
	int field = profile_field_by_name(&g->config.profile, s->text);
	const struct config_bundle *bundle = config_bundle_by_name(&g->config, s->text);

	switch (s->verb) {
	case TALK_GIVEN_CONSENT:
		return store_batch_consent(b, s->text,
		                           strcmp(s->value, "granted") == 0 ? STORE_CONSENT_GRANTED
		                                                            : STORE_CONSENT_REFUSED,
		                           "given in a talk", "en", STORE_CH_SIMULATED);
	case TALK_GIVEN_PROFILE:
		return field < 0 ? RC_NOTFOUND : store_batch_save(b, (size_t)field, s->value);
	case TALK_GIVEN_RESUME:
		return store_batch_resume(b, s->text, s->value);
	default:
		return bundle ? store_batch_give(b, bundle->name, s->value, bundle->gives, bundle->valid_ms)
		              : RC_NOTFOUND;
	}
}

static enum talk_did give(struct stage *g, const struct talk_step *s, int64_t msisdn, char *why)
{
	struct store_batch *b = store_batch_new(msisdn, scratch_utc_ms(g->world));
	enum rc rc = b ? add_given(g, b, s) : RC_NOMEM;

	if (rc != RC_OK) {
		if (b)
			store_batch_free(b);
		return fail(why, rc == RC_NOTFOUND ? "no such field or bundle" : "it cannot be kept");
	}
	rc = scratch_write(g->world, b);
	if (rc == RC_STATE)
		return fail(why, s->verb == TALK_GIVEN_CONSENT ? "they have said STOP, and it is marketing"
		                                               : "its consent was not given before");
	return rc == RC_OK ? TALK_DONE : fail(why, "the scratch store refuses it");
}

/* --- acts ---------------------------------------------------------------------------------------------- */

static enum talk_did dial(struct stage *g, const struct talk_step *s, int64_t msisdn, char *why)
{
	if (s->language && scratch_language(g->world, msisdn, s->language) != RC_OK)
		return fail(why, "the language cannot be set");
	scratch_dial(g->world, msisdn, s->text);
	return TALK_DONE;
}

static enum talk_did app(struct stage *g, const struct talk_step *s, char *why)
{
	static const struct {
		const char *word;
		enum fake_app_mode mode;
	} modes[] = {{"up", FAKE_APP_UP},    {"slow", FAKE_APP_SLOW},    {"down", FAKE_APP_DOWN},
	             {"500", FAKE_APP_DOWN}, {"html", FAKE_APP_GARBAGE}, {"garbage", FAKE_APP_GARBAGE}};

	if (s->verb == TALK_APP_SAYS)
		return fake_app_says(scratch_app(g->world), s->text) == RC_OK
		               ? TALK_DONE
		               : fail(why, "too many answers wait");
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i].word, s->text) == 0)
			scratch_app(g->world)->mode = modes[i].mode;
	return TALK_DONE;
}

static enum talk_did charging(struct stage *g, const struct talk_step *s, int64_t msisdn, char *why)
{
	static const struct {
		const char *word;
		enum scratch_charging how;
	} modes[] = {{"up", SCRATCH_CHARGING_UP},
	             {"slow", SCRATCH_CHARGING_SLOW},
	             {"down", SCRATCH_CHARGING_DOWN},
	             {"lost-reply", SCRATCH_CHARGING_LOST},
	             {"barred", SCRATCH_CHARGING_BARRED}};

	if (strcmp(s->text, "balance") == 0)
		return scratch_balance(g->world, msisdn, s->number) == RC_OK
		               ? TALK_DONE
		               : fail(why,
		                      "the ledger keeps no money: name a charging system in starhash.conf");
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i].word, s->text) == 0 && scratch_charging(g->world, modes[i].how) != RC_OK)
			return fail(why,
			            "the ledger refuses nobody: name a charging system in starhash.conf");
	return TALK_DONE;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* `name`, relative to the folder of `file`. */
static char *path_beside(const char *file, const char *name)
{
	size_t folder = *name == '/' ? 0 : (size_t)(base_name(file) - file), size = folder + strlen(name) + 1;
	char *path = malloc(size);

	if (path)
		snprintf(path, size, "%.*s%s", (int)folder, file, name);
	return path;
}

/* The file takes the place of the service of the same name. */
static enum talk_did reload(struct stage *g, const struct talk_step *s, char *why)
{
	char *path = NULL;
	int changed;
	struct findings *findings;
	size_t i = 0;
	enum rc rc;

	while (i < g->config.n_services && strcmp(base_name(g->config.service[i]), base_name(s->text)) != 0)
		i++;
	if (i == g->config.n_services)
		return fail(why, "no service has a file of this name");
	if (g->n_paths == CONFIG_MAX_SERVICES)
		return fail(why, "too many reloads in one talk");
	findings = findings_new();
	if (findings)
		path = path_beside(g->talk->path, s->text);
	if (!path) {
		findings_free(findings);
		return fail(why, "out of memory");
	}
	g->path[g->n_paths++] = g->config.service[i] = path;
	rc = services_reload(g->own, findings, &changed);
	snprintf(why, TALK_WHY_SIZE, "the new file has errors; see starhash check%s%s",
	         findings_count(findings) ? ": " : "",
	         findings_count(findings) ? findings_at(findings, 0)->what : "");
	findings_free(findings);
	return rc == RC_OK ? TALK_DONE : TALK_FAILED;
}

static enum talk_did act(void *ctx, const struct talk_step *s, int64_t msisdn, char *why)
{
	struct stage *g = ctx;

	switch (s->verb) {
	case TALK_DIAL:
		return dial(g, s, msisdn, why);
	case TALK_TYPE:
		scratch_type(g->world, s->text);
		return TALK_DONE;
	case TALK_SMS:
		scratch_sms(g->world, msisdn, s->text);
		return TALK_DONE;
	case TALK_REPEAT:
		scratch_repeat(g->world);
		return TALK_DONE;
	case TALK_DROP:
		scratch_drop(g->world);
		return TALK_DONE;
	case TALK_WAIT:
		scratch_wait(g->world, s->number);
		return TALK_DONE;
	case TALK_APP:
	case TALK_APP_SAYS:
		return app(g, s, why);
	case TALK_CHARGING:
		return charging(g, s, msisdn, why);
	case TALK_RELOAD:
		return reload(g, s, why);
	case TALK_GIVEN_CONSENT:
	case TALK_GIVEN_PROFILE:
	case TALK_GIVEN_GRANT:
	case TALK_GIVEN_RESUME:
		return give(g, s, msisdn, why);
	default:
		return fail(why, "not an act");
	}
}

/* --- what is to be seen ---------------------------------------------------------------------------------- */

static const char *screen(void *ctx, bool *last)
{
	return scratch_screen(((struct stage *)ctx)->world, last);
}

static bool is_open(void *ctx)
{
	return scratch_is_open(((struct stage *)ctx)->world);
}

static const char *sms(void *ctx, bool is_wanted)
{
	(void)is_wanted;
	return scratch_next_sms(((struct stage *)ctx)->world);
}

static enum rc look(void *ctx, query_subscriber_fn *fn, void *fn_ctx)
{
	return scratch_look(((struct stage *)ctx)->world, fn, fn_ctx);
}

static const char *at_screen(void *ctx)
{
	return scratch_at_screen(((struct stage *)ctx)->world);
}

static const char *app_heard(void *ctx)
{
	const struct fake_app *a = scratch_app(((struct stage *)ctx)->world);

	return a->was_asked ? a->heard : NULL;
}

static void finish(void *ctx)
{
	struct stage *g = ctx;

	scratch_free(g->world);
	if (g->own)
		services_free(g->own);
	for (size_t i = 0; i < g->n_paths; i++)
		free(g->path[i]);
	free(g);
}

static bool reloads(const struct talk *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->step[i].verb == TALK_RELOAD)
			return true;
	return false;
}

static enum rc own_services(struct stage *g, char *why)
{
	struct findings *findings = findings_new();
	enum rc rc = findings ? services_new(&g->config, findings, &g->own) : RC_NOMEM;

	if (rc != RC_OK)
		snprintf(why, TALK_WHY_SIZE, "the menus cannot be used; see starhash check");
	findings_free(findings);
	return rc;
}

enum rc talk_scratch_open(const struct talk *t, const struct config *config, struct services *services,
                          struct coverage *coverage, struct talk_stage *out, char *why)
{
	struct stage *g = calloc(1, sizeof *g);
	enum rc rc = g ? RC_OK : RC_NOMEM;

	snprintf(why, TALK_WHY_SIZE, "out of memory");
	if (!g)
		return rc;
	g->talk = t;
	g->config = *config;
	if (reloads(t))
		rc = own_services(g, why);
	if (rc == RC_OK)
		rc = scratch_new(&g->config, g->own ? g->own : services, true, &g->world, why, TALK_WHY_SIZE);
	if (rc != RC_OK) {
		finish(g);
		return rc;
	}
	if (coverage)
		scratch_watch(g->world, coverage_reached, coverage);
	*out = (struct talk_stage){.ctx = g,
	                           .act = act,
	                           .screen = screen,
	                           .is_open = is_open,
	                           .sms = sms,
	                           .look = look,
	                           .at_screen = at_screen,
	                           .app_heard = app_heard,
	                           .finish = finish};
	return RC_OK;
}
