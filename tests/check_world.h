/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check world: an empty world for each test, and the pieces of menu files that the checker's tests are made of. */
#ifndef STARHASH_TESTS_CHECK_WORLD_H
#define STARHASH_TESTS_CHECK_WORLD_H

#include <string.h>

#include "tests/menus_world.h"

static struct world w;

static inline void setup(void)
{
	world_init(&w);
}

static inline void teardown(void)
{
	world_fini(&w);
}

/* Every finding, a line each. */
static inline void print_all(char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < findings_count(w.findings); i++) {
		const struct finding *f = findings_at(w.findings, i);

		(void)snprintf(out + strlen(out), size - strlen(out), "%s %d: %s. %s [%d]\n",
		               f->level == FINDING_ERROR ? "E" : "W", f->line, f->what, f->remedy, f->rule);
	}
}

#define TOP "code = \"*5#\"; languages = [ \"en\", \"sw\" ]; start = \"a\"; screens = {\n"
#define MENU(label, to) "( \"" label "\", \"" to "\" )"
#define END "\nz = { end = \"Bye\"; }; };"
#define AGREE(yes)                                                                                          \
	"c = { say = \"Acme keeps it. STOP to stop. OK?\"; consent = { to = \"profile\"; yes = ( \"Yes\", " \
	"\"" yes "\" ); no = ( \"No\", \"z\" ); }; };\n"
#define OUT "o = { dial = \"*5*9#\"; withdraw = \"profile\"; end = \"Stopped\"; };\n"
#define W40 "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
#define W160 W40 W40 W40 W40
#define ASK(name, field, next)                                                                               \
	name " = { say = \"" name "?\"; ask = { save = \"" field "\"; length = [ 1, 40 ]; }; next = \"" next \
	     "\"; };\n"

#endif
