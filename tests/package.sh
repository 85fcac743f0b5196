#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian package, from the source to the purge: built by dpkg-buildpackage with what debian/control asks for, read by
# lintian, installed on a bare Debian 12, served a first dialogue there, started by a real systemd inside its whole sandbox,
# connected, upgraded and put back, and purged. Each step in a fresh system made by debootstrap in FOLDER (kept, and used again).
# What the manual tells an operator to type is not written here: it is taken out of docs/ (<!-- try: NAME -->) and run as it stands.
# Needs root, debootstrap and the network. Ends with what could not be run on this machine; exit 0 when all that was run is well.
#
#   usage: tests/package.sh FOLDER [STEP...]     steps: build lint install service purge prefix (all of them, in this order)
#   NOCHECK=1: the unit tests are not run again during the build
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -lt 1 ] || [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
	sed -n '3,11s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
# shellcheck source=tests/bookworm.sh
. "$root/tests/bookworm.sh"
# shellcheck source=tests/e2e/answers.sh
. "$root/tests/e2e/answers.sh"
# shellcheck source=tests/package_service.sh
. "$root/tests/package_service.sh"
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

# The block of docs/PAGE after <!-- try: NAME -->, as it stands.
block()
{
	awk -v mark="<!-- try: $2 -->" '$0 == mark { on = 1; found++; next } on == 1 && /^```/ { on = 2; next } on == 2 && /^```/ { on = 0; next }
		on == 2 { print } END { exit found != 1 }' "$root/docs/$1" || die "docs/$1 has not one block \"$2\""
}

# manual PAGE NAME: run that block in the installed system, as root, in its home; what it prints is in FOLDER/NAME.log.
# Each block once: `tried` knows them, and at the end none may be left.
tried=()
manual()
{
	tried+=("$1 $2")
	block "$1" "$2" >"$bookworm/root/root/manual.sh"
	[ -s "$bookworm/root/root/manual.sh" ] || die "docs/$1: the block \"$2\" is empty"
	say "docs/$1: $2"
	sd sh -ec "cd /root; : >>typed; sh -ex manual.sh <typed" >"$bookworm/$2.log" 2>&1 || { tail -n 40 "$bookworm/$2.log" >&2; die "docs/$1: $2"; }
	rm -f "$bookworm/root/root/manual.sh" "$bookworm/root/root/typed"
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
	tried+=("install.md build")
	block install.md build >"$home/build.sh"
	quietly build bookworm_in build runuser -u builder -- sh -ec \
		"cd /home/builder/starhash && DEB_BUILD_OPTIONS='parallel=2 ${NOCHECK:+nocheck}' sh -ex ../build.sh"
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
		apt-get -q -y --no-install-recommends install systemd-sysv dbus bash-completion man-db mandoc tcpdump iproute2"
	snapshot "$bookworm/before.list"
	tried+=("install.md install")
	mkdir "$bookworm/root/root/starhash"
	block install.md install >"$bookworm/root/root/install.sh"
	quietly install bookworm_in root sh -ec 'cd /root/starhash; sh -ex ../install.sh'
	rm -r "$bookworm/root/root/install.sh" "$bookworm/root/root/starhash"
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

# --- purge -----------------------------------------------------------------------------------------------------

purge()
{
	say "removed, and purged"
	quietly remove bookworm_in root apt-get -q -y remove starhash
	[ -f "$bookworm/root/etc/starhash/starhash.conf" ] || die "remove took the configuration along"
	# As the manual says it, but for the question whether it is meant.
	tried+=("install.md leave")
	block install.md leave | sed 's/^apt purge/& -y/' >"$bookworm/root/root/leave.sh"
	quietly purge bookworm_in root sh -ex /root/leave.sh
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
steps='build lint install service purge prefix'
# shellcheck disable=SC2086  # a list of words
[ $# -gt 0 ] || set -- $steps
all=$*
for step in "$@"; do
	case $step in
	build | lint | service | purge | prefix) "$step" ;;
	install)
		install
		pages
		units
		first_dialogue
		;;
	*) die "there is no step $step" ;;
	esac
done
[ "$all" != "$steps" ] || [ -n "${no_systemd:-}" ] || blocks_done
[ ${#not_run[@]} -eq 0 ] || printf 'package: NOT RUN: %s\n' "${not_run[@]}"
say "well; the package is in $bookworm/out"
