/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Book: references and look-ups (book.h). Loading stands in book_load*.c.
 *
 * Look-ups by name walk the screens: they run when a dialogue begins or resumes, never inside a turn.
 */
#include "menus/book.h"

#include <ctype.h>
#include <string.h>

#include "core/buf.h"
#include "core/region.h"
#include "menus/book_private.h"

const char *book_kind_name(enum book_kind k)
{
	static const char *const names[] = {"menu",    "ask",  "pick", "list", "invite", "leave", "refer",
	                                    "consent", "when", "give", "buy",  "app",    "end"};

	return (size_t)k < sizeof(names) / sizeof(names[0]) ? names[k] : "?";
}

const char *book_check_name(enum book_check as)
{
	static const char *const names[BOOK_AS_COUNT_] = {"text",   "name",   "digits", "year", "date",
	                                                  "number", "msisdn", "amount", "pin"};

	return (size_t)as < BOOK_AS_COUNT_ ? names[as] : "?";
}

const char *book_speaks_name(enum book_speaks speaks)
{
	static const char *const names[BOOK_SPEAKS_COUNT_] = {"africastalking", "hubtel", "arkesel",
	                                                      "infobip", "nalo"};

	return (size_t)speaks < BOOK_SPEAKS_COUNT_ ? names[speaks] : "?";
}

struct book *book_ref(struct book *b)
{
	b->references++;
	return b;
}

void book_unref(struct book *b)
{
	struct book_full *full = (struct book_full *)(void *)b;

	if (b == NULL || --b->references > 0)
		return;
	for (size_t i = 0; b->env.forget != NULL && i < full->n_conditions; i++)
		b->env.forget(b->env.ctx, full->condition[i]);
	region_free(b->region);
}

uint16_t book_screen_by_name(const struct book *b, const char *name)
{
	for (size_t i = 0; i < b->n_screens; i++) {
		if (strcmp(b->screen[i].name, name) == 0)
			return (uint16_t)i;
	}
	return BOOK_NO_SCREEN;
}

int book_language_by_code(const struct book *b, const char *code)
{
	for (size_t i = 0; i < b->n_languages; i++) {
		if (strcmp(b->language[i], code) == 0)
			return (int)i;
	}
	return -1;
}

enum book_word book_word_refused(enum refusal why)
{
	static const enum book_word words[REFUSALS_] = {
		[REFUSAL_NONE] = BOOK_WORD_APOLOGY,   [REFUSAL_HAD] = BOOK_WORD_AGAIN,
		[REFUSAL_SWAP] = BOOK_WORD_SWAP,      [REFUSAL_DAY] = BOOK_WORD_DAY,
		[REFUSAL_SPENT] = BOOK_WORD_SPENT,    [REFUSAL_REVIEW] = BOOK_WORD_REVIEW,
		[REFUSAL_POOR] = BOOK_WORD_POOR,      [REFUSAL_BARRED] = BOOK_WORD_BARRED,
		[REFUSAL_SYSTEM] = BOOK_WORD_REFUSED, [REFUSAL_DECLINED] = BOOK_WORD_DECLINED,
	};

	return (size_t)why < REFUSALS_ ? words[why] : BOOK_WORD_APOLOGY;
}

const char *book_say(const struct book_text *t, size_t language)
{
	if (t == NULL)
		return "";
	if (language < BOOK_MAX_LANGUAGES && t->in[language] != NULL)
		return t->in[language];
	return t->in[0] != NULL ? t->in[0] : "";
}

static const char *choice_label(const struct book_screen *s, const char *value, size_t language)
{
	for (size_t i = 0; i < s->n_choices; i++) {
		if (strcmp(s->choice[i].value, value) == 0)
			return book_say(&s->choice[i].label, language);
	}
	return NULL;
}

static const char *row_label(const struct book_screen *s, const char *value, size_t language)
{
	size_t low = 0, high = s->list.n_rows;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct book_row *row = &s->list.row[s->list.by_value[middle]];
		int order = strcmp(value, row->value);

		if (order == 0)
			return book_say(&row->label, language);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *book_label(const struct book *b, int field, const char *value, size_t language)
{
	const struct book_full *full = book_full(b);
	uint16_t first = field == BOOK_SAVE_LANGUAGE ? full->language_picked_at : full->picked_at[field];

	if (value == NULL || first == BOOK_NO_SCREEN)
		return NULL;
	for (size_t i = first; i < b->n_screens; i++) {
		const struct book_screen *s = &b->screen[i];
		const char *label = NULL;

		if (s->kind == BOOK_PICK && s->pick.field == field)
			label = choice_label(s, value, language);
		else if (s->kind == BOOK_LIST && s->list.field == field)
			label = row_label(s, value, language);
		if (label != NULL)
			return label;
	}
	return NULL;
}

void book_labels(const struct book *b, int field, const char *values, size_t language, struct buf *out)
{
	while (*values != '\0') {
		size_t len = strcspn(values, ",");
		char one[PROFILE_VALUE_MAX + 1];
		const char *label;

		if (len < sizeof(one)) {
			memcpy(one, values, len);
			one[len] = '\0';
			label = book_label(b, field, one, language);
			buf_add(out, out->len > 0 ? ", " : "");
			buf_add(out, label != NULL ? label : one);
		}
		values += len + (values[len] == ',');
	}
}

bool book_dial_core(const char *dialled, char *out)
{
	size_t len;

	while (*dialled == '*' || *dialled == '#')
		dialled++;
	len = strcspn(dialled, "#");
	if (len == 0 || len >= BOOK_DIAL_SIZE || strspn(dialled, "0123456789*") != len)
		return false;
	memcpy(out, dialled, len);
	out[len] = '\0';
	return true;
}

bool book_answers(const struct book *b, const char *dialled)
{
	char code[BOOK_DIAL_SIZE];
	size_t len;

	if (b->code == NULL || dialled == NULL || !book_dial_core(b->code, code))
		return false;
	/* What follows the code may be anything that somebody dials: only the beginning decides. */
	while (*dialled == '*' || *dialled == '#')
		dialled++;
	len = strlen(code);
	if (strncmp(dialled, code, len) != 0)
		return false;
	return dialled[len] == '\0' || dialled[len] == '#' || dialled[len] == '*';
}

int book_keyword(const struct book *b, const char *sms)
{
	while (*sms != '\0' && !isalnum((unsigned char)*sms) && (unsigned char)*sms < 0x80)
		sms++;
	for (size_t i = 0; i < b->n_keywords; i++) {
		size_t n = strlen(b->keyword[i]), at = 0;

		while (at < n && toupper((unsigned char)sms[at]) == (unsigned char)b->keyword[i][at])
			at++;
		if (at == n && !isalnum((unsigned char)sms[n]) && (unsigned char)sms[n] < 0x80)
			return (int)i;
	}
	return -1;
}
