/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a secret lies: see config_secret.h. */
#include "gateway/config_secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

#define LINE_SIZE 512

/* False after a finding. */
static bool read_line(struct config_reader *r, const config_setting_t *at, const char *path, char *line)
{
	FILE *file = fopen(path, "re");
	struct stat st;

	if (file == NULL) {
		config_read_error(r, at, config_secret_remedy(errno), "%s %s cannot be read: %s",
		                  config_setting_name(at), path, strerror(errno));
		return false;
	}
	if (fstat(fileno(file), &st) == 0 && (st.st_mode & S_IROTH))
		config_read_warn(r, at, "chmod o-rwx it", "a file of a secret can be read by everybody");
	if (fgets(line, LINE_SIZE, file) == NULL)
		line[0] = '\0';
	fclose(file);
	line[strcspn(line, "\r\n")] = '\0';
	return true;
}

char *config_secret_read(struct config_reader *r, const config_setting_t *group, const char *key,
                         size_t least, size_t most)
{
	const config_setting_t *at = config_setting_get_member(group, key);
	const char *name = at != NULL ? config_setting_get_string(at) : NULL;
	char line[LINE_SIZE] = "", *path, *copy;
	size_t len;

	if (name == NULL || *name == '\0' || r->no_secrets)
		return config_read_copy(r, "");
	path = config_secret_path(r, name);
	if (path != NULL && read_line(r, at, path, line)) {
		len = strlen(line);
		if (len < least || len > most)
			config_read_error(r, at, "make one with: openssl rand -hex 24",
			                  "%s has %zu characters, not %zu to %zu", key, len, least, most);
	}
	free(path);
	copy = config_read_copy(r, line);
	explicit_bzero(line, sizeof(line));
	return copy;
}
