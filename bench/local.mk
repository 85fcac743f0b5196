# SPDX-License-Identifier: GPL-3.0-or-later
# Measurements; ./dev bench builds and runs them.

EXTRA_PROGRAMS += bench/bench_store
bench_bench_store_SOURCES = bench/bench_store.c
bench_bench_store_LDADD = $(GATEWAY_LIBS) -lm
