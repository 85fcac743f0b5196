/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packed septets: known octets of 3GPP TS 23.038, 6.1.2.3, and every length there and back. */
#include "core/text_pack.h"
#include "tests/run_suite.h"

#include <check.h>
#include <string.h>

static const struct {
	const char *septets;
	size_t len;
	uint8_t octets[16];
} known[] = {
	{"", 0, {0}},
	{"1", 1, {0x31}},
	{"hellohello", 9, {0xe8, 0x32, 0x9b, 0xfd, 0x46, 0x97, 0xd9, 0xec, 0x37}},
	{"*100#", 5, {0xaa, 0x18, 0x0c, 0x36, 0x02}},
	/* 7 septets leave 7 bits: they hold a CR, not an '@' (6.1.2.3.1) */
	{"1234567", 7, {0x31, 0xd9, 0x8c, 0x56, 0xb3, 0xdd, 0x1a}},
	/* a text whose last letter is a CR on the boundary gets a second one */
	{"1234567\r", 8, {0x31, 0xd9, 0x8c, 0x56, 0xb3, 0xdd, 0x1a, 0x0d}},
	{"12345678", 7, {0x31, 0xd9, 0x8c, 0x56, 0xb3, 0xdd, 0x70}},
};

START_TEST(known_octets)
{
	uint8_t out[16], back[32];
	size_t n = strlen(known[_i].septets);

	ck_assert_uint_eq(text_pack((const uint8_t *)known[_i].septets, n, out, sizeof(out)), known[_i].len);
	ck_assert_mem_eq(out, known[_i].octets, known[_i].len);
	ck_assert_uint_ge(text_unpack(out, known[_i].len, back, sizeof(back)), n);
	ck_assert_mem_eq(back, known[_i].septets, n);
}
END_TEST

START_TEST(there_and_back)
{
	uint8_t septets[182], octets[TEXT_PACKED_SIZE(182)], back[200];

	for (size_t i = 0; i < sizeof(septets); i++)
		septets[i] = (uint8_t)((i * 37 + 5) % 128 == 0x0d ? 0 : (i * 37 + 5) % 128);
	for (size_t n = 0; n <= sizeof(septets); n++) {
		size_t len = text_pack(septets, n, octets, sizeof(octets));

		ck_assert_uint_eq(len, (n * 7 + 7) / 8);
		ck_assert_uint_eq(text_unpack(octets, len, back, sizeof(back)), n);
		ck_assert_mem_eq(back, septets, n);
	}
}
END_TEST

/* 182 septets are the 160 octets of a USSD string. */
START_TEST(bounds)
{
	uint8_t septets[182] = {0}, octets[160], back[8];

	ck_assert_uint_eq(text_pack(septets, 182, octets, sizeof(octets)), 160);
	ck_assert_uint_eq(text_pack(septets, 182, octets, 159), 0);
	ck_assert_uint_eq(text_unpack(octets, sizeof(octets), back, sizeof(back)), sizeof(back));
	ck_assert_uint_eq(text_unpack(octets, 0, back, sizeof(back)), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text_pack");
	TCase *tc = tcase_create("text_pack");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, known_octets, 0, (int)(sizeof(known) / sizeof(known[0])));
	tcase_add_test(tc, there_and_back);
	tcase_add_test(tc, bounds);
	return run_suite(suite);
}
