/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which fields each PDU has: SMPP 3.4 issue 1.2, chapter 4, as tables. Sizes of strings count their NUL. */
#include "tools/explain_private.h"

#include "gateway/pdu.h"

#define END                         \
	{                           \
		NULL, EXPLAIN_U8, 0 \
	}
#define SOURCE(size)                                                              \
	{"source_addr_ton", EXPLAIN_TON, 1}, {"source_addr_npi", EXPLAIN_NPI, 1}, \
	{                                                                         \
		"source_addr", EXPLAIN_DIGITS, size                               \
	}
#define DESTINATION(size)                                                     \
	{"dest_addr_ton", EXPLAIN_TON, 1}, {"dest_addr_npi", EXPLAIN_NPI, 1}, \
	{                                                                     \
		"destination_addr", EXPLAIN_DIGITS, size                      \
	}
#define MESSAGE_END                                                                                         \
	{"esm_class", EXPLAIN_ESM, 1}, {"protocol_id", EXPLAIN_U8, 1}, {"priority_flag", EXPLAIN_U8, 1},    \
		{"schedule_delivery_time", EXPLAIN_STRING, 17}, {"validity_period", EXPLAIN_STRING, 17},    \
		{"registered_delivery", EXPLAIN_REGISTERED, 1}, {"replace_if_present_flag", EXPLAIN_U8, 1}, \
		{"data_coding", EXPLAIN_CODING, 1}, {"sm_default_msg_id", EXPLAIN_U8, 1},                   \
	{                                                                                                   \
		"", EXPLAIN_BODY, 0                                                                         \
	}
/* A password may have 9 octets by the specification; SMSCs take and demand more. */
#define PASSWORD                               \
	{                                      \
		"password", EXPLAIN_SECRET, 17 \
	}

static const struct explain_rule bare[] = {END};
static const struct explain_rule bind[] = {
	{"system_id", EXPLAIN_STRING, 16},     PASSWORD,
	{"system_type", EXPLAIN_STRING, 13},   {"interface_version", EXPLAIN_VERSION, 1},
	{"addr_ton", EXPLAIN_TON, 1},          {"addr_npi", EXPLAIN_NPI, 1},
	{"address_range", EXPLAIN_STRING, 41}, END};
static const struct explain_rule bind_resp[] = {{"system_id", EXPLAIN_STRING, 16}, END};
static const struct explain_rule outbind[] = {{"system_id", EXPLAIN_STRING, 16}, PASSWORD, END};
static const struct explain_rule message[] = {
	{"service_type", EXPLAIN_STRING, 6}, SOURCE(21), DESTINATION(21), MESSAGE_END, END};
static const struct explain_rule multi[] = {
	{"service_type", EXPLAIN_STRING, 6}, SOURCE(21), {"", EXPLAIN_DESTS, 0}, MESSAGE_END, END};
static const struct explain_rule multi_resp[] = {
	{"message_id", EXPLAIN_STRING, 65}, {"", EXPLAIN_UNSUCCESS, 0}, END};
static const struct explain_rule data[] = {{"service_type", EXPLAIN_STRING, 6},
                                           SOURCE(65),
                                           DESTINATION(65),
                                           {"esm_class", EXPLAIN_ESM, 1},
                                           {"registered_delivery", EXPLAIN_REGISTERED, 1},
                                           {"data_coding", EXPLAIN_CODING, 1},
                                           END};
static const struct explain_rule message_resp[] = {{"message_id", EXPLAIN_STRING, 65}, END};
static const struct explain_rule query[] = {{"message_id", EXPLAIN_STRING, 65}, SOURCE(21), END};
static const struct explain_rule query_resp[] = {{"message_id", EXPLAIN_STRING, 65},
                                                 {"final_date", EXPLAIN_STRING, 17},
                                                 {"message_state", EXPLAIN_STATE, 1},
                                                 {"error_code", EXPLAIN_U8, 1},
                                                 END};
static const struct explain_rule cancel[] = {{"service_type", EXPLAIN_STRING, 6},
                                             {"message_id", EXPLAIN_STRING, 65},
                                             SOURCE(21),
                                             DESTINATION(21),
                                             END};
static const struct explain_rule replace[] = {{"message_id", EXPLAIN_STRING, 65},
                                              SOURCE(21),
                                              {"schedule_delivery_time", EXPLAIN_STRING, 17},
                                              {"validity_period", EXPLAIN_STRING, 17},
                                              {"registered_delivery", EXPLAIN_REGISTERED, 1},
                                              {"sm_default_msg_id", EXPLAIN_U8, 1},
                                              {"", EXPLAIN_BODY, 0},
                                              END};
static const struct explain_rule alert[] = {SOURCE(65),
                                            {"esme_addr_ton", EXPLAIN_TON, 1},
                                            {"esme_addr_npi", EXPLAIN_NPI, 1},
                                            {"esme_addr", EXPLAIN_DIGITS, 65},
                                            END};

static const struct {
	uint32_t id;
	const struct explain_rule *rules;
} commands[] = {
	{PDU_GENERIC_NACK, bare},
	{0x01, bind},
	{0x02, bind},
	{0x09, bind},
	{0x80000001, bind_resp},
	{0x80000002, bind_resp},
	{0x80000009, bind_resp},
	{0x03, query},
	{0x80000003, query_resp},
	{0x04, message},
	{0x05, message},
	{0x80000004, message_resp},
	{0x80000005, message_resp},
	{0x06, bare},
	{0x80000006, bare},
	{0x07, replace},
	{0x80000007, bare},
	{0x08, cancel},
	{0x80000008, bare},
	{0x0b, outbind},
	{0x15, bare},
	{0x80000015, bare},
	{0x21, multi},
	{0x80000021, multi_resp},
	{0x102, alert},
	{0x103, data},
	{0x80000103, message_resp},
};

const struct explain_rule *explain_rules_of(uint32_t command_id)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (commands[i].id == command_id)
			return commands[i].rules;
	return NULL;
}
