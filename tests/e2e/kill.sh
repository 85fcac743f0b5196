#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 of the daemon under load, five times, at moments that SEED chooses: whoever saw "is yours" on the
# screen is registered afterwards with exactly one grant, and the ledger has one posting for each (promises 1, 2).
#
#   N=20000   registrations, begun over about six seconds
#   KILLS=5
#   POWERLOSS=1   after each kill the store is what a disk holds after power was lost: whatever was not synced is gone,
#             but for a random part (EARLY=30 percent of the sectors) that the disk had written already
#   LIES=1    and most of its syncs keep nothing: the run must fail, or POWERLOSS=1 proves nothing
#   SEED      of the moments; printed, so that a failure can be played again
#   BUILD     where the programs are: ./build
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
N=${N:-20000}
KILLS=${KILLS:-5}
POWERLOSS=${POWERLOSS:-}
SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$((SEED % 32768))
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

work=$(mktemp -d)
trap 'rig_sweep; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	echo "kill: $1 (SEED=$SEED)" >&2
	tail -n 30 "$rig/load.err" "$rig/load.out" >&2 || true
	tail -n 30 "$rig/starhashd.log" >&2 || true
	exit 1
}

seen_at_least() { [ "$(wc -l <"$rig/seen")" -ge "$1" ]; }

rig_new "$work/kill"
: >"$rig/seen"
rig_smsc load --load "$N" --concurrency 64 --rate "$((N / 6 + 1))" --script '*123#' "${join_answers[@]}" \
	--report-seen "$rig/seen" --json
rig_config "$smsc_port"
if [ -n "$POWERLOSS" ]; then
	[ -f "$build/tests/shim_disk.so" ] || make -C "$build" tests/shim_disk.so >/dev/null
	rig_disk SHIM_DISK_EARLY="${EARLY:-30}" SHIM_DISK_SEED="$SEED" ${LIES:+SHIM_DISK_LIES=1}
fi
rig_start

# Each kill comes at some point of its own share of the load, and never before the daemon got anywhere since the last.
share=$((N / (KILLS + 1)))
at=0
for ((i = 1; i <= KILLS; i++)); do
	next=$((share * (i - 1) + 1 + RANDOM % share))
	now=$(wc -l <"$rig/seen")
	at=$((next > now ? next : now + 1))
	rig_until 300 "$smsc_pid" seen_at_least "$at" || fail "the load ended or stood still before kill $i at $at"
	kill -0 "$daemon_pid" 2>/dev/null || fail "the daemon was gone before kill $i"
	rig_kill
	[ -z "$POWERLOSS" ] || rig_powerloss
	rig_start
done

status=0
wait "$smsc_pid" || status=$?
[ "$status" = 0 ] || fail "starhash-smsc ended with $status"
rig_end || fail "the daemon did not end in order"
[ -z "$POWERLOSS" ] || rig_powerloss # an end in order is durable too

"$build/starhash" -c "$rig_conf" export >"$rig/export" || fail "export failed"
node "$root/tests/e2e/compare.js" "$rig/seen" "$rig/export" || fail "somebody was told what is not so"
granted=$(rig_stat granted)
postings=$(rig_stat ledger_postings)
[ "$granted" = "$postings" ] || fail "$granted grants but $postings postings"
[ "$granted" = "$N" ] || fail "$granted grants for $N subscribers"
"$build/starhash" -c "$rig_conf" key --check >"$rig/key.out" || fail "keys were lost: $(cat "$rig/key.out")"
how=kills
[ -z "$POWERLOSS" ] || how="losses of power"
echo "kill: $KILLS $how in $N registrations, everybody who saw the bonus has it once (SEED=$SEED)"
