/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML-RPC: requests out of text, answers into bounded values. The only owner of libxml2.
 *
 * An answer comes from somebody else's machine, so it is read as hostile: no DTD, no entities but the five of XML, no
 * network, XMLRPC_DEPTH_MAX deep, XMLRPC_VALUES_MAX values, nothing that the grammar of XML-RPC does not have at that
 * place. What breaks a rule is refused whole. Source of the grammar: http://xmlrpc.com/spec.md, and <i8> and <nil/> of its
 * common extensions.
 */
#ifndef STARHASH_GATEWAY_XMLRPC_H
#define STARHASH_GATEWAY_XMLRPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/rc.h"

#define XMLRPC_DEPTH_MAX 64     /* elements inside each other; a value in a struct in a list takes five */
#define XMLRPC_VALUES_MAX 8192  /* of one answer */
#define XMLRPC_BYTES_MAX 262144 /* of one answer */

/* --- requests ------------------------------------------------------------------------------------------- */

/* <methodCall> with one struct. Members are written between begin and end; what does not fit sets b->cut. */
void xmlrpc_call_begin(struct buf *b, const char *method);
void xmlrpc_call_end(struct buf *b);
void xmlrpc_put_text(struct buf *b, const char *name, const char *text); /* escaped */
void xmlrpc_put_int(struct buf *b, const char *name, int64_t value);     /* <i4> */
void xmlrpc_put_amount(struct buf *b, const char *name, int64_t value);  /* a number as <string> */
/* "20261122T01:31:29+0000", as <dateTime.iso8601> */
#define XMLRPC_TIME_SIZE 32
char *xmlrpc_time(int64_t utc_ms, char *out);
void xmlrpc_put_time(struct buf *b, const char *name, const char *time);
/* A list of structs: list_begin, (item_begin, members, item_end)..., list_end. */
void xmlrpc_list_begin(struct buf *b, const char *name);
void xmlrpc_list_end(struct buf *b);
void xmlrpc_item_begin(struct buf *b);
void xmlrpc_item_end(struct buf *b);

/* --- answers -------------------------------------------------------------------------------------------- */

struct xmlrpc;       /* one answer */
struct xmlrpc_value; /* of it; valid as long as the answer */

/* RC_OK; RC_SYNTAX (not an answer of XML-RPC, or over a bound); RC_NOMEM. */
enum rc xmlrpc_read(const char *text, size_t len, struct xmlrpc **out) RC_NODISCARD;
void xmlrpc_free(struct xmlrpc *x); /* NULL is fine */

bool xmlrpc_is_fault(const struct xmlrpc *x);
/* The one value of the answer, or of the fault. */
const struct xmlrpc_value *xmlrpc_root(const struct xmlrpc *x);

/* The members of a struct by name, the first of them if a name is there twice. What is missing or of another kind is
 * NULL or false. `v` may be NULL, so that calls can be chained. */
const struct xmlrpc_value *xmlrpc_member(const struct xmlrpc_value *v, const char *name);
const char *xmlrpc_text(const struct xmlrpc_value *v, const char *name);
/* A whole number, as i4, int, i8 or a text of digits; false also when it does not fit. */
bool xmlrpc_int(const struct xmlrpc_value *v, const char *name, int64_t *out);
bool xmlrpc_flag(const struct xmlrpc_value *v, const char *name, bool fallback);
/* Items of a list: first of the member `name`, then the next; NULL at the end. */
const struct xmlrpc_value *xmlrpc_first(const struct xmlrpc_value *v, const char *name);
const struct xmlrpc_value *xmlrpc_next(const struct xmlrpc_value *v);

#endif
