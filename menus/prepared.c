/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prepared screens: see prepared.h. */
#include "menus/prepared.h"

#include <string.h>

#include "core/region.h"
#include "menus/book_private.h"
#include "menus/machine_private.h"

#define KEYS 3 /* none, Back, Back and Home */

static bool is_plain(const struct book_text *t, size_t language)
{
	return strchr(book_say(t, language), '{') == NULL;
}

static bool is_for_everybody(const struct book_screen *at, size_t language)
{
	if (at->kind > BOOK_CONSENT || at->say == NULL || !is_plain(at->say, language))
		return false;
	for (size_t i = 0; i < at->n_choices; i++)
		if (!is_plain(&at->choice[i].label, language))
			return false;
	return true;
}

/* `keys` is also how many screens lie behind this one. */
static void prepare(struct book_full *full, uint16_t screen, size_t language, uint8_t keys,
                    struct prepared_page *out)
{
	const struct machine_port port = {.ctx = NULL}; /* nothing asks it: there is no variable */
	struct walk w;
	struct step s = {.b = &full->book, .w = &w, .port = &port};
	char text[MACHINE_TEXT_SIZE], *kept;
	struct face face;
	struct page_shown shown;
	size_t len;

	walk_init(&w, (uint8_t)language);
	w.phase = WALK_SHOWING;
	w.screen = screen;
	w.depth = keys;
	machine_face(&s, false, &face);
	shown = page_show(machine_words(&face), 0, text, sizeof(text));
	len = strlen(text);
	kept = region_alloc(full->book.region, len + 1);
	if (kept == NULL)
		return;
	memcpy(kept, text, len + 1);
	*out = (struct prepared_page){.shown = shown, .text = kept, .len = len};
}

void prepared_make(struct book_full *full)
{
	const struct book *b = &full->book;
	struct prepared_page *pages =
		region_alloc(b->region, b->n_screens * b->n_languages * KEYS * sizeof(*pages));

	if (pages == NULL)
		return;
	full->prepared = pages;
	for (size_t i = 0; i < b->n_screens; i++)
		for (size_t language = 0; language < b->n_languages; language++)
			for (uint8_t keys = 0; keys < KEYS; keys++, pages++)
				if (is_for_everybody(&b->screen[i], language))
					prepare(full, (uint16_t)i, language, keys, pages);
}

const struct prepared_page *prepared_page(const struct book *b, const struct book_screen *at, size_t language,
                                          bool has_back, bool has_home)
{
	const struct prepared_page *p = book_full(b)->prepared;
	size_t screen = (size_t)(at - b->screen);

	if (p == NULL || screen >= b->n_screens || language >= b->n_languages || (has_home && !has_back))
		return NULL;
	p += (screen * b->n_languages + language) * KEYS + has_back + has_home;
	return p->text != NULL ? p : NULL;
}
