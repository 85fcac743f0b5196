#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Long SMS through the real daemon: texts of 1 to 10 parts, by 8-bit and 16-bit references, SAR TLVs or as a payload, in two
# alphabets, all parts of all texts under way in one random order, some twice, some never. Each whole text reaches an app
# behind the menu, which answers with its CRC-32 and length; the simulator, which shares no code with either, holds that
# against what it sent. What lacked a part must not be answered, and is forgotten in the end: the daemon's counters return to
# zero and its memory to what it was (promise 6).
#
#   N=100000   texts
#   BUILD      where the programs are: ./build
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
N=${N:-100000}
PEOPLE=$((N < 20000 ? 200 : 2000)) # who write them in turn
# Before the memory is looked at first, what is bounded has to be full: the memory of what was taken (gateway/seen.h, 131072
# messages). A short run cannot fill it, and is allowed what it may still take. The page cache of the store's writer
# (DB_CACHE_KIB, 32 MB) grows as the database does and is full only at that size: what the database grew is allowed, too.
WARM=$((N < 20000 ? 200 : 70000))
GROWTH_KB=${GROWTH_KB:-$((N < 20000 ? 12288 : 4096))}
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"

work=$(mktemp -d)
trap 'rig_sweep; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	tail -n 30 "$rig"/*.err "$rig"/*.out >&2 || true
	tail -n 30 "$rig/starhashd.log" >&2 || true
	[ -z "${KEEP:-}" ] || cp -R "$rig" "$KEEP"
	echo "longsms: $1" >&2
	exit 1
}

expect() { [ "$2" = "$3" ] || fail "$1 is ${3:-missing}, wanted $2"; }

# texts NAME N OPTION...: one load of them against the daemon, from a port of its own choice the first time.
texts()
{
	local name=$1 n=$2 status=0
	shift 2
	rig_smsc "$name" --load-sms "$n" --keyword ECHO --dial 162 --numbers "$PEOPLE" "$@" \
		--concurrency $((PEOPLE < 300 ? PEOPLE : 300)) --redials 0 --seed "$RANDOM" --answer-timeout 30s --sms-wait 3s --json ${smsc_port:+--listen "127.0.0.1:$smsc_port"}
	[ -n "$daemon_pid" ] || {
		rig_config "$smsc_port"
		sed -i 's|^services = .*|services = [ "menus/echo.conf" ];\nsms = { expire = "10s"; };|' "$rig_conf"
		rig_start
	}
	wait "$smsc_pid" || status=$?
	[ "$status" = 0 ] || fail "starhash-smsc ended with $status"
	expect "answers to $name" "$n" $(($(rig_number answered <"$rig/$name.out") + $(rig_number broken <"$rig/$name.out")))
}

db_kb() { stat -c %s "$rig/starhash.db" | awk '{ print int($1 / 1024) }'; }
rss_kb() { awk '/^VmRSS:/ { print $2 }' "/proc/$daemon_pid/status"; }
status_number() { rig_number "$1" <"$rig/status.json"; }
# status_of OBJECT KEY: a number in an object of the status
status_of() { tr -d '[:space:]' <"$rig/status.json" | grep -oE "\"$1\":\{[^{}]*\}" | rig_number "$2"; }
look() { "$build/starhash" -c "$rig_conf" status --json >"$rig/status.json"; }
# Incomplete texts are given up after sms.expire, whole ones are known as long; ended dialogues a minute.
nothing_waits()
{
	local key
	look || return 1
	for key in waiting known octets; do
		[ "$(status_of sms_in $key)" = 0 ] || return 1
	done
	[ "$(status_of sms_out waiting)" = 0 ] && [ "$(status_number open)" = 0 ] && [ "$(status_number ended_kept)" = 0 ]
}

# A new load counts its references from 0 again: what lacked a part must be forgotten before, or a part of another text under
# the same reference makes it whole.
parts_are_forgotten() { look && [ "$(status_of sms_in waiting)" = 0 ] && [ "$(status_of sms_in known)" = 0 ]; }

rig_new "$work/longsms"
rig_echo_app || fail 'the app did not start'
texts warm "$WARM"
# Whoever wrote a text that lacked a part is in an open dialogue, for a quarter of an hour. One whole text of each ends them.
rig_until 60 "$daemon_pid" parts_are_forgotten || fail 'parts of the warm-up are kept'
texts warm-end "$PEOPLE" --missing 0
rig_until 120 "$daemon_pid" nothing_waits || fail 'texts that lack a part are kept after the warm-up'
began=$(rss_kb)
db_began=$(db_kb)
began_s=$SECONDS
texts texts "$N"
took=$((SECONDS - began_s))
peak=$(rss_kb)
rig_until 60 "$daemon_pid" parts_are_forgotten || fail 'parts are kept'
texts texts-end "$PEOPLE" --missing 0
rig_until 120 "$daemon_pid" nothing_waits || fail 'texts that lack a part are kept'
ended=$(rss_kb)
db_grew=$(($(db_kb) - db_began))
out=$rig/texts.out
for key in malformed framing_lost nack_out submit_unknown queued outstanding; do
	expect "$key that the daemon counted" 0 "$(status_number $key)"
done
[ $((ended - began)) -le $((GROWTH_KB + (db_grew < 32768 ? db_grew : 32768))) ] ||
	fail "the daemon grew from $began KB to $ended KB, the database by $db_grew KB"
printf '%-34s %9s\n' texts "$N" 'whole, answered rightly' "$(rig_number answered <"$out")" \
	'lacking a part, not answered' "$(rig_number broken <"$out")" parts "$(rig_number parts <"$out")" \
	'parts sent twice' "$(rig_number copies <"$out")" 'parts left out' "$(rig_number left_out <"$out")" \
	'SMS of the answers' "$(rig_number answer_parts <"$out")" seconds "$took" \
	'memory after the warm-up, KB' "$began" 'at the end of the load, KB' "$peak" 'when all was forgotten, KB' "$ended" \
	'the database grew by, KB' "$db_grew"
rig_end || fail 'the daemon did not end in order'
echo "longsms: every whole text arrived whole, nothing else was answered"
