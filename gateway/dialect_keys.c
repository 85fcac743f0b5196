/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of dialects.conf: the table.
 *
 * Invariant: every member of struct dialect that differs between SMSCs is a row here; rows stand in the order
 * of the chapters of docs/dialects.md, those of one group together.
 */
#include "gateway/dialect_keys.h"

#include <stdio.h>
#include <string.h>

#include "core/nearest.h"

#define MEMBER(type, member) .at = offsetof(struct type, member), .size = sizeof(((struct type *)0)->member)
#define IN(member) MEMBER(dialect, member)
#define IN_EXTRA(member) MEMBER(dialect_extra, member)
#define TEXT(n) .type = DIALECT_KEY_TEXT, .most = (n)
#define BOOL .type = DIALECT_KEY_BOOL
#define NUMBER(from, to) .type = DIALECT_KEY_NUMBER, .least = (from), .most = (to)
#define CODE(n) .type = DIALECT_KEY_CODE, .most = (n)
#define CHOICE(words) .type = DIALECT_KEY_CHOICE, .choices = (words)
#define DURATION(n) .type = DIALECT_KEY_DURATION, .most = (n)
#define OPS(meaning) .type = DIALECT_KEY_OPS, .most = 255, .which = (meaning)
#define OP(say) .type = DIALECT_KEY_OP, .most = 255, IN(op_out[say])
#define CODINGS(alphabet) .type = DIALECT_KEY_CODINGS, .most = 255, .which = (alphabet)
#define ALPHABETS "gsm7 ucs2 latin1 ascii utf8" /* enum text_alphabet */

#define HOUR_MS (3600 * 1000)
#define WEEK_MS (168 * (uint64_t)HOUR_MS)

/* A row reads as a sentence, not as a column. */
/* clang-format off */
const struct dialect_key dialect_keys[] = {
	{0, "", "name", .type = DIALECT_KEY_TEXT, .least = 1, .most = DIALECT_NAME_SIZE - 1, IN(name),
	 .help = "as links[].dialect calls it"},
	{0, "", "like", .type = DIALECT_KEY_LIKE, .least = 1, .most = DIALECT_NAME_SIZE - 1,
	 .help = "the dialect above it, or \"standard\", that every key which is not given is taken from"},
	{0, "", "about", TEXT(159), IN(about), .help = "which SMSC it is for, and from where that is known"},

	{1, "detect", "op", BOOL, IN(ussd_by_op), .help = "a message with the op TLV is USSD"},
	{1, "detect", "op_tag", CODE(0xffff), IN(op_tag),
	 .help = "tag of the op TLV, in and out; 0 = there is none"},
	{1, "detect", "service_type", TEXT(5), IN(detect_type),
	 .help = "a message with this service_type is USSD; \"\" = it says nothing"},
	{1, "detect", "all", BOOL, IN(ussd_all), .help = "whatever comes by the link is USSD, but receipts"},
	{1, "detect", "codes", .type = DIALECT_KEY_CODES, .most = DIALECT_MAX_CODES, IN(codes),
	 .help = "a message to one of these short codes is USSD; without * and # around them"},

	{2, "", "service_type", TEXT(5), IN(service_type), .help = "service_type of what goes out"},
	{2, "", "service_type_copy", BOOL, IN(service_type_copy),
	 .help = "answers copy the service_type of the request; service_type is for what is pushed"},

	{3, "ops_in", "begin", OPS(DIALECT_MEANS_BEGIN), .help = "ops by which a subscriber begins"},
	{3, "ops_in", "continue", OPS(DIALECT_MEANS_CONTINUE), .help = "ops by which a subscriber answers"},
	{3, "ops_in", "end", OPS(DIALECT_MEANS_END), .help = "ops that end it, beside those of abort"},
	{3, "ops_in", "abort", OPS(DIALECT_MEANS_ABORT), .help = "ops that end it without telling why"},
	{3, "ops_in", "cancel", OPS(DIALECT_MEANS_CANCEL), .help = "ops that say: cancelled on the phone"},
	{3, "ops_in", "timeout", OPS(DIALECT_MEANS_TIMEOUT), .help = "ops that say: the network gave it up"},
	{3, "ops_in", "ack", OPS(DIALECT_MEANS_ACK), .help = "ops by which a phone acknowledges a notify"},
	{3, "", "unknown_op", CHOICE("continue begin reject"), IN(unknown_op),
	 .help = "what an op that stands in none of the lists means; one without a text is never an input"},

	{4, "ops_out", "continue", OP(DIALECT_SAY_CONTINUE), .help = "op of a screen that wants an answer"},
	{4, "ops_out", "end", OP(DIALECT_SAY_END), .help = "op of the last screen"},
	{4, "ops_out", "push", OP(DIALECT_SAY_PUSH), .help = "op of a dialogue that we begin"},
	{4, "ops_out", "notify", OP(DIALECT_SAY_NOTIFY),
	 .help = "op of a text that we send and that wants no answer"},
	{4, "ops_out", "release", OP(DIALECT_SAY_RELEASE),
	 .help = "op that lets go of a session without a text"},
	{4, "", "can_push", BOOL, IN(can_push), .help = "the SMSC takes dialogues that we begin"},

	{5, "session", "tag", CODE(0xffff), IN(session_tag),
	 .help = "TLV that holds the session; 0 = none, a dialogue is known by its MSISDN alone"},
	{5, "session", "length", NUMBER(0, DIALECT_KEEP_SIZE), IN(session_length),
	 .help = "octets that it has; 0 = any number up to 8"},
	{5, "session", "mask", CODE(UINT64_MAX), IN(session_mask),
	 .help = "bits of it that stay the same through a dialogue; 0 = none do"},
	{5, "session", "demanded", BOOL, IN(session_demanded),
	 .help = "a USSD message without it is refused"},
	{6, "session", "end_bit", CODE(0xffff), IN(end_bit),
	 .help = "bit of it that says: this was the last; 0 = none"},
	{6, "session", "honour_end_bit", BOOL, IN(honour_end_bit),
	 .help = "the bit in a message that comes in ends the dialogue"},
	{6, "session", "set_end_bit", BOOL, IN(set_end_bit),
	 .help = "our last screen has the bit, the others do not"},
	{6, "session", "unit", CHOICE("echo increment"), IN(unit),
	 .help = "its second octet in an answer: as it came, or counted on by 2"},

	{7, "", "echo", .type = DIALECT_KEY_TAGS, .most = DIALECT_KEEP_MAX - 1, IN(echo),
	 .help = "TLVs of a request, of up to 8 octets, that its answer gives back"},
	{7, "", "extra", .type = DIALECT_KEY_EXTRAS, .most = DIALECT_MAX_EXTRA, IN(extra),
	 .help = "TLVs that always go out"},
	{7, "extra[]", "tag", CODE(0xffff), IN_EXTRA(tag), .help = "tag of the TLV"},
	{7, "extra[]", "value", .type = DIALECT_KEY_OCTETS, .most = DIALECT_EXTRA_SIZE, IN_EXTRA(value),
	 .help = "its octets in hexadecimal, two digits each"},
	{7, "extra[]", "says", .type = DIALECT_KEY_SAYS, .choices = "continue end push notify release", IN_EXTRA(says),
	 .help = "where it goes out; everywhere when absent"},
	{7, "", "op_last", BOOL, IN(op_last), .help = "the op TLV goes after the others, not before them"},

	{8, "", "code_from", CHOICE("destination text tlv"), IN(code_from),
	 .help = "where the code that was dialled stands in a begin"},
	{8, "", "code_tag", CODE(0xffff), IN(code_tag),
	 .help = "TLV that holds it; with code_from = \"tlv\""},
	{9, "", "begin_text_is_dialled", BOOL, IN(begin_text_is_dialled),
	 .help = "the text of a begin is what was dialled, with shortcuts; else it says nothing"},

	{10, "coding_in", "gsm7", CODINGS(TEXT_GSM7), .help = "data_codings that mean GSM 7-bit"},
	{10, "coding_in", "ucs2", CODINGS(TEXT_UCS2), .help = "those that mean UCS-2, high octet first"},
	{10, "coding_in", "latin1", CODINGS(TEXT_LATIN1), .help = "those that mean ISO 8859-1"},
	{10, "coding_in", "ascii", CODINGS(TEXT_ASCII), .help = "those that mean ASCII"},
	{10, "coding_in", "utf8", CODINGS(TEXT_UTF8), .help = "those that mean UTF-8"},
	{10, "text", "default_alphabet", CHOICE(ALPHABETS), IN(default_alphabet),
	 .help = "what data_coding 0 means when coding_in does not say it"},
	{10, "text", "coding_gsm7", CODE(0xff), IN(coding_gsm7),
	 .help = "data_coding out of short texts, written in what it means in coding_in: GSM 7-bit, or Latin-1"},
	{10, "text", "coding_ucs2", CODE(0xff), IN(coding_ucs2), .help = "data_coding out of UCS-2"},
	{10, "text", "ucs2", BOOL, IN(ucs2), .help = "it takes UCS-2; else letters are made plain"},
	{11, "text", "packed_in", BOOL, IN(packed_in), .help = "GSM 7-bit comes as packed septets"},
	{11, "text", "packed_out", BOOL, IN(packed_out), .help = "GSM 7-bit leaves as packed septets"},
	{11, "text", "max_septets", NUMBER(20, TEXT_USSD_SEPTETS), IN(max_septets),
	 .help = "length of one screen in GSM 7-bit, an extension character counted twice"},
	{11, "text", "max_units", NUMBER(10, TEXT_USSD_UCS2), IN(max_units), .help = "and in UCS-2"},
	{11, "text", "too_long", CHOICE("page truncate reject"), IN(too_long),
	 .help = "a screen over that: ussd.page must prevent it; cut at a word; not sent"},
	{12, "text", "in_payload", BOOL, IN(body_in_payload), .help = "the text leaves in message_payload"},

	{13, "service", "mirror", BOOL, IN(service.mirror),
	 .help = "source TON and NPI of an answer: as the request's destination had them"},
	{13, "service", "ton", NUMBER(0, 7), IN(service.ton),
	 .help = "source TON, where they are not mirrored"},
	{13, "service", "npi", NUMBER(0, 18), IN(service.npi),
	 .help = "source NPI, where they are not mirrored"},
	{13, "subscriber", "mirror", BOOL, IN(subscriber.mirror),
	 .help = "destination TON and NPI of an answer: as the request's source had them"},
	{13, "subscriber", "ton", NUMBER(0, 7), IN(subscriber.ton),
	 .help = "destination TON, where they are not mirrored"},
	{13, "subscriber", "npi", NUMBER(0, 18), IN(subscriber.npi),
	 .help = "destination NPI, where they are not mirrored"},

	{14, "", "respond", CHOICE("first after_submit"), IN(respond),
	 .help = "the response to an input goes before our answer, or after the SMSC has taken that"},

	{15, "", "idle", DURATION(HOUR_MS), IN(idle_ms), .help = "in place of ussd.idle; 0s = that"},
	{15, "", "answer_within", DURATION(60000), IN(answer_within_ms),
	 .help = "in place of ussd.answer_within; 0s = that"},

	{17, "answer", "esm_class", CODE(0xff), IN(esm_class), .help = "esm_class of what goes out"},
	{17, "answer", "registered_delivery", CODE(0xff), IN(registered_delivery),
	 .help = "registered_delivery of what goes out"},
	{17, "answer", "priority", NUMBER(0, 3), IN(priority), .help = "priority_flag of what goes out"},
	{17, "answer", "protocol_id", CODE(0xff), IN(protocol_id), .help = "protocol_id of what goes out"},
	{17, "answer", "validity", .type = DIALECT_KEY_TIME, .most = 16, IN(validity),
	 .help = "validity_period of what goes out; \"\" = none"},
	{17, "", "overload", CHOICE("text status"), IN(overload),
	 .help = "a dialogue that does not fit now is turned away by a screen, or by a status that makes the SMSC wait"},

	{18, "sms", "parts", CHOICE("udh8 udh16 sar payload"), IN(sms.parts),
	 .help = "how a text that is too long for one message leaves"},
	{18, "sms", "letters", CHOICE("ucs2 transliterate"), IN(sms.letters),
	 .help = "letters outside of the alphabet: the whole text in UCS-2, or plain letters in their place"},
	{18, "sms", "alphabet", CHOICE("gsm7 ucs2 latin1 ascii"), IN(sms.alphabet),
	 .help = "of texts that need no more"},
	{18, "sms", "coding_gsm7", CODE(0xff), IN(sms.coding_gsm7), .help = "data_coding out of GSM 7-bit"},
	{18, "sms", "coding_latin1", CODE(0xff), IN(sms.coding_latin1),
	 .help = "data_coding out of ISO 8859-1"},
	{18, "sms", "coding_ucs2", CODE(0xff), IN(sms.coding_ucs2), .help = "data_coding out of UCS-2"},
	{18, "sms", "coding_ascii", CODE(0xff), IN(sms.coding_ascii), .help = "data_coding out of ASCII"},
	{18, "sms", "default_alphabet", CHOICE(ALPHABETS), IN(sms.default_alphabet),
	 .help = "what data_coding 0 means in"},
	{18, "sms", "service_type", TEXT(5), IN(sms.service_type), .help = "service_type out"},
	{18, "sms", "esm_class", CODE(0xff), IN(sms.esm_class),
	 .help = "esm_class out, without the bit of a header"},
	{18, "sms", "priority", NUMBER(0, 3), IN(sms.priority), .help = "priority_flag out"},
	{18, "sms", "protocol_id", CODE(0xff), IN(sms.protocol_id), .help = "protocol_id out"},
	{18, "sms", "validity", DURATION(9 * WEEK_MS), IN(sms.validity_ms),
	 .help = "how long the SMSC tries; 0s = as long as it likes"},
	{18, "sms", "validity_absolute", BOOL, IN(sms.validity_absolute),
	 .help = "validity leaves as a time of day, not as a span"},
	{18, "sms", "receipts", BOOL, IN(sms.receipts), .help = "ask for receipts of notices"},
	{18, "sms", "receipts_failures", BOOL, IN(sms.receipts_failures), .help = "only of those that fail"},
	{18, "sms", "receipts_by_text", BOOL, IN(sms.receipts_by_text),
	 .help = "a text that reads like a receipt is one"},
	{18, "sms", "receipt_id", CHOICE("same hex_in_resp hex_in_receipt any"), IN(sms.receipt_id),
	 .help = "how the message_id of a receipt is written, as compared with the one of the response"},
	{18, "sms", "sender", TEXT(21), IN(sms.sender),
	 .help = "source address; \"\" = the short code that was dialled or texted"},
};
/* clang-format on */
const size_t dialect_keys_count = sizeof(dialect_keys) / sizeof(dialect_keys[0]);

struct dialect_op dialect_meaning_op(enum dialect_meaning m)
{
	static const struct dialect_op ops[] = {
		[DIALECT_MEANS_BEGIN] = {0, DIALECT_BEGIN, DIALECT_CAUSE_UNKNOWN},
		[DIALECT_MEANS_CONTINUE] = {0, DIALECT_CONTINUE, DIALECT_CAUSE_UNKNOWN},
		[DIALECT_MEANS_END] = {0, DIALECT_ABORT, DIALECT_CAUSE_UNKNOWN},
		[DIALECT_MEANS_ABORT] = {0, DIALECT_ABORT, DIALECT_CAUSE_UNKNOWN},
		[DIALECT_MEANS_CANCEL] = {0, DIALECT_ABORT, DIALECT_CAUSE_SUBSCRIBER},
		[DIALECT_MEANS_TIMEOUT] = {0, DIALECT_ABORT, DIALECT_CAUSE_NETWORK},
		[DIALECT_MEANS_ACK] = {0, DIALECT_ACK, DIALECT_CAUSE_UNKNOWN},
	};

	return ops[m];
}

const struct dialect_key *dialect_key_by_name(const char *group, const char *name)
{
	for (size_t i = 0; i < dialect_keys_count; i++)
		if (strcmp(dialect_keys[i].group, group) == 0 && strcmp(dialect_keys[i].name, name) == 0)
			return &dialect_keys[i];
	return NULL;
}

const char *dialect_key_nearest(const char *group, const char *name)
{
	const char *names[64];
	size_t n = 0;

	for (size_t i = 0; i < dialect_keys_count && n < sizeof(names) / sizeof(names[0]); i++) {
		const struct dialect_key *k = &dialect_keys[i];

		if (strcmp(k->group, group) == 0)
			names[n++] = k->name;
		else if (!*group && !strchr(k->group, '[') &&
		         (i == 0 || strcmp(dialect_keys[i - 1].group, k->group) != 0))
			names[n++] = k->group;
	}
	return nearest_word(name, names, n);
}

char *dialect_key_choice(const struct dialect_key *k, unsigned i, char *out, size_t size)
{
	const char *at = k->choices;

	for (; i > 0 && *at; i--) {
		at += strcspn(at, " ");
		at += *at == ' ';
	}
	snprintf(out, size, "%.*s", (int)strcspn(at, " "), at);
	return out;
}
