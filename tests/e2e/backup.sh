#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Backups under load, and one of them restored: whoever saw "is yours" before the backup began is in it, registered and
# granted once; grants equal postings; a restore is refused while the daemon runs, keeps the old store, and the daemon
# serves from what was restored (promises 1 and 2).
#
#   N=4000    registrations
#   BUILD     where the programs are: ./build
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
N=${N:-4000}
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

work=$(mktemp -d)
trap 'rig_sweep; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	echo "backup: $1" >&2
	tail -n 5 "$rig/load.err" "$rig/load.out" "$work"/*.out >&2 || true
	tail -n 20 "$rig/starhashd.log" >&2 || true
	exit 1
}

expect() { [ "$2" = "$3" ] || fail "$1 is ${3:-missing}, wanted $2"; }
starhash() { "$build/starhash" -c "$rig_conf" "$@"; }
refuses() { ! starhash "$@" >"$work/refused.out" 2>&1; }
seen_at_least() { [ "$(wc -l <"$rig/seen")" -ge "$1" ]; }

rig_new "$work/backup"
: >"$rig/seen"
rig_smsc load --load "$N" --concurrency 64 --rate "$((N / 8 + 1))" --script '*123#' "${join_answers[@]}" \
	--report-seen "$rig/seen" --json
rig_config "$smsc_port"
rig_start

taken=0
for share in 20 50 80; do
	rig_until 60 "$smsc_pid" seen_at_least "$((N * share / 100))" || fail "the load ended before the backup"
	cp "$rig/seen" "$work/seen.$share"
	starhash backup "$work/$share.db" --json >"$work/$share.out" 2>&1 || fail "the backup at $share % failed"
	expect "mode of the backup at $share %" 600 "$(stat -c %a "$work/$share.db")"
	expect "postings in the backup at $share %" "$(rig_number granted <"$work/$share.out")" \
		"$(rig_number ledger_postings <"$work/$share.out")"
	expect "registered in the backup at $share %" "$(rig_number granted <"$work/$share.out")" \
		"$(rig_number registered <"$work/$share.out")"
	kill -0 "$smsc_pid" 2>/dev/null && taken=$((taken + 1))
done
[ "$taken" -ge 2 ] || fail "only $taken backups ended before the load did: none was under load"
refuses backup "$work/50.db" || fail "an existing file was overwritten without --force"
refuses restore "$work/50.db" || fail "a restore beside a running daemon was not refused"

status=0
wait "$smsc_pid" || status=$?
[ "$status" = 0 ] || fail "starhash-smsc ended with $status"
starhash status --json >"$work/status" || fail "no status"
expect 'failed writes of the daemon' 0 "$(rig_number failed_writes <"$work/status")"
rig_end || fail "the daemon did not end in order"
expect 'granted before the restore' "$N" "$(rig_stat granted)"

for share in 20 50 80; do
	granted=$(rig_number granted <"$work/$share.out")
	starhash restore "$work/$share.db" >"$work/restore.out" 2>&1 || fail "restore at $share % failed"
	expect "granted after the restore at $share %" "$granted" "$(rig_stat granted)"
	expect "postings after the restore at $share %" "$granted" "$(rig_stat ledger_postings)"
	expect "registered after the restore at $share %" "$granted" "$(rig_stat registered)"
	starhash export >"$rig/export" || fail "export failed"
	node "$root/tests/e2e/compare.js" "$work/seen.$share" "$rig/export" || fail "the backup at $share % lacks somebody"
	echo "backup: at $share %: $(wc -l <"$work/seen.$share") had seen the bonus, the backup has $granted"
done
expect 'stores that were kept aside' 3 "$(find "$rig" -name 'starhash.db.before-*' | wc -l | tr -d ' ')"

# A damaged backup changes nothing.
size=$(stat -c %s "$work/50.db")
cp "$work/50.db" "$work/damaged.db"
head -c 20000 /dev/urandom | dd of="$work/damaged.db" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
refuses restore "$work/damaged.db" || fail "a damaged backup was restored"
grep -qE 'damaged|malformed' "$work/refused.out" || fail "the refusal does not say that it is damaged"
head -c $((size / 3)) "$work/50.db" >"$work/short.db"
refuses restore "$work/short.db" || fail "a cut backup was restored"
expect 'granted after refused restores' "$granted" "$(rig_stat granted)"

# And the daemon serves from it: everybody dials again, and nobody is given a second bonus.
rm -f "$rig/load.port"
rig_smsc load --load "$N" --concurrency 64 --script '*123#' "${join_answers[@]}" --report-seen "$rig/seen" --json
rig_config "$smsc_port"
rig_start
status=0
wait "$smsc_pid" || status=$?
[ "$status" = 0 ] || fail "starhash-smsc ended with $status after the restore"
rig_end || fail "the daemon did not end in order after the restore"
expect 'granted in the end' "$N" "$(rig_stat granted)"
expect 'postings in the end' "$N" "$(rig_stat ledger_postings)"
echo "backup: 3 backups under a load of $N, each restored whole; damaged and cut ones refused; served on from the last"
