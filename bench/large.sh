#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What bench/run measures that is no row of steps: idling, reloading under load, a store of millions. To be sourced after rows.sh.
# shellcheck disable=SC2154  # set by bench/run and the rig

fact() { printf '%s\t%s\n' "$1" "$2" >>"$work/facts"; }

cpu_ns() { awk '{ n += $1 } END { printf "%d", n }' /proc/"$1"/task/*/schedstat; }

# idle SECONDS: bound, and nobody dials.
idle()
{
	local before
	say "idle for $1 s"
	rig_new "$work/rig"
	rig_smsc idle --pushed 1 --wait 600s || fail 'starhash-smsc does not start'
	ours_config "$smsc_port"
	rig_start
	rig_until 10 "$daemon_pid" rig_answers || fail 'the daemon does not answer'
	sleep 2 # what a start still does: not idling
	before=$(cpu_ns "$daemon_pid")
	sleep "$1"
	fact idle_cpu "$(awk -v n=$(($(cpu_ns "$daemon_pid") - before)) -v s="$1" 'BEGIN { printf "%.4f", n / 1e7 / s }')"
	fact idle_mb "$(awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$daemon_pid/status")"
	rig_end || fail 'the idle daemon did not end in order'
	kill "$smsc_pid" || fail "starhash-smsc did not wait"
	wait "$smsc_pid" || true
	rm -rf "$rig"
}

# A service of 350 screens, each with a menu that leads to five others, one of them the end.
big_menu()
{
	awk 'BEGIN {
		split("Balance and credit|Bundles of data|Help by a person|Language", way, "|")
		print "code = \"*127#\";\nlanguages = [ \"en\" ];\nstart = \"s0\";\nscreens = {"
		for (i = 0; i < 349; i++) {
			printf "s%d = { say = \"Screen %d of many, with some words to read\"; menu = (", i, i
			for (k = 1; k <= 4; k++) printf "%s ( \"%s\", \"s%d\" )", (k > 1 ? "," : ""), way[k], (i * 4 + k) % 349
			print ", ( \"Offers for you\", \"bye\" ) ); };"
		}
		print "bye = { end = \"Bye.\"; };\n};"
	}' >"$1"
}

# The two functions that `ours` calls around the load when during=reloads.
during_begin()
{
	big_menu "$rig/menus/big.conf"
	sed -i 's|services = .*|services = [ "menus/join.conf", "menus/big.conf" ];|' "$rig_conf"
	(
		rig_until 10 $$ rig_answers
		while sleep 1; do
			began=$(date +%s%N)
			"$build/starhash" -c "$rig_conf" reload >"$rig/reload.out" 2>&1 || echo failed >>"$work/reloads"
			echo $((($(date +%s%N) - began) / 1000000)) >>"$work/reloads"
		done
	) &
	reloader=$!
}

during_end()
{
	kill "$reloader" 2>/dev/null || fail 'the daemon did not answer'
	wait "$reloader" 2>/dev/null || true
	"$build/starhash" -c "$rig_conf" status --json >"$rig/status.json" 2>"$rig/status.err" || fail "no status during reloads"
	! grep -q failed "$work/reloads" || fail "a reload failed: $(cat "$rig/reload.out")"
	fact lag "$(rig_number loop_lag_ms_max <"$rig/status.json")"
	fact reloads "$(wc -l <"$work/reloads")"
	fact reload_ms "$(sort -n "$work/reloads" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')"
}

# big ROWS REGISTRATIONS: import, start, and registrations on it and on an empty store, in turns.
big()
{
	local rows=$1 n=$2 i began out first=254730000000
	say "a store of $rows: making the file"
	rig_new "$work/big"
	ours_config 1
	"$build/bench/make_base" "$rows" csv >"$work/base.csv"
	say "a store of $rows: import"
	out=$("$build/starhash" -c "$rig_conf" import "$work/base.csv" --role privacy --reason 'a base to measure' --json 2>"$rig/import.err") ||
		fail "the import failed"
	rm "$work/base.csv"
	fact big_rows "$rows"
	fact import "$(grep -oE '"rows_per_s":[0-9]+' <<<"$out" | cut -d: -f2)"
	fact import_kb "$(rig_number peak_kb <<<"$out")"
	start_once
	start_once
	start_once
	sort -n "$work/starts" >"$work/starts.sorted"
	fact start_ms "$(sed -n 2p "$work/starts.sorted")"
	for ((i = 0; i < ROUNDS; i++)); do
		store=$work/big ours "registration, $rows there" 64 --load "$n" --first-msisdn "$first" --script '*123#' "${join_answers[@]}"
		ours 'registration, none there' 64 --load "$n" --first-msisdn "$first" --script '*123#' "${join_answers[@]}"
		first=$((first + n))
	done
	fact big_rate "$(median_of "registration, $rows there")"
	fact empty_rate "$(median_of 'registration, none there')"
	rm -rf "$work/big"
}

median_of() { awk -F'\t' -v name="$1" '$1 == name { print $3 }' "$work/results" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# From the start of the process to the end of a dialogue of two screens on a phone that waits for it; what the disk has of the files is not in memory.
start_once()
{
	local file began
	rig_new "$work/big"
	for file in "$rig"/starhash.db "$rig"/starhash.db.keyring; do
		dd of="$file" oflag=nocache conv=notrunc,fdatasync count=0 2>"$rig/dd.err"
	done
	rig_smsc phone --script '*124#,5' --sms-wait 0s || fail 'starhash-smsc does not start'
	ours_config "$smsc_port"
	began=$(date +%s%N)
	rig_start
	wait "$smsc_pid" || fail 'no screen after a start on a large store'
	echo $((($(date +%s%N) - began) / 1000000)) >>"$work/starts"
	rig_end || fail 'the daemon did not end in order'
}
