/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libcurl, loaded when it is needed: see http_library.h. */
#include "gateway/http_library.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include "core/log.h"

#define NAME "libcurl.so.4"

static struct http_library library;
static bool is_loaded;

static bool take(void *from, const char *name, void *into)
{
	void *at = dlsym(from, name);

	memcpy(into, &at, sizeof at); /* ISO C has no way from a pointer to an object to one to a function */
	return at != NULL;
}

static bool load(struct http_library *l)
{
	void *from = dlopen(NAME, RTLD_NOW | RTLD_LOCAL);
	bool ok = from != NULL;

#define TAKE(name) ok = ok && take(from, "curl_" #name, &l->name);
	HTTP_LIBRARY(TAKE)
#undef TAKE
	return ok;
}

enum rc http_library_load(const struct http_library **out)
{
	struct http_library l;
	const char *why;

	if (!is_loaded && !load(&l)) {
		why = dlerror();
		LOG_EVENT(LOG_LV_ERROR, "http-client", "no-libcurl", "why", why != NULL ? why : NAME,
		          "remedy", "install libcurl4; until then no app and no charging system is asked");
		return RC_STATE;
	}
	if (!is_loaded && !(l.version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS)) {
		LOG_EVENT(LOG_LV_ERROR, "http-client", "blocking-resolver", "remedy",
		          "install a libcurl with the threaded or the c-ares resolver, as Debian's is");
		return RC_STATE;
	}
	if (!is_loaded)
		library = l;
	is_loaded = true;
	*out = &library;
	return RC_OK;
}
