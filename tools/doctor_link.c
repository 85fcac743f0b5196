/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash doctor --link: see doctor_link.h. The daemon comes first: where it is bound, nothing is done. */
#include "tools/doctor_link.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/config.h"
#include "gateway/listen.h"
#include "tools/cmd.h"
#include "tools/trace.h"

/* Is the link in the daemon's status one that it holds or tries for? */
static bool daemon_has_link(const struct config *config, const char *name)
{
	bool runs = false;
	char *answer = cmd_control_if_running(config, "status", &runs);
	json_t *root = answer ? json_loads(answer, 0, NULL) : NULL;
	json_t *links = json_object_get(root, "links");
	bool found = runs && !root; /* it runs and cannot be asked: then nothing is certain */

	for (size_t i = 0; i < json_array_size(links); i++) {
		const json_t *link = json_array_get(links, i);
		const char *is = json_string_value(json_object_get(link, "name"));
		const char *state = json_string_value(json_object_get(link, "state"));
		size_t n = strlen(name);

		/* a pair is told as name and what it is bound as */
		if (is && state && strncmp(is, name, n) == 0 && (is[n] == '\0' || strchr("/.-:", is[n])) &&
		    (strcmp(state, "bound") == 0 || strcmp(state, "binding") == 0))
			found = true;
	}
	json_decref(root);
	free(answer);
	return found;
}

struct recorder {
	struct trace *trace;
	bool memory_is_out;
};

static void record(void *ctx, bool from_smsc, int64_t at_ms, unsigned connection, const uint8_t *bytes,
                   size_t len)
{
	struct recorder *r = ctx;

	if (trace_add(r->trace, from_smsc ? TRACE_WAY_IN : TRACE_WAY_OUT, at_ms * 1000, connection, bytes,
	              len) == RC_NOMEM)
		r->memory_is_out = true;
}

struct trace *doctor_listen(const struct config *config, const char *name, int64_t for_ms)
{
	struct recorder recorder = {.trace = trace_new()};
	char why[300] = "";
	enum rc rc;

	if (daemon_has_link(config, name)) {
		cmd_fault("the daemon is bound on \"%s\", and an SMSC gives one message to one bind: look "
		          "at a capture of it "
		          "instead (tcpdump -s 0 -w FILE port 2775), or end the daemon first: starhash drain",
		          name);
		trace_free(recorder.trace);
		return NULL;
	}
	fprintf(stderr,
	        "Listening on \"%s\" for %d s. Let a subscriber dial now; every message is given back to "
	        "the SMSC.\n",
	        name, (int)(for_ms / 1000));
	rc = recorder.trace ? listen_run(config, name, for_ms, record, &recorder, why, sizeof why) : RC_NOMEM;
	if (rc == RC_OK && !recorder.memory_is_out)
		return recorder.trace;
	cmd_fault("%s", rc == RC_OK || rc == RC_NOMEM ? "memory is out" : why);
	trace_free(recorder.trace);
	return NULL;
}
