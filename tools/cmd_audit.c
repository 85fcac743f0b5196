/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash audit: who did what to whose data, and whether somebody has changed what is written of it. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "storage/audit_report.h"
#include "tools/access.h"
#include "tools/cmd.h"
#include "tools/safe.h"

#define LIMIT 100
#define LIMIT_MAX 10000

struct options {
	bool json;
	const char *limit, *role, *head;
};

static struct audit_store store_of(const struct config *config)
{
	return (struct audit_store){.path = config->store_path, .key_path = config->store_key};
}

/* --- list ----------------------------------------------------------------------------------------------------------- */

struct list {
	json_t *rows; /* NULL = for people */
	bool failed;
	int64_t left;
};

/* Reasons are typed by people: nothing of theirs may speak to the terminal. */
static void print_words(const char *text)
{
	fputs(SAFE(text), stdout);
}

static bool list_one(void *ctx, const struct audit_entry *e)
{
	struct list *list = ctx;
	char at[CLOCK_TEXT_SIZE];

	clock_utc_text(e->at_ms, at);
	list->left--;
	if (list->rows) {
		json_t *o = json_pack("{s:I, s:s, s:s, s:s, s:I, s:s}", "seq", (json_int_t)e->seq, "at", at,
		                      "actor", e->actor, "action", e->action, "subject",
		                      (json_int_t)e->subject, "reason", e->reason);

		list->failed |= !o || json_array_append_new(list->rows, o) != 0;
		return !list->failed;
	}
	printf("%8" PRId64 "  %s  %-16s ", e->seq, at, e->actor);
	print_words(e->action);
	if (e->subject)
		printf(", subscriber %" PRId64, e->subject);
	if (*e->reason)
		fputs(": ", stdout);
	print_words(e->reason);
	putchar('\n');
	return true;
}

struct whose {
	size_t n;
	int64_t id[QUERY_MAX_ERASED + 1];
};

static bool whose_one(void *ctx, const struct query_subscriber *s)
{
	struct whose *whose = ctx;

	for (size_t i = 0; i < s->n_ids && whose->n <= QUERY_MAX_ERASED; i++)
		whose->id[whose->n++] = s->id[i];
	return true;
}

/* The internal ids that the number has, and had before it was erased. */
static enum cmd_exit whose_number(const struct config *config, const char *number, struct whose *whose)
{
	struct query *query;
	char why[300];
	int64_t msisdn;
	enum rc rc;

	if (!cmd_msisdn(config, number, &msisdn) || !(query = cmd_query(config)))
		return CMD_FAULT;
	rc = query_by_msisdn(query, msisdn, whose_one, whose);
	(void)snprintf(why, sizeof why, "%s", query_why(query));
	query_close(query);
	if (rc == RC_NOTFOUND)
		return cmd_fault("no such subscriber");
	return rc == RC_OK ? CMD_OK : cmd_fault("%s", *why ? why : rc_name(rc));
}

static enum cmd_exit list_print(const struct config *config, const struct whose *whose, struct list *list)
{
	const struct audit_store store = store_of(config);
	char why[400] = "";
	enum rc rc = RC_OK;

	for (size_t i = whose->n; i-- > 0 && rc == RC_OK && list->left > 0;) {
		const struct audit_filter filter = {.subject = whose->id[i], .limit = list->left};

		rc = audit_list(&store, &filter, list_one, list, why, sizeof why);
	}
	if (rc != RC_OK)
		return cmd_fault("%s: %s", config->store_path, why);
	return list->failed ? cmd_fault("memory is out") : CMD_OK;
}

static enum cmd_exit run_list(const struct config *config, const struct options *o, const char *number)
{
	struct whose whose = {.n = 1, .id = {0}};
	struct list list = {.left = o->limit ? strtoll(o->limit, NULL, 10) : LIMIT};
	struct access access;
	enum cmd_exit result = CMD_OK;

	if (list.left < 1 || list.left > LIMIT_MAX)
		return cmd_misused(&cmd_audit, "--limit takes 1 to %d", LIMIT_MAX);
	if ((o->role || config->access.is_given) &&
	    !access_take(config, o->role, ACCESS_AUDIT, "reading the audit", &access))
		return CMD_FAULT;
	if (number) {
		whose.n = 0;
		result = whose_number(config, number, &whose);
	}
	if (result == CMD_OK && o->json)
		list.rows = json_array();
	if (result == CMD_OK)
		result = list_print(config, &whose, &list);
	if (result == CMD_OK && list.rows) {
		json_dumpf(list.rows, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(list.rows);
	return result;
}

/* --- verify --------------------------------------------------------------------------------------------------------- */

struct faults {
	json_t *list; /* NULL = for people */
	int n;
};

static const char *const fault_names[] = {
	[AUDIT_EDITED] = "edited", [AUDIT_GONE] = "gone",       [AUDIT_MOVED] = "moved",
	[AUDIT_CUT] = "cut",       [AUDIT_FOREIGN] = "foreign", [AUDIT_UNPROVEN] = "unproven",
	[AUDIT_AFTER] = "after",   [AUDIT_NO_HEAD] = "no head", [AUDIT_BEGUN] = "begun anew",
	[AUDIT_OTHER] = "other",
};

static void fault_words(enum audit_fault fault, int64_t seq, int64_t other, char *out, size_t size)
{
	char rows[64];

	(void)snprintf(rows, sizeof rows,
	               seq == other ? "row %" PRId64 " is" : "rows %" PRId64 " to %" PRId64 " are", seq,
	               other);
	switch (fault) {
	case AUDIT_EDITED:
		(void)snprintf(out, size, "row %" PRId64 " was edited: it is not what was written", seq);
		return;
	case AUDIT_GONE:
		(void)snprintf(out, size, "%s gone: removed from the middle", rows);
		return;
	case AUDIT_MOVED:
		(void)snprintf(out, size, "row %" PRId64 " holds what was written as row %" PRId64, seq,
		               other);
		return;
	case AUDIT_CUT:
		(void)snprintf(out, size, "%s gone: cut off at the end", rows);
		return;
	case AUDIT_FOREIGN:
		(void)snprintf(out, size, "row %" PRId64 " has no hash: this program has not written it",
		               seq);
		return;
	case AUDIT_UNPROVEN:
		(void)snprintf(out, size,
		               "row %" PRId64
		               " follows one that is gone or was changed: nothing is left to prove it by",
		               seq);
		return;
	case AUDIT_AFTER:
		(void)snprintf(out, size, "%s behind the head: this program has not written that", rows);
		return;
	case AUDIT_OTHER:
		(void)snprintf(out, size,
		               "the head that was given is not in this chain: row %" PRId64
		               " is another, or gone; was a backup put back since it was written down?",
		               seq);
		return;
	case AUDIT_BEGUN:
		(void)snprintf(out, size,
		               "row %" PRId64
		               " begins the chain anew, because its head was gone: what was before it is "
		               "not proven",
		               seq);
		return;
	default:
		(void)snprintf(out, size,
		               "the head is gone: whether rows behind row %" PRId64
		               " were cut off cannot be told from here",
		               seq);
		return;
	}
}

static void fault_one(void *ctx, enum audit_fault fault, int64_t seq, int64_t other)
{
	struct faults *faults = ctx;
	char words[240];

	faults->n++;
	fault_words(fault, seq, other, words, sizeof words);
	if (faults->list)
		json_array_append_new(faults->list,
		                      json_pack("{s:s, s:I, s:I, s:s}", "fault", fault_names[fault], "row",
		                                (json_int_t)seq, "to", (json_int_t)other, "what", words));
	else
		puts(words);
}

/* No fault: so begins the audit of a store that was there before, or whose key was lost. Nobody did either unnoticed. */
static void adopted_print(const struct audit_sums *sums)
{
	char at[CLOCK_TEXT_SIZE];

	clock_utc_text(sums->adopted_ms, at);
	printf("the chain was begun at %s, behind rows that were there already, up to row %" PRId64
	       ": expected of an update from an older version and of a lost key, and of nothing else\n",
	       at, sums->adopted - 1);
}

static enum cmd_exit verify_print(const struct audit_sums *sums, const struct faults *faults)
{
	if (faults->list) {
		json_t *o = json_pack("{s:b, s:I, s:I, s:I, s:s, s:O}", "whole", sums->faults == 0, "rows",
		                      (json_int_t)sums->rows, "adopted",
		                      (json_int_t)(sums->adopted > 0 ? sums->adopted - 1 : 0), "faults",
		                      (json_int_t)sums->faults, "head", sums->head, "places", faults->list);

		json_dumpf(o, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(o);
	} else if (sums->faults == 0) {
		printf("%" PRId64 " rows, the chain is whole; head %s\n", sums->rows, sums->head);
	} else {
		if (sums->faults > faults->n)
			printf("... and %" PRId64 " more\n", sums->faults - faults->n);
		printf("%" PRId64
		       " rows; somebody has changed the audit. Keep the database as it is, and a copy; "
		       "what was there is in backups of before\n",
		       sums->rows);
	}
	return sums->faults == 0 ? CMD_OK : CMD_FAULT;
}

static enum cmd_exit run_verify(const struct config *config, const struct options *o)
{
	const struct audit_store store = store_of(config);
	struct faults faults = {.list = o->json ? json_array() : NULL};
	struct audit_sums sums;
	char why[400] = "";
	enum cmd_exit result = CMD_FAULT;
	enum rc rc = audit_verify(&store, o->head, fault_one, &faults, &sums, why, sizeof why);

	if (rc == RC_OK && sums.adopted > 0 && !o->json)
		adopted_print(&sums);
	if (rc == RC_OK)
		result = verify_print(&sums, &faults);
	else
		cmd_fault("%s: %s", rc == RC_SYNTAX ? "--head" : config->store_path, why);
	json_decref(faults.list);
	return result;
}

static enum cmd_exit run_head(const struct config *config)
{
	const struct audit_store store = store_of(config);
	char head[AUDIT_HEAD_SIZE], why[400] = "";

	if (audit_head_text(&store, head, why, sizeof why) != RC_OK)
		return cmd_fault("%s: %s", config->store_path, why);
	puts(head);
	return CMD_OK;
}

/* --- the command ---------------------------------------------------------------------------------------------------- */

static enum cmd_exit run_word(const struct config *config, const struct options *o, const char *word,
                              const char *number)
{
	if (strcmp(word, "verify") == 0)
		return run_verify(config, o);
	return strcmp(word, "head") == 0 ? run_head(config) : run_list(config, o, number);
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct options o = {0};
	const struct cmd_option options[] = {{"json", 0, &o.json, NULL},
	                                     {"limit", 'n', NULL, &o.limit},
	                                     {"role", 0, NULL, &o.role},
	                                     {"head", 0, NULL, &o.head},
	                                     {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	int n = cmd_options(&cmd_audit, options, argc, argv, &result);
	const char *word = n > 0 ? argv[1] : "list";
	bool lists = strcmp(word, "list") == 0;
	struct config *config;

	if (n < 0)
		return result;
	if (!lists && strcmp(word, "verify") != 0 && strcmp(word, "head") != 0)
		return cmd_misused(&cmd_audit, "\"%s\" says nothing here; list, verify or head", word);
	if (n > (lists ? 2 : 1))
		return cmd_misused(&cmd_audit, "\"%s\" says nothing here", argv[n]);
	if (o.head && strcmp(word, "verify") != 0)
		return cmd_misused(&cmd_audit, "--head goes with verify");
	config = cmd_config(ctx);
	if (config)
		result = run_word(config, &o, word, n > 1 ? argv[2] : NULL);
	config_free(config);
	return result;
}

const struct cmd cmd_audit = {
	.name = "audit",
	.args = "[list [MSISDN] [--limit N] [--role NAME] | verify [--head HEAD] | head] [--json]",
	.summary = "Show who did what to whose data, and prove that nobody has changed it",
	.help = "  list         the newest rows, of everybody or of one subscriber\n"
		"  verify       every row against the chain: what was edited, removed, moved or cut off, and where\n"
		"  head         the newest row's number and hash: keep it where nobody of this machine can write\n"
		"  --limit N    so many rows; 100, at most 10000\n"
		"  --role NAME  as whom; needed where starhash.conf has roles, with the right \"audit\"\n"
		"  --head HEAD  one that was written down earlier (the log has one a day) must be in the chain\n"
		"  --json       for programs\n",
	.run = run,
};
