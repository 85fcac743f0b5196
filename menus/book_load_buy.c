/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, purchases: what stands behind `buy` (book_load.h).
 *
 * Price and words are copied into the book: what a dialogue showed when it asked is what is taken, whatever the
 * configuration says by then.
 */
#include <inttypes.h>
#include <libconfig.h>
#include <stdio.h>

#include "menus/book_load.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *digits(struct loader *ld, int64_t price)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, price);
	return load_strdup(ld, text);
}

static void load_price(struct loader *ld, const config_setting_t *at, const struct book_bundle *bundle,
                       struct book_screen *s)
{
	const config_setting_t *name = load_member(at, "bundle");

	s->buy.gives = load_strdup(ld, bundle->gives);
	s->buy.price = bundle->price;
	s->buy.minor = digits(ld, bundle->price);
	if (bundle->unsold != NULL)
		load_error(ld, name, 0, bundle->remedy, "\"%s\" cannot be bought: %s", s->buy.bundle,
		           bundle->unsold);
	else if (bundle->price <= 0)
		load_error(ld, name, 0,
		           "give it price = 5000; (in hundredths) in \"bundles\" of starhash.conf",
		           "\"%s\" cannot be bought: it has no price", s->buy.bundle);
}

void load_buy(struct loader *ld, const struct config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"bundle", "else", "poor", "refused"};
	const struct book_env *env = ld->env;
	size_t i;

	s->buy.bundle = s->buy.gives = "";
	s->buy.minor = "0";
	if (!load_group(ld, at, "buy", keys, COUNT(keys)))
		return;
	i = load_bundle(ld, at, "buy", &s->buy.bundle);
	if (i < env->n_bundles && env->bundle != NULL)
		load_price(ld, at, &env->bundle[i], s);
	s->buy.otherwise = load_after_give(ld, at, "else");
	s->buy.poor = load_after_give(ld, at, "poor");
	s->buy.refused = load_after_give(ld, at, "refused");
}
