/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader: one file into one book (book.h, book_load.h). This file reads the top of the menu file. */
#include "menus/book_load.h"

#include <ctype.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "core/region.h"
#include "core/text.h"
#include "menus/book_source.h"
#include "menus/page.h"
#include "menus/prepared.h"
#include "menus/words.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BOOK_MEMORY (64 * 1024 * 1024) /* bytes of one compiled book, at most */
#define BOOK_CODE_MAX 24               /* characters of a code */
#define BOOK_KEYWORD_MAX 20
#define BOOK_PAGE 160 /* characters of a page by default */

static const config_setting_t *array_of(struct loader *ld, const config_setting_t *root, const char *key,
                                        int most)
{
	const config_setting_t *at = load_member(root, key);

	if (at == NULL)
		return NULL;
	if (!config_setting_is_array(at) && !config_setting_is_list(at)) {
		load_error(ld, at, 0, load_hint(ld, "write %s = [ \"...\" ];", key),
		           "\"%s\" must be a list in [ ]", key);
		return NULL;
	}
	if (config_setting_length(at) > most) {
		load_error(ld, at, 0, NULL, "\"%s\" has more than %d entries", key, most);
		return NULL;
	}
	return at;
}

static bool is_language(const char *code)
{
	size_t n = strspn(code, "abcdefghijklmnopqrstuvwxyz"), rest;

	if (n < 2 || n > 3 || strlen(code) > 7)
		return false;
	if (code[n] == '\0')
		return true;
	rest = strspn(code + n + 1, "abcdefghijklmnopqrstuvwxyz0123456789");
	return code[n] == '-' && rest >= 2 && code[n + 1 + rest] == '\0';
}

static void load_languages(struct loader *ld, const config_setting_t *root)
{
	const config_setting_t *at = array_of(ld, root, "languages", BOOK_MAX_LANGUAGES);
	struct book *b = ld->b;

	for (int i = 0; at != NULL && i < config_setting_length(at); i++) {
		const config_setting_t *one = config_setting_get_elem(at, (unsigned)i);
		const char *code = load_string(ld, one, "a language", BOOK_TEXT_MAX);

		if (code == NULL)
			continue;
		if (!is_language(code))
			load_error(ld, one, 0, "use codes such as \"en\", \"sw\", \"pt-br\"",
			           "\"%s\" is no language code", code);
		else if (book_language_by_code(b, code) >= 0)
			load_error(ld, one, 0, "name each language once",
			           "language \"%s\" stands there twice", code);
		else if ((code = load_strdup(ld, code)) != NULL)
			b->language[b->n_languages++] = code;
	}
	if (b->n_languages > 0)
		return;
	if (load_member(root, "languages") == NULL)
		load_error(ld, NULL, 0, "add languages = [ \"en\" ];",
		           "the file does not say which languages it speaks");
	b->language[b->n_languages++] = "en"; /* so that the rest can be read and checked too */
}

static void load_code(struct loader *ld, const config_setting_t *root)
{
	const config_setting_t *at = load_member(root, "code");
	const char *code = at == NULL ? NULL : load_string(ld, at, "code", BOOK_CODE_MAX);
	char core[BOOK_DIAL_SIZE];
	size_t len;

	if (code == NULL)
		return;
	len = strlen(code);
	if ((code[0] != '*' && code[0] != '#') || code[len - 1] != '#' || !book_dial_core(code, core) ||
	    strlen(core) != len - 2 || strstr(core, "**") != NULL || core[strlen(core) - 1] == '*') {
		load_error(ld, at, 14, "write it as it is dialled: \"*123#\"", "\"%s\" cannot be dialled",
		           code);
		return;
	}
	ld->b->code = load_strdup(ld, code);
}

static void load_keywords(struct loader *ld, const config_setting_t *root)
{
	const config_setting_t *at = array_of(ld, root, "keywords", BOOK_MAX_KEYWORDS);
	struct book *b = ld->b;

	for (int i = 0; at != NULL && i < config_setting_length(at); i++) {
		const config_setting_t *one = config_setting_get_elem(at, (unsigned)i);
		const char *word = load_string(ld, one, "a keyword", BOOK_KEYWORD_MAX);
		char upper[BOOK_KEYWORD_MAX + 1];
		size_t len = 0;

		if (word == NULL)
			continue;
		for (; isalnum((unsigned char)word[len]); len++)
			upper[len] = (char)toupper((unsigned char)word[len]);
		upper[len] = '\0';
		if (word[len] != '\0') {
			load_error(ld, one, 14,
			           "use one word of the letters A to Z and digits, as phones without other "
			           "letters can type",
			           "\"%s\" cannot be a keyword", word);
			continue;
		}
		if (book_keyword(b, upper) >= 0)
			load_error(ld, one, 14, "name each keyword once", "keyword \"%s\" stands there twice",
			           upper);
		else if ((word = load_strdup(ld, upper)) != NULL)
			b->keyword[b->n_keywords++] = word;
	}
}

static void load_key(struct loader *ld, const config_setting_t *group, const char *name, const char **key)
{
	const config_setting_t *at = load_member(group, name);
	const char *text = at == NULL ? NULL : load_string(ld, at, name, BOOK_TEXT_MAX);

	if (text == NULL)
		return;
	if (strlen(text) > 3 || strspn(text, "0123456789*#") != strlen(text))
		load_error(ld, at, 6, "use one to three of the keys 0 to 9, * and #",
		           "\"%s\" cannot be a key", text);
	else if ((text = load_strdup(ld, text)) != NULL)
		*key = text;
}

static void load_keys(struct loader *ld, const config_setting_t *root)
{
	static const char *const names[] = {"back", "home", "more"};
	const config_setting_t *at = load_member(root, "keys");
	struct book *b = ld->b;

	b->key_back = "0";
	b->key_home = "00";
	b->key_more = "98";
	if (at == NULL || !load_group(ld, at, "keys", names, COUNT(names)))
		return;
	load_key(ld, at, "back", &b->key_back);
	load_key(ld, at, "home", &b->key_home);
	load_key(ld, at, "more", &b->key_more);
	if (strcmp(b->key_back, b->key_home) == 0 || strcmp(b->key_back, b->key_more) == 0 ||
	    strcmp(b->key_home, b->key_more) == 0)
		load_error(ld, at, 6, "use three different keys, such as 0, 00 and 98",
		           "one key means two things");
}

static void load_words(struct loader *ld, const config_setting_t *root)
{
	const config_setting_t *at = load_member(root, "words");
	const char *names[BOOK_WORDS_];

	for (int w = 0; w < BOOK_WORDS_; w++) {
		names[w] = words_name((enum book_word)w);
		for (size_t i = 0; i < ld->b->n_languages; i++)
			ld->b->word[w].in[i] = words_builtin((enum book_word)w, ld->b->language[i]);
	}
	if (at == NULL || !load_group(ld, at, "words", names, BOOK_WORDS_))
		return;
	for (int w = 0; w < BOOK_WORDS_; w++) {
		const config_setting_t *one = load_member(at, names[w]);
		struct book_text text = {{0}};

		if (one == NULL || !load_text(ld, one, names[w], &text))
			continue;
		ld->b->word[w] = text;
		for (size_t i = 0; w <= BOOK_WORD_MORE && i < ld->b->n_languages; i++) {
			if (text_measure(text.in[i], strlen(text.in[i])).characters <= WORDS_LABEL_MAX &&
			    strchr(text.in[i], '\n') == NULL)
				continue;
			load_error(ld, one, 1, load_hint(ld, "use at most %d letters", WORDS_LABEL_MAX),
			           "\"%s\" is too long for the line of a key", text.in[i]);
			ld->b->word[w] = (struct book_text){{0}};
			for (size_t k = 0; k < ld->b->n_languages; k++)
				ld->b->word[w].in[k] = words_builtin((enum book_word)w, ld->b->language[k]);
			break;
		}
	}
}

static void load_resume(struct loader *ld, const config_setting_t *root)
{
	const config_setting_t *at = load_member(root, "resume");
	const char *text = at == NULL ? NULL : load_string(ld, at, "resume", BOOK_TEXT_MAX);

	if (text != NULL && duration_parse(text, &ld->b->resume_ms) != RC_OK)
		load_error(ld, at, 0, "write resume = \"15m\" (s, m, h or d)", "\"%s\" is no length of time",
		           text);
}

static void load_name(struct loader *ld)
{
	const char *slash = strrchr(ld->path, '/'), *base = slash == NULL ? ld->path : slash + 1;
	size_t len = strlen(base);
	char name[PROFILE_NAME_SIZE];

	ld->b->path = load_strdup(ld, ld->path);
	if (len > 5 && strcmp(base + len - 5, ".conf") == 0)
		len -= 5;
	snprintf(name, sizeof(name), "%.*s", len < sizeof(name) ? (int)len : 0, base);
	if (!load_is_name(name))
		load_error(ld, NULL, 0, "use letters, digits, '-' and '_', such as \"join.conf\"",
		           "the file's name cannot be the name of a service");
	ld->b->name = load_strdup(ld, name);
}

/* Room for the numbers of all conditions, so that none is ever lost. */
static bool make_room(struct loader *ld, const config_setting_t *screens)
{
	size_t n = 0;

	for (int i = 0; config_setting_is_group(screens) && i < config_setting_length(screens); i++) {
		const config_setting_t *one = config_setting_get_elem(screens, (unsigned)i);
		const config_setting_t *when = config_setting_is_group(one) ? load_member(one, "when") : NULL;

		n += when != NULL && config_setting_is_aggregate(when) ? (size_t)config_setting_length(when)
		                                                       : 0;
	}
	ld->full->condition = load_alloc(ld, (n + 1) * sizeof(int));
	return ld->full->condition != NULL;
}

static void find_picks(struct book_full *full)
{
	memset(full->picked_at, 0xff, sizeof(full->picked_at));
	full->language_picked_at = BOOK_NO_SCREEN;
	for (size_t i = full->book.n_screens; i-- > 0;) {
		const struct book_screen *s = &full->book.screen[i];

		if (s->kind == BOOK_PICK && s->pick.field == BOOK_SAVE_LANGUAGE)
			full->language_picked_at = (uint16_t)i;
		else if (s->kind == BOOK_PICK && s->pick.field >= 0)
			full->picked_at[s->pick.field] = (uint16_t)i;
		else if (s->kind == BOOK_LIST && s->list.field >= 0)
			full->picked_at[s->list.field] = (uint16_t)i;
	}
}

static void load_root(struct loader *ld, const config_setting_t *root)
{
	static const char *const names[] = {"code", "keywords", "languages", "start", "resume",
	                                    "keys", "words",    "screens",   "po"};
	const config_setting_t *start = load_member(root, "start");

	ld->screens = load_member(root, "screens");
	load_name(ld);
	load_group(ld, root, "the file", names, COUNT(names));
	load_languages(ld, root);
	load_po_open(ld, root);
	load_code(ld, root);
	load_keywords(ld, root);
	load_keys(ld, root);
	load_words(ld, root);
	load_resume(ld, root);
	if (load_member(root, "code") == NULL && ld->b->n_keywords == 0)
		load_error(ld, NULL, 14, "add code = \"*123#\"; or keywords = [ \"JOIN\" ];",
		           "nobody can reach this service");
	if (ld->screens == NULL) {
		load_error(ld, NULL, 0, "add screens = { home = { ... }; };", "the file has no screens");
		load_po_close(ld);
		return;
	}
	if (make_room(ld, ld->screens))
		load_screens(ld, ld->screens);
	load_secrets(ld);
	if (start == NULL)
		load_error(ld, NULL, 3, "add start = \"home\";",
		           "the file does not say on which screen it starts");
	else
		ld->b->start = load_target(ld, start, "start");
	load_po_close(ld);
}

static const char *syntax_remedy(const char *text)
{
	if (strstr(text, "duplicate") != NULL)
		return "the same name stands there twice; rename or remove one";
	if (strstr(text, "mismatched") != NULL)
		return "in [ ] all entries are texts, or all are numbers; use ( ) for pairs";
	return "look here and one line above for a missing ; or \" or bracket";
}

static void read_settings(struct loader *ld, config_t *config, const char *text, const char *folder)
{
	config_init(config);
	config_set_include_dir(config, folder);
	if (config_read_string(config, text) != CONFIG_TRUE) {
		const char *file = config_error_file(config), *what = config_error_text(config);

		if (what == NULL)
			what = "syntax error";
		findings_add(ld->findings, FINDING_ERROR, file == NULL ? ld->path : file,
		             config_error_line(config), 0, syntax_remedy(what), "this cannot be read (%s)",
		             what);
		return;
	}
	load_root(ld, config_root_setting(config));
}

static struct book *book_new(struct loader *ld, const struct book_env *env)
{
	ld->region = region_new(BOOK_MEMORY);
	ld->full = ld->region == NULL ? NULL : region_alloc(ld->region, sizeof(*ld->full));
	if (ld->full == NULL) {
		region_free(ld->region);
		return NULL;
	}
	ld->b = &ld->full->book;
	if (env->profile != NULL)
		ld->full->profile = *env->profile;
	ld->b->region = ld->region;
	ld->b->references = 1;
	ld->b->env.forget = env->forget;
	ld->b->env.ctx = env->ctx;
	ld->b->currency = load_strdup(ld, env->currency != NULL ? env->currency : "");
	ld->b->page = env->page == 0         ? BOOK_PAGE
	              : env->page < PAGE_MIN ? PAGE_MIN
	              : env->page > PAGE_MAX ? PAGE_MAX
	                                     : env->page;
	return ld->b;
}

static enum rc compile(struct book_source *source, const char *text, const char *path,
                       const struct book_env *env, struct findings *findings, struct book **out)
{
	struct loader ld = {.path = path, .env = env, .findings = findings, .source = source};
	size_t errors = findings_errors(findings);
	config_t config;

	if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* a byte order mark, as some editors leave it */
		text += 3;
	if (book_source_look(source, path, text) != RC_OK)
		return RC_SYNTAX;
	if (book_new(&ld, env) == NULL)
		return RC_NOMEM;
	read_settings(&ld, &config, text, source->folder);
	config_destroy(&config);
	if (ld.no_memory)
		findings_add(findings, FINDING_ERROR, path, 0, 0, "divide it into several services",
		             "the file needs too much memory");
	if (findings_errors(findings) > errors) {
		book_unref(ld.b);
		return ld.no_memory ? RC_NOMEM : RC_SYNTAX;
	}
	find_picks(ld.full);
	prepared_make(ld.full);
	ld.b->version = source->version;
	*out = ld.b;
	return RC_OK;
}

enum rc book_load_text(const char *text, const char *path, const struct book_env *env,
                       struct findings *findings, struct book **out)
{
	struct book_source source;

	book_source_init(&source, path, findings);
	return compile(&source, text, path, env, findings, out);
}

enum rc book_load(const char *path, const struct book_env *env, struct findings *findings, struct book **out)
{
	struct book_source source;
	char *text = NULL;
	enum rc rc;

	book_source_init(&source, path, findings);
	rc = book_source_read(&source, path, &text);
	if (rc != RC_OK)
		return rc == RC_RANGE ? RC_SYNTAX : rc;
	rc = compile(&source, text, path, env, findings, out);
	free(text);
	return rc;
}
