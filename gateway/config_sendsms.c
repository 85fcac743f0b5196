/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of who may send SMS through us over HTTP: see config_sendsms.h. */
#include "gateway/config_sendsms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/config_secret.h"
#include "gateway/http_tries.h"

#define SECRET_MOST 128
#define NUMBER_MOST 20 /* SMPP 3.4, 5.2.8 */
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define LETTERS_MOST 11 /* 3GPP TS 23.040, 9.1.2.5: of an alphanumeric address */

void config_sendsms_fini(struct config_sendsms *s)
{
	free(s->username);
	if (s->password != NULL)
		explicit_bzero(s->password, strlen(s->password));
	free(s->password);
	free(s->from);
	free(s->group);
	for (size_t i = 0; i < s->n_senders; i++)
		free(s->sender[i]);
}

bool config_sendsms_is_sender(const char *text)
{
	size_t plus = text[0] == '+', digits = strspn(text + plus, "0123456789");

	if (digits > 0 && text[plus + digits] == '\0')
		return digits <= NUMBER_MOST;
	if (plus || strlen(text) > LETTERS_MOST || *text == '\0')
		return false;
	if (strpbrk(text, LETTERS) == NULL) /* "-" is how a route says that there is none */
		return false;
	for (; *text != '\0'; text++)
		if (strchr(LETTERS "0123456789-._&", *text) == NULL)
			return false;
	return true;
}

static void read_senders(struct config_reader *r, const config_setting_t *group, struct config_sendsms *s)
{
	const config_setting_t *list = config_setting_get_member(group, "senders");
	int n = list != NULL && config_setting_is_array(list) ? config_setting_length(list) : 0;

	for (int i = 0; i < n && s->n_senders < CONFIG_SENDSMS_SENDERS; i++) {
		const char *word = config_read_word(r, list, i);

		if (word != NULL && !config_sendsms_is_sender(word))
			config_read_error(r, list,
			                  "up to 20 digits, or up to 11 letters and digits without blanks",
			                  "\"%s\" in sendsms.senders cannot be a sender", word);
		else if (word != NULL)
			s->sender[s->n_senders++] = config_read_copy(r, word);
	}
}

static void judge(struct config_reader *r, const config_setting_t *group, const struct config *c,
                  const struct config_sendsms *s)
{
	bool has_group = s->group == NULL || *s->group == '\0';

	if (s->from != NULL && *s->from != '\0' && !config_sendsms_is_sender(s->from))
		config_read_error(r, config_setting_get_member(group, "from"),
		                  "up to 20 digits, or up to 11 letters and digits without blanks",
		                  "sendsms.from = \"%s\" cannot be a sender", s->from);
	for (size_t i = 0; i < c->n_links; i++)
		has_group |= s->group != NULL && strcmp(c->link[i].group, s->group) == 0;
	if (!has_group)
		config_read_error(r, config_setting_get_member(group, "group"), "name one of links[].group",
		                  "sendsms.group = \"%s\" is no group of links", s->group);
	for (size_t i = 0; i < c->n_sendsms; i++)
		if (s->username != NULL && strcmp(c->sendsms[i].username, s->username) == 0)
			config_read_error(r, config_setting_get_member(group, "username"),
			                  "give each its own", "sendsms has the username \"%s\" twice",
			                  s->username);
}

static void read_one(struct config_reader *r, const config_setting_t *group, struct config *c)
{
	struct config_sendsms *s = &c->sendsms[c->n_sendsms];

	if (!config_setting_is_group(group)) {
		config_read_error(r, group, "write { username = \"...\"; password_file = \"...\"; }",
		                  "an entry of sendsms is not a group");
		return;
	}
	config_read_defaults(r, "sendsms[]", s);
	config_read_group(r, group, "sendsms[]", s);
	s->password = config_secret_read(r, group, "password_file", HTTP_SECRET_LEAST, SECRET_MOST);
	read_senders(r, group, s);
	if (s->username == NULL)
		return; /* said by the table's check, or memory is out */
	judge(r, group, c, s);
	c->n_sendsms++;
}

void config_sendsms_read(struct config_reader *r, const config_t *file, struct config *c)
{
	const config_setting_t *list = config_lookup(file, "sendsms");
	int n = list != NULL && config_setting_is_list(list) ? config_setting_length(list) : 0;

	for (int i = 0; i < n && c->n_sendsms < CONFIG_SENDSMS_MAX; i++)
		read_one(r, config_setting_get_elem(list, (unsigned)i), c);
	if (c->n_sendsms > 0 && (c->http_listen == NULL || *c->http_listen == '\0'))
		config_read_warn(r, list, "give http.listen",
		                 "sendsms has users, and nothing listens for them");
}
