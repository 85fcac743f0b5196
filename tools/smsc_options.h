/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command line of starhash-smsc. */
#ifndef STARHASH_TOOLS_SMSC_OPTIONS_H
#define STARHASH_TOOLS_SMSC_OPTIONS_H

#include "tools/smsc_fault.h"
#include "tools/smsc_load.h"
#include "tools/smsc_pushed.h"
#include "tools/smsc_script.h"
#include "tools/smsc_steps.h"
#include "tools/smsc_texts.h"

enum smsc_mode { SMSC_MODE_PHONE, SMSC_MODE_SCRIPT, SMSC_MODE_LOAD, SMSC_MODE_TEXTS, SMSC_MODE_PUSHED };

struct smsc_options {
	enum smsc_mode mode;
	const char *listen;
	const char *system_id, *password;
	const char *port_file;
	const char *dial;
	const char *report_seen;
	int64_t msisdn;
	uint32_t window;
	int64_t answer_timeout_ms, sms_wait_ms, wait_ms, enquire_ms, redial_after_ms;
	bool json, leave_bound;
	struct smsc_steps steps;
	struct smsc_script_config script; /* `expect` only; the rest is filled in later */
	struct smsc_load_config load;
	struct smsc_texts_config texts;
	struct smsc_pushed_config pushed;
	struct smsc_fault_config fault;
};

/* Borrows from argv. Returns -1 to go on, else the exit code (0 after --help, 2 on wrong use, told on stderr). */
int smsc_options_parse(struct smsc_options *o, int argc, char **argv);

#endif
