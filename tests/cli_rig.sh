# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# What the tests of the command line share, to be sourced: the programs, a folder $work with menus, profile and the configuration
# $conf, and two words. It ends with the test.
#   STARHASH, STARHASHD, CLI_HELPER  the programs (default: in $builddir)
#   ends CODE PROGRAM ARGS...        run it; stdout to $work/out, stderr to $work/err; complain when it ends otherwise
#   says FILE TEXT                   is the text in what the last run wrote? FILE: out or err
#   cli_verdict                      the last line of a test
# shellcheck disable=SC2034  # used by whoever sources this

builddir=${builddir:-.}
srcdir=${srcdir:-.}
if [ -z "${STARHASH:-}" ]; then
	STARHASH=$builddir/starhash
	[ -x "$STARHASH" ] || STARHASH=$builddir/tools/starhash
fi
STARHASHD=${STARHASHD:-$builddir/starhashd}
CLI_HELPER=${CLI_HELPER:-$builddir/tests/cli_helper}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
failed=0

ends() {
	want=$1
	shift
	got=0
	"$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
	if [ "$got" != "$want" ]; then
		echo "FAIL: $*: exit code $got, not $want"
		sed 's/^/    /' "$work/out" "$work/err"
		failed=1
	fi
}

says() {
	if ! grep -qF -- "$2" "$work/$1"; then
		echo "FAIL: \"$2\" is not in the $1 of the last command:"
		sed 's/^/    /' "$work/$1"
		failed=1
	fi
}

cli_verdict() {
	[ "$failed" = 0 ] && echo "all fine"
	exit "$failed"
}

cp -r "$srcdir/conf/menus" "$work/menus"
cp "$srcdir/conf/profile.conf" "$work/profile.conf"
chmod -R u+w "$work"
conf=$work/s.conf
cat >"$conf" <<END
links    = ( { name = "a"; host = "127.0.0.1"; } );
country  = { code = "254"; trunk = "0"; };
services = [ "menus/join.conf" ];
profile  = "profile.conf";
store    = { sqlite = "s.db"; };
bundles  = ( { name = "100MB"; gives = "100 MB"; valid = "7d"; } );
control  = "c.sock";
END
