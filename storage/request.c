/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Request: see request.h. */
#include "storage/request.h"

#include <stdlib.h>

#include "storage/store_batch.h"

void request_push(struct request_list *list, struct request *r)
{
	r->next = NULL;
	if (list->last)
		list->last->next = r;
	else
		list->first = r;
	list->last = r;
	list->count++;
}

struct request *request_pop(struct request_list *list)
{
	struct request *r = list->first;

	if (!r)
		return NULL;
	list->first = r->next;
	if (!list->first)
		list->last = NULL;
	list->count--;
	r->next = NULL;
	return r;
}

void request_append(struct request_list *to, struct request_list *from)
{
	if (!from->first)
		return;
	if (to->last)
		to->last->next = from->first;
	else
		to->first = from->first;
	to->last = from->last;
	to->count += from->count;
	*from = (struct request_list){0};
}

void request_conclude(struct request *r)
{
	switch (r->kind) {
	case REQUEST_FIND:
		r->find.fn(r->ctx, r->find.rc, r->find.record, &r->find.resume);
		free(r);
		break;
	case REQUEST_WRITE:
		if (r->write.fn)
			r->write.fn(r->ctx, &r->write.result);
		store_batch_free(r->write.batch);
		break;
	case REQUEST_FACTS:
		r->facts.fn(r->ctx, r->facts.rc, r->facts.facts);
		free(r->facts.facts);
		free(r);
		break;
	case REQUEST_SCREENS:
		free(r->screens.row);
		free(r);
		break;
	case REQUEST_RECEIPT:
		r->receipt.fn(r->ctx, r->receipt.rc);
		free(r);
		break;
	case REQUEST_CHARGE:
	case REQUEST_CHARGES:
		request_conclude_charge(r);
		break;
	case REQUEST_NOTICE:
	case REQUEST_CLAIM:
	case REQUEST_LOOK:
		request_conclude_notices(r);
		break;
	case REQUEST_HELD:
	case REQUEST_NUMBER:
		request_conclude_limits(r);
		break;
	case REQUEST_IMPORT:
		request_conclude_import(r);
		break;
	case REQUEST_RELATIONS:
		r->relations.fn(r->ctx, r->relations.rc, r->relations.n);
		free(r);
		break;
	case REQUEST_PART:
		free(r);
		break;
	}
}
