/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Refusals: see refusal.h. What subscribers read is in menus/words.c: it has languages, and operators change it. */
#include "core/refusal.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name, *words;
} table[REFUSALS_] = {
	[REFUSAL_NONE] = {"none", "nothing was refused"},
	[REFUSAL_HAD] = {"had", "had it before: a key is used once for each person, also after an erasure"},
	[REFUSAL_SWAP] = {"swap", "the SIM was swapped, or the number is new to its holder; later they may"},
	[REFUSAL_DAY] = {"day", "had as many gifts as one subscriber may have in a day; tomorrow they may"},
	[REFUSAL_SPENT] = {"spent", "the day's gifts, or the budget, were used up"},
	[REFUSAL_REVIEW] = {"review", "too many in a short time: a person looks at it (starhash grants)"},
	[REFUSAL_POOR] = {"poor", "not enough balance"},
	[REFUSAL_BARRED] = {"barred", "the charging system says blocked, not active, or no such subscriber"},
	[REFUSAL_SYSTEM] = {"system", "the charging system refused; see starhash grants"},
	[REFUSAL_DECLINED] = {"declined", "a person looked at it and refused; the reason is in the audit"},
};

const char *refusal_name(enum refusal r)
{
	return (size_t)r < REFUSALS_ ? table[r].name : "none";
}

enum refusal refusal_by_name(const char *name)
{
	for (int r = REFUSAL_HAD; r < REFUSALS_; r++)
		if (strcmp(table[r].name, name) == 0)
			return (enum refusal)r;
	return REFUSAL_NONE;
}

const char *refusal_words(enum refusal r)
{
	return (size_t)r < REFUSALS_ ? table[r].words : table[REFUSAL_NONE].words;
}
