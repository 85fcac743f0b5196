# SPDX-License-Identifier: GPL-3.0-or-later
# Every wire, and the daemon.

noinst_LIBRARIES += libgateway.a
libgateway_a_SOURCES = \
	gateway/accounts.c \
	gateway/accounts.h \
	gateway/actions.c \
	gateway/app.c \
	gateway/app.h \
	gateway/app_answer.c \
	gateway/app_answer.h \
	gateway/app_table.c \
	gateway/app_table.h \
	gateway/charging.c \
	gateway/charging.h \
	gateway/charging_cgrates.c \
	gateway/charging_cgrates_codes.c \
	gateway/charging_cgrates_codes.h \
	gateway/charging_gate.c \
	gateway/charging_gate.h \
	gateway/charging_ledger.c \
	gateway/charging_private.h \
	gateway/charging_product.c \
	gateway/charging_product.h \
	gateway/charging_ucip.c \
	gateway/charging_ucip_account.c \
	gateway/charging_ucip_account.h \
	gateway/charging_ucip_codes.c \
	gateway/charging_ucip_codes.h \
	gateway/config.c \
	gateway/config_charging.c \
	gateway/config_charging.h \
	gateway/config.h \
	gateway/config_profile.c \
	gateway/config_profile.h \
	gateway/config_read.c \
	gateway/config_read.h \
	gateway/control.c \
	gateway/control_accounts.c \
	gateway/control_accounts.h \
	gateway/control.h \
	gateway/dialect.c \
	gateway/dialect.h \
	gateway/dialect_table.c \
	gateway/dialect_table.h \
	gateway/dialogue.c \
	gateway/dialogue_ask.c \
	gateway/dialogue_charge.c \
	gateway/dialogue_counts.c \
	gateway/dialogue.h \
	gateway/dialogue_private.h \
	gateway/dialogue_sms.c \
	gateway/dialogue_table.c \
	gateway/dialogue_turn.c \
	gateway/due.c \
	gateway/due.h \
	gateway/gateway.c \
	gateway/gateway.h \
	gateway/http.c \
	gateway/http.h \
	gateway/http_client.c \
	gateway/http_client.h \
	gateway/link.c \
	gateway/link.h \
	gateway/link_connect.c \
	gateway/link_dispatch.c \
	gateway/link_io.c \
	gateway/link_private.h \
	gateway/link_send.c \
	gateway/link_state.c \
	gateway/link_window.c \
	gateway/link_window.h \
	gateway/notices.c \
	gateway/notices.h \
	gateway/options.c \
	gateway/outbox.c \
	gateway/outbox.h \
	gateway/outbox_private.h \
	gateway/outbox_read.c \
	gateway/outbox_table.c \
	gateway/options.h \
	gateway/pdu.c \
	gateway/pdu.h \
	gateway/pdu_codec.c \
	gateway/pdu_codec.h \
	gateway/pdu_guard.c \
	gateway/pdu_guard.h \
	gateway/pdu_wire.c \
	gateway/pdu_wire.h \
	gateway/reload.c \
	gateway/reload.h \
	gateway/services.c \
	gateway/services.h \
	gateway/services_load.c \
	gateway/services_load.h \
	gateway/transcript.c \
	gateway/transcript.h \
	gateway/transcript_words.c \
	gateway/transcript_words.h \
	gateway/xmlrpc.c \
	gateway/xmlrpc.h \
	gateway/xmlrpc_write.c
libgateway_a_CFLAGS = $(AM_CFLAGS) $(SMPP34_CFLAGS) $(EVENT_CFLAGS) $(CONFIG_CFLAGS) $(JANSSON_CFLAGS) \
	$(CURL_CFLAGS) $(XML2_CFLAGS)

# What a program links that runs dialogues, in the order of the layers.
GATEWAY_LIBS = libgateway.a libmenus.a libstorage.a libcore.a $(SMPP34_LIBS) $(EVENT_LIBS) $(SQLITE_LIBS) \
	$(CONFIG_LIBS) $(GETTEXTPO_LIBS) $(JANSSON_LIBS) $(CURL_LIBS) $(XML2_LIBS) $(SODIUM_LIBS) $(SYSTEMD_LIBS) -lm

bin_PROGRAMS += starhashd
starhashd_SOURCES = gateway/main.c
starhashd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(SYSTEMD_CFLAGS)
starhashd_LDADD = $(GATEWAY_LIBS)
