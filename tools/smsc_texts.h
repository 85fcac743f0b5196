/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load of long SMS: many people who each write a keyword and then, asked, a text of 1 to 10 parts.
 *
 * The parts of all texts under way leave in one random order, some twice, some never; with an 8-bit or a 16-bit reference
 * in a user data header, with SAR TLVs, or whole in a message_payload; in the GSM alphabet or in UCS-2. Whoever answers
 * must begin the answer with the CRC-32 and the number of bytes of the whole text in UTF-8: "a1b2c3d4 612 ...", so that the
 * ESME's idea of the text is checked by somebody who never saw its code. A text that is not whole must stay unanswered.
 */
#ifndef STARHASH_TOOLS_SMSC_TEXTS_H
#define STARHASH_TOOLS_SMSC_TEXTS_H

#include "tools/smsc_centre.h"

#define SMSC_TEXT_PARTS 10

struct smsc_texts_config {
	uint32_t texts;
	uint32_t numbers; /* subscribers who write them in turn */
	uint32_t concurrency;
	double rate; /* texts begun in a second, at most; 0 as many as there are places */
	const char *keyword, *code;
	uint32_t copies_percent;  /* of parts are sent twice */
	uint32_t missing_percent; /* of texts of 2 parts and more lack one */
	uint32_t retries;         /* of a text that was not answered in time: a new one instead */
	int64_t answer_timeout_us;
	int64_t wait_us;  /* for an ESME */
	int64_t quiet_us; /* at the end: for answers that must not come */
};

struct smsc_texts_result {
	uint64_t begun, parts, copies, left_out;
	uint64_t whole, answered; /* whole ones are done when they were answered rightly */
	uint64_t broken;          /* lacked a part, and were not answered */
	uint64_t retried, failed;
	uint64_t answer_parts; /* SMS that answers came in */
	int64_t began_us, ended_us;
};

struct smsc_texts_run;
struct smsc_texts_item;

struct smsc_texts {
	struct smsc_texts_config config;
	struct smsc_texts_result result;
	struct smsc_centre *centre;
	struct smsc_texts_run *run; /* [concurrency] */
	uint32_t *run_of;           /* [numbers] */
	uint8_t *reference_of;      /* [numbers] */
	uint8_t *spare_of; /* [numbers]: answers that may rightly come again, to what was sent again */
	struct smsc_texts_item *pool; /* what waits to be sent */
	uint32_t n_pool, room;
	uint32_t begun, ended; /* texts */
	bool started, stopped;
	int64_t moved_us, looked_us, quiet_until_us;
};

enum rc smsc_texts_init(struct smsc_texts *t, const struct smsc_texts_config *config,
                        struct smsc_centre *centre) RC_NODISCARD;
void smsc_texts_fini(struct smsc_texts *t);
struct smsc_centre_events smsc_texts_events(struct smsc_texts *t);
int64_t smsc_texts_turn(struct smsc_texts *t, int64_t now_us);
bool smsc_texts_finished(const struct smsc_texts *t);
void smsc_texts_finish(struct smsc_texts *t, int64_t now_us);

uint32_t smsc_texts_crc(const char *text);

#endif
