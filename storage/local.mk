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
	storage/condition.c \
	storage/condition.h \
	storage/copy.c \
	storage/copy.h \
	storage/db.c \
	storage/db.h \
	storage/integrity.c \
	storage/integrity.h \
	storage/load.c \
	storage/load.h \
	storage/migrate.c \
	storage/migrate.h \
	storage/names.c \
	storage/owner.c \
	storage/owner.h \
	storage/parts.c \
	storage/parts.h \
	storage/query.c \
	storage/query.h \
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
	storage/store_private.h \
	storage/writer.c \
	storage/writer.h
nodist_libstorage_a_SOURCES = storage/schema_sql.c
libstorage_a_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)

STORAGE_SCHEMA = \
	storage/schema/0001_initial.sql \
	storage/schema/0002_screen_counts.sql \
	storage/schema/0003_sms.sql \
	storage/schema/0004_outbox.sql
storage/schema_sql.c: $(STORAGE_SCHEMA) build-aux/embed-sql.sh
	$(AM_V_GEN)$(MKDIR_P) storage && cd $(srcdir) && $(SHELL) build-aux/embed-sql.sh $(abs_builddir)/$@ $(STORAGE_SCHEMA)
EXTRA_DIST += $(STORAGE_SCHEMA) build-aux/embed-sql.sh
CLEANFILES += storage/schema_sql.c
