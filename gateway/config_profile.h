/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile.conf: what may be known of a subscriber, read into a struct profile. */
#ifndef STARHASH_GATEWAY_CONFIG_PROFILE_H
#define STARHASH_GATEWAY_CONFIG_PROFILE_H

#include "core/findings.h"
#include "core/profile.h"
#include "core/rc.h"

/* Returns RC_OK; RC_NOTFOUND (no such file: said in the findings); RC_SYNTAX (findings say); RC_NOMEM.
 * *out holds what could be read, whatever the result. */
enum rc config_profile_load(const char *path, struct findings *findings, struct profile *out) RC_NODISCARD;

/* Would SQL, or the store's own tables, misread a field of this name? */
bool config_profile_is_reserved(const char *name);

#endif
