#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a step and a registration cost in instructions of the daemon, its threads and libraries included: a number that a busy
# machine does not change. callgrind counts them in a short run and in a longer one of the same script; the difference is what the
# dialogues cost, without what starting and ending cost. Fails when one is more than 10 % over the number in
# docs/performance.md; says so when it is as much under it, so that the number there follows.
#
#   BUILD   where the programs are: ./build. The known numbers are of a build with --enable-lto
#   SHORT=100 LONG=400   dialogues in the two runs
#   KEEP=DIR             keep callgrind's files there, for callgrind_annotate
#
# Instructions are those of this machine's C library, which chooses its functions by processor: on another kind of machine the
# number may differ by some percent.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
build=${BUILD:-$root/build}
SHORT=${SHORT:-100}
LONG=${LONG:-400}
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

grep -q -- --enable-lto "$build/config.status" 2>/dev/null ||
	echo "cost: $build is built without --enable-lto, and the known numbers with it: a step takes 10 % more" >&2
command -v valgrind >/dev/null || { echo "cost: valgrind is missing: not run"; exit 77; }
work=$(mktemp -d)
trap 'rig_sweep; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

walk="*124#$(printf ',1,2,3%.0s' {1..19}),5" # 59 screens of bench/menu.conf
walk_screens=59

fail()
{
	echo "cost: $*" >&2
	[ -z "$rig" ] || tail -n 20 "$rig"/*.err "$rig"/starhashd.log >&2 2>/dev/null || true
	exit 1
}

# count NAME DIALOGUES ARG...: sets $refs, the instructions of a whole run.
count()
{
	local name=$1 n=$2 status=0
	shift 2
	rig_new "$work/$name"
	cp "$root/bench/menu.conf" "$rig/menus/"
	rig_smsc load --load "$n" --concurrency 16 --json "$@"
	rig_config "$smsc_port"
	sed -i 's|services = .*|services = [ "menus/join.conf", "menus/menu.conf" ];|' "$rig_conf"
	valgrind --tool=callgrind --callgrind-out-file="${KEEP:-$rig}/callgrind.$name.$n" "$build/starhashd" -c "$rig_conf" \
		>"$rig/starhashd.log" 2>&1 </dev/null &
	daemon_pid=$!
	rig_pids+=("$daemon_pid")
	wait "$smsc_pid" || status=$?
	[ "$status" = 0 ] || fail "$name: starhash-smsc ended with $status"
	rig_end || fail "$name: the daemon did not end in order"
	refs=$(grep -a 'refs:' "$rig/starhashd.log" | tr -d ', ' | grep -oE '[0-9]+$') || fail "$name: callgrind counted nothing"
	rm -rf "$rig"
}

# each NAME PARTS ARG...: sets $cost, the instructions of one dialogue divided by its PARTS.
each()
{
	local name=$1 parts=$2 few
	shift 2
	count "$name" "$SHORT" "$@"
	few=$refs
	count "$name" "$LONG" "$@"
	cost=$(((refs - few) / (LONG - SHORT) / parts))
}

status=0
# judge WHAT: $cost against the row "| instructions per WHAT | N |".
judge()
{
	local known
	known=$(grep -E "^\| instructions per $1 \|" "$root/docs/performance.md" | cut -d'|' -f3 | tr -d ' ,')
	[ -n "$known" ] || fail "docs/performance.md has no row \"instructions per $1\""
	echo "instructions per $1: $cost, $((cost * 100 / known)) % of the $known in docs/performance.md"
	if [ "$cost" -gt $((known * 110 / 100)) ]; then
		echo "cost: a $1 costs over 10 % more than it did: find out why (KEEP=DIR, callgrind_annotate)" >&2
		status=1
	elif [ "$cost" -lt $((known * 90 / 100)) ]; then
		echo "cost: a $1 costs less than it did: write the new number into docs/performance.md"
	fi
}

each step "$walk_screens" --script "$walk" --success Bye.
judge step
each registration 1 --script '*123#' "${join_answers[@]}"
judge registration
exit "$status"
