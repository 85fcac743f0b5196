#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What bench/run and its peers share: a row is measured, and written down. To be sourced; needs $work, $build and tests/e2e/rig.sh.
#
#   results: NAME, subscribers ("2000/s" in the open loop), steps/s, dialogues/s, p50, p99, p99.9, most (us), CPU us a step, peak kB, failed
# shellcheck disable=SC2154  # set by bench/run and the rig

fail()
{
	echo "bench: $*" >&2
	[ -z "$rig" ] || tail -n 20 "$rig"/*.err "$rig"/*.log >&2 2>/dev/null || true
	exit 1
}

say() { [ ! -t 2 ] || printf '\r\033[K%s' "$*" >&2; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# cost PID...: what these have taken so far: CPU in ms, and the sum of their peaks in kB.
cost()
{
	local pid cpu=0 rss=0
	for pid in "$@"; do
		cpu=$((cpu + $(awk '{ n += $1 } END { printf "%d", n / 1e6 }' /proc/"$pid"/task/*/schedstat)))
		rss=$((rss + $(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")))
	done
	echo "$cpu $rss"
}

# record NAME SUBSCRIBERS CPU_MS RSS_KB: of the load that has ended.
record()
{
	local load=$rig/load.out
	[ "$(rig_number steps <"$load")" -gt 0 ] 2>/dev/null || fail "$1: nothing was answered: $(cat "$load")"
	grep -qE '"protocol_errors":\{.*"total":0\}' "$load" || echo "$1, $2: protocol errors: $(cat "$load")" >>"$work/odd"
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" \
		"$(rig_number steps_per_second <"$load")" "$(rig_number dialogues_per_second <"$load")" \
		"$(rig_number p50 <"$load")" "$(rig_number p99 <"$load")" "$(rig_number 'p99\.9' <"$load")" \
		"$(rig_number max <"$load")" \
		"$(awk -v ms="$3" -v n="$(rig_number steps <"$load")" 'BEGIN { printf "%.2f", ms * 1000 / n }')" "$4" "$(grep -oE '"failed":\{[^}]*\}' "$load" | rig_number total)" >>"$work/results"
}

# load SUBSCRIBERS ARG...: the generator for that many at once, or for so many a second ("2000/s").
load()
{
	local many=$1
	shift
	case $many in
	*/s) rig_smsc load --json --rate "${many%/s}" --concurrency 20000 --redials 0 ${load_port:+--listen "127.0.0.1:$load_port"} "$@" ;;
	*) rig_smsc load --json --concurrency "$many" --redials 1000 --redial-after 20ms ${load_port:+--listen "127.0.0.1:$load_port"} "$@" ;;
	esac || fail "the load generator does not start"
}

# ceiling NAME SUBSCRIBERS ARG...: the ESME that does nothing.
ceiling()
{
	local name=$1 many=$2 status=0 esme
	shift 2
	say "$name, $many"
	rig_new "$work/rig"
	load "$many" "$@"
	"$build/bench/null_esme" "$smsc_port" starhash secret >"$rig/null.out" 2>"$rig/null.err" &
	esme=$!
	rig_pids+=("$esme")
	wait "$smsc_pid" || status=$?
	wait "$esme" || status=$?
	[ "$status" -le 1 ] || fail "$name, $many ended with $status"
	# shellcheck disable=SC2046  # cpu_ms N rss_kb N
	set -- $(cat "$rig/null.out")
	record "$name" "$many" "$2" "$4"
	rm -rf "$rig"
}

services='"menus/join.conf", "menus/menu.conf", "menus/offer.conf", "menus/app.conf"'

# With the services that are measured; the port of an app that is there.
ours_config()
{
	cp "$root"/bench/{menu,offer}.conf "$rig/menus/"
	sed "s/PORT/${app_port:-1}/" "$root/bench/app.conf" >"$rig/menus/app.conf"
	rig_config "$1"
	sed -i "s|services = .*|services = [ $services ];|" "$rig_conf"
}

# ours NAME SUBSCRIBERS ARG...: a daemon with an empty store, or with the one of $store (a folder, which stays).
ours()
{
	local name=$1 many=$2 status=0 spent
	shift 2
	say "$name, $many"
	rig_new "${store:-$work/rig}"
	load "$many" "$@"
	ours_config "$smsc_port"
	[ -z "${during:-}" ] || during_begin
	rig_start
	wait "$smsc_pid" || status=$?
	[ -z "${during:-}" ] || during_end
	[ "$status" -le 1 ] || fail "$name, $many ended with $status"
	spent=$(cost "$daemon_pid")
	rig_end || fail "$name, $many: the daemon did not end in order"
	record "$name" "$many" "${spent% *}" "${spent#* }"
	[ -n "${store:-}" ] || rm -rf "$rig"
}
