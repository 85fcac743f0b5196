/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refusals: why somebody does not get something, as care reads it and as the subscriber hears it.
 *
 * One list for limits that the store keeps, for people who decide, and for charging systems. The names go into rows,
 * JSON and metrics and are therefore stable: a reason may be added, none is renamed.
 */
#ifndef STARHASH_CORE_REFUSAL_H
#define STARHASH_CORE_REFUSAL_H

enum refusal {
	REFUSAL_NONE,
	REFUSAL_HAD,   /* the key was used before, also before an erasure */
	REFUSAL_SWAP,  /* SIM changed, or number new to its holder, within the days that the operator waits */
	REFUSAL_DAY,   /* as many gifts as one subscriber may have in a day */
	REFUSAL_SPENT, /* the cap of the bundle, or a budget, is used up */
	REFUSAL_REVIEW,   /* held: a person looks at it */
	REFUSAL_POOR,     /* not enough balance */
	REFUSAL_BARRED,   /* the charging system says blocked, not active, or no such subscriber */
	REFUSAL_SYSTEM,   /* the charging system refused for another reason */
	REFUSAL_DECLINED, /* a person has looked at it and refused */
	REFUSALS_
};

/* "none", "had", "swap", "day", "spent", "review", "poor", "barred", "system",
 * "declined". Never NULL. */
const char *refusal_name(enum refusal r);
/* By that name; REFUSAL_NONE for any other word. */
enum refusal refusal_by_name(const char *name);
/* For care: one line that says what it means and when, or by whose help, it may be otherwise. Never NULL. */
const char *refusal_words(enum refusal r);

#endif
