/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz: bytes as a menu file, its check, and a dialogue on whatever book comes of it (promise 6).
 *
 * Up to the first NUL the input is the file; what follows drives the machine, one byte a step. On every screen the same
 * must hold as in test_machine: valid UTF-8, within the page, WAIT only for something.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "menus/check.h"
#include "tests/fuzz/fuzz.h"
#include "tests/menus_world.h"

const char *__lsan_default_suppressions(void);

/* libconfig 1.5 loses a string token on which a syntax error falls: a few bytes for each unreadable file. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\nleak:libgettextpo.so\n";
}

static void require(bool good)
{
	if (!good)
		abort();
}

static void look(const struct world *w)
{
	require(w->out.len == strlen(w->out.text));
	require(text_utf8_valid(w->out.text, w->out.len));
	require(text_fits(w->out.text, w->out.len, w->book->page));
	require(w->out.verdict != MACHINE_WAIT || w->walk.waits_for != WALK_FOR_NOTHING);
	require(w->out.verdict != MACHINE_SHOW || w->book->screen[w->walk.screen].kind <= BOOK_CONSENT ||
	        w->walk.phase == WALK_IN_APP || w->walk.phase == WALK_RESUMING);
	for (size_t i = 0; i < w->out.len; i++)
		require((unsigned char)w->out.text[i] >= 0x20 || w->out.text[i] == '\n');
}

static void act(struct world *w, uint8_t byte)
{
	static const char *const typed[] = {"1",        "2",          "3",   "0",    "00", "98",
	                                    "Jane Doe", "29/02/2024", "12",  "5",    "9",  "\xe1\x8a\xa0",
	                                    "{name}",   "a",          "1 2", "x y z"};
	static const char *const said[] = {
		"Shop\n1 Bread",
		"",
		"<html><h1>500</h1></html>",
		"\xd9\x85 \xe2\x80\xae x",
		"\xf0\x9f\x98\x80",
		"\x1b[2J\x07\x7f",
		"\xff\xfe\x80",
		"WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
		"WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
		"WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"};

	w->registered = (byte & 0x80) != 0;
	if (w->out.verdict == MACHINE_WAIT && w->walk.waits_for == WALK_FOR_APP)
		world_app(w, (enum machine_result)(byte & 0x40 ? byte & 3 : MACHINE_GIVEN), said[byte & 7],
		          (byte & 8) != 0);
	else if (w->out.verdict == MACHINE_WAIT && w->walk.waits_for == WALK_FOR_FACTS)
		world_facts(w, (enum machine_result)(byte & 3));
	else if (w->out.verdict == MACHINE_WAIT)
		world_result(w, (enum machine_result)(byte & 3));
	else if (w->out.verdict == MACHINE_END)
		world_begin(w, byte & 1 ? "*5*1*2#" : w->book->code != NULL ? w->book->code : "");
	else if ((byte & 0x70) == 0x70)
		world_resume(w, "", w->walk.screen);
	else
		world_type(w, typed[byte & 15]);
	look(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = 0;
	struct world w;
	char *text;

	while (len < size && data[len] != 0)
		len++;
	text = malloc(len + 1);
	if (text == NULL)
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	world_init(&w);
	/* What is included is no business of this target. */
	if (strstr(text, "@include") == NULL && world_load(&w, text) == RC_OK) {
		check_book(w.book, &w.env, w.findings);
		w.out.verdict = MACHINE_END;
		act(&w, 0);
		for (size_t i = len + 1; i < size && i < len + 200; i++)
			act(&w, data[i]);
	}
	world_fini(&w);
	free(text);
	return 0;
}
