/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings: what is wrong with a file, where, and what would be right.
 *
 * Configuration, profile and menu loaders add to one list; the daemon, `starhash check` and tests print it.
 * Bounded: after FINDINGS_MAX entries only the counts grow.
 */
#ifndef STARHASH_CORE_FINDINGS_H
#define STARHASH_CORE_FINDINGS_H

#include <stddef.h>
#include <stdio.h>

#define FINDINGS_MAX 500

enum finding_level { FINDING_WARNING, FINDING_ERROR };

struct finding {
	enum finding_level level;
	int line; /* 1..; 0 = the whole file */
	int rule; /* number in docs/menus.md, 1..15; 0 = none */
	char *file;
	char *what;   /* what is wrong: "unknown key \"kewords\"" */
	char *remedy; /* what would be right: "did you mean \"keywords\"?"; "" if there is nothing to say */
};

struct findings; /* opaque */

struct findings *findings_new(void); /* NULL when memory is out */
void findings_free(struct findings *f);

/* All text is copied. `what` is printf-formatted from `format`; remedy may be NULL. */
void findings_add(struct findings *f, enum finding_level level, const char *file, int line, int rule,
                  const char *remedy, const char *format, ...) __attribute__((format(printf, 7, 8)));

size_t findings_errors(const struct findings *f);
size_t findings_warnings(const struct findings *f);
size_t findings_count(const struct findings *f); /* entries kept */
const struct finding *findings_at(const struct findings *f, size_t i);

/* One line each, as compilers do: `join.conf:12: error: what. remedy [rule 3]`. */
void findings_print(const struct findings *f, FILE *to);

#endif
