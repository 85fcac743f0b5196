/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading libconfig groups by the option table.
 *
 * Shared by the loaders of starhash.conf and profile.conf: defaults, unknown keys, types and ranges are handled
 * here, by the table; what takes more than one key to judge is left to the loaders.
 */
#ifndef STARHASH_GATEWAY_CONFIG_READ_H
#define STARHASH_GATEWAY_CONFIG_READ_H

#include <libconfig.h>

#include "core/findings.h"
#include "core/rc.h"
#include "gateway/options.h"

struct config_reader {
	struct option_table table;
	struct findings *findings;
	const char *path; /* of the file, for messages */
	bool no_memory;   /* an allocation failed; stays true */
	bool no_secrets;  /* files of secrets are not opened */
};

/* Parse a file. A syntax error goes to the findings. Ends with config_destroy when RC_OK.
 * Returns RC_OK; RC_NOTFOUND; RC_SYNTAX. */
enum rc config_read_open(struct config_reader *r, config_t *file) RC_NODISCARD;

/* Set the defaults of a group in `into` (the struct that the rows' offsets are of). */
void config_read_defaults(struct config_reader *r, const char *group, void *into);
/* Read every key of a group into it. `setting` NULL = the group is absent: nothing happens. */
void config_read_group(struct config_reader *r, const config_setting_t *setting, const char *group,
                       void *into);

/* Text i of an OPTION_WORDS array, or NULL after a finding when it is no text. */
const char *config_read_word(struct config_reader *r, const config_setting_t *setting, int i);

/* "path/of/file" as seen from the folder of r->path; absolute ones stay. The caller frees; NULL = no memory. */
char *config_read_path(struct config_reader *r, const char *path);
/* A copy; NULL sets no_memory. */
char *config_read_copy(struct config_reader *r, const char *text);

/* A warning at a setting, which stops nobody; and an error. */
void config_read_warn(struct config_reader *r, const config_setting_t *at, const char *remedy,
                      const char *what);
void config_read_error(struct config_reader *r, const config_setting_t *at, const char *remedy,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
