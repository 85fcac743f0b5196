# SPDX-License-Identifier: GPL-3.0-or-later
# The manual and the decisions.

dist_man_MANS = \
	docs/man/starhash-dialects.5 \
	docs/man/starhash-menu.5 \
	docs/man/starhash-profile.5 \
	docs/man/starhash-smsc.1 \
	docs/man/starhash-talk.5 \
	docs/man/starhash.conf.5 \
	docs/man/starhash.1 \
	docs/man/starhashd.8
dist_doc_DATA = \
	README.md \
	docs/alerts.md \
	docs/architecture.md \
	docs/capacity.md \
	docs/charging.md \
	docs/configuration.md \
	docs/connect.md \
	docs/console.md \
	docs/dialects.md \
	docs/doctor.md \
	docs/import.md \
	docs/limits.md \
	docs/install.md \
	docs/menus.md \
	docs/metrics.md \
	docs/operate.md \
	docs/performance.md \
	docs/privacy.md \
	docs/profile.md \
	docs/relations.md \
	docs/sms.md \
	docs/statuses.md \
	docs/talks.md \
	docs/testing.md \
	docs/tuning.md \
	docs/upgrade.md
EXTRA_DIST += \
	docs/adr/0001-dependencies.md \
	docs/adr/0002-libsmpp34-behind-a-guard.md \
	docs/adr/0003-sqlite-group-commit.md \
	docs/adr/0004-conditions-are-sql.md \
	docs/adr/0005-link-accounting.md \
	docs/adr/0006-what-is-a-duplicate.md \
	docs/adr/0007-answers-are-gathered.md \
	docs/adr/0008-apps-over-http.md \
	docs/adr/0009-parts-are-acknowledged-at-once.md \
	docs/adr/0010-receipts-meet-in-the-store.md \
	docs/adr/0011-pairs-and-standbys.md \
	docs/adr/0012-tls-on-links.md \
	docs/adr/0013-push-and-late-results.md \
	docs/adr/0014-overload.md \
	docs/adr/0015-charging-port.md \
	docs/adr/0016-outbox.md \
	docs/adr/0017-backups-damage-retention.md \
	docs/adr/0018-limits-and-tombstones.md \
	docs/adr/0019-purchases-and-refusals.md \
	docs/adr/0020-notices.md \
	docs/adr/0021-a-closed-service.md \
	docs/adr/0022-the-package.md \
	docs/adr/0023-metrics.md \
	docs/adr/0024-codec-of-the-hot-path.md \
	docs/adr/0025-keys-and-sealing.md \
	docs/adr/0026-profile-and-consent.md \
	docs/adr/0027-relations.md \
	docs/adr/0028-audit-and-roles.md \
	docs/adr/0029-import-by-the-same-door.md \
	docs/adr/0030-console.md \
	docs/adr/0031-sendsms.md \
	docs/adr/0032-http-server.md \
	docs/adr/0033-a-million-dialogues.md

docimagesdir = $(docdir)/images
dist_docimages_DATA = \
	docs/images/console-decisions.png \
	docs/images/console-down.png \
	docs/images/console-live.png \
	docs/images/console-menus.png \
	docs/images/console-narrow.png \
	docs/images/console-phone.png \
	docs/images/console-subscriber.png \
	docs/images/phone-terminal.png
