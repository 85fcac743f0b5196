/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring of outstanding requests. It is four times as large as what may be outstanding, so that a free
 * place is found at once and answered requests are remembered for a while. */
#include "tools/smsc_window.h"

#include <stdlib.h>

#define SEQUENCE_MAX 0x7fffffffu /* SMPP 3.4, 5.1.4 */

enum rc smsc_window_init(struct smsc_window *w, uint32_t outstanding)
{
	uint32_t size = 1024;

	while (size / 4 < outstanding && size < 1u << 26)
		size *= 2;
	w->ring = calloc(size, sizeof *w->ring);
	w->mask = size - 1;
	w->next = 1;
	return w->ring == NULL ? RC_NOMEM : RC_OK;
}

void smsc_window_fini(struct smsc_window *w)
{
	free(w->ring);
	w->ring = NULL;
}

uint32_t smsc_window_open(struct smsc_window *w, uint32_t conn, uint32_t command, uint32_t phone,
                          uint32_t unit)
{
	for (uint32_t tries = 0; tries <= w->mask; tries++) {
		struct smsc_request *r = &w->ring[w->next & w->mask];
		uint32_t sequence = w->next;

		w->next = w->next == SEQUENCE_MAX ? 1 : w->next + 1;
		if (r->state == SMSC_REQ_WAITING && r->command != SMSC_ANY_COMMAND)
			continue; /* hostile PDUs may stay unanswered: their places are free again */
		*r = (struct smsc_request){sequence, conn, command, phone, unit, SMSC_REQ_WAITING};
		return sequence;
	}
	return 0;
}

struct smsc_request *smsc_window_find(struct smsc_window *w, uint32_t conn, uint32_t sequence)
{
	struct smsc_request *r = &w->ring[sequence & w->mask];

	if (r->state == SMSC_REQ_FREE || r->sequence != sequence || r->conn != conn)
		return NULL;
	return r;
}

void smsc_window_forget(struct smsc_window *w, uint32_t conn)
{
	for (uint32_t i = 0; i <= w->mask; i++)
		if (w->ring[i].conn == conn)
			w->ring[i].state = SMSC_REQ_FREE;
}

uint32_t smsc_window_waiting(const struct smsc_window *w, uint32_t command)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i <= w->mask; i++)
		n += w->ring[i].state == SMSC_REQ_WAITING && w->ring[i].command == command;
	return n;
}
