/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash doctor's judgement, on the traces of tests/traces/: the dialect that is named for each kind of
 * SMSC that is documented, and the words for what is wrong in broken ones. The traces were written from those
 * documents, octet by octet, and by no code of ours. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/findings.h"
#include "gateway/config_dialects.h"
#include "tests/run_suite.h"
#include "tools/diagnose.h"
#include "tools/trace.h"

static struct dialects *dialects;

static void setup(void)
{
	struct findings *findings = findings_new();

	ck_assert_int_eq(dialects_load(SRCDIR "/conf/dialects.conf", findings, &dialects), RC_OK);
	findings_free(findings);
}

static void teardown(void)
{
	dialects_free(dialects);
}

static struct diagnosis *judge(const char *file)
{
	struct diagnosis *d = NULL;
	struct trace *t = NULL;
	char path[500], why[200] = "";

	snprintf(path, sizeof path, "%s/tests/traces/%s", SRCDIR, file);
	ck_assert_msg(trace_open(path, TRACE_ANY, &t, why, sizeof why) == RC_OK, "%s %s", path, why);
	ck_assert_int_eq(diagnose(t, dialects, NULL, &d), RC_OK);
	trace_free(t);
	return d;
}

static const char *all_faults(const struct diagnosis *d)
{
	static char out[2000];

	out[0] = '\0';
	for (size_t i = 0; i < d->n_faults; i++)
		snprintf(out + strlen(out), sizeof out - strlen(out), "%s%s", i ? " " : "", d->fault[i].id);
	return out;
}

static const struct {
	const char *file, *dialect, *also; /* the same by another name */
} kinds[] = {
	{"standard.hex", "standard", NULL},
	{"standard.pcapng", "standard", NULL},
	{"tata.hex", "tata", NULL},
	{"tata.pcap", "tata", NULL},
	{"amidst.hex", "tata", NULL},
	{"sixdee.hex", "sixdee", NULL},
	{"sixdee-destination.hex", "sixdee-destination", NULL},
	{"mica.hex", "mica", NULL},
	{"mica-text.hex", "mica-text", NULL},
	{"comverse.hex", "comverse", NULL},
	{"comverse-pushed.hex", "comverse", NULL},
	{"huawei.hex", "huawei", NULL},
	{"nowsms.hex", "nowsms", "tops"},
	{"nowsms-odd.hex", "nowsms", "tops"},
	{"moving-session.hex", "moving-session", NULL},
	{"submit-first.hex", "submit-first", NULL},
	{"code-in-text.hex", "code-in-text", NULL},
	{"no-op.hex", "no-op", NULL},
	{"packed.hex", "packed", NULL},
	{"plain.hex", "plain", NULL},
};

START_TEST(each_kind_of_smsc_is_named)
{
	struct diagnosis *d = judge(kinds[_i].file);

	ck_assert_msg(strcmp(d->fit[0].dialect->name, kinds[_i].dialect) == 0, "%s: %s", kinds[_i].file,
	              d->fit[0].dialect->name);
	ck_assert_int_eq(d->confidence, DIAGNOSIS_CERTAIN);
	ck_assert_uint_eq(d->n_alike, kinds[_i].also ? 1 : 0);
	if (kinds[_i].also)
		ck_assert_str_eq(d->fit[1].dialect->name, kinds[_i].also);
	ck_assert_msg(d->n_faults == 0, "%s: %s", kinds[_i].file, all_faults(d));
	ck_assert(!d->block_differs);
	diagnosis_free(d);
}
END_TEST

/* A dialect that ships and has no trace would be one that nobody tried. */
START_TEST(every_dialect_has_a_trace)
{
	for (size_t i = 0; i < dialects_count(dialects); i++) {
		const char *name = dialects_at(dialects, i)->name;
		bool found = false;

		for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
			found = found || strcmp(kinds[k].dialect, name) == 0 ||
			        (kinds[k].also && strcmp(kinds[k].also, name) == 0);
		ck_assert_msg(found, "tests/traces/ has none for \"%s\"", name);
	}
}
END_TEST

static const struct {
	const char *file, *fault, *words;
	size_t pdu; /* the first that is named */
} broken[] = {
	{"broken-no-response.hex", "no_deliver_sm_resp", "must send deliver_sm_resp", 3},
	{"broken-no-response.hex", "redelivered", "delivers PDU 3 a second time", 6},
	{"broken-hex-decimal.hex", "hex_decimal_mixed",
         "op 0x17 (23) goes out: it is 17 written as if it were hexadecimal", 9},
	{"broken-hex-decimal.hex", "submit_sm_refused", "(0xc4, 196)", 10},
	{"broken-session-lost.hex", "session_not_echoed", "has no TLV 0x1383 (4995)", 5},
	{"broken-session-lost.hex", "submit_sm_refused", "ESME_RSUBMITFAIL", 6},
	{"broken-two-answers.hex", "two_answers", "One input wants exactly one answer", 7},
	{"broken-bind.hex", "bind_refused", "the password is wrong", 3},
	{"broken-bind.hex", "enquire_before_bound", "Enquire only when bound", 2},
	{"broken-letters.hex", "ucs2_little_endian", "high octet first", 5},
	{"broken-letters.hex", "gsm_under_latin1", "octet 0x00 is no letter of Latin-1", 9},
	{"broken-letters.hex", "wrong_default_alphabet", "text.default_alphabet = \"latin1\"", 11},
	{"broken-sms.hex", "sar_with_udh", "choose one with sms.parts", 3},
	{"broken-sms.hex", "throttled", "ESME_RTHROTTLED (0x58, 88)", 8},
	{"broken-sms.hex", "throttling_without_pause", "a pause of the whole link", 9},
	{"broken-sms.hex", "unanswered_submit_sm", "whether it was taken is unknown", 11},
	{"broken-sms.hex", "sequence_reused", "0x00000063 (99)", 12},
	{"broken-late.hex", "late_answer", "20.0 s after the input", 5},
	{"broken-late.hex", "answer_after_end", "after the network has ended", 11},
	{"broken-late.hex", "no_answer", "starhash pdu --only 7", 7},
	{"broken-wrong-op.hex", "wrong_op", "op 0x12 (18) goes out, which only an SMSC sends", 5},
	{"broken-answers.hex", "letters_under_ucs2", "one octet a letter", 5},
	{"broken-answers.hex", "submit_sm_refused", "ESME_RINVSRCADR", 10},
	{"broken-answers.hex", "not_swapped", "must be exchanged", 17},
	{"broken-answers.hex", "unanswered_enquire_link", "not answered by us", 19},
	{"broken-sessions.hex", "unbound_soon", "how many sessions are allowed", 3},
	{"broken-sessions.hex", "half_bound", "only a transmitter", 9},
	{"broken-sessions.hex", "not_smpp", "host and port", 14},
	{"broken-malformed.hex", "malformed", "ESME_RINVOPTPARSTREAM", 3},
	{"broken-malformed.hex", "generic_nack", "ESME_RINVCMDID", 6},
	{"broken-malformed.hex", "deliver_sm_refused", "(0xc0, 192)", 4},
};

START_TEST(what_is_wrong_is_said_in_words)
{
	struct diagnosis *d = judge(broken[_i].file);
	const struct diagnosis_fault *f = NULL;

	for (size_t i = 0; i < d->n_faults; i++)
		if (!f && strcmp(d->fault[i].id, broken[_i].fault) == 0)
			f = &d->fault[i];
	ck_assert_msg(f != NULL, "%s: %s is not among: %s", broken[_i].file, broken[_i].fault, all_faults(d));
	ck_assert_msg(strstr(f->words, broken[_i].words) != NULL, "%s: %s", broken[_i].file, f->words);
	ck_assert_uint_eq(f->pdu[0], broken[_i].pdu);
	/* promise 9: no number of a subscriber in any word */
	for (size_t i = 0; i < d->n_faults; i++)
		ck_assert(!strstr(d->fault[i].words, "2547"));
	diagnosis_free(d);
}
END_TEST

static const struct diagnosis_evidence *evidence(const struct diagnosis *d, const char *dialect,
                                                 const char *knob)
{
	for (size_t i = 0; i < d->n_fits; i++)
		for (size_t k = 0; strcmp(d->fit[i].dialect->name, dialect) == 0 && k < d->fit[i].n; k++)
			if (strcmp(d->fit[i].evidence[k].knob, knob) == 0)
				return &d->fit[i].evidence[k];
	return NULL;
}

/* A wrong dialect is told by its key, with the PDUs. */
START_TEST(contradictions_name_the_key)
{
	static const struct {
		const char *file, *dialect, *knob, *words;
	} rows[] = {
		{"tata.hex", "standard", "ops_out.end", "op 0x02 (2), not 0x11 (17)"},
		{"mica.hex", "standard", "session.tag", "no TLV 0x1383 (4995)"},
		{"comverse.hex", "standard", "session.tag", "no TLV 0x1383 (4995)"},
		{"moving-session.hex", "tata", "session.mask", "0x4200, then 0x4204"},
		{"sixdee.hex", "tata", "code_from", "not the one that was dialled"},
		{"standard.hex", "huawei", "session.tag", "TLV 0x1383 (4995) stays the same"},
		{"submit-first.hex", "standard", "respond", "follows submit_sm_resp"},
		{"packed.hex", "standard", "text.packed_in", "packed septets"},
		{"plain.hex", "standard", "text.default_alphabet", "Latin-1"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct diagnosis *d = judge(rows[i].file);
		const struct diagnosis_evidence *e = evidence(d, rows[i].dialect, rows[i].knob);

		ck_assert_msg(e && e->against > 0 && e->n_pdus > 0, "%s: %s", rows[i].file, rows[i].knob);
		ck_assert_msg(strstr(e->words, rows[i].words) != NULL, "%s: %s", rows[i].file, e->words);
		diagnosis_free(d);
	}
}
END_TEST

/* With one dialect to choose from, the block says what the trace shows otherwise, and a second look with it
 * finds no contradiction. */
START_TEST(the_block_fits_what_it_was_made_from)
{
	static const char *const files[] = {"tata.hex",           "sixdee.hex",       "mica.hex",
	                                    "comverse.hex",       "huawei.hex",       "no-op.hex",
	                                    "moving-session.hex", "plain.hex",        "packed.hex",
	                                    "nowsms.hex",         "submit-first.hex", "code-in-text.hex"};

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char path[] = "/tmp/starhash-block-XXXXXX";
		int fd = mkstemp(path);
		FILE *to = fdopen(fd, "w");
		struct findings *findings = findings_new();
		struct diagnosis *d;

		ck_assert(to && findings);
		teardown();
		ck_assert_int_eq(dialects_load(NULL, findings, &dialects), RC_OK);
		d = judge(files[i]);
		ck_assert_msg(d->block_differs, "%s", files[i]);
		fputs("dialects = (\n", to);
		dialect_print(&d->block, d->fit[0].dialect, to);
		fputs(");\n", to);
		fclose(to);
		diagnosis_free(d);
		teardown();
		ck_assert_msg(dialects_load(path, findings, &dialects) == RC_OK, "%s: %s", files[i],
		              findings_count(findings) ? findings_at(findings, 0)->what : "");
		d = judge(files[i]);
		ck_assert_msg(strcmp(d->fit[0].dialect->name, "mine") == 0, "%s", files[i]);
		for (size_t k = 0; k < d->fit[0].n; k++)
			ck_assert_msg(d->fit[0].evidence[k].against == 0, "%s: %s %s", files[i],
			              d->fit[0].evidence[k].knob, d->fit[0].evidence[k].words);
		diagnosis_free(d);
		findings_free(findings);
		unlink(path);
	}
}
END_TEST

/* What no dialect has is read off the trace: the op of a last screen is one that nobody ever answered, an op without a
 * text that nothing follows is a cancel, and a counter has its whole octet. */
START_TEST(an_unknown_smsc_gets_a_block)
{
	struct diagnosis *d = judge("vendor.hex");
	const struct dialect *b = &d->block;
	unsigned found = 0;

	ck_assert_int_eq(d->confidence, DIAGNOSIS_NONE);
	ck_assert_uint_eq(d->n_faults, 0);
	ck_assert(d->block_differs);
	ck_assert_uint_eq(b->op_out[DIALECT_SAY_CONTINUE].op, 0x30);
	ck_assert_uint_eq(b->op_out[DIALECT_SAY_END].op, 0x31);
	ck_assert_uint_eq(b->session_tag, 0x1402);
	ck_assert_uint_eq(b->session_mask, 0xffffff00);
	for (size_t i = 0; i < b->n_ops; i++) {
		found += b->op_in[i].op == 0x20 && b->op_in[i].kind == DIALECT_BEGIN;
		found += b->op_in[i].op == 0x21 && b->op_in[i].kind == DIALECT_CONTINUE;
		found += b->op_in[i].op == 0x2f && b->op_in[i].kind == DIALECT_ABORT;
	}
	ck_assert_uint_eq(found, 3);
	diagnosis_free(d);
}
END_TEST

/* Each status of a refusal has words of its own, and an answer that ends is no push. */
START_TEST(each_status_is_told)
{
	struct diagnosis *d = judge("broken-answers.hex");
	unsigned refused = 0;

	for (size_t i = 0; i < d->n_faults; i++)
		refused += strcmp(d->fault[i].id, "submit_sm_refused") == 0;
	ck_assert_uint_eq(refused, 2);
	ck_assert_ptr_null(evidence(d, "standard", "ops_out.push"));
	diagnosis_free(d);
}
END_TEST

/* One begin alone: no certainty is claimed, and what is missing is told. */
START_TEST(little_is_called_little)
{
	struct diagnosis *d = judge("broken-wrong-op.hex");

	ck_assert_int_eq(d->confidence, DIAGNOSIS_GUESS);
	ck_assert_uint_gt(d->n_alike, 2);
	ck_assert_uint_gt(d->n_untold, 4);
	diagnosis_free(d);
	d = judge("broken-bind.hex");
	ck_assert_int_eq(d->confidence, DIAGNOSIS_NOTHING);
	diagnosis_free(d);
}
END_TEST

/* Two connections that stand for one link: one dialogue, and the way to bind is told. */
START_TEST(a_pair_is_one_link)
{
	struct diagnosis *d = judge("pair.hex");

	ck_assert_str_eq(d->fit[0].dialect->name, "standard");
	ck_assert_uint_eq(d->dialogues, 1);
	ck_assert_str_eq(all_faults(d), "pair");
	ck_assert(d->fault[0].is_note && strstr(d->fault[0].words, "bind = \"pair\""));
	diagnosis_free(d);
}
END_TEST

START_TEST(ids_of_receipts_are_compared)
{
	struct diagnosis *d = judge("receipts.hex");

	ck_assert_uint_eq(d->receipts, 1);
	ck_assert_uint_eq(d->n_faults, 0);
	ck_assert_ptr_nonnull(evidence(d, "standard", "sms.receipt_id"));
	diagnosis_free(d);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("diagnose");
	TCase *tc = tcase_create("diagnose");

	suite_add_tcase(s, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_kind_of_smsc_is_named, 0, ROWS(kinds));
	tcase_add_test(tc, every_dialect_has_a_trace);
	tcase_add_loop_test(tc, what_is_wrong_is_said_in_words, 0, ROWS(broken));
	tcase_add_test(tc, contradictions_name_the_key);
	tcase_add_test(tc, the_block_fits_what_it_was_made_from);
	tcase_add_test(tc, an_unknown_smsc_gets_a_block);
	tcase_add_test(tc, each_status_is_told);
	tcase_add_test(tc, little_is_called_little);
	tcase_add_test(tc, a_pair_is_one_link);
	tcase_add_test(tc, ids_of_receipts_are_compared);
	return run_suite(s);
}
