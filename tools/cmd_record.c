/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash record: a subscriber's next dialogue with the running daemon as a talk file, without personal data. The daemon makes
 * the transcript (gateway/transcript.h) and keeps it in memory; this asks for it until the dialogue has ended. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "gateway/transcript.h"
#include "storage/files.h"
#include "tools/cmd.h"

#define ASK_EVERY_MS 250

static enum cmd_exit keep(const char *talk, const char *path)
{
	FILE *to = path ? fopen(path, "wxe") : stdout; /* nothing is replaced: it may be anything */
	bool good;

	if (!to)
		return cmd_fault("%s: %s", path, strerror(errno));
	good = fputs(talk, to) >= 0;
	if (path)
		good = fclose(to) == 0 && good;
	return good ? CMD_OK : cmd_fault("the talk cannot be written: %s", strerror(errno));
}

/* One answer of the daemon. True when there is nothing more to ask. */
static bool read_answer(const char *answer, const char *path, enum cmd_exit *result)
{
	json_t *root = json_loads(answer, 0, NULL);
	const char *error = json_string_value(json_object_get(root, "error"));
	const char *talk = json_string_value(json_object_get(root, "talk"));
	bool goes_on = root && !error && !talk;

	if (talk)
		*result = keep(talk, path);
	else if (!goes_on)
		*result = cmd_fault("%s", error ? error : "the daemon's answer cannot be read");
	json_decref(root);
	return !goes_on;
}

static enum cmd_exit record(const struct config *config, int64_t msisdn, const char *path)
{
	const struct timespec pause = {.tv_nsec = ASK_EVERY_MS * 1000000L};
	int64_t until_ms = clock_mono_ms(clock_system()) + TRANSCRIPT_MS;
	enum cmd_exit result = CMD_FAULT;
	bool ended = false, told = false;
	char word[40];

	snprintf(word, sizeof word, "record %" PRId64, msisdn);
	while (!ended) {
		char *answer = cmd_control(config, word);

		if (!answer)
			return CMD_FAULT;
		ended = read_answer(answer, path, &result);
		free(answer);
		if (!ended && !told)
			fputs("waiting for the next dialogue of this subscriber\n", stderr);
		told = true;
		if (!ended && clock_mono_ms(clock_system()) > until_ms)
			return cmd_fault("no dialogue ended within ten minutes");
		if (!ended)
			nanosleep(&pause, NULL);
	}
	return result;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	const char *path = NULL;
	const struct cmd_option options[] = {{"output", 'o', NULL, &path}, {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct config *config;
	int64_t msisdn;
	int n = cmd_options(&cmd_record, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n != 1)
		return cmd_misused(&cmd_record, "give one number");
	if (path && files_look(path, NULL, 0) != FILES_NOTHING)
		return cmd_fault("%s is there already; name another file", path);
	config = cmd_config(ctx);
	if (config && cmd_msisdn(config, argv[1], &msisdn))
		result = record(config, msisdn, path);
	config_free(config);
	return result;
}

const struct cmd cmd_record = {
	.name = "record",
	.args = "MSISDN [-o FILE]",
	.summary = "Turn the next USSD dialogue of a subscriber into a talk file",
	.help = "  -o FILE  write there, where nothing is yet; otherwise to the terminal\n\n"
		"Waits until the dialogue has ended, at most ten minutes. Names, numbers and other typed words are\n"
		"replaced by made-up ones of the same kind before the daemon keeps them. Play it: starhash test FILE.\n",
	.run = run,
};
