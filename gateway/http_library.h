/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libcurl, loaded when the first call needs it.
 *
 * It brings some thirty libraries (Kerberos, LDAP, a second TLS), 5 MB of resident memory and a slower start, which a daemon
 * that asks nobody over HTTP does without: no service has an app and charging is the ledger. Once loaded it stays. For
 * gateway/http_client.c alone.
 */
#ifndef STARHASH_GATEWAY_HTTP_LIBRARY_H
#define STARHASH_GATEWAY_HTTP_LIBRARY_H

#include <curl/curl.h>

#include "core/rc.h"

/* clang-format off */
#define HTTP_LIBRARY(X) \
	X(global_init) \
	X(global_cleanup) \
	X(version_info) \
	X(easy_init) \
	X(easy_setopt) \
	X(easy_getinfo) \
	X(easy_cleanup) \
	X(slist_append) \
	X(slist_free_all) \
	X(multi_init) \
	X(multi_setopt) \
	X(multi_add_handle) \
	X(multi_remove_handle) \
	X(multi_assign) \
	X(multi_info_read) \
	X(multi_socket_action) \
	X(multi_cleanup)
/* clang-format on */

/* curl_easy_init is easy_init here, and so on. */
struct http_library {
#define HTTP_LIBRARY_MEMBER(name) __typeof__(&curl_##name) name; // NOLINT(bugprone-macro-parentheses): a name
	HTTP_LIBRARY(HTTP_LIBRARY_MEMBER)
#undef HTTP_LIBRARY_MEMBER
};

/* On one thread. RC_OK; RC_STATE (it is not there, or would block the loop on DNS; logged). */
enum rc http_library_load(const struct http_library **out) RC_NODISCARD;

#endif
