# SPDX-License-Identifier: GPL-3.0-or-later
# The store port and SQLite behind it. The schema's .sql files are embedded as C text.

noinst_LIBRARIES += libstorage.a
libstorage_a_SOURCES = \
	storage/apply.c \
	storage/apply.h \
	storage/charges.c \
	storage/charges.h \
	storage/backup.c \
	storage/backup.h \
	storage/checkpoint.c \
	storage/checkpoint.h \
	storage/condition.c \
	storage/condition.h \
	storage/copy.c \
	storage/copy.h \
	storage/db.c \
	storage/db.h \
	storage/gives.c \
	storage/gives.h \
	storage/held.c \
	storage/held.h \
	storage/key.c \
	storage/key.h \
	storage/limits.c \
	storage/limits.h \
	storage/numbers.c \
	storage/numbers.h \
	storage/integrity.c \
	storage/integrity.h \
	storage/load.c \
	storage/load.h \
	storage/migrate.c \
	storage/migrate.h \
	storage/names.c \
	storage/owner.c \
	storage/owner.h \
	storage/outgoing.c \
	storage/outgoing.h \
	storage/parts.c \
	storage/parts.h \
	storage/query.c \
	storage/query.h \
	storage/query_counts.c \
	storage/query_limits.c \
	storage/query_limits.h \
	storage/query_charges.c \
	storage/query_charges.h \
	storage/query_private.h \
	storage/reader.c \
	storage/reader.h \
	storage/request.c \
	storage/request.h \
	storage/retention.c \
	storage/retention.h \
	storage/schema.h \
	storage/screens.c \
	storage/screens.h \
	storage/sql.c \
	storage/sql.h \
	storage/store.c \
	storage/store.h \
	storage/store_batch.c \
	storage/store_batch.h \
	storage/store_charges.c \
	storage/store_charges.h \
	storage/store_notices.c \
	storage/store_notices.h \
	storage/store_limits.c \
	storage/store_limits.h \
	storage/store_private.h \
	storage/tombstone.c \
	storage/tombstone.h \
	storage/writer.c \
	storage/writer.h
nodist_libstorage_a_SOURCES = storage/schema_sql.c
libstorage_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)

STORAGE_SCHEMA = \
	storage/schema/0001_initial.sql \
	storage/schema/0002_screen_counts.sql \
	storage/schema/0003_sms.sql \
	storage/schema/0004_outbox.sql \
	storage/schema/0005_limits.sql \
	storage/schema/0006_notices.sql
storage/schema_sql.c: $(STORAGE_SCHEMA) build-aux/embed-sql.sh
	$(AM_V_GEN)$(MKDIR_P) storage && cd $(srcdir) && $(SHELL) build-aux/embed-sql.sh $(abs_builddir)/$@ $(STORAGE_SCHEMA)
EXTRA_DIST += $(STORAGE_SCHEMA) build-aux/embed-sql.sh
CLEANFILES += storage/schema_sql.c
