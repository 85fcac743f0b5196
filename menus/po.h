/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Po: translations of menu files from gettext .po files, beside or instead of inline arrays.
 *
 * A menu file `menus/join.conf` finds its Swahili in `menus/po/sw.po`; one .po may serve all menu files of that folder. An
 * entry belongs to a text by its source words (the text in the file's first language) and its context (msgctxt), looked
 * for in this order: "join/home" (this screen only), "join" (the service), none.
 * Fuzzy and empty entries count as missing. The only owner of libgettextpo's header is po.c; nothing here is
 * thread-safe (that library is not), so all loading stays on one thread.
 */
#ifndef STARHASH_MENUS_PO_H
#define STARHASH_MENUS_PO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/findings.h"
#include "core/rc.h"

#define PO_MAX_BYTES (1024 * 1024) /* of one .po file */
#define PO_PATH_SIZE 1024
#define PO_CONTEXT_SIZE 160

struct po; /* opaque */

enum po_found {
	PO_FOUND,
	PO_MISSING, /* no entry */
	PO_EMPTY,   /* an entry without a translation */
	PO_FUZZY    /* an entry that waits for a translator's eye */
};

/* "menus/join.conf", "sw" -> "menus/po/sw.po". False when it does not fit PO_PATH_SIZE. */
bool po_path(const char *menu_path, const char *language, char *out);

/* Read the translations into `language` that stand beside a menu file. Bad syntax, another charset than UTF-8 and text no
 * phone can show are errors in `findings` (rule 4) with the .po's own line.
 * Returns RC_OK; RC_NOTFOUND (there is no such file: nothing is wrong with that); RC_SYNTAX (findings say); RC_NOMEM. */
enum rc po_load(const char *menu_path, const char *language, struct findings *findings,
                struct po **out) RC_NODISCARD;
void po_free(struct po *po); /* NULL is fine */

/* The translation of `text`, which stands on `screen` of `service` (both without ".conf"; screen NULL = the file's own
 * words). On PO_FOUND *out is valid until po_free; otherwise untouched. Marks the entry as used. */
enum po_found po_find(struct po *po, const char *service, const char *screen, const char *text,
                      const char **out);

/* After every text was looked for: a warning (rule 4) for each entry of `service` (by its context) that no text asked for,
 * and for each obsolete one (#~) that has this service as context. */
void po_report_unused(const struct po *po, const char *service, struct findings *findings);

const char *po_file(const struct po *po); /* its path, for messages */
uint64_t po_version(const struct po *po); /* hash of its bytes: goes into the book's version */

#endif
