/* SPDX-License-Identifier: GPL-3.0-or-later */
/* View: see view.h. */
#include "gateway/view.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/seal.h"

void view_look(const struct query_subscriber *s, struct view_reveal *out)
{
	const struct profile *p = record_profile(s->record);
	struct buf b;

	*out = (struct view_reveal){.subject = record_id(s->record)};
	for (size_t i = 0; i < p->n_fields; i++)
		out->field[i] = p->field[i].is_private && record_value(s->record, i) != NULL;
	for (size_t i = 0; i < s->n_past; i++)
		if (p->field[s->past[i].field].is_private && *s->past[i].value)
			out->field[s->past[i].field] = true;
	out->proof = s->n_verifications > 0;
	out->relations = s->n_relations > 0;
	buf_init(&b, out->action, sizeof out->action);
	buf_add(&b, "reveal");
	for (size_t i = 0; i < p->n_fields; i++)
		if (out->field[i])
			buf_printf(&b, " %s", p->field[i].name);
	buf_add(&b, out->proof ? " proof" : "");
	buf_add(&b, out->relations ? " relations" : "");
	if (strcmp(out->action, "reveal") == 0)
		buf_add(&b, " nothing: nothing private is known");
}

/* What was told as private stays so: profile.conf may call it otherwise, and the store is not opened with that
 * (profile_change.h). */
static const char *masked(const struct profile *p, size_t field, const char *value,
                          const struct view_reveal *reveal)
{
	bool is_seen = !p->field[field].is_private || (reveal && reveal->field[field]);

	if (!value || !*value)
		return value;
	return is_seen && !seal_is_text(value) ? value : QUERY_MASK;
}

const char *view_value(const struct query_subscriber *s, size_t field, const struct view_reveal *reveal)
{
	return masked(record_profile(s->record), field, record_value(s->record, field), reveal);
}

const char *view_past(const struct query_subscriber *s, const struct query_past *past,
                      const struct view_reveal *reveal)
{
	return masked(record_profile(s->record), past->field, past->value, reveal);
}

const char *view_source(const struct query_subscriber *s)
{
	if (s->imported)
		return "import";
	if (s->n_consents > 0)
		return s->consent[0].channel;
	return s->n_interactions > 0 ? s->interaction[s->n_interactions - 1].channel : "";
}

bool view_json_print(const struct query_subscriber *s, const struct view_options *o, bool pretty, FILE *to)
{
	char *text = view_json(s, o, pretty);
	bool ok = text && fputs(text, to) != EOF && fputc('\n', to) != EOF;

	free(text);
	return ok;
}
