/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdict: what Starhash itself makes of a PDU in one dialect, and what it would answer.
 *
 * Asks the gateway's own guard, dialect and status table, so that it says what the daemon does and not what a
 * tool believes. */
#ifndef STARHASH_TOOLS_VERDICT_H
#define STARHASH_TOOLS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

struct dialect;
struct msisdn_plan;
struct trace_pdu;

struct verdict {
	bool understood;
	char kind[16];     /* "begin", "continue", ... ; "" = not a message */
	char code[32];     /* short code */
	char text[600];    /* decoded; private */
	char session[64];  /* key in hexadecimal and decimal; "" = none */
	char trouble[220]; /* what the dialect does not understand, or doubts (then it is understood) */
	char knob[32];     /* the key of dialects.conf to look at; "" = none */
	char answer[400];  /* "deliver_sm_resp ESME_ROK (0x00)", and what follows; never "" */
};

void verdict_of(const struct dialect *d, const struct msisdn_plan *country, const struct trace_pdu *p,
                struct verdict *out);

#endif
