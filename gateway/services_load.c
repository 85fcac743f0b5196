/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading menu files: the one place where books meet the profile, the bundles and the conditions. */
#include "gateway/services_load.h"

#include "gateway/charging_product.h"
#include "menus/check.h"

static enum rc add_condition(void *ctx, const char *sql, int *number, char *why, size_t why_size)
{
	return conditions_add(ctx, sql, number, why, why_size);
}

static void drop_condition(void *ctx, int number)
{
	conditions_drop(ctx, number);
}

/* Why it cannot be bought; NULL = it can. */
static const char *unsold(const struct config *c, const struct config_bundle *b, const char **remedy)
{
	struct charging_product p;
	const char *wrong;

	*remedy = "name a system that keeps money in \"charging\" of starhash.conf; see docs/charging.md";
	if (c->charging.kind == CONFIG_LEDGER)
		return "the embedded ledger keeps no money";
	*remedy = "give it the code of a dedicated account, da:ID:AMOUNT, in \"bundles\" of starhash.conf";
	if (charging_product_parse(c->charging.kind, b->code, &p, &wrong) != RC_OK ||
	    charging_product_sells(&p))
		return NULL; /* a code that is wrong was reported when the configuration was read */
	return "only a dedicated account is paid and given in one call";
}

void services_bundles(const struct config *config, const char **names, struct book_bundle *bundles)
{
	for (size_t i = 0; i < config->n_bundles; i++) {
		const struct config_bundle *b = &config->bundle[i];

		names[i] = b->name;
		bundles[i] = (struct book_bundle){.gives = b->gives, .price = b->price};
		bundles[i].unsold = unsold(config, b, &bundles[i].remedy);
	}
}

enum rc services_load(const struct config *config, struct conditions *conditions, char *const *paths,
                      size_t n, struct findings *findings, struct book **book)
{
	return services_load_watched(config, conditions, paths, n, findings, book, NULL, NULL);
}

enum rc services_load_watched(const struct config *config, struct conditions *conditions, char *const *paths,
                              size_t n, struct findings *findings, struct book **book,
                              services_progress_fn *progress, void *ctx)
{
	const char *bundles[CONFIG_MAX_BUNDLES], *relations[CONFIG_MAX_RELATIONS];
	struct book_bundle goods[CONFIG_MAX_BUNDLES];
	struct book_env env = {.profile = &config->profile,
	                       .n_bundles = config->n_bundles,
	                       .bundles = bundles,
	                       .bundle = goods,
	                       .currency = config->charging.currency,
	                       .page = (size_t)config->page,
	                       .answer_within_ms = config->answer_within_ms,
	                       .n_relations = config->relations.n,
	                       .relations = relations,
	                       .country = config->reserved,
	                       .gsm_only = config->gsm_only,
	                       .condition = add_condition,
	                       .forget = drop_condition,
	                       .ctx = conditions};
	struct book *good[CONFIG_MAX_SERVICES];
	size_t errors = findings_errors(findings), n_good = 0;
	enum rc result = RC_OK;

	if (n > CONFIG_MAX_SERVICES)
		return RC_RANGE;
	services_bundles(config, bundles, goods);
	for (size_t i = 0; i < config->relations.n; i++)
		relations[i] = config->relations.of[i].type;
	for (size_t i = 0; i < n; i++) {
		size_t before = findings_errors(findings);
		enum rc rc;

		if (progress != NULL)
			progress(ctx, i, n);
		rc = book_load(paths[i], &env, findings, &book[i]);

		if (rc != RC_OK) {
			if (findings_errors(findings) ==
			    before) /* such as no memory: never taken for a good file */
				findings_add(findings, FINDING_ERROR, paths[i], 0, 0, NULL,
				             "cannot be loaded: %s", rc_name(rc));
			book[i] = NULL;
			result = rc == RC_NOMEM || result == RC_NOMEM ? RC_NOMEM : RC_SYNTAX;
			continue;
		}
		check_book(book[i], &env, findings);
		good[n_good++] = book[i];
	}
	check_books(good, n_good, findings);
	if (result == RC_OK && findings_errors(findings) > errors)
		result = RC_SYNTAX;
	return result;
}
