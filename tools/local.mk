# SPDX-License-Identifier: GPL-3.0-or-later
# The operator's command, and a simulated SMSC that shares no PDU code with the gateway.

noinst_LIBRARIES += libsmsc.a
libsmsc_a_SOURCES = \
	tools/smsc_centre.c \
	tools/smsc_centre.h \
	tools/smsc_conn.c \
	tools/smsc_conn.h \
	tools/smsc_fault.c \
	tools/smsc_fault.h \
	tools/smsc_hist.c \
	tools/smsc_hist.h \
	tools/smsc_late.c \
	tools/smsc_late.h \
	tools/smsc_load.c \
	tools/smsc_load.h \
	tools/smsc_net.c \
	tools/smsc_net.h \
	tools/smsc_options.c \
	tools/smsc_options.h \
	tools/smsc_options_fault.c \
	tools/smsc_options_fault.h \
	tools/smsc_parts.c \
	tools/smsc_parts.h \
	tools/smsc_pdu.c \
	tools/smsc_pdu.h \
	tools/smsc_phone.c \
	tools/smsc_phone.h \
	tools/smsc_pushed.c \
	tools/smsc_pushed.h \
	tools/smsc_receipt.c \
	tools/smsc_receipt.h \
	tools/smsc_report.c \
	tools/smsc_report.h \
	tools/smsc_script.c \
	tools/smsc_script.h \
	tools/smsc_stats.c \
	tools/smsc_stats.h \
	tools/smsc_steps.c \
	tools/smsc_steps.h \
	tools/smsc_terminal.c \
	tools/smsc_terminal.h \
	tools/smsc_text.c \
	tools/smsc_text.h \
	tools/smsc_texts.c \
	tools/smsc_texts.h \
	tools/smsc_window.c \
	tools/smsc_window.h
libsmsc_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

bin_PROGRAMS += starhash-smsc
starhash_smsc_SOURCES = tools/smsc_main.c
starhash_smsc_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
starhash_smsc_LDFLAGS = $(PROGRAM_LINK_FLAGS)
starhash_smsc_LDADD = libsmsc.a libcore.a $(JANSSON_LIBS) $(SYSTEMD_LIBS) -lm

noinst_LIBRARIES += libtools.a
libtools_a_SOURCES = \
	tools/access.c \
	tools/access.h \
	tools/cmd.c \
	tools/cmd.h \
	tools/cmd_audit.c \
	tools/cmd_backup.c \
	tools/cmd_check.c \
	tools/cmd_control.c \
	tools/cmd_dialogues.c \
	tools/cmd_dial.c \
	tools/cmd_doctor.c \
	tools/cmd_drain.c \
	tools/cmd_erase.c \
	tools/cmd_export.c \
	tools/cmd_grants.c \
	tools/cmd_grants.h \
	tools/cmd_grants_decide.c \
	tools/cmd_grants_refused.c \
	tools/cmd_import.c \
	tools/cmd_find.c \
	tools/cmd_key.c \
	tools/cmd_json.c \
	tools/cmd_json.h \
	tools/cmd_links.c \
	tools/cmd_map.c \
	tools/cmd_pdu.c \
	tools/cmd_numbers.c \
	tools/cmd_requests.c \
	tools/cmd_restore.c \
	tools/cmd_retention.c \
	tools/cmd_show.c \
	tools/cmd_stats.c \
	tools/cmd_push.c \
	tools/cmd_record.c \
	tools/cmd_reload.c \
	tools/cmd_status.c \
	tools/status_limits.c \
	tools/status_limits.h \
	tools/cmd_strings.c \
	tools/cmd_verify.c \
	tools/cmd_test.c \
	tools/coverage.c \
	tools/coverage.h \
	tools/dashboard.c \
	tools/dashboard.h \
	tools/diagnose.c \
	tools/diagnose.h \
	tools/diagnose_faults.c \
	tools/diagnose_fit.c \
	tools/diagnose_knobs.c \
	tools/diagnose_private.h \
	tools/diagnose_read.c \
	tools/diagnose_text.c \
	tools/diagnose_turns.c \
	tools/diagnose_words.c \
	tools/dialects_found.c \
	tools/dialects_found.h \
	tools/doctor_link.c \
	tools/doctor_link.h \
	tools/doctor_print.c \
	tools/doctor_print.h \
	tools/explain.c \
	tools/explain.h \
	tools/explain_names.c \
	tools/explain_parts.c \
	tools/explain_private.h \
	tools/explain_rules.c \
	tools/export_write.c \
	tools/export_write.h \
	tools/fake_app.c \
	tools/fake_app.h \
	tools/fake_charging.c \
	tools/fake_charging.h \
	tools/guest.c \
	tools/guest.h \
	tools/import_csv.c \
	tools/import_csv.h \
	tools/import_flow.c \
	tools/import_json.c \
	tools/import_json.h \
	tools/import_lines.c \
	tools/import_lines.h \
	tools/import_private.h \
	tools/import_progress.c \
	tools/import_progress.h \
	tools/import_rejects.c \
	tools/import_rejects.h \
	tools/import_row.c \
	tools/import_row.h \
	tools/import_run.c \
	tools/import_run.h \
	tools/map.c \
	tools/map.h \
	tools/progress.c \
	tools/progress.h \
	tools/scratch.c \
	tools/scratch.h \
	tools/scratch_charging.c \
	tools/scratch_private.h \
	tools/strings_po.c \
	tools/strings_po.h \
	tools/talk.c \
	tools/talk.h \
	tools/talk_diff.c \
	tools/talk_diff.h \
	tools/talk_live.c \
	tools/talk_live.h \
	tools/talk_private.h \
	tools/talk_run.c \
	tools/talk_run.h \
	tools/talk_scratch.c \
	tools/talk_stage.h \
	tools/talk_verbs.c \
	tools/trace.c \
	tools/trace.h \
	tools/trace_hex.c \
	tools/trace_packet.c \
	tools/trace_pcap.c \
	tools/trace_private.h \
	tools/trace_stream.c \
	tools/verdict.c \
	tools/verdict.h \
	tools/safe.c \
	tools/safe.h \
	tools/view_print.c \
	tools/view_print.h
libtools_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(EVENT_CFLAGS) $(PCAP_CFLAGS)

bin_PROGRAMS += starhash
starhash_SOURCES = tools/starhash.c
starhash_LDFLAGS = $(PROGRAM_LINK_FLAGS)
starhash_LDADD = libtools.a libsmsc.a $(GATEWAY_LIBS) $(PCAP_LIBS) -lm
