/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports. Every name that goes into the JSON is a constant of lower-case letters and hyphens, so nothing
 * in it needs escaping. */
#include "tools/smsc_report.h"

#include <inttypes.h>

static const struct {
	const char *name;
	double percent;
} percentiles[] = {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}};

#define N_PERCENTILES (sizeof percentiles / sizeof percentiles[0])

static double seconds_of(const struct smsc_load_result *r)
{
	double s = (double)(r->ended_us - r->began_us) / 1e6;

	return s > 0 ? s : 1e-6;
}

static uint64_t failures_of(const struct smsc_load_result *r)
{
	uint64_t sum = 0;

	for (int i = 0; i < SMSC_FAIL_COUNT; i++)
		sum += r->failed[i];
	return sum;
}

static void row(FILE *to, const char *name, uint64_t value)
{
	fprintf(to, "  %-30s %12" PRIu64 "\n", name, value);
}

void smsc_report_errors(FILE *to, const struct smsc_stats *s)
{
	for (int i = 0; i < SMSC_ERR_COUNT; i++)
		if (s->errors[i] != 0)
			row(to, smsc_error_name((enum smsc_error)i), s->errors[i]);
}

static void traffic_rows(FILE *to, const struct smsc_stats *s)
{
	fprintf(to, "traffic\n");
	row(to, "PDUs in", s->pdus_in);
	row(to, "PDUs out", s->pdus_out);
	row(to, "SMS received by phones", s->sms_in);
	row(to, "connects", s->connects);
	row(to, "most in a second", s->connects_peak);
	row(to, "bind attempts", s->bind_attempts);
	row(to, "binds", s->binds);
	row(to, "reconnects", s->reconnects);
	row(to, "connections lost by the ESME", s->lost);
	row(to, "inputs that wanted an answer", s->turns);
	row(to, "inputs sent again", s->redelivered);
	row(to, "answers that came again", s->repeated);
	row(to, "inputs unanswered in time", s->unanswered);
	row(to, "receipts sent", s->receipts);
	row(to, "pushes", s->pushes);
	fprintf(to, "faults injected\n");
	for (int i = 0; i < SMSC_INJ_COUNT; i++)
		if (s->injected[i] != 0)
			row(to, smsc_injected_name((enum smsc_injected)i), s->injected[i]);
	if (s->injected[SMSC_INJ_GARBAGE] != 0)
		row(to, "garbage answered", s->garbage_answered);
}

void smsc_report_table(FILE *to, const struct smsc_stats *s, const struct smsc_load_result *r,
                       uint32_t subscribers)
{
	double seconds = seconds_of(r);

	fprintf(to, "subscribers\n");
	row(to, "wanted", subscribers);
	row(to, "succeeded", r->succeeded);
	row(to, "of those already done", r->already);
	row(to, "failed", failures_of(r));
	for (int i = 0; i < SMSC_FAIL_COUNT; i++)
		if (r->failed[i] != 0)
			fprintf(to, "    %-28s %12" PRIu64 "\n", smsc_failure_name((enum smsc_failure)i),
			        r->failed[i]);
	fprintf(to, "dialogues\n");
	row(to, "begun", r->dialogues);
	row(to, "of those dialled again", r->redials);
	row(to, "hung up", r->cancelled);
	row(to, "steps", s->steps);
	fprintf(to, "  %-30s %12.3f\n", "seconds", seconds);
	fprintf(to, "  %-30s %12.1f\n", "dialogues/s", (double)r->dialogues / seconds);
	fprintf(to, "  %-30s %12.1f\n", "steps/s", (double)s->steps / seconds);
	fprintf(to, "latency of a step, ms\n");
	for (size_t i = 0; i < N_PERCENTILES; i++)
		fprintf(to, "  %-30s %12.3f\n", percentiles[i].name,
		        (double)smsc_hist_percentile(&s->latency, percentiles[i].percent) / 1e3);
	fprintf(to, "  %-30s %12.3f\n", "max", (double)s->latency.max / 1e3);
	traffic_rows(to, s);
	fprintf(to, "protocol errors of the ESME\n");
	row(to, "total", smsc_stats_errors(s));
	smsc_report_errors(to, s);
}

static void json_number(FILE *to, const char *name, uint64_t value)
{
	fprintf(to, "\"%s\":%" PRIu64 ",", name, value);
}

static void json_latency(FILE *to, const struct smsc_stats *s)
{
	fprintf(to, "\"latency_us\":{");
	for (size_t i = 0; i < N_PERCENTILES; i++)
		json_number(to, percentiles[i].name,
		            (uint64_t)smsc_hist_percentile(&s->latency, percentiles[i].percent));
	fprintf(to, "\"max\":%" PRId64 "},", s->latency.max);
}

/* Ends the object. */
static void json_traffic(FILE *to, const struct smsc_stats *s)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {{"turns", s->turns},
	            {"sms_in", s->sms_in},
	            {"connects", s->connects},
	            {"connects_peak", s->connects_peak},
	            {"bind_attempts", s->bind_attempts},
	            {"binds", s->binds},
	            {"refused_binds", s->refused_binds},
	            {"reconnects", s->reconnects},
	            {"lost", s->lost},
	            {"redelivered", s->redelivered},
	            {"repeated", s->repeated},
	            {"unanswered", s->unanswered},
	            {"receipts", s->receipts},
	            {"pushes", s->pushes},
	            {"pushes_shown", s->push_shown},
	            {"pushes_closed", s->push_closed},
	            {"garbage_answered", s->garbage_answered}};

	fprintf(to, "\"pdus\":{\"in\":%" PRIu64 ",\"out\":%" PRIu64 "},", s->pdus_in, s->pdus_out);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		json_number(to, rows[i].name, rows[i].value);
	fprintf(to, "\"injected\":{");
	for (int i = 0; i < SMSC_INJ_COUNT; i++)
		fprintf(to, "%s\"%s\":%" PRIu64, i == 0 ? "" : ",", smsc_injected_name((enum smsc_injected)i),
		        s->injected[i]);
	fprintf(to, "},\"protocol_errors\":{");
	for (int i = 0; i < SMSC_ERR_COUNT; i++)
		json_number(to, smsc_error_name((enum smsc_error)i), s->errors[i]);
	fprintf(to, "\"total\":%" PRIu64 "}}\n", smsc_stats_errors(s));
}

void smsc_report_json(FILE *to, const struct smsc_stats *s, const struct smsc_load_result *r,
                      uint32_t subscribers)
{
	double seconds = seconds_of(r);

	fputc('{', to);
	json_number(to, "subscribers", subscribers);
	json_number(to, "succeeded", r->succeeded);
	json_number(to, "already", r->already);
	fprintf(to, "\"failed\":{");
	for (int i = 0; i < SMSC_FAIL_COUNT; i++)
		json_number(to, smsc_failure_name((enum smsc_failure)i), r->failed[i]);
	fprintf(to, "\"total\":%" PRIu64 "},", failures_of(r));
	json_number(to, "dialogues", r->dialogues);
	json_number(to, "redials", r->redials);
	json_number(to, "cancelled", r->cancelled);
	json_number(to, "steps", s->steps);
	fprintf(to, "\"seconds\":%.6f,\"dialogues_per_second\":%.1f,\"steps_per_second\":%.1f,", seconds,
	        (double)r->dialogues / seconds, (double)s->steps / seconds);
	json_latency(to, s);
	json_traffic(to, s);
}

struct named {
	const char *name;
	uint64_t value;
};

static void report_rows(FILE *to, const char *title, const struct named *rows, size_t n, bool json)
{
	if (json)
		fputc('{', to);
	else
		fprintf(to, "%s\n", title);
	for (size_t i = 0; i < n; i++)
		(json ? json_number : row)(to, rows[i].name, rows[i].value);
}

void smsc_report_texts(FILE *to, const struct smsc_stats *s, const struct smsc_texts_result *r, bool json)
{
	const struct named rows[] = {
		{"begun", r->begun},     {"answered", r->answered}, {"broken", r->broken},
		{"retried", r->retried}, {"failed", r->failed},     {"parts", r->parts},
		{"copies", r->copies},   {"left_out", r->left_out}, {"answer_parts", r->answer_parts}};
	double seconds = (double)(r->ended_us - r->began_us) / 1e6;

	report_rows(to, "long texts", rows, sizeof rows / sizeof rows[0], json);
	if (json) {
		fprintf(to, "\"seconds\":%.3f,", seconds);
		json_traffic(to, s);
		return;
	}
	fprintf(to, "  %-30s %12.3f\n", "seconds", seconds);
	traffic_rows(to, s);
	fprintf(to, "protocol errors of the ESME\n");
	row(to, "total", smsc_stats_errors(s));
	smsc_report_errors(to, s);
}

void smsc_report_pushed(FILE *to, const struct smsc_stats *s, const struct smsc_pushed *p, bool json)
{
	const struct named rows[] = {{"phones", p->config.subscribers},
	                             {"shown", s->push_shown},
	                             {"closed", p->closed},
	                             {"silent", p->silent},
	                             {"unknown_screens", p->unknown}};

	report_rows(to, "pushes", rows, sizeof rows / sizeof rows[0], json);
	if (json) {
		json_latency(to, s);
		json_traffic(to, s);
		return;
	}
	traffic_rows(to, s);
	fprintf(to, "protocol errors of the ESME\n");
	row(to, "total", smsc_stats_errors(s));
	smsc_report_errors(to, s);
}
