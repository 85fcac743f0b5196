/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Store batch: the inside of a batch, for the writer.
 *
 * A list of operations in the order in which they were added, all in one region. Whoever holds the batch owns the
 * region; the request that carries it through the queue lies in the same region, so writing allocates nothing more.
 */
#ifndef STARHASH_STORAGE_STORE_BATCH_H
#define STARHASH_STORAGE_STORE_BATCH_H

#include "core/region.h"
#include "storage/request.h"
#include "storage/store.h"
#include "storage/store_charges.h"

enum op_kind {
	OP_SEEN,
	OP_LANGUAGE,
	OP_CONSENT,
	OP_SAVE,
	OP_GIVE,
	OP_NOTICE,
	OP_INTERACTION,
	OP_RESUME,
	OP_STOP,
	OP_ERASE
};

struct op {
	struct op *next;
	enum op_kind kind;
	union {
		const char *language;
		struct {
			const char *purpose, *words, *language;
			enum store_consent state;
			enum store_channel channel;
		} consent;
		struct {
			size_t field;
			const char *value; /* NULL = forget */
		} save;
		struct {
			const char *bundle, *key, *gives;
			int64_t valid_ms;
			bool is_ordered; /* at a charging system: */
			struct store_order order;
		} give;
		struct {
			const char *text;
			bool if_given, is_push;
			int64_t life_ms; /* of one that is held; 0 = it is not */
		} notice;
		struct store_interaction interaction;
		struct {
			const char *service, *screen;
		} resume;
		bool stopped;
		struct {
			enum store_channel channel;
			const char *reason;
		} erase;
	};
};

struct store_batch {
	struct region *region;
	int64_t msisdn;
	int64_t utc_ms;
	int count;
	bool gives; /* holds an OP_GIVE: */
	struct op *give;
	const char *route; /* of notices; NULL = any */
	bool leaves;
	int notices;
	struct op *first;
	struct op **tail;
	struct request request; /* used by store_write */
};

#endif
