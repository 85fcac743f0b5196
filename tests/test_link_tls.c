/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS of a link, against OpenSSL's own server side over real sockets, with certificates made here.
 *
 * Each refusal is told in words that say what to do, is an alarm, and is tried again slowly. Promise 6: none ends the process.
 * Promise 9: nothing of a certificate or a key is said.
 */
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "tests/run_suite.h"
#include "tests/tls_world.h"

/* ---- what goes well */

START_TEST(good)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);

	start(w, &o);
	bound(w);
	ck_assert_int_eq(w->binds, 1);
	ck_assert_int_eq(rig_submit(w->rig, 1), RC_OK);
	RIG_UNTIL(w->rig, rig_told(w->rig, LINK_ACCEPTED) == 1);
	ck_assert_str_eq(report(w).alarm, "");
	link_drain(w->rig->link, 1000);
	RIG_UNTIL(w->rig, link_state(w->rig->link) == LINK_ST_DOWN);
	world_free(w);
}
END_TEST

/* More than any buffer on the way holds, in both directions at once. */
START_TEST(much)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);

	w->rig->config.window = 1000;
	w->rig->config.queue_max = 10000;
	start(w, &o);
	bound(w);
	for (uint64_t i = 1; i <= 5000; i++)
		ck_assert_int_eq(rig_submit(w->rig, i), RC_OK);
	RIG_UNTIL(w->rig, rig_told(w->rig, LINK_ACCEPTED) == 5000);
	for (size_t i = 1; i < w->rig->n_told; i++)
		ck_assert_uint_eq(w->rig->told[i].token, w->rig->told[i - 1].token + 1);
	world_free(w);
}
END_TEST

START_TEST(name_of_our_own)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);
	struct identity named = make("smsc", &w->ca, "DNS:smsc.example", -DAY, DAY);

	show(w, &named);
	o.name = "smsc.example";
	start(w, &o);
	bound(w);
	world_free(w);
	discard(&named);
}
END_TEST

START_TEST(client_certificate)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);

	SSL_CTX_set_verify(w->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	ck_assert_int_eq(SSL_CTX_load_verify_file(w->ctx, w->ca_file), 1);
	o.cert = w->cert_file;
	o.key = w->key_file;
	start(w, &o);
	bound(w);
	world_free(w);
}
END_TEST

START_TEST(not_verified)
{
	struct world *w = world_new();
	const struct link_tls_options o = {.verify = false};

	start(w, &o);
	bound(w);
	world_free(w);
}
END_TEST

/* In the output buffer still, not a whole record of it on the way: that is certain, with TLS too. */
START_TEST(unwritten_is_not_sent)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);

	start(w, &o);
	bound(w);
	ck_assert_int_eq(rig_submit(w->rig, 1), RC_OK);
	link_free(w->rig->link);
	ck_assert_int_eq(rig_told(w->rig, LINK_NOT_SENT), 1);
	w->rig->n_changes = 0;
	rig_start(w->rig);
	bound(w);
	world_free(w);
}
END_TEST

/* The SMSC goes away without a word, and comes back. */
START_TEST(lost_and_found)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);

	start(w, &o);
	bound(w);
	bufferevent_free(w->peer);
	w->peer = NULL;
	RIG_UNTIL(w->rig, w->connections == 2 && link_state(w->rig->link) == LINK_ST_BOUND);
	ck_assert_str_eq(report(w).alarm, "");
	ck_assert_uint_eq(rig_counters(w->rig).alarms, 0);
	world_free(w);
}
END_TEST

/* Of a session that worked nobody has to correct anything: no alarm, and no slow retry. */
START_TEST(broken_in_the_middle)
{
	static const char *const rubbish[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", "\x15\x03\x03\0\2\2\x28",
	                                      "\x17\x03\x03\0\x14 not of this key......"};
	static const size_t n[] = {28, 7, 25};
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);

	w->rig->config.reconnect_max_ms = 60000;
	start(w, &o);
	bound(w);
	ck_assert_int_eq(write(bufferevent_getfd(w->peer), rubbish[_i], n[_i]), (ssize_t)n[_i]);
	RIG_UNTIL(w->rig, w->connections == 2 && link_state(w->rig->link) == LINK_ST_BOUND);
	ck_assert_uint_eq(rig_counters(w->rig).alarms, 0);
	ck_assert_ptr_nonnull(strstr(report(w).lost, "in the middle"));
	world_free(w);
}
END_TEST

/* ---- what does not */

START_TEST(expired)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);
	struct identity old = make("smsc", &w->ca, "IP:127.0.0.1", -2 * DAY, -DAY);

	show(w, &old);
	start(w, &o);
	alarmed(w, "has expired");
	show(w, &w->server); /* renewed: no restart is needed */
	bound(w);
	ck_assert_str_eq(report(w).alarm, "");
	world_free(w);
	discard(&old);
}
END_TEST

START_TEST(not_yet_valid)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);
	struct identity future = make("smsc", &w->ca, "IP:127.0.0.1", DAY, 2 * DAY);

	show(w, &future);
	start(w, &o);
	alarmed(w, "clock");
	world_free(w);
	discard(&future);
}
END_TEST

START_TEST(wrong_name)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);

	if (_i == 0) {
		o.name = "other.example";
	} else { /* one byte of an address is as wrong as a name */
		discard(&w->server);
		w->server = make("smsc", &w->ca, "IP:127.0.0.2,DNS:127.0.0.1", -DAY, DAY);
		show(w, &w->server);
	}
	start(w, &o);
	alarmed(w, "tls_name");
	world_free(w);
}
END_TEST

START_TEST(unknown_authority)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);
	struct identity strange = make("smsc", _i == 0 ? &w->stranger : NULL, "IP:127.0.0.1", -DAY, DAY);

	show(w, &strange);
	start(w, &o);
	alarmed(w, "tls_ca");
	ck_assert_int_eq(w->binds, 0); /* the password did not leave */
	world_free(w);
	discard(&strange);
}
END_TEST

/* Nobody said whom to trust: the system's authorities do not know ours. */
START_TEST(system_authorities_by_default)
{
	struct world *w = world_new();
	const struct link_tls_options o = {.verify = true};

	start(w, &o);
	alarmed(w, "tls_ca");
	world_free(w);
}
END_TEST

/* With TLS 1.3 we are connected before the SMSC says so; with 1.2 the handshake fails. */
START_TEST(client_certificate_missing)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);

	SSL_CTX_set_max_proto_version(w->ctx, _i == 0 ? TLS1_3_VERSION : TLS1_2_VERSION);
	SSL_CTX_set_verify(w->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	start(w, &o);
	alarmed(w, "tls_cert");
	world_free(w);
}
END_TEST

START_TEST(client_certificate_of_a_stranger)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);
	struct identity strange = make("esme", &w->stranger, "DNS:esme.example", -DAY, DAY);

	save(w->cert_file, strange.cert, NULL);
	save(w->key_file, NULL, strange.key);
	SSL_CTX_set_verify(w->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	ck_assert_int_eq(SSL_CTX_load_verify_file(w->ctx, w->ca_file), 1);
	o.cert = w->cert_file;
	o.key = w->key_file;
	start(w, &o);
	alarmed(w, "does not accept our client certificate");
	world_free(w);
	discard(&strange);
}
END_TEST

START_TEST(only_old_versions)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);

	SSL_CTX_set_security_level(w->ctx, 0);
	SSL_CTX_set_min_proto_version(w->ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(w->ctx, TLS1_1_VERSION);
	start(w, &o);
	alarmed(w, "TLS 1.2 or later");
	world_free(w);
}
END_TEST

static void nack_everything(struct bufferevent *bev, void *arg)
{
	uint8_t nack[16];

	(void)arg;
	bufferevent_write(bev, nack, rig_make_pdu(nack, 0x80000000, 2, 0, NULL, 0));
	bufferevent_setcb(bev, NULL, NULL, on_event, arg);
}

static void accept_plain(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa, int len,
                         void *arg)
{
	struct world *w = arg;

	on_accept(listener, fd, sa, len, arg);
	bufferevent_setcb(w->peer, nack_everything, NULL, on_event, w);
}

/* An SMSC without TLS takes our hello for a PDU of 369 MB. */
START_TEST(plain_peer)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);

	SSL_CTX_free(w->ctx);
	w->ctx = NULL;
	evconnlistener_set_cb(w->listener, accept_plain, w);
	start(w, &o);
	alarmed(w, "speaks no TLS");
	world_free(w);
}
END_TEST

START_TEST(plain_peer_that_waits)
{
	struct world *w = world_new();
	struct link_tls_options o = trusting(w);

	SSL_CTX_free(w->ctx);
	w->ctx = NULL;
	w->is_deaf = true;
	w->rig->config.connect_ms = 100;
	start(w, &o);
	RIG_UNTIL(w->rig, rig_counters(w->rig).connect_failures == 1);
	ck_assert_ptr_nonnull(strstr(report(w).lost, "TLS port"));
	world_free(w);
}
END_TEST

/* The other way round: they speak TLS, and we were not told. Those who say so by an alert ... */
static void close_it(struct bufferevent *bev, void *arg)
{
	on_event(bev, BEV_EVENT_EOF, arg);
}

static void alert(struct bufferevent *bev, void *arg)
{
	static const uint8_t record[] = {0x15, 3, 3, 0, 2, 2, 70}; /* RFC 8446, 6: protocol_version */

	evbuffer_drain(bufferevent_get_input(bev), 4096);
	bufferevent_write(bev, record, sizeof(record));
	bufferevent_setcb(bev, NULL, close_it, on_event, arg);
}

static void accept_and_alert(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa,
                             int len, void *arg)
{
	struct world *w = arg;

	on_accept(listener, fd, sa, len, arg);
	bufferevent_setcb(w->peer, alert, NULL, on_event, w);
}

START_TEST(tls_peer_while_we_are_plain)
{
	struct world *w = world_new();

	SSL_CTX_free(w->ctx);
	w->ctx = NULL;
	evconnlistener_set_cb(w->listener, accept_and_alert, w);
	rig_start(w->rig);
	alarmed(w, "set tls = true");
	world_free(w);
}
END_TEST

/* ... and those who just close, as OpenSSL does. */
START_TEST(tls_peer_without_a_word)
{
	struct world *w = world_new();

	rig_start(w->rig);
	RIG_UNTIL(w->rig, rig_counters(w->rig).bind_failures == 1);
	ck_assert_ptr_nonnull(strstr(report(w).lost, "does this port want TLS"));
	world_free(w);
}
END_TEST

/* ---- files */

START_TEST(files_that_cannot_be_used)
{
	struct world *w = world_new();
	struct link_tls *t = NULL;
	char why[512];
	struct link_tls_options o = {.ca = "/nowhere/ca.pem", .verify = true};

	ck_assert_int_eq(link_tls_new(&o, &t, why, sizeof(why)), RC_IO);
	ck_assert_ptr_nonnull(strstr(why, "tls_ca = \"/nowhere/ca.pem\""));
	o.ca = w->key_file;
	ck_assert_int_eq(link_tls_new(&o, &t, why, sizeof(why)), RC_IO);
	o.ca = w->folder; /* a folder of authorities is fine */
	ck_assert_int_eq(link_tls_new(&o, &t, why, sizeof(why)), RC_OK);
	link_tls_free(t);
	o.cert = w->key_file;
	ck_assert_int_eq(link_tls_new(&o, &t, why, sizeof(why)), RC_IO);
	ck_assert_ptr_nonnull(strstr(why, "tls_cert"));
	o.cert = w->cert_file; /* without a key in it */
	ck_assert_int_eq(link_tls_new(&o, &t, why, sizeof(why)), RC_IO);
	ck_assert_ptr_nonnull(strstr(why, "private key"));
	save(w->key_file, NULL, w->server.key); /* of another certificate */
	o.key = w->key_file;
	ck_assert_int_eq(link_tls_new(&o, &t, why, sizeof(why)), RC_IO);
	ck_assert_ptr_nonnull(strstr(why, "tls_key"));
	rig_start(w->rig);
	world_free(w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("link_tls");
	TCase *well = tcase_create("well"), *ill = tcase_create("ill");

	log_init(LOG_LV_ERROR);
	suite_add_tcase(suite, well);
	suite_add_tcase(suite, ill);
	tcase_set_timeout(well, 60);
	tcase_set_timeout(ill, 60);
	tcase_add_test(well, good);
	tcase_add_test(well, much);
	tcase_add_test(well, name_of_our_own);
	tcase_add_test(well, client_certificate);
	tcase_add_test(well, not_verified);
	tcase_add_test(well, unwritten_is_not_sent);
	tcase_add_test(well, lost_and_found);
	tcase_add_loop_test(well, broken_in_the_middle, 0, 3);
	tcase_add_test(ill, expired);
	tcase_add_test(ill, not_yet_valid);
	tcase_add_loop_test(ill, wrong_name, 0, 2);
	tcase_add_loop_test(ill, unknown_authority, 0, 2);
	tcase_add_test(ill, system_authorities_by_default);
	tcase_add_loop_test(ill, client_certificate_missing, 0, 2);
	tcase_add_test(ill, client_certificate_of_a_stranger);
	tcase_add_test(ill, only_old_versions);
	tcase_add_test(ill, plain_peer);
	tcase_add_test(ill, plain_peer_that_waits);
	tcase_add_test(ill, tls_peer_while_we_are_plain);
	tcase_add_test(ill, tls_peer_without_a_word);
	tcase_add_test(ill, files_that_cannot_be_used);
	return run_suite(suite);
}
