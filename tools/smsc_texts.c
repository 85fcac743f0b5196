/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load of long SMS. A run is one text under way: its keyword is sent, the ESME's question awaited, its parts join the pool
 * that leaves in random order, and then either the right answer comes or, when a part was left out, nothing. */
#include "tools/smsc_texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/smsc_parts.h"
#include "tools/smsc_receipt.h"
#include "tools/smsc_text.h"

#define RETRY_US 200000
#define LOOK_US 50000
#define KEYWORD_ITEM (2 * SMSC_TEXT_PARTS)
#define ITEMS 32 /* of a run: parts, their copies, the keyword */
#define ANSWER_SIZE 2048

enum run_state { RUN_IDLE, RUN_ASKED, RUN_SENDING, RUN_AWAITS };

struct smsc_texts_run {
	enum run_state state;
	uint32_t number; /* subscriber */
	uint32_t serial; /* makes its keyword another than the last one's */
	uint32_t retries;
	int missing; /* part, or -1 */
	int64_t deadline_us;
	uint32_t waiting; /* bits: items not acknowledged yet */
	uint32_t conn[ITEMS];
	struct smsc_parts parts;
	unsigned answer_got, answer_total; /* parts of the answer */
	char answer[SMSC_TEXT_PARTS][SMSC_TEXT_SIZE / 8];
};

struct smsc_texts_item {
	uint32_t run, item;
	int64_t due_us;
};

uint32_t smsc_texts_crc(const char *text) /* CRC-32 of ISO 3309, as in zip */
{
	uint32_t crc = 0xffffffffu;

	for (; *text != '\0'; text++) {
		crc ^= (uint8_t)*text;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
	}
	return ~crc;
}

enum rc smsc_texts_init(struct smsc_texts *t, const struct smsc_texts_config *config,
                        struct smsc_centre *centre)
{
	memset(t, 0, sizeof *t);
	t->config = *config;
	t->centre = centre;
	t->room = config->concurrency * ITEMS;
	t->run = calloc(config->concurrency, sizeof *t->run);
	t->run_of = malloc(config->numbers * sizeof *t->run_of);
	t->reference_of = calloc(config->numbers, 1);
	t->spare_of = calloc(config->numbers, 1);
	t->pool = calloc(t->room, sizeof *t->pool);
	if (t->run == NULL || t->run_of == NULL || t->reference_of == NULL || t->spare_of == NULL ||
	    t->pool == NULL) {
		smsc_texts_fini(t);
		return RC_NOMEM;
	}
	for (uint32_t i = 0; i < config->numbers; i++)
		t->run_of[i] = UINT32_MAX;
	return RC_OK;
}

void smsc_texts_fini(struct smsc_texts *t)
{
	free(t->run);
	free(t->run_of);
	free(t->reference_of);
	free(t->spare_of);
	free(t->pool);
	t->run = NULL;
	t->run_of = NULL;
	t->reference_of = NULL;
	t->spare_of = NULL;
	t->pool = NULL;
}

static void pool_add(struct smsc_texts *t, uint32_t run, uint32_t item, int64_t due_us)
{
	t->run[run].waiting |= 1u << item;
	t->run[run].conn[item] = 0;
	if (t->n_pool < t->room) /* ITEMS for each run: always */
		t->pool[t->n_pool++] = (struct smsc_texts_item){run, item, due_us};
}

static void pool_forget(struct smsc_texts *t, uint32_t run)
{
	for (uint32_t i = 0; i < t->n_pool;)
		if (t->pool[i].run == run)
			t->pool[i] = t->pool[--t->n_pool];
		else
			i++;
}

static void ask(struct smsc_texts *t, uint32_t i, int64_t now_us)
{
	struct smsc_texts_run *r = &t->run[i];

	r->state = RUN_ASKED;
	r->waiting = 0;
	r->answer_got = r->answer_total = 0;
	r->deadline_us = now_us + t->config.answer_timeout_us;
	t->result.begun++;
	r->serial =
		(uint32_t)(smsc_fault_random(t->centre->net->env.fault) >> 33) ^ (uint32_t)t->result.begun;
	pool_add(t, i, KEYWORD_ITEM, now_us);
}

/* The question came: the text follows. */
static void send_text(struct smsc_texts *t, uint32_t i, int64_t now_us)
{
	struct smsc_texts_run *r = &t->run[i];
	struct smsc_fault *random = t->centre->net->env.fault;
	unsigned n = 1 + (unsigned)(smsc_fault_random(random) >> 33) % SMSC_TEXT_PARTS;

	if (!smsc_parts_make(&r->parts, random, r->serial, t->reference_of[r->number]++, n)) {
		t->stopped = true;
		return;
	}
	r->missing = -1;
	if (r->parts.n > 1 && (smsc_fault_random(random) >> 33) % 100 < t->config.missing_percent)
		r->missing = (int)((smsc_fault_random(random) >> 33) % r->parts.n);
	r->state = RUN_SENDING;
	r->deadline_us = now_us + t->config.answer_timeout_us;
	for (unsigned part = 0; part < r->parts.n; part++) {
		if ((int)part == r->missing) {
			t->result.left_out++;
			continue;
		}
		pool_add(t, i, part, now_us);
		t->result.parts++;
		if (r->parts.n > 1 && (smsc_fault_random(random) >> 33) % 100 < t->config.copies_percent) {
			pool_add(t, i, SMSC_TEXT_PARTS + part, now_us);
			t->result.copies++;
		}
	}
}

static void release(struct smsc_texts *t, uint32_t i)
{
	t->run_of[t->run[i].number] = UINT32_MAX;
	t->run[i].state = RUN_IDLE;
	t->ended++;
	t->moved_us = smsc_now_us();
}

/* Everything was sent and taken. */
static void sent_all(struct smsc_texts *t, uint32_t i)
{
	struct smsc_texts_run *r = &t->run[i];

	if (r->state == RUN_SENDING && r->missing >= 0) {
		t->result.broken++;
		release(t, i);
	} else if (r->state == RUN_SENDING) {
		r->state = RUN_AWAITS;
	} else if (r->state == RUN_IDLE) {
		release(t, i); /* it was answered while copies were on their way */
	}
}

static void deliver(struct smsc_texts *t, uint32_t at)
{
	struct smsc_texts_item e = t->pool[at];
	struct smsc_texts_run *r = &t->run[e.run];
	uint8_t body[256];
	struct smsc_sm sm;

	if (e.item == KEYWORD_ITEM) { /* the same words again would be taken for a copy */
		memset(&sm, 0, sizeof sm);
		sm.text = body;
		sm.text_len =
			(size_t)snprintf((char *)body, sizeof body, "%s %u", t->config.keyword, r->serial);
	} else {
		smsc_parts_message(&r->parts, e.item % SMSC_TEXT_PARTS, body, &sm);
	}
	smsc_receipt_address(&sm.source, t->centre->config.first_msisdn + r->number);
	sm.dest.npi = 1;
	snprintf(sm.dest.digits, sizeof sm.dest.digits, "%s", t->config.code);
	if (smsc_centre_deliver(t->centre, &sm, e.run * ITEMS + e.item, &r->conn[e.item]) != RC_OK)
		return;
	t->pool[at] = t->pool[--t->n_pool];
}

static void on_part_acked(void *ctx, uint32_t number, uint32_t status)
{
	struct smsc_texts *t = ctx;
	uint32_t i = number / ITEMS, item = number % ITEMS;
	struct smsc_texts_run *r;

	if (i >= t->config.concurrency || (t->run[i].waiting & 1u << item) == 0)
		return;
	r = &t->run[i];
	if (status != SMSC_OK) {
		pool_add(t, i, item, smsc_now_us() + RETRY_US);
		return;
	}
	r->waiting &= ~(1u << item);
	if (r->waiting == 0 && r->state != RUN_ASKED)
		sent_all(t, i);
}

/* What was not acknowledged is sent again. */
static void on_lost(void *ctx, uint32_t conn)
{
	struct smsc_texts *t = ctx;

	for (uint32_t i = 0; i < t->config.concurrency; i++)
		for (uint32_t item = 0; item < ITEMS; item++)
			if ((t->run[i].waiting & 1u << item) != 0 && t->run[i].conn[item] == conn) {
				pool_add(t, i, item, 0);
				t->spare_of[t->run[i].number] += t->spare_of[t->run[i].number] < UINT8_MAX;
				t->centre->stats->redelivered++;
			}
}

/* An answer in parts is put together; false while some lack. */
static bool answer_whole(struct smsc_texts *t, struct smsc_texts_run *r, const char *text,
                         char out[ANSWER_SIZE])
{
	unsigned part = 1, total = 1;
	size_t used = 0;
	int skip = 0;

	if (sscanf(text, "[%2u/%2u]%n", &part, &total, &skip) == 2 && skip > 0)
		text += skip + 1;
	else
		part = total = 1;
	t->result.answer_parts++;
	if (part == 0 || part > total || total > SMSC_TEXT_PARTS || strlen(text) >= sizeof r->answer[0]) {
		smsc_stats_error(t->centre->stats, SMSC_ERR_PARTS, NULL);
		return false;
	}
	if (r->answer_total != total) {
		r->answer_total = total;
		r->answer_got = 0;
	}
	r->answer_got |= 1u << part;
	memcpy(r->answer[part - 1], text, strlen(text) + 1);
	if (r->answer_got != ((1u << total) - 1) << 1)
		return false;
	for (unsigned i = 0; i < total; i++)
		used += (size_t)snprintf(out + used, ANSWER_SIZE - used, "%s", r->answer[i]);
	r->answer_got = r->answer_total = 0;
	return true;
}

/* "a1b2c3d4 612" and then, perhaps, some of the text itself. */
static bool answer_right(const struct smsc_parts *p, const char *answer)
{
	char *end;
	unsigned long crc = strtoul(answer, &end, 16);
	unsigned long long len = strtoull(end, &end, 10);
	size_t same = strlen(end);

	if (crc != smsc_texts_crc(p->text) || len != strlen(p->text))
		return false;
	if (same > 4 && strcmp(end + same - 3, "...") == 0)
		same -= 3;
	return same < 2 || strncmp(end + 1, p->text, same - 1) == 0;
}

/* An answer that nobody waits for: right once for each input that was sent again. */
static void too_many(struct smsc_texts *t, uint32_t number, enum smsc_error kind, const char *what)
{
	if (t->spare_of[number] == 0) {
		smsc_stats_error(t->centre->stats, kind, what);
		return;
	}
	t->spare_of[number]--;
	t->centre->stats->repeated++;
}

static void on_answer(struct smsc_texts *t, uint32_t i, const char *text, int64_t now_us)
{
	struct smsc_texts_run *r = &t->run[i];
	char answer[ANSWER_SIZE];

	if (!answer_whole(t, r, text, answer))
		return;
	if (r->state == RUN_ASKED) {
		send_text(t, i, now_us);
		return;
	}
	if (r->state == RUN_IDLE || r->missing >= 0) {
		too_many(t, r->number, SMSC_ERR_SMS_SECOND, r->missing >= 0 ? "it was not whole" : NULL);
		return;
	}
	if (!answer_right(&r->parts, answer)) {
		too_many(t, r->number, SMSC_ERR_SMS_WRONG, answer);
		return; /* the right one may come; if not, this text fails by its deadline */
	}
	t->result.answered++;
	r->state = RUN_IDLE;
	if (r->waiting == 0)
		release(t, i);
}

static void on_sms(void *ctx, int64_t msisdn, const char *from, const char *text)
{
	struct smsc_texts *t = ctx;
	uint32_t number = (uint32_t)(msisdn - t->centre->config.first_msisdn);

	(void)from;
	if (number >= t->config.numbers)
		return;
	if (t->run_of[number] == UINT32_MAX)
		too_many(t, number, SMSC_ERR_SMS_SECOND, text);
	else
		on_answer(t, t->run_of[number], text, smsc_now_us());
}

static void on_screen(void *ctx, struct smsc_phone *p, const char *text, bool end, bool repeat)
{
	(void)ctx, (void)p, (void)text, (void)end, (void)repeat; /* nobody dials here */
}

static void on_phone(void *ctx, struct smsc_phone *p)
{
	(void)ctx, (void)p;
}

struct smsc_centre_events smsc_texts_events(struct smsc_texts *t)
{
	return (struct smsc_centre_events){.ctx = t,
	                                   .screen = on_screen,
	                                   .sms = on_sms,
	                                   .acked = on_phone,
	                                   .silent = on_phone,
	                                   .part_acked = on_part_acked,
	                                   .lost = on_lost};
}

static void begin_texts(struct smsc_texts *t, int64_t now_us)
{
	for (uint32_t i = 0; i < t->config.concurrency && t->begun < t->config.texts; i++) {
		uint32_t number = t->begun % t->config.numbers;

		if (t->run[i].state != RUN_IDLE || t->run[i].waiting != 0)
			continue;
		if (t->config.rate > 0 &&
		    now_us < t->result.began_us + (int64_t)((double)t->begun * 1e6 / t->config.rate))
			return;
		if (t->run_of[number] != UINT32_MAX)
			return; /* this number's last text is still under way */
		t->run_of[number] = i;
		t->run[i].number = number;
		t->run[i].retries = 0;
		t->begun++;
		ask(t, i, now_us);
	}
}

/* Texts, or questions before them, that were not answered in time. */
static void look_at_deadlines(struct smsc_texts *t, int64_t now_us)
{
	if (now_us - t->looked_us < LOOK_US)
		return;
	t->looked_us = now_us;
	for (uint32_t i = 0; i < t->config.concurrency; i++) {
		struct smsc_texts_run *r = &t->run[i];

		if (r->state == RUN_IDLE || now_us < r->deadline_us ||
		    (r->state == RUN_SENDING && r->missing >= 0))
			continue;
		t->centre->stats->unanswered++;
		pool_forget(t, i);
		if (r->retries++ < t->config.retries) {
			t->result.retried++;
			t->spare_of[r->number] +=
				t->spare_of[r->number] < UINT8_MAX; /* it may only be late */
			ask(t, i, now_us);
		} else {
			t->result.failed++;
			r->waiting = 0;
			release(t, i);
		}
	}
}

static void send_pool(struct smsc_texts *t, int64_t now_us)
{
	struct smsc_fault *random = t->centre->net->env.fault;

	for (uint32_t tries = t->n_pool; tries > 0 && t->n_pool > 0; tries--) {
		uint32_t before = t->n_pool;
		uint32_t at = (uint32_t)(smsc_fault_random(random) >> 33) % t->n_pool;

		if (t->pool[at].due_us > now_us)
			continue;
		deliver(t, at);
		if (t->n_pool == before)
			return;
	}
}

int64_t smsc_texts_turn(struct smsc_texts *t, int64_t now_us)
{
	if (!t->started && smsc_net_bound(t->centre->net)) {
		t->started = true;
		t->result.began_us = now_us;
	}
	if (t->moved_us == 0)
		t->moved_us = now_us;
	if (now_us - t->moved_us >
	            t->config.wait_us + (t->config.retries + 1) * t->config.answer_timeout_us &&
	    t->quiet_until_us == 0) {
		fprintf(stderr, "starhash-smsc: %s\n",
		        t->started ? "nothing moves any more, giving up" : "no ESME bound in time");
		t->stopped = true;
	}
	if (!t->started || t->stopped)
		return LOOK_US;
	begin_texts(t, now_us);
	send_pool(t, now_us);
	look_at_deadlines(t, now_us);
	if (t->ended == t->config.texts && t->quiet_until_us == 0)
		t->quiet_until_us = now_us + t->config.quiet_us;
	return LOOK_US;
}

bool smsc_texts_finished(const struct smsc_texts *t)
{
	return t->stopped || (t->quiet_until_us != 0 && smsc_now_us() >= t->quiet_until_us);
}

void smsc_texts_finish(struct smsc_texts *t, int64_t now_us)
{
	t->result.ended_us = t->quiet_until_us != 0 ? t->quiet_until_us - t->config.quiet_us : now_us;
	if (!t->started)
		t->result.began_us = now_us;
	t->result.failed += t->config.texts - t->ended;
	t->ended = t->config.texts;
}
