/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading menu files (book_source.h). */
#include "menus/book_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"

#define FNV_START 0xcbf29ce484222325ULL
#define FNV_PRIME 0x100000001b3ULL

void book_source_init(struct book_source *s, const char *path, struct findings *findings)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);

	memset(s, 0, sizeof(*s));
	s->findings = findings;
	s->version = FNV_START;
	if (len == 0 || len >= sizeof(s->folder))
		strcpy(s->folder, ".");
	else
		memcpy(s->folder, path, len);
}

static enum rc refuse(struct book_source *s, const char *path, enum rc rc, const char *remedy,
                      const char *what)
{
	findings_add(s->findings, FINDING_ERROR, path, 0, 0, remedy, "%s", what);
	return rc;
}

static enum rc read_all(struct book_source *s, const char *path, int fd, size_t size, char **out)
{
	char *text = malloc(size + 1);
	size_t len = 0;
	ssize_t n = 0;

	if (text == NULL)
		return RC_NOMEM;
	while (len < size && (n = read(fd, text + len, size - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	if (n < 0 || strlen(text) != len) {
		free(text);
		return refuse(s, path, RC_SYNTAX, "save it as plain text in UTF-8",
		              "this is not a text file");
	}
	*out = text;
	return RC_OK;
}

enum rc book_source_read(struct book_source *s, const char *path, char **text)
{
	/* O_NONBLOCK: opening a pipe must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	enum rc rc;

	if (fd < 0 || fstat(fd, &st) != 0) {
		const char *why = strerror(errno);

		if (fd >= 0)
			close(fd);
		findings_add(s->findings, FINDING_ERROR, path, 0, 0, "check the name and who may read it",
		             "the file cannot be opened: %s", why);
		return RC_NOTFOUND;
	}
	if (!S_ISREG(st.st_mode))
		rc = refuse(s, path, RC_NOTFOUND, "give the name of a text file", "this is not a file");
	else if (st.st_size > BOOK_SOURCE_MAX)
		rc = refuse(s, path, RC_RANGE, "divide it into several services",
		            "the file is larger than 1 MB");
	else
		rc = read_all(s, path, fd, (size_t)st.st_size, text);
	close(fd);
	return rc;
}

static int line_of(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++) {
		// NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): all of it was read
		line += *text == '\n';
	}
	return line;
}

static bool is_utf8(struct book_source *s, const char *path, const char *text)
{
	const char *at = text, *end = text + strlen(text);

	if (text_utf8_valid(text, (size_t)(end - text)))
		return true;
	while (at < end) {
		const char *line_end = strchr(at, '\n');

		line_end = line_end == NULL ? end : line_end + 1;
		if (!text_utf8_valid(at, (size_t)(line_end - at)))
			break;
		at = line_end;
	}
	findings_add(s->findings, FINDING_ERROR, path, line_of(text, at), 0,
	             "save the file as UTF-8 (in the editor: Save as, Encoding)",
	             "this line is not in UTF-8");
	return false;
}

static void add_version(struct book_source *s, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		s->version = (s->version ^ (unsigned char)*c) * FNV_PRIME;
}

static enum rc look(struct book_source *s, const char *path, const char *text, int depth);

/* The quote of a string that never ends, or NULL. Comments may hold any quotes. */
static const char *open_quote(const char *at)
{
	while (*at != '\0') {
		if (*at == '#' || (at[0] == '/' && at[1] == '/')) {
			at += strcspn(at, "\n");
		} else if (at[0] == '/' && at[1] == '*') {
			at = strstr(at + 2, "*/");
			if (at == NULL)
				return NULL;
			at += 2;
		} else if (*at == '"') {
			const char *open = at++;

			while (*at != '"') {
				if (*at == '\0' || (at[0] == '\\' && at[1] == '\0'))
					return open;
				at += *at == '\\' ? 2 : 1;
			}
			at++;
		} else {
			at++;
		}
	}
	return NULL;
}

/* `at` is behind the opening quote of an @include. */
static enum rc look_included(struct book_source *s, const char *path, int line, const char *at, int depth)
{
	size_t len = strcspn(at, "\"\n\\");
	char name[2 * BOOK_SOURCE_PATH];
	char *text = NULL;
	enum rc rc;

	if (at[len] != '"' || len == 0 || len >= BOOK_SOURCE_PATH || at[0] == '/') {
		findings_add(s->findings, FINDING_ERROR, path, line, 0, "write @include \"words.conf\"",
		             "this @include does not name a file of the same folder");
		return RC_SYNTAX;
	}
	if (depth >= BOOK_SOURCE_DEPTH || ++s->files >= BOOK_SOURCE_FILES) {
		findings_add(s->findings, FINDING_ERROR, path, line, 0, "does a file include itself?",
		             "too many files include each other");
		return RC_SYNTAX;
	}
	snprintf(name, sizeof(name), "%s/%.*s", s->folder, (int)len, at);
	rc = book_source_read(s, name, &text);
	if (rc != RC_OK) {
		findings_add(s->findings, FINDING_ERROR, path, line, 0, NULL,
		             "the included file \"%.*s\" cannot be used", (int)len, at);
		return RC_SYNTAX;
	}
	rc = look(s, name, text, depth + 1);
	free(text);
	return rc;
}

static enum rc look(struct book_source *s, const char *path, const char *text, int depth)
{
	static const char word[] = "@include";
	const char *at = text;

	add_version(s, text);
	if (!is_utf8(s, path, text))
		return RC_SYNTAX;
	/* The parser would name the last line and lose the memory of the string. */
	at = open_quote(text);
	if (at != NULL) {
		findings_add(s->findings, FINDING_ERROR, path, line_of(text, at), 0,
		             "close it, or look above for a quote too many",
		             "a quote opens here and never closes");
		return RC_SYNTAX;
	}
	at = text;
	/* More than the parser would take as an include, never less. */
	while ((at = strstr(at, word)) != NULL) {
		const char *name = at + sizeof(word) - 1;

		name += strspn(name, " \t");
		if (*name == '"' && look_included(s, path, line_of(text, at), name + 1, depth) != RC_OK)
			return RC_SYNTAX;
		at = name;
	}
	return RC_OK;
}

enum rc book_source_look(struct book_source *s, const char *path, const char *text)
{
	return look(s, path, text, 0);
}

void book_source_add(struct book_source *s, uint64_t version)
{
	s->version = (s->version ^ version) * FNV_PRIME;
}

enum rc book_source_data(struct book_source *s, const char *name, char *path, size_t size, char **text)
{
	enum rc rc;

	snprintf(path, size, "%s/%s", s->folder, name);
	if (++s->files >= BOOK_SOURCE_FILES)
		return refuse(s, path, RC_RANGE, "divide it into several services",
		              "this service has too many files");
	rc = book_source_read(s, path, text);
	if (rc != RC_OK)
		return rc;
	add_version(s, *text);
	if (is_utf8(s, path, *text))
		return RC_OK;
	free(*text);
	*text = NULL;
	return RC_SYNTAX;
}
