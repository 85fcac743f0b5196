/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Services: the set of books that is live, and their conditions.
 *
 * A reload builds a new set and swaps; dialogues keep their own book (promise 5). An invalid file
 * changes nothing.
 */
#ifndef STARHASH_GATEWAY_SERVICES_H
#define STARHASH_GATEWAY_SERVICES_H

#include "core/findings.h"
#include "gateway/config.h"
#include "menus/book.h"
#include "storage/condition.h"

struct services;

/* Load and check every menu file of the configuration (borrowed; must outlive). The set is made only
 * when nothing is an error. Returns RC_OK; RC_SYNTAX (findings say); RC_NOMEM. */
enum rc services_new(const struct config *config, struct findings *findings,
                     struct services **out) RC_NODISCARD;
void services_free(struct services *s);
/* Load again; on RC_OK the new books are live and *changed counts those that differ. Otherwise
 * nothing changed. */
enum rc services_reload(struct services *s, struct findings *findings, int *changed) RC_NODISCARD;

/* The same in two steps, for a look in between. services_prepare: the set to come, complete and free of errors, into
 * *out; nothing is live yet. services_swap makes it live and frees it; so does services_next_free without that.
 * Returns RC_OK; RC_SYNTAX (findings say); RC_NOMEM. */
struct services_next;
enum rc services_prepare(const struct services *s, struct findings *findings,
                         struct services_next **out) RC_NODISCARD;
struct book *services_next_at(const struct services_next *next,
                              size_t i); /* the live one itself when it is the same */
int services_swap(struct services *s, struct services_next *next); /* returns how many books differ */
void services_next_free(struct services_next *next);               /* NULL is fine */

/* Borrowed; take book_ref to keep one. NULL = nobody answers. */
struct book *services_by_dialled(const struct services *s, const char *dialled);
struct book *services_by_sms(const struct services *s, const char *text, int *keyword);
struct book *services_by_name(const struct services *s, const char *name);
size_t services_count(const struct services *s);
struct book *services_at(const struct services *s, size_t i);

struct conditions *services_conditions(const struct services *s);

#endif
