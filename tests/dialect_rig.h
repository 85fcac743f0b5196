/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One dialect at work: a message that it hears, and words that it says. Static inline, for the test programs only. */
#ifndef STARHASH_TESTS_DIALECT_RIG_H
#define STARHASH_TESTS_DIALECT_RIG_H

#include "tests/dialects_world.h"

static struct dialect d;
static struct dialect_event e;
static struct dialect_trouble trouble;
static struct world_message w;
static struct dialect_scratch scratch;
static struct pdu_submit s;
static uint32_t status;

static inline enum rc hear(void)
{
	return dialect_read(&d, &world_plan, &w.m, &e, &status, &trouble);
}

/* A USSD message with an op and the session 0x0700. */
static inline enum rc hear_op(int op, const char *text)
{
	world_message(&w, "123", text);
	world_tlv(&w, 0x0501, (uint64_t)op, 1);
	world_tlv(&w, 0x1383, 0x0700, 2);
	return hear();
}

static inline void say(enum dialect_say how, const char *text)
{
	ck_assert_int_eq(dialect_write_ussd(&d, &e, text, how, &scratch, &s), RC_OK);
}

#endif
