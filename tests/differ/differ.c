/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Helper of tests/e2e/differential.js: random valid PDUs, and three readings of any PDU, as lines of JSON.
 *
 *   differ make N SEED   N lines {"pdu":{...},"made":{"smsc":"HEX","gateway":"HEX","smpp34":"HEX"}}: what was meant, and how
 *                        each that can writes it
 *   differ read          for each line of hex on stdin {"smsc":{...},"gateway":{...},"smpp34":{...}}; who cannot read it
 *                        says {"cannot":"why"}
 *
 * The first PDUs of `make` are systematic: each kind with each of its fields and TLVs alone, at its least and its most.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/differ/differ.h"
#include "tests/random.h"

void differ_number(struct differ_pdu *p, const char *name, uint32_t number)
{
	p->field[p->n_fields++] = (struct differ_field){.name = name, .number = number};
}

void differ_text(struct differ_pdu *p, const char *name, const char *text)
{
	struct differ_field *f = &p->field[p->n_fields++];

	*f = (struct differ_field){.name = name, .is_text = true};
	snprintf(f->text, sizeof f->text, "%s", text);
}

void differ_body(struct differ_pdu *p, const uint8_t *body, size_t len, bool in_payload)
{
	p->has_body = true;
	p->in_payload = in_payload;
	p->body_len = len < DIFFER_BODY ? len : DIFFER_BODY;
	if (p->body_len > 0)
		memcpy(p->body, body, p->body_len);
}

void differ_tlv(struct differ_pdu *p, uint16_t tag, const uint8_t *value, size_t len)
{
	struct differ_tlv *t = &p->tlv[p->n_tlvs];

	p->has_tlvs = true;
	if (p->n_tlvs == DIFFER_TLVS || len > DIFFER_VALUE)
		return;
	p->n_tlvs++;
	*t = (struct differ_tlv){.tag = tag, .length = (uint16_t)len};
	if (len > 0)
		memcpy(t->value, value, len);
}

static const struct differ_field *field_of(const struct differ_pdu *p, const char *name)
{
	for (size_t i = 0; i < p->n_fields; i++)
		if (strcmp(p->field[i].name, name) == 0)
			return &p->field[i];
	return NULL;
}

uint32_t differ_number_of(const struct differ_pdu *p, const char *name)
{
	const struct differ_field *f = field_of(p, name);

	return f != NULL ? f->number : 0;
}

const char *differ_text_of(const struct differ_pdu *p, const char *name)
{
	const struct differ_field *f = field_of(p, name);

	return f != NULL ? f->text : "";
}

/* --- JSON --- */

static void print_hex(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
}

/* Texts that are made here are letters and digits, but a reading that goes wrong may find anything. */
static void print_text(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++)
		if (*text >= 0x20 && *text < 0x7f && *text != '"' && *text != '\\')
			putchar(*text);
		else
			printf("\\u%04x", (unsigned char)*text);
	putchar('"');
}

static void print_pdu(const struct differ_pdu *p)
{
	printf("{\"command_id\":%" PRIu32 ",\"command_status\":%" PRIu32 ",\"sequence_number\":%" PRIu32,
	       p->id, p->status, p->sequence);
	for (size_t i = 0; i < p->n_fields; i++) {
		printf(",\"%s\":", p->field[i].name);
		if (p->field[i].is_text)
			print_text(p->field[i].text);
		else
			printf("%" PRIu32, p->field[i].number);
	}
	if (p->has_body) {
		printf(",\"body\":\"");
		print_hex(p->body, p->body_len);
		printf("\",\"in_payload\":%s", p->in_payload ? "true" : "false");
	}
	if (p->has_tlvs) {
		printf(",\"tlvs\":{");
		for (size_t i = 0; i < p->n_tlvs; i++) {
			printf("%s\"%u\":\"", i == 0 ? "" : ",", p->tlv[i].tag);
			print_hex(p->tlv[i].value, p->tlv[i].length);
			putchar('"');
		}
		putchar('}');
	}
	putchar('}');
}

/* --- what can be made --- */

enum kind { AS_TON, AS_NPI, AS_OCTET, AS_VERSION, AS_WORD, AS_DIGITS, AS_TIME };

struct field_rule {
	const char *name;
	enum kind kind;
	unsigned most; /* octets of a text */
};

struct tlv_rule {
	uint16_t tag;
	unsigned least, most; /* octets */
	bool cstring;         /* ends with NUL, within them */
};

struct pdu_rule {
	uint32_t id;
	const struct field_rule *fields;
	const struct tlv_rule *tlvs;
	bool has_message, only_payload;
};

static const struct field_rule bind_fields[] = {
	{"system_id", AS_WORD, 15},           {"password", AS_WORD, 8}, {"system_type", AS_WORD, 12},
	{"interface_version", AS_VERSION, 0}, {"addr_ton", AS_TON, 0},  {"addr_npi", AS_NPI, 0},
	{"address_range", AS_DIGITS, 40},     {NULL, AS_OCTET, 0}};
static const struct field_rule system_fields[] = {{"system_id", AS_WORD, 15}, {NULL, AS_OCTET, 0}};
static const struct field_rule id_fields[] = {{"message_id", AS_WORD, 64}, {NULL, AS_OCTET, 0}};
static const struct field_rule no_fields[] = {{NULL, AS_OCTET, 0}};
#define ADDRESSES(longest)                                                                                  \
	{"service_type", AS_WORD, 5}, {"source_addr_ton", AS_TON, 0}, {"source_addr_npi", AS_NPI, 0},       \
		{"source_addr", AS_DIGITS, 20}, {"dest_addr_ton", AS_TON, 0}, {"dest_addr_npi", AS_NPI, 0}, \
		{"destination_addr", AS_DIGITS, longest},                                                   \
	{                                                                                                   \
		"esm_class", AS_OCTET, 0                                                                    \
	}
#define LAST                                                                            \
	{"registered_delivery", AS_OCTET, 0}, {"replace_if_present_flag", AS_OCTET, 0}, \
		{"data_coding", AS_OCTET, 0}, {"sm_default_msg_id", AS_OCTET, 0},       \
	{                                                                               \
		NULL, AS_OCTET, 0                                                       \
	}
static const struct field_rule submit_fields[] = {ADDRESSES(20),
                                                  {"protocol_id", AS_OCTET, 0},
                                                  {"priority_flag", AS_OCTET, 0},
                                                  {"schedule_delivery_time", AS_TIME, 0},
                                                  {"validity_period", AS_TIME, 0},
                                                  LAST};
static const struct field_rule deliver_fields[] = {
	ADDRESSES(20), {"protocol_id", AS_OCTET, 0}, {"priority_flag", AS_OCTET, 0}, LAST};
static const struct field_rule data_fields[] = {ADDRESSES(64),
                                                {"registered_delivery", AS_OCTET, 0},
                                                {"data_coding", AS_OCTET, 0},
                                                {NULL, AS_OCTET, 0}};

/* SMPP 3.4, tables 4-11, 4-18 and 4-22, without those that the readings are known to take differently: telematics ids (one
 * octet or two), alert_on_message_delivery (of no length), ms_validity in npm smpp. */
#define COMMON                                                                                              \
	{0x0204, 2, 2, false}, {0x020a, 2, 2, false}, {0x020b, 2, 2, false}, {0x020c, 2, 2, false},         \
		{0x020e, 1, 1, false}, {0x020f, 1, 1, false}, {0x0019, 1, 1, false}, {0x0201, 1, 1, false}, \
		{0x0381, 4, 19, false}, {0x0202, 2, 23, false}, {0x0203, 2, 23, false},                     \
		{0x0205, 1, 1, false}, {0x020d, 1, 1, false}, {0x1383, 2, 2, false}, {0x0501, 1, 1, false}, \
		{0x1501, 4, 4, false}, {0x1400, 0, 255, false},                                             \
	{                                                                                                   \
		0x3fff, 1, 64, false                                                                        \
	}
static const struct tlv_rule submit_tlvs[] = {COMMON,
                                              {0x000d, 1, 1, false},
                                              {0x0005, 1, 1, false},
                                              {0x0426, 1, 1, false},
                                              {0x0302, 1, 1, false},
                                              {0x0303, 1, 65, false},
                                              {0x1201, 1, 1, false},
                                              {0x1203, 2, 2, false},
                                              {0x0030, 1, 1, false},
                                              {0x0304, 1, 1, false},
                                              {0x1380, 1, 1, false},
                                              {0, 0, 0, false}};
static const struct tlv_rule deliver_tlvs[] = {
	COMMON, {0x0423, 3, 3, false}, {0x0427, 1, 1, false}, {0x001e, 2, 65, true}, {0, 0, 0, false}};
static const struct tlv_rule data_tlvs[] = {COMMON,
                                            {0x000d, 1, 1, false},
                                            {0x000e, 1, 1, false},
                                            {0x000f, 1, 1, false},
                                            {0x0005, 1, 1, false},
                                            {0x0006, 1, 1, false},
                                            {0x0007, 1, 1, false},
                                            {0x0017, 4, 4, false},
                                            {0x0421, 1, 1, false},
                                            {0x0423, 3, 3, false},
                                            {0x0427, 1, 1, false},
                                            {0x001e, 2, 65, true},
                                            {0, 0, 0, false}};
static const struct tlv_rule bind_resp_tlvs[] = {{0x0210, 1, 1, false}, {0, 0, 0, false}};
static const struct tlv_rule no_tlvs[] = {{0, 0, 0, false}};

static const struct pdu_rule pdus[] = {
	{0x00000001, bind_fields, no_tlvs, false, false},
	{0x00000002, bind_fields, no_tlvs, false, false},
	{0x00000009, bind_fields, no_tlvs, false, false},
	{0x80000001, system_fields, bind_resp_tlvs, false, false},
	{0x80000002, system_fields, bind_resp_tlvs, false, false},
	{0x80000009, system_fields, bind_resp_tlvs, false, false},
	{0x00000004, submit_fields, submit_tlvs, true, false},
	{0x80000004, id_fields, no_tlvs, false, false},
	{0x00000005, deliver_fields, deliver_tlvs, true, false},
	{0x80000005, no_fields, no_tlvs, false, false},
	{0x00000103, data_fields, data_tlvs, true, true},
	{0x80000103, id_fields, no_tlvs, false, false},
	{0x00000015, no_fields, no_tlvs, false, false},
	{0x80000015, no_fields, no_tlvs, false, false},
	{0x00000006, no_fields, no_tlvs, false, false},
	{0x80000006, no_fields, no_tlvs, false, false},
	{0x80000000, no_fields, no_tlvs, false, false},
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct random chance;

static unsigned below(unsigned n)
{
	return random_below(&chance, n);
}

static void some_text(char *out, const char *letters, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		out[i] = letters[below((unsigned)strlen(letters))];
	out[len] = '\0';
}

/* `size`: 0 the least, 2 the most, 1 anything. */
static void add_field(struct differ_pdu *p, const struct field_rule *f, unsigned size)
{
	static const uint8_t npis[] = {0, 1, 3, 4, 6, 8, 9, 10, 14, 18};
	static const char *const times[] = {"", "261122121500000+", "000001000000000R", "261122121500032-"};
	bool dest = strcmp(f->name, "destination_addr") == 0;
	char text[70];
	unsigned len = size == 0 ? dest : size == 2 ? f->most : dest + below(f->most + 1 - dest);

	switch (f->kind) {
	case AS_TON:
		differ_number(p, f->name, size == 0 ? 0 : size == 2 ? 6 : below(7));
		return;
	case AS_NPI:
		differ_number(p, f->name, npis[size == 0 ? 0 : size == 2 ? 9 : below(COUNT(npis))]);
		return;
	case AS_OCTET:
		differ_number(p, f->name, size == 0 ? 0 : size == 2 ? 255 : below(256));
		return;
	case AS_VERSION:
		differ_number(p, f->name, 0x34);
		return;
	case AS_TIME:
		differ_text(p, f->name, times[size == 0 ? 0 : size == 2 ? 3 : below(COUNT(times))]);
		return;
	case AS_WORD:
		some_text(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", len);
		break;
	case AS_DIGITS:
		some_text(text, "0123456789", len);
		break;
	}
	differ_text(p, f->name, text);
}

static void add_tlv(struct differ_pdu *p, const struct tlv_rule *t, unsigned size)
{
	uint8_t value[DIFFER_VALUE];
	unsigned len = size == 0 ? t->least : size == 2 ? t->most : t->least + below(t->most - t->least + 1);

	for (unsigned i = 0; i < len; i++)
		value[i] = t->cstring ? (uint8_t)('0' + below(10)) : (uint8_t)below(256);
	if (t->tag == 0x0427)
		value[0] = (uint8_t)(1 + below(8));
	if (t->cstring)
		value[len - 1] = 0;
	differ_tlv(p, t->tag, value, len);
}

static void add_body(struct differ_pdu *p, const struct pdu_rule *r, unsigned size)
{
	uint8_t body[DIFFER_BODY];
	bool payload = r->only_payload || (size != 0 && below(4) == 0);
	unsigned most = payload ? (below(10) == 0 ? 4000 : 1024) : 254;
	unsigned len = size == 0 ? 0 : size == 2 ? most : below(most + 1);

	if (payload && len == 0)
		payload = r->only_payload; /* then there is none at all */
	for (unsigned i = 0; i < len; i++)
		body[i] = (uint8_t)below(256);
	differ_body(p, body, len, payload);
	if (r->only_payload && len == 0)
		p->in_payload = false;
}

/* UDH and SAR together, or a UDH indicator without a UDH, are no valid PDU: the simulator refuses them, rightly. */
static void make_valid(struct differ_pdu *p, const struct pdu_rule *r)
{
	if (!r->has_message)
		return;
	for (size_t i = 0; i < p->n_fields; i++)
		if (strcmp(p->field[i].name, "esm_class") == 0)
			p->field[i].number &= ~0x40u;
	p->has_tlvs = true;
}

/* `only`: which one TLV, or -1 for a random few. */
static void make_pdu(struct differ_pdu *p, const struct pdu_rule *r, unsigned size, int only)
{
	static const uint32_t statuses[] = {0, 0, 0x01, 0x08, 0x0d, 0x14, 0x45, 0x58, 0x64, 0xff, 0x401};

	memset(p, 0, sizeof *p);
	p->id = r->id;
	p->sequence = size == 0 ? 1 : size == 2 ? 0x7fffffff : 1 + below(0x7ffffffe);
	for (const struct field_rule *f = r->fields; f->name != NULL; f++)
		add_field(p, f, size);
	if (r->has_message)
		add_body(p, r, size);
	for (int i = 0; r->tlvs[i].tag != 0; i++)
		if (only == i || (only < 0 && size == 1 && below(6) == 0 && p->n_tlvs < 8))
			add_tlv(p, &r->tlvs[i], size);
	p->has_tlvs = r->tlvs[0].tag != 0;
	make_valid(p, r);
	if ((r->id & 0x80000000u) != 0 && r->fields == no_fields && size == 1)
		p->status = statuses[below(COUNT(statuses))];
}

typedef const char *make_function(const struct differ_pdu *, uint8_t *, size_t *);

static void print_made(const struct differ_pdu *p)
{
	static const struct {
		const char *name;
		make_function *make;
	} makers[] = {
		{"smsc", differ_smsc_make}, {"gateway", differ_gateway_make}, {"smpp34", differ_smpp34_make}};
	static uint8_t bytes[DIFFER_PDU];
	size_t len, n = 0;

	printf("{\"pdu\":");
	print_pdu(p);
	printf(",\"made\":{");
	for (size_t i = 0; i < COUNT(makers); i++) {
		if (makers[i].make(p, bytes, &len) != NULL)
			continue;
		printf("%s\"%s\":\"", n++ == 0 ? "" : ",", makers[i].name);
		print_hex(bytes, len);
		putchar('"');
	}
	puts("}}");
}

static void make_all(unsigned long n)
{
	static struct differ_pdu p;

	for (size_t i = 0; i < COUNT(pdus); i++)
		for (unsigned size = 0; size <= 2; size++) {
			make_pdu(&p, &pdus[i], size, -1);
			print_made(&p);
			for (int t = 0; pdus[i].tlvs[t].tag != 0; t++) {
				make_pdu(&p, &pdus[i], size, t);
				print_made(&p);
			}
		}
	for (unsigned long i = 0; i < n; i++) {
		make_pdu(&p, &pdus[below(COUNT(pdus))], 1, -1);
		print_made(&p);
	}
}

typedef const char *read_function(const uint8_t *, size_t, struct differ_pdu *);

static size_t read_hex(const char *line, uint8_t *out)
{
	size_t n = 0;
	unsigned octet;

	for (; n < DIFFER_PDU && sscanf(line, "%2x", &octet) == 1; line += 2)
		out[n++] = (uint8_t)octet;
	return n;
}

static void read_all(void)
{
	static const struct {
		const char *name;
		read_function *read;
	} readers[] = {
		{"smsc", differ_smsc_read}, {"gateway", differ_gateway_read}, {"smpp34", differ_smpp34_read}};
	static char line[2 * DIFFER_PDU + 2];
	static uint8_t bytes[DIFFER_PDU];
	static struct differ_pdu p;

	while (fgets(line, sizeof line, stdin) != NULL) {
		size_t len = read_hex(line, bytes);

		putchar('{');
		for (size_t i = 0; i < COUNT(readers); i++) {
			const char *why;

			memset(&p, 0, sizeof p);
			why = len < 16 ? "too short" : readers[i].read(bytes, len, &p);
			printf("%s\"%s\":", i == 0 ? "" : ",", readers[i].name);
			if (why != NULL)
				printf("{\"cannot\":\"%s\"}", why);
			else
				print_pdu(&p);
		}
		puts("}");
	}
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "make") == 0) {
		chance.state = strtoull(argv[3], NULL, 10) * 0x9e3779b97f4a7c15u + 1;
		make_all(strtoul(argv[2], NULL, 10));
	} else if (argc == 2 && strcmp(argv[1], "read") == 0) {
		read_all();
	} else {
		fputs("usage: differ make N SEED | differ read\n", stderr);
		return 2;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
