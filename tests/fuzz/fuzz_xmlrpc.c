/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: an answer of a charging system, as hostile as can be, and what is read out of it.
 *
 * Beyond the sanitizers it asserts what the headers promise: an answer that is taken has a value, and a mark that was
 * written reads back the same. Defends promise 6.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/charging_ucip_account.h"
#include "gateway/xmlrpc.h"
#include "tests/fuzz/fuzz.h"

static void read_state(const struct xmlrpc_value *root, enum charging_product_kind kind)
{
	struct charging_product p = {.kind = kind, .id = 4, .account = 4, .amount = 100};
	struct charging_ucip_state s, again;
	char mark[CHARGING_MARK_SIZE];

	charging_ucip_state_read(root, &p, &s);
	charging_ucip_mark_write(&s, "da:4:100", mark);
	MUST(charging_ucip_mark_read(mark, "da:4:100", &again));
	MUST(s.is_there == again.is_there && s.value == again.value && s.main == again.main &&
	     s.expiry == again.expiry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xmlrpc *x = NULL;
	int64_t code;

	if (xmlrpc_read((const char *)data, size, &x) != RC_OK)
		return 0;
	MUST(xmlrpc_root(x) != NULL);
	(void)xmlrpc_int(xmlrpc_root(x), xmlrpc_is_fault(x) ? "faultCode" : "responseCode", &code);
	read_state(xmlrpc_root(x), CHARGING_PRODUCT_DA);
	read_state(xmlrpc_root(x), CHARGING_PRODUCT_OFFER);
	xmlrpc_free(x);
	return 0;
}
