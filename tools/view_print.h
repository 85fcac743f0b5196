/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One subscriber for people: what gateway/view.h has as JSON, as text on stdout. */
#ifndef STARHASH_TOOLS_VIEW_PRINT_H
#define STARHASH_TOOLS_VIEW_PRINT_H

#include "gateway/view.h"

void view_print(const struct query_subscriber *s, const struct view_options *o);

#endif
