/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, screens: names, kinds, and which key belongs where (book_load.h). */
#include <libconfig.h>
#include <stdio.h>
#include <string.h>

#include "menus/book_load.h"

enum key {
	KEY_MENU,
	KEY_ASK,
	KEY_PICK,
	KEY_LIST,
	KEY_INVITE,
	KEY_LEAVE,
	KEY_REFER,
	KEY_CONSENT,
	KEY_WHEN,
	KEY_GIVE,
	KEY_BUY,
	KEY_APP,
	KEY_END,
	KEY_SAY,
	KEY_SORRY,
	KEY_NEXT,
	KEY_SMS,
	KEY_WITHDRAW,
	KEY_ERASE,
	KEY_STOP,
	KEY_COPY,
	KEY_DIAL,
	KEY_FACTS,
	KEYS
};

/* Those up to "end" are the kinds, in the order of enum book_kind. */
static const char *const keys[KEYS] = {"menu",  "ask",     "pick",  "list", "invite", "leave",
                                       "refer", "consent", "when",  "give", "buy",    "app",
                                       "end",   "say",     "sorry", "next", "sms",    "withdraw",
                                       "erase", "stop",    "copy",  "dial", "facts"};

#define BIT(k) (1U << (k))
#define ASKING (BIT(KEY_SAY) | BIT(KEY_SORRY) | BIT(KEY_DIAL) | BIT(KEY_FACTS))
static const unsigned belongs[] = {
	[BOOK_MENU] = BIT(KEY_MENU) | ASKING,
	[BOOK_ASK] = BIT(KEY_ASK) | BIT(KEY_NEXT) | ASKING,
	[BOOK_PICK] = BIT(KEY_PICK) | BIT(KEY_NEXT) | ASKING,
	[BOOK_LIST] = BIT(KEY_LIST) | BIT(KEY_NEXT) | ASKING,
	[BOOK_INVITE] = BIT(KEY_INVITE) | BIT(KEY_NEXT) | ASKING,
	[BOOK_LEAVE] = BIT(KEY_LEAVE) | BIT(KEY_NEXT) | ASKING,
	[BOOK_REFER] = BIT(KEY_REFER) | BIT(KEY_NEXT) | ASKING,
	[BOOK_CONSENT] = BIT(KEY_CONSENT) | ASKING,
	[BOOK_WHEN] = BIT(KEY_WHEN) | BIT(KEY_DIAL),
	[BOOK_GIVE] = BIT(KEY_GIVE) | BIT(KEY_SMS) | BIT(KEY_END) | BIT(KEY_DIAL) | BIT(KEY_FACTS),
	[BOOK_BUY] = BIT(KEY_BUY) | BIT(KEY_SMS) | BIT(KEY_END),
	[BOOK_APP] = BIT(KEY_APP) | BIT(KEY_NEXT) | BIT(KEY_DIAL),
	[BOOK_END] = BIT(KEY_END) | BIT(KEY_SMS) | BIT(KEY_WITHDRAW) | BIT(KEY_ERASE) | BIT(KEY_STOP) |
                     BIT(KEY_COPY) | BIT(KEY_DIAL) | BIT(KEY_FACTS),
};

static int key_by_name(const char *name)
{
	for (int i = 0; i < KEYS; i++) {
		if (strcmp(keys[i], name) == 0)
			return i;
	}
	return -1;
}

static void unknown_key(struct loader *ld, const config_setting_t *member, const char *screen)
{
	const char *name = config_setting_name(member);

	load_error(ld, member, 0, load_nearest(ld, name, keys, KEYS, "take it out"),
	           "unknown key \"%s\" in screen \"%s\"", name, screen);
}

/* The keys that a screen has, as bits. */
static unsigned keys_of(struct loader *ld, const config_setting_t *at, const char *screen, bool *strange)
{
	unsigned found = 0;

	for (int i = 0; i < config_setting_length(at); i++) {
		const config_setting_t *member = config_setting_get_elem(at, (unsigned)i);
		int key = key_by_name(config_setting_name(member));

		if (key >= 0)
			found |= BIT(key);
		else {
			unknown_key(ld, member, screen);
			*strange = true;
		}
	}
	return found;
}

static bool kind_of(struct loader *ld, const config_setting_t *at, unsigned found, bool strange,
                    struct book_screen *s)
{
	int kind = -1;

	for (int k = BOOK_MENU; k < BOOK_END; k++) {
		if (!(found & BIT(k)))
			continue;
		if (kind >= 0) {
			load_error(ld, load_member(at, keys[k]), 0,
			           "make two screens of it, the first leading to the second",
			           "screen \"%s\" has \"%s\" and \"%s\", but a screen does one thing",
			           s->name, keys[kind], keys[k]);
			return false;
		}
		kind = k;
	}
	if (kind < 0 && (found & BIT(KEY_END)))
		kind = BOOK_END;
	if (kind < 0) {
		if (!strange) /* a misspelt key was reported, and is the likely cause */
			load_error(
				ld, at, 0,
				found & BIT(KEY_SAY)
					? "on a last screen write end = \"...\" instead of say"
					: "add one of menu, ask, pick, list, invite, leave, refer, consent, when, give, buy, app, end",
				"screen \"%s\" does not say what it does", s->name);
		return false;
	}
	s->kind = (enum book_kind)kind;
	return true;
}

static const char *misplaced_remedy(struct loader *ld, enum book_kind kind, int key)
{
	if (key == KEY_SAY && (kind == BOOK_END || kind == BOOK_GIVE || kind == BOOK_BUY))
		return "write these words in \"end\"";
	if (kind == BOOK_APP && (key == KEY_SAY || key == KEY_SORRY))
		return "take it out: the app has its own words";
	if (key == KEY_NEXT)
		return kind == BOOK_END || kind == BOOK_GIVE || kind == BOOK_BUY
		               ? "take it out: the dialogue ends here"
		               : "take it out: each choice says where it leads";
	if (key == KEY_DIAL && kind == BOOK_BUY)
		return "put it on the menu that asks whether to buy";
	if (key == KEY_FACTS && kind == BOOK_BUY)
		return "put it on the menu that asks whether to buy: a balance shown here would be the one before";
	if (key == KEY_END)
		return "take it out, and lead to a screen that has \"end\"";
	if (key == KEY_SMS || key == KEY_WITHDRAW || key == KEY_ERASE || key == KEY_STOP || key == KEY_COPY)
		return load_hint(ld, "put \"%s\" on a screen that has \"end\"", keys[key]);
	return "take it out";
}

static void check_places(struct loader *ld, const config_setting_t *at, unsigned found,
                         const struct book_screen *s)
{
	unsigned wrong = found & ~belongs[s->kind];

	for (int key = 0; key < KEYS; key++) {
		if (wrong & BIT(key))
			load_error(ld, load_member(at, keys[key]), 0, misplaced_remedy(ld, s->kind, key),
			           "\"%s\" does not belong on the %s screen \"%s\"", keys[key],
			           book_kind_name(s->kind), s->name);
	}
}

static const char *load_dial(struct loader *ld, const config_setting_t *at)
{
	const config_setting_t *member = load_member(at, "dial");
	const char *dial = member == NULL ? NULL : load_string(ld, member, "dial", BOOK_DIAL_SIZE - 1);
	char core[BOOK_DIAL_SIZE], code[BOOK_DIAL_SIZE];

	if (dial == NULL)
		return NULL;
	if (dial[0] != '*' || dial[strlen(dial) - 1] != '#' || !book_dial_core(dial, core) ||
	    strlen(core) != strlen(dial) - 2 || strstr(core, "**") != NULL || core[strlen(core) - 1] == '*') {
		load_error(ld, member, 14, "write it as it is dialled: \"*123*1#\"",
		           "\"%s\" cannot be dialled", dial);
		return NULL;
	}
	if (ld->b->code == NULL || !book_dial_core(ld->b->code, code) ||
	    strncmp(core, code, strlen(code)) != 0 || core[strlen(code)] != '*') {
		load_error(ld, member, 14,
		           load_hint(ld, "let it begin as the service's code, %s, and go on with *",
		                     ld->b->code == NULL ? "which is missing" : ld->b->code),
		           "the shortcut %s does not belong to this service", dial);
		return NULL;
	}
	return load_strdup(ld, dial);
}

static void load_screen(struct loader *ld, const config_setting_t *at, struct book_screen *s)
{
	bool strange = false;
	unsigned found;

	if (!config_setting_is_group(at)) {
		load_error(ld, at, 0, "write it in braces: name = { say = ...; menu = ...; };",
		           "screen \"%s\" must be a group in braces { }", s->name);
		return;
	}
	ld->screen_name = s->name;
	found = keys_of(ld, at, s->name, &strange);
	if (!kind_of(ld, at, found, strange, s))
		return;
	check_places(ld, at, found, s);
	if ((belongs[s->kind] & BIT(KEY_SAY)) && !(found & BIT(KEY_SAY)))
		load_error(ld, at, 0, "add say = \"...\";", "screen \"%s\" shows no words", s->name);
	if ((s->kind == BOOK_GIVE || s->kind == BOOK_BUY) && !(found & BIT(KEY_END)))
		load_error(ld, at, 0, "add end = \"...\";", "screen \"%s\" %s but does not say so", s->name,
		           s->kind == BOOK_GIVE ? "gives" : "buys");
	s->say = load_text_member(ld, at, "say");
	s->sorry = load_text_member(ld, at, "sorry");
	s->sms = load_text_member(ld, at, "sms");
	s->end = load_text_member(ld, at, "end");
	s->dial = load_dial(ld, at);
	load_kind(ld, at, s);
	load_facts(ld, at, s);
}

static void load_screen_name(struct loader *ld, const config_setting_t *at, struct book_screen *s,
                             const char **path)
{
	const char *name = config_setting_name(at), *file = config_setting_source_file(at);

	*path = file == NULL ? ld->b->path : load_strdup(ld, file);
	s->line = load_line(at);
	s->next = s->give.otherwise = s->give.again = s->give.refused = BOOK_NO_SCREEN;
	s->buy.otherwise = s->buy.poor = s->buy.refused = BOOK_NO_SCREEN;
	s->app.otherwise = s->facts_otherwise = BOOK_NO_SCREEN;
	s->number.again = s->number.full = BOOK_NO_SCREEN;
	s->kind = BOOK_END;
	if (strlen(name) >= PROFILE_NAME_SIZE)
		load_error(ld, at, 0, load_hint(ld, "use at most %d letters", PROFILE_NAME_SIZE - 1),
		           "the name of screen \"%.40s\" is too long", name);
	s->name = load_strdup(ld, name);
	if (s->name == NULL)
		s->name = "";
}

void load_screens(struct loader *ld, const struct config_setting_t *screens)
{
	int n = config_setting_is_group(screens) ? config_setting_length(screens) : -1;
	struct book_screen *all;

	if (n <= 0 || n > BOOK_MAX_SCREENS) {
		load_error(ld, screens, 0,
		           n > 0 ? "divide it into several services" : "write screens = { home = { ... }; };",
		           n > 0 ? "a service has at most %d screens"
		                 : "\"screens\" holds no screens (there may be %d)",
		           BOOK_MAX_SCREENS);
		return;
	}
	all = load_alloc(ld, (size_t)n * sizeof(*all));
	ld->full->screen_file = load_alloc(ld, (size_t)n * sizeof(*ld->full->screen_file));
	if (all == NULL || ld->full->screen_file == NULL)
		return;
	for (int i = 0; i < n; i++)
		load_screen_name(ld, config_setting_get_elem(screens, (unsigned)i), &all[i],
		                 &ld->full->screen_file[i]);
	ld->b->screen = all;
	ld->b->n_screens = (size_t)n;
	for (int i = 0; i < n && !ld->no_memory; i++)
		load_screen(ld, config_setting_get_elem(screens, (unsigned)i), &all[i]);
	ld->screen_name = NULL;
}
