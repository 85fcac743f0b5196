/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delivery receipts: every shape that SMSCs send, ids in every dress, and what the store makes of them, in any order, twice,
 * after a restart (promise 3: every submit_sm ends accounted for). */
#include "gateway/receipt.h"

#include "storage/parts.h"
#include "storage/query.h"
#include "tests/sms_build.h"
#include "storage/store_notices.h"
#include "tests/store_world.h"

static struct dialect d;
static struct world world;

static struct receipt read_one(uint8_t esm_class, uint8_t coding, const char *text, size_t len,
                               const struct pdu_tlv *tlv, size_t n, enum rc expected)
{
	struct receipt r = {.error = -7};
	struct sms_message s;

	sms_message_init(&s, esm_class, coding, text, len);
	for (size_t i = 0; i < n; i++)
		s.m.tlv[s.m.n_tlvs++] = tlv[i];
	ck_assert_int_eq(receipt_read(&d, &s.m, &r), expected);
	sms_message_fini(&s);
	return r;
}
#define TEXT(text) read_one(0x04, 0, (text), strlen(text), NULL, 0, RC_OK)

static void is(const struct receipt r, const char *id, enum receipt_state state, int error)
{
	ck_assert_str_eq(r.id, id);
	ck_assert_int_eq(r.state, state);
	ck_assert_int_eq(r.error, error);
}

static void setup(void)
{
	d = dialect_standard;
}

START_TEST(texts_of_all_shapes)
{
	is(TEXT("id:0123456789 sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 stat:DELIVRD err:000 text:hi"),
	   "0123456789", RECEIPT_DELIVERED, 0);
	is(TEXT("ID:ab-12 STAT:undeliv ERR:01F Text:id:zzz"), "ab-12", RECEIPT_UNDELIVERABLE, 0x1f);
	is(TEXT("id: 77 stat: EXPIRED"), "77", RECEIPT_EXPIRED, -1);
	is(TEXT("stat:REJECTD id:5"), "5", RECEIPT_REJECTED, -1);
	is(TEXT("id:5 stat:DELETED err:abcxyz"), "5", RECEIPT_DELETED, -1);
	is(TEXT("id:5 stat:ACCEPTD"), "5", RECEIPT_ACCEPTED, -1);
	is(TEXT("id:5 stat:ENROUTE"), "5", RECEIPT_ENROUTE, -1);
	is(TEXT("id:5 stat:UNKNOWN"), "5", RECEIPT_UNKNOWN, -1);
	is(TEXT("id:5 stat:Delivered"), "5", RECEIPT_DELIVERED, -1);
	(void)read_one(0x04, 0, "id:5", 4, NULL, 0, RC_SYNTAX);
	(void)read_one(0x04, 0, "stat:DELIVRD", 12, NULL, 0, RC_SYNTAX);
	(void)read_one(0x04, 0, "id:5 stat:WHATEVR", 17, NULL, 0, RC_SYNTAX);
	(void)read_one(0x04, 0, "mid:5 xstat:DELIVRD", 19, NULL, 0, RC_SYNTAX);
	(void)read_one(0x04, 0, "", 0, NULL, 0, RC_SYNTAX);
	/* an intermediate notification tells no state */
	is(read_one(0x20, 0, "id:5", 4, NULL, 0, RC_OK), "5", RECEIPT_ENROUTE, -1);
	/* UCS-2; with a user data header before it (0x44); a header that is too long leaves the rest to be read */
	is(read_one(0x04, 8,
	            "\0i\0d\0:\0"
	            "9\0 \0s\0t\0a\0t\0:\0D\0E\0L\0I\0V\0R\0D",
	            32, NULL, 0, RC_OK),
	   "9", RECEIPT_DELIVERED, -1);
	is(read_one(0x44, 0, "\x05\x00\x03\x01\x01\x01id:5 stat:DELIVRD", 23, NULL, 0, RC_OK), "5",
	   RECEIPT_DELIVERED, -1);
}
END_TEST

START_TEST(tlvs_win)
{
	const struct pdu_tlv tlv[] = {
		{PDU_TAG_RECEIPTED_MESSAGE_ID, 4, (const uint8_t *)"A1b\0"},
		{PDU_TAG_MESSAGE_STATE, 1, (const uint8_t *)"\x05"},
		{PDU_TAG_NETWORK_ERROR_CODE, 3, (const uint8_t *)"\x03\x01\x02"},
	};
	static const char text[] = "id:999 stat:DELIVRD err:000";

	is(read_one(0, 0, text, sizeof(text) - 1, tlv, 3, RC_OK), "A1b", RECEIPT_UNDELIVERABLE, 0x102);
	is(read_one(0, 0, "", 0, tlv, 2, RC_OK), "A1b", RECEIPT_UNDELIVERABLE, -1);
	is(read_one(0, 0, text, sizeof(text) - 1, tlv, 1, RC_OK), "A1b", RECEIPT_DELIVERED, 0);
	is(read_one(0, 0, text, sizeof(text) - 1, tlv + 1, 1, RC_OK), "999", RECEIPT_UNDELIVERABLE, 0);
}
END_TEST

START_TEST(texts_that_read_like_one)
{
	ck_assert(receipt_looks_like(
		"id:1 sub:001 dlvrd:001 submit date:1 done date:2 stat:DELIVRD err:000 text:"));
	ck_assert(receipt_looks_like(" ID:x stat:EXPIRED"));
	ck_assert(!receipt_looks_like("id:1 is what I typed"));
	ck_assert(!receipt_looks_like("my id:1 stat:DELIVRD"));
	ck_assert(!receipt_looks_like("JOIN"));
	ck_assert(!receipt_looks_like(""));
}
END_TEST

/* Whatever the SMSC does to an id, both sides come to the same form. */
START_TEST(ids_in_every_dress)
{
	static const struct {
		enum dialect_receipt_id how;
		const char *response, *receipt;
	} same[] = {
		{DIALECT_ID_SAME, "12345", "12345"},
		{DIALECT_ID_SAME, "0012345", "12345"},
		{DIALECT_ID_SAME, "AB12", "ab12"},
		{DIALECT_ID_SAME, "f81d4fae-7dec-11d0", "F81D4FAE-7DEC-11D0"},
		{DIALECT_ID_SAME, "0", "000"},
		{DIALECT_ID_HEX_IN_RESP, "0x1F4", "500"},
		{DIALECT_ID_HEX_IN_RESP, "1f4", "0500"},
		{DIALECT_ID_HEX_IN_RECEIPT, "500", "1F4"},
		{DIALECT_ID_HEX_IN_RECEIPT, "0000500", "000001f4"},
		{DIALECT_ID_HEX_IN_RESP, "ffffffffffffffff", "18446744073709551615"},
		/* over 64 bits: as they are */
		{DIALECT_ID_HEX_IN_RESP, "1ffffffffffffffff", "1FFFFFFFFFFFFFFFF"},
	};
	char a[RECEIPT_ID_SIZE], b[RECEIPT_ID_SIZE], forms[RECEIPT_FORMS][RECEIPT_ID_SIZE];
	unsigned n;

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		d.sms.receipt_id = same[i].how;
		receipt_id_normal(&d, true, same[i].response, a);
		receipt_id_normal(&d, false, same[i].receipt, b);
		ck_assert_str_eq(a, b);
		ck_assert_uint_eq(receipt_id_forms(&d, same[i].receipt, forms), 1);
		ck_assert_str_eq(forms[0], a);
	}
	d.sms.receipt_id = DIALECT_ID_ANY;
	n = receipt_id_forms(&d, "0500", forms);
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(forms[0], "500");
	ck_assert_str_eq(forms[1], "1f4");
	ck_assert_str_eq(forms[2], "1280");
	ck_assert_uint_eq(receipt_id_forms(&d, "1F4", forms), 2);
	ck_assert_str_eq(forms[1], "500");
	ck_assert_uint_eq(receipt_id_forms(&d, "7", forms), 1); /* the same in both */
	ck_assert_uint_eq(receipt_id_forms(&d, "abc-1", forms), 1);
	memset(a, '9', sizeof(a) - 1);
	a[sizeof(a) - 1] = '\0';
	ck_assert_uint_eq(receipt_id_forms(&d, a, forms), 1);
	ck_assert_uint_eq(strlen(forms[0]), RECEIPT_ID_SIZE - 1);
}
END_TEST

/* --- in the store -------------------------------------------------------------------------------------------- */

static void store_setup(void)
{
	setup();
	world_init(&world);
	world_open(&world);
}

static void store_teardown(void)
{
	world_end(&world);
}

static void on_claimed(void *ctx, const struct store_claimed *c)
{
	(void)ctx;
	ck_assert_uint_eq(c->n, 1);
}

/* One that is with a link. */
static int64_t notice(void)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);
	struct store_claim claim = {.max = 1};

	ck_assert_int_eq(store_batch_notice(b, "Thanks!", false), RC_OK);
	claim.id = world_write(&world, b).notice;
	ck_assert_int_eq(store_notices_claim(world.store, &claim, on_claimed, NULL), RC_OK);
	store_wait(world.store);
	return claim.id;
}

static void accepted(int64_t of, int part, int parts, const char *id)
{
	struct store_part p = {.notice = of, .part = part, .parts = parts};

	strcpy(p.ids.smsc, "home");
	p.ids.n = receipt_id_forms(&d, id, p.ids.id);
	store_part_accepted(world.store, &p);
	store_wait(world.store);
}

static void on_stored(void *ctx, enum rc rc)
{
	*(enum rc *)ctx = rc;
}

static enum rc receipt_from(const char *smsc, const char *id, enum store_delivery state)
{
	struct store_receipt r = {.state = state, .error = -1};
	enum rc rc = RC_COUNT_;

	strcpy(r.ids.smsc, smsc);
	r.ids.n = receipt_id_forms(&d, id, r.ids.id);
	ck_assert_int_eq(store_receipt_add(world.store, &r, on_stored, &rc), RC_OK);
	store_wait(world.store);
	return rc;
}
#define RECEIPT(id, state) receipt_from("home", (id), (state))

struct shown {
	char state[32], delivery[32];
};

static bool on_subscriber(void *ctx, const struct query_subscriber *s)
{
	struct shown *out = ctx;

	ck_assert_uint_ge(s->n_notices, 1);
	snprintf(out->state, sizeof(out->state), "%s", s->notice[0].state); /* newest first */
	snprintf(out->delivery, sizeof(out->delivery), "%s", s->notice[0].delivery);
	return true;
}

/* What `starhash show` would say of the newest notice. */
static void shows(const char *state, const char *delivery)
{
	struct shown n;
	struct query *q;

	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof(world.why)), RC_OK);
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN, on_subscriber, &n), RC_OK);
	query_close(q);
	ck_assert_str_eq(n.state, state);
	ck_assert_str_eq(n.delivery, delivery);
}

START_TEST(a_notice_is_what_its_parts_are)
{
	int64_t id = notice();

	shows("sending", "");
	accepted(id, 1, 2, "10a");
	accepted(id, 2, 2, "10b");
	store_notice_done(world.store, id, STORE_NOTICE_SENT);
	store_wait(world.store);
	shows("sent", "accepted");
	ck_assert_int_eq(RECEIPT("10A", STORE_DELIVERY_ENROUTE), RC_OK);
	shows("sent", "accepted"); /* the other one is not even on its way */
	ck_assert_int_eq(RECEIPT("10b", STORE_DELIVERY_DELIVERED), RC_OK);
	shows("sent", "enroute");
	ck_assert_int_eq(RECEIPT("10b", STORE_DELIVERY_DELIVERED), RC_EXISTS);
	ck_assert_int_eq(RECEIPT("10b", STORE_DELIVERY_ENROUTE), RC_EXISTS); /* late: a final state stays */
	ck_assert_int_eq(RECEIPT("10a", STORE_DELIVERY_DELIVERED), RC_OK);
	shows("sent", "delivered");
	/* the same id at another SMSC is another message */
	ck_assert_int_eq(receipt_from("other", "10a", STORE_DELIVERY_EXPIRED), RC_NOTFOUND);
	shows("sent", "delivered");
}
END_TEST

/* What the writer makes of an id and a fate that come together, here in a transaction of its own. */
static bool sent(int64_t of, const char *id)
{
	const struct store_notice_update u = {.id = of, .to = STORE_NOTICE_SENT};
	struct store_part p = {.notice = of, .part = 1, .parts = 1};
	struct parts *parts;
	bool moved = false;
	sqlite3 *db;

	strcpy(p.ids.smsc, "home");
	p.ids.n = receipt_id_forms(&d, id, p.ids.id);
	ck_assert_int_eq(sqlite3_open(world.path, &db), SQLITE_OK);
	ck_assert_int_eq(parts_new(db, &parts), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(parts_sent(parts, &p, WORLD_NOW, &u, WORLD_NOW, &moved), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	parts_free(parts);
	(void)sqlite3_close(db);
	return moved;
}

START_TEST(one_part_and_its_fate_are_one_change)
{
	int64_t id = notice();

	d.sms.receipt_id = DIALECT_ID_ANY;
	ck_assert(sent(id, "100"));
	shows("sent", "accepted");
	ck_assert_int_eq(RECEIPT("100", STORE_DELIVERY_DELIVERED), RC_OK);
	shows("sent", "delivered");
	/* its receipt came first, in the other base: what that said is taken over, and the fate is left to tell */
	ck_assert_int_eq(RECEIPT("200", STORE_DELIVERY_EXPIRED), RC_NOTFOUND);
	id = notice();
	ck_assert(!sent(id, "c8"));
	shows("sending", "expired");
	/* its run did not know: the id makes it certain */
	id = notice();
	store_notice_done(world.store, id, STORE_NOTICE_UNKNOWN);
	store_wait(world.store);
	ck_assert(!sent(id, "300"));
	shows("sent", "accepted");
	/* the SMSC counts from its start again: the newest message has the id */
	id = notice();
	ck_assert(!sent(id, "100"));
	store_notice_done(world.store, id, STORE_NOTICE_SENT);
	store_wait(world.store);
	shows("sent", "accepted");
}
END_TEST

START_TEST(one_failed_part_is_a_failed_text)
{
	int64_t id = notice();

	accepted(id, 1, 2, "1");
	accepted(id, 2, 2, "2");
	ck_assert_int_eq(RECEIPT("1", STORE_DELIVERY_EXPIRED), RC_OK);
	ck_assert_int_eq(RECEIPT("2", STORE_DELIVERY_DELIVERED), RC_OK);
	shows("sending", "expired");
}
END_TEST

/* On another bind, before the submit_sm_resp is processed. */
START_TEST(early_receipts_wait_for_their_answer)
{
	int64_t id = notice();

	ck_assert_int_eq(RECEIPT("77", STORE_DELIVERY_ENROUTE), RC_NOTFOUND);
	ck_assert_int_eq(RECEIPT("77", STORE_DELIVERY_DELIVERED), RC_NOTFOUND);
	accepted(id, 1, 1, "77");
	shows("sending", "delivered");
	/* receipts overtake each other: a final state stays */
	id = notice();
	ck_assert_int_eq(RECEIPT("78", STORE_DELIVERY_EXPIRED), RC_NOTFOUND);
	ck_assert_int_eq(RECEIPT("78", STORE_DELIVERY_ENROUTE), RC_NOTFOUND);
	accepted(id, 1, 1, "78");
	shows("sending", "expired");
	/* an hour is too long: that one was of an id that the SMSC uses again */
	id = notice();
	ck_assert_int_eq(RECEIPT("88", STORE_DELIVERY_REJECTED), RC_NOTFOUND);
	clock_fake_advance(&world.clock, 3600001);
	accepted(id, 1, 1, "88");
	shows("sending", "accepted");
}
END_TEST

START_TEST(ids_of_both_bases_meet)
{
	int64_t id = notice();

	accepted(id, 1, 1, "1F4");
	ck_assert_int_eq(RECEIPT("500", STORE_DELIVERY_DELIVERED), RC_OK);
	shows("sending", "delivered");
	id = notice();
	ck_assert_int_eq(RECEIPT("2BC", STORE_DELIVERY_DELIVERED),
	                 RC_NOTFOUND); /* early, and in the other base */
	accepted(id, 1, 1, "700");
	shows("sending", "delivered");
}
END_TEST

/* Where the base is not known an id can mean several messages: none of them loses its row to another, and the one that still
 * waits for a receipt gets it. */
START_TEST(ids_that_could_be_two)
{
	int64_t hex = notice();

	accepted(hex, 1, 1, "1f4");
	accepted(notice(), 1, 1, "500"); /* hexadecimal too, 0x500; or is it 0x1f4? */
	shows("sending", "accepted");
	ck_assert_int_eq(RECEIPT("500", STORE_DELIVERY_DELIVERED), RC_OK);
	shows("sending", "delivered");
	ck_assert_int_eq(RECEIPT("500", STORE_DELIVERY_DELIVERED), RC_OK); /* now it is the other one */
	ck_assert_int_eq(RECEIPT("500", STORE_DELIVERY_DELIVERED), RC_EXISTS);
}
END_TEST

/* An SMSC that counts from the beginning again: the newer notice has the id. */
START_TEST(ids_come_round)
{
	int64_t first = notice(), second;

	accepted(first, 1, 1, "5");
	ck_assert_int_eq(RECEIPT("5", STORE_DELIVERY_DELIVERED), RC_OK);
	second = notice();
	accepted(second, 1, 1, "5");
	shows("sending", "accepted");
	ck_assert_int_eq(RECEIPT("5", STORE_DELIVERY_UNDELIVERABLE), RC_OK);
	shows("sending", "undeliverable");
}
END_TEST

/* A run that ended before it told the fate: what the SMSC has accepted in all parts was sent, the rest is unknown, until a receipt
 * says otherwise. */
START_TEST(after_a_restart)
{
	int64_t id = notice();

	accepted(id, 1, 1, "9");
	world_close(&world);
	world_open(&world);
	shows("sent", "accepted");
	ck_assert_int_eq(RECEIPT("9", STORE_DELIVERY_DELIVERED), RC_OK);
	shows("sent", "delivered");
	id = notice();
	accepted(id, 1, 2, "10");
	world_close(&world);
	world_open(&world);
	shows("unknown", "accepted");
	accepted(id, 2, 2, "11");
	shows("sent", "accepted");
}
END_TEST

START_TEST(strays_are_bounded)
{
	struct query *q;
	sqlite3 *db;
	sqlite3_stmt *st;
	char id[16];

	for (int i = 0; i < 10050; i++) {
		struct store_receipt r = {.state = STORE_DELIVERY_DELIVERED, .ids = {.smsc = "home", .n = 1}};
		static enum rc rc;

		snprintf(id, sizeof(id), "s%d", i);
		strcpy(r.ids.id[0], id);
		ck_assert_int_eq(store_receipt_add(world.store, &r, on_stored, &rc), RC_OK);
		if (i % 1000 == 0)
			store_wait(world.store);
	}
	store_wait(world.store);
	ck_assert_int_eq(sqlite3_open(world.path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*), min(id) FROM sms_part", -1, &st, NULL),
	                 SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	ck_assert_int_eq(sqlite3_column_int(st, 0), 10000);
	ck_assert_int_eq(sqlite3_column_int(st, 1), 51); /* the oldest went */
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	/* and what is old goes while new ones come: 64 for the first and for each 32nd after it */
	clock_fake_advance(&world.clock, 8LL * 86400000);
	for (int i = 0; i < 33; i++) {
		snprintf(id, sizeof(id), "n%d", i);
		accepted(notice(), 1, 1, id);
	}
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof(world.why)), RC_OK);
	query_close(q);
	ck_assert_int_eq(sqlite3_open(world.path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*) FROM sms_part", -1, &st, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	ck_assert_int_eq(sqlite3_column_int(st, 0), 10000 - 2 * 64 + 33);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
}
END_TEST

/* The SMSC's ids lead to the number in the SMSC's logs. */
START_TEST(erased_with_the_subscriber)
{
	struct store_batch *b;

	accepted(notice(), 1, 1, "1");
	ck_assert_int_eq(RECEIPT("1", STORE_DELIVERY_DELIVERED), RC_OK);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	world_write(&world, b);
	ck_assert_int_eq(RECEIPT("1", STORE_DELIVERY_DELIVERED), RC_NOTFOUND);
}
END_TEST

START_TEST(counted_by_delivery)
{
	struct query_counts c;
	struct query *q;

	accepted(notice(), 1, 1, "1");
	accepted(notice(), 1, 1, "2");
	(void)notice();
	ck_assert_int_eq(RECEIPT("2", STORE_DELIVERY_DELIVERED), RC_OK);
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof(world.why)), RC_OK);
	ck_assert_int_eq(query_counts_read(q, &c), RC_OK);
	query_close(q);
	ck_assert_int_eq(c.deliveries[STORE_DELIVERY_ACCEPTED], 1);
	ck_assert_int_eq(c.deliveries[STORE_DELIVERY_DELIVERED], 1);
	ck_assert_int_eq(c.deliveries[STORE_DELIVERY_EXPIRED], 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("receipt");
	TCase *tc = tcase_create("receipt"), *stored = tcase_create("stored");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, texts_of_all_shapes);
	tcase_add_test(tc, tlvs_win);
	tcase_add_test(tc, texts_that_read_like_one);
	tcase_add_test(tc, ids_in_every_dress);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(stored, store_setup, store_teardown);
	tcase_add_test(stored, a_notice_is_what_its_parts_are);
	tcase_add_test(stored, one_part_and_its_fate_are_one_change);
	tcase_add_test(stored, one_failed_part_is_a_failed_text);
	tcase_add_test(stored, early_receipts_wait_for_their_answer);
	tcase_add_test(stored, ids_of_both_bases_meet);
	tcase_add_test(stored, ids_that_could_be_two);
	tcase_add_test(stored, ids_come_round);
	tcase_add_test(stored, after_a_restart);
	tcase_add_test(stored, strays_are_bounded);
	tcase_add_test(stored, erased_with_the_subscriber);
	tcase_add_test(stored, counted_by_delivery);
	suite_add_tcase(suite, stored);
	return world_run(suite);
}
