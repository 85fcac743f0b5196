/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Core dumps: a program that has names and keys in its memory writes none of it to a disk when it crashes.
 *
 * Only the soft limit is lowered: whoever looks for a fault raises it again for one process (prlimit --core), and knows then
 * what is in the file (docs/privacy.md).
 */
#ifndef STARHASH_CORE_DUMP_H
#define STARHASH_CORE_DUMP_H

#include <sys/resource.h>

static inline void dump_forbid(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) == 0) {
		limit.rlim_cur = 0;
		(void)setrlimit(RLIMIT_CORE, &limit);
	}
}

#endif
