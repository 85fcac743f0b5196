/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash key: the operator's key, and the keyring: how they are, a new key, the one copy of the keyring.
 *
 * Works beside a running daemon, which goes on with the store's own keys; only `lost` needs it stopped. No key is ever
 * printed.
 */
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "storage/audit.h"
#include "storage/files.h"
#include "storage/key_report.h"
#include "tools/access.h"
#include "tools/cmd.h"

struct words {
	bool json, check, yes;
	const char *role, *reason;
};

static const char *day(int64_t ms, char out[32])
{
	time_t at = (time_t)(ms / 1000);
	struct tm tm;

	(void)gmtime_r(&at, &tm);
	(void)strftime(out, 32, "%Y-%m-%d %H:%M UTC", &tm);
	return out;
}

static void print_json(const struct config *config, const struct key_report *r, bool checked)
{
	json_t *o = json_pack(
		"{s:s, s:I, s:I, s:{s:s+, s:I, s:I, s:I, s:I, s:I}, s:I, s:I, s:I}", "key_file",
		config->store_key, "made", (json_int_t)r->made_ms, "rotated", (json_int_t)r->rotated_ms,
		"keyring", "file", config->store_path, ".keyring", "slots", (json_int_t)r->slots, "keys",
		(json_int_t)r->keys, "destroyed", (json_int_t)r->destroyed, "damaged", (json_int_t)r->damaged,
		"returned", (json_int_t)r->returned, "subscribers", (json_int_t)r->subscribers, "to_destroy",
		(json_int_t)r->doomed, "columns_not_sealed", (json_int_t)r->plain);

	if (o)
		(void)json_object_set_new(o, "every_key_was_opened", json_boolean(checked));
	if (o)
		json_dumpf(o, stdout, JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(o);
}

static void print_report(const struct config *config, const struct key_report *r, bool checked)
{
	char made[32], rotated[32];

	printf("key      %s: fits this store\n", config->store_key);
	printf("         the store's own keys since %s; the operator's %s%s\n", day(r->made_ms, made),
	       r->rotated_ms ? "changed last at " : "never changed",
	       r->rotated_ms ? day(r->rotated_ms, rotated) : "");
	printf("keyring  %s.keyring: fits this store, room for subscribers up to %" PRId64 "\n",
	       config->store_path, r->slots);
	printf("         of %" PRId64 " subscribers %" PRId64 " have a key, %" PRId64
	       " were erased and have none\n",
	       r->subscribers, r->keys, r->destroyed);
	if (checked)
		printf("         every key was opened: %" PRId64 " damaged\n", r->damaged);
	if (r->damaged) {
		printf("damaged  %" PRId64 " subscribers have no key that opens, and were not erased",
		       r->damaged);
		if (r->damaged_first)
			printf(" (the first is subscriber %" PRId64 ")", r->damaged_first);
		printf(": stop the daemon and put the keyring's copy back, or what they told is lost\n");
	}
	if (r->returned)
		printf("erased   %" PRId64 " subscribers (the first is subscriber %" PRId64
		       ") were erased and are here with their numbers: this store is older than its keyring; start "
		       "the daemon, which erases them again\n",
		       r->returned, r->returned_first);
	if (r->doomed)
		printf("         %" PRId64
		       " keys of erased subscribers are still to be overwritten: see the log, and check the "
		       "disk of the keyring\n",
		       r->doomed);
	printf("sealed   %s\n",
	       r->plain ? "not everything yet: start the daemon, which seals what an older program left"
	                : "everything that is private");
}

/* As ssh says of its keys. */
static void warn_open(const char *path)
{
	unsigned mode = files_open_mode(path);

	if (mode != 0)
		fprintf(stderr,
		        "starhash: warning: others than its owner may read or write %s (mode %03o): chmod 600 %s\n",
		        path, mode, path);
}

static enum cmd_exit status(const struct config *config, const struct words *w)
{
	const struct key_store store = {.path = config->store_path, .key_path = config->store_key};
	struct key_report r;
	char why[500] = "", ring[PATH_MAX + 16];

	if (key_report_read(&store, &config->profile, w->check, &r, why, sizeof why) != RC_OK)
		return cmd_fault("%s", why);
	(void)snprintf(ring, sizeof ring, "%s.keyring", config->store_path);
	warn_open(config->store_key);
	warn_open(ring);
	if (w->json)
		print_json(config, &r, w->check);
	else
		print_report(config, &r, w->check);
	return r.damaged || r.returned || r.doomed || r.plain ? CMD_FAULT : CMD_OK;
}

static enum cmd_exit rotate(const struct config *config, const struct words *w)
{
	const struct key_store store = {.path = config->store_path, .key_path = config->store_key};
	struct access access;
	char why[500] = "";

	if (!access_take(config, w->role, ACCESS_KEY, w->reason, &access) ||
	    !access_note(config, &access, "key rotate", 0))
		return CMD_FAULT;
	if (key_report_rotate(&store, clock_utc_ms(clock_system()), why, sizeof why) != RC_OK)
		return cmd_fault("%s", why);
	printf("%s is a new key, and the one before opens nothing here any more\n"
	       "  keep a copy of it apart from the backups, now; backups that were made before need the key before\n"
	       "  a daemon that gets it from systemd (LoadCredential=) reads it at its next start; nothing has to be restarted\n",
	       config->store_key);
	return CMD_OK;
}

static enum cmd_exit copy(const struct config *config, const char *to, const struct words *w)
{
	const struct key_store store = {.path = config->store_path, .key_path = config->store_key};
	struct access access;
	int64_t slots = 0;
	char why[500] = "";

	/* Where roles are not given, the nightly backup makes it as the daemon's own user. */
	if (config->access.is_given && (!access_take(config, w->role, ACCESS_KEY, w->reason, &access) ||
	                                !access_note(config, &access, "key copy", 0)))
		return CMD_FAULT;
	if (key_report_copy(&store, to, &slots, why, sizeof why) != RC_OK)
		return cmd_fault("%s", why);
	printf("%s: %" PRId64 " slots; it takes the place of the copy before, and must be the only one\n", to,
	       slots);
	return CMD_OK;
}

static enum cmd_exit lost(const struct config *config, const struct words *w)
{
	const struct key_store store = {.path = config->store_path, .key_path = config->store_key};
	struct access access;
	struct audit_row row;
	int64_t texts = 0;
	char why[500] = "";

	if (!w->yes) {
		puts("Would forget every private value and every message that waits: without the keyring nobody can read them, and\n"
		     "the daemon does not start. People are asked again. Only when the keyring and its copy are lost for good, and\n"
		     "while no daemon runs. Nothing was changed; to do it:\n"
		     "  starhash key lost --yes --role ROLE --reason TEXT");
		return CMD_USAGE;
	}
	if (!access_take(config, w->role, ACCESS_KEY, w->reason, &access))
		return CMD_FAULT;
	row = (struct audit_row){.at_ms = clock_utc_ms(clock_system()),
	                         .actor = access.actor,
	                         .action = "keyring lost",
	                         .reason = access.reason};
	if (key_report_lost(&store, &row, &texts, why, sizeof why) != RC_OK)
		return cmd_fault("%s", why);
	printf("%" PRId64 " texts that nobody can read are gone; the next start makes a keyring\n", texts);
	return CMD_OK;
}

static enum cmd_exit run_with(const struct config *config, int n, char **argv, const struct words *w)
{
	const char *what = n > 0 ? argv[1] : "status";

	if (strcmp(what, "status") == 0 && n <= 1)
		return status(config, w);
	if (strcmp(what, "rotate") == 0 && n == 1)
		return rotate(config, w);
	if (strcmp(what, "copy") == 0)
		return n == 2 ? copy(config, argv[2], w)
		              : cmd_misused(&cmd_key, "name one file for the copy");
	if (strcmp(what, "lost") == 0 && n == 1)
		return lost(config, w);
	return cmd_misused(&cmd_key, "\"%s\" is none of status, rotate, copy FILE, lost",
	                   n > 1 ? argv[2] : what);
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct words w = {0};
	const struct cmd_option options[] = {{"json", 0, &w.json, NULL},     {"check", 0, &w.check, NULL},
	                                     {"yes", 'y', &w.yes, NULL},     {"role", 0, NULL, &w.role},
	                                     {"reason", 0, NULL, &w.reason}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_key, options, argc, argv, &result);

	if (n < 0)
		return result;
	config = cmd_config(ctx);
	if (config)
		result = run_with(config, n, argv, &w);
	config_free(config);
	return result;
}

const struct cmd cmd_key = {
	.name = "key",
	.args = "[status [--check] [--json]] | rotate --role ROLE --reason TEXT | copy FILE [--role ROLE --reason TEXT] | lost --yes --role ROLE --reason "
		"TEXT",
	.summary = "Keys of what is private: status, change, copy",
	.help = "  status         do key and keyring fit, is everything sealed (the default; exit code 1 when not)\n"
		"  --check        open every key of the keyring: some seconds for millions\n"
		"  --json         the same, for machines\n"
		"  rotate         a new operator's key in the place of store.key_file\n"
		"  copy FILE      the one copy of the keyring that is kept, in the place of the one before (takes a role where roles are given)\n"
		"  lost           the keyring is lost for good: forget what it opened (needs --yes; the daemon must not run)\n"
		"  --role ROLE    as whom, by `roles` in starhash.conf; needs the right \"key\"\n"
		"  --reason TEXT  why; kept in the audit\n",
	.run = run,
};
