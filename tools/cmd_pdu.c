/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash pdu: PDUs field by field, in general and in one dialect, and what Starhash would answer. */
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/nearest.h"
#include "gateway/config_dialects.h"
#include "gateway/dialect_table.h"
#include "gateway/pdu.h"
#include "tools/cmd.h"
#include "tools/dialects_found.h"
#include "tools/explain.h"
#include "tools/trace.h"
#include "tools/verdict.h"

#define HEX_SHOWN 12 /* octets of a field that is no number */

struct job {
	bool json, mask;
	const char *name, *dialects, *only;
	const struct dialect *dialect;
	struct msisdn_plan country;
};

/* --- text ---------------------------------------------------------------------------------------- */

static const char *way_words(enum trace_way way)
{
	return way == TRACE_WAY_IN    ? "from the SMSC"
	       : way == TRACE_WAY_OUT ? "to the SMSC"
	                              : "direction unknown";
}

static void time_words(int64_t at_us, char *out, size_t size)
{
	time_t seconds = (time_t)(at_us / 1000000);
	struct tm tm;
	char whole[32] = "";

	if (at_us < 0 || !gmtime_r(&seconds, &tm))
		out[0] = '\0';
	else if (seconds < 86400 * 365) /* not since 1970 */
		snprintf(out, size, ", at %.3f s", (double)at_us / 1e6);
	else if (strftime(whole, sizeof whole, "%F %T", &tm) > 0)
		snprintf(out, size, ", %s.%03d UTC", whole, (int)(at_us % 1000000 / 1000));
}

static void hex_words(const struct trace_pdu *p, const struct explain_field *f, bool hidden, char *out,
                      size_t size)
{
	size_t n = f->length < HEX_SHOWN ? f->length : HEX_SHOWN, used = 0;

	if (f->is_number && f->length <= 4) {
		snprintf(out, size, "0x%0*x (%u)", (int)f->length * 2, f->number, f->number);
		return;
	}
	if (f->is_number) {
		snprintf(out, size, "0x%02x (%u)", f->number, f->number);
		return;
	}
	out[0] = '\0';
	for (size_t i = 0; !hidden && i < n && used + 3 < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%02x", p->bytes[f->offset + i]);
	if (hidden)
		snprintf(out, size, "***");
	else if (f->length > n)
		snprintf(out + used, size - used, "..");
}

/* What --mask hides; a password is hidden always, its length too. */
static bool is_hidden(const struct job *job, const struct explain_field *f)
{
	return (f->is_private && job->mask) || strcmp(f->name, "password") == 0;
}

static void print_field(const struct job *job, const struct trace_pdu *p, const struct explain_field *f)
{
	bool hidden = is_hidden(job, f);
	const char *meaning = hidden && !f->is_wrong ? "(hidden)" : f->meaning;
	char value[64], name[64];

	hex_words(p, f, hidden, value, sizeof value);
	snprintf(name, sizeof name, "%*s%s", 2 * f->depth, "", f->name);
	printf(*meaning ? "%s%5zu  %-34s %-26s %s\n" : "%s%5zu  %-34s %s\n", f->is_wrong ? "! " : "  ",
	       f->offset, name, value, meaning);
}

static void print_verdict(const struct job *job, const struct verdict *v)
{
	if (v->understood && *v->kind) {
		printf("  in dialect %s: %s", job->dialect->name, v->kind);
		if (*v->code)
			printf(", code %s", v->code);
		if (*v->session)
			printf(", session %s", v->session);
		if (*v->text)
			printf(", text \"%s\"", job->mask ? "***" : v->text);
		putchar('\n');
	}
	if (*v->trouble)
		printf("  in dialect %s: %s%s%s%s\n", job->dialect->name, v->trouble,
		       *v->knob ? " (key " : "", v->knob, *v->knob ? ")" : "");
	printf("  Starhash would answer: %s\n", v->answer);
}

static void print_pdu(const struct job *job, const struct trace_pdu *p, const struct explain *e,
                      const struct verdict *v)
{
	char at[64] = "";

	time_words(p->at_us, at, sizeof at);
	printf("PDU %zu: %s, %s, connection %u, %zu octets%s\n", p->number, pdu_name(e->id),
	       way_words(p->way), p->connection, p->len, at);
	for (size_t i = 0; i < e->n; i++)
		print_field(job, p, &e->field[i]);
	if (e->more)
		printf("  more than %d fields: the rest is left out\n", EXPLAIN_FIELDS_MAX);
	print_verdict(job, v);
	putchar('\n');
}

/* --- JSON ---------------------------------------------------------------------------------------- */

static json_t *field_json(const struct job *job, const struct trace_pdu *p, const struct explain_field *f)
{
	bool hidden = is_hidden(job, f);
	char hex[2 * 4096 + 1];
	size_t n = f->length < 4096 ? f->length : 4096;
	json_t *o = json_pack("{s:s, s:I, s:I, s:b}", "name", f->name, "offset", (json_int_t)f->offset,
	                      "length", (json_int_t)f->length, "wrong", f->is_wrong);

	hex[0] = '\0';
	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", p->bytes[f->offset + i]);
	json_object_set_new(o, "hex", hidden ? json_null() : json_string(hex));
	if (f->is_number)
		json_object_set_new(o, "number", json_integer(f->number));
	json_object_set_new(o, "meaning", hidden && !f->is_wrong ? json_null() : json_string(f->meaning));
	return o;
}

static json_t *verdict_json(const struct job *job, const struct verdict *v)
{
	return json_pack("{s:s, s:b, s:s, s:s, s:s, s:s*, s:s, s:s, s:s}", "dialect", job->dialect->name,
	                 "understood", v->understood, "kind", v->kind, "code", v->code, "session", v->session,
	                 "text", job->mask ? NULL : v->text, "trouble", v->trouble, "key", v->knob, "answer",
	                 v->answer);
}

static json_t *pdu_json(const struct job *job, const struct trace_pdu *p, const struct explain *e,
                        const struct verdict *v)
{
	static const char *const ways[] = {"unknown", "in", "out"};
	json_t *fields = json_array();
	json_t *o = json_pack("{s:I, s:s, s:s, s:i, s:I}", "number", (json_int_t)p->number, "pdu",
	                      pdu_name(e->id), "way", ways[p->way], "connection", (int)p->connection,
	                      "octets", (json_int_t)p->len);

	if (p->at_us >= 0)
		json_object_set_new(o, "at", json_real((double)p->at_us / 1e6));
	for (size_t i = 0; i < e->n; i++)
		json_array_append_new(fields, field_json(job, p, &e->field[i]));
	json_object_set_new(o, "fields", fields);
	json_object_set_new(o, "faults", json_integer((json_int_t)e->faults));
	json_object_set_new(o, "verdict", verdict_json(job, v));
	return o;
}

/* --- the command --------------------------------------------------------------------------------- */

static enum cmd_exit print_all(const struct job *job, const struct trace *t)
{
	enum cmd_exit result = CMD_OK;

	for (size_t i = 0; i < trace_length(t); i++) {
		const struct trace_pdu *p = trace_at(t, i);
		struct explain *e;
		struct verdict v;

		if (job->only && strtoul(job->only, NULL, 10) != p->number)
			continue;
		e = explain_pdu(p->bytes, p->len);
		if (!e)
			return cmd_fault("memory is out");
		verdict_of(job->dialect, &job->country, p, &v);
		if (e->faults > 0)
			result = CMD_FAULT;
		if (job->json) {
			json_t *o = pdu_json(job, p, e, &v);

			json_dumpf(o, stdout, JSON_COMPACT);
			putchar('\n');
			json_decref(o);
		} else {
			print_pdu(job, p, e, &v);
		}
		explain_free(e);
	}
	return fflush(stdout) == 0 ? result : cmd_fault("writing failed");
}

static bool looks_hex(const char *word)
{
	return strspn(word, "0123456789abcdefABCDEFxX:<> ") == strlen(word) && strlen(word) >= 2;
}

/* The PDUs of the words: a file, "-", or octets. NULL after a message. */
static struct trace *read_words(int n, char **words)
{
	char *joined, why[200] = "";
	struct trace *t = NULL;
	size_t len = 1;
	enum rc rc;

	if (n == 1 && (strcmp(words[0], "-") == 0 || access(words[0], F_OK) == 0 || !looks_hex(words[0]))) {
		rc = trace_open(words[0], TRACE_ANY, &t, why, sizeof why);
		if (rc != RC_OK)
			cmd_fault("%s %s", words[0], why);
		return t;
	}
	for (int i = 0; i < n; i++)
		len += strlen(words[i]) + 1;
	joined = calloc(1, len);
	for (int i = 0; joined && i < n; i++) {
		strcat(joined, words[i]);
		strcat(joined, " ");
	}
	rc = joined ? trace_parse(joined, strlen(joined), TRACE_HEX, &t, why, sizeof why) : RC_NOMEM;
	free(joined);
	if (rc != RC_OK)
		cmd_fault("this %s; octets are written as two hexadecimal digits each", why);
	return t;
}

static bool choose(struct job *job, const struct dialects *dialects)
{
	const char *name = job->name ? job->name : "standard", *near;

	job->dialect = dialects_by_name(dialects, name);
	if (job->dialect)
		return true;
	near = dialects_nearest(dialects, name);
	cmd_fault("no dialect is named \"%s\"%s%s%s", name, near ? "; did you mean \"" : "", near ? near : "",
	          near ? "\"?" : "");
	return false;
}

static enum cmd_exit run(const struct cmd_context *ctx, int argc, char **argv)
{
	struct job job = {0};
	const struct cmd_option options[] = {
		{"dialect", 'd', NULL, &job.name}, {"dialects", 0, NULL, &job.dialects},
		{"only", 'n', NULL, &job.only},    {"mask", 0, &job.mask, NULL},
		{"json", 0, &job.json, NULL},      {NULL, 0, NULL, NULL}};
	enum cmd_exit result = CMD_FAULT;
	struct dialects_found found;
	struct trace *trace;
	int n = cmd_options(&cmd_pdu, options, argc, argv, &result);

	if (n < 0)
		return result;
	if (n == 0)
		return cmd_misused(&cmd_pdu, "give the octets of a PDU, or a file");
	if (job.only && (strspn(job.only, "0123456789") != strlen(job.only) || !*job.only))
		return cmd_misused(&cmd_pdu, "--only wants the number of a PDU");
	if (!dialects_find(ctx->config_path, job.dialects, &found))
		return CMD_FAULT;
	job.country = found.country;
	trace = choose(&job, found.dialects) ? read_words(n, argv + 1) : NULL;
	if (trace)
		result = print_all(&job, trace);
	trace_free(trace);
	dialects_found_fini(&found);
	return result;
}

const struct cmd cmd_pdu = {
	.name = "pdu",
	.args = "[--dialect NAME] [--only N] [--mask] [--json] HEX|FILE|-",
	.summary = "Read PDUs field by field, and say what Starhash would answer",
	.help = "  HEX              the octets of one or several PDUs; spaces, colons and 0x do not matter\n"
		"  FILE             a capture (pcap, pcapng) or hex lines; - reads standard input\n"
		"  --dialect NAME   what it means in this dialect (standard)\n"
		"  --dialects FILE  where the dialects are (those of the configuration)\n"
		"  --only N         only the PDU with this number\n"
		"  --mask           hide numbers of subscribers, and texts\n"
		"  --json           one object a line\n"
		"Lines that begin with ! are wrong. Exit code 1 when a PDU is malformed.\n",
	.run = run,
};
