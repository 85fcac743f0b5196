#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian package, from the source to the purge: built by dpkg-buildpackage with what debian/control asks for, read by
# lintian, installed on a bare Debian 12, served a first dialogue there, started by a real systemd inside its whole sandbox,
# and purged. Each step in a fresh system made by debootstrap in FOLDER (kept, and used again).
# Needs root, debootstrap and the network. Ends with what could not be run on this machine; exit 0 when all that was run is well.
#
#   usage: tests/package.sh FOLDER [STEP...]     steps: build lint install service purge (all of them, in this order)
#   NOCHECK=1: the unit tests are not run again during the build
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -lt 1 ] || [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
	sed -n '3,10s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
# shellcheck source=tests/bookworm.sh
. "$root/tests/bookworm.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"
trap bookworm_leave EXIT
trap 'exit 130' INT TERM
not_run=()
msisdn=254700000009

say() { echo "package: $*"; }
die() { echo "package: FAILED: $*" >&2; exit 1; }

# quietly NAME CMD...: what it printed is in FOLDER/NAME.log, and shown when it fails.
quietly()
{
	local log=$bookworm/$1.log
	shift
	"$@" >"$log" 2>&1 || { tail -n 40 "$log" >&2; die "$* (all of it: $log)"; }
}

# wait_for SECONDS WHAT CMD...
wait_for()
{
	local until=$((SECONDS + $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt "$until" ] || die "waited in vain: $what"
		sleep 0.2
	done
}

# --- build -----------------------------------------------------------------------------------------------------

builder()
{
	local tar
	tar=$bookworm/builder-$(sed -n '/^Build-Depends/,/^[^ ]/p' "$root/debian/control" | cksum | cut -d' ' -f1).tar
	[ -f "$tar" ] && { bookworm_fresh build "$tar"; return; }
	bookworm_fresh build
	mkdir -p "$bookworm/build/tmp/source"
	cp -r "$root/debian" "$bookworm/build/tmp/source/"
	quietly builder bookworm_in build sh -ec 'apt-get -q update
		apt-get -q -y --no-install-recommends install build-essential fakeroot lintian
		apt-get -q -y --no-install-recommends build-dep /tmp/source
		useradd -m builder'
	rm -rf "$bookworm/build/tmp/source"
	bookworm_unmount build
	tar -C "$bookworm/build" -cf "$tar.part" .
	mv "$tar.part" "$tar"
	bookworm_mount build
}

build()
{
	local home=$bookworm/build/home/builder
	say "building, as somebody who is not root"
	builder
	mkdir -p "$home/starhash"
	(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 -I{} sh -c '[ ! -f "{}" ] || printf "%s\0" "{}"' |
		tar --null -T - -cf -) | tar -C "$home/starhash" -xf -
	bookworm_in build chown -R builder: /home/builder
	quietly build bookworm_in build runuser -u builder -- sh -ec \
		"cd /home/builder/starhash && DEB_BUILD_OPTIONS='parallel=2 ${NOCHECK:+nocheck}' dpkg-buildpackage -us -uc"
	rm -rf "$bookworm/out"
	mkdir "$bookworm/out"
	cp "$home"/starhash_* "$home"/starhash-dbgsym_* "$bookworm/out/"
}

# Read in the system that built it.
lint()
{
	say "lintian"
	bookworm_in build runuser -u builder -- sh -ec 'cd /home/builder && lintian --version &&
		lintian --fail-on error,warning --display-info starhash_*.changes' >"$bookworm/lintian.log" 2>&1 ||
		{ cat "$bookworm/lintian.log" >&2; die "lintian"; }
	cat "$bookworm/lintian.log"
	! grep -E '^[EW]:' "$bookworm/lintian.log" || die "lintian"
}

# --- install -----------------------------------------------------------------------------------------------------

# Every path with its kind and mode, but for what belongs to apt, dpkg and the system's own clockwork.
snapshot()
{
	(cd "$bookworm/root" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./tmp -o -path ./run -o -path ./var/cache -o \
		-path ./var/log -o -path ./var/lib/apt -o -path ./var/lib/dpkg -o -path ./root \) -prune -o -printf '%y %m %p\n') |
		sort >"$1"
}

install()
{
	local deb
	deb=$(cd "$bookworm/out" && echo starhash_*.deb)
	say "installing $deb on a bare Debian 12"
	bookworm_fresh root
	cp "$bookworm/out/$deb" "$bookworm/root/root/"
	quietly depends bookworm_in root sh -ec "apt-get -q update
		apt-get -q -y --no-install-recommends satisfy \"\$(dpkg-deb -f /root/$deb Depends)\"
		apt-get -q -y --no-install-recommends install systemd-sysv dbus bash-completion man-db mandoc"
	snapshot "$bookworm/before.list"
	quietly install bookworm_in root apt-get -q -y --no-install-recommends install "/root/$deb"
	bookworm_in root getent passwd starhash
	for one in '700 starhash:starhash /var/lib/starhash' '700 starhash:starhash /var/backups/starhash' \
		'700 root:root /etc/starhash/secrets' '644 root:root /etc/starhash/starhash.conf'; do
		# shellcheck disable=SC2086
		set -- $one
		[ "$(bookworm_in root stat -c '%a %U:%G' "$3")" = "$1 $2" ] ||
			die "$3 is $(bookworm_in root stat -c '%a %U:%G' "$3"), not $1 $2"
	done
	bookworm_in root sh -ec 'cd /etc/starhash && find . -type f | sed "s|^\.|/etc/starhash|" | sort' >"$bookworm/etc.list"
	bookworm_in root cat /var/lib/dpkg/info/starhash.conffiles | sort | diff - "$bookworm/etc.list" ||
		die "what lies in /etc/starhash is not what dpkg keeps as conffiles"
	bookworm_in root starhashd -t
	bookworm_in root starhash check
	bookworm_in root starhash test /etc/starhash/talks/join-en.talk /etc/starhash/talks/join-sw.talk
}

pages()
{
	local page
	for page in $(bookworm_in root dpkg -L starhash | sed -n 's|.*/man/man[0-9]/\(.*\)\.gz|\1|p'); do
		bookworm_in root man -w "${page##*.}" "${page%.*}" >/dev/null || die "man ${page##*.} ${page%.*}"
	done
	for page in starhash starhashd starhash-smsc; do
		bookworm_in root bash -c ". /usr/share/bash-completion/bash_completion; _completion_loader $page; complete -p $page" \
			>/dev/null || die "no completion of $page"
	done
}

units()
{
	say "units"
	bookworm_in root systemd-analyze verify starhashd.service starhash-backup.service starhash-backup.timer ||
		die "systemd-analyze verify"
	for one in starhashd starhash-backup; do
		bookworm_in root systemd-analyze security --offline=true --threshold=15 --no-pager \
			"/lib/systemd/system/$one.service" >"$bookworm/security-$one.log" || die "exposure of $one"
		tail -n 1 "$bookworm/security-$one.log"
	done
}

granted()
{
	grep -q '"state": *"granted"'
}

# Without systemd: the daemon as its user, and a phone.
first_dialogue()
{
	local daemon status=0
	say "a first dialogue, without systemd"
	bookworm_in root sh -ec 'install -d -o starhash -g starhash /run/starhash
		exec setpriv --reuid starhash --regid starhash --init-groups starhashd' >"$bookworm/daemon.log" 2>&1 &
	daemon=$!
	bookworm_in root starhash-smsc --msisdn $msisdn --script "$join_script" --expect 'is yours' >"$bookworm/phone.log" 2>&1 || status=$?
	kill -TERM "$(pgrep -P "$daemon")"
	wait "$daemon" || { tail "$bookworm/daemon.log" >&2; die "the daemon did not end in order"; }
	[ $status = 0 ] || { cat "$bookworm/phone.log" "$bookworm/daemon.log" >&2; die "the dialogue"; }
	bookworm_in root setpriv --reuid starhash --regid starhash --init-groups starhash show $msisdn --json | granted ||
		die "no bonus was granted"
	tail -n 6 "$bookworm/phone.log"
}

# --- with systemd ----------------------------------------------------------------------------------------------

sd() { bookworm_sd "$@"; }
main_pid() { sd systemctl show -p MainPID --value starhashd; }
other_pid() { local now; now=$(main_pid) && [ "$now" != 0 ] && [ "$now" != "$1" ] && sd systemctl is-active -q starhashd; }

sandboxed()
{
	local status one
	# shellcheck disable=SC2016  # expanded by the inner shell
	status=$(sd sh -c "cat /proc/\$(systemctl show -p MainPID --value starhashd)/status")
	for one in 'NoNewPrivs:\t1' 'Seccomp:\t2' 'CapBnd:\t0+' 'CapEff:\t0+'; do
		grep -qP "^$one\$" <<<"$status" || { echo "$status" >&2; die "the sandbox is not closed: $one"; }
	done
	# shellcheck disable=SC2016  # expanded by the inner shell
	! sd sh -c 'nsenter -t "$(systemctl show -p MainPID --value starhashd)" -m test -w /etc' || die "/etc can be written"
}

service()
{
	local pid next
	say "started by systemd, in its whole sandbox"
	if ! bookworm_boot root; then
		not_run+=("systemd as process 1 in namespaces: this machine does not let us (FOLDER/boot.log)")
		bookworm_mount root
		return
	fi
	[ "$(sd systemctl is-enabled starhashd)" = enabled ] || die "starhashd is not enabled"
	sd systemctl start starhashd || { sd journalctl -u starhashd --no-pager | tail -n 30 >&2; die "start"; }
	sandboxed

	say "the first dialogue of docs/install.md, to the letter"
	sed -n '/<!-- first dialogue: begin/,/<!-- first dialogue: end/p' "$root/docs/install.md" | grep -v '^```\|^<!--' \
		>"$bookworm/root/root/first.sh"
	[ "$(wc -l <"$bookworm/root/root/first.sh")" -ge 4 ] || die "docs/install.md has no first dialogue"
	sd sh -ex /root/first.sh >"$bookworm/first.log" 2>&1 || { tail -n 40 "$bookworm/first.log" >&2; die "the first dialogue"; }
	grep -q granted "$bookworm/first.log" || { cat "$bookworm/first.log" >&2; die "the manual promises a bonus"; }

	say "a secret of root's, by LoadCredential"
	sd sh -c 'printf "hush-hush\n" | install -m 600 /dev/stdin /etc/starhash/secrets/try'
	sd sed -i 's/name = "try";/name = "try"; password_file = "secrets\/try";/' /etc/starhash/starhash.conf
	sd systemctl restart starhashd
	sd starhash-smsc --system-id starhash --password hush-hush --msisdn 254700000002 --script "$join_script" \
		--expect 'is yours' >"$bookworm/phone2.log" 2>&1 || { cat "$bookworm/phone2.log" >&2; die "the dialogue"; }
	sd starhash show 254700000002 --json | granted || die "no bonus was granted"
	sd runuser -u starhash -- starhash status >"$bookworm/status.log" || die "starhash status as its user"

	say "reload: a wrong menu is refused and changes nothing, a right one is taken"
	pid=$(main_pid)
	sd sed -i 's/say  = \[ "Hello/sya  = [ "Hello/' /etc/starhash/menus/join.conf
	! sd systemctl reload starhashd || die "reload of a wrong menu did not fail"
	sd sed -i 's/sya  = \[ "Hello/say  = [ "Hello/' /etc/starhash/menus/join.conf
	sd systemctl reload starhashd || die "reload"
	sd systemctl kill -s HUP starhashd
	[ "$(main_pid)" = "$pid" ] || die "the daemon was another one after a reload"

	say "restarted in the middle of a dialogue, which goes on"
	sd starhash-smsc --system-id starhash --password hush-hush --msisdn 254700000004 \
		--script '*123#,1,1,Amina Wanjiru' >"$bookworm/phone4.log" 2>&1 || true # it ends on a screen that asks
	grep -q '^Your town' "$bookworm/phone4.log" || { cat "$bookworm/phone4.log" >&2; die "half a dialogue"; }
	sd systemctl restart starhashd
	sd starhash-smsc --system-id starhash --password hush-hush --msisdn 254700000004 \
		--script '*123#,1,Nairobi,1' --expect 'Continue' --expect 'is yours' >"$bookworm/phone4.log" 2>&1 ||
		{ cat "$bookworm/phone4.log" >&2; die "the dialogue did not go on after a restart"; }

	say "killed, and hung: another one serves"
	pid=$(main_pid)
	sd systemctl kill -s KILL starhashd
	wait_for 30 "a restart after kill -9" other_pid "$pid"
	sd sh -ec 'mkdir -p /run/systemd/system/starhashd.service.d
		printf "[Service]\nWatchdogSec=2s\n" >/run/systemd/system/starhashd.service.d/test.conf
		systemctl daemon-reload; systemctl restart starhashd'
	pid=$(main_pid)
	sd sh -c 'for i in 1 2 3 4 5 6; do sleep 1; systemctl is-active -q starhashd || exit 1; done' ||
		die "a daemon that is well did not feed its watchdog"
	[ "$(main_pid)" = "$pid" ] || die "a daemon that is well was killed by its watchdog"
	sd systemctl kill -s STOP starhashd
	wait_for 60 "a restart of a daemon that hangs" other_pid "$pid"
	sd journalctl -u starhashd --no-pager | grep -q 'Watchdog timeout' || die "the journal knows no watchdog timeout"
	next=$(sd systemctl show -p StatusText --value starhashd)
	[ "$next" = "0 of 1 links bound, 0 dialogues open" ] || die "status line: $next"

	say "backup"
	sd systemctl start starhash-backup || { sd journalctl -u starhash-backup --no-pager | tail >&2; die "backup"; }
	[ "$(sd sh -c 'stat -c %a /var/backups/starhash/*.db')" = 600 ] || die "no backup, or not its user's alone"
	sd systemctl is-active -q starhash-backup.timer || die "the timer is not there"

	sd systemctl stop starhashd
	[ "$(sd systemctl show -p Result --value starhashd)" = success ] || die "stop did not end in order"
	! sd journalctl --no-pager -o export | grep -aE 'hush-hush|2547000000|Amina' || die "a secret or a number is in the journal"
	bookworm_halt
	bookworm_mount root
}

# --- purge -----------------------------------------------------------------------------------------------------

purge()
{
	say "removed, and purged"
	quietly remove bookworm_in root apt-get -q -y remove starhash
	[ -f "$bookworm/root/etc/starhash/starhash.conf" ] || die "remove took the configuration along"
	quietly purge bookworm_in root apt-get -q -y purge starhash
	snapshot "$bookworm/after.list"
	# What the start of a system leaves behind by itself is not the package's.
	diff "$bookworm/before.list" "$bookworm/after.list" | grep '^[<>]' |
		grep -vE ' \./(usr/sbin/policy-rc\.d|var/tmp/systemd-private-.*|var/lib/systemd/(linger|timers(/stamp-(apt|e2scrub|man-db|dpkg|fstrim)[^/]*)?))$' \
			>"$bookworm/left.list" || true
	echo "left after purge:"
	sed 's/^/  /' "$bookworm/left.list"
	! grep -vE ' \./var/(lib/starhash|backups/starhash|backups/starhash-keyring)(/|$)' "$bookworm/left.list" ||
		die "purge left something that is no data"
}

bookworm_dir "$1"
shift
[ $# -gt 0 ] || set -- build lint install service purge
for step in "$@"; do
	case $step in
	build | lint | service | purge) "$step" ;;
	install)
		install
		pages
		units
		first_dialogue
		;;
	*) die "there is no step $step" ;;
	esac
done
[ ${#not_run[@]} -eq 0 ] || printf 'package: NOT RUN: %s\n' "${not_run[@]}"
say "well; the package is in $bookworm/out"
