/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash doctor: which dialect an SMSC speaks, and what goes wrong with it, from a trace or by listening.
 */
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "gateway/config_dialects.h"
#include "storage/files.h"
#include "tools/cmd.h"
#include "tools/diagnose.h"
#include "tools/dialects_found.h"
#include "tools/doctor_link.h"
#include "tools/doctor_print.h"
#include "tools/trace.h"

#define LISTEN_DEFAULT_MS 60000
#define LISTEN_MAX_MS 3600000

struct job {
	const char *file, *hex, *link, *within, *dialects, *write;
	bool json;
};

static enum cmd_exit write_block(const char *path, const struct diagnosis *d)
{
	static const char *const blocks[] = {"#", "//", "/*", "{", "\t{", "  {", "dialects", "\n"};
	FILE *to;

	if (files_look(path, blocks, sizeof blocks / sizeof blocks[0]) == FILES_OTHER)
		return cmd_fault("%s is there already and holds no dialects; name another file", path);
	to = fopen(path, "ae");
	if (!to)
		return cmd_fault("%s cannot be written", path);
	doctor_print_block(d, to);
	if (fclose(to) != 0)
		return cmd_fault("writing %s failed", path);
	fprintf(stderr,
	        "The block was added to %s; move it into the list \"dialects\" of dialects.conf, before the closing ).\n",
	        path);
	return CMD_OK;
}

static enum cmd_exit judge(const struct job *job, const struct dialects_found *found,
                           const struct trace *trace)
{
	struct diagnosis *d = NULL;
	enum cmd_exit result = CMD_OK;
	bool good = true;

	if (diagnose(trace, found->dialects, &found->country, &d) != RC_OK)
		return cmd_fault("memory is out");
	if (dialects_count(found->dialects) == 1)
		fprintf(stderr,
		        "starhash doctor: only the built-in dialect is compared; name dialects.conf with "
		        "--dialects\n");
	if (job->json)
		good = doctor_print_json(d, stdout);
	else
		doctor_print_text(d, stdout);
	if (job->write && d->confidence != DIAGNOSIS_NOTHING)
		result = write_block(job->write, d);
	if (doctor_faults(d) > 0 || d->confidence <= DIAGNOSIS_NONE)
		result = CMD_FAULT;
	diagnosis_free(d);
	return good && fflush(stdout) == 0 ? result : cmd_fault("writing failed");
}

static struct trace *listen_on(const struct job *job, const struct dialects_found *found,
                               const char *config_path)
{
	int64_t for_ms = LISTEN_DEFAULT_MS;

	if (job->within &&
	    (duration_parse(job->within, &for_ms) != RC_OK || for_ms < 1000 || for_ms > LISTEN_MAX_MS)) {
		cmd_fault("--for wants a time from 1s to 1h, such as 60s");
		return NULL;
	}
	if (!found->config) {
		cmd_fault(
			"%s cannot be used, and it has the links; starhash -c FILE check says what is wrong",
			config_path);
		return NULL;
	}
	return doctor_listen(found->config, job->link, for_ms);
}

static struct trace *take_trace(const struct job *job, const struct dialects_found *found,
                                const char *config_path)
{
	const char *path = job->hex ? job->hex : job->file;
	struct trace *t = NULL;
	char why[200] = "";

	if (job->link)
		return listen_on(job, found, config_path);
	if (trace_open(path, job->hex ? TRACE_HEX : TRACE_ANY, &t, why, sizeof why) == RC_OK)
		return t;
	cmd_fault("%s %s", path, why);
	return NULL;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct job job = {0};
	const struct cmd_option options[] = {
		{"hex", 0, NULL, &job.hex},     {"link", 0, NULL, &job.link},
		{"for", 0, NULL, &job.within},  {"dialects", 0, NULL, &job.dialects},
		{"write", 0, NULL, &job.write}, {"json", 0, &job.json, NULL},
		{NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct dialects_found found;
	struct trace *trace;
	int n = cmd_options(&cmd_doctor, options, argc, argv, &result);

	if (n < 0)
		return result;
	job.file = n == 1 ? argv[1] : NULL;
	if (n > 1 || (job.file != NULL) + (job.hex != NULL) + (job.link != NULL) != 1)
		return cmd_misused(&cmd_doctor, "name one file, or --hex FILE, or --link NAME");
	if (job.within && !job.link)
		return cmd_misused(&cmd_doctor, "--for goes with --link");
	if (!dialects_find(ctx->config_path, job.dialects, &found))
		return CMD_FAULT;
	trace = take_trace(&job, &found, ctx->config_path);
	if (trace)
		result = judge(&job, &found, trace);
	trace_free(trace);
	dialects_found_fini(&found);
	return result;
}

const struct cmd cmd_doctor = {
	.name = "doctor",
	.args = "FILE | --hex FILE | --link NAME [--for 60s] [--write FILE] [--json]",
	.summary = "Name the dialect of an SMSC from a trace, and say what is wrong",
	.help = "  FILE             a capture (pcap, pcapng) or hex lines; - reads standard input\n"
		"  --hex FILE       hex lines, one PDU a line; < from the SMSC, > to it\n"
		"  --link NAME      bind this link of the configuration and listen; messages are given back\n"
		"  --for TIME       how long to listen (60s)\n"
		"  --dialects FILE  the dialects to compare (those of the configuration)\n"
		"  --write FILE     add the block for dialects.conf to FILE\n"
		"  --json           the whole diagnosis as one object\n"
		"Exit code 0 when a dialect fits and nothing is wrong, 1 otherwise.\n",
	.run = run,
};
