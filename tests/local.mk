# SPDX-License-Identifier: GPL-3.0-or-later
# Unit tests, one program for each module; the checks on the house itself; and the fuzz targets, which only
# ./dev fuzz builds.

check_LIBRARIES = libtests.a
libtests_a_SOURCES = \
	tests/app_peer.h \
	tests/charging_rig.h \
	tests/dialect_rig.h \
	tests/dialects_world.h \
	tests/dialogue_charging.h \
	tests/dialogue_world.h \
	tests/fault_vfs.c \
	tests/fault_vfs.h \
	tests/limits_world.h \
	tests/fuzz/fuzz.h \
	tests/import_world.h \
	tests/known_world.h \
	tests/link_rig.c \
	tests/link_rig.h \
	tests/log_catch.h \
	tests/manual.h \
	tests/menus_world.c \
	tests/menus_world.h \
	tests/outbox_world.h \
	tests/codec_compare.h \
	tests/pdu_build.h \
	tests/push_world.h \
	tests/random.h \
	tests/relations_world.h \
	tests/run_suite.h \
	tests/sms_build.h \
	tests/audit_world.h \
	tests/store_world.h
libtests_a_CFLAGS = $(TEST_CFLAGS)

UNIT_TESTS = \
	tests/test_access \
	tests/test_app \
	tests/test_audit \
	tests/test_audit_before \
	tests/test_view \
	tests/test_book \
	tests/test_buf \
	tests/test_charging_cgrates \
	tests/test_charging_gate \
	tests/test_charging_ledger \
	tests/test_charging_ucip \
	tests/test_http_client \
	tests/test_beside \
	tests/test_digest \
	tests/test_seal \
	tests/test_keyring \
	tests/test_keyring_live \
	tests/test_erasures_rest \
	tests/test_scrub \
	tests/test_vault \
	tests/test_sealing \
	tests/test_vault_files \
	tests/test_vault_kill \
	tests/test_xmlrpc \
	tests/test_check \
	tests/test_check_known \
	tests/test_check_more \
	tests/test_checkpoint \
	tests/test_clock \
	tests/test_condition \
	tests/test_config \
	tests/test_config_link \
	tests/test_console_worker \
	tests/test_dashboard \
	tests/test_diagnose \
	tests/test_dialect \
	tests/test_dialect_doubt \
	tests/test_dialect_knobs \
	tests/test_dialect_talks \
	tests/test_dialects_conf \
	tests/test_dialogue \
	tests/test_dialogue_ask \
	tests/test_dialogue_buy \
	tests/test_dialogue_charge \
	tests/test_dialogue_faults \
	tests/test_dialogue_list \
	tests/test_dialogue_rest \
	tests/test_dialogue_session \
	tests/test_dialogue_storm \
	tests/test_drops \
	tests/test_duration \
	tests/test_explain \
	tests/test_findings \
	tests/test_groups \
	tests/test_flood \
	tests/test_histogram \
	tests/test_http \
	tests/test_http_parse \
	tests/test_kinds \
	tests/test_import \
	tests/test_import_consent \
	tests/test_import_read \
	tests/test_import_lines \
	tests/test_link \
	tests/test_link_hosts \
	tests/test_link_life \
	tests/test_link_submit \
	tests/test_link_tls \
	tests/test_list \
	tests/test_log \
	tests/test_buy \
	tests/test_known \
	tests/test_machine \
	tests/test_machine_random \
	tests/test_map \
	tests/test_metrics \
	tests/test_migration \
	tests/test_msisdn \
	tests/test_nearest \
	tests/test_options \
	tests/test_overload \
	tests/test_outbox \
	tests/test_outbox_bound \
	tests/test_outbox_storm \
	tests/test_page \
	tests/test_paths \
	tests/test_pdu_codec \
	tests/test_pdu_fast \
	tests/test_pdu_guard \
	tests/test_pdu_pack \
	tests/test_po \
	tests/test_prepared \
	tests/test_profile \
	tests/test_push \
	tests/test_push_late \
	tests/test_push_unsent \
	tests/test_notices \
	tests/test_recall \
	tests/test_store_notices \
	tests/test_query \
	tests/test_receipt \
	tests/test_record \
	tests/test_region \
	tests/test_requests \
	tests/test_respond \
	tests/test_seen \
	tests/test_sendsms_read \
	tests/test_services \
	tests/test_slab \
	tests/test_smsc_faults \
	tests/test_sms_in \
	tests/test_sms_out \
	tests/test_sms_storm \
	tests/test_sms_text \
	tests/test_smsc_hist \
	tests/test_smsc_pdu \
	tests/test_smsc_phone \
	tests/test_backup \
	tests/test_limits \
	tests/test_limits_review \
	tests/test_memory \
	tests/test_provenance \
	tests/test_profile_change \
	tests/test_profile_value \
	tests/test_dialogue_tell \
	tests/test_numbers \
	tests/test_store_key \
	tests/test_erased \
	tests/test_invite \
	tests/test_referrals \
	tests/test_relations \
	tests/test_relations_bounds \
	tests/test_privacy \
	tests/test_retention \
	tests/test_retention_values \
	tests/test_status \
	tests/test_store \
	tests/test_store_port \
	tests/test_store_disk \
	tests/test_store_faults \
	tests/test_talk \
	tests/test_template \
	tests/test_supervise \
	tests/test_text \
	tests/test_text_plain \
	tests/test_text_shift \
	tests/test_text_pack \
	tests/test_trace \
	tests/test_transcript \
	tests/test_versions
check_PROGRAMS += $(UNIT_TESTS)
TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(EVENT_CFLAGS) $(SQLITE_CFLAGS) $(CONFIG_CFLAGS) $(JANSSON_CFLAGS) \
	-DSRCDIR='"$(abs_top_srcdir)"'
TEST_LIBS = libtests.a libtools.a libsmsc.a $(GATEWAY_LIBS) $(PCAP_LIBS) $(CHECK_LIBS) -lm

tests_test_http_parse_SOURCES = tests/test_http_parse.c
tests_test_http_parse_CFLAGS = $(TEST_CFLAGS)
tests_test_http_parse_LDADD = $(TEST_LIBS)

tests_test_sendsms_read_SOURCES = tests/test_sendsms_read.c
tests_test_sendsms_read_CFLAGS = $(TEST_CFLAGS)
tests_test_sendsms_read_LDADD = $(TEST_LIBS)

tests_test_dashboard_SOURCES = tests/test_dashboard.c
tests_test_dashboard_CFLAGS = $(TEST_CFLAGS)
tests_test_dashboard_LDADD = $(TEST_LIBS)

tests_test_dialogue_rest_SOURCES = tests/test_dialogue_rest.c
tests_test_dialogue_rest_CFLAGS = $(TEST_CFLAGS)
tests_test_dialogue_rest_LDADD = $(TEST_LIBS)

tests_test_dialogue_list_SOURCES = tests/test_dialogue_list.c
tests_test_dialogue_list_CFLAGS = $(TEST_CFLAGS)
tests_test_dialogue_list_LDADD = $(TEST_LIBS)

tests_test_book_SOURCES = tests/test_book.c
tests_test_book_CFLAGS = $(TEST_CFLAGS)
tests_test_book_LDADD = $(TEST_LIBS)

tests_test_supervise_SOURCES = tests/test_supervise.c
tests_test_supervise_CFLAGS = $(TEST_CFLAGS)
tests_test_supervise_LDADD = $(TEST_LIBS)

tests_test_buf_SOURCES = tests/test_buf.c
tests_test_buf_CFLAGS = $(TEST_CFLAGS)
tests_test_buf_LDADD = $(TEST_LIBS)

tests_test_check_SOURCES = tests/test_check.c tests/check_world.h
tests_test_check_CFLAGS = $(TEST_CFLAGS)
tests_test_check_LDADD = $(TEST_LIBS)

tests_test_check_known_SOURCES = tests/test_check_known.c
tests_test_check_known_CFLAGS = $(TEST_CFLAGS)
tests_test_check_known_LDADD = $(TEST_LIBS)

tests_test_check_more_SOURCES = tests/test_check_more.c tests/check_world.h
tests_test_check_more_CFLAGS = $(TEST_CFLAGS)
tests_test_check_more_LDADD = $(TEST_LIBS)

tests_test_clock_SOURCES = tests/test_clock.c
tests_test_clock_CFLAGS = $(TEST_CFLAGS)
tests_test_clock_LDADD = $(TEST_LIBS)

tests_test_condition_SOURCES = tests/test_condition.c
tests_test_condition_CFLAGS = $(TEST_CFLAGS)
tests_test_condition_LDADD = $(TEST_LIBS)

tests_test_config_SOURCES = tests/test_config.c tests/config_world.h
tests_test_config_CFLAGS = $(TEST_CFLAGS)
tests_test_config_LDADD = $(TEST_LIBS)

tests_test_config_link_SOURCES = tests/test_config_link.c tests/config_world.h
tests_test_config_link_CFLAGS = $(TEST_CFLAGS)
tests_test_config_link_LDADD = $(TEST_LIBS)

tests_test_dialect_SOURCES = tests/test_dialect.c
tests_test_dialect_CFLAGS = $(TEST_CFLAGS)
tests_test_dialect_LDADD = $(TEST_LIBS)

tests_test_dialect_doubt_SOURCES = tests/test_dialect_doubt.c
tests_test_dialect_doubt_CFLAGS = $(TEST_CFLAGS)
tests_test_dialect_doubt_LDADD = $(TEST_LIBS)
tests_test_dialect_knobs_SOURCES = tests/test_dialect_knobs.c
tests_test_dialect_knobs_CFLAGS = $(TEST_CFLAGS)
tests_test_dialect_knobs_LDADD = $(TEST_LIBS)

tests_test_dialect_talks_SOURCES = tests/test_dialect_talks.c
tests_test_dialect_talks_CFLAGS = $(TEST_CFLAGS)
tests_test_dialect_talks_LDADD = $(TEST_LIBS)

tests_test_dialects_conf_SOURCES = tests/test_dialects_conf.c
tests_test_dialects_conf_CFLAGS = $(TEST_CFLAGS)
tests_test_dialects_conf_LDADD = $(TEST_LIBS)

tests_test_dialogue_SOURCES = tests/test_dialogue.c
tests_test_dialogue_CFLAGS = $(TEST_CFLAGS)
tests_test_dialogue_LDADD = $(TEST_LIBS)

tests_test_dialogue_faults_SOURCES = tests/test_dialogue_faults.c
tests_test_dialogue_faults_CFLAGS = $(TEST_CFLAGS)
tests_test_dialogue_faults_LDADD = $(TEST_LIBS)

tests_test_dialogue_storm_SOURCES = tests/test_dialogue_storm.c
tests_test_dialogue_storm_CFLAGS = $(TEST_CFLAGS)
tests_test_dialogue_storm_LDADD = $(TEST_LIBS)

tests_test_dialogue_session_SOURCES = tests/test_dialogue_session.c
tests_test_dialogue_session_CFLAGS = $(TEST_CFLAGS)
tests_test_dialogue_session_LDADD = $(TEST_LIBS)

tests_test_flood_SOURCES = tests/test_flood.c
tests_test_flood_CFLAGS = $(TEST_CFLAGS)
tests_test_flood_LDADD = $(TEST_LIBS)

tests_test_overload_SOURCES = tests/test_overload.c
tests_test_overload_CFLAGS = $(TEST_CFLAGS)
tests_test_overload_LDADD = $(TEST_LIBS)

tests_test_push_SOURCES = tests/test_push.c
tests_test_push_CFLAGS = $(TEST_CFLAGS)
tests_test_push_LDADD = $(TEST_LIBS)
tests_test_push_late_SOURCES = tests/test_push_late.c
tests_test_push_late_CFLAGS = $(TEST_CFLAGS)
tests_test_push_late_LDADD = $(TEST_LIBS)
tests_test_push_unsent_SOURCES = tests/test_push_unsent.c
tests_test_push_unsent_CFLAGS = $(TEST_CFLAGS)
tests_test_push_unsent_LDADD = $(TEST_LIBS)
tests_test_notices_SOURCES = tests/test_notices.c
tests_test_notices_CFLAGS = $(TEST_CFLAGS)
tests_test_notices_LDADD = $(TEST_LIBS)
tests_test_store_notices_SOURCES = tests/test_store_notices.c
tests_test_store_notices_CFLAGS = $(TEST_CFLAGS)
tests_test_store_notices_LDADD = $(TEST_LIBS)
tests_test_recall_SOURCES = tests/test_recall.c
tests_test_recall_CFLAGS = $(TEST_CFLAGS)
tests_test_recall_LDADD = $(TEST_LIBS)

tests_test_requests_SOURCES = tests/test_requests.c
tests_test_requests_CFLAGS = $(TEST_CFLAGS)
tests_test_requests_LDADD = $(TEST_LIBS)

tests_test_respond_SOURCES = tests/test_respond.c
tests_test_respond_CFLAGS = $(TEST_CFLAGS)
tests_test_respond_LDADD = $(TEST_LIBS)

tests_test_seen_SOURCES = tests/test_seen.c
tests_test_seen_CFLAGS = $(TEST_CFLAGS)
tests_test_seen_LDADD = $(TEST_LIBS)

tests_test_drops_SOURCES = tests/test_drops.c
tests_test_drops_CFLAGS = $(TEST_CFLAGS)
tests_test_drops_LDADD = $(TEST_LIBS)

tests_test_duration_SOURCES = tests/test_duration.c
tests_test_duration_CFLAGS = $(TEST_CFLAGS)
tests_test_duration_LDADD = $(TEST_LIBS)

tests_test_findings_SOURCES = tests/test_findings.c
tests_test_findings_CFLAGS = $(TEST_CFLAGS)
tests_test_findings_LDADD = $(TEST_LIBS)

tests_test_groups_SOURCES = tests/test_groups.c tests/groups_world.h
tests_test_groups_CFLAGS = $(TEST_CFLAGS)
tests_test_groups_LDADD = $(TEST_LIBS)

tests_test_kinds_SOURCES = tests/test_kinds.c
tests_test_kinds_CFLAGS = $(TEST_CFLAGS)
tests_test_kinds_LDADD = $(TEST_LIBS)

tests_test_link_SOURCES = tests/test_link.c
tests_test_link_CFLAGS = $(TEST_CFLAGS)
tests_test_link_LDADD = $(TEST_LIBS)

tests_test_link_hosts_SOURCES = tests/test_link_hosts.c
tests_test_link_hosts_CFLAGS = $(TEST_CFLAGS)
tests_test_link_hosts_LDADD = $(TEST_LIBS)

tests_test_link_life_SOURCES = tests/test_link_life.c
tests_test_link_life_CFLAGS = $(TEST_CFLAGS)
tests_test_link_life_LDADD = $(TEST_LIBS)

tests_test_link_submit_SOURCES = tests/test_link_submit.c
tests_test_link_submit_CFLAGS = $(TEST_CFLAGS)
tests_test_link_submit_LDADD = $(TEST_LIBS)

tests_test_link_tls_SOURCES = tests/test_link_tls.c tests/tls_world.h
tests_test_link_tls_CFLAGS = $(TEST_CFLAGS) $(SSL_CFLAGS)
tests_test_link_tls_LDADD = $(TEST_LIBS)

tests_test_list_SOURCES = tests/test_list.c
tests_test_list_CFLAGS = $(TEST_CFLAGS)
tests_test_list_LDADD = $(TEST_LIBS)

tests_test_log_SOURCES = tests/test_log.c
tests_test_log_CFLAGS = $(TEST_CFLAGS)
tests_test_log_LDADD = $(TEST_LIBS)

tests_test_buy_SOURCES = tests/test_buy.c
tests_test_buy_CFLAGS = $(TEST_CFLAGS)
tests_test_buy_LDADD = $(TEST_LIBS)

tests_test_known_SOURCES = tests/test_known.c
tests_test_known_CFLAGS = $(TEST_CFLAGS)
tests_test_known_LDADD = $(TEST_LIBS)

tests_test_machine_SOURCES = tests/test_machine.c
tests_test_machine_CFLAGS = $(TEST_CFLAGS)
tests_test_machine_LDADD = $(TEST_LIBS)
tests_test_machine_random_SOURCES = tests/test_machine_random.c
tests_test_machine_random_CFLAGS = $(TEST_CFLAGS)
tests_test_machine_random_LDADD = $(TEST_LIBS)

tests_test_map_SOURCES = tests/test_map.c
tests_test_map_CFLAGS = $(TEST_CFLAGS)
tests_test_map_LDADD = $(TEST_LIBS)

tests_test_migration_SOURCES = tests/test_migration.c
tests_test_migration_CFLAGS = $(TEST_CFLAGS)
tests_test_migration_LDADD = $(TEST_LIBS)

tests_test_msisdn_SOURCES = tests/test_msisdn.c
tests_test_msisdn_CFLAGS = $(TEST_CFLAGS)
tests_test_msisdn_LDADD = $(TEST_LIBS)

tests_test_nearest_SOURCES = tests/test_nearest.c
tests_test_nearest_CFLAGS = $(TEST_CFLAGS)
tests_test_nearest_LDADD = $(TEST_LIBS)

tests_test_options_SOURCES = tests/test_options.c
tests_test_options_CFLAGS = $(TEST_CFLAGS)
tests_test_options_LDADD = $(TEST_LIBS)

tests_test_page_SOURCES = tests/test_page.c
tests_test_page_CFLAGS = $(TEST_CFLAGS)
tests_test_page_LDADD = $(TEST_LIBS)

tests_test_paths_SOURCES = tests/test_paths.c
tests_test_paths_CFLAGS = $(TEST_CFLAGS)
tests_test_paths_LDADD = $(TEST_LIBS)

tests_test_pdu_codec_SOURCES = tests/test_pdu_codec.c
tests_test_pdu_codec_CFLAGS = $(TEST_CFLAGS)
tests_test_pdu_codec_LDADD = $(TEST_LIBS)

tests_test_pdu_fast_SOURCES = tests/test_pdu_fast.c
tests_test_pdu_fast_CFLAGS = $(TEST_CFLAGS)
tests_test_pdu_fast_LDADD = $(TEST_LIBS)

tests_test_pdu_guard_SOURCES = tests/test_pdu_guard.c
tests_test_pdu_guard_CFLAGS = $(TEST_CFLAGS)
tests_test_pdu_guard_LDADD = $(TEST_LIBS)

tests_test_pdu_pack_SOURCES = tests/test_pdu_pack.c
tests_test_pdu_pack_CFLAGS = $(TEST_CFLAGS)
tests_test_pdu_pack_LDADD = $(TEST_LIBS)

tests_test_po_SOURCES = tests/test_po.c
tests_test_po_CFLAGS = $(TEST_CFLAGS)
tests_test_po_LDADD = $(TEST_LIBS)

tests_test_prepared_SOURCES = tests/test_prepared.c
tests_test_prepared_CFLAGS = $(TEST_CFLAGS)
tests_test_prepared_LDADD = $(TEST_LIBS)

tests_test_profile_SOURCES = tests/test_profile.c
tests_test_profile_CFLAGS = $(TEST_CFLAGS)
tests_test_profile_LDADD = $(TEST_LIBS)

tests_test_import_SOURCES = tests/test_import.c
tests_test_import_CFLAGS = $(TEST_CFLAGS)
tests_test_import_LDADD = $(TEST_LIBS)

tests_test_import_consent_SOURCES = tests/test_import_consent.c
tests_test_import_consent_CFLAGS = $(TEST_CFLAGS)
tests_test_import_consent_LDADD = $(TEST_LIBS)

tests_test_import_read_SOURCES = tests/test_import_read.c
tests_test_import_read_CFLAGS = $(TEST_CFLAGS)
tests_test_import_read_LDADD = $(TEST_LIBS)
tests_test_import_lines_SOURCES = tests/test_import_lines.c
tests_test_import_lines_CFLAGS = $(TEST_CFLAGS)
tests_test_import_lines_LDADD = $(TEST_LIBS)

tests_test_console_worker_SOURCES = tests/test_console_worker.c
tests_test_console_worker_CFLAGS = $(TEST_CFLAGS)
tests_test_console_worker_LDADD = $(TEST_LIBS)

tests_test_query_SOURCES = tests/test_query.c
tests_test_query_CFLAGS = $(TEST_CFLAGS)
tests_test_query_LDADD = $(TEST_LIBS)

tests_test_outbox_SOURCES = tests/test_outbox.c
tests_test_outbox_CFLAGS = $(TEST_CFLAGS)
tests_test_outbox_LDADD = $(TEST_LIBS)

tests_test_outbox_bound_SOURCES = tests/test_outbox_bound.c
tests_test_outbox_bound_CFLAGS = $(TEST_CFLAGS)
tests_test_outbox_bound_LDADD = $(TEST_LIBS)

tests_test_outbox_storm_SOURCES = tests/test_outbox_storm.c
tests_test_outbox_storm_CFLAGS = $(TEST_CFLAGS)
tests_test_outbox_storm_LDADD = $(TEST_LIBS)

tests_test_record_SOURCES = tests/test_record.c
tests_test_record_CFLAGS = $(TEST_CFLAGS)
tests_test_record_LDADD = $(TEST_LIBS)

tests_test_region_SOURCES = tests/test_region.c
tests_test_region_CFLAGS = $(TEST_CFLAGS)
tests_test_region_LDADD = $(TEST_LIBS)

tests_test_services_SOURCES = tests/test_services.c
tests_test_services_CFLAGS = $(TEST_CFLAGS)
tests_test_services_LDADD = $(TEST_LIBS)

tests_test_slab_SOURCES = tests/test_slab.c
tests_test_slab_CFLAGS = $(TEST_CFLAGS)
tests_test_slab_LDADD = $(TEST_LIBS)

tests_test_smsc_faults_SOURCES = tests/test_smsc_faults.c
tests_test_smsc_faults_CFLAGS = $(TEST_CFLAGS)
tests_test_smsc_faults_LDADD = $(TEST_LIBS)

tests_test_smsc_hist_SOURCES = tests/test_smsc_hist.c
tests_test_smsc_hist_CFLAGS = $(TEST_CFLAGS)
tests_test_smsc_hist_LDADD = $(TEST_LIBS)

tests_test_smsc_pdu_SOURCES = tests/test_smsc_pdu.c
tests_test_smsc_pdu_CFLAGS = $(TEST_CFLAGS)
tests_test_smsc_pdu_LDADD = $(TEST_LIBS)

tests_test_smsc_phone_SOURCES = tests/test_smsc_phone.c
tests_test_smsc_phone_CFLAGS = $(TEST_CFLAGS)
tests_test_smsc_phone_LDADD = $(TEST_LIBS)

tests_test_status_SOURCES = tests/test_status.c
tests_test_status_CFLAGS = $(TEST_CFLAGS)
tests_test_status_LDADD = $(TEST_LIBS)
tests_test_backup_SOURCES = tests/test_backup.c
tests_test_backup_CFLAGS = $(TEST_CFLAGS)
tests_test_backup_LDADD = $(TEST_LIBS)

tests_test_access_SOURCES = tests/test_access.c
tests_test_access_CFLAGS = $(TEST_CFLAGS)
tests_test_access_LDADD = $(TEST_LIBS)
tests_test_view_SOURCES = tests/test_view.c
tests_test_view_CFLAGS = $(TEST_CFLAGS)
tests_test_view_LDADD = $(TEST_LIBS)
tests_test_audit_SOURCES = tests/test_audit.c
tests_test_audit_CFLAGS = $(TEST_CFLAGS)
tests_test_audit_LDADD = $(TEST_LIBS)
tests_test_audit_before_SOURCES = tests/test_audit_before.c
tests_test_audit_before_CFLAGS = $(TEST_CFLAGS)
tests_test_audit_before_LDADD = $(TEST_LIBS)
tests_test_limits_SOURCES = tests/test_limits.c
tests_test_limits_CFLAGS = $(TEST_CFLAGS)
tests_test_limits_LDADD = $(TEST_LIBS)
tests_test_limits_review_SOURCES = tests/test_limits_review.c
tests_test_limits_review_CFLAGS = $(TEST_CFLAGS)
tests_test_limits_review_LDADD = $(TEST_LIBS)
tests_test_memory_SOURCES = tests/test_memory.c
tests_test_memory_CFLAGS = $(TEST_CFLAGS)
tests_test_memory_LDADD = $(TEST_LIBS)
tests_test_provenance_SOURCES = tests/test_provenance.c
tests_test_provenance_CFLAGS = $(TEST_CFLAGS)
tests_test_provenance_LDADD = $(TEST_LIBS)
tests_test_profile_change_SOURCES = tests/test_profile_change.c
tests_test_profile_change_CFLAGS = $(TEST_CFLAGS)
tests_test_profile_change_LDADD = $(TEST_LIBS)
tests_test_invite_SOURCES = tests/test_invite.c
tests_test_invite_CFLAGS = $(TEST_CFLAGS)
tests_test_invite_LDADD = $(TEST_LIBS)
tests_test_referrals_SOURCES = tests/test_referrals.c
tests_test_referrals_CFLAGS = $(TEST_CFLAGS)
tests_test_referrals_LDADD = $(TEST_LIBS)
tests_test_relations_SOURCES = tests/test_relations.c
tests_test_relations_CFLAGS = $(TEST_CFLAGS)
tests_test_relations_LDADD = $(TEST_LIBS)
tests_test_relations_bounds_SOURCES = tests/test_relations_bounds.c
tests_test_relations_bounds_CFLAGS = $(TEST_CFLAGS)
tests_test_relations_bounds_LDADD = $(TEST_LIBS)
tests_test_dialogue_tell_SOURCES = tests/test_dialogue_tell.c
tests_test_dialogue_tell_CFLAGS = $(TEST_CFLAGS)
tests_test_dialogue_tell_LDADD = $(TEST_LIBS)
tests_test_profile_value_SOURCES = tests/test_profile_value.c
tests_test_profile_value_CFLAGS = $(TEST_CFLAGS)
tests_test_profile_value_LDADD = $(TEST_LIBS)

tests_test_seal_SOURCES = tests/test_seal.c
tests_test_seal_CFLAGS = $(TEST_CFLAGS)
tests_test_seal_LDADD = $(TEST_LIBS)
tests_test_keyring_SOURCES = tests/test_keyring.c
tests_test_keyring_CFLAGS = $(TEST_CFLAGS)
tests_test_keyring_LDADD = $(TEST_LIBS)
tests_test_erasures_rest_SOURCES = tests/test_erasures_rest.c
tests_test_erasures_rest_CFLAGS = $(TEST_CFLAGS)
tests_test_erasures_rest_LDADD = $(TEST_LIBS)

tests_test_keyring_live_SOURCES = tests/test_keyring_live.c
tests_test_keyring_live_CFLAGS = $(TEST_CFLAGS)
tests_test_keyring_live_LDADD = $(TEST_LIBS)
tests_test_scrub_SOURCES = tests/test_scrub.c
tests_test_scrub_CFLAGS = $(TEST_CFLAGS)
tests_test_scrub_LDADD = $(TEST_LIBS)
tests_test_vault_SOURCES = tests/test_vault.c tests/vault_world.h
tests_test_vault_CFLAGS = $(TEST_CFLAGS)
tests_test_vault_LDADD = $(TEST_LIBS)
tests_test_sealing_SOURCES = tests/test_sealing.c tests/vault_world.h
tests_test_sealing_CFLAGS = $(TEST_CFLAGS)
tests_test_sealing_LDADD = $(TEST_LIBS)
tests_test_vault_files_SOURCES = tests/test_vault_files.c tests/vault_world.h
tests_test_vault_files_CFLAGS = $(TEST_CFLAGS)
tests_test_vault_files_LDADD = $(TEST_LIBS)
tests_test_vault_kill_SOURCES = tests/test_vault_kill.c
tests_test_vault_kill_CFLAGS = $(TEST_CFLAGS)
tests_test_vault_kill_LDADD = $(TEST_LIBS)
tests_test_numbers_SOURCES = tests/test_numbers.c tests/numbers_world.h
tests_test_numbers_CFLAGS = $(TEST_CFLAGS)
tests_test_numbers_LDADD = $(TEST_LIBS)
tests_test_store_key_SOURCES = tests/test_store_key.c tests/numbers_world.h
tests_test_store_key_CFLAGS = $(TEST_CFLAGS)
tests_test_store_key_LDADD = $(TEST_LIBS)
tests_test_erased_SOURCES = tests/test_erased.c tests/numbers_world.h
tests_test_erased_CFLAGS = $(TEST_CFLAGS)
tests_test_erased_LDADD = $(TEST_LIBS)
tests_test_privacy_SOURCES = tests/test_privacy.c
tests_test_privacy_CFLAGS = $(TEST_CFLAGS)
tests_test_privacy_LDADD = $(TEST_LIBS)
tests_test_retention_SOURCES = tests/test_retention.c tests/retention_world.h
tests_test_retention_CFLAGS = $(TEST_CFLAGS)
tests_test_retention_LDADD = $(TEST_LIBS)
tests_test_retention_values_SOURCES = tests/test_retention_values.c tests/retention_world.h
tests_test_retention_values_CFLAGS = $(TEST_CFLAGS)
tests_test_retention_values_LDADD = $(TEST_LIBS)

tests_test_checkpoint_SOURCES = tests/test_checkpoint.c
tests_test_checkpoint_CFLAGS = $(TEST_CFLAGS)
tests_test_checkpoint_LDADD = $(TEST_LIBS)
tests_test_store_disk_SOURCES = tests/test_store_disk.c
tests_test_store_disk_CFLAGS = $(TEST_CFLAGS)
tests_test_store_disk_LDADD = $(TEST_LIBS)

tests_test_store_SOURCES = tests/test_store.c
tests_test_store_CFLAGS = $(TEST_CFLAGS)
tests_test_store_LDADD = $(TEST_LIBS)
tests_test_store_port_SOURCES = tests/test_store_port.c
tests_test_store_port_CFLAGS = $(TEST_CFLAGS)
tests_test_store_port_LDADD = $(TEST_LIBS)

tests_test_store_faults_SOURCES = tests/test_store_faults.c
tests_test_store_faults_CFLAGS = $(TEST_CFLAGS)
tests_test_store_faults_LDADD = $(TEST_LIBS)

tests_test_talk_SOURCES = tests/test_talk.c
tests_test_talk_CFLAGS = $(TEST_CFLAGS)
tests_test_talk_LDADD = $(TEST_LIBS)

tests_test_template_SOURCES = tests/test_template.c
tests_test_template_CFLAGS = $(TEST_CFLAGS)
tests_test_template_LDADD = $(TEST_LIBS)

tests_test_text_SOURCES = tests/test_text.c
tests_test_text_CFLAGS = $(TEST_CFLAGS)
tests_test_text_LDADD = $(TEST_LIBS)

tests_test_app_SOURCES = tests/test_app.c
tests_test_app_CFLAGS = $(TEST_CFLAGS)
tests_test_app_LDADD = $(TEST_LIBS)

tests_test_dialogue_buy_SOURCES = tests/test_dialogue_buy.c
tests_test_dialogue_buy_CFLAGS = $(TEST_CFLAGS)
tests_test_dialogue_buy_LDADD = $(TEST_LIBS)

tests_test_dialogue_charge_SOURCES = tests/test_dialogue_charge.c
tests_test_dialogue_charge_CFLAGS = $(TEST_CFLAGS)
tests_test_dialogue_charge_LDADD = $(TEST_LIBS)

tests_test_dialogue_ask_SOURCES = tests/test_dialogue_ask.c
tests_test_dialogue_ask_CFLAGS = $(TEST_CFLAGS)
tests_test_dialogue_ask_LDADD = $(TEST_LIBS)

tests_test_text_pack_SOURCES = tests/test_text_pack.c
tests_test_text_pack_CFLAGS = $(TEST_CFLAGS)
tests_test_text_pack_LDADD = $(TEST_LIBS)

tests_test_transcript_SOURCES = tests/test_transcript.c
tests_test_transcript_CFLAGS = $(TEST_CFLAGS)
tests_test_transcript_LDADD = $(TEST_LIBS)

tests_test_http_SOURCES = tests/test_http.c
tests_test_http_CFLAGS = $(TEST_CFLAGS)
tests_test_http_LDADD = $(TEST_LIBS)

tests_test_histogram_SOURCES = tests/test_histogram.c
tests_test_histogram_CFLAGS = $(TEST_CFLAGS)
tests_test_histogram_LDADD = $(TEST_LIBS)

tests_test_metrics_SOURCES = tests/test_metrics.c
tests_test_metrics_CFLAGS = $(TEST_CFLAGS)
tests_test_metrics_LDADD = $(TEST_LIBS)

tests_test_versions_SOURCES = tests/test_versions.c
tests_test_versions_CFLAGS = $(TEST_CFLAGS)
tests_test_versions_LDADD = $(TEST_LIBS)

# For tests/e2e/differential.js: readings and writings of SMPP, as JSON.
check_PROGRAMS += tests/differ/differ
tests_differ_differ_SOURCES = \
	tests/differ/differ.c \
	tests/differ/differ.h \
	tests/differ/differ_gateway.c \
	tests/differ/differ_smpp34.c \
	tests/differ/differ_smsc.c
tests_differ_differ_CFLAGS = $(AM_CFLAGS) $(SMPP34_CFLAGS)
tests_differ_differ_LDADD = libsmsc.a $(GATEWAY_LIBS)

tests_test_diagnose_SOURCES = tests/test_diagnose.c
tests_test_diagnose_CFLAGS = $(TEST_CFLAGS)
tests_test_diagnose_LDADD = $(TEST_LIBS)

tests_test_explain_SOURCES = tests/test_explain.c
tests_test_explain_CFLAGS = $(TEST_CFLAGS)
tests_test_explain_LDADD = $(TEST_LIBS)

tests_test_trace_SOURCES = tests/test_trace.c
tests_test_trace_CFLAGS = $(TEST_CFLAGS)
tests_test_trace_LDADD = $(TEST_LIBS)

tests_test_receipt_SOURCES = tests/test_receipt.c
tests_test_receipt_CFLAGS = $(TEST_CFLAGS)
tests_test_receipt_LDADD = $(TEST_LIBS)

tests_test_sms_in_SOURCES = tests/test_sms_in.c
tests_test_sms_in_CFLAGS = $(TEST_CFLAGS)
tests_test_sms_in_LDADD = $(TEST_LIBS)

tests_test_sms_out_SOURCES = tests/test_sms_out.c
tests_test_sms_out_CFLAGS = $(TEST_CFLAGS)
tests_test_sms_out_LDADD = $(TEST_LIBS)

tests_test_sms_storm_SOURCES = tests/test_sms_storm.c
tests_test_sms_storm_CFLAGS = $(TEST_CFLAGS)
tests_test_sms_storm_LDADD = $(TEST_LIBS)

tests_test_sms_text_SOURCES = tests/test_sms_text.c
tests_test_sms_text_CFLAGS = $(TEST_CFLAGS)
tests_test_sms_text_LDADD = $(TEST_LIBS)

tests_test_text_plain_SOURCES = tests/test_text_plain.c
tests_test_text_plain_CFLAGS = $(TEST_CFLAGS)
tests_test_text_plain_LDADD = $(TEST_LIBS)

tests_test_text_shift_SOURCES = tests/test_text_shift.c
tests_test_text_shift_CFLAGS = $(TEST_CFLAGS)
tests_test_text_shift_LDADD = $(TEST_LIBS)
tests_test_charging_cgrates_SOURCES = tests/test_charging_cgrates.c
tests_test_charging_cgrates_CFLAGS = $(TEST_CFLAGS)
tests_test_charging_cgrates_LDADD = $(TEST_LIBS)

tests_test_charging_gate_SOURCES = tests/test_charging_gate.c
tests_test_charging_gate_CFLAGS = $(TEST_CFLAGS)
tests_test_charging_gate_LDADD = $(TEST_LIBS)

tests_test_charging_ledger_SOURCES = tests/test_charging_ledger.c
tests_test_charging_ledger_CFLAGS = $(TEST_CFLAGS)
tests_test_charging_ledger_LDADD = $(TEST_LIBS)

tests_test_charging_ucip_SOURCES = tests/test_charging_ucip.c
tests_test_charging_ucip_CFLAGS = $(TEST_CFLAGS)
tests_test_charging_ucip_LDADD = $(TEST_LIBS)

tests_test_http_client_SOURCES = tests/test_http_client.c
tests_test_http_client_CFLAGS = $(TEST_CFLAGS)
tests_test_http_client_LDADD = $(TEST_LIBS)
tests_test_beside_SOURCES = tests/test_beside.c
tests_test_beside_CFLAGS = $(TEST_CFLAGS)
tests_test_beside_LDADD = $(TEST_LIBS)

tests_test_digest_SOURCES = tests/test_digest.c
tests_test_digest_CFLAGS = $(TEST_CFLAGS)
tests_test_digest_LDADD = $(TEST_LIBS)

tests_test_xmlrpc_SOURCES = tests/test_xmlrpc.c
tests_test_xmlrpc_CFLAGS = $(TEST_CFLAGS)
tests_test_xmlrpc_LDADD = $(TEST_LIBS)

# Loaded in front of the daemon by tests/e2e; never with the sanitizers, which want to be first.
tests/shim_disk.so: tests/shim_disk.c
	$(AM_V_CC)$(MKDIR_P) tests && $(CC) -std=gnu11 $(WARN_CFLAGS) $(CFLAGS) -shared -fPIC -o $@ $(srcdir)/tests/shim_disk.c -ldl -pthread
tests/shim_kill.so: tests/shim_kill.c
	$(AM_V_CC)$(MKDIR_P) tests && $(CC) -std=gnu11 $(WARN_CFLAGS) $(CFLAGS) -shared -fPIC -o $@ $(srcdir)/tests/shim_kill.c -ldl -pthread
check-local: tests/shim_disk.so tests/shim_kill.so
EXTRA_DIST += tests/shim_disk.c tests/shim_kill.c build-aux/options-man.sh
CLEANFILES += tests/shim_disk.so tests/shim_kill.so

check_PROGRAMS += tests/charging_client
tests_charging_client_SOURCES = tests/charging_client.c
tests_charging_client_CFLAGS = $(TEST_CFLAGS)
tests_charging_client_LDADD = $(GATEWAY_LIBS)

check_PROGRAMS += tests/cli_helper
tests_cli_helper_SOURCES = tests/cli_helper.c
tests_cli_helper_CFLAGS = $(TEST_CFLAGS)
tests_cli_helper_LDADD = $(GATEWAY_LIBS)

HOUSE_TESTS = \
	tests/check_layers.sh \
	tests/test_completion.sh \
	tests/test_man.sh \
	tests/test_systemd.sh \
	tests/talks.sh \
	tests/test_cli.sh \
	tests/test_identity.sh \
	tests/test_import.sh \
	tests/test_mistakes.sh
dist_check_SCRIPTS += $(HOUSE_TESTS)

TESTS += $(UNIT_TESTS) $(HOUSE_TESTS)
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = $(BASH)
AM_TESTS_ENVIRONMENT = srcdir='$(abs_top_srcdir)'; builddir='$(abs_top_builddir)'; CC='$(CC)'; \
	CK_DEFAULT_TIMEOUT=60; export srcdir builddir CC CK_DEFAULT_TIMEOUT;

EXTRA_PROGRAMS += tests/fuzz/fuzz_book
tests_fuzz_fuzz_book_SOURCES = tests/fuzz/fuzz_book.c
tests_fuzz_fuzz_book_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_book_LDADD = libtests.a $(GATEWAY_LIBS) $(CHECK_LIBS)

EXTRA_PROGRAMS += tests/fuzz/fuzz_seal
tests_fuzz_fuzz_seal_SOURCES = tests/fuzz/fuzz_seal.c
tests_fuzz_fuzz_seal_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_seal_LDADD = $(GATEWAY_LIBS)

EXTRA_PROGRAMS += tests/fuzz/fuzz_codec
tests_fuzz_fuzz_codec_SOURCES = tests/fuzz/fuzz_codec.c
tests_fuzz_fuzz_codec_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_codec_LDADD = libtests.a $(GATEWAY_LIBS) $(CHECK_LIBS)

EXTRA_PROGRAMS += tests/fuzz/fuzz_pdu
tests_fuzz_fuzz_pdu_SOURCES = tests/fuzz/fuzz_pdu.c
tests_fuzz_fuzz_pdu_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_pdu_LDADD = libtests.a $(GATEWAY_LIBS) $(CHECK_LIBS)

EXTRA_PROGRAMS += tests/fuzz/fuzz_trace
tests_fuzz_fuzz_trace_SOURCES = tests/fuzz/fuzz_trace.c
tests_fuzz_fuzz_trace_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_trace_LDADD = libtools.a libsmsc.a $(GATEWAY_LIBS) $(PCAP_LIBS) -lm

EXTRA_PROGRAMS += tests/fuzz/fuzz_wire
tests_fuzz_fuzz_wire_SOURCES = tests/fuzz/fuzz_wire.c
tests_fuzz_fuzz_wire_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_wire_LDADD = libtests.a $(GATEWAY_LIBS) $(CHECK_LIBS)
EXTRA_PROGRAMS += tests/fuzz/fuzz_xmlrpc
tests_fuzz_fuzz_xmlrpc_SOURCES = tests/fuzz/fuzz_xmlrpc.c
tests_fuzz_fuzz_xmlrpc_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_xmlrpc_LDADD = $(GATEWAY_LIBS)
EXTRA_DIST += tests/fuzz/answer.xml tests/fuzz/xmlrpc.dict

EXTRA_PROGRAMS += tests/fuzz/fuzz_import
tests_fuzz_fuzz_import_SOURCES = tests/fuzz/fuzz_import.c
tests_fuzz_fuzz_import_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_import_LDADD = libtools.a libsmsc.a $(GATEWAY_LIBS) $(PCAP_LIBS) -lm
EXTRA_DIST += tests/fuzz/import.dict tests/fuzz/import/base.csv tests/fuzz/import/base.jsonl

EXTRA_PROGRAMS += tests/fuzz/make_seeds
tests_fuzz_make_seeds_SOURCES = tests/fuzz/make_seeds.c
tests_fuzz_make_seeds_LDADD = $(GATEWAY_LIBS)

EXTRA_DIST += \
	tests/limits/gift.conf \
	tests/limits/limits.conf \
	tests/limits/limits.talk \
	tests/limits/profile.conf \
	tests/traces/amidst.hex \
	tests/traces/broken-answers.hex \
	tests/traces/broken-bind.hex \
	tests/traces/broken-hex-decimal.hex \
	tests/traces/broken-late.hex \
	tests/traces/broken-letters.hex \
	tests/traces/broken-malformed.hex \
	tests/traces/broken-no-response.hex \
	tests/traces/broken-session-lost.hex \
	tests/traces/broken-sessions.hex \
	tests/traces/broken-sms.hex \
	tests/traces/broken-two-answers.hex \
	tests/traces/broken-wrong-op.hex \
	tests/traces/code-in-text.hex \
	tests/traces/comverse-pushed.hex \
	tests/traces/comverse.hex \
	tests/traces/huawei.hex \
	tests/traces/mica-text.hex \
	tests/traces/mica.hex \
	tests/traces/moving-session.hex \
	tests/traces/no-op.hex \
	tests/traces/nowsms-odd.hex \
	tests/traces/nowsms.hex \
	tests/traces/packed.hex \
	tests/traces/pair.hex \
	tests/traces/plain.hex \
	tests/traces/receipts.hex \
	tests/traces/sixdee-destination.hex \
	tests/traces/sixdee.hex \
	tests/traces/standard.hex \
	tests/traces/standard.pcapng \
	tests/traces/submit-first.hex \
	tests/traces/tata.hex \
	tests/traces/tata.pcap \
	tests/traces/vendor.hex \
	tests/bare.sh \
	tests/cli_rig.sh \
	tests/e2e/air.js \
	tests/bookworm.sh \
	tests/install.sh \
	tests/package.sh \
	tests/package_service.sh \
	tests/sandbox.pl \
	tests/cost.sh \
	tests/e2e/answers.sh \
	tests/e2e/alerts.test.js \
	tests/e2e/apps.test.js \
	tests/e2e/backup.sh \
	tests/e2e/buy.test.js \
	tests/e2e/capture.sh \
	tests/e2e/cgrates_server.js \
	tests/e2e/charging.test.js \
	tests/e2e/charging_dialogue.test.js \
	tests/e2e/charging_down.sh \
	tests/e2e/console.js \
	tests/e2e/console.test.js \
	tests/e2e/console_door.test.js \
	tests/e2e/control.test.js \
	tests/e2e/http.test.js \
	tests/e2e/http_fuzz.js \
	tests/e2e/sendsms.test.js \
	tests/e2e/compare.js \
	tests/e2e/console.js \
	tests/e2e/console.test.js \
	tests/e2e/console_door.test.js \
	tests/e2e/console_sessions.test.js \
	tests/e2e/control.test.js \
	tests/e2e/crash.js \
	tests/e2e/crash.sh \
	tests/e2e/crc_app.js \
	tests/e2e/dialects.test.js \
	tests/e2e/differential.js \
	tests/e2e/diskfull.sh \
	tests/e2e/door.js \
	tests/e2e/drain.js \
	tests/e2e/faults.sh \
	tests/e2e/http.test.js \
	tests/e2e/http_fuzz.js \
	tests/e2e/identity.test.js \
	tests/e2e/installed.js \
	tests/e2e/import.test.js \
	tests/e2e/inward.test.js \
	tests/e2e/join.test.js \
	tests/e2e/kill.sh \
	tests/e2e/privacy.sh \
	tests/e2e/knobs.test.js \
	tests/e2e/late.test.js \
	tests/e2e/limits.test.js \
	tests/e2e/relations.test.js \
	tests/e2e/link.test.js \
	tests/e2e/links.test.js \
	tests/e2e/load.sh \
	tests/e2e/longsms.sh \
	tests/e2e/metrics.test.js \
	tests/e2e/mydata.test.js \
	tests/e2e/netsmpp.pl \
	tests/e2e/prometheus.js \
	tests/prometheus/alerts.test.yml \
	tests/prometheus/silent.test.yml \
	tests/e2e/nosctp.c \
	tests/e2e/notices.test.js \
	tests/e2e/octets.js \
	tests/e2e/osmo.js \
	tests/e2e/package-lock.json \
	tests/e2e/package.json \
	tests/e2e/peers.test.js \
	tests/e2e/push.test.js \
	tests/e2e/record.test.js \
	tests/e2e/restore.test.js \
	tests/e2e/rig.js \
	tests/e2e/rig.sh \
	tests/e2e/retention.sh \
	tests/e2e/sendsms.test.js \
	tests/e2e/slowstore.sh \
	tests/e2e/sms.test.js \
	tests/e2e/tour.js \
	tests/e2e/tour.sh \
	tests/e2e/soak.js \
	tests/e2e/soak.sh \
	tests/e2e/terminal.test.js \
	tests/e2e/ucip_server.py \
	tests/e2e/view.test.js \
	tests/e2e/watch.js \
	tests/e2e/wire.test.js \
	tests/menus/join.conf \
	tests/fuzz/pdu.dict \
	tests/mistakes/live-rule15-renamed.conf \
	tests/mistakes/rule01-long.conf \
	tests/mistakes/rule02-curly.conf \
	tests/mistakes/rule03-round.conf \
	tests/mistakes/rule03-nobody.conf \
	tests/mistakes/rule03-nowhere.conf \
	tests/mistakes/rule03-purpose.conf \
	tests/mistakes/rule03-unknown.conf \
	tests/mistakes/rule04-missing.conf \
	tests/mistakes/po/sw.po \
	tests/mistakes/rule04-po.conf \
	tests/mistakes/rule04-same.conf \
	tests/mistakes/rule05-many.conf \
	tests/mistakes/rule06-clash.conf \
	tests/mistakes/rule07-alike.conf \
	tests/mistakes/rule08-beyond.conf \
	tests/mistakes/rule08-endless.conf \
	tests/mistakes/rule08-typing.conf \
	tests/mistakes/rule09-date.conf \
	tests/mistakes/rule10-standing.conf \
	tests/mistakes/rule10-unasked.conf \
	tests/mistakes/rule10-unseen.conf \
	tests/mistakes/rule11-session.conf \
	tests/mistakes/rule11-slow.conf \
	tests/mistakes/rule12-app.conf \
	tests/mistakes/rule12-untold.conf \
	tests/mistakes/rule13-purpose.conf \
	tests/mistakes/rule13-private.conf \
	tests/mistakes/rule13-invite.conf \
	tests/mistakes/rule13-marketing.conf \
	tests/mistakes/rule13-elsewhere.conf \
	tests/mistakes/rule13-unagreed.conf \
	tests/mistakes/rule13-vague.conf \
	tests/mistakes/rule14-country.conf \
	tests/mistakes/rule14-hidden.conf \
	tests/mistakes/rule14-yes.conf \
	tests/mistakes/rule15-renamed.conf
