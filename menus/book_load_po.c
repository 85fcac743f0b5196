/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, translations: with po = "po", a text that is written once has its other languages in po/sw.po and so on, beside
 * the menu file (book_load.h, po.h).
 */
#include <libconfig.h>
#include <string.h>

#include "menus/book_load.h"
#include "menus/book_source.h"
#include "menus/po.h"

#define PO_FOLDER "po"

void load_po_open(struct loader *ld, const struct config_setting_t *root)
{
	const config_setting_t *at = load_member(root, "po");
	const char *folder = at == NULL ? NULL : load_string(ld, at, "po", BOOK_TEXT_MAX);

	if (folder == NULL || ld->env->without_translations)
		return;
	if (strcmp(folder, PO_FOLDER) != 0) {
		load_error(ld, at, 4, "write po = \"" PO_FOLDER "\"; and call the folder so",
		           "translations stand in the folder \"" PO_FOLDER "\" beside this file");
		return;
	}
	ld->has_po = true;
	for (size_t i = 1; i < ld->b->n_languages; i++) {
		const char *language = ld->b->language[i];
		enum rc rc = po_load(ld->path, language, ld->findings, &ld->po[i]);

		if (rc == RC_NOTFOUND)
			load_error(ld, at, 4,
			           load_hint(ld, "make " PO_FOLDER "/%s.po from what starhash strings writes",
			                     language),
			           "there are no translations into \"%s\"", language);
		ld->no_memory = ld->no_memory || rc == RC_NOMEM;
		if (rc == RC_OK)
			book_source_add(ld->source, po_version(ld->po[i]));
		else
			ld->po[i] = NULL;
	}
}

static bool translate(struct loader *ld, const struct config_setting_t *at, const char *what, size_t language,
                      const char *text, const char **out)
{
	static const char *const why[] = {[PO_MISSING] = "is missing",
	                                  [PO_EMPTY] = "is still empty",
	                                  [PO_FUZZY] = "waits for a translator (fuzzy)"};
	struct po *po = ld->po[language];
	const char *translated = NULL;
	enum po_found found = po_find(po, ld->b->name, ld->screen_name, text, &translated);

	if (found != PO_FOUND) {
		load_error(ld, at, 4, load_hint(ld, "translate \"%.60s\" in %.200s", text, po_file(po)),
		           "%s %s in language \"%s\"", what, why[found], ld->b->language[language]);
		return false;
	}
	if (strlen(translated) > BOOK_TEXT_MAX) {
		load_error(ld, at, 1, load_hint(ld, "at most %d letters fit here", BOOK_TEXT_MAX),
		           "%s is too long in language \"%s\"", what, ld->b->language[language]);
		return false;
	}
	/* The same pointer: the translator means it to be the same. */
	*out = strcmp(translated, text) == 0 ? text : load_strdup(ld, translated);
	return *out != NULL;
}

bool load_po_text(struct loader *ld, const struct config_setting_t *at, const char *what,
                  struct book_text *text)
{
	bool good = true;

	for (size_t i = 1; ld->has_po && i < ld->b->n_languages; i++)
		good = (ld->po[i] == NULL || translate(ld, at, what, i, text->in[0], &text->in[i])) && good;
	return good;
}

void load_po_close(struct loader *ld)
{
	for (size_t i = 1; ld->has_po && i < ld->b->n_languages; i++) {
		if (ld->po[i] != NULL)
			po_report_unused(ld->po[i], ld->b->name, ld->findings);
		po_free(ld->po[i]);
		ld->po[i] = NULL;
	}
}
