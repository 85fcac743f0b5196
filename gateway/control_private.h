/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the control socket share: control.c (clients and commands), control_status.c (counters),
 * control_push.c (USSD push), control_health.c (health). */
#ifndef STARHASH_GATEWAY_CONTROL_PRIVATE_H
#define STARHASH_GATEWAY_CONTROL_PRIVATE_H

#include <jansson.h>

#include "gateway/gateway.h"

/* All of these return a new object, or NULL when memory is out. */
json_t *control_status(const struct gateway *g);
json_t *control_health(const struct gateway *g); /* control_health.c */
/* "push {...}" starts one, "push-fate N" asks what has become of it. */
json_t *control_push(struct gateway *g, const char *arguments);
json_t *control_push_fate(struct gateway *g, const char *number);

char *control_dump(json_t *o); /* and drops it */

#endif
