/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening on a link of the configuration, in place of the daemon, for a while. */
#ifndef STARHASH_TOOLS_DOCTOR_LINK_H
#define STARHASH_TOOLS_DOCTOR_LINK_H

#include <stdint.h>

struct config;
struct trace;

/* Bind the link `name`, record what comes for `for_ms` and answer each message with ESME_RX_T_APPN, so that
 * the SMSC delivers it again to the daemon. NULL after a message: the daemon is bound there, no such link, or
 * it was never bound. */
struct trace *doctor_listen(const struct config *config, const char *name, int64_t for_ms);

#endif
