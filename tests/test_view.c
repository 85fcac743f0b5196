/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The single view: nothing private is in it unless it was named in the audit, whatever part it would come by; and what
 * is there is whole: where each value comes from, what it was before, who belongs to whom, every touch up to the limit. */
#include "gateway/view.h"

#include <jansson.h>

#include "storage/store_limits.h"
#include "tests/store_world.h"

#define OTHER_MSISDN 254700000002

static struct world world;
static struct query *query;
static struct view_reveal reveal;

static void setup(void)
{
	world_init(&world);
	world_open(&world);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	ck_assert_int_eq(world_write(&world, world_registration(OTHER_MSISDN)).rc, RC_OK);
}

static void teardown(void)
{
	query_close(query);
	query = NULL;
	world_end(&world);
}

static void open_query(void)
{
	if (!query)
		ck_assert_int_eq(query_open(world.path, &world.profile, &query, world.why, sizeof world.why),
		                 RC_OK);
}

static void change(size_t field, const char *value)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_save(b, field, value), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

struct seen {
	struct view_options options;
	char *text;
	json_t *json;
};

static bool see_one(void *ctx, const struct query_subscriber *s)
{
	struct seen *seen = ctx;

	seen->text = view_json(s, &seen->options, false);
	ck_assert_ptr_nonnull(seen->text);
	seen->json = json_loads(seen->text, 0, NULL);
	ck_assert_ptr_nonnull(seen->json);
	return true;
}

static bool look_one(void *ctx, const struct query_subscriber *s)
{
	view_look(s, ctx);
	return true;
}

static struct seen see(bool reveals)
{
	struct seen seen = {.options = {.now_ms = WORLD_NOW}};

	open_query();
	if (reveals) {
		ck_assert_int_eq(query_by_msisdn(query, WORLD_MSISDN, look_one, &reveal), RC_OK);
		ck_assert_int_eq(query_reveal(query), RC_OK);
		seen.options.reveal = &reveal;
	}
	ck_assert_int_eq(query_by_msisdn(query, WORLD_MSISDN, see_one, &seen), RC_OK);
	return seen;
}

static void forget(struct seen *seen)
{
	free(seen->text);
	json_decref(seen->json);
}

static const char *text_at(const json_t *o, const char *part, int i, const char *member)
{
	const json_t *list = json_object_get(o, part);

	return json_string_value(json_object_get(i < 0 ? list : json_array_get(list, (size_t)i), member));
}

/* A relation with the other, a proof, a name that was changed: the ways by which something private could come. */
static void make_private(void)
{
	change(FIELD_NAME, "Achieng");
	ck_assert_int_eq(
		world_exec(
			&world,
			"INSERT INTO relation (a, b, type, state, most, made, lasts, expires) VALUES "
			"(1, 2, 'household', 'accepted', 6, 1795300000000, 1, 1795300000001), "
			"(2, 1, 'business', 'invited', 6, 1795300000002, 1, 1795300000003);"
			"INSERT INTO verification (subscriber, at, proof) VALUES (1, 1795300000000, 'ID 12345678')"),
		SQLITE_OK);
}

START_TEST(test_masked)
{
	static const char *const hidden[] = {"Asha", "Achieng", "12345678", "254700000002"};
	struct seen seen;

	make_private();
	seen = see(false);
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		ck_assert_msg(!strstr(seen.text, hidden[i]), "%s: %s", hidden[i], seen.text);
	ck_assert_str_eq(text_at(seen.json, "profile", -1, "name"), "***");
	ck_assert_str_eq(text_at(seen.json, "profile", -1, "town"), "Kisumu");
	ck_assert_str_eq(text_at(seen.json, "changes", 0, "was"), "***");
	ck_assert_str_eq(text_at(seen.json, "relations", 0, "other"), "***");
	ck_assert_str_eq(text_at(seen.json, "verifications", 0, "proof"), "***");
	ck_assert(json_is_null(json_object_get(json_object_get(seen.json, "profile"), "note")));
	forget(&seen);
}
END_TEST

/* profile.conf has been changed, and nobody has started the daemon with it, which refuses it: what was told as private stays
 * masked, also beside what is revealed, and is never shown as it lies there. */
START_TEST(test_private_taken_away)
{
	struct seen seen;

	make_private();
	world.profile.field[FIELD_NAME].is_private = false;
	seen = see(_i == 1);
	ck_assert_str_eq(text_at(seen.json, "profile", -1, "name"), "***");
	ck_assert_str_eq(text_at(seen.json, "changes", 0, "was"), "***");
	ck_assert_str_eq(text_at(seen.json, "profile", -1, "town"), "Kisumu");
	ck_assert_msg(!strstr(seen.text, "~A") && !strstr(seen.text, "Asha"), "%s", seen.text);
	forget(&seen);
}
END_TEST

START_TEST(test_revealed)
{
	struct seen seen;

	make_private();
	seen = see(true);
	ck_assert_str_eq(reveal.action, "reveal name proof relations");
	ck_assert_int_eq(reveal.subject, 1);
	ck_assert_str_eq(text_at(seen.json, "profile", -1, "name"), "Achieng");
	ck_assert_str_eq(text_at(seen.json, "changes", 0, "was"), "Asha");
	ck_assert_str_eq(text_at(seen.json, "changes", 0, "why"), "changed");
	ck_assert_str_eq(text_at(seen.json, "relations", 0, "other"), "254700000002");
	ck_assert_str_eq(text_at(seen.json, "relations", 0, "asked_by"), "this one");
	ck_assert_str_eq(text_at(seen.json, "relations", 1, "asked_by"), "the other");
	ck_assert_str_eq(text_at(seen.json, "verifications", 0, "proof"), "ID 12345678");
	forget(&seen);
}
END_TEST

/* What came between the look and the reading is not in the audit, and is not shown. */
START_TEST(test_not_named)
{
	struct seen seen;

	world.profile.field[FIELD_NOTE].is_private = true;
	world_close(&world);
	world_open(&world);
	open_query();
	ck_assert_int_eq(query_by_msisdn(query, WORLD_MSISDN, look_one, &reveal), RC_OK);
	ck_assert_str_eq(reveal.action, "reveal name");
	ck_assert_int_eq(query_reveal(query), RC_OK);
	change(FIELD_NOTE, "a secret");
	seen = (struct seen){.options = {.now_ms = WORLD_NOW, .reveal = &reveal}};
	ck_assert_int_eq(query_by_msisdn(query, WORLD_MSISDN, see_one, &seen), RC_OK);
	ck_assert_str_eq(text_at(seen.json, "profile", -1, "name"), "Asha");
	ck_assert_str_eq(text_at(seen.json, "profile", -1, "note"), "***");
	forget(&seen);
}
END_TEST

START_TEST(test_nothing_private)
{
	struct store_batch *b = world_batch(254700000003);

	ck_assert_int_eq(store_batch_seen(b), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	open_query();
	ck_assert_int_eq(query_by_msisdn(query, 254700000003, look_one, &reveal), RC_OK);
	ck_assert_str_eq(reveal.action, "reveal nothing: nothing private is known");
}
END_TEST

START_TEST(test_provenance)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);
	struct seen seen;
	const json_t *name;

	ck_assert_int_eq(store_batch_from(b, "ussd", 80), RC_OK);
	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, "Achieng"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	seen = see(false);
	name = json_object_get(json_object_get(seen.json, "provenance"), "name");

	ck_assert_str_eq(json_string_value(json_object_get(name, "channel")), "ussd");
	ck_assert_int_eq(json_integer_value(json_object_get(name, "consent")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(name, "confidence")), 80);
	ck_assert_ptr_null(
		json_object_get(json_object_get(seen.json, "provenance"), "note")); /* it has no value */
	ck_assert_str_eq(text_at(seen.json, "known", -1, "by"), "ussd");
	ck_assert_str_eq(text_at(seen.json, "bundles", 0, "gives"), "100 MB");
	ck_assert(json_is_false(json_object_get(seen.json, "daemon")));
	ck_assert(json_is_null(json_object_get(seen.json, "dialogue")));
	forget(&seen);
}
END_TEST

/* What the daemon adds; and an answer of one that knows no such question. */
START_TEST(test_live)
{
	struct seen seen = {
		.options = {.now_ms = WORLD_NOW,
	                    .live = "{\"ok\":true,\"dialogue\":{\"service\":\"join\"},\"balance\":null}"}};

	open_query();
	ck_assert_int_eq(query_by_msisdn(query, WORLD_MSISDN, see_one, &seen), RC_OK);
	ck_assert(json_is_true(json_object_get(seen.json, "daemon")));
	ck_assert_str_eq(text_at(seen.json, "dialogue", -1, "service"), "join");
	forget(&seen);
	seen = (struct seen){
		.options = {.now_ms = WORLD_NOW, .live = "{\"ok\":false,\"error\":\"unknown command\"}"}};
	ck_assert_int_eq(query_by_msisdn(query, WORLD_MSISDN, see_one, &seen), RC_OK);
	ck_assert(json_is_false(json_object_get(seen.json, "daemon")));
	forget(&seen);
}
END_TEST

START_TEST(test_limit)
{
	struct seen seen;

	ck_assert_int_eq(
		world_exec(
			&world,
			"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
			"INSERT INTO interaction (subscriber, channel, inbound, service, last_screen, language, "
			"outcome, steps, began, ended) SELECT 1, 'sms', 1, 'join', 's' || i, 'en', 'completed', 1, "
			"1795300000000 + i, 1795300000000 + i FROM n"),
		SQLITE_OK);
	seen = see(false);
	ck_assert_uint_eq(json_array_size(json_object_get(seen.json, "interactions")),
	                  QUERY_MAX_INTERACTIONS);
	ck_assert_str_eq(text_at(seen.json, "interactions", 0, "last_screen"), "s500"); /* newest first */
	ck_assert_str_eq(text_at(seen.json, "interactions", 99, "last_screen"), "s401");
	forget(&seen);
	query_limit(query, 7);
	seen = see(false);
	ck_assert_uint_eq(json_array_size(json_object_get(seen.json, "interactions")), 7);
	forget(&seen);
	query_limit(query, QUERY_LIMIT_MAX + 1);
	seen = see(false);
	ck_assert_uint_eq(json_array_size(json_object_get(seen.json, "interactions")), 501);
	forget(&seen);
}
END_TEST

static void on_number(void *ctx, const struct store_number_result *result)
{
	*(struct store_number_result *)ctx = *result;
}

/* A number that went to somebody else: who had it then is found, and shown without it. */
START_TEST(test_holder)
{
	struct seen seen = {.options = {.now_ms = WORLD_NOW}};
	struct store_number_result r = {.rc = RC_IO};
	int64_t id = 0;

	ck_assert_int_eq(store_number_note(world.store, WORLD_MSISDN, STORE_NUMBER_RECYCLED, WORLD_NOW + 1000,
	                                   on_number, &r),
	                 RC_OK);
	store_wait(world.store);
	ck_assert(r.rc == RC_OK && r.detached);
	open_query();
	ck_assert_int_eq(query_by_msisdn(query, WORLD_MSISDN, look_one, &reveal), RC_NOTFOUND);
	ck_assert_int_eq(query_holder_at(query, WORLD_MSISDN, WORLD_NOW, &id), RC_OK);
	ck_assert_int_eq(id, 1);
	ck_assert_int_eq(query_holder_at(query, WORLD_MSISDN, WORLD_NOW - 86400000, &id), RC_NOTFOUND);
	ck_assert_int_eq(query_holder_at(query, WORLD_MSISDN, WORLD_NOW + 86400000, &id), RC_NOTFOUND);
	ck_assert_int_eq(query_by_id(query, 1, see_one, &seen), RC_OK);
	ck_assert(json_is_null(json_object_get(seen.json, "msisdn")));
	ck_assert_str_eq(text_at(seen.json, "numbers", 0, "why"), "recycled");
	ck_assert_str_eq(text_at(seen.json, "profile", -1, "town"), "Kisumu");
	forget(&seen);
	ck_assert_int_eq(query_by_id(query, 99, see_one, &seen), RC_NOTFOUND);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("view");
	TCase *t = tcase_create("view");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_masked);
	tcase_add_loop_test(t, test_private_taken_away, 0, 2);
	tcase_add_test(t, test_revealed);
	tcase_add_test(t, test_not_named);
	tcase_add_test(t, test_nothing_private);
	tcase_add_test(t, test_provenance);
	tcase_add_test(t, test_live);
	tcase_add_test(t, test_limit);
	tcase_add_test(t, test_holder);
	suite_add_tcase(suite, t);
	return world_run(suite);
}
