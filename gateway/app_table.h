/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How apps are spoken to: the field names of each dialect, as data (gateway/app_table.c). */
#ifndef STARHASH_GATEWAY_APP_TABLE_H
#define STARHASH_GATEWAY_APP_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "menus/book.h"

#define APP_MAX_FIELDS 10

/* What stands in a field of a request. */
enum app_value {
	APP_SESSION,
	APP_MSISDN,      /* 254700000001 */
	APP_MSISDN_PLUS, /* +254700000001 */
	APP_CODE,        /* *123# */
	APP_CODE_BARE,   /* 123 */
	APP_CHAIN,       /* everything typed, joined with '*' */
	APP_INPUT,       /* what was typed last; on the first call "" */
	APP_DIALLED,     /* the same, but on the first call what was dialled */
	APP_FIRST,       /* true on the first call */
	APP_TYPE,        /* one of `types` */
	APP_SEQUENCE,
	APP_STATE, /* what the app wanted to be given back */
	APP_FIXED  /* `fixed` */
};

struct app_field {
	const char *name;
	enum app_value value;
	const char *fixed;
};

struct app_dialect {
	bool json; /* else a form, and text/plain back */
	const char
		*path[3]; /* behind the URL: first, later, closing; %s = session. NULL = the URL as it is */
	const char *types[3]; /* APP_TYPE: first, later, closing */
	bool closes;          /* it has a word for a subscriber who is gone */
	struct app_field field[APP_MAX_FIELDS];
	/* Of the answer, when it is JSON: */
	const char *text, *flag; /* the words; whether it goes on or ends */
	const char
		*ends_word; /* `flag` is a text: this one ends, goes_on_word goes on, any other is a fault */
	const char *goes_on_word;
	bool ends_when;    /* `flag` is a boolean: the value that ends */
	const char *state; /* given back with the next call; NULL = no such thing */
	const char *code;  /* must be 200 if it is there; NULL = no such thing */
};

const struct app_dialect *app_dialect_of(enum book_speaks speaks);

#endif
