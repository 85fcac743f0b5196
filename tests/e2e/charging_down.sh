#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The charging system is down for DOWN_SECONDS while registrations go on: everybody gets the screen in `else`, and the SMS once
# it is back. The backlog then drains at charging.rate, in the order of the promises, and whoever dials meanwhile is not slowed:
# the 99th percentile of a step is printed for before, while it is away, and while the backlog drains (promises 1, 6 and 10).
#
#   DOWN_SECONDS=600
#   RATE=20        dialogues begun a second, in every phase
#   CALLS=100      charging.rate; a grant takes two calls, so new ones need 2 * RATE of it
#   BUILD          where the programs are: ./build
#   KEEP=DIR       the folder of the run is left there
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
DOWN_SECONDS=${DOWN_SECONDS:-600}
RATE=${RATE:-20}
CALLS=${CALLS:-100}
first=254700000001
before=$((RATE * 15))
during=$((RATE * DOWN_SECONDS))
drain=$((during * 2 / (CALLS - 2 * RATE) + 1)) # seconds, as reckoned
after=$((RATE * drain))
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
trap 'rig_sweep; [ -n "${KEEP:-}" ] || rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	echo "charging_down: $1" >&2
	tail -n 5 "$rig"/{before,during,after}.{err,out} >&2 2>/dev/null || true
	tail -n 20 "$rig/starhashd.log" >&2 || true
	exit 1
}

expect() { [ "$2" = "$3" ] || fail "$1 is ${3:-missing}, wanted $2"; }

# started NAME COMMAND...: a server that prints its port first; sets $port and $server_pid.
started()
{
	local name=$1
	shift
	"$@" <"$rig/stdin" >"$rig/$name.port" 2>"$rig/$name.err" &
	server_pid=$!
	rig_pids+=("$server_pid")
	rig_until 10 "$server_pid" test -s "$rig/$name.port" || fail "$name did not start"
	port=$(cat "$rig/$name.port")
}

# phase NAME PORT FIRST N ARG...: N subscribers from FIRST on dial; not waited for.
phase()
{
	local name=$1 at=$2 from=$3 n=$4
	shift 4
	rig_smsc "$name" --listen "127.0.0.1:$at" --first-msisdn "$from" --load "$n" --concurrency 2000 --script '*123#' \
		"${join_answers[@]}" --done 'come by SMS' --report-seen "$rig/seen.$name" --json "$@" || fail "no phase $name"
}

number() { rig_number "$2" <"$rig/$1.out"; }

# An SMS that was on its way when the phones of the phase before went with their simulator waits in the store and comes to the next
# one on that link, which does not know the number: the only fault that is none.
ended()
{
	local status=0 strangers faults
	wait "$smsc_pid" || status=$?
	strangers=$(number "$1" unknown-number)
	faults=$(grep -oE '"protocol_errors":\{.*"total":[0-9]+' "$rig/$1.out" | grep -oE '[0-9]+$')
	[ "$status" = 0 ] || { [ "$status" = 1 ] && [ "$(number "$1" succeeded)" = "$(number "$1" subscribers)" ] &&
		[ "$faults" = "$strangers" ] && [ "$strangers" -le 5 ]; } ||
		fail "starhash-smsc of the phase $1 ended with $status"
}
told() { [ "$(sort -u "$rig/seen.collect" | wc -l)" -ge "$during" ]; }
drained() { "$build/starhash" -c "$rig_conf" status --json | tr -d '[:space:]' | grep -qE '"outbox":\{[^}]*"pending":0[,}]'; }

link()
{
	echo "{ name = \"$1\"; host = \"127.0.0.1\"; port = $2; system_id = \"starhash\"; password = \"secret\"; group = \"$1\";
	  reconnect_min = \"100ms\"; reconnect_max = \"200ms\"; }"
}

rig_new "$work/down"
mkfifo "$rig/stdin"
exec 9<>"$rig/stdin"
for name in before during after collect; do : >"$rig/seen.$name"; done
started air python3 "$root/tests/e2e/ucip_server.py"
node "$root/tests/e2e/crash.js" accounts "http://127.0.0.1:$port" "$first" "$((before + during + after))"
started door node "$root/tests/e2e/door.js" "$port" "$rig/passed"
door_pid=$server_pid
printf 'pass\n' >"$rig/air.key"
chmod 600 "$rig/air.key"
read -r port_a port_b < <(python3 -c 'import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.1", 0)); b.bind(("127.0.0.1", 0))
print(a.getsockname()[1], b.getsockname()[1])')
rig_config 1
air="kind = \"ucip\"; url = \"http://127.0.0.1:$port/Air\"; user = \"user\"; password_file = \"air.key\"; currency = \"KES\";"
sed -i -e "/^links = (/,/^);/d" \
	-e "s|^charging = .*|charging = { $air within = \"2s\"; settle = \"4s\"; rate = $CALLS; };|" \
	-e "s|^bundles  = .*|bundles  = ( { name = \"100MB\"; gives = \"100 MB\"; valid = \"7d\"; code = \"da:4:100\"; } );|" "$rig_conf"
echo "links = ( $(link a "$port_a"), $(link b "$port_b") );" >>"$rig_conf"
sed -i 's/100 MB for 7 days/100 MB is yours for 7 days/' "$rig/menus/join.conf" # so that --report-seen sees the SMS
rig_start

phase before "$port_b" "$first" "$before" --rate "$RATE"
ended before
kill -USR1 "$door_pid"
phase during "$port_a" "$((first + before))" "$during" --rate "$RATE"
ended during
expect 'those who got the screen in else' "$during" "$(number during already)"
expect 'SMS about what was not given' 0 "$(number during sms_in)"
# Their phones stay on the same link, for the SMS; one of them dials once a minute, so that the program goes on.
phase collect "$port_a" "$((first + before))" "$during" --rate 0.016
kill -USR2 "$door_pid"
opened=$(date +%s%3N)
phase after "$port_b" "$((first + before + during))" "$after" --rate "$RATE"
after_pid=$smsc_pid
rig_until $((drain * 3 + 60)) "$daemon_pid" drained || fail 'the backlog did not drain'
took=$(($(date +%s%3N) - opened))
smsc_pid=$after_pid
ended after
rig_until 60 "$daemon_pid" told || fail "$(sort -u "$rig/seen.collect" | wc -l) of $during got the SMS"
"$build/starhash" -c "$rig_conf" grants --json >"$rig/grants" || fail 'grants failed'
"$build/starhash" -c "$rig_conf" grants --report >"$rig/report" || fail 'the sums do not agree'
rig_end || fail 'the daemon did not end in order'
expect granted "$((before + during + after))" "$(rig_stat granted)"

echo "charging_down: away for $DOWN_SECONDS s, $during waited, drained in $((took / 1000)) s (reckoned $drain)" \
	"while $after more joined"
echo '  latency of a step, ms          p50       p99       max'
for name in before during after; do
	case $name in during) words='while it is away' ;; after) words='while the backlog drains' ;; *) words=before ;; esac
	awk -v w="$words" -v a="$(number "$name" p50)" -v b="$(number "$name" p99)" -v c="$(number "$name" max)" \
		'BEGIN { printf "  %-24s %9.1f %9.1f %9.1f\n", w, a / 1000, b / 1000, c / 1000 }'
done
node "$root/tests/e2e/drain.js" "$rig/passed" "$rig/grants" "$opened" "$CALLS" "$((first + before))" "$during" \
	"$DOWN_SECONDS" || fail 'the backlog did not drain as it should'
most=$(($(number before p99) * 3 + 200000)) # a tenth of answer_within is not felt; a queue behind the backlog would be seconds
for name in during after; do
	[ "$(number "$name" p99)" -le "$most" ] ||
		fail "new dialogues were slowed: p99 of $name is above three times that of before and 200 ms"
done
