/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A conversation with each dialect that ships: begin, three inputs, end, cancel, timeout, push.
 *
 * One row a dialect of conf/dialects.conf, as its SMSC would send it; what the file says is checked by what
 * it does.
 */
#include "core/text_pack.h"
#include "tests/dialects_world.h"
#include "tests/run_suite.h"

#define NONE (-1)   /* no op; the end bit where there is one */
#define SILENT (-2) /* it does not say so at all: our own timer ends the dialogue */

static const struct talk {
	const char *dialect;
	int begin, input, cancel, timeout;
	uint16_t tag; /* of the session; 0 = none */
	size_t length;
	uint64_t in[4], out[4]; /* session values: begin and three inputs, and their answers */
	int go_on, end, push, notify;
	bool code_in_text;
	int coding;
} talks[] = {
	{"standard",
         1,
         18,
         0x81,
         17,
         0x1383,
         2,
         {0x700, 0x702, 0x704, 0x706},
         {0x700, 0x702, 0x704, 0x707},
         2,
         17,
         2,
         3,
         false,
         0},
	{"tata",
         1,
         2,
         NONE,
         17,
         0x1383,
         2,
         {0x1000, 0x1000, 0x1000, 0x1000},
         {0x1000, 0x1000, 0x1000, 0x1001},
         2,
         2,
         NONE,
         NONE,
         false,
         0},
	{"sixdee",
         1,
         18,
         0x81,
         NONE,
         0x1383,
         2,
         {0x1234, 0x1234, 0x1234, 0x1234},
         {0x1234, 0x1234, 0x1234, 0x1235},
         2,
         17,
         NONE,
         NONE,
         true,
         0},
	{"sixdee-destination",
         1,
         18,
         0x81,
         NONE,
         0x1383,
         2,
         {0x1234, 0x1234, 0x1234, 0x1234},
         {0x1234, 0x1234, 0x1234, 0x1235},
         2,
         17,
         NONE,
         NONE,
         false,
         0},
	{"mica",
         1,
         18,
         0x81,
         SILENT,
         0x0204,
         2,
         {0x77, 0x77, 0x77, 0x77},
         {0x77, 0x77, 0x77, 0x77},
         2,
         17,
         NONE,
         NONE,
         false,
         0},
	{"mica-text",
         1,
         18,
         0x81,
         SILENT,
         0x0204,
         2,
         {0x77, 0x77, 0x77, 0x77},
         {0x77, 0x77, 0x77, 0x77},
         2,
         17,
         NONE,
         NONE,
         true,
         0},
	{"comverse",
         1,
         146,
         0x81,
         SILENT,
         0x1501,
         4,
         {0xdeadbeef, 0xdeadbeef, 0xdeadbeef, 0xdeadbeef},
         {0xdeadbeef, 0xdeadbeef, 0xdeadbeef, 0xdeadbeef},
         2,
         17,
         2,
         3,
         false,
         0},
	{"huawei", 1, 18, 0x81, 17, 0, 0, {0}, {0}, 2, 17, NONE, NONE, false, 0},
	{"nowsms",
         1,
         18,
         0x81,
         17,
         0x1383,
         2,
         {0x1235, 0x1235, 0x1235, 0x1235},
         {0x1235, 0x1235, 0x1235, 0x1235},
         2,
         17,
         2,
         3,
         false,
         0},
	{"tops",
         1,
         18,
         0x81,
         17,
         0x1383,
         2,
         {0x1235, 0x1235, 0x1235, 0x1235},
         {0x1235, 0x1235, 0x1235, 0x1235},
         2,
         17,
         2,
         3,
         false,
         0},
	{"moving-session",
         1,
         18,
         0x81,
         NONE,
         0x1383,
         2,
         {0x700, 0x704, 0x708, 0x70c},
         {0x702, 0x706, 0x70a, 0x70f},
         2,
         17,
         2,
         3,
         false,
         0},
	{"submit-first",
         1,
         18,
         0x81,
         NONE,
         0x1383,
         2,
         {0x700, 0x702, 0x704, 0x706},
         {0x700, 0x702, 0x704, 0x707},
         2,
         17,
         2,
         3,
         false,
         0},
	{"code-in-text",
         1,
         18,
         0x81,
         NONE,
         0x1383,
         2,
         {0x700, 0x702, 0x704, 0x706},
         {0x700, 0x702, 0x704, 0x707},
         2,
         17,
         2,
         3,
         true,
         0},
	{"no-op",
         NONE,
         NONE,
         NONE,
         NONE,
         0x1383,
         2,
         {0x700, 0x702, 0x704, 0x706},
         {0x700, 0x702, 0x704, 0x707},
         NONE,
         NONE,
         NONE,
         NONE,
         false,
         0},
	{"packed",
         1,
         18,
         0x81,
         NONE,
         0x1383,
         2,
         {0x700, 0x702, 0x704, 0x706},
         {0x700, 0x702, 0x704, 0x707},
         2,
         17,
         2,
         3,
         false,
         0x0f},
	{"plain",
         1,
         18,
         0x81,
         NONE,
         0x1383,
         2,
         {0x700, 0x702, 0x704, 0x706},
         {0x700, 0x702, 0x704, 0x707},
         2,
         17,
         2,
         3,
         false,
         0},
};
#define TALKS (sizeof(talks) / sizeof(talks[0]))

/* What the SMSC sends; `session` is the value of its TLV. */
static void sends(const struct talk *t, const struct dialect *d, int op, uint64_t session, const char *text,
                  struct world_message *w)
{
	world_message(w, t->code_in_text ? "9999" : "123", text);
	strcpy(w->m.service_type, "USSD");
	w->m.data_coding = (uint8_t)t->coding;
	if (op != NONE)
		world_tlv(w, 0x0501, (uint64_t)op, 1);
	if (t->tag)
		world_tlv(w, t->tag, session, t->length);
	if (d->packed_in)
		w->m.body_len = text_pack((const uint8_t *)text, strlen(text), w->body, sizeof(w->body));
}

static struct dialect_event heard(const struct talk *t, const struct dialect *d, int op, uint64_t session,
                                  const char *text)
{
	struct dialect_trouble trouble = {NULL, ""};
	struct world_message w;
	struct dialect_event e;
	uint32_t status;

	sends(t, d, op, session, text, &w);
	ck_assert_msg(dialect_read(d, &world_plan, &w.m, &e, &status, &trouble) == RC_OK, "%s: %s: %s",
	              t->dialect, trouble.knob, trouble.words);
	ck_assert_uint_eq(status, PDU_ROK);
	ck_assert_int_eq(e.msisdn, 254700000001);
	return e;
}

/* Our answer: its op, its session, its text. */
static void answers(const struct talk *t, const struct dialect *d, const struct dialect_event *e,
                    enum dialect_say how, int op, uint64_t session)
{
	struct dialect_scratch scratch;
	struct pdu_submit s;
	uint8_t text[32];

	ck_assert_int_eq(dialect_write_ussd(d, e, "Welcome", how, &scratch, &s), RC_OK);
	ck_assert_int_eq(world_out(&s, 0x0501) != NULL, op != NONE);
	if (op != NONE) {
		ck_assert_uint_eq(world_out_value(&s, 0x0501), (unsigned)op);
		ck_assert_uint_eq(s.tlv[0].tag, 0x0501);
	}
	if (t->tag)
		ck_assert_uint_eq(world_out_value(&s, t->tag), session);
	ck_assert_str_eq(s.service_type, "USSD");
	ck_assert_str_eq(s.dest.digits, "254700000001");
	if (d->packed_out)
		ck_assert_uint_eq(text_unpack(s.body, s.body_len, text, sizeof(text)), 7);
	ck_assert_mem_eq(d->packed_out ? text : s.body, "Welcome", 7);
}

/* Promise 1, for each SMSC that we know of: a whole dialogue in its own words. */
START_TEST(whole_dialogue)
{
	static const char *const inputs[] = {"1", "2", "3"};
	const struct talk *t = &talks[_i];
	struct dialects *all = world_shipped();
	const struct dialect *d = dialects_by_name(all, t->dialect);
	struct dialect_event begin, e;

	ck_assert_msg(d != NULL, "%s does not ship", t->dialect);
	begin = heard(t, d, t->begin, t->in[0], "*123#");
	ck_assert_int_eq(begin.kind, DIALECT_BEGIN);
	ck_assert_str_eq(begin.code, "123");
	ck_assert_str_eq(begin.text, d->begin_text_is_dialled ? "*123#" : "");
	ck_assert_int_eq(begin.session.has_id, t->tag != 0);
	answers(t, d, &begin, DIALECT_SAY_CONTINUE, t->go_on, t->out[0]);
	for (int i = 0; i < 3; i++) {
		e = heard(t, d, t->input, t->in[i + 1], inputs[i]);
		ck_assert_int_eq(e.kind, DIALECT_CONTINUE);
		ck_assert_str_eq(e.text, inputs[i]);
		ck_assert(dialect_session_fits(&begin.session, &e.session));
		answers(t, d, &e, i < 2 ? DIALECT_SAY_CONTINUE : DIALECT_SAY_END, i < 2 ? t->go_on : t->end,
		        t->out[i + 1]);
	}
	dialects_free(all);
}
END_TEST

/* Promise 3: what is typed while it ends is not an input, whatever text comes with it. */
START_TEST(ended_by_them)
{
	const struct talk *t = &talks[_i];
	struct dialects *all = world_shipped();
	const struct dialect *d = dialects_by_name(all, t->dialect);
	const int ops[] = {t->cancel, t->timeout};

	for (int i = 0; i < 2; i++) {
		bool by_bit = ops[i] == NONE;
		struct dialect_event e;

		if (ops[i] == SILENT)
			continue;
		e = heard(t, d, by_bit ? t->input : ops[i], by_bit ? t->in[1] | 1 : t->in[1], "1");
		ck_assert_int_eq(e.kind, DIALECT_ABORT);
		ck_assert_str_eq(e.text, "");
	}
	dialects_free(all);
}
END_TEST

START_TEST(another_session_is_another)
{
	const struct talk *t = &talks[_i];
	struct dialects *all = world_shipped();
	const struct dialect *d = dialects_by_name(all, t->dialect);
	struct dialect_event one = heard(t, d, t->input, t->in[1], "1"),
			     other = heard(t, d, t->input, t->in[1] ^ 0x4400, "1");

	ck_assert_int_eq(dialect_session_fits(&one.session, &other.session), t->tag == 0);
	ck_assert_int_eq(dialect_session_same(&one.session, &other.session), t->tag == 0);
	ck_assert(dialect_session_same(&one.session, &one.session));
	dialects_free(all);
}
END_TEST

START_TEST(pushed_by_us)
{
	const struct talk *t = &talks[_i];
	struct dialects *all = world_shipped();
	const struct dialect *d = dialects_by_name(all, t->dialect);
	const struct {
		enum dialect_say say;
		int op;
	} says[] = {{DIALECT_SAY_PUSH, t->push}, {DIALECT_SAY_NOTIFY, t->notify}};

	for (int i = 0; i < 2; i++) {
		struct dialect_event to = {.service = {0, 0, "123"}, .subscriber = {0, 0, "254700000001"}};
		struct dialect_scratch scratch;
		struct pdu_submit s;

		ck_assert_int_eq(dialect_can_say(d, says[i].say), says[i].op != NONE);
		if (says[i].op == NONE) {
			ck_assert_int_eq(dialect_write_ussd(d, &to, "Hello", says[i].say, &scratch, &s),
			                 RC_RANGE);
			continue;
		}
		ck_assert_int_eq(dialect_write_ussd(d, &to, "Hello", says[i].say, &scratch, &s), RC_OK);
		ck_assert_uint_eq(world_out_value(&s, 0x0501), (unsigned)says[i].op);
		ck_assert_uint_eq(s.dest.ton, 1);
		ck_assert_uint_eq(s.dest.npi, 1);
	}
	dialects_free(all);
}
END_TEST

static uint32_t dice_state;

static uint32_t dice(uint32_t n)
{
	dice_state = dice_state * 1664525u + 1013904223u;
	return (dice_state >> 8) % n;
}

static void anything(struct world_message *w, const struct talk *t)
{
	static const char *const texts[] = {"", "*123#", "1", "*", "MENU", "12345678\r"};

	world_message(w, dice(4) ? "*123#" : "", texts[dice(6)]);
	strcpy(w->m.service_type, dice(2) ? "USSD" : "");
	w->m.data_coding = (uint8_t)(dice(3) ? dice(256) : 0);
	w->m.esm_class = (uint8_t)(dice(8) ? 0 : dice(256));
	if (dice(3) == 0) {
		w->m.body_len = dice(sizeof(w->body) + 1);
		for (size_t i = 0; i < w->m.body_len; i++)
			w->body[i] = (uint8_t)dice(256);
	}
	if (dice(5))
		world_tlv(w, 0x0501, dice(256), 1);
	if (t->tag && dice(4))
		world_tlv(w, t->tag, dice_state, dice(3) ? t->length : 1 + dice(12));
	if (dice(3) == 0)
		world_tlv(w, 0x0204, dice_state, 1 + dice(20));
}

/* Promise 6: whatever an SMSC sends is one event or one trouble, and what goes back fits into a PDU. */
START_TEST(anything_at_all)
{
	const struct talk *t = &talks[_i];
	struct dialects *all = world_shipped();
	const struct dialect *d = dialects_by_name(all, t->dialect);
	unsigned understood = 0;

	dice_state = (uint32_t)_i;
	for (int i = 0; i < 5000; i++) {
		struct dialect_trouble trouble = {NULL, ""};
		struct dialect_scratch scratch;
		struct world_message w;
		struct dialect_event e;
		struct pdu_submit s;
		uint32_t status = 0xffff;
		enum rc rc;

		anything(&w, t);
		rc = dialect_read(d, &world_plan, &w.m, &e, &status, &trouble);
		ck_assert_uint_ne(status, 0xffff);
		ck_assert_int_eq(trouble.knob == NULL, rc == RC_OK);
		ck_assert(status != PDU_RX_T_APPN &&
		          status != PDU_RSYSERR); /* never one that brings it back */
		if (rc != RC_OK)
			continue;
		understood++;
		ck_assert(text_utf8_valid(e.text, strlen(e.text)));
		ck_assert_uint_le(e.session.n_kept, DIALECT_KEEP_MAX);
		rc = dialect_write_ussd(d, &e, i % 2 ? "Hello" : "\u0416\u0645",
		                        (enum dialect_say)dice(DIALECT_SAYS), &scratch, &s);
		ck_assert(rc == RC_OK || rc == RC_RANGE);
		if (rc == RC_OK)
			ck_assert(s.n_tlvs <= 8 && s.body_len <= PDU_PAYLOAD_MAX);
	}
	ck_assert_uint_gt(understood, 1000);
	dialects_free(all);
}
END_TEST

START_TEST(each_has_a_row)
{
	struct dialects *all = world_shipped();

	ck_assert_uint_eq(dialects_count(all), TALKS);
	for (size_t i = 0; i < dialects_count(all); i++) {
		size_t k = 0;

		while (k < TALKS && strcmp(talks[k].dialect, dialects_at(all, i)->name) != 0)
			k++;
		ck_assert_msg(k < TALKS, "%s has no conversation", dialects_at(all, i)->name);
		ck_assert_msg(strlen(dialects_at(all, i)->about) > 20, "%s does not say what it rests on",
		              dialects_at(all, i)->name);
	}
	dialects_free(all);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dialect_talks");
	TCase *tc = tcase_create("shipped");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, whole_dialogue, 0, (int)TALKS);
	tcase_add_loop_test(tc, ended_by_them, 0, (int)TALKS);
	tcase_add_loop_test(tc, another_session_is_another, 0, (int)TALKS);
	tcase_add_loop_test(tc, pushed_by_us, 0, (int)TALKS);
	tcase_add_loop_test(tc, anything_at_all, 0, (int)TALKS);
	tcase_add_test(tc, each_has_a_row);
	return run_suite(suite);
}
