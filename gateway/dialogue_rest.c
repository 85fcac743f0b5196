/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues at rest: a million people who look at a screen, in little memory (docs/capacity.md).
 *
 * A dialogue that waits for its subscriber is mostly zeros: rooms for what may happen. Those that were answered last stay as
 * they are, DIALOGUE_AWAKE of them; of all others only the octets that are not zero are kept, behind the members that lists
 * and look-ups need. Whoever finds one by its key, by its timer or in the order of all, wakes it first. So nothing but this
 * file, and those three ways, know that there is another form.
 *
 * Invariant: a dialogue at rest is THEIRS, and nobody holds its address but its timer's list and the index; it moves, so nobody
 * else could.
 *
 * The form: for each word of 8 octets that is not zero a bit in a map of all words, and, behind the map, for each of these words
 * an octet that tells which of its octets are not zero, and those.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/dialogue_private.h"
#include "gateway/transcript.h"

#define HEAD offsetof(struct dialogue, body)
#define WORD 8
#define BODY (sizeof(struct dialogue) - HEAD)
#define WORDS (BODY / WORD)
#define MAP ((WORDS + 7) / 8)
#define MOST (MAP + WORDS * (WORD + 1))

_Static_assert(HEAD % WORD == 0 && BODY % WORD == 0, "the body is made of whole words");

static size_t pack(const uint8_t *body, uint8_t *out)
{
	size_t n = MAP;

	memset(out, 0, MAP);
	for (size_t i = 0; i < WORDS; i++, body += WORD) {
		uint64_t word;
		size_t mask_at = n;

		memcpy(&word, body, WORD);
		if (word == 0)
			continue;
		out[i / 8] |= (uint8_t)(1u << i % 8);
		out[n++] = 0;
		for (unsigned k = 0; k < WORD; k++) {
			if (body[k] == 0)
				continue;
			out[mask_at] |= (uint8_t)(1u << k);
			out[n++] = body[k];
		}
	}
	return n;
}

static void unpack(const uint8_t *in, uint8_t *body)
{
	const uint8_t *map = in;

	in += MAP;
	memset(body, 0, BODY);
	for (size_t i = 0; i < WORDS; i++, body += WORD) {
		unsigned mask;

		if ((map[i / 8] & 1u << i % 8) == 0)
			continue;
		mask = *in++;
		for (unsigned k = 0; k < WORD; k++)
			if (mask & 1u << k)
				body[k] = *in++;
	}
}

static bool can_rest(const struct dialogue *d)
{
	return d->state == DIALOGUE_ST_THEIRS && d->holds == 0 && d->flush.list == NULL && d->batch == NULL &&
	       d->leaving == NULL && !transcript_is_of(d);
}

/* The same dialogue at another place. */
static void move(struct dialogue *to, struct dialogue *from)
{
	memcpy(to, from, HEAD);
	index_replace(&to->all->index, from, to);
	due_replace(&to->timer, &from->timer);
}

/* Without memory for it, it stays awake. */
static void lay_down(struct dialogue *d)
{
	struct dialogues *ds = d->all;
	uint8_t packed[MOST];
	size_t n = pack((const uint8_t *)d + HEAD, packed);
	struct dialogue *rest = malloc(HEAD + n);

	if (rest == NULL)
		return;
	move(rest, d);
	rest->is_resting = true;
	memcpy((uint8_t *)rest + HEAD, packed, n);
	free(d);
	ds->resting++;
}

static void wake_at(const struct dialogue *rest, struct dialogue *d)
{
	unpack((const uint8_t *)rest + HEAD, (uint8_t *)d + HEAD);
}

void rest_not_yet(struct dialogue *d)
{
	due_add(&d->all->awake, &d->awake, 0);
}

struct dialogue *rest_wake(struct dialogue *d)
{
	struct dialogue *awake = d;

	if (d->is_resting) {
		awake = malloc(sizeof(*awake));
		if (awake == NULL)
			return NULL;
		move(awake, d);
		wake_at(d, awake);
		awake->is_resting = false;
		awake->all->resting--;
		free(d);
	}
	if (awake->state == DIALOGUE_ST_THEIRS)
		rest_not_yet(awake);
	return awake;
}

const struct dialogue *rest_look(const struct dialogue *d, struct dialogue *room)
{
	if (!d->is_resting)
		return d;
	memcpy(room, d, HEAD);
	wake_at(d, room);
	return room;
}

void rest_tick(struct dialogues *ds)
{
	size_t most = ds->options.awake_max > 0 ? ds->options.awake_max : DIALOGUE_AWAKE;

	while (ds->awake.count > most) {
		struct due_entry *first = ds->awake.head;
		struct dialogue *d =
			(struct dialogue *)(void *)((char *)first - offsetof(struct dialogue, awake));

		due_remove(first);
		if (can_rest(d))
			lay_down(d);
	}
}
