/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Po: reading .po files through libgettextpo (po.h).
 *
 * The bytes are looked at first (a regular file, bounded, UTF-8, no other charset named), so that the library meets only
 * what it handles well; every message that it gives becomes a finding. Its strings are borrowed until po_free.
 */
#include "menus/po.h"

#include <gettext-po.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/text.h"
#include "menus/book_source.h"
#include "menus/book.h"

/* The library keeps a copy of the file's name for each read, and of the entry in which an error stands: some bytes a
 * reload, which leak checkers are told not to count. */
#if defined(__SANITIZE_ADDRESS__)
#define COUNTS_LEAKS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTS_LEAKS
#endif
#endif
#ifdef COUNTS_LEAKS
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable() ((void)0)
#define __lsan_enable() ((void)0)
#endif

#define FNV_START 0xcbf29ce484222325ULL
#define FNV_PRIME 0x100000001b3ULL
#define CONTEXT_END "\004" /* between context and text, as gettext has it */

struct entry {
	const char *context; /* "" = none */
	const char *text;
	const char *translation;
	int line; /* 0 = not known */
	bool is_fuzzy, is_obsolete, is_used;
};

struct po {
	char path[PO_PATH_SIZE];
	uint64_t version;
	po_file_t file;
	size_t n;
	struct entry *entry;
	size_t n_slots; /* a power of two, more than n */
	uint32_t *slot; /* index + 1 into entry; 0 = free */
};

bool po_path(const char *menu_path, const char *language, char *out)
{
	const char *slash = strrchr(menu_path, '/');
	int folder = slash == NULL ? 0 : (int)(slash - menu_path + 1);
	int n = snprintf(out, PO_PATH_SIZE, "%.*spo/%s.po", folder, menu_path, language);

	return n > 0 && n < PO_PATH_SIZE && strchr(language, '/') == NULL;
}

/* --- the library's messages ------------------------------------------------------------------------------------------ */

/* The library has no place for a context in its calls; loading is single-threaded (po.h). */
static struct {
	struct findings *findings;
	const char *path;
	size_t errors;
} reading;

/* It also speaks of "fatal" errors: "found 3 errors" after the last line, and too many. Coming back is safe there; when
 * memory is out it ends the program by itself and does not ask. */
static void complain(int severity, po_message_t message, const char *filename, size_t line, size_t column,
                     int is_multiline, const char *text)
{
	bool has_line = filename != NULL && line != (size_t)-1;

	(void)message;
	(void)column;
	(void)is_multiline;
	reading.errors += severity != PO_SEVERITY_WARNING;
	if (severity == PO_SEVERITY_FATAL_ERROR && !has_line)
		return; /* only counts what was said before */
	findings_add(reading.findings, severity == PO_SEVERITY_WARNING ? FINDING_WARNING : FINDING_ERROR,
	             reading.path, has_line ? (int)line : 0, 4,
	             "msgfmt -c shows it too; most editors for .po files cannot write this", "%s", text);
}

static void complain_of_two(int severity, po_message_t message1, const char *filename1, size_t line1,
                            size_t column1, int is_multiline1, const char *text1, po_message_t message2,
                            const char *filename2, size_t line2, size_t column2, int is_multiline2,
                            const char *text2)
{
	(void)message2;
	(void)filename2;
	(void)line2;
	(void)column2;
	(void)is_multiline2;
	(void)text2;
	complain(severity, message1, filename1, line1, column1, is_multiline1, text1);
}

/* --- looking at the bytes ----------------------------------------------------------------------------------------- */

static bool is_readable(const char *path, const char *text, struct findings *findings)
{
	size_t len = strlen(text), offset = 0;
	int line = 1;

	while (text_utf8_valid(text + offset, strcspn(text + offset, "\n")) && offset < len) {
		offset += strcspn(text + offset, "\n");
		offset += text[offset] == '\n';
		line++;
	}
	if (offset < len) {
		findings_add(findings, FINDING_ERROR, path, line, 4, "save the file as UTF-8",
		             "this line is not in UTF-8");
		return false;
	}
	line = 1;
	for (const char *at = text; *at != '\0'; at++) {
		line += *at == '\n';
		if (strncasecmp(at, "charset=", 8) == 0 && strncasecmp(at + 8, "UTF-8", 5) != 0) {
			findings_add(findings, FINDING_ERROR, path, line, 4,
			             "convert it: msgconv -t UTF-8; the header then says charset=UTF-8",
			             "translations must be in UTF-8");
			return false;
		}
	}
	return true;
}

static uint64_t hash_more(uint64_t h, const char *text)
{
	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * FNV_PRIME;
	return h;
}

static uint64_t hash_entry(const char *context, const char *text)
{
	return hash_more(hash_more(hash_more(FNV_START, context), CONTEXT_END), text);
}

/* --- the index ---------------------------------------------------------------------------------------------------- */

/* Lines on which entries have their msgid, in order; returns how many. The library does not tell them. */
static size_t msgid_lines(const char *text, int *lines, size_t max)
{
	size_t n = 0;

	for (int line = 1; *text != '\0'; line++) {
		const char *at = text + strspn(text, " \t");

		if (strncmp(at, "#~", 2) == 0 && at[2] != '|')
			at += 2 + strspn(at + 2, " \t");
		if (strncmp(at, "msgid", 5) == 0 && at[5] != '_') {
			if (n < max)
				lines[n] = line;
			n++;
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return n;
}

static bool is_showable(const char *text)
{
	size_t len = strlen(text);

	for (const char *at = text; *at != '\0'; at++) {
		if (((unsigned char)*at < 0x20 && *at != '\n') || *at == 0x7f)
			return false;
	}
	return len <= BOOK_TEXT_MAX && text_utf8_valid(text, len);
}

static void look_at(const struct po *po, const struct entry *e, po_message_t m, struct findings *findings)
{
	if (!e->is_obsolete && po_message_msgid_plural(m) != NULL)
		findings_add(findings, FINDING_ERROR, po->path, e->line, 4, "take msgid_plural out",
		             "menus do not know plural forms");
	if (!e->is_obsolete && !is_showable(e->translation))
		findings_add(findings, FINDING_ERROR, po->path, e->line, 4,
		             "use plain characters, at most 1000 bytes; \\n begins a new line",
		             "this translation holds something that no phone can show");
}

static void put(struct po *po, size_t i)
{
	size_t at = hash_entry(po->entry[i].context, po->entry[i].text) & (po->n_slots - 1);

	while (po->slot[at] != 0)
		at = (at + 1) & (po->n_slots - 1);
	po->slot[at] = (uint32_t)i + 1;
}

static struct entry *get(struct po *po, const char *context, const char *text)
{
	size_t at = hash_entry(context, text) & (po->n_slots - 1);

	for (; po->slot[at] != 0; at = (at + 1) & (po->n_slots - 1)) {
		struct entry *e = &po->entry[po->slot[at] - 1];

		if (strcmp(e->context, context) == 0 && strcmp(e->text, text) == 0)
			return e;
	}
	return NULL;
}

static void add_entries(struct po *po, const int *line, struct findings *findings)
{
	po_message_iterator_t all = po_message_iterator(po->file, NULL);
	po_message_t m;

	for (size_t i = 0; i < po->n && (m = po_next_message(all)) != NULL; i++) {
		struct entry *e = &po->entry[i];
		const char *context = po_message_msgctxt(m);

		e->context = context == NULL ? "" : context;
		e->text = po_message_msgid(m);
		e->translation = po_message_msgstr(m);
		e->is_fuzzy = po_message_is_fuzzy(m) != 0;
		e->is_obsolete = po_message_is_obsolete(m) != 0;
		e->line = line == NULL ? 0 : line[i];
		if (*e->text == '\0')
			continue; /* the header */
		look_at(po, e, m, findings);
		if (!e->is_obsolete)
			put(po, i);
	}
	po_message_iterator_free(all);
}

static enum rc index_all(struct po *po, const char *text, struct findings *findings)
{
	po_message_iterator_t all = po_message_iterator(po->file, NULL);
	size_t n_lines;
	int *line;

	while (po_next_message(all) != NULL)
		po->n++;
	po_message_iterator_free(all);
	for (po->n_slots = 16; po->n_slots < 2 * po->n;)
		po->n_slots *= 2;
	po->entry = calloc(po->n + 1, sizeof(*po->entry));
	po->slot = calloc(po->n_slots, sizeof(*po->slot));
	line = calloc(po->n + 1, sizeof(*line));
	if (po->entry == NULL || po->slot == NULL || line == NULL) {
		free(line);
		return RC_NOMEM;
	}
	n_lines = msgid_lines(text, line, po->n);
	add_entries(po, n_lines == po->n ? line : NULL, findings);
	free(line);
	return RC_OK;
}

static enum rc read_entries(struct po *po, const char *text, struct findings *findings)
{
	static const struct po_xerror_handler handler = {.xerror = complain, .xerror2 = complain_of_two};
	size_t before = findings_errors(findings);
	enum rc rc;

	if (!is_readable(po->path, text, findings))
		return RC_SYNTAX;
	reading.findings = findings;
	reading.path = po->path;
	reading.errors = 0;
	__lsan_disable();
	po->file = po_file_read(po->path, &handler);
	__lsan_enable();
	reading.findings = NULL;
	if (po->file == NULL || reading.errors > 0) {
		if (findings_errors(findings) == before)
			findings_add(findings, FINDING_ERROR, po->path, 0, 4, "msgfmt -c says more",
			             "this is not a file of translations");
		return RC_SYNTAX;
	}
	rc = index_all(po, text, findings);
	return rc == RC_OK && findings_errors(findings) > before ? RC_SYNTAX : rc;
}

/* --- what others call ---------------------------------------------------------------------------------------------- */

enum rc po_load(const char *menu_path, const char *language, struct findings *findings, struct po **out)
{
	struct book_source source;
	struct po *po = calloc(1, sizeof(*po));
	char *text = NULL;
	enum rc rc;

	if (po == NULL)
		return RC_NOMEM;
	if (!po_path(menu_path, language, po->path) || access(po->path, F_OK) != 0) {
		free(po);
		return RC_NOTFOUND;
	}
	book_source_init(&source, po->path, findings);
	rc = book_source_read(&source, po->path, &text);
	if (rc == RC_OK) {
		po->version = hash_more(FNV_START, text);
		rc = read_entries(po, text, findings);
	} else if (rc != RC_NOMEM) {
		rc = RC_SYNTAX;
	}
	free(text);
	if (rc == RC_OK)
		*out = po;
	else
		po_free(po);
	return rc;
}

void po_free(struct po *po)
{
	if (po == NULL)
		return;
	if (po->file != NULL)
		po_file_free(po->file);
	free(po->entry);
	free(po->slot);
	free(po);
}

enum po_found po_find(struct po *po, const char *service, const char *screen, const char *text,
                      const char **out)
{
	char context[PO_CONTEXT_SIZE] = "";
	struct entry *e = NULL;

	if (screen != NULL && snprintf(context, sizeof(context), "%s/%s", service, screen) < PO_CONTEXT_SIZE)
		e = get(po, context, text);
	if (e == NULL)
		e = get(po, service, text);
	if (e == NULL)
		e = get(po, "", text);
	if (e == NULL)
		return PO_MISSING;
	e->is_used = true;
	if (e->is_fuzzy)
		return PO_FUZZY;
	if (*e->translation == '\0')
		return PO_EMPTY;
	*out = e->translation;
	return PO_FOUND;
}

static bool belongs_to(const char *context, const char *service)
{
	size_t len = strlen(service);

	return strncmp(context, service, len) == 0 && (context[len] == '\0' || context[len] == '/');
}

void po_report_unused(const struct po *po, const char *service, struct findings *findings)
{
	for (size_t i = 0; i < po->n; i++) {
		const struct entry *e = &po->entry[i];
		char text[80];

		if (e->is_used || *e->text == '\0' || !belongs_to(e->context, service))
			continue;
		snprintf(text, sizeof(text), "%s", e->text);
		text_shorten(text, 40);
		findings_add(findings, FINDING_WARNING, po->path, e->line, 4,
		             e->is_obsolete ? "take it out when nobody needs it any more (msgattrib "
		                              "--no-obsolete)"
		                            : "take it out, or mend its msgid if the words were changed",
		             "no text of \"%s\" says \"%s\"%s", service, text,
		             e->is_obsolete ? " any more" : "");
	}
}

const char *po_file(const struct po *po)
{
	return po->path;
}

uint64_t po_version(const struct po *po)
{
	return po->version;
}
