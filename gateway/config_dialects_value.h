/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One value of dialects.conf, by the row of its key. For gateway/config_dialects_read.c alone.
 *
 * Each returns false, or leaves `at` alone, after a finding that says what would be right.
 */
#ifndef STARHASH_GATEWAY_CONFIG_DIALECTS_VALUE_H
#define STARHASH_GATEWAY_CONFIG_DIALECTS_VALUE_H

#include "gateway/config_read.h"
#include "gateway/dialect_keys.h"

/* "session.tag" into `out`. Returns out. */
char *value_key(const struct dialect_key *k, char *out, size_t size);
/* "session.tag" and the words; the remedy is the key's range. */
void value_wrong(struct config_reader *r, const config_setting_t *at, const struct dialect_key *k,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

bool value_number(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                  uint64_t *out);
void value_store(const struct dialect_key *k, void *at, uint64_t value); /* by the key's size */
/* A warning where an op looks like another one that was written in the wrong base. */
void value_warn_of_base(struct config_reader *r, const config_setting_t *s, uint64_t op);
void value_text(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k, char *at);
bool value_word(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                unsigned *out); /* its number among the choices */
void value_duration(struct config_reader *r, const config_setting_t *s, const struct dialect_key *k,
                    void *at);

#endif
