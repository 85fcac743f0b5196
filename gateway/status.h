/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to do about a command_status: one table, for what we are told and for what we tell. Pure. */
#ifndef STARHASH_GATEWAY_STATUS_H
#define STARHASH_GATEWAY_STATUS_H

#include <stdbool.h>
#include <stdint.h>

enum status_action {
	STATUS_DONE,  /* ESME_ROK */
	STATUS_RETRY, /* not applied; may be sent again after a pause */
	STATUS_PAUSE, /* the same, and the whole link pauses (throttled) */
	STATUS_FINAL, /* refused for good */
	STATUS_GONE,  /* USSD: the session is not there any more; SMS: final */
	STATUS_REBIND /* the session with the SMSC is not what we think: bind again, then retry */
};

struct status_rule {
	uint32_t status;
	enum status_action ussd, sms;
	uint32_t ussd_pause_ms, sms_pause_ms; /* first pause; each further one is twice as long */
	uint8_t ussd_tries, sms_tries;
	const char *remedy; /* for people; NULL = none needed */
};

/* The rule of a status; vendor statuses and unknown ones have the rule of the default row. Never NULL. */
const struct status_rule *status_rule_of(uint32_t status);
const char *status_action_name(enum status_action a);
unsigned status_row(uint32_t status); /* number of that rule */
/* All rows, for docs and tests; the last is the default. */
const struct status_rule *status_rules(unsigned *n);
/* The same as a Markdown table; docs/statuses.md is compared with it. `file` is a FILE *. */
void status_print_markdown(void *file);

/* What we answer to a deliver_sm when ... None of them makes an SMSC send again what can never be taken. */
enum status_case {
	STATUS_CASE_TAKEN,       /* ROK */
	STATUS_CASE_OVERLOAD,    /* new work does not fit now: deliver again later */
	STATUS_CASE_STORE_FAILS, /* the same */
	STATUS_CASE_MALFORMED,   /* can never be read */
	STATUS_CASE_NOT_WANTED   /* read, and of no use to anybody */
};
uint32_t status_for(enum status_case c);

#endif
