/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a secret lies: with the service manager, or beside the configuration.
 *
 * systemd hands secrets to a service as files in a folder that only this service sees ($CREDENTIALS_DIRECTORY), while
 * the files themselves belong to root alone. A relative name is looked for there first, so one configuration serves both.
 */
#ifndef STARHASH_GATEWAY_CONFIG_SECRET_H
#define STARHASH_GATEWAY_CONFIG_SECRET_H

#include "gateway/config_read.h"

/* The file that `name` means: the credential of that name when there is one, else as config_read_path.
 * systemd.exec(5), LoadCredential=: the files of a folder loaded as "secrets" are the credentials "secrets_FILE", so
 * "secrets/smsc-a" is looked for as "secrets_smsc-a". Absolute names are no credentials.
 * The caller frees; NULL = no memory. */
char *config_secret_path(struct config_reader *r, const char *name);
/* What to do about a file of a secret that fopen refused with this errno. */
const char *config_secret_remedy(int error);

/* The first line of the file that `key` of this group names, for the caller to wipe and free; "" where secrets are not read, or
 * after a finding. NULL = no memory. */
char *config_secret_read(struct config_reader *r, const config_setting_t *group, const char *key,
                         size_t least, size_t most);

#endif
