/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 against known answers: FIPS 180-4 examples, and lengths around the end of a block. */
#include "core/digest.h"
#include "tests/run_suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text;
	size_t repeat;
	const char *hex;
} known[] = {
	{"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{"a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
	{"a", 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
	{"a", 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
	{"a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
	{"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

START_TEST(known_answers)
{
	size_t n = strlen(known[_i].text), len = n * known[_i].repeat;
	char *text = malloc(len + 1), hex[2 * DIGEST_SHA256_SIZE + 1];
	uint8_t digest[DIGEST_SHA256_SIZE];

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < known[_i].repeat; i++)
		memcpy(text + i * n, known[_i].text, n);
	digest_sha256(text, len, digest);
	for (size_t i = 0; i < DIGEST_SHA256_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	ck_assert_str_eq(hex, known[_i].hex);
	free(text);
}
END_TEST

/* From another implementation, of another language. */
static const struct {
	const char *text, *hex;
} keyed[] = {
	{"254700000001", "648f82519f9a5f872ac92e691f7ba05bc1defa417b4b08e70597e414362160ce"},
	{"", "4e51e7a913fc80137da52880fecca175bf81e117d5c68126dc2774033517ea0d"},
};

START_TEST(known_answers_under_a_key)
{
	uint8_t key[DIGEST_KEY_SIZE], digest[DIGEST_KEYED_SIZE];
	char hex[2 * DIGEST_KEYED_SIZE + 1];

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	digest_keyed(key, keyed[_i].text, strlen(keyed[_i].text), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	ck_assert_str_eq(hex, keyed[_i].hex);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("digest");
	TCase *t = tcase_create("known");

	tcase_add_loop_test(t, known_answers, 0, sizeof(known) / sizeof(known[0]));
	tcase_add_loop_test(t, known_answers_under_a_key, 0, sizeof(keyed) / sizeof(keyed[0]));
	suite_add_tcase(s, t);
	return run_suite(s);
}
