/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of starhash-smsc: one table of names for getopt, one switch that reads the values. */
#include "tools/smsc_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/duration.h"
#include "tools/smsc_options_fault.h"

enum option_id {
	OPT_LISTEN = 256,
	OPT_SYSTEM_ID,
	OPT_PASSWORD,
	OPT_PORT_FILE,
	OPT_WINDOW,
	OPT_ENQUIRE,
	OPT_WAIT,
	OPT_ANSWER_TIMEOUT,
	OPT_LEAVE_BOUND,
	OPT_PHONE,
	OPT_MSISDN,
	OPT_DIAL,
	OPT_SCRIPT,
	OPT_EXPECT,
	OPT_SMS_WAIT,
	OPT_LOAD,
	OPT_CONCURRENCY,
	OPT_RATE,
	OPT_ANSWER,
	OPT_SUCCESS,
	OPT_DONE,
	OPT_RETRY,
	OPT_REDIALS,
	OPT_REDIAL_AFTER,
	OPT_REPORT_SEEN,
	OPT_JSON,
	OPT_TEXTS,
	OPT_NUMBERS,
	OPT_CANCEL,
	OPT_KEYWORD,
	OPT_COPIES,
	OPT_MISSING,
	OPT_PUSHED,
	OPT_PUSHES,
	OPT_HELP,
	OPT_FAULTS /* the last: a row of the table of faults is counted from here */
};

static const struct option names[] = {
	{"listen", required_argument, NULL, OPT_LISTEN},
	{"system-id", required_argument, NULL, OPT_SYSTEM_ID},
	{"password", required_argument, NULL, OPT_PASSWORD},
	{"port-file", required_argument, NULL, OPT_PORT_FILE},
	{"window", required_argument, NULL, OPT_WINDOW},
	{"enquire", required_argument, NULL, OPT_ENQUIRE},
	{"wait", required_argument, NULL, OPT_WAIT},
	{"answer-timeout", required_argument, NULL, OPT_ANSWER_TIMEOUT},
	{"leave-bound", no_argument, NULL, OPT_LEAVE_BOUND},
	{"phone", no_argument, NULL, OPT_PHONE},
	{"msisdn", required_argument, NULL, OPT_MSISDN},
	{"first-msisdn", required_argument, NULL, OPT_MSISDN},
	{"dial", required_argument, NULL, OPT_DIAL},
	{"script", required_argument, NULL, OPT_SCRIPT},
	{"expect", required_argument, NULL, OPT_EXPECT},
	{"sms-wait", required_argument, NULL, OPT_SMS_WAIT},
	{"load", required_argument, NULL, OPT_LOAD},
	{"concurrency", required_argument, NULL, OPT_CONCURRENCY},
	{"rate", required_argument, NULL, OPT_RATE},
	{"answer", required_argument, NULL, OPT_ANSWER},
	{"success", required_argument, NULL, OPT_SUCCESS},
	{"done", required_argument, NULL, OPT_DONE},
	{"retry", required_argument, NULL, OPT_RETRY},
	{"redials", required_argument, NULL, OPT_REDIALS},
	{"redial-after", required_argument, NULL, OPT_REDIAL_AFTER},
	{"report-seen", required_argument, NULL, OPT_REPORT_SEEN},
	{"json", no_argument, NULL, OPT_JSON},
	{"load-sms", required_argument, NULL, OPT_TEXTS},
	{"numbers", required_argument, NULL, OPT_NUMBERS},
	{"cancel", required_argument, NULL, OPT_CANCEL},
	{"keyword", required_argument, NULL, OPT_KEYWORD},
	{"copies", required_argument, NULL, OPT_COPIES},
	{"missing", required_argument, NULL, OPT_MISSING},
	{"pushed", required_argument, NULL, OPT_PUSHED},
	{"pushes", required_argument, NULL, OPT_PUSHES},
	{"help", no_argument, NULL, OPT_HELP},
};

static const char help_text[] =
	"starhash-smsc: a simulated SMSC and USSD gateway over SMPP 3.4\n"
	"\n"
	"usage: starhash-smsc [--phone] [options]                     a phone in the terminal\n"
	"       starhash-smsc --script STEPS [options]                a scripted phone\n"
	"       starhash-smsc --load N --script STEPS [options]       N subscribers\n"
	"       starhash-smsc --load-sms N --keyword WORD [options]   N long texts by SMS\n"
	"       starhash-smsc --pushed N --answer RULE [options]      N phones that wait for a push\n"
	"\n"
	"Every mode\n"
	"  --listen HOST:PORT        where ESMEs bind (127.0.0.1:2775; port 0 takes a free one)\n"
	"  --port-file FILE          write the actual port there\n"
	"  --system-id ID, --password PW   refuse others (default: everybody may bind)\n"
	"  --window N                deliver_sm without response on one connection (1000)\n"
	"  --enquire TIME            silence before enquire_link (30s; 0s never)\n"
	"  --wait TIME               for an ESME to bind (30s)\n"
	"  --answer-timeout TIME     an input without an answer is lost after this (10s)\n"
	"  --msisdn N, --first-msisdn N   the phone's number, or the first one's (254700000001)\n"
	"  --leave-bound             close without unbind at the end\n"
	"Phone\n"
	"  --dial CODE               dial this as soon as an ESME is bound\n"
	"Script\n"
	"  --script STEPS            \"*123*1#,1,Jane Doe\": code, then answers; \"\\,\" is a comma;\n"
	"                            ~drop ~cancel ~dup ~push ~dial:*123# ~sms:JOIN are steps, too\n"
	"  --expect TEXT             some screen or SMS must say this (repeatable)\n"
	"  --sms-wait TIME           for an SMS after the end (2s)\n"
	"Load\n"
	"  --load N                  subscribers, each until done; --script ~sms:WORD: each texts WORD to --dial CODE\n"
	"                            (123), and the SMS that comes back is the answer\n"
	"  --concurrency C           phones at once (64)\n"
	"  --rate R                  begin R dialogues a second, earlier ones over or not (open loop)\n"
	"  --answer \"PATTERN=TEXT\"   on a screen with PATTERN answer TEXT (repeatable, first match wins);\n"
	"                            other screens get the next element of --script; {name} in either stands\n"
	"                            for a name of its own, \"Qaaaaaaaaab Zaaaaaaaaab\"\n"
	"  --success TEXT            a screen with this is a success (default: any ending)\n"
	"  --done TEXT               likewise, for who is served already (repeatable)\n"
	"  --retry TEXT              an ending with this is dialled again (repeatable)\n"
	"  --redials N               at most so often for each subscriber (10)\n"
	"  --redial-after TIME       pause before it (500ms)\n"
	"  --numbers N               who they are, in turn (each somebody else)\n"
	"  --cancel PERCENT          of screens are answered by hanging up; the subscriber dials again\n"
	"  --report-seen FILE        append each MSISDN that was shown the success text\n"
	"  --json                    report as JSON\n"
	"Long SMS\n"
	"  --load-sms N              texts of 1 to 10 parts in random order; --concurrency of them at once\n"
	"  --numbers N               who write them in turn (2000); --rate of them a second\n"
	"  --keyword WORD, --dial CODE   what is sent first, and where to (ECHO, 123); the text goes when it is answered\n"
	"  --copies PERCENT          of parts are sent twice (10)\n"
	"  --missing PERCENT         of texts lack a part and must stay unanswered (10)\n"
	"                            an answer begins with the CRC-32 and the number of bytes of the text: a1b2c3d4 612\n"
	"Pushes\n"
	"  --pushed N                phones; each answers by --answer what the ESME shows on it\n"
	"  --pushes N                end when so many were concluded (default: with SIGTERM)\n"
	"Faults (after so many, or in so many of a hundred)\n";

static const char help_end[] =
	"\n"
	"Exit code: 0 all well, 1 a fault was found, 2 wrong use. TIME is 250ms, 10s, 5m.\n";

static void help(void)
{
	fputs(help_text, stdout);
	smsc_fault_options_help(stdout);
	fputs(help_end, stdout);
}

static int wrong(const char *option, const char *value)
{
	fprintf(stderr, "starhash-smsc: --%s: wrong value \"%s\" (see --help)\n", option, value);
	return 2;
}

static bool read_number(const char *text, unsigned long long least, unsigned long long most,
                        unsigned long long *out)
{
	char *end;
	unsigned long long v = strtoull(text, &end, 0);

	if (end == text || *end != '\0' || text[0] == '-' || v < least || v > most)
		return false;
	*out = v;
	return true;
}

static bool read_u32(const char *text, uint32_t least, uint32_t most, uint32_t *out)
{
	unsigned long long v;

	if (!read_number(text, least, most, &v))
		return false;
	*out = (uint32_t)v;
	return true;
}

static bool read_msisdn(const char *text, int64_t *out)
{
	unsigned long long v;

	/* E.164: at most 15 digits; leave room for a load's range */
	if (strspn(text, "0123456789") != strlen(text) || !read_number(text, 1000000, 999999999999999, &v))
		return false;
	*out = (int64_t)v;
	return true;
}

static bool add_text(const char **list, size_t *n, size_t most, const char *text)
{
	if (*n == most || text[0] == '\0')
		return false;
	list[(*n)++] = text;
	return true;
}

/* "PATTERN=TEXT"; cut up in argv. The pattern may hold no '='. */
static bool add_rule(struct smsc_load_config *load, char *text)
{
	char *equals = strchr(text, '=');

	if (equals == NULL || equals == text || load->n_rules == SMSC_RULES_MAX)
		return false;
	*equals = '\0';
	load->rule[load->n_rules++] = (struct smsc_rule){text, equals + 1};
	return true;
}

static bool read_rate(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return end != text && *end == '\0' && *out > 0 && *out <= 1e6;
}

static bool read_texts(struct smsc_options *o, int id, char *text)
{
	struct smsc_texts_config *t = &o->texts;
	uint32_t n;

	switch (id) {
	case OPT_TEXTS:
		o->mode = SMSC_MODE_TEXTS;
		return read_u32(text, 1, 100000000, &t->texts);
	case OPT_NUMBERS:
		return read_u32(text, 1, 10000000, &o->load.numbers);
	case OPT_CANCEL:
		return read_u32(text, 0, 100, &o->load.cancel_percent);
	case OPT_KEYWORD:
		t->keyword = text;
		return text[0] != '\0' && strlen(text) <= 100;
	case OPT_COPIES:
		return read_u32(text, 0, 100, &t->copies_percent);
	case OPT_MISSING:
		return read_u32(text, 0, 100, &t->missing_percent);
	case OPT_PUSHED:
		o->mode = SMSC_MODE_PUSHED;
		return read_u32(text, 1, 1000000, &o->pushed.subscribers);
	case OPT_PUSHES:
		if (!read_u32(text, 1, UINT32_MAX, &n))
			return false;
		o->pushed.pushes = n;
		return true;
	default:
		return id >= OPT_FAULTS && smsc_fault_option_read(&o->fault, (size_t)(id - OPT_FAULTS), text);
	}
}

static bool read_load(struct smsc_options *o, int id, char *text)
{
	struct smsc_load_config *load = &o->load;

	switch (id) {
	case OPT_LOAD:
		o->mode = SMSC_MODE_LOAD;
		return read_u32(text, 1, 100000000, &load->subscribers);
	case OPT_CONCURRENCY:
		return read_u32(text, 1, 1000000, &load->concurrency);
	case OPT_RATE:
		return read_rate(text, &load->rate);
	case OPT_ANSWER:
		return add_rule(load, text);
	case OPT_SUCCESS:
		load->success = text;
		return text[0] != '\0';
	case OPT_DONE:
		return add_text(load->done, &load->n_done, SMSC_RULES_MAX, text);
	case OPT_RETRY:
		return add_text(load->retry, &load->n_retry, SMSC_RULES_MAX, text);
	case OPT_REDIALS:
		return read_u32(text, 0, 1000000, &load->redials);
	case OPT_REDIAL_AFTER:
		return duration_parse(text, &o->redial_after_ms) == RC_OK;
	case OPT_REPORT_SEEN:
		o->report_seen = text;
		return true;
	default:
		return read_texts(o, id, text);
	}
}

static bool read_option(struct smsc_options *o, int id, char *text)
{
	switch (id) {
	case OPT_LISTEN:
		o->listen = text;
		return true;
	case OPT_SYSTEM_ID:
		o->system_id = text;
		return true;
	case OPT_PASSWORD:
		o->password = text;
		return true;
	case OPT_PORT_FILE:
		o->port_file = text;
		return true;
	case OPT_WINDOW:
		return read_u32(text, 1, 1000000, &o->window);
	case OPT_ENQUIRE:
		return duration_parse(text, &o->enquire_ms) == RC_OK;
	case OPT_WAIT:
		return duration_parse(text, &o->wait_ms) == RC_OK;
	case OPT_ANSWER_TIMEOUT:
		return duration_parse(text, &o->answer_timeout_ms) == RC_OK && o->answer_timeout_ms > 0;
	case OPT_LEAVE_BOUND:
		return o->leave_bound = true;
	case OPT_PHONE:
		o->mode = SMSC_MODE_PHONE;
		return true;
	case OPT_MSISDN:
		return read_msisdn(text, &o->msisdn);
	case OPT_DIAL:
		o->dial = text;
		return text[0] != '\0';
	case OPT_SCRIPT:
		if (o->mode == SMSC_MODE_PHONE)
			o->mode = SMSC_MODE_SCRIPT;
		smsc_steps_fini(&o->steps);
		return smsc_steps_parse(&o->steps, text) == RC_OK;
	case OPT_EXPECT:
		return add_text(o->script.expect, &o->script.n_expect, SMSC_EXPECT_MAX, text);
	case OPT_SMS_WAIT:
		return duration_parse(text, &o->sms_wait_ms) == RC_OK;
	case OPT_JSON:
		return o->json = true;
	default:
		return read_load(o, id, text);
	}
}

/* The names of this file and those of the faults, for getopt. */
static struct option *all_names(void)
{
	size_t own = sizeof names / sizeof names[0], faults = smsc_fault_options();
	struct option *all = calloc(own + faults + 1, sizeof *all);

	if (all == NULL)
		return NULL;
	memcpy(all, names, sizeof names);
	for (size_t i = 0; i < faults; i++)
		all[own + i] = (struct option){smsc_fault_option_name(i), required_argument, NULL,
		                               OPT_FAULTS + (int)i};
	return all;
}

static void set_defaults(struct smsc_options *o)
{
	memset(o, 0, sizeof *o);
	o->listen = "127.0.0.1:2775";
	o->msisdn = 254700000001;
	o->window = 1000;
	o->answer_timeout_ms = 10000;
	o->sms_wait_ms = 2000;
	o->wait_ms = o->enquire_ms = 30000;
	o->redial_after_ms = 500;
	o->load.concurrency = 64;
	o->load.redials = 10;
	o->load.seen_fd = -1;
	o->texts.keyword = "ECHO";
	o->texts.copies_percent = o->texts.missing_percent = 10;
	smsc_fault_options_default(&o->fault);
}

static int check_together(const struct smsc_options *o, bool mode_given)
{
	if (!mode_given && isatty(STDIN_FILENO) == 0) {
		fputs("starhash-smsc: without a terminal say --phone, --script, --load ... (see --help)\n",
		      stderr);
		return 2;
	}
	if (o->mode == SMSC_MODE_LOAD) {
		if (o->steps.n == 1 && o->steps.at[0].kind == SMSC_STEP_SMS)
			return -1;
		if (o->steps.n == 0 || o->steps.at[0].kind != SMSC_STEP_DIAL) {
			fputs("starhash-smsc: --load needs a --script that begins with a code, or is one ~sms:\n",
			      stderr);
			return 2;
		}
		for (size_t i = 1; i < o->steps.n; i++)
			if (o->steps.at[i].kind != SMSC_STEP_TYPE) {
				fputs("starhash-smsc: ~ steps are for a single phone, not for --load\n",
				      stderr);
				return 2;
			}
	}
	return -1;
}

static int parse(struct smsc_options *o, int argc, char **argv, const struct option *all)
{
	bool mode_given = false;
	int id, index = 0;

	while ((id = getopt_long(argc, argv, "", all, &index)) != -1) {
		if (id == '?')
			return 2;
		if (id == OPT_HELP) {
			help();
			return 0;
		}
		mode_given |= id == OPT_PHONE || id == OPT_SCRIPT || id == OPT_LOAD || id == OPT_TEXTS ||
		              id == OPT_PUSHED;
		if (!read_option(o, id, optarg))
			return wrong(all[index].name, optarg == NULL ? "" : optarg);
	}
	if (optind < argc) {
		fprintf(stderr, "starhash-smsc: \"%s\" is not an option (see --help)\n", argv[optind]);
		return 2;
	}
	return check_together(o, mode_given);
}

int smsc_options_parse(struct smsc_options *o, int argc, char **argv)
{
	struct option *all = all_names();
	int code;

	set_defaults(o);
	if (all == NULL)
		return 1;
	code = parse(o, argc, argv, all);
	free(all);
	return code;
}
