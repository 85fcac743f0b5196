/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading one block of dialects.conf by the table of gateway/dialect_keys.c.
 *
 * Invariant: a member is replaced only by a value of the key's type and range. A list in ops_in or coding_in
 * takes the place of the one of the same name that was taken over, and its entries leave the others.
 */
#include "gateway/config_dialects_read.h"

#include <stdio.h>
#include <string.h>

#include "gateway/config_dialects_value.h"
#include "gateway/dialect_keys.h"

struct reading {
	struct config_reader *r;
	struct dialect *d;
	/* what this very block has said: a second time in another list is a contradiction */
	const struct dialect_key *op_of[256], *coding_of[256];
};

/* --- lists ------------------------------------------------------------------------------------------- */

static bool is_many(const config_setting_t *s)
{
	return config_setting_is_array(s) || config_setting_is_list(s);
}

static bool read_many(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                      int most)
{
	if (!is_many(s)) {
		value_wrong(r, s, k, "must be an array: [ ... ]");
		return false;
	}
	if (config_setting_length(s) > most) {
		value_wrong(r, s, k, "has %d entries, at most %d are possible", config_setting_length(s),
		            most);
		return false;
	}
	return true;
}

static bool same_meaning(const struct dialect_op *a, const struct dialect_op *b)
{
	return a->kind == b->kind && (a->kind != DIALECT_ABORT || a->cause == b->cause);
}

static void drop_op(struct dialect *d, size_t i)
{
	memmove(&d->op_in[i], &d->op_in[i + 1], (--d->n_ops - i) * sizeof d->op_in[0]);
}

static void add_op(struct reading *x, const config_setting_t *s, const struct dialect_key *k, uint8_t number)
{
	struct dialect *d = x->d;
	struct dialect_op op = dialect_meaning_op((enum dialect_meaning)k->which);

	if (x->op_of[number] && x->op_of[number] != k) {
		config_read_error(x->r, s, "an op has one meaning: take one out",
		                  "op 0x%02x (%u) stands in ops_in.%s and in ops_in.%s", number, number,
		                  x->op_of[number]->name, k->name);
		return;
	}
	if (x->op_of[number])
		return;
	x->op_of[number] = k;
	for (size_t i = 0; i < d->n_ops; i++)
		if (d->op_in[i].op == number)
			drop_op(d, i--);
	if (d->n_ops == DIALECT_MAX_OPS) {
		config_read_error(x->r, s, "leave out those that unknown_op covers",
		                  "ops_in holds more than %d ops", DIALECT_MAX_OPS);
		return;
	}
	op.op = number;
	d->op_in[d->n_ops++] = op;
}

static void read_ops(struct reading *x, const config_setting_t *s, const struct dialect_key *k)
{
	struct dialect_op meaning = dialect_meaning_op((enum dialect_meaning)k->which);
	struct dialect *d = x->d;

	if (!read_many(x->r, s, k, 256))
		return;
	for (size_t i = 0; k->which != DIALECT_MEANS_END && i < d->n_ops; i++)
		if (!x->op_of[d->op_in[i].op] && same_meaning(&d->op_in[i], &meaning))
			drop_op(d, i--);
	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *one = config_setting_get_elem(s, (unsigned)i);
		uint64_t number;

		if (value_number(x->r, one, k, &number)) {
			value_warn_of_base(x->r, one, number);
			add_op(x, one, k, (uint8_t)number);
		}
	}
}

static void drop_coding(struct dialect *d, size_t i)
{
	memmove(&d->coding_in[i], &d->coding_in[i + 1], (--d->n_codings - i) * sizeof d->coding_in[0]);
}

static void add_coding(struct reading *x, const config_setting_t *s, const struct dialect_key *k,
                       uint8_t number)
{
	struct dialect *d = x->d;

	if (x->coding_of[number] && x->coding_of[number] != k) {
		config_read_error(x->r, s, "a data_coding has one alphabet: take one out",
		                  "data_coding 0x%02x (%u) stands in coding_in.%s and in coding_in.%s",
		                  number, number, x->coding_of[number]->name, k->name);
		return;
	}
	if (x->coding_of[number])
		return;
	x->coding_of[number] = k;
	for (size_t i = 0; i < d->n_codings; i++)
		if (d->coding_in[i].coding == number)
			drop_coding(d, i--);
	if (d->n_codings == DIALECT_MAX_CODINGS) {
		config_read_error(x->r, s, "leave out those that never come",
		                  "coding_in holds more than %d data_codings", DIALECT_MAX_CODINGS);
		return;
	}
	d->coding_in[d->n_codings++] = (struct dialect_coding){number, (enum text_alphabet)k->which};
}

static void read_codings(struct reading *x, const config_setting_t *s, const struct dialect_key *k)
{
	struct dialect *d = x->d;

	if (!read_many(x->r, s, k, 256))
		return;
	for (size_t i = 0; i < d->n_codings; i++)
		if (!x->coding_of[d->coding_in[i].coding] && d->coding_in[i].alphabet == k->which)
			drop_coding(d, i--);
	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *one = config_setting_get_elem(s, (unsigned)i);
		uint64_t number;

		if (value_number(x->r, one, k, &number))
			add_coding(x, one, k, (uint8_t)number);
	}
}

static void read_tags(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                      struct dialect *d)
{
	struct dialect_key one = *k;

	if (!read_many(r, s, k, (int)k->most))
		return;
	one.least = 1;
	one.most = 0xffff;
	d->n_echo = 0;
	for (int i = 0; i < config_setting_length(s); i++) {
		uint64_t number;

		if (value_number(r, config_setting_get_elem(s, (unsigned)i), &one, &number))
			d->echo[d->n_echo++] = (uint16_t)number;
	}
}

static void read_codes(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                       struct dialect *d)
{
	if (!read_many(r, s, k, (int)k->most))
		return;
	d->n_codes = 0;
	memset(d->codes, 0, sizeof d->codes);
	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *one = config_setting_get_elem(s, (unsigned)i);
		const char *text = config_setting_get_string(one);
		size_t len = text ? strlen(text) : 0;

		if (len < 1 || len >= DIALECT_CODE_SIZE || strspn(text, "0123456789*") != len ||
		    text[0] == '*' || text[len - 1] == '*')
			config_read_error(r, one, "write \"123\" or \"123*4\" for *123# or *123*4#",
			                  "detect.codes holds something that is no short code");
		else
			memcpy(d->codes[d->n_codes++], text, len + 1);
	}
}

/* --- TLVs that always go out ------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

	return c && at ? (int)(at - digits) : -1;
}

static void read_octets(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                        struct dialect_extra *e)
{
	const char *text = config_setting_get_string(s);
	size_t len = text ? strlen(text) : 0;

	if (len == 0 || len % 2 != 0 || len / 2 > k->most) {
		value_wrong(r, s, k, "must be octets in quotes, such as \"00ff\"");
		return;
	}
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0) {
			value_wrong(r, s, k, "holds something that is no hexadecimal digit");
			return;
		}
		e->value[i / 2] = (uint8_t)(high << 4 | low);
	}
	e->length = (uint8_t)(len / 2);
}

static void read_says(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                      struct dialect_extra *e)
{
	if (!read_many(r, s, k, DIALECT_SAYS))
		return;
	e->says = 0;
	for (int i = 0; i < config_setting_length(s); i++) {
		unsigned say;

		if (value_word(r, config_setting_get_elem(s, (unsigned)i), k, &say))
			e->says |= 1u << say;
	}
}

static void unknown_key(struct config_reader *r, const config_setting_t *s, const char *group)
{
	const char *name = config_setting_name(s), *near = dialect_key_nearest(group, name);
	char remedy[100];
	size_t n = strcspn(group, "[");

	if (near)
		snprintf(remedy, sizeof remedy, "did you mean \"%s\"?", near);
	config_read_error(r, s, near ? remedy : "docs/dialects.md has all keys", "unknown key \"%s\"%s%.*s",
	                  name, n ? " in " : " in a dialect", (int)n, group);
}

static void read_extra(struct config_reader *r, const config_setting_t *s, struct dialect_extra *e)
{
	e->says = (1u << DIALECT_SAYS) - 1;
	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *one = config_setting_get_elem(s, (unsigned)i);
		const struct dialect_key *k = dialect_key_by_name("extra[]", config_setting_name(one));
		uint64_t number;

		if (!k)
			unknown_key(r, one, "extra[]");
		else if (k->type == DIALECT_KEY_OCTETS)
			read_octets(r, one, k, e);
		else if (k->type == DIALECT_KEY_SAYS)
			read_says(r, one, k, e);
		else if (value_number(r, one, k, &number))
			e->tag = (uint16_t)number;
	}
	if (e->tag == 0 || e->length == 0)
		config_read_error(r, s, "write { tag = 0x1400; value = \"00ff\"; }",
		                  "an entry of extra has no tag or no value");
}

static void read_extras(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                        struct dialect *d)
{
	if (!read_many(r, s, k, (int)k->most))
		return;
	d->n_extra = 0;
	memset(d->extra, 0, sizeof d->extra);
	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *one = config_setting_get_elem(s, (unsigned)i);

		if (config_setting_is_group(one))
			read_extra(r, one, &d->extra[d->n_extra++]);
		else
			value_wrong(r, one, k, "must be a list of groups: ( { tag = ...; } )");
	}
}

/* --- a block ----------------------------------------------------------------------------------------- */

static void read_op(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k, void *at)
{
	const char *text = config_setting_get_string(s);
	struct dialect_op_out op = {false, 0};
	uint64_t number;

	if (!text || strcmp(text, "none") != 0) {
		if (!value_number(r, s, k, &number))
			return;
		value_warn_of_base(r, s, number);
		op = (struct dialect_op_out){true, (uint8_t)number};
	}
	memcpy(at, &op, sizeof op);
}

static void read_stored(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                        void *at)
{
	uint64_t number;
	unsigned word;
	bool flag;

	switch (k->type) {
	case DIALECT_KEY_TEXT:
	case DIALECT_KEY_TIME:
		value_text(r, s, k, at);
		break;
	case DIALECT_KEY_NUMBER:
	case DIALECT_KEY_CODE:
		if (value_number(r, s, k, &number))
			value_store(k, at, number);
		break;
	case DIALECT_KEY_BOOL:
		flag = config_setting_get_bool(s) != 0;
		if (config_setting_type(s) == CONFIG_TYPE_BOOL)
			memcpy(at, &flag, sizeof flag);
		else
			value_wrong(r, s, k, "must be true or false without quotes");
		break;
	case DIALECT_KEY_CHOICE:
		if (value_word(r, s, k, &word))
			memcpy(at, &word, sizeof word);
		break;
	case DIALECT_KEY_DURATION:
		value_duration(r, s, k, at);
		break;
	case DIALECT_KEY_OP:
		read_op(r, s, k, at);
		break;
	default:
		break;
	}
}

static void read_key(struct reading *x, const config_setting_t *s, const struct dialect_key *k)
{
	switch (k->type) {
	case DIALECT_KEY_OPS:
		read_ops(x, s, k);
		break;
	case DIALECT_KEY_CODINGS:
		read_codings(x, s, k);
		break;
	case DIALECT_KEY_TAGS:
		read_tags(x->r, s, k, x->d);
		break;
	case DIALECT_KEY_CODES:
		read_codes(x->r, s, k, x->d);
		break;
	case DIALECT_KEY_EXTRAS:
		read_extras(x->r, s, k, x->d);
		break;
	default:
		read_stored(x->r, s, k, (char *)x->d + k->at);
	}
}

static bool is_group_name(const char *name)
{
	for (size_t i = 0; i < dialect_keys_count; i++)
		if (*name && strcmp(dialect_keys[i].group, name) == 0)
			return true;
	return false;
}

static void read_group(struct reading *x, const config_setting_t *group, const char *name)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
		const struct dialect_key *k = dialect_key_by_name(name, config_setting_name(s));
		bool opens = !*name && is_group_name(config_setting_name(s));

		if (k)
			read_key(x, s, k);
		else if (opens && config_setting_is_group(s))
			read_group(x, s, config_setting_name(s));
		else if (opens)
			config_read_error(x->r, s, "write { key = value; }", "%s must be a group",
			                  config_setting_name(s));
		else
			unknown_key(x->r, s, name);
	}
}

void config_dialect_read(struct config_reader *r, const config_setting_t *block, struct dialect *d)
{
	struct reading x = {.r = r, .d = d};

	read_group(&x, block, "");
	d->ussd_by_type = d->detect_type[0] != '\0';
}

const config_setting_t *config_dialect_given(const config_setting_t *block, const char *key)
{
	const char *dot = strchr(key, '.');
	char group[32];
	const config_setting_t *inner;

	if (!dot)
		return config_setting_get_member(block, key);
	snprintf(group, sizeof group, "%.*s", (int)(dot - key), key);
	inner = config_setting_get_member(block, group);
	return inner && config_setting_is_group(inner) ? config_setting_get_member(inner, dot + 1) : NULL;
}
