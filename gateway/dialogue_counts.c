/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Books in use, and what happens on each of their screens: entered, answered, refused, dropped.
 *
 * Counted in memory, one row a screen of each book on which somebody stands, and added up in the store every
 * DIALOGUE_COUNTS_MS. An entry holds its book; that of an older version goes with its last dialogue, and the book with
 * it (promise 5). Rehearsals (simulated dialogues) are not counted: the numbers are about people.
 */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/dialogue_private.h"

#define BATCH 64 /* screens in one request to the store */

struct tally {
	uint32_t entered, bad_inputs, answered;
	uint32_t drops[STORE_DROPS_];
	uint32_t bucket[12];
	uint64_t ms_sum;
};

struct dialogue_book {
	struct dialogue_book *next;
	struct book *book;
	size_t users;
	bool dirty;
	struct tally tally[];
};

static bool is_live(const struct dialogues *ds, const struct book *b)
{
	return services_by_name(ds->options.services, b->name) == b;
}

static bool is_empty(const struct tally *t)
{
	uint32_t all = t->entered | t->bad_inputs | t->answered;

	for (int i = 0; i < STORE_DROPS_; i++)
		all |= t->drops[i];
	return all == 0; /* times and buckets come with `answered` */
}

static void row_of(const struct dialogue_book *e, size_t screen, struct store_screen_count *out)
{
	const struct tally *t = &e->tally[screen];

	memset(out, 0, sizeof(*out));
	strncpy(out->service, e->book->name, sizeof(out->service) - 1);
	strncpy(out->screen, e->book->screen[screen].name, sizeof(out->screen) - 1);
	out->entered = t->entered;
	out->bad_inputs = t->bad_inputs;
	out->answered = t->answered;
	out->ms_sum = (int64_t)t->ms_sum;
	for (int i = 0; i < STORE_DROPS_; i++)
		out->drops[i] = t->drops[i];
	for (int i = 0; i < 12; i++)
		out->ms_bucket[i] = t->bucket[i];
}

/* False: the store does not take any now; the rest stays for the next time. */
static bool store_book(struct dialogues *ds, struct dialogue_book *e)
{
	struct store_screen_count rows[BATCH];
	size_t from = 0;

	while (e->dirty) {
		size_t n = 0, at = from;

		for (; at < e->book->n_screens && n < BATCH; at++)
			if (!is_empty(&e->tally[at]))
				row_of(e, at, &rows[n++]);
		if (n > 0 && store_screens_add(ds->options.store, rows, n) != RC_OK)
			return false;
		memset(&e->tally[from], 0, (at - from) * sizeof(e->tally[0]));
		from = at;
		e->dirty = from < e->book->n_screens;
	}
	return true;
}

static void drop_entry(struct dialogues *ds, struct dialogue_book *e)
{
	struct dialogue_book **at = &ds->books;

	if (!store_book(ds, e)) {
		ds->counters.screen_counts_lost++;
		LOG_EVENT(LOG_LV_WARN, "dialogue", "screen-counts-lost", "service", e->book->name, "remedy",
		          "see store.queue in status");
	}
	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	book_unref(e->book);
	free(e);
}

static struct dialogue_book *entry_of(struct dialogues *ds, struct book *b)
{
	struct dialogue_book *e = ds->books;

	while (e != NULL && e->book != b)
		e = e->next;
	if (e != NULL)
		return e;
	e = calloc(1, sizeof(*e) + b->n_screens * sizeof(e->tally[0]));
	if (e == NULL)
		return NULL;
	e->book = book_ref(b);
	e->next = ds->books;
	ds->books = e;
	return e;
}

void counts_take_book(struct dialogue *d, struct book *b)
{
	d->book = book_ref(b);
	d->in_use = entry_of(d->all, b);
	if (d->in_use != NULL)
		d->in_use->users++;
}

void counts_leave_book(struct dialogue *d)
{
	struct dialogue_book *e = d->in_use;

	book_unref(d->book);
	d->book = NULL;
	d->in_use = NULL;
	if (e != NULL && --e->users == 0 && !is_live(d->all, e->book))
		drop_entry(d->all, e);
}

static struct tally *tally_at(const struct dialogue *d, size_t screen)
{
	if (d->in_use == NULL || d->simulated || d->walk.phase == WALK_NEW || screen >= d->book->n_screens)
		return NULL;
	d->in_use->dirty = true;
	return &d->in_use->tally[screen];
}

void counts_stepped(struct dialogue *d, const struct machine_out *out)
{
	struct tally *t = tally_at(d, d->walk.screen);

	if (t == NULL)
		return;
	t->bad_inputs += out->bad_input;
	if (d->walk.phase == WALK_RESUMING || d->at_screen == d->walk.screen)
		return;
	d->at_screen = d->walk.screen;
	t->entered++;
}

void counts_shown(struct dialogue *d)
{
	d->shown_ms = clock_mono_ms(d->all->options.clock);
}

void counts_answered(struct dialogue *d)
{
	struct tally *t = tally_at(d, d->walk.screen);
	int64_t ms = clock_mono_ms(d->all->options.clock) - d->shown_ms;
	int bucket = 0;

	if (t == NULL || ms < 0)
		return;
	while (bucket < 11 && ms > (INT64_C(1000) << bucket))
		bucket++;
	t->answered++;
	t->ms_sum += (uint64_t)ms;
	t->bucket[bucket]++;
}

void counts_dropped(struct dialogue *d, enum store_drop cause)
{
	size_t screen = d->walk.screen;
	struct tally *t;

	if (d->book == NULL)
		return;
	if (cause == STORE_DROP_APP)
		screen = (size_t)(d->ask_screen - d->book->screen);
	t = tally_at(d, screen);
	if (t != NULL)
		t->drops[cause]++;
}

void counts_store(struct dialogues *ds)
{
	struct dialogue_book *e, *next;

	for (e = ds->books; e != NULL; e = next) {
		next = e->next;
		if (e->users == 0 && !is_live(ds, e->book))
			drop_entry(ds, e);
		else if (!store_book(ds, e))
			return; /* the store is full: next time */
	}
}

/* Also lets go of books that were replaced while nobody stood on them. */
void counts_tick(struct dialogues *ds, int64_t now_ms)
{
	struct dialogue_book *e, *next;

	if (now_ms >= ds->counts_at_ms) {
		ds->counts_at_ms = now_ms + DIALOGUE_COUNTS_MS;
		counts_store(ds);
		return;
	}
	for (e = ds->books; e != NULL; e = next) {
		next = e->next;
		if (e->users == 0 && !is_live(ds, e->book))
			drop_entry(ds, e);
	}
}

void counts_books(const struct dialogues *ds, struct dialogue_counters *out)
{
	out->books_old = 0;
	for (const struct dialogue_book *e = ds->books; e != NULL; e = e->next)
		out->books_old += !is_live(ds, e->book);
	out->books_live = (uint32_t)services_count(ds->options.services) + out->books_old;
}

void counts_free(struct dialogues *ds)
{
	while (ds->books != NULL) {
		struct dialogue_book *e = ds->books;

		ds->books = e->next;
		book_unref(e->book);
		free(e);
	}
}
