#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The peers of bench/run: Kannel as Debian has it, and what one writes in node of npm's packages. To be sourced after rows.sh.
# What cannot be installed is said as NOT RUN, and its rows are missing.
# shellcheck disable=SC2154  # set by bench/run and the rig

not_run() { echo "NOT RUN: $*" | tee -a "$work/not_run" >&2; }

app_pid=
app_port=

# The app behind Kannel and behind us, the same one.
app_start()
{
	rm -f "$work/app.port"
	"$build/bench/http_app" "$work/app.port" &
	app_pid=$!
	rig_until 10 "$app_pid" test -s "$work/app.port" || fail "http_app does not start"
	app_port=$(cat "$work/app.port")
}

app_stop()
{
	[ -z "$app_pid" ] || kill "$app_pid" 2>/dev/null || true
	app_pid=
}

has_kannel() { [ -x /usr/sbin/bearerbox ] && [ -x /usr/sbin/smsbox ]; }

listens() { grep -qi "$(printf ':%04x 00000000:0000 0a' "$1")" /proc/net/tcp; }
kannel_status() { curl -sf "http://127.0.0.1:$1/status.txt?password=bench" | grep -q 'smsbox:'; }

# kannel NAME SUBSCRIBERS SERVICE_TYPE ARG...: the load begins when both boxes have found each other.
kannel()
{
	local name=$1 many=$2 service=$3 status=0 spent admin box smsc bearer
	shift 3
	say "$name, $many"
	rig_new "$work/rig"
	admin=$(free_port) box=$(free_port) smsc=$(free_port)
	sed "s/SMSC_PORT/$smsc/; s/ADMIN_PORT/$admin/; s/BOX_PORT/$box/; s/APP_PORT/$app_port/; s/SERVICE/$service/" \
		"$root/bench/peers/kannel.conf" >"$rig/kannel.conf"
	/usr/sbin/bearerbox "$rig/kannel.conf" >"$rig/bearerbox.log" 2>&1 &
	bearer=$!
	rig_until 20 "$bearer" listens "$box" || fail 'bearerbox does not start'
	/usr/sbin/smsbox "$rig/kannel.conf" >"$rig/smsbox.log" 2>&1 &
	set -- "$bearer" "$!" "$@"
	rig_pids+=("$1" "$2")
	rig_until 20 "$bearer" kannel_status "$admin" || fail "Kannel does not start"
	load_port=$smsc load "$many" "${@:3}"
	wait "$smsc_pid" || status=$?
	[ "$status" -le 1 ] || fail "$name, $many ended with $status"
	spent=$(cost "$1" "$2")
	kill "$2" "$1"
	wait "$2" "$1" || true
	record "$name" "$many" "${spent% *}" "${spent#* }"
	rm -rf "$rig"
}

# The packages, as their lock says, beside the build and not in the tree. better-sqlite3 is compiled where no binary is found.
node_modules()
{
	node_folder=$build/bench/peers
	mkdir -p "$node_folder"
	command -v npm >/dev/null || return 1
	if ! cmp -s "$root/bench/peers/package-lock.json" "$node_folder/installed"; then
		cp "$root"/bench/peers/package{,-lock}.json "$node_folder/"
		say 'npm ci for the peers'
		(cd "$node_folder" && npm ci --no-fund --no-audit) >"$node_folder/npm.log" 2>&1 || return 1
		cp "$root/bench/peers/package-lock.json" "$node_folder/installed"
	fi
	[ -d "$node_folder/node_modules/smpp" ] && [ -d "$node_folder/node_modules/ussd-menu-builder" ]
}

has_better_sqlite3() { (cd "$node_folder" && node -e 'new (require("better-sqlite3"))(":memory:")') 2>/dev/null; }

# peer_node NAME SUBSCRIBERS STORE ARG...: STORE "": nothing is stored.
peer_node()
{
	local name=$1 many=$2 keeps=$3 status=0 esme
	shift 3
	say "$name, $many"
	rig_new "$work/rig"
	load "$many" "$@"
	node "$root/bench/peers/node_esme.js" "$smsc_port" "$node_folder" ${keeps:+"$rig/node.db"} \
		>"$rig/node.out" 2>"$rig/node.err" &
	esme=$!
	rig_pids+=("$esme")
	wait "$smsc_pid" || status=$?
	wait "$esme" || status=$?
	[ "$status" -le 1 ] || fail "$name, $many ended with $status"
	# shellcheck disable=SC2046  # cpu_ms N rss_kb N
	set -- $(cat "$rig/node.out")
	record "$name" "$many" "$2" "$4"
	rm -rf "$rig"
}
