/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options that make the simulator misbehave. */
#include "tools/smsc_options_fault.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"

#define TIME_MOST_MS 3600000

enum kind {
	NUMBER,
	PERCENT,
	TIME,   /* 250ms, 10s */
	MS,     /* 2000, or 100-2000: at random between */
	STATUS, /* command_status */
	SEED,
	FORM /* of receipts */
};

struct row {
	const char *name;
	enum kind kind;
	size_t at;
	const char *help;
};

#define AT(member) offsetof(struct smsc_fault_config, member)

static const struct row rows[] = {
	{"drop-every", NUMBER, AT(drop_every), "PDUs, then the connection is reset"},
	{"half-open-every", NUMBER, AT(half_open_every), "PDUs, then the connection is dead but not closed"},
	{"restart-every", NUMBER, AT(restart_every), "PDUs, then everything is closed and nobody listens"},
	{"down", TIME, AT(down_ms), "how long that lasts (1s)"},
	{"throttle", PERCENT, AT(throttle_percent), "of submit_sm are answered ESME_RTHROTTLED"},
	{"vendor-status", PERCENT, AT(vendor_percent), "are answered with a status of 0x400 to 0x4ff"},
	{"nack", PERCENT, AT(nack_percent), "are answered by a generic_nack"},
	{"no-resp", PERCENT, AT(no_resp_percent), "are taken and applied but never answered"},
	{"dup-resp", PERCENT, AT(dup_resp_percent), "are answered twice"},
	{"reorder", PERCENT, AT(reorder_percent), "are answered after some later ones"},
	{"slow-resp", MS, AT(slow_resp_ms), "submit_sm_resp come this late; 100-2000: at random"},
	{"slow-percent", PERCENT, AT(slow_percent), "so many of them (100)"},
	{"garbage", PERCENT, AT(garbage_percent), "of deliver_sm have a hostile PDU before them"},
	{"redeliver", PERCENT, AT(redeliver_percent),
         "go out twice at once, by two connections where there are"},
	{"refuse-bind", STATUS, AT(refuse_bind), "answer binds with this command_status"},
	{"refuse-first", NUMBER, AT(refuse_first),
         "only the first N binds (with ESME_RINVPASWD if not said)"},
	{"mute-binds", NUMBER, AT(mute_binds), "the first N binds are never answered"},
	{"max-binds", NUMBER, AT(max_binds), "at once; a further one is refused as already bound"},
	{"mute-enquire", PERCENT, AT(mute_enquire_percent), "of enquire_link are not answered"},
	{"absent", PERCENT, AT(absent_percent), "of pushes are refused: nobody is there"},
	{"busy", PERCENT, AT(busy_percent), "are taken and aborted: the phone is in another dialogue"},
	{"receipts", FORM, AT(receipts), "send delivery receipts: tlv, text, decimal or both"},
	{"undelivered", PERCENT, AT(undelivered_percent), "of them say UNDELIV"},
	{"seed", SEED, AT(seed), "of the random generator (1)"},
};

static const char *const kind_words[] = {
	[NUMBER] = "N",      [PERCENT] = "PERCENT", [TIME] = "TIME", [MS] = "MS",
	[STATUS] = "STATUS", [SEED] = "N",          [FORM] = "FORM"};

size_t smsc_fault_options(void)
{
	return sizeof rows / sizeof rows[0];
}

const char *smsc_fault_option_name(size_t i)
{
	return rows[i].name;
}

void smsc_fault_options_help(FILE *to)
{
	for (size_t i = 0; i < smsc_fault_options(); i++) {
		char left[40];

		snprintf(left, sizeof left, "--%s %s", rows[i].name, kind_words[rows[i].kind]);
		fprintf(to, "  %-25s %s\n", left, rows[i].help);
	}
}

void smsc_fault_options_default(struct smsc_fault_config *c)
{
	c->seed = 1;
	c->slow_percent = 100;
	c->down_ms = 1000;
}

static bool read_number(const char *text, unsigned long long most, char **end, unsigned long long *out)
{
	*out = strtoull(text, end, 0);
	return *end != text && text[0] != '-' && *out <= most;
}

static bool read_form(const char *text, enum smsc_receipts *out)
{
	static const char *const forms[] = {[SMSC_RECEIPTS_TLV] = "tlv",
	                                    [SMSC_RECEIPTS_TEXT] = "text",
	                                    [SMSC_RECEIPTS_DECIMAL] = "decimal",
	                                    [SMSC_RECEIPTS_BOTH] = "both"};

	for (unsigned i = SMSC_RECEIPTS_TLV; i <= SMSC_RECEIPTS_BOTH; i++)
		if (strcmp(text, forms[i]) == 0) {
			*out = (enum smsc_receipts)i;
			return true;
		}
	return false;
}

static bool read_range(const char *text, struct smsc_fault_config *c)
{
	unsigned long long least, most;
	char *end;

	if (!read_number(text, TIME_MOST_MS, &end, &least))
		return false;
	most = least;
	if (*end == '-' && !read_number(end + 1, TIME_MOST_MS, &end, &most))
		return false;
	c->slow_resp_ms = (uint32_t)least;
	c->slow_most_ms = (uint32_t)most;
	return *end == '\0' && most >= least;
}

bool smsc_fault_option_read(struct smsc_fault_config *c, size_t i, const char *text)
{
	uint32_t *member = (uint32_t *)(void *)((char *)c + rows[i].at);
	unsigned long long v = 0, most = rows[i].kind == PERCENT ? 100 : UINT32_MAX;
	int64_t ms;
	char *end;

	switch (rows[i].kind) {
	case MS:
		return read_range(text, c);
	case FORM:
		return read_form(text, &c->receipts);
	case TIME:
		if (duration_parse(text, &ms) != RC_OK || ms > TIME_MOST_MS)
			return false;
		*member = (uint32_t)ms;
		return true;
	case SEED:
		if (!read_number(text, UINT64_MAX, &end, &v) || *end != '\0')
			return false;
		c->seed = v;
		return true;
	default:
		if (!read_number(text, most, &end, &v) || *end != '\0' || (v == 0 && rows[i].kind != PERCENT))
			return false;
		*member = (uint32_t)v;
		if (rows[i].at == AT(refuse_first) && c->refuse_bind == 0)
			c->refuse_bind = SMSC_INV_PASSWORD;
		return true;
	}
}
