/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files: the few things that every small file beside the store needs: whose it is, and that its name lasts. */
#ifndef STARHASH_STORAGE_FILES_H
#define STARHASH_STORAGE_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* A name in a folder is durable only when the folder is. */
bool files_folder_sync(const char *path);
/* Made by root for a store of somebody else, it must be theirs. `store` NULL: nobody's. */
bool files_own(int fd, const char *store);
/* Does the name still lead to the file that is open? */
bool files_is_named(int fd, const char *path);
bool files_write_all(int fd, const void *bytes, size_t n, long long at);
/* What lies under a name that is to be written: nothing; a file that begins with one of the `n` texts; something else, which is
 * not ours to replace (a link too, and a file that cannot be read). */
enum files_there { FILES_NOTHING, FILES_OURS, FILES_OTHER };
enum files_there files_look(const char *path, const char *const *begins, size_t n);
/* May others than its owner read or write it? Its mode then, such as 0644; 0: nobody may, or it is no file. */
unsigned files_open_mode(const char *path);
/* All of it with zeros, on the disk: before it is let go. */
bool files_overwrite(int fd);

#endif
