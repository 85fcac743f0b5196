#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A store that needs SYNC_MS for every sync, and more subscribers than it can keep: the table of dialogues fills, new ones are
# turned away with a screen, those in progress go on, and memory stays flat (promises 6 and 10).
#
#   N=96000       subscribers, begun at RATE=1000 a second: an ended dialogue is kept for 60 s (docs/adr/0006), so memory
#                 is compared after 65 s
#   SYNC_MS=400   of every fsync
#   BUILD         where the programs are: ./build
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
N=${N:-96000}
RATE=${RATE:-1000}
SYNC_MS=${SYNC_MS:-400}
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

work=$(mktemp -d)
trap 'rig_sweep; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	echo "slowstore: $1" >&2
	tail -n 5 "$rig/load.err" "$rig/load.out" >&2 || true
	tail -n 20 "$rig/starhashd.log" >&2 || true
	exit 1
}

expect() { [ "$2" = "$3" ] || fail "$1 is ${3:-missing}, wanted $2"; }
db_kib() { du -k --apparent-size "$rig/starhash.db" 2>/dev/null | cut -f1; }
rss_kib() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$daemon_pid/status"; }

rig_new "$work/slow"
: >"$rig/seen"
rig_smsc load --load "$N" --concurrency 100000 --rate "$RATE" --script '*123#' "${join_answers[@]}" \
	--redials 0 --report-seen "$rig/seen" --json
rig_config "$smsc_port"
echo 'ussd = { dialogues = 1000; };' >>"$rig_conf"
[ -f "$build/tests/shim_disk.so" ] || make -C "$build" tests/shim_disk.so >/dev/null
rig_env=(LD_PRELOAD="$build/tests/shim_disk.so" SHIM_DISK_SYNC_MS="$SYNC_MS")
rig_start

# Sampled while the load lasts.
SECONDS=0
: >"$work/rss"
while kill -0 "$smsc_pid" 2>/dev/null; do
	kill -0 "$daemon_pid" 2>/dev/null || fail "the daemon is gone"
	echo "$SECONDS $(rss_kib) $(db_kib)" >>"$work/rss"
	sleep 0.2
done
[ "$SECONDS" -ge 90 ] || fail "the load ended after $SECONDS s, before memory could be compared: raise N"
# most FROM TO [COLUMN]: of memory, or of the size of the database.
most() { awk -v from="$1" -v to="$2" -v c="${3:-2}" '$1 >= from && $1 < to && $c > most { most = $c } END { print most + 0 }' "$work/rss"; }
early=$(most 10 20)
before=$(most 65 78)
after=$(most 82 1000)
# What the database grew by may be in the page caches of writer and reader, until these are full (32 MiB each).
filled() { local kib; kib=$(most "$1" "$2" 3); echo $((2 * (kib < 32768 ? kib : 32768))); }
grown=$(($(filled 82 1000) - $(filled 65 78)))

"$build/starhash" -c "$rig_conf" status --json >"$work/status" || fail "no status"
number() { rig_number "$1" <"$work/status"; }
rig_end || fail "the daemon did not end in order"
granted=$(rig_stat granted)
expect 'ledger postings' "$granted" "$(rig_stat ledger_postings)"
"$build/starhash" -c "$rig_conf" export >"$rig/export" || fail "export failed"
node "$root/tests/e2e/compare.js" "$rig/seen" "$rig/export" || fail "somebody was told what is not so"
echo "slowstore: sync ${SYNC_MS} ms: begun $(number begun), shed $(number shed), apologies $(number apologies)," \
	"granted $granted; store queue at most $(number queue_peak), commit $(number commit_us_max) us;" \
	"RSS at most $early KiB at 10 s, $before KiB at 65 to 78 s, $after KiB from 82 s on ($grown KiB of it page cache at most)"
[ "$(number shed)" -gt 0 ] || fail "nobody was turned away: the store was not slow enough"
[ "$granted" -gt 0 ] || fail "nobody was served"
[ "$(number queue_peak)" -le 4000 ] || fail "the queue of the store is not bounded by the dialogues"
[ "$after" -le $((before + before / 20 + 1024 + grown)) ] || fail "memory grows, and not by the $grown KiB of page cache"
expect 'protocol errors' 0 \
	"$(grep -oE '"protocol_errors":\{.*"total":[0-9]+\}' "$rig/load.out" | grep -oE '[0-9]+\}$' | tr -d '}')"
