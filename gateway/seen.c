/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seen: see seen.h. The table is set-associative; nothing is walked when a connection is lost: what that means for a message
 * is judged when an equal one comes. */
#include "gateway/seen.h"

#include <stdlib.h>

#define WAYS 8
#define SETS (SEEN_MAX / WAYS)

struct message {
	uint64_t hash; /* 0 = free */
	const void *link;
	uint32_t connection, sequence;
	int64_t taken_ms:63;
	bool slow:1; /* our response took long */
};
_Static_assert(sizeof(struct message) <= 32, "as seen.h says");

#define STANDS INT64_MAX

/* One that brought a message; the many that bring none, while an SMSC refuses our bind, must not push it out. */
struct loss {
	const void *link;
	uint32_t connection;
	int64_t at_ms; /* STANDS = not lost */
};

struct seen {
	struct seen_counters counters;
	size_t next_loss;
	struct loss loss[SEEN_LOSSES];
	struct message message[SEEN_MAX];
};

enum rc seen_new(struct seen **out)
{
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? RC_OK : RC_NOMEM;
}

void seen_free(struct seen *s)
{
	free(s);
}

static uint64_t mix(uint64_t h, const void *data, size_t n)
{
	const uint8_t *at = data;

	while (n-- > 0)
		h = (h ^ *at++) * 1099511628211u; /* FNV-1a, 64 bit */
	return h;
}

static uint64_t mix_text(uint64_t h, const char *text)
{
	for (; *text != '\0'; text++)
		h = mix(h, text, 1);
	return mix(h, "", 1);
}

uint64_t seen_hash(const struct seen_key *key)
{
	uint64_t h = 14695981039346656037u;

	h = mix(h, &key->group, sizeof(key->group));
	h = mix(h, &key->msisdn, sizeof(key->msisdn));
	h = mix(h, &key->reference, sizeof(key->reference));
	h = mix_text(h, key->service);
	h = mix_text(h, key->text);
	return h != 0 ? h : 1;
}

static struct message *set_of(struct seen *s, uint64_t hash)
{
	return &s->message[(size_t)((hash ^ (hash >> 32)) % SETS) * WAYS];
}

static struct message *find(struct seen *s, uint64_t hash)
{
	struct message *set = set_of(s, hash);

	for (int i = 0; i < WAYS; i++)
		if (set[i].hash == hash)
			return &set[i];
	return NULL;
}

static struct loss *loss_of(struct seen *s, const void *link, uint32_t connection)
{
	for (size_t i = 0; i < SEEN_LOSSES; i++)
		if (s->loss[i].link != NULL && s->loss[i].link == link && s->loss[i].connection == connection)
			return &s->loss[i];
	return NULL;
}

static void watch(struct seen *s, const struct seen_from *from)
{
	if (loss_of(s, from->link, from->connection) != NULL)
		return;
	s->loss[s->next_loss] =
		(struct loss){.link = from->link, .connection = from->connection, .at_ms = STANDS};
	s->next_loss = (s->next_loss + 1) % SEEN_LOSSES;
}

void seen_add(struct seen *s, uint64_t hash, const struct seen_from *from, int64_t came_ms, int64_t now_ms)
{
	struct message *set = set_of(s, hash), *m = find(s, hash);

	watch(s, from);
	if (m == NULL) {
		m = &set[0];
		for (int i = 1; i < WAYS && m->hash != 0; i++)
			if (set[i].hash == 0 || set[i].taken_ms < m->taken_ms)
				m = &set[i];
		s->counters.evicted += m->hash != 0 && now_ms - m->taken_ms < SEEN_KEPT_MS;
		s->counters.kept += m->hash == 0;
	}
	*m = (struct message){.hash = hash,
	                      .link = from->link,
	                      .connection = from->connection,
	                      .sequence = from->sequence,
	                      .taken_ms = now_ms,
	                      .slow = now_ms - came_ms >= SEEN_SLOW_MS};
}

void seen_forget(struct seen *s, uint64_t hash)
{
	struct message *m = find(s, hash);

	if (m == NULL)
		return;
	m->hash = 0;
	s->counters.kept--;
}

bool seen_find(struct seen *s, uint64_t hash, struct seen_from *out)
{
	const struct message *m = find(s, hash);

	if (m == NULL)
		return false;
	*out = (struct seen_from){.link = m->link, .connection = m->connection, .sequence = m->sequence};
	return true;
}

static bool is_unsure(struct seen *s, const struct message *m)
{
	const struct loss *l = loss_of(s, m->link, m->connection);

	return m->slow || (l != NULL && l->at_ms - m->taken_ms <= SEEN_RISK_MS);
}

bool seen_is_copy(struct seen *s, uint64_t hash, const struct seen_from *from, int64_t now_ms)
{
	struct message *m = find(s, hash);
	bool same_connection;

	if (m == NULL || now_ms - m->taken_ms > SEEN_KEPT_MS)
		return false;
	same_connection = m->link == from->link && m->connection == from->connection;
	if (!(same_connection && m->sequence == from->sequence) && !is_unsure(s, m))
		return false;
	s->counters.copies++;
	return true;
}

void seen_lost(struct seen *s, const void *link, uint32_t connection, int64_t now_ms)
{
	struct loss *l = loss_of(s, link, connection);

	if (l != NULL && l->at_ms == STANDS)
		l->at_ms = now_ms;
}

void seen_counters_read(const struct seen *s, struct seen_counters *out)
{
	*out = s->counters;
}
