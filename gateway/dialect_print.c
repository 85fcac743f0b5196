/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialects as text: a block of dialects.conf, and the table of its keys for docs/dialects.md. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/duration.h"
#include "gateway/dialect_keys.h"

/* libconfig reads numbers without a suffix as 32 bits. */
#define PLAIN_MOST 0x7fffffff

static uint64_t number_at(const struct dialect_key *k, const void *at)
{
	uint8_t u8;
	uint16_t u16;
	uint64_t u64;

	switch (k->size) {
	case sizeof(u8):
		memcpy(&u8, at, sizeof(u8));
		return u8;
	case sizeof(u16):
		memcpy(&u16, at, sizeof(u16));
		return u16;
	default:
		memcpy(&u64, at, sizeof(u64));
		return u64;
	}
}

static void put_code(struct buf *b, uint64_t value, size_t size)
{
	const char *quote = value > PLAIN_MOST ? "\"" : "";

	buf_printf(b, "%s0x%0*" PRIx64 "%s", quote, size == 1 ? 2 : 4, value, quote);
}

static void put_quoted(struct buf *b, const char *text)
{
	buf_add(b, "\"");
	for (; *text; text++)
		buf_printf(b, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	buf_add(b, "\"");
}

static void put_octets(struct buf *b, const uint8_t *value, size_t length)
{
	buf_add(b, "\"");
	for (size_t i = 0; i < length; i++)
		buf_printf(b, "%02x", value[i]);
	buf_add(b, "\"");
}

static void put_says(struct buf *b, unsigned says)
{
	static const char *const words[DIALECT_SAYS] = {"continue", "end", "push", "notify", "release"};
	const char *between = "";

	buf_add(b, "[ ");
	for (unsigned i = 0; i < DIALECT_SAYS; i++) {
		if (!(says & 1u << i))
			continue;
		buf_printf(b, "%s\"%s\"", between, words[i]);
		between = ", ";
	}
	buf_add(b, *between ? " ]" : "]");
}

/* Ops of the meaning; what ends without a cause is written as "abort" alone. */
static void put_ops(struct buf *b, const struct dialect *d, enum dialect_meaning which)
{
	struct dialect_op like = dialect_meaning_op(which);
	const char *between = "";

	buf_add(b, "[ ");
	for (size_t i = 0; i < d->n_ops && which != DIALECT_MEANS_END; i++) {
		const struct dialect_op *op = &d->op_in[i];

		if (op->kind != like.kind || (op->kind == DIALECT_ABORT && op->cause != like.cause))
			continue;
		buf_printf(b, "%s0x%02x", between, op->op);
		between = ", ";
	}
	buf_add(b, *between ? " ]" : "]");
}

static void put_codings(struct buf *b, const struct dialect *d, enum text_alphabet which)
{
	const char *between = "";

	buf_add(b, "[ ");
	for (size_t i = 0; i < d->n_codings; i++) {
		if (d->coding_in[i].alphabet != which)
			continue;
		buf_printf(b, "%s0x%02x", between, d->coding_in[i].coding);
		between = ", ";
	}
	buf_add(b, *between ? " ]" : "]");
}

static void put_tags(struct buf *b, const struct dialect *d)
{
	buf_add(b, "[ ");
	for (size_t i = 0; i < d->n_echo; i++)
		buf_printf(b, "%s0x%04x", i ? ", " : "", d->echo[i]);
	buf_add(b, d->n_echo ? " ]" : "]");
}

static void put_short_codes(struct buf *b, const struct dialect *d)
{
	buf_add(b, "[ ");
	for (size_t i = 0; i < d->n_codes; i++)
		buf_printf(b, "%s\"%s\"", i ? ", " : "", d->codes[i]);
	buf_add(b, d->n_codes ? " ]" : "]");
}

static void put_extras(struct buf *b, const struct dialect *d)
{
	buf_add(b, "( ");
	for (size_t i = 0; i < d->n_extra; i++) {
		const struct dialect_extra *e = &d->extra[i];

		buf_printf(b, "%s{ tag = 0x%04x; value = ", i ? ", " : "", e->tag);
		put_octets(b, e->value, e->length);
		buf_add(b, "; says = ");
		put_says(b, e->says);
		buf_add(b, "; }");
	}
	buf_add(b, d->n_extra ? " )" : ")");
}

static void put_duration(struct buf *b, int64_t ms)
{
	char text[DURATION_TEXT_SIZE];

	buf_printf(b, "\"%s\"", duration_text(ms, text));
}

static void put_op(struct buf *b, const struct dialect_op_out *op)
{
	if (op->present)
		put_code(b, op->op, 1);
	else
		buf_add(b, "\"none\"");
}

static void put_choice(struct buf *b, const struct dialect_key *k, const void *at)
{
	char word[32];
	unsigned value;

	memcpy(&value, at, sizeof(value));
	buf_printf(b, "\"%s\"", dialect_key_choice(k, value, word, sizeof(word)));
}

static void put_stored(struct buf *b, const struct dialect_key *k, const void *at)
{
	int64_t ms;
	bool flag;

	switch (k->type) {
	case DIALECT_KEY_TEXT:
	case DIALECT_KEY_TIME:
		put_quoted(b, at);
		break;
	case DIALECT_KEY_BOOL:
		memcpy(&flag, at, sizeof(flag));
		buf_add(b, flag ? "true" : "false");
		break;
	case DIALECT_KEY_NUMBER:
		buf_printf(b, "%" PRIu64, number_at(k, at));
		break;
	case DIALECT_KEY_CODE:
		put_code(b, number_at(k, at), k->size);
		break;
	case DIALECT_KEY_CHOICE:
		put_choice(b, k, at);
		break;
	case DIALECT_KEY_DURATION:
		memcpy(&ms, at, sizeof(ms));
		put_duration(b, ms);
		break;
	case DIALECT_KEY_OP:
		put_op(b, at);
		break;
	default:
		break;
	}
}

char *dialect_key_text(const struct dialect_key *k, const struct dialect *d, char *out)
{
	struct buf b;

	buf_init(&b, out, DIALECT_KEY_TEXT_SIZE);
	switch (k->type) {
	case DIALECT_KEY_OPS:
		put_ops(&b, d, (enum dialect_meaning)k->which);
		break;
	case DIALECT_KEY_CODINGS:
		put_codings(&b, d, (enum text_alphabet)k->which);
		break;
	case DIALECT_KEY_TAGS:
		put_tags(&b, d);
		break;
	case DIALECT_KEY_CODES:
		put_short_codes(&b, d);
		break;
	case DIALECT_KEY_EXTRAS:
		put_extras(&b, d);
		break;
	default:
		if (!strchr(k->group, '['))
			put_stored(&b, k, (const char *)d + k->at);
	}
	return out;
}

char *dialect_key_range(const struct dialect_key *k, char *out)
{
	char from[DURATION_TEXT_SIZE], to[DURATION_TEXT_SIZE];
	struct buf b;

	buf_init(&b, out, DIALECT_KEY_TEXT_SIZE);
	switch (k->type) {
	case DIALECT_KEY_TEXT:
	case DIALECT_KEY_LIKE:
		buf_printf(&b, "%" PRIu64 "..%" PRIu64 " bytes", k->least, k->most);
		break;
	case DIALECT_KEY_NUMBER:
		buf_printf(&b, "%" PRIu64 "..%" PRIu64, k->least, k->most);
		break;
	case DIALECT_KEY_CODE:
		buf_printf(&b, "0..0x%" PRIx64, k->most);
		break;
	case DIALECT_KEY_OP:
		buf_add(&b, "0..0xff or \"none\"");
		break;
	case DIALECT_KEY_OPS:
	case DIALECT_KEY_CODINGS:
		buf_add(&b, "0..0xff each");
		break;
	case DIALECT_KEY_CHOICE:
	case DIALECT_KEY_SAYS:
		for (unsigned i = 0; *dialect_key_choice(k, i, from, sizeof(from)); i++)
			buf_printf(&b, "%s\"%s\"", i ? ", " : "", from);
		break;
	case DIALECT_KEY_DURATION:
		buf_printf(&b, "%s..%s", duration_text((int64_t)k->least, from),
		           duration_text((int64_t)k->most, to));
		break;
	case DIALECT_KEY_BOOL:
		buf_add(&b, "true or false");
		break;
	case DIALECT_KEY_TIME:
		buf_add(&b, "16 characters of SMPP 3.4, 7.1.1");
		break;
	case DIALECT_KEY_OCTETS:
		buf_printf(&b, "1..%" PRIu64 " octets", k->most);
		break;
	default:
		buf_printf(&b, "up to %" PRIu64, k->most);
	}
	return out;
}

static bool is_end(const struct dialect_key *k)
{
	return k->type == DIALECT_KEY_OPS && k->which == DIALECT_MEANS_END;
}

/* Does the block say something in this group? */
static bool differs(const struct dialect_key *k, const struct dialect *d, const struct dialect *base)
{
	char ours[DIALECT_KEY_TEXT_SIZE], theirs[DIALECT_KEY_TEXT_SIZE];

	if (k->type == DIALECT_KEY_LIKE || strchr(k->group, '[') || is_end(k))
		return false;
	if (!base || strcmp(k->name, "name") == 0 || strcmp(k->name, "about") == 0)
		return true;
	return strcmp(dialect_key_text(k, d, ours), dialect_key_text(k, base, theirs)) != 0;
}

static void print_key(FILE *to, const struct dialect_key *k, const struct dialect *d)
{
	char text[DIALECT_KEY_TEXT_SIZE];

	fprintf(to, "    %s = %s;", k->name, dialect_key_text(k, d, text));
	if (k->type == DIALECT_KEY_CODE && number_at(k, (const char *)d + k->at) <= 0xff)
		fprintf(to, " # %" PRIu64, number_at(k, (const char *)d + k->at));
	fputc('\n', to);
}

/* Keys of one group in one { }: libconfig takes a group once. */
static void print_group(FILE *to, const char *group, const struct dialect *d, const struct dialect *base)
{
	char text[DIALECT_KEY_TEXT_SIZE];
	bool any = false;

	for (size_t i = 0; i < dialect_keys_count; i++) {
		const struct dialect_key *k = &dialect_keys[i];

		if (strcmp(k->group, group) != 0 || !differs(k, d, base))
			continue;
		if (!any)
			fprintf(to, "    %s = { ", group);
		fprintf(to, "%s = %s; ", k->name, dialect_key_text(k, d, text));
		any = true;
	}
	if (any)
		fputs("};\n", to);
}

void dialect_print(const struct dialect *d, const struct dialect *base, void *file)
{
	FILE *to = file;
	const char *last = "";

	fputs("  {\n", to);
	for (size_t i = 0; i < dialect_keys_count; i++) {
		const struct dialect_key *k = &dialect_keys[i];

		if (*k->group == '\0' && differs(k, d, base))
			print_key(to, k, d);
	}
	if (base)
		fprintf(to, "    like = \"%s\";\n", base->name);
	for (size_t i = 0; i < dialect_keys_count; i++) {
		const char *group = dialect_keys[i].group;

		if (*group == '\0' || strchr(group, '[') || strcmp(group, last) == 0)
			continue;
		last = group;
		print_group(to, group, d, base);
	}
	fputs("  }\n", to);
}

void dialect_keys_print_markdown(void *file)
{
	static const char *const types[] = {
		[DIALECT_KEY_LIKE] = "text",
		[DIALECT_KEY_TEXT] = "text",
		[DIALECT_KEY_BOOL] = "yes/no",
		[DIALECT_KEY_NUMBER] = "number",
		[DIALECT_KEY_CODE] = "code",
		[DIALECT_KEY_CHOICE] = "choice",
		[DIALECT_KEY_DURATION] = "duration",
		[DIALECT_KEY_TIME] = "time",
		[DIALECT_KEY_CODES] = "array",
		[DIALECT_KEY_TAGS] = "array of codes",
		[DIALECT_KEY_OPS] = "array of codes",
		[DIALECT_KEY_OP] = "code",
		[DIALECT_KEY_CODINGS] = "array of codes",
		[DIALECT_KEY_EXTRAS] = "list of groups",
		[DIALECT_KEY_OCTETS] = "text",
		[DIALECT_KEY_SAYS] = "array",
	};
	char text[DIALECT_KEY_TEXT_SIZE], range[DIALECT_KEY_TEXT_SIZE];
	FILE *to = file;

	fputs("| knob | key | type | range | in `standard` | meaning |\n|---|---|---|---|---|---|\n", to);
	for (size_t i = 0; i < dialect_keys_count; i++) {
		const struct dialect_key *k = &dialect_keys[i];
		bool has = k->type != DIALECT_KEY_LIKE && !strchr(k->group, '[');

		dialect_key_text(k, &dialect_standard, text);
		fprintf(to, "| %u | `%s%s%s` | %s | %s | %s%s%s | %s |\n", k->chapter, k->group,
		        *k->group ? "." : "", k->name, types[k->type], dialect_key_range(k, range),
		        has ? "`" : "", has ? text : "", has ? "`" : "", k->help);
	}
}
