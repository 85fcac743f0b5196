/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of PDUs and statuses for logs, and look-ups in decoded PDUs.
 *
 * The tables are SMPP 3.4 issue 1.2, 5.1.2.1 (command_id) and 5.1.3 (command_status), whole, so that a log
 * can name what the gateway itself never sends.
 */
#include "gateway/pdu.h"

struct name_row {
	uint32_t value;
	const char *name;
};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* clang-format off */
static const struct name_row pdu_names[] = {
	{0x80000000u, "generic_nack"},
	{0x00000001u, "bind_receiver"},
	{0x80000001u, "bind_receiver_resp"},
	{0x00000002u, "bind_transmitter"},
	{0x80000002u, "bind_transmitter_resp"},
	{0x00000003u, "query_sm"},
	{0x80000003u, "query_sm_resp"},
	{0x00000004u, "submit_sm"},
	{0x80000004u, "submit_sm_resp"},
	{0x00000005u, "deliver_sm"},
	{0x80000005u, "deliver_sm_resp"},
	{0x00000006u, "unbind"},
	{0x80000006u, "unbind_resp"},
	{0x00000007u, "replace_sm"},
	{0x80000007u, "replace_sm_resp"},
	{0x00000008u, "cancel_sm"},
	{0x80000008u, "cancel_sm_resp"},
	{0x00000009u, "bind_transceiver"},
	{0x80000009u, "bind_transceiver_resp"},
	{0x0000000bu, "outbind"},
	{0x00000015u, "enquire_link"},
	{0x80000015u, "enquire_link_resp"},
	{0x00000021u, "submit_multi"},
	{0x80000021u, "submit_multi_resp"},
	{0x00000102u, "alert_notification"},
	{0x00000103u, "data_sm"},
	{0x80000103u, "data_sm_resp"},
};

static const struct name_row pdu_status_names[] = {
	{0x00, "ESME_ROK"},
	{0x01, "ESME_RINVMSGLEN"},
	{0x02, "ESME_RINVCMDLEN"},
	{0x03, "ESME_RINVCMDID"},
	{0x04, "ESME_RINVBNDSTS"},
	{0x05, "ESME_RALYBND"},
	{0x06, "ESME_RINVPRTFLG"},
	{0x07, "ESME_RINVREGDLVFLG"},
	{0x08, "ESME_RSYSERR"},
	{0x0a, "ESME_RINVSRCADR"},
	{0x0b, "ESME_RINVDSTADR"},
	{0x0c, "ESME_RINVMSGID"},
	{0x0d, "ESME_RBINDFAIL"},
	{0x0e, "ESME_RINVPASWD"},
	{0x0f, "ESME_RINVSYSID"},
	{0x11, "ESME_RCANCELFAIL"},
	{0x13, "ESME_RREPLACEFAIL"},
	{0x14, "ESME_RMSGQFUL"},
	{0x15, "ESME_RINVSERTYP"},
	{0x33, "ESME_RINVNUMDESTS"},
	{0x34, "ESME_RINVDLNAME"},
	{0x40, "ESME_RINVDESTFLAG"},
	{0x42, "ESME_RINVSUBREP"},
	{0x43, "ESME_RINVESMCLASS"},
	{0x44, "ESME_RCNTSUBDL"},
	{0x45, "ESME_RSUBMITFAIL"},
	{0x48, "ESME_RINVSRCTON"},
	{0x49, "ESME_RINVSRCNPI"},
	{0x50, "ESME_RINVDSTTON"},
	{0x51, "ESME_RINVDSTNPI"},
	{0x53, "ESME_RINVSYSTYP"},
	{0x54, "ESME_RINVREPFLAG"},
	{0x55, "ESME_RINVNUMMSGS"},
	{0x58, "ESME_RTHROTTLED"},
	{0x61, "ESME_RINVSCHED"},
	{0x62, "ESME_RINVEXPIRY"},
	{0x63, "ESME_RINVDFTMSGID"},
	{0x64, "ESME_RX_T_APPN"},
	{0x65, "ESME_RX_P_APPN"},
	{0x66, "ESME_RX_R_APPN"},
	{0x67, "ESME_RQUERYFAIL"},
	{0xc0, "ESME_RINVOPTPARSTREAM"},
	{0xc1, "ESME_ROPTPARNOTALLWD"},
	{0xc2, "ESME_RINVPARLEN"},
	{0xc3, "ESME_RMISSINGOPTPARAM"},
	{0xc4, "ESME_RINVOPTPARAMVAL"},
	{0xfe, "ESME_RDELIVERYFAILURE"},
	{0xff, "ESME_RUNKNOWNERR"},
};
/* clang-format on */

static const char *name_of(const struct name_row *rows, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].value == value)
			return rows[i].name;
	}
	return NULL;
}

const char *pdu_name(uint32_t command_id)
{
	const char *name = name_of(pdu_names, COUNT_OF(pdu_names), command_id);

	return name ? name : "unknown";
}

const char *pdu_status_name(uint32_t status)
{
	const char *name = name_of(pdu_status_names, COUNT_OF(pdu_status_names), status);

	if (name)
		return name;
	return status >= 0x400 && status <= 0x4ff ? "vendor" : "reserved";
}

const struct pdu_tlv *pdu_message_tlv(const struct pdu_message *m, uint16_t tag)
{
	for (size_t i = 0; i < m->n_tlvs; i++) {
		if (m->tlv[i].tag == tag)
			return &m->tlv[i];
	}
	return NULL;
}
