/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small program over the charging port, for end-to-end tests against servers that share no code with us.
 *
 *   charging_client CONFIG OP BUNDLE MSISDN KEY ORDERED_MS SENT_MS MARK [buys]...
 *
 * Reads orders from the command line, or, with CONFIG alone, one a line from standard input; answers one line of JSON each, in
 * the order in which they conclude. Real clock, real loop, real HTTP.
 */
#include <event2/event.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/findings.h"
#include "core/log.h"
#include "gateway/charging.h"
#include "gateway/config.h"

#define WORDS 8

static int outstanding;

struct asked {
	struct event_base *base;
	uint64_t reference;
	char key[CHARGING_KEY_SIZE];
};

static void on_answer(void *ctx, const struct charging_answer *a)
{
	struct asked *asked = ctx;
	json_t *o = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s}", "key", asked->key, "outcome",
	                      charging_outcome_name(a->outcome), "reason", charging_reason_name(a->reason),
	                      "code", a->code, "why", a->why, "mark", a->mark);
	char reference[24];

	snprintf(reference, sizeof(reference), "%" PRIu64, asked->reference);
	json_object_set_new(o, "reference", json_string(reference));
	if (a->facts != NULL) {
		json_t *bundles = json_array();

		for (size_t i = 0; i < a->facts->n_bundles; i++)
			json_array_append_new(bundles, json_string(a->facts->bundle[i].gives));
		json_object_set_new(o, "balance", json_integer(a->facts->balance_minor));
		json_object_set_new(o, "bundles", bundles);
	}
	if (a->account != NULL)
		json_object_set_new(o, "active", json_boolean(a->account->is_active));
	json_dumpf(o, stdout, JSON_COMPACT);
	puts("");
	json_decref(o);
	if (--outstanding == 0)
		event_base_loopexit(asked->base, NULL);
	free(asked);
}

static int op_of(const char *name)
{
	for (int i = 0; i < CHARGING_OPS_; i++)
		if (strcmp(charging_op_name((enum charging_op)i), name) == 0)
			return i;
	return -1;
}

/* op bundle msisdn key ordered sent mark [buys]; "-" = an empty mark. Marks have spaces: written with '_' here. */
static int ask(struct charging *c, struct event_base *base, const struct config *config, char **word, int n)
{
	struct asked *asked = calloc(1, sizeof(*asked));
	int op = op_of(word[0]);
	const struct config_bundle *bundle;
	struct charging_order o;
	char mark[CHARGING_MARK_SIZE];
	enum rc rc;

	if (asked == NULL || op < 0 || n < 7) {
		free(asked);
		return 1;
	}
	bundle = config_bundle_by_name(config, word[1]);
	snprintf(mark, sizeof(mark), "%s", strcmp(word[6], "-") == 0 ? "" : word[6]);
	for (char *at = mark; *at != '\0'; at++)
		if (*at == '_')
			*at = ' ';
	o = (struct charging_order){
		.msisdn = atoll(word[2]),
		.bundle = word[1],
		.key = word[3],
		.ordered_ms = atoll(word[4]),
		.sent_ms = atoll(word[5]),
		.mark = mark,
		.price = n > 7 && strcmp(word[7], "buys") == 0 && bundle != NULL ? bundle->price : 0};
	o.reference = charging_reference(config->charging.host, o.msisdn, o.msisdn, o.key);
	asked->base = base;
	asked->reference = o.reference;
	snprintf(asked->key, sizeof(asked->key), "%s", o.key);
	rc = charging_start(c, (enum charging_op)op, &o, on_answer, asked);
	if (rc != RC_OK) {
		fprintf(stderr, "not taken: %s\n", rc_name(rc));
		free(asked);
		return 1;
	}
	outstanding++;
	return 0;
}

static int ask_lines(struct charging *c, struct event_base *base, const struct config *config)
{
	char line[512];
	int bad = 0;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		char *word[WORDS], *save = NULL;
		int n = 0;

		for (char *at = strtok_r(line, " \n", &save); at != NULL && n < WORDS;
		     at = strtok_r(NULL, " \n", &save))
			word[n++] = at;
		if (n > 0)
			bad |= ask(c, base, config, word, n);
	}
	return bad;
}

int main(int argc, char **argv)
{
	struct findings *findings = findings_new();
	struct event_base *base = event_base_new();
	struct charging_options options = {.base = base, .clock = clock_system()};
	struct config *config = NULL;
	struct charging *c = NULL;
	int bad;

	log_init(LOG_LV_INFO);
	if (argc < 2 || findings == NULL || base == NULL ||
	    config_load(argv[1], findings, &config) != RC_OK) {
		if (findings != NULL)
			findings_print(findings, stderr);
		return 2;
	}
	options.config = config;
	if (charging_new(&options, &c) != RC_OK)
		return 2;
	bad = argc > 2 ? ask(c, base, config, argv + 2, argc - 2) : ask_lines(c, base, config);
	if (outstanding > 0)
		event_base_dispatch(base);
	charging_free(c);
	config_free(config);
	findings_free(findings);
	event_base_free(base);
	libevent_global_shutdown();
	return bad;
}
