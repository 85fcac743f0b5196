/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Window: the submit_sm of one link that were written and are not answered yet.
 *
 * Invariant: at most `size` entries. All entries live equally long, so the order of writing is the order of
 * expiry and the oldest is always at the head. Every operation is O(1). The sequence numbers that left without an
 * answer are remembered for a while, to tell a late response from one that nobody asked for.
 */
#ifndef STARHASH_GATEWAY_LINK_WINDOW_H
#define STARHASH_GATEWAY_LINK_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_WINDOW_MAX 1000

struct link_window; /* opaque */

struct link_slot { /* a plain value */
	uint32_t sequence;
	bool is_ussd;
	uint64_t token;
	uint64_t start;      /* bytes of this connection that went before it */
	int64_t deadline_ms; /* monotonic */
};

/* `size` 1..LINK_WINDOW_MAX (others are brought into that range). NULL when memory is out. */
struct link_window *link_window_new(int size);
void link_window_free(struct link_window *w); /* NULL is fine */

size_t link_window_count(const struct link_window *w);
bool link_window_is_full(const struct link_window *w);

/* The window must not be full, the sequence not in it, the deadline not before those in it. Copied. */
void link_window_add(struct link_window *w, const struct link_slot *value);
/* The oldest entry, NULL when empty. Borrowed until the next change. */
const struct link_slot *link_window_oldest(const struct link_window *w);
/* Take out the entry of a sequence. False: no such entry; *late says whether it was given up before. */
bool link_window_take(struct link_window *w, uint32_t sequence, struct link_slot *out, bool *late);
/* Take out the oldest entry as given up: it has no answer. False when empty. */
bool link_window_give_up(struct link_window *w, struct link_slot *out);
/* Forget which were given up: the next connection counts its own. */
void link_window_forget(struct link_window *w);

#endif
