/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Join: see sms_join.h. Invariant: what is written is valid UTF-8 and ends within the scratch, whatever the octets are. */
#include "gateway/sms_join.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "gateway/sms_in.h"

#define OCTETS_SIZE \
	(2 * SMS_TEXT_SIZE) /* in a row, of one alphabet: each gives half a byte of text or more */

struct sms_join {
	uint8_t octets[OCTETS_SIZE + 2]; /* and one NUL of two octets */
	char text[SMS_TEXT_SIZE];
};

struct sms_join *sms_join_new(void)
{
	return calloc(1, sizeof(struct sms_join));
}

void sms_join_free(struct sms_join *j)
{
	free(j);
}

static bool is_padding(uint8_t c)
{
	return c == '\0' || c == '\r' || c == '\n' || c == ' ';
}

/* One alphabet in a row, from the octets to the end of the text. At the end of the whole text NULs and blanks go; before it a NUL
 * is a letter of GSM 03.38, so another one is put behind it for text_decode to strip. */
static size_t decode_run(struct sms_join *j, const struct sms_part *p, size_t len, size_t at, bool is_last)
{
	enum text_alphabet alphabet = (enum text_alphabet)p->alphabet;
	size_t unit = alphabet == TEXT_UCS2 ? 2 : 1;

	if (is_last) {
		while (unit == 1 && len > 0 && is_padding(j->octets[len - 1]))
			len--;
	} else {
		len -= len % unit;
		memset(j->octets + len, 0, unit);
		len += unit;
	}
	if (alphabet == TEXT_GSM7 && (p->shift.locking != 0 || p->shift.single != 0))
		return text_decode_shifted(p->shift, j->octets, len, j->text + at, sizeof(j->text) - at);
	if (alphabet == TEXT_UTF8 && !text_utf8_valid((const char *)j->octets, is_last ? len : len - unit))
		alphabet = TEXT_LATIN1;
	return text_decode(alphabet, j->octets, len, j->text + at, sizeof(j->text) - at);
}

static bool same_tables(const struct sms_part *a, const struct sms_part *b)
{
	return a->alphabet == b->alphabet && a->shift.locking == b->shift.locking &&
	       a->shift.single == b->shift.single;
}

/* A mark of byte order at the beginning is no letter; blanks at the end say nothing. */
static void tidy(char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";

	while (len > 0 && is_padding((uint8_t)text[len - 1]))
		len--;
	text[len] = '\0';
	if (strncmp(text, mark, sizeof(mark) - 1) == 0)
		memmove(text, text + sizeof(mark) - 1, len + 1 - (sizeof(mark) - 1));
}

const char *sms_join_text(struct sms_join *j, const struct sms_part *part, size_t n, bool *cut)
{
	size_t written = 0, len = 0;

	*cut = false;
	for (size_t i = 0; i < n; i++) {
		size_t room = OCTETS_SIZE - len, add = part[i].len < room ? part[i].len : room;
		bool ends = i + 1 == n || !same_tables(&part[i], &part[i + 1]);

		*cut |= add < part[i].len;
		if (add > 0)
			memcpy(j->octets + len, part[i].octets, add);
		len += add;
		if (!ends)
			continue;
		written += decode_run(j, &part[i], len, written, i + 1 == n);
		len = 0;
	}
	*cut |= written >= sizeof(j->text) - 4; /* the next character did not fit, or would not have */
	tidy(j->text, written);
	return j->text;
}
