/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash: the operator's command. Finds the configuration's name and the subcommand, and hands over. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "core/dump.h"
#include "core/log.h"
#include "core/nearest.h"
#include "tools/cmd.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif
#define CONFIG_DEFAULT "/etc/starhash/starhash.conf"

static const struct cmd *const commands[] = {
	&cmd_check,  &cmd_dial,     &cmd_test,      &cmd_show,    &cmd_export,    &cmd_stats,
	&cmd_erase,  &cmd_verify,   &cmd_status,    &cmd_links,   &cmd_dialogues, &cmd_reload,
	&cmd_drain,  &cmd_map,      &cmd_strings,   &cmd_record,  &cmd_push,      &cmd_pdu,
	&cmd_doctor, &cmd_grants,   &cmd_backup,    &cmd_restore, &cmd_numbers,   &cmd_import,
	&cmd_audit,  &cmd_requests, &cmd_retention, &cmd_find,    &cmd_key,
};
#define N_COMMANDS (sizeof commands / sizeof commands[0])

static void print_usage(FILE *to)
{
	fputs("usage: starhash [-c FILE] COMMAND [...]\n\n", to);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(to, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n  -c FILE    configuration; " CONFIG_DEFAULT " when absent\n"
	      "  --help     this; after a command: about the command\n"
	      "  --version  of the program\n\n"
	      "Exit codes: 0 fine, 1 a fault was found, 2 wrong use.\n",
	      to);
}

static const struct cmd *command_by_name(const char *name)
{
	const char *names[N_COMMANDS], *near;

	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
		names[i] = commands[i]->name;
	}
	near = nearest_word(name, names, N_COMMANDS);
	fprintf(stderr, "starhash: unknown command \"%s\"%s%s%s\n", name, near ? "; did you mean \"" : "",
	        near ? near : "", near ? "\"?" : "; see starhash --help");
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"config", 1, NULL, 'c'},
		{"help", 0, NULL, 'h'},
		{"version", 0, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	struct cmd_context ctx = {.config_path = CONFIG_DEFAULT};
	const struct cmd *command;
	int got;

	dump_forbid();
	log_init(LOG_LV_WARN);
	while ((got = getopt_long(argc, argv, "+c:hV", options, NULL)) != -1) {
		switch (got) {
		case 'c':
			ctx.config_path = optarg;
			break;
		case 'h':
			print_usage(stdout);
			return CMD_OK;
		case 'V':
			puts("starhash " PACKAGE_VERSION);
			return CMD_OK;
		default:
			print_usage(stderr);
			return CMD_USAGE;
		}
	}
	if (optind == argc) {
		print_usage(stderr);
		return CMD_USAGE;
	}
	command = command_by_name(argv[optind]);
	if (!command)
		return CMD_USAGE;
	return (int)command->run(&ctx, argc - optind, argv + optind);
}
