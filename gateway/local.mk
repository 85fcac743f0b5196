# SPDX-License-Identifier: GPL-3.0-or-later
# Every wire, and the daemon.

noinst_LIBRARIES += libgateway.a
libgateway_a_SOURCES = \
	gateway/actions.c \
	gateway/app.c \
	gateway/app.h \
	gateway/app_answer.c \
	gateway/app_answer.h \
	gateway/app_table.c \
	gateway/app_table.h \
	gateway/config.c \
	gateway/config.h \
	gateway/config_link.c \
	gateway/config_link.h \
	gateway/config_dialects.c \
	gateway/config_dialects.h \
	gateway/config_dialects_check.c \
	gateway/config_dialects_read.c \
	gateway/config_dialects_read.h \
	gateway/config_dialects_value.c \
	gateway/config_dialects_value.h \
	gateway/config_profile.c \
	gateway/config_profile.h \
	gateway/config_read.c \
	gateway/config_read.h \
	gateway/control.c \
	gateway/control.h \
	gateway/control_private.h \
	gateway/control_push.c \
	gateway/control_status.c \
	gateway/dialect.c \
	gateway/dialect.h \
	gateway/dialect_doubt.c \
	gateway/dialect_keys.c \
	gateway/dialect_keys.h \
	gateway/dialect_print.c \
	gateway/dialect_read.c \
	gateway/dialect_standard.c \
	gateway/dialect_table.h \
	gateway/dialect_write.c \
	gateway/dialogue.c \
	gateway/dialogue_ask.c \
	gateway/dialogue_counts.c \
	gateway/dialogue_duplicate.c \
	gateway/dialogue_late.c \
	gateway/dialogue_overload.c \
	gateway/dialogue_push.c \
	gateway/dialogue_time.c \
	gateway/dialogue.h \
	gateway/dialogue_private.h \
	gateway/dialogue_sms.c \
	gateway/dialogue_table.c \
	gateway/dialogue_turn.c \
	gateway/due.c \
	gateway/due.h \
	gateway/flood.c \
	gateway/flood.h \
	gateway/gateway.c \
	gateway/gateway.h \
	gateway/groups.c \
	gateway/groups.h \
	gateway/standby.c \
	gateway/standby.h \
	gateway/gateway_private.h \
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
	gateway/link_tls.c \
	gateway/link_tls.h \
	gateway/link_window.c \
	gateway/link_window.h \
	gateway/listen.c \
	gateway/listen.h \
	gateway/notices.c \
	gateway/notices.h \
	gateway/options.c \
	gateway/options.h \
	gateway/pdu.c \
	gateway/pdu.h \
	gateway/pdu_codec.c \
	gateway/pdu_codec.h \
	gateway/pdu_guard.c \
	gateway/pdu_guard.h \
	gateway/pdu_wire.c \
	gateway/pdu_wire.h \
	gateway/receipt.c \
	gateway/receipt.h \
	gateway/reload.c \
	gateway/reload.h \
	gateway/seen.c \
	gateway/seen.h \
	gateway/respond.c \
	gateway/respond.h \
	gateway/services.c \
	gateway/services.h \
	gateway/services_load.c \
	gateway/services_load.h \
	gateway/sms_in.c \
	gateway/sms_in.h \
	gateway/sms_join.c \
	gateway/sms_join.h \
	gateway/sms_out.c \
	gateway/sms_out.h \
	gateway/sms_piece.c \
	gateway/sms_piece.h \
	gateway/sms_text.c \
	gateway/sms_text.h \
	gateway/sms_udh.c \
	gateway/sms_udh.h \
	gateway/status.c \
	gateway/status.h \
	gateway/traffic.c \
	gateway/traffic.h \
	gateway/traffic_sms.c \
	gateway/traffic_sms.h \
	gateway/transcript.c \
	gateway/transcript.h \
	gateway/transcript_words.c \
	gateway/transcript_words.h \
	gateway/trouble.c \
	gateway/trouble.h
libgateway_a_CFLAGS = $(AM_CFLAGS) $(SMPP34_CFLAGS) $(EVENT_CFLAGS) $(SSL_CFLAGS) $(CONFIG_CFLAGS) $(JANSSON_CFLAGS) \
	$(CURL_CFLAGS)

# What a program links that runs dialogues, in the order of the layers.
GATEWAY_LIBS = libgateway.a libmenus.a libstorage.a libcore.a $(SMPP34_LIBS) $(EVENT_LIBS) $(SSL_LIBS) $(SQLITE_LIBS) \
	$(CONFIG_LIBS) $(GETTEXTPO_LIBS) $(JANSSON_LIBS) $(CURL_LIBS) $(SYSTEMD_LIBS)

bin_PROGRAMS += starhashd
starhashd_SOURCES = gateway/main.c
starhashd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(SYSTEMD_CFLAGS)
starhashd_LDADD = $(GATEWAY_LIBS)
