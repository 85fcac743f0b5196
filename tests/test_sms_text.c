/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS out as octets: which alphabet, how many parts, where it is cut; and what comes back when the parts are joined again
 * (promise 6 for everything that a template may hold). */
#include "tests/run_suite.h"
#include "tests/sms_build.h"

static struct sms_world w;

static void setup(void)
{
	sms_world_init(&w, 100, 1 << 20, 255);
}

static void teardown(void)
{
	sms_in_free(w.in);
}

static struct sms_text *cut(const char *utf8)
{
	struct sms_text *t = NULL;

	ck_assert_int_eq(sms_text_new(&w.dialect, utf8, 255, &t), RC_OK);
	return t;
}

static char *repeat(const char *what, size_t n)
{
	size_t len = strlen(what);
	char *text = malloc(n * len + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, what, len);
	text[n * len] = '\0';
	return text;
}

static unsigned segments_of(const char *what, size_t n)
{
	char *text = repeat(what, n);
	struct sms_text *t = cut(text);
	unsigned segments = sms_text_segments(t);

	sms_text_free(t);
	free(text);
	return segments;
}

/* 3GPP TS 23.040: 140 octets less the header. */
START_TEST(each_alphabet_has_its_limits)
{
	static const struct {
		enum text_alphabet alphabet;
		const char *letter;
		size_t alone, narrow, wide;
	} rows[] = {
		{TEXT_GSM7, "a", 160, 153, 152},     {TEXT_ASCII, "a", 160, 153, 152},
		{TEXT_LATIN1, "a", 140, 134, 133},   {TEXT_UCS2, "a", 70, 67, 66},
		{TEXT_GSM7, "\xd0\xb6", 70, 67, 66}, /* a Cyrillic letter makes it UCS-2 */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w.dialect.sms.alphabet = rows[i].alphabet;
		w.dialect.sms.parts = DIALECT_PARTS_UDH8;
		ck_assert_uint_eq(segments_of(rows[i].letter, rows[i].alone), 1);
		ck_assert_uint_eq(segments_of(rows[i].letter, rows[i].alone + 1), 2);
		ck_assert_uint_eq(segments_of(rows[i].letter, 3 * rows[i].narrow), 3);
		ck_assert_uint_eq(segments_of(rows[i].letter, 3 * rows[i].narrow + 1), 4);
		w.dialect.sms.parts = DIALECT_PARTS_UDH16;
		ck_assert_uint_eq(segments_of(rows[i].letter, 3 * rows[i].wide), 3);
		ck_assert_uint_eq(segments_of(rows[i].letter, 3 * rows[i].wide + 1), 4);
	}
}
END_TEST

/* "{" costs two septets, and they stay together: 153 septets hold 76 of them and no half. */
START_TEST(no_pair_is_torn)
{
	static const char *const pairs[] = {"{", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};

	for (size_t k = 0; k < 3; k++) {
		for (size_t shift = 0; shift < 2; shift++) {
			char *text = repeat(pairs[k], 200);
			char *all = malloc(strlen(text) + 2);
			struct sms_text *t;

			sprintf(all, "%s%s", shift ? "x" : "", text);
			t = cut(all);
			for (unsigned i = 0; i < sms_text_pdus(t); i++) {
				struct sms_message s;
				const uint8_t *body;
				size_t len;

				sms_message_of(&s, t, i, 7);
				body = s.m.body + 6;
				len = s.m.body_len - 6;
				ck_assert_uint_eq(s.m.esm_class, 0x40);
				if (k < 2)
					ck_assert_uint_ne(body[len - 1], 0x1b);
				else
					ck_assert_uint_ne(body[len - 2] & 0xfc, 0xd8);
				ck_assert_uint_le(len, k < 2 ? 153 : 134);
				sms_message_fini(&s);
			}
			sms_text_free(t);
			free(all);
			free(text);
		}
	}
}
END_TEST

START_TEST(headers_and_tlvs)
{
	char *text = repeat("abcdefghij", 31);
	struct sms_text *t = cut(text);
	struct sms_message s;

	ck_assert_uint_eq(sms_text_pdus(t), 3);
	sms_message_of(&s, t, 1, 0x1234);
	ck_assert_mem_eq(s.m.body, "\x05\x00\x03\x34\x03\x02", 6);
	ck_assert_uint_eq(s.m.body_len, 6 + 153);
	sms_message_fini(&s);
	sms_text_free(t);

	w.dialect.sms.parts = DIALECT_PARTS_UDH16;
	t = cut(text);
	sms_message_of(&s, t, 2, 0x1234);
	ck_assert_mem_eq(s.m.body, "\x06\x08\x04\x12\x34\x03\x03", 7);
	sms_message_fini(&s);
	sms_text_free(t);

	w.dialect.sms.parts = DIALECT_PARTS_SAR;
	t = cut(text);
	sms_message_of(&s, t, 0, 0x1234);
	ck_assert_uint_eq(s.m.esm_class, 0);
	ck_assert_uint_eq(s.m.n_tlvs, 3);
	ck_assert_uint_eq(s.m.body_len, 152);
	sms_message_fini(&s);
	sms_text_free(t);

	w.dialect.sms.parts = DIALECT_PARTS_PAYLOAD;
	t = cut(text);
	ck_assert_uint_eq(sms_text_pdus(t), 1);
	ck_assert_uint_eq(sms_text_segments(t), 3);
	sms_message_of(&s, t, 0, 0x1234);
	ck_assert_uint_eq(s.m.body_len, 310);
	sms_message_fini(&s);
	sms_text_free(t);
	free(text);
}
END_TEST

START_TEST(other_letters_by_choice)
{
	struct sms_text *t = cut("Gr\xc3\xbc\xc3\x9f "
	                         "Gott \xc4\x85");
	struct sms_message s;

	ck_assert_int_eq(sms_text_alphabet_of(t), TEXT_UCS2);
	sms_message_of(&s, t, 0, 1);
	ck_assert_uint_eq(s.m.data_coding, 8);
	sms_message_fini(&s);
	sms_text_free(t);
	w.dialect.sms.letters = DIALECT_LETTERS_TRANSLITERATE;
	t = cut("Gr\xc3\xbc\xc3\x9f "
	        "Gott \xc4\x85");
	ck_assert_int_eq(sms_text_alphabet_of(t), TEXT_GSM7);
	sms_message_of(&s, t, 0, 1);
	ck_assert_uint_eq(s.m.data_coding, 0);
	ck_assert_int_eq(sms_world_give(&w, &s), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "Gr\xc3\xbc\xc3\x9f Gott a");
	sms_message_fini(&s);
	sms_text_free(t);
	w.dialect.sms.alphabet = TEXT_LATIN1;
	t = cut("\xc3\xa1\xc3\xb0");
	sms_message_of(&s, t, 0, 1);
	ck_assert_uint_eq(s.m.data_coding, 3);
	ck_assert_mem_eq(s.m.body, "\xe1\xf0", 2);
	sms_message_fini(&s);
	sms_text_free(t);
}
END_TEST

START_TEST(too_many_parts_are_refused)
{
	char *text = repeat("a", 153 * 3);
	struct sms_text *t = NULL;

	ck_assert_int_eq(sms_text_new(&w.dialect, text, 2, &t), RC_RANGE);
	ck_assert_int_eq(sms_text_new(&w.dialect, text, 3, &t), RC_OK);
	sms_text_free(t);
	w.dialect.sms.parts = DIALECT_PARTS_PAYLOAD;
	ck_assert_int_eq(sms_text_new(&w.dialect, text, 2, &t), RC_RANGE);
	free(text);
	text = repeat("a", SMS_TEXT_SIZE);
	ck_assert_int_eq(sms_text_new(&w.dialect, text, 255, &t), RC_RANGE);
	free(text);
	ck_assert_int_eq(sms_text_new(&w.dialect, "\xff", 255, &t), RC_RANGE);
	ck_assert_int_eq(sms_text_new(&w.dialect, "", 1, &t), RC_OK);
	ck_assert_uint_eq(sms_text_pdus(t), 1);
	sms_text_free(t);
}
END_TEST

START_TEST(what_codings_mean)
{
	static const struct {
		uint8_t coding;
		enum text_alphabet alphabet;
	} rows[] = {
		{0x00, TEXT_GSM7},   {0x01, TEXT_ASCII},  {0x03, TEXT_LATIN1}, {0x08, TEXT_UCS2},
		{0x48, TEXT_UCS2},   {0x18, TEXT_UCS2},   {0x10, TEXT_GSM7},   {0x06, TEXT_ASCII},
		{0x0d, TEXT_ASCII},  {0xc0, TEXT_GSM7},   {0xd0, TEXT_GSM7},   {0xe0, TEXT_UCS2},
		{0xf0, TEXT_GSM7},   {0xf3, TEXT_GSM7},   {0xf4, TEXT_LATIN1}, {0x04, TEXT_LATIN1},
		{0x02, TEXT_LATIN1}, {0x54, TEXT_LATIN1},
	};
	static const uint8_t odd[] = {0xe1, 0x20};

	w.dialect.n_codings = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(sms_text_alphabet(&w.dialect, rows[i].coding, odd, 2) == rows[i].alphabet,
		              "coding 0x%02x", rows[i].coding);
	ck_assert_int_eq(sms_text_alphabet(&w.dialect, 4, (const uint8_t *)"\xc3\xa1", 2), TEXT_UTF8);
	w.dialect.sms.default_alphabet = TEXT_LATIN1;
	ck_assert_int_eq(sms_text_alphabet(&w.dialect, 0, odd, 2), TEXT_LATIN1);
	w.dialect.coding_in[0] = (struct dialect_coding){0xf1, TEXT_UCS2};
	w.dialect.n_codings = 1;
	ck_assert_int_eq(sms_text_alphabet(&w.dialect, 0xf1, odd, 2), TEXT_UCS2);
}
END_TEST

START_TEST(validity)
{
	char out[SMS_VALIDITY_SIZE];

	sms_text_validity(2 * 86400000LL + 3 * 3600000 + 4 * 60000 + 5000, false, 0, out);
	ck_assert_str_eq(out, "000002030405000R");
	sms_text_validity(400 * 86400000LL, false, 0, out);
	ck_assert_str_eq(out, "010110000000000R");
	sms_text_validity(3600000, true, 1795300000000, out); /* 2026-11-21T22:26:40 */
	ck_assert_str_eq(out, "261121232640000+");
}
END_TEST

/* --- any text, every way ------------------------------------------------------------------------------------- */

static const char *const letters[] = {"a",           "Z",
                                      "7",           " ",
                                      "{",           "\xe2\x82\xac" /* euro */,
                                      "\xc3\xa9",    "@",
                                      "\xce\xa9",    "\n",
                                      "~",           "\xc3\xb0" /* eth */,
                                      "\xd0\xb6",    "\xf0\x9f\x98\x80",
                                      "\xe4\xb8\xad"};

/* A text of letters that the alphabet has, or of all when it may become UCS-2. Its last letter is none that is taken for
 * padding. */
static char *random_text(struct random *r, enum text_alphabet alphabet, bool may_grow)
{
	size_t n = 1 + random_below(r, 1400), len = 0;
	char *text = malloc(4 * n + 2);

	while (n-- > 0) {
		const char *one = letters[random_below(r, sizeof(letters) / sizeof(letters[0]))];
		uint8_t wire[4];
		size_t wire_len;

		if (!may_grow && text_encode(alphabet, one, wire, sizeof(wire), &wire_len) != RC_OK)
			continue;
		memcpy(text + len, one, strlen(one));
		len += strlen(one);
	}
	text[len++] = '.';
	text[len] = '\0';
	return text;
}

/* Split, shuffle with copies, join: the text is whole once, and is what it was. */
static void round_trip(struct random *r, const char *text, uint16_t reference)
{
	struct sms_text *t = cut(text);
	unsigned n = sms_text_pdus(t), order[600], m = 0, whole = 0;

	for (unsigned i = 0; i < n; i++) {
		order[m++] = i;
		if (random_below(r, 4) == 0)
			order[m++] = i;
	}
	for (unsigned i = m; i > 1 && n > 1; i--) {
		unsigned k = random_below(r, i), x = order[i - 1];

		order[i - 1] = order[k];
		order[k] = x;
	}
	for (unsigned i = 0; i < (n == 1 ? 1 : m); i++) {
		struct sms_message s;
		enum sms_in_verdict v;

		sms_message_of(&s, t, order[i], reference);
		v = sms_world_give(&w, &s);
		ck_assert_int_ne(v, SMS_IN_REFUSED);
		if (v == SMS_IN_WHOLE) {
			whole++;
			ck_assert_str_eq(w.text, text);
			sms_in_await(w.in, &w, 1, i);
			sms_in_settled(w.in, &w, 1, i, true);
		}
		sms_message_fini(&s);
	}
	ck_assert_uint_eq(whole, 1);
	sms_text_free(t);
}

START_TEST(any_text_comes_back_whole)
{
	static const enum text_alphabet alphabets[] = {TEXT_GSM7, TEXT_LATIN1, TEXT_ASCII, TEXT_UCS2};
	struct random r = {.state = 88172645463325252ULL + (uint64_t)_i};

	for (unsigned i = 0; i < 400; i++) {
		bool may_grow = random_below(&r, 3) == 0;
		char *text;

		w.dialect.sms.parts = (enum dialect_parts)(_i / 4);
		w.dialect.sms.alphabet = alphabets[_i % 4];
		text = random_text(&r, w.dialect.sms.alphabet, may_grow);
		round_trip(&r, text, (uint16_t)i);
		free(text);
	}
	ck_assert_uint_eq(sms_world_counters(&w).waiting, 0);
	clock_fake_advance(&w.clock, 60000);
	(void)sms_in_tick(w.in);
	ck_assert_uint_eq(sms_world_counters(&w).octets, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sms_text");
	TCase *tc = tcase_create("sms_text");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_alphabet_has_its_limits);
	tcase_add_test(tc, no_pair_is_torn);
	tcase_add_test(tc, headers_and_tlvs);
	tcase_add_test(tc, other_letters_by_choice);
	tcase_add_test(tc, too_many_parts_are_refused);
	tcase_add_test(tc, what_codings_mean);
	tcase_add_test(tc, validity);
	tcase_add_loop_test(tc, any_text_comes_back_whole, 0, 16);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
