#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A rig: one real starhashd with its own folder, configuration and store, for scripts to source.
#
#   rig_new DIR            makes the folder from conf/ and sets $rig and $rig_conf; ends with rig_end
#   rig_smsc NAME ARG...   starts starhash-smsc on a port of the system's choice: $smsc_pid, $smsc_port
#   rig_config PORT [LINKS] writes the configuration for an SMSC on that port; LINKS: the links, instead of one
#   rig_start, rig_end     start the daemon ($daemon_pid); end it in order, false when it did not exit 0
#   rig_disk ARG...        from now on the daemon's store lies on a disk that forgets (tests/shim_disk.c)
#   rig_powerloss          after rig_kill: what that disk would still hold, in the place of the store
#   rig_kill               kill -9
#   rig_granted MSISDN     does `starhash show` say registered, with exactly one grant, granted?
#   rig_stat KEY           a number of `starhash stats --json`
#
# Needs $root (the repository) and $build (where the programs are). Everything that it starts is ended by
# rig_sweep, which whoever sources this calls in its exit trap.

rig= # none yet
rig_pids=()
daemon_pid=
smsc_pid=

rig_new()
{
	rig=$1
	rig_conf=$rig/starhash.conf
	mkdir -p "$rig"
	# shellcheck disable=SC2154  # set by whoever sources this
	cp -R "$root/conf/." "$rig/"
	daemon_pid=
	rig_env=()
}

rig_config()
{
	local one="{ name = \"smsc-a\"; host = \"127.0.0.1\"; port = $1; system_id = \"starhash\"; password = \"secret\";
    reconnect_min = \"100ms\"; reconnect_max = \"1s\"; response_within = \"5s\"; }"
	cat >"$rig_conf" <<END
links = (
  ${2:-$one}
);
country  = { code = "254"; trunk = "0"; };
services = [ "menus/join.conf" ];
profile  = "profile.conf";
store    = { sqlite = "starhash.db"; };
charging = { kind = "ledger"; };
bundles  = ( { name = "100MB"; gives = "100 MB"; valid = "7d"; code = "DATA100"; } );
control  = "control.sock";
drain    = "5s";
END
}

# rig_until SECONDS PID COMMAND...: true once the command is; false when the time or the process ends first.
rig_until()
{
	local tries=$(($1 * 50)) pid=$2
	shift 2
	until "$@" 2>/dev/null; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] && kill -0 "$pid" 2>/dev/null || return 1
		sleep 0.02
	done
}

rig_smsc()
{
	local name=$1
	shift
	rm -f "$rig/$name.port"
	# shellcheck disable=SC2154
	"$build/starhash-smsc" --listen 127.0.0.1:0 --port-file "$rig/$name.port" --system-id starhash \
		--password secret "$@" >"$rig/$name.out" 2>"$rig/$name.err" </dev/null &
	smsc_pid=$!
	rig_pids+=("$smsc_pid")
	if ! rig_until 10 "$smsc_pid" test -s "$rig/$name.port"; then
		echo "starhash-smsc did not start: $(tail -n 5 "$rig/$name.err")" >&2
		return 1
	fi
	# shellcheck disable=SC2034
	smsc_port=$(cat "$rig/$name.port")
}

rig_start()
{
	env "${rig_env[@]}" "$build/starhashd" -c "$rig_conf" >>"$rig/starhashd.log" 2>&1 </dev/null &
	daemon_pid=$!
	rig_pids+=("$daemon_pid")
}

rig_disk()
{
	mkdir -p "$rig/kept"
	rig_env=(LD_PRELOAD="$build/tests/shim_disk.so" SHIM_DISK="$(readlink -f "$rig")/starhash.db"
		SHIM_DISK_KEPT="$rig/kept" "$@")
}

# A name that was never synced is gone; so are the files that SQLite shares in memory.
rig_powerloss()
{
	local kept
	rm -f "$rig"/starhash.db "$rig"/starhash.db-{wal,shm,journal}
	for kept in "$rig"/kept/*; do
		case $kept in
		*,new | *'*') ;;
		*.keyring.??????) # as it was named while it was made; a run that met it under its own name knows better
			[ -e "$rig/kept/starhash.db.keyring" ] || cp "$kept" "$rig/starhash.db.keyring" ;;
		*) cp "$kept" "$rig/" ;;
		esac
	done
}

rig_answers() { "$build/starhash" -c "$rig_conf" status >"$rig/status.out"; }

# A daemon that has only just been started is first let to come up: it cannot end in order before.
rig_end()
{
	local status=0
	[ -n "$daemon_pid" ] || return 0
	rig_until 10 "$daemon_pid" rig_answers || return 1
	kill -TERM "$daemon_pid" 2>/dev/null || true
	wait "$daemon_pid" || status=$?
	daemon_pid=
	return "$status"
}

rig_kill()
{
	kill -KILL "$daemon_pid" 2>/dev/null || true
	wait "$daemon_pid" 2>/dev/null || true
	daemon_pid=
}

rig_sweep()
{
	local pid
	for pid in "${rig_pids[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	wait 2>/dev/null || true
	rig_pids=()
}

rig_granted()
{
	local said
	said=$("$build/starhash" -c "$rig_conf" show "$1" --json | tr -d '[:space:]')
	[[ $said == *'"registered":true'* ]] &&
		[[ $said =~ \"grants\":\[\{[^\}]*\"state\":\"granted\"[^\}]*\}\] ]]
}

# The first number under a key, of JSON on stdin.
rig_number()
{
	tr -d '[:space:]' | grep -oE "\"$1\":[0-9]+" | head -n 1 | cut -d: -f2
}

rig_stat()
{
	"$build/starhash" -c "$rig_conf" stats --json | rig_number "$1"
}

# A service that hands every text to an app: the app answers with its checksum (crc_app.js). For the folder at hand.
rig_echo_app()
{
	node "$root/tests/e2e/crc_app.js" "$rig/app.port" >"$rig/app.log" 2>&1 &
	rig_pids+=("$!")
	rig_until 10 "$!" test -s "$rig/app.port" || return 1
	cat >"$rig/menus/echo.conf" <<-END
		code      = "*162#";
		keywords  = [ "ECHO" ];
		languages = [ "en" ];
		start     = "echo";
		screens = {
		echo   = { app = { url = "http://127.0.0.1:$(cat "$rig/app.port")/ussd"; speaks = "africastalking";
		                   within = "2s"; else = "closed"; }; };
		closed = { end = "The app does not answer."; };
		};
	END
}
