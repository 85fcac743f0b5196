/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Result codes.
 *
 * Every function that can fail for a reason its caller must tell apart returns
 * one of these. Each function documents the subset it uses; outputs are
 * untouched unless RC_OK. The lowest level that sees the cause logs it, once.
 */
#ifndef STARHASH_CORE_RC_H
#define STARHASH_CORE_RC_H

enum rc {
	RC_OK = 0,
	RC_EXISTS,   /* already there; nothing was done again */
	RC_NOTFOUND, /* no such thing */
	RC_FULL,     /* a documented bound is reached */
	RC_RANGE,    /* a value is outside its documented range */
	RC_SYNTAX,   /* text or bytes that cannot be read as what they should be */
	RC_STATE,    /* not now: the object is in a state that does not allow it */
	RC_BUSY,     /* certainly not done; the same call may work a little later */
	RC_IO,       /* the system, disk or peer failed */
	RC_NOMEM,
	RC_CLOSED, /* the other side is gone */
	RC_COUNT_  /* number of codes, not a code */
};

#define RC_NODISCARD __attribute__((warn_unused_result))

/* A stable lower-case word for logs and JSON, such as "full". Never NULL. */
const char *rc_name(enum rc rc);

#endif
