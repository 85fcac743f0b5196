/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS of a link: see link_tls.h. Source of the reasons: OpenSSL 3.0, SSL_get_verify_result(3) and the alerts of RFC 8446, 6.
 *
 * What OpenSSL says is turned into what an operator can do. Its own texts, which may hold names of files or of people in a
 * certificate, are not used.
 */
#include "gateway/link_tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <arpa/inet.h>

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

struct link_tls {
	SSL_CTX *ctx;
	char name[256]; /* "" = the host's */
};

struct words {
	long code;
	const char *text;
};

static bool is_set(const char *text)
{
	return text && *text;
}

/* A passphrase would be asked for on a terminal that a daemon does not have. */
static int no_passphrase(char *out, int size, int writing, void *ctx)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)ctx;
	return 0;
}

static enum rc fault(char *why, size_t size, const char *key, const char *path, const char *what)
{
	ERR_clear_error();
	snprintf(why, size, "%s = \"%s\" %s", key, path, what);
	return RC_IO;
}

static enum rc trust(SSL_CTX *ctx, const char *ca, char *why, size_t size)
{
	struct stat st;

	if (!is_set(ca)) {
		SSL_CTX_set_default_verify_paths(ctx);
		return RC_OK;
	}
	if (stat(ca, &st) != 0)
		return fault(why, size, "tls_ca", ca, strerror(errno));
	if (S_ISDIR(st.st_mode) ? SSL_CTX_load_verify_dir(ctx, ca) : SSL_CTX_load_verify_file(ctx, ca))
		return RC_OK;
	return fault(why, size, "tls_ca", ca, "holds no certificate in PEM form that can be read");
}

static enum rc identify(SSL_CTX *ctx, const struct link_tls_options *o, char *why, size_t size)
{
	const char *key = is_set(o->key) ? o->key : o->cert;

	if (!is_set(o->cert))
		return RC_OK;
	if (SSL_CTX_use_certificate_chain_file(ctx, o->cert) != 1)
		return fault(why, size, "tls_cert", o->cert,
		             "holds no certificate in PEM form that can be read");
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return fault(
			why, size, is_set(o->key) ? "tls_key" : "tls_cert", key,
			"holds no private key in PEM form without a passphrase that can be read and belongs to tls_cert");
	return RC_OK;
}

enum rc link_tls_new(const struct link_tls_options *o, struct link_tls **out, char *why, size_t why_size)
{
	struct link_tls *t = calloc(1, sizeof(*t));
	enum rc rc;

	if (t)
		t->ctx = SSL_CTX_new(TLS_client_method());
	if (!t || !t->ctx) {
		free(t);
		return RC_NOMEM;
	}
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_default_passwd_cb(t->ctx, no_passphrase);
	/* PDUs have a length: a connection that ends without close_notify cuts nothing off unnoticed. */
	SSL_CTX_set_options(t->ctx, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_verify(t->ctx, o->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	snprintf(t->name, sizeof(t->name), "%s", is_set(o->name) ? o->name : "");
	rc = o->verify ? trust(t->ctx, o->ca, why, why_size) : RC_OK;
	if (rc == RC_OK)
		rc = identify(t->ctx, o, why, why_size);
	if (rc != RC_OK) {
		link_tls_free(t);
		return rc;
	}
	*out = t;
	return RC_OK;
}

void link_tls_free(struct link_tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
}

static bool is_address(const char *name)
{
	struct in6_addr any;

	return inet_pton(AF_INET, name, &any) == 1 || inet_pton(AF_INET6, name, &any) == 1;
}

/* Whom we expect, and the name by which one machine may tell its certificates apart (RFC 6066, 3: never an address). */
static bool expect(SSL *ssl, const char *name)
{
	if (is_address(name))
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

struct bufferevent *link_tls_wrap(struct link_tls *t, struct event_base *base, int fd, const char *host)
{
	struct bufferevent *bev = NULL;
	SSL *ssl = SSL_new(t->ctx);

	ERR_clear_error(); /* what others left behind must not be taken for ours */
	if (ssl && expect(ssl, is_set(t->name) ? t->name : host))
		bev = bufferevent_openssl_socket_new(base, fd, ssl, BUFFEREVENT_SSL_CONNECTING,
		                                     BEV_OPT_CLOSE_ON_FREE);
	if (!bev) {
		SSL_free(ssl);
		return NULL;
	}
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

void link_tls_shutdown(struct bufferevent *bev)
{
	ERR_clear_error();
	SSL_shutdown(bufferevent_openssl_get_ssl(bev));
	ERR_clear_error();
}

const char *link_tls_version(struct bufferevent *bev)
{
	return SSL_get_version(bufferevent_openssl_get_ssl(bev));
}

#define UNTRUSTED \
	"the SMSC's certificate is signed by nobody whom we trust: name its authority's file in tls_ca"
#define OTHER_NAME \
	"the SMSC's certificate is for another name than host: set tls_name to the name in it, or correct host"
#define NO_TLS "the SMSC speaks no TLS on this port: use its TLS port, or set tls = false"
#define NO_COMMON "the SMSC and we have no version or cipher of TLS in common: it must allow TLS 1.2 or later"
#define WANTS_CERT "the SMSC demands a client certificate: set tls_cert and tls_key"
#define WANTS_OTHER \
	"the SMSC does not accept our client certificate: look at tls_cert, and whether the SMSC knows its authority"

static const struct words verify_words[] = {
	{X509_V_ERR_CERT_HAS_EXPIRED,
         "the SMSC's certificate, or one that signed it, has expired: have it renewed"},
	{X509_V_ERR_CERT_NOT_YET_VALID,
         "the SMSC's certificate is not valid yet: look at this machine's clock, or have the certificate corrected"},
	{X509_V_ERR_HOSTNAME_MISMATCH, OTHER_NAME},
	{X509_V_ERR_IP_ADDRESS_MISMATCH, OTHER_NAME},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, UNTRUSTED},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, UNTRUSTED},
	{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, UNTRUSTED},
	{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, UNTRUSTED},
	{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, UNTRUSTED},
	{X509_V_ERR_CERT_UNTRUSTED, UNTRUSTED},
	{X509_V_ERR_CERT_REVOKED, "the SMSC's certificate was revoked: have it renewed"},
	{X509_V_ERR_EE_KEY_TOO_SMALL, "the key in the SMSC's certificate is too short: have it renewed"},
	{X509_V_ERR_CA_KEY_TOO_SMALL,
         "the key of the SMSC's authority is too short: have the certificate renewed"},
	{X509_V_ERR_CA_MD_TOO_WEAK,
         "the SMSC's certificate is signed by a method that is not safe: have it renewed"},
	{X509_V_ERR_INVALID_PURPOSE, "the SMSC's certificate is not one for a server: have it renewed"},
};

static const struct words ssl_words[] = {
	{SSL_R_WRONG_VERSION_NUMBER, NO_TLS},
	{SSL_R_PACKET_LENGTH_TOO_LONG, NO_TLS},
	{SSL_R_HTTP_REQUEST, NO_TLS},
	{SSL_R_BAD_RECORD_TYPE, NO_TLS},
	{SSL_R_UNSUPPORTED_PROTOCOL, NO_COMMON},
	{SSL_R_UNKNOWN_PROTOCOL, NO_COMMON},
	{SSL_R_NO_PROTOCOLS_AVAILABLE, NO_COMMON},
	{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, NO_COMMON},
	{SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY, NO_COMMON},
	{SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, WANTS_CERT},
	{SSL_R_TLSV1_ALERT_UNKNOWN_CA, WANTS_OTHER},
	{SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, WANTS_OTHER},
	{SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, WANTS_OTHER},
	{SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "our client certificate has expired: renew tls_cert"},
	{SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "our client certificate was revoked: renew tls_cert"},
	{SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, WANTS_OTHER},
	{SSL_R_TLSV1_ALERT_ACCESS_DENIED, WANTS_OTHER},
	{SSL_R_TLSV1_UNRECOGNIZED_NAME,
         "the SMSC knows no certificate for the name that we ask for: set tls_name"},
};

static const struct words *find(const struct words *rows, size_t n, long code)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}
#define FIND(rows, code) find((rows), sizeof(rows) / sizeof((rows)[0]), (code))

/* Before TLS 1.3 a server that misses our certificate fails the handshake with this alert and says no more. */
static const char *handshake_failed(SSL *ssl)
{
	return SSL_get_certificate(ssl) ? WANTS_OTHER " (or: " NO_COMMON ")"
	                                : WANTS_CERT " (or: " NO_COMMON ")";
}

/* The oldest error of OpenSSL's own that libevent kept, 0 = none. */
static int reason_of(struct bufferevent *bev)
{
	unsigned long error;
	int reason = 0;

	while ((error = bufferevent_get_openssl_error(bev)) != 0) {
		if (ERR_GET_LIB(error) == ERR_LIB_SSL)
			reason = ERR_GET_REASON(error);
	}
	return reason;
}

const char *link_tls_why(struct bufferevent *bev, bool *needs_help)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	long verified = SSL_get_verify_result(ssl);
	int reason = reason_of(bev);
	const struct words *w;

	*needs_help = false;
	if (reason == 0)
		return NULL;
	*needs_help = true;
	if (verified != X509_V_OK && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE) {
		w = FIND(verify_words, verified);
		return w ? w->text
		         : "the SMSC's certificate cannot be verified: look at it with openssl s_client";
	}
	if (reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE)
		return handshake_failed(ssl);
	w = FIND(ssl_words, reason);
	*needs_help = w != NULL;
	return w ? w->text : "TLS failed: look at the port with openssl s_client";
}
