#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by tests/package.sh: the step "service". The installed package under a real systemd: its sandbox, and the manual, block
# after block, as an operator follows it from the first dialogue to the way back from an upgrade.
# shellcheck shell=bash
# shellcheck disable=SC2154  # bookworm_*, join_script, root: of who sources this

sd() { bookworm_sd "$@"; }
# shellcheck disable=SC2016  # expanded by dpkg-query
version() { sd dpkg-query -W -f '${Version}' starhash; }
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

# sandbox NAME SED...: what tests/sandbox.pl can do in a unit that is starhashd's but for what it runs and SED.
sandbox()
{
	local name=$1 unit=$bookworm/root/etc/systemd/system/starhash-probe.service
	shift
	sed -E -e '/^(ExecStart|ExecReload|Type|NotifyAccess|WatchdogSec|Restart[A-Za-z]*|RuntimeDirectory[A-Za-z]*|StartLimit[A-Za-z]*|TimeoutSt[a-z]*Sec|WantedBy)=/d' \
		-e 's|^\[Service\]|&\nType=oneshot\nExecStart=/usr/bin/perl /opt/sandbox.pl /var/lib/starhash /tmp/starhash-seen\nStandardOutput=file:/run/probe.out|' \
		"$@" "$bookworm/root/lib/systemd/system/starhashd.service" >"$unit"
	sd systemctl daemon-reload
	sd systemctl start starhash-probe || { sd journalctl -u starhash-probe --no-pager | tail >&2; die "the probe of the sandbox ($name)"; }
	sd cat /run/probe.out >"$bookworm/probe-$name.log"
	sd rm /run/probe.out
	rm "$unit"
}

# Each line of the sandbox, tried: root without it can, the daemon's user in it cannot, and neither can root in it.
walls()
{
	local what held=0 x
	say "the walls of the sandbox, each tried"
	if [ "$(uname -m)" != x86_64 ]; then
		not_run+=("tests/sandbox.pl: its system calls are those of x86_64")
		return
	fi
	cp "$root/tests/sandbox.pl" "$bookworm/root/opt/"
	sd touch /tmp/starhash-seen
	sd perl /opt/sandbox.pl "" /tmp/starhash-seen >"$bookworm/probe-outside.log" || die "the probe without a sandbox"
	sandbox inside
	sandbox root -e '/^(User|Group|StateDirectory.*)=/d'
	rm "$bookworm/root/opt/sandbox.pl"
	[ "$(grep -c '^can work' "$bookworm/probe-inside.log")" = 2 ] || { cat "$bookworm/probe-inside.log" >&2; die "the sandbox keeps the daemon from its work"; }
	while read -r x what; do
		[ "${what#work}" = "$what" ] || continue
		if [ "$x" = cannot ]; then
			not_run+=("sandbox, $what: not even root of this test's system can")
		elif grep -qxF "cannot $what" "$bookworm/probe-inside.log" &&
			# Root in the sandbox sees root's processes, as ProtectProc= is about those of others.
			{ [ "${what#ProtectProc}" != "$what" ] || grep -qxF "cannot $what" "$bookworm/probe-root.log"; }; then
			held=$((held + 1))
		else
			case $what in
			SocketBind*)
				sd systemctl --version | grep -q -e -BPF_FRAMEWORK || die "sandbox: not refused: $what"
				not_run+=("sandbox, $what: Debian 12's systemd is built without BPF_FRAMEWORK and passes over this line")
				;;
			TasksMax*)
				! sd grep -qw pids /sys/fs/cgroup/cgroup.controllers || die "sandbox: not refused: $what"
				not_run+=("sandbox, $what: this machine's cgroup v2 has no controller for it")
				;;
			*) die "sandbox: not refused: $what" ;;
			esac
		fi
	done <"$bookworm/probe-outside.log"
	say "$held walls of $(grep -vc ' work:' "$bookworm/probe-outside.log") stand, for root as well"
}

first_steps()
{
	manual install.md first-dialogue
	grep -q granted "$bookworm/first-dialogue.log" || { cat "$bookworm/first-dialogue.log" >&2; die "the manual promises a bonus"; }
	manual install.md forget
	! sd starhash show 254700000001 >/dev/null 2>&1 || die "the store still knows her"
}

# A browser of this machine in the network of the installed system; and what needs no browser.
console()
{
	local modules=$root/tests/e2e/node_modules
	manual install.md console
	sd cat /etc/starhash/secrets/console-me >"$bookworm/token"
	[ "$(sd stat -c '%a %U' /etc/starhash/secrets/console-me)" = '600 root' ] || die "the token is not root's alone"
	# shellcheck disable=SC2016  # perl's
	sd perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new("127.0.0.1:8080") or die $!;
		print $s "GET /console/ HTTP/1.0\r\nHost: 127.0.0.1:8080\r\n\r\n"; print while <$s>' >"$bookworm/console.html" || die "no console"
	if ! grep -q '^HTTP/1.1 200' "$bookworm/console.html" || ! grep -q '<title>Starhash</title>' "$bookworm/console.html"; then
		cat "$bookworm/console.html" >&2
		die "no page of the console"
	fi
	if [ -d "$modules/playwright-core" ] && [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
		nsenter -t "$bookworm_init" -n timeout 120 node "$root/tests/e2e/installed.js" http://127.0.0.1:8080/console/ "$bookworm/token" \
			>"$bookworm/browser.log" 2>&1 || { cat "$bookworm/browser.log" >&2; die "the console in a browser"; }
		cat "$bookworm/browser.log"
		sd starhash show 254700000099 --json | grep -q '"simulated"' || die "the console's phone left no trace"
	else
		not_run+=("the console in a browser: no chromium, or no playwright-core (cd tests/e2e && npm ci)")
	fi
}

# docs/connect.md, at an SMSC that asks for a password. It has the address of the manual, which is this machine here.
connect()
{
	local capture
	printf 'hush-hush\n' >"$bookworm/root/root/typed"
	manual connect.md password
	tried+=("connect.md link")
	block connect.md link >"$bookworm/link.conf"
	sd ip address add 192.0.2.10/32 dev lo
	awk -v file="$bookworm/link.conf" '/^links = \(/ { while ((getline line < file) > 0) print line; skip = 1 } !skip { print } /^\);/ { skip = 0 }' \
		"$bookworm/root/etc/starhash/starhash.conf" >"$bookworm/starhash.conf"
	grep -q smsc-a "$bookworm/starhash.conf" || die "the link could not be put in"
	cp "$bookworm/starhash.conf" "$bookworm/root/etc/starhash/starhash.conf"
	# The SMSC stays for as long as somebody holds its phone.
	sd sh -ec 'mkfifo /run/keypad; (exec 3<>/run/keypad; exec starhash-smsc --listen 192.0.2.10:2775 --system-id acme --password hush-hush --phone --msisdn 254700000008 </run/keypad) \
		>>/run/phone.out 2>&1 & echo $! >/run/phone.pid'
	manual connect.md bind
	wait_for 30 "a bind with the password of the file" sd sh -c 'starhash links | grep -q bound'
	rm -f "$bookworm/capture.log"
	(manual connect.md capture) &
	capture=$!
	wait_for 20 "a capture" grep -q 'listening on' "$bookworm/capture.log"
	# shellcheck disable=SC2016  # expanded by the inner shell
	sd sh -ec 'said() { for i in $(seq 100); do grep -q "$1" /run/phone.out && return; sleep 0.1; done; echo "no $1" >&2; exit 1; }
		echo "*123#" >/run/keypad; said "Hello friend"; echo 1 >/run/keypad; said "Agree?"; echo 1 >/run/keypad; said "full name?"
		echo "Amina Wanjiru" >/run/keypad; said "Your town?"; echo Nairobi >/run/keypad; said "At home you"; echo 1 >/run/keypad; said "is yours"
		: >/run/phone.out; echo "*123#" >/run/keypad; said "1 "; echo /cancel >/run/keypad' || die "dialogues over the new link"
	wait "$capture" || die "capture"
	tried+=("connect.md capture")
	manual connect.md doctor
	grep -q '^Dialect: "standard"' "$bookworm/doctor.log" || { cat "$bookworm/doctor.log" >&2; die "doctor does not know the dialect"; }
	manual connect.md hold
	sd starhash show 254700000008 --json | granted || die "no bonus was granted"
	# shellcheck disable=SC2016  # expanded by the inner shell
	sd sh -c 'kill "$(cat /run/phone.pid)"'
}

# The same subscriber's phone, for what follows.
phone()
{
	sd starhash-smsc --listen 192.0.2.10:2775 --system-id acme --password hush-hush --msisdn 254700000004 "$@" >"$bookworm/phone4.log" 2>&1
}

reload()
{
	local pid
	say "reload: a wrong menu is refused and changes nothing, a right one is taken"
	pid=$(main_pid)
	sd sed -i 's/say  = \[ "Hello/sya  = [ "Hello/' /etc/starhash/menus/join.conf
	! sd systemctl reload starhashd || die "reload of a wrong menu did not fail"
	sd sed -i 's/sya  = \[ "Hello/say  = [ "Hello/' /etc/starhash/menus/join.conf
	sd systemctl reload starhashd || die "reload"
	sd systemctl kill -s HUP starhashd
	[ "$(main_pid)" = "$pid" ] || die "the daemon was another one after a reload"

	say "restarted in the middle of a dialogue, which goes on"
	phone --script '*123#,1,1,Amina Wanjiru' || true # it ends on a screen that asks
	grep -q '^Your town' "$bookworm/phone4.log" || { cat "$bookworm/phone4.log" >&2; die "half a dialogue"; }
	sd systemctl restart starhashd
	phone --script '*123#,1,Nairobi,1' --expect 'Continue' --expect 'is yours' ||
		{ cat "$bookworm/phone4.log" >&2; die "the dialogue did not go on after a restart"; }
	sd runuser -u starhash -- starhash status >"$bookworm/status.log" || die "starhash status as its user"
}

restarts()
{
	local pid next
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
	sd sh -ec 'rm -r /run/systemd/system/starhashd.service.d; systemctl daemon-reload; systemctl restart starhashd'
}

backup()
{
	manual install.md backup
	[ "$(sd sh -c 'stat -c %a /srv/backups/starhash/*.db')" = 600 ] || die "no backup, or not its user's alone"
	sd sh -ec 'rm -r /etc/systemd/system/starhash-backup.service.d /srv/backups; systemctl daemon-reload'
	sd systemctl is-active -q starhash-backup.timer || die "the timer is not there"
}

# reach ADDRESS: can a process in the daemon's control group connect there?
reach()
{
	# shellcheck disable=SC2016  # expanded by the inner shell
	sd sh -ec 'echo $$ >/sys/fs/cgroup/system.slice/starhashd.service/cgroup.procs
		exec perl -MIO::Socket::INET -e "
			\$l = IO::Socket::INET->new(LocalAddr => \"$0\", LocalPort => 5005, Listen => 1, ReuseAddr => 1) or die \$!;
			exit !IO::Socket::INET->new(PeerAddr => \"$0\", PeerPort => 5005, Timeout => 2)"' "$1"
}

addresses()
{
	sd ip address add 198.51.100.1/32 dev lo
	reach 198.51.100.1 || die "198.51.100.1 is out of reach before it is closed off"
	manual install.md addresses
	sandboxed
	reach 192.0.2.10 || die "IPAddressAllow= does not let the daemon reach its SMSC"
	! reach 198.51.100.1 || die "IPAddressDeny= does not hold"
	phone --script '*123#' || true
	grep -q '^Hello' "$bookworm/phone4.log" || { cat "$bookworm/phone4.log" >&2; die "no dialogue behind IPAddressDeny="; }
	sd sh -ec 'rm -r /etc/systemd/system/starhashd.service.d; systemctl daemon-reload; systemctl restart starhashd'
}

# A package of the same with a higher version, and back to the old one.
upgrade()
{
	local old
	old=$(version)
	rm -rf "$bookworm/new"
	dpkg-deb -R "$bookworm/root/root/starhash_${old}_"*.deb "$bookworm/new"
	sed -i "s/^Version: .*/Version: $old+1/" "$bookworm/new/DEBIAN/control"
	echo '# of the new version' >>"$bookworm/new/etc/starhash/starhash.conf"
	dpkg-deb --root-owner-group -b "$bookworm/new" "$bookworm/root/root/starhash_NEW.deb" >"$bookworm/repack.log"
	cp "$bookworm/root/root/starhash_${old}_"*.deb "$bookworm/root/root/starhash_OLD.deb"
	manual upgrade.md upgrade-ask
	echo N >"$bookworm/root/root/typed" # keep ours
	manual upgrade.md upgrade
	grep -q 'of the new version' "$bookworm/root/etc/starhash/starhash.conf.dpkg-dist" || die "theirs does not lie beside ours"
	[ "$(version)" = "$old+1" ] || die "it was not upgraded"
	sd sh -c 'stat -c %a /var/backups/starhash/starhash-*.db' | grep -q '^600$' || die "no backup, or not its user's alone"
	sd grep -q smsc-a /etc/starhash/starhash.conf || die "the upgrade took the configuration"
	sd systemctl is-active -q starhashd || die "not running after the upgrade"
	echo N >"$bookworm/root/root/typed"
	manual upgrade.md back
	[ "$(version)" = "$old" ] || die "the way back"
	sd systemctl is-active -q starhashd || die "not running after the way back"
	sd starhash show 254700000008 --json | granted || die "the restored store has lost a bonus"
}

tuning()
{
	manual tuning.md look
	manual tuning.md load
	tail -n 12 "$bookworm/load.log"
}

service()
{
	say "started by systemd, in its whole sandbox"
	if ! bookworm_boot root; then
		not_run+=("systemd as process 1 in namespaces, and with it the commands of the manual: this machine does not let us (FOLDER/boot.log)")
		# shellcheck disable=SC2034  # for tests/package.sh
		no_systemd=1
		bookworm_mount root
		return
	fi
	[ "$(sd systemctl is-enabled starhashd)" = enabled ] || die "starhashd is not enabled"
	sd systemctl start starhashd || { sd journalctl -u starhashd --no-pager | tail -n 30 >&2; die "start"; }
	sandboxed
	walls
	first_steps
	console
	tuning
	connect
	reload
	restarts
	backup
	addresses
	upgrade
	sd systemctl stop starhashd
	[ "$(sd systemctl show -p Result --value starhashd)" = success ] || die "stop did not end in order"
	! sd journalctl --no-pager -o export | grep -aF -e hush-hush -e 2547000000 -e Amina -f "$bookworm/token" || die "a secret or a number is in the journal"
	bookworm_halt
	bookworm_mount root
}

# Without the package: built and installed below /opt in the system that builds, served by the systemd of the other one.
prefix()
{
	say "without the package, below /opt"
	tried+=("install.md prefix")
	block install.md prefix >"$bookworm/build/home/builder/prefix.sh"
	quietly prefix bookworm_in build sh -ec 'cd /home/builder/starhash; export MAKEFLAGS=-j2; sh -ex ../prefix.sh'
	rm -rf "$bookworm/root/opt/starhash" "$bookworm/root/var/lib/starhash"
	cp -a "$bookworm/build/opt/starhash" "$bookworm/root/opt/"
	if ! bookworm_boot root; then
		not_run+=("the service below /opt: no systemd as process 1")
		bookworm_mount root
		return
	fi
	manual install.md prefix-service
	sandboxed
	sd /opt/starhash/bin/starhash-smsc --script "$join_script" --expect 'is yours' >"$bookworm/phone.log" 2>&1 ||
		{ cat "$bookworm/phone.log" >&2; die "the dialogue below /opt"; }
	sd systemctl stop starhashd
	bookworm_halt
	bookworm_mount root
}

# Every block of the manual that is marked was run; to be asked when all steps were.
blocks_done()
{
	local one
	(cd "$root/docs" && grep -o '^<!-- try: [a-z-]* -->$' ./*.md | sed 's|^\./||; s|:<!-- try: | |; s| -->$||') | sort >"$bookworm/marked.list"
	printf '%s\n' "${tried[@]}" | sort -u >"$bookworm/tried.list"
	one=$(comm -23 "$bookworm/marked.list" "$bookworm/tried.list")
	[ -z "$one" ] || die "marked in the manual, and not tried: $one"
	say "$(wc -l <"$bookworm/marked.list") blocks of the manual were run as they stand"
}

