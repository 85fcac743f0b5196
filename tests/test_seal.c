/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing: what was sealed opens with its key, in its place, unchanged; and nothing else does. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "core/seal.h"
#include "tests/run_suite.h"

static uint8_t key[SEAL_KEY_SIZE], other[SEAL_KEY_SIZE];
static const char context[] = "profile.name";

static void setup(void)
{
	seal_start();
	digest_random(key, sizeof key);
	digest_random(other, sizeof other);
}

/* draft-irtf-cfrg-xchacha-03, A.3.1: the cipher is the one that its name says, whatever this processor does best. */
START_TEST(as_the_standard_has_it)
{
	static const char plain[] =
		"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
		"future, sunscreen would be it.";
	static const uint8_t aad[] = {0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7};
	static const uint8_t first[] = {0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b};
	static const uint8_t tag[] = {0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79,
	                              0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49};
	uint8_t k[SEAL_KEY_SIZE], nonce[SEAL_NONCE_SIZE], out[sizeof plain - 1 + SEAL_OVER];

	for (size_t i = 0; i < sizeof k; i++)
		k[i] = (uint8_t)(0x80 + i);
	for (size_t i = 0; i < sizeof nonce; i++)
		nonce[i] = (uint8_t)(0x40 + i);
	seal_bytes_with(k, nonce, aad, sizeof aad, plain, sizeof plain - 1, out);
	ck_assert_mem_eq(out, nonce, sizeof nonce);
	ck_assert_mem_eq(out + sizeof nonce, first, sizeof first);
	ck_assert_mem_eq(out + sizeof out - sizeof tag, tag, sizeof tag);
}
END_TEST

START_TEST(any_length_comes_back)
{
	static char plain[SEAL_TEXT_MAX + 2], back[SEAL_TEXT_MAX + 1], sealed[SEAL_TEXT_SIZE(SEAL_TEXT_MAX)];

	for (size_t n = 0; n <= SEAL_TEXT_MAX; n += n < 200 ? 1 : 97) {
		memset(plain, 'a' + (int)(n % 26), n);
		plain[n] = '\0';
		ck_assert_int_eq(seal_text(key, context, sizeof context, plain, sealed, SEAL_TEXT_SIZE(n)),
		                 RC_OK);
		ck_assert_uint_lt(strlen(sealed), SEAL_TEXT_SIZE(n));
		ck_assert(seal_is_text(sealed));
		ck_assert(n < 4 || !strstr(sealed, plain));
		ck_assert_int_eq(seal_untext(key, context, sizeof context, sealed, back, n + 1), RC_OK);
		ck_assert_str_eq(back, plain);
		if (n > 0)
			ck_assert_int_eq(seal_untext(key, context, sizeof context, sealed, back, n),
			                 RC_RANGE);
	}
	memset(plain, 'x', SEAL_TEXT_MAX + 1);
	ck_assert_int_eq(seal_text(key, context, sizeof context, plain, sealed, sizeof sealed), RC_RANGE);
	ck_assert_int_eq(seal_text(key, context, sizeof context, "Asha", sealed, SEAL_TEXT_SIZE(4) - 1),
	                 RC_RANGE);
}
END_TEST

START_TEST(opens_nowhere_else)
{
	char sealed[SEAL_TEXT_SIZE(64)], back[65] = "as it was";

	ck_assert_int_eq(seal_text(key, context, sizeof context, "Asha Wanjiru", sealed, sizeof sealed),
	                 RC_OK);
	ck_assert_int_eq(seal_untext(other, context, sizeof context, sealed, back, sizeof back), RC_STATE);
	ck_assert_int_eq(seal_untext(key, "profile.town", 13, sealed, back, sizeof back), RC_STATE);
	ck_assert_int_eq(seal_untext(key, context, sizeof context - 1, sealed, back, sizeof back), RC_STATE);
	ck_assert_str_eq(back, "as it was");
}
END_TEST

/* Every letter changed into another, taken out, put twice; cut at every place. */
START_TEST(changed_is_noticed)
{
	char sealed[SEAL_TEXT_SIZE(64)], bad[SEAL_TEXT_SIZE(64) + 2], back[65];
	size_t len;

	ck_assert_int_eq(seal_text(key, context, sizeof context, "Asha Wanjiru", sealed, sizeof sealed),
	                 RC_OK);
	len = strlen(sealed);
	for (size_t i = 0; i < len; i++) {
		for (const char *c = "A~_-z09b+/= "; *c; c++) {
			memcpy(bad, sealed, len + 1);
			bad[i] = *c;
			if (bad[i] != sealed[i])
				ck_assert_int_eq(
					seal_untext(key, context, sizeof context, bad, back, sizeof back),
					RC_STATE);
		}
		memcpy(bad, sealed, i);
		memcpy(bad + i, sealed + i + 1, len - i);
		ck_assert_int_eq(seal_untext(key, context, sizeof context, bad, back, sizeof back), RC_STATE);
		memcpy(bad, sealed, i + 1);
		memcpy(bad + i + 1, sealed + i, len - i + 1);
		ck_assert_int_eq(seal_untext(key, context, sizeof context, bad, back, sizeof back), RC_STATE);
		(void)snprintf(bad, sizeof bad, "%.*s", (int)i, sealed);
		ck_assert_int_eq(seal_untext(key, context, sizeof context, bad, back, sizeof back), RC_STATE);
	}
}
END_TEST

START_TEST(nobody_types_one)
{
	static const char *const typed[] = {
		"",
		"~",
		"~A",
		"Asha",
		"~~~~",
		"~Asha Wanjiru",
		"~AQ",
		"~AQ=============================================================",
		"~AQ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

	for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++)
		ck_assert_msg(!seal_is_text(typed[i]), "%s", typed[i]);
}
END_TEST

/* The same text twice is two texts; keys made of one key are strangers. */
START_TEST(nothing_comes_twice)
{
	char one[SEAL_TEXT_SIZE(8)], two[SEAL_TEXT_SIZE(8)];
	uint8_t a[SEAL_KEY_SIZE], b[SEAL_KEY_SIZE], c[SEAL_KEY_SIZE];

	ck_assert_int_eq(seal_text(key, context, sizeof context, "Asha", one, sizeof one), RC_OK);
	ck_assert_int_eq(seal_text(key, context, sizeof context, "Asha", two, sizeof two), RC_OK);
	ck_assert_str_ne(one, two);
	seal_subkey(key, "operator", 1, a);
	seal_subkey(key, "operator", 2, b);
	seal_subkey(key, "keyring_", 1, c);
	ck_assert_mem_ne(a, b, sizeof a);
	ck_assert_mem_ne(a, c, sizeof a);
	ck_assert_mem_ne(a, key, sizeof a);
	seal_subkey(key, "operator", 1, b);
	ck_assert_mem_eq(a, b, sizeof a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("seal");
	TCase *tc = tcase_create("seal");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, as_the_standard_has_it);
	tcase_add_test(tc, any_length_comes_back);
	tcase_add_test(tc, opens_nowhere_else);
	tcase_add_test(tc, changed_is_noticed);
	tcase_add_test(tc, nobody_types_one);
	tcase_add_test(tc, nothing_comes_twice);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
