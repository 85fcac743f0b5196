/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML-RPC answers: see xmlrpc.h. libxml2 says which element begins and ends; what may stand where is a table here.
 *
 * Invariant: at every moment the stack of open elements is a path through the table, so a value always has a place to go.
 * No document of libxml2 is built. Requests are written by xmlrpc_write.c.
 */
#include "gateway/xmlrpc.h"

#include <errno.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "core/region.h"

#define REGION_LIMIT (4 * XMLRPC_BYTES_MAX + XMLRPC_VALUES_MAX * 128)

enum element {
	EL_NONE,
	EL_RESPONSE,
	EL_PARAMS,
	EL_PARAM,
	EL_FAULT,
	EL_VALUE,
	EL_STRUCT,
	EL_MEMBER,
	EL_NAME,
	EL_ARRAY,
	EL_DATA,
	EL_SCALAR
};

#define IN(e) (1u << (e))
static const struct {
	const char *name;
	enum element element;
	unsigned inside; /* which elements it may stand in */
} grammar[] = {
	{"methodResponse", EL_RESPONSE, IN(EL_NONE)},
	{"params", EL_PARAMS, IN(EL_RESPONSE)},
	{"param", EL_PARAM, IN(EL_PARAMS)},
	{"fault", EL_FAULT, IN(EL_RESPONSE)},
	{"value", EL_VALUE, IN(EL_PARAM) | IN(EL_FAULT) | IN(EL_MEMBER) | IN(EL_DATA)},
	{"struct", EL_STRUCT, IN(EL_VALUE)},
	{"member", EL_MEMBER, IN(EL_STRUCT)},
	{"name", EL_NAME, IN(EL_MEMBER)},
	{"array", EL_ARRAY, IN(EL_VALUE)},
	{"data", EL_DATA, IN(EL_ARRAY)},
	{"i4", EL_SCALAR, IN(EL_VALUE)},
	{"int", EL_SCALAR, IN(EL_VALUE)},
	{"i8", EL_SCALAR, IN(EL_VALUE)},
	{"string", EL_SCALAR, IN(EL_VALUE)},
	{"boolean", EL_SCALAR, IN(EL_VALUE)},
	{"double", EL_SCALAR, IN(EL_VALUE)},
	{"dateTime.iso8601", EL_SCALAR, IN(EL_VALUE)},
	{"base64", EL_SCALAR, IN(EL_VALUE)},
	{"nil", EL_SCALAR, IN(EL_VALUE)},
};

struct xmlrpc_value {
	char kind;        /* 't'ext, 's'truct, 'a'rray; 0 = not known yet */
	const char *name; /* of the member that it is; "" */
	const char *text;
	struct xmlrpc_value *first, *last, *next;
};

struct xmlrpc {
	struct region *region;
	struct xmlrpc_value *root;
	bool is_fault;
};

struct reader {
	struct xmlrpc *x;
	xmlParserCtxtPtr parser;
	enum element open[XMLRPC_DEPTH_MAX];
	struct xmlrpc_value *value[XMLRPC_DEPTH_MAX]; /* open ones, innermost last */
	size_t depth, n_open, n_values;
	const char *name; /* of the member that is open */
	char *text;       /* characters of the innermost element that may have any */
	size_t len, size;
	bool is_bad;
	bool is_out; /* of memory */
};

static void refuse(struct reader *r)
{
	r->is_bad = true;
	xmlStopParser(r->parser);
}

static void value_begin(struct reader *r)
{
	struct xmlrpc_value *v = region_alloc(r->x->region, sizeof(*v));
	struct xmlrpc_value *parent = r->n_open > 0 ? r->value[r->n_open - 1] : NULL;

	if (v == NULL || ++r->n_values > XMLRPC_VALUES_MAX || (parent == NULL && r->x->root != NULL)) {
		r->is_out = v == NULL;
		refuse(r);
		return;
	}
	v->name = r->name != NULL ? r->name : "";
	r->name = NULL;
	if (parent == NULL)
		r->x->root = v;
	else if (parent->last == NULL)
		parent->first = v;
	else
		parent->last->next = v;
	if (parent != NULL)
		parent->last = v;
	r->value[r->n_open++] = v;
}

static char *take_text(struct reader *r)
{
	char *text = region_strndup(r->x->region, r->text, r->len);

	r->len = 0;
	if (text == NULL) {
		r->is_out = true;
		refuse(r);
	}
	return text;
}

/* A value becomes what its first element says, once. */
static void value_is(struct reader *r, char kind)
{
	struct xmlrpc_value *v = r->value[r->n_open - 1];

	if (v->kind != 0)
		refuse(r);
	v->kind = kind;
}

static void on_begin(void *ctx, const xmlChar *name, const xmlChar **attributes)
{
	struct reader *r = ctx;
	enum element parent = r->depth > 0 ? r->open[r->depth - 1] : EL_NONE, e = EL_NONE;

	for (size_t i = 0; i < sizeof(grammar) / sizeof(grammar[0]); i++)
		if (strcmp(grammar[i].name, (const char *)name) == 0 && (grammar[i].inside & IN(parent)) != 0)
			e = grammar[i].element;
	if (r->is_bad || e == EL_NONE || attributes != NULL || r->depth >= XMLRPC_DEPTH_MAX) {
		refuse(r);
		return;
	}
	r->open[r->depth++] = e;
	r->len = 0;
	if (e == EL_VALUE)
		value_begin(r);
	else if (e == EL_STRUCT || e == EL_ARRAY || e == EL_SCALAR)
		value_is(r, e == EL_STRUCT ? 's' : e == EL_ARRAY ? 'a' : 't');
	else if (e == EL_FAULT)
		r->x->is_fault = true;
}

static void on_end(void *ctx, const xmlChar *name)
{
	struct reader *r = ctx;
	struct xmlrpc_value *v;

	enum element e;

	(void)name;
	if (r->is_bad || r->depth == 0)
		return;
	e = r->open[--r->depth];
	v = r->n_open > 0 ? r->value[r->n_open - 1] : NULL;
	if (v == NULL &&
	    (e == EL_SCALAR || e == EL_VALUE)) { /* the grammar has a value around each of them */
		refuse(r);
		return;
	}
	switch (e) {
	case EL_NAME:
		r->name = take_text(r);
		break;
	case EL_SCALAR:
		v->text = take_text(r);
		break;
	case EL_VALUE:
		if (v->kind == 0) { /* no type said: a string */
			v->kind = 't';
			v->text = take_text(r);
		}
		r->n_open--;
		break;
	default:
		break;
	}
	r->len = 0;
}

static void on_text(void *ctx, const xmlChar *text, int n)
{
	struct reader *r = ctx;
	enum element e = r->depth > 0 ? r->open[r->depth - 1] : EL_NONE;

	if (r->is_bad || (e != EL_NAME && e != EL_SCALAR && e != EL_VALUE))
		return; /* layout between elements */
	if (n < 0 || r->len + (size_t)n > r->size) {
		refuse(r);
		return;
	}
	memcpy(r->text + r->len, text, (size_t)n);
	r->len += (size_t)n;
}

/* A DTD: refused where it begins, so nothing in it is ever looked at. */
static void on_dtd(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	(void)name;
	(void)external;
	(void)system;
	refuse(ctx);
}

static void on_reference(void *ctx, const xmlChar *name)
{
	(void)name;
	refuse(ctx);
}

/* What the parser would print is not for the log: it quotes the answer. */
static void on_complaint(void *ctx, const xmlError *error)
{
	(void)ctx;
	(void)error;
}

static enum rc parse(struct reader *r, const char *text, size_t len)
{
	xmlSAXHandler sax = {.initialized = 1}; /* SAX1: names as they are written, attributes as one list */
	bool is_well = false;

	sax.startElement = on_begin;
	sax.endElement = on_end;
	sax.characters = on_text;
	sax.cdataBlock = on_text;
	sax.internalSubset = on_dtd;
	sax.externalSubset = on_dtd;
	sax.reference = on_reference;
	sax.serror = (xmlStructuredErrorFunc)on_complaint;
	r->parser = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
	if (r->parser == NULL)
		return RC_NOMEM;
	xmlCtxtUseOptions(r->parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (xmlParseChunk(r->parser, text, (int)len, 1) == 0)
		is_well = r->parser->wellFormed == 1;
	if (r->parser->myDoc != NULL)
		xmlFreeDoc(r->parser->myDoc);
	xmlFreeParserCtxt(r->parser);
	if (r->is_out)
		return RC_NOMEM;
	return is_well && !r->is_bad && r->x->root != NULL && r->depth == 0 ? RC_OK : RC_SYNTAX;
}

enum rc xmlrpc_read(const char *text, size_t len, struct xmlrpc **out)
{
	struct reader r = {.size = len};
	enum rc rc = RC_NOMEM;

	if (len == 0 || len > XMLRPC_BYTES_MAX)
		return RC_SYNTAX;
	r.x = calloc(1, sizeof(*r.x));
	r.text = malloc(len);
	if (r.x != NULL)
		r.x->region = region_new(REGION_LIMIT);
	if (r.x != NULL && r.text != NULL && r.x->region != NULL)
		rc = parse(&r, text, len);
	free(r.text);
	if (rc != RC_OK) {
		xmlrpc_free(r.x);
		return rc;
	}
	*out = r.x;
	return RC_OK;
}

void xmlrpc_free(struct xmlrpc *x)
{
	if (x == NULL)
		return;
	if (x->region != NULL)
		region_free(x->region);
	free(x);
}

bool xmlrpc_is_fault(const struct xmlrpc *x)
{
	return x->is_fault;
}

const struct xmlrpc_value *xmlrpc_root(const struct xmlrpc *x)
{
	return x->root;
}

const struct xmlrpc_value *xmlrpc_member(const struct xmlrpc_value *v, const char *name)
{
	if (v == NULL || v->kind != 's')
		return NULL;
	for (const struct xmlrpc_value *m = v->first; m != NULL; m = m->next)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

const char *xmlrpc_text(const struct xmlrpc_value *v, const char *name)
{
	const struct xmlrpc_value *m = xmlrpc_member(v, name);

	return m != NULL && m->kind == 't' ? m->text : NULL;
}

bool xmlrpc_int(const struct xmlrpc_value *v, const char *name, int64_t *out)
{
	const char *text = xmlrpc_text(v, name);
	char *end;
	long long n;

	if (text == NULL || text[0] == '\0')
		return false;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		return false;
	*out = n;
	return true;
}

bool xmlrpc_flag(const struct xmlrpc_value *v, const char *name, bool fallback)
{
	const char *text = xmlrpc_text(v, name);

	if (text == NULL)
		return fallback;
	return strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
}

const struct xmlrpc_value *xmlrpc_first(const struct xmlrpc_value *v, const char *name)
{
	const struct xmlrpc_value *m = xmlrpc_member(v, name);

	return m != NULL && m->kind == 'a' ? m->first : NULL;
}

const struct xmlrpc_value *xmlrpc_next(const struct xmlrpc_value *v)
{
	return v->next;
}
