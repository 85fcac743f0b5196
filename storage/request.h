/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Request: one question or order on its way through the store, with the place for its answer.
 *
 * Owned by exactly one list at a time: waiting, in a round, or done. It is freed after its callback ran. The request
 * of a write lies inside its batch; the others are allocated.
 */
#ifndef STARHASH_STORAGE_REQUEST_H
#define STARHASH_STORAGE_REQUEST_H

#include "storage/store.h"
#include "storage/store_charges.h"
#include "storage/store_limits.h"
#include "storage/store_notices.h"
#include "storage/store_relations.h"

enum request_kind {
	REQUEST_FIND,
	REQUEST_FACTS,
	REQUEST_WRITE,
	REQUEST_NOTICE,
	REQUEST_SCREENS,
	REQUEST_PART,
	REQUEST_RECEIPT,
	REQUEST_CHARGE,
	REQUEST_CHARGES,
	REQUEST_HELD,
	REQUEST_NUMBER,
	REQUEST_CLAIM,
	REQUEST_RELATIONS,
	REQUEST_LOOK,
	REQUEST_IMPORT
};

/* Does it only read? */
#define REQUEST_READS(r)                                                                            \
	((r)->kind == REQUEST_FIND || (r)->kind == REQUEST_FACTS || (r)->kind == REQUEST_CHARGES || \
	 (r)->kind == REQUEST_LOOK)

struct charge_work; /* storage/charges.h */
struct charge_page;
struct held_work;     /* storage/held.h */
struct import_work;   /* storage/import.h */
struct number_work;   /* storage/numbers.h */
struct outgoing_page; /* storage/outgoing.h */

struct request {
	struct request *next;
	enum request_kind kind;
	uint64_t ticket; /* order of arrival, for store_wait */
	bool is_later;   /* nobody waits for it: see store_write_later */
	void *ctx;
	union {
		struct {
			int64_t msisdn;
			int64_t now_ms;
			store_found_fn *fn;
			enum rc rc;
			struct record *record;
			struct store_resume resume;
		} find;
		struct {
			int64_t msisdn;
			int64_t now_ms;
			store_facts_fn *fn;
			enum rc rc;
			struct store_facts *facts;
		} facts;
		struct {
			struct store_batch *batch;
			store_written_fn *fn;
			struct store_result result;
		} write;
		struct {
			int64_t at_ms;
			struct store_notice_update update;
			store_moved_fn *fn; /* NULL = nobody is told */
			enum rc rc;
		} notice;
		struct {
			int64_t at_ms;
			struct outgoing_page *page; /* owned */
			store_claimed_fn *fn;
		} claim;
		struct {
			int64_t at_ms;
			struct store_notices_waiting *waiting; /* owned */
			store_waiting_fn *fn;
		} look;
		struct {
			int64_t day;
			size_t n;
			struct store_screen_count *row;
		} screens;
		struct {
			int64_t at_ms;
			struct store_part part;
		} part;
		struct {
			int64_t at_ms;
			store_receipt_fn *fn;
			enum rc rc;
			struct store_receipt receipt;
		} receipt;
		struct {
			struct charge_work *work; /* owned */
			store_charge_fn *fn;
		} charge;
		struct {
			struct held_work *work; /* owned */
			store_held_fn *fn;
		} held;
		struct {
			struct import_work *work; /* owned */
		} import;
		struct {
			struct number_work *work; /* owned */
			store_number_fn *fn;
		} number;
		struct {
			struct charge_page *page; /* owned */
			store_charges_fn *fn;
		} charges;
		struct {
			int64_t at_ms;
			int64_t n;
			store_expired_fn *fn;
			enum rc rc;
		} relations;
	};
};

struct request_list {
	struct request *first, *last;
	size_t count;
};

void request_push(struct request_list *list, struct request *r);
struct request *request_pop(struct request_list *list); /* NULL when empty */
/* All of `from` behind `to`; `from` is empty afterwards. */
void request_append(struct request_list *to, struct request_list *from);

/* Run its callback and free it. */
void request_conclude(struct request *r);
void request_conclude_charge(struct request *r);  /* the kinds of store_charges.c */
void request_conclude_limits(struct request *r);  /* those of store_limits.c */
void request_conclude_notices(struct request *r); /* those of store_notices.c that tell something */
void request_conclude_import(struct request *r);  /* of store_import.c */

#endif
