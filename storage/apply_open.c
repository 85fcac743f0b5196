/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apply: its parts, each with its statements on the one connection, in the order in which they need each other. */
#include <stdlib.h>

#include "storage/apply_private.h"

static const char *const texts[APPLY_ST_COUNT_] = {
	[APPLY_ST_SUBSCRIBER_ADD] =
		"INSERT INTO subscriber (msisdn, state, language, first_seen, last_seen, stopped, "
		"resume_service, resume_screen, resume_at, swapped, imported) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
		"?9, ?10, ?11)",
	[APPLY_ST_SUBSCRIBER_SET] =
		"UPDATE subscriber SET state = ?2, language = ?3, first_seen = ?4, last_seen = ?5, "
		"stopped = ?6, resume_service = ?7, resume_screen = ?8, resume_at = ?9 WHERE id = ?1",
	[APPLY_ST_INTERACTION_ADD] =
		"INSERT INTO interaction (subscriber, channel, inbound, service, last_screen, language, "
		"outcome, steps, began, ended, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
	[APPLY_ST_PERSON] = "SELECT id, stopped, language FROM subscriber WHERE msisdn = ?1",
};

/* What the parts below share one connection for. */
static int parts_new_all(struct apply *a, const struct apply_options *o)
{
	struct relations_with relates = {
		.stand = &a->load.stand, .source = &a->interaction, .person = apply_person, .ctx = a};
	int code = tombstones_init(&a->tombstones, a->db, o->key, false);

	a->load.tombstones = &a->tombstones;
	a->load.vault = a->vault = o->vault;
	if (code == SQLITE_OK)
		code = audit_new(a->db, o->audit_key, &a->audit);
	if (code == SQLITE_OK)
		audit_set_operator(a->audit, o->operator);
	if (code == SQLITE_OK)
		code = consents_new(a->db, a->profile, &a->consents);
	if (code == SQLITE_OK)
		code = profile_rows_new(a->db, a->profile, o->vault, &a->rows);
	if (code == SQLITE_OK)
		code = verification_new(a->db, o->vault, &a->verification);
	if (code == SQLITE_OK)
		code = outgoing_new(a->db, o->vault, &a->outgoing);
	if (code == SQLITE_OK)
		code = charges_new(a->db, o->vault, a->outgoing, a->audit, &a->charges);
	if (code == SQLITE_OK)
		code = limits_new(a->db, o->limits, &a->tombstones, &a->limits);
	if (code == SQLITE_OK)
		code = held_new(a->db, o->vault, a->charges, a->limits, a->outgoing, a->audit, &a->held);
	if (code == SQLITE_OK)
		code = requests_new(a->db, &a->requests);
	if (code == SQLITE_OK)
		relates.outgoing = a->outgoing, relates.consents = a->consents,
		relates.tombstones = &a->tombstones;
	if (code == SQLITE_OK)
		code = relations_new(a->db, &relates, &a->relations);
	if (code == SQLITE_OK)
		code = referrals_new(a->db, &a->tombstones, &a->referrals);
	if (code == SQLITE_OK)
		code = gives_new(a->db, a->charges, a->limits, a->held, &a->tombstones, &a->gives);
	return code == SQLITE_OK ? numbers_new(a->db, a->charges, a->held, a->outgoing, &a->tombstones,
	                                       a->audit, &a->numbers)
	                         : code;
}

int apply_new(sqlite3 *db, const struct apply_options *o, struct apply **out)
{
	struct apply *a = calloc(1, sizeof *a);
	int code;

	if (!a)
		return SQLITE_NOMEM;
	a->db = db;
	a->profile = o->profile;
	code = load_init(&a->load, db, o->profile);
	if (code == SQLITE_OK)
		code = parts_new_all(a, o);
	for (int i = 0; i < APPLY_ST_COUNT_ && code == SQLITE_OK; i++) {
		if (texts[i])
			code = sql_prepare(db, texts[i], &a->st[i]);
	}
	if (code != SQLITE_OK) {
		apply_free(a);
		return code;
	}
	*out = a;
	return SQLITE_OK;
}

void apply_free(struct apply *a)
{
	if (!a)
		return;
	for (int i = 0; i < APPLY_ST_COUNT_; i++)
		(void)sqlite3_finalize(a->st[i]);
	load_fini(&a->load);
	profile_rows_free(a->rows);
	verification_free(a->verification);
	consents_free(a->consents);
	numbers_free(a->numbers);
	requests_free(a->requests);
	relations_free(a->relations);
	referrals_free(a->referrals);
	gives_free(a->gives);
	held_free(a->held);
	limits_free(a->limits);
	charges_free(a->charges);
	outgoing_free(a->outgoing);
	tombstones_fini(&a->tombstones);
	audit_free(a->audit);
	free(a);
}
