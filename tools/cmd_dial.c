/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash dial: a phone in the terminal, on a scratch store. Reads lines, so a script can hold it as well. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"
#include "gateway/services.h"
#include "tools/cmd.h"
#include "tools/scratch.h"

#define DEFAULT_NATIONAL "700000001"

struct dial {
	const struct config *config;
	struct services *services;
	struct scratch *world;
	const char *number, *language;
	int64_t msisdn;
	bool prompts; /* somebody looks at the terminal */
};

static void show(struct dial *d)
{
	bool last = false;
	const char *screen = scratch_screen(d->world, &last), *sms;

	if (screen)
		printf("%s\n", screen);
	if (screen && last)
		printf("-- the dialogue has ended\n");
	while ((sms = scratch_next_sms(d->world)))
		printf("-- SMS: %s\n", sms);
}

static bool is_code(const char *line)
{
	size_t n = strlen(line);

	return n >= 3 && line[0] == '*' && line[n - 1] == '#' && strspn(line, "*#0123456789") == n;
}

/* One line of the person at the phone. */
static void take_line(struct dial *d, char *line)
{
	bool was_open = scratch_is_open(d->world);

	line[strcspn(line, "\r\n")] = '\0';
	if (!text_utf8_valid(line, strlen(line))) {
		printf("-- this is not UTF-8\n");
		return;
	}
	scratch_tick(d->world); /* the network may have ended the dialogue while we waited */
	if (was_open && !scratch_is_open(d->world))
		printf("-- nothing was typed for too long: the network ended the dialogue\n");
	else if (strcmp(line, "drop") == 0)
		scratch_drop(d->world);
	else if (strncmp(line, "sms ", 4) == 0)
		scratch_sms(d->world, d->msisdn, line + 4);
	else if (scratch_is_open(d->world) && !is_code(line))
		scratch_type(d->world, line);
	else if (is_code(line))
		scratch_dial(d->world, d->msisdn, line);
	else
		printf("-- no dialogue is open: type a code such as *123#, or sms TEXT\n");
	show(d);
}

static void prompt(const struct dial *d)
{
	if (!d->prompts)
		return;
	fputs(scratch_is_open(d->world) ? "> " : "dial> ", stdout);
	fflush(stdout);
}

/* Ctrl-C ends the reading, not the program: the scratch store is to be removed. */
static void on_interrupt(int number)
{
	(void)number;
}

static void talk(struct dial *d, const char *code)
{
	const struct sigaction interrupt = {.sa_handler = on_interrupt};
	char *line = NULL;
	size_t size = 0;

	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGTERM, &interrupt, NULL);
	if (d->prompts)
		printf("-- type an answer, or drop to hang up, sms TEXT to send a message, Ctrl-D to go\n");
	scratch_dial(d->world, d->msisdn, code);
	show(d);
	for (prompt(d); getline(&line, &size, stdin) >= 0; prompt(d))
		take_line(d, line);
	free(line);
	if (d->prompts)
		putchar('\n');
}

static const char *first_code(const struct services *services)
{
	for (size_t i = 0; i < services_count(services); i++)
		if (services_at(services, i)->code)
			return services_at(services, i)->code;
	return NULL;
}

static enum cmd_exit dial_in(struct dial *d, const char *code)
{
	enum cmd_exit result = CMD_OK;
	char why[300];

	if (!code)
		code = first_code(d->services);
	if (!code)
		return cmd_fault("no service has a code; name a menu file in services");
	if (!services_by_dialled(d->services, code))
		return cmd_fault("no service answers %s", code);
	if (scratch_new(d->config, d->services, false, &d->world, why, sizeof why) != RC_OK)
		return cmd_fault("%s", why);
	if (d->language && scratch_language(d->world, d->msisdn, d->language) != RC_OK)
		result = cmd_fault("the language \"%s\" cannot be used", d->language);
	else
		talk(d, code);
	scratch_free(d->world);
	return result;
}

static enum cmd_exit dial(struct dial *d, const char *code)
{
	struct findings *findings = findings_new();
	enum cmd_exit result = CMD_FAULT;
	char number[32];

	snprintf(number, sizeof number, "%s" DEFAULT_NATIONAL,
	         *d->config->country.code ? d->config->country.code : "254");
	if (findings && cmd_msisdn(d->config, d->number ? d->number : number, &d->msisdn)) {
		if (services_new(d->config, findings, &d->services) == RC_OK) {
			result = dial_in(d, code);
			services_free(d->services);
		} else {
			findings_print(findings, stderr);
		}
	}
	findings_free(findings);
	return result;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct dial d = {.prompts = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)};
	const struct cmd_option options[] = {
		{"msisdn", 0, NULL, &d.number}, {"language", 0, NULL, &d.language}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int n = cmd_options(&cmd_dial, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n > 1)
		return cmd_misused(&cmd_dial, "give one code");
	config = cmd_config(ctx);
	if (config) {
		d.config = config;
		result = dial(&d, n == 1 ? argv[1] : NULL);
	}
	config_free(config);
	return result;
}

const struct cmd cmd_dial = {
	.name = "dial",
	.args = "[CODE] [--msisdn N] [--language LANG]",
	.summary = "Hold a phone in the terminal, without an SMSC",
	.help = "  CODE             such as *123#; the first service's when absent\n"
		"  --msisdn N       who dials\n"
		"  --language LANG  the language that this subscriber has chosen\n\n"
		"What happens is kept in a scratch store and forgotten at the end. Behind an `app` screen stands a stand-in\n"
		"that repeats what is typed.\n",
	.run = run,
};
