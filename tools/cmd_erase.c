/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash erase: forget what a subscriber has told, on request.
 *
 * Works beside a running daemon: it waits for the daemon's lock. Says what was destroyed, after it has looked whether it is
 * gone, and what is kept, and why (storage/query_fates.h); the store keeps an audit row with the reason.
 */
#include <jansson.h>
#include <limits.h>

#include "core/clock.h"
#include "gateway/login.h"
#include "storage/key.h"
#include "storage/query_fates.h"
#include "storage/scrub.h"
#include "tools/access.h"
#include "tools/cmd.h"
#include "tools/guest.h"

#define WAL_WAIT_MS 5000 /* for who reads meanwhile */

/* What is there of one person. */
struct known {
	const struct profile *profile;
	int64_t id; /* 0 = the number is nobody's any more */
	bool has_language;
	bool has_value[PROFILE_MAX_FIELDS];
	int64_t rows[QUERY_FATES_MAX];
};

static bool look_one(void *ctx, const struct query_subscriber *s)
{
	struct known *k = ctx;

	k->id = s->is_erased ? 0 : record_id(s->record);
	k->has_language = *record_language(s->record) != '\0';
	for (size_t i = 0; i < k->profile->n_fields; i++) {
		const char *value = record_value(s->record, i);

		k->has_value[i] = value && *value;
	}
	return true;
}

static enum rc write_erasure(struct store *store, int64_t msisdn, const char *reason)
{
	struct store_batch *batch = store_batch_new(msisdn, clock_utc_ms(clock_system()));
	enum rc rc = batch ? store_batch_erase(batch, STORE_CH_OPERATOR, reason) : RC_NOMEM;

	if (rc == RC_OK)
		return guest_write(store, batch);
	store_batch_free(batch);
	return rc;
}

static enum cmd_exit erase(const struct config *config, int64_t msisdn, const struct access *access)
{
	struct store *store = guest_open(config, access->actor);
	enum rc rc;

	if (!store)
		return CMD_FAULT;
	rc = write_erasure(store, msisdn, access->reason);
	store_close(store);
	if (rc == RC_RANGE)
		return cmd_fault("the reason is too long");
	return rc == RC_OK ? CMD_OK : cmd_fault("nothing was erased: %s; try again", rc_name(rc));
}

/* Is there such a subscriber, and what is known? */
static enum cmd_exit look(const struct config *config, int64_t msisdn, struct known *found)
{
	char why[300];
	struct query *query = cmd_query(config);
	enum rc rc;

	if (!query)
		return CMD_FAULT;
	*found = (struct known){.profile = &config->profile};
	rc = query_by_msisdn(query, msisdn, look_one, found);
	if (rc == RC_OK && found->id != 0)
		rc = query_fates_count_rows(query, found->id, found->rows);
	snprintf(why, sizeof why, "%s", query_why(query));
	query_close(query);
	if (rc == RC_NOTFOUND)
		return cmd_fault("no such subscriber");
	if (rc == RC_STATE)
		return cmd_fault("%s", why);
	return rc == RC_OK ? CMD_OK : cmd_fault("reading the store failed: %s", rc_name(rc));
}

/* Afterwards: what is still there that should not be, and is the data key overwritten? */
static enum cmd_exit look_again(const struct config *config, int64_t id, struct known *now, bool *doomed)
{
	struct query *query = cmd_query(config);
	enum rc rc;

	if (!query)
		return CMD_FAULT;
	rc = query_fates_count_rows(query, id, now->rows);
	if (rc == RC_OK)
		rc = query_key_is_doomed(query, id, doomed);
	query_close(query);
	if (rc != RC_OK)
		return cmd_fault("it was erased, and reading the store again failed: %s", rc_name(rc));
	for (size_t i = 0; i < query_fates_count; i++)
		if (query_fates[i].kind == QUERY_FATE_DESTROYED && now->rows[i] > 0)
			return cmd_fault(
				"it was erased, and %lld of \"%s\" are still there: please report this",
				(long long)now->rows[i], query_fates[i].what);
	return CMD_OK;
}

/* --- telling ---------------------------------------------------------------------------------------------------------- */

struct telling {
	const struct known *before, *after;
	bool is_done;           /* else: what would be */
	bool doomed;            /* the data key is still to be overwritten */
	bool in_wal, by_daemon; /* the WAL is still to be emptied; a daemon sees to it */
};

static const char key_gone[] =
	"the key under which their private values were sealed: nobody can open these any more, "
	"in the store or in a copy of it";
static const char key_waits[] =
	"the key under which their private values were sealed: the daemon overwrites it at once, "
	"or when it starts";
static const char wal_waits[] =
	"Somebody is reading the store (an export, a backup, another program), so the pages of before still stand in its "
	"files. The daemon overwrites them within a second of when that has ended.";
static const char outside[] =
	"Values that profile.conf does not call private stand in clear in backups of before, until those are removed. What the "
	"SMSC and the charging system have written down is theirs.";

static void print_destroyed(const struct telling *t)
{
	const struct profile *p = t->before->profile;
	bool any = false;

	printf("%s:\n  the number%s, and where to resume\n", t->is_done ? "Destroyed" : "Would be destroyed",
	       t->before->has_language ? ", the language" : "");
	printf("  %s\n  values:", t->doomed ? key_waits : key_gone);
	for (size_t i = 0; i < p->n_fields; i++) {
		if (!t->before->has_value[i])
			continue;
		printf("%s %s%s", any ? "," : "", p->field[i].name,
		       p->field[i].is_private ? " (sealed)" : "");
		any = true;
	}
	puts(any ? "" : " none was told");
	for (size_t i = 0; i < query_fates_count; i++)
		if (query_fates[i].kind == QUERY_FATE_DESTROYED && t->before->rows[i] > 0)
			printf("  %lld of %s: %s\n", (long long)t->before->rows[i], query_fates[i].what,
			       query_fates[i].is);
}

static void print_kept(const struct telling *t)
{
	puts(t->is_done ? "Kept:" : "Would be kept:");
	for (size_t i = 0; i < query_fates_count; i++) {
		const struct query_fate *f = &query_fates[i];
		int64_t rows = t->after->rows[i];

		if (f->kind == QUERY_FATE_DESTROYED || rows <= 0)
			continue;
		printf("  %lld of %s: %s\n      why: %s%s%s%s\n", (long long)rows, f->what, f->is, f->why,
		       f->option ? "; for as long as " : "; for ever", f->option ? f->option : "",
		       f->option ? " says" : "");
	}
	puts(outside);
	if (t->in_wal && t->by_daemon)
		puts(wal_waits);
}

static json_t *destroyed_json(const struct telling *t)
{
	const struct profile *p = t->before->profile;
	json_t *o =
		json_pack("{s:b, s:b, s:s}", "number", true, "language", (int)t->before->has_language, "key",
	                  !t->is_done ? "would be"
	                  : t->doomed ? "waits for the daemon"
	                              : "destroyed");
	json_t *values = json_array();

	for (size_t i = 0; i < p->n_fields; i++)
		if (t->before->has_value[i])
			json_array_append_new(values, json_string(p->field[i].name));
	json_object_set_new(o, "values", values);
	for (size_t i = 0; i < query_fates_count; i++)
		if (query_fates[i].kind == QUERY_FATE_DESTROYED)
			json_object_set_new(o, query_fates[i].what,
			                    json_integer((json_int_t)t->before->rows[i]));
	return o;
}

static json_t *kept_json(const struct telling *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < query_fates_count; i++) {
		const struct query_fate *f = &query_fates[i];

		if (f->kind == QUERY_FATE_DESTROYED || t->after->rows[i] <= 0)
			continue;
		json_array_append_new(list, json_pack("{s:s, s:I, s:s, s:s, s:s?}", "what", f->what, "rows",
		                                      (json_int_t)t->after->rows[i], "is", f->is, "why",
		                                      f->why, "until", f->option));
	}
	return list;
}

static enum cmd_exit tell(const struct telling *t, bool json)
{
	json_t *out;
	int rc;

	if (!json) {
		print_destroyed(t);
		print_kept(t);
		return CMD_OK;
	}
	out = json_pack("{s:b, s:o, s:o, s:s}", "erased", (int)t->is_done, "destroyed", destroyed_json(t),
	                "kept", kept_json(t), "outside", outside);
	if (out && t->is_done)
		(void)json_object_set_new(out, "pages_of_before",
		                          json_string(!t->in_wal     ? "overwritten"
		                                      : t->by_daemon ? "waits for the daemon"
		                                                     : "waits for a reader to end"));
	rc = out ? json_dumpf(out, stdout, JSON_INDENT(2)) : -1;
	json_decref(out);
	return rc == 0 && putchar('\n') != EOF ? CMD_OK : cmd_fault("writing failed");
}

/* --- the command ------------------------------------------------------------------------------------------------------ */

struct wish {
	const char *number, *reason, *role;
	bool yes, json;
};

static enum cmd_exit empty_wal(const struct config *config, bool *in_wal, bool *by_daemon)
{
	char why[300] = "";
	enum rc rc = scrub_finish(config->store_path, WAL_WAIT_MS, by_daemon, why, sizeof why);

	*in_wal = rc == RC_BUSY;
	return rc == RC_OK || rc == RC_BUSY ? CMD_OK : cmd_fault("it was erased, and %s", why);
}

static enum cmd_exit wal_fault(const struct config *config)
{
	return cmd_fault(
		"it was erased, but the pages of before still stand in %s or its -wal: somebody is reading the store. End that (an "
		"export, a backup, another program), and run this again, or start the daemon, which overwrites them",
		config->store_path);
}

static enum cmd_exit erase_now(const struct config *config, int64_t msisdn, const struct wish *wish,
                               const struct known *before)
{
	struct known after = *before;
	struct telling t = {.before = before, .after = &after, .is_done = true};
	struct access access;
	enum cmd_exit result;

	if (!access_take_any(config, wish->role, ACCESS_ERASE, wish->reason, &access))
		return CMD_FAULT;
	result = erase(config, msisdn, &access);
	if (result != CMD_OK)
		return result;
	if (!wish->json)
		puts("erased");
	result = empty_wal(config, &t.in_wal, &t.by_daemon);
	if (result == CMD_OK)
		result = look_again(config, before->id, &after, &t.doomed);
	if (result == CMD_OK)
		result = tell(&t, wish->json);
	return result == CMD_OK && t.in_wal && !t.by_daemon ? wal_fault(config) : result;
}

static enum cmd_exit run_with(const struct config *config, const struct wish *wish)
{
	struct known found;
	struct telling t = {.before = &found, .after = &found};
	enum cmd_exit result;
	int64_t msisdn;

	if (!cmd_msisdn(config, wish->number, &msisdn))
		return CMD_FAULT;
	result = look(config, msisdn, &found);
	if (result != CMD_OK)
		return result;
	if (found.id == 0) {
		result = empty_wal(config, &t.in_wal,
		                   &t.by_daemon); /* one of before may not have come to that */
		if (result != CMD_OK)
			return result;
		if (t.in_wal && !t.by_daemon)
			return wal_fault(config);
		puts(wish->json ? "{\"erased\": true, \"already\": true}"
		                : "erased already: nothing that was told is left");
		if (!wish->json && t.in_wal)
			puts(wal_waits);
		return CMD_OK;
	}
	if (wish->yes)
		return erase_now(config, msisdn, wish, &found);
	result = tell(&t, wish->json);
	if (!wish->json)
		printf("Nothing was changed; to do it:\n  starhash erase %s --yes --reason TEXT\n",
		       wish->number);
	return result == CMD_OK ? CMD_USAGE : result;
}

/* When the store's key is lost: the way on, and what it costs. */
static enum cmd_exit forget_tombstones(const struct config *config, const struct wish *wish)
{
	struct key_lost lost = {.store = config->store_path,
	                        .key_path = config->store_key,
	                        .at_ms = clock_utc_ms(clock_system()),
	                        .only_look = !wish->yes};
	struct key_losses n;
	struct access access;
	char why[PATH_MAX + 300] = "";

	if (wish->yes && (!access_take(config, wish->role, ACCESS_ERASE, wish->reason, &access) ||
	                  !access_take(config, wish->role, ACCESS_KEY, wish->reason, &access)))
		return CMD_FAULT;
	if (wish->yes) {
		lost.actor = access.actor;
		lost.reason = access.reason;
	}
	if (key_forget(&lost, &n, why, sizeof why) != RC_OK)
		return cmd_fault("%s: %s", config->store_path, why);
	printf("%s: %lld private values, %lld sealed texts of messages, %lld tombstones\n",
	       wish->yes ? "Forgotten" : "Would be forgotten, for ever", (long long)n.values,
	       (long long)n.messages, (long long)n.tombstones);
	if (wish->yes) {
		printf("Move %s away if it is there; the next start makes a new key\n", config->store_key);
		return CMD_OK;
	}
	puts("Phones whose numbers were erased get gifts again, a STOP of theirs is not known any more, and the audit's chain\n"
	     "begins anew. Only for a store whose key is lost, while no daemon runs. Is there a copy of the key? Then put it\n"
	     "back: nothing is lost. Nothing was changed; to do it:\n"
	     "  starhash erase --tombstones --yes --role ROLE --reason TEXT");
	return CMD_USAGE;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct wish wish = {0};
	bool tombstones = false;
	const struct cmd_option options[] = {
		{"yes", 'y', &wish.yes, NULL},        {"reason", 0, NULL, &wish.reason},
		{"role", 0, NULL, &wish.role},        {"json", 0, &wish.json, NULL},
		{"tombstones", 0, &tombstones, NULL}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_erase, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != (tombstones ? 0 : 1))
		return cmd_misused(&cmd_erase,
		                   tombstones ? "--tombstones needs no number" : "give one number");
	if (wish.yes && (!wish.reason || !login_is_reason(wish.reason)))
		return cmd_misused(&cmd_erase, "--reason TEXT is needed: it is kept in the audit");
	wish.number = argv[1];
	config = cmd_config(ctx);
	if (config)
		result = tombstones ? forget_tombstones(config, &wish) : run_with(config, &wish);
	config_free(config);
	return result;
}

const struct cmd cmd_erase = {
	.name = "erase",
	.args = "MSISDN --yes --reason TEXT [--role NAME] [--json] | --tombstones --yes --role NAME --reason TEXT",
	.summary = "Forget what a subscriber has told",
	.help = "  --yes          do it; without it, say what would be destroyed and kept (exit code 2)\n"
		"  --reason TEXT  why; kept in the audit\n"
		"  --role NAME    as who, where starhash.conf has roles; it must be one that may erase\n"
		"  --json         what was destroyed, and what is kept and why, as one object\n"
		"  --tombstones   the store's key is lost: forget what only it opens, and whose numbers were erased\n",
	.run = run,
};
