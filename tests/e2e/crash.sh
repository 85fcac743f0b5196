#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The crash laboratory: registrations under load against a charging system that shares no code with the daemon and goes wrong
# in one call of six (applies and loses the reply, replies late, half, with rubbish or with an error, says nothing), while the
# daemon is killed with kill -9 at random moments and at chosen points (tests/shim_kill.c). Afterwards everybody dials once
# more, and three things are compared from outside: what subscribers saw, what the store says, what the charging system applied
# (promises 1, 2 and 10). tests/e2e/crash.js prints the table.
#
#   KILLS=100      in each run
#   RUNS           which: "ucip cgrates doubt buy buycg"; doubt is UCIP with a bundle that no account can tell of once the answer was
#                  lost, so that some orders stay unknown: they must be listed so. buy and buycg sell the bundle from the
#                  balance, at UCIP and at CGRateS: who was charged has it, who has it was charged, and nobody twice
#   N              registrations, begun at RATE=50 a second: KILLS * 60, which is 1.2 s for a kill
#   POWERLOSS=1    after each kill the store is what a disk holds after power was lost (tests/shim_disk.c)
#   LIES=1         and most of its syncs keep nothing: the run must fail, or POWERLOSS=1 proves nothing
#   SEED           of moments, points and faults; printed, so that a failure can be played again as far as time allows
#   BUILD          where the programs are: ./build
#   KEEP=DIR       the folders of the runs are left there
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
KILLS=${KILLS:-100}
RUNS=${RUNS:-ucip cgrates doubt buy buycg}
RATE=${RATE:-50}
N=${N:-$((KILLS * 60))}
POWERLOSS=${POWERLOSS:-}
SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
FIRST=254700000001
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

shop_answers=(
	--answer 'Continue where you stopped=1'
	--answer 'Acme shop=1'
	--answer 'Buy 100 MB=1'
	--success 'is yours'
	--done 'could not be bought'
	--done 'too low'
)

work=${KEEP:-$(mktemp -d)}
mkdir -p "$work"
trap 'rig_sweep; [ -n "${KEEP:-}" ] || rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	echo "crash: $name: $1 (SEED=$SEED)" >&2
	tail -n 15 "$rig"/{load,again}.{err,out} >&2 2>/dev/null || true
	tail -n 30 "$rig/starhashd.log" >&2 || true
	exit 1
}

now_ms() { date +%s%3N; }
is_gone() { ! kill -0 "$daemon_pid" 2>/dev/null; }

# The charging system: $charging_port. Its standard input stays open as long as this script lives.
charging_start()
{
	local program=(node "$root/tests/e2e/cgrates_server.js")
	[ "$kind" = cgrates ] || program=(python3 "$root/tests/e2e/ucip_server.py")
	mkfifo "$rig/charging.in"
	"${program[@]}" <"$rig/charging.in" >"$rig/charging.port" 2>"$rig/charging.err" &
	rig_pids+=("$!")
	exec {charging_in}>"$rig/charging.in"
	rig_until 10 "$!" test -s "$rig/charging.port" || fail 'the charging system did not start'
	charging_port=$(cat "$rig/charging.port")
	charging_url=http://127.0.0.1:$charging_port
	node "$root/tests/e2e/crash.js" accounts "$charging_url" "$FIRST" "$N"
	node "$root/tests/e2e/crash.js" trouble "$kind" "$charging_url" "$SEED" "$((N * 2))" ${sells:+sells}
}

# within and late replies (at most 1 s) are well below settle, as docs/charging.md wants it.
crash_config()
{
	local system bundle
	rig_config "$1"
	if [ "$kind" = ucip ]; then
		printf 'pass\n' >"$rig/air.key"
		chmod 600 "$rig/air.key"
		system="url = \"$charging_url/Air\"; user = \"user\"; password_file = \"air.key\";"
		bundle='code = "da:4:100";'
		[ "$name" = doubt ] || bundle="valid = \"7d\"; $bundle"
	else
		system="url = \"$charging_url/jsonrpc\"; tenant = \"cgrates.org\";"
		bundle='valid = "365d"; code = "*data:100";'
	fi
	[ -z "$sells" ] || crash_shop
	system="kind = \"$kind\"; $system currency = \"KES\"; within = \"1s\"; settle = \"3s\"; pause = \"300ms\"; rate = 400;"
	[ -z "$sells" ] || system="$system buy_within = \"20s\";"
	sed -i -e "s|^charging = .*|charging = { $system };|" \
		-e "s|^bundles  = .*|bundles  = ( { name = \"100MB\"; gives = \"100 MB\"; $bundle } );|" "$rig_conf"
	echo 'ussd     = { answer_within = "2s"; };' >>"$rig_conf"
	[ -n "$sells" ] || sed -i 's/100 MB for 7 days/100 MB is yours for 7 days/' "$rig/menus/join.conf" # the SMS is a promise as well
}

# A shop in place of the registration; its SMS is a promise as well.
crash_shop()
{
	bundle="$bundle price = 2000; }, { name = \"1GB\"; price = 5050; ${bundle/:100\"/:1000\"}"
	bundle=${bundle/da:4:1000/da:5:1000}
	sed -e 's/\*155/*123/' -e 's/You bought {gives}/{gives} is yours: bought/' "$root/conf/menus/shop.conf" >"$rig/menus/join.conf"
}

# Where the next kill is to be: one of three at a random moment, the others at a point. Sets $point.
choose_point()
{
	local points=(random random random sync-before sync-after connect-before connect-after send-before send-after receive-after)
	point=${points[RANDOM % ${#points[@]}]}
	case $point in
	random) ;;
	sync-*) point=$point:$((1 + RANDOM % 60)) ;;
	connect-*) point=$point:$((1 + RANDOM % 40)) ;;
	*) point=$point:$((1 + RANDOM % 25)) ;;
	esac
}

crash_start()
{
	local word=UpdateBalanceAndDate preload=$build/tests/shim_kill.so
	[ "$kind" = ucip ] || word=SetBalance
	rig_env=()
	if [ -n "$POWERLOSS" ]; then
		rig_disk SHIM_DISK_EARLY="${EARLY:-30}" SHIM_DISK_SEED="$SEED" ${LIES:+SHIM_DISK_LIES=1}
		preload="$preload $build/tests/shim_disk.so"
	fi
	rig_env+=(LD_PRELOAD="$preload" SHIM_KILL_PORT="$charging_port" SHIM_KILL_WORD="$word")
	[ "$1" = random ] || rig_env+=(SHIM_KILL="$1")
	rig_start
}

# Until it is $1 on the clock or the daemon is gone. In a group of its own, so that bash does not tell of each kill.
wait_until()
{
	while ! is_gone && [ "$(now_ms)" -lt "$1" ]; do sleep 0.02; done
} 2>/dev/null

# One life: from its start until it is killed, at the time $1 or at its point. Says in $how which it was.
crash_live()
{
	local pid=$daemon_pid until=$1 status=0
	how=random
	[ "$point" = random ] || until=$((until + 3000))
	wait_until "$until"
	if is_gone; then
		how=${point%:*}
		wait "$pid" 2>/dev/null || status=$?
		[ "$point" != random ] || fail "the daemon ended by itself, with $status"
		[ "$status" = 137 ] || fail "the daemon ended with $status instead of being killed"
	fi
	rig_kill
	hows[$how]=$((${hows[$how]:-0} + 1))
	[ -z "$POWERLOSS" ] || rig_powerloss
}

# Nothing left to do; what stays in doubt is left to a person.
outbox_is_done()
{
	"$build/starhash" -c "$rig_conf" status --json | node -e '
		let s = ""; process.stdin.on("data", (d) => (s += d)).on("end", () => {
			const { outbox: o, notices } = JSON.parse(s);
			const open = o.pending + o.sent + (process.argv[1] === "doubt" ? 0 : o.unknown) + (notices.waiting || 0);
			process.exit(open === 0 && !o.more_in_store ? 0 : 1);
		});' "$name"
}

crash_collect()
{
	cat "$rig/seen.load" "$rig/seen.again" "$rig/seen.collect" >"$rig/seen"
	"$build/starhash" -c "$rig_conf" export >"$rig/export" || fail 'export failed'
	"$build/starhash" -c "$rig_conf" stats --json >"$rig/stats" || fail 'stats failed'
	"$build/starhash" -c "$rig_conf" grants --json >"$rig/grants" || fail 'grants failed'
	"$build/starhash" -c "$rig_conf" grants --state unknown --json >"$rig/unknown" || fail 'grants --state unknown failed'
	"$build/starhash" -c "$rig_conf" grants --report --json >"$rig/report" || echo "crash: starhash grants --report ended with $?" >&2
}

run_crash()
{
	local name=$1 kind=$1 sells='' i began point how status=0 where script='*123#'
	local -a answers=("${join_answers[@]}")
	local -A hows=()
	case $name in
	doubt) kind=ucip ;;
	buy) kind=ucip sells=1 ;;
	buycg) kind=cgrates sells=1 ;;
	esac
	[ -z "$sells" ] || answers=("${shop_answers[@]}")
	RANDOM=$((SEED % 32768))
	rig_new "$work/$name"
	: >"$rig/seen.load"
	: >"$rig/seen.again"
	: >"$rig/seen.collect"
	charging_start
	rig_smsc load --load "$N" --concurrency 64 --rate "$RATE" --script "$script" "${answers[@]}" --done 'by SMS' \
		--redials 30 --answer-timeout 4s --report-seen "$rig/seen.load" --json
	crash_config "$smsc_port"
	began=$(now_ms)
	for ((i = 1; i <= KILLS; i++)); do
		choose_point
		crash_start "$point"
		{ rig_until 10 "$daemon_pid" rig_answers || is_gone; } 2>/dev/null || fail 'the daemon did not come up'
		crash_live $((began + (i * 1000 - RANDOM % 1000) * N / RATE / (KILLS + 1)))
	done
	kill -0 "$smsc_pid" 2>/dev/null || echo "crash: the load ended before the last kill; a larger N is a better one" >&2
	point=random
	crash_start random
	wait "$smsc_pid" || status=$?
	[ "$status" -le 1 ] || fail "starhash-smsc ended with $status"
	# Everybody once more: whoever has it is not given it again, whoever was cut off joins now, and SMS arrive.
	rig_smsc again --listen "127.0.0.1:$smsc_port" --load "$N" --concurrency 64 --rate "$((N / 15 + 1))" --script "$script" \
		"${answers[@]}" --done 'by SMS' --redials 30 --report-seen "$rig/seen.again" --json
	wait "$smsc_pid" || status=$?
	# Their phones stay for the SMS that are to come; one of them dials once a minute, so that the program goes on.
	rig_smsc collect --listen "127.0.0.1:$smsc_port" --load "$N" --concurrency 64 --rate 0.016 --script "$script" \
		"${answers[@]}" --done 'by SMS' --report-seen "$rig/seen.collect" --json
	rig_until 120 "$daemon_pid" outbox_is_done || echo 'crash: the outbox is not done after 120 s' >&2
	rig_end || fail 'the daemon did not end in order'
	[ -z "$POWERLOSS" ] || rig_powerloss # an end in order is durable too
	crash_collect
	echo "crash: $name${POWERLOSS:+, losing power}: $N subscribers in $((($(now_ms) - began) / 1000)) s, SEED=$SEED"
	printf '  %-58s %7d\n' kills "$KILLS"
	for where in "${!hows[@]}"; do printf '    %-56s %7d\n' "$where" "${hows[$where]}"; done | sort
	node "$root/tests/e2e/crash.js" "$([ -n "$sells" ] && echo bought || echo check)" "$kind" "$charging_url" "$rig" || fail 'a row that must be 0 is not'
	exec {charging_in}>&-
	rig_sweep
}

for shim in kill ${POWERLOSS:+disk}; do
	[ -f "$build/tests/shim_$shim.so" ] || make -C "$build" "tests/shim_$shim.so" >/dev/null
done
for run in $RUNS; do
	case $run in
	ucip | cgrates | doubt | buy | buycg) run_crash "$run" ;;
	*) echo "crash: no run \"$run\"" >&2; exit 2 ;;
	esac
done
