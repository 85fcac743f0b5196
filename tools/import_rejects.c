/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import rejects: see import_rejects.h. The file is for its owner only: it holds numbers and names. */
#include "tools/import_rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"
#include "storage/files.h"

struct import_rejects {
	int fd; /* -1 = nothing was rejected so far */
	atomic_int error;
	char separator;
	char *path, *header;
	int64_t tried; /* of a dry run, which has no position */
};

/* --- opening ------------------------------------------------------------------------------------------------------- */

static bool say(char *why, size_t size, const char *path, const char *what)
{
	(void)snprintf(why, size, "%s %s", path, what);
	return false;
}

/* Of an earlier run, whatever separator it had. Nothing else is ever replaced or cut: it may be the store, or its keys. */
static const char *const begins[] = {"_line,_why,", "_line;_why;", "_line\t_why\t", "_line|_why|",
                                     "{\"_line\":"};

/* Is what lies under that name ours to write? *exists, and its size. */
static bool may_use(const char *path, int source_fd, bool *exists, int64_t *size, char *why, size_t why_size)
{
	struct stat there, source;

	*exists = lstat(path, &there) == 0;
	*size = *exists ? (int64_t)there.st_size : 0;
	if (!*exists)
		return true;
	if (!S_ISREG(there.st_mode))
		return say(why, why_size, path, "is no file; name another with --rejects");
	if (fstat(source_fd, &source) == 0 && source.st_dev == there.st_dev && source.st_ino == there.st_ino)
		return say(why, why_size, path, "is the file that is imported; name another with --rejects");
	if (files_look(path, begins, sizeof begins / sizeof begins[0]) != FILES_OURS)
		return say(
			why, why_size, path,
			"is there already and no file of rejects; it was left as it is: name another with --rejects");
	return true;
}

static bool begin(struct import_rejects *r, int64_t size, int source_fd, char *why, size_t why_size)
{
	int64_t there = 0;
	bool exists = false;

	if (!may_use(r->path, source_fd, &exists, &there, why, why_size))
		return false;
	if (there < size)
		return say(
			why, why_size, r->path,
			"is shorter than what was written to it, or gone; put it back, or begin anew: --anew");
	if (size == 0 && exists && unlink(r->path) != 0)
		return say(why, why_size, r->path, strerror(errno));
	if (size == 0)
		return true;
	r->fd = open(r->path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (r->fd >= 0 && ftruncate(r->fd, size) == 0)
		return true;
	return say(why, why_size, r->path, strerror(errno));
}

struct import_rejects *import_rejects_new(const char *path, int64_t size, const char *header, char separator,
                                          int source_fd, char *why, size_t why_size)
{
	struct import_rejects *r = calloc(1, sizeof *r);

	if (r) {
		r->fd = -1;
		r->separator = separator;
		r->path = strdup(path);
		r->header = header ? strdup(header) : NULL;
	}
	if (!r || !r->path || (header && !r->header)) {
		(void)snprintf(why, why_size, "memory is out");
	} else if (begin(r, size, source_fd, why, why_size)) {
		return r;
	}
	import_rejects_free(r);
	return NULL;
}

void import_rejects_free(struct import_rejects *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		(void)close(r->fd);
	free(r->path);
	free(r->header);
	free(r);
}

const char *import_rejects_error(const struct import_rejects *r)
{
	int error = atomic_load(&r->error);

	return error ? strerror(error) : "";
}

/* --- one row ----------------------------------------------------------------------------------------------------- */

static void put_cell(FILE *to, const char *text, size_t len)
{
	putc('"', to);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			putc('"', to);
		putc(text[i] ? text[i] : ' ', to);
	}
	putc('"', to);
}

/* What can be taken apart stays as it was read; the rest goes into one cell. */
static void put_csv(const struct import_rejects *r, FILE *to, const struct store_import_row *row,
                    const char *text)
{
	fprintf(to, "%" PRId64 "%c", row->line, r->separator);
	put_cell(to, row->why, strlen(row->why));
	putc(r->separator, to);
	if (row->is_no_row)
		put_cell(to, text, row->len);
	else
		(void)fwrite(text, 1, row->len, to);
	putc('\n', to);
}

/* A copy in which what is no UTF-8 is '?', and NUL too. The caller frees it. */
static char *clean(const char *text, size_t len)
{
	char *out = malloc(len + 1);

	for (size_t i = 0; out && i < len;) {
		size_t n = 1;

		while (n < 4 && i + n < len && ((unsigned char)text[i + n] & 0xc0) == 0x80)
			n++;
		if (text[i] != '\0' && text_utf8_valid(text + i, n)) {
			memcpy(out + i, text + i, n);
		} else {
			memset(out + i, '?', n);
		}
		i += n;
	}
	if (out)
		out[len] = '\0';
	return out;
}

static void put_json(FILE *to, const struct store_import_row *row, const char *text)
{
	char *copy = clean(text, row->len);
	json_t *object = copy ? json_pack("{s:I, s:s, s:s}", "_line", (json_int_t)row->line, "_why", row->why,
	                                  "_row", copy)
	                      : NULL;

	if (object && json_dumpf(object, to, JSON_COMPACT) == 0)
		putc('\n', to);
	json_decref(object);
	free(copy);
}

/* --- a chunk ------------------------------------------------------------------------------------------------------- */

static bool write_all(int fd, const char *text, size_t len, int64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, text, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
		at += n;
	}
	return true;
}

/* The text of all that were rejected; the caller frees it. NULL: memory is out. */
static char *compose(const struct import_rejects *r, const struct store_import_chunk *chunk, bool first,
                     size_t *len)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, len);

	if (!to)
		return NULL;
	if (first && r->header)
		fprintf(to, "_line%c_why%c%s\n", r->separator, r->separator, r->header);
	for (size_t i = 0; i < chunk->n; i++) {
		const struct store_import_row *row = &chunk->row[i];

		if (row->fate != STORE_IMPORT_REJECTED)
			continue;
		if (r->header)
			put_csv(r, to, row, chunk->text + row->at);
		else
			put_json(to, row, chunk->text + row->at);
	}
	if (fclose(to) == 0)
		return text;
	free(text);
	return NULL;
}

int64_t import_rejects_write(void *ctx, const struct store_import_chunk *chunk, int64_t size)
{
	struct import_rejects *r = ctx;
	size_t len = 0;
	char *text;
	bool ok;

	if (chunk->only_tries)
		size = r->tried;
	if (r->fd < 0)
		r->fd = open(r->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (r->fd < 0) {
		atomic_store(&r->error, errno);
		return -1;
	}
	text = compose(r, chunk, size == 0, &len);
	ok = text && ftruncate(r->fd, size) == 0 && write_all(r->fd, text, len, size) &&
	     fdatasync(r->fd) == 0;
	if (!ok)
		atomic_store(&r->error, text ? errno : ENOMEM);
	if (!ok &&
	    size == 0) { /* an end that could not be written is nobody's rejects; the next run begins it anew */
		(void)close(r->fd);
		(void)unlink(r->path);
		r->fd = -1;
	}
	free(text);
	r->tried = size + (int64_t)len;
	return ok ? r->tried : -1;
}
