/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialects of dialects.conf, read, checked, as plain values. The dialect "standard" is built in and may be written over. */
#ifndef STARHASH_GATEWAY_CONFIG_DIALECTS_H
#define STARHASH_GATEWAY_CONFIG_DIALECTS_H

#include <stddef.h>

#include "core/findings.h"
#include "core/rc.h"

#define DIALECTS_MAX 64

struct dialect;
struct dialects;

/* `path` NULL = only what is built in. Every fault goes to the findings with file, line, key and remedy.
 * Returns RC_OK; RC_NOTFOUND; RC_SYNTAX (findings say); RC_NOMEM. */
enum rc dialects_load(const char *path, struct findings *findings, struct dialects **out) RC_NODISCARD;
void dialects_free(struct dialects *d);
const struct dialect *dialects_by_name(const struct dialects *d, const char *name); /* NULL = unknown */
size_t dialects_count(const struct dialects *d);
const struct dialect *dialects_at(const struct dialects *d, size_t i);
const char *dialects_nearest(const struct dialects *d, const char *name); /* or NULL */

#endif
