/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apply, inside: what its two files share. apply_open.c makes the parts and their order; apply.c lets a batch go through them. */
#ifndef STARHASH_STORAGE_APPLY_PRIVATE_H
#define STARHASH_STORAGE_APPLY_PRIVATE_H

#include "storage/apply.h"
#include "storage/audit.h"
#include "storage/charges.h"
#include "storage/consents.h"
#include "storage/fold.h"
#include "storage/gives.h"
#include "storage/import.h"
#include "storage/load.h"
#include "storage/numbers.h"
#include "storage/outgoing.h"
#include "storage/profile_rows.h"
#include "storage/referrals.h"
#include "storage/relations.h"
#include "storage/requests.h"
#include "storage/sql.h"
#include "storage/store_batch.h"
#include "storage/verification.h"

enum apply_statement {
	APPLY_ST_SUBSCRIBER_ADD,
	APPLY_ST_SUBSCRIBER_SET,
	APPLY_ST_INTERACTION_ADD,
	APPLY_ST_PERSON,
	APPLY_ST_COUNT_
};

struct apply {
	sqlite3 *db;
	const struct profile *profile;
	struct load load;
	struct vault *vault; /* borrowed */
	struct outgoing_rows *outgoing;
	struct charges *charges;
	struct tombstones tombstones;
	struct limits *limits;
	struct held *held;
	struct gives *gives;
	struct numbers *numbers;
	struct consents *consents;
	struct profile_rows *rows;
	struct verification *verification;
	int64_t interaction; /* that this batch has written; 0 = none so far */
	const struct import_said
		*import;       /* what a file says of whom this batch is about; NULL: it is not from one */
	struct record *record; /* of this batch, and whether they were registered before it */
	bool was_registered;
	bool is_new;           /* nobody was behind the number before this batch */
	uint64_t added_before; /* notices, when it began */
	struct requests *requests;
	struct relations *relations;
	struct referrals *referrals;
	struct audit *audit;
	bool forgot; /* for apply_forgot */
	sqlite3_stmt *st[APPLY_ST_COUNT_];
};

/* Whom a batch of somebody else speaks of; made when they were never seen (relations.h). */
int apply_person(void *ctx, int64_t msisdn, int64_t at_ms, struct relations_person *out);

#endif
