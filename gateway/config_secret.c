/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a secret lies: see config_secret.h. */
#include "gateway/config_secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *config_secret_path(struct config_reader *r, const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	size_t size;
	char *path;

	if (folder == NULL || *folder == '\0' || *name == '/' || *name == '\0')
		return config_read_path(r, name);
	size = strlen(folder) + strlen(name) + 2;
	path = malloc(size);
	if (path == NULL) {
		r->no_memory = true;
		return NULL;
	}
	snprintf(path, size, "%s/%s", folder, name);
	for (char *at = path + strlen(folder) + 1; *at != '\0'; at++)
		if (*at == '/')
			*at = '_';
	if (access(path, F_OK) == 0)
		return path;
	free(path);
	return config_read_path(r, name);
}

const char *config_secret_remedy(int error)
{
	if (error == EACCES || error == EPERM)
		return "root may read it, and a service by LoadCredential= of its unit: run this as root";
	return "make the file, readable for the daemon alone";
}
