#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A large store from which a great deal goes while people dial: dialogues are answered as if nothing went on (promise 6), and
# afterwards what was to go is gone, and counted. Every other one of the base has told something long ago; `keep` of two
# fields is a year. The same load runs before, over the same store with nothing to forget, to compare with.
#
#   N=1000000     subscribers in the store, of whom half have told something
#   DIALS=3000    registrations in each of the two loads, begun at RATE=100 a second
#   P99_MS=1000   no more than this for 99 of 100 answers while a pass runs; ussd.answer_within is 2500 ms
#   WORK          folder for the store (a temporary one)
#   BUILD         where the programs are: ./build
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
N=${N:-1000000}
DIALS=${DIALS:-3000}
RATE=${RATE:-100}
P99_MS=${P99_MS:-1000}
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

work=$(mktemp -d -p "${WORK:-${TMPDIR:-/tmp}}")
trap 'rig_sweep; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	echo "retention: $1" >&2
	tail -n 10 "$rig/load.err" "$rig/load.out" >&2 || true
	tail -n 20 "$rig/starhashd.log" >&2 || true
	exit 1
}

expect() { [ "$2" = "$3" ] || fail "$1 is ${3:-missing}, wanted $2"; }
starhash() { "$build/starhash" -c "$rig_conf" "$@"; }
# of_value NAME KEY: a number of `starhash retention` about a field; the report is on stdin.
of_value() { tr -d '[:space:]' | grep -oE "\"what\":\"$1\"[^}]*" | grep -oE "\"$2\":[0-9]+" | head -n 1 | cut -d: -f2; }
retired() { starhash status --json | rig_number retired || true; }

# load NAME FIRST: DIALS registrations from that number on, beside the daemon that is started here; $p50 and $p99 in us.
load()
{
	local status=0 lost
	rig_smsc load --load "$DIALS" --concurrency 100000 --rate "$RATE" --first-msisdn "$2" --script '*123#' \
		"${join_answers[@]}" --report-seen "$rig/seen" --json
	rig_config "$smsc_port"
	echo "$retention" >>"$rig_conf"
	rig_start
	wait "$smsc_pid" || status=$?
	[ "$status" = 0 ] || fail "$1: starhash-smsc ended with $status"
	p99=$(tr -d '[:space:]' <"$rig/load.out" | grep -oE '"p99":[0-9.]+' | head -n 1 | cut -d: -f2)
	p50=$(tr -d '[:space:]' <"$rig/load.out" | grep -oE '"p50":[0-9.]+' | head -n 1 | cut -d: -f2)
	[ -n "$p99" ] || fail "$1: the report has no p99"
	lost=$(tr -d '[:space:]' <"$rig/load.out" | grep -oE '"failed":\{[^}]*"total":[0-9]+' | grep -oE '[0-9]+$')
	expect "$1: dialogues that failed" 0 "${lost:-missing}"
}

[ -x "$build/bench/make_base" ] || make -C "$build" bench/make_base >/dev/null
rig_new "$work/rig"
rig_config 1
"$build/bench/make_base" "$N" >"$work/base.csv"
SECONDS=0
starhash import "$work/base.csv" --role privacy --reason 'a large store' >"$rig/load.out" 2>"$rig/load.err" ||
	fail 'the base cannot be imported'
rm "$work/base.csv"
echo "retention: $N subscribers imported in $SECONDS s"

retention=
load 'nothing to forget' 254100000000
echo "retention: nothing to forget: p50 $p50 us, p99 $p99 us of answers, $DIALS registrations at $RATE a second"
# A pass that is broken off goes on where it was, and what it has looked at is looked at again ten minutes later.
has_ended() { starhash retention --json | tr -d '[:space:]' | grep -q '"ended":"'; }
rig_until 1800 "$daemon_pid" has_ended || fail 'the pass that finds nothing did not end'
rig_end || fail 'the daemon did not end in order'

# town is required: who loses it is registered no more. A year is over for all of the base, and for nobody of today.
sed -i 's/{ field = "town";/{ field = "town"; keep = "365d";/; s/{ field = "role";/{ field = "role"; keep = "365d";/' \
	"$rig/profile.conf"
would=$(starhash retention --dry-run --json | of_value town would_go)
expect 'values of town that would go' "$((N / 2))" "$would"

load 'a pass runs' 254200000000
went=$(retired)
echo "retention: while a pass runs: p50 $p50 us, p99 $p99 us; it let ${went:-0} values go meanwhile"
[ "${went:-0}" -gt 0 ] || fail 'no pass ran while people dialled: raise N'
[ "${went:-0}" -lt "$N" ] || fail 'the pass was over before the load: raise N, or lower DIALS'
awk -v p99="$p99" -v most="$P99_MS" 'BEGIN { exit !(p99 <= 1000 * most) }' || fail "p99 is $p99 us, over $P99_MS ms"

is_over() { [ "$(retired)" = "$((N / 2 * 2))" ] && has_ended; }
rig_until 1800 "$daemon_pid" is_over || fail "the pass did not end: $(retired) went"
starhash retention --json >"$rig/report"
expect 'values of town that went' "$((N / 2))" "$(of_value town total <"$rig/report")"
expect 'values of role that went' "$((N / 2))" "$(of_value role total <"$rig/report")"
expect 'registered: those of today' "$((2 * DIALS))" "$(rig_stat registered)"
expect 'what would go now' 0 "$(starhash retention --dry-run --json | of_value town would_go)"

# One of those of today is erased beside the daemon: what is destroyed and what stays is said, before and after.
gone=$(tail -n 1 "$rig/seen")
status=0
starhash erase "$gone" --json >"$rig/would" || status=$?
expect 'exit code of erase without --yes' 2 "$status"
grep -q '"erased": false' "$rig/would" || fail 'erase without --yes says that it did something'
expect 'registered, when nothing was erased' "$((2 * DIALS))" "$(rig_stat registered)"
starhash erase "$gone" --yes --reason 'asked at the desk' --json >"$rig/erased" || fail 'nobody was erased'
for word in '"erased": true' '"key": "destroyed"' '"name"' '"what": "consents"' '"what": "grants"' '"what": "tombstones"'; do
	grep -q -- "$word" "$rig/erased" || fail "erase --json says nothing of $word"
done
grep -qE 'Amina|Nairobi' "$rig/erased" && fail 'erase prints a value'
expect 'registered, when one was erased' "$((2 * DIALS - 1))" "$(rig_stat registered)"
starhash audit verify >/dev/null || fail 'the audit is not whole'
rig_end || fail 'the daemon did not end in order'
echo "retention: $((N / 2 * 2)) values went; $(starhash retention | sed -n '/slices/s/^ *//p')"
