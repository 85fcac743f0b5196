/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An SMSC that speaks TLS by OpenSSL's own server side, with certificates made on the spot, for tests/test_link_tls.c.
 *
 * It shares no code with the gateway. It answers binds, submit_sm, enquire_link and unbind, and nothing else.
 */
#ifndef STARHASH_TESTS_TLS_WORLD_H
#define STARHASH_TESTS_TLS_WORLD_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/log.h"
#include "gateway/link_tls.h"
#include "tests/link_rig.h"

#define DAY 86400L

/* ---- certificates */

struct identity {
	EVP_PKEY *key;
	X509 *cert;
};

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

/* Signed by `by`, or by itself when NULL; `names` as subjectAltName, NULL = an authority. */
static struct identity make(const char *cn, const struct identity *by, const char *names, long from, long to)
{
	static long serial = 1;
	struct identity out = {EVP_EC_gen("P-256"), X509_new()};
	X509 *issuer = by ? by->cert : out.cert;

	ck_assert_ptr_nonnull(out.key);
	X509_set_version(out.cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(out.cert), serial++);
	X509_gmtime_adj(X509_getm_notBefore(out.cert), from);
	X509_gmtime_adj(X509_getm_notAfter(out.cert), to);
	X509_set_pubkey(out.cert, out.key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(out.cert), "CN", MBSTRING_ASC,
	                           (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(out.cert, X509_get_subject_name(issuer));
	extend(out.cert, issuer, NID_basic_constraints, names ? "critical,CA:FALSE" : "critical,CA:TRUE");
	if (names)
		extend(out.cert, issuer, NID_subject_alt_name, names);
	ck_assert_int_gt(X509_sign(out.cert, by ? by->key : out.key, EVP_sha256()), 0);
	return out;
}

static void discard(struct identity *id)
{
	EVP_PKEY_free(id->key);
	X509_free(id->cert);
}

/* ---- the SMSC's side */

struct world {
	struct rig *rig;
	char folder[32], ca_file[64], cert_file[64], key_file[64];
	struct identity ca, stranger, server, client;
	SSL_CTX *ctx; /* NULL = it speaks no TLS */
	struct link_tls *tls;
	struct evconnlistener *listener;
	struct bufferevent *peer;
	int connections, binds;
	bool is_deaf;
};

static void on_readable(struct bufferevent *bev, void *arg)
{
	struct world *w = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	uint8_t head[16], answer[32];

	while (evbuffer_copyout(in, head, 16) == 16 && head[0] == 0) {
		uint32_t len = (uint32_t)head[2] << 8 | head[3];
		uint32_t sequence = (uint32_t)head[13] << 16 | (uint32_t)head[14] << 8 | head[15];

		if (evbuffer_get_length(in) < len)
			return;
		evbuffer_drain(in, len);
		w->binds += head[7] == 9;
		bufferevent_write(bev, answer,
		                  rig_make_pdu(answer, 0x80000000u | head[7], 0, sequence, "m",
		                               head[7] == 0x15 ? 0 : 2));
	}
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct world *w = arg;

	if (what & BEV_EVENT_CONNECTED)
		return;
	if (w->peer == bev)
		w->peer = NULL;
	bufferevent_free(bev);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa, int len,
                      void *arg)
{
	struct world *w = arg;

	(void)listener;
	(void)sa;
	(void)len;
	w->connections++;
	if (w->peer)
		bufferevent_free(w->peer);
	if (w->ctx)
		w->peer = bufferevent_openssl_socket_new(w->rig->base, fd, SSL_new(w->ctx),
		                                         BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	else
		w->peer = bufferevent_socket_new(w->rig->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(w->peer, on_readable, NULL, on_event, w);
	bufferevent_enable(w->peer, w->is_deaf ? EV_WRITE : EV_READ | EV_WRITE);
}

static void listen_for(struct world *w)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t len = sizeof(sa);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	w->listener = evconnlistener_new_bind(w->rig->base, on_accept, w, LEV_OPT_CLOSE_ON_FREE, 16,
	                                      (struct sockaddr *)&sa, sizeof(sa));
	ck_assert_ptr_nonnull(w->listener);
	ck_assert_int_eq(getsockname(evconnlistener_get_fd(w->listener), (struct sockaddr *)&sa, &len), 0);
	w->rig->config.port = ntohs(sa.sin_port);
}

static void save(const char *path, X509 *cert, EVP_PKEY *key)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	if (cert)
		PEM_write_X509(file, cert);
	if (key)
		PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	fclose(file);
}

static void show(struct world *w, struct identity *server)
{
	ck_assert_int_eq(SSL_CTX_use_certificate(w->ctx, server->cert), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey(w->ctx, server->key), 1);
}

static struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));

	ck_assert_ptr_nonnull(w);
	w->rig = rig_new();
	w->rig->config.reconnect_max_ms = 2000;
	strcpy(w->folder, "/tmp/test_link_tls.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(w->folder));
	snprintf(w->ca_file, sizeof(w->ca_file), "%s/ca.pem", w->folder);
	snprintf(w->cert_file, sizeof(w->cert_file), "%s/cert.pem", w->folder);
	snprintf(w->key_file, sizeof(w->key_file), "%s/key.pem", w->folder);
	w->ca = make("Test Authority", NULL, NULL, -DAY, DAY);
	w->stranger = make("Other Authority", NULL, NULL, -DAY, DAY);
	w->server = make("smsc", &w->ca, "DNS:smsc.example,IP:127.0.0.1", -DAY, DAY);
	w->client = make("esme", &w->ca, "DNS:esme.example", -DAY, DAY);
	save(w->ca_file, w->ca.cert, NULL);
	save(w->cert_file, w->client.cert, NULL);
	save(w->key_file, NULL, w->client.key);
	w->ctx = SSL_CTX_new(TLS_server_method());
	show(w, &w->server);
	listen_for(w);
	return w;
}

static void world_free(struct world *w)
{
	if (w->peer)
		bufferevent_free(w->peer);
	evconnlistener_free(w->listener);
	rig_free(w->rig);
	link_tls_free(w->tls);
	SSL_CTX_free(w->ctx);
	discard(&w->ca);
	discard(&w->stranger);
	discard(&w->server);
	discard(&w->client);
	unlink(w->ca_file);
	unlink(w->cert_file);
	unlink(w->key_file);
	rmdir(w->folder);
	free(w);
}

static struct link_tls_options trusting(const struct world *w)
{
	return (struct link_tls_options){.ca = w->ca_file, .verify = true};
}

static void start(struct world *w, const struct link_tls_options *options)
{
	char why[512] = "";

	ck_assert_msg(link_tls_new(options, &w->tls, why, sizeof(why)) == RC_OK, "%s", why);
	w->rig->config.tls = w->tls;
	rig_start(w->rig);
}

static struct link_report report(const struct world *w)
{
	struct link_report out;

	link_report_read(w->rig->link, &out);
	return out;
}

static void bound(struct world *w)
{
	RIG_UNTIL(w->rig, link_state(w->rig->link) == LINK_ST_BOUND);
}

/* Not bound, an alarm with these words, and nothing of the certificate in them. */
static void alarmed(struct world *w, const char *words)
{
	RIG_UNTIL(w->rig, *report(w).alarm);
	ck_assert_msg(strstr(report(w).alarm, words) != NULL, "said: %s", report(w).alarm);
	ck_assert_ptr_null(strstr(report(w).alarm, "Authority"));
	ck_assert_uint_eq(rig_counters(w->rig).binds, 0);
	ck_assert_uint_eq(rig_counters(w->rig).alarms, 1);
}

#endif
