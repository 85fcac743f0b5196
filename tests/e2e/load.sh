#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Thousands of registrations at concurrency 64 through one daemon: plain, with the connection reset every 2000
# PDUs (300 in a short run), and with 5 % of the answers throttled. Each time everybody is registered, everybody has exactly
# one grant, and neither side counted a protocol error (promises 2, 3 and 4).
#
#   N=20000   registrations in each run
#   RUNS      which: "plain drop throttle"
#   BUILD     where the programs are: ./build
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
N=${N:-20000}
RUNS=${RUNS:-plain drop throttle}
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

work=$(mktemp -d)
trap 'rig_sweep; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	echo "load: $1: $2" >&2
	tail -n 30 "$rig/load.err" "$rig/load.out" >&2 || true
	tail -n 30 "$rig/starhashd.log" >&2 || true
	exit 1
}

# expect RUN NAME WANTED GOT
expect()
{
	[ "$3" = "$4" ] || fail "$1" "$2 is ${4:-missing}, wanted $3"
}

run_load()
{
	local name=$1 key status=0 began=$SECONDS
	shift
	rig_new "$work/$name"
	rig_smsc load --load "$N" --concurrency 64 --script '*123#' "${join_answers[@]}" \
		--report-seen "$rig/seen" --json "$@"
	rig_config "$smsc_port"
	rig_start
	wait "$smsc_pid" || status=$?
	[ "$status" = 0 ] || fail "$name" "starhash-smsc ended with $status"
	expect "$name" 'protocol errors that the SMSC counted' 0 \
		"$(grep -oE '"protocol_errors":\{.*"total":[0-9]+\}' "$rig/load.out" | grep -oE '[0-9]+\}$' | tr -d '}')"
	"$build/starhash" -c "$rig_conf" status --json >"$rig/status" || fail "$name" "starhash status failed"
	for key in malformed unknown_id framing_lost nack_in nack_out; do
		expect "$name" "$key that the daemon counted" 0 "$(rig_number $key <"$rig/status")"
	done
	rig_end || fail "$name" "the daemon did not end in order"
	for key in subscribers registered granted; do
		expect "$name" "$key" "$N" "$(rig_stat $key)"
	done
	for key in pending rejected unknown; do
		expect "$name" "$key" 0 "$(rig_stat $key)"
	done
	expect "$name" 'ledger postings' "$N" "$(rig_stat ledger_postings)"
	expect "$name" 'subscribers in the seen file' "$N" "$(sort -u "$rig/seen" | wc -l | tr -d ' ')"
	echo "load: $name: $N registered and granted in $((SECONDS - began)) s"
	rm -rf "$rig"
}

for run in $RUNS; do
	case $run in
	plain) run_load plain ;;
	drop) run_load drop --drop-every "$((N < 20000 ? 300 : 2000))" ;;
	throttle) run_load throttle --throttle 5 ;;
	*) echo "load: no run \"$run\"" >&2; exit 2 ;;
	esac
done
