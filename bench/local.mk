# SPDX-License-Identifier: GPL-3.0-or-later
# Measurements; ./dev bench builds and runs them.

EXTRA_PROGRAMS += bench/bench_store
bench_bench_store_SOURCES = bench/bench_store.c
bench_bench_store_LDADD = $(GATEWAY_LIBS) -lm

EXTRA_PROGRAMS += bench/bench_codec
bench_bench_codec_SOURCES = bench/bench_codec.c
bench_bench_codec_LDADD = $(GATEWAY_LIBS)

# It shares no code with the gateway: what it does not do is what it measures.
EXTRA_PROGRAMS += bench/null_esme
bench_null_esme_SOURCES = bench/null_esme.c

EXTRA_PROGRAMS += bench/many_open
bench_many_open_SOURCES = bench/many_open.c

EXTRA_PROGRAMS += bench/http_app
bench_http_app_SOURCES = bench/http_app.c

EXTRA_PROGRAMS += bench/sqlite_commits
bench_sqlite_commits_SOURCES = bench/sqlite_commits.c
bench_sqlite_commits_LDADD = $(SQLITE_LIBS)

EXTRA_PROGRAMS += bench/make_base
bench_make_base_SOURCES = bench/make_base.c
bench_make_base_LDADD = libcore.a $(SYSTEMD_LIBS) $(SODIUM_LIBS)

EXTRA_DIST += bench/menu.conf bench/offer.conf bench/app.conf bench/run bench/rows.sh bench/peers.sh bench/large.sh bench/table.awk bench/view \
	bench/import bench/beside bench/million bench/peers/kannel.conf bench/peers/node_esme.js bench/peers/package.json \
	bench/peers/package-lock.json
