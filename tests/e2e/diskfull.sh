#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The disk of the store fills up in the middle of N registrations and is freed again: whoever was apologised to dials again
# and is registered, everybody is granted exactly once, nothing is half stored, and the log has one line for each
# change of state (promises 1, 2 and 10). The small disk is a tmpfs in a mount namespace of this script.
#
#   N=1000    registrations
#   BUILD     where the programs are: ./build
#
# Exit code 77 and "NOT RUN" where no such disk can be had.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
N=${N:-1000}

if [ "${1:-}" != inside ]; then
	for how in -m -rm; do
		# shellcheck disable=SC2016  # expanded by the inner shell
		if unshare $how sh -c 'mkdir -p "$1" && mount -t tmpfs -o size=64k none "$1"' sh "${TMPDIR:-/tmp}" 2>/dev/null; then
			exec unshare $how bash "$0" inside
		fi
	done
	echo "diskfull: NOT RUN: no small file system can be mounted here (it takes root, or user namespaces)" >&2
	exit 77
fi

# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

work=$(mktemp -d)
trap 'rig_sweep; umount "$work/disk" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	echo "diskfull: $1" >&2
	tail -n 5 "$rig/load.err" "$rig/load.out" >&2 || true
	tail -n 30 "$rig/starhashd.log" >&2 || true
	exit 1
}

expect() { [ "$2" = "$3" ] || fail "$1 is ${3:-missing}, wanted $2"; }
seen_at_least() { [ "$(wc -l <"$rig/seen")" -ge "$1" ]; }
logged() { grep -c "area=store event=$1" "$rig/starhashd.log" || true; }
has_logged() { [ "$(logged "$1")" -ge 1 ]; }

mkdir "$work/disk"
mount -t tmpfs -o size=64m none "$work/disk"
notices() { "$build/starhash" -c "$rig_conf" stats --json | tr -d '[:space:]' | grep -o '"notices":{[^}]*}'; }
every_sms_is_settled() { notices | grep -q '"pending":0,'; }

rig_new "$work/full"
: >"$rig/seen"
# Whoever is apologised to dials again until all is well.
rig_smsc load --load "$N" --concurrency 32 --rate "$((N / 8 + 1))" --script '*123#' "${join_answers[@]}" \
	--retry 'again' --retry 'sorry' --retry 'Sorry' --redials 200 --redial-after 300ms \
	--report-seen "$rig/seen" --json
rig_config "$smsc_port"
sed -i "s|sqlite = \"starhash.db\"|sqlite = \"$work/disk/starhash.db\"|" "$rig_conf"
rig_start

rig_until 60 "$smsc_pid" seen_at_least "$((N / 4))" || fail "the load ended before the disk was full"
dd if=/dev/zero of="$work/disk/ballast" bs=64k 2>/dev/null || true # until it is full
rig_until 60 "$daemon_pid" has_logged failing || fail "the store never failed: the disk was not full"
stored=$(rig_stat granted)
seen_then=$(wc -l <"$rig/seen")
postings=$(rig_stat ledger_postings)
expect 'ledger postings while the disk is full' "$stored" "$postings"
sleep 1 # some more dial into a full disk: there is no event to wait for, as nothing happens to them
still=$(rig_stat granted)
rm "$work/disk/ballast"
rig_until 30 "$daemon_pid" has_logged working || fail "the store did not recover by itself"

status=0
wait "$smsc_pid" || status=$?
[ "$status" = 0 ] || fail "starhash-smsc ended with $status: somebody was not served in the end"
rig_until 30 "$daemon_pid" every_sms_is_settled || fail "SMS are not settled: $(notices)"
rig_end || fail "the daemon did not end in order"

# What became of the SMS while nothing could be written was reported afterwards: none is in doubt, none is left.
expect 'SMS' "\"notices\":{\"pending\":0,\"sent\":$N,\"rejected\":0,\"unknown\":0}" "$(notices)"
for key in subscribers registered granted ledger_postings; do
	expect "$key" "$N" "$(rig_stat $key)"
done
"$build/starhash" -c "$rig_conf" export >"$rig/export" || fail "export failed"
node "$root/tests/e2e/compare.js" "$rig/seen" "$rig/export" || fail "somebody was told what is not so"
"$build/starhash" -c "$rig_conf" backup "$work/check.db" >/dev/null || fail "the store is not sound"
expect 'lines event=failing' "$(logged working)" "$(logged failing)"
[ "$(logged failing)" -le 3 ] || fail "$(logged failing) lines event=failing: more than state changes"
grep -E 'area=store event=(failing|working)' "$rig/starhashd.log"
redials=$(rig_number redials <"$rig/load.out")
[ "$redials" -gt 0 ] || fail "nobody met the full disk"
echo "diskfull: full at $seen_then of $N (granted then $stored, and a second later $still); $redials dialled again;" \
	"all $N are registered and granted once"
