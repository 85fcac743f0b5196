/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Health as JSON, for `GET /health` and for the status report. */
#include <jansson.h>

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "gateway/control.h"
#include "gateway/control_private.h"
#include "gateway/health.h"

static json_t *trouble_json(const struct health_trouble *t)
{
	return json_pack("{s:s, s:b, s:s, s:s}", "part", t->part, "grave", t->is_grave, "what", t->what,
	                 "remedy", t->remedy);
}

static const char *status_word(const struct health_trouble *t, size_t n)
{
	if (health_is_grave(t, n))
		return "down";
	return n > 0 ? "degraded" : "ok";
}

json_t *control_health(const struct gateway *g)
{
	struct health_trouble trouble[HEALTH_MAX];
	size_t n = health_read(g, trouble);
	char since[CLOCK_TEXT_SIZE];
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, trouble_json(&trouble[i]));
	return json_pack("{s:s, s:s, s:s, s:o}", "status", status_word(trouble, n), "version",
	                 PACKAGE_VERSION, "since", clock_utc_text(gateway_began_ms(g), since), "troubles",
	                 list);
}

char *control_health_json(const struct gateway *g, bool *is_well)
{
	json_t *o = control_health(g);
	const char *status = json_string_value(json_object_get(o, "status"));
	char *text = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII);

	*is_well = status != NULL && strcmp(status, "down") != 0;
	json_decref(o);
	return text;
}
