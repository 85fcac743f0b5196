/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialect: what reading (dialect_read.c) and writing (dialect_write.c) have in common.
 *
 * Invariant: pure; what a function returns depends on its arguments alone. Nothing here asks for the name of
 * a dialect: what is special about one is a member of struct dialect.
 */
#include "gateway/dialect.h"

#include <string.h>

#include "gateway/dialect_table.h"

const char *dialect_kind_name(enum dialect_kind k)
{
	switch (k) {
	case DIALECT_BEGIN:
		return "begin";
	case DIALECT_CONTINUE:
		return "continue";
	case DIALECT_ABORT:
		return "abort";
	case DIALECT_ACK:
		return "ack";
	case DIALECT_SMS:
		return "sms";
	case DIALECT_RECEIPT:
		return "receipt";
	}
	return "unknown";
}

bool dialect_session_same(const struct dialect_session *a, const struct dialect_session *b)
{
	if (a->n_kept != b->n_kept)
		return false;
	for (size_t i = 0; i < a->n_kept; i++) {
		const struct dialect_kept *x = &a->kept[i], *y = &b->kept[i];

		if (x->tag != y->tag || x->length != y->length || memcmp(x->value, y->value, x->length) != 0)
			return false;
	}
	return true;
}

bool dialect_session_fits(const struct dialect_session *a, const struct dialect_session *b)
{
	return !a->has_id || !b->has_id || a->id == b->id;
}

static bool says_by_op(const struct dialect *d)
{
	for (size_t i = 0; i < DIALECT_SAYS; i++)
		if (d->op_out[i].present)
			return true;
	return false;
}

bool dialect_can_say(const struct dialect *d, enum dialect_say how)
{
	switch (how) {
	case DIALECT_SAY_CONTINUE:
	case DIALECT_SAY_END:
		return true; /* the loader sees to it that a dialect which says anything by op says these */
	case DIALECT_SAY_PUSH:
	case DIALECT_SAY_NOTIFY:
		return d->can_push && (d->op_out[how].present || !says_by_op(d));
	case DIALECT_SAY_RELEASE:
		return d->op_out[how].present;
	}
	return false;
}

void dialect_limits(const struct dialect *d, size_t *septets, size_t *units)
{
	*septets = d->max_septets;
	*units = d->ucs2 ? d->max_units : 0;
}
