/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading and checking menu files against a configuration: for the live set and for `starhash check`. */
#ifndef STARHASH_GATEWAY_SERVICES_LOAD_H
#define STARHASH_GATEWAY_SERVICES_LOAD_H

#include <stddef.h>

#include "core/findings.h"
#include "core/rc.h"
#include "gateway/config.h"
#include "menus/book.h"
#include "storage/condition.h"

/* The bundles of the configuration as menus see them: room for n_bundles of each. Borrows the configuration. */
void services_bundles(const struct config *config, const char **names, struct book_bundle *bundles);

/* Load, check each, check them together. book[i] is the book of paths[i] with one reference, or NULL when that
 * file has errors of shape; checks alone do not take a book away. `conditions` must outlive the books.
 * Returns RC_OK (nothing was an error); RC_SYNTAX (findings say); RC_RANGE (n over CONFIG_MAX_SERVICES); RC_NOMEM. */
enum rc services_load(const struct config *config, struct conditions *conditions, char *const *paths,
                      size_t n, struct findings *findings, struct book **book) RC_NODISCARD;
/* The same; `progress` (NULL = nobody looks) hears before each file how many are done. */
typedef void services_progress_fn(void *ctx, size_t done, size_t all);
enum rc services_load_watched(const struct config *config, struct conditions *conditions, char *const *paths,
                              size_t n, struct findings *findings, struct book **book,
                              services_progress_fn *progress, void *ctx) RC_NODISCARD;

#endif
