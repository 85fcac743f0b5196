/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reload: new menu files, and what they mean for the people who are inside now.
 *
 * The set to come is loaded and checked as a whole and compared with the live one before it takes its place. Dialogues in
 * progress end on the books on which they began (promise 5); the report says how many of them stand on screens that the
 * new files change or take away.
 */
#ifndef STARHASH_GATEWAY_RELOAD_H
#define STARHASH_GATEWAY_RELOAD_H

#include "core/findings.h"
#include "gateway/dialogue.h"
#include "gateway/services.h"

/* One service whose file differs. */
struct reload_service {
	char name[PROFILE_NAME_SIZE * 2];
	uint32_t screens_changed, screens_gone, screens_new;
	uint32_t inside;     /* open dialogues on the version that is live now */
	uint32_t on_changed; /* of them: on a screen that changes */
	uint32_t on_gone;    /* of them: on a screen that is gone or has another name */
};

struct reload_report {
	bool dry_run;
	size_t n;
	struct reload_service service[CONFIG_MAX_SERVICES];
};

/* RC_OK: *out says what differs, and the new books are live unless `dry_run`. RC_SYNTAX (findings say) or RC_NOMEM: nothing
 * has changed. `findings` also gets a warning of rule 15 for each screen that changes. Each result is logged. */
enum rc reload(struct services *services, const struct dialogues *dialogues, bool dry_run,
               struct findings *findings, struct reload_report *out) RC_NODISCARD;

#endif
