/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands of `starhash`: a file is a command is an entry, and what they share.
 *
 * Exit codes are an interface: scripts and tests read them. Reports go to stdout, everything else to stderr.
 */
#ifndef STARHASH_TOOLS_CMD_H
#define STARHASH_TOOLS_CMD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/rc.h"
#include "gateway/config.h"
#include "storage/query.h"

enum cmd_exit { CMD_OK = 0, CMD_FAULT = 1, CMD_USAGE = 2 };

struct cmd_context {
	const char *config_path; /* of -c, or the default */
};

struct cmd {
	const char *name;
	const char *args;    /* after the name in the usage line */
	const char *summary; /* one line */
	const char *help;    /* options and what else must be said */
	/* argv[0] is the command's name. */
	enum cmd_exit (*run)(const struct cmd_context *ctx, int argc, char **argv);
};

extern const struct cmd cmd_audit, cmd_check, cmd_dial, cmd_drain, cmd_erase, cmd_export, cmd_grants,
	cmd_reload, cmd_show, cmd_stats, cmd_status, cmd_test, cmd_map, cmd_strings, cmd_record, cmd_push,
	cmd_pdu, cmd_doctor, cmd_verify, cmd_backup, cmd_restore, cmd_numbers, cmd_retention, cmd_requests,
	cmd_import, cmd_key, cmd_find, cmd_links, cmd_dialogues;

/* Usage, summary and help of one command. */
void cmd_print_help(const struct cmd *c, FILE *to);

/* One option of a command: "json" or "msisdn N". */
struct cmd_option {
	const char *name;   /* without the dashes; NULL ends a list */
	char letter;        /* short form, 0 = none */
	bool *flag;         /* set when given, or */
	const char **value; /* set to the word that follows */
};
/* Read the options; the words that are none are moved to argv[1..]. Says what is wrong, and answers --help.
 * Returns how many words remain (>= 0), or -1: return *exit_code. */
int cmd_options(const struct cmd *c, const struct cmd_option *options, int argc, char **argv,
                enum cmd_exit *exit_code);
/* A wrong use: says why and where help is. Returns CMD_USAGE. */
enum cmd_exit cmd_misused(const struct cmd *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A fault: says it on stderr. Returns CMD_FAULT. */
enum cmd_exit cmd_fault(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Load the configuration, without secrets; errors are printed to stderr, warnings are not. NULL = return CMD_FAULT. */
struct config *cmd_config(const struct cmd_context *ctx);
/* Read MSISDN as a person types it, completed by the country. False after a message. */
bool cmd_msisdn(const struct config *config, const char *text, int64_t *out);
/* A word to the running daemon over its control socket, and its answer, for the caller to free. NULL after a message. */
char *cmd_control(const struct config *config, const char *word);
/* The same, and no message where no daemon runs (*runs is false then). */
char *cmd_control_if_running(const struct config *config, const char *word, bool *runs);
/* What a backup or a restore found, for people or as one JSON object. */
struct copy_sums;
void cmd_print_sums(const char *path, const struct copy_sums *sums, bool json);
/* For struct backup_options: the share that is done, on a terminal; false after an interrupt. `ctx` is a struct progress. */
bool cmd_copy_progress(void *ctx, int64_t done, int64_t all);
/* From now on an interrupt ends the copy in order. */
void cmd_copy_guard(void);

/* Open the store for reading. NULL after a message. */
struct query *cmd_query(const struct config *config);

#endif
