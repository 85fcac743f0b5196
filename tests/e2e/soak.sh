#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A long run at half of what this machine can do, on a bad day: dialogues through an SMSC with resets, throttling, slow,
# reordered, repeated and lost responses, copies, people who hang up; long SMS with copies and missing parts
# through a second one; pushes to phones, some absent, some busy, through a third; and reloads all the while. In the end
# everybody was served, nobody twice, every counter of what is under way is back to zero, and memory is flat (promise 6).
#
#   SOAK_MINUTES=60   how long, 3 at least
#   RATE              dialogues a second; absent: half of what a short run reaches, at most RATE_MAX
#   RATE_MAX=750
#   GROWTH_KB=3072    how much memory may grow from the first to the last third after the warm-up, but for pages of the database
#   BUILD             where the programs are: ./build
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
SOAK_MINUTES=${SOAK_MINUTES:-60}
GROWTH_KB=${GROWTH_KB:-3072}
RATE_MAX=${RATE_MAX:-750}
SECONDS_LONG=$((SOAK_MINUTES * 60))
PEOPLE=20000
[ "$SOAK_MINUTES" -ge 3 ] || { echo "soak: give it 3 minutes at least, the first one and a half fill caches and tables" >&2; exit 2; }
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

work=$(mktemp -d)
trap 'rig_sweep; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	tail -n 15 "$rig"/*.err "$rig"/*.out >&2 || true
	tail -n 30 "$rig/starhashd.log" >&2 || true
	[ -z "${KEEP:-}" ] || cp -R "$rig" "$KEEP"
	echo "soak: $1" >&2
	exit 1
}

# The most that registrations and "joined already" reach here, as dialogues a second: the same people twice.
measure()
{
	local status=0
	rig_new "$work/measure"
	rig_smsc load --load 6000 --numbers 3000 --concurrency 64 --script '*123#' "${join_answers[@]}" --json
	rig_config "$smsc_port"
	rig_start
	wait "$smsc_pid" || status=$?
	[ "$status" = 0 ] || fail "the measuring run ended with $status"
	rig_end || fail 'the daemon of the measuring run did not end in order'
	most=$(grep -oE '"dialogues_per_second":[0-9]+' "$rig/load.out" | cut -d: -f2)
}

link()
{
	echo "{ name = \"$1\"; group = \"$1\"; host = \"127.0.0.1\"; port = $2; system_id = \"starhash\"; password = \"secret\";
    reconnect_min = \"100ms\"; reconnect_max = \"1s\"; response_within = \"4s\"; enquire_after = \"2s\"; window = 500; }"
}

# Each in its own range of numbers. Sets dialogues_pid, texts_pid, pushed_pid and the ports.
smscs_start()
{
	rig_smsc dialogues --load $((RATE * SECONDS_LONG)) --numbers "$PEOPLE" --rate "$RATE" --concurrency 500 --redials 1000 \
		--script '*123#' "${join_answers[@]}" --json --answer-timeout 8s --cancel 2 --wait 120s --seed "$RANDOM" \
		--drop-every 20000 --throttle 5 --slow-resp 0-1000 --slow-percent 5 --reorder 5 --dup-resp 1 --no-resp 1 \
		--redeliver 1 --half-open-every 150000 --garbage 1 --receipts both --undelivered 5
	dialogues_pid=$smsc_pid dialogues_port=$smsc_port
	rig_smsc texts --load-sms $((SECONDS_LONG * 10)) --rate 10 --numbers 2000 --concurrency 300 --keyword ECHO --dial 162 \
		--first-msisdn 254711000001 --redials 5 --answer-timeout 20s --json --wait 120s --seed "$RANDOM" \
		--throttle 5 --slow-resp 0-500 --slow-percent 20 --reorder 10 --dup-resp 1 \
		--drop-every 20000
	texts_pid=$smsc_pid texts_port=$smsc_port
	rig_smsc pushed --pushed 500 --first-msisdn 254722000001 "${join_answers[@]}" --absent 10 --busy 10 --json \
		--wait 300s --seed "$RANDOM" --throttle 5 --slow-resp 0-500 --reorder 10
	pushed_pid=$smsc_pid pushed_port=$smsc_port
}

daemon_start()
{
	rig_config 0 "$(link dialogues "$dialogues_port"),
  $(link texts "$texts_port"),
  $(link push "$pushed_port")"
	sed -i 's|^services = .*|services = [ "menus/join.conf", "menus/echo.conf" ];|' "$rig_conf"
	cat >>"$rig_conf" <<-END
		sms      = { expire = "20s"; };
		ussd     = { idle = "20s"; };
	END
	rig_start
	rig_until 20 "$daemon_pid" rig_answers || fail 'the daemon does not answer'
}

no_part_waits()
{
	"$build/starhash" -c "$rig_conf" status --json | tr -d '[:space:]' | grep -q '"sms_in":{"waiting":0,'
}

ended_well()
{
	local status=0
	wait "$2" || status=$?
	[ "$status" = 0 ] || fail "$1: starhash-smsc ended with $status"
}

say() { printf '%-42s %16s\n' "$1" "$2"; }
told() { rig_number "$2" <"$rig/$1.out"; }

if [ -z "${RATE:-}" ]; then
	measure
	RATE=$((most / 2))
	# More than this, 500 phones do not ask for while every few seconds a reset makes many of them wait for eight: the run
	# would last much longer than it was meant to.
	[ "$RATE" -le "$RATE_MAX" ] || RATE=$RATE_MAX
	echo "soak: $most dialogues a second at most, $RATE for $SOAK_MINUTES min"
fi
rig_new "$work/soak"
rig_echo_app || fail 'the app did not start'
smscs_start
daemon_start
node "$root/tests/e2e/soak.js" watch "$rig/control.sock" "$daemon_pid" "$rig/samples.csv" "$SECONDS_LONG" \
	254722000001 500 2 >"$rig/watch.out" 2>"$rig/watch.err" || fail 'the watcher failed'
ended_well dialogues "$dialogues_pid"
ended_well texts "$texts_pid"
# Whoever wrote a text that lacked a part is in an open dialogue, for a quarter of an hour. One whole text of each ends them,
# once the parts of the others are forgotten: a simulator that is started anew begins its references anew.
rig_until 60 "$daemon_pid" no_part_waits || fail 'texts that lack a part are kept'
rig_smsc texts-end --load-sms 2000 --numbers 2000 --concurrency 10 --keyword ECHO --dial 162 --missing 0 \
	--first-msisdn 254711000001 --redials 5 --answer-timeout 20s --json --seed "$RANDOM" --listen "127.0.0.1:$texts_port"
ended_well texts-end "$smsc_pid"
# SMS that a fault kept waiting still leave: the same phones, on an SMSC without faults.
rig_smsc dialogues-end --pushed "$PEOPLE" --wait 600s --json --listen "127.0.0.1:$dialogues_port"
after_pid=$smsc_pid
rig_until 60 "$daemon_pid" rig_answers || fail 'the daemon is gone'
kill -TERM "$pushed_pid"
ended_well pushed "$pushed_pid"
say 'people served (dialogues begun)' "$(told dialogues succeeded) ($(told dialogues dialogues))"
say 'turns, unanswered in time' "$(told dialogues turns) $(told dialogues unanswered)"
say 'hung up' "$(told dialogues cancelled)"
say 'connections lost and made again' "$(told dialogues reconnects)"
say 'long texts answered, rightly not' "$(told texts answered) $(told texts broken)"
say "receipts" "$(told dialogues receipts)"
say 'pushes: asked, shown, brought to an end' "$(told pushed pushes) $(told pushed shown) $(told pushed closed)"
say 'reloads' "$(rig_number reloads <"$rig/watch.out")"
node "$root/tests/e2e/soak.js" judge "$rig/control.sock" "$daemon_pid" "$rig/samples.csv" 150 "$GROWTH_KB" || fail 'see above'
kill -TERM "$after_pid"
ended_well dialogues-end "$after_pid"
rig_end || fail 'the daemon did not end in order'
echo "soak: $SOAK_MINUTES min at $RATE dialogues a second, nothing left over"
