#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `make install` into a prefix, with and without DESTDIR: everything lands below it, what was made knows the prefix, the programs
# run from there, and `make uninstall` leaves nothing. BUILD is a build folder, configured with any prefix.
#
#   usage: tests/install.sh BUILD
set -euo pipefail

build=$(cd "${1:?usage: tests/install.sh BUILD}" && pwd)
srcdir=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() { echo "install: FAILED: $*" >&2; exit 1; }

# An own folder, configured for the prefix: paths stand in the units.
mkdir "$work/build"
(cd "$work/build" && "$srcdir/configure" -q --prefix="$work/opt" --sysconfdir="$work/opt/etc") >"$work/log" 2>&1 ||
	die "configure: $(tail "$work/log")"
# The programs are the same whatever the prefix: no need to compile them again.
for one in starhash starhashd starhash-smsc; do cp -p "$build/$one" "$work/build/"; done
make_here() { make -s -C "$work/build" -o starhash -o starhashd -o starhash-smsc "$@" >"$work/log" 2>&1 || die "make $*: $(tail "$work/log")"; }

make_here DESTDIR="$work/dest" install-exec install-data
[ ! -e "$work/opt" ] || die "DESTDIR was not respected: $(find "$work/opt" -type f | head)"
(cd "$work/dest" && find . \( -type f -o -type l \) -printf '/%P\n' | sort) >"$work/files"
! grep -v "^$work/opt/" "$work/files" || die "files outside of the prefix"
make_here install-exec install-data
(cd "$work/opt" && find . \( -type f -o -type l \) -printf "$work/opt/%P\n" | sort) | diff "$work/files" - ||
	die "not the same files with and without DESTDIR"
for one in bin/starhash bin/starhashd bin/starhash-smsc libexec/starhash/backup lib/systemd/system/starhashd.service \
	lib/systemd/system/starhash-backup.timer lib/sysusers.d/starhash.conf lib/tmpfiles.d/starhash.conf \
	share/man/man5/starhash.conf.5 share/man/man8/starhashd.8 share/bash-completion/completions/starhashd \
	share/doc/starhash/examples/conf/first.conf; do
	[ -e "$work/opt/$one" ] || die "$one is missing"
done
grep -q "^ExecStart=$work/opt/bin/starhashd -c $work/opt/etc/starhash/starhash.conf\$" \
	"$work/opt/lib/systemd/system/starhashd.service" || die "the unit does not know its prefix"
! grep -rn '@[a-z]*@' "$work/opt/lib" || die "a path is not filled in"
"$work/opt/bin/starhash" -c "$work/opt/share/doc/starhash/examples/conf/first.conf" check >"$work/log" || die "check: $(cat "$work/log")"
"$work/opt/bin/starhashd" -t -c "$work/opt/share/doc/starhash/examples/conf/first.conf" 2>"$work/log" || die "-t: $(cat "$work/log")"
make_here uninstall
[ -z "$(find "$work/opt" \( -type f -o -type l \))" ] || die "uninstall left $(find "$work/opt" -type f | head)"
echo "install: $(wc -l <"$work/files") files below the prefix, the same with DESTDIR; gone after uninstall"
