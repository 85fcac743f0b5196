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
#include "storage/store_relations.h"

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
	OP_COPY,
	OP_VERIFY,
	OP_INVITE,
	OP_ANSWER,
	OP_LEAVE,
	OP_REFER,
	OP_ERASE
};

struct op {
	struct op *next;
	enum op_kind kind;
	union {
		const char *language;
		struct store_agreement consent; /* no text of it is NULL */
		struct {
			size_t field;
			const char *value; /* NULL = forget */
			const char *channel;
			int confidence;
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
		struct {
			bool stopped;
			enum store_channel channel;
		} stop;
		struct {
			const char *proof; /* NULL: it is taken back */
			const char *reason;
		} verify;
		enum store_channel copy_by;
		const struct store_invite *invite; /* no text of it is NULL */
		struct {
			bool yes;
			enum store_channel channel;
			const char *route;
		} answer;
		struct {
			const char *type, *words, *language, *route;
			int64_t msisdn;
			enum store_channel channel;
		} leave;
		struct {
			int64_t msisdn;
		} refer;
		struct {
			enum store_channel channel;
			const char *reason;
		} erase;
	};
};

struct import_said; /* storage/import.h */

struct store_batch {
	struct region *region;
	int64_t msisdn;
	int64_t only; /* nothing is written unless the number is this subscriber's; 0 = whoever has it */
	int64_t utc_ms;
	int count, count_max;
	struct import_said *import; /* what only a file can say; NULL = it does not come from one */
	bool gives;                 /* holds an OP_GIVE: */
	struct op *give;
	const char *from; /* of values; NULL = CONFIDENCE_TOLD by the operator */
	int confidence;
	const char *route;       /* of notices; NULL = any */
	const char *route_other; /* of notices to others (store_relations.h); NULL = any */
	bool relates;            /* holds an OP_INVITE, _ANSWER, _LEAVE or _REFER */
	bool leaves;
	int notices;
	struct op *first;
	struct op **tail;
	struct request request; /* used by store_write */
};

/* For rows of a file, which may be longer than what a dialogue has to say. NULL when memory is out. */
struct store_batch *store_batch_new_large(int64_t msisdn, int64_t utc_ms, int count_max, size_t bytes_max);

/* For the files that add operations: a copy in the batch's region (NULL is ""; *failed when there is no room), and the
 * operation itself, linked when nothing failed. */
const char *store_batch_text(struct store_batch *b, const char *text, bool *failed);
enum rc store_batch_add(struct store_batch *b, const struct op *op, bool failed) RC_NODISCARD;

#endif
