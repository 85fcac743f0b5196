#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Registrations through an SMSC that misbehaves in every way we know, one way at a time and then in many at once. Each time
# everybody is registered in the end with exactly one grant, nobody was answered twice in one turn, neither side counted a
# protocol error, and the attempts to connect and to bind stay few (promises 2, 3, 4 and 6).
#
#   N=20000   dialogues in all, shared out among the runs: those that are bounded by their fault get fewer
#   RUNS      which: "resets throttling slow half-open restart password second-bind responses redelivery pair together"
#   BUILD     where the programs are: ./build
#
# Prints a table: dialogues begun (a disturbed one is dialled again, as a person would), seconds, turns, inputs that got no
# answer in time, answers that came again for an input that came again, connects and binds tried and how many connects the
# busiest second had, as counted by the SMSC; and connects tried, as counted by the daemon (also those that were refused).
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$root/build}
N=${N:-20000}
RUNS=${RUNS:-resets throttling slow half-open restart password second-bind responses redelivery pair together}
# shellcheck source=tests/e2e/rig.sh
. "$root/tests/e2e/rig.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"

work=$(mktemp -d)
trap 'rig_sweep; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail()
{
	tail -n 30 "$rig/load.err" "$rig/load.out" >&2 || true
	tail -n 30 "$rig/starhashd.log" >&2 || true
	[ -z "${KEEP:-}" ] || { cp -R "$rig" "$KEEP"; echo "faults: kept in $KEEP" >&2; }
	echo "faults: $1: $2" >&2
	exit 1
}

expect()
{
	[ "$3" = "$4" ] || fail "$1" "$2 is ${4:-missing}, wanted $3"
}

at_most()
{
	if [ -z "$4" ] || [ "$4" -gt "$3" ]; then
		fail "$1" "$2 is ${4:-missing}, wanted at most $3"
	fi
}

# config PORT LINK...: rig_config with these links; a link is what stands behind its address.
config()
{
	local port=$1 links='' one n=0
	shift
	for one in "$@"; do
		n=$((n + 1))
		links+="${links:+, }{ name = \"smsc-$n\"; host = \"127.0.0.1\"; port = $port; system_id = \"starhash\";
    password = \"secret\"; $one }"
	done
	rig_config "$port" "$links"
}

smsc_number() { rig_number "$1" <"$rig/load.out"; }
# The sum over all links of what the daemon counted.
daemon_sum()
{
	local one sum=0
	for one in $(tr -d '[:space:]' <"$rig/status" | grep -oE "\"$1\":[0-9]+" | cut -d: -f2); do
		sum=$((sum + one))
	done
	echo "$sum"
}

# Who is told twice or not at all: the SMSC's own books, the daemon's, and the store.
check_books()
{
	local name=$1 n=$2 key
	expect "$name" 'protocol errors that the SMSC counted' 0 \
		"$(grep -oE '"protocol_errors":\{.*"total":[0-9]+\}' "$rig/load.out" | grep -oE '[0-9]+\}$' | tr -d '}')"
	for key in malformed unknown_id framing_lost nack_out; do
		expect "$name" "$key that the daemon counted" 0 "$(daemon_sum $key)"
	done
	for key in subscribers registered granted; do
		expect "$name" "$key" "$n" "$(rig_stat $key)"
	done
	for key in pending rejected unknown; do
		expect "$name" "$key" 0 "$(rig_stat $key)"
	done
	expect "$name" 'ledger postings' "$n" "$(rig_stat ledger_postings)"
	# Whose last screen was lost with the connection dials again, and is told "joined already".
	at_most "$name" 'people who were never told' "$(smsc_number already)" $((n - $(sort -u "$rig/seen" | wc -l)))
}

row='%-12s %9s %9s %7s %8s %9s %8s %8s %6s %6s %9s\n'
heading()
{
	# shellcheck disable=SC2059  # the format is ours
	printf "$row" run people dialogues seconds turns unanswered again connects binds most/s 'tried'
}

# run NAME DIALOGUES STORM "INJECTED..." LINKS... -- FAULTS...: STORM is how many connects are allowed for each one that had to
# be made; each of INJECTED must have happened.
run()
{
	local name=$1 n=$2 storm=$3 injected=$4 links=() status=0 tried needed one
	shift 4
	while [ "$1" != -- ]; do
		links+=("$1")
		shift
	done
	shift
	rig_new "$work/$name"
	rig_smsc load --load "$n" --script '*123#' "${join_answers[@]}" --report-seen "$rig/seen" --json --redials 40 \
		--redial-after 300ms --answer-timeout 8s --enquire 5s "$@"
	config "$smsc_port" "${links[@]}"
	rig_start
	wait "$smsc_pid" || status=$?
	"$build/starhash" -c "$rig_conf" status --json >"$rig/status" || fail "$name" "starhash status failed"
	[ "$status" = 0 ] || fail "$name" "starhash-smsc ended with $status"
	rig_end || fail "$name" "the daemon did not end in order"
	check_books "$name" "$n"
	for one in $injected; do
		[ "$(smsc_number "$one")" -gt 0 ] || fail "$name" "the fault $one never happened: nothing was shown"
	done
	tried=$(daemon_sum connect_attempts)
	needed=$(($(smsc_number binds) + $(smsc_number refused_binds) + ${#links[@]}))
	at_most "$name" 'connects tried' $((storm * needed)) "$tried"
	# shellcheck disable=SC2059
	printf "$row" "$name" "$n" "$(smsc_number dialogues)" "$(grep -oE '"seconds":[0-9]+' "$rig/load.out" | cut -d: -f2)" \
		"$(smsc_number turns)" "$(smsc_number unanswered)" "$(smsc_number repeated)" "$(smsc_number connects)" \
		"$(smsc_number bind_attempts)" "$(smsc_number connects_peak)" "$tried"
	[ -z "${SHOW:-}" ] || cat "$rig/load.out"
	rm -rf "$rig"
}

# part SHARE: of N, at least 20
part() { echo $((N * $1 / 100 > 20 ? N * $1 / 100 : 20)); }
# every MOST SHARE TIMES: after how many PDUs, so that it happens TIMES in a short run, too; a dialogue has about 18
every() { local n=$(($(part "$2") * 18 / ($3 + 1))); echo $((n < $1 ? n : $1)); }

quick='reconnect_min = "100ms"; reconnect_max = "1s"; response_within = "4s";'
watchful='reconnect_min = "100ms"; reconnect_max = "1s"; response_within = "1s"; enquire_after = "1s"; enquire_misses = 2;'
wide='window = 1000;'

run_named()
{
	case $1 in
	resets) run "$1" "$(part 15)" 2 drop "$quick" -- --drop-every "$(every 500 15 3)" ;;
	throttling) run "$1" "$(part 25)" 2 throttle "$quick" -- --throttle 20 ;;
	# 2 s for each response: whoever has the screen goes on, the window alone is held.
	slow) run "$1" "$(part 15)" 2 slow-resp "$quick $wide" -- --slow-resp 2000 --concurrency 500 ;;
	half-open) run "$1" "$(part 3)" 3 half-open "$watchful" -- --half-open-every "$(every 1500 3 3)" ;;
	restart) run "$1" "$(part 10)" 12 restart "$quick" -- --restart-every "$(every 3000 10 2)" --down 2s ;;
	password) run "$1" "$(part 5)" 2 'refuse-bind mute-bind' "$quick connect_within = \"2s\";" -- \
		--refuse-first 3 --mute-binds 1 --wait 120s ;;
	second-bind) run "$1" "$(part 5)" 2 second-bind "$quick" "$quick" -- --max-binds 1 ;;
	responses) run "$1" "$(part 10)" 2 'reorder dup-resp no-resp nack vendor-status' "$quick" -- --reorder 20 --dup-resp 5 \
		--no-resp 1 --nack 1 --vendor-status 1 --mute-enquire 10 --concurrency 128 ;;
	redelivery) run "$1" "$(part 5)" 2 'redeliver drop' "$quick" "$quick" -- --redeliver 10 --drop-every "$(every 3000 5 2)" ;;
	pair) run "$1" "$(part 2)" 3 drop "bind = \"pair\"; $quick" -- --drop-every "$(every 1500 2 3)" ;;
	together) run "$1" "$(part 5)" 6 'drop throttle slow-resp half-open restart refuse-bind mute-bind' "$watchful $wide" \
		"$watchful $wide" -- --drop-every "$(every 2500 5 4)" --throttle 20 --slow-resp 0-2000 --slow-percent 20 \
		--reorder 10 --dup-resp 2 --half-open-every "$(every 7000 5 2)" --restart-every "$(every 20000 5 1)" \
		--down 1s --redeliver 2 --refuse-first 2 --mute-binds 1 --concurrency 200 --wait 120s ;;
	*) echo "faults: no run \"$1\"" >&2; exit 2 ;;
	esac
}

heading
for one in $RUNS; do
	run_named "$one"
done
echo "faults: everybody was answered, nobody twice"
