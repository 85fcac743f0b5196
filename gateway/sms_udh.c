/* SPDX-License-Identifier: GPL-3.0-or-later */
/* User data header: see sms_udh.h. Invariant: nothing is read outside of the body, whatever the lengths in it say. */
#include "gateway/sms_udh.h"

#include <string.h>

/* 3GPP TS 23.040, 9.2.3.24 */
#define ELEMENT_PARTS 0x00
#define ELEMENT_PARTS_WIDE 0x08
#define ELEMENT_SINGLE_SHIFT 0x24
#define ELEMENT_LOCKING_SHIFT 0x25

static void read_parts(struct sms_udh *u, const uint8_t *value, bool wide)
{
	const uint8_t *counts = wide ? value + 2 : value + 1;

	if (counts[0] == 0 || counts[1] == 0 || counts[1] > counts[0])
		return;
	u->has_parts = true;
	u->is_wide = wide;
	u->reference = wide ? (uint16_t)(value[0] << 8 | value[1]) : value[0];
	u->total = counts[0];
	u->part = counts[1];
}

static void read_element(struct sms_udh *u, uint8_t id, const uint8_t *value, size_t len)
{
	if (id == ELEMENT_PARTS && len == 3)
		read_parts(u, value, false);
	else if (id == ELEMENT_PARTS_WIDE && len == 4)
		read_parts(u, value, true);
	else if (id == ELEMENT_SINGLE_SHIFT && len == 1)
		u->shift.single = value[0];
	else if (id == ELEMENT_LOCKING_SHIFT && len == 1)
		u->shift.locking = value[0];
}

enum rc sms_udh_read(const uint8_t *body, size_t len, struct sms_udh *out)
{
	struct sms_udh u = {0};
	size_t at = 1;

	if (len == 0 || (size_t)body[0] + 1 > len)
		return RC_SYNTAX;
	u.octets = (size_t)body[0] + 1;
	while (at + 2 <= u.octets && at + 2 + body[at + 1] <= u.octets) {
		read_element(&u, body[at], body + at + 2, body[at + 1]);
		at += 2 + (size_t)body[at + 1];
	}
	*out = u;
	return RC_OK;
}

size_t sms_udh_write(bool wide, uint16_t reference, uint8_t total, uint8_t part, uint8_t out[SMS_UDH_MAX])
{
	const uint8_t narrow_one[] = {5, ELEMENT_PARTS, 3, (uint8_t)reference, total, part};
	const uint8_t wide_one[] = {
		6, ELEMENT_PARTS_WIDE, 4, (uint8_t)(reference >> 8), (uint8_t)reference, total, part};

	memcpy(out, wide ? wide_one : narrow_one, wide ? sizeof(wide_one) : sizeof(narrow_one));
	return wide ? sizeof(wide_one) : sizeof(narrow_one);
}
