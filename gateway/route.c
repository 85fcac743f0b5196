/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Route: see route.h. */
#include "gateway/route.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/msisdn.h"

const char *route_group_name(const struct config *c, uint16_t group)
{
	return group < c->n_links ? c->link[group].group : "";
}

uint16_t route_group(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_links; i++)
		if (strcmp(c->link[i].group, name) == 0)
			return (uint16_t)i;
	return ROUTE_ANY;
}

/* "1 1 254700000001 " */
static void address_write(struct buf *b, const struct pdu_address *a)
{
	buf_add_int(b, a->ton);
	buf_add_char(b, ' ');
	buf_add_int(b, a->npi);
	buf_add_char(b, ' ');
	buf_add(b, a->digits[0] != '\0' ? a->digits : "-");
	buf_add_char(b, ' ');
}

bool route_write(const struct config *c, const struct notices_route *r, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, out, size);
	address_write(&b, &r->service);
	address_write(&b, &r->subscriber);
	buf_add_char(&b, '@');
	buf_add(&b, route_group_name(c, r->group));
	return !b.cut;
}

static bool addresses(const char *text, struct notices_route *r)
{
	unsigned ton[2], npi[2];
	char digits[2][22];

	if (sscanf(text, "%u %u %21s %u %u %21s", &ton[0], &npi[0], digits[0], &ton[1], &npi[1], digits[1]) !=
	    6)
		return false;
	r->service.ton = (uint8_t)ton[0];
	r->service.npi = (uint8_t)npi[0];
	r->subscriber.ton = (uint8_t)ton[1];
	r->subscriber.npi = (uint8_t)npi[1];
	snprintf(r->service.digits, sizeof(r->service.digits), "%s",
	         strcmp(digits[0], "-") != 0 ? digits[0] : "");
	snprintf(r->subscriber.digits, sizeof(r->subscriber.digits), "%s",
	         strcmp(digits[1], "-") != 0 ? digits[1] : "");
	return r->subscriber.digits[0] != '\0';
}

void route_read(const struct config *c, const char *text, const char *smsc, int64_t msisdn,
                struct notices_route *out)
{
	const char *at = strchr(text, '@'); /* no digit is one; a name may hold more */
	char number[MSISDN_TEXT_SIZE];

	memset(out, 0, sizeof(*out));
	out->msisdn = msisdn;
	out->group = route_group(c, smsc != NULL ? smsc : at != NULL ? at + 1 : "");
	if (addresses(text, out))
		return;
	memset(&out->service, 0, sizeof(out->service));
	out->subscriber = (struct pdu_address){.ton = MSISDN_TON_INTERNATIONAL, .npi = 1};
	snprintf(out->subscriber.digits, sizeof(out->subscriber.digits), "%s", msisdn_text(msisdn, number));
}
