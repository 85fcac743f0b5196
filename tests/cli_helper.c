/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Helper of test_cli.sh, no test itself.
 *
 *   cli_helper store CONF          fill the configured store: 254700000001 registered with one grant,
 *                                  254700000002 seen once; 40 people on the screen "name" of join
 *   cli_helper answer SOCKET TEXT  be a daemon for one word: print it, answer TEXT. Prints "listening" first
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "gateway/config.h"
#include "storage/store.h"

static int fail(const char *what)
{
	fprintf(stderr, "cli_helper: %s\n", what);
	return EXIT_FAILURE;
}

static void written(void *ctx, const struct store_result *result)
{
	int *failures = ctx;

	*failures += result->rc != RC_OK;
}

static bool fill(struct store *s)
{
	static const char *const values[] = {"Anna \"Wanja\" Ñ", "Nyeri", "job"};
	static const struct store_screen_count counts[] = {
		{.service = "join",
	         .screen = "name",
	         .entered = 40,
	         .bad_inputs = 3,
	         .drops = {1, 9, 0, 2},
	         .ms_sum = 120000,
	         .answered = 30,
	         .ms_bucket = {0, 0, 30}},
		{.service = "join", .screen = "gone", .entered = 7},
	};
	int64_t now = clock_utc_ms(clock_system());
	struct store_batch *b = store_batch_new(254700000001, now);
	int failures = 0;
	bool good = b && store_batch_language(b, "en") == RC_OK &&
	            store_batch_consent(b, "profile", STORE_CONSENT_GRANTED, "May we keep it?", "en",
	                                STORE_CH_USSD) == RC_OK;

	for (size_t i = 0; good && i < 3; i++)
		good = store_batch_save(b, i, values[i]) == RC_OK;
	good = good && store_batch_give(b, "100MB", "join", "100 MB", 0) == RC_OK;
	if (!good || store_write(s, b, written, &failures) != RC_OK)
		return false;
	b = store_batch_new(254700000002, now);
	if (!b || store_batch_seen(b) != RC_OK || store_write(s, b, written, &failures) != RC_OK)
		return false;
	if (store_screens_add(s, counts, 2) != RC_OK)
		return false;
	store_wait(s);
	return failures == 0;
}

static int make_store(const char *conf)
{
	struct findings *findings = findings_new();
	struct config *config;
	struct store *store;
	struct store_options options = {.clock = clock_system()};
	char why[300];
	bool good;

	if (!findings || config_load(conf, findings, &config) != RC_OK)
		return fail("the configuration cannot be used");
	options.path = config->store_path;
	options.profile = &config->profile;
	if (store_open(&options, &store, why, sizeof why) != RC_OK)
		return fail(why);
	good = fill(store);
	store_close(store);
	config_free(config);
	findings_free(findings);
	return good ? EXIT_SUCCESS : fail("the store was not filled");
}

static int answer(const char *path, const char *text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), peer;
	char line[100];
	ssize_t n;

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0)
		return fail("cannot listen");
	puts("listening");
	fflush(stdout);
	peer = accept(fd, NULL, NULL);
	n = peer >= 0 ? read(peer, line, sizeof line - 1) : -1;
	if (n < 0 || write(peer, text, strlen(text)) != (ssize_t)strlen(text))
		return fail("cannot answer");
	line[n] = '\0';
	fputs(line, stdout);
	close(peer);
	close(fd);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	log_init(LOG_LV_WARN);
	if (argc == 3 && strcmp(argv[1], "store") == 0)
		return make_store(argv[2]);
	if (argc == 4 && strcmp(argv[1], "answer") == 0)
		return answer(argv[2], argv[3]);
	return fail("store CONF, or answer SOCKET TEXT");
}
