/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gateway as its service manager sees it: does its clock turn, is it leaving, and in one line how it is. */
#ifndef STARHASH_GATEWAY_WATCH_H
#define STARHASH_GATEWAY_WATCH_H

#include "gateway/gateway.h"
#include "gateway/supervise.h"

#define WATCH_LATE_MS 10000 /* a tick that is so late is not only slow: nobody's deadline is kept any more */

struct supervise_port watch_port(struct gateway *g);

#endif
