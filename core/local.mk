# SPDX-License-Identifier: GPL-3.0-or-later
# Leaf modules: they know nothing of the daemon.

noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	core/buf.c \
	core/buf.h \
	core/clock.c \
	core/clock.h \
	core/digest.c \
	core/digest.h \
	core/duration.c \
	core/dump.h \
	core/duration.h \
	core/findings.c \
	core/findings.h \
	core/histogram.c \
	core/histogram.h \
	core/log.c \
	core/log.h \
	core/msisdn.c \
	core/msisdn.h \
	core/nearest.c \
	core/nearest.h \
	core/profile.c \
	core/profile.h \
	core/profile_value.c \
	core/rc.c \
	core/rc.h \
	core/record.c \
	core/record.h \
	core/refusal.c \
	core/refusal.h \
	core/region.c \
	core/region.h \
	core/seal.c \
	core/seal.h \
	core/slab.c \
	core/slab.h \
	core/text.c \
	core/text.h \
	core/text_pack.c \
	core/text_pack.h \
	core/text_plain.c \
	core/text_plain.h \
	core/text_run.c \
	core/text_run.h \
	core/text_shift.c \
	core/text_shift.h
libcore_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS) $(SODIUM_CFLAGS)
