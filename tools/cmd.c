/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands share: options, messages, opening the configuration and the store. */
#include "tools/cmd.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 8

void cmd_print_help(const struct cmd *c, FILE *to)
{
	fprintf(to, "usage: starhash [-c FILE] %s%s%s\n\n%s.\n", c->name, *c->args ? " " : "", c->args,
	        c->summary);
	if (*c->help)
		fprintf(to, "\n%s", c->help);
}

enum cmd_exit cmd_misused(const struct cmd *c, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "starhash %s: ", c->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nsee: starhash %s --help\n", c->name);
	return CMD_USAGE;
}

enum cmd_exit cmd_fault(const char *format, ...)
{
	va_list args;

	fputs("starhash: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return CMD_FAULT;
}

/* The command's options and --help in the form of getopt_long; `val` is the index + 1, --help is 0. */
static void to_getopt(const struct cmd_option *options, struct option *long_form, char *short_form)
{
	size_t n = 0;

	for (; options[n].name && n < OPTIONS_MAX; n++) {
		long_form[n] = (struct option){options[n].name, options[n].value ? 1 : 0, NULL, (int)n + 1};
		if (options[n].letter) {
			*short_form++ = options[n].letter;
			if (options[n].value)
				*short_form++ = ':';
		}
	}
	long_form[n] = (struct option){"help", 0, NULL, 0};
	long_form[n + 1] = (struct option){NULL, 0, NULL, 0};
	*short_form = '\0';
}

static const struct cmd_option *option_of(const struct cmd_option *options, int got)
{
	if (got >= 1 && got <= OPTIONS_MAX)
		return &options[got - 1];
	for (; options->name; options++)
		if (options->letter == got)
			return options;
	return NULL;
}

int cmd_options(const struct cmd *c, const struct cmd_option *options, int argc, char **argv,
                enum cmd_exit *exit_code)
{
	struct option long_form[OPTIONS_MAX + 2];
	char short_form[2 * OPTIONS_MAX + 1];
	int got, n = 0;

	to_getopt(options, long_form, short_form);
	optind = 0; /* glibc: begin anew, with this argv */
	opterr = 0;
	while ((got = getopt_long(argc, argv, short_form, long_form, NULL)) != -1) {
		const struct cmd_option *o;

		if (got == 0) {
			cmd_print_help(c, stdout);
			*exit_code = CMD_OK;
			return -1;
		}
		o = option_of(options, got);
		if (!o) {
			*exit_code = cmd_misused(c, "cannot use \"%s\"", argv[optind - 1]);
			return -1;
		}
		if (o->value)
			*o->value = optarg;
		else
			*o->flag = true;
	}
	for (; optind < argc; optind++)
		argv[1 + n++] = argv[optind];
	return n;
}

struct config *cmd_config(const struct cmd_context *ctx)
{
	struct findings *findings = findings_new();
	struct config *config = NULL;
	enum rc rc = findings ? config_load_public(ctx->config_path, findings, &config) : RC_NOMEM;

	if (rc != RC_OK) {
		if (findings)
			findings_print(findings, stderr);
		cmd_fault("%s cannot be used; another file: starhash -c FILE", ctx->config_path);
	}
	findings_free(findings);
	return rc == RC_OK ? config : NULL;
}

bool cmd_msisdn(const struct config *config, const char *text, int64_t *out)
{
	enum rc rc = msisdn_parse(text, MSISDN_TON_UNKNOWN, &config->country, out);

	if (rc == RC_OK)
		return true;
	/* promise 9: what was typed is, but for a slip, somebody's number */
	cmd_fault("this is not a subscriber's number: %s",
	          rc == RC_SYNTAX ? "write digits" : "it has 7 to 15 digits with its country code");
	return false;
}

struct query *cmd_query(const struct config *config)
{
	struct query *query = NULL;
	char why[300] = "";

	if (query_open(config->store_path, &config->profile, &query, why, sizeof why) == RC_OK) {
		query_key_path(query, config->store_key);
		return query;
	}
	cmd_fault("%s: %s", config->store_path, why);
	return NULL;
}
