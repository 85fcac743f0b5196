/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standby: when a cold standby starts, and when it rests, from what is seen of the links that it stands by for.
 *
 * Pure arithmetic over a monotonic clock. Absences add up, so that links which come and go are helped out as well as links
 * that are gone; presence pays an absence back ten times as slowly, and each loss counts for something however short it was.
 */
#ifndef STARHASH_GATEWAY_STANDBY_H
#define STARHASH_GATEWAY_STANDBY_H

#include <stdbool.h>
#include <stdint.h>

#define STANDBY_PAYS 10  /* so much longer is a link seen until its absence is forgotten */
#define STANDBY_LOSSES 5 /* so many losses in quick succession are as bad as being away for `after` */
#define STANDBY_NEVER INT64_MAX

struct standby {
	int64_t after_ms;
	bool is_served; /* there is a link that needs no standby */
	bool is_wanted; /* the standby was started */
	bool has_flapped;
	int64_t since_ms; /* is_served has been as it is */
	int64_t away_ms;  /* of the absences before, what is not paid back; at most after_ms */
};

void standby_init(struct standby *s, int64_t after_ms, int64_t now);
/* Look again. Returns true when is_wanted has changed by it. */
bool standby_look(struct standby *s, bool is_served, int64_t now);
/* When to look again if nothing changes before; STANDBY_NEVER = it is as it should be. */
int64_t standby_due(const struct standby *s);

#endif
